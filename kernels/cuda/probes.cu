#include <algorithm>

#include "kernels/cuda/check.hpp"
#include "kernels/cuda/device_memory.hpp"
#include "kernels/cuda/probes.hpp"
#include "weights/level_counts.hpp"

namespace kir::cuda {
namespace {

constexpr int kThreads = 256;
constexpr std::int64_t kMostBlocks = 8192;

/// What the device counts for one probe.
struct Counts {
  unsigned long long levels[256];
  unsigned int differing;  ///< not 0: some channel differs from the first
};

__device__ const std::uint8_t* row_of(const ImageView& image, std::int64_t channel, std::int64_t y) {
  return image.data + channel * image.stride_channel + y * image.stride_y;
}

/// Blocks take rows of all channels in turn. At most 4 * 2^20 rows of 2^20 pixels over 8192 blocks: a block's counts
/// fit 32 bits.
__global__ void __launch_bounds__(kThreads) count_levels(const __grid_constant__ ImageView image, Counts* counts) {
  __shared__ unsigned int levels[256];
  levels[threadIdx.x] = 0;
  __syncthreads();
  const std::int64_t rows = std::int64_t{image.size.channels} * image.size.height;
  for (std::int64_t r = blockIdx.x; r < rows; r += gridDim.x) {
    const std::uint8_t* row = row_of(image, r / image.size.height, r % image.size.height);
    for (std::int32_t x = threadIdx.x; x < image.size.width; x += kThreads) {
      atomicAdd(&levels[row[x * image.stride_x]], 1u);
    }
  }
  __syncthreads();
  if (levels[threadIdx.x] > 0) atomicAdd(&counts->levels[threadIdx.x], levels[threadIdx.x]);
}

__global__ void __launch_bounds__(kThreads) compare_channels(const __grid_constant__ ImageView image, Counts* counts) {
  bool differs = false;
  for (std::int64_t y = blockIdx.x; y < image.size.height; y += gridDim.x) {
    const std::uint8_t* row = row_of(image, 0, y);
    for (std::int32_t x = threadIdx.x; x < image.size.width; x += kThreads) {
      const std::uint8_t* pixel = row + x * image.stride_x;
      for (std::int64_t c = 1; c < image.size.channels; ++c) differs |= pixel[c * image.stride_channel] != *pixel;
    }
  }
  if (differs) atomicOr(&counts->differing, 1u);
}

}  // namespace

std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images,
                                 cudaStream_t stream) {
  check_probes(probes, images);
  if (probes.empty()) return {};

  const DeviceMemory memory = allocate_on_device(probes.size() * sizeof(Counts));
  auto* const device = reinterpret_cast<Counts*>(memory.get());
  check(cudaMemsetAsync(device, 0, probes.size() * sizeof(Counts), stream), "cudaMemsetAsync");
  for (std::size_t i = 0; i < probes.size(); ++i) {
    const ImageView& image = images[probes[i].image];
    const bool levels = probes[i].kind == Probe::Kind::mean_std;
    const std::int64_t rows = std::int64_t{levels ? image.size.channels : 1} * image.size.height;
    const auto blocks = static_cast<unsigned>(std::min(rows, kMostBlocks));
    if (levels) {
      count_levels<<<blocks, kThreads, 0, stream>>>(image, device + i);
    } else {
      compare_channels<<<blocks, kThreads, 0, stream>>>(image, device + i);
    }
    check(cudaGetLastError(), "launch of a probe");
  }

  std::vector<Counts> counts(probes.size());
  check(cudaMemcpyAsync(counts.data(), device, counts.size() * sizeof(Counts), cudaMemcpyDeviceToHost, stream),
        "cudaMemcpyAsync");
  check(cudaStreamSynchronize(stream), "cudaStreamSynchronize");

  std::vector<ProbeResult> results(probes.size());
  for (std::size_t i = 0; i < probes.size(); ++i) {
    if (probes[i].kind == Probe::Kind::is_grey) {
      results[i].is_grey = counts[i].differing == 0;
      continue;
    }
    LevelCounts levels{};
    std::copy_n(counts[i].levels, levels.size(), levels.begin());
    results[i] = mean_std_of(levels);
  }
  return results;
}

}  // namespace kir::cuda
