#include "parity/runner.hpp"

#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>
#include <sstream>

#include "kir/error.hpp"
#include "kir/spec.hpp"
#include "parity/guarded_buffer.hpp"
#include "parity/placed_images.hpp"

namespace kir::parity {
namespace {

// ---------------------------------------------------------------------------------------------------------------------
// One backend's run of one plan

bool is_floating(Type type) {
  return type == Type::f16 || type == Type::bf16 || type == Type::f32;
}

/// Where a backend reads images: its own memory, or the host's where the run is told so.
MemorySpace image_space(const Backend& backend, const RunContext& context) {
  return context.host_images ? MemorySpace::host : backend.memory();
}

/// The outputs of one run, back in host memory.
struct Results {
  std::vector<GuardedBuffer> outputs;
};

/// Floating outputs are poisoned with NaN. Others have no such value, so the two backends get different poison.
Results run_guarded(const Backend& backend, const Plan& plan, std::span<const ImageView> images,
                    const RunContext& context, std::uint8_t integer_poison) {
  Results results;
  std::vector<OutputView> views;
  for (const Output& output : plan.outputs) {
    const std::uint8_t poison = is_floating(output.type) ? 0xFF : integer_poison;
    // Aligned to the element only: more is not promised.
    results.outputs.emplace_back(output.bytes(), poison, bytes_of(output.type), backend.memory());
  }
  for (GuardedBuffer& buffer : results.outputs) views.push_back({buffer.data(), buffer.bytes()});

  const std::size_t bytes = backend.workspace_bytes(plan, context);
  GuardedBuffer workspace(bytes, 0xFF, 0, backend.memory());
  backend.run(plan, images, views, Workspace{workspace.data(), bytes}, context);
  workspace.fetch();
  for (GuardedBuffer& buffer : results.outputs) buffer.fetch();

  const auto fail = [&](const std::string& what) {
    return Error(ErrorCode::invalid_argument, std::string(backend.name()), what);
  };
  if (const std::string where = workspace.stray_write(); !where.empty())
    throw fail("wrote outside its workspace, " + where);
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    const std::string where = results.outputs[i].stray_write();
    if (!where.empty()) throw fail("wrote outside output " + plan.outputs[i].key + ", " + where);
    if (!plan.outputs[i].values.empty() && !results.outputs[i].untouched()) {
      throw fail("wrote output " + plan.outputs[i].key + ", whose values the plan has");
    }
  }
  return results;
}

/// The largest error of all outputs, normalized units. Throws Error{invalid_argument} when a number is none.
double spread_of(const Plan& plan, const Results& got, const Results& want, const Tolerance& tolerance) {
  double spread = 0;
  for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
    if (!plan.outputs[i].values.empty()) continue;
    const Comparison output = compare(plan, i, got.outputs[i].fetched(), want.outputs[i].fetched(), tolerance);
    if (output.non_finite > 0 || output.unequal > 0) {
      throw Error(ErrorCode::invalid_argument, "oracle", "is no oracle here: " + output.describe_worst());
    }
    spread = std::max(spread, output.max_abs);
  }
  return spread;
}

/// Empty when both backends measured the same, else what differs. NaN differs.
std::string probe_difference(std::span<const Probe> asked, std::span<const ProbeResult> got,
                             std::span<const ProbeResult> want, double max_error) {
  if (got.size() != asked.size() || want.size() != asked.size()) return "measure() answered not every probe";
  for (std::size_t i = 0; i < asked.size(); ++i) {
    const ProbeResult &a = got[i], &b = want[i];
    std::ostringstream text;
    text << "probe of image " << asked[i].image << ": ";
    if (asked[i].kind == Probe::Kind::mean_std) {
      if (std::abs(a.mean - b.mean) <= max_error && std::abs(a.std - b.std) <= max_error) continue;
      text << "mean " << a.mean << " std " << a.std << ", want " << b.mean << " and " << b.std;
    } else if (asked[i].kind == Probe::Kind::is_grey) {
      if (a.is_grey == b.is_grey) continue;
      text << "is_grey " << a.is_grey << ", want " << b.is_grey;
    } else {
      if (a.y0 == b.y0 && a.x0 == b.x0 && a.y1 == b.y1 && a.x1 == b.x1) continue;
      text << "content box differs";
    }
    return text.str();
  }
  return {};
}

