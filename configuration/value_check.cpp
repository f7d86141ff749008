#include "configuration/value_check.hpp"

#include <cmath>
#include <sstream>

#include "kir/error.hpp"

namespace kir {

namespace {

std::string text_of(double value) {
  std::ostringstream text;
  text << value;
  return text.str();
}

[[noreturn]] void refuse(const std::string& argument, double value, const char* allowed) {
  throw Error(ErrorCode::invalid_argument, argument, text_of(value) + " is not " + allowed);
}

/// Positive and finite as a float32, the type of the arithmetic.
bool positive_float(double value) {
  const auto single = static_cast<float>(value);
  return std::isfinite(single) && single > 0;
}

}  // namespace

void check_positive(double value, const std::string& argument) {
  if (!positive_float(value)) refuse(argument, value, "a finite number greater than 0");
}

void check_mean_std(const std::vector<double>& mean, const std::vector<double>& std, const std::string& prefix) {
  for (std::size_t i = 0; i < mean.size(); ++i) {
    if (!std::isfinite(static_cast<float>(mean[i]))) {
      refuse(prefix + "image_mean[" + std::to_string(i) + "]", mean[i], "a finite number");
    }
  }
  for (std::size_t i = 0; i < std.size(); ++i) {
    if (!positive_float(std[i])) {
      refuse(prefix + "image_std[" + std::to_string(i) + "]", std[i], "a finite number greater than 0");
    }
  }
  if (mean.size() > 1 && std.size() > 1 && mean.size() != std.size()) {
    throw Error(ErrorCode::invalid_argument, prefix + "image_std",
                std::to_string(std.size()) + " values; image_mean has " + std::to_string(mean.size()) +
                    "; the counts must be equal, or one of them 1");
  }
}

void check_channel_values(const std::vector<double>& mean, const std::vector<double>& std) {
  for (const auto* values : {&mean, &std}) {
    if (values->empty() || values->size() > 4) {
      throw Error(ErrorCode::invalid_argument, values == &mean ? "image_mean" : "image_std",
                  std::to_string(values->size()) + " values; one, or one a channel (1..4), are allowed");
    }
  }
  check_mean_std(mean, std, "");
}

}  // namespace kir
