// Planning takes no heap memory per image: as many allocations for 32 ragged images as for 2.
#include <cstdlib>
#include <new>

#include "tests/plan/fixtures.hpp"

namespace {

std::size_t allocations = 0;

}  // namespace

void* operator new(std::size_t bytes) {
  ++allocations;
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  ++allocations;
  return std::malloc(bytes == 0 ? 1 : bytes);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}

namespace kir::test {

namespace {

std::size_t allocations_of_a_plan(const ProcessorSpec& spec, std::size_t count) {
  std::vector<ImageSize> images;
  for (std::size_t i = 0; i < count; ++i) {
    images.push_back({3, static_cast<std::int32_t>(40 + 3 * i), static_cast<std::int32_t>(90 - i)});
  }
  const std::size_t before = allocations;
  const Plan made = plan(spec, images);
  return allocations - before;
}

}  // namespace

TEST_CASE("planning allocates nothing per image", "[allocations]") {
  for (const char* name :
       {"SiglipImageProcessor", "CLIPImageProcessor", "Qwen2VLImageProcessor", "Cohere2VisionImageProcessor"}) {
    INFO(name);
    const ProcessorSpec spec = spec_of(name);
    CHECK(allocations_of_a_plan(spec, 2) > 0);
    CHECK(allocations_of_a_plan(spec, 32) == allocations_of_a_plan(spec, 2));
  }
}

}  // namespace kir::test
