// Images in host memory: they are copied to the workspace in chunks, on a stream of their own, so that the kernels of
// one chunk run while the next is on its way.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "kernels/cuda/packing.hpp"
#include "kernels/cuda/staging.hpp"
#include "kir/backend.hpp"

namespace kir::cuda {

/// One copy from the host on `stream`. Throws Error{unsupported} when the CUDA runtime fails.
void copy_rows(const RowCopy& copy, cudaStream_t stream);

/// A stream for copies and the events that join it to the caller's stream, made once and used again.
class CopyLane {
 public:
  CopyLane();  ///< on the current device; Error{unsupported} when the CUDA runtime fails
  ~CopyLane();
  CopyLane(const CopyLane&) = delete;
  CopyLane& operator=(const CopyLane&) = delete;

  int device() const { return device_; }
  cudaStream_t stream() const { return stream_; }

  /// Copies wait for what `stream` has been given before.
  void begin_after(cudaStream_t stream);
  /// `stream` waits for all copies so far; `chunk` < kMostChunks, each once a run.
  void join(int chunk, cudaStream_t stream);
  /// Gives the stream the copies of some images. Neighbours that touch in one pinned allocation are one copy.
  void copy(std::span<const PackedImage> images);

 private:
  int device_ = 0;
  cudaStream_t stream_ = nullptr;
  std::array<cudaEvent_t, kMostChunks + 1> events_{};
};

/// The lanes of a backend: as many as its callers use at once. Thread safety: all functions may be called at once.
class CopyLanes {
 public:
  /// A lane for a run on `stream`: given back when the pointer goes. One whose stream still is part of another capture
  /// is left alone.
  class Borrowed {
   public:
    Borrowed(CopyLanes& lanes, std::unique_ptr<CopyLane> lane) : lanes_(lanes), lane_(std::move(lane)) {}
    ~Borrowed() { lanes_.give_back(std::move(lane_)); }
    Borrowed(const Borrowed&) = delete;
    Borrowed& operator=(const Borrowed&) = delete;
    CopyLane* operator->() { return lane_.get(); }

   private:
    CopyLanes& lanes_;
    std::unique_ptr<CopyLane> lane_;
  };
  Borrowed borrow(cudaStream_t stream);

 private:
  void give_back(std::unique_ptr<CopyLane> lane);

  std::mutex mutex_;
  std::vector<std::unique_ptr<CopyLane>> free_;
};

/// Error{invalid_argument, "images[i]"} when `stream` is being captured and an image that is read is in pageable
/// memory: a graph would copy it at each replay from wherever it was.
void refuse_pageable_capture(const Staging& staging, std::span<const ImageView> images, cudaStream_t stream);

}  // namespace kir::cuda
