// The copy floor reads every byte and writes every byte, and nothing else: otherwise its time would prove nothing.
#include <cuda_runtime_api.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <random>
#include <vector>

#include "benchmarks/cuda/copy_floor.hpp"
#include "tests/catch.hpp"
#include "tests/support/seed.hpp"

namespace {

constexpr std::uint8_t kPoison = 0xa5;
constexpr std::size_t kGuard = 256;  // poisoned bytes before and after the target

void require_success(cudaError_t status) {
  INFO(cudaGetErrorString(status));
  REQUIRE(status == cudaSuccess);
}

struct DeviceBytes {
  explicit DeviceBytes(std::size_t bytes) { require_success(cudaMalloc(reinterpret_cast<void**>(&data), bytes)); }
  ~DeviceBytes() { cudaFree(data); }
  DeviceBytes(const DeviceBytes&) = delete;
  DeviceBytes& operator=(const DeviceBytes&) = delete;
  std::uint8_t* data = nullptr;
};

std::uint32_t xor_of_words(const std::vector<std::uint8_t>& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) sum ^= std::uint32_t{bytes[i]} << (i % 4 * 8);
  return sum;
}

void check_floor(std::size_t read_bytes, std::size_t write_bytes, std::mt19937& random) {
  INFO("read " << read_bytes << " write " << write_bytes);
  std::vector<std::uint8_t> source(read_bytes);
  for (std::uint8_t& byte : source) byte = static_cast<std::uint8_t>(random());
  const std::uint32_t start = static_cast<std::uint32_t>(random());

  DeviceBytes device_source(read_bytes + 16), device_target(write_bytes + 2 * kGuard), device_sum(sizeof start);
  require_success(cudaMemcpy(device_source.data, source.data(), read_bytes, cudaMemcpyHostToDevice));
  require_success(cudaMemset(device_target.data, kPoison, write_bytes + 2 * kGuard));
  require_success(cudaMemcpy(device_sum.data, &start, sizeof start, cudaMemcpyHostToDevice));
  require_success(kir::benchmarks::copy_floor(device_source.data, read_bytes, device_target.data + kGuard, write_bytes,
                                              reinterpret_cast<std::uint32_t*>(device_sum.data), nullptr));
  require_success(cudaDeviceSynchronize());

  std::vector<std::uint8_t> target(write_bytes + 2 * kGuard);
  std::uint32_t sum = 0;
  require_success(cudaMemcpy(target.data(), device_target.data, target.size(), cudaMemcpyDeviceToHost));
  require_success(cudaMemcpy(&sum, device_sum.data, sizeof sum, cudaMemcpyDeviceToHost));

  std::vector<std::uint8_t> expected(target.size(), kPoison);
  const std::size_t copied = std::min(read_bytes, write_bytes);
  std::fill_n(expected.begin() + kGuard, write_bytes, std::uint8_t{0});
  std::copy_n(source.begin(), copied, expected.begin() + kGuard);
  REQUIRE(target == expected);
  REQUIRE(sum == (start ^ xor_of_words(source)));
}

}  // namespace

TEST_CASE("every byte is read once and written once, for any sizes") {
  std::mt19937 random = kir::test::seeded();
  const std::size_t edges[] = {0, 1, 15, 16, 17, 8191, 8192, 32767, 32768, 32769, 1000003};
  for (const std::size_t read_bytes : edges) {
    for (const std::size_t write_bytes : edges) check_floor(read_bytes, write_bytes, random);
  }
  for (int i = 0; i < 20; ++i) check_floor(random() % 4000000, random() % 4000000, random);
}

TEST_CASE("pointers that are misaligned or null are refused before anything is launched") {
  DeviceBytes bytes(64);
  auto* sum = reinterpret_cast<std::uint32_t*>(bytes.data + 48);
  REQUIRE(kir::benchmarks::copy_floor(bytes.data + 1, 8, bytes.data + 16, 8, sum, nullptr) ==
          cudaErrorMisalignedAddress);
  REQUIRE(kir::benchmarks::copy_floor(bytes.data, 8, bytes.data + 20, 8, sum, nullptr) == cudaErrorMisalignedAddress);
  REQUIRE(kir::benchmarks::copy_floor(nullptr, 8, bytes.data, 8, sum, nullptr) == cudaErrorInvalidValue);
  REQUIRE(kir::benchmarks::copy_floor(bytes.data, 8, nullptr, 8, sum, nullptr) == cudaErrorInvalidValue);
  REQUIRE(kir::benchmarks::copy_floor(bytes.data, 8, bytes.data + 16, 8, nullptr, nullptr) == cudaErrorInvalidValue);
  require_success(cudaDeviceSynchronize());
}
