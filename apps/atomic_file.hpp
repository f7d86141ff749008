// Writing a file whole or not at all: the bytes go to a temporary file next to the target, which then takes its place.
#pragma once

#include <cstddef>
#include <fstream>
#include <string>

namespace kir::apps {

/// A file being written. Not thread-safe.
class AtomicFile {
 public:
  /// Opens the temporary file. Throws Error{io, path} when the folder is missing or not writable, or when `path` is a
  /// folder, a device or a file that may not be written.
  explicit AtomicFile(std::string path);
  /// Removes the temporary file unless commit() succeeded.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, std::size_t bytes);
  /// Replaces the target. Throws Error{io, path} when any write failed (a full disk).
  void commit();

 private:
  std::string path_, target_, temporary_;
  std::ofstream stream_;
};

/// Throws as AtomicFile does and leaves nothing behind: for commands to call before long work.
void check_writable(const std::string& path);

}  // namespace kir::apps
