// JPEG through libjpeg-turbo, with the settings that Pillow uses (the library's own: accurate DCT, fancy upsampling).
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <utility>
#include <vector>

// In this order: jpeglib.h needs <cstdio> and does not include it, and jerror.h needs the configuration in jpeglib.h.
#include <jpeglib.h>

#include <jerror.h>

#include "apps/coded_image.hpp"
#include "kir/error.hpp"

namespace kir::apps {

namespace {

struct ErrorManager {
  jpeg_error_mgr base;  // first, so that a jpeg_error_mgr* is an ErrorManager*
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX];
};

[[noreturn]] void jump_out(j_common_ptr info) {
  auto* errors = reinterpret_cast<ErrorManager*>(info->err);
  errors->base.format_message(info, errors->message);
  std::longjmp(errors->jump, 1);
}

// Warnings that mean lost image data are errors; the harmless ones (stray bytes between segments) are ignored.
void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC:
      jump_out(info);
    default:
      break;
  }
}

// a * b / 255, rounded as Pillow's MULDIV255.
int mul_div_255(int a, int b) {
  const int product = a * b + 128;
  return (product + (product >> 8)) >> 8;
}

// The next multiple of `unit`.
std::size_t rounded_up(std::size_t count, int unit) {
  const auto step = static_cast<std::size_t>(unit);
  return (count + step - 1) / step * step;
}

// Owns what must survive a longjmp: its members outlive decode() and header(), whose frames hold trivial
// objects only.
class Decoder {
 public:
  explicit Decoder(const std::string& path) : path_(path) {
    info_.err = jpeg_std_error(&errors_.base);
    errors_.base.error_exit = jump_out;
    errors_.base.emit_message = on_message;
    errors_.message[0] = '\0';
  }
  ~Decoder() { jpeg_destroy_decompress(&info_); }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  CodedImage decode(std::span<const std::uint8_t> file) {
    if (setjmp(errors_.jump) != 0) throw_message();
    jpeg_create_decompress(&info_);
    jpeg_mem_src(&info_, file.data(), file.size());
    read_header();
    jpeg_start_decompress(&info_);
    allocate();
    while (info_.output_scanline < info_.output_height) {
      JSAMPROW row = row_.data();
      const JDIMENSION y = info_.output_scanline;
      jpeg_read_scanlines(&info_, &row, 1);
      store_row(y);
    }
    jpeg_finish_decompress(&info_);
    return std::move(result_);
  }

  CodedImage header(std::FILE* file) {
    if (setjmp(errors_.jump) != 0) throw_message();
    jpeg_create_decompress(&info_);
    jpeg_stdio_src(&info_, file);
    read_header();
    result_.decoder_bytes = coefficient_bytes();
    return std::move(result_);
  }

 private:
  [[noreturn]] void throw_message() const {
    throw Error(ErrorCode::io, path_, std::string("JPEG: ") + errors_.message);
  }

  void read_header() {
    jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xFFFF);
    jpeg_read_header(&info_, TRUE);
    collect_metadata();
    choose_color();
    check_coded_size(path_, info_.image_height, info_.image_width);
    // Nothing is scaled: the output's size is the image's.
    result_.image.size = {3, static_cast<std::int32_t>(info_.image_height),
                          static_cast<std::int32_t>(info_.image_width)};
  }

  // APP1 segments before the first scan: EXIF blocks are joined, of XMP packets the last counts, as in Pillow.
  void collect_metadata() {
    constexpr char kExif[] = "Exif\0";                       // with the literal's own zero: 6 bytes
    constexpr char kXmp[] = "http://ns.adobe.com/xap/1.0/";  // with its zero
    for (jpeg_saved_marker_ptr marker = info_.marker_list; marker != nullptr; marker = marker->next) {
      const char* data = reinterpret_cast<const char*>(marker->data);
      const std::size_t length = marker->data_length;
      if (length >= sizeof kExif && std::memcmp(data, kExif, sizeof kExif) == 0) {
        result_.exif.append(data + sizeof kExif, length - sizeof kExif);
      } else if (length >= sizeof kXmp && std::memcmp(data, kXmp, sizeof kXmp) == 0) {
        result_.xmp.assign(data + sizeof kXmp, length - sizeof kXmp);
      }
    }
  }

  void choose_color() {
    switch (info_.num_components) {
      case 1:
        info_.out_color_space = JCS_GRAYSCALE;
        break;
      case 3:
        info_.out_color_space = JCS_RGB;
        break;
      case 4:
        info_.out_color_space = JCS_CMYK;
        break;
      default:
        throw Error(ErrorCode::io, path_,
                    "JPEG: " + std::to_string(info_.num_components) + " components; 1, 3 and 4 are allowed");
    }
  }

  // A file of several scans, as a progressive one is, is decoded once the coefficients of all its blocks are there.
  std::size_t coefficient_bytes() {
    if (!jpeg_has_multiple_scans(&info_)) return 0;
    std::size_t blocks = 0;
    for (int c = 0; c < info_.num_components; ++c) {
      const jpeg_component_info& component = info_.comp_info[c];
      blocks += rounded_up(component.width_in_blocks, component.h_samp_factor) *
                rounded_up(component.height_in_blocks, component.v_samp_factor);
    }
    return blocks * sizeof(JBLOCK);
  }

  void allocate() {
    result_.image.pixels.resize(std::size_t{3} * info_.output_height * info_.output_width);
    row_.resize(static_cast<std::size_t>(info_.output_components) * info_.output_width);
  }

  void store_row(JDIMENSION y) {
    std::uint8_t* out = result_.image.pixels.data() + std::size_t{3} * info_.output_width * y;
    const std::uint8_t* in = row_.data();
    if (info_.output_components == 3) {
      std::memcpy(out, in, row_.size());
      return;
    }
    for (JDIMENSION x = 0; x < info_.output_width; ++x, out += 3, in += info_.output_components) {
      if (info_.output_components == 1) {
        out[0] = out[1] = out[2] = in[0];
      } else {
        // Stored inverted: 255 - C, ..., 255 - K. Pillow: nk - C * nk / 255 for nk = 255 - K.
        const int nk = in[3];
        for (int c = 0; c < 3; ++c) out[c] = static_cast<std::uint8_t>(nk - mul_div_255(255 - in[c], nk));
      }
    }
  }

  const std::string& path_;
  ErrorManager errors_{};
  jpeg_decompress_struct info_{};
  std::vector<std::uint8_t> row_;
  CodedImage result_;
};

}  // namespace

CodedImage decode_jpeg(std::span<const std::uint8_t> file, const std::string& path) {
  return Decoder(path).decode(file);
}

CodedImage jpeg_header(std::FILE* file, const std::string& path) {
  return Decoder(path).header(file);
}

}  // namespace kir::apps
