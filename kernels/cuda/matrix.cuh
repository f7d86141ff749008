// All instructions that C++ has no name for: the matrix instructions of the tile kernel, the copies that feed them,
// shared memory by address. tests/cuda_on_cpu has another header of this name, with the same functions for 32 lanes on
// the host. All of them exist from compute capability 8.0 on, but for those that ask kWaits or
// kSharesRegisters. Fragment layouts (g = lane / 4, t = lane % 4; PTX ISA,
// "mma.m16n8k32" and "mma.m16n8k16"):
//   A (16 x k), row-major:    a.x, a.z row g;  a.y, a.w row g + 8
//   B (k x 8), column-major:  column g
// and of m16n8k16 with bytes: a[0] row g, a[1] row g + 8, elements 4t to 4t + 3 of either; b likewise of column g.
//   C, D (16 x 8):            0: (g, 2t)  1: (g, 2t + 1)  2: (g + 8, 2t)  3: (g + 8, 2t + 1)
#pragma once

#include <cstddef>
#include <cstdint>

#include "kernels/cuda/compiled.cuh"

namespace kir::cuda {

/// d = a * b + c, 8-bit integers: k = 32. A is signed where kSigned, B is unsigned.
template <bool kSignedA>
__device__ inline void multiply_bytes(int (&d)[4], uint4 a, std::uint32_t b0, std::uint32_t b1, const int (&c)[4]) {
  if constexpr (kSignedA) {
    asm("mma.sync.aligned.m16n8k32.row.col.s32.s8.u8.s32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%10,%11,%12,%13};"
        : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
        : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
  } else {
    asm("mma.sync.aligned.m16n8k32.row.col.s32.u8.u8.s32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%10,%11,%12,%13};"
        : "=r"(d[0]), "=r"(d[1]), "=r"(d[2]), "=r"(d[3])
        : "r"(a.x), "r"(a.y), "r"(a.z), "r"(a.w), "r"(b0), "r"(b1), "r"(c[0]), "r"(c[1]), "r"(c[2]), "r"(c[3]));
  }
}

/// d += a * b with unsigned A and signed or unsigned B: k = 16.
template <bool kSignedB>
__device__ inline void accumulate_levels(int (&d)[4], const std::uint32_t (&a)[2], std::uint32_t b) {
  if constexpr (kSignedB) {
    asm("mma.sync.aligned.m16n8k16.row.col.s32.u8.s8.s32 {%0,%1,%2,%3},{%4,%5},{%6},{%0,%1,%2,%3};"
        : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(b));
  } else {
    asm("mma.sync.aligned.m16n8k16.row.col.s32.u8.u8.s32 {%0,%1,%2,%3},{%4,%5},{%6},{%0,%1,%2,%3};"
        : "+r"(d[0]), "+r"(d[1]), "+r"(d[2]), "+r"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(b));
  }
}

/// d += a * b, float16 products summed in float32: k = 16.
__device__ inline void accumulate_halves(float (&d)[4], const std::uint32_t (&a)[4], std::uint32_t b0,
                                         std::uint32_t b1) {
  asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0,%1,%2,%3},{%4,%5,%6,%7},{%8,%9},{%0,%1,%2,%3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
}

/// The products of two float16 numbers and `by`, the bits of a float16.
__device__ inline std::uint32_t scaled_halves(std::uint32_t halves, std::uint16_t by) {
  std::uint32_t product;
  asm("mul.rn.f16x2 %0, %1, %2;" : "=r"(product) : "r"(halves), "r"(by * 0x10001u));
  return product;
}

/// Bytes 0 and 1: low and high, clamped to 0..255; bytes 2 and 3: bytes 0 and 1 of `upper`.
__device__ inline std::uint32_t pack_levels(int high, int low, std::uint32_t upper) {
  std::uint32_t packed;
  asm("cvt.pack.sat.u8.s32.b32 %0, %1, %2, %3;" : "=r"(packed) : "r"(high), "r"(low), "r"(upper));
  return packed;
}

// ---------------------------------------------------------------------------------------------------------------------
// Shared memory by 32-bit address

/// The block's dynamic shared memory, 16-byte aligned.
__device__ inline std::byte* dynamic_shared_memory() {
  extern __shared__ __align__(16) std::byte memory[];
  return memory;
}

__device__ inline std::uint32_t shared_address(const void* pointer) {
  return static_cast<std::uint32_t>(__cvta_generic_to_shared(pointer));
}

__device__ inline std::uint32_t load_shared(std::uint32_t address) {
  std::uint32_t word;
  asm volatile("ld.shared.u32 %0, [%1];" : "=r"(word) : "r"(address) : "memory");
  return word;
}

__device__ inline uint2 load_shared_8(std::uint32_t address) {
  uint2 words;
  asm volatile("ld.shared.v2.u32 {%0,%1}, [%2];" : "=r"(words.x), "=r"(words.y) : "r"(address) : "memory");
  return words;
}

__device__ inline uint4 load_shared_16(std::uint32_t address) {
  uint4 words;
  asm volatile("ld.shared.v4.u32 {%0,%1,%2,%3}, [%4];"
               : "=r"(words.x), "=r"(words.y), "=r"(words.z), "=r"(words.w)
               : "r"(address)
               : "memory");
  return words;
}

__device__ inline void store_shared(std::uint32_t address, std::uint32_t word) {
  asm volatile("st.shared.u32 [%0], %1;" ::"r"(address), "r"(word) : "memory");
}

__device__ inline void store_shared_16(std::uint32_t address, uint4 words) {
  asm volatile("st.shared.v4.u32 [%0], {%1,%2,%3,%4};" ::"r"(address), "r"(words.x), "r"(words.y), "r"(words.z),
               "r"(words.w)
               : "memory");
}

// ---------------------------------------------------------------------------------------------------------------------
// Copies from global to shared memory that pass by the registers

/// 16 bytes. Both addresses are multiples of 16.
__device__ inline void copy_async_16(std::uint32_t to, std::uint64_t from) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(to), "l"(from) : "memory");
}

