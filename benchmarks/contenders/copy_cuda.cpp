#include "benchmarks/contenders/copy_cuda.hpp"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <vector>

#include "kernels/cuda/copy_floor.hpp"
#include "kernels/cuda/device.hpp"

namespace kir::benchmarks {
namespace {

void check(cudaError_t status, const char* call) {
  if (status != cudaSuccess) throw std::runtime_error(std::string(call) + ": " + cudaGetErrorString(status));
}

struct DeviceFree {
  void operator()(void* memory) const { cudaFree(memory); }
};
using DeviceMemory = std::unique_ptr<std::uint8_t, DeviceFree>;

DeviceMemory allocate(std::size_t bytes) {
  void* memory = nullptr;
  check(cudaMalloc(&memory, bytes), "cudaMalloc");
  return DeviceMemory(static_cast<std::uint8_t*>(memory));
}

struct EventDestroy {
  void operator()(cudaEvent_t event) const { cudaEventDestroy(event); }
};
using Event = std::unique_ptr<CUevent_st, EventDestroy>;

Event make_event() {
  cudaEvent_t event = nullptr;
  check(cudaEventCreate(&event), "cudaEventCreate");
  return Event(event);
}

// Sets of buffers that are used in turn, so many that a set has left the cache when its turn comes again.
class Traffic {
 public:
  Traffic(std::size_t read_bytes, std::size_t write_bytes) : read_bytes_(read_bytes), write_bytes_(write_bytes) {
    constexpr std::size_t kCaches = 4;
    int cache = 0;
    check(cudaDeviceGetAttribute(&cache, cudaDevAttrL2CacheSize, 0), "cudaDeviceGetAttribute");
    const std::size_t set = std::max<std::size_t>(1, read_bytes + write_bytes);
    const std::size_t sets = std::max<std::size_t>(2, (kCaches * static_cast<std::size_t>(cache) + set - 1) / set);

    std::vector<std::uint8_t> pixels(read_bytes);
    std::uint32_t state = 1;  // any bytes but equal ones, which memory may compress
    for (std::uint8_t& byte : pixels) byte = static_cast<std::uint8_t>((state = state * 1664525 + 1013904223) >> 24);
    for (std::size_t i = 0; i < sets; ++i) {
      sources_.push_back(allocate(read_bytes + 1));
      targets_.push_back(allocate(write_bytes + 1));
      check(cudaMemcpy(sources_.back().get(), pixels.data(), read_bytes, cudaMemcpyHostToDevice), "cudaMemcpy");
    }
    checksum_ = allocate(sizeof(std::uint32_t));
    verify(pixels);
  }

  // One pass over the next set of buffers, in seconds.
  double run() {
    check(cudaEventRecord(begin_.get()), "cudaEventRecord");
    launch();
    check(cudaEventRecord(end_.get()), "cudaEventRecord");
    check(cudaEventSynchronize(end_.get()), "cudaEventSynchronize");
    float milliseconds = 0;
    check(cudaEventElapsedTime(&milliseconds, begin_.get(), end_.get()), "cudaEventElapsedTime");
    return milliseconds * 1e-3;
  }

 private:
  void launch() {
    next_ = (next_ + 1) % sources_.size();
    check(cuda::copy_floor(sources_[next_].get(), read_bytes_, targets_[next_].get(), write_bytes_,
                           reinterpret_cast<std::uint32_t*>(checksum_.get()), nullptr),
          "copy_floor");
  }

  void verify(const std::vector<std::uint8_t>& pixels) {
    std::uint32_t expected_sum = 0, sum = 0;
    for (std::size_t i = 0; i < pixels.size(); ++i) expected_sum ^= std::uint32_t{pixels[i]} << (i % 4 * 8);
    std::vector<std::uint8_t> expected(write_bytes_), result(write_bytes_);
    std::copy_n(pixels.begin(), std::min(read_bytes_, write_bytes_), expected.begin());

    check(cudaMemset(checksum_.get(), 0, sizeof sum), "cudaMemset");
    check(cudaMemset(targets_[(next_ + 1) % targets_.size()].get(), 0xa5, write_bytes_), "cudaMemset");
    launch();
    check(cudaMemcpy(&sum, checksum_.get(), sizeof sum, cudaMemcpyDeviceToHost), "cudaMemcpy");
    check(cudaMemcpy(result.data(), targets_[next_].get(), write_bytes_, cudaMemcpyDeviceToHost), "cudaMemcpy");
    if (sum != expected_sum) throw std::runtime_error("copy_floor did not read every byte of its source once");
    if (result != expected) throw std::runtime_error("copy_floor did not write every byte of its target");
  }

  std::size_t read_bytes_, write_bytes_, next_ = 0;
  std::vector<DeviceMemory> sources_, targets_;
  DeviceMemory checksum_;
  Event begin_ = make_event(), end_ = make_event();
};

}  // namespace

std::string cuda_copy_not_run() {
  return cuda::list_devices().reason;
}

Contender cuda_copy_contender(std::int64_t read_bytes, std::int64_t write_bytes) {
  Contender contender;
  contender.name = kCudaCopy;
  contender.backend = "none";
  contender.numerics = "none";
  contender.bytes = read_bytes + write_bytes;
  try {
    const auto traffic =
        std::make_shared<Traffic>(static_cast<std::size_t>(read_bytes), static_cast<std::size_t>(write_bytes));
    contender.run_seconds = [traffic] { return traffic->run(); };
  } catch (const std::exception& error) {
    contender.refused = error.what();
  }
  return contender;
}

}  // namespace kir::benchmarks
