// The threads of a CUDA block as fibers of one host thread, so that the kernels' own code runs where there is no GPU.
// Lanes of a warp advance together from one collective operation to the next, as the kernels' uniform control flow has
// it. What the host cannot show: races between barriers, the memory model, time. Included before any device code.
#pragma once

#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <cuda_runtime_api.h>
#include <ucontext.h>
#include <vector_functions.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

namespace kir::lanes {

inline constexpr std::size_t kStackBytes = 192 << 10;

/// One block of threads.
class Block {
 public:
  /// Runs body once a thread; returns when all have ended.
  void run(unsigned threads, const std::function<void()>& body) {
    body_ = &body;
    active_ = threads;
    at_barrier_ = 0;
    stacks_.resize(threads * kStackBytes);
    contexts_.assign(threads, {});
    ended_.assign(threads, false);
    slots_.resize(threads);
    for (unsigned i = 0; i < threads; ++i) {
      getcontext(&contexts_[i]);
      contexts_[i].uc_stack.ss_sp = stacks_.data() + i * kStackBytes;
      contexts_[i].uc_stack.ss_size = kStackBytes;
      makecontext(&contexts_[i], enter, 0);
    }
    while (active_ > 0) {
      for (current_ = 0; current_ < threads; ++current_) {
        if (!ended_[current_]) swapcontext(&host_, &contexts_[current_]);
      }
    }
  }

  unsigned current() const { return current_; }

  /// Until the other lanes of the warp are here too.
  void meet_warp() { yield(); }

  /// Until all threads are here.
  void meet_block() {
    const unsigned turn = turn_;
    if (++at_barrier_ == active_) {
      at_barrier_ = 0;
      ++turn_;
      yield();  // the others see it in the next round only
    } else {
      while (turn == turn_) yield();
    }
  }

  /// The value of lane `from` of this warp.
  template <class Value>
  Value exchange(Value value, unsigned from) {
    std::memcpy(&slots_[current_], &value, sizeof value);
    meet_warp();
    Value result;
    std::memcpy(&result, &slots_[current_ / 32 * 32 + from % 32], sizeof result);
    meet_warp();
    return result;
  }

 private:
  struct Slot {
    alignas(16) std::byte bytes[32];
  };

  static void enter();
  void yield() {
    const unsigned me = current_;
    swapcontext(&contexts_[me], &host_);
  }

  const std::function<void()>* body_ = nullptr;
  std::vector<char> stacks_;
  std::vector<ucontext_t> contexts_;
  std::vector<bool> ended_;
  std::vector<Slot> slots_;
  ucontext_t host_{};
  unsigned current_ = 0, active_ = 0, at_barrier_ = 0, turn_ = 0;
};

inline Block block;

inline void Block::enter() {
  (*block.body_)();
  block.ended_[block.current_] = true;
  --block.active_;
  block.yield();
}

struct ThreadIndex {
  struct {
    operator unsigned() const { return block.current(); }
  } x;
};

}  // namespace kir::lanes

// ---------------------------------------------------------------------------------------------------------------------
// The words of CUDA C++ that the kernels use

inline kir::lanes::ThreadIndex threadIdx;
inline dim3 blockIdx, gridDim, blockDim;

#undef __global__
#define __global__ static
#undef __shared__
#define __shared__ static
#undef __launch_bounds__
#define __launch_bounds__(...)
#undef __grid_constant__
#define __grid_constant__
#undef __noinline__
#define __noinline__
#define __builtin_assume(condition) ((void)0)
#define __isGlobal(pointer) 1

using std::max;
using std::min;

inline void __syncwarp() {
  kir::lanes::block.meet_warp();
}
inline void __syncthreads() {
  kir::lanes::block.meet_block();
}
template <class Value>
Value __shfl_sync(unsigned, Value value, int lane) {
  return kir::lanes::block.exchange(value, static_cast<unsigned>(lane));
}
template <class Value>
Value __shfl_xor_sync(unsigned, Value value, int mask) {
  return kir::lanes::block.exchange(value, threadIdx.x ^ static_cast<unsigned>(mask));
}
inline int __reduce_max_sync(unsigned, int value) {
  for (int mask = 16; mask > 0; mask /= 2) value = std::max(value, __shfl_xor_sync(~0u, value, mask));
  return value;
}
inline int __reduce_min_sync(unsigned, int value) {
  return -__reduce_max_sync(~0u, -value);
}
inline unsigned atomicAdd(unsigned* at, unsigned value) {
  const unsigned before = *at;
  *at += value;
  return before;
}

inline float __fmaf_rn(float a, float b, float c) {
  return std::fma(a, b, c);
}
inline unsigned __float_as_uint(float v) {
  return std::bit_cast<unsigned>(v);
}
inline int __float_as_int(float v) {
  return std::bit_cast<int>(v);
}
inline float __int_as_float(int v) {
  return std::bit_cast<float>(v);
}
inline int __float2int_rn(float v) {
  return static_cast<int>(std::nearbyint(v));
}
inline int __double2int_rn(double v) {
  return static_cast<int>(std::nearbyint(v));
}
inline long long __double2ll_rn(double v) {
  return static_cast<long long>(std::nearbyint(v));
}
inline double sinpi(double v) {
  return std::sin(3.14159265358979323846 * v);
}
inline double cospi(double v) {
  return std::cos(3.14159265358979323846 * v);
}
inline unsigned __byte_perm(unsigned low, unsigned high, unsigned selector) {
  const std::uint64_t bytes = std::uint64_t{high} << 32 | low;
  unsigned result = 0;
  for (int i = 0; i < 4; ++i) {
    result |= static_cast<unsigned>(bytes >> 8 * (selector >> 4 * i & 7) & 255) << 8 * i;
  }
  return result;
}
inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return static_cast<unsigned>((std::uint64_t{high} << 32 | low) >> (shift & 31));
}
template <class Element, class Value>
void __stcs(Element* at, Value value) {
  *at = static_cast<Element>(value);
}
