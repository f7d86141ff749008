"""Configurations of videos as checkpoints change them: a file with some keys replaced, each to reach one rule."""

from processor_variants import Variant, box, shortest

# What the class computes with beyond its file's values: SIZE and crop of the base class, grey frames, switches.
BASE = {
    "oblong": {"size": box(61, 107), "do_center_crop": False},
    "no-resize": {"do_resize": False, "do_center_crop": False},
    "crop-beyond": {"size": shortest(50), "crop_size": box(71, 90), "do_center_crop": True},
    "bicubic-edges": {"size": {"shortest_edge": 64, "longest_edge": 80}, "resample": 3, "do_center_crop": False},
}
BASE_CLASSES = (
    "instructblipvideo",
    "internvl",
    "llava_next_video",
    "llava_onevision",
    "perception_lm",
    "timesformer",
    "video_llava",
    "videomae",
    "videomt",
    "vivit",
)


def pixels(least, most):
    return {"shortest_edge": least, "longest_edge": most}


# Packed tokens: pixel budgets that some of the videos of the tests break on either side.
PACKED = {
    "small": {"size": pixels(2000, 40000)},
    "patch-8": {"size": pixels(500, 9000), "patch_size": 8, "merge_size": 1},
    "bilinear": {"size": pixels(60000, 150000), "resample": 2, "do_normalize": False, "merge_size": 3},
}
PACKED_CLASSES = ("cohere_compass", "cosmos3_edge", "glm46v", "glm4v", "glmga", "qwen2_vl", "qwen3_vl")
CAPPED = {"cap_pixels_per_frame": True, "size": pixels(900, 60000)}

RESIZED = {
    "do_convert_rgb": True,
    "do_resize": True,
    "do_rescale": True,
    "do_normalize": True,
    "image_mean": [0.5, 0.4, 0.3],
    "image_std": [0.2, 0.3, 0.4],
}
SAMPLING = {"max_frames": 64, "fps": 1, "video_size": {"longest_edge": 100}}
ALL_TOKENS = {"use_token_compression": False, "return_metadata": False}

