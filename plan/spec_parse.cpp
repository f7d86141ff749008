// A ProcessorSpec from the text of a preprocessor_config.json. A key that the file leaves out has the class's own
// value; a null in the file is Python's None: no value, or off (BaseImageProcessor.__init__ sets it before
// _set_attributes looks). Every value is checked here, so that the planner need not.
#include <algorithm>
#include <array>
#include <initializer_list>
#include <nlohmann/json.hpp>

#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "plan/affine.hpp"
#include "plan/class_defaults.hpp"
#include "plan/configuration.hpp"
#include "plan/spec_check.hpp"

namespace kir {

namespace {

using nlohmann::json;

// ---------------------------------------------------------------------------------------------------------------------
// Reading typed keys

/// The values of one configuration: the file's, else the class's own. Every error names "SOURCE: key".
class Keys {
 public:
  Keys(const json& file, const json& defaults, std::string source)
      : file_(file), defaults_(defaults), source_(std::move(source)) {}

  [[noreturn]] void refuse(const std::string& key, const std::string& message) const {
    throw Error(ErrorCode::invalid_argument, source_ + ": " + key, message);
  }

  /// Refuses a value that is missing (null, or left out where the class has none) though `because` needs it.
  [[noreturn]] void refuse_missing(const std::string& key, const std::string& because) const {
    refuse(key, (in_file(key) ? "null: " : "missing: ") + because);
  }

  bool in_file(const std::string& key) const { return file_.contains(key); }
  bool knows(const std::string& key) const { return defaults_.contains(key); }

  /// nullptr for a key that has no value, or that the class does not know.
  const json* find(const std::string& key) const {
    const auto own = defaults_.find(key);
    if (own == defaults_.end()) return nullptr;
    const auto given = file_.find(key);
    const json& value = given != file_.end() ? *given : *own;
    return value.is_null() ? nullptr : &value;
  }

  /// The value as text, for messages.
  std::string text(const std::string& key) const {
    const json* value = find(key);
    return value == nullptr ? "null" : value->dump();
  }

  bool boolean(const std::string& key, bool where_unknown = false) const {
    if (!knows(key)) return where_unknown;
    const json* value = find(key);
    if (value == nullptr) return false;
    if (!value->is_boolean()) refuse(key, value->dump() + " is not true, false or null");
    return value->get<bool>();
  }

  std::int64_t integer(const std::string& key, std::int64_t low, std::int64_t high, std::int64_t otherwise) const {
    const json* value = find(key);
    return value == nullptr ? otherwise : integer_in(*value, key, low, high);
  }

  double positive(const std::string& key, double otherwise) const {
    const json* value = find(key);
    if (value == nullptr) return otherwise;
    if (!value->is_number()) refuse(key, value->dump() + " is not a number");
    check_positive(value->get<double>(), source_ + ": " + key);
    return value->get<double>();
  }

  /// A number for all channels, or a list of one number a channel.
  std::vector<double> channel_values(const std::string& key) const {
    const json* value = find(key);
    if (value == nullptr) return {};
    const json list = value->is_array() ? *value : json::array({*value});
    if (list.empty() || list.size() > 4)
      refuse(key, value->dump() + " has " + std::to_string(list.size()) + " values; 1..4 are allowed");
    std::vector<double> values;
    for (std::size_t i = 0; i < list.size(); ++i) {
      if (!list[i].is_number()) refuse(key + "[" + std::to_string(i) + "]", list[i].dump() + " is not a number");
      values.push_back(list[i].get<double>());
    }
    return values;
  }

  /// A size: {"height", "width"}, {"shortest_edge"}, ... ; [height, width]; or one integer: a square, else the shortest
  /// edge.
  SizeKeys size(const std::string& key, bool integer_is_square, std::int64_t high = kMaxEdge) const {
    const json* value = find(key);
    SizeKeys keys;
    if (value == nullptr) return keys;
    if (value->is_number_integer()) {
      const std::int64_t edge = integer_in(*value, key, 1, high);
      if (integer_is_square) {
        keys.height = keys.width = edge;
      } else {
        keys.shortest_edge = edge;
      }
      return keys;
    }
    if (value->is_array()) {
      if (value->size() != 2) refuse(key, value->dump() + " is not [height, width]");
      keys.height = integer_in((*value)[0], key + "[0]", 1, high);
      keys.width = integer_in((*value)[1], key + "[1]", 1, high);
      return keys;
    }
    if (!value->is_object()) refuse(key, value->dump() + " is not an object, an integer or [height, width]");

    for (const auto& [name, side] : value->items()) {
      if (side.is_null()) continue;
      const auto member = std::find_if(kSizeMembers.begin(), kSizeMembers.end(),
                                       [&name = name](const auto& candidate) { return name == candidate.first; });
      if (member == kSizeMembers.end()) {
        refuse(key + "." + name,
               "is not a key of a size; those are height and width, shortest_edge, shortest_edge and "
               "longest_edge, longest_edge, max_height and max_width");
      }
      keys.*member->second = integer_in(side, key + "." + name, 1, high);
    }
    check_size_keys(keys, key, value->dump());
    return keys;
  }

