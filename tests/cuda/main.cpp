// main() of the tests that need a GPU: says which device runs them, or why they are skipped.
#define CATCH_CONFIG_RUNNER
#include "tests/catch.hpp"

#include <cstdio>

#include "kernels/cuda/device.hpp"

int main(int argc, char** argv) {
  constexpr int kSkipped = 77;  // SKIP_RETURN_CODE of the ctest entry
  const kir::cuda::DeviceList list = kir::cuda::list_devices();
  if (list.devices.empty()) {
    std::printf("skipped: %s\n", list.reason.c_str());
    return kSkipped;
  }
  std::printf("device: %s\n", kir::cuda::describe(list.devices[0]).c_str());
  return Catch::Session().run(argc, argv);
}
