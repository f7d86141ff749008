#include "kir/cpu.hpp"

#include "kir/error.hpp"

namespace kir {
namespace {

class CpuBackend final : public Backend {
 public:
  std::string_view name() const override { return "cpu"; }
  Support supports(const Plan&) const override { return {false, "not built yet"}; }
  std::size_t workspace_bytes(const Plan&, const RunContext&) const override { return 0; }
  std::vector<ProbeResult> measure(std::span<const Probe>, std::span<const ImageView>,
                                   const RunContext&) const override {
    throw Error(ErrorCode::unsupported, "backend", "not built yet");
  }
  void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
           Workspace workspace, const RunContext& context) const override {
    check_run(*this, plan, images, outputs, workspace, context);
  }
};

}  // namespace

std::unique_ptr<Backend> make_cpu_backend() { return std::make_unique<CpuBackend>(); }

}  // namespace kir
