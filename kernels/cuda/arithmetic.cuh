// The two arithmetics of the matrix tiles: what the tensor cores multiply, and what lies between the passes.
//
// Float: a weight is w * 2^22 as a 24-bit integer, its three bytes are three operands; the sum of a row of levels is
// then exact, biased by 128 so that it is positive (|T| < 128 + 255 for every filter), rounded to 22 bits and cut into
// two times 11. Eleven bits are the bits of a float16 whose value is n * 2^-24, exactly, so that nothing is converted:
//   T + 128 = (high + low / 2^11) / 4.
// The vertical weights are w * 2^14 as the sum of two float16; the products are summed in float32.
//
// Integer (torch_int16): both bytes of an int16 weight, levels between the passes; every sum is exact in 32 bits.
#pragma once

#include <cstdint>

#include "kernels/cuda/matrix.cuh"
#include "kernels/cuda/tile.hpp"

namespace kir::cuda {

inline constexpr int kWeightBits = 22;                  ///< float: fraction of a horizontal weight
inline constexpr float kRowWeightScale = 16384.0f;      ///< float: of a vertical weight
inline constexpr std::uint16_t kTwoToMinus11 = 0x1000;  ///< the bits of a float16

struct FloatArithmetic {
  static constexpr bool kInteger = false;
  static constexpr int kPlanes = planes_of(false);

  /// The horizontal results of 16 columns and a step's 16 rows that a lane holds, as the operand of the vertical pass:
  /// for each half, columns g and g + 8 of rows 2t and 2t + 1.
  struct Results {
    std::uint32_t high[4], low[4];
  };
  /// The results of a block of 16 columns x 8 rows that a lane holds; tile_store.cuh has their places.
  struct Sums {
    float sum[4] = {};
  };
  /// Weights of a step and a block of rows.
  struct Weights {
    std::uint32_t large[2], small[2], of_low[2];
  };

  __device__ FloatArithmetic(const TileDesc& tile, const SeparableArguments&)
      : scale_(tile.scale * 256.0f), shift_(tile.shift - 128.0f * tile.scale) {}

  /// What the sum of a plane starts from, given that of the plane above: at the top the bias; and on the way half of
  /// the last bit that is kept.
  __device__ static int start(int plane, int above) {
    if (plane == kPlanes - 1) return 128 << (kWeightBits - 16);
    return plane == 1 ? above * 256 + 1 : above * 256;
  }

  /// The sums of a half, rounded and cut.
  __device__ void keep(Results& results, int half, const int (&sums)[4]) const {
#pragma unroll
    for (int i = 0; i < 2; ++i) {  // bits 30..20 and 19..9 of two neighbours
      const auto first = static_cast<std::uint32_t>(sums[2 * i]), second = static_cast<std::uint32_t>(sums[2 * i + 1]);
      results.high[2 * half + i] = __byte_perm(first, second, 0x7632) >> 4 & 0x07ff07ffu;
      results.low[2 * half + i] = __byte_perm(first, second, 0x6521) >> 1 & 0x07ff07ffu;
    }
  }

  __device__ static Weights weights(std::uint32_t pair, int lane) {
    const uint4 words = load_shared_16(pair + static_cast<std::uint32_t>(lane) * 16);
    return {{words.x, words.y},
            {words.z, words.w},
            {scaled_halves(words.x, kTwoToMinus11), scaled_halves(words.y, kTwoToMinus11)}};
  }

  /// One of the products of a step that are added to a block.
  static constexpr int kProducts = 3;
  __device__ static void accumulate(int product, Sums& sums, const Results& results, const Weights& weights) {
    if (product == 0) accumulate_halves(sums.sum, results.high, weights.large[0], weights.large[1]);
    if (product == 1) accumulate_halves(sums.sum, results.high, weights.small[0], weights.small[1]);
    if (product == 2) accumulate_halves(sums.sum, results.low, weights.of_low[0], weights.of_low[1]);
  }

  __device__ float value(const Sums& sums, int i) const {
    return __fmaf_rn(sums.sum[i], scale_, shift_);
  }

 private:
  float scale_, shift_;
};

struct IntegerArithmetic {
  static constexpr bool kInteger = true;
  static constexpr int kPlanes = planes_of(true);

  struct Results {
    std::uint32_t levels[2];  ///< columns g and g + 8: rows 2t and 2t + 1 of the first half, then of the second
  };
  struct Sums {
    int low[4] = {}, high[4] = {};
  };
  struct Weights {
    std::uint32_t low, high;
  };

  __device__ IntegerArithmetic(const TileDesc& tile, const SeparableArguments& arguments)
      : x_shift_(integer_at(arguments, tile.x_shift)),
        y_shift_(integer_at(arguments, tile.y_shift)),
        results_(reinterpret_cast<const float*>(at_unit(arguments.memory, tile.levels))) {}

  /// What the sum of a plane starts from, given that of the plane above: at the bottom half a level.
  __device__ int start(int plane, int above) const {
    return plane == kPlanes - 1 ? 0 : above * 256 + (1 << x_shift_ >> 1);
  }

  __device__ void keep(Results& results, int half, const int (&sums)[4]) const {
#pragma unroll
    for (int i = 0; i < 2; ++i) {
      const std::uint32_t levels = pack_levels(sums[2 * i + 1] >> x_shift_, sums[2 * i] >> x_shift_, 0);
      results.levels[i] = half == 0 ? levels : results.levels[i] | levels << 16;
    }
  }

  __device__ static Weights weights(std::uint32_t pair, int lane) {
    const uint2 words = load_shared_8(pair + static_cast<std::uint32_t>(lane) * 8);
    return {words.x, words.y};
  }

  static constexpr int kProducts = 2;
  __device__ static void accumulate(int product, Sums& sums, const Results& results, const Weights& weights) {
    if (product == 0) accumulate_levels<false>(sums.low, results.levels, weights.low);
    if (product == 1) accumulate_levels<true>(sums.high, results.levels, weights.high);
  }

  __device__ float value(const Sums& sums, int i) const {
    const int sum = sums.high[i] * 256 + sums.low[i] + (1 << y_shift_ >> 1);
    return results_[min(max(sum >> y_shift_, 0), 255)];
  }

 private:
  __device__ static int integer_at(const SeparableArguments& arguments, std::uint32_t index) {
    return reinterpret_cast<const int*>(arguments.memory)[index];
  }

  int x_shift_, y_shift_;
  const float* results_;
};

}  // namespace kir::cuda
