// Parity in the gate, with the real backends and with planted faults.
#include <iostream>
#include <memory>
#include <string>

#include "gate/agreement.hpp"
#include "kir/cpu.hpp"
#include "kir/error.hpp"
#include "reference/eigen_backend.hpp"
#include "reference/libtorch_backend.hpp"
#include "tests/catch.hpp"
#include "tests/gate/expect.hpp"
#include "tests/gate/planted.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/seed.hpp"

namespace kir::test {
namespace {

using gate::Verdict;

/// The committed bounds on a few configurations, so that a run takes seconds: images, a padded batch, patches.
struct Gate {
  Gate() {
    options.configs_dir = "configs/processors";
    options.only = {"clip", "detr", "qwen2_vl", "siglip"};
    options.seed = test_seed();
    options.quick = true;
    options.settings = parity::load_settings("configs/parity.json");
    bounds = gate::load_settings("configs/gate.json").parity;
  }

  /// All checks, with `plant` in the backend "cpu".
  std::vector<gate::Check> check(Plant plant) const {
    PlantedBackend planted(*cpu, plant);
    return gate::check_parity(bounds, options, [&](const std::string& name) -> Backend& {
      if (name == "cpu") return planted;
      if (name == "reference") return *reference;
      if (name == "libtorch") return *libtorch;
      throw Error(ErrorCode::invalid_argument, "backend", name);
    });
  }

  parity::ParityOptions options;
  std::vector<gate::ParityBound> bounds;
  std::unique_ptr<Backend> cpu = make_cpu_backend(), reference = make_reference_backend(),
                           libtorch = make_libtorch_backend();
};

/// Shown on pass too: the achieved errors.
void print(const Gate& gate, const std::vector<gate::Check>& checks) {
  std::cout << "seed " << gate.options.seed << "\n" << gate::table_of(checks) << "\n";
}

TEST_CASE("the untouched backends agree") {
  const Gate gate;
  const auto checks = gate.check(Plant::nothing);
  print(gate, checks);
  CHECK(gate::passed(checks));
}

TEST_CASE("a wrong weight fails both numerics, and only the backend that has it") {
  const Gate gate;
  const auto checks = gate.check(Plant::wrong_weight);
  print(gate, checks);
  CHECK(find(checks, "cpu vs reference, float32: largest error").verdict == Verdict::fail);
  CHECK(find(checks, "cpu vs reference, float32: failed cases").verdict == Verdict::fail);
  CHECK(find(checks, "cpu vs libtorch, torch_cpu: failed cases").verdict == Verdict::fail);
  CHECK(find(checks, "reference vs libtorch, float32: largest error").verdict == Verdict::pass);
  CHECK(contains(find(checks, "cpu vs reference, float32: failed cases").note, "pixel_values"));
}

TEST_CASE("NaN fails") {
  const Gate gate;
  const auto checks = gate.check(Plant::nan);
  CHECK(find(checks, "cpu vs reference, float32: failed cases").verdict == Verdict::fail);
  CHECK(find(checks, "cpu vs libtorch, torch_cpu: failed cases").verdict == Verdict::fail);
}

TEST_CASE("a backend that supports nothing does not pass for want of errors") {
  const Gate gate;
  const auto checks = gate.check(Plant::refusal);
  CHECK(find(checks, "cpu vs reference, float32: configurations compared").verdict == Verdict::fail);
  CHECK(find(checks, "cpu vs libtorch, torch_cpu: configurations compared").verdict == Verdict::fail);
}

}  // namespace
}  // namespace kir::test
