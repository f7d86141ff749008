#include "apps/backends.hpp"

#include <array>

#include "kir/cpu.hpp"
#include "kir/error.hpp"
#include "reference/eigen_backend.hpp"
#include "reference/libtorch_backend.hpp"

namespace kir::apps {

namespace {

struct Entry {
  const char* name;
  std::unique_ptr<Backend> (*make)();
};

// In the order of preference: the first that supports a plan is what "auto" takes.
constexpr std::array kBackends{
    Entry{"cpu", make_cpu_backend},
    Entry{"reference", make_reference_backend},
    Entry{"libtorch", make_libtorch_backend},
};

}  // namespace

std::vector<std::string> backend_names() {
  std::vector<std::string> names;
  for (const Entry& entry : kBackends) names.emplace_back(entry.name);
  return names;
}

std::unique_ptr<Backend> make_backend(const std::string& name) {
  std::string known;
  for (const Entry& entry : kBackends) {
    if (name == entry.name) return entry.make();
    known += known.empty() ? entry.name : std::string(", ") + entry.name;
  }
  throw Error(ErrorCode::invalid_argument, "--backend", "\"" + name + "\" is unknown; this build has " + known);
}

Choice choose_backend(const Plan& plan) {
  std::string refusals;
  for (const Entry& entry : kBackends) {
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
