// A benchmark suite, read from configs/suites/NAME.json: a processor, and batches of images to run it on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kir/backend.hpp"
#include "kir/spec.hpp"
#include "parity/image.hpp"

namespace kir::benchmarks {

/// One batch: sizes are drawn uniformly from the ranges (both ends included), pixels.
struct SuiteCase {
  std::string name;
  int images = 1;
  std::array<std::int32_t, 2> height{}, width{};
  parity::Memory memory = parity::Memory::chw;
  std::vector<Numerics> numerics;    ///< the suite's, unless the case has its own
  std::vector<MemorySpace> runs_on;  ///< which backends are timed on it, by their memory: default both
  bool host_images = false;          ///< the images of CUDA backends are in pinned host memory; cuda only

  bool runs_in(MemorySpace memory_space) const;
};

struct Suite {
  enum class Measures { run, plan } measures = Measures::run;
  std::string name;   ///< the file's
  std::string about;  ///< one sentence
  ProcessorSpec spec;
  std::optional<Type> output_type;  ///< as in PlanOptions
  std::vector<SuiteCase> cases;

  PlanOptions plan_options(Numerics numerics) const;
};

/// The suites of a folder; `only` picks some by name in its order, empty = all in alphabetical order. SUITE is a suite
/// with all its cases, SUITE_CASE one case of it. configs/schema/suite.schema.json describes every key of a file.
/// Throws Error{io} for an unreadable folder or file, Error{invalid_argument, "FILE: KEY"} for a missing, wrong-typed,
/// out-of-range or unknown key, and Error{invalid_argument, "suite"} for an unknown name, listing the known ones.
std::vector<Suite> load_suites(const std::string& folder, const std::vector<std::string>& only = {});

/// The sizes of a case's batch. The same seed gives the same sizes; each `set` has its own, of the same distribution.
std::vector<ImageSize> draw_sizes(const Suite& suite, const SuiteCase& one, std::uint64_t seed, std::size_t set = 0);

/// The images of set 0. Photographs, when there are any, are continued by mirroring to the drawn size (never
/// resampled); without them the images are parity::smooth_image. The same seed gives the same images. Works on the
/// executor's threads (nullptr: on the calling one).
std::vector<parity::Image> make_images(const Suite& suite, const SuiteCase& one, std::uint64_t seed,
                                       std::span<const parity::Image> photos, Executor* executor = nullptr);

}  // namespace kir::benchmarks
