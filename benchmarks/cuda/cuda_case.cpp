#include "benchmarks/cuda/cuda_case.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include "benchmarks/cuda/copy_floor.hpp"
#include "benchmarks/cuda/cuda_queue.hpp"
#include "benchmarks/needed_bytes.hpp"
#include "kernels/cuda/device.hpp"
#include "kernels/cuda/device_memory.hpp"
#include "kir/error.hpp"

namespace kir::benchmarks {
namespace {

using cuda::allocate_on_device;
using cuda::check;
using cuda::DeviceMemory;

/// Where a tensor begins: as torch's allocator places them.
constexpr std::size_t kAlignment = 512;

std::size_t aligned(std::size_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::size_t samples(const ImageSize& size) {
  return static_cast<std::size_t>(size.channels) * static_cast<std::size_t>(size.height) *
         static_cast<std::size_t>(size.width);
}

std::size_t arena_bytes(std::span<const ImageSize> sizes) {
  std::size_t bytes = 0;
  for (const ImageSize& size : sizes) bytes += aligned(samples(size));
  return bytes;
}

std::size_t arena_bytes(const Plan& plan) {
  std::size_t bytes = 0;
  for (const Output& output : plan.outputs) bytes += aligned(output.bytes());
  return bytes;
}

std::vector<ImageView> views_of(const std::byte* arena, std::span<const ImageSize> sizes, parity::Memory memory) {
  std::vector<ImageView> views;
  const auto* pixels = reinterpret_cast<const std::uint8_t*>(arena);
  for (const ImageSize& size : sizes) {
    views.push_back(memory == parity::Memory::hwc ? hwc_view(pixels, size) : chw_view(pixels, size));
    pixels += aligned(samples(size));
  }
  return views;
}

std::vector<OutputView> views_of(std::byte* arena, const Plan& plan) {
  std::vector<OutputView> views;
  for (const Output& output : plan.outputs) {
    views.push_back({arena, output.bytes()});
    arena += aligned(output.bytes());
  }
  return views;
}

/// The pixels of set 0 as its arena holds them.
std::vector<std::byte> arena_of(std::span<const parity::Image> pictures, std::span<const ImageSize> sizes) {
  std::vector<std::byte> arena(arena_bytes(sizes));
  std::byte* to = arena.data();
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    std::memcpy(to, pictures[i].view().data, samples(sizes[i]));  // CHW and HWC images are contiguous
    to += aligned(samples(sizes[i]));
  }
  return arena;
}

/// So many sets that `kCaches` times the cache is written and read before a set's turn comes again.
std::size_t sets_for(std::size_t set_bytes) {
  constexpr std::size_t kCaches = 4, kLeast = 3;
  int cache = 0, device = 0;
  check(cudaGetDevice(&device), "cudaGetDevice");
  check(cudaDeviceGetAttribute(&cache, cudaDevAttrL2CacheSize, device), "cudaDeviceGetAttribute");
  const std::size_t set = std::max<std::size_t>(1, set_bytes);
  return std::max(kLeast, (kCaches * static_cast<std::size_t>(cache) + set - 1) / set);
}

/// XOR of little-endian 32-bit words, as copy_floor sums them.
std::uint32_t checksum(std::span<const std::byte> bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum ^= std::to_integer<std::uint32_t>(bytes[i]) << (i % 4 * 8);
  return sum;
}

}  // namespace

// ---------------------------------------------------------------------------------------------------------------------
// Sets

struct CudaCase::State {
  struct Set {
    DeviceMemory device_images;  ///< or
    PinnedMemory pinned_images;
    DeviceMemory outputs;
    std::vector<ImageSize> sizes;
    std::vector<ImageView> images;
    std::vector<Plan> plans;  ///< one for each of `numerics`

    const std::byte* arena() const { return pinned_images ? pinned_images.get() : device_images.get(); }
  };

  std::vector<Numerics> numerics;
  bool host_images = false;
  std::vector<Set> sets;
  CudaQueue queue;

  std::size_t index_of(Numerics wanted) const {
    return static_cast<std::size_t>(std::find(numerics.begin(), numerics.end(), wanted) - numerics.begin());
  }

  RunContext context() const {
    RunContext made;
    made.stream = queue.stream();
    made.host_images = host_images;
    return made;
  }

