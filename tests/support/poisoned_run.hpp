// Runs of a backend whose outputs begin with poison.
#pragma once

#include <cstdint>
#include <vector>

#include "kir/backend.hpp"
#include "tests/support/guarded_memory.hpp"
#include "tests/support/images.hpp"

namespace kir::test {

/// The outputs of a run, guarded.
std::vector<GuardedMemory> run_once(const Backend& backend, const Plan& plan, const std::vector<Image>& images,
                                    const RunContext& context, std::uint8_t poison);

/// run_once with two poisons in outputs and workspace; checks that the results are the same, so that every element was
/// written.
std::vector<GuardedMemory> run_poisoned(const Backend& backend, const Plan& plan, const std::vector<Image>& images,
                                        const RunContext& context = {});

/// Element i of an output as a number.
double element(const void* data, Type type, std::int64_t i);

}  // namespace kir::test
