// Plans of one job, made by hand: no planner is needed.
#pragma once

#include "kir/plan.hpp"

namespace kir::test {

/// (v - 100.5 - c) / (50.25 + c), and nothing.
Epilogue affine();
Epilogue identity();

/// A plan of one job from image 0 of `size` to one output (channels, y.count, x.count), float32, float32 numerics.
Plan one_job_plan(ImageSize size, const Axis& y, const Axis& x, const Epilogue& epilogue);

}  // namespace kir::test
