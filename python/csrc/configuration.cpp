#include "configuration.hpp"

#include <nlohmann/json.hpp>
#include <string>

#include "configuration/configuration.hpp"
#include "errors.hpp"
#include "plan/recipe.hpp"

namespace kir::python {

namespace {

std::vector<std::int64_t> answer(const Configuration& read) {
  spec_of(read);  // refuses wrong values
  const nlohmann::json members = {{"class_name", read.class_name},
                                  {"named", read.named},
                                  {"named_by", read.named_by},
                                  {"nested", read.nested},
                                  {"values", read.values}};
  return words_of(members.dump());
}

}  // namespace

std::vector<std::int64_t> read_configuration(const Text& text) {
  return translated([&] { return answer(kir::read_configuration(text.view(), "config")); });
}

std::vector<std::int64_t> load_configuration(const Text& path) {
  return translated([&] { return answer(kir::load_configuration(std::string(path.view()))); });
}

}  // namespace kir::python
