// The floor: memcpy of as many bytes as the work must read and write.
#pragma once

#include "benchmarks/contenders/contender.hpp"

namespace kir::benchmarks {

/// Copies bytes/2 bytes, on the calling thread, so that reads and writes together are `bytes`: what a program that only
/// moved the source pixels in and the outputs out would cost.
Contender copy_contender(std::int64_t bytes);

}  // namespace kir::benchmarks
