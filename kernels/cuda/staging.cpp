#include "kernels/cuda/staging.hpp"

#include <algorithm>

namespace kir::cuda {
namespace {

/// A chunk of this size takes longer on its way than its launches take on the host.
constexpr std::size_t kLeastChunkBytes = std::size_t{2} << 20;

std::size_t bytes_of(const ImageSize& size) {
  return static_cast<std::size_t>(size.channels) * static_cast<std::size_t>(size.height) *
         static_cast<std::size_t>(size.width);
}

/// The image that a job of the first level waits for; jobs of any other kind wait for none.
std::int32_t image_of(const Job& job) {
  return job.from.kind == Source::Kind::image ? job.from.index : -1;
}

}  // namespace

Staging::Staging(const Plan& plan) : offsets_(plan.images.size(), -1) {
  place_images(plan);
  sort_jobs(plan);
  cut_chunks(plan);
}

void Staging::place_images(const Plan& plan) {
  for (const Level& level : plan.levels) {
    for (const Job& job : level.jobs) {
      if (image_of(job) >= 0) offsets_[static_cast<std::size_t>(image_of(job))] = 0;
    }
  }
  for (std::size_t i = 0; i < plan.images.size(); ++i) {
    if (offsets_[i] < 0) continue;
    offsets_[i] = static_cast<std::int64_t>(bytes_);
    bytes_ += bytes_of(plan.images[i]);
  }
}

void Staging::sort_jobs(const Plan& plan) {
  if (plan.levels.empty()) return;
  const auto earlier = [](const Job& a, const Job& b) { return image_of(a) < image_of(b); };
  jobs_ = plan.levels[0].jobs;
  if (std::is_sorted(jobs_.begin(), jobs_.end(), earlier)) return;
  sorted_.assign(jobs_.begin(), jobs_.end());
  std::stable_sort(sorted_.begin(), sorted_.end(), earlier);
  jobs_ = sorted_;
}

void Staging::cut_chunks(const Plan& plan) {
  const std::size_t least = std::max(kLeastChunkBytes, (bytes_ + kMostChunks - 1) / kMostChunks);
  const auto images = static_cast<std::int32_t>(plan.images.size());
  const auto jobs = static_cast<std::int32_t>(jobs_.size());
  Chunk chunk;
  std::size_t filled = 0;
  for (std::int32_t image = 0; image < images; ++image) {
    if (offsets_[static_cast<std::size_t>(image)] >= 0)
      filled += bytes_of(plan.images[static_cast<std::size_t>(image)]);
    while (chunk.job_end < jobs && image_of(jobs_[static_cast<std::size_t>(chunk.job_end)]) <= image) ++chunk.job_end;
    chunk.image_end = image + 1;
    if (filled < least) continue;
    chunks_.push_back(chunk);
    chunk = {chunk.image_end, chunk.image_end, chunk.job_end, chunk.job_end};
    filled = 0;
  }
  if (filled > 0 || chunks_.empty()) chunks_.push_back(chunk);
  chunks_.back().image_end = images;
  chunks_.back().job_end = jobs;
}

}  // namespace kir::cuda
