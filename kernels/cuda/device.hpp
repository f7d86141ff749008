// Which CUDA devices this process can use. Having none is an answer, not an error.
// Thread safety: all functions may be called from any thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "kernels/cuda/tuning.hpp"

namespace kir::cuda {

/// One device, as the CUDA runtime sees it.
struct Device {
  int index = 0;          ///< for cudaSetDevice
  std::string name;       ///< "NVIDIA H200"
  int compute_major = 0;  ///< compute capability: 9.0 is major 9, minor 0
  int compute_minor = 0;
  int multiprocessors = 0;
  std::size_t memory_bytes = 0;  ///< of the device, not what is free
};

/// All devices, or why there is none.
struct DeviceList {
  std::vector<Device> devices;
  std::string reason;       ///< empty when there is a device; else "no CUDA device: ..."
  int driver_version = 0;   ///< newest CUDA version the driver knows, 1000 * major + 10 * minor; 0 without a driver
  int runtime_version = 0;  ///< of the runtime linked in, likewise
};

/// Lists the devices; a few milliseconds at the first call. No driver, a driver older than the runtime, or no device is
/// a list without devices and with a reason. Throws Error{unsupported} when the CUDA runtime fails in any other way.
DeviceList list_devices();

/// "NVIDIA H200, compute 9.0, 132 multiprocessors, 139.8 GiB"
std::string describe(const Device& device);

/// What kernels and their grids are chosen by.
struct DeviceFacts {
  int index = 0;
  Tuning tuning{};  ///< of the architecture that its code was compiled for; this device's multiprocessors and memory
};

/// Those of the calling thread's current device, asked of the driver once a device: later calls cost some tens of
/// nanoseconds. Throws Error{unsupported} when the CUDA runtime fails.
const DeviceFacts& device_facts();

}  // namespace kir::cuda
