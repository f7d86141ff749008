// Random numbers that are the same on every standard library: the standard's distributions are not.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>

namespace kir::parity {

/// A seeded stream of random numbers. Not thread-safe; copy it to fork a stream.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t bits() { return engine_(); }
  /// Uniform in [0, n), n >= 1. (The modulo's bias is below 2^-40 for every n in use.)
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(n)); }
  /// Uniform in [first, last], both included.
  std::int64_t between(std::int64_t first, std::int64_t last) { return first + below(last - first + 1); }
  /// Uniform in [0, 1).
  double unit() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }

 private:
  std::mt19937_64 engine_;
};

/// The seed of one named part of a run (FNV-1a), so that a part alone repeats exactly what it was within the whole.
inline std::uint64_t seed_of(std::uint64_t seed, std::string_view name) {
  std::uint64_t hash = 0xcbf29ce484222325u ^ seed;
  for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3u;
  return hash;
}

/// A seed of 32 bits that differs from run to run.
inline std::uint64_t fresh_seed() {
  return std::random_device{}();
}

}  // namespace kir::parity
