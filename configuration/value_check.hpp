// Checks that configurations and the resize_normalize call share. Each throws Error{invalid_argument, argument, ...}
// naming the value and what is allowed.
#pragma once

#include <string>
#include <vector>

namespace kir {

/// Finite and greater than 0.
void check_positive(double value, const std::string& argument);

/// Means finite, stds finite and greater than 0 (in float32 too, where they are used). Their counts are equal, or one
/// of the counts is 1. The arguments are `prefix` + "image_mean" and `prefix` + "image_std".
void check_mean_std(const std::vector<double>& mean, const std::vector<double>& std, const std::string& prefix);

/// check_mean_std of a call's arguments, each of 1..4 values.
void check_channel_values(const std::vector<double>& mean, const std::vector<double>& std);

}  // namespace kir
