// The stages that compute with values: rescale and normalize, as the installed transformers and torchvision run them in
// float32, in their order and with their constants. A step that changes nothing but the sign of zero (sub 0) is left
// in: it is what the processor computes.
#pragma once

#include <cstdint>
#include <vector>

#include "kir/plan.hpp"
#include "plan/stage.hpp"

namespace kir {

/// affine: do_rescale, rescale_factor, do_normalize, image_mean, image_std. Both in one where both are on:
///   sub f32(mean) * f32(1/scale), div by f32(std) * f32(1/scale)
///   (TorchvisionBackend._fuse_mean_std_and_rescale_factor)
/// rescale alone: mul f32(scale); normalize alone: sub f32(mean), div f32(std).
Stage affine();

/// affine(offset), of EfficientNet: with rescale_offset mul, sub 1, then normalize, not in one; include_top divides by
/// f32(std) once more.
Stage affine_offset();

/// rescale, normalize: each alone, for classes that do something between them or ignore the other.
Stage rescale();
Stage normalize();

/// normalize(image): do_normalize; each image by its own mean and standard deviation, the latter at least 1 / sqrt of
/// its samples. models/pix2struct: Pix2StructImageProcessor.normalize
Stage normalize_by_image();

/// A rescale and a normalization as one affine.
std::vector<Step> affine_steps(double rescale_factor, const std::vector<double>& mean, const std::vector<double>& std);

/// The operation of steps that are known; their constants are for `constants` channels, 1: for any number.
Operation apply_steps(std::vector<Step> steps, std::int32_t constants);

}  // namespace kir