// ---------------------------------------------------------------------------------------------------------------------
// One configuration

void merge(ConfigResult& config, const Case& one, const CaseResult& result) {
  const std::string text = one.describe();
  if (!result.skipped.empty()) {
    config.skips.push_back({config.name, text, result.skipped});
    return;
  }
  ++config.cases;
  config.images += static_cast<std::int64_t>(one.images.size());
  if (!result.error.empty()) config.failures.push_back({config.name, text, result.error});
  for (const Comparison& output : result.outputs) {
    config.elements += output.elements;
    config.differing += output.differing;
    config.sum_abs += output.sum_abs;
    config.max_levels = std::max(config.max_levels, output.max_levels);
    const bool within = output.within(result.tolerance);
    const bool worst_yet = output.differing > 0 && (config.worst.empty() || output.max_abs > config.max_abs ||
                                                    (!within && config.failures.empty()));
    config.max_abs = std::max(config.max_abs, output.max_abs);
    config.take_margin(output.max_abs, result.tolerance.max_abs);
    if (worst_yet) config.worst = output.describe_worst() + " of " + text;
    if (within) continue;
    std::ostringstream message;
    message << output.describe_worst() << "; " << output.differing << " of " << output.elements << " values differ";
    if (output.non_finite > 0) message << ", " << output.non_finite << " are not finite";
    if (output.unequal > 0) message << ", " << output.unequal << " integers are unequal";
    message << "; max error " << output.max_abs << " normalized, " << output.max_levels << " levels, accepted "
            << result.tolerance.max_abs;
    config.failures.push_back({config.name, text, message.str()});
  }
  if (!result.passed()) ++config.failed;
}

ConfigResult run_config(const std::string& name, const ProcessorSpec& spec, const ParityOptions& options,
                        const Backend& backend, const Oracle& oracle) {
  ConfigResult config;
  config.name = name;
  config.class_name = spec.class_name;
  config.writes = spec.writes;
  config.unsupported = why_unsupported(spec, options.numerics);
  if (!config.unsupported.empty()) return config;

  CaseList list =
      make_cases(name, spec, options.settings.cases, {options.numerics, options.seed, options.quick, options.photos});
  config.skips = std::move(list.skips);
  const auto run = [&](const Case& one) {
    return run_case(spec, one, backend, oracle, options.settings, options.context);
  };
  for (const Case& one : list.cases) {
    const CaseResult result = run(one);
    if (result.skipped.empty() || one.images.size() < 2 || one.stacked) {
      merge(config, one, result);
      continue;
    }
    // One image that a backend refuses does not take its batch with it.
    for (const Image& image : one.images) {
      const Case alone{one.name + " alone", {image}, one.options, false, {}};
      merge(config, alone, run(alone));
    }
  }
  return config;
}

std::vector<std::string> config_names(const ParityOptions& options) {
  namespace fs = std::filesystem;
  std::vector<std::string> names;
  std::error_code code;
  for (const fs::directory_entry& entry : fs::directory_iterator(options.configs_dir, code)) {
    if (entry.path().extension() == ".json") names.push_back(entry.path().stem().string());
  }
  if (code) throw Error(ErrorCode::io, options.configs_dir, code.message());
  if (names.empty()) throw Error(ErrorCode::io, options.configs_dir, "holds no configuration (*.json)");
  std::sort(names.begin(), names.end());
  if (options.only.empty()) return names;

  for (const std::string& name : options.only) {
    if (!std::binary_search(names.begin(), names.end(), name)) {
      throw Error(ErrorCode::invalid_argument, "only",
                  "\"" + name + "\" is none of the " + std::to_string(names.size()) + " configurations in " +
                      options.configs_dir);
    }
  }
  std::vector<std::string> chosen = options.only;
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  return chosen;
}

}  // namespace

