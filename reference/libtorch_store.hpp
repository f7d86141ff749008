// Where a result goes, in ATen's terms: through a strided view where the layout is one, else by the offset of each
// element.
#pragma once

#include <ATen/core/Tensor.h>

#include <optional>

#include "kir/plan.hpp"

namespace kir::oracle {

/// An output of the caller or a canvas, as a flat tensor on its device.
struct Destination {
  at::Tensor elements;
};

/// Rows [y0, y0 + h) and columns [x0, x0 + w) of a layout, all channels.
struct Window {
  const Layout& layout;
  std::int64_t channels, y0, x0, height, width;
};

/// The window as a strided tensor, channels x h x w, if the layout is that simple and has no copies.
std::optional<at::Tensor> view_of(const Window& window, const Destination& to);

/// Writes `value`, channels x h x w or of a shape that expands to it, in any type. Levels and integers are rounded to
/// the nearest even, levels clamped, where a plain conversion would truncate and wrap.
void write(const Window& window, const Destination& to, const at::Tensor& value);

/// Writes the constants and ramps of a fill.
void write(const Fill& fill, const Destination& to);

}  // namespace kir::oracle
