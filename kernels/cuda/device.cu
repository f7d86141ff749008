#include "kernels/cuda/device.hpp"

#include <cuda_runtime.h>

#include <array>
#include <cstdio>
#include <mutex>

#include "kernels/cuda/check.hpp"

namespace kir::cuda {
namespace {

/// Compiled as all kernels are: what the driver says of it holds for them. A device that no code was compiled for gets
/// that of an older one, however new the device is.
__global__ void any_kernel() {}

int compiled_architecture() {
  cudaFuncAttributes attributes{};
  check(cudaFuncGetAttributes(&attributes, any_kernel), "cudaFuncGetAttributes");
  return attributes.ptxVersion;
}

// What a machine without a usable GPU answers: no driver at all counts as a driver that is too old.
bool means_no_device(cudaError_t status) {
  return status == cudaErrorNoDevice || status == cudaErrorInsufficientDriver || status == cudaErrorStubLibrary;
}

}  // namespace

DeviceList list_devices() {
  DeviceList list;
  check(cudaRuntimeGetVersion(&list.runtime_version), "cudaRuntimeGetVersion");
  check(cudaDriverGetVersion(&list.driver_version), "cudaDriverGetVersion");

  int count = 0;
  const cudaError_t status = cudaGetDeviceCount(&count);
  if (means_no_device(status)) {
    cudaGetLastError();  // the runtime keeps the error for the next caller otherwise
    const bool no_driver = list.driver_version == 0;
    list.reason = std::string("no CUDA device: ") + (no_driver ? "no NVIDIA driver" : cudaGetErrorString(status));
    return list;
  }
  check(status, "cudaGetDeviceCount");
  if (count == 0) list.reason = "no CUDA device: the driver lists none";

  for (int index = 0; index < count; ++index) {
    cudaDeviceProp properties;
    check(cudaGetDeviceProperties(&properties, index), "cudaGetDeviceProperties");
    list.devices.push_back({index, properties.name, properties.major, properties.minor, properties.multiProcessorCount,
                            properties.totalGlobalMem});
  }
  return list;
}

const DeviceFacts& device_facts() {
  constexpr int kMostDevices = 64;
  static std::array<DeviceFacts, kMostDevices> facts;
  static std::array<std::once_flag, kMostDevices> asked;
  int index = 0;
  check(cudaGetDevice(&index), "cudaGetDevice");
  if (index >= kMostDevices) {
    throw Error(ErrorCode::unsupported, "cudaGetDevice",
                "device " + std::to_string(index) + "; allowed: 0.." + std::to_string(kMostDevices - 1));
  }
  std::call_once(asked[index], [index] {
    const auto attribute = [index](cudaDeviceAttr which) {
      int value = 0;
      check(cudaDeviceGetAttribute(&value, which, index), "cudaDeviceGetAttribute");
      return value;
    };
    Tuning tuning = tuning_of(compiled_architecture());
    tuning.multiprocessors = attribute(cudaDevAttrMultiProcessorCount);
    tuning.shared_per_block = static_cast<std::size_t>(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin));
    facts[index] = {index, tuning};
  });
  return facts[index];
}

std::string describe(const Device& device) {
  char numbers[96];
  std::snprintf(numbers, sizeof numbers, ", compute %d.%d, %d multiprocessors, %.1f GiB", device.compute_major,
                device.compute_minor, device.multiprocessors, static_cast<double>(device.memory_bytes) / (1 << 30));
  return device.name + numbers;
}

}  // namespace kir::cuda
