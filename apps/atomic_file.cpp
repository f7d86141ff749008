#include "apps/atomic_file.hpp"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "kir/error.hpp"

namespace kir::apps {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::io, path, "cannot be written: " + why);
}

std::string temporary_beside(const fs::path& target) {
  static std::atomic<int> counter{0};
  const std::string name = ".kir-" + std::to_string(getpid()) + "-" + std::to_string(counter++) + ".tmp";
  return (target.parent_path() / name).string();
}

}  // namespace

AtomicFile::AtomicFile(std::string path) : path_(std::move(path)) {
  if (path_.empty()) fail("\"\"", "the path is empty");
  std::error_code code;
  fs::path target = path_;
  const fs::file_status status = fs::status(target, code);
  if (status.type() != fs::file_type::not_found && code) fail(path_, code.message());
  if (fs::exists(status)) {
    // A device or a pipe must not be replaced by a file, nor a symbolic link by its content.
    if (!fs::is_regular_file(status)) fail(path_, "it exists and is not a regular file");
    if (access(path_.c_str(), W_OK) != 0) fail(path_, std::strerror(errno));
    target = fs::canonical(target);
  }
  target_ = target.string();
  temporary_ = temporary_beside(target);
  stream_.open(temporary_, std::ios::binary | std::ios::trunc);
  if (!stream_) fail(path_, std::strerror(errno));
}

AtomicFile::~AtomicFile() {
  stream_.close();
  if (!temporary_.empty()) std::remove(temporary_.c_str());
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  stream_.write(static_cast<const char*>(data), static_cast<std::streamsize>(bytes));
}

void AtomicFile::commit() {
  stream_.close();
  if (!stream_) fail(path_, "writing failed: " + std::string(std::strerror(errno)));
  std::error_code code;
  fs::rename(temporary_, target_, code);
  if (code) fail(path_, code.message());
  temporary_.clear();
}

void check_writable(const std::string& path) {
  AtomicFile probe(path);
}

}  // namespace kir::apps
