#include "benchmarks/contenders/backend.hpp"

#include <algorithm>
#include <cstddef>
#include <new>
#include <vector>

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

}  // namespace

std::int64_t Workload::bytes() const {
  std::int64_t sum = 0;
  for (const ImageView& image : images) sum += std::int64_t{image.size.channels} * image.size.height * image.size.width;
  for (const Output& output : plan->outputs) sum += static_cast<std::int64_t>(output.bytes());
  return sum;
}

Contender backend_contender(const std::string& name, const Backend& backend, const Workload& workload,
                            const Oracle& oracle, const parity::Settings& settings) {
  Contender contender = named_contender(name, workload.plan->numerics);
  contender.bytes = workload.bytes();
  verify(contender, backend, oracle, *workload.plan, workload.images, settings, workload.context);
  if (contender.refused.empty()) {
    contender.run = [prepared = std::make_shared<Prepared>(backend, workload)] { prepared->run(); };
  }
  return contender;
}

}  // namespace kir::benchmarks
