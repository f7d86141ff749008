// A backend that hands every call to another: what a test wants to be different, it overrides.
#pragma once

#include <string>
#include <vector>

#include "kir/backend.hpp"

namespace kir::test {

class ForwardingBackend : public Backend {
 public:
  /// `to` outlives this.
  explicit ForwardingBackend(const Backend& to) : to_(to) {}

  std::string_view name() const override { return to_.name(); }
  MemorySpace memory() const override { return to_.memory(); }
  Support supports(const Plan& plan) const override { return to_.supports(plan); }
  std::vector<std::string> explain(const Plan& plan) const override { return to_.explain(plan); }
  std::size_t workspace_bytes(const Plan& plan, const RunContext& context) const override {
    return to_.workspace_bytes(plan, context);
  }
  std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images,
                                   const RunContext& context) const override {
    return to_.measure(probes, images, context);
  }
  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    to_.run(plan, images, outputs, workspace, context);
  }

 private:
  const Backend& to_;
};

}  // namespace kir::test
