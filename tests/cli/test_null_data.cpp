// Null data and memory that is too small: what a command line cannot say, a caller of the library can.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "apps/backends.hpp"
#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "tests/catch.hpp"
#include "tests/support/contains.hpp"
#include "tests/support/errors.hpp"

namespace {

// A whole valid run, of which each case breaks one thing.
struct Request {
  kir::Plan plan;
  std::vector<std::uint8_t> pixels = std::vector<std::uint8_t>(3 * 9 * 7, 100);
  std::vector<std::uint8_t> result, scratch;
  kir::ImageView image;
  kir::OutputView output;
  kir::Workspace workspace;

  explicit Request(const kir::Backend& backend) {
    kir::ResizeNormalize request;
    request.height = request.width = 5;
    request.image_mean = request.image_std = {0.5};
    const kir::ImageSize size{3, 9, 7};
    plan = kir::plan(kir::resize_normalize_spec(request), std::vector{size});
    result.assign(plan.outputs[0].bytes(), kUntouched);
    const std::size_t bytes = backend.workspace_bytes(plan, {});
    scratch.resize(bytes + 64);
    void* aligned = scratch.data() + (64 - reinterpret_cast<std::uintptr_t>(scratch.data()) % 64) % 64;
    image = kir::hwc_view(pixels.data(), size);
    output = {result.data(), result.size()};
    workspace = {aligned, bytes};
  }

  void run(const kir::Backend& backend) const {
    backend.run(plan, std::vector{image}, std::vector{output}, workspace, {});
  }
  bool untouched() const { return result == std::vector<std::uint8_t>(result.size(), kUntouched); }

  static constexpr std::uint8_t kUntouched = 0xA5;
};

// The refusal of a broken request: its argument. Empty when it was not refused.
std::string refused_argument(const kir::Backend& backend, const Request& request) {
  try {
    request.run(backend);
  } catch (const kir::Error& error) {
    CHECK(error.code == kir::ErrorCode::invalid_argument);
    CHECK_FALSE(error.message.empty());
    CHECK(request.untouched());
    return error.argument;
  }
  return "";
}

}  // namespace

TEST_CASE("null data: every backend names the argument and writes nothing", "[bad_input]") {
  for (const std::string& name : kir::apps::backend_names()) {
    CAPTURE(name);
    std::unique_ptr<kir::Backend> backend;
    try {
      backend = kir::apps::make_backend(name);
    } catch (const kir::Error& error) {
      REQUIRE(error.code == kir::ErrorCode::unsupported);
      CHECK(kir::test::contains(error.message, name));
    }
    if (!backend || backend->memory() != kir::MemorySpace::host) {
      std::printf("not here: %s (tests/cuda has its refusals)\n", name.c_str());
      continue;
    }

    Request whole(*backend);
    CHECK_NOTHROW(whole.run(*backend));
    CHECK_FALSE(whole.untouched());

    Request null_image(*backend);
    null_image.image.data = nullptr;
    CHECK(refused_argument(*backend, null_image).rfind("images[0]", 0) == 0);

    Request null_output(*backend);
    null_output.output.data = nullptr;
    CHECK(refused_argument(*backend, null_output).rfind("outputs[0]", 0) == 0);

    Request small_output(*backend);
    small_output.output.bytes -= 1;
    CHECK(refused_argument(*backend, small_output).rfind("outputs[0]", 0) == 0);

    Request other_size(*backend);
    other_size.image.size.width += 1;
    CHECK(refused_argument(*backend, other_size).rfind("images[0]", 0) == 0);

    Request null_workspace(*backend);
    if (null_workspace.workspace.bytes > 0) {
      null_workspace.workspace.data = nullptr;
      CHECK(refused_argument(*backend, null_workspace).rfind("workspace", 0) == 0);
    }
  }
}

TEST_CASE("an unknown backend is refused by name, with the known ones", "[bad_input]") {
  const kir::Error error = kir::test::error_of([] { kir::apps::make_backend("abacus"); });
  CHECK(error.argument == "--backend");
  for (const std::string& name : kir::apps::backend_names()) CHECK(kir::test::contains(error.message, name));
}
