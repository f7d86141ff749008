// resize_normalize_patchify: tokens of images and clips, resized to sizes that the caller gives.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "configuration/value_check.hpp"
#include "kir/error.hpp"
#include "plan/stages.hpp"

namespace kir {

namespace {

std::string named(const char* list, std::size_t index) {
  return std::string(list) + "[" + std::to_string(index) + "]";
}

[[noreturn]] void refuse(const std::string& argument, const std::string& message) {
  throw Error(ErrorCode::invalid_argument, argument, message);
}

std::vector<Extent> checked_sizes(const Patchify& asked, std::size_t frames) {
  if (asked.target_sizes.size() != frames) {
    refuse("target_sizes", std::to_string(asked.target_sizes.size()) + " sizes; there are " + std::to_string(frames) +
                               " frames, and each has one");
  }
  const std::int64_t factor = asked.patch * asked.merge;
  std::vector<Extent> sizes(frames);
  for (std::size_t i = 0; i < frames; ++i) {
    const auto [height, width] = asked.target_sizes[i];
    if (height < 1 || width < 1 || height > kMaxEdge || width > kMaxEdge || height % factor != 0 ||
        width % factor != 0) {
      refuse(named("target_sizes", i), std::to_string(height) + " x " + std::to_string(width) +
                                           "; both must be multiples of patch * merge = " + std::to_string(factor) +
                                           " in 1.." + std::to_string(kMaxEdge));
    }
    sizes[i] = {height, width};
  }
  return sizes;
}

Items checked_items(const Patchify& asked, const std::vector<Picture>& pictures) {
  if (asked.items.empty()) refuse("items", "the list is empty; give at least one item");
  Items items;
  for (std::size_t i = 0; i < asked.items.size(); ++i) {
    const std::vector<std::int64_t>& frames = asked.items[i];
    if (frames.empty()) refuse(named("items", i), "is empty; an item has at least one frame");
    for (const std::int64_t frame : frames) {
      if (frame < 0 || frame >= static_cast<std::int64_t>(pictures.size())) {
        refuse(named("items", i), "frame " + std::to_string(frame) + " is not in 0.." +
                                      std::to_string(static_cast<std::int64_t>(pictures.size()) - 1));
      }
      const Extent size = pictures[static_cast<std::size_t>(frame)].size;
      const Extent first = pictures[static_cast<std::size_t>(frames[0])].size;
      if (!(size == first)) {
        refuse(named("items", i), "its frames have the target sizes " + text_of(first) + " and " + text_of(size) +
                                      "; the frames of an item share one");
      }
      items.frames.push_back(static_cast<std::int32_t>(frame));
    }
    items.lengths.push_back(static_cast<std::int32_t>(frames.size()));
  }
  return items;
}

void check_sides(const Patchify& asked) {
  constexpr std::int64_t kMaxPatch = 4096;
  const std::pair<const char*, std::int64_t> lengths[] = {
      {"patch", asked.patch}, {"merge", asked.merge}, {"temporal", asked.temporal}};
  for (const auto& [name, value] : lengths) {
    if (value < 1 || value > kMaxPatch) {
      refuse(name, std::to_string(value) + " is not in 1.." + std::to_string(kMaxPatch));
    }
  }
}

/// The sizes are the caller's, frame by frame. What follows from the number of frames is checked in the draft.
std::vector<Operation> operations_of(const Patchify& asked) {
  const std::size_t constants = std::max(asked.image_mean.size(), asked.image_std.size());
  std::vector<Operation> operations(3);
  operations[0].extend = [&asked](Draft& draft) {
    const std::vector<Extent> sizes = checked_sizes(asked, draft.pictures.size());
    for (std::size_t i = 0; i < sizes.size(); ++i) draft.resize(draft.pictures[i], sizes[i], {asked.resample, true});
  };
  operations[1] = apply_steps(affine_steps(asked.rescale_factor, asked.image_mean, asked.image_std),
                              static_cast<std::int32_t>(constants));
  operations[2].extend = [&asked](Draft& draft) {
    write_tokens(draft, "YXyx ctij", {asked.patch, asked.merge, asked.temporal}, checked_items(asked, draft.pictures),
                 TokenGrid::images);
  };
  return operations;
}

}  // namespace

Plan plan_patchify(const Patchify& asked, std::span<const ImageSize> frames, const PlanOptions& options) {
  check_sides(asked);
  check_positive(asked.rescale_factor, "rescale_factor");
  check_channel_values(asked.image_mean, asked.image_std);
  ProcessorSpec spec;
  spec.source = spec.class_name = "resize_normalize_patchify";
  set_operations(spec, operations_of(asked));
  return plan(spec, frames, options);
}

}  // namespace kir
