"""`kir run` gives what the installed transformers processors give: every output key, its type, shape and elements.

Every configuration that `kir list` calls supported, and variants of some; numerics `processor` on uint8 images within
1e-6, `float32` against `processor(image.float())` within 1e-4.
"""

import json

import processor_proof as proof
import pytest
import torch
from processor_variants import VARIANTS

BOUND = {"processor": 1e-6, "float32": 1e-4}  # in units of the rescaled image
LEVELS = 255.0  # levels to that unit
BACKENDS = ("reference", "cpu")
WHOLE = ("images", "videos")  # built on every backend; of the others at least on the reference
OTHER_OUTPUTS = ("detr", "qwen2_vl", "idefics3", "pix2struct")

torch.set_num_threads(1)  # the tests themselves run in parallel


LISTED = {each.name: each for each in proof.listed_configs()}
SUPPORTED = {name: each for name, each in LISTED.items() if each.supported}
GROUPS = proof.groups(SUPPORTED.values(), OTHER_OUTPUTS)
each_group = pytest.mark.parametrize("group", GROUPS, ids=[group[0].name for group in GROUPS])
each_numerics = pytest.mark.parametrize("numerics", BOUND)


@pytest.fixture
def check(tmp_path, record_property):
    """Runs both sides on image files and compares; both must refuse, or none.

    "compared" and "found" are for reports/record_processors.py: which configurations a test is of, and what it found.
    """

    def run(title, writes, files, config, paths, numerics, unit=1.0, names=None):
        names = names or [file.stem for file in files]
        record_property("compared", json.dumps({"configs": names, "numerics": numerics}))
        try:
            wanted = proof.expected(proof.build_processor(config), proof.read_images(paths, numerics))
        except proof.Refused as refusal:
            wanted, why = None, refusal
        faults = []
        for backend in BACKENDS:
            achieved = proof.Difference()
            bounds = proof.FLOAT_DOMAIN | (proof.BFLOAT16_DOMAIN if numerics == "float32" else {})
            own = bounds.get(config["image_processor_type"], 0.0) if backend == "cpu" else 0.0
            bound = unit * max(BOUND[numerics], own)
            for file in files:
                who = f"{file.stem}, {backend}"
                try:
                    ours = proof.actual(file, paths, backend, numerics, tmp_path)
                except proof.Refused as refusal:
                    if wanted is None:
                        record_property("refused", f"{title}: {[path.stem for path in paths]}")
                    elif "does not support this plan" in str(refusal) and backend == "cpu" and writes not in WHOLE:
                        record_property("not_on_cpu", title)
                    else:
                        faults.append(f"{who}: only kir refuses: {refusal}")
                    continue
                if wanted is None:
                    faults.append(f"{who}: only the processor refuses: {why}")
                    continue
                difference = proof.compare(ours, wanted, bound)
                difference.faults = [f"{who}: {fault}" for fault in difference.faults]
                achieved.join(difference)
            if achieved.elements:
                row = [title, f"{numerics}:{backend}", achieved.max_abs, achieved.elements]
                record_property("achieved", row)
                found = {"elements": achieved.elements, "max_abs": achieved.max_abs / unit}
                record_property("found", json.dumps(found))
                print(*row)
            faults += achieved.faults
        assert not faults, f"{title}, numerics {numerics}, images {[path.name for path in paths]}:\n" + "\n".join(
            faults
        )

    return run


def few(images, config):
    """A ragged list of photographs and noise; shorter where the outputs are large."""
    large = any(edge >= 500 for edge in config.get("size", {}).values()) or has_many_tiles(config)
    return images.photographs[:2] + images.noise[:1] if large else images.photographs + images.noise


def has_many_tiles(config):
    """Whether a small image, too, becomes many megabytes: PerceptionLM's 36 tiles of 448 x 448."""
    return config.get("max_num_tiles", 0) > 16


def test_the_coverage():
    """At least 60 model types write images, without those of a bound of their own; and four write otherwise."""
    whole = [
        each.name
        for each in SUPPORTED.values()
        if each.writes in WHOLE and each.config["image_processor_type"] not in proof.FLOAT_DOMAIN
    ]
    print(f"{len(SUPPORTED)} model types supported, {len(whole)} that write images, {len(GROUPS)} configurations")
    assert len(whole) >= 60
    assert set(OTHER_OUTPUTS) <= SUPPORTED.keys()


@each_group
def test_processor(group, check, images):
    first = group[0]
    files = [each.file for each in group]
    check(first.name, first.writes, files, first.config, few(images, first.config), "processor")


@each_group
def test_float32(group, check, images):
    first = group[0]
    check(first.name, first.writes, [first.file], first.config, few(images, first.config), "float32")


def batches(config, paths, numerics):
    """One image that a class refuses refuses its batch: those alone, the others together."""
    processor = proof.build_processor(config)

    def takes(some):
        try:
            proof.expected(processor, proof.read_images(some, numerics))
        except proof.Refused:
            return False
        return True

    if takes(paths):
        return [paths]
    accepted = [path for path in paths if takes([path])]
    alone = [[path] for path in paths if path not in accepted]
    return [accepted, *alone] if accepted else alone


@each_group
@each_numerics
def test_edge_sizes(group, numerics, check, images):
    """Images of one pixel, row or column."""
    first = group[0]
    edges = images.edges if first.writes in WHOLE else images.edges + images.extreme
    if has_many_tiles(first.config):
        edges = edges[:2] + edges[-1:]
    for paths in batches(first.config, edges, numerics):
        check(first.name, first.writes, [first.file], first.config, paths, numerics)


@each_group
@each_numerics
def test_one_channel(group, numerics, check, images):
    first = group[0]
    check(first.name, first.writes, [first.file], first.config, images.grey, numerics)


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
@each_numerics
def test_variant(variant, numerics, check, images, tmp_path):
    base = LISTED[variant.base]
    config = base.config | variant.keys
    file = tmp_path / f"{variant.base}.json"
    file.write_text(json.dumps(config))
    unit = LEVELS if variant.levels else 1.0
    for paths in batches(config, images.photographs[:2] + images.noise[:1] + images.edges[-1:], numerics):
        check(variant.name, base.writes, [file], config, paths, numerics, unit)


def test_a_planted_fault_is_seen():
    """The comparison sees one wrong element, a NaN, another type, shape or key."""
    good = {"pixel_values": torch.zeros(2, 3, 4, 4), "grid": torch.ones(2, 3, dtype=torch.int64)}
    assert not proof.compare(good, good, 1e-6).faults
    wrong, nan = good["pixel_values"].clone(), good["pixel_values"].clone()
    wrong[1, 2, 3, 3] = 2e-6
    nan[0, 0, 0, 0] = float("nan")
    for planted in (
        good | {"pixel_values": wrong},
        good | {"pixel_values": nan},
        good | {"pixel_values": good["pixel_values"].double()},
        good | {"pixel_values": good["pixel_values"][:, :, :2]},
        good | {"grid": good["grid"] * 2},
        {"pixel_values": good["pixel_values"]},
        good | {"more": good["grid"]},
    ):
        assert proof.compare(planted, good, 1e-6).faults
