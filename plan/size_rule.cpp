#include "plan/size_rule.hpp"

#include <algorithm>
#include <string>

namespace kir {

// ---------------------------------------------------------------------------------------------------------------------
// Reading `size`

namespace {

std::string allowed_forms(const SizeRule& rule) {
  std::string allowed;
  for (const SizeForm form : rule.takes) allowed += (allowed.empty() ? "" : ", or ") + std::string(name_of(form));
  return allowed;
}

}  // namespace

SizeKeys read_size(const Keys& keys, const SizeRule& rule, const char* on) {
  const bool pixel_counts = std::find(rule.takes.begin(), rule.takes.end(), SizeForm::pixel_counts) != rule.takes.end();
  const SizeKeys size =
      keys.size("size", keys.boolean("default_to_square", true), pixel_counts ? kMaxElements : kMaxEdge, rule.numbers);
  if (keys.find("size") == nullptr) keys.refuse_missing("size", std::string(on) + " is true");
  const bool taken = rule.takes.empty() || std::any_of(rule.takes.begin(), rule.takes.end(),
                                                       [&](SizeForm form) { return has_form(size, form); });
  if (!taken) {
    keys.refuse("size", keys.text("size") + " is not what " + keys.class_name() + " takes: " + allowed_forms(rule));
  }
  return size;
}

std::int64_t tile_edge(const Keys& keys) {
  constexpr std::int64_t kMaxTile = 16384;
  const nlohmann::json* value = keys.find("max_image_size");
  if (value == nullptr || !value->is_object() || !value->contains("longest_edge")) {
    keys.refuse("max_image_size", keys.text("max_image_size") + " has no longest_edge");
  }
  return keys.integer_in((*value)["longest_edge"], "max_image_size.longest_edge", 1, kMaxTile);
}

// ---------------------------------------------------------------------------------------------------------------------
// The rows

namespace {

constexpr SizeForm kAutomatic[] = {SizeForm::fixed, SizeForm::shortest, SizeForm::edges, SizeForm::box};
constexpr SizeForm kShortest[] = {SizeForm::shortest};
constexpr SizeForm kShortestOrFixed[] = {SizeForm::shortest, SizeForm::fixed};
constexpr SizeForm kFixed[] = {SizeForm::fixed};
constexpr SizeForm kLongest[] = {SizeForm::longest};
constexpr SizeForm kLongestOrAutomatic[] = {SizeForm::longest, SizeForm::fixed, SizeForm::shortest, SizeForm::box};
constexpr SizeForm kLongestOrFixed[] = {SizeForm::longest, SizeForm::fixed};
constexpr SizeForm kDetr[] = {SizeForm::edges, SizeForm::fixed, SizeForm::box};

SizeOf fixed_size(std::int64_t height, std::int64_t width) {
  return [=](Extent) { return Extent{height, width}; };
}

SizeOf bind_automatic(const Keys&, const SizeKeys& size) {
  return automatic_size(size);
}

SizeOf bind_convnext(const Keys& keys, const SizeKeys& size) {
  const std::int64_t edge = size.shortest_edge;
  if (edge >= kConvNextWarps) return fixed_size(edge, edge);
  keys.require("crop_pct");
  const double crop_pct = keys.positive("crop_pct", 0);
  return [=](Extent image) { return size_rules::shortest_edge_over_crop(image, edge, crop_pct); };
}

SizeOf bind_donut(const Keys&, const SizeKeys& size) {
  return [edge = std::min(size.height, size.width)](Extent image) { return size_rules::shortest_edge(image, edge); };
}

SizeOf bind_dpt(const Keys& keys, const SizeKeys& size) {
  const bool keep_aspect_ratio = keys.boolean("keep_aspect_ratio");
  const std::int64_t multiple = keys.required_integer("ensure_multiple_of", 1, kMaxEdge);
  return [=, target = Extent{size.height, size.width}](Extent image) {
    return size_rules::dpt(image, target, keep_aspect_ratio, multiple);
  };
}

SizeOf bind_idefics3(const Keys&, const SizeKeys& size) {
  if (size.longest_edge == 0) return fixed_size(size.height, size.width);
  return [longest = size.longest_edge](Extent image) { return size_rules::idefics3(image, longest); };
}

SizeOf bind_levit(const Keys&, const SizeKeys& size) {
  if (size.shortest_edge == 0) return automatic_size(size);
  return [edge = size.shortest_edge](Extent image) { return size_rules::levit(image, edge); };
}

/// Without crop_pct the class resizes as the base class does.
SizeOf bind_poolformer(const Keys& keys, const SizeKeys& size) {
  const double crop_pct = keys.positive("crop_pct", 0);
  if (crop_pct == 0) return automatic_size(size);
  if (size.shortest_edge == 0 && size.height != size.width) {
    return fixed_size(static_cast<std::int64_t>(static_cast<double>(size.height) / crop_pct),
                      static_cast<std::int64_t>(static_cast<double>(size.width) / crop_pct));
  }
  const std::int64_t edge = size.shortest_edge != 0 ? size.shortest_edge : size.height;
  return [=](Extent image) { return size_rules::shortest_edge_over_crop(image, edge, crop_pct); };
}

/// Without resize_short the class resizes as the base class does.
SizeOf bind_pp_lcnet(const Keys& keys, const SizeKeys& size) {
  const std::int64_t resize_short = keys.integer("resize_short", 1, kMaxEdge, 0);
  if (resize_short == 0) return automatic_size(size);
  const std::int64_t divisor = keys.integer("size_divisor", 1, kMaxEdge, 1);
  return [=](Extent image) { return size_rules::pp_lcnet(image, resize_short, divisor); };
}

SizeOf bind_sapiens2(const Keys& keys, const SizeKeys& size) {
  if (!keys.boolean("do_pad")) return automatic_size(size);
  if (size.height == 0) keys.refuse("size", "has no height and width; do_pad needs them");
  return [height = size.height, width = size.width](Extent image) {
    return size_rules::max_height_width(image, height, width);
  };
}

SizeOf bind_janus(const Keys& keys, const SizeKeys& size) {
  if (size.height != size.width) keys.refuse("size", keys.text("size") + ": height and width must be one number");
  const std::int64_t least = keys.required_integer("min_size", 0, kMaxEdge);
  return [edge = size.height, least](Extent image) { return size_rules::janus(image, edge, least); };
}

SizeOf bind_sam(const Keys&, const SizeKeys& size) {
  return [longest = size.longest_edge](Extent image) { return size_rules::sam(image, longest); };
}

SizeOf bind_tvp(const Keys&, const SizeKeys& size) {
  if (size.longest_edge == 0) return automatic_size(size);
  return [longest = size.longest_edge](Extent image) { return size_rules::tvp(image, longest); };
}

SizeOf bind_thumbnail(const Keys&, const SizeKeys& size) {
  return [target = Extent{size.height, size.width}](Extent image) { return size_rules::thumbnail(image, target); };
}

}  // namespace

SizeOf automatic_size(const SizeKeys& size) {
  if (size.shortest_edge != 0 && size.longest_edge != 0) {
    return [edge = size.shortest_edge, longest = size.longest_edge](Extent image) {
      return size_rules::shortest_longest_edge(image, edge, longest);
    };
  }
  if (size.shortest_edge != 0) {
    return [edge = size.shortest_edge](Extent image) { return size_rules::shortest_edge(image, edge); };
  }
  if (size.max_height != 0) {
    return [height = size.max_height, width = size.max_width](Extent image) {
      return size_rules::max_height_width(image, height, width);
    };
  }
  return fixed_size(size.height, size.width);
}

const SizeRule automatic = {"automatic", kAutomatic, bind_automatic};
const SizeRule convnext = {"convnext", kShortest, bind_convnext};
const SizeRule detr = {"detr", kDetr, bind_automatic};
const SizeRule donut = {"donut", kFixed, bind_donut};
const SizeRule dpt = {"dpt", kFixed, bind_dpt, Keys::Numbers::whole};
const SizeRule idefics3 = {"idefics3", kLongestOrFixed, bind_idefics3};
const SizeRule janus = {"janus", kFixed, bind_janus};
const SizeRule levit = {"levit", kShortestOrFixed, bind_levit};
const SizeRule poolformer = {"poolformer", kShortestOrFixed, bind_poolformer};
const SizeRule pp_lcnet = {"pp_lcnet", {}, bind_pp_lcnet};
const SizeRule sam = {"sam", kLongest, bind_sam};
const SizeRule tvp = {"tvp", kLongestOrAutomatic, bind_tvp};
const SizeRule sapiens2 = {"sapiens2", kAutomatic, bind_sapiens2};
const SizeRule thumbnail = {"thumbnail", kFixed, bind_thumbnail};

}  // namespace kir
