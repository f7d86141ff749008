// Images in one allocation of pinned host memory.
#pragma once

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "kernels/cuda/check.hpp"
#include "parity/image.hpp"

namespace kir::test {

/// Contiguous CHW images, one after the other without gaps.
class PinnedImages {
 public:
  explicit PinnedImages(const std::vector<parity::Image>& images) {
    std::size_t bytes = 1;
    for (const parity::Image& image : images) bytes += bytes_of(image.size());
    void* memory = nullptr;
    cuda::check(cudaMallocHost(&memory, bytes), "cudaMallocHost");
    memory_ = static_cast<std::uint8_t*>(memory);
    std::uint8_t* at = memory_;
    for (const parity::Image& image : images) {
      views_.push_back(chw_view(at, image.size()));
      at += bytes_of(image.size());
    }
    fill(images);
  }
  ~PinnedImages() { cudaFreeHost(memory_); }
  PinnedImages(const PinnedImages&) = delete;
  PinnedImages& operator=(const PinnedImages&) = delete;

  /// Other pixels of the same sizes.
  void fill(const std::vector<parity::Image>& images) {
    std::uint8_t* at = memory_;
    for (const parity::Image& image : images) {
      const ImageSize size = image.size();
      for (int c = 0; c < size.channels; ++c)
        for (int y = 0; y < size.height; ++y)
          for (int x = 0; x < size.width; ++x) *at++ = image.at(c, y, x);
    }
  }

  const std::vector<ImageView>& views() const { return views_; }

 private:
  static std::size_t bytes_of(const ImageSize& size) { return std::size_t(size.channels) * size.height * size.width; }

  std::uint8_t* memory_ = nullptr;
  std::vector<ImageView> views_;
};

}  // namespace kir::test
