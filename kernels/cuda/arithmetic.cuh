// The two arithmetics of the matrix tiles: what the tensor cores multiply, and what lies between the passes.
//
// Float: a weight is w * 2^22 as a 24-bit integer, its three bytes are three operands; the sum of a row of levels is
// then exact, biased by 128 so that it is positive (|T| < 128 + 255 for every filter), rounded to 22 bits and cut into
// two times 11. Eleven bits are the bits of a float16 whose value is n * 2^-24, exactly, so that nothing is converted:
//   T + 128 = high / 4 + low / 2^13.
// The vertical weights are w * 2^14 as the sum of two float16; the products are summed in float32.
//
// Integer (torch_int16): both bytes of an int16 weight, levels between the passes; every sum is exact in 32 bits.
#pragma once

#include <cstdint>

#include "kernels/cuda/matrix.cuh"
#include "kernels/cuda/tile.hpp"

namespace kir::cuda {

inline constexpr int kWeightBits = 22;  ///< float: fraction of a horizontal weight

struct FloatArithmetic {
  static constexpr bool kInteger = false;
  static constexpr int kPlanes = planes_of(false);

  /// The horizontal results of one block and half that a lane holds: rows g and g + 8, source rows 2t and 2t + 1.
  struct Half {
    std::uint32_t high[2] = {}, low[2] = {};
  };
  static constexpr int kHalfBytes = 16;

  struct Sums {
    float high[4] = {}, low[4] = {};
  };

  __device__ FloatArithmetic(const TileDesc& tile, const SeparableArguments&)
      : scale_high_(tile.scale * 256.0f), scale_low_(tile.scale * 0.125f), shift_(tile.shift - 128.0f * tile.scale) {}

  /// What the sum of a plane starts from, given that of the plane above: at the top the bias; and on the way half of
  /// the last bit that is kept.
  __device__ static int start(int plane, int above) {
    if (plane == kPlanes - 1) return 128 << (kWeightBits - 16);
    return plane == 1 ? above * 256 + 1 : above * 256;
  }

  __device__ static Half half_of(const int (&sums)[4]) {
    std::uint32_t z[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) z[i] = static_cast<std::uint32_t>(sums[i]);
    Half half;
#pragma unroll
    for (int i = 0; i < 2; ++i) {  // bits 30..20 and 19..9 of two neighbours
      half.high[i] = __byte_perm(z[2 * i], z[2 * i + 1], 0x7632) >> 4 & 0x07ff07ffu;
      half.low[i] = __byte_perm(z[2 * i], z[2 * i + 1], 0x6521) >> 1 & 0x07ff07ffu;
    }
    return half;
  }

  /// One step of the vertical pass: two halves and their weights.
  __device__ static void accumulate(Sums& sums, const Half (&halves)[2], uint4 weights) {
    const std::uint32_t high[4] = {halves[0].high[0], halves[0].high[1], halves[1].high[0], halves[1].high[1]};
    const std::uint32_t low[4] = {halves[0].low[0], halves[0].low[1], halves[1].low[0], halves[1].low[1]};
    accumulate_halves(sums.high, high, weights.x, weights.y);
    accumulate_halves(sums.low, low, weights.x, weights.y);
    accumulate_halves(sums.high, high, weights.z, weights.w);
  }

  __device__ float value(const Sums& sums, int i) const {
    return __fmaf_rn(sums.high[i], scale_high_, __fmaf_rn(sums.low[i], scale_low_, shift_));
  }

  __device__ static void keep(std::uint32_t address, const Half& half) {
    store_shared_16(address, make_uint4(half.high[0], half.high[1], half.low[0], half.low[1]));
  }
  __device__ static Half kept(std::uint32_t address) {
    const uint4 words = load_shared_16(address);
    return {{words.x, words.y}, {words.z, words.w}};
  }

 private:
  float scale_high_, scale_low_, shift_;
};

struct IntegerArithmetic {
  static constexpr bool kInteger = true;
  static constexpr int kPlanes = planes_of(true);

  struct Half {
    std::uint32_t levels = 0;  ///< row g: source rows 2t, 2t + 1; row g + 8: the same
  };
  static constexpr int kHalfBytes = 4;

  struct Sums {
    int low[4] = {}, high[4] = {};
  };

  __device__ IntegerArithmetic(const TileDesc& tile, const SeparableArguments& arguments)
      : x_shift_(integer_at(arguments, tile.x_shift)),
        y_shift_(integer_at(arguments, tile.y_shift)),
        results_(reinterpret_cast<const float*>(arguments.workspace + std::size_t{tile.levels} * 16)) {}

  /// What the sum of a plane starts from, given that of the plane above: at the bottom half a level.
  __device__ int start(int plane, int above) const {
    return plane == kPlanes - 1 ? 0 : above * 256 + (1 << x_shift_ >> 1);
  }

  __device__ Half half_of(const int (&sums)[4]) const {
    int level[4];
#pragma unroll
    for (int i = 0; i < 4; ++i) level[i] = sums[i] >> x_shift_;
    return {pack_levels(level[1], level[0], pack_levels(level[3], level[2], 0))};
  }

  /// One step of the vertical pass: four halves and their weights.
  __device__ static void accumulate(Sums& sums, const Half (&halves)[4], uint4 weights) {
    const std::uint32_t a[4] = {__byte_perm(halves[0].levels, halves[1].levels, 0x5410),
                                __byte_perm(halves[0].levels, halves[1].levels, 0x7632),
                                __byte_perm(halves[2].levels, halves[3].levels, 0x5410),
                                __byte_perm(halves[2].levels, halves[3].levels, 0x7632)};
    accumulate_levels<false>(sums.low, a, weights.x, weights.y);
    accumulate_levels<true>(sums.high, a, weights.z, weights.w);
  }

  __device__ float value(const Sums& sums, int i) const {
    const int sum = sums.high[i] * 256 + sums.low[i] + (1 << y_shift_ >> 1);
    return results_[min(max(sum >> y_shift_, 0), 255)];
  }

  __device__ static void keep(std::uint32_t address, const Half& half) {
    store_shared(address, half.levels);
  }
  __device__ static Half kept(std::uint32_t address) {
    return {load_shared(address)};
  }

 private:
  __device__ static int integer_at(const SeparableArguments& arguments, std::uint32_t index) {
    return reinterpret_cast<const int*>(arguments.workspace)[index];
  }

  int x_shift_, y_shift_;
  const float* results_;
};

}  // namespace kir::cuda
