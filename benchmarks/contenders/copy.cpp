#include "benchmarks/contenders/copy.hpp"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstring>
#include <memory>
#include <vector>

namespace kir::benchmarks {

Contender copy_contender(std::int64_t bytes) {
  struct Buffers {
    std::vector<std::byte> from, to;
  };
  // Not zeros: untouched zero pages would all be one page of memory.
  const auto half = static_cast<std::size_t>(bytes / 2);
  const auto buffers =
      std::make_shared<Buffers>(Buffers{std::vector(half, std::byte{1}), std::vector(half, std::byte{2})});
  Contender contender;
  contender.name = "copy";
  contender.backend = "none";
  contender.numerics = "none";
  contender.bytes = bytes;
  contender.run = [buffers] {
    std::memcpy(buffers->to.data(), buffers->from.data(), buffers->from.size());
    benchmark::DoNotOptimize(buffers->to.data());
    benchmark::ClobberMemory();
  };
  return contender;
}

}  // namespace kir::benchmarks
