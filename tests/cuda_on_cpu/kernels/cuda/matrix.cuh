// In place of kernels/cuda/matrix.cuh: the same functions for lanes on the host. An address that the device would
// refuse throws, and what is never written is 0xee.
#pragma once

#include <cstdint>
#include <stdexcept>

#include "tests/cuda_on_cpu/lanes.hpp"

namespace kir::cuda {

// ---------------------------------------------------------------------------------------------------------------------
// Matrix instructions: every lane shows its registers, then each computes its four elements (fragment layouts: the real
// header).

struct Operands {
  std::uint32_t a[4], b[2];
};
inline Operands operands_of[1024];

/// d = c + sum over k of a(row, k) * b(k, column), for elements of which a register holds kPerRegister.
template <int kPerRegister, class Sum, class A, class B>
void multiply(Sum (&d)[4], const Operands& mine, const Sum (&c)[4], const A& a_of, const B& b_of) {
  const unsigned me = threadIdx.x, warp = me / 32 * 32, g = me % 32 / 4, t = me % 4;
  operands_of[me] = mine;
  lanes::block.meet_warp();
  double sums[4];
  for (unsigned i = 0; i < 4; ++i) {
    const unsigned row = g + i / 2 * 8, column = 2 * t + i % 2;
    sums[i] = static_cast<double>(c[i]);
    for (unsigned k = 0; k < 8 * kPerRegister; ++k) {
      const unsigned half = k / (4 * kPerRegister), lane = k / kPerRegister % 4, part = k % kPerRegister;
      const Operands& left = operands_of[warp + row % 8 * 4 + lane];
      const Operands& right = operands_of[warp + column * 4 + lane];
      sums[i] += static_cast<double>(a_of(left.a[row / 8 + 2 * half], part)) * b_of(right.b[half], part);
    }
  }
  lanes::block.meet_warp();
  for (int i = 0; i < 4; ++i) d[i] = static_cast<Sum>(sums[i]);
}

template <bool kSigned>
int byte_of(std::uint32_t word, unsigned index) {
  const auto byte = static_cast<std::uint8_t>(word >> 8 * index);
  return kSigned ? static_cast<std::int8_t>(byte) : byte;
}

inline float half_of(std::uint32_t word, unsigned index) {
  return __half2float(__half(__half_raw{static_cast<unsigned short>(word >> 16 * index)}));
}

template <bool kSignedA>
void multiply_bytes(int (&d)[4], uint4 a, std::uint32_t b0, std::uint32_t b1, const int (&c)[4]) {
  multiply<4>(d, {{a.x, a.y, a.z, a.w}, {b0, b1}}, c, byte_of<kSignedA>, byte_of<false>);
}

/// k = 16: the second half of k is zeros.
template <bool kSignedB>
void accumulate_levels(int (&d)[4], const std::uint32_t (&a)[2], std::uint32_t b) {
  multiply<4>(d, {{a[0], a[1], 0, 0}, {b, 0}}, d, byte_of<false>, byte_of<kSignedB>);
}

inline void accumulate_halves(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0, std::uint32_t b1) {
  multiply<2>(d, {{a[0], a[1], a[2], a[3]}, {b0, b1}}, d, half_of, half_of);
}

inline std::uint32_t scaled_halves(std::uint32_t halves, std::uint16_t by) {
  const float scale = half_of(by, 0);
  const auto bits = [](float v) { return std::uint32_t{__half_raw(__float2half(v)).x}; };
  return bits(half_of(halves, 0) * scale) | bits(half_of(halves, 1) * scale) << 16;
}

inline std::uint32_t pack_levels(int high, int low, std::uint32_t upper) {
  const auto level = [](int v) { return static_cast<std::uint32_t>(std::clamp(v, 0, 255)); };
  return level(low) | level(high) << 8 | upper << 16;
}

// ---------------------------------------------------------------------------------------------------------------------
// Shared memory

inline constexpr std::size_t kSharedBytes = 227 << 10;
alignas(128) inline std::byte shared_memory[kSharedBytes];

inline std::byte* dynamic_shared_memory() {
  return shared_memory;
}

inline std::uint32_t shared_address(const void* pointer) {
  return static_cast<std::uint32_t>(static_cast<const std::byte*>(pointer) - shared_memory);
}

inline std::byte* at_shared(std::uint32_t address, std::uint32_t bytes) {
  if (address % bytes != 0 || address + bytes > kSharedBytes) throw std::out_of_range("shared memory");
  return shared_memory + address;
}

template <class Value>
Value loaded(std::uint32_t address) {
  Value value;
  std::memcpy(&value, at_shared(address, sizeof value), sizeof value);
  return value;
}
inline std::uint32_t load_shared(std::uint32_t address) {
  return loaded<std::uint32_t>(address);
}
inline uint2 load_shared_8(std::uint32_t address) {
  return loaded<uint2>(address);
}
inline uint4 load_shared_16(std::uint32_t address) {
  return loaded<uint4>(address);
}
inline void store_shared(std::uint32_t address, std::uint32_t word) {
  std::memcpy(at_shared(address, 4), &word, 4);
}
inline void store_shared_16(std::uint32_t address, uint4 words) {
  std::memcpy(at_shared(address, 16), &words, 16);
}

// ---------------------------------------------------------------------------------------------------------------------
// Barriers: how many threads, how many of them are still to arrive, and the phase

struct SharedBarrier {
  std::uint16_t threads, left;
  std::uint32_t phase;
};
inline SharedBarrier& barrier_at(std::uint32_t address) {
  return *reinterpret_cast<SharedBarrier*>(at_shared(address, sizeof(SharedBarrier)));
}
inline void init_barrier(std::uint32_t barrier, unsigned threads) {
  barrier_at(barrier) = {static_cast<std::uint16_t>(threads), static_cast<std::uint16_t>(threads), 0};
}
inline void arrive(std::uint32_t barrier) {
  SharedBarrier& it = barrier_at(barrier);
  if (--it.left > 0) return;
  it.left = it.threads;
  ++it.phase;
}
inline void wait_phase(std::uint32_t barrier, unsigned parity) {
  while (barrier_at(barrier).phase % 2 == parity) lanes::block.meet_warp();
}

// ---------------------------------------------------------------------------------------------------------------------
// Copies happen at once, and kernels one after the other

inline void copy_async_16(std::uint32_t to, std::uint64_t from) {
  if (from % 16 != 0) throw std::out_of_range("cp.async from an address that is no multiple of 16");
  std::memcpy(at_shared(to, 16), reinterpret_cast<const void*>(from), 16);
}
inline void arrive_with_copies(std::uint32_t barrier) {
  arrive(barrier);
}
template <int kCount>
void take_registers() {}
template <int kCount>
void give_registers() {}
inline void touch(const void*, int, int) {}
inline void prefetch_line(std::uint64_t) {}
inline void wait_for_earlier_kernels() {}
inline void let_next_kernel_start() {}

}  // namespace kir::cuda
