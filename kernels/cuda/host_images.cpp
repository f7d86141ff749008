#include "kernels/cuda/host_images.hpp"

#include <cuda.h>  // types of the driver; its library is not linked

#include <algorithm>
#include <cstdlib>
#include <string>
#include <utility>

#include "kernels/cuda/check.hpp"
#include "kernels/cuda/device.hpp"

namespace kir::cuda {
namespace {

/// A chunk of this size takes longer on its way than its launches take on the host.
constexpr std::size_t kLeastChunkBytes = std::size_t{2} << 20;

std::size_t bytes_of(const ImageSize& size) {
  return static_cast<std::size_t>(size.channels) * static_cast<std::size_t>(size.height) *
         static_cast<std::size_t>(size.width);
}

/// The image that a job of the first level waits for; jobs of any other kind wait for none.
std::int32_t image_of(const Job& job) {
  return job.from.kind == Source::Kind::image ? job.from.index : -1;
}

/// The capture that a stream is part of; 0 when it is part of none. The legacy stream cannot be captured.
unsigned long long capture_of(cudaStream_t stream) {
  if (stream == nullptr || stream == cudaStreamLegacy) return 0;
  cudaStreamCaptureStatus status = cudaStreamCaptureStatusNone;
  unsigned long long id = 0;
  check(cudaStreamGetCaptureInfo(stream, &status, &id), "cudaStreamGetCaptureInfo");
  return status == cudaStreamCaptureStatusNone ? 0 : id;
}

/// The end of the pinned allocation that holds an address; nullptr where memory is pageable. A copy from the host may
/// not reach from one allocation into the next, even where no byte lies between them.
const std::uint8_t* pinned_end(const std::uint8_t* address) {
  using Query = CUresult(CUDAAPI*)(void*, CUpointer_attribute, CUdeviceptr);
  static const Query query = [] {
    void* entry = nullptr;
    cudaDriverEntryPointQueryResult found{};
#if CUDART_VERSION >= 12050
    check(cudaGetDriverEntryPointByVersion("cuPointerGetAttribute", &entry, 12000, cudaEnableDefault, &found),
          "cudaGetDriverEntryPointByVersion");
#else
    check(cudaGetDriverEntryPoint("cuPointerGetAttribute", &entry, cudaEnableDefault, &found),
          "cudaGetDriverEntryPoint");
#endif
    return reinterpret_cast<Query>(entry);
  }();
  const auto at = reinterpret_cast<CUdeviceptr>(address);
  CUdeviceptr start = 0;
  std::size_t bytes = 0;
  if (query == nullptr || query(&start, CU_POINTER_ATTRIBUTE_RANGE_START_ADDR, at) != CUDA_SUCCESS ||
      query(&bytes, CU_POINTER_ATTRIBUTE_RANGE_SIZE, at) != CUDA_SUCCESS) {
    return nullptr;
  }
  return reinterpret_cast<const std::uint8_t*>(start) + bytes;
}

/// Making a stream is no part of what the caller captures.
class CaptureRelaxed {
 public:
  CaptureRelaxed() { exchange(); }
  ~CaptureRelaxed() { exchange(); }
  CaptureRelaxed(const CaptureRelaxed&) = delete;
  CaptureRelaxed& operator=(const CaptureRelaxed&) = delete;

