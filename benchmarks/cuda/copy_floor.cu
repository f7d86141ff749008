#include <algorithm>

#include "benchmarks/cuda/copy_floor.hpp"

namespace kir::benchmarks {
namespace {

constexpr int kThreads = 512;
constexpr int kWordsPerThread = 4;  // 64 bytes in flight a thread keep the memory system full
constexpr std::size_t kWord = sizeof(uint4);
constexpr std::size_t kWordsPerBlock = std::size_t{kThreads} * kWordsPerThread;

__device__ std::uint32_t fold(uint4 word) {
  return word.x ^ word.y ^ word.z ^ word.w;
}

// The last word of a source or target whose size is no multiple of 16: byte by byte, zero beyond the end.
__device__ uint4 load_part(const std::uint8_t* bytes, std::size_t count) {
  std::uint32_t lanes[4] = {};
  for (std::size_t i = 0; i < count; ++i) lanes[i / 4] |= std::uint32_t{bytes[i]} << (i % 4 * 8);
  return make_uint4(lanes[0], lanes[1], lanes[2], lanes[3]);
}

__device__ void store_part(std::uint8_t* bytes, std::size_t count, uint4 word) {
  const std::uint32_t lanes[4] = {word.x, word.y, word.z, word.w};
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<std::uint8_t>(lanes[i / 4] >> (i % 4 * 8));
}

__global__ void __launch_bounds__(kThreads)
    copy_floor_kernel(const std::uint8_t* __restrict__ source, std::size_t read_bytes,
                      std::uint8_t* __restrict__ target, std::size_t write_bytes, std::uint32_t* checksum) {
  const std::size_t first = blockIdx.x * kWordsPerBlock + threadIdx.x;

  // Read: all loads are issued before the first is used
  uint4 words[kWordsPerThread];
#pragma unroll
  for (int k = 0; k < kWordsPerThread; ++k) {
    const std::size_t at = (first + k * kThreads) * kWord;
    words[k] = make_uint4(0, 0, 0, 0);
    if (at + kWord <= read_bytes) {
      words[k] = __ldcs(reinterpret_cast<const uint4*>(source + at));
    } else if (at < read_bytes) {
      words[k] = load_part(source + at, read_bytes - at);
    }
  }

  // Write
#pragma unroll
  for (int k = 0; k < kWordsPerThread; ++k) {
    const std::size_t at = (first + k * kThreads) * kWord;
    if (at + kWord <= write_bytes) {
      __stcs(reinterpret_cast<uint4*>(target + at), words[k]);
    } else if (at < write_bytes) {
      store_part(target + at, write_bytes - at, words[k]);
    }
  }

  // Prove: one atomic a block, so that they cost nothing beside the traffic
  std::uint32_t sum = 0;
#pragma unroll
  for (int k = 0; k < kWordsPerThread; ++k) sum ^= fold(words[k]);
  __shared__ std::uint32_t warp_sums[kThreads / 32];
  sum = __reduce_xor_sync(0xffffffffu, sum);
  if (threadIdx.x % 32 == 0) warp_sums[threadIdx.x / 32] = sum;
  __syncthreads();
  if (threadIdx.x < 32) {
    sum = threadIdx.x < kThreads / 32 ? warp_sums[threadIdx.x] : 0;
    sum = __reduce_xor_sync(0xffffffffu, sum);
    if (threadIdx.x == 0) atomicXor(checksum, sum);
  }
}

bool aligned(const void* pointer) {
  return reinterpret_cast<std::uintptr_t>(pointer) % kWord == 0;
}

}  // namespace

cudaError_t copy_floor(const std::uint8_t* source, std::size_t read_bytes, std::uint8_t* target,
                       std::size_t write_bytes, std::uint32_t* checksum, cudaStream_t stream) {
  if (!aligned(source) || !aligned(target)) return cudaErrorMisalignedAddress;
  if ((read_bytes > 0 && !source) || (write_bytes > 0 && !target) || !checksum) return cudaErrorInvalidValue;
  const std::size_t words = (std::max(read_bytes, write_bytes) + kWord - 1) / kWord;
  if (words == 0) return cudaSuccess;
  const std::size_t blocks = (words + kWordsPerBlock - 1) / kWordsPerBlock;
  if (blocks > 0x7fffffff) return cudaErrorInvalidValue;  // 64 TiB
  copy_floor_kernel<<<static_cast<unsigned>(blocks), kThreads, 0, stream>>>(source, read_bytes, target, write_bytes,
                                                                            checksum);
  return cudaGetLastError();
}

}  // namespace kir::benchmarks
