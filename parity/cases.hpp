// The one case generator: for a processor, the batches of images on which backends are compared.
//
// Sizes stand around the edges of what the processor computes: 1x1, 1xN, Nx1, odd, the resized size itself, one side of
// it, up- and downscaling (to 40x along one axis), extreme aspect. Contents are noise, constants, a smooth picture, and
// the photographs given. Memory orders, batches and the options of the plan vary from case to case.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kir/plan.hpp"
#include "kir/spec.hpp"
#include "parity/image.hpp"
#include "parity/settings.hpp"

namespace kir::parity {

/// One batch and how it is planned.
struct Case {
  std::string name;  ///< "batch 3", "grey", "stacked", ...
  std::vector<Image> images;
  PlanOptions options;
  bool stacked = false;    ///< plan_stacked: all images have `stacked_size`
  ImageSize stacked_size;  ///< also of an empty stack

  std::vector<ImageSize> sizes() const;
  std::vector<ImageView> views() const;
  /// "batch 3: noise 3x1x1 chw, constant-0 3x37x53 hwc"; options that are not the default are named too.
  std::string describe() const;
};

/// A case that was not run, and why: counted and named, never a pass.
struct Skip {
  std::string config, what, reason;
};

struct CaseList {
  std::vector<Case> cases;
  std::vector<Skip> skips;  ///< images that the processor itself refuses (a ratio limit, an edge of 0)
};

struct CaseRequest {
  Numerics numerics = Numerics::float32;
  std::uint64_t seed = 0;
  bool quick = false;             ///< a few images a configuration instead of all
  std::span<const Image> photos;  ///< used as they are
};

/// The cases of one processor (supported in the request's numerics). `config` names it in skips and, with the seed,
/// fixes every random choice.
CaseList make_cases(const std::string& config, const ProcessorSpec& spec, const CaseSettings& settings,
                    const CaseRequest& request);

/// The plan of a case. Throws what kir::plan throws.
Plan plan_of(const ProcessorSpec& spec, const Case& one, std::span<const ProbeResult> probe_results);

}  // namespace kir::parity
