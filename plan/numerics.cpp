#include "plan/numerics.hpp"

#include <string>

#include "kir/error.hpp"
#include "kir/spec.hpp"

namespace kir {

void check_built(Numerics numerics) {
  if (row_of(numerics).built) return;
  std::string built;
  for (const NumericsRow& row : kNumericsRows) {
    if (row.built) built += (built.empty() ? "" : " and ") + std::string(row.name);
  }
  throw Error(ErrorCode::unsupported, "numerics",
              std::string(name_of(numerics)) + " is not built yet; " + built + " are");
}

const std::string& why_unsupported(const ProcessorSpec& spec, Numerics numerics) {
  return row_of(numerics).toolkit == Toolkit::pillow ? spec.unsupported_by_pillow : spec.unsupported;
}

Passes passes_of(PassOrder order, const Axis& y, const Axis& x) {
  const double height = y.box_end - y.box_begin, width = x.box_end - x.box_begin;
  const double rows = height - y.out, columns = width - x.out;  // how many fewer
  if (rows == 0) return columns == 0 ? Passes::copy : Passes::x;
  if (columns == 0) return Passes::y;
  const bool vertical = order == PassOrder::pillow12   ? rows > 0 && height > 100 * width
                        : order == PassOrder::pillow13 ? rows > 0 && rows > 2 * columns
                                                       : false;
  return vertical ? Passes::yx : Passes::xy;
}

}  // namespace kir
