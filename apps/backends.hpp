// The backends of this build, by name.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "kir/backend.hpp"

namespace kir::apps {

/// The names that make_backend knows, the default one first.
std::vector<std::string> backend_names();

/// A new backend. Throws Error{invalid_argument, "--backend"} for an unknown name, listing the known ones, and
/// Error{unsupported, "--backend"} for one that this build or machine does not have, saying why.
std::unique_ptr<Backend> make_backend(const std::string& name);

/// How a CUDA backend would run a plan on a device of an architecture ("sm_90"), without any device. Throws
/// Error{invalid_argument, "--arch"} for an unknown architecture, listing the known ones, and for any other backend,
/// and Error{unsupported, "--backend"} for a plan that the backend does not support.
std::vector<std::string> explain_for_architecture(const std::string& name, const Plan& plan,
                                                  const std::string& architecture);

/// For an oracle that is not exact itself: the backend that computes the same exactly (parity::Oracle). Else nullptr.
std::unique_ptr<Backend> make_exact(const std::string& oracle);

/// What "auto" chose for a plan, and why: the first of backend_names() that supports it and works where the images are,
/// in host memory. A device is used when it is asked for.
struct Choice {
  std::unique_ptr<Backend> backend;
  std::string reason;  ///< one sentence for the user
};

/// Throws Error{unsupported, "--backend"} with every backend's reason when none supports the plan.
Choice choose_backend(const Plan& plan);

}  // namespace kir::apps
