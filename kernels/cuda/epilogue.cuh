// What happens to a resampled value before it is stored: the affine's steps in their order, each rounded as it says.
#pragma once

#include "kernels/cuda/convert.cuh"
#include "kernels/cuda/descriptor.hpp"

namespace kir::cuda {

/// One step that mixes no channels.
__device__ inline float applied(const EpilogueDesc::StepDesc& step, float v, int channel) {
  const float c = step.c[channel];
  switch (step.op) {
    case Step::Op::mul:
      v = v * c;
      break;
    case Step::Op::sub:
      v = v - c;
      break;
    case Step::Op::div:
      v = v / c;
      break;
    case Step::Op::mix:
    case Step::Op::scale:  // refused: Abilities::scales
      break;
  }
  return rounded_to(step.rounded_to, v);
}

/// All steps of an epilogue that mixes no channels.
__device__ inline float applied(const EpilogueDesc& epilogue, float v, int channel) {
  for (int i = 0; i < epilogue.count; ++i) v = applied(epilogue.steps[i], v, channel);
  return v;
}

/// All steps on the values of a pixel's channels; a mix reads the first three.
__device__ inline void apply(const EpilogueDesc& epilogue, float (&v)[4], int channels) {
  for (int i = 0; i < epilogue.count; ++i) {
    const EpilogueDesc::StepDesc& step = epilogue.steps[i];
    if (step.op == Step::Op::mix) {
      const float grey = rounded_to(step.rounded_to, step.c[0] * v[0] + step.c[1] * v[1] + step.c[2] * v[2]);
#pragma unroll
      for (int channel = 0; channel < 4; ++channel) v[channel] = grey;
    } else {
#pragma unroll
      for (int channel = 0; channel < 4; ++channel) {
        if (channel < channels) v[channel] = applied(step, v[channel], channel);
      }
    }
  }
}

}  // namespace kir::cuda
