// How long a call takes on a device that works through a queue: trains of calls, single calls, and the host's share.
// Knows no CUDA: the queue is an interface, so that the arithmetic is tested without a device.
#pragma once

#include <cstddef>
#include <functional>

namespace kir::benchmarks {

/// A device's queue with a pair of time stamps in it, and the host's clock.
class DeviceQueue {
 public:
  virtual ~DeviceQueue() = default;
  /// Keeps the device busy for `seconds` from when it gets there, so that the host can fill the queue behind it.
  virtual void hold(double seconds) = 0;
  /// Queue the two time stamps.
  virtual void begin() = 0;
  virtual void end() = 0;
  /// Device seconds between the stamps; waits for the second.
  virtual double elapsed_s() = 0;
  /// Waits until the queue is empty.
  virtual void wait() = 0;
  /// The host's clock.
  virtual double now_s() const = 0;
};

struct TrainSettings {
  int calls = 64;                ///< of a train; fewer only where a limit below says so
  double longest_train_s = 0.2;  ///< device time of a train
  double longest_hold_s = 0.03;  ///< while the host fills the queue
  double warm_s = 0.05;          ///< of calls before anything is timed: clocks rise, code is loaded
  double samples_s = 0.03;       ///< for isolated calls, and as much for host times
  int samples = 15;              ///< isolated calls, and host times
};

/// Seconds.
struct TrainTimes {
  double call_s = 0;          ///< device time a call in a train: calls queued back to back, the host ahead of them
  double isolated_s = 0;      ///< device time between two stamps around one call on an idle queue, median
  double host_s = 0;          ///< host time of one call while the queue has room, median
  double wall_s = 0;          ///< host time a call of a train from its start until the device is done, nothing held
  int calls = 0;              ///< of the train behind call_s
  bool host_limited = false;  ///< the host could not stay ahead even so, or waits for the device: call_s is wall_s
  double megahertz = 0;       ///< clock rate of the device's multiprocessors while the train was held; 0: not known
};

/// Times `call(set)`, which queues one call on the buffers of `set`. Sets are taken in turn, from 0 to `sets` - 1, by
/// all calls together. The queue must be the one that `call` uses. Passes on what `call` throws.
TrainTimes measure_train(const std::function<void(std::size_t)>& call, std::size_t sets, DeviceQueue& queue,
                         const TrainSettings& settings = {});

}  // namespace kir::benchmarks
