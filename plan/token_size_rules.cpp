// The size rules that count tokens or pixels (plan/size_rules.hpp).
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <optional>
#include <string>

#include "kir/error.hpp"
#include "plan/rounding.hpp"
#include "plan/size_rules.hpp"

namespace kir::size_rules {

namespace {

[[noreturn]] void refuse(Extent image, const std::string& message) {
  throw Error(ErrorCode::invalid_argument, "images", text_of(image) + ": " + message);
}

/// Refuses `sides`, which a rule has made of the image, where one is over `most` times the other.
void check_aspect(Extent sides, Extent image, std::int64_t most, const char* rule) {
  if (ratio(std::max(sides.height, sides.width), std::min(sides.height, sides.width)) <= static_cast<double>(most))
    return;
  refuse(image, "one side may be at most " + std::to_string(most) + " times the other (" + rule + ")");
}

/// Multiples of `factor`; min_pixels and max_pixels count those of `frames` images of that size, or when it is decided
/// whether a bound is broken, of `counted` images.
Extent within_budget(Extent image, std::int64_t factor, std::int64_t min_pixels, std::int64_t max_pixels,
                     std::int64_t frames, std::int64_t counted) {
  const auto [height, width] = image;
  const auto h = static_cast<double>(height), w = static_cast<double>(width), f = static_cast<double>(factor);
  Extent size = {round_half_even(h / f) * factor, round_half_even(w / f) * factor};
  if (counted * size.height * size.width > max_pixels) {
    const double beta = std::sqrt(ratio(frames * height * width, max_pixels));
    size.height = std::max(factor, to_int(std::floor(h / beta / f)) * factor);
    size.width = std::max(factor, to_int(std::floor(w / beta / f)) * factor);
  } else if (counted * size.height * size.width < min_pixels) {
    const double beta = std::sqrt(ratio(min_pixels, frames * height * width));
    size.height = to_int(std::ceil(h * beta / f)) * factor;
    size.width = to_int(std::ceil(w * beta / f)) * factor;
  }
  return size;
}

constexpr std::int64_t kMaxAspect = 200;

}  // namespace

Extent smart_resize(Extent image, std::int64_t factor, std::int64_t min_pixels, std::int64_t max_pixels) {
  check_aspect(image, image, kMaxAspect, "smart_resize");
  return within_budget(image, factor, min_pixels, max_pixels, 1, 1);
}

Extent smart_resize_frames(Extent image, std::int64_t factor, std::int64_t min_pixels, std::int64_t max_pixels,
                           std::int64_t frames) {
  return smart_resize_video(image, factor, min_pixels, max_pixels, frames, frames);
}

Extent smart_resize_video(Extent image, std::int64_t factor, std::int64_t min_pixels, std::int64_t max_pixels,
                          std::int64_t frames, std::int64_t temporal) {
  if (frames < temporal) {
    throw Error(ErrorCode::invalid_argument, "groups",
                "a video has " + std::to_string(frames) + " frames; at least temporal_patch_size = " +
                    std::to_string(temporal) + " are allowed (smart_resize)");
  }
  Extent sides = image;
  if (image.height < factor || image.width < factor) {
    const double scale = std::max(ratio(factor, image.height), ratio(factor, image.width));
    sides = {to_int(static_cast<double>(image.height) * scale), to_int(static_cast<double>(image.width) * scale)};
  }
  check_aspect(sides, image, kMaxAspect, "smart_resize");
  const std::int64_t counted = round_half_even(ratio(frames, temporal)) * temporal;
  return within_budget(sides, factor, min_pixels, max_pixels, frames, counted);
}

Extent smart_resize_paddle(Extent image, std::int64_t factor, std::int64_t min_pixels, std::int64_t max_pixels) {
  Extent sides = image;
  if (sides.height < factor) sides = {factor, round_half_even(ratio(sides.width * factor, sides.height))};
  if (sides.width < factor) sides = {round_half_even(ratio(sides.height * factor, sides.width)), factor};
  check_aspect(sides, image, kMaxAspect, "smart_resize");
  return within_budget(sides, factor, min_pixels, max_pixels, 1, 1);
}

Extent glm_image(Extent image, std::int64_t factor, std::int64_t min_pixels, std::int64_t max_pixels) {
  if (image.height < factor || image.width < factor) {
    refuse(image, "both sides must be at least patch_size * merge_size = " + std::to_string(factor));
  }
  check_aspect(image, image, 4, "glm_image");
  const auto shortest = static_cast<double>(round_half_even(std::sqrt(static_cast<double>(min_pixels))));
  const auto longest = static_cast<double>(round_half_even(std::sqrt(static_cast<double>(max_pixels))));
  const auto short_side = static_cast<double>(std::min(image.height, image.width));
  const auto long_side = static_cast<double>(std::max(image.height, image.width));
  double scale = short_side < shortest ? shortest / short_side : 1.0;
  if (long_side * scale > longest) scale = longest / long_side;

  const auto f = static_cast<double>(factor);
  const auto halved = [&](std::int64_t side) {
    return std::max(factor, round_half_even(static_cast<double>(side / 2) * scale / f) * factor);
  };
  Extent size = {halved(image.height), halved(image.width)};
  const auto edge = static_cast<double>(std::max(size.height, size.width));
  if (edge > longest) {
    const double beta = edge / longest;
    const auto shrunk = [&](std::int64_t side) {
      return std::max(factor, to_int(std::floor(static_cast<double>(side) / beta / f)) * factor);
    };
    size = {shrunk(size.height), shrunk(size.width)};
  }
  return size;
}

namespace {

/// A grid of tokens as the Python tuple (rows, columns).
std::uint64_t hash_of_tuple(Extent grid) {
  // Objects/tupleobject.c: tuplehash; a small integer is its own hash
  constexpr std::uint64_t kPrime1 = 11400714785074694791U, kPrime2 = 14029467366897019727U;
  constexpr std::uint64_t kPrime5 = 2870177450012600261U;
  std::uint64_t hash = kPrime5;
  for (const std::int64_t side : {grid.height, grid.width}) {
    hash += static_cast<std::uint64_t>(side) * kPrime2;
    hash = std::rotl(hash, 31) * kPrime1;
  }
  return hash + (2 ^ (kPrime5 ^ 3527539U));
}

/// The order in which CPython (since 3.8) goes through a set of at most four tuples: that of their slots among eight.
class SmallSet {
 public:
  /// Objects/setobject.c: set_add_entry, of a table too small for linear probes
  void add(Extent grid) {
    std::uint64_t perturb = hash_of_tuple(grid), slot = perturb;
    while (slots_[slot & kMask] && !(*slots_[slot & kMask] == grid)) {
      perturb >>= 5;
      slot = (slot & kMask) * 5 + 1 + perturb;
    }
    slots_[slot & kMask] = grid;
  }

