#include "apps/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace kir::apps {

namespace {

constexpr auto kBarInterval = std::chrono::milliseconds(100);
constexpr auto kLineInterval = std::chrono::seconds(10);
constexpr int kBarWidth = 24;
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

void Progress::step(std::string_view what) {
  const std::lock_guard lock(mutex_);
  ++done_;
  const auto now = Clock::now();
  if (now - last_ < (terminal_ ? Clock::duration(kBarInterval) : Clock::duration(kLineInterval))) return;
  last_ = now;
  drawn_ = true;
  terminal_ ? draw_bar(what) : print_line(what);
}

void Progress::draw_bar(std::string_view what) const {
  std::string bar;
  if (total_ > 0) {
    const int filled = static_cast<int>(std::min<std::int64_t>(kBarWidth, done_ * kBarWidth / total_));
    bar = "[" + std::string(static_cast<std::size_t>(filled), '#') +
          std::string(static_cast<std::size_t>(kBarWidth - filled), '.') + "] " + std::to_string(done_) + "/" +
          std::to_string(total_);
  } else {
    bar = std::to_string(done_);
  }
  const std::string shown(what.substr(0, kWhatWidth));
  std::fprintf(stderr, "\r\033[K%s %s %s", title_.c_str(), bar.c_str(), shown.c_str());
  std::fflush(stderr);
}

void Progress::print_line(std::string_view what) const {
  const std::string shown(what);
  const std::string of_total = total_ > 0 ? "/" + std::to_string(total_) : "";
  std::fprintf(stderr, "%s: %lld%s %s\n", title_.c_str(), static_cast<long long>(done_), of_total.c_str(),
               shown.c_str());
}

}  // namespace kir::apps
