#include "apps/atomic_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <new>
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

// What a signal that ends the program removes first: a result of many images is there at its full size long before it
// is whole. A signal handler may read an atomic pointer and call unlink, and little else.
std::atomic<const char*> to_remove{nullptr};

void remove_and_end(int signal) {
  if (const char* path = to_remove.load()) unlink(path);
  raise(signal);  // SA_RESETHAND: with what it did before, which is to end the program
}

void remove_on_signals(const char* path) {
  to_remove = path;
  static const bool handled = [] {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGXCPU}) {
      struct sigaction before {
      }, action{};
      action.sa_handler = remove_and_end;
      action.sa_flags = static_cast<int>(SA_RESETHAND | SA_NODEFER);
      // nohup and a shell's background jobs ignore some of these, and that stays so.
      if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_DFL) {
        sigaction(signal, &action, nullptr);
      }
    }
    return true;
  }();
  static_cast<void>(handled);
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
  remove_on_signals(temporary_.c_str());
  file_ = open(temporary_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (file_ < 0) {
    to_remove = nullptr;
    fail(path_, std::strerror(errno));
  }
}

AtomicFile::~AtomicFile() {
  unmap();
  if (file_ >= 0) close(file_);
  if (!temporary_.empty()) unlink(temporary_.c_str());
  to_remove = nullptr;
}

void AtomicFile::write(const void* data, std::size_t bytes) {
  const char* from = static_cast<const char*>(data);
  while (bytes > 0 && error_ == 0) {
    const ssize_t written = ::write(file_, from, bytes);
    if (written < 0) {
      if (errno != EINTR) error_ = errno;
      continue;
    }
    from += written;
    bytes -= static_cast<std::size_t>(written);
  }
}

std::span<std::byte> AtomicFile::map(std::size_t bytes) {
  // The room is taken now: a page of a full disk that is written later has no way to fail but to end the program. The C
  // library writes a byte to each block where the file system cannot do it at once.
  int error = 0;
  do {
    error = posix_fallocate(file_, 0, static_cast<off_t>(bytes));
  } while (error == EINTR);
  if (error != 0) {
    fail(path_, "writing failed: no room for " + std::to_string(bytes) + " bytes: " + std::strerror(error));
  }
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file_, 0);
  shared_ = memory != MAP_FAILED;
  if (!shared_) {  // a file system that maps no files: commit() writes the memory
    memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
  }
  memory_ = {static_cast<std::byte*>(memory), bytes};
  return memory_;
}

void AtomicFile::unmap() {
  if (!memory_.empty()) munmap(memory_.data(), memory_.size());
  memory_ = {};
}

void AtomicFile::commit() {
  if (!shared_) write(memory_.data(), memory_.size());
  unmap();
  const int closed = close(file_);
  file_ = -1;
  if (error_ == 0 && closed != 0) error_ = errno;
  if (error_ != 0) fail(path_, "writing failed: " + std::string(std::strerror(error_)));
  std::error_code code;
  fs::rename(temporary_, target_, code);
  if (code) fail(path_, code.message());
  temporary_.clear();
  to_remove = nullptr;
}

void check_writable(const std::string& path) {
  AtomicFile removed_again(path);
}

}  // namespace kir::apps
