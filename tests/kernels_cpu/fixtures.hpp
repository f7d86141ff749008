// What the tests of the CPU backend share: images of any stride, plans made by hand, guarded memory, a threaded
// executor.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "kir/backend.hpp"
#include "kir/plan.hpp"
#include "tests/support/axis.hpp"

namespace kir::test {

/// A generator whose fresh seed is printed with the test.
std::mt19937 seeded();

std::int32_t pick(std::mt19937& random, std::int32_t low, std::int32_t high);

/// Pixels of an image in one of the memory layouts that callers have.
enum class Storage { chw, hwc, crop, flipped, reversed_channels, sparse };
inline constexpr Storage kStorages[] = {
    Storage::chw, Storage::hwc, Storage::crop, Storage::flipped, Storage::reversed_channels, Storage::sparse};
const char* name_of(Storage storage);

struct Image {
  std::vector<std::uint8_t> memory;
  std::int64_t first = 0;  ///< where in the memory element (0, 0, 0) is
  ImageView strides;       ///< without data: an Image may be copied

  ImageView view() const {
    ImageView view = strides;
    view.data = memory.data() + first;
    return view;
  }
  std::int64_t offset(std::int32_t channel, std::int32_t y, std::int32_t x) const {
    return first + channel * strides.stride_channel + y * strides.stride_y + x * strides.stride_x;
  }
  std::uint8_t at(std::int32_t channel, std::int32_t y, std::int32_t x) const {
    return memory.at(static_cast<std::size_t>(offset(channel, y, x)));
  }
};

/// Noise with an area of pure black and white, where a bicubic overshoots.
Image make_image(std::mt19937& random, ImageSize size, Storage storage);

/// (v - 100.5 - c) / (50.25 + c), and nothing.
Epilogue affine();
Epilogue identity();

/// A plan of one job from image 0 of `size` to one output (channels, y.count, x.count), float32, float32 numerics.
Plan one_job_plan(ImageSize size, const Axis& y, const Axis& x, const Epilogue& epilogue);

/// Memory with a pattern before and after it, filled with `poison`; checks the pattern when it dies.
class GuardedMemory {
 public:
  GuardedMemory(std::size_t bytes, std::uint8_t poison);
  ~GuardedMemory();
  GuardedMemory(GuardedMemory&&) = default;

  std::byte* data() { return memory_.data() + offset_; }
  const std::byte* data() const { return memory_.data() + offset_; }
  std::size_t bytes() const { return bytes_; }
  bool intact() const;

 private:
  std::vector<std::byte> memory_;
  std::size_t offset_ = 0, bytes_ = 0;
};

/// The outputs of a run, guarded.
std::vector<GuardedMemory> run_once(const Backend& backend, const Plan& plan, const std::vector<Image>& images,
                                    const RunContext& context, std::uint8_t poison);

/// run_once with two poisons in outputs and workspace; checks that the results are the same, so that every element was
/// written.
std::vector<GuardedMemory> run_poisoned(const Backend& backend, const Plan& plan, const std::vector<Image>& images,
                                        const RunContext& context = {});

/// Element i of an output as a number.
double element(const void* data, Type type, std::int64_t i);

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
