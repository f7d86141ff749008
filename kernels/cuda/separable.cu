#include "kernels/cuda/separable.hpp"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "kernels/cuda/direct.cuh"
#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/prepare.cuh"
#include "kernels/cuda/separable_kernel.cuh"

namespace kir::cuda {
namespace {

constexpr int kNoVariant = -1;
constexpr int kMostSteps = 60000;  // of source rows, and blocks of rows: TileDesc counts both in 16 bits
constexpr std::size_t kMostWorkspaceBytes = std::size_t{16} << 30;  // TileDesc counts 4 bytes in 32 bits

// ---------------------------------------------------------------------------------------------------------------------
// The form of a job: which tile, and how much shared memory it asks for. From the plan alone: strides are not known
// when a caller asks for the bytes of the workspace, and must not change them.

struct Form {
  int variant = kNoVariant;
  int strip_blocks = 0, pitch = 0, step_blocks = 0, end_step = 0;
  std::size_t rows_bytes = 0, weights_bytes = 0;  ///< of a stage: its rows; the vertical weights of one of its steps
  std::size_t scratch_bytes = 0;                  ///< of a warp that makes tables
  const char* reason = "";                        ///< why not a matrix tile
};

/// The variant with the fewest instructions for the windows of an axis.
int variant_of(const AxisDesc& x) {
  const int steps = blocks_of(span_of(x, kBlockColumns), kStepColumns);
  for (std::size_t i = 0; i < kMatrixVariants.size(); ++i) {
    if (kMatrixVariants[i].steps >= steps) return static_cast<int>(i);
  }
  return kNoVariant;
}

Form form_of(const void* blob, const JobDesc& job, bool integer, const DeviceFacts& device) {
  const AxisDesc& x = record_at<AxisDesc>(blob, job.x_axis);
  AxisDesc y = record_at<AxisDesc>(blob, job.y_axis);
  const EpilogueDesc& epilogue = record_at<EpilogueDesc>(blob, job.epilogue);
  Form form;
  const auto no = [&](const char* reason) {
    form.variant = kNoVariant;
    form.reason = reason;
    return form;
  };
  if (job.source_type != Type::u8) return no("the source is float32");
  if (job.levels != integer) return no("other jobs of the launch have the other arithmetic");
  if (integer ? epilogue.mixes : !epilogue.affine) return no("the epilogue mixes channels or rounds between its steps");

  form.variant = variant_of(x);
  if (form.variant == kNoVariant) return no("the horizontal window is wider than any variant's");
  const StepForm steps = step_form_of(y);
  if (!steps.fits) return no("rows are enlarged so much that too many blocks wait for the next source rows");
  form.step_blocks = steps.blocks;
  y.step_blocks = static_cast<std::uint8_t>(steps.blocks);
  form.end_step = last_step_end(y);
  if (std::max(form.end_step, blocks_of(y.count, kBlockRows)) > kMostSteps) return no("there are too many rows");

  // Strips of about one width. Rows lie an odd number of 16 bytes apart, so that those of a half begin in different
  // banks.
  const MatrixVariant& variant = kMatrixVariants[static_cast<std::size_t>(form.variant)];
  const int blocks = blocks_of(x.count, kBlockColumns);
  const int strips = blocks_of(blocks, kTeamWarps * variant.blocks);
  form.strip_blocks = blocks_of(blocks_of(blocks, strips), variant.blocks) * variant.blocks;
  form.pitch = 16 * ((span_of(x, form.strip_blocks * kBlockColumns) + 30) / 16 | 1);
  form.rows_bytes = static_cast<std::size_t>(kStageRows) * static_cast<std::size_t>(form.pitch);
  form.weights_bytes = static_cast<std::size_t>(steps.most) * static_cast<std::size_t>(pair_bytes(integer));
  // Each has its part of a stage, for the stages of a launch have room for its widest rows and for its most weights.
  const std::size_t stage_bytes = (device.shared_per_block - kBlockHeadBytes) / kStages - kStageHeadBytes;
  if (form.rows_bytes > stage_bytes / 4 * 3 || kStageSteps * form.weights_bytes > stage_bytes / 4) {
    return no("the window is too large for shared memory");
  }
  form.scratch_bytes = std::max(table_scratch_bytes(x, variant.steps), table_scratch_bytes(y, 1));
  const std::size_t prepare_warps = integer ? kPrepareWarpsInteger : kPrepareWarps;
  if (prepare_warps * form.scratch_bytes > device.shared_per_block / 2) {
    return no("the window has too many taps for the prepare kernel's shared memory");
  }
  return form;
}

bool is_plain(const JobDesc& job, const void* blob) {
  const LayoutDesc& layout = record_at<LayoutDesc>(blob, job.layout);
  const AxisDesc& x = record_at<AxisDesc>(blob, job.x_axis);
  const AxisDesc& y = record_at<AxisDesc>(blob, job.y_axis);
  return layout.copies == 1 && layout.x.inner == 1 &&
         static_cast<std::int64_t>(layout.x.unit) >= std::int64_t{job.at_x} + x.count &&
         static_cast<std::int64_t>(layout.y.unit) >= std::int64_t{job.at_y} + y.count;
}

StoreKind store_of(const JobDesc& job, const void* blob) {
  if (!is_plain(job, blob)) return StoreKind::any;
  if (job.target_type == Type::f32) return StoreKind::rows_f32;
  return job.target_type == Type::f16 || job.target_type == Type::bf16 ? StoreKind::rows_16 : StoreKind::any;
}

/// JobDesc::pairs for a kernel with this store.
bool stores_pairs(const JobDesc& job, const void* blob, StoreKind store) {
  const LayoutDesc& layout = record_at<LayoutDesc>(blob, job.layout);
  const auto even = [](auto... numbers) { return ((numbers % 2 == 0) && ...); };
  const auto stays_even = [&](const StepsDesc& steps, std::int32_t at) {
    return steps.unit >= 1u << 30 || even(steps.unit, steps.middle, steps.outer, at);
  };
  if (layout.x.inner != 1 || reinterpret_cast<std::uintptr_t>(job.target) % (2 * bytes_of(job.target_type)) != 0 ||
      !even(record_at<AxisDesc>(blob, job.x_axis).count, job.at_x, layout.channel, layout.y.inner)) {
    return false;
  }
  if (store != StoreKind::any) return true;
  // The first `count` elements along one axis are in less than `extent` elements.
  const auto extent = [](const StepsDesc& steps, double count) {
    const double units = count / steps.unit + 1;
    return static_cast<double>(std::abs(steps.outer)) * (units / steps.group + 1) +
           static_cast<double>(std::abs(steps.middle)) * std::min<double>(units, steps.group) +
           static_cast<double>(std::abs(steps.inner)) * std::min<double>(count, steps.unit);
  };
  constexpr double kMost = 1 << 29;
  return job.target_type == Type::f32 && even(layout.copy) && stays_even(layout.x, job.at_x) &&
         stays_even(layout.y, job.at_y) && layout.copies * static_cast<double>(std::abs(layout.copy)) < kMost &&
         extent(layout.y, job.at_y + record_at<AxisDesc>(blob, job.y_axis).count) < kMost;
}

// ---------------------------------------------------------------------------------------------------------------------
// The launches of a part: shapes, and where everything is in the workspace

struct Launch {
  std::vector<Blob> blobs;
  bool integer = false;
  StoreKind store = StoreKind::any;
  Reach reach = Reach::near;
  std::uint32_t matrix_tiles = 0, tile_count = 0;
  std::size_t stage_bytes = 0, weights_at = 0, weights_bytes = 0;  ///< as SeparableArguments has them
  std::size_t scratch_bytes = 0;                                   ///< of a warp that makes tables
  int teams = 1;  ///< of a block of threads; one block a multiprocessor
  unsigned grid = 1;

