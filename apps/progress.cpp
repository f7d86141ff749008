#include "apps/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace kir::apps {

namespace {

constexpr auto kBarInterval = std::chrono::milliseconds(100);
constexpr auto kLineInterval = std::chrono::seconds(10);
constexpr std::int64_t kBarWidth = 24;
constexpr std::size_t kWhatWidth = 40;

}  // namespace

Progress::Progress(std::string title, std::int64_t total)
    : title_(std::move(title)), total_(total), terminal_(isatty(STDERR_FILENO) == 1), started_(Clock::now()) {
  last_ = started_;
  if (terminal_) {
    draw_bar("");
    drawn_ = true;
  }
}

Progress::~Progress() {
  if (!drawn_) return;
  if (terminal_) {
    std::fputs("\r\033[K", stderr);
  } else {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(Clock::now() - started_).count();
    std::fprintf(stderr, "%s: %lld done in %lld s\n", title_.c_str(), static_cast<long long>(done_),
                 static_cast<long long>(seconds));
  }
}

void Progress::advance(std::string_view what) {
  const std::lock_guard lock(mutex_);
  ++done_;
  const auto now = Clock::now();
  if (now - last_ < (terminal_ ? Clock::duration(kBarInterval) : Clock::duration(kLineInterval))) return;
  last_ = now;
  drawn_ = true;
  terminal_ ? draw_bar(what) : print_line(what);
}

void Progress::draw_bar(std::string_view what) const {
  std::fprintf(stderr, "\r\033[K%s ", title_.c_str());
  if (total_ > 0) {
    const auto filled = static_cast<std::size_t>(std::min<std::int64_t>(kBarWidth, done_ * kBarWidth / total_));
    std::fprintf(stderr, "[%s%s] ", std::string(filled, '#').c_str(), std::string(kBarWidth - filled, '.').c_str());
  }
  print_count(what.substr(0, kWhatWidth));
  std::fflush(stderr);
}

void Progress::print_line(std::string_view what) const {
  std::fprintf(stderr, "%s: ", title_.c_str());
  print_count(what);
  std::fputc('\n', stderr);
}

void Progress::print_count(std::string_view what) const {
  std::fprintf(stderr, "%lld", static_cast<long long>(done_));
  if (total_ > 0) std::fprintf(stderr, "/%lld", static_cast<long long>(total_));
  std::fprintf(stderr, " %.*s", static_cast<int>(what.size()), what.data());
}

}  // namespace kir::apps
