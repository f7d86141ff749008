#include "benchmarks/contenders/backend.hpp"

#include <algorithm>
#include <cstddef>
#include <new>
#include <vector>

#include "parity/runner.hpp"

namespace kir::benchmarks {
namespace {

/// 64-byte aligned memory, touched once so that no iteration pays for its pages.
class Memory {
 public:
  explicit Memory(std::size_t bytes)
      : bytes_(bytes), data_(static_cast<std::byte*>(::operator new (bytes, std::align_val_t{64}))) {
    std::fill_n(data_, bytes_, std::byte{0});
  }
  ~Memory() { ::operator delete (data_, std::align_val_t{64}); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  std::byte* data() const { return data_; }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_;
  std::byte* data_;
};

/// A plan with everything that one run needs.
struct Prepared {
  const Backend& backend;
  Workload workload;
  std::vector<std::unique_ptr<Memory>> outputs;
  std::vector<OutputView> views;
  Memory workspace;

  Prepared(const Backend& chosen, const Workload& load)
      : backend(chosen), workload(load), workspace(chosen.workspace_bytes(*load.plan, load.context)) {
    for (const Output& output : load.plan->outputs) {
      outputs.push_back(std::make_unique<Memory>(output.bytes()));
      views.push_back({outputs.back()->data(), output.bytes()});
    }
  }

  void run() const {
    backend.run(*workload.plan, workload.images, views, Workspace{workspace.data(), workspace.bytes()},
                workload.context);
  }
};

/// Why the backend gets no time; empty when it computes what the oracle computes.
std::string refusal(const parity::CaseResult& result) {
  if (!result.skipped.empty()) return result.skipped;
  if (!result.error.empty()) return result.error;
  for (const parity::Comparison& output : result.outputs) {
    if (!output.within(result.tolerance)) return "wrong: " + output.describe_worst();
  }
  return {};
}

}  // namespace

std::int64_t Workload::bytes() const {
  std::int64_t sum = 0;
  for (const ImageView& image : images) sum += std::int64_t{image.size.channels} * image.size.height * image.size.width;
  for (const Output& output : plan->outputs) sum += static_cast<std::int64_t>(output.bytes());
  return sum;
}

Contender backend_contender(const std::string& name, const Backend& backend, const Workload& workload,
                            const std::string& oracle_name, const Backend& oracle, const parity::Settings& settings) {
  Contender contender;
  contender.name = name + (workload.plan->numerics == Numerics::float32 ? "_float" : "_uint8");
  contender.backend = name;
  contender.numerics = name_of(workload.plan->numerics);
  contender.bytes = workload.bytes();
  if (const Support support = backend.supports(*workload.plan); !support.ok) {
    contender.refused = name + ": " + support.reason;
    return contender;
  }
  if (&backend != &oracle) {
    const parity::CaseResult result =
        parity::run_plan(*workload.plan, workload.images, backend, oracle, settings, workload.context);
    contender.verified_against = oracle_name;
    contender.refused = refusal(result);
    contender.bound = result.tolerance.max_abs;
    double max_abs = 0;
    for (const parity::Comparison& output : result.outputs) max_abs = std::max(max_abs, output.max_abs);
    contender.max_abs = max_abs;
    if (!contender.refused.empty()) return contender;
  }
  contender.run = [prepared = std::make_shared<Prepared>(backend, workload)] { prepared->run(); };
  return contender;
}

}  // namespace kir::benchmarks
