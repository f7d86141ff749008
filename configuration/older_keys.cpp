#include "configuration/older_keys.hpp"

#include <algorithm>

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
  const json given = file["size"];
  const bool other_keys = given.contains("height") || given.contains("width") || given.contains("max_height");
  for (const auto& [older, member] : kMembers) {
    if (!has_value(file, older)) continue;
    if (!given.is_object() || other_keys) {
      keys.refuse("size",
                  given.dump() + " beside " + older + ": shortest_edge and longest_edge alone are allowed there");
    }
    if (keys.boolean("do_resize")) keys.integer_in(file[older], older, 1, kMaxElements, Keys::Numbers::whole);
    file["size"].erase(older);
    file["size"][member] = file[older];
  }
}

/// Detr: max_size is the longest_edge beside an integer. MaskFormer has none where the file has none, and sets that of
/// its own size by max_size alone.
void max_size(json& file, const json& own, const Keys& keys) {
  constexpr std::int64_t kLongest = 1333;
  const bool detr = own.contains("pad_and_return_pixel_mask"), given = has_value(file, "max_size");
  if (!has_value(file, "size")) {
    file["size"] = own["size"];
    if (!detr && given) file["size"]["longest_edge"] = file["max_size"];
  }
  const json size = file["size"];
  if (!size.is_number_integer() || !(detr || given)) return;
  json longest = given ? file["max_size"] : json(kLongest);
  if (keys.boolean("do_resize")) {
    keys.integer_in(size, "size", 1, kMaxEdge);
    longest = keys.integer_in(longest, "max_size", 1, kMaxEdge, Keys::Numbers::whole);
  }
  file["size"] = {{"shortest_edge", size}, {"longest_edge", longest}};
}

}  // namespace

void width_first(json& file, const json&) {
  if (file.value("size", json()).is_array()) std::reverse(file["size"].begin(), file["size"].end());
}

void size_of_checkpoints(json& file, const json& own) {
  if (file.value("size", json()) == json({672, 672})) file["size"] = own["size"];
}

void apply_older_keys(json& file, const json& own, const std::string& source) {
  const Keys keys(file, own, "", source);
  // A class that computes with these keys has values for them (MiniMaxM3VLVideoProcessor).
  if (own.contains("min_pixels") && own["min_pixels"].is_null()) pixel_counts(file, own, keys);
  if (own.contains("max_size")) max_size(file, own, keys);
  if (own.contains("image_size") && has_value(file, "image_size")) {  // Idefics
    if (keys.boolean("do_resize")) keys.integer_in(file["image_size"], "image_size", 1, kMaxEdge);
    file["size"] = {{"height", file["image_size"]}, {"width", file["image_size"]}};
  }
  if (own.contains("video_sampling") && has_value(file, "video_sampling") && !file.contains("size")) {  // SmolVLM
    const json& sampling = file["video_sampling"];
    if (!sampling.is_object() || !has_value(sampling, "video_size")) {
      keys.refuse("video_sampling", sampling.dump() + " has no video_size");
    }
    file["size"] = sampling["video_size"];
  }
  if (own.contains("use_square_size") && keys.boolean("use_square_size")) {  // CLIP
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
