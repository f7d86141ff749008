"""Configurations as checkpoints change them: a class's file with some keys replaced, each to reach one rule."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Variant:
    name: str
    base: str  # a model type: its file is the start
    keys: dict  # replace the file's; None = null, as checkpoints write it
    levels: bool = False  # the output is in levels of 0..255, not in units of the rescaled image


def shortest(edge):
    return {"shortest_edge": edge}


def box(height, width):
    return {"height": height, "width": width}


VARIANTS = [
    # Size keys
    Variant("clip-336", "clip", {"size": shortest(336), "crop_size": box(336, 336)}),
    Variant("clip-int-sizes", "clip", {"size": 112, "crop_size": 96}),
    Variant("vit-int-size", "vit", {"size": 96}),
    Variant("vit-list-size", "vit", {"size": [90, 130]}),
    Variant("dinov2-256-224", "dinov2", {"size": shortest(256), "crop_size": box(224, 224)}),
    Variant("siglip-oblong", "siglip", {"size": box(113, 301)}),
    Variant("siglip-shortest", "siglip", {"size": shortest(75)}),
    Variant("siglip-shortest-longest", "siglip", {"size": {"shortest_edge": 75, "longest_edge": 101}}),
    Variant("siglip-max-box", "siglip", {"size": {"max_height": 90, "max_width": 120}}),
    Variant("clip-no-crop", "clip", {"size": shortest(64), "do_center_crop": False}),
    # Crops larger than the image, on one axis and on both
    Variant("clip-crop-larger", "clip", {"size": shortest(60), "crop_size": box(97, 131)}),
    Variant("clip-crop-mixed", "clip", {"size": box(50, 200), "crop_size": box(101, 99)}),
    Variant("clip-crop-mixed-odd", "clip", {"size": box(201, 50), "crop_size": box(98, 111)}),
    Variant("vit-crop-source", "vit", {"do_resize": False, "do_center_crop": True, "crop_size": box(230, 230)}),
    # Switches
    Variant("vit-no-resize", "vit", {"do_resize": False}),
    Variant("vit-no-rescale", "vit", {"do_rescale": False}, levels=True),
    Variant("vit-no-normalize", "vit", {"do_normalize": False}),
    Variant("clip-levels", "clip", {"do_rescale": False, "do_normalize": False, "size": shortest(80)}, levels=True),
    Variant("vit-nothing", "vit", {"do_resize": False, "do_rescale": False, "do_normalize": False}, levels=True),
    Variant("vit-null-switches", "vit", {"do_center_crop": None, "do_convert_rgb": None, "do_normalize": None}),
    Variant("vit-null-resample", "vit", {"resample": None}),
    Variant("vit-null-mean", "vit", {"image_mean": None}),
    Variant("vit-scalar-mean", "vit", {"image_mean": 0.45, "image_std": 0.225}),
    Variant("vit-rescale-127", "vit", {"rescale_factor": 1 / 127.5, "image_mean": [1.0, 0.9, 1.1]}),
    Variant("clip-pad", "clip", {"do_pad": True, "pad_size": box(250, 300)}),
    Variant("vit-pad-batch", "vit", {"do_pad": True, "size": shortest(50)}),
    # Filters: PIL's integers
    Variant("vit-nearest", "vit", {"resample": 0}),
    Variant("vit-lanczos", "vit", {"resample": 1}),
    Variant("vit-bicubic", "vit", {"resample": 3}),
    Variant("vit-box", "vit", {"resample": 4}),
    Variant("vit-hamming", "vit", {"resample": 5}),
    Variant("doclayout-bilinear", "pp_doclayout_v2", {"resample": 2, "size": box(123, 211)}),
    Variant("doclayout-nearest", "pp_doclayout_v2", {"resample": 0, "size": box(123, 211)}),
    # Classes with rules of their own
    Variant("dpt-518", "dpt", {"keep_aspect_ratio": True, "ensure_multiple_of": 14, "size": box(518, 518)}),
    Variant("dpt-oblong", "dpt", {"keep_aspect_ratio": True, "ensure_multiple_of": 4, "size": box(100, 203)}),
    Variant("dpt-width-0", "dpt", {"keep_aspect_ratio": True, "ensure_multiple_of": 32, "size": box(100, 203)}),
    Variant("prompt-depth-196", "prompt_depth_anything", {"ensure_multiple_of": 14, "size": box(196, 196)}),
    Variant("prompt-depth-pad", "prompt_depth_anything", {"do_pad": True, "size_divisor": 30, "size": box(196, 100)}),
    Variant("prompt-depth-no-divisor", "prompt_depth_anything", {"do_pad": True, "size": box(196, 100)}),
    Variant("dpt-no-divisor", "dpt", {"do_pad": True, "size": box(196, 100)}),
    Variant("convnext-224", "convnext", {"size": shortest(224), "crop_pct": 0.875}),
    Variant("convnext-100", "convnext", {"size": shortest(100), "crop_pct": 0.95, "resample": 2}),
    Variant("levit-box", "levit", {"size": box(111, 99)}),
    Variant("poolformer-square", "poolformer", {"size": box(100, 100), "crop_pct": 0.95}),
    Variant("poolformer-oblong", "poolformer", {"size": box(100, 140), "crop_pct": 0.95}),
    Variant("poolformer-no-pct", "poolformer", {"crop_pct": None}),
    Variant("efficientnet-offset", "efficientnet", {"rescale_offset": True, "include_top": False}),
    Variant("efficientnet-offset-top", "efficientnet", {"rescale_offset": True, "rescale_factor": 1 / 127.5}),
    Variant("efficientnet-no-affine", "efficientnet", {"do_rescale": False, "do_normalize": False}, levels=True),
    Variant("efficientnet-crop", "efficientnet", {"do_center_crop": True}),
    Variant("mobilevit-rgb", "mobilevit", {"do_flip_channel_order": False}),
    Variant("mobilevit-levels", "mobilevit", {"do_rescale": False}, levels=True),
    Variant("pp-lcnet-divisor", "pp_lcnet", {"size_divisor": 32, "resize_short": 100}),
    Variant("pp-lcnet-size", "pp_lcnet", {"resize_short": None, "size": box(300, 200)}),
    Variant("perceiver-crop", "perceiver", {"size": box(200, 150), "crop_size": box(160, 190)}),
    Variant("perceiver-no-crop", "perceiver", {"do_center_crop": False}),
    Variant("llava-pad", "llava", {"do_pad": True}),
    Variant("sapiens2-pad", "sapiens2", {"do_pad": True, "size": box(160, 120)}),
    Variant("rt-detr-aspect", "rt_detr", {"size": {"shortest_edge": 60, "longest_edge": 99}, "do_pad": True}),
    Variant("dinov3-no-rescale", "dinov3_vit", {"do_rescale": False}, levels=True),
    Variant("dinov3-levels", "dinov3_vit", {"do_rescale": False, "do_normalize": False}, levels=True),
    Variant("dinov3-crop", "dinov3_vit", {"do_center_crop": True, "crop_size": box(180, 256)}),
    Variant("depth-pro-small", "depth_pro", {"size": box(150, 333)}),
    Variant(
        "depth-pro-levels", "depth_pro", {"size": box(99, 99), "do_rescale": False, "do_normalize": False}, levels=True
    ),
    Variant("layoutlmv2-oblong", "layoutlmv2", {"size": box(130, 99), "apply_ocr": False}, levels=True),
    Variant("layoutlmv3-crop", "layoutlmv3", {"apply_ocr": False, "do_center_crop": True, "crop_size": box(300, 150)}),
    Variant("gemma3-no-resize", "gemma3", {"do_resize": False}),
    Variant("imagegpt-pixels", "imagegpt", {"do_color_quantize": False}),
    # Padding to the batch, patches, tiles, statistics
    Variant("detr-small", "detr", {"size": {"shortest_edge": 200, "longest_edge": 333}}),
    Variant("detr-pad-size", "detr", {"size": box(90, 120), "pad_size": box(130, 140)}),
    Variant("detr-no-pad", "detr", {"size": box(90, 120), "do_pad": False}),
    Variant("qwen2-vl-16", "qwen2_vl", {"patch_size": 16, "size": {"shortest_edge": 4096, "longest_edge": 65536}}),
    Variant("qwen2-vl-merge-1", "qwen2_vl", {"merge_size": 1, "temporal_patch_size": 1}),
    Variant("qwen2-vl-pixels", "qwen2_vl", {"min_pixels": 12544, "max_pixels": 50176}),
    Variant("ernie-16", "ernie4_5_vl_moe", {"patch_size": 16, "size": {"shortest_edge": 4096, "longest_edge": 65536}}),
    Variant("ernie-merge-3", "ernie4_5_vl_moe", {"merge_size": 3, "temporal_patch_size": 2, "resample": 2}),
    Variant("ernie-off", "ernie4_5_vl_moe", {"do_rescale": False, "do_normalize": False}, levels=True),
    Variant("minimax-672", "minimax_m3_vl", {"size": [672, 672], "image_mean": 0.5, "image_std": 0.25}),
    Variant("minimax-pixels", "minimax_m3_vl", {"min_pixels": 12544, "max_pixels": 50176}),
    Variant("minimax-merge-1", "minimax_m3_vl", {"merge_size": 1, "patch_size": 7, "resample": 0}),
    Variant("videollama3-merge-2", "video_llama_3", {"merge_size": 2, "temporal_patch_size": 2}),
    Variant("videollama3-pixels", "video_llama_3", {"max_pixels": 50176, "do_normalize": False}),
    Variant("videollama3-no-resize", "video_llama_3", {"do_resize": False, "patch_size": 1}),
    Variant("glm-image-pixels", "glm_image", {"min_pixels": 90000, "max_pixels": 160000}),
    Variant("glm-image-merge-1", "glm_image", {"merge_size": 1, "temporal_patch_size": 1, "resample": 2}),
    Variant("glm-image-no-rescale", "glm_image", {"do_rescale": False}, levels=True),
    Variant("glm4v-merge-1", "glm4v", {"merge_size": 1, "temporal_patch_size": 1}),
    Variant("glm4v-small", "glm4v", {"size": {"shortest_edge": 3136, "longest_edge": 50176}, "resample": 2}),
    Variant("glm4v-3-frames", "glm4v", {"temporal_patch_size": 3, "patch_size": 16, "do_normalize": False}),
    Variant("glm46v-pixels", "glm46v", {"min_pixels": 3136}),
    Variant("glm46v-small", "glm46v", {"size": {"shortest_edge": 3136, "longest_edge": 20000}, "resample": 1}),
    Variant("glm46v-no-resize", "glm46v", {"do_resize": False, "patch_size": 1, "merge_size": 1}),
    Variant("glmga-expand-2", "glmga", {"patch_expand_factor": 2}),
    Variant("glmga-expand-3", "glmga", {"patch_expand_factor": 3, "patch_size": 8, "merge_size": 1}),
    Variant("glmga-levels", "glmga", {"do_rescale": False, "do_normalize": False}, levels=True),
    Variant("cosmos3-frames", "cosmos3_edge", {"temporal_patch_size": 2, "patch_size": 8}),
    Variant("cosmos3-merge-1", "cosmos3_edge", {"merge_size": 1, "do_normalize": False}),
    Variant("cosmos3-small", "cosmos3_edge", {"size": {"shortest_edge": 1024, "longest_edge": 20000}, "resample": 2}),
    Variant("hunyuan-frames", "hunyuan_vl", {"temporal_patch_size": 2, "min_pixels": 1024, "max_pixels": 65536}),
    Variant("hunyuan-bilinear", "hunyuan_vl", {"resample": 2, "merge_size": 1}),
    Variant("hunyuan-no-normalize", "hunyuan_vl", {"do_normalize": False, "max_pixels": 262144}),
    Variant("paddleocr-frames", "paddleocr_vl", {"temporal_patch_size": 2, "max_pixels": 200000}),
    Variant("paddleocr-no-resize", "paddleocr_vl", {"do_resize": False, "patch_size": 1}),
    Variant("paddleocr-merge-1", "paddleocr_vl", {"merge_size": 1, "min_pixels": 10000, "max_pixels": 90000}),
    Variant("muse-256", "muse_glimmer", {"max_image_tokens": 256}),
    Variant("muse-7", "muse_glimmer", {"max_image_tokens": 7, "patch_size": 16, "merge_size": 1}),
    Variant("muse-no-filter", "muse_glimmer", {"resample": None, "temporal_patch_size": 1, "max_image_tokens": 99}),
    Variant("idefics3-whole", "idefics3", {"do_image_splitting": False}),
    Variant("idefics3-500", "idefics3", {"size": {"longest_edge": 500}, "max_image_size": {"longest_edge": 200}}),
    Variant("idefics3-one", "idefics3", {"size": {"longest_edge": 100}, "max_image_size": {"longest_edge": 128}}),
    # Tiles of `size`
    Variant("got-ocr2-tiles", "got_ocr2", {"crop_to_patches": True, "size": box(90, 70)}),
    Variant(
        "got-ocr2-least", "got_ocr2", {"crop_to_patches": True, "min_patches": 3, "max_patches": 5, "size": box(60, 80)}
    ),
    Variant("got-ocr2-one", "got_ocr2", {"crop_to_patches": True, "max_patches": 0, "do_resize": False}),
    Variant("got-ocr2-ragged", "got_ocr2", {"do_resize": False, "do_normalize": False}),
    Variant("got-ocr2-shortest", "got_ocr2", {"crop_to_patches": True, "size": shortest(60)}),
    Variant("cohere2-small", "cohere2_vision", {"size": box(80, 80), "max_patches": 7, "resample": 2}),
    Variant("cohere2-oblong", "cohere2_vision", {"size": box(50, 120), "do_rescale": False}, levels=True),
    Variant("cohere2-whole", "cohere2_vision", {"size": box(64, 64), "crop_to_patches": False}),
    Variant("cohere2-none", "cohere2_vision", {"size": box(64, 64), "max_patches": 0}),
    Variant("ovis2-covering", "ovis2", {"crop_to_patches": True, "size": box(70, 90)}),
    Variant("ovis2-closest", "ovis2", {"crop_to_patches": True, "use_covering_area_grid": False, "size": box(81, 80)}),
    Variant(
        "ovis2-window",
        "ovis2",
        {"crop_to_patches": True, "size": box(80, 80), "do_center_crop": True, "crop_size": box(70, 91)},
    ),
    Variant("ovis2-one", "ovis2", {"crop_to_patches": True, "max_patches": 1, "size": shortest(50)}),
    # Rows of tokens
    Variant("siglip2-1024", "siglip2", {"max_num_patches": 1024, "resample": 3}),
    Variant("siglip2-7", "siglip2", {"max_num_patches": 7, "patch_size": 14, "do_normalize": False}),
    Variant("siglip2-levels", "siglip2", {"do_rescale": False, "do_normalize": False, "resample": 0}, levels=True),
    Variant("siglip2-no-resize", "siglip2", {"do_resize": False, "patch_size": 1, "max_num_patches": 300000}),
    Variant("siglip2-no-filter", "siglip2", {"resample": None, "max_num_patches": 64}),
    Variant("gemma4-70", "gemma4", {"max_soft_tokens": 70, "do_normalize": True}),
    Variant("gemma4-nearest", "gemma4", {"resample": 0, "pooling_kernel_size": 1, "max_soft_tokens": 140}),
    Variant("gemma4-levels", "gemma4", {"do_rescale": False, "pooling_kernel_size": 2, "resample": 2}, levels=True),
    Variant("gemma4-lanczos", "gemma4", {"resample": 1}),
    Variant("gemma4-no-resize", "gemma4", {"do_resize": False, "patch_size": 1, "pooling_kernel_size": 30}),
    Variant("gemma4-unified-70", "gemma4_unified", {"max_soft_tokens": 70, "patch_size": 14, "do_normalize": True}),
    Variant("gemma4-unified-kernel-2", "gemma4_unified", {"pooling_kernel_size": 2, "resample": 2}),
    Variant("gemma4-unified-levels", "gemma4_unified", {"do_rescale": False, "max_soft_tokens": 140}, levels=True),
    Variant("kosmos2.5-128", "kosmos-2.5", {"max_patches": 128, "patch_size": box(8, 12)}),
    Variant("kosmos2.5-levels", "kosmos-2.5", {"do_normalize": False, "max_patches": 300}, levels=True),
    Variant("kosmos2.5-int-patch", "kosmos-2.5", {"patch_size": 14, "max_patches": 1000}),
    Variant("pix2struct-128", "pix2struct", {"max_patches": 128, "patch_size": box(8, 12)}),
    Variant("pix2struct-levels", "pix2struct", {"do_normalize": False, "max_patches": 300}, levels=True),
]
