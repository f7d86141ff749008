// The readable kernel, the reference of the GPU: one launch, one pass over taps x taps, no workspace.
//
// A block makes 32 columns by 8 rows of one job, a thread one pixel, all its channels. Two warps sum the weights of the
// block's columns and rows, all threads write them to shared memory; then each walks the window of its pixel.
//
// Order of the sums: that of aten's CUDA kernel (upsample_gen2d_aa_out_frame): each source row is summed over its taps
// with ascending fused multiply-adds, the rows' sums likewise, nothing is rounded in between.
// Weights: those of aten on the CPU, float32 to the bit (axis_weights.cuh), because a plan's float32 numerics are
// defined by them. Aten's CUDA kernel makes its own, in float throughout: the distance of the first tap is one fused
// fma(-scale, i + 0.5f, first), then + j, + 0.5f, * inverse, each rounded; the cubic is fused as ((x - 5) x + 8) x - 4
// and then times a (torch 2.11 resizes identity matrices with these weights to the bit). The source shows nothing else
// that separates the two results. A plan that asks for aten's CUDA weights would be one of other numerics (torch_cuda),
// as far from the reference as torch on CUDA is from torch on the CPU.
//
// A window of more than kPiece taps is added piece by piece, rows within columns.
#include "kernels/cuda/fused.hpp"

#include <limits>

#include "kernels/cuda/axis_weights.cuh"
#include "kernels/cuda/epilogue.cuh"
#include "kernels/cuda/fill.cuh"
#include "kernels/cuda/fused_plan.hpp"
#include "kernels/cuda/store.cuh"

