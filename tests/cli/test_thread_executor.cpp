#include <atomic>
#include <stdexcept>
#include <string>
#include <vector>

#include "apps/thread_executor.hpp"
#include "kir/error.hpp"
#include "tests/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"

using kir::apps::kMaxThreads;
using kir::apps::ThreadExecutor;

TEST_CASE("every task runs once, no worker does two at once", "[thread_executor]") {
  for (const int threads : {1, 2, 7}) {
    ThreadExecutor executor(threads);
    REQUIRE(executor.workers() == threads);
    // Many calls on one pool: a task that is lost, or taken twice, between two calls shows.
    for (const int count : {0, 1, 2, 6, 7, 8, 1000, 3}) {
      CAPTURE(threads, count);
      std::vector<std::atomic<int>> runs(static_cast<std::size_t>(count));
      std::vector<std::atomic<int>> active(static_cast<std::size_t>(threads));
      std::atomic<int> clashes{0};
      executor.parallel_for(count, [&](std::int64_t i, int worker) {
        if (worker < 0 || worker >= threads || active[static_cast<std::size_t>(worker)]++ != 0) ++clashes;
        ++runs[static_cast<std::size_t>(i)];
        --active[static_cast<std::size_t>(worker)];
      });
      CHECK(clashes == 0);
      for (const auto& run : runs) CHECK(run == 1);
    }
  }
}

TEST_CASE("a task's exception is rethrown once the others have ended", "[thread_executor]") {
  for (const int threads : {1, 4}) {
    ThreadExecutor executor(threads);
    std::atomic<int> ended{0};
    const auto task = [&](std::int64_t i, int) {
      if (i == 5) throw std::runtime_error("task 5");
      ++ended;
    };
    CHECK_THROWS_WITH(executor.parallel_for(100, task), "task 5");
    CHECK(ended == 99);
    // The pool is whole afterwards.
    ended = 0;
    executor.parallel_for(3, [&](std::int64_t, int) { ++ended; });
    CHECK(ended == 3);
  }
}

TEST_CASE("a number of threads out of range is refused", "[thread_executor]") {
  for (const int threads : {-1, kMaxThreads + 1}) {
    CAPTURE(threads);
    const kir::Error error = kir::test::error_of([&] { const ThreadExecutor executor(threads); });
    CHECK(error.argument == "threads");
    CHECK(kir::test::contains(error.message, std::to_string(threads)));
  }
  CHECK(ThreadExecutor(0).workers() >= 1);
}
