#include "benchmarks/cuda/train.hpp"

#include <algorithm>
#include <vector>

#include "benchmarks/median.hpp"

namespace kir::benchmarks {
namespace {

class Measurement {
 public:
  Measurement(const std::function<void(std::size_t)>& call, std::size_t sets, DeviceQueue& queue,
              const TrainSettings& settings)
      : call_(call), sets_(sets), queue_(queue), settings_(settings) {}

  TrainTimes make() {
    warm_up();
    TrainTimes times;
    times.host_s = host_time();
    times.isolated_s = isolated_time();
    times.wall_s = wall_time();
    train(times);
    return times;
  }

 private:
  void call() {
    call_(next_);
    next_ = (next_ + 1) % sets_;
  }

  /// How many calls fit into `seconds`.
  int calls_in(double seconds, double call_s, int least, int most) const {
    return static_cast<int>(std::clamp(seconds / std::max(call_s, 1e-9), double(least), double(most)));
  }

  /// Calls until the time is over; leaves how long one takes, all in all.
  void warm_up() {
    constexpr int kAtOnce = 4, kLeast = 2;
    const double start = queue_.now_s();
    for (int rounds = 0; rounds < kLeast || queue_.now_s() - start < settings_.warm_s; ++rounds) {
      const double before = queue_.now_s();
      for (int i = 0; i < kAtOnce; ++i) call();
      queue_.wait();
      rough_s_ = (queue_.now_s() - before) / kAtOnce;
      if (rough_s_ * kAtOnce > settings_.warm_s) break;  // a long call has warmed up
    }
  }

  double host_time() {
    constexpr int kAtOnce = 3;  // in the queue: never full
    const int samples = calls_in(settings_.samples_s, rough_s_, 3, settings_.samples);
    std::vector<double> times;
    for (int i = 0; i < samples; ++i) {
      if (i % kAtOnce == 0) queue_.wait();
      const double before = queue_.now_s();
      call();
      times.push_back(queue_.now_s() - before);
    }
    queue_.wait();
    return median(std::move(times));
  }

  double isolated_time() {
    const int samples = calls_in(settings_.samples_s, rough_s_, 3, settings_.samples);
    std::vector<double> times;
    for (int i = 0; i < samples; ++i) {
      queue_.wait();
      queue_.begin();
      call();
      queue_.end();
      times.push_back(queue_.elapsed_s());
    }
    return median(std::move(times));
  }

  double wall_time() {
    const int calls = calls_in(settings_.longest_train_s, rough_s_, 1, settings_.calls);
    queue_.wait();
    const double before = queue_.now_s();
    for (int i = 0; i < calls; ++i) call();
    queue_.wait();
    rough_s_ = (queue_.now_s() - before) / calls;
    return rough_s_;
  }

  /// The device is held while the host queues the train behind it; then the calls run with no host between them. A
  /// hold that was too short is doubled. A queue has an end, though: where the longest hold does not help, half the
  /// calls are tried. A single call that no hold gets ahead of waits for the device itself.
  void train(TrainTimes& times) {
    times.calls = 1;
    bool is_ahead = get_ahead(times);
    if (is_ahead) {
      times.calls = std::min(calls_in(settings_.longest_train_s, rough_s_, 1, settings_.calls),
                             calls_in(settings_.longest_hold_s, kSpare * times.host_s, 1, settings_.calls));
      while (!(is_ahead = get_ahead(times)) && times.calls > 1) times.calls /= 2;
    }
    times.host_limited = !is_ahead;
    if (!is_ahead) times.call_s = times.wall_s;
  }

  /// Runs the train behind longer and longer holds until the host is ahead; false when it never was.
  bool get_ahead(TrainTimes& times) {
    constexpr double kStart = 100e-6;
    for (double hold_s = kStart + kSpare * times.host_s * times.calls;; hold_s *= 2) {
      const double held_s = std::min(hold_s, settings_.longest_hold_s);
      if (run_train(times, held_s)) return true;
      if (held_s == settings_.longest_hold_s) return false;
    }
  }

  /// Whether the host was ahead all the time: it had queued the last call before the hold ended, or, where the queue
  /// was full and the host waited for the device, when the device still had calls to do.
  bool run_train(TrainTimes& times, double hold_s) {
    constexpr double kCallsAhead = 2;
    queue_.wait();
    const double before = queue_.now_s();
    queue_.hold(hold_s);
    queue_.begin();
    for (int i = 0; i < times.calls; ++i) call();
    queue_.end();
    const double queued = queue_.now_s();
    times.call_s = queue_.elapsed_s() / times.calls;
    return queued - before <= hold_s || queue_.now_s() - queued >= kCallsAhead * times.call_s;
  }

  const std::function<void(std::size_t)>& call_;
  std::size_t sets_, next_ = 0;
  DeviceQueue& queue_;
  const TrainSettings& settings_;
  double rough_s_ = 0;
  static constexpr double kSpare = 2;  // the host is not always as fast as its median
};

}  // namespace

TrainTimes measure_train(const std::function<void(std::size_t)>& call, std::size_t sets, DeviceQueue& queue,
                         const TrainSettings& settings) {
  return Measurement(call, sets, queue, settings).make();
}

}  // namespace kir::benchmarks