VIDEO_VARIANTS = [
    *(Variant(f"{base}-{name}", base, keys) for base in BASE_CLASSES for name, keys in BASE.items()),
    *(Variant(f"{base}-{name}", base, keys) for base in PACKED_CLASSES for name, keys in PACKED.items()),
    # Switches and values
    Variant("videomae-levels", "videomae", {"do_rescale": False, "do_normalize": False}, levels=True),
    Variant("videomae-no-rescale", "videomae", {"do_rescale": False}, levels=True),
    Variant("videomae-no-normalize", "videomae", {"do_normalize": False}),
    Variant("videomae-int-sizes", "videomae", {"size": 96, "crop_size": 80}),
    Variant("videomae-no-rgb", "videomae", {"do_convert_rgb": False}),
    Variant("internvl-nearest", "internvl", {"resample": 0, "size": 97}),
    Variant("llava-onevision-list", "llava_onevision", {"size": [40, 90]}),
    Variant("vivit-no-normalize", "vivit", {"do_normalize": False}),
    Variant("vivit-no-rescale", "vivit", {"do_rescale": False}, levels=True),
    Variant("vivit-factor-1", "vivit", {"rescale_factor": 1}, levels=True),
    Variant("vjepa2-crop-100", "vjepa2", {"crop_size": 100}),
    Variant("vjepa2-crop-box", "vjepa2", {"crop_size": box(64, 90), "size": shortest(7)}),
    Variant("vjepa2-no-crop", "vjepa2", {"do_center_crop": False, "crop_size": 77}),
    Variant("vjepa2-rgb", "vjepa2", {"do_convert_rgb": True, "do_rescale": False}, levels=True),
    # Rules of pixel budgets
    *(
        Variant(f"{base}-cap-{tokens}", base, {**CAPPED, "max_video_tokens": tokens})
        for base in ("cohere_compass", "qwen2_vl", "qwen3_vl")
        for tokens in (1, 12, 60, 100000)
    ),
    Variant("qwen2-vl-min-max", "qwen2_vl", {"min_pixels": 1000, "max_pixels": 9000}),
    Variant("qwen2-vl-max-alone", "qwen2_vl", {"max_pixels": 200000, "size": pixels(50000, 60000)}),
    Variant("qwen2-vl-temporal-3", "qwen2_vl", {"temporal_patch_size": 3, "size": pixels(2000, 40000)}),
    Variant("qwen2-vl-temporal-1", "qwen2_vl", {"temporal_patch_size": 1, "size": pixels(2000, 40000)}),
    Variant("qwen2-vl-no-resize", "qwen2_vl", {"do_resize": False}),
    Variant("qwen2-vl-no-rgb", "qwen2_vl", {"do_convert_rgb": False, "size": pixels(2000, 40000)}),
    Variant("qwen2-vl-levels", "qwen2_vl", {"do_rescale": False, "do_normalize": False}, levels=True),
    Variant("qwen2-vl-no-size", "qwen2_vl", {"size": box(56, 84)}),
    Variant("qwen3-vl-temporal-1", "qwen3_vl", {"temporal_patch_size": 1, "size": pixels(2000, 40000)}),
    Variant("qwen3-vl-temporal-4", "qwen3_vl", {"temporal_patch_size": 4, "size": pixels(2000, 40000)}),
    Variant("cosmos3-temporal-2", "cosmos3_edge", {"temporal_patch_size": 2}),
    Variant("glmga-expand-2", "glmga", {"patch_expand_factor": 2, "size": pixels(2000, 40000)}),
    Variant("minimax-small", "minimax_m3_vl", {"min_pixels": 3000, "max_pixels": 9000}),
    Variant("minimax-large", "minimax_m3_vl", {"min_pixels": 90000, "max_pixels": 100000, "resample": 2}),
    Variant("minimax-merge-1", "minimax_m3_vl", {"merge_size": 1, "patch_size": 9, "temporal_patch_size": 3}),
    Variant("muse-144", "muse_glimmer", {"max_video_frame_tokens": 12}),
    Variant("muse-patch-7", "muse_glimmer", {"patch_size": 7, "merge_size": 3, "resample": 2}),
    Variant("muse-temporal-3", "muse_glimmer", {"temporal_patch_size": 3, "do_rescale": False}, levels=True),
    # Padding, and outputs besides the pixels
    Variant("pe-video-224", "pe_video", {**RESIZED, "size": box(40, 62)}),
    Variant("pe-video-crop", "pe_video", {**RESIZED, "size": 64, "do_center_crop": True, "crop_size": 50}),
    Variant("pe-video-bicubic", "pe_video", {**RESIZED, "size": [50, 60], "resample": 3, "do_normalize": False}),
    Variant("sam2-small", "sam2_video", {"size": box(64, 99)}),
    Variant("sam2-no-resize", "sam2_video", {"do_resize": False}),
    Variant("smolvlm-no-pad", "smolvlm", {"do_pad": False, "size": {"longest_edge": 90}}),
    Variant("smolvlm-no-resize", "smolvlm", {"do_resize": False}),
    Variant("smolvlm-box", "smolvlm", {"size": box(97, 60), "max_image_size": {"longest_edge": 77}, "resample": 3}),
    Variant("smolvlm-5000", "smolvlm", {"size": {"longest_edge": 5000}, "do_normalize": False}),
    Variant("smolvlm-sampling", "smolvlm", {"video_sampling": SAMPLING}),
    Variant("llama3-all-tokens", "video_llama_3", ALL_TOKENS),
    Variant("llama3-temporal-2", "video_llama_3", {**ALL_TOKENS, "temporal_patch_size": 2, "size": pixels(900, 60000)}),
    Variant("llama3-merge-1", "video_llama_3", {**ALL_TOKENS, "merge_size": 1, "patch_size": 16, "resample": 2}),
    Variant("llama3-few-pixels", "video_llama_3", {**ALL_TOKENS, "size": pixels(1, 4)}),
]
