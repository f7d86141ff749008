#include "kernels/cpu/passes.hpp"

#include <cstring>

namespace kir::cpu {
namespace {

static_assert(kLanes == 16, "the loops below are written for 16 rows");

// ---------------------------------------------------------------------------------------------------------------------
// Vectors of 16 bytes

typedef float F32x4 __attribute__((vector_size(16)));
typedef std::uint8_t U8x16 __attribute__((vector_size(16)));

template <class Vector, class Element>
inline Vector load(const Element* from) {
  Vector v;
  std::memcpy(&v, from, sizeof v);
  return v;
}

template <class Vector, class Element>
inline void store(Element* to, Vector v) {
  std::memcpy(to, &v, sizeof v);
}

inline F32x4 splat(float v) {
  return F32x4{v, v, v, v};
}

/// Four vectors of four rows become four columns.
inline void transpose(F32x4& a, F32x4& b, F32x4& c, F32x4& d) {
  const F32x4 ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7);
  const F32x4 cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

/// 16 rows of 16 bytes become 16 columns: four rounds of interleaving row i with row i + 8.
inline void transpose(U8x16 (&v)[16]) {
  for (int round = 0; round < 4; ++round) {
    U8x16 t[16];
    for (int i = 0; i < 8; ++i) {
      t[2 * i] = __builtin_shufflevector(v[i], v[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      t[2 * i + 1] =
          __builtin_shufflevector(v[i], v[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    for (int i = 0; i < 16; ++i) v[i] = t[i];
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Rows to blocks of columns. A last group of fewer than 16 columns is done again from 16 before the end, or one by one.

/// Where byte `i` of a row goes: its channel's block, at its pixel's column.
template <class To>
struct BlockCursor {
  To* block;
  std::int64_t pitch;
  std::int32_t channels, channel, x;

  BlockCursor(To* to, std::int64_t block_pitch, std::int32_t pixel_bytes, std::int64_t i)
      : block(to),
        pitch(block_pitch),
        channels(pixel_bytes),
        channel(static_cast<std::int32_t>(i % pixel_bytes)),
        x(static_cast<std::int32_t>(i / pixel_bytes)) {}

  To* column() const { return block + channel * pitch + std::int64_t{x} * kLanes; }
  void next() {
    if (++channel == channels) {
      channel = 0;
      ++x;
    }
  }
};

template <class To>
void columns_from_u8(const std::uint8_t* const* rows, std::int32_t width, std::int32_t channels, To* block,
                     std::int64_t pitch) {
  const std::int64_t bytes = std::int64_t{width} * channels;
  const auto group = [&](std::int64_t begin) {
    U8x16 v[kLanes];
    for (int row = 0; row < kLanes; ++row) v[row] = load<U8x16>(rows[row] + begin);
    transpose(v);
    BlockCursor<To> cursor(block, pitch, channels, begin);
    for (int i = 0; i < kLanes; ++i, cursor.next()) {
      std::uint8_t column[kLanes];
      store(column, v[i]);
      To* to = cursor.column();
      for (int row = 0; row < kLanes; ++row) to[row] = static_cast<To>(column[row]);
    }
  };
  std::int64_t i = 0;
  for (; i + kLanes <= bytes; i += kLanes) group(i);
  if (i < bytes && bytes >= kLanes) {
    group(bytes - kLanes);
  } else {
    for (BlockCursor<To> cursor(block, pitch, channels, i); i < bytes; ++i, cursor.next()) {
      for (int row = 0; row < kLanes; ++row) cursor.column()[row] = static_cast<To>(rows[row][i]);
    }
  }
}

void columns_f32(const float* const* rows, std::int32_t width, float* block) {
  std::int32_t x = 0;
  for (; x + 4 <= width; x += 4) {
    float* to = block + std::int64_t{x} * kLanes;
    for (int row = 0; row < kLanes; row += 4) {
      F32x4 a = load<F32x4>(rows[row] + x), b = load<F32x4>(rows[row + 1] + x);
      F32x4 c = load<F32x4>(rows[row + 2] + x), d = load<F32x4>(rows[row + 3] + x);
      transpose(a, b, c, d);
      store(to + row, a);
      store(to + kLanes + row, b);
      store(to + 2 * kLanes + row, c);
      store(to + 3 * kLanes + row, d);
    }
  }
  for (; x < width; ++x) {
    for (int row = 0; row < kLanes; ++row) block[std::int64_t{x} * kLanes + row] = rows[row][x];
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Horizontal: 16 output columns of 16 rows in a tile, which is then turned into pieces of 16 rows.

void horizontal_f32(const float* block, const ColumnTaps<float>& columns, float* const* out) {
  alignas(16) float tile[kLanes][kLanes] = {};
  for (std::int32_t begin = 0; begin < columns.count; begin += kLanes) {
    const std::int32_t n = columns.count - begin < kLanes ? columns.count - begin : kLanes;
    for (std::int32_t i = 0; i < n; ++i) {
      const float* from = block + std::int64_t{columns.first[begin + i] - columns.origin} * kLanes;
      const float* weights = columns.weights + std::int64_t{begin + i} * columns.stride;
      const std::int32_t taps = columns.taps[begin + i];
      F32x4 sum0 = {}, sum1 = {}, sum2 = {}, sum3 = {};
      for (std::int32_t k = 0; k < taps; ++k, from += kLanes) {
        const F32x4 weight = splat(weights[k]);
        sum0 += weight * load<F32x4>(from);
        sum1 += weight * load<F32x4>(from + 4);
        sum2 += weight * load<F32x4>(from + 8);
        sum3 += weight * load<F32x4>(from + 12);
      }
      store(tile[i], sum0);
      store(tile[i] + 4, sum1);
      store(tile[i] + 8, sum2);
      store(tile[i] + 12, sum3);
    }
    for (int row = 0; row < kLanes; row += 4) {
      for (int i = 0; i < kLanes; i += 4) {
        F32x4 a = load<F32x4>(tile[i] + row), b = load<F32x4>(tile[i + 1] + row);
        F32x4 c = load<F32x4>(tile[i + 2] + row), d = load<F32x4>(tile[i + 3] + row);
        transpose(a, b, c, d);
        store(out[row] + begin + i, a);
        store(out[row + 1] + begin + i, b);
        store(out[row + 2] + begin + i, c);
        store(out[row + 3] + begin + i, d);
      }
    }
  }
}

/// The sum of an integer pass to a level: rounded, shifted, clamped to 0..255.
inline std::uint8_t level(std::int32_t sum, std::int32_t shift) {
  const std::int32_t v = (sum + (1 << (shift - 1))) >> shift;
  return static_cast<std::uint8_t>(v < 0 ? 0 : v > 255 ? 255 : v);
}

template <class Weight>
void horizontal_levels(const std::int16_t* block, const ColumnTaps<Weight>& columns, std::int32_t shift,
                       std::uint8_t* const* out) {
  std::uint8_t tile[kLanes][kLanes] = {};
  for (std::int32_t begin = 0; begin < columns.count; begin += kLanes) {
    const std::int32_t n = columns.count - begin < kLanes ? columns.count - begin : kLanes;
    for (std::int32_t i = 0; i < n; ++i) {
      const std::int16_t* from = block + std::int64_t{columns.first[begin + i] - columns.origin} * kLanes;
      const Weight* weights = columns.weights + std::int64_t{begin + i} * columns.stride;
      const std::int32_t taps = columns.taps[begin + i];
      std::int32_t sum[kLanes] = {};
      for (std::int32_t k = 0; k < taps; ++k, from += kLanes) {
        const Weight weight = weights[k];
        for (int row = 0; row < kLanes; ++row) sum[row] += std::int32_t{weight} * std::int32_t{from[row]};
      }
      for (int row = 0; row < kLanes; ++row) tile[i][row] = level(sum[row], shift);
    }
    U8x16 v[kLanes];
    for (int i = 0; i < kLanes; ++i) v[i] = load<U8x16>(tile[i]);
    transpose(v);
    for (int row = 0; row < kLanes; ++row) store(out[row] + begin, v[row]);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Vertical: 16 columns at a time stay in registers over all taps. The last group is made aside and its part copied.

void vertical_f32(const float* const* rows, const float* weights, std::int32_t taps, std::int32_t width, float* out) {
  for (std::int32_t x = 0; x < width; x += kLanes) {
    F32x4 sum0 = {}, sum1 = {}, sum2 = {}, sum3 = {};
    for (std::int32_t k = 0; k < taps; ++k) {
      const F32x4 weight = splat(weights[k]);
      const float* from = rows[k] + x;
      sum0 += weight * load<F32x4>(from);
      sum1 += weight * load<F32x4>(from + 4);
      sum2 += weight * load<F32x4>(from + 8);
      sum3 += weight * load<F32x4>(from + 12);
    }
    float last[kLanes];
    float* to = width - x < kLanes ? last : out + x;
    store(to, sum0);
    store(to + 4, sum1);
    store(to + 8, sum2);
    store(to + 12, sum3);
    if (to == last) std::memcpy(out + x, last, sizeof(float) * static_cast<std::size_t>(width - x));
  }
}

template <class Weight>
void vertical_levels(const std::uint8_t* const* rows, const Weight* weights, std::int32_t taps, std::int32_t shift,
                     std::int32_t width, std::uint8_t* out) {
  for (std::int32_t x = 0; x < width; x += kLanes) {
    std::int32_t sum[kLanes] = {};
    for (std::int32_t k = 0; k < taps; ++k) {
      const Weight weight = weights[k];
      const std::uint8_t* from = rows[k] + x;
      for (int i = 0; i < kLanes; ++i) sum[i] += std::int32_t{weight} * std::int32_t{std::int16_t{from[i]}};
    }
    const std::int32_t n = width - x < kLanes ? width - x : kLanes;
    std::uint8_t levels[kLanes];
    for (int i = 0; i < kLanes; ++i) levels[i] = level(sum[i], shift);
    std::memcpy(out + x, levels, static_cast<std::size_t>(n));
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// The affine

void mul(float* row, std::int32_t width, float c) {
  for (std::int32_t x = 0; x < width; ++x) row[x] = row[x] * c;
}
void sub(float* row, std::int32_t width, float c) {
  for (std::int32_t x = 0; x < width; ++x) row[x] = row[x] - c;
}
void div(float* row, std::int32_t width, float c) {
  for (std::int32_t x = 0; x < width; ++x) row[x] = row[x] / c;
}

}  // namespace

const PassLoops& portable_passes() {
  static constexpr PassLoops loops = {"portable",
                                      columns_from_u8<float>,
                                      columns_from_u8<std::int16_t>,
                                      columns_f32,
                                      horizontal_f32,
                                      horizontal_levels<std::int16_t>,
                                      horizontal_levels<std::int32_t>,
                                      vertical_f32,
                                      vertical_levels<std::int16_t>,
                                      vertical_levels<std::int32_t>,
                                      mul,
                                      sub,
                                      div};
  return loops;
}

}  // namespace kir::cpu
