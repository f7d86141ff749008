// The affine of a processor, rescale and normalize, as the steps that the installed transformers and torchvision run in
// float32, in their order and with their constants.
#pragma once

#include <cstddef>
#include <cstdint>

#include "kir/plan.hpp"
#include "kir/spec.hpp"

namespace kir {

/// What runs before the resize (in the float domain; usually nothing) and what runs after it.
struct Affine {
  Epilogue before, after;
};

/// Whether rescaling is a part of normalizing, as TorchvisionBackend._fuse_mean_std_and_rescale_factor makes it.
bool fuses_rescale(const ProcessorSpec& spec);

/// The steps of `spec`:
///   both:           sub f32(mean) * f32(1/scale), div by f32(std) * f32(1/scale)
///   (TorchvisionBackend._fuse_mean_std_...) rescale only:   mul f32(scale) normalize only: sub f32(mean), div f32(std)
/// EfficientNet: with rescale_offset mul, sub 1, then normalize, not fused; include_top divides by f32(std) once more.
/// A step that changes nothing but the sign of zero (sub 0) is left in: it is what the processor computes.
Affine affine_of(const ProcessorSpec& spec);

/// The number of channels that `epilogue` makes of `channels`: a one-channel source meets one constant a channel of the
/// mean. Error{invalid_argument, "images[i].channels", ...} when `channels` is neither 1 nor the number of constants.
std::int32_t channels_after(const ProcessorSpec& spec, const Epilogue& epilogue, std::int32_t channels,
                            std::size_t image);

/// Whether a channel's result depends on the other channels.
bool mixes_channels(const Epilogue& epilogue);

/// The steps on one value (float32), without the conversion to the target's type. No step may be a mix.
float applied(const Epilogue& epilogue, float value, std::int32_t channel);

}  // namespace kir
