#include "parity/settings.hpp"

#include <cmath>
#include <limits>

#include "json/reader.hpp"
#include "kir/error.hpp"
#include "plan/numerics.hpp"

namespace kir::parity {
namespace {

/// {"value": >= low, "unit": "...", "reason": "..."}
double value_of(JsonObject& section, const std::string& key, double low = 0) {
  JsonObject entry = section.object(key);
  entry.at("unit").text();
  entry.at("reason").text();
  const double value = entry.at("value").number(low);
  entry.no_other_keys();
  return value;
}

std::int64_t count_of(JsonObject& section, const std::string& key, std::int64_t low = 0) {
  constexpr double kMost = 1e15;  // every whole number up to it is a double
  const double value = value_of(section, key, static_cast<double>(low));
  if (value > kMost || value != std::floor(value)) section.object(key).at("value").refuse_unless("a whole number");
  return static_cast<std::int64_t>(value);
}

}  // namespace

Tolerance Settings::tolerance(const Plan& plan) const {
  const NumericsRow& row = row_of(plan.numerics);
  const bool pillow = row.arithmetic == Arithmetic::pillow_int22;
  if (row.arithmetic != Arithmetic::float32 && row.arithmetic != Arithmetic::torch_int16 && !pillow) {
    throw Error(ErrorCode::unsupported, "numerics", std::string(row.name) + " has no parity bound");
  }
  const bool is_float = row.round == Round::never || has_float_resampling(plan);
  return {is_float ? float32_max_abs : pillow ? pillow_max_abs : torch_cpu_max_abs, span_cap};
}

Settings load_settings(const std::string& path) {
  const nlohmann::json document = read_json_object(path);
  JsonObject root(document, path);
  root.at("about").text();
  Settings settings;
  JsonObject bounds = root.object("bounds");
  settings.float32_max_abs = value_of(bounds, "float32");
  settings.torch_cpu_max_abs = value_of(bounds, "torch_cpu");
  settings.pillow_max_abs = value_of(bounds, "pillow");
  settings.span_cap = value_of(bounds, "span_cap", std::numeric_limits<double>::min());
  settings.inexact_oracle_max_abs = value_of(bounds, "inexact_oracle");
  settings.inexact_oracle_spreads = value_of(bounds, "inexact_oracle_spreads");
  settings.probe_error = value_of(bounds, "probe_error");
  bounds.no_other_keys();
  JsonObject cases = root.object("cases");
  settings.cases.image_samples = count_of(cases, "image_samples");
  settings.cases.batch_samples = count_of(cases, "batch_samples");
  settings.cases.config_samples = count_of(cases, "config_samples");
  settings.cases.batch_images = static_cast<int>(count_of(cases, "batch_images", 1));
  settings.cases.downscale = value_of(cases, "downscale");
  settings.cases.photos = static_cast<int>(count_of(cases, "photos"));
  cases.no_other_keys();
  root.no_other_keys();
  return settings;
}

}  // namespace kir::parity
