// The dictionary of a size in a configuration (`size`, `crop_size`, `pad_size`), and what a size rule may take of it.
#pragma once

#include <cstdint>

namespace kir {

/// In pixels unless the class says otherwise (Qwen2-VL's shortest_edge and longest_edge are pixel counts). 0 = key
/// absent.
struct SizeKeys {
  std::int64_t height = 0, width = 0;
  std::int64_t shortest_edge = 0, longest_edge = 0;
  std::int64_t max_height = 0, max_width = 0;
  friend bool operator==(const SizeKeys&, const SizeKeys&) = default;
};

/// A form that a size may have.
enum class SizeForm : std::uint8_t {
  fixed,         ///< height and width
  shortest,      ///< shortest_edge
  longest,       ///< longest_edge
  edges,         ///< shortest_edge and longest_edge
  box,           ///< max_height and max_width
  pixel_counts,  ///< shortest_edge and longest_edge, the least and the greatest number of pixels
};

/// Whether `size` has a value for the form. One of a pair stands for both: a size has both or none.
constexpr bool has_form(const SizeKeys& size, SizeForm form) {
  switch (form) {
    case SizeForm::fixed:
      return size.height != 0;
    case SizeForm::shortest:
      return size.shortest_edge != 0;
    case SizeForm::longest:
      return size.longest_edge != 0;
    case SizeForm::edges:
    case SizeForm::pixel_counts:
      return size.shortest_edge != 0 && size.longest_edge != 0;
    case SizeForm::box:
      return size.max_height != 0;
  }
  return false;
}

/// As a message names it.
constexpr const char* name_of(SizeForm form) {
  switch (form) {
    case SizeForm::fixed:
      return "height and width";
    case SizeForm::shortest:
      return "shortest_edge";
    case SizeForm::longest:
      return "longest_edge";
    case SizeForm::edges:
      return "shortest_edge and longest_edge";
    case SizeForm::box:
      return "max_height and max_width";
    case SizeForm::pixel_counts:
      return "shortest_edge and longest_edge (the least and the greatest number of pixels)";
  }
  return "?";
}

}  // namespace kir
