// Writing a file whole or not at all: the bytes go to a temporary file next to the target, which then takes its place.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace kir::apps {

/// A file being written, one at a time in a program. Not thread-safe. SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE and
/// SIGXCPU remove the temporary file before they end the program.
class AtomicFile {
 public:
  /// Opens the temporary file. Throws Error{io, path} when the folder is missing or not writable, or when `path` is a
  /// folder, a device or a file that may not be written.
  explicit AtomicFile(std::string path);
  /// Removes the temporary file unless commit() succeeded.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Appends. A failure is kept for commit().
  void write(const void* data, std::size_t bytes);
  /// Instead of write(): gives the file this size, zeros, and shows it as memory to write to until commit(). Throws
  /// Error{io, path} when the disk has no room for it.
  std::span<std::byte> map(std::size_t bytes);
  /// Replaces the target. Throws Error{io, path} when any write failed (a full disk).
  void commit();

 private:
  void unmap();

  std::string path_, target_, temporary_;
  int file_ = -1;
  int error_ = 0;  ///< errno of the first write that failed
  std::span<std::byte> memory_;
  bool shared_ = false;  ///< the memory is the file's own
};

/// Throws as AtomicFile does and leaves nothing behind: for commands to call before long work.
void check_writable(const std::string& path);

}  // namespace kir::apps