 private:
  void exchange() { cudaThreadExchangeStreamCaptureMode(&mode_); }
  cudaStreamCaptureMode mode_ = cudaStreamCaptureModeRelaxed;
};

}  // namespace

// ---------------------------------------------------------------------------------------------------------------------
// Where and when

Staging::Staging(const Plan& plan) : offsets_(plan.images.size(), -1) {
  for (const Level& level : plan.levels) {
    for (const Job& job : level.jobs) {
      if (image_of(job) >= 0) offsets_[static_cast<std::size_t>(image_of(job))] = 0;
    }
  }
  for (std::size_t i = 0; i < plan.images.size(); ++i) {
    if (offsets_[i] < 0) continue;
    offsets_[i] = static_cast<std::int64_t>(bytes_);
    bytes_ += bytes_of(plan.images[i]);
  }

  if (!plan.levels.empty()) {
    const auto earlier = [](const Job& a, const Job& b) { return image_of(a) < image_of(b); };
    jobs_ = plan.levels[0].jobs;
    if (!std::is_sorted(jobs_.begin(), jobs_.end(), earlier)) {
      sorted_.assign(jobs_.begin(), jobs_.end());
      std::stable_sort(sorted_.begin(), sorted_.end(), earlier);
      jobs_ = sorted_;
    }
  }

  const std::size_t least = std::max(kLeastChunkBytes, (bytes_ + kMostChunks - 1) / kMostChunks);
  const auto images = static_cast<std::int32_t>(plan.images.size());
  const auto jobs = static_cast<std::int32_t>(jobs_.size());
  Chunk chunk;
  std::size_t filled = 0;
  for (std::int32_t image = 0; image < images; ++image) {
    if (offsets_[static_cast<std::size_t>(image)] >= 0)
      filled += bytes_of(plan.images[static_cast<std::size_t>(image)]);
    while (chunk.job_end < jobs && image_of(jobs_[static_cast<std::size_t>(chunk.job_end)]) <= image) ++chunk.job_end;
    chunk.image_end = image + 1;
    if (filled < least) continue;
    chunks_.push_back(chunk);
    chunk = {chunk.image_end, chunk.image_end, chunk.job_end, chunk.job_end};
    filled = 0;
  }
  if (filled > 0 || chunks_.empty()) chunks_.push_back(chunk);
  chunks_.back().image_end = images;
  chunks_.back().job_end = jobs;
}

// ---------------------------------------------------------------------------------------------------------------------
// What

PackedImage pack(const ImageView& image, std::uint8_t* to) {
  struct Dimension {
    std::int64_t count, stride;
    std::int64_t ImageView::*staged;
  };
  std::array<Dimension, 3> dimensions{{{image.size.channels, image.stride_channel, &ImageView::stride_channel},
                                       {image.size.height, image.stride_y, &ImageView::stride_y},
                                       {image.size.width, image.stride_x, &ImageView::stride_x}}};
  std::sort(dimensions.begin(), dimensions.end(),
            [](const Dimension& a, const Dimension& b) { return std::abs(a.stride) < std::abs(b.stride); });

  PackedImage packed;
  packed.view = {to, image.size, 0, 0, 0};
  const std::uint8_t* from = image.data;  // the image's lowest address
  for (const Dimension& d : dimensions) from += std::min<std::int64_t>(0, d.stride * (d.count - 1));

  // What touches or overlaps is one run of bytes; every dimension beyond a gap makes rows of it.
  struct Rows {
    std::int64_t count, from_pitch, to_pitch;
  };
  std::vector<Rows> outer;
  std::int64_t run = 1, whole = 1;
  for (const Dimension& d : dimensions) {
    if (d.count == 1) continue;
    const std::int64_t distance = std::abs(d.stride);
    std::int64_t staged = distance;
    if (outer.empty() && distance <= run) {
      run += (d.count - 1) * distance;
      whole = run;
    } else {
      staged = whole;
      whole *= d.count;
      Rows* last = outer.empty() ? nullptr : &outer.back();
      if (last != nullptr && distance == last->count * last->from_pitch) {
        last->count *= d.count;
      } else {
        outer.push_back({d.count, distance, staged});
      }
    }
    packed.view.*d.staged = d.stride < 0 ? -staged : staged;
    if (d.stride < 0) packed.view.data += (d.count - 1) * staged;
  }

  // The longest dimension is the rows of a copy; there is a copy for each position of the others.
  std::stable_sort(outer.begin(), outer.end(), [](const Rows& a, const Rows& b) { return a.count > b.count; });
  const Rows rows = outer.empty() ? Rows{1, run, run} : outer.front();
  packed.copies.push_back({from, to, static_cast<std::size_t>(run), static_cast<std::size_t>(rows.count),
                           static_cast<std::size_t>(rows.from_pitch), static_cast<std::size_t>(rows.to_pitch)});
  for (std::size_t k = 1; k < outer.size(); ++k) {
    const std::size_t before = packed.copies.size();
    for (std::int64_t i = 1; i < outer[k].count; ++i) {
      for (std::size_t j = 0; j < before; ++j) {
        RowCopy copy = packed.copies[j];
        copy.from += i * outer[k].from_pitch;
        copy.to += i * outer[k].to_pitch;
        packed.copies.push_back(copy);
      }
    }
  }
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

void refuse_pageable_capture(const Staging& staging, std::span<const ImageView> images, cudaStream_t stream) {
  if (capture_of(stream) == 0) return;
  for (std::size_t i = 0; i < images.size(); ++i) {
    if (staging.offset(i) < 0) continue;
    cudaPointerAttributes attributes{};
    check(cudaPointerGetAttributes(&attributes, images[i].data), "cudaPointerGetAttributes");
    if (attributes.type != cudaMemoryTypeUnregistered) continue;
    throw Error(ErrorCode::invalid_argument, "images[" + std::to_string(i) + "]",
                "is in pageable host memory, which a CUDA graph cannot copy; allocate it with cudaMallocHost or "
                "register it with cudaHostRegister before the capture");
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// How

CopyLane::CopyLane() {
  const CaptureRelaxed relaxed;
  check(cudaGetDevice(&device_), "cudaGetDevice");
  check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
  for (cudaEvent_t& event : events_) {
    check(cudaEventCreateWithFlags(&event, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  }
}

CopyLane::~CopyLane() {
  // At the end of the process the runtime may be gone before us; there is nobody left to tell.
  for (const cudaEvent_t event : events_) {
    if (event != nullptr) cudaEventDestroy(event);
  }
  if (stream_ != nullptr) cudaStreamDestroy(stream_);
}

void copy_rows(const RowCopy& copy, cudaStream_t stream) {
  if (copy.rows == 1) {
    check(cudaMemcpyAsync(copy.to, copy.from, copy.width, cudaMemcpyHostToDevice, stream), "cudaMemcpyAsync");
  } else {
    check(cudaMemcpy2DAsync(copy.to, copy.to_pitch, copy.from, copy.from_pitch, copy.width, copy.rows,
                            cudaMemcpyHostToDevice, stream),
          "cudaMemcpy2DAsync");
  }
}

void CopyLane::begin_after(cudaStream_t stream) {
  check(cudaEventRecord(events_[kMostChunks], stream), "cudaEventRecord");
  check(cudaStreamWaitEvent(stream_, events_[kMostChunks], 0), "cudaStreamWaitEvent");
}

void CopyLane::join(int chunk, cudaStream_t stream) {
  const cudaEvent_t event = events_[static_cast<std::size_t>(chunk)];
  check(cudaEventRecord(event, stream_), "cudaEventRecord");
  check(cudaStreamWaitEvent(stream, event, 0), "cudaStreamWaitEvent");
}

void CopyLane::copy(std::span<const PackedImage> images) {
  RowCopy waiting;  // one row, which a neighbour may lengthen
  const std::uint8_t* end = nullptr;
  const auto touches = [&](const RowCopy& next) {
    if (waiting.width == 0 || next.rows != 1) return false;
    if (waiting.from + waiting.width != next.from || waiting.to + waiting.width != next.to) return false;
    if (end == nullptr) end = pinned_end(waiting.from);
    return next.from + next.width <= end;
  };
  const auto flush = [&] {
    if (waiting.width > 0) copy_rows(waiting, stream_);
    waiting.width = 0;
    end = nullptr;
  };
  for (const PackedImage& image : images) {
    for (const RowCopy& copy : image.copies) {
      if (touches(copy)) {
        waiting.width += copy.width;
        continue;
      }
      flush();
      if (copy.rows == 1) {
        waiting = copy;
      } else {
        copy_rows(copy, stream_);
      }
    }
  }
  flush();
}

CopyLanes::Borrowed CopyLanes::borrow(cudaStream_t stream) {
  const unsigned long long capture = capture_of(stream);
  const int device = device_facts().index;
  const std::lock_guard lock(mutex_);
  for (auto lane = free_.begin(); lane != free_.end(); ++lane) {
    if ((*lane)->device() != device) continue;
    const unsigned long long busy = capture_of((*lane)->stream());
    if (busy != 0 && busy != capture) continue;
    std::unique_ptr<CopyLane> taken = std::move(*lane);
    free_.erase(lane);
    return Borrowed(*this, std::move(taken));
  }
  return Borrowed(*this, std::make_unique<CopyLane>());
}

void CopyLanes::give_back(std::unique_ptr<CopyLane> lane) {
  const std::lock_guard lock(mutex_);
  free_.push_back(std::move(lane));
}

}  // namespace kir::cuda
