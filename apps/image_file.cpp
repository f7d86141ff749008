#include "apps/image_file.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>
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

[[noreturn]] void fail_to_read(const std::string& path, int error) {
  fail(path, "cannot be read: " + std::string(std::strerror(error)));
}

constexpr std::size_t kMagicBytes = 8;

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, Close>;

File open(const std::string& path) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) fail(path, "cannot be read: it is a folder");
  File file(std::fopen(path.c_str(), "rbe"));
  if (!file) fail_to_read(path, errno);
  return file;
}

// The next bytes of a file, at most `limit`; `expected`, if that is known.
Bytes read_some(std::FILE* file, std::size_t limit, std::size_t expected, const std::string& path) {
  Bytes bytes;
  bytes.reserve(expected);
  std::array<std::uint8_t, 1 << 16> block;
  while (bytes.size() < limit) {
    const std::size_t read = std::fread(block.data(), 1, std::min(block.size(), limit - bytes.size()), file);
    if (read == 0) break;
    bytes.insert(bytes.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(read));
  }
  if (std::ferror(file) != 0) fail_to_read(path, errno);
  if (bytes.empty()) fail(path, "the file is empty");
  return bytes;
}

Bytes read_whole(const std::string& path) {
  const File file = open(path);
  std::error_code unknown;  // a pipe has no size
  const auto bytes = static_cast<std::size_t>(std::filesystem::file_size(path, unknown));
  return read_some(file.get(), SIZE_MAX, unknown ? 0 : bytes, path);
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

// An image of a .npy: its size, and whether its channels are the first axis.
struct NpyImage {
  ImageSize size;
  bool planar = false;
};

// `shape` is that of one image: two or three axes.
NpyImage npy_image(std::span<const std::int64_t> shape, const std::string& path) {
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
  return {{static_cast<std::int32_t>(channels), static_cast<std::int32_t>(height), static_cast<std::int32_t>(width)},
          axis == 0};
}

void check_axes(std::size_t axes, const std::string& path) {
  if (axes == 2 || axes == 3) return;
  fail(path,
       ".npy: it has " + std::to_string(axes) + " axes; an image has 2 or 3, and a batch of 4 must be the only input");
}

// The file's own bytes become the pixels.
DecodedImage image_of_npy(Bytes file, const std::string& path) {
  const NpyArray array = parse_npy(file, path);
  check_axes(array.shape.size(), path);
  const auto [size, planar] = npy_image(array.shape, path);
  file.erase(file.begin(), file.end() - static_cast<std::ptrdiff_t>(array.data.size()));
  return {std::move(file), size, planar};
}

DecodedImage as_hwc(DecodedImage image) {
  if (!image.planar) return image;
  DecodedImage hwc{Bytes(image.pixels.size()), image.size};
  const std::int64_t plane = std::int64_t{image.size.height} * image.size.width;
  std::uint8_t* out = hwc.pixels.data();
  for (std::int64_t i = 0; i < plane; ++i) {
    for (std::int64_t c = 0; c < image.size.channels; ++c)
      *out++ = image.pixels[static_cast<std::size_t>(c * plane + i)];
  }
  return hwc;
}

std::size_t bytes_of(const ImageSize& size) {
  return static_cast<std::size_t>(std::int64_t{size.channels} * size.height * size.width);
}

}  // namespace

void check_coded_size(const std::string& path, std::int64_t height, std::int64_t width) {
  const std::string given = std::to_string(height) + "x" + std::to_string(width);
  if (height < 1 || width < 1 || height > kMaxEdge || width > kMaxEdge) {
    fail(path, "an image of " + given + ": each side must be 1.." + std::to_string(kMaxEdge));
  }
  if (height * width > kMaxImagePixels) {
    fail(path, "an image of " + given + " pixels: at most " + std::to_string(kMaxImagePixels) + " are decoded");
  }
}

