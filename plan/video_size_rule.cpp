#include "plan/video_size_rule.hpp"

namespace kir {

namespace {

/// models/vjepa2: VJEPA2VideoProcessor.__init__
SizeOf bind_vjepa2(const Keys& keys, const SizeKeys&) {
  const SizeKeys crop = keys.size("crop_size", true);
  if (crop.height == 0 || keys.find("crop_size")->is_array()) {
    keys.refuse("crop_size",
                keys.text("crop_size") + " is neither an integer nor has a height; `size` follows from it");
  }
  return [edge = size_rules::vjepa2_edge(crop.height)](Extent image) { return size_rules::shortest_edge(image, edge); };
}

}  // namespace

const SizeRule vjepa2 = {"vjepa2", {}, bind_vjepa2, Keys::Numbers::integers, false};

}  // namespace kir
