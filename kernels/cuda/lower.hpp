// From a level of a plan to the blobs that kernels read. Host code; microseconds.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <type_traits>
#include <vector>

#include "kernels/cuda/descriptor.hpp"
#include "kir/backend.hpp"

namespace kir::cuda {

constexpr std::size_t align(std::size_t bytes, std::size_t multiple) {
  return (bytes + multiple - 1) / multiple * multiple;
}

/// A plan and where its pixels are, all in device memory.
struct PlanMemory {
  const Plan& plan;
  std::span<const ImageView> images;
  std::span<const OutputView> outputs;
  std::byte* canvases = nullptr;  ///< canvases_bytes(plan) long, 64-byte aligned
};

/// Jobs and fills of one level that are launched together.
struct Part {
  std::span<const Job> jobs;
  std::span<const Fill> fills;
};

/// Memory for all canvases of a plan, one after the other.
std::size_t canvases_bytes(const Plan& plan);

/// One blob: BlobHeader and records, at most kMaxBlobBytes, 16-byte aligned.
class Blob {
 public:
  /// Room for so many bytes, which BlobDraft::write fills.
  explicit Blob(std::size_t bytes) : words_((bytes + sizeof(Word) - 1) / sizeof(Word)) {}

  const BlobHeader& header() const { return *reinterpret_cast<const BlobHeader*>(words_.data()); }
  const std::byte* data() const { return reinterpret_cast<const std::byte*>(words_.data()); }
  std::byte* data() { return reinterpret_cast<std::byte*>(words_.data()); }
  std::size_t bytes() const { return header().bytes; }
  std::span<JobDesc> jobs() { return records<JobDesc>(header().jobs, header().job_count); }
  std::span<AxisDesc> axes() { return records<AxisDesc>(header().axes, header().axis_count); }
  std::span<FillDesc> fills() { return records<FillDesc>(header().fills, header().fill_count); }
  AxisDesc& axis(std::uint32_t offset) { return *reinterpret_cast<AxisDesc*>(data() + offset); }

 private:
  template <class Record>
  std::span<Record> records(std::uint32_t offset, std::int32_t count) {
    return {reinterpret_cast<Record*>(data() + offset), static_cast<std::size_t>(count)};
  }

  struct alignas(16) Word {
    std::byte bytes[16];
  };
  std::vector<Word> words_;
};

/// The blobs of a part: jobs in order of falling cost, fills in the first blob with room. Equal axes, layouts and
/// epilogues of a blob are one record. Images and outputs without data give null addresses, which is enough to know
/// sizes. The plan is one that support_of() accepts.
std::vector<Blob> lower(const PlanMemory& memory, const Part& part);

/// A kernel parameter that holds a blob, passed by value (`__grid_constant__`).
template <std::size_t kBytes>
struct BlobParameter {
  alignas(16) std::byte bytes[kBytes];
};

template <std::size_t kBytes>
BlobParameter<kBytes> parameter_of(const Blob& blob) {
  BlobParameter<kBytes> parameter;
  std::copy_n(blob.data(), blob.bytes(), parameter.bytes);
  return parameter;
}

/// Sizes of such a parameter: for four images of one layout, for about 32, and for as many as there can be. The host
/// pays for all of it.
inline constexpr std::array<std::size_t, 3> kBlobParameterBytes{1280, 8 << 10, kMaxBlobBytes};

/// Calls visit(std::integral_constant<std::size_t, size>()) with the smallest size of a parameter that holds the blob.
template <std::size_t kIndex = 0, class Visit>
auto with_parameter_size(const Blob& blob, const Visit& visit) {
  if constexpr (kIndex + 1 < kBlobParameterBytes.size()) {
    if (blob.bytes() > kBlobParameterBytes[kIndex]) return with_parameter_size<kIndex + 1>(blob, visit);
  }
  return visit(std::integral_constant<std::size_t, kBlobParameterBytes[kIndex]>());
}

}  // namespace kir::cuda
