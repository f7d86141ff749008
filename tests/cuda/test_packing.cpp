// How images in host memory are packed and in which chunks they go. Needs no device.
#include <cstring>

#include "kernels/cuda/host_images.hpp"
#include "kir/spec.hpp"
#include "parity/image.hpp"
#include "tests/catch.hpp"
#include "tests/support/seed.hpp"

using namespace kir;
using namespace kir::cuda;
using namespace kir::parity;
using kir::test::test_seed;

namespace {

/// What copy_rows does, on the host.
void copy_on_host(const RowCopy& copy) {
  for (std::size_t row = 0; row < copy.rows; ++row) {
    std::memcpy(copy.to + row * copy.to_pitch, copy.from + row * copy.from_pitch, copy.width);
  }
}

std::uint8_t at(const ImageView& view, std::int64_t c, std::int64_t y, std::int64_t x) {
  return view.data[c * view.stride_channel + y * view.stride_y + x * view.stride_x];
}

/// Packs into memory of channels * height * width bytes, guarded, and compares every pixel. The number of copies.
std::size_t check_packed(const ImageView& image) {
  const std::size_t bytes = std::size_t(image.size.channels) * image.size.height * image.size.width;
  std::vector<std::uint8_t> memory(bytes + 2, 0xEE);
  const PackedImage packed = pack(image, memory.data() + 1);
  for (const RowCopy& copy : packed.copies) copy_on_host(copy);
  CHECK(memory.front() == 0xEE);
  CHECK(memory.back() == 0xEE);
  std::int64_t wrong = 0;
  for (int c = 0; c < image.size.channels; ++c)
    for (int y = 0; y < image.size.height; ++y)
      for (int x = 0; x < image.size.width; ++x) wrong += at(image, c, y, x) != at(packed.view, c, y, x);
  CHECK(wrong == 0);
  return packed.copies.size();
}

Plan plan_of(const std::vector<ImageSize>& sizes) {
  const ProcessorSpec spec = resize_normalize_spec({.height = 8, .width = 8, .image_mean = {0.5}, .image_std = {0.5}});
  return plan(spec, sizes);
}

}  // namespace

TEST_CASE("every memory order is packed, the usual ones in one copy", "[host]") {
  Random random(test_seed());
  for (int memory = 0; memory < kMemoryKinds; ++memory) {
    for (const ImageSize size : {ImageSize{3, 17, 29}, {1, 5, 7}, {3, 1, 1}, {4, 1, 13}, {2, 13, 1}}) {
      const Image image = noise_image(size, random, static_cast<Memory>(memory));
      CAPTURE(image.describe());
      const std::size_t copies = check_packed(image.view());
      CHECK(copies <= (static_cast<Memory>(memory) == Memory::plane_window ? std::size_t(size.channels) : 1));
    }
  }
}

TEST_CASE("strides of any size and sign are packed", "[host]") {
  Random random(test_seed());
  std::vector<std::uint8_t> pixels(1 << 16);
  for (std::uint8_t& pixel : pixels) pixel = static_cast<std::uint8_t>(random.bits());
  const std::uint8_t* const middle = pixels.data() + pixels.size() / 2;
  const ImageSize size{3, 11, 13};
  CHECK(check_packed({middle, size, 1, 4 * 13, 4}) == 1);   // three of four interleaved channels
  CHECK(check_packed({middle, size, -1, 3 * 13, 3}) == 1);  // reversed channels
  CHECK(check_packed({middle, size, 0, 13, 1}) == 1);       // one plane as three
  CHECK(check_packed({middle, size, 1, -3 * 13, 3}) == 1);  // bottom up
  CHECK(check_packed({middle, size, 2 * 11 * 13, 2 * 13, 2}) == 1);
  CHECK(check_packed({middle, size, 13, 3 * 13, 1}) == 1);  // planes row by row
  check_packed({middle, size, 1500, -130, 7});
  check_packed({middle, size, 3, 5, 7});  // overlapping
  for (int i = 0; i < 300; ++i) {
    const auto stride = [&] { return random.between(-800, 800); };
    check_packed({middle,
                  {static_cast<std::int32_t>(random.between(1, 4)), static_cast<std::int32_t>(random.between(1, 12)),
                   static_cast<std::int32_t>(random.between(1, 12))},
                  stride(),
                  stride(),
                  stride()});
  }
}

TEST_CASE("chunks hold every image and every job once, in the order of the images", "[host]") {
  Random random(test_seed());
  for (const int count : {1, 2, 5, 33, 400}) {
    for (const int edge : {20, 900}) {
      std::vector<ImageSize> sizes;
      for (int i = 0; i < count; ++i) {
        sizes.push_back({3, static_cast<std::int32_t>(random.between(1, edge)),
                         static_cast<std::int32_t>(random.between(1, edge))});
      }
      Plan plan = plan_of(sizes);
      std::vector<Job>& jobs = plan.levels.at(0).jobs;
      for (std::size_t i = jobs.size(); i > 1; --i) {
        std::swap(jobs[i - 1], jobs[static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)))]);
      }
      const Staging staging(plan);
      CAPTURE(count, edge, staging.chunks().size());
      CHECK(staging.jobs().size() == jobs.size());
      REQUIRE(staging.chunks().size() >= 1);
      REQUIRE(staging.chunks().size() <= kMostChunks);
      std::int32_t image = 0, job = 0;
      std::size_t bytes = 0;
      for (const Chunk& chunk : staging.chunks()) {
        CHECK(chunk.image_begin == image);
        CHECK(chunk.job_begin == job);
        for (std::int32_t j = chunk.job_begin; j < chunk.job_end; ++j) {
          CHECK(staging.jobs()[static_cast<std::size_t>(j)].from.index < chunk.image_end);
        }
        image = chunk.image_end;
        job = chunk.job_end;
      }
      CHECK(image == count);
      CHECK(job == static_cast<std::int32_t>(jobs.size()));
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        CHECK(staging.offset(i) == static_cast<std::int64_t>(bytes));
        bytes += std::size_t(3) * sizes[i].height * sizes[i].width;
      }
      CHECK(staging.bytes() == bytes);
    }
  }
}

TEST_CASE("images that no job reads are not staged", "[host]") {
  Plan plan = plan_of({{3, 10, 10}, {3, 20, 20}, {3, 30, 30}});
  std::erase_if(plan.levels[0].jobs, [](const Job& job) { return job.from.index == 1; });
  const Staging staging(plan);
  CHECK(staging.offset(1) == -1);
  CHECK(staging.bytes() == 3 * 10 * 10 + 3 * 30 * 30);
  CHECK(staging.chunks().back().image_end == 3);
}

TEST_CASE("a plan without images has one chunk, for its fills", "[host]") {
  Plan plan;
  plan.levels.emplace_back();
  plan.levels[0].fills.emplace_back();
  const Staging staging(plan);
  CHECK(staging.chunks().size() == 1);
  CHECK(staging.bytes() == 0);
}
