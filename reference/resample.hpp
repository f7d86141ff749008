// out = Wy * X * Wx^T: the two matrix products of a job.
#pragma once

#include <Eigen/Core>
#include <cstdint>
#include <vector>

#include "kir/plan.hpp"

namespace kir::reference {

/// One channel, rows by columns, in levels or in the units of a float canvas.
using Plane = Eigen::Array<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// The plane turned clockwise by so many quarters.
Plane turned(Plane source, std::int32_t quarters);

/// The window [first, first + count) of both axes of the resampled channel: job.y.count rows, job.x.count columns.
/// `source` is turned: job.y.in by job.x.in. In torch_int16 and pillow_int22 both hold whole numbers 0..255.
Plane resample(const Job& job, const Plane& source);

}  // namespace kir::reference
