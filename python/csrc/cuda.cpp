#include "cuda.hpp"

#include <cuda_runtime_api.h>

#include <deque>
#include <memory>
#include <mutex>
#include <string>

#include "errors.hpp"
#include "kir/cuda.hpp"

namespace kir::python {

namespace {

void check(cudaError_t status, const char* what) {
  if (status == cudaSuccess) return;
  throw std::runtime_error(std::string(what) + ": " + cudaGetErrorString(status));
}

// Images that a stream reads, and the event behind its last read.
struct Kept {
  cudaEvent_t read = nullptr;
  std::vector<Tensor> images;
};

// Never destroyed: at the end of the process torch's allocator may be gone before we are.
struct KeptImages {
  std::mutex mutex;
  std::deque<Kept> list;
};

KeptImages& kept_images() {
  static auto* const kept = new KeptImages;
  return *kept;
}

bool is_pinned(const Tensor& tensor) {
  cudaPointerAttributes attributes{};
  check(cudaPointerGetAttributes(&attributes, tensor.const_data_ptr()), "cudaPointerGetAttributes");
  return attributes.type == cudaMemoryTypeHost;
}

}  // namespace

const Backend& cuda_backend(std::string_view name, const char*) {
  // Never destroyed: a thread may still run them when the process ends, and CUDA may be gone before us.
  if (name == "fused") {
    static const Backend& fused = *make_cuda_fused_backend().release();
    return fused;
  }
  static const Backend& separable = *make_cuda_separable_backend().release();
  return separable;
}

std::int32_t index_of(const Device& device) {
  if (device.has_index()) return device.index();
  std::int32_t index = 0;
  TORCH_ERROR_CODE_CHECK(aoti_torch_get_current_device_index(&index));
  return index;
}

CurrentDevice::CurrentDevice(std::int32_t index) {
  std::int32_t current = 0;
  TORCH_ERROR_CODE_CHECK(aoti_torch_get_current_device_index(&current));
  if (current == index) return;
  DeviceGuardHandle guard = nullptr;
  if (aoti_torch_create_device_guard(index, &guard) != AOTI_TORCH_SUCCESS) {
    throw_value_error("device", "cuda:" + std::to_string(index) + " is not a device of this machine");
  }
  guard_ = guard;
}

CurrentDevice::~CurrentDevice() {
  if (guard_ != nullptr) aoti_torch_delete_device_guard(static_cast<DeviceGuardHandle>(guard_));
}

void* current_stream(std::int32_t index) {
  void* stream = nullptr;
  TORCH_ERROR_CODE_CHECK(aoti_torch_get_current_cuda_stream(index, &stream));
  return stream;
}

void keep_pinned(const std::vector<Tensor>& images, void* stream) {
  cudaStreamCaptureStatus capture = cudaStreamCaptureStatusNone;
  check(cudaStreamIsCapturing(static_cast<cudaStream_t>(stream), &capture), "cudaStreamIsCapturing");
  if (capture != cudaStreamCaptureStatusNone) return;

  Kept kept;
  for (const Tensor& image : images) {
    if (is_pinned(image)) kept.images.push_back(image);
  }
  // The released ones are destroyed after the lock: that is torch's code.
  std::deque<Kept> released;
  KeptImages& all = kept_images();
  const std::lock_guard lock(all.mutex);
  while (!all.list.empty() && cudaEventQuery(all.list.front().read) == cudaSuccess) {
    released.push_back(std::move(all.list.front()));
    all.list.pop_front();
    check(cudaEventDestroy(released.back().read), "cudaEventDestroy");
  }
  cudaGetLastError();  // "not ready" is an answer, not an error of later calls
  if (kept.images.empty()) return;
  check(cudaEventCreateWithFlags(&kept.read, cudaEventDisableTiming), "cudaEventCreateWithFlags");
  check(cudaEventRecord(kept.read, static_cast<cudaStream_t>(stream)), "cudaEventRecord");
  all.list.push_back(std::move(kept));
}

}  // namespace kir::python
