// What trains say of a device, on a device that is made of arithmetic.
#include "benchmarks/cuda/train.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "tests/catch.hpp"

using namespace kir::benchmarks;

namespace {

/// A device that needs `device_s` a call behind a host that needs `host_s` to queue it, with a queue of `room` calls.
class ModelQueue final : public DeviceQueue {
 public:
  ModelQueue(double host_s, double device_s, int room) : host_s_(host_s), device_s_(device_s), room_(room) {}

  void call(std::size_t set) {
    sets.insert(set);
    ++calls;
    while (!ends_.empty() && ends_.front() <= host_now_) ends_.erase(ends_.begin());
    if (static_cast<int>(ends_.size()) >= room_) {  // the host waits for a place
      host_now_ = ends_.front();
      ends_.erase(ends_.begin());
    }
    host_now_ += host_s_;
    work(device_s_);
    ends_.push_back(device_now_);
  }
  /// The host does something else.
  void delay(double seconds) { host_now_ += seconds; }
  void hold(double seconds) override {
    longest_hold = std::max(longest_hold, seconds);
    work(seconds);
  }
  void begin() override { begin_ = work(0); }
  void end() override { end_ = work(0); }
  double elapsed_s() override {
    wait();
    return end_ - begin_;
  }
  void wait() override { host_now_ = std::max(host_now_, device_now_); }
  double now_s() const override { return host_now_; }

  std::set<std::size_t> sets;
  int calls = 0;
  double longest_hold = 0;

 private:
  double work(double seconds) { return device_now_ = std::max(device_now_, host_now_) + seconds; }

  double host_s_, device_s_;
  int room_;
  double host_now_ = 0, device_now_ = 0, begin_ = 0, end_ = 0;
  std::vector<double> ends_;
};

TrainTimes measured(ModelQueue& queue, std::size_t sets = 5, const TrainSettings& settings = {}) {
  return measure_train([&](std::size_t set) { queue.call(set); }, sets, queue, settings);
}

bool near(double a, double b) {
  return std::abs(a - b) <= 1e-6 * b;
}

}  // namespace

TEST_CASE("a device that is slower than its host is measured as it is", "[benchmarks][train]") {
  ModelQueue queue(8e-6, 60e-6, 500);
  const TrainTimes times = measured(queue);
  CHECK(near(times.call_s, 60e-6));
  CHECK(near(times.host_s, 8e-6));
  CHECK(near(times.isolated_s, 68e-6));  // between the stamps the host queues the call
  CHECK(times.wall_s >= 60e-6);
  CHECK(times.wall_s <= 61e-6);
  CHECK(times.calls == 64);
  CHECK_FALSE(times.host_limited);
  CHECK(queue.sets == std::set<std::size_t>{0, 1, 2, 3, 4});
}

TEST_CASE("a host that is slower than its device is not what the train measures", "[benchmarks][train]") {
  ModelQueue queue(8e-6, 3e-6, 500);
  const TrainTimes times = measured(queue);
  CHECK(near(times.call_s, 3e-6));
  CHECK(near(times.host_s, 8e-6));
  CHECK(times.wall_s >= 8e-6);
  CHECK(times.calls == 64);
  CHECK_FALSE(times.host_limited);
}

TEST_CASE("a queue that has no room for the train gets a shorter one", "[benchmarks][train]") {
  ModelQueue queue(50e-6, 20e-6, 10);
  const TrainTimes times = measured(queue);
  CHECK(near(times.call_s, 20e-6));
  CHECK(times.calls == 8);
  CHECK_FALSE(times.host_limited);
}

TEST_CASE("a full queue does not matter to a host that is faster than its device", "[benchmarks][train]") {
  ModelQueue queue(5e-6, 900e-6, 8);
  const TrainTimes times = measured(queue);
  CHECK(near(times.call_s, 900e-6));
  CHECK(times.calls == 64);
  CHECK_FALSE(times.host_limited);
}

TEST_CASE("a hold that was too short is tried again, longer", "[benchmarks][train]") {
  ModelQueue queue(8e-6, 3e-6, 500);
  int calls = 0;
  // Once, in the first train, the host is late.
  const auto call = [&](std::size_t set) {
    if (queue.longest_hold > 0 && ++calls == 60) queue.delay(3e-3);
    queue.call(set);
  };
  const TrainTimes times = measure_train(call, 3, queue);
  CHECK(near(times.call_s, 3e-6));
  CHECK(times.calls == 64);
  CHECK_FALSE(times.host_limited);
}

TEST_CASE("a host that cannot stay ahead by any means is said to be the limit", "[benchmarks][train]") {
  ModelQueue queue(40e-3, 10e-3, 500);  // one call takes longer to queue than the longest hold
  const TrainTimes times = measured(queue);
  CHECK(times.calls == 1);
  CHECK(times.host_limited);
  CHECK(times.call_s == times.wall_s);
  CHECK(times.wall_s >= 40e-3);
  CHECK(times.wall_s <= 50e-3);
  CHECK(queue.longest_hold <= TrainSettings().longest_hold_s);
}

TEST_CASE("a call that waits for the device is timed by the host", "[benchmarks][train]") {
  ModelQueue queue(10e-6, 60e-6, 500);
  const auto call = [&](std::size_t set) {
    queue.call(set);
    queue.wait();
  };
  const TrainTimes times = measure_train(call, 3, queue);
  CHECK(times.host_limited);
  CHECK(times.call_s == times.wall_s);
  CHECK(near(times.wall_s, 70e-6));
}

TEST_CASE("a long call is made a few times, not sixty-four", "[benchmarks][train]") {
  ModelQueue queue(1e-3, 0.2, 500);
  const TrainTimes times = measured(queue);
  CHECK(times.calls == 1);
  CHECK(near(times.call_s, 0.2));
  CHECK(queue.calls <= 16);
}

TEST_CASE("what a call throws is passed on", "[benchmarks][train]") {
  ModelQueue queue(1e-6, 1e-6, 500);
  CHECK_THROWS_AS(measure_train([](std::size_t) { throw 7; }, 2, queue), int);
}
