// An image with any strides as rows of bytes without gaps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/cuda/staging.hpp"
#include "kir/backend.hpp"

namespace kir::cuda {

/// The pixels of an image as rows of bytes: `rows` of `width` bytes, `from_pitch` and `to_pitch` bytes apart.
struct RowCopy {
  const std::uint8_t* from = nullptr;
  std::uint8_t* to = nullptr;
  std::size_t width = 0, rows = 1, from_pitch = 0, to_pitch = 0;
};

/// An image packed at `to`, in the order of its strides: what touches stays together, gaps are left out.
struct PackedImage {
  ImageView view;               ///< at `to`; at most channels * height * width bytes
  std::vector<RowCopy> copies;  ///< one for every image whose gaps are alike (CHW, HWC, flipped, a crop of HWC)
};
PackedImage pack(const ImageView& image, std::uint8_t* to);

/// Every image that some job reads, packed at its place from `memory` on; the others are as they are, without copies.
std::vector<PackedImage> pack(const Staging& staging, std::span<const ImageView> images, std::byte* memory);

}  // namespace kir::cuda
