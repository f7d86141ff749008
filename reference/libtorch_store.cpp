#include "reference/libtorch_store.hpp"

#include <ATen/ops/arange.h>
#include <ATen/ops/clamp.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/round.h>

#include <vector>

namespace kir::oracle {
namespace {

// Whether `steps` is a plain stride over [first, first + count).
bool is_linear(const Strides& steps, std::int64_t first, std::int64_t count) {
  return first / steps.unit == (first + count - 1) / steps.unit;
}

at::Tensor converted(const at::Tensor& value, at::ScalarType type) {
  if (value.scalar_type() == type || at::isFloatingType(type)) return value.to(type);
  if (type == at::kBool) return value.ne(0);
  const at::Tensor rounded = at::isFloatingType(value.scalar_type()) ? at::round(value) : value;
  return (type == at::kByte ? at::clamp(rounded, 0, 255) : rounded).to(type);
}

at::Tensor indices(const std::vector<std::int64_t>& offsets, at::Device device) {
  const auto count = static_cast<std::int64_t>(offsets.size());
  return at::from_blob(const_cast<std::int64_t*>(offsets.data()), {count}, at::kLong).clone().to(device);
}

// The offset of every element of the window, channels x h x w.
at::Tensor offsets_of(const Window& window, at::Device device) {
  std::vector<std::int64_t> c, y, x;
  for (std::int64_t i = 0; i < window.channels; ++i) c.push_back(window.layout.base + i * window.layout.channel);
  for (std::int64_t i = 0; i < window.height; ++i) y.push_back(window.layout.y(window.y0 + i));
  for (std::int64_t i = 0; i < window.width; ++i) x.push_back(window.layout.x(window.x0 + i));
  const at::Tensor rows = indices(c, device).view({-1, 1, 1}).add(indices(y, device).view({1, -1, 1}));
  return rows.add(indices(x, device).view({1, 1, -1}));
}

}  // namespace

std::optional<at::Tensor> view_of(const Window& window, const Destination& to) {
  const Layout& layout = window.layout;
  if (layout.channel < 0 || layout.copies != 1) return {};
  if (!is_linear(layout.y, window.y0, window.height) || !is_linear(layout.x, window.x0, window.width)) return {};
  return to.elements.as_strided({window.channels, window.height, window.width},
                                {layout.channel, layout.y.inner, layout.x.inner},
                                layout.base + layout.y(window.y0) + layout.x(window.x0));
}

void write(const Window& window, const Destination& to, const at::Tensor& value) {
  const at::Tensor elements = converted(value, to.elements.scalar_type());
  if (const std::optional<at::Tensor> view = view_of(window, to)) {
    view->copy_(elements);
    return;
  }
  const at::Tensor offsets = offsets_of(window, to.elements.device()).flatten();
  const at::Tensor flat = elements.expand({window.channels, window.height, window.width}).reshape({-1});
  for (std::int32_t copy = 0; copy < window.layout.copies; ++copy) {
    at::Tensor(to.elements).index_copy_(0, offsets.add(copy * window.layout.copy), flat);
  }
}

void write(const Fill& fill, const Destination& to) {
  const Window window{fill.to.layout, fill.channels, fill.y0, fill.x0, fill.y1 - fill.y0, fill.x1 - fill.x0};
  const at::Device device = to.elements.device();
  at::Tensor value =
      at::from_blob(const_cast<double*>(fill.value), {fill.channels, 1, 1}, at::kDouble).clone().to(device);
  const at::TensorOptions options = at::TensorOptions(at::kDouble).device(device);
  if (fill.ramp_y != 0) value = value.add(at::arange(fill.y0, fill.y1, options).view({1, -1, 1}).mul(fill.ramp_y));
  if (fill.ramp_x != 0) value = value.add(at::arange(fill.x0, fill.x1, options).view({1, 1, -1}).mul(fill.ramp_x));
  if (at::isFloatingType(to.elements.scalar_type())) value = value.to(at::kFloat);
  write(window, to, value);
}

}  // namespace kir::oracle
