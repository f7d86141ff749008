// A backend that does nothing: what a test wants of it, it overrides.
#pragma once

#include <vector>

#include "kir/backend.hpp"

namespace kir::test {

/// Supports every plan, needs no workspace, answers no probe, and refuses a wrong run as every backend does.
class IdleBackend : public Backend {
 public:
  std::string_view name() const override { return "idle"; }
  Support supports(const Plan&) const override { return {}; }
  std::size_t workspace_bytes(const Plan&, const RunContext&) const override { return 0; }
  std::vector<ProbeResult> measure(std::span<const Probe>, std::span<const ImageView>,
                                   const RunContext&) const override {
    return {};
  }
  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    check_run(*this, plan, images, outputs, workspace, context);
  }
};

}  // namespace kir::test