  /// A repetition of a contender: a train, with the clock that it ran at.
  TrainTimes train(const std::function<void(std::size_t)>& call) {
    TrainTimes times = measure_train(call, sets.size(), queue);
    times.megahertz = queue.megahertz();
    return times;
  }
};

CudaCase::CudaCase(const Suite& suite, const SuiteCase& one, std::uint64_t seed,
                   std::span<const parity::Image> pictures)
    : state_(std::make_shared<State>()) {
  state_->numerics = one.numerics;
  state_->host_images = one.host_images;

  const std::vector<ImageSize> first_sizes = draw_sizes(suite, one, seed);
  if (!probes(suite.spec, first_sizes).empty()) {
    throw Error(ErrorCode::invalid_argument, suite.spec.source,
                "is timed on a device without probes, and this processor needs them");
  }
  const std::vector<std::byte> pixels = arena_of(pictures, first_sizes);
  std::size_t set_bytes = pixels.size();
  for (std::size_t i = 0; i < sets_for(set_bytes); ++i) {
    State::Set set;
    set.sizes = draw_sizes(suite, one, seed, i);
    std::size_t output_bytes = 0;
    for (const Numerics numerics : one.numerics) {
      set.plans.push_back(kir::plan(suite.spec, set.sizes, suite.plan_options(numerics)));
      output_bytes = std::max(output_bytes, arena_bytes(set.plans.back()));
    }
    set.outputs = allocate_on_device(output_bytes);
    if (i == 0) set_bytes += output_bytes;

    const std::size_t image_bytes = arena_bytes(set.sizes);
    if (one.host_images) {
      set.pinned_images = allocate_pinned(image_bytes);
    } else {
      set.device_images = allocate_on_device(image_bytes);
    }
    // The pixels of set 0 from another place on, round and round.
    std::byte* const arena = one.host_images ? set.pinned_images.get() : set.device_images.get();
    std::size_t from = i * kAlignment % pixels.size();
    for (std::size_t done = 0; done < image_bytes; from = 0) {
      const std::size_t part = std::min(image_bytes - done, pixels.size() - from);
      const State::Set* const pool = !one.host_images && i > 0 ? &state_->sets[0] : nullptr;  // faster than the bus
      check(cudaMemcpy(arena + done, pool != nullptr ? pool->arena() + from : pixels.data() + from, part,
                       cudaMemcpyDefault),
            "cudaMemcpy");
      done += part;
    }
    set.images = benchmarks::views_of(arena, set.sizes, one.memory);
    state_->sets.push_back(std::move(set));
  }
}

CudaCase::~CudaCase() = default;

const Plan& CudaCase::plan(Numerics numerics) const {
  return state_->sets[0].plans[state_->index_of(numerics)];
}

// ---------------------------------------------------------------------------------------------------------------------
// Contenders

void CudaCase::time(Contender& contender, const Backend& backend, Numerics numerics) const {
  struct Call {
    const Plan& plan;
    std::vector<OutputView> outputs;
    DeviceMemory workspace;
    std::size_t workspace_bytes;
  };
  const auto calls = std::make_shared<std::vector<Call>>();
  const RunContext context = state_->context();
  try {
    for (const State::Set& set : state_->sets) {
      const Plan& plan = set.plans[state_->index_of(numerics)];
      const std::size_t bytes = backend.workspace_bytes(plan, context);
      calls->push_back({plan, benchmarks::views_of(set.outputs.get(), plan), allocate_on_device(bytes), bytes});
    }
  } catch (const Error& error) {
    contender.refused = error.what();
    return;
  }
  contender.bytes = needed_bytes(plan(numerics), state_->sets[0].images).sum();
  contender.train = [state = state_, calls, context, &backend] {
    return state->train([&](std::size_t set) {
      const Call& call = (*calls)[set];
      backend.run(call.plan, state->sets[set].images, call.outputs,
                  Workspace{call.workspace.get(), call.workspace_bytes}, context);
    });
  };
}

namespace {

/// What one call of the floor moves on one set.
struct Traffic {
  const std::byte* source;
  std::byte* target;
  std::size_t read, write;
};

/// Reads and writes by copy_floor; proves on one set that it does.
class DeviceCopy {
 public:
  DeviceCopy(std::vector<Traffic> sets, cudaStream_t stream) : sets_(std::move(sets)), stream_(stream) { prove(); }

  void operator()(std::size_t set) const {
    const Traffic& one = sets_[set];
    check(copy_floor(reinterpret_cast<const std::uint8_t*>(one.source), one.read,
                     reinterpret_cast<std::uint8_t*>(one.target), one.write,
                     reinterpret_cast<std::uint32_t*>(checksum_.get()), stream_),
          "copy_floor");
  }

