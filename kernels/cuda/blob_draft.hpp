// A blob in the making: records by kind, equal ones once. References of jobs and fills are indices until it is written.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/cuda/lower.hpp"

namespace kir::cuda {

class BlobDraft {
 public:
  std::vector<JobDesc> jobs;
  std::vector<FillDesc> fills;

  /// Begins a blob of a plan with so many epilogues.
  void clear(std::size_t plan_epilogues);
  bool empty() const { return jobs.empty() && fills.empty(); }
  /// For one more job or fill, whatever it needs.
  bool has_room() const;

  /// The index of an equal record, which is added where there is none.
  std::uint32_t index_of(const AxisDesc& axis);
  std::uint32_t index_of(const LayoutDesc& layout);
  std::uint32_t index_of(const Epilogue& epilogue, std::int32_t in_plan);

  /// Makes references of indices, here too: nothing is added afterwards.
  Blob write();

 private:
  std::size_t bytes() const;
  BlobHeader header() const;
  void refer(const BlobHeader& header);

  std::vector<AxisDesc> axes_;
  std::vector<LayoutDesc> layouts_;
  std::vector<EpilogueDesc> epilogues_;
  std::vector<std::int32_t> epilogue_index_;      ///< of the plan's epilogues; -1: not in this blob
  std::array<std::uint16_t, 1024> axis_index_{};  ///< hash table: index + 1 into axes, 0 = empty
};

}  // namespace kir::cuda
