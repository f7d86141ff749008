#include "kernels/cuda/host_images.hpp"

#include <cuda.h>  // types of the driver; its library is not linked

#include <algorithm>
#include <string>
#include <utility>

#include "kernels/cuda/check.hpp"
#include "kernels/cuda/device.hpp"

namespace kir::cuda {
namespace {

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