  const std::array<std::optional<Extent>, 8>& slots() const { return slots_; }

 private:
  static constexpr std::uint64_t kMask = 7;
  std::array<std::optional<Extent>, 8> slots_;
};

}  // namespace

Extent muse_glimmer_grid(Extent image, std::int64_t side, std::int64_t max_tokens) {
  double rows = ratio(image.height, side), columns = ratio(image.width, side);
  const double aspect = columns / rows;
  if (rows * columns > static_cast<double>(max_tokens)) {
    rows = std::pow(static_cast<double>(max_tokens) / aspect, 0.5);
    columns = rows * aspect;
  }
  SmallSet candidates;
  for (const double height : {std::floor(rows), std::ceil(rows)}) {
    for (const double width : {std::floor(columns), std::ceil(columns)}) {
      candidates.add({to_int(height), to_int(width)});
    }
  }
  std::optional<Extent> nearest;
  const auto distance = [&](Extent grid) {
    return std::abs(ratio(grid.height, grid.width) - ratio(image.height, image.width));
  };
  for (const std::optional<Extent>& grid : candidates.slots()) {
    if (!grid || grid->height < 1 || grid->width < 1 || grid->height * grid->width > max_tokens) continue;
    if (!nearest || distance(*grid) < distance(*nearest)) nearest = grid;
  }
  const auto rounded = [](double count) { return std::max<std::int64_t>(1, round_half_even(count)); };
  return nearest ? *nearest : Extent{rounded(rows), rounded(columns)};
}

namespace {

Extent feasible_grid(Extent image, std::int64_t max_patches, Extent patch, double scale) {
  const auto feasible = [&](std::int64_t side, std::int64_t patch_side) {
    const std::int64_t count = to_int(scale * static_cast<double>(side) / static_cast<double>(patch_side));
    return std::max<std::int64_t>(std::min(count, max_patches), 1);
  };
  return {feasible(image.height, patch.height), feasible(image.width, patch.width)};
}

/// Of the scale that gives max_patches patches.
double squared_scale(Extent image, std::int64_t max_patches, Extent patch) {
  return static_cast<double>(max_patches) * ratio(patch.height, image.height) * ratio(patch.width, image.width);
}

}  // namespace

Extent pix2struct_grid(Extent image, std::int64_t max_patches, Extent patch) {
  return feasible_grid(image, max_patches, patch, std::pow(squared_scale(image, max_patches, patch), 0.5));
}

Extent kosmos2_5_grid(Extent image, std::int64_t max_patches, Extent patch) {
  return feasible_grid(image, max_patches, patch, std::sqrt(squared_scale(image, max_patches, patch)));
}

Extent naflex(Extent image, std::int64_t patch, std::int64_t max_patches) {
  constexpr double kEps = 1e-5;
  const auto scaled = [&](double scale) {
    const auto side = [&](std::int64_t source) {
      const double count = std::ceil(static_cast<double>(source) * scale / static_cast<double>(patch));
      return std::max(patch, to_int(count) * patch);
    };
    return Extent{side(image.height), side(image.width)};
  };
  double least = kEps / 10, most = 100;
  while (most - least >= kEps) {
    const double scale = (least + most) / 2;
    const Extent size = scaled(scale);
    if (size.height / patch * (size.width / patch) <= max_patches) {
      least = scale;
    } else {
      most = scale;
    }
  }
  return scaled(least);
}

Extent gemma4(Extent image, std::int64_t patch, std::int64_t kernel, std::int64_t max_patches) {
  const auto [height, width] = image;
  const std::int64_t pixels = max_patches * patch * patch, factor = kernel * patch;
  const double scale = std::sqrt(ratio(pixels, height * width));
  const auto floored = [&](std::int64_t side) {
    return to_int(std::floor(scale * static_cast<double>(side) / static_cast<double>(factor))) * factor;
  };
  Extent size = {floored(height), floored(width)};
  // A side of 0 becomes one unit; the other has as many as the aspect, floored, has.
  const auto units = [&](std::int64_t side, std::int64_t other) {
    return std::min(side / other, max_patches / (kernel * kernel)) * factor;
  };
  if (size.height == 0) {
    size = {factor, units(width, height)};
  } else if (size.width == 0) {
    size = {units(height, width), factor};
  }
  return size;
}

}  // namespace kir::size_rules
