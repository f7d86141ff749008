// The weight matrix of one axis, computed as torch's CPU kernels compute it (ATen/native/cpu/UpSampleKernel.cpp), or as
// Pillow does (libImaging/Resample.c, Geometry.c).
#pragma once

#include <Eigen/SparseCore>
#include <cstdint>

#include "kir/backend.hpp"

namespace kir::reference {

/// Row i holds what output pixel axis.first + i takes from each source pixel: axis.count rows, axis.in columns.
template <typename Weight>
using WeightMatrix = Eigen::SparseMatrix<Weight, Eigen::RowMajor>;

/// Weights in float32, evaluated as ATen evaluates them for float images, to the bit for bilinear and bicubic.
WeightMatrix<float> float_weights(const Axis& axis);

/// Weights in units of 2^-precision.
struct FixedPointWeights {
  WeightMatrix<std::int32_t> matrix;
  int precision = 0;
};
/// They fit int16, as ATen uses them for uint8 images.
FixedPointWeights fixed_point_weights(const Axis& axis);
/// Pillow's, of 22 bits. nearest_exact is its NEAREST.
FixedPointWeights pillow_weights(const Axis& axis);

/// For nearest and nearest_exact: one 1 in each row.
WeightMatrix<float> nearest_selection(const Axis& axis);

/// Whether the job's arithmetic is one of those above, rounds where it does, and reads what it can.
Support supports_arithmetic(const Job& job, bool reads_floats);

/// Whether the functions above define this axis in this arithmetic (one that supports_arithmetic accepts), or why not.
Support supports_axis(const Axis& axis, Arithmetic arithmetic);

}  // namespace kir::reference
