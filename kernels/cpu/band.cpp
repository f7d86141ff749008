#include "kernels/cpu/band.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <type_traits>
#include <utility>

#include "kernels/cpu/epilogue.hpp"
#include "kernels/orientation.hpp"
#include "plan/epilogue.hpp"

namespace kir::cpu {
namespace {

// A band is cut into pieces of columns until its ring and its block of source columns fit in the second-level cache
// together.
constexpr std::int64_t kRingBytes = 256 << 10;
constexpr std::int64_t kBlockBytes = 256 << 10;

constexpr std::int64_t round_up(std::int64_t n, std::int64_t multiple) {
  return (n + multiple - 1) / multiple * multiple;
}

/// The first source row or column of an axis that is not resampled.
std::int32_t copy_origin(const Axis& axis) {
  return static_cast<std::int32_t>(axis.box_begin) + axis.first;
}

/// Most source columns that `width` neighbouring outputs can need: the distance of their centres, one window, and one
/// column for the rounding at each end.
std::int32_t most_columns(const Axis& axis, std::int32_t taps, std::int32_t width) {
  const double length = axis.box_end - axis.box_begin;
  const double scale = axis.align_corners ? (length - 1) / std::max(axis.out - 1, 1) : length / axis.out;
  const double columns = std::ceil((width - 1) * scale) + taps + 2;
  return static_cast<std::int32_t>(std::min<double>(columns, axis.in));
}

}  // namespace

Samples turned(Samples samples, std::int32_t height, std::int32_t width, std::int32_t turn) {
  Orientation as{0, samples.stride_y, samples.stride_x, height, width};
  as.turn(turn);
  const auto bytes = static_cast<std::int64_t>(bytes_of(samples.type));
  samples.data = static_cast<const std::byte*>(samples.data) + as.offset * bytes;
  samples.stride_y = as.stride_y;
  samples.stride_x = as.stride_x;
  return samples;
}

BandShape band_shape(const Job& job, std::int32_t source_channels, Type source_type) {
  BandShape shape;
  shape.levels = source_type == Type::u8 && (job.passes == Passes::copy || job.round == Round::each);
  shape.channels = source_channels;
  const std::int32_t x_taps = resamples_x(job.passes) ? max_taps(job.x, job.arithmetic) : 0;
  const std::int32_t y_taps = resamples_y(job.passes) ? max_taps(job.y, job.arithmetic) : 1;
  const std::int64_t row_bytes = shape.levels ? 1 : 4, block_bytes = shape.levels ? 2 : 4;

  // A whole group of rows is added while all the rows of one window are still needed.
  shape.ring_rows = y_taps + kLanes - 1;

  const auto set_width = [&](std::int32_t width) {
    shape.width = width;
    shape.row_pitch = static_cast<std::int32_t>(round_up(width, kRowMultiple));
    shape.span = resamples_x(job.passes) ? most_columns(job.x, x_taps, width) : 0;
    shape.block_pitch = std::int64_t{shape.span} * kLanes;
  };
  const auto fits = [&] {
    return shape.row_pitch * row_bytes * shape.ring_rows * shape.channels <= kRingBytes &&
           shape.block_pitch * block_bytes * shape.channels <= kBlockBytes;
  };
  set_width(job.x.count);
  while (!fits() && shape.width > kRowMultiple) {
    set_width(static_cast<std::int32_t>(round_up(shape.width / 2, kRowMultiple)));
  }

  const auto place = [&shape](std::int64_t bytes) {
    const std::size_t offset = shape.bytes;
    shape.bytes += static_cast<std::size_t>(round_up(bytes, 64));
    return offset;
  };
  const std::int64_t sample_bytes = static_cast<std::int64_t>(bytes_of(source_type));
  shape.gathered = place(shape.span * sample_bytes * kLanes);
  shape.block = place(shape.block_pitch * block_bytes * shape.channels);
  shape.ring = place(shape.row_pitch * row_bytes * shape.ring_rows * shape.channels);
  shape.spare_row = place(shape.row_pitch * row_bytes);
  shape.values = place(std::int64_t{shape.row_pitch} * 4 * job.channels);
  shape.table = place(shape.levels ? 256 * 4 * job.channels : 0);
  shape.tap_rows = place(y_taps * static_cast<std::int64_t>(sizeof(void*)));
  return shape;
}

namespace {

/// The three kinds of band: Sample is what the source holds, Row what the ring holds.
template <class Sample, class Row>
class Band {
  static constexpr bool kLevels = std::is_same_v<Row, std::uint8_t>;
  using Block = std::conditional_t<kLevels, std::int16_t, float>;

