"""`kir run --videos` gives what the installed transformers' video processors give: every key, type, shape and element.

Every configuration of configs/video that `kir list --videos` calls supported, and variants of each class. uint8 frames,
numerics `processor`: no difference.
"""

import collections
import json

import numpy
import processor_proof as proof
import pytest
import torch
import transformers
from processor_inputs import noise
from video_variants import VIDEO_VARIANTS

LISTED = {each.name: each for each in proof.listed_configs("--videos")}
SUPPORTED = {name: each for name, each in LISTED.items() if each.supported}
GROUPS = proof.groups(SUPPORTED.values())
each_group = pytest.mark.parametrize("group", GROUPS, ids=[group[0].name for group in GROUPS])

# Lists of videos: (frames, height, width, channels) of each.
ONE = [(5, 97, 131, 3)]
ALIKE = [(4, 90, 60, 3), (4, 90, 60, 3)]
RAGGED = [(9, 61, 113, 3), (1, 140, 45, 3)]
UNEVEN = [(2, 61, 113, 3), (7, 140, 45, 3)]
GREY = [(3, 70, 64, 1), (3, 70, 64, 1)]
BATCHES = {"one": ONE, "alike": ALIKE, "ragged": RAGGED, "uneven": UNEVEN, "grey": GREY, "single": [(1, 50, 80, 3)]}
each_batch = pytest.mark.parametrize("batch", BATCHES)

torch.set_num_threads(1)  # the tests themselves run in parallel


def build(config):
    values = {key: value for key, value in config.items() if key not in ("_provenance", "video_processor_type")}
    return getattr(transformers, config["video_processor_type"])(**values)


def videos_of(shapes, name):
    """(T, C, H, W) tensors."""
    frames = [
        [noise(f"{name} {v} {t}", height, width, channels) for t in range(count)]
        for v, (count, height, width, channels) in enumerate(shapes)
    ]
    return [torch.from_numpy(numpy.stack(video)).permute(0, 3, 1, 2).contiguous() for video in frames]


@pytest.fixture
def check(tmp_path, record_property):
    """Both sides on the same videos; both must refuse, or none."""

    def run(title, config, shapes):
        file = tmp_path / "video_preprocessor_config.json"
        file.write_text(json.dumps(config))
        videos = videos_of(shapes, title)
        paths = []
        for video in videos:
            for frame in video:
                paths.append(tmp_path / f"{len(paths)}.npy")
                numpy.save(paths[-1], frame.numpy())
        arguments = ["--groups", ",".join(str(len(video)) for video in videos)]
        try:
            wanted = proof.expected(build(config), videos, do_sample_frames=False, return_metadata=False)
        except (proof.Refused, ValueError) as refusal:  # a ValueError is the constructor's
            with pytest.raises(proof.Refused):
                proof.actual(file, paths, "cpu", "processor", tmp_path, *arguments)
            record_property("refused", f"{title}: {refusal}")
            return
        ours = proof.actual(file, paths, "cpu", "processor", tmp_path, *arguments)
        difference = proof.compare(ours, wanted, 0.0)
        row = [title, "processor:cpu", difference.max_abs, difference.elements]
        record_property("achieved", row)
        print(*row)
        assert not difference.faults, f"{title}, {shapes}:\n" + "\n".join(difference.faults)

    return run


def test_the_coverage():
    """At least 24 of the 30 classes are built; each configuration of another is refused by the name of its class."""
    classes = json.loads(proof.kir("list", "--videos", "--classes", "--json", "-").stdout)["classes"]
    built = {row["name"] for row in classes if row["recipe"]}
    rows = json.loads(proof.kir("list", "--videos", "--json", "-").stdout)["configs"]
    print(f"{len(built)} of {len(classes)} video classes built, {len(SUPPORTED)} of {len(rows)} configurations planned")
    assert len(classes) == 30
    assert len(built) >= 24
    assert len(rows) == 42
    refused = {row["class"]: row["reason"] for row in rows if not row["supported"]}
    assert refused.keys() - built == {row["name"] for row in classes} - built
    assert all(reason == f"{name} is not built yet" for name, reason in refused.items() if name not in built)
    assert refused.keys() & built == {"VideoLlama3VideoProcessor"}  # by use_token_compression, which is its default


@each_group
@each_batch
def test_processor(group, batch, check):
    check(group[0].name, group[0].config, BATCHES[batch])


@pytest.mark.parametrize("variant", VIDEO_VARIANTS, ids=lambda variant: variant.name)
@each_batch
def test_variant(variant, batch, check):
    check(variant.name, LISTED[variant.base].config | variant.keys, BATCHES[batch])


def test_every_class_has_variants():
    variants = collections.Counter(LISTED[variant.base].config["video_processor_type"] for variant in VIDEO_VARIANTS)
    few = {each.config["video_processor_type"] for each in SUPPORTED.values()} - {
        name for name, count in variants.items() if count >= 2
    }
    assert not few
