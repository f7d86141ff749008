#include "tests/kernels_cpu/fixtures.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <mutex>
#include <thread>

#include "kernels/cpu/convert.hpp"
#include "tests/catch.hpp"

namespace kir::test {

std::mt19937 seeded() {
  const char* const asked = std::getenv("KIR_TEST_SEED");  // repeats the test that printed it
  const unsigned seed =
      asked != nullptr ? static_cast<unsigned>(std::strtoul(asked, nullptr, 10)) : std::random_device{}();
  WARN("seed " << seed);
  return std::mt19937(seed);
}

std::int32_t pick(std::mt19937& random, std::int32_t low, std::int32_t high) {
  return std::uniform_int_distribution<std::int32_t>(low, high)(random);
}

const char* name_of(Storage storage) {
  switch (storage) {
    case Storage::chw:
      return "chw";
    case Storage::hwc:
      return "hwc";
    case Storage::crop:
      return "crop";
    case Storage::flipped:
      return "flipped";
    case Storage::reversed_channels:
      return "reversed_channels";
    case Storage::sparse:
      return "sparse";
  }
  return "?";
}

Image make_image(std::mt19937& random, ImageSize size, Storage storage) {
  const std::int64_t c = size.channels, h = size.height, w = size.width;
  Image image;
  const auto hold = [&](std::int64_t bytes, std::int64_t first, std::int64_t channel, std::int64_t y, std::int64_t x) {
    image.memory.resize(static_cast<std::size_t>(bytes));
    image.first = first;
    image.strides = {nullptr, size, channel, y, x};
  };
  switch (storage) {
    case Storage::chw:
      hold(c * h * w, 0, h * w, w, 1);
      break;
    case Storage::hwc:
      hold(c * h * w, 0, 1, w * c, c);
      break;
    case Storage::crop:
      hold(c * (h + 3) * (w + 5), 2 * (w + 5) + 3, (h + 3) * (w + 5), w + 5, 1);
      break;
    case Storage::flipped:
      hold(c * h * w, h * w - 1, h * w, -w, -1);
      break;
    case Storage::reversed_channels:
      hold(c * h * w, c - 1, -1, w * c, c);
      break;
    case Storage::sparse:
      hold(h * w * 7, 1, 2, w * 7, 7);
      break;
  }
  std::uniform_int_distribution<int> any(0, 255);
  for (std::uint8_t& v : image.memory) v = static_cast<std::uint8_t>(any(random));
  for (std::int32_t y = 0; y < size.height / 2; ++y) {
    for (std::int32_t x = 0; x < size.width; ++x) {
      image.memory[static_cast<std::size_t>(image.offset(0, y, x))] = any(random) % 2 ? 255 : 0;
    }
  }
  return image;
}

Epilogue affine() {
  Step sub, div;
  sub.op = Step::Op::sub;
  div.op = Step::Op::div;
  for (int c = 0; c < 4; ++c) {
    sub.c[c] = 100.5f + static_cast<float>(c);
    div.c[c] = 50.25f + static_cast<float>(c);
  }
  return {{sub, div}};
}

Epilogue identity() {
  return {};
}

Plan one_job_plan(ImageSize size, const Axis& y, const Axis& x, const Epilogue& epilogue) {
  Plan plan;
  plan.images = {size};
  plan.epilogues = {epilogue};
  plan.outputs.push_back({"pixel_values", Type::f32, {size.channels, y.count, x.count}, {}, {}});
  Job job;
  job.y = y;
  job.x = x;
  job.channels = size.channels;
  job.to.layout = chw_layout(0, y.count, x.count);
  plan.levels.push_back({{job}, {}});
  return plan;
}

namespace {

constexpr std::size_t kGuard = 256;
constexpr std::byte kPattern{0xc3};

}  // namespace

GuardedMemory::GuardedMemory(std::size_t bytes, std::uint8_t poison)
    : memory_(bytes + 3 * kGuard, kPattern), bytes_(bytes) {
  offset_ = kGuard;
  while (reinterpret_cast<std::uintptr_t>(memory_.data() + offset_) % 64 != 0) ++offset_;
  std::fill_n(data(), bytes, std::byte{poison});
}

bool GuardedMemory::intact() const {
  const auto guards = [](std::byte b) { return b == kPattern; };
  return std::all_of(memory_.begin(), memory_.begin() + static_cast<std::ptrdiff_t>(offset_), guards) &&
         std::all_of(memory_.begin() + static_cast<std::ptrdiff_t>(offset_ + bytes_), memory_.end(), guards);
}

GuardedMemory::~GuardedMemory() {
  if (!memory_.empty()) CHECK(intact());
}

std::vector<GuardedMemory> run_once(const Backend& backend, const Plan& plan, const std::vector<Image>& images,
                                    const RunContext& context, std::uint8_t poison) {
  REQUIRE(backend.supports(plan).reason == "");
  std::vector<ImageView> views;
  for (const Image& image : images) views.push_back(image.view());
  std::vector<GuardedMemory> memory;
  std::vector<OutputView> outputs;
  for (const Output& output : plan.outputs) memory.emplace_back(output.bytes(), poison);
  for (GuardedMemory& m : memory) outputs.push_back({m.data(), m.bytes()});
  GuardedMemory workspace(backend.workspace_bytes(plan, context), poison);
  backend.run(plan, views, outputs, {workspace.data(), workspace.bytes()}, context);
  return memory;
}

std::vector<GuardedMemory> run_poisoned(const Backend& backend, const Plan& plan, const std::vector<Image>& images,
                                        const RunContext& context) {
  const std::vector<GuardedMemory> zeros = run_once(backend, plan, images, context, 0x00);
  std::vector<GuardedMemory> ones = run_once(backend, plan, images, context, 0xff);
  for (std::size_t i = 0; i < ones.size(); ++i) {
    CAPTURE(plan.outputs[i].key);
    CHECK(std::memcmp(ones[i].data(), zeros[i].data(), ones[i].bytes()) == 0);
  }
  return ones;
}

double element(const void* data, Type type, std::int64_t i) {
  const auto as = [&]<class T>(T) {
    T v;
    std::memcpy(&v, static_cast<const std::byte*>(data) + i * static_cast<std::int64_t>(sizeof v), sizeof v);
    return v;
  };
  switch (type) {
    case Type::u8:
    case Type::boolean:
      return as(std::uint8_t{});
    case Type::i32:
      return as(std::int32_t{});
    case Type::i64:
      return static_cast<double>(as(std::int64_t{}));
    case Type::f16:
      return static_cast<double>(cpu::f32_of_f16(as(std::uint16_t{})));
    case Type::bf16:
      return static_cast<double>(cpu::f32_of_bf16(as(std::uint16_t{})));
    case Type::f32:
      return static_cast<double>(as(0.0f));
  }
  return 0;
}

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
