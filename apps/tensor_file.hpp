// Result tensors to files: .npy (one tensor) and .safetensors (all).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "kir/plan.hpp"

namespace kir::apps {

/// A contiguous tensor in memory. `name` is its key in a .safetensors file.
struct Tensor {
  std::string name;
  Type type = Type::f32;
  std::vector<std::int64_t> shape;
  std::vector<std::byte> data;  ///< product(shape) * bytes_of(type), native order (little endian)
};

/// The name of an output's tensor: its key, or "key.0", "key.1", ... of a ragged batch.
std::string tensor_name(const Output& output);

/// One tensor per output, zeroed; those with `values` are filled from them.
std::vector<Tensor> allocate_outputs(const Plan& plan);

/// Views of the tensors, in order, for Backend::run.
std::vector<OutputView> output_views(std::span<Tensor> tensors);

/// Checks a target before any work. Throws Error{invalid_argument, argument} unless it ends in .npy or .safetensors,
/// and Error{io, argument} unless it can be written.
void check_tensor_path(const std::string& argument, const std::string& path);

/// Checks that the outputs of a plan fit the format: .npy holds one tensor of a type that numpy has (not bfloat16).
/// Throws Error{invalid_argument, argument}, saying what to use instead.
void check_tensor_format(const std::string& argument, const std::string& path, const std::vector<Output>& outputs);

/// Writes the tensors; the file appears whole or not at all. Throws Error{io, path}.
void write_tensors(const std::string& path, std::span<const Tensor> tensors);

}  // namespace kir::apps
