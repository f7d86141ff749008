// PNG through libpng, which undoes the compression, the filters and the interlacing; samples become RGB here, as Pillow
// makes them.
#include <png.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <new>
#include <optional>
#include <string_view>
#include <vector>

#include "apps/coded_image.hpp"
#include "kir/error.hpp"

namespace kir::apps {

namespace {

std::uint32_t big_endian_32(const std::uint8_t* bytes) {
  return std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 | std::uint32_t{bytes[2]} << 8 | bytes[3];
}

// What follows `prefix` in the last chunk of this type that begins so, taken from the file itself: libpng drops EXIF
// blocks that it finds odd and Pillow does not, and cuts texts at a zero byte.
std::optional<std::string_view> find_chunk(std::span<const std::uint8_t> file, std::string_view type,
                                           std::string_view prefix = {}) {
  std::optional<std::string_view> found;
  constexpr std::size_t kSignature = 8, kOverhead = 12;
  for (std::size_t at = kSignature; at + kOverhead <= file.size();) {
    const std::size_t length = big_endian_32(file.data() + at);
    if (length > file.size() - at - kOverhead) break;
    const auto* chunk = reinterpret_cast<const char*>(file.data() + at);
    const std::string_view found_type(chunk + 4, 4), data(chunk + 8, length);
    if (found_type == "IEND") break;
    if (found_type == type && data.starts_with(prefix)) found = data.substr(prefix.size());
    at += length + kOverhead;
  }
  return found;
}

// The profile of a "Raw profile type exif" text: a newline, a name, a length, then hexadecimal lines.
std::string from_hex_profile(std::string_view text) {
  for (int line = 0; line < 3; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string bytes;
  int high = -1;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) continue;
    if (high < 0) {
      high = digit;
    } else {
      bytes += static_cast<char>(high * 16 + digit);
      high = -1;
    }
  }
  return bytes;
}

// Appends the next `count` bytes of a file, or those that are left; whether they were all there.
bool append(std::FILE* file, std::size_t count, std::vector<std::uint8_t>& to) {
  std::array<std::uint8_t, 1 << 14> block;  // a length that is a lie costs no memory
  while (count > 0) {
    const std::size_t read = std::fread(block.data(), 1, std::min(count, block.size()), file);
    if (read == 0) return false;
    to.insert(to.end(), block.begin(), block.begin() + static_cast<std::ptrdiff_t>(read));
    count -= read;
  }
  return true;
}

// The file without its pixels: the chunks before them, the later ones that may hold an orientation, and the beginning
// of the first IDAT, at which libpng stops to read information. A file that is cut short lacks that one, so that libpng
// calls it truncated.
std::vector<std::uint8_t> read_without_pixels(std::FILE* file) {
  constexpr std::size_t kSignature = 8, kHead = 8, kChecksum = 4;
  std::vector<std::uint8_t> kept, pixels;
  if (!append(file, kSignature, kept)) return kept;
  for (;;) {
    std::vector<std::uint8_t> chunk;
    if (!append(file, kHead, chunk)) return kept;
    const std::size_t rest = big_endian_32(chunk.data()) + kChecksum;
    const std::string_view type(reinterpret_cast<const char*>(chunk.data()) + 4, 4);
    if (type == "IDAT") {
      if (pixels.empty()) pixels = chunk;
      if (std::fseek(file, static_cast<long>(rest), SEEK_CUR) != 0) return kept;
      continue;
    }
    const bool ends = type == "IEND";
    const bool late = type == "eXIf" || type == "tEXt" || type == "zTXt" || type == "iTXt";
    const bool whole = append(file, rest, chunk);
    if (pixels.empty() || late) kept.insert(kept.end(), chunk.begin(), chunk.end());
    if (!whole) return kept;
    if (ends) break;
  }
  kept.insert(kept.end(), pixels.begin(), pixels.end());
  return kept;
}

// Owns what must survive a longjmp: its members outlive decode() and header(), whose frames hold trivial
// objects only.
class Decoder {
 public:
  Decoder(std::span<const std::uint8_t> file, const std::string& path) : file_(file), path_(path) {}
  ~Decoder() { png_destroy_read_struct(&png_, &info_, nullptr); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  CodedImage decode() {
    begin();
    if (setjmp(png_jmpbuf(png_)) != 0) throw Error(ErrorCode::io, path_, "PNG: " + message_);
    read_info();
    bits_ = png_get_bit_depth(png_, info_);
    png_set_packing(png_);  // 1, 2 and 4 bits: one sample a byte, not scaled
    passes_ = png_set_interlace_handling(png_);
    png_read_update_info(png_, info_);
    read_pixels();
    png_read_end(png_, info_);
    collect_metadata();
    return std::move(result_);
  }

  // Of a file without pixels.
  CodedImage header() {
    begin();
    if (setjmp(png_jmpbuf(png_)) != 0) throw Error(ErrorCode::io, path_, "PNG: " + message_);
    read_info();
    collect_metadata();
    if (png_get_interlace_type(png_, info_) != PNG_INTERLACE_NONE) {
      const std::size_t sample_bytes = png_get_bit_depth(png_, info_) == 16 ? 2 : 1;
      result_.decoder_bytes = std::size_t{png_get_image_height(png_, info_)} * png_get_image_width(png_, info_) *
                              png_get_channels(png_, info_) * sample_bytes;
    }
    return std::move(result_);
  }

 private:
  void begin() {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, on_error, on_warning);
    if (png_ == nullptr) throw std::bad_alloc();
    info_ = png_create_info_struct(png_);
    if (info_ == nullptr) throw std::bad_alloc();
  }

