#include "kernels/cuda/separable.hpp"

#include <algorithm>
#include <sstream>

#include "kernels/cuda/launch.cuh"
#include "kernels/cuda/prepare.cuh"
#include "kernels/cuda/separable_kernel.cuh"

namespace kir::cuda {
namespace {

constexpr int kNoVariant = -1;
constexpr std::size_t kWarpTailBytes = 320;   // a lane may read as far beyond its row's last byte as one window is wide
constexpr std::size_t kReservedBytes = 1024;  // of shared memory, for each block

constexpr int power_of_two(int least) {
  int power = 1;
  while (power < least) power *= 2;
  return power;
}

// ---------------------------------------------------------------------------------------------------------------------
// The form of a job: which tile, and how much shared memory it asks for. From the plan alone: strides are not known
// when a caller asks for the bytes of the workspace, and must not change them.

struct Form {
  int variant = kNoVariant;
  int pitch = 0, ring_halves = 0;
  std::size_t stage_bytes = 0;
  const char* reason = "";  ///< why not a matrix tile
};

/// Matrix steps of an axis' windows: the smallest number that some variant has, 0 when none is large enough.
int x_steps_of(const AxisDesc& x) {
  const int steps = blocks_of(span_of(x, kBlockColumns), kStepColumns);
  int least = 0;
  for (const MatrixVariant& variant : kMatrixVariants) {
    if (variant.steps >= steps && (least == 0 || variant.steps < least)) least = variant.steps;
  }
  return least;
}

int y_steps_of(const AxisDesc& y) {
  const int halves = std::max(halves_of(span_of(y, kBlockRows)), 4);
  return blocks_of(halves, step_halves(y.integer));
}

/// The ring of kept halves, which all tiles of a launch share.
std::size_t kept_bytes_of(int ring_halves, bool integer) {
  const std::size_t half_bytes = integer ? IntegerArithmetic::kHalfBytes : FloatArithmetic::kHalfBytes;
  return static_cast<std::size_t>(ring_halves) * 2 * 32 * half_bytes;
}

/// The source rows of one tile.
std::size_t stage_bytes_of(int pitch, int stages) {
  return align(static_cast<std::size_t>(stages * kHalfRows * pitch) + kWarpTailBytes, 16);
}

/// Shared memory in which a warp of the prepare kernel makes one block of an axis' table.
std::size_t scratch_bytes_of(const AxisDesc& axis, bool integer) {
  const std::size_t outputs = axis.vertical ? kBlockRows : kBlockColumns;
  return outputs * static_cast<std::size_t>(max_taps_of(axis)) * (4 + (integer ? sizeof(double) : sizeof(float)));
}

Form form_of(const void* blob, const JobDesc& job, bool integer, const DeviceFacts& device) {
  const AxisDesc& x = record_at<AxisDesc>(blob, job.x_axis);
  const AxisDesc& y = record_at<AxisDesc>(blob, job.y_axis);
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

  const int x_steps = x_steps_of(x), y_steps = y_steps_of(y);
  if (x_steps == 0) return no("the horizontal window is wider than any variant's");

  // Rows lie an odd number of 16 bytes apart, so that those of a half begin in different banks.
  const auto groups_of = [&](int blocks) { return (span_of(x, blocks * kBlockColumns) + 30) / 16; };
  for (std::size_t i = 0; i < kMatrixVariants.size() && form.variant == kNoVariant; ++i) {
    const MatrixVariant& variant = kMatrixVariants[i];
    const int in_registers = register_steps_of(variant, integer);
    const bool waits = in_registers == 0 || in_registers == y_steps;
    if (variant.steps == x_steps && waits && groups_of(variant.blocks) <= 4 * variant.copies) {
      form.variant = static_cast<int>(i);
    }
  }
  if (form.variant == kNoVariant || y_steps > 255) return no("the window is too large for a warp");
  const MatrixVariant& variant = kMatrixVariants[static_cast<std::size_t>(form.variant)];
  form.pitch = 16 * (groups_of(variant.blocks) | 1);
  form.ring_halves = power_of_two(y_steps * step_halves(integer));  // of registers too: for tiles that are not whole
  const int halves = y_steps * step_halves(integer);
  form.stage_bytes =
      stage_bytes_of(form.pitch, std::max(kSharedStages, variant.register_steps > 0 ? register_stages_of(halves) : 0));
  if (kWarpsPerBlock * (kept_bytes_of(form.ring_halves, integer) + form.stage_bytes) > device.shared_per_block / 2) {
    return no("the window is too large for shared memory");
  }
  const std::size_t prepare_warps = integer ? kPrepareWarpsInteger : kPrepareWarps;
  if (prepare_warps * std::max(scratch_bytes_of(x, integer), scratch_bytes_of(y, integer)) >
      device.shared_per_block / 2) {
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

// ---------------------------------------------------------------------------------------------------------------------
// Both launches of a part: shapes, and where everything is in the workspace

struct Launch {
  std::vector<Blob> blobs;
  bool integer = false;
  StoreKind store = StoreKind::any;
  Reach reach = Reach::near;
  int tile_rows = 0;
  std::uint32_t tile_count = 0;
  std::size_t warp_bytes = 0;
  int ring_halves = 0, blocks_per_multiprocessor = 1;
  unsigned grid = 1;

  struct Prepare {
    std::size_t blob_at = 0, levels_at = 0;
    int scratch_bytes = 0;
    unsigned pieces = 1, owners = 1;
  };
  std::vector<Prepare> prepares;
  std::size_t tiles_at = 0, bytes = 0;
};

std::size_t shared_bytes(const Launch& launch) {
  return kBlockHeadBytes + kWarpsPerBlock * launch.warp_bytes;
}

/// Tall tiles share more rows between their blocks, but there must be several for each warp, or some end long before
/// the others. A part too small for that is one round of tiles, as many as there are warps.
constexpr std::array kTileRows{128, 96, 64, 48, 32, 24, 16, 8};
constexpr double kTilesPerWarp = 2.5;

std::uint32_t tiles_of(const AxisDesc& x, const AxisDesc& y, const JobDesc& job, int rows) {
  return static_cast<std::uint32_t>(blocks_of(x.count, job.blocks_per_tile * kBlockColumns)) *
         static_cast<std::uint32_t>(blocks_of(y.count, rows)) * job.channels;
}

void choose_forms(Launch& launch, const DeviceFacts& device) {
  bool first = true;
  std::size_t stage_bytes = 0;
  for (Blob& blob : launch.blobs) {
    for (const JobDesc& job : blob.jobs()) launch.integer = launch.integer || job.levels;
  }
  for (Blob& blob : launch.blobs) {
    for (JobDesc& job : blob.jobs()) {
      const Form form = form_of(blob.data(), job, launch.integer, device);
      if (form.variant == kNoVariant || job.source_x != 1 || !has_variant(Reach::near, form.variant)) {
        launch.reach = Reach::far;
      }
      if (form.variant == kNoVariant) {
        job.tile_kind = static_cast<std::uint8_t>(TileKind::column_walk);
        continue;
      }
      const bool neighbours = job.source_x == 1;
      job.tile_kind = static_cast<std::uint8_t>(neighbours ? TileKind::matrix : TileKind::column_walk);
      job.variant = static_cast<std::uint8_t>(form.variant);
      job.any_variant = static_cast<std::uint8_t>(variant_of_any_tile(form.variant));
      job.blocks_per_tile = static_cast<std::uint8_t>(kMatrixVariants[static_cast<std::size_t>(form.variant)].blocks);
      job.pitch = static_cast<std::uint16_t>(form.pitch);
      stage_bytes = std::max(stage_bytes, form.stage_bytes);
      launch.ring_halves = std::max(launch.ring_halves, form.ring_halves);
      const StoreKind store = store_of(job, blob.data());
      launch.store = first || store == launch.store ? store : StoreKind::any;
      first = false;
    }
  }
  if (launch.reach == Reach::far) {
    for (Blob& blob : launch.blobs) {
      for (JobDesc& job : blob.jobs()) job.variant = job.any_variant;
    }
  }
  launch.warp_bytes = kept_bytes_of(launch.ring_halves, launch.integer) + stage_bytes;
  const std::size_t block_bytes = shared_bytes(launch) + kReservedBytes;
  launch.blocks_per_multiprocessor =
      std::clamp(static_cast<int>(device.shared_per_multiprocessor / block_bytes), 1, kBlocksPerMultiprocessor);
}

void choose_tile_rows(Launch& launch, const DeviceFacts& device) {
  const double warps = 1.0 * device.multiprocessors * launch.blocks_per_multiprocessor * kWarpsPerBlock;
  const auto tiles_with = [&](int rows) {
    double tiles = 0;
    for (Blob& blob : launch.blobs) {
      for (const JobDesc& job : blob.jobs()) {
        if (job.blocks_per_tile == 0) continue;
        tiles += tiles_of(blob.axis(job.x_axis), blob.axis(job.y_axis), job, rows);
      }
    }
    return tiles;
  };
  for (const int rows : kTileRows) {
    const double tiles = tiles_with(rows);
    if (launch.tile_rows == 0 || tiles <= warps) launch.tile_rows = rows;
    if (tiles < kTilesPerWarp * warps) continue;
    launch.tile_rows = rows;
    break;
  }
}

void place(Launch& launch) {
  std::size_t at = 64;     // the tile counter
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

    // Tiles, and which axes need which table. There is room for either kind where the strides decide.
    std::uint32_t most_tiles = 0;
    std::vector<std::uint16_t> matrix_steps(blob.axes().size());
    const auto steps_of = [&](const AxisDesc& axis) -> std::uint16_t& {
      return matrix_steps[static_cast<std::size_t>(&axis - blob.axes().data())];
    };
    for (JobDesc& job : blob.jobs()) {
      AxisDesc &x = blob.axis(job.x_axis), &y = blob.axis(job.y_axis);
      job.first_tile = launch.tile_count;
      const auto walk_tiles =
          static_cast<std::uint32_t>(walk_column_blocks(x)) * static_cast<std::uint32_t>(walk_row_blocks(y));
      std::uint32_t matrix_tiles = 0;
      if (job.blocks_per_tile > 0) {
        job.tile_rows = static_cast<std::uint16_t>(launch.tile_rows);
        matrix_tiles = tiles_of(x, y, job, launch.tile_rows);
        steps_of(x) = static_cast<std::uint16_t>(x_steps_of(x));
        steps_of(y) = static_cast<std::uint16_t>(y_steps_of(y));
      }
      if (job.tile_kind == static_cast<std::uint8_t>(TileKind::matrix)) {
        job.tiles = matrix_tiles;
        x.steps = steps_of(x);
        y.steps = steps_of(y);
      } else {
        job.tiles = walk_tiles;
        x.walk_table = y.walk_table = 1;
      }
      room += std::max(matrix_tiles, walk_tiles);
      launch.tile_count += job.tiles;
      most_tiles = std::max(most_tiles, job.tiles);
    }
    for (FillDesc& fill : blob.fills()) {
      fill.first_tile = launch.tile_count;
      fill.tiles = static_cast<std::uint32_t>(fill_tiles(fill));
      launch.tile_count += fill.tiles;
      room += fill.tiles;
      most_tiles = std::max(most_tiles, fill.tiles);
    }

    // Tables
    int most_blocks = 1;
    for (AxisDesc& axis : blob.axes()) {
      const int blocks = blocks_of(axis.count, axis.vertical ? kBlockRows : kBlockColumns);
      if (const int steps = steps_of(axis); steps > 0) {
        const std::uint32_t units = axis.vertical ? y_block_units(steps) : x_block_units(steps, axis.integer);
        axis.table = static_cast<std::uint32_t>(
            take((table_header_units(blocks) + std::size_t{units} * static_cast<std::size_t>(blocks)) * 16) / 16);
        prepare.scratch_bytes =
            std::max(prepare.scratch_bytes, static_cast<int>(scratch_bytes_of(axis, launch.integer)));
      }
      const std::size_t walk_at = take(axis.vertical ? row_table_bytes(axis) : column_table_bytes(axis));
      if (axis.walk_table > 0) axis.walk_table = static_cast<std::uint32_t>(walk_at / 16);
      most_blocks = std::max(most_blocks, blocks);
    }

    const int warps = launch.integer ? kPrepareWarpsInteger : kPrepareWarps;
    const int pieces = launch.integer ? most_blocks / (4 * warps) : blocks_of(most_blocks, warps);
    const auto tile_pieces = static_cast<int>(most_tiles / static_cast<unsigned>(32 * warps * 4));
    prepare.pieces = static_cast<unsigned>(std::clamp(std::max(pieces, tile_pieces), 1, 256));
    const BlobHeader& header = blob.header();
    prepare.owners =
        static_cast<unsigned>(header.axis_count + header.job_count + 1 + (launch.integer ? header.epilogue_count : 0));
  }
  launch.tiles_at = take(std::size_t{room} * sizeof(TileDesc));
  launch.bytes = at;
}

Launch launch_of(const PlanMemory& memory, const Part& part, const DeviceFacts& device) {
  Launch launch;
  launch.blobs = lower(memory, part);
  if (launch.blobs.empty()) return launch;
  choose_forms(launch, device);
  choose_tile_rows(launch, device);
  place(launch);
  const unsigned resident = static_cast<unsigned>(device.multiprocessors * launch.blocks_per_multiprocessor);
  launch.grid = std::min(resident, (launch.tile_count + kWarpsPerBlock - 1) / kWarpsPerBlock);
  return launch;
}

// ---------------------------------------------------------------------------------------------------------------------

template <bool kInteger>
cudaError_t launch_prepare(const PrepareArguments& arguments, const Blob& blob, const Launch::Prepare& prepare,
                           const DeviceFacts& device, cudaStream_t stream) {
  constexpr int kWarps = kInteger ? kPrepareWarpsInteger : kPrepareWarps;
  return with_parameter_size(blob, [&](auto bytes) {
    return launch_kernel(prepare_kernel<kInteger, bytes()>, dim3(prepare.pieces, prepare.owners), 32 * kWarps,
                         static_cast<std::size_t>(kWarps * prepare.scratch_bytes), device, stream, arguments,
                         parameter_of<bytes()>(blob));
  });
}

cudaError_t start(const Launch& launch, const DeviceFacts& device, void* workspace, cudaStream_t stream) {
  if (launch.tile_count == 0) return cudaSuccess;
  auto* const base = static_cast<std::byte*>(workspace);
  auto* const tiles = reinterpret_cast<TileDesc*>(base + launch.tiles_at);
  auto* const next_tile = reinterpret_cast<std::uint32_t*>(base);

  for (std::size_t i = 0; i < launch.blobs.size(); ++i) {
    const Launch::Prepare& prepare = launch.prepares[i];
    const PrepareArguments arguments{base,
                                     tiles,
                                     next_tile,
                                     static_cast<std::uint32_t>(prepare.blob_at),
                                     static_cast<std::uint32_t>(prepare.levels_at / 16),
                                     prepare.scratch_bytes,
                                     launch.store};
    const cudaError_t status = launch.integer
                                   ? launch_prepare<true>(arguments, launch.blobs[i], prepare, device, stream)
                                   : launch_prepare<false>(arguments, launch.blobs[i], prepare, device, stream);
    if (status != cudaSuccess) return status;
  }

  const SeparableArguments arguments{
      base, tiles, next_tile, launch.tile_count, launch.ring_halves, static_cast<std::int32_t>(launch.warp_bytes)};
  const SeparableKernel kernel =
      launch.integer ? integer_kernel(launch.store, launch.reach) : float_kernel(launch.store, launch.reach);
  return launch_kernel(kernel, dim3(launch.grid), 32 * kWarpsPerBlock, shared_bytes(launch), device, stream, arguments);
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

  for (std::size_t i = 0; i < launch.blobs.size(); ++i) {
    const Launch::Prepare& prepare = launch.prepares[i];
    const BlobHeader& header = launch.blobs[i].header();
    add("prepare: ", header.job_count, " jobs, ", header.axis_count, " axes, ", header.fill_count, " fills in ",
        header.bytes, " bytes of parameters; grid ", prepare.pieces, " x ", prepare.owners);
  }
  const SeparableKernel kernel =
      launch.integer ? integer_kernel(launch.store, launch.reach) : float_kernel(launch.store, launch.reach);
  add("separable: ", launch.integer ? "integer" : "float", " arithmetic, stores ", name_of(launch.store),
      launch.reach == Reach::near ? ", near windows; " : ", far windows and column walks; ", launch.tile_count,
      " tiles on ", launch.grid, " blocks of ", kWarpsPerBlock, " warps (", launch.blocks_per_multiprocessor,
      " a multiprocessor), ", registers_of(kernel), " registers, ", shared_bytes(launch),
      " bytes of shared memory a block");

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
      text << "matrix tiles of " << launch.tile_rows << " x " << variant.blocks * kBlockColumns << ", " << variant.steps
           << (variant.steps == 1 ? " step" : " steps");
      std::ostringstream reason;
      reason << "windows of " << kBlockColumns << " columns fit " << variant.steps * kStepColumns
             << " source columns; those of " << kBlockRows << " rows "
             << (variant.register_steps > 0 ? "wait in registers" : "wait in shared memory");
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