namespace {

[[noreturn]] void fail_as_no_image(std::span<const std::uint8_t> file, const std::string& path) {
  fail(path, "is not a JPEG, PNG or .npy file: it begins with" + first_bytes(file));
}

DecodedImage decode_coded(const Bytes& file, const std::string& path) {
  CodedImage coded;
  if (begins_with(file, kJpegMagic)) {
    coded = decode_jpeg(file, path);
  } else if (begins_with(file, kPngMagic)) {
    coded = decode_png(file, path);
  } else {
    fail_as_no_image(file, path);
  }
  const int orientation = orientation_of(coded);
  return oriented(std::move(coded.image), orientation);
}

// A file whose bytes are not needed any more.
DecodedImage decode(Bytes file, const std::string& path) {
  return is_npy(file) ? image_of_npy(std::move(file), path) : decode_coded(file, path);
}

// What decode() gives and needs, from the header alone.
struct Header {
  ImageSize size;
  std::size_t decoding_bytes = 0;
};

Header read_header(std::FILE* file, std::size_t file_bytes, const std::string& path) {
  const Bytes magic = read_some(file, kMagicBytes, kMagicBytes, path);
  std::rewind(file);
  if (is_npy(magic)) {
    const NpyHeader header = read_npy_header(file, path);
    check_axes(header.shape.size(), path);
    return {npy_image(header.shape, path).size};
  }
  CodedImage coded;
  if (begins_with(magic, kJpegMagic)) {
    coded = jpeg_header(file, path);
  } else if (begins_with(magic, kPngMagic)) {
    coded = png_header(file, path);
  } else {
    fail_as_no_image(magic, path);
  }
  // The decoder is gone when the pixels are turned.
  const int orientation = orientation_of(coded);
  const std::size_t unturned_bytes = orientation == 1 ? 0 : bytes_of(coded.image.size);
  return {oriented(coded.image.size, orientation), file_bytes + std::max(coded.decoder_bytes, unturned_bytes)};
}

}  // namespace

DecodedImage read_image(const std::string& path) {
  return as_hwc(decode(read_whole(path), path));
}

ImageFile::ImageFile(std::string path) : path_(std::move(path)) {
  std::error_code code;
  const bool regular = std::filesystem::is_regular_file(path_, code);
  if (!regular) once_ = read_whole(path_);  // a pipe gives its bytes once; a missing file is refused by name
  const std::size_t bytes = regular ? std::filesystem::file_size(path_, code) : once_.size();
  const File file = regular ? open(path_) : File(fmemopen(once_.data(), once_.size(), "rb"));
  if (!file) fail_to_read(path_, errno);
  const Header header = read_header(file.get(), bytes, path_);
  size_ = header.size;
  decoding_bytes_ = header.decoding_bytes;
}

DecodedImage ImageFile::decode() const {
  DecodedImage image = apps::decode(once_.empty() ? read_whole(path_) : once_, path_);
  if (!(image.size == size_)) fail(path_, "has changed since its size was read");
  return image;
}

std::optional<ImageStack> ImageStack::open(const std::string& path) {
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code)) return std::nullopt;
  File file = apps::open(path);
  if (!is_npy(read_some(file.get(), kMagicBytes, kMagicBytes, path))) return std::nullopt;
  std::rewind(file.get());
  const NpyHeader header = read_npy_header(file.get(), path);
  if (header.shape.size() != 4) return std::nullopt;
  const auto [size, planar] = npy_image(std::span(header.shape).subspan(1), path);
  ImageStack stack;
  stack.path_ = path;
  stack.file_ = std::move(file);
  stack.data_ = header.data;
  stack.count_ = header.shape[0];
  stack.size_ = size;
  stack.planar_ = planar;
  return stack;
}

DecodedImage ImageStack::read(std::int64_t image) const {
  DecodedImage read{Bytes(bytes_of(size_)), size_, planar_};
  auto at = static_cast<off_t>(data_ + static_cast<std::size_t>(image) * read.pixels.size());
  for (std::span<std::uint8_t> rest = read.pixels; !rest.empty();) {
    const ssize_t bytes = pread(fileno(file_.get()), rest.data(), rest.size(), at);
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes < 0) fail_to_read(path_, errno);
    if (bytes == 0) fail(path_, "has changed since its size was read");
    rest = rest.subspan(static_cast<std::size_t>(bytes));
    at += bytes;
  }
  return read;
}

}  // namespace kir::apps