  void read_info() {
    png_set_read_fn(png_, this, on_read);
    png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
    // A limit on each edge of libpng's own would name no file: check_coded_size speaks first.
    png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_read_info(png_, info_);
    const std::uint32_t height = png_get_image_height(png_, info_), width = png_get_image_width(png_, info_);
    check_coded_size(path_, height, width);
    result_.image.size = {3, static_cast<std::int32_t>(height), static_cast<std::int32_t>(width)};
  }

  static void on_error(png_structp png, png_const_charp message) {
    static_cast<Decoder*>(png_get_error_ptr(png))->message_ = message;
    png_longjmp(png, 1);
  }
  static void on_warning(png_structp, png_const_charp) {}
  static void on_read(png_structp png, png_bytep out, std::size_t bytes) {
    auto* self = static_cast<Decoder*>(png_get_io_ptr(png));
    if (bytes > self->file_.size() - self->read_) png_error(png, "the file is truncated");
    std::memcpy(out, self->file_.data() + self->read_, bytes);
    self->read_ += bytes;
  }

  // Only the passes of an interlaced file need the samples of all rows at once.
  void read_pixels() {
    const std::size_t height = png_get_image_height(png_, info_), row_bytes = png_get_rowbytes(png_, info_);
    const std::size_t width = png_get_image_width(png_, info_);
    result_.image.pixels.resize(3 * height * width);
    if (png_get_color_type(png_, info_) & PNG_COLOR_MASK_PALETTE) read_palette();
    samples_.resize(passes_ == 1 ? row_bytes : height * row_bytes);
    for (int pass = 1; pass < passes_; ++pass) {
      for (std::size_t y = 0; y < height; ++y) png_read_row(png_, samples_.data() + y * row_bytes, nullptr);
    }
    for (std::size_t y = 0; y < height; ++y) {
      std::uint8_t* row = samples_.data() + (passes_ == 1 ? 0 : y * row_bytes);
      png_read_row(png_, row, nullptr);
      convert(row, width, result_.image.pixels.data() + 3 * width * y);
    }
  }

  // Where Pillow looks for the orientation: eXIf, else a text "exif", else "Raw profile type exif"; an XMP text.
  void collect_metadata() {
    if (const auto exif = find_chunk(file_, "eXIf")) {
      result_.exif = *exif;
    } else if (const auto text = find_chunk(file_, "tEXt", std::string_view("exif\0", 5))) {
      result_.exif = *text;
    }
    png_textp texts = nullptr;
    int count = 0;
    png_get_text(png_, info_, &texts, &count);
    for (int i = 0; i < count; ++i) {
      const std::string_view key = texts[i].key;
      const std::size_t length = std::max(texts[i].text_length, texts[i].itxt_length);
      const std::string_view text(texts[i].text, length);
      if (result_.exif.empty() && key == "Raw profile type exif") result_.exif = from_hex_profile(text);
      if (key == "XML:com.adobe.xmp") result_.xmp = text;
    }
  }

  // One row.
  void convert(const std::uint8_t* in, std::size_t width, std::uint8_t* out) const {
    const int color = png_get_color_type(png_, info_);
    const std::size_t stored = png_get_channels(png_, info_);
    const bool has_color = (color & PNG_COLOR_MASK_COLOR) != 0, has_palette = (color & PNG_COLOR_MASK_PALETTE) != 0;
    const bool has_alpha = (color & PNG_COLOR_MASK_ALPHA) != 0;
    const std::size_t sample_bytes = bits_ == 16 ? 2 : 1;
    for (std::size_t x = 0; x < width; ++x, in += stored * sample_bytes, out += 3) {
      for (std::size_t c = 0; c < 3; ++c) {
        const std::uint8_t* sample = in + (has_color && !has_palette ? c * sample_bytes : 0);
        if (has_palette) {
          out[c] = palette_[std::size_t{3} * sample[0] + c];
        } else if (bits_ == 16 && !has_color && !has_alpha) {
          out[c] = sample[0] != 0 ? 255 : sample[1];  // Pillow converts I;16 by clipping to 255, not by scaling
        } else if (bits_ < 8) {
          out[c] = static_cast<std::uint8_t>(sample[0] * 255 / ((1 << bits_) - 1));
        } else {
          out[c] = sample[0];  // of 16 bits the high byte
        }
      }
    }
  }

  // Indices beyond the palette are black.
  void read_palette() {
    png_colorp colors = nullptr;
    int count = 0;
    png_get_PLTE(png_, info_, &colors, &count);
    for (int i = 0; i < std::min(count, 256); ++i) {
      const auto at = static_cast<std::size_t>(3 * i);
      palette_[at] = colors[i].red;
      palette_[at + 1] = colors[i].green;
      palette_[at + 2] = colors[i].blue;
    }
  }

  std::span<const std::uint8_t> file_;
  const std::string& path_;
  std::size_t read_ = 0;
  int bits_ = 0;    // of a sample in the file
  int passes_ = 0;  // over all rows
  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::string message_;
  std::vector<std::uint8_t> samples_;
  std::array<std::uint8_t, 768> palette_{};
  CodedImage result_;
};

}  // namespace

CodedImage decode_png(std::span<const std::uint8_t> file, const std::string& path) {
  return Decoder(file, path).decode();
}

CodedImage png_header(std::FILE* file, const std::string& path) {
  return Decoder(read_without_pixels(file), path).header();
}

}  // namespace kir::apps
