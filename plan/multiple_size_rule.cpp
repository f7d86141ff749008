// Size rules that end at multiples of a divisor or of a patch, and those of text pages and text lines.
#include <array>
#include <string>
#include <utility>

#include "plan/size_rule.hpp"

namespace kir {

namespace {

constexpr SizeForm kShortest[] = {SizeForm::shortest};
constexpr SizeForm kFixed[] = {SizeForm::fixed};
constexpr SizeForm kLongestOrFixed[] = {SizeForm::longest, SizeForm::fixed};
constexpr SizeForm kDetr[] = {SizeForm::edges, SizeForm::fixed, SizeForm::box};

/// 0 divides nothing.
SizeOf bind_detr_divided(const Keys& keys, const SizeKeys& size) {
  const std::int64_t divisor = keys.required_integer("size_divisor", 0, kMaxEdge);
  SizeOf target = automatic_size(size);
  if (divisor == 0) return target;
  return [divisor, target = std::move(target)](Extent image) {
    const Extent exact = target(image);
    return Extent{up_to_multiple(exact.height, divisor), up_to_multiple(exact.width, divisor)};
  };
}

SizeOf bind_textnet(const Keys& keys, const SizeKeys& size) {
  const std::int64_t divisor = keys.required_integer("size_divisor", 1, kMaxEdge);
  return [edge = size.shortest_edge, divisor](Extent image) { return size_rules::textnet(image, edge, divisor); };
}

SizeOf bind_vilt(const Keys& keys, const SizeKeys& size) {
  const std::int64_t divisor = keys.integer("size_divisor", 1, kMaxEdge, 1);
  return [edge = size.shortest_edge, divisor](Extent image) { return size_rules::vilt(image, edge, divisor); };
}

SizeOf bind_bridgetower(const Keys& keys, const SizeKeys& size) {
  keys.require("size_divisor");
  return bind_vilt(keys, size);
}

SizeOf bind_yolos(const Keys&, const SizeKeys& size) {
  if (size.shortest_edge == 0) return automatic_size(size);
  return [edge = size.shortest_edge, longest = size.longest_edge](Extent image) {
    return size_rules::yolos(image, edge, longest);
  };
}

SizeOf bind_pixtral(const Keys& keys, const SizeKeys& size) {
  const Extent most =
      size.longest_edge != 0 ? Extent{size.longest_edge, size.longest_edge} : Extent{size.height, size.width};
  return [most, patch = patch_of(keys)](Extent image) { return size_rules::pixtral(image, most, patch); };
}

SizeOf bind_floor_multiple(const Keys& keys, const SizeKeys&) {
  const std::int64_t divisor = keys.required_integer("size_divisor", 1, kMaxEdge);
  return [divisor](Extent image) { return size_rules::floor_multiple(image, divisor); };
}

SizeOf bind_ocr_det(const Keys& keys, const SizeKeys&) {
  constexpr std::array<std::pair<const char*, size_rules::Limit>, 3> kLimits = {
      {{"max", size_rules::Limit::max},
       {"min", size_rules::Limit::min},
       {"resize_long", size_rules::Limit::resize_long}}};
  const std::int64_t side = keys.required_integer("limit_side_len", 1, kMaxEdge);
  const std::int64_t longest = keys.integer("max_side_limit", 1, kMaxEdge, 0);
  keys.require("limit_type");
  for (const auto& [name, limit] : kLimits) {
    if (*keys.find("limit_type") != name) continue;
    return [side, limit = limit, longest](Extent image) { return size_rules::text_page(image, side, limit, longest); };
  }
  keys.refuse("limit_type", keys.text("limit_type") + R"( is not one of "max", "min", "resize_long")");
}

SizeOf bind_ocr_rec(const Keys& keys, const SizeKeys& size) {
  const std::int64_t longest = keys.required_integer("max_image_width", 1, kMaxEdge);
  return [least = Extent{size.height, size.width}, longest](Extent widest) {
    return size_rules::text_line(widest, least, longest);
  };
}

}  // namespace

const SizeRule detr_divided = {"detr, to multiples of size_divisor", kDetr, bind_detr_divided};
const SizeRule textnet = {"textnet", kShortest, bind_textnet};
const SizeRule vilt = {"vilt", kShortest, bind_vilt};
const SizeRule bridgetower = {"bridgetower", kShortest, bind_bridgetower};
const SizeRule yolos = {"yolos", kDetr, bind_yolos};
const SizeRule pixtral = {"pixtral", kLongestOrFixed, bind_pixtral};
const SizeRule floor_multiple = {"floor_multiple", {}, bind_floor_multiple, Keys::Numbers::integers, false};
const SizeRule ocr_det = {"ocr_det", {}, bind_ocr_det, Keys::Numbers::integers, false};
const SizeRule ocr_rec = {"ocr_rec", kFixed, bind_ocr_rec};

}  // namespace kir
