// An executor with threads of its own.
#pragma once

#include <cstdint>
#include <functional>

#include "kir/backend.hpp"

namespace kir::test {

/// `workers` threads for each call.
class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(int workers) : workers_(workers) {}
  int workers() const override { return workers_; }
  void parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& task) override;

 private:
  int workers_;
};

}  // namespace kir::test
