// The device list is right with a GPU and without one; it runs everywhere.
#include <cstdio>

#include "kernels/cuda/device.hpp"
#include "tests/catch.hpp"

using kir::cuda::Device;
using kir::cuda::DeviceList;

TEST_CASE("a machine has devices or a reason, never both, never neither") {
  const DeviceList list = kir::cuda::list_devices();
  std::printf("CUDA runtime %d, driver %d, %zu devices; %s\n", list.runtime_version, list.driver_version,
              list.devices.size(), list.reason.c_str());
  REQUIRE(list.devices.empty() == !list.reason.empty());
  REQUIRE(list.runtime_version >= 12000);
  if (list.devices.empty()) {
    REQUIRE(list.reason.rfind("no CUDA device: ", 0) == 0);
  } else {
    REQUIRE(list.driver_version > 0);
  }
  for (std::size_t i = 0; i < list.devices.size(); ++i) {
    const Device& device = list.devices[i];
    INFO(kir::cuda::describe(device));
    REQUIRE(device.index == static_cast<int>(i));
    REQUIRE_FALSE(device.name.empty());
    REQUIRE(device.compute_major >= 5);
    REQUIRE(device.multiprocessors > 0);
    REQUIRE(device.memory_bytes > (std::size_t{1} << 28));
  }
}

TEST_CASE("asking twice gives the same answer") {
  const DeviceList first = kir::cuda::list_devices();
  const DeviceList second = kir::cuda::list_devices();
  REQUIRE(first.reason == second.reason);
  REQUIRE(first.devices.size() == second.devices.size());
}

TEST_CASE("a device is described in words") {
  const Device device{0, "NVIDIA H200", 9, 0, 132, std::size_t{140} << 30};
  REQUIRE(kir::cuda::describe(device) == "NVIDIA H200, compute 9.0, 132 multiprocessors, 140.0 GiB");
}
