// Where the images of a plan are staged in the workspace, and in which chunks they and their jobs go. From the plan
// alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kir/plan.hpp"

namespace kir::cuda {

/// Most chunks of a run. The kernels of the last one run after its copy, so a chunk is a small part of the whole; but
/// each copy begins a few microseconds after the one before.
inline constexpr int kMostChunks = 8;

/// Images [image_begin, image_end), and the jobs [job_begin, job_end) of Staging::jobs() that read them.
struct Chunk {
  std::int32_t image_begin = 0, image_end = 0;
  std::int32_t job_begin = 0, job_end = 0;
};

/// Where the images of a plan are staged and when their jobs may run. Depends on the plan alone.
class Staging {
 public:
  explicit Staging(const Plan& plan);
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;

  /// Images that some job reads, one after the other without gaps.
  std::size_t bytes() const { return bytes_; }
  /// Offset of an image; -1 when no job reads it.
  std::int64_t offset(std::size_t image) const { return offsets_[image]; }
  /// Every image once, every job and fill of the first level once; at least one chunk.
  std::span<const Chunk> chunks() const { return chunks_; }
  /// The jobs of the first level in the order of the images that they read.
  std::span<const Job> jobs() const { return jobs_; }

 private:
  void place_images(const Plan& plan);
  void sort_jobs(const Plan& plan);
  void cut_chunks(const Plan& plan);

  std::vector<std::int64_t> offsets_;
  std::vector<Chunk> chunks_;
  std::span<const Job> jobs_;
  std::vector<Job> sorted_;  ///< holds jobs_ where the plan has another order
  std::size_t bytes_ = 0;
};

}  // namespace kir::cuda
