#include "tests/support/seed.hpp"

#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <string>

namespace kir::test {

namespace {

std::uint32_t chosen_seed() {
  const char* const asked = std::getenv("KIR_TEST_SEED");
  if (asked == nullptr) return std::random_device{}();
  const std::string text = asked;
  std::uint32_t seed = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), seed);
  if (failure != std::errc() || end != text.data() + text.size()) {
    throw std::invalid_argument("KIR_TEST_SEED is \"" + text + "\"; allowed is a whole number below 2^32");
  }
  return seed;
}

}  // namespace

std::uint32_t test_seed() {
  static const std::uint32_t seed = [] {
    const std::uint32_t chosen = chosen_seed();
    std::printf("KIR_TEST_SEED=%u (set it to repeat a run)\n", chosen);
    std::fflush(stdout);  // a test that crashes has said its seed
    return chosen;
  }();
  return seed;
}

std::mt19937 seeded() {
  return std::mt19937(test_seed());
}

std::int32_t pick(std::mt19937& random, std::int32_t low, std::int32_t high) {
  return std::uniform_int_distribution<std::int32_t>(low, high)(random);
}

}  // namespace kir::test
