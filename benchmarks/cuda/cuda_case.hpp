// A case of a suite on a CUDA device: its sets of images and results, and the contenders that are timed on them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "benchmarks/contenders/contender.hpp"
#include "benchmarks/suite.hpp"
#include "kir/backend.hpp"
#include "parity/image.hpp"

namespace kir::benchmarks {

/// Why nothing can be timed on a CUDA device: there is none, or the build is one without CUDA. Empty when it can.
std::string cuda_not_run();

/// The device, its driver and runtime, for a report. Needs cuda_not_run() to be empty.
std::map<std::string, std::string> cuda_environment();

/// Sets of images and results in device memory (images in pinned host memory where the case says so), so many that a
/// set has left the cache when its turn comes again. Set 0 holds the given images; every other set has sizes of its
/// own, of the same distribution, and the same pixels in another order: no call meets sizes that an earlier one left
/// tables for, other than by coming round. Each set has a plan of its own for every numerics of the case.
class CudaCase {
 public:
  /// `pictures` are make_images() of the same case and seed. Throws Error{unsupported} when the device has too little
  /// memory, Error{invalid_argument} for a processor that needs probes. Needs cuda_not_run() to be empty.
  CudaCase(const Suite& suite, const SuiteCase& one, std::uint64_t seed, std::span<const parity::Image> pictures);
  ~CudaCase();

  /// The plan of set 0.
  const Plan& plan(Numerics numerics) const;

  /// Puts what is timed into `contender`: run() on one set after the other, each with a workspace of its own, and
  /// `bytes`. A backend with too little memory is refused. It must be verified already.
  void time(Contender& contender, const Backend& backend, Numerics numerics) const;

  /// "copy": the same bytes on the same sets. From device memory copy_floor.hpp, every needed byte of the
  /// sources read once and every byte of the results written once; from pinned memory one copy of all images to the
  /// device. Checked first: refused when a byte was not read or not written.
  Contender copy() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< contenders keep it alive
};

}  // namespace kir::benchmarks
