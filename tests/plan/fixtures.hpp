// Configurations, images and errors for the tests of the planner.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <initializer_list>
#include <iostream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "tests/catch.hpp"

namespace kir::test {

/// The Error that `call` throws; fails the test when it throws none.
template <typename Call>
Error error_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  FAIL("nothing was thrown");
  return Error(ErrorCode::invalid_argument, "", "");
}

/// The seed of this run's random cases, printed once; KIR_TEST_SEED sets it.
inline std::uint32_t test_seed() {
  static const std::uint32_t seed = [] {
    const char* given = std::getenv("KIR_TEST_SEED");
    const std::uint32_t chosen =
        given != nullptr ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
    std::cout << "test_plan: KIR_TEST_SEED=" << chosen << "\n";
    return chosen;
  }();
  return seed;
}

/// A configuration of `class_name` that has these keys beside the class's own.
inline ProcessorSpec spec_of(const std::string& class_name, const std::string& keys = "") {
  return parse_spec("{\"image_processor_type\": \"" + class_name + "\"" + (keys.empty() ? "" : ", " + keys) + "}",
                    "config.json");
}

inline std::vector<ImageSize> rgb(std::initializer_list<std::pair<std::int32_t, std::int32_t>> sizes) {
  std::vector<ImageSize> images;
  for (const auto& [height, width] : sizes) images.push_back({3, height, width});
  return images;
}

/// Plausible answers to probes(spec, images).
inline std::vector<ProbeResult> answers(const ProcessorSpec& spec, const std::vector<ImageSize>& images) {
  ProbeResult answer;
  answer.mean = 120.5;
  answer.std = 61.25;
  return std::vector<ProbeResult>(probes(spec, images).size(), answer);
}

inline Plan plan_of(const ProcessorSpec& spec, const std::vector<ImageSize>& images, const PlanOptions& options = {}) {
  return plan(spec, images, options, answers(spec, images));
}

inline PlanOptions torch_cpu() {
  PlanOptions options;
  options.numerics = Numerics::torch_cpu;
  return options;
}

}  // namespace kir::test
