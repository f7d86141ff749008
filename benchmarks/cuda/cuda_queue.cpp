#include "benchmarks/cuda/cuda_queue.hpp"

#include <chrono>

namespace kir::benchmarks {

double CudaQueue::megahertz() {
  if (!has_held_) return 0;
  HeldClock seen;
  wait();
  cuda::check(cudaMemcpy(&seen, seen_.get(), sizeof seen, cudaMemcpyDeviceToHost), "cudaMemcpy");
  return seen.nanoseconds > 0 ? 1e3 * static_cast<double>(seen.cycles) / static_cast<double>(seen.nanoseconds) : 0;
}

void CudaQueue::hold(double seconds) {
  has_held_ = true;
  cuda::check(
      launch_hold(static_cast<std::uint64_t>(seconds * 1e9), reinterpret_cast<HeldClock*>(seen_.get()), stream_.get()),
      "hold kernel");
}

void CudaQueue::begin() {
  cuda::check(cudaEventRecord(begin_.get(), stream_.get()), "cudaEventRecord");
}

void CudaQueue::end() {
  cuda::check(cudaEventRecord(end_.get(), stream_.get()), "cudaEventRecord");
}

double CudaQueue::elapsed_s() {
  cuda::check(cudaEventSynchronize(end_.get()), "cudaEventSynchronize");
  float milliseconds = 0;
  cuda::check(cudaEventElapsedTime(&milliseconds, begin_.get(), end_.get()), "cudaEventElapsedTime");
  return milliseconds * 1e-3;
}

void CudaQueue::wait() {
  cuda::check(cudaStreamSynchronize(stream_.get()), "cudaStreamSynchronize");
}

double CudaQueue::now_s() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace kir::benchmarks
