#include "apps/exif_orientation.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

namespace kir::apps {

namespace {

constexpr std::string_view kExifPrefix{"Exif\0\0", 6};
constexpr std::uint16_t kOrientationTag = 0x0112;

// A TIFF structure in memory; reads return nothing beyond its end.
struct Tiff {
  std::string_view bytes;
  bool big_endian;

  std::optional<std::uint32_t> read(std::uint64_t offset, int count) const {
    if (offset + static_cast<std::uint64_t>(count) > bytes.size()) return std::nullopt;
    std::uint32_t value = 0;
    for (int i = 0; i < count; ++i) {
      const auto at = offset + static_cast<std::uint64_t>(big_endian ? i : count - 1 - i);
      value = value << 8 | static_cast<std::uint8_t>(bytes[at]);
    }
    return value;
  }
};

// Bytes of one value of a TIFF type; 0 = a type that Pillow does not know and skips.
std::uint64_t bytes_of_type(std::uint32_t type) {
  switch (type) {
    case 1:
    case 2:
    case 6:
    case 7:
      return 1;  // byte, ascii, sbyte, undefined
    case 3:
    case 8:
      return 2;  // short, sshort
    case 4:
    case 9:
    case 11:
    case 13:
      return 4;  // long, slong, float, ifd
    case 5:
    case 10:
    case 12:
    case 16:
      return 8;  // rational, srational, double, long8
    default:
      return 0;
  }
}

bool is_integer(std::uint32_t type) {
  return type == 3 || type == 4 || type == 6 || type == 8 || type == 9 || type == 13;
}

// The tag's value; 0 when it is there but is no integer; nothing when it is not there or the block is malformed.
std::optional<int> read_exif(std::string_view block) {
  for (int i = 0; i < 2 && block.substr(0, kExifPrefix.size()) == kExifPrefix; ++i)
    block.remove_prefix(kExifPrefix.size());
  if (block.empty()) return std::nullopt;
  const std::string_view order = block.substr(0, 2), magic = block.substr(2, 2);
  const bool is_tiff =
      (order == "II" || order == "MM") && (magic == std::string_view("*\0", 2) || magic == std::string_view("\0*", 2));
  if (!is_tiff || block.size() < 8) return std::nullopt;

  const Tiff tiff{block, order == "MM"};
  const std::uint64_t directory = *tiff.read(4, 4);
  const std::uint32_t entries = tiff.read(directory, 2).value_or(0);
  std::uint64_t data_bytes = 0;  // of values outside the directory: Pillow ignores those beyond the block's own size
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::uint64_t entry = directory + 2 + 12 * std::uint64_t{i};
    if (entry + 12 > block.size()) break;
    const std::uint32_t tag = *tiff.read(entry, 2), type = *tiff.read(entry + 2, 2), count = *tiff.read(entry + 4, 4);
    const std::uint64_t unit = bytes_of_type(type), size = unit * count;
    std::uint64_t data = entry + 8;
    if (size > 4) {
      data_bytes += size;
      if (data_bytes > block.size()) continue;
      data = *tiff.read(entry + 8, 4);
      if (data + size > block.size()) break;
    }
    if (size == 0 || tag != kOrientationTag) continue;
    const std::uint32_t value = is_integer(type) ? *tiff.read(data, static_cast<int>(unit)) : 0;
    return value <= 8 ? static_cast<int>(value) : 0;
  }
  return std::nullopt;
}

// The first tiff:Orientation="N" or <tiff:Orientation>N.
std::optional<int> read_xmp(std::string_view packet) {
  constexpr std::string_view kName = "tiff:Orientation";
  for (std::size_t at = packet.find(kName); at != std::string_view::npos; at = packet.find(kName, at + 1)) {
    std::string_view rest = packet.substr(at + kName.size());
    const std::size_t skip = rest.substr(0, 2) == "=\"" ? 2 : rest.substr(0, 1) == ">" ? 1 : 0;
    rest.remove_prefix(skip);
    if (skip != 0 && !rest.empty() && rest[0] >= '0' && rest[0] <= '9') return rest[0] - '0';
  }
  return std::nullopt;
}

}  // namespace

int orientation_of(const CodedImage& coded) {
  std::optional<int> found = read_exif(coded.exif);
  if (!found) found = read_xmp(coded.xmp);
  const int value = found.value_or(1);
  return value >= 1 && value <= 8 ? value : 1;
}

ImageSize oriented(ImageSize size, int orientation) {
  if (orientation >= 5) std::swap(size.height, size.width);
  return size;
}

DecodedImage oriented(DecodedImage image, int orientation) {
  if (orientation == 1) return image;
  // Each is an exchange of rows and columns, or not, of the stored image mirrored in y, in x, in both or in neither.
  const bool swap = orientation >= 5;
  const bool flip_y = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool flip_x = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const std::int64_t height = image.size.height, width = image.size.width, channels = image.size.channels;
  DecodedImage turned{std::vector<std::uint8_t>(image.pixels.size()), oriented(image.size, orientation)};
  std::uint8_t* out = turned.pixels.data();
  for (std::int64_t y = 0; y < turned.size.height; ++y) {
    for (std::int64_t x = 0; x < turned.size.width; ++x) {
      const std::int64_t from_y = swap ? x : y, from_x = swap ? y : x;
      const std::int64_t at_y = flip_y ? height - 1 - from_y : from_y, at_x = flip_x ? width - 1 - from_x : from_x;
      const std::uint8_t* in = image.pixels.data() + (at_y * width + at_x) * channels;
      for (std::int64_t c = 0; c < channels; ++c) *out++ = in[c];
    }
  }
  return turned;
}

}  // namespace kir::apps