 public:
  Band(const BandRun& run, const PassLoops& loops, std::byte* scratch)
      : run_(run),
        job_(run.job),
        shape_(run.shape),
        loops_(loops),
        gathered_(reinterpret_cast<Sample*>(scratch + run.shape.gathered)),
        block_(reinterpret_cast<Block*>(scratch + run.shape.block)),
        ring_(reinterpret_cast<Row*>(scratch + run.shape.ring)),
        spare_row_(reinterpret_cast<Row*>(scratch + run.shape.spare_row)),
        values_(reinterpret_cast<float*>(scratch + run.shape.values)),
        table_(scratch + run.shape.table),
        tap_rows_(reinterpret_cast<const Row**>(scratch + run.shape.tap_rows)),
        look_up_(kLevels && !mixes_channels(*run.epilogue)) {}

  void operator()(std::int32_t begin, std::int32_t end) {
    if (look_up_) make_level_table(*run_.epilogue, loops_, run_.to.type, job_.channels, table_);
    for (column_ = 0; column_ < job_.x.count; column_ += shape_.width) {
      width_ = std::min(shape_.width, job_.x.count - column_);
      find_source_columns();
      walk_rows(begin, end);
    }
  }

 private:
  // -------------------------------------------------------------------------------------------------------------------
  // Rows of the source, resampled in x, into the ring

  void find_source_columns() {
    if (!run_.x) {
      source_column_ = copy_origin(job_.x) + column_;
      return;
    }
    source_column_ = run_.x->first[column_];
    std::int32_t end = 0;
    for (std::int32_t i = column_; i < column_ + width_; ++i) {
      source_column_ = std::min(source_column_, run_.x->first[i]);
      end = std::max(end, run_.x->first[i] + run_.x->taps[i]);
    }
    source_columns_ = end - source_column_;
  }

  Row* ring_row(std::int32_t channel, std::int32_t y) const {
    const std::int64_t slot = std::int64_t{channel} * shape_.ring_rows + y % shape_.ring_rows;
    return ring_ + slot * shape_.row_pitch;
  }

  const Sample* source_row(std::int32_t channel, std::int32_t y) const {
    return static_cast<const Sample*>(run_.from.data) + channel * run_.from.stride_channel + y * run_.from.stride_y +
           source_column_ * run_.from.stride_x;
  }

  void load_rows(std::int32_t y, std::int32_t count) {
    if (run_.x) {
      const bool interleaved = shape_.channels > 1 && std::is_same_v<Sample, std::uint8_t> &&
                               run_.from.stride_channel == 1 && run_.from.stride_x == shape_.channels;
      if (interleaved) make_blocks(0, shape_.channels, y, count);
      for (std::int32_t channel = 0; channel < shape_.channels; ++channel) {
        if (!interleaved) make_blocks(channel, 1, y, count);
        resample_block(channel, y, count);
      }
    } else {
      for (std::int32_t channel = 0; channel < shape_.channels; ++channel) {
        for (std::int32_t i = 0; i < count; ++i) {
          copy_samples(source_row(channel, y + i), run_.from.stride_x, width_, ring_row(channel, y + i));
        }
      }
    }
  }

