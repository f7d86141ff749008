// Size rules that the classes of videos alone have.
#pragma once

#include "plan/size_rule.hpp"

namespace kir {

extern const SizeRule vjepa2;  ///< the short side to 256 / 224 of crop_size, whatever `size` says

}  // namespace kir