 private:
  static constexpr std::array<std::pair<std::string_view, std::int64_t SizeKeys::*>, 6> kSizeMembers = {
      {{"height", &SizeKeys::height},
       {"width", &SizeKeys::width},
       {"shortest_edge", &SizeKeys::shortest_edge},
       {"longest_edge", &SizeKeys::longest_edge},
       {"max_height", &SizeKeys::max_height},
       {"max_width", &SizeKeys::max_width}}};

  std::int64_t integer_in(const json& value, const std::string& key, std::int64_t low, std::int64_t high) const {
    const std::string allowed = std::to_string(low) + ".." + std::to_string(high);
    if (!value.is_number_integer()) refuse(key, value.dump() + " is not an integer in " + allowed);
    const bool huge = value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(high);
    if (huge || value.get<std::int64_t>() < low || value.get<std::int64_t>() > high) {
      refuse(key, value.dump() + " is not in " + allowed);
    }
    return value.get<std::int64_t>();
  }

  /// image_processing_utils.VALID_SIZE_DICT_KEYS
  void check_size_keys(const SizeKeys& keys, const std::string& key, const std::string& text) const {
    const auto pair = [&](std::int64_t first, std::int64_t second, const char* first_name, const char* second_name) {
      if (first != 0 && second == 0)
        refuse(key + "." + second_name, std::string("missing: ") + first_name + " is given");
      if (second != 0 && first == 0)
        refuse(key + "." + first_name, std::string("missing: ") + second_name + " is given");
      return first != 0;
    };
    const bool fixed = pair(keys.height, keys.width, "height", "width");
    const bool box = pair(keys.max_height, keys.max_width, "max_height", "max_width");
    const bool edges = keys.shortest_edge != 0 || keys.longest_edge != 0;
    if (fixed + box + edges == 0) refuse(key, text + " is empty");
    if (fixed + box + edges > 1) {
      refuse(key, text + " contradicts itself: give height and width, or edges, or max_height and max_width");
    }
  }

