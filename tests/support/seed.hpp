// The seed of a run, and what is drawn from it.
#pragma once

#include <cstdint>
#include <random>

namespace kir::test {

/// The seed of this program's random cases: KIR_TEST_SEED, else a fresh one. It is printed once, when it is first asked
/// for. Throws std::invalid_argument when KIR_TEST_SEED is not a whole number of 32 bits.
std::uint32_t test_seed();

/// A generator that begins with test_seed().
std::mt19937 seeded();

/// A whole number from `low` to `high`, both included.
std::int32_t pick(std::mt19937& random, std::int32_t low, std::int32_t high);

}  // namespace kir::test
