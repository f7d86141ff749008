// A ProcessorSpec from the text of a preprocessor_config.json: the recipe of its class, each stage of which reads its
// own keys.
#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "configuration/class_defaults.hpp"
#include "configuration/configuration.hpp"
#include "configuration/keys.hpp"
#include "configuration/older_keys.hpp"
#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "plan/recipe.hpp"

namespace kir {

namespace {

using nlohmann::json;

// ---------------------------------------------------------------------------------------------------------------------
// What transformers checks whatever the class does

/// The sizes that are looked at when a file is read, whether a step needs them or not.
void check_forms(const Keys& keys) {
  for (const char* key : {"size", "crop_size", "pad_size"}) keys.check_form(key);
}

void validate_arguments(const Keys& keys, Validates validates) {
  if (validates == Validates::nothing) return;
  constexpr std::array<std::array<const char*, 2>, 6> kNeeds = {{{"do_rescale", "rescale_factor"},
                                                                 {"do_normalize", "image_mean"},
                                                                 {"do_normalize", "image_std"},
                                                                 {"do_center_crop", "crop_size"},
                                                                 {"do_resize", "size"},
                                                                 {"do_resize", "resample"}}};
  for (const auto& [wanted, key] : kNeeds) {
    if (wanted == std::string_view("do_resize") && validates == Validates::all_but_resize) continue;
    if (keys.boolean(wanted) && keys.find(key) == nullptr) {
      keys.refuse_missing(key, std::string(wanted) + " is true");
    }
  }
}

/// TorchvisionBackend caches by these two, and Python's cache takes no lists and no dictionaries.
void check_hashable(const Keys& keys) {
  for (const char* key : {"do_rescale", "do_normalize"}) {
    const json* value = keys.find(key);
    if (value != nullptr && value->is_structured())
      keys.refuse(key, value->dump() + " is no switch; true and false are");
  }
}

/// Switches that ask for what no stage does.
void note_unbuilt(Keys& keys) {
  constexpr std::array<std::array<const char*, 2>, 7> kUnbuilt = {
      {{"apply_ocr", "words and boxes come from an OCR engine; false gives the pixels alone"},
       {"do_color_quantize", "no stage quantizes colours; false gives the pixels"},
       {"do_grayscale", "no stage mixes the channels to grey"},
       {"do_pan_and_scan", "no stage crops the source"},
       {"is_vqa", "no stage renders a header text"},
       {"return_codebook_pixels", "no stage makes a second output of an image"},
       {"return_image_mask", "no stage makes random masks"}}};
  for (const auto& [key, reason] : kUnbuilt) {
    if (keys.boolean(key)) keys.not_built(key, reason);
  }
}

std::vector<std::string> unknown_keys_of(const json& file, const json& own) {
  std::vector<std::string> unknown;
  for (const auto& [key, value] : file.items()) {
    const bool about_the_file = key == "image_processor_type" || key == "video_processor_type" ||
                                key == "feature_extractor_type" || key == "_provenance";
    if (!about_the_file && !own.contains(key)) unknown.push_back(key);
  }
  return unknown;
}

}  // namespace

ProcessorSpec spec_of(const Configuration& configuration) {
  json file = configuration.values;
  ProcessorSpec spec;
  spec.source = configuration.source;
  spec.class_name = configuration.class_name;
  const Recipe* recipe = find_recipe(spec.class_name);
  if (recipe == nullptr) {
    spec.unsupported = spec.unsupported_by_pillow = spec.class_name + " is not built yet";
    return spec;
  }
  spec.returns = recipe->returns;
  spec.groups = recipe->groups;
  spec.writes = writes(*recipe);
  const json own = json::parse(class_defaults(spec.class_name));
  spec.unknown_keys = unknown_keys_of(file, own);
  if (recipe->older_files != nullptr) recipe->older_files(file, own);
  apply_older_keys(file, own, spec.source);
  Keys keys(file, own, spec.class_name, spec.source);
  check_forms(keys);
  check_hashable(keys);
  validate_arguments(keys, recipe->validates);
  std::vector<Operation> operations;
  for (const Stage& stage : recipe->stages) operations.push_back(stage.read(keys));
  note_unbuilt(keys);
  spec.unsupported = keys.unsupported(Toolkit::torchvision);
  spec.unsupported_by_pillow = keys.unsupported(Toolkit::pillow);
  set_operations(spec, std::move(operations));
  return spec;
}

ProcessorSpec parse_spec(std::string_view json_text, std::string source, Media media) {
  return spec_of(read_configuration(json_text, source, media));
}

ProcessorSpec load_spec(const std::string& path, Media media) {
  return spec_of(load_configuration(path, media));
}

}  // namespace kir
