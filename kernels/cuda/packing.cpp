#include "kernels/cuda/packing.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace kir::cuda {
namespace {

struct Dimension {
  std::int64_t count, stride;
  std::int64_t ImageView::*staged;  ///< the stride of it in the packed view
};

/// The dimensions of an image, from the nearest neighbours to the farthest.
std::array<Dimension, 3> dimensions_of(const ImageView& image) {
  std::array<Dimension, 3> dimensions{{{image.size.channels, image.stride_channel, &ImageView::stride_channel},
                                       {image.size.height, image.stride_y, &ImageView::stride_y},
                                       {image.size.width, image.stride_x, &ImageView::stride_x}}};
  std::sort(dimensions.begin(), dimensions.end(),
            [](const Dimension& a, const Dimension& b) { return std::abs(a.stride) < std::abs(b.stride); });
  return dimensions;
}

/// `count` runs of bytes, each so far from the one before.
struct Rows {
  std::int64_t count, from_pitch, to_pitch;
};

/// A run of bytes, and the dimensions beyond a gap, which repeat it.
struct Runs {
  std::int64_t bytes = 1;
  std::vector<Rows> outer;
};

/// What touches or overlaps is one run of bytes; every dimension beyond a gap makes rows of it. Sets the view's strides
/// and its first pixel.
Runs runs_of(const std::array<Dimension, 3>& dimensions, ImageView& view) {
  Runs runs;
  std::int64_t whole = 1;
  for (const Dimension& d : dimensions) {
    if (d.count == 1) continue;
    const std::int64_t distance = std::abs(d.stride);
    std::int64_t staged = distance;
    if (runs.outer.empty() && distance <= runs.bytes) {
      runs.bytes += (d.count - 1) * distance;
      whole = runs.bytes;
    } else {
      staged = whole;
      whole *= d.count;
      Rows* last = runs.outer.empty() ? nullptr : &runs.outer.back();
      if (last != nullptr && distance == last->count * last->from_pitch) {
        last->count *= d.count;
      } else {
        runs.outer.push_back({d.count, distance, staged});
      }
    }
    view.*d.staged = d.stride < 0 ? -staged : staged;
    if (d.stride < 0) view.data += (d.count - 1) * staged;
  }
  return runs;
}

/// The longest dimension is the rows of a copy; there is a copy for each position of the others.
std::vector<RowCopy> copies_of(Runs runs, const std::uint8_t* from, std::uint8_t* to) {
  std::stable_sort(runs.outer.begin(), runs.outer.end(),
                   [](const Rows& a, const Rows& b) { return a.count > b.count; });
  const Rows rows = runs.outer.empty() ? Rows{1, runs.bytes, runs.bytes} : runs.outer.front();
  std::vector<RowCopy> copies{{from, to, static_cast<std::size_t>(runs.bytes), static_cast<std::size_t>(rows.count),
                               static_cast<std::size_t>(rows.from_pitch), static_cast<std::size_t>(rows.to_pitch)}};
  for (std::size_t k = 1; k < runs.outer.size(); ++k) {
    const std::size_t before = copies.size();
    for (std::int64_t i = 1; i < runs.outer[k].count; ++i) {
      for (std::size_t j = 0; j < before; ++j) {
        RowCopy copy = copies[j];
        copy.from += i * runs.outer[k].from_pitch;
        copy.to += i * runs.outer[k].to_pitch;
        copies.push_back(copy);
      }
    }
  }
  return copies;
}

}  // namespace

PackedImage pack(const ImageView& image, std::uint8_t* to) {
  const std::array<Dimension, 3> dimensions = dimensions_of(image);
  const std::uint8_t* from = image.data;  // the image's lowest address
  for (const Dimension& d : dimensions) from += std::min<std::int64_t>(0, d.stride * (d.count - 1));
  PackedImage packed;
  packed.view = {to, image.size, 0, 0, 0};
  packed.copies = copies_of(runs_of(dimensions, packed.view), from, to);
  return packed;
}

std::vector<PackedImage> pack(const Staging& staging, std::span<const ImageView> images, std::byte* memory) {
  std::vector<PackedImage> packed(images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    packed[i].view = images[i];
    if (staging.offset(i) < 0) continue;
    packed[i] = pack(images[i], reinterpret_cast<std::uint8_t*>(memory + staging.offset(i)));
  }
  return packed;
}

}  // namespace kir::cuda
