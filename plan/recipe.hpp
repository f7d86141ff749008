// A class of image or video processors as a list of stages, and the tables of all classes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "configuration/older_keys.hpp"
#include "kir/spec.hpp"
#include "plan/stage.hpp"

namespace kir {

struct Configuration;

/// What of image_utils.validate_preprocess_arguments runs for a class, for switches that it ignores too.
enum class Validates : std::uint8_t { all, all_but_resize, nothing };

/// What a class does with a configuration and images.
struct Recipe {
  std::string_view class_name = {};  ///< "CLIPImageProcessor"
  std::vector<Stage> stages = {};    ///< in the order of the class; images() ends a list that writes no output
  Returns returns = Returns::features;
  Groups groups = Groups::none;
  Validates validates = Validates::all;
  OlderFiles older_files = nullptr;  ///< what it alone does with older files
};

/// The configuration as its class understands it. Throws as parse_spec does.
ProcessorSpec spec_of(const Configuration& configuration);

/// The classes of images that are built, in alphabetical order.
const std::vector<Recipe>& recipes();
/// The classes of videos that are built, in alphabetical order. Each row ends with a stage that gathers.
const std::vector<Recipe>& video_recipes();

/// Of either table; nullptr for a class that is not built.
const Recipe* find_recipe(std::string_view class_name);

/// The name of the stage that writes its outputs, without parameters.
std::string writes(const Recipe& recipe);

/// As the row reads: "resize(automatic) window(crop_size) affine pad(batch) images".
std::string text_of(const Recipe& recipe);

}  // namespace kir
