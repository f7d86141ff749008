// numpy's .npy format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kir/types.hpp"

namespace kir::apps {

/// An array of uint8 in C order, seen in the bytes of its file.
struct NpyArray {
  std::vector<std::int64_t> shape;
  std::span<const std::uint8_t> data;
};

/// What a .npy file says before its data, of uint8 in C order.
struct NpyHeader {
  std::vector<std::int64_t> shape;
  std::size_t data = 0;  ///< where the data begins
};

/// Whether the bytes begin as a .npy file does.
bool is_npy(std::span<const std::uint8_t> file);

/// Reads format versions 1 to 3. Throws Error{io, path} for a malformed header, another type than uint8, Fortran order,
/// and data that is shorter or longer than the shape says.
NpyArray parse_npy(std::span<const std::uint8_t> file, const std::string& path);

/// Reads the header of an open file, from its beginning on, and the file's size. Throws as parse_npy.
NpyHeader read_npy_header(std::FILE* file, const std::string& path);

/// The header (format version 1, padded to 64 bytes) of a C-order array; nothing for bfloat16, which numpy lacks.
std::optional<std::string> npy_header(Type type, std::span<const std::int64_t> shape);

}  // namespace kir::apps
