#include "plan/samples.hpp"

#include <string>

namespace kir {

std::vector<std::int64_t> samples_of(const Request& request) {
  const auto& groups = request.options.groups;
  return groups.empty() ? std::vector<std::int64_t>{static_cast<std::int64_t>(request.images.size())} : groups;
}

void check_groups(const Request& request) {
  const std::vector<std::int64_t>& groups = request.options.groups;
  if (groups.empty()) return;
  if (request.spec.groups == Groups::none) {
    throw Error(ErrorCode::invalid_argument, "groups", request.spec.class_name + " takes no lists of lists of images");
  }
  const std::int64_t least = request.spec.groups == Groups::videos ? 1 : 0;
  const auto count = static_cast<std::int64_t>(request.images.size());
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i] < least || groups[i] > count) {
      throw Error(ErrorCode::invalid_argument, "groups[" + std::to_string(i) + "]",
                  std::to_string(groups[i]) + " is not in " + std::to_string(least) + ".." + std::to_string(count));
    }
    sum += groups[i];
  }
  if (sum != count) {
    throw Error(ErrorCode::invalid_argument, "groups",
                "their sum is " + std::to_string(sum) + "; there are " + std::to_string(count) + " images");
  }
}

}  // namespace kir