namespace kir::cuda {
namespace {

constexpr int kColumns = kFusedColumns, kRows = kFusedRows, kPiece = kFusedPiece;

// ---------------------------------------------------------------------------------------------------------------------
// Which block does what (number_fused_blocks)

struct Share {
  int entry = 0;  ///< which job, or job_count + which fill
  int block = 0;  ///< which of its blocks
};

/// What block `block` of the launch does: the last entry whose first block is not beyond it.
__device__ Share share_of(const void* blob, std::uint32_t block) {
  const auto& header = record_at<BlobHeader>(blob, 0);
  const auto first_of = [&](int entry) {
    return entry < header.job_count ? (&record_at<JobDesc>(blob, header.jobs))[entry].first_tile
                                    : (&record_at<FillDesc>(blob, header.fills))[entry - header.job_count].first_tile;
  };
  int low = 0, high = header.job_count + header.fill_count - 1;
  while (low < high) {
    const int middle = (low + high + 1) / 2;
    if (first_of(middle) <= block) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return {low, static_cast<int>(block - first_of(low))};
}

// ---------------------------------------------------------------------------------------------------------------------
// One pixel

struct SharedWeights {
  float x_total[kColumns], y_total[kRows];
  float x[kPiece][kColumns];  // tap, column
  float y[kPiece][kRows];     // tap, row
};
static_assert(sizeof(SharedWeights) == kFusedSharedBytes);

/// sums[c] += the taps [y0, y0 + kPiece) x [x0, x0 + kPiece) of the thread's pixel. kNeighbours: the columns of the
/// source are neighbours in memory, which makes addresses cheap.
template <class Sample, int kChannels, bool kNeighbours>
__device__ void add_piece(const JobDesc& job, const SharedWeights& weights, AxisSpan y, int y0, AxisSpan x, int x0,
                          float (&sums)[4]) {
  const int rows = min(y.taps - y0, kPiece), columns = min(x.taps - x0, kPiece);
  const Sample* row =
      static_cast<const Sample*>(job.source) + (y.first + y0) * job.source_y + (x.first + x0) * job.source_x;
  const std::int64_t step = kNeighbours ? 1 : job.source_x;
  for (int j = 0; j < rows; ++j, row += job.source_y) {
    float across[kChannels] = {};
    const Sample* pixel = row;
#pragma unroll 4
    for (int k = 0; k < columns; ++k, pixel += step) {
      const float weight = weights.x[k][threadIdx.x];
#pragma unroll
      for (int c = 0; c < kChannels; ++c) {
        across[c] = __fmaf_rn(static_cast<float>(pixel[c * job.source_channel]), weight, across[c]);
      }
    }
#pragma unroll
    for (int c = 0; c < kChannels; ++c) sums[c] = __fmaf_rn(across[c], weights.y[j][threadIdx.y], sums[c]);
  }
}

template <class Sample, int kChannels>
__device__ void add_piece_of_spacing(const JobDesc& job, const SharedWeights& weights, AxisSpan y, int y0, AxisSpan x,
                                     int x0, float (&sums)[4]) {
  if (job.source_x == 1) {
    add_piece<Sample, kChannels, true>(job, weights, y, y0, x, x0, sums);
  } else {
    add_piece<Sample, kChannels, false>(job, weights, y, y0, x, x0, sums);
  }
}

template <class Sample>
__device__ void add_piece_of_channels(const JobDesc& job, const SharedWeights& weights, AxisSpan y, int y0, AxisSpan x,
                                      int x0, float (&sums)[4]) {
  switch (job.source_channels) {
    case 1:
      return add_piece_of_spacing<Sample, 1>(job, weights, y, y0, x, x0, sums);
    case 2:
      return add_piece_of_spacing<Sample, 2>(job, weights, y, y0, x, x0, sums);
    case 3:
      return add_piece_of_spacing<Sample, 3>(job, weights, y, y0, x, x0, sums);
    default:
      return add_piece_of_spacing<Sample, 4>(job, weights, y, y0, x, x0, sums);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// One block of a job

__device__ void fused_block(const void* blob, const JobDesc& job, int block) {
  __shared__ SharedWeights weights;
  const auto& y = record_at<AxisDesc>(blob, job.y_axis);
  const auto& x = record_at<AxisDesc>(blob, job.x_axis);
  const int blocks_across = (x.count + kColumns - 1) / kColumns;
  const int row0 = block / blocks_across * kRows, column0 = block % blocks_across * kColumns;
  const int row = row0 + static_cast<int>(threadIdx.y), column = column0 + static_cast<int>(threadIdx.x);
  // A thread beyond the window computes the last pixel of it, and stores nothing.
  const int y_index = min(row, y.count - 1), x_index = min(column, x.count - 1);
  const AxisSpan y_span = axis_span<float>(y, y_index), x_span = axis_span<float>(x, x_index);

  // The sums that weights are divided by, in order: one thread each of the first two warps.
  const bool sums_column = threadIdx.y == 0, sums_row = threadIdx.y == 1 && threadIdx.x < kRows;
  if (sums_column || sums_row) {
    const int index = sums_column ? x_index : min(row0 + static_cast<int>(threadIdx.x), y.count - 1);
    const float total = axis_row<float>(sums_column ? x : y, index).total;
    (sums_column ? weights.x_total : weights.y_total)[threadIdx.x] = total;
  }

  float values[4] = {};
  for (int x0 = 0; x0 < max_taps_of(x); x0 += kPiece) {
    for (int y0 = 0; y0 < max_taps_of(y); y0 += kPiece) {
      __syncthreads();
      // The threads of a column share its weights, those of a row likewise.
      AxisRow<float> of_x = axis_row_without_total<float>(x, x_index), of_y = axis_row_without_total<float>(y, y_index);
      of_x.total = weights.x_total[threadIdx.x];
      of_y.total = weights.y_total[threadIdx.y];
      for (int k = static_cast<int>(threadIdx.y); k < min(of_x.taps - x0, kPiece); k += kRows) {
        weights.x[k][threadIdx.x] = of_x.weight(x0 + k);
      }
      for (int k = static_cast<int>(threadIdx.x); k < min(of_y.taps - y0, kPiece); k += kColumns) {
        weights.y[k][threadIdx.y] = of_y.weight(y0 + k);
      }
      __syncthreads();
      if (job.source_type == Type::u8) {
        add_piece_of_channels<std::uint8_t>(job, weights, y_span, y0, x_span, x0, values);
      } else {
        add_piece_of_channels<float>(job, weights, y_span, y0, x_span, x0, values);
      }
    }
  }
  if (row >= y.count || column >= x.count) return;

  if (job.source_channels == 1) values[1] = values[2] = values[3] = values[0];
  apply(record_at<EpilogueDesc>(blob, job.epilogue), values, job.channels);
  const auto& layout = record_at<LayoutDesc>(blob, job.layout);
  const std::int64_t offset = offset_of(layout, 0, job.at_y + row, job.at_x + column);
#pragma unroll
  for (int c = 0; c < 4; ++c) {
    if (c < job.channels) {
      store_copies(job.target, job.target_type, layout, offset + c * layout.channel, values[c]);
    }
  }
}

template <std::size_t kBytes>
__global__ void __launch_bounds__(kColumns* kRows)
    fused_kernel(const __grid_constant__ BlobParameter<kBytes> parameter) {
  const void* const blob = parameter.bytes;
  const auto& header = record_at<BlobHeader>(blob, 0);
  const Share share = share_of(blob, blockIdx.x);
  if (share.entry < header.job_count) {
    fused_block(blob, (&record_at<JobDesc>(blob, header.jobs))[share.entry], share.block);
  } else {
    const FillDesc& fill = (&record_at<FillDesc>(blob, header.fills))[share.entry - header.job_count];
    const std::int64_t tile = std::int64_t{share.block} * kRows + threadIdx.y;
    if (tile < fill_tiles(fill)) {
      fill_tile(fill, record_at<LayoutDesc>(blob, fill.layout), tile, static_cast<int>(threadIdx.x));
    }
  }
}

}  // namespace

cudaError_t launch_fused(const PlanMemory& memory, const Part& part, cudaStream_t stream) {
  for (Blob& blob : lower(memory, part)) {
    const std::int64_t blocks = number_fused_blocks(blob);
    if (blocks == 0) continue;
    if (blocks > std::numeric_limits<int>::max()) return cudaErrorInvalidConfiguration;
    const cudaError_t status = with_parameter_size(blob, [&](auto bytes) {
      fused_kernel<bytes()>
          <<<static_cast<unsigned>(blocks), dim3(kColumns, kRows), 0, stream>>>(parameter_of<bytes()>(blob));
      return cudaGetLastError();
    });
    if (status != cudaSuccess) return status;
  }
  return cudaSuccess;
}

}  // namespace kir::cuda
