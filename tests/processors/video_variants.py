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

VIDEO_VARIANTS = [Variant(f"{base}-{name}", base, keys) for base in BASE_CLASSES for name, keys in BASE.items()] + [
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
]
