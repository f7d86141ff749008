// The CPU backend: portable separable resampling, the intermediate kept in cache, the epilogue fused.
#pragma once

#include <memory>

#include "kir/backend.hpp"

namespace kir {

/// A backend named "cpu". It caches weight tables (bounded, shared by its threads); keep one object for the life of the
/// program.
std::unique_ptr<Backend> make_cpu_backend();

}  // namespace kir
