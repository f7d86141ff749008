// The general tile of cuda-separable, with every job given to it, and its fills: the tables that prepare_columns and
// prepare_rows write, and the walk that reads them. test_separable sees only the jobs that the plan gives to it.
#include <cstddef>
#include <vector>

#include "kernels/cuda/column_walk.cuh"
#include "kernels/cuda/fill.cuh"
#include "kernels/cuda/lower.hpp"
#include "tests/catch.hpp"
#include "tests/cuda/on_device.hpp"
#include "tests/support/job_cases.hpp"

using namespace kir;
using namespace kir::test;

namespace {

__global__ void prepare_kernel(const std::byte* blob, std::uint32_t axis, bool columns, std::byte* table) {
  const auto& record = cuda::record_at<cuda::AxisDesc>(blob, axis);
  const int shift = record.integer ? cuda::shift_of_axis(record) : 0;
  if (columns) {
    cuda::prepare_columns(record, shift, static_cast<int>(blockIdx.x), table);
  } else {
    cuda::prepare_rows(record, shift, static_cast<int>(blockIdx.x), table);
  }
}

__global__ void walk_kernel(const std::byte* blob, std::uint32_t job, const std::byte* x_table,
                            const std::byte* y_table) {
  cuda::column_walk(blob, cuda::record_at<cuda::JobDesc>(blob, job), x_table, y_table, static_cast<int>(blockIdx.y),
                    static_cast<int>(blockIdx.x));
}

__global__ void fill_kernel(const std::byte* blob, std::uint32_t fill) {
  const auto& record = cuda::record_at<cuda::FillDesc>(blob, fill);
  cuda::fill_tile(record, cuda::record_at<cuda::LayoutDesc>(blob, record.layout), blockIdx.x,
                  static_cast<int>(threadIdx.x));
}

/// Room for the largest tables of any job, from the start of the workspace.
struct Tables {
  std::size_t x = 0, y = 0;
};
Tables tables_of(const cuda::Blob& blob) {
  Tables bytes;
  for (int i = 0; i < blob.header().job_count; ++i) {
    const auto& job = (&cuda::record_at<cuda::JobDesc>(blob.data(), blob.header().jobs))[i];
    bytes.x = std::max(bytes.x, cuda::column_table_bytes(cuda::record_at<cuda::AxisDesc>(blob.data(), job.x_axis)));
    bytes.y = std::max(bytes.y, cuda::row_table_bytes(cuda::record_at<cuda::AxisDesc>(blob.data(), job.y_axis)));
  }
  return bytes;
}

std::size_t workspace_bytes(const Plan& plan, const cuda::Part& part) {
  std::size_t bytes = 0;
  for (const cuda::Blob& blob : cuda::lower({plan, {}, {}, nullptr}, part)) {
    const Tables tables = tables_of(blob);
    bytes = std::max(bytes, tables.x + tables.y + cuda::kMaxBlobBytes);
  }
  return bytes;
}

cudaError_t launch(const cuda::PlanMemory& memory, const cuda::Part& part, std::byte* workspace) {
  for (const cuda::Blob& blob : cuda::lower(memory, part)) {
    const cuda::BlobHeader& header = blob.header();
    const Tables tables = tables_of(blob);
    std::byte *const x_table = workspace, *const y_table = workspace + tables.x, *const there = y_table + tables.y;
    cuda::check(cudaMemcpy(there, blob.data(), blob.bytes(), cudaMemcpyHostToDevice), "cudaMemcpy");
    for (int i = 0; i < header.job_count; ++i) {
      const auto at = header.jobs + static_cast<std::uint32_t>(i * sizeof(cuda::JobDesc));
      const auto& job = cuda::record_at<cuda::JobDesc>(blob.data(), at);
      const auto& x = cuda::record_at<cuda::AxisDesc>(blob.data(), job.x_axis);
      const auto& y = cuda::record_at<cuda::AxisDesc>(blob.data(), job.y_axis);
      const auto across = static_cast<unsigned>(cuda::walk_column_blocks(x)),
                 down = static_cast<unsigned>(cuda::walk_row_blocks(y));
      prepare_kernel<<<across, 32>>>(there, job.x_axis, true, x_table);
      prepare_kernel<<<down, 32>>>(there, job.y_axis, false, y_table);
      walk_kernel<<<dim3(across, down), 32>>>(there, at, x_table, y_table);
    }
    for (int i = 0; i < header.fill_count; ++i) {
      const auto at = header.fills + static_cast<std::uint32_t>(i * sizeof(cuda::FillDesc));
      const auto tiles = static_cast<unsigned>(cuda::fill_tiles(cuda::record_at<cuda::FillDesc>(blob.data(), at)));
      if (tiles > 0) fill_kernel<<<tiles, 32>>>(there, at);
    }
  }
  return cudaGetLastError();
}

const Backend& walk() {
  static const OnDevice backend(
      "column walk", [](const Plan&) { return std::string(); }, workspace_bytes, launch);
  return backend;
}

}  // namespace

TEST_CASE("column walk: every filter on random sizes, windows and storages", "[walk]") {
  for (const Rounds rounds : {Rounds::never, Rounds::each}) check_filters(walk(), rounds);
}
TEST_CASE("column walk: one pass, the other, none, both", "[walk]") {
  for (const Rounds rounds : {Rounds::never, Rounds::each}) check_passes(walk(), rounds);
}
TEST_CASE("column walk: sides of one pixel and extreme ratios", "[walk]") {
  for (const Rounds rounds : {Rounds::never, Rounds::each}) check_ratios(walk(), rounds);
}
TEST_CASE("column walk: every output type", "[walk]") {
  for (const Rounds rounds : {Rounds::never, Rounds::each}) check_types(walk(), rounds);
}
TEST_CASE("column walk: every kind of layout, with copies and reversed channels", "[walk]") {
  for (const Rounds rounds : {Rounds::never, Rounds::each}) check_layouts(walk(), rounds);
}
TEST_CASE("column walk: grey, one source channel, steps rounded to narrow types", "[walk]") {
  for (const Rounds rounds : {Rounds::never, Rounds::each}) check_epilogues(walk(), rounds);
}
TEST_CASE("column walk: turned sources", "[walk]") {
  for (const Rounds rounds : {Rounds::never, Rounds::each}) check_turns(walk(), rounds);
}
TEST_CASE("column walk: padded copies of mirrored pixels", "[walk]") {
  for (const Rounds rounds : {Rounds::never, Rounds::each}) check_mirrors(walk(), rounds);
}
TEST_CASE("column walk: fills of every type and layout", "[walk]") {
  check_fills(walk());
}
TEST_CASE("column walk: a padded canvas and what is made of it", "[walk]") {
  for (const Rounds rounds : {Rounds::never, Rounds::each}) check_levels(walk(), rounds);
}
