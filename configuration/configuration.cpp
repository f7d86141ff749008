#include "configuration/configuration.hpp"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "configuration/model_classes.hpp"
#include "json/reader.hpp"
#include "kir/error.hpp"

namespace kir {

namespace {

using nlohmann::json;

/// What files call the processors of one media.
struct Vocabulary {
  const char* type;     ///< the key that names the class
  const char* nested;   ///< the key of the values in a processor_config.json
  const char* remote;   ///< the key of an auto_map that names a class of the model's own code
  const char* example;  ///< a class
  const char* kind;     ///< for messages
  std::optional<std::string_view> (*of_model)(const std::string&);
  std::vector<std::string_view> (*all)();
};

constexpr Vocabulary kImages = {"image_processor_type", "image_processor", "AutoImageProcessor",   "CLIPImageProcessor",
                                "image processor",      class_of_model,    image_processor_classes};
constexpr Vocabulary kVideos = {"video_processor_type",  "video_processor", "AutoVideoProcessor",
                                "Qwen2VLVideoProcessor", "video processor", video_class_of_model,
                                video_processor_classes};

const Vocabulary& words_of(Media media) {
  return media == Media::images ? kImages : kVideos;
}

// The names of files that hold one processor alone.
constexpr const char* kImagesAlone = "preprocessor_config.json";
constexpr const char* kVideosAlone = "video_preprocessor_config.json";

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

[[noreturn]] void refuse_class(const std::string& named, const std::string& place, Media media) {
  const bool misplaced = class_of_today(replaced(named, "FeatureExtractor", "ImageProcessor")).has_value();
  const Vocabulary& words = words_of(media);
  refuse(place,
         "\"" + named + "\" is none of the " + std::to_string(words.all().size()) + " " + words.kind +
             " classes known here" +
             (misplaced && media == Media::images ? "; names of that age stand under feature_extractor_type" : ""));
}

/// Whether the file's class is code beside it, so that transformers reads no older key.
bool names_remote_code(const json& values, Media media) {
  const json* map = find(values, "auto_map");
  return map != nullptr && map->is_object() && map->contains(words_of(media).remote);
}

void name_class(Configuration& made, std::string named, const char* by, std::string_view class_name) {
  made.named = std::move(named);
  made.named_by = by;
  made.class_name = class_name;
}

/// Names the class of images by the file itself. False where the file leaves it to the model.
bool name_by_image_file(Configuration& made) {
  const bool remote = names_remote_code(made.values, Media::images);
  for (const char* key : {kImages.type, "feature_extractor_type"}) {
    const bool older = std::string_view(key) == "feature_extractor_type";
    const json* value = find(made.values, key);
    if (value == nullptr || (older && remote)) continue;
    const std::string place = made.source + ": " + key;
    std::string named = name_at(*value, place);
    const std::optional<std::string_view> today =
        class_of_today(older ? replaced(named, "FeatureExtractor", "ImageProcessor") : named);
    if (!today) refuse_class(named, place, Media::images);
    name_class(made, std::move(named), key, *today);
    return true;
  }
  return false;
}

/// The same of videos. The class of the images counts where a video class has its name
/// (AutoVideoProcessor.from_pretrained).
bool name_by_video_file(Configuration& made) {
  if (const json* value = find(made.values, kVideos.type)) {
    const std::string place = made.source + ": " + kVideos.type;
    std::string named = name_at(*value, place);
    const std::optional<std::string_view> today = video_class_named(named);
    if (!today) refuse_class(named, place, Media::videos);
    name_class(made, std::move(named), kVideos.type, *today);
    return true;
  }
  const json* value = find(made.values, kImages.type);
  if (value == nullptr || names_remote_code(made.values, Media::videos)) return false;
  std::string named = name_at(*value, made.source + ": " + kImages.type);
  const std::optional<std::string_view> today = video_class_named(replaced(named, "ImageProcessor", "VideoProcessor"));
  if (today) name_class(made, std::move(named), kImages.type, *today);
  return today.has_value();
}

bool name_by_file(Configuration& made) {
  return made.media == Media::images ? name_by_image_file(made) : name_by_video_file(made);
}

/// Names the class by the model's config.json: by a type of its processor that is known, else by the model's type.
void name_by_model(Configuration& made, const json& model, const std::string& source) {
  const Vocabulary& words = words_of(made.media);
  const json* type = find(model, "model_type");
  if (type == nullptr) {
    refuse(source + ": model_type", "missing; " + made.source + " names no class, so the model's type has to");
  }
  const std::string place = source + ": model_type";
  const std::string model_type = type->is_string() ? type->get<std::string>() : "";
  const std::optional<std::string_view> of_model = words.of_model(model_type);
  if (!of_model) refuse(place, type->dump() + " is no model type that is known here");
  name_class(made, model_type, "model_type", *of_model);
  if (const json* own = find(model, words.type); own != nullptr && own->is_string()) {
    auto name = own->get<std::string>();
    const std::optional<std::string_view> today =
        made.media == Media::images ? class_of_today(name) : video_class_named(name);
    if (today) name_class(made, std::move(name), words.type, *today);
  }
  if (made.class_name.empty()) refuse(place, type->dump() + " is a model that has no " + words.kind);
}

// ---------------------------------------------------------------------------------------------------------------------
// Files

bool is_file(const std::filesystem::path& path) {
  std::error_code code;
  return std::filesystem::is_regular_file(path, code);
}

/// The values alone: no class is named yet.
Configuration values_of(json file, std::string source, Media media, bool may_be_nested) {
  Configuration made;
  made.source = std::move(source);
  made.media = media;
  const char* nested = words_of(media).nested;
  const json* inner = may_be_nested ? find(file, nested) : nullptr;
  if (inner == nullptr) {
    made.values = std::move(file);
    return made;
  }
  made.nested = true;
  made.source += std::string(": ") + nested;
  if (!inner->is_object()) refuse(made.source, inner->dump() + " is not an object");
  made.values = *inner;
  return made;
}

/// For a configuration that names no class where no model is known.
[[noreturn]] void refuse_nameless(const Configuration& made, const std::string& beside) {
  const Vocabulary& words = words_of(made.media);
  if (names_remote_code(made.values, made.media)) {
    refuse(made.source + ": auto_map", "names the class as code of the model's own, which is not run");
  }
  const bool is_null = made.values.contains(words.type);
  refuse(made.source + ": " + words.type,
         std::string(is_null ? "null" : "missing") + "; it names the class, as \"" + words.example + "\"" + beside);
}

/// Whether a text names a video processor and no image processor.
bool is_of_videos(const json& file) {
  const auto any = [&](auto... keys) { return ((find(file, keys) != nullptr) || ...); };
  return !any(kImages.nested, kImages.type, "feature_extractor_type") && any(kVideos.nested, kVideos.type);
}

Configuration named(json file, const std::string& source, Media media, bool may_be_nested) {
  if (media == Media::images && is_of_videos(file)) media = Media::videos;
  Configuration made = values_of(std::move(file), source, media, may_be_nested);
  if (!name_by_file(made)) refuse_nameless(made, "");
  return made;
}

/// The file of a folder that holds the processor alone. That of the images is the older place of videos too.
std::filesystem::path file_alone(const std::filesystem::path& folder, Media media) {
  if (media == Media::videos && is_file(folder / kVideosAlone)) return folder / kVideosAlone;
  return folder / kImagesAlone;
}

Configuration load_folder(const std::filesystem::path& folder, Media media) {
  const std::filesystem::path alone = file_alone(folder, media), nested = folder / "processor_config.json",
                              model = folder / "config.json";
  std::optional<Configuration> made;
  if (is_file(nested)) {
    json file = read_json_object(nested.string());
    if (find(file, words_of(media).nested) != nullptr) {
      made = values_of(std::move(file), nested.string(), media, true);
    }
  }
  if (!made) made = values_of(read_json_object(alone.string()), alone.string(), media, false);
  if (name_by_file(*made)) return *std::move(made);
  if (!is_file(model)) {
    refuse_nameless(*made, ", and no config.json beside it names the model");
  }
  name_by_model(*made, read_json_object(model.string()), model.string());
  return *std::move(made);
}

}  // namespace

Configuration read_configuration(std::string_view text, const std::string& source, Media media) {
  return named(parse_json_object(text, source), source, media, true);
}

Configuration load_configuration(const std::string& path, Media media) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) return load_folder(path, media);
  const std::filesystem::path name = std::filesystem::path(path).filename();
  const bool may_be_nested = name != kImagesAlone && name != kVideosAlone;
  return named(read_json_object(path), path, name == kVideosAlone ? Media::videos : media, may_be_nested);
}

}  // namespace kir