bool CaseResult::passed() const {
  return skipped.empty() && error.empty() && std::all_of(outputs.begin(), outputs.end(), [&](const Comparison& output) {
           return output.within(tolerance);
         });
}

CaseResult run_plan(const Plan& plan, std::span<const ImageView> images, const Backend& backend, const Oracle& oracle,
                    const Settings& settings, const RunContext& context) {
  CaseResult result;
  try {
    result.tolerance = settings.tolerance(plan);
    const Backend* exact = result.tolerance.max_abs > 0 ? oracle.exact : nullptr;  // equal bits need no margin
    for (const Backend* one : {&backend, &oracle.backend, exact}) {
      if (one == nullptr) continue;
      if (const Support support = one->supports(plan); !support.ok) {
        result.skipped = std::string(one->name()) + ": " + support.reason;
        return result;
      }
    }
    // Once a space, for as long as somebody reads them.
    const auto run = [&](const Backend& one, std::uint8_t integer_poison) {
      const PlacedImages placed(image_space(one, context), images);
      return run_guarded(one, plan, placed.views(), context, integer_poison);
    };
    const Results got = run(backend, 0xA5);
    const Results want = run(oracle.backend, 0x5A);
    if (exact != nullptr) {
      const double spread = spread_of(plan, want, run(*exact, 0xA5), result.tolerance);
      result.tolerance.max_abs = std::max(settings.inexact_oracle_max_abs, settings.inexact_oracle_spreads * spread);
    }
    for (std::size_t i = 0; i < plan.outputs.size(); ++i) {
      if (!plan.outputs[i].values.empty()) continue;
      result.outputs.push_back(compare(plan, i, got.outputs[i].fetched(), want.outputs[i].fetched(), result.tolerance));
    }
  } catch (const std::exception& error) {
    result.error = error.what();
  }
  return result;
}

CaseResult run_case(const ProcessorSpec& spec, const Case& one, const Backend& backend, const Oracle& oracle,
                    const Settings& settings, const RunContext& context) {
  try {
    const std::vector<ImageView> images = one.views();
    const std::vector<Probe> asked = probes(spec, one.sizes());
    std::vector<ProbeResult> want;
    std::string difference;
    if (!asked.empty()) {
      const auto measure = [&](const Backend& measuring) {
        const PlacedImages placed(image_space(measuring, context), images);
        return measuring.measure(asked, placed.views(), context);
      };
      want = measure(oracle.backend);
      difference = probe_difference(asked, measure(backend), want, settings.probe_error);
    }
    CaseResult result = run_plan(plan_of(spec, one, want), images, backend, oracle, settings, context);
    if (result.error.empty()) result.error = difference;
    return result;
  } catch (const std::exception& error) {
    CaseResult result;
    result.error = error.what();
    return result;
  }
}

ParityReport run_parity(const ParityOptions& options, const Backend& backend, const Oracle& oracle,
                        const ParityProgress& progress) {
  const std::vector<std::string> names = config_names(options);
  ParityReport report;
  report.backend = backend.name();
  report.oracle = oracle.backend.name();
  report.numerics = name_of(options.numerics);
  report.seed = options.seed;
  report.quick = options.quick;
  for (const Image& photo : options.photos) report.photos.push_back(photo.name());
  for (const std::string& name : names) {
    const ProcessorSpec spec = load_spec(options.configs_dir + "/" + name + ".json");
    report.configs.push_back(run_config(name, spec, options, backend, oracle));
    if (progress)
      progress(report.configs.back(), static_cast<std::int64_t>(report.configs.size()),
               static_cast<std::int64_t>(names.size()));
  }
  return report;
}

}  // namespace kir::parity
