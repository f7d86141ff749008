// A recipe with a configuration's values: the operations that plan() runs.
#pragma once

#include <vector>

#include "kir/spec.hpp"
#include "plan/stage.hpp"

namespace kir {

struct ResolvedRecipe {
  std::vector<Operation> operations;
};

/// Puts the operations into the spec; those that are switched off are left out.
void set_operations(ProcessorSpec& spec, std::vector<Operation> operations);

}  // namespace kir
