#include "configuration/older_keys.hpp"

#include "configuration/keys.hpp"
#include "kir/error.hpp"

namespace kir {

namespace {

using nlohmann::json;

bool has_value(const json& file, const char* key) {
  const auto found = file.find(key);
  return found != file.end() && !found->is_null();
}

/// Qwen2-VL: min_pixels and max_pixels are members of `size` under their older names.
void pixel_counts(json& file, const json& own, const Keys& keys) {
  constexpr const char* kMembers[][2] = {{"min_pixels", "shortest_edge"}, {"max_pixels", "longest_edge"}};
  if (!has_value(file, "size")) file["size"] = own["size"];
  for (const auto& [older, member] : kMembers) {
    if (!has_value(file, older)) continue;
    json& size = file["size"];
    if (!size.is_object()) {
      keys.refuse("size", size.dump() + " is no object, into which " + older + " could be written");
    }
    if (keys.boolean("do_resize")) keys.integer_in(file[older], older, 1, kMaxElements, Keys::Numbers::whole);
    size.erase(older);
    size[member] = file[older];
  }
}

/// Detr: max_size is the longest_edge beside an integer.
void max_size(json& file, const json& own) {
  constexpr std::int64_t kLongest = 1333;
  if (!has_value(file, "size")) file["size"] = own["size"];
  json& size = file["size"];
  if (!size.is_number_integer() && !size.is_boolean()) return;
  const json longest = has_value(file, "max_size") ? file["max_size"] : json(kLongest);
  size = {{"shortest_edge", size}, {"longest_edge", longest}};
}

}  // namespace

void apply_older_keys(json& file, const json& own, const std::string& source) {
  if (own.contains("min_pixels")) pixel_counts(file, own, Keys(file, own, "", source));
  if (own.contains("max_size")) max_size(file, own);
  if (own.contains("image_size") && has_value(file, "image_size")) {  // Idefics
    file["size"] = {{"height", file["image_size"]}, {"width", file["image_size"]}};
  }
  if (own.contains("use_square_size") && Keys(file, own, "", source).boolean("use_square_size")) {  // CLIP
    const json& edge = own["size"]["shortest_edge"];
    file["size"] = {{"height", edge}, {"width", edge}};
  }
  if (own.contains("pad_and_return_pixel_mask") && file.contains("pad_and_return_pixel_mask") &&
      !file.contains("do_pad")) {  // Detr
    file["do_pad"] = file["pad_and_return_pixel_mask"];
  }
  if (own.contains("rescale") && file.contains("rescale")) file["do_rescale"] = file["rescale"];  // OwlViT
}

}  // namespace kir
