// A CUDA stream as a DeviceQueue.
#pragma once

#include "benchmarks/cuda/hold.hpp"
#include "benchmarks/cuda/memory.hpp"
#include "benchmarks/cuda/train.hpp"
#include "kernels/cuda/device_memory.hpp"

namespace kir::benchmarks {

class CudaQueue final : public DeviceQueue {
 public:
  CudaQueue() = default;

  cudaStream_t stream() const { return stream_.get(); }
  /// The clock rate of a multiprocessor during the last hold; 0 when there was none. Waits.
  double megahertz();

  void hold(double seconds) override;
  void begin() override;
  void end() override;
  double elapsed_s() override;
  void wait() override;
  double now_s() const override;

 private:
  Stream stream_ = make_stream();
  Event begin_ = make_event(), end_ = make_event();
  cuda::DeviceMemory seen_ = cuda::allocate_on_device(sizeof(HeldClock));
  bool has_held_ = false;
};

}  // namespace kir::benchmarks
