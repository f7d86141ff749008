#include "plan/stage.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "plan/draft.hpp"

namespace kir {

namespace {

void drop_off(std::vector<Operation>& operations) {
  std::erase_if(operations, [](const Operation& operation) { return operation.extend == nullptr; });
}

/// Adds what `next`, behind `all`, makes true of both.
void add_facts(Operation& all, const Operation& next) {
  all.resizes = all.resizes || (next.resizes && !all.floats);
  if (next.channels > 1) all.channels = next.channels;
  all.floats = all.floats || next.floats;
  all.measures = all.measures || next.measures;
}

}  // namespace

void run(std::span<const Operation> operations, Draft& draft) {
  for (const Operation& operation : operations) {
    if (!operation.keeps_tiles) draft.separate([](const Picture& picture) { return picture.is_cut(); });
    operation.extend(draft);
  }
}

Operation sequence(std::vector<Operation> operations) {
  drop_off(operations);
  Operation all;
  if (operations.empty()) return all;
  all.keeps_tiles = true;  // run() asks each
  for (const Operation& operation : operations) {
    if (!operation.text.empty()) all.text += (all.text.empty() ? "" : "; ") + operation.text;
    add_facts(all, operation);
  }
  all.extend = [operations = std::move(operations)](Draft& draft) { run(operations, draft); };
  return all;
}

void set_operations(ProcessorSpec& spec, std::vector<Operation> operations) {
  drop_off(operations);
  Operation all;
  for (const Operation& operation : operations) {
    if (!operation.text.empty()) spec.stages.push_back(operation.text);
    add_facts(all, operation);
  }
  spec.resizes_levels = all.resizes;
  spec.channels = all.channels;
  spec.recipe = std::make_shared<const ResolvedRecipe>(ResolvedRecipe{std::move(operations)});
}

}  // namespace kir
