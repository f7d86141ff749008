// The stage that resizes, and the size rules' way into a recipe.
#pragma once

#include <optional>

#include "plan/draft.hpp"
#include "plan/size_rule.hpp"
#include "plan/stage.hpp"

namespace kir {

/// What a class's resize does otherwise than TorchvisionBackend.resize.
struct ResizeOptions {
  bool antialias = true;
  bool always = false;                ///< whatever do_resize says
  bool floats = false;                ///< it makes floats of uint8 levels first
  std::optional<Filter> filter = {};  ///< in place of the key `resample`
};

/// resize(rule): do_resize, size (unless the rule has keys of its own), resample, and the rule's keys.
Stage resize(const SizeRule& rule, ResizeOptions options = {});

/// The operation of a resize whose values are known.
Operation resize_to(SizeOf size_of, Interpolation how, std::string text);

}  // namespace kir
