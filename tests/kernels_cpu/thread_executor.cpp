#include "tests/kernels_cpu/thread_executor.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace kir::test {

void ThreadExecutor::parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& task) {
  std::atomic<std::int64_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  std::vector<std::thread> threads;
  for (int worker = 0; worker < workers_; ++worker) {
    threads.emplace_back([&, worker] {
      for (std::int64_t i = next++; i < count; i = next++) {
        try {
          task(i, worker);
        } catch (...) {
          const std::lock_guard lock(mutex);
          failure = std::current_exception();
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace kir::test