  bool could_be_direct = false;  ///< but for strides
  bool is_direct = false;        ///< one launch, a block a tile
  DirectArguments direct;
  std::size_t direct_shared_bytes = 0;

  struct Prepare {
    std::size_t blob_at = 0, levels_at = 0;
    unsigned pieces = 1, owners = 1;
  };
  std::vector<Prepare> prepares;
  std::size_t tiles_at = 0, bytes = 0;
};

std::size_t shared_bytes(const Launch& launch) {
  return kBlockHeadBytes + static_cast<std::size_t>(launch.teams) * kStages * launch.stage_bytes;
}

unsigned threads_of(const Launch& launch) {
  return static_cast<unsigned>(32 * kTeamWarps * (launch.teams + 1));
}

/// Tall tiles share more rows between their blocks, but there must be several for each team, or some end long before
/// the others. A part too small for that is one round of tiles, as many as there are teams.
constexpr std::array kTileRows{kMostTileRows, 64, 48, 32, 24, 16, 8};
constexpr double kTilesPerTeam = 2;

/// Matrix tiles side by side, of all channels.
std::uint32_t strips_of(const AxisDesc& x, const JobDesc& job) {
  return static_cast<std::uint32_t>(blocks_of(x.count, job.strip_blocks * kBlockColumns)) * job.channels;
}

void choose_forms(Launch& launch, const DeviceFacts& device) {
  bool first = true;
  std::size_t rows_bytes = 0;
  for (Blob& blob : launch.blobs) {
    for (const JobDesc& job : blob.jobs()) launch.integer = launch.integer || job.levels;
  }
  for (Blob& blob : launch.blobs) {
    for (JobDesc& job : blob.jobs()) {
      const Form form = form_of(blob.data(), job, launch.integer, device);
      const bool is_matrix = form.variant != kNoVariant && job.source_x == 1;
      job.tile_kind = static_cast<std::uint8_t>(is_matrix ? TileKind::matrix : TileKind::column_walk);
      if (!is_matrix || !has_variant(Reach::near, form.variant)) launch.reach = Reach::far;
      if (form.variant == kNoVariant) continue;
      job.variant = static_cast<std::uint8_t>(form.variant);
      job.strip_blocks = static_cast<std::uint8_t>(form.strip_blocks);
      job.pitch = static_cast<std::uint16_t>(form.pitch);
      AxisDesc& y = blob.axis(job.y_axis);
      y.step_blocks = static_cast<std::uint8_t>(form.step_blocks);
      y.end_step = static_cast<std::uint16_t>(form.end_step);
      rows_bytes = std::max(rows_bytes, form.rows_bytes);
      launch.weights_bytes = std::max(launch.weights_bytes, form.weights_bytes);
      launch.scratch_bytes = std::max(launch.scratch_bytes, form.scratch_bytes);
      const StoreKind store = store_of(job, blob.data());
      launch.store = first || store == launch.store ? store : StoreKind::any;
      first = false;
    }
  }
  for (Blob& blob : launch.blobs) {
    for (JobDesc& job : blob.jobs()) {
      job.pairs = stores_pairs(job, blob.data(), launch.store);
      if (!job.pairs) launch.reach = Reach::far;
    }
  }
  launch.weights_at = rows_bytes;
  launch.stage_bytes = rows_bytes + kStageSteps * launch.weights_bytes + kStageHeadBytes;
  launch.teams = std::clamp(
      static_cast<int>((device.shared_per_block - kBlockHeadBytes) / (kStages * launch.stage_bytes)), 1, kMostTeams);
}

bool is_matrix(const JobDesc& job) {
  return job.tile_kind == static_cast<std::uint8_t>(TileKind::matrix);
}

/// `steps`: instructions that a horizontal window needs.
std::size_t table_bytes(const AxisDesc& axis, int steps) {
  if (axis.vertical) {
    return std::size_t{y_header_units(steps_of(axis))} * 16 +
           static_cast<std::size_t>(pairs_of(axis)) * static_cast<std::size_t>(pair_bytes(axis.integer));
  }
  const int blocks = blocks_of(axis.count, kBlockColumns);
  return (x_header_units(blocks) + std::size_t{x_block_units(steps, axis.integer)} * static_cast<std::size_t>(blocks)) *
         16;
}

/// Whether a part is of the kind that has one launch (direct.cuh), if its tiles are few enough.
bool is_direct_kind(Launch& launch) {
  if (launch.integer || launch.blobs.size() != 1) return false;
  Blob& blob = launch.blobs[0];
  return blob.bytes() <= kDirectBlobBytes && blob.fills().empty() &&
         std::ranges::all_of(blob.jobs(), [](const JobDesc& job) { return job.strip_blocks > 0; });
}

/// Shared memory of a block that makes one tile of its own; what is in it.
void place_direct(Launch& launch) {
  std::size_t x_bytes = 0, y_bytes = 0;
  Blob& blob = launch.blobs[0];
  for (const JobDesc& job : blob.jobs()) {
    AxisDesc x = blob.axis(job.x_axis), y = blob.axis(job.y_axis);  // as narrow() will leave them, at most
    x.count = job.strip_blocks * kBlockColumns;
    const int steps = (span_of(y, job.tile_rows) + 2 * kStepRows - 2) / kStepRows;
    y.count = job.tile_rows;
    y.end_step = static_cast<std::uint16_t>(y.step_blocks > 0 ? last_step_end(y) : steps);
    x_bytes = std::max(x_bytes, table_bytes(x, kMatrixVariants[job.variant].steps));
    y_bytes = std::max(y_bytes, table_bytes(y, 1));
  }
  const std::size_t stages = std::max(kStages * launch.stage_bytes, kTableWarps * launch.scratch_bytes);
  const std::size_t x_at = sizeof(DirectHead) + blob.bytes(), y_at = x_at + x_bytes;
  const auto narrowed = [](std::size_t bytes) { return static_cast<std::uint32_t>(bytes); };
  launch.direct = {narrowed(launch.stage_bytes),
                   narrowed(launch.weights_at),
                   narrowed(launch.weights_bytes),
                   narrowed(kBlockHeadBytes + stages),
                   narrowed(x_at / 16),
                   narrowed(y_at / 16),
                   static_cast<int>(launch.scratch_bytes),
                   launch.store};
  launch.direct_shared_bytes = kBlockHeadBytes + stages + y_at + y_bytes;
}

void choose_tile_rows(Launch& launch, const DeviceFacts& device) {
  const double teams = 1.0 * device.multiprocessors * launch.teams;
  const auto for_each_job = [&](const auto& visit) {
    for (Blob& blob : launch.blobs) {
      for (JobDesc& job : blob.jobs()) {
        if (job.strip_blocks > 0) visit(job, blob.axis(job.x_axis), blob.axis(job.y_axis));
      }
    }
  };
  struct Band {  // jobs with as many rows, side by side: in most batches all
    int blocks;
    double strips;
  };
  std::vector<Band> bands;
  for_each_job([&](const JobDesc& job, const AxisDesc& x, const AxisDesc& y) {
    const int blocks = blocks_of(y.count, kBlockRows);
    if (bands.empty() || bands.back().blocks != blocks) bands.push_back({blocks, 0});
    bands.back().strips += strips_of(x, job);
  });
  const auto tiles_with = [&](int rows) {
    double tiles = 0;
    for (const Band& band : bands) tiles += band.strips * blocks_of(band.blocks, rows / kBlockRows);
    return tiles;
  };
  const auto cut = [&](int tile_rows) {  // about as many rows in each tile of a job
    for_each_job([&](JobDesc& job, const AxisDesc&, const AxisDesc& y) {
      const int blocks = blocks_of(y.count, kBlockRows), segments = blocks_of(blocks, tile_rows / kBlockRows);
      job.tile_rows = static_cast<std::uint16_t>(blocks_of(blocks, segments) * kBlockRows);
    });
  };

  // One launch, a block a tile: the shortest tiles that are no more than the multiprocessors, so that the next call can
  // begin beside this one; where there are none, the tallest that fit into half of the shared memory, if all run at
  // once.
  if (is_direct_kind(launch) && tiles_with(kMostTileRows) <= kDirectBlocks * device.multiprocessors) {
    int tile_rows = 0;
    for (const int rows : kTileRows) {
      if (tile_rows != 0 && tiles_with(rows) > device.multiprocessors) break;
      cut(rows);
      place_direct(launch);
      if (launch.direct_shared_bytes <= (device.shared_per_block - kReservedBytes) / kDirectBlocks) tile_rows = rows;
    }
    launch.could_be_direct = tile_rows != 0 && tiles_with(tile_rows) <= kDirectBlocks * device.multiprocessors;
    if (launch.could_be_direct) {
      cut(tile_rows);
      place_direct(launch);
      return;
    }
  }

  int tile_rows = 0;
  for (const int rows : kTileRows) {
    const double tiles = tiles_with(rows);
    if (tile_rows == 0 || tiles <= teams) tile_rows = rows;
    if (tiles < kTilesPerTeam * teams) continue;
    tile_rows = rows;
    break;
  }
  cut(tile_rows);
}

/// Numbers the tiles: matrix tiles first, for they take longest.
void number_tiles(Launch& launch) {
  const auto number = [&](auto& record) {
    record.first_tile = launch.tile_count;
    launch.tile_count += record.tiles;
  };
  for (Blob& blob : launch.blobs) {
    for (JobDesc& job : blob.jobs()) {
      if (is_matrix(job)) number(job);
    }
  }
  launch.matrix_tiles = launch.tile_count;
  for (Blob& blob : launch.blobs) {
    for (JobDesc& job : blob.jobs()) {
      if (!is_matrix(job)) number(job);
    }
    for (FillDesc& fill : blob.fills()) number(fill);
  }
}

void place(Launch& launch, const DeviceFacts& device) {
  std::size_t at = 64;     // the tile counters
  std::uint32_t room = 0;  // tiles, whatever the strides are
  const auto take = [&](std::size_t bytes) {
    const std::size_t offset = at;
    at += align(bytes, 64);
    return offset;
  };
  for (Blob& blob : launch.blobs) {
    Launch::Prepare& prepare = launch.prepares.emplace_back();
    prepare.blob_at = take(blob.bytes());
    if (launch.integer) prepare.levels_at = take(std::size_t(blob.header().epilogue_count) * 4 * 256 * 4);

    // Which axes need which table. There is room for either kind where the strides decide.
    std::uint32_t most_tiles = 0;
    std::vector<std::uint16_t> matrix_steps(blob.axes().size());
    const auto steps_of_table = [&](const AxisDesc& axis) -> std::uint16_t& {
      return matrix_steps[static_cast<std::size_t>(&axis - blob.axes().data())];
    };
    for (JobDesc& job : blob.jobs()) {
      AxisDesc &x = blob.axis(job.x_axis), &y = blob.axis(job.y_axis);
      const auto walk_tiles =
          static_cast<std::uint32_t>(walk_column_blocks(x)) * static_cast<std::uint32_t>(walk_row_blocks(y));
      std::uint32_t matrix_tiles = 0;
      if (job.strip_blocks > 0) {
        matrix_tiles = strips_of(x, job) * static_cast<std::uint32_t>(blocks_of(y.count, job.tile_rows));
        steps_of_table(x) = static_cast<std::uint16_t>(kMatrixVariants[job.variant].steps);
        steps_of_table(y) = 1;
      }
      if (is_matrix(job)) {
        job.tiles = matrix_tiles;
        x.steps = steps_of_table(x);
        y.steps = steps_of_table(y);
      } else {
        job.tiles = walk_tiles;
        x.walk_table = y.walk_table = 1;
      }
      room += std::max(matrix_tiles, walk_tiles);
      most_tiles = std::max(most_tiles, job.tiles);
    }
    for (FillDesc& fill : blob.fills()) {
      fill.tiles = static_cast<std::uint32_t>(fill_tiles(fill));
      room += fill.tiles;
      most_tiles = std::max(most_tiles, fill.tiles);
    }

    // Tables
    int most_units = 1;
    for (AxisDesc& axis : blob.axes()) {
      most_units = std::max(most_units, table_units(axis));
      if (const int steps = steps_of_table(axis); steps > 0) {
        axis.table = static_cast<std::uint32_t>(take(table_bytes(axis, steps)) / 16);
      }
      const std::size_t walk_at = take(axis.vertical ? row_table_bytes(axis) : column_table_bytes(axis));
      if (axis.walk_table > 0) axis.walk_table = static_cast<std::uint32_t>(walk_at / 16);
    }

    const int warps = launch.integer ? kPrepareWarpsInteger : kPrepareWarps;
    const BlobHeader& header = blob.header();
    prepare.owners =
        static_cast<unsigned>(header.axis_count + header.job_count + 1 + (launch.integer ? header.epilogue_count : 0));
    // Every piece of an integer axis looks for its shift, so there are few where there are many axes.
    const int most_pieces = launch.integer ? device.multiprocessors / static_cast<int>(prepare.owners) : 256;
    const int pieces = std::min(blocks_of(most_units, warps), most_pieces);
    const auto tile_pieces = static_cast<int>(most_tiles / static_cast<unsigned>(32 * warps * 4));
    prepare.pieces = static_cast<unsigned>(std::clamp(std::max(pieces, tile_pieces), 1, 256));
  }
  launch.tiles_at = take(std::size_t{room} * sizeof(TileDesc));
  launch.bytes = at;
  if (launch.bytes > kMostWorkspaceBytes) {
    throw Error(ErrorCode::unsupported, "images",
                "the tables of a level would need " + std::to_string(launch.bytes) + " bytes; allowed: at most " +
                    std::to_string(kMostWorkspaceBytes) + "; give fewer images at once");
  }
}

Launch launch_of(const PlanMemory& memory, const Part& part, const DeviceFacts& device) {
  Launch launch;
  launch.blobs = lower(memory, part);
  if (launch.blobs.empty()) return launch;
  choose_forms(launch, device);
  choose_tile_rows(launch, device);
  place(launch, device);
  number_tiles(launch);
  const auto teams = static_cast<unsigned>(launch.teams);
  const unsigned warp_tiles = launch.tile_count - launch.matrix_tiles;
  const unsigned work = launch.matrix_tiles + (warp_tiles + kTeamWarps - 1) / kTeamWarps;  // of teams
  launch.is_direct = launch.could_be_direct && warp_tiles == 0;
  // A small part is spread over the multiprocessors rather than over the teams of a few.
  launch.grid = std::min(static_cast<unsigned>(device.multiprocessors), work);
  launch.teams = static_cast<int>(std::min(teams, (work + launch.grid - 1) / std::max(launch.grid, 1u)));
  return launch;
}

// ---------------------------------------------------------------------------------------------------------------------

template <bool kInteger>
cudaError_t launch_prepare(const PrepareArguments& arguments, const Blob& blob, const Launch::Prepare& prepare,
                           const DeviceFacts& device, cudaStream_t stream) {
  const auto scratch_bytes = static_cast<std::size_t>(arguments.scratch_bytes);
  constexpr int kWarps = kInteger ? kPrepareWarpsInteger : kPrepareWarps;
  return with_parameter_size(blob, [&](auto bytes) {
    return launch_kernel(prepare_kernel<kInteger, bytes()>, dim3(prepare.pieces, prepare.owners), 32 * kWarps,
                         kWarps * scratch_bytes, device, stream, arguments, parameter_of<bytes()>(blob));
  });
}

cudaError_t start_direct(const Launch& launch, const DeviceFacts& device, cudaStream_t stream) {
  return launch_kernel(direct_kernel_for(launch.store, launch.reach), dim3(launch.tile_count), 32 * kDirectWarps,
                       launch.direct_shared_bytes, device, stream, launch.direct,
                       parameter_of<kDirectBlobBytes>(launch.blobs[0]));
}

cudaError_t start(const Launch& launch, const DeviceFacts& device, void* workspace, cudaStream_t stream) {
  if (launch.tile_count == 0) return cudaSuccess;
  if (launch.is_direct) return start_direct(launch, device, stream);
  auto* const base = static_cast<std::byte*>(workspace);
  auto* const tiles = reinterpret_cast<TileDesc*>(base + launch.tiles_at);
  auto* const next = reinterpret_cast<std::uint32_t*>(base);

  for (std::size_t i = 0; i < launch.blobs.size(); ++i) {
    const Launch::Prepare& prepare = launch.prepares[i];
    const PrepareArguments arguments{base,
                                     tiles,
                                     next,
                                     {static_cast<std::uint32_t>(prepare.blob_at / 16),
                                      static_cast<std::uint32_t>(prepare.levels_at / 16), launch.store},
                                     static_cast<int>(launch.scratch_bytes)};
    const cudaError_t status = launch.integer
                                   ? launch_prepare<true>(arguments, launch.blobs[i], prepare, device, stream)
                                   : launch_prepare<false>(arguments, launch.blobs[i], prepare, device, stream);
    if (status != cudaSuccess) return status;
  }

  const SeparableArguments arguments{base,
                                     tiles,
                                     next,
                                     launch.matrix_tiles,
                                     launch.tile_count,
                                     launch.teams,
                                     static_cast<std::uint32_t>(launch.stage_bytes),
                                     static_cast<std::uint32_t>(launch.weights_at),
                                     static_cast<std::uint32_t>(launch.weights_bytes)};
  const SeparableKernel kernel =
      launch.integer ? integer_kernel(launch.store, launch.reach) : float_kernel(launch.store, launch.reach);
  return launch_kernel(kernel, dim3(launch.grid), threads_of(launch), shared_bytes(launch), device, stream, arguments);
}

class LoweredSeparable final : public LoweredPart {
 public:
  LoweredSeparable(const PlanMemory& memory, const Part& part, const DeviceFacts& device)
      : device_(device), launch_(launch_of(memory, part, device)) {}

