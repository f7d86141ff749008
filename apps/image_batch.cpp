#include "apps/image_batch.hpp"

#include <algorithm>
#include <exception>
#include <limits>

#include "apps/progress.hpp"

namespace kir::apps {

namespace {

constexpr std::size_t kPhotographs = 8, kPhotographBytes = std::size_t{3} * 4000 * 3000;

// While an image is decoded it may take its memory twice: the coefficients of a progressive JPEG, the bytes of a .npy
// file, the pixels before they are turned. So the eight are those of a group and one more for each worker.
std::size_t decoding_at_once(int workers) {
  return std::min(static_cast<std::size_t>(workers), kPhotographs / 2);
}

}  // namespace

ImageBatch::ImageBatch(const std::vector<std::string>& paths) : paths_(paths) {
  if (paths.size() == 1) stack_ = read_stack(paths[0]);
  if (stack_) {
    sizes_.assign(static_cast<std::size_t>(stack_->count), stack_->size);
    return;
  }
  Progress progress("reading sizes", static_cast<std::int64_t>(paths.size()));
  for (const std::string& path : paths) {
    files_.emplace_back(path);
    sizes_.push_back(files_.back().size());
    progress.step(path);
  }
}

GroupLimit ImageBatch::limit(int workers) const {
  if (stack_) return {std::numeric_limits<std::size_t>::max(), std::numeric_limits<std::size_t>::max()};
  const std::size_t images = kPhotographs - decoding_at_once(workers);
  return {images, images * kPhotographBytes};
}

std::vector<ImageView> ImageBatch::decode(ImageRange images, Executor& executor) {
  std::vector<ImageView> views;
  if (stack_) {
    for (std::size_t i = images.begin; i < images.end; ++i) views.push_back(stack_->view(static_cast<std::int64_t>(i)));
    return views;
  }
  if (!is_present(images, executor.workers())) decode_anew(images, executor);
  for (std::size_t i = images.begin; i < images.end; ++i) views.push_back(decoded_[i - present_.begin].view());
  return views;
}

// Whether the images are there, and those that are there besides take no more than is kept free for decoding.
bool ImageBatch::is_present(ImageRange images, int workers) const {
  if (images.begin < present_.begin || images.end > present_.end) return false;
  std::size_t others = 0;
  for (std::size_t i = present_.begin; i < present_.end; ++i) {
    if (i < images.begin || i >= images.end) others += decoded_[i - present_.begin].pixels.size();
  }
  return others <= decoding_at_once(workers) * kPhotographBytes;
}

void ImageBatch::decode_anew(ImageRange images, Executor& executor) {
  present_ = {};
  decoded_.clear();
  decoded_.resize(images.count());
  std::vector<std::exception_ptr> errors(images.count());
  executor.parallel_for(static_cast<std::int64_t>(images.count()), [&](std::int64_t i, int) {
    const auto at = static_cast<std::size_t>(i);
    try {
      decoded_[at] = files_[images.begin + at].decode();
    } catch (...) {
      errors[at] = std::current_exception();
    }
  });
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  present_ = images;
}

}  // namespace kir::apps