  template <class To>
  static void copy_samples(const Sample* from, std::int64_t stride, std::int32_t count, To* to) {
    if (stride == 1) {
      for (std::int32_t x = 0; x < count; ++x) to[x] = static_cast<To>(from[x]);
    } else {
      for (std::int32_t x = 0; x < count; ++x) to[x] = static_cast<To>(from[x * stride]);
    }
  }

  Block* block_of(std::int32_t channel) const { return block_ + channel * shape_.block_pitch; }

  /// Blocks of columns of `channels` channels, from rows [y, y + count). Rows whose samples are not neighbours are
  /// gathered first. A group of fewer than kLanes rows repeats its last one.
  void make_blocks(std::int32_t channel, std::int32_t channels, std::int32_t y, std::int32_t count) {
    const Sample* from[kLanes];
    for (std::int32_t lane = 0; lane < kLanes; ++lane) {
      if (lane >= count) {
        from[lane] = from[count - 1];
        continue;
      }
      from[lane] = source_row(channel, y + lane);
      if (run_.from.stride_x != channels) {
        Sample* to = gathered_ + std::int64_t{lane} * shape_.span;
        copy_samples(from[lane], run_.from.stride_x, source_columns_, to);
        from[lane] = to;
      }
    }
    if constexpr (kLevels) {
      loops_.columns_u8_i16(from, source_columns_, channels, block_of(channel), shape_.block_pitch);
    } else if constexpr (std::is_same_v<Sample, float>) {
      loops_.columns_f32(from, source_columns_, block_of(channel));
    } else {
      loops_.columns_u8_f32(from, source_columns_, channels, block_of(channel), shape_.block_pitch);
    }
  }

  void resample_block(std::int32_t channel, std::int32_t y, std::int32_t count) {
    Row* to[kLanes];
    for (std::int32_t lane = 0; lane < kLanes; ++lane)
      to[lane] = lane < count ? ring_row(channel, y + lane) : spare_row_;
    if constexpr (!kLevels) {
      loops_.horizontal_f32(block_of(channel), columns(run_.x->f32), to);
    } else if (run_.x->arithmetic == Arithmetic::torch_int16) {
      loops_.horizontal_i16(block_of(channel), columns(run_.x->i16), run_.x->shift, to);
    } else {
      loops_.horizontal_i32(block_of(channel), columns(run_.x->i32), run_.x->shift, to);
    }
  }

