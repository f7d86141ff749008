// The last mile of a job: epilogue, conversion to the target's type, and the address of every element.
#pragma once

#include <span>

#include "kir/backend.hpp"
#include "reference/resample.hpp"

namespace kir::reference {

/// Memory that jobs and fills write: an output of the caller or a canvas.
struct Destination {
  void* data = nullptr;
  Type type = Type::f32;
};

/// Whether the steps make sense for a job of so many channels, or why not.
Support supports_epilogue(const Epilogue& epilogue, std::int32_t channels);

/// Applies the steps to one pixel: value[c] of each of the job's channels.
void apply(const Epilogue& epilogue, std::span<float> value);

/// Writes `planes` (one for each of the job's channels, or one that feeds them all) through the epilogue to job.to at
/// (job.at_y, job.at_x).
void store(const Job& job, const Epilogue& epilogue, std::span<const Plane> planes, Destination to);

/// Writes the constants and ramps of a fill.
void store(const Fill& fill, Destination to);

}  // namespace kir::reference
