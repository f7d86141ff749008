#include "tests/support/poisoned_run.hpp"

#include <cstring>

#include "kernels/cpu/convert.hpp"
#include "tests/catch.hpp"

namespace kir::test {

std::vector<GuardedMemory> run_once(const Backend& backend, const Plan& plan, const std::vector<Image>& images,
                                    const RunContext& context, std::uint8_t poison) {
  REQUIRE(backend.supports(plan).reason == "");
  std::vector<ImageView> views;
  for (const Image& image : images) views.push_back(image.view());
  std::vector<GuardedMemory> memory;
  std::vector<OutputView> outputs;
  for (const Output& output : plan.outputs) memory.emplace_back(output.bytes(), poison);
  for (GuardedMemory& m : memory) outputs.push_back({m.data(), m.bytes()});
  GuardedMemory workspace(backend.workspace_bytes(plan, context), poison);
  backend.run(plan, views, outputs, {workspace.data(), workspace.bytes()}, context);
  return memory;
}

std::vector<GuardedMemory> run_poisoned(const Backend& backend, const Plan& plan, const std::vector<Image>& images,
                                        const RunContext& context) {
  const std::vector<GuardedMemory> zeros = run_once(backend, plan, images, context, 0x00);
  std::vector<GuardedMemory> ones = run_once(backend, plan, images, context, 0xff);
  for (std::size_t i = 0; i < ones.size(); ++i) {
    CAPTURE(plan.outputs[i].key);
    CHECK(std::memcmp(ones[i].data(), zeros[i].data(), ones[i].bytes()) == 0);
  }
  return ones;
}

double element(const void* data, Type type, std::int64_t i) {
  const auto as = [&]<class T>(T) {
    T v;
    std::memcpy(&v, static_cast<const std::byte*>(data) + i * static_cast<std::int64_t>(sizeof v), sizeof v);
    return v;
  };
  switch (type) {
    case Type::u8:
    case Type::boolean:
      return as(std::uint8_t{});
    case Type::i32:
      return as(std::int32_t{});
    case Type::i64:
      return static_cast<double>(as(std::int64_t{}));
    case Type::f16:
      return static_cast<double>(cpu::f32_of_f16(as(std::uint16_t{})));
    case Type::bf16:
      return static_cast<double>(cpu::f32_of_bf16(as(std::uint16_t{})));
    case Type::f32:
      return static_cast<double>(as(0.0f));
  }
  return 0;
}

}  // namespace kir::test
