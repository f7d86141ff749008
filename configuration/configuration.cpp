#include "configuration/configuration.hpp"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "configuration/model_classes.hpp"
#include "json/reader.hpp"
#include "kir/error.hpp"

namespace kir {

namespace {

using nlohmann::json;

constexpr const char* kNested = "image_processor";
constexpr const char* kAlone = "preprocessor_config.json";  // the name of a file that holds an image processor alone

[[noreturn]] void refuse(const std::string& place, const std::string& sentence) {
  throw Error(ErrorCode::invalid_argument, place, sentence);
}

/// The value of a key that may be left out or null; nullptr then.
const json* find(const json& values, const char* key) {
  const auto found = values.find(key);
  return found == values.end() || found->is_null() ? nullptr : &*found;
}

// ---------------------------------------------------------------------------------------------------------------------
// Names of classes

/// The class for a name of today's vocabulary: CLIPImageProcessorFast, CLIPImageProcessorPil. Nothing for others.
std::optional<std::string_view> class_of_today(std::string_view name) {
  if (name.ends_with("Fast")) name.remove_suffix(4);
  return class_named(name);
}

std::string replaced(std::string text, std::string_view old, std::string_view by) {
  for (std::size_t at = text.find(old); at != std::string::npos; at = text.find(old, at + by.size())) {
    text.replace(at, old.size(), by);
  }
  return text;
}

std::string name_at(const json& value, const std::string& place) {
  if (!value.is_string()) refuse(place, value.dump() + " is not the name of a class, as \"CLIPImageProcessor\"");
  return value.get<std::string>();
}

[[noreturn]] void refuse_class(const std::string& named, const std::string& place) {
  const bool misplaced = class_of_today(replaced(named, "FeatureExtractor", "ImageProcessor")).has_value();
  refuse(place, "\"" + named + "\" is none of the " + std::to_string(image_processor_classes().size()) +
                    " image processor classes known here" +
                    (misplaced ? "; names of that age stand under feature_extractor_type" : ""));
}

/// Whether the file's class is code beside it, so that AutoImageProcessor reads no older key.
bool names_remote_code(const json& values) {
  const json* map = find(values, "auto_map");
  return map != nullptr && map->is_object() && map->contains("AutoImageProcessor");
}

/// Names the class by the file itself. False where the file leaves it to the model.
bool name_by_file(Configuration& made) {
  const bool remote = names_remote_code(made.values);
  for (const char* key : {"image_processor_type", "feature_extractor_type"}) {
    const bool older = std::string_view(key) == "feature_extractor_type";
    const json* value = find(made.values, key);
    if (value == nullptr || (older && remote)) continue;
    const std::string place = made.source + ": " + key;
    made.named = name_at(*value, place);
    made.named_by = key;
    const std::optional<std::string_view> today =
        class_of_today(older ? replaced(made.named, "FeatureExtractor", "ImageProcessor") : made.named);
    if (!today) refuse_class(made.named, place);
    made.class_name = *today;
    return true;
  }
  return false;
}

/// Names the class by the model's config.json: by an image_processor_type that is known, else by the model's type.
void name_by_model(Configuration& made, const json& model, const std::string& source) {
  const json* type = find(model, "model_type");
  if (type == nullptr) {
    refuse(source + ": model_type", "missing; " + made.source + " names no class, so the model's type has to");
  }
  const std::string place = source + ": model_type";
  const std::string model_type = type->is_string() ? type->get<std::string>() : "";
  const std::optional<std::string_view> of_model = class_of_model(model_type);
  if (!of_model) refuse(place, type->dump() + " is no model type that is known here");
  made.named = model_type;
  made.named_by = "model_type";
  made.class_name = *of_model;
  if (const json* own = find(model, "image_processor_type"); own != nullptr && own->is_string()) {
    const auto name = own->get<std::string>();
    if (const std::optional<std::string_view> today = class_of_today(name)) {
      made.named = name;
      made.named_by = "image_processor_type";
      made.class_name = *today;
    }
  }
  if (made.class_name.empty()) refuse(place, type->dump() + " is a model that has no image processor");
}

// ---------------------------------------------------------------------------------------------------------------------
// Files

bool is_file(const std::filesystem::path& path) {
  std::error_code code;
  return std::filesystem::is_regular_file(path, code);
}

/// The values alone: no class is named yet.
Configuration values_of(json file, std::string source, bool may_be_nested) {
  Configuration made;
  made.source = std::move(source);
  const json* inner = may_be_nested ? find(file, kNested) : nullptr;
  if (inner == nullptr) {
    made.values = std::move(file);
    return made;
  }
  made.nested = true;
  made.source += std::string(": ") + kNested;
  if (!inner->is_object()) refuse(made.source, inner->dump() + " is not an object");
  made.values = *inner;
  return made;
}

/// For a configuration that names no class where no model is known.
[[noreturn]] void refuse_nameless(const Configuration& made, const std::string& beside) {
  if (names_remote_code(made.values)) {
    refuse(made.source + ": auto_map", "names the class as code of the model's own, which is not run");
  }
  const bool is_null = made.values.contains("image_processor_type");
  refuse(made.source + ": image_processor_type",
         std::string(is_null ? "null" : "missing") + "; it names the class, as \"CLIPImageProcessor\"" + beside);
}

Configuration named(Configuration made) {
  if (!name_by_file(made)) refuse_nameless(made, "");
  return made;
}

Configuration load_folder(const std::filesystem::path& folder) {
  const std::filesystem::path alone = folder / kAlone, nested = folder / "processor_config.json",
                              model = folder / "config.json";
  std::optional<Configuration> made;
  if (is_file(nested)) {
    json file = read_json_object(nested.string());
    if (find(file, kNested) != nullptr) made = values_of(std::move(file), nested.string(), true);
  }
  if (!made) made = values_of(read_json_object(alone.string()), alone.string(), false);
  if (name_by_file(*made)) return *std::move(made);
  if (!is_file(model)) {
    refuse_nameless(*made, ", and no config.json beside it names the model");
  }
  name_by_model(*made, read_json_object(model.string()), model.string());
  return *std::move(made);
}

}  // namespace

Configuration read_configuration(std::string_view text, const std::string& source) {
  return named(values_of(parse_json_object(text, source), source, true));
}

Configuration load_configuration(const std::string& path) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) return load_folder(path);
  const bool may_be_nested = std::filesystem::path(path).filename() != kAlone;
  return named(values_of(read_json_object(path), path, may_be_nested));
}

}  // namespace kir
