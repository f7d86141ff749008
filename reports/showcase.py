"""What the report shows on photographs: which processors, on which picture."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Shown:
    config: str  # a file of configs/processors
    photographs: tuple[str, ...]
    words: str  # one sentence for a reader who does not know the class

    @property
    def name(self) -> str:
        return f"{self.config}-{'-'.join(self.photographs)}"


# One image in, one image out: each is computed by three backend and numerics pairs and compared.
PROCESSORS = [
    Shown("clip", ("coffee",), "Shortest edge, then a centre window: only the window is computed."),
    Shown("siglip", ("chelsea",), "Stretched to a square; the aspect ratio is not kept."),
    Shown("vit", ("astronaut",), "Stretched to a square with the bilinear filter."),
    Shown("convnext", ("rocket",), "The size rule depends on the crop share and on the target's size."),
    Shown("levit", ("hubble_deep_field",), "Its shortest edge is longer than its name says: the size is scaled first."),
    Shown(
        "mobilevit", ("retina",), "This class reverses the channels (BGR), so red and blue are exchanged in its result."
    ),
]

# One processor of each other shape of output.
PAD = Shown(
    "detr", ("chelsea", "astronaut"), "A batch is padded to its largest height and width; a mask marks the real pixels."
)
PATCHES = Shown(
    "qwen2_vl", ("coffee",), "Patches in the order in which the model merges them, put back to their places here."
)
TILES = Shown("idefics3", ("rocket",), "A large canvas cut to tiles, and the whole picture once more as the last tile.")
STATISTICS = Shown(
    "pix2struct", ("chelsea",), "Patches with their row and column, normalised by the picture's own mean and deviation."
)

BEYOND = [PAD, PATCHES, TILES, STATISTICS]

# The picture of the README.
README = PROCESSORS[0]


def photographs() -> list[str]:
    """Every photograph shown, once, in order."""
    return list(dict.fromkeys(name for shown in PROCESSORS + BEYOND for name in shown.photographs))
