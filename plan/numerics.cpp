#include "plan/numerics.hpp"

#include <string>

#include "kir/error.hpp"

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

Passes passes_of(PassOrder order, const Axis& y, const Axis& x) {
  const std::int32_t rows = y.in - y.out, columns = x.in - x.out;  // how many fewer
  if (rows == 0) return columns == 0 ? Passes::copy : Passes::x;
  if (columns == 0) return Passes::y;
  return order == PassOrder::pillow13 && rows > 0 && rows > 2 * columns ? Passes::yx : Passes::xy;
}

}  // namespace kir
