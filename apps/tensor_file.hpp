// Result tensors to files: .npy (one tensor) and .safetensors (all).
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "apps/atomic_file.hpp"
#include "kir/plan.hpp"

namespace kir::apps {

/// The name of an output's tensor: its key, or "key.0", "key.1", ... of a ragged batch.
std::string tensor_name(const Output& output);

/// Writes the values that the plan itself knows (Output::values) to the output's memory.
void store_values(const Output& output, std::span<std::byte> memory);

/// Checks a target before any work. Throws Error{invalid_argument, argument} unless it ends in .npy or .safetensors,
/// and Error{io, argument} unless it can be written.
void check_tensor_path(const std::string& argument, const std::string& path);

/// Checks that the outputs of a plan fit the format: .npy holds one tensor of a type that numpy has (not bfloat16).
/// Throws Error{invalid_argument, argument}, saying what to use instead.
void check_tensor_format(const std::string& argument, const std::string& path, const std::vector<Output>& outputs);

/// A file of tensors that is there at its full size from the first, as memory to write to, piece by piece and in any
/// order. It takes its place whole, in commit(), or not at all. Not thread-safe; its memory is.
class TensorFile {
 public:
  /// One zeroed tensor an output, those with values filled. `path` and `outputs` are as the checks above allow. Throws
  /// Error{io, path}, also for a disk that has no room.
  TensorFile(const std::string& path, std::span<const Output> outputs);

  /// The memory of a tensor, in the order of the outputs; aligned to its type.
  std::span<std::byte> tensor(std::size_t output) const { return tensors_[output]; }

  /// Throws Error{io, path}.
  void commit() { file_.commit(); }

 private:
  AtomicFile file_;
  std::vector<std::span<std::byte>> tensors_;
};

}  // namespace kir::apps
