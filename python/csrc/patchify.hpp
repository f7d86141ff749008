// The op behind resize_normalize_patchify in python/kernel_image_resize/cv_utils.py, where its arguments are explained.
#pragma once

#include <optional>
#include <tuple>
#include <vector>

#include "tensors.hpp"
#include "text.hpp"

namespace kir::python {

/// The tokens of images and clips, and the grid of each. `target_sizes`: height and width of each frame, one after
/// another; `items`: the frames of all items, one after another, of which each item has the next `item_lengths[i]`.
std::tuple<Tensor, Tensor> patchify(const std::vector<Tensor>& frames, bool stacked,
                                    const std::vector<std::int64_t>& target_sizes,
                                    const std::vector<std::int64_t>& items,
                                    const std::vector<std::int64_t>& item_lengths,
                                    const std::vector<double>& image_mean, const std::vector<double>& image_std,
                                    double rescale_factor, const Text& resample, std::int64_t patch, std::int64_t merge,
                                    std::int64_t temporal, const Text& numerics, const Text& backend,
                                    const std::optional<Device>& device);

}  // namespace kir::python
