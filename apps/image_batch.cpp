#include "apps/image_batch.hpp"

#include <cstdint>
#include <exception>

#include "apps/progress.hpp"

namespace kir::apps {

namespace {

// Of eight photographs of 12 million pixels.
constexpr std::size_t kMemory = std::size_t{8} * 3 * 4000 * 3000;
// Enough small images for every thread, and few enough to show progress.
constexpr std::size_t kImages = 256;

}  // namespace

ImageBatch::ImageBatch(const std::vector<std::string>& paths) : paths_(paths) {
  if (paths.size() == 1) stack_ = ImageStack::open(paths[0]);
  if (stack_) {
    sizes_.assign(static_cast<std::size_t>(stack_->count()), stack_->size());
    decoding_bytes_.resize(sizes_.size());
    return;
  }
  Progress progress("reading sizes", static_cast<std::int64_t>(paths.size()));
  for (const std::string& path : paths) {
    files_.emplace_back(path);
    sizes_.push_back(files_.back().size());
    decoding_bytes_.push_back(files_.back().decoding_bytes());
    progress.advance(path);
  }
}

GroupLimit ImageBatch::limit() {
  return {kImages, kMemory};
}

std::vector<ImageView> ImageBatch::decode(ImageRange images, std::size_t held_bytes, Executor& executor) {
  if (!is_present(images, held_bytes)) decode_anew(images, executor);
  std::vector<ImageView> views;
  for (std::size_t i = images.begin; i < images.end; ++i) views.push_back(decoded_[i - present_.begin].view());
  return views;
}

bool ImageBatch::is_present(ImageRange images, std::size_t held_bytes) const {
  if (images == present_) return true;
  if (images.begin < present_.begin || images.end > present_.end) return false;
  std::size_t bytes = held_bytes;
  for (const DecodedImage& image : decoded_) bytes += image.pixels.size();
  return bytes <= kMemory;
}

void ImageBatch::decode_anew(ImageRange images, Executor& executor) {
  present_ = {};
  decoded_.clear();
  decoded_.resize(images.count());
  std::vector<std::exception_ptr> errors(images.count());
  executor.parallel_for(static_cast<std::int64_t>(images.count()), [&](std::int64_t i, int) {
    const auto at = static_cast<std::size_t>(i);
    try {
      const std::size_t image = images.begin + at;
      decoded_[at] = stack_ ? stack_->read(static_cast<std::int64_t>(image)) : files_[image].decode();
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
