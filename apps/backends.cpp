#include "apps/backends.hpp"

#include <array>

#include "kir/cpu.hpp"
#include "kir/cuda.hpp"
#include "kir/error.hpp"
#include "reference/eigen_backend.hpp"
#include "reference/libtorch_backend.hpp"

namespace kir::apps {

namespace {

struct Entry {
  const char* name;
  std::unique_ptr<Backend> (*make)();
  bool automatic = true;        ///< "auto" may take it
  const char* exact = nullptr;  ///< make_exact
};

// In the order of preference: the first that supports a plan is what "auto" takes.
constexpr std::array kBackends{
    Entry{"cpu", make_cpu_backend},
    Entry{"reference", make_reference_backend},
    Entry{"libtorch", make_libtorch_backend},
    Entry{"cuda-separable", make_cuda_separable_backend, false},
    Entry{"cuda-fused", make_cuda_fused_backend, false},
    Entry{"libtorch-cuda", make_libtorch_cuda_backend, false, "libtorch"},
};

const Entry& entry_of(const std::string& name) {
  std::string known;
  for (const Entry& entry : kBackends) {
    if (name == entry.name) return entry;
    known += known.empty() ? entry.name : std::string(", ") + entry.name;
  }
  throw Error(ErrorCode::invalid_argument, "--backend", "\"" + name + "\" is unknown; this build has " + known);
}

}  // namespace

std::vector<std::string> backend_names() {
  std::vector<std::string> names;
  for (const Entry& entry : kBackends) names.emplace_back(entry.name);
  return names;
}

std::unique_ptr<Backend> make_backend(const std::string& name) {
  const Entry& entry = entry_of(name);
  try {
    return entry.make();
  } catch (const Error& error) {
    if (error.code != ErrorCode::unsupported) throw;
    throw Error(ErrorCode::unsupported, "--backend", "\"" + name + "\" is not here: " + error.message);
  }
}

std::vector<std::string> explain_for_architecture(const std::string& name, const Plan& plan,
                                                  const std::string& architecture) {
  entry_of(name);
  try {
    return explain_cuda(plan, name, architecture);
  } catch (const Error& error) {
    if (error.code != ErrorCode::unsupported) throw Error(error.code, "--arch", error.message);
    throw Error(error.code, "--backend", "\"" + name + "\" does not support this plan: " + error.message);
  }
}

std::unique_ptr<Backend> make_exact(const std::string& oracle) {
  const Entry& entry = entry_of(oracle);
  return entry.exact != nullptr ? make_backend(entry.exact) : nullptr;
}

Choice choose_backend(const Plan& plan) {
  std::string refusals;
  for (const Entry& entry : kBackends) {
    if (!entry.automatic) continue;
    std::unique_ptr<Backend> backend = entry.make();
    const Support support = backend->supports(plan);
    if (support.ok) {
      std::string reason = refusals.empty() ? "the first choice supports this plan" : "because " + refusals;
      return {std::move(backend), std::move(reason)};
    }
    refusals += (refusals.empty() ? "" : "; ") + std::string(entry.name) + " does not support it: " + support.reason;
  }
  throw Error(ErrorCode::unsupported, "--backend", "no backend of this build runs the plan: " + refusals);
}

}  // namespace kir::apps