  std::size_t workspace_bytes() const override { return launch_.bytes; }
  cudaError_t launch(void* workspace, cudaStream_t stream) const override {
    return start(launch_, device_, workspace, stream);
  }

 private:
  const DeviceFacts& device_;
  Launch launch_;
};

}  // namespace

std::unique_ptr<LoweredPart> lower_separable(const PlanMemory& memory, const Part& part) {
  return std::make_unique<LoweredSeparable>(memory, part, device_facts());
}

std::vector<std::string> explain_separable(const Plan& plan, const Part& part) {
  const DeviceFacts& device = device_facts();
  Launch launch = launch_of({plan, {}, {}, nullptr}, part, device);
  std::vector<std::string> lines;
  if (launch.tile_count == 0) return lines;
  const auto add = [&](const auto&... pieces) {
    std::ostringstream text;
    (text << ... << pieces);
    lines.push_back(text.str());
  };

  const auto records = [](const BlobHeader& header) {
    std::ostringstream text;
    text << header.job_count << " jobs, " << header.axis_count << " axes, " << header.fill_count << " fills in "
         << header.bytes << " bytes of parameters";
    return text.str();
  };
  if (launch.is_direct) {
    add("direct: ", records(launch.blobs[0].header()), "; float arithmetic, stores ", name_of(launch.store), ", ",
        name_of(launch.reach), "; ", launch.tile_count,
        " tiles, a block each, for all run at once, where columns are contiguous; ",
        registers_of(direct_kernel_for(launch.store, launch.reach)), " registers, ", launch.direct_shared_bytes,
        " bytes of shared memory a block");
  } else {
    for (std::size_t i = 0; i < launch.blobs.size(); ++i) {
      add("prepare: ", records(launch.blobs[i].header()), "; grid ", launch.prepares[i].pieces, " x ",
          launch.prepares[i].owners);
    }
    const SeparableKernel kernel =
        launch.integer ? integer_kernel(launch.store, launch.reach) : float_kernel(launch.store, launch.reach);
    add("separable: ", launch.integer ? "integer" : "float", " arithmetic, stores ", name_of(launch.store), ", ",
        name_of(launch.reach), launch.reach == Reach::far ? " and column walks; " : "; ", launch.tile_count,
        " tiles on ", launch.grid, " blocks of ", launch.teams, " teams of ", kTeamWarps, " warps, ",
        registers_of(kernel), " registers, ", shared_bytes(launch), " bytes of shared memory a block");
  }

  struct Use {
    std::string form, reason;
    int jobs = 0;
    std::uint32_t tiles = 0;
  };
  std::vector<Use> uses;
  const auto count = [&](std::string form, std::string reason, std::uint32_t tiles) {
    auto use =
        std::find_if(uses.begin(), uses.end(), [&](const Use& u) { return u.form == form && u.reason == reason; });
    if (use == uses.end()) use = uses.insert(uses.end(), {std::move(form), std::move(reason), 0, 0});
    ++use->jobs;
    use->tiles += tiles;
  };
  for (Blob& blob : launch.blobs) {
    for (const JobDesc& job : blob.jobs()) {
      std::ostringstream text;
      if (job.tile_kind != static_cast<std::uint8_t>(TileKind::matrix)) {
        text << "column walk, tiles of " << kWalkRows << " x " << walk_columns(blob.axis(job.x_axis));
        count(text.str(), form_of(blob.data(), job, launch.integer, device).reason, job.tiles);
        continue;
      }
      const MatrixVariant& variant = kMatrixVariants[job.variant];
      text << "matrix tiles of " << job.tile_rows << " x " << job.strip_blocks * kBlockColumns << ", warps of "
           << variant.blocks * kBlockColumns << " columns x " << variant.steps * kStepColumns << " source columns";
      const StepForm steps = step_form_of(blob.axis(job.y_axis));
      std::ostringstream reason;
      reason << "windows of " << kBlockColumns << " columns fit; ";
      if (steps.blocks > 0) {
        reason << "those of " << steps.blocks * kBlockRows << " rows fit 16 source rows";
      } else {
        reason << "16 source rows meet at most " << steps.most << " blocks of " << kBlockRows << " rows";
      }
      count(text.str(), reason.str(), job.tiles);
    }
    for (const FillDesc& fill : blob.fills()) count("fill", "padding, masks or positions", fill.tiles);
  }
  for (const Use& use : uses) {
    add("  ", use.form, ": ", use.jobs, use.form == "fill" ? " fills, " : " jobs, ", use.tiles, " tiles: ", use.reason);
  }
  return lines;
}

}  // namespace kir::cuda
