// Samples that are lists of images: videos, and the lists of a chat.
#pragma once

#include <cstdint>
#include <vector>

#include "plan/draft.hpp"

namespace kir {

/// How many images each sample has: options.groups, or all images as one.
std::vector<std::int64_t> samples_of(const Request& request);

/// Refuses groups that the class does not take or that do not cover the images.
void check_groups(const Request& request);

}  // namespace kir
