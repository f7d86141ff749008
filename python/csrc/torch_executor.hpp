// The CPU backend's threads: those of torch, by its own rules (torch.set_num_threads; one in a data loader's process).
#pragma once

#include <torch/csrc/stable/ops.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "kir/backend.hpp"

namespace kir::python {

class TorchExecutor final : public Executor {
 public:
  /// `elements`: how much there is to read and write; a thread is worth waking for kGrain of them.
  explicit TorchExecutor(std::int64_t elements)
      : workers_(static_cast<int>(std::clamp<std::int64_t>(elements / kGrain, 1, torch::stable::get_num_threads()))) {}

  int workers() const override { return workers_; }

  /// torch shares out worker numbers, and whoever has one takes the next task that nobody has: tasks differ in length.
  void parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& task) override {
    if (workers_ == 1) {
      for (std::int64_t i = 0; i < count; ++i) task(i, 0);
      return;
    }
    std::atomic<std::int64_t> next{0};
    std::exception_ptr first_error;  // a C interface is between us and the loop's caller: exceptions go around it
    std::mutex error_mutex;
    torch::stable::parallel_for(0, std::min<std::int64_t>(workers_, count), 1,
                                [&](std::int64_t begin, std::int64_t end) {
                                  for (std::int64_t worker = begin; worker < end; ++worker) {
                                    for (std::int64_t i = next++; i < count; i = next++) {
                                      try {
                                        task(i, static_cast<int>(worker));
                                      } catch (...) {
                                        const std::lock_guard lock(error_mutex);
                                        if (!first_error) first_error = std::current_exception();
                                      }
                                    }
                                  }
                                });
    if (first_error) std::rethrow_exception(first_error);
  }

 private:
  static constexpr std::int64_t kGrain = 32768;  // at::internal::GRAIN_SIZE, by which torch's own operations go
  int workers_;
};

}  // namespace kir::python
