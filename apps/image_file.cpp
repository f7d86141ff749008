#include "apps/image_file.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>

#include "apps/coded_image.hpp"
#include "apps/exif_orientation.hpp"
#include "apps/npy_file.hpp"
#include "kir/error.hpp"

namespace kir::apps {

namespace {

using Bytes = std::vector<std::uint8_t>;

[[noreturn]] void fail(const std::string& path, const std::string& why) {
  throw Error(ErrorCode::io, path, why);
}

// The whole file, or its first `limit` bytes.
Bytes read_bytes(const std::string& path, std::size_t limit = SIZE_MAX) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) fail(path, "cannot be read: it is a folder");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) fail(path, "cannot be read: " + std::string(std::strerror(errno)));
  Bytes bytes;
  std::array<char, 1 << 16> block;
  while (bytes.size() < limit) {
    stream.read(block.data(), static_cast<std::streamsize>(std::min(block.size(), limit - bytes.size())));
    if (stream.gcount() == 0) break;
    bytes.insert(bytes.end(), block.data(), block.data() + stream.gcount());
  }
  if (stream.bad()) fail(path, "cannot be read: " + std::string(std::strerror(errno)));
  if (bytes.empty()) fail(path, "the file is empty");
  return bytes;
}

template <std::size_t N>
bool begins_with(std::span<const std::uint8_t> file, const std::array<std::uint8_t, N>& magic) {
  return file.size() >= N && std::equal(magic.begin(), magic.end(), file.begin());
}

constexpr std::array<std::uint8_t, 3> kJpegMagic{0xFF, 0xD8, 0xFF};
constexpr std::array<std::uint8_t, 8> kPngMagic{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

std::string first_bytes(std::span<const std::uint8_t> file) {
  std::string text;
  for (const std::uint8_t byte : file.first(std::min<std::size_t>(file.size(), 8))) {
    char hex[4];
    std::snprintf(hex, sizeof hex, " %02x", byte);
    text += hex;
  }
  return text;
}

// Where the channels of a three-axis shape are: 0 (CHW) or 2 (HWC), by the rule of the header; -1 = nowhere.
int channel_axis(std::span<const std::int64_t> shape) {
  const auto is_one_of = [&](int axis, std::int64_t a, std::int64_t b) {
    const std::int64_t side = shape[static_cast<std::size_t>(axis)];
    return side == a || side == b;
  };
  for (const auto& [a, b] : {std::pair{1, 3}, std::pair{2, 4}}) {
    for (const int axis : {0, 2}) {
      if (is_one_of(axis, a, b)) return axis;
    }
  }
  return -1;
}

// Images of a .npy, one after the other, as HWC. `shape` is that of one image: two or three axes.
DecodedStack to_hwc(std::span<const std::uint8_t> data, std::int64_t count, std::span<const std::int64_t> shape,
                    const std::string& path) {
  std::array<std::int64_t, 3> sides{1, shape[0], shape[1]};
  const int axis = shape.size() == 2 ? 0 : channel_axis(shape);
  if (axis < 0) fail(path, ".npy: neither its first nor its last axis has 1 to 4 channels");
  if (shape.size() == 3) std::copy(shape.begin(), shape.end(), sides.begin());
  const auto [channels, height, width] = axis == 0 ? sides : std::array{sides[2], sides[0], sides[1]};
  for (const auto& [name, side] : {std::pair{"height", height}, std::pair{"width", width}}) {
    if (side < 1 || side > kMaxEdge) {
      fail(path, ".npy: " + std::string(name) + " " + std::to_string(side) + " is not 1.." + std::to_string(kMaxEdge));
    }
  }
  DecodedStack stack{
      Bytes(data.begin(), data.end()),
      count,
      {static_cast<std::int32_t>(channels), static_cast<std::int32_t>(height), static_cast<std::int32_t>(width)}};
  if (axis != 0) return stack;
  const std::int64_t plane = height * width;
  std::uint8_t* out = stack.pixels.data();
  for (std::int64_t image = 0; image < count; ++image) {
    const std::uint8_t* in = data.data() + image * plane * channels;
    for (std::int64_t i = 0; i < plane; ++i) {
      for (std::int64_t c = 0; c < channels; ++c) *out++ = in[c * plane + i];
    }
  }
  return stack;
}

DecodedImage image_of_npy(const Bytes& file, const std::string& path) {
  const NpyArray array = parse_npy(file, path);
  if (array.shape.size() != 2 && array.shape.size() != 3) {
    fail(path, ".npy: it has " + std::to_string(array.shape.size()) +
                   " axes; an image has 2 or 3, and a batch of 4 must be the only input");
  }
  DecodedStack stack = to_hwc(array.data, 1, array.shape, path);
  return {std::move(stack.pixels), stack.size};
}

}  // namespace

ImageView DecodedStack::view(std::int64_t image) const {
  const std::int64_t bytes = std::int64_t{size.channels} * size.height * size.width;
  return hwc_view(pixels.data() + image * bytes, size);
}

void check_coded_size(const std::string& path, std::int64_t height, std::int64_t width) {
  const std::string given = std::to_string(height) + "x" + std::to_string(width);
  if (height < 1 || width < 1 || height > kMaxEdge || width > kMaxEdge) {
    fail(path, "an image of " + given + ": each side must be 1.." + std::to_string(kMaxEdge));
  }
  if (height * width > kMaxImagePixels) {
    fail(path, "an image of " + given + " pixels: at most " + std::to_string(kMaxImagePixels) + " are decoded");
  }
}

DecodedImage read_image(const std::string& path) {
  const Bytes file = read_bytes(path);
  if (is_npy(file)) return image_of_npy(file, path);
  CodedImage coded;
  if (begins_with(file, kJpegMagic)) {
    coded = decode_jpeg(file, path);
  } else if (begins_with(file, kPngMagic)) {
    coded = decode_png(file, path);
  } else {
    fail(path, "is not a JPEG, PNG or .npy file: it begins with" + first_bytes(file));
  }
  const int orientation = orientation_of(coded);
  return oriented(std::move(coded.image), orientation);
}

std::optional<DecodedStack> read_stack(const std::string& path) {
  constexpr std::size_t kMagicBytes = 8;
  if (!is_npy(read_bytes(path, kMagicBytes))) return std::nullopt;
  const Bytes file = read_bytes(path);
  const NpyArray array = parse_npy(file, path);
  if (array.shape.size() != 4) return std::nullopt;
  return to_hwc(array.data, array.shape[0], std::span(array.shape).subspan(1), path);
}

}  // namespace kir::apps
