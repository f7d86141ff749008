// Progress of long work, on stderr: a bar when stderr is a terminal, else one line every ten seconds, so that a log of
// short work stays empty. Standard output is never touched.
#pragma once

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

namespace kir::apps {

/// Thread-safe.
class Progress {
 public:
  /// `total`: how many pieces of work there are; 0 or less = unknown.
  Progress(std::string title, std::int64_t total);
  /// Clears the bar, or ends the lines with the number of pieces done if any line was printed.
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// One more piece of work is done; `what` says which.
  void advance(std::string_view what);

 private:
  using Clock = std::chrono::steady_clock;
  void draw_bar(std::string_view what) const;
  void print_line(std::string_view what) const;
  void print_count(std::string_view what) const;

  std::mutex mutex_;
  std::string title_;
  std::int64_t total_;
  std::int64_t done_ = 0;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point started_, last_;
};

}  // namespace kir::apps
