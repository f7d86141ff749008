#include "apps/thread_executor.hpp"

#include <algorithm>

#include "kir/error.hpp"

namespace kir::apps {

ThreadExecutor::ThreadExecutor(int threads) {
  if (threads < 0 || threads > kMaxThreads) {
    throw Error(ErrorCode::invalid_argument, "threads",
                std::to_string(threads) + " is not 0 (all cores) or 1.." + std::to_string(kMaxThreads));
  }
  if (threads == 0) threads = std::clamp(static_cast<int>(std::thread::hardware_concurrency()), 1, kMaxThreads);
  threads_.reserve(static_cast<std::size_t>(threads - 1));
  try {
    for (int worker = 1; worker < threads; ++worker) {
      threads_.emplace_back([this, worker] { serve(worker); });
    }
  } catch (...) {  // the system has no more threads: those that began must end before the object goes
    stop();
    throw;
  }
}

ThreadExecutor::~ThreadExecutor() {
  stop();
}

void ThreadExecutor::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  begin_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadExecutor::parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& task) {
  const std::lock_guard call(call_);
  {
    const std::lock_guard lock(mutex_);
    task_ = &task;
    next_ = 0;
    count_ = count;
    error_ = nullptr;
    busy_ = static_cast<int>(threads_.size());
    ++calls_;
  }
  begin_.notify_all();
  take_tasks(0);
  std::unique_lock lock(mutex_);
  end_.wait(lock, [this] { return busy_ == 0; });
  if (error_) std::rethrow_exception(error_);
}

void ThreadExecutor::serve(int worker) {
  std::uint64_t served = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      begin_.wait(lock, [&] { return stop_ || calls_ != served; });
      if (stop_) return;
      served = calls_;
    }
    take_tasks(worker);
    const std::lock_guard lock(mutex_);
    if (--busy_ == 0) end_.notify_one();
  }
}

// Every task runs even after one has thrown: the interface promises that the others end, and the first exception is
// kept.
void ThreadExecutor::take_tasks(int worker) {
  for (;;) {
    std::int64_t index;
    {
      const std::lock_guard lock(mutex_);
      if (next_ >= count_) return;
      index = next_++;
    }
    try {
      (*task_)(index, worker);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!error_) error_ = std::current_exception();
    }
  }
}

}  // namespace kir::apps
