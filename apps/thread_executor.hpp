// An Executor with threads of its own: for programs, never for the library, whose threads come from its caller.
#pragma once

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "kir/backend.hpp"

namespace kir::apps {

/// More threads than any machine has cores for; a larger number is a mistake.
inline constexpr int kMaxThreads = 1024;

/// A fixed pool; the calling thread works too. parallel_for may be called from one thread at a time (a second waits),
/// not from inside a task.
class ThreadExecutor final : public Executor {
 public:
  /// 1..kMaxThreads threads, the calling one included; 0 = as many as the machine has cores. Throws
  /// Error{invalid_argument, "threads"}.
  explicit ThreadExecutor(int threads);
  ~ThreadExecutor() override;

  int workers() const override { return static_cast<int>(threads_.size()) + 1; }
  void parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& task) override;

 private:
  void stop();
  void serve(int worker);
  void take_tasks(int worker);

  std::vector<std::thread> threads_;
  std::mutex call_;  // one parallel_for at a time

  std::mutex mutex_;  // guards all below
  std::condition_variable begin_, end_;
  const std::function<void(std::int64_t, int)>* task_ = nullptr;
  std::int64_t next_ = 0, count_ = 0;
  std::uint64_t calls_ = 0;  // counts parallel_for calls
  int busy_ = 0;             // pool threads that have not finished this call
  bool stop_ = false;
  std::exception_ptr error_;
};

}  // namespace kir::apps
