#include "apps/npy_file.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "kir/error.hpp"

namespace kir::apps {

namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kAlignment = 64;
constexpr std::size_t kMaxPrelude = 12;

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::io, path, ".npy: " + why);
}

// The value of a key in the header's Python dictionary, from its first character to the end of the header.
std::string_view value_of(std::string_view header, std::string_view key, const std::string& path) {
  for (const char quote : {'\'', '"'}) {
    const std::string quoted = quote + std::string(key) + quote;
    const std::size_t at = header.find(quoted);
    if (at == std::string_view::npos) continue;
    const std::size_t value = header.find_first_not_of(" :", at + quoted.size());
    if (value != std::string_view::npos) return header.substr(value);
  }
  fail(path, "its header has no \"" + std::string(key) + "\"");
}

std::vector<std::int64_t> parse_shape(std::string_view value, const std::string& path) {
  const std::size_t end = value.find(')');
  if (value.empty() || value[0] != '(' || end == std::string_view::npos) fail(path, "its shape is malformed");
  std::string_view list = value.substr(1, end - 1);
  std::vector<std::int64_t> shape;
  for (;;) {
    list.remove_prefix(std::min(list.size(), list.find_first_not_of(" ,")));
    if (list.empty()) return shape;
    std::int64_t side = 0;
    const auto parsed = std::from_chars(list.data(), list.data() + list.size(), side);
    if (parsed.ec != std::errc() || side < 0)
      fail(path, "its shape (" + std::string(value.substr(1, end - 1)) + ") is malformed");
    shape.push_back(side);
    list.remove_prefix(static_cast<std::size_t>(parsed.ptr - list.data()));
  }
}

std::string text_of(const std::vector<std::int64_t>& shape) {
  std::string text = "(";
  for (const std::int64_t side : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(side);
  return text + ")";
}

const char* descr_of(Type type) {
  switch (type) {
    case Type::u8:
      return "|u1";
    case Type::boolean:
      return "|b1";
    case Type::i32:
      return "<i4";
    case Type::i64:
      return "<i8";
    case Type::f16:
      return "<f2";
    case Type::f32:
      return "<f4";
    case Type::bf16:
      return nullptr;
  }
  return nullptr;
}

// Where the data begins. Prelude: the magic, two bytes of version, the header's length in 2 bytes (version 1) or 4
// (versions 2 and 3).
std::size_t data_begin(std::span<const std::uint8_t> begin, const std::string& path) {
  const std::size_t version = begin.size() > kMagic.size() ? begin[kMagic.size()] : 0;
  if (version < 1 || version > 3) fail(path, "format version " + std::to_string(version) + " is not 1, 2 or 3");
  const std::size_t length_bytes = version == 1 ? 2 : 4, prelude = kMagic.size() + 2 + length_bytes;
  if (begin.size() < prelude) fail(path, "truncated in its header");
  std::size_t length = 0;
  for (std::size_t i = 0; i < length_bytes; ++i) length |= std::size_t{begin[prelude - length_bytes + i]} << (8 * i);
  return prelude + length;
}

// `begin`: the bytes of the file, or as many of them as come before its data.
NpyHeader parse_header(std::span<const std::uint8_t> begin, std::size_t file_bytes, const std::string& path) {
  const std::size_t data = data_begin(begin, path);
  if (data > begin.size()) fail(path, "truncated in its header");
  // With the prelude, in which no key is spelled.
  const std::string_view header(reinterpret_cast<const char*>(begin.data()), data);

  const std::string_view descr = value_of(header, "descr", path);
  const std::string_view quoted = descr.substr(0, descr.find_first_of(",}"));
  if (quoted.find("|u1") == std::string_view::npos) {
    fail(path, "its dtype is " + std::string(quoted) + "; an image must be '|u1' (uint8)");
  }
  if (value_of(header, "fortran_order", path).substr(0, 5) != "False") {
    fail(path, "it is in Fortran order; write numpy.ascontiguousarray(array)");
  }
  NpyHeader parsed{parse_shape(value_of(header, "shape", path), path), data};

  std::int64_t elements = 1;
  for (const std::int64_t side : parsed.shape) {
    if (side != 0 && elements > kMaxElements / side) {
      fail(path, "shape " + text_of(parsed.shape) + " has more than " + std::to_string(kMaxElements) + " elements");
    }
    elements *= side;
  }
  const auto present = static_cast<std::int64_t>(file_bytes - data);
  if (present != elements) {
    fail(path, std::string(present < elements ? "truncated: " : "trailing data: ") + "shape " + text_of(parsed.shape) +
                   " needs " + std::to_string(elements) + " bytes, the file has " + std::to_string(present));
  }
  return parsed;
}

}  // namespace

bool is_npy(std::span<const std::uint8_t> file) {
  return file.size() >= kMagic.size() &&
         std::equal(kMagic.begin(), kMagic.end(), file.begin(),
                    [](char a, std::uint8_t b) { return static_cast<std::uint8_t>(a) == b; });
}

NpyArray parse_npy(std::span<const std::uint8_t> file, const std::string& path) {
  NpyHeader header = parse_header(file, file.size(), path);
  return {std::move(header.shape), file.subspan(header.data)};
}

NpyHeader read_npy_header(std::FILE* file, const std::string& path) {
  std::fseek(file, 0, SEEK_END);
  const auto file_bytes = static_cast<std::size_t>(std::ftell(file));
  std::vector<std::uint8_t> begin;
  const auto read = [&](std::size_t bytes) {
    begin.resize(std::min(bytes, file_bytes));
    std::rewind(file);
    begin.resize(std::fread(begin.data(), 1, begin.size(), file));
  };
  read(kMaxPrelude);
  read(std::max(data_begin(begin, path), kMaxPrelude));
  return parse_header(begin, file_bytes, path);
}

std::optional<std::string> npy_header(Type type, std::span<const std::int64_t> shape) {
  const char* descr = descr_of(type);
  if (descr == nullptr) return std::nullopt;
  std::string sides;
  for (const std::int64_t side : shape) sides += std::to_string(side) + ", ";
  if (shape.size() > 1) sides.resize(sides.size() - 2);
  if (shape.size() == 1) sides.resize(sides.size() - 1);  // "(3,)"
  std::string header = "{'descr': '" + std::string(descr) + "', 'fortran_order': False, 'shape': (" + sides + "), }";
  const std::size_t prelude = kMagic.size() + 4;
  const std::size_t whole = (prelude + header.size() + 1 + kAlignment - 1) / kAlignment * kAlignment;
  header.append(whole - prelude - header.size() - 1, ' ');
  header += '\n';
  std::string bytes(kMagic);
  bytes += {'\x01', '\x00', static_cast<char>(header.size() & 0xFF), static_cast<char>(header.size() >> 8)};
  return bytes + header;
}

}  // namespace kir::apps