  /// The columns being made.
  template <class Weight>
  ColumnTaps<Weight> columns(const std::vector<Weight>& weights) const {
    const AxisTable& x = *run_.x;
    return {x.first.data() + column_,
            x.taps.data() + column_,
            weights.data() + std::int64_t{column_} * x.stride,
            x.stride,
            width_,
            source_column_};
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Rows of the window, resampled in y

  std::int32_t first_row(std::int32_t i) const { return run_.y ? run_.y->first[i] : copy_origin(job_.y) + i; }
  std::int32_t row_taps(std::int32_t i) const { return run_.y ? run_.y->taps[i] : 1; }

  void walk_rows(std::int32_t begin, std::int32_t end) {
    std::int32_t last = 0;
    for (std::int32_t i = begin; i < end; ++i) last = std::max(last, first_row(i) + row_taps(i));
    std::int32_t held = 0, loaded = 0;  // the ring has the rows [held, loaded)
    for (std::int32_t i = begin; i < end; ++i) {
      const std::int32_t first = first_row(i), beyond = first + row_taps(i);
      if (first > loaded) held = loaded = first;
      // Windows go back where the source is mirrored: the group that ends with this one's rows then serves the next.
      if (first < held) held = loaded = std::min(first, std::max(beyond - kLanes, 0));
      while (loaded < beyond) {
        const std::int32_t count = std::min(kLanes, last - loaded);
        load_rows(loaded, count);
        loaded += count;
        held = std::max(held, loaded - shape_.ring_rows);
      }
      finish_row(i);
    }
  }

  /// Row i of the window before the epilogue: a row of the ring itself, or the sum of several, in `to`.
  const Row* combine(std::int32_t channel, std::int32_t i, Row* to) const {
    if (!run_.y) return ring_row(channel, first_row(i));
    const std::int32_t taps = run_.y->taps[i];
    for (std::int32_t k = 0; k < taps; ++k) tap_rows_[k] = ring_row(channel, run_.y->first[i] + k);
    if constexpr (!kLevels) {
      loops_.vertical_f32(tap_rows_, run_.y->row_f32(i).data(), taps, width_, to);
    } else if (run_.y->arithmetic == Arithmetic::torch_int16) {
      loops_.vertical_i16(tap_rows_, run_.y->row_i16(i).data(), taps, run_.y->shift, width_, to);
    } else {
      loops_.vertical_i32(tap_rows_, run_.y->row_i32(i).data(), taps, run_.y->shift, width_, to);
    }
    return to;
  }

  // -------------------------------------------------------------------------------------------------------------------
  // Epilogue and store

  RowPiece piece(std::int32_t channel, std::int32_t i) const {
    return {channel, job_.at_y + i, job_.at_x + column_, width_};
  }

  /// The source channel of an output channel: one source channel feeds all.
  std::int32_t source_channel(std::int32_t channel) const { return shape_.channels == 1 ? 0 : channel; }

  void finish_row(std::int32_t i) {
    if constexpr (kLevels) {
      if (look_up_) return store_looked_up(i);
    }
    float* rows[4];
    bool in_place[4];
    for (std::int32_t channel = 0; channel < job_.channels; ++channel) {
      float* const there = row_in_place(run_.to, piece(channel, i));
      in_place[channel] = there != nullptr;
      rows[channel] = there ? there : values_ + std::int64_t{channel} * shape_.row_pitch;
      if (channel > 0 && shape_.channels == 1) {
        std::copy_n(rows[0], width_, rows[channel]);
      } else if constexpr (kLevels) {
        const Row* levels = combine(channel, i, spare_row_);
        std::copy_n(levels, width_, rows[channel]);
      } else {
        const Row* row = combine(channel, i, rows[channel]);
        if (row != rows[channel]) std::copy_n(row, width_, rows[channel]);
      }
    }
    apply_steps(*run_.epilogue, loops_, rows, job_.channels, width_);
    for (std::int32_t channel = 0; channel < job_.channels; ++channel) {
      if (!in_place[channel]) store_row(run_.to, piece(channel, i), rows[channel]);
    }
  }

  void store_looked_up(std::int32_t i) {
    const Row* levels = nullptr;
    for (std::int32_t channel = 0; channel < job_.channels; ++channel) {
      if (channel == 0 || shape_.channels > 1) levels = combine(source_channel(channel), i, spare_row_);
      const std::size_t offset = channel * 256 * bytes_of(run_.to.type);
      if constexpr (kLevels) store_levels(run_.to, piece(channel, i), levels, table_ + offset);
    }
  }

  const BandRun& run_;
  const Job& job_;
  const BandShape& shape_;
  const PassLoops& loops_;
  Sample* const gathered_;
  Block* const block_;
  Row* const ring_;
  Row* const spare_row_;
  float* const values_;
  std::byte* const table_;
  const Row** const tap_rows_;
  const bool look_up_;

  std::int32_t column_ = 0, width_ = 0;                  ///< the window's columns being made
  std::int32_t source_column_ = 0, source_columns_ = 0;  ///< the source columns that they need
};

}  // namespace

void run_band(const BandRun& run, std::int32_t begin, std::int32_t end, const PassLoops& loops, std::byte* scratch) {
  if (run.shape.levels) {
    Band<std::uint8_t, std::uint8_t>(run, loops, scratch)(begin, end);
  } else if (run.from.type == Type::u8) {
    Band<std::uint8_t, float>(run, loops, scratch)(begin, end);
  } else {
    Band<float, float>(run, loops, scratch)(begin, end);
  }
}

}  // namespace kir::cpu