 private:
  void prove() const {
    const Traffic& one = sets_[0];
    std::vector<std::byte> source(one.read), expected(one.write), result(one.write);
    check(cudaMemcpy(source.data(), one.source, one.read, cudaMemcpyDeviceToHost), "cudaMemcpy");
    std::copy_n(source.begin(), std::min(one.read, one.write), expected.begin());
    check(cudaMemset(one.target, 0xa5, one.write), "cudaMemset");
    std::uint32_t sum = 0;
    check(cudaMemset(checksum_.get(), 0, sizeof sum), "cudaMemset");
    check(cudaDeviceSynchronize(), "cudaDeviceSynchronize");
    (*this)(0);
    check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
    check(cudaMemcpy(&sum, checksum_.get(), sizeof sum, cudaMemcpyDeviceToHost), "cudaMemcpy");
    check(cudaMemcpy(result.data(), one.target, one.write, cudaMemcpyDeviceToHost), "cudaMemcpy");
    const auto wrong = [](const char* what) { return Error(ErrorCode::invalid_argument, "copy_floor", what); };
    if (sum != checksum(source)) throw wrong("did not read every byte of its source once");
    if (result != expected) throw wrong("did not write every byte of its target");
  }

  std::vector<Traffic> sets_;
  cudaStream_t stream_;
  DeviceMemory checksum_ = allocate_on_device(sizeof(std::uint32_t));
};

/// One copy of all images of a set to the device.
class UploadCopy {
 public:
  UploadCopy(std::vector<Traffic> sets, cudaStream_t stream) : sets_(std::move(sets)), stream_(stream) {
    std::size_t most = 0;
    for (const Traffic& one : sets_) most = std::max(most, one.read);
    target_ = allocate_on_device(most);
    prove();
  }

  void operator()(std::size_t set) const {
    check(cudaMemcpyAsync(target_.get(), sets_[set].source, sets_[set].read, cudaMemcpyHostToDevice, stream_),
          "cudaMemcpyAsync");
  }

 private:
  void prove() const {
    std::vector<std::byte> result(sets_[0].read);
    (*this)(0);
    check(cudaStreamSynchronize(stream_), "cudaStreamSynchronize");
    check(cudaMemcpy(result.data(), target_.get(), result.size(), cudaMemcpyDeviceToHost), "cudaMemcpy");
    if (!std::equal(result.begin(), result.end(), sets_[0].source)) {
      throw Error(ErrorCode::invalid_argument, "copy", "did not bring every byte to the device");
    }
  }

  std::vector<Traffic> sets_;
  cudaStream_t stream_;
  DeviceMemory target_;
};

}  // namespace

Contender CudaCase::copy() const {
  Contender contender;
  contender.name = "copy";
  contender.backend = "none";
  contender.numerics = "none";
  std::vector<Traffic> traffic;
  for (const State::Set& set : state_->sets) {
    const NeededBytes needed = needed_bytes(set.plans[0], set.images);
    // From the host every image comes whole.
    const auto read = state_->host_images ? arena_bytes(set.sizes) : static_cast<std::size_t>(needed.read);
    const auto write = state_->host_images ? std::size_t{0} : static_cast<std::size_t>(needed.write);
    traffic.push_back({set.arena(), set.outputs.get(), read, write});
  }
  contender.bytes = static_cast<std::int64_t>(traffic[0].read + traffic[0].write);
  const auto timed = [&](auto copy) {
    contender.train = [state = state_, copy] { return state->train([&](std::size_t set) { (*copy)(set); }); };
  };
  try {
    if (state_->host_images) {
      timed(std::make_shared<UploadCopy>(std::move(traffic), state_->queue.stream()));
    } else {
      timed(std::make_shared<DeviceCopy>(std::move(traffic), state_->queue.stream()));
    }
  } catch (const Error& error) {
    contender.refused = error.what();
  }
  return contender;
}

// ---------------------------------------------------------------------------------------------------------------------
// The device

std::string cuda_not_run() {
  return cuda::list_devices().reason;
}

std::map<std::string, std::string> cuda_environment() {
  const cuda::DeviceList list = cuda::list_devices();
  const auto version = [](int number) {
    return std::to_string(number / 1000) + "." + std::to_string(number % 1000 / 10);
  };
  return {{"device", list.devices.at(0).name},
          {"device_facts", cuda::describe(list.devices.at(0))},
          {"cuda_driver", version(list.driver_version)},
          {"cuda_runtime", version(list.runtime_version)}};
}

}  // namespace kir::benchmarks
