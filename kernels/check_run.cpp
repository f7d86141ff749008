// The checks that every run() begins with, so that all backends refuse the same things in the same words.
#include <cstdint>
#include <string>

#include "kir/backend.hpp"
#include "kir/error.hpp"

namespace kir {

namespace {

constexpr std::size_t kWorkspaceAlignment = 64;

[[noreturn]] void refuse(const std::string& argument, const std::string& message) {
  throw Error(ErrorCode::invalid_argument, argument, message);
}

std::string text_of(const ImageSize& size) {
  return std::to_string(size.channels) + "x" + std::to_string(size.height) + "x" + std::to_string(size.width);
}

}  // namespace

void check_support(const Backend& backend, const Plan& plan) {
  const Support support = backend.supports(plan);
  if (!support.ok) {
    throw Error(ErrorCode::unsupported, "backend " + std::string(backend.name()), support.reason);
  }
}

void check_views(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs) {
  // Names are made for refusals alone: a run of small images takes a few microseconds in all.
  if (images.size() != plan.images.size()) {
    refuse("images", std::to_string(images.size()) + " given; the plan is for " + std::to_string(plan.images.size()));
  }
  for (std::size_t i = 0; i < images.size(); ++i) {
    const auto argument = [i] { return "images[" + std::to_string(i) + "]"; };
    if (!(images[i].size == plan.images[i])) {
      refuse(argument(), "channels x height x width is " + text_of(images[i].size) + "; the plan is for " +
                             text_of(plan.images[i]));
    }
    if (images[i].data == nullptr) refuse(argument(), "data is null");
  }

  if (outputs.size() != plan.outputs.size()) {
    refuse("outputs", std::to_string(outputs.size()) + " given; the plan has " + std::to_string(plan.outputs.size()));
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!plan.outputs[i].values.empty()) continue;  // a host output: the plan has it, no backend writes it
    const std::size_t bytes = plan.outputs[i].bytes();
    const auto argument = [&, i] { return "outputs[" + std::to_string(i) + "] (" + plan.outputs[i].key + ")"; };
    if (outputs[i].bytes < bytes) {
      refuse(argument(), std::to_string(outputs[i].bytes) + " bytes given; " + std::to_string(bytes) + " are needed");
    }
    if (bytes > 0 && outputs[i].data == nullptr) refuse(argument(), "data is null");
  }
}

void check_probes(std::span<const Probe> probes, std::span<const ImageView> images) {
  for (const Probe& probe : probes) {
    if (static_cast<std::size_t>(probe.image) >= images.size()) {
      refuse("probes", "image " + std::to_string(probe.image) + " of " + std::to_string(images.size()));
    }
    if (images[static_cast<std::size_t>(probe.image)].data == nullptr) {
      refuse("images[" + std::to_string(probe.image) + "]", "data is null");
    }
    if (probe.kind == Probe::Kind::content_box) {
      throw Error(ErrorCode::unsupported, "probes", "content_box: no processor that is built needs it");
    }
  }
}

void check_workspace(Workspace workspace, std::size_t bytes) {
  if (workspace.bytes < bytes) {
    refuse("workspace", std::to_string(workspace.bytes) + " bytes given; " + std::to_string(bytes) + " are needed");
  }
  if (bytes > 0 && workspace.data == nullptr) refuse("workspace", "data is null");
  if (bytes > 0 && reinterpret_cast<std::uintptr_t>(workspace.data) % kWorkspaceAlignment != 0) {
    refuse("workspace", "data is not aligned to " + std::to_string(kWorkspaceAlignment) + " bytes");
  }
}

void Backend::run_allocating(const Plan& plan, std::span<const ImageView> images, std::span<const OutputView> outputs,
                             const AllocateWorkspace& allocate, const RunContext& context) const {
  check_support(*this, plan);
  check_views(plan, images, outputs);
  run(plan, images, outputs, allocate(workspace_bytes(plan, context)), context);
}

void check_run(const Backend& backend, const Plan& plan, std::span<const ImageView> images,
               std::span<const OutputView> outputs, Workspace workspace, const RunContext& context) {
  check_support(backend, plan);
  check_views(plan, images, outputs);
  check_workspace(workspace, backend.workspace_bytes(plan, context));
}

}  // namespace kir
