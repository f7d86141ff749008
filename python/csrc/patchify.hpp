// The op behind resize_normalize_patchify in python/kernel_image_resize/cv_utils.py, where its arguments are explained.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "tensors.hpp"

namespace kir::python {

/// The tokens of images and clips, and the grid of each. `target_sizes`: height and width of each frame, one after
/// another; `items`: the frames of all items, one after another, of which each item has the next `item_lengths[i]`.
std::tuple<Tensor, Tensor> patchify(std::vector<Tensor> frames, bool stacked, std::vector<std::int64_t> target_sizes,
                                    std::vector<std::int64_t> items, std::vector<std::int64_t> item_lengths,
                                    std::vector<double> image_mean, std::vector<double> image_std,
                                    double rescale_factor, std::string resample, std::int64_t patch, std::int64_t merge,
                                    std::int64_t temporal, std::string numerics, std::string backend,
                                    std::optional<Device> device);

}  // namespace kir::python
