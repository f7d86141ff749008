#include "apps/plan_slices.hpp"

#include <algorithm>
#include <cstdint>
#include <unordered_map>
#include <utility>

namespace kir::apps {

namespace {

std::size_t bytes_of(const ImageSize& image) {
  return static_cast<std::size_t>(image.channels) * static_cast<std::size_t>(image.height) *
         static_cast<std::size_t>(image.width);
}

std::size_t bytes_of(const Buffer& canvas) {
  return bytes_of(ImageSize{canvas.channels, canvas.height, canvas.width}) * kir::bytes_of(canvas.type);
}

/// For each canvas the images that it is made of, by way of other canvases too; an empty range when it is made of none.
std::vector<ImageRange> origins_of(const Plan& plan) {
  std::vector<ImageRange> origins(plan.canvases.size());
  for (const Level& level : plan.levels) {  // a canvas is read in later levels than it is written
    for (const Job& job : level.jobs) {
      if (job.to.kind != Target::Kind::canvas) continue;
      const auto from = static_cast<std::size_t>(job.from.index);
      const ImageRange read = job.from.kind == Source::Kind::image ? ImageRange{from, from + 1} : origins[from];
      ImageRange& made = origins[static_cast<std::size_t>(job.to.index)];
      made = made.count() == 0 ? read : ImageRange{std::min(made.begin, read.begin), std::max(made.end, read.end)};
    }
  }
  return origins;
}

/// What the images take, one after another; between some of them no group may end.
struct Images {
  std::vector<std::size_t> bytes;
  std::vector<bool> joined;  ///< with the image before
};

std::vector<ImageRange> grouped(const Images& images, GroupLimit limit) {
  std::vector<ImageRange> groups;
  std::size_t group_bytes = 0;
  for (std::size_t begin = 0; begin < images.bytes.size();) {
    std::size_t end = begin, bytes = 0;
    do {
      bytes += images.bytes[end++];
    } while (end < images.bytes.size() && images.joined[end]);
    const bool fits =
        !groups.empty() && end - groups.back().begin <= limit.images && group_bytes + bytes <= limit.bytes;
    if (fits) {
      groups.back().end = end;
      group_bytes += bytes;
    } else {
      groups.push_back({begin, end});
      group_bytes = bytes;
    }
    begin = end;
  }
  return groups;
}

Images images_of(std::span<const ImageSize> sizes, std::span<const std::size_t> decoding) {
  Images images;
  for (const ImageSize& size : sizes) images.bytes.push_back(bytes_of(size));
  for (std::size_t i = 0; i < decoding.size(); ++i) images.bytes[i] += decoding[i];
  images.joined.resize(sizes.size());
  return images;
}

/// Numbers things anew, in the order in which they are met.
class Renumbering {
 public:
  std::int32_t operator()(std::int32_t old) {
    const auto [entry, is_new] = numbers_.emplace(old, static_cast<std::int32_t>(met_.size()));
    if (is_new) met_.push_back(static_cast<std::size_t>(old));
    return entry->second;
  }
  /// The old numbers.
  const std::vector<std::size_t>& met() const { return met_; }

 private:
  std::unordered_map<std::int32_t, std::int32_t> numbers_;
  std::vector<std::size_t> met_;
};

template <typename T>
std::vector<T> picked(const std::vector<T>& all, const std::vector<std::size_t>& which) {
  std::vector<T> some;
  for (const std::size_t i : which) some.push_back(all[i]);
  return some;
}

/// Takes the jobs and fills of one slice, in the order of the whole plan.
class Slicer {
 public:
  Slicer(const Plan& whole, ImageRange images) : whole_(whole), images_(images), levels_(whole.levels.size()) {}

  void add(std::size_t level, Job job) {
    if (job.from.kind == Source::Kind::image) {
      job.from.index -= static_cast<std::int32_t>(images_.begin);
    } else {
      job.from.index = canvases_(job.from.index);
    }
    job.epilogue = epilogues_(job.epilogue);
    levels_[level].jobs.push_back(renumbered(std::move(job)));
  }

  void add(std::size_t level, Fill fill) { levels_[level].fills.push_back(renumbered(std::move(fill))); }

  PlanSlice finish() {
    // Images may all be square already, or lie outside of their windows: a level without work is none.
    std::erase_if(levels_, [](const Level& level) { return level.jobs.empty() && level.fills.empty(); });
    const auto first = whole_.images.begin() + static_cast<std::ptrdiff_t>(images_.begin);
    return {images_,
            {whole_.numerics,
             {first, first + static_cast<std::ptrdiff_t>(images_.count())},
             std::move(levels_),
             picked(whole_.canvases, canvases_.met()),
             picked(whole_.epilogues, epilogues_.met()),
             picked(whole_.outputs, outputs_.met())},
            outputs_.met()};
  }

 private:
  template <typename Item>
  Item renumbered(Item item) {
    item.to.index = item.to.kind == Target::Kind::output ? outputs_(item.to.index) : canvases_(item.to.index);
    return item;
  }

  const Plan& whole_;
  ImageRange images_;
  std::vector<Level> levels_;
  Renumbering canvases_, epilogues_, outputs_;
};

}  // namespace

std::vector<ImageRange> group_images(std::span<const ImageSize> images, GroupLimit limit,
                                     std::span<const std::size_t> decoding) {
  return grouped(images_of(images, decoding), limit);
}

std::vector<ImageRange> group_images(const Plan& plan, GroupLimit limit, std::span<const std::size_t> decoding) {
  Images images = images_of(plan.images, decoding);
  const std::vector<ImageRange> origins = origins_of(plan);
  for (std::size_t canvas = 0; canvas < origins.size(); ++canvas) {
    const ImageRange& from = origins[canvas];
    if (from.count() == 0) continue;
    images.bytes[from.begin] += bytes_of(plan.canvases[canvas]);
    for (std::size_t image = from.begin + 1; image < from.end; ++image) images.joined[image] = true;
  }
  return grouped(images, limit);
}

std::vector<PlanSlice> slice(const Plan& plan, std::span<const ImageRange> groups) {
  const std::vector<ImageRange> origins = origins_of(plan);
  std::vector<std::size_t> group_of_image;
  std::vector<Slicer> slicers;
  for (const ImageRange& images : groups) {
    group_of_image.insert(group_of_image.end(), images.count(), slicers.size());
    slicers.emplace_back(plan, images);
  }
  const auto group_of_canvas = [&](std::int32_t canvas) {
    const ImageRange& from = origins[static_cast<std::size_t>(canvas)];
    return from.count() == 0 ? 0 : group_of_image[from.begin];
  };

  for (std::size_t level = 0; level < plan.levels.size(); ++level) {
    for (const Job& job : plan.levels[level].jobs) {
      const bool reads_image = job.from.kind == Source::Kind::image;
      const std::size_t group =
          reads_image ? group_of_image[static_cast<std::size_t>(job.from.index)] : group_of_canvas(job.from.index);
      slicers[group].add(level, job);
    }
    for (const Fill& fill : plan.levels[level].fills) {
      slicers[fill.to.kind == Target::Kind::canvas ? group_of_canvas(fill.to.index) : 0].add(level, fill);
    }
  }

  std::vector<PlanSlice> slices;
  for (Slicer& slicer : slicers) slices.push_back(slicer.finish());
  return slices;
}

}  // namespace kir::apps
