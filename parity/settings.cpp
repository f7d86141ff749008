#include "parity/settings.hpp"

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "kir/error.hpp"

namespace kir::parity {
namespace {

using nlohmann::json;

/// The number at a dotted path such as "cases.photos", which must be {"value": >= 0, "unit": "...", "reason": "..."}.
double value_at(const json& root, const std::string& file, const std::string& path) {
  const auto fail = [&](const std::string& message) {
    return Error(ErrorCode::invalid_argument, file + ": " + path, message);
  };
  const json* entry = &root;
  std::size_t begin = 0;
  while (begin <= path.size()) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    if (!entry->is_object() || !entry->contains(key)) throw fail("missing");
    entry = &(*entry)[key];
    begin = end + 1;
  }
  if (!entry->is_object()) throw fail("must be {value, unit, reason}, is " + entry->dump());
  for (const char* key : {"unit", "reason"}) {
    if (!entry->contains(key) || !(*entry)[key].is_string()) throw fail(std::string("has no ") + key);
  }
  if (!entry->contains("value") || !(*entry)["value"].is_number()) throw fail("has no number \"value\"");
  const double value = (*entry)["value"].get<double>();
  if (!(value >= 0) || !std::isfinite(value)) throw fail("is " + (*entry)["value"].dump() + ", must be >= 0");
  return value;
}

}  // namespace

Tolerance Settings::tolerance(const Plan& plan) const {
  if (plan.numerics != Numerics::float32 && plan.numerics != Numerics::torch_cpu) {
    throw Error(ErrorCode::unsupported, "numerics", std::string(name_of(plan.numerics)) + " has no parity bound");
  }
  const bool is_float = plan.numerics == Numerics::float32 || has_float_resampling(plan);
  return {is_float ? float32_max_abs : torch_cpu_max_abs, span_cap};
}

Settings load_settings(const std::string& path) {
  std::ifstream stream(path);
  if (!stream) throw Error(ErrorCode::io, path, "cannot be read");
  const json root = json::parse(stream, nullptr, /*allow_exceptions=*/false);
  if (root.is_discarded()) throw Error(ErrorCode::invalid_argument, path, "is not JSON");

  const auto value = [&](const std::string& key) { return value_at(root, path, key); };
  Settings settings;
  settings.float32_max_abs = value("bounds.float32");
  settings.torch_cpu_max_abs = value("bounds.torch_cpu");
  settings.span_cap = value("bounds.span_cap");
  settings.inexact_oracle_max_abs = value("bounds.inexact_oracle");
  settings.inexact_oracle_spreads = value("bounds.inexact_oracle_spreads");
  settings.probe_error = value("bounds.probe_error");
  settings.cases.image_samples = static_cast<std::int64_t>(value("cases.image_samples"));
  settings.cases.batch_samples = static_cast<std::int64_t>(value("cases.batch_samples"));
  settings.cases.config_samples = static_cast<std::int64_t>(value("cases.config_samples"));
  settings.cases.batch_images = static_cast<int>(value("cases.batch_images"));
  settings.cases.downscale = value("cases.downscale");
  settings.cases.photos = static_cast<int>(value("cases.photos"));
  if (settings.cases.batch_images < 1)
    throw Error(ErrorCode::invalid_argument, path + ": cases.batch_images", "must be >= 1");
  if (!(settings.span_cap > 0)) throw Error(ErrorCode::invalid_argument, path + ": bounds.span_cap", "must be > 0");
  return settings;
}

}  // namespace kir::parity
