// A recipe is a list of stages, in the order in which a class does them. A stage that has read its keys of a
// configuration is an operation, which extends a draft of a plan.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "kir/spec.hpp"

namespace kir {

class Draft;
class Keys;

/// What one stage does to all pictures of a batch, with the values of a configuration in it.
struct Operation {
  std::string text = {};                    ///< for people: "resize to 224 x 224, bicubic"
  std::function<void(Draft&)> extend = {};  ///< empty: the configuration switches the stage off
  std::int32_t channels = 0;                ///< that an image must have, unless it has one; 0: any number
  bool resizes = false;                     ///< it resamples, uint8 levels where it finds them
  bool floats = false;                      ///< behind it samples are floats, no longer uint8 levels
  bool measures = false;                    ///< it needs the mean and the standard deviation of each image
  bool keeps_tiles = false;                 ///< it takes the tiles of a picture as one; others find each a picture
};

/// What a class does at one place, whatever its configuration. One that a recipe leaves out is a switch that the class
/// ignores.
struct Stage {
  std::string name;                      ///< as a row of the recipes reads: "window(crop_size)"
  std::function<Operation(Keys&)> read;  ///< reads and checks the keys that matter: those of a switch that is on
  bool gathers = false;                  ///< it writes the pixel outputs
};

/// A recipe with a configuration's values: what plan() runs.
struct ResolvedRecipe {
  std::vector<Operation> operations;
};

/// Extends the draft by one after another.
void run(std::span<const Operation> operations, Draft& draft);

/// The operations that are on, as one: `extend` runs them. Where none is on it is off.
Operation sequence(std::vector<Operation> operations);

/// Puts the operations into the spec; those that are switched off are left out.
void set_operations(ProcessorSpec& spec, std::vector<Operation> operations);

}  // namespace kir