// ---------------------------------------------------------------------------------------------------------------------
// Barriers in shared memory, 8 bytes: threads arrive, and wait for all others to have arrived later

__device__ inline void init_barrier(std::uint32_t barrier, unsigned threads) {
  asm volatile("mbarrier.init.shared.b64 [%0], %1;" ::"r"(barrier), "r"(threads) : "memory");
}

/// The phase before the first one counts as complete: wait_phase(barrier, 1) returns at once.
__device__ inline void arrive(std::uint32_t barrier) {
  asm volatile("{ .reg .b64 state; mbarrier.arrive.shared.b64 state, [%0]; }" ::"r"(barrier) : "memory");
}

/// Arrives when all copies that this thread has begun have landed.
__device__ inline void arrive_with_copies(std::uint32_t barrier) {
  asm volatile("cp.async.mbarrier.arrive.noinc.shared.b64 [%0];" ::"r"(barrier) : "memory");
}

/// Returns when all threads have arrived in the phase of this parity; phases count from 0.
__device__ inline void wait_phase(std::uint32_t barrier, unsigned parity) {
  if constexpr (kWaits) {  // try_wait sleeps for a while
    asm volatile(
        "{ .reg .pred done;\n"
        "AGAIN: mbarrier.try_wait.parity.shared.b64 done, [%0], %1;\n"
        "@!done bra AGAIN; }" ::"r"(barrier),
        "r"(parity)
        : "memory");
  } else {
    asm volatile(
        "{ .reg .pred done;\n"
        "AGAIN: mbarrier.test_wait.parity.shared.b64 done, [%0], %1;\n"
        "@!done bra AGAIN; }" ::"r"(barrier),
        "r"(parity)
        : "memory");
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Loads ahead of time, registers, programmatic dependent launch

/// Brings `bytes` of global memory into the cache: a lane loads a word of each 128 bytes, and nobody waits for it.
__device__ inline void touch(const void* from, int bytes, int lane) {
  if (128 * lane >= bytes) return;
  asm volatile("{ .reg .b32 word; ld.global.ca.b32 word, [%0]; }" ::"l"(static_cast<const char*>(from) + 128 * lane));
}

/// Brings the line of this address from memory to the second level cache.
__device__ inline void prefetch_line(std::uint64_t address) {
  asm volatile("prefetch.global.L2 [%0];" ::"l"(address));
}

/// From here on each thread of the warpgroup has kCount registers, of those that the block was launched with. All warps
/// of the warpgroup call it. Does nothing in code that is not compiled for Hopper alone.
template <int kCount>
__device__ inline void take_registers() {
  if constexpr (kSharesRegisters) asm volatile("setmaxnreg.inc.sync.aligned.u32 %0;" ::"n"(kCount));
}
template <int kCount>
__device__ inline void give_registers() {
  if constexpr (kSharesRegisters) asm volatile("setmaxnreg.dec.sync.aligned.u32 %0;" ::"n"(kCount));
}

// Programmatic dependent launch: a kernel may begin while the one before it ends. Both do nothing on devices without
// it.

/// Returns when all earlier work of the stream is complete and its writes are visible.
__device__ inline void wait_for_earlier_kernels() {
  if constexpr (kWaits) asm volatile("griddepcontrol.wait;" ::: "memory");
}

/// The next kernel of the stream may be put on multiprocessors that have room.
__device__ inline void let_next_kernel_start() {
  if constexpr (kWaits) asm volatile("griddepcontrol.launch_dependents;");
}

}  // namespace kir::cuda