  const json& file_;
  const json& defaults_;
  std::string source_;
};

// ---------------------------------------------------------------------------------------------------------------------
// The class

const ClassFacts* find_class(std::string_view name) {
  const auto& facts = class_facts();
  const auto found =
      std::find_if(facts.begin(), facts.end(), [&](const ClassFacts& row) { return row.class_name == name; });
  return found == facts.end() ? nullptr : &*found;
}

// ---------------------------------------------------------------------------------------------------------------------
// The parts of a configuration

/// resample: an integer of PIL.Image.Resampling, or its name.
void read_resample(const Keys& keys, ProcessorSpec& spec) {
  struct Resampling {
    std::string_view name;
    Filter filter;
  };
  // Numbered as Pillow does. NEAREST is torchvision's nearest-exact: image_utils.pil_torch_interpolation_mapping.
  constexpr std::array<Resampling, 6> kResampling = {{{"nearest", Filter::nearest_exact},
                                                      {"lanczos", Filter::lanczos3},
                                                      {"bilinear", Filter::bilinear},
                                                      {"bicubic", Filter::bicubic},
                                                      {"box", Filter::box},
                                                      {"hamming", Filter::hamming}}};
  const json* value = keys.find("resample");
  if (spec.facts.size_rule == SizeRule::pix2struct) return;  // it ignores the key and resizes bilinearly
  if (value == nullptr) {
    if (spec.do_resize) keys.refuse_missing("resample", "do_resize is true");
    return;
  }

  std::size_t index = kResampling.size();
  if (value->is_number_unsigned()) {
    index = static_cast<std::size_t>(value->get<std::uint64_t>());
  } else if (value->is_string()) {
    std::string name = value->get<std::string>();
    name = name.substr(name.rfind('.') == std::string::npos ? 0 : name.rfind('.') + 1);  // "PILImageResampling.BICUBIC"
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    index = static_cast<std::size_t>(
        std::find_if(kResampling.begin(), kResampling.end(), [&](const Resampling& row) { return row.name == name; }) -
        kResampling.begin());
  }
  if (index >= kResampling.size()) {
    keys.refuse("resample",
                value->dump() + " is unknown; 0..5 or nearest, lanczos, bilinear, bicubic, box, hamming are allowed");
  }
  spec.filter = kResampling[index].filter;
  spec.lanczos_as_bicubic = spec.filter == Filter::lanczos3;
  if (spec.do_resize && (spec.filter == Filter::box || spec.filter == Filter::hamming)) {
    spec.unsupported = "resample: torchvision does not resize tensors with " + std::string(kResampling[index].name);
  }
}

/// The rule that the values leave: without their own parameter PoolFormer and PPLCNet resize as the base class does.
SizeRule resize_rule(const ProcessorSpec& spec) {
  const SizeRule rule = spec.facts.size_rule;
  if (rule == SizeRule::poolformer && spec.crop_pct == 0) return SizeRule::automatic;
  if (rule == SizeRule::pp_lcnet && spec.resize_short == 0) return SizeRule::automatic;
  return rule;
}

/// The keys of `size` that the class's own resize takes.
void require_size(const Keys& keys, const ProcessorSpec& spec) {
  const SizeKeys& size = spec.size;
  if (size == SizeKeys{}) keys.refuse_missing("size", "do_resize is true");

  const bool fixed = size.height != 0, box = size.max_height != 0, shortest = size.shortest_edge != 0;
  const bool longest = size.longest_edge != 0;
  bool ok = true;
  const char* allowed = "";
  switch (resize_rule(spec)) {
    case SizeRule::convnext:
      ok = shortest;
      allowed = "shortest_edge";
      break;
    case SizeRule::dpt:
      ok = fixed;
      allowed = "height and width";
      break;
    case SizeRule::levit:
    case SizeRule::poolformer:
      ok = shortest || fixed;
      allowed = "shortest_edge, or height and width";
      break;
    case SizeRule::detr:
      ok = fixed || box || (shortest && longest);
      allowed = "shortest_edge and longest_edge, or height and width, or max_height and max_width";
      break;
    case SizeRule::smart_resize:
      ok = shortest && longest;
      allowed = "shortest_edge and longest_edge (the least and the greatest number of pixels)";
      break;
    case SizeRule::idefics3:
      ok = fixed || longest;
      allowed = "longest_edge, or height and width";
      break;
    case SizeRule::automatic:
      ok = fixed || box || shortest;
      allowed = "height and width, or shortest_edge, or shortest_edge and longest_edge, or max_height and max_width";
      break;
    default:
      break;
  }
  if (!ok) keys.refuse("size", keys.text("size") + " is not what " + spec.class_name + " takes: " + allowed);
}

void read_sizes(const Keys& keys, ProcessorSpec& spec) {
  const bool square = keys.boolean("default_to_square", true);
  const bool pixel_counts = spec.facts.size_rule == SizeRule::smart_resize;
  spec.size = keys.size("size", square, pixel_counts ? kMaxElements : kMaxEdge);
  spec.crop_size = keys.size("crop_size", true);
  spec.pad_size = keys.size("pad_size", true);

  // Older keys that some classes still take in __init__.
  if (keys.find("image_size") != nullptr) {  // Idefics
    spec.size = {};
    spec.size.height = spec.size.width = keys.integer("image_size", 1, kMaxEdge, 0);
  }
  spec.size.shortest_edge = keys.integer("min_pixels", 1, kMaxElements, spec.size.shortest_edge);  // Qwen2-VL
  spec.size.longest_edge = keys.integer("max_pixels", 1, kMaxElements, spec.size.longest_edge);
  if (keys.knows("max_size") && keys.find("size")->is_number_integer()) {  // Detr
    spec.size.longest_edge = keys.integer("max_size", 1, kMaxEdge, keys.in_file("max_size") ? 0 : 1333);
  }
}

void read_crop(const Keys& keys, ProcessorSpec& spec) {
  const bool wanted = keys.boolean("do_center_crop");
  if (wanted && spec.crop_size == SizeKeys{}) keys.refuse_missing("crop_size", "do_center_crop is true");
  spec.do_center_crop = spec.facts.center_crops && wanted;
  if (!spec.do_center_crop) return;
  if (spec.crop_size.height == 0) keys.refuse("crop_size", keys.text("crop_size") + " has no height and width");
  if (spec.facts.crops_source && spec.size.height == 0) {
    keys.refuse("size", keys.text("size") + " has no height and width; the crop needs them");
  }
}

void read_pad(const Keys& keys, ProcessorSpec& spec) {
  spec.size_divisor = keys.integer("size_divisor", 1, kMaxEdge, 0);
  const char* older = "pad_and_return_pixel_mask";  // Detr's
  const bool pad = keys.boolean(keys.knows(older) && keys.in_file(older) && !keys.in_file("do_pad") ? older : "do_pad");
  spec.do_pad = pad && (spec.facts.pad != PadRule::none || spec.facts.size_rule == SizeRule::idefics3);
  if (!spec.do_pad) return;
  switch (spec.facts.pad) {
    case PadRule::batch:
      if (!(spec.pad_size == SizeKeys{}) && spec.pad_size.height == 0) {
        keys.refuse("pad_size", keys.text("pad_size") + " has no height and width");
      }
      break;
    case PadRule::multiple:
      if (spec.size_divisor == 0 && !spec.facts.optional_divisor) {
        keys.refuse_missing("size_divisor", "do_pad is true");
      }
      spec.do_pad = spec.size_divisor != 0;
      break;
    case PadRule::fit_window:
      if (spec.size.height == 0) keys.refuse("size", "has no height and width; do_pad needs them");
      break;
    case PadRule::square_source:
      if (spec.image_mean.empty()) keys.refuse_missing("image_mean", "do_pad fills with it");
      for (double mean : spec.image_mean) {
        if (!(mean >= 0 && mean <= 1))
          keys.refuse("image_mean", "do_pad fills with it times 255; values in 0..1 are allowed");
      }
      break;
    case PadRule::none:
      break;
  }
}

void read_affine(const Keys& keys, ProcessorSpec& spec) {
  spec.rescale_factor = keys.positive("rescale_factor", 0);
  spec.image_mean = keys.channel_values("image_mean");
  spec.image_std = keys.channel_values("image_std");
  check_mean_std(spec.image_mean, spec.image_std, spec.source + ": ");
  spec.rescale_offset = keys.boolean("rescale_offset");
  spec.include_top = keys.boolean("include_top");

  // image_utils.validate_preprocess_arguments: also for classes that ignore the switch. Pix2Struct skips it, for its
  // mean and standard deviation are the image's own.
  const bool rescale = keys.boolean(keys.in_file("rescale") && keys.knows("rescale") ? "rescale" : "do_rescale");
  const bool normalize = keys.boolean("do_normalize");
  const bool own_statistics = spec.facts.size_rule == SizeRule::pix2struct;
  if (rescale && spec.rescale_factor == 0 && !own_statistics) {
    keys.refuse_missing("rescale_factor", "do_rescale is true");
  }
  if (normalize && !own_statistics) {
    if (spec.image_mean.empty()) keys.refuse_missing("image_mean", "do_normalize is true");
    if (spec.image_std.empty()) keys.refuse_missing("image_std", "do_normalize is true");
  }
  spec.do_rescale = spec.facts.rescales && rescale;
  spec.do_normalize = spec.facts.normalizes && normalize;

  if (spec.include_top && spec.image_std.empty()) keys.refuse_missing("image_std", "include_top is true");
}

void read_class_parameters(const Keys& keys, ProcessorSpec& spec) {
  constexpr std::int64_t kMaxPatch = 4096, kMaxPatches = std::int64_t{1} << 24;
  spec.crop_pct = keys.positive("crop_pct", 0);
  spec.resize_short = keys.integer("resize_short", 1, kMaxEdge, 0);
  spec.keep_aspect_ratio = keys.boolean("keep_aspect_ratio");
  spec.ensure_multiple_of = keys.integer("ensure_multiple_of", 1, kMaxEdge, 1);
  spec.merge_size = keys.integer("merge_size", 1, kMaxPatch, 0);
  spec.temporal_patch_size = keys.integer("temporal_patch_size", 1, kMaxPatch, 0);
  spec.max_patches = keys.integer("max_patches", 1, kMaxPatches, 0);
  spec.do_image_splitting = keys.boolean("do_image_splitting");
  spec.return_row_col_info = keys.boolean("return_row_col_info");

  // What the class computes with and so cannot be null.
  const auto need = [&](const char* key, bool needed) {
    if (needed && keys.find(key) == nullptr) keys.refuse_missing(key, spec.class_name + " computes with it");
  };
  const SizeRule rule = spec.facts.size_rule;
  need("crop_pct", spec.do_resize && rule == SizeRule::convnext && spec.size.shortest_edge < 384);
  need("ensure_multiple_of", spec.do_resize && rule == SizeRule::dpt);
  for (const char* key : {"patch_size", "merge_size", "temporal_patch_size"}) need(key, rule == SizeRule::smart_resize);
  for (const char* key : {"patch_size", "max_patches"}) need(key, rule == SizeRule::pix2struct);

  if (spec.facts.size_rule == SizeRule::pix2struct) {
    const SizeKeys patch = keys.size("patch_size", true, kMaxPatch);
    if (patch.height == 0) keys.refuse("patch_size", "has no height and width");
    spec.patch_height = patch.height;
    spec.patch_width = patch.width;
  } else {
    spec.patch_size = keys.integer("patch_size", 1, kMaxPatch, 0);
  }
  if (spec.facts.size_rule == SizeRule::idefics3) {
    constexpr std::int64_t kMaxTile = 16384;
    spec.max_image_size = keys.size("max_image_size", false, kMaxTile).longest_edge;
    if (spec.max_image_size == 0) keys.refuse("max_image_size", "has no longest_edge");
  }
}

/// Switches that ask for more than the planner builds.
void refuse_unbuilt(const Keys& keys, ProcessorSpec& spec) {
  constexpr std::array<std::pair<const char*, const char*>, 8> kUnbuilt = {
      {{"apply_ocr", "words and boxes come from an OCR engine; false gives the pixels alone"},
       {"do_color_quantize", "colour clusters are not built yet"},
       {"do_grayscale", "the grey mix is not built yet"},
       {"do_pan_and_scan", "crops of the source are not built yet"},
       {"is_vqa", "rendered header text is not built"},
       {"return_codebook_pixels", "a second output of each image is not built yet"},
       {"return_image_mask", "random masks are not built"},
       {"use_square_size", "an older key of CLIP that is not built; give size a height and a width"}}};
  for (const auto& [key, reason] : kUnbuilt) {
    if (spec.unsupported.empty() && keys.boolean(key)) spec.unsupported = std::string(key) + ": " + reason;
  }
  const json* factor = keys.find("rescale_factor");
  const bool integer = factor != nullptr && factor->is_number_integer();
  if (spec.unsupported.empty() && integer && spec.do_rescale && !fuses_rescale(spec)) {
    spec.unsupported = "rescale_factor: " + factor->dump() +
                       ": torch multiplies uint8 by an integer as uint8, which is not built; " + factor->dump() +
                       ".0 gives floats";
  }
}

std::vector<std::string> unknown_keys_of(const json& file, const json& defaults) {
  std::vector<std::string> unknown;
  for (const auto& [key, value] : file.items()) {
    const bool about_the_file =
        key == "image_processor_type" || key == "feature_extractor_type" || key == "_provenance";
    if (!about_the_file && !defaults.contains(key)) unknown.push_back(key);
  }
  return unknown;
}

}  // namespace

ProcessorSpec spec_of(const Configuration& configuration) {
  json file = configuration.values;
  ProcessorSpec spec;
  spec.source = configuration.source;
  spec.class_name = configuration.class_name;
  const ClassFacts* facts = find_class(spec.class_name);
  spec.facts = *facts;
  spec.unsupported = std::string(facts->unsupported);
  if (!spec.unsupported.empty()) return spec;

  const json defaults = json::parse(class_defaults(spec.class_name));
  // These classes take their own size for a null.
  const bool own_size = facts->size_rule == SizeRule::smart_resize || defaults.contains("max_size");
  if (own_size && file.contains("size") && file["size"].is_null()) file.erase("size");
  const Keys keys(file, defaults, spec.source);
  spec.unknown_keys = unknown_keys_of(file, defaults);
  spec.antialias = facts->antialias;
  spec.reverse_channels = facts->reverse_channels && keys.boolean("do_flip_channel_order", true);
  spec.do_convert_rgb = keys.boolean("do_convert_rgb");
  spec.do_resize = keys.boolean("do_resize");

  read_resample(keys, spec);
  read_sizes(keys, spec);
  read_affine(keys, spec);
  read_crop(keys, spec);
  read_pad(keys, spec);
  read_class_parameters(keys, spec);
  spec.facts.size_rule = resize_rule(spec);
  if (spec.do_resize && facts->size_rule != SizeRule::pix2struct) require_size(keys, spec);
  refuse_unbuilt(keys, spec);
  return spec;
}

ProcessorSpec parse_spec(std::string_view json_text, std::string source) {
  return spec_of(read_configuration(json_text, source));
}

ProcessorSpec load_spec(const std::string& path) {
  return spec_of(load_configuration(path));
}

}  // namespace kir
