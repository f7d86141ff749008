// Images in host memory: they are copied to the workspace in chunks, on a stream of their own, so that the kernels of
// one chunk run while the next is on its way.
#pragma once

#include <cuda_runtime_api.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <utility>
#include <vector>

#include "kir/backend.hpp"

namespace kir::cuda {

/// Most chunks of a run. The kernels of the last one run after its copy, so a chunk is a small part of the whole; but
/// each copy begins a few microseconds after the one before.
inline constexpr int kMostChunks = 8;

/// Images [image_begin, image_end), and the jobs [job_begin, job_end) of Staging::jobs() that read them.
struct Chunk {
  std::int32_t image_begin = 0, image_end = 0;
  std::int32_t job_begin = 0, job_end = 0;
};

/// Where the images of a plan are staged and when their jobs may run. Depends on the plan alone.
class Staging {
 public:
  explicit Staging(const Plan& plan);
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// Images that some job reads, one after the other without gaps.
  std::size_t bytes() const { return bytes_; }
  /// Offset of an image; -1 when no job reads it.
  std::int64_t offset(std::size_t image) const { return offsets_[image]; }
  /// Every image once, every job and fill of the first level once; at least one chunk.
  std::span<const Chunk> chunks() const { return chunks_; }
  /// The jobs of the first level in the order of the images that they read.
  std::span<const Job> jobs() const { return jobs_; }

 private:
  std::vector<std::int64_t> offsets_;
  std::vector<Chunk> chunks_;
  std::span<const Job> jobs_;
  std::vector<Job> sorted_;  ///< holds jobs_ where the plan has another order
  std::size_t bytes_ = 0;
};

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
