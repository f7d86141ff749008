// A backend runs plans. All backends have this interface; each claims what it supports and falls back to nothing.
// Thread safety: backends are re-entrant: one object may run several plans from several threads at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kir/plan.hpp"

namespace kir {

/// Where a CPU backend's threads come from: the caller (torch's pool, a server's pool), never a pool of our own.
class Executor {
 public:
  virtual ~Executor() = default;
  /// How many tasks may run at once; at least 1.
  virtual int workers() const = 0;
  /// Calls task(i, worker) once for each i in [0, count), worker in [0, workers()), no two calls with one worker at
  /// once; returns when all are done. A task's exception is rethrown here once the others have ended.
  virtual void parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& task) = 0;
};

/// Runs every task on the calling thread.
class SerialExecutor final : public Executor {
 public:
  int workers() const override { return 1; }
  void parallel_for(std::int64_t count, const std::function<void(std::int64_t, int)>& task) override {
    for (std::int64_t i = 0; i < count; ++i) task(i, 0);
  }
};

/// Where a run happens: an executor for CPU backends (nullptr = the calling thread), a cudaStream_t for CUDA backends
/// (nullptr = the default stream) of the current device.
struct RunContext {
  Executor* executor = nullptr;
  void* stream = nullptr;
  /// CUDA backends: the images are in host memory, pinned for speed or pageable; run() copies them to the workspace in
  /// pieces and resamples the first while the next are on their way. Pinned images must not change until the stream has
  /// passed the run; pageable ones may as soon as run() returns.
  bool host_images = false;
};

/// Scratch memory of the caller, 64-byte aligned, at least workspace_bytes(plan, context) long. Need not be cleared.
struct Workspace {
  void* data = nullptr;
  std::size_t bytes = 0;
};

/// Returns a workspace of at least this many bytes; may throw. A caller's allocator.
using AllocateWorkspace = std::function<Workspace(std::size_t bytes)>;

/// Whether a plan can run, or why not.
struct Support {
  bool ok = true;
  std::string reason;  ///< empty when ok
};

class Backend {
 public:
  virtual ~Backend() = default;

  /// "reference", "libtorch", "cpu", "cuda-separable", "cuda-fused"
  virtual std::string_view name() const = 0;

  /// Where images, outputs and the workspace of run() and measure() are.
  virtual MemorySpace memory() const { return MemorySpace::host; }

  virtual Support supports(const Plan& plan) const = 0;

  /// How it would run the plan, one line an entry: launches, variants with their tiles and the reason for each choice.
  /// Empty for a backend that has no choice.
  virtual std::vector<std::string> explain(const Plan&) const { return {}; }

  /// The exact number of bytes that run() needs in a memory() workspace. For a plan that supports() accepts.
  virtual std::size_t workspace_bytes(const Plan& plan, const RunContext& context) const = 0;

  /// Answers probes, in order. Throws what check_probes throws, before any work.
  virtual std::vector<ProbeResult> measure(std::span<const Probe> probes, std::span<const ImageView> images,
                                           const RunContext& context) const = 0;

  /// Writes every output of the plan that has no `values`. `images` and `outputs` are in the plan's order.
  /// Throws before any work: Error{unsupported} unless supports(plan); Error{invalid_argument} for images unlike
  /// plan.images, null data, and outputs or a workspace that are too small.
  virtual void run(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
                   Workspace workspace, const RunContext& context) const = 0;

  /// run() for a caller who allocates the workspace for it: `allocate` is called once, with workspace_bytes(plan,
  /// context), when the rest is checked and before any work. A CUDA backend learns that number while it prepares its
  /// launches, and so prepares them once in most cases.
  virtual void run_allocating(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
                              const AllocateWorkspace& allocate, const RunContext& context) const;
};

/// The checks that every run() begins with: the three below. A backend that learns the bytes of its workspace while it
/// works calls them one by one, so that nothing is computed twice.
void check_run(const Backend& backend, const Plan& plan, std::span<const ImageView> images,
               std::span<const OutputView> outputs, Workspace workspace, const RunContext& context);

/// Error{unsupported} unless backend.supports(plan).
void check_support(const Backend& backend, const Plan& plan);
/// The refusals of run() that concern images and outputs.
void check_views(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs);
/// The refusals of measure(): Error{invalid_argument} for a probe of an image that is not there or has null data,
/// Error{unsupported, "probes"} for content_box.
void check_probes(std::span<const Probe> probes, std::span<const ImageView> images);
/// The refusals of run() that concern a workspace of which `bytes` are needed.
void check_workspace(Workspace workspace, std::size_t bytes);

}  // namespace kir
