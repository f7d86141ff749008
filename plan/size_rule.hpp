// Which size a class resizes an image to: a row {name, the forms of `size` that it takes, how it reads its keys}. The
// arithmetic is in plan/size_rules.hpp, with its sources.
#pragma once

#include <functional>
#include <span>

#include "configuration/keys.hpp"
#include "configuration/size_keys.hpp"
#include "plan/size_rules.hpp"

namespace kir {

/// The size that an image of this size becomes, with a configuration's values in it.
using SizeOf = std::function<Extent(Extent)>;
/// The same of a frame of a video that has so many.
using VideoSizeOf = std::function<Extent(Extent, std::int64_t frames)>;

struct SizeRule {
  const char* name;
  /// The forms of `size` that the rule takes, as a message lists them; none: it takes any.
  std::span<const SizeForm> takes;
  /// Reads the rule's own keys and binds them with `size`, whose form has been checked.
  SizeOf (*bind)(const Keys& keys, const SizeKeys& size);
  /// Whether the class makes integers of the numbers of `size` itself, so that 384.0 is one.
  Keys::Numbers numbers = Keys::Numbers::integers;
  bool reads_size = true;  ///< false: the rule has keys of its own
  /// In place of `bind` where the number of frames of a video counts.
  VideoSizeOf (*bind_video)(const Keys& keys, const SizeKeys& size) = nullptr;
};

// Rules of the key `size`.
extern const SizeRule automatic;     ///< the keys of `size` decide (TorchvisionBackend.resize)
extern const SizeRule convnext;      ///< from 384 up a square, below the short side over crop_pct
extern const SizeRule detr;          ///< as automatic, but the short side alone is refused
extern const SizeRule donut;         ///< the short side becomes that of `size`
extern const SizeRule dpt;           ///< multiples of ensure_multiple_of, with or without the aspect
extern const SizeRule bridgetower;   ///< as vilt; size_divisor is needed
extern const SizeRule detr_divided;  ///< as detr, up to multiples of size_divisor
extern const SizeRule idefics3;      ///< the long side, or height and width
extern const SizeRule janus;         ///< the long side, each side at least min_size
extern const SizeRule levit;         ///< the short side times 256 / 224
extern const SizeRule ocr_rec;       ///< a text line of size.height rows, at most max_image_width columns
extern const SizeRule pixtral;       ///< inside the size, up to whole patches
extern const SizeRule poolformer;    ///< the size over crop_pct
extern const SizeRule pp_lcnet;      ///< resize_short, up to multiples of size_divisor
extern const SizeRule sam;           ///< the long side
extern const SizeRule sapiens2;      ///< with do_pad inside height x width, else as automatic
extern const SizeRule smart_resize;  ///< Qwen2-VL: multiples of patch_size * merge_size within a pixel budget
extern const SizeRule textnet;       ///< the short side, up to multiples of size_divisor
extern const SizeRule tvp;           ///< the long side, else as automatic
extern const SizeRule vilt;       ///< the short side, the long one at most 1333 / 800 of it, multiples of size_divisor
extern const SizeRule yolos;      ///< as detr, shortest_edge and longest_edge down to multiples of 16
extern const SizeRule thumbnail;  ///< inside height x width, never larger

extern const SizeRule smart_resize_frames;  ///< Glm4v: the same for temporal_patch_size frames, and small sides
extern const SizeRule smart_resize_paddle;  ///< PaddleOCRVL: the same, and small sides
extern const SizeRule glm_image;            ///< half of the size that the pixel counts' roots allow its sides

// Rules without `size`.
extern const SizeRule muse_glimmer;    ///< the grid of at most max_image_tokens whose aspect is nearest
extern const SizeRule naflex;          ///< the largest size of at most max_num_patches, each side up to patch_size
extern const SizeRule gemma4;          ///< multiples of patch_size * pooling_kernel_size in max_soft_tokens
extern const SizeRule kosmos2_5;       ///< as pix2struct
extern const SizeRule pix2struct;      ///< the patch grid of at most max_patches that keeps the aspect
extern const SizeRule floor_multiple;  ///< down to multiples of size_divisor
extern const SizeRule ocr_det;         ///< limit_side_len, limit_type, max_side_limit, multiples of 32

/// The size rule of TorchvisionBackend.resize: the keys decide.
SizeOf automatic_size(const SizeKeys& size);

/// The value of `size`, in a form that the rule takes. There must be one where the switch `on` is.
SizeKeys read_size(const Keys& keys, const SizeRule& rule, const char* on = "do_resize");

/// The edge of a ConvNext image below which its resize ends with a centre crop.
inline constexpr std::int64_t kConvNextWarps = 384;

/// patch_size * merge_size, and of the classes that know it patch_expand_factor: the edge of the squares that a merged
/// token stands for.
std::int64_t merged_patch(const Keys& keys);
/// The edge of Idefics3's tiles.
std::int64_t tile_edge(const Keys& keys);
/// Height and width of Pix2Struct's patches.
Extent patch_of(const Keys& keys);
/// patch_size, both sides.
Extent square_patch(const Keys& keys);
/// Gemma4's max_soft_tokens, which one of five numbers is allowed for; the edge of the squares of patches that a soft
/// token stands for, and the patches of all.
std::int64_t soft_tokens(const Keys& keys);
std::int64_t pooling_kernel(const Keys& keys);
std::int64_t pooled_patches(const Keys& keys);
/// The longest list of patches that one image may have.
inline constexpr std::int64_t kMaxPatches = std::int64_t{1} << 24;
/// The longest edge of a patch.
inline constexpr std::int64_t kMaxPatch = 4096;

}  // namespace kir
