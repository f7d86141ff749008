// A plan in pieces: what a few of its images need is a plan of its own, which writes its part of the outputs. Run one
// after another, the pieces write what the whole plan does, and only the images of one are in memory at a time.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kir/plan.hpp"

namespace kir::apps {

/// The images [begin, end) of a batch.
struct ImageRange {
  std::size_t begin = 0, end = 0;
  std::size_t count() const { return end - begin; }
  friend bool operator==(const ImageRange&, const ImageRange&) = default;
};

/// How much of a batch is in memory at a time. One image is always allowed, of whatever size.
struct GroupLimit {
  std::size_t images = 1, bytes = 0;
};

/// The batch in order, in groups that are as large as the limit allows. `decoding`: bytes that count besides, of each
/// image; empty = none.
std::vector<ImageRange> group_images(std::span<const ImageSize> images, GroupLimit limit,
                                     std::span<const std::size_t> decoding = {});

/// The same for the images of a plan: the canvases that are made of an image count as its bytes too, and images that
/// share a canvas are in one group, whatever the limit.
std::vector<ImageRange> group_images(const Plan& plan, GroupLimit limit, std::span<const std::size_t> decoding = {});

/// What one group needs of a plan. Images, canvases, epilogues and outputs are counted anew in it, and it does not
/// write its outputs whole: it passes check_run(), not validate().
struct PlanSlice {
  ImageRange images;
  Plan plan;                         ///< no levels: nothing is to be done
  std::vector<std::size_t> outputs;  ///< which outputs of the whole plan its outputs are
};

/// One slice a group of group_images(plan, ...). Fills of outputs belong to no image: the first slice has them.
std::vector<PlanSlice> slice(const Plan& plan, std::span<const ImageRange> groups);

}  // namespace kir::apps
