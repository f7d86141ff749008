// A benchmark suite, read from configs/suites/NAME.json: a processor, and batches of images to run it on.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kir/spec.hpp"
#include "parity/image.hpp"

namespace kir::benchmarks {

/// One batch: sizes are drawn uniformly from the ranges (both ends included), pixels.
struct SuiteCase {
  std::string name;
  int images = 1;
  std::array<std::int32_t, 2> height{}, width{};
  parity::Memory memory = parity::Memory::chw;
};

struct Suite {
  enum class Measures { run, plan } measures = Measures::run;
  std::string name;   ///< the file's
  std::string about;  ///< one sentence
  ProcessorSpec spec;
  std::vector<Numerics> numerics;
  std::vector<SuiteCase> cases;
};

/// The suites of a folder by name; `only` picks some of them in its order, empty = all in alphabetical order.
/// Throws Error{io} for an unreadable folder or file, Error{invalid_argument, "FILE: KEY"} for a missing, wrong-typed
/// or out-of-range key, and Error{invalid_argument, "suite"} for an unknown name, listing the known ones.
std::vector<Suite> load_suites(const std::string& folder, const std::vector<std::string>& only = {});

/// The images of a case. Photographs, when there are any, are continued by mirroring to the drawn size (never
/// resampled); without them the images are parity::smooth_image. The same seed gives the same images.
std::vector<parity::Image> make_images(const Suite& suite, const SuiteCase& one, std::uint64_t seed,
                                       std::span<const parity::Image> photos);

}  // namespace kir::benchmarks
