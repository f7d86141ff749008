#include "plan/resolved_recipe.hpp"

#include <algorithm>
#include <utility>

namespace kir {

void set_operations(ProcessorSpec& spec, std::vector<Operation> operations) {
  std::erase_if(operations, [](const Operation& operation) { return operation.extend == nullptr; });
  bool floats = false;
  for (const Operation& operation : operations) {
    if (!operation.text.empty()) spec.stages.push_back(operation.text);
    spec.resizes_levels = spec.resizes_levels || (operation.resizes && !floats && !operation.floats);
    if (operation.channels > 1) spec.channels = operation.channels;
    floats = floats || operation.floats;
  }
  spec.recipe = std::make_shared<const ResolvedRecipe>(ResolvedRecipe{std::move(operations)});
}

}  // namespace kir
