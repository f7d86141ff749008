"""Random configurations near a class's own, on images of random sizes: both sides give the same, or both refuse.

KIR_FUZZ cases (500; `make fuzz`: 5,000), drawn from KIR_TEST_SEED; a case that failed is `case(seed, number)`. Each
disagreement that a run found is fixed, and is a row of FOUND.
"""

import os
from collections import Counter

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy
import processor_agreement as agreement
import processor_inputs as inputs
import processor_perturbations as perturbations
import processor_proof as proof
import pytest
import torch
from kernel_image_resize import _ops

torch.set_num_threads(1)  # the tests themselves run in parallel

CASES = int(os.environ.get("KIR_FUZZ", 500))
CHUNKS = 20
PLANNED = proof.planned(_ops.processor_info)
CONFIGS = {each.name: perturbations.small(each.config) for each in PLANNED}
UNLIKE = sorted(group[0].name for group in proof.groups(PLANNED))  # one of those that say the same


def case(seed, number):
    """(model type, changed keys, images)."""
    random = numpy.random.default_rng([seed, number])
    name = str(random.choice(UNLIKE))
    keys = perturbations.drawn(CONFIGS[name], random)
    return name, keys, [torch.from_numpy(image) for image in perturbations.drawn_images(random)]


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_random_configurations_and_sizes(chunk, record_property):
    counts, faults = Counter(), []
    for number in range(chunk, CASES, CHUNKS):
        name, keys, images = case(inputs.SEED, number)
        found = agreement.agreement(CONFIGS[name] | keys, images)
        counts[found.kind] += 1
        if found.kind not in agreement.ACCEPTED:
            sizes = [tuple(image.shape) for image in images]
            faults.append(f"case({inputs.SEED}, {number}): {name} {keys} on {sizes}: {found.kind}: {found.detail}")
    record_property("outcomes", dict(counts))
    assert not faults, "\n".join(faults)
    assert counts[agreement.EQUAL] > 0, dict(counts)


# What a run found: (model type, keys, sizes of the images, the outcome that is right).
GREY = [(1, 62, 167)]
FOUND = [
    # torch divides in place: deviations of three channels do not make three of one, a mean does.
    ("efficientnet", {"do_normalize": False}, GREY, agreement.BOTH_REFUSE),
    ("efficientnet", {"rescale_offset": True, "image_mean": 0.2}, GREY, agreement.BOTH_REFUSE),
    ("vit", {"image_mean": 0.5}, GREY, agreement.BOTH_REFUSE),
    ("vit", {"image_mean": [0.5], "do_rescale": False}, GREY, agreement.BOTH_REFUSE),
    ("dinov3_vit", {"image_mean": 0.4}, GREY, agreement.BOTH_REFUSE),
    ("vit", {"image_std": 0.5}, GREY, agreement.EQUAL),
    ("vit", {"image_mean": 0.5}, [(3, 62, 167)], agreement.EQUAL),
    # A resize by the widest image is Pillow's where LANCZOS asks for Pillow, and antialiased then.
    ("pp_ocrv6_small_rec", {"resample": 1}, [(3, 1, 1), (3, 131, 3), (3, 1, 166)], agreement.EQUAL),
    # Perceiver crops a row to nothing, and gives an empty tensor.
    ("perceiver", {"do_resize": False}, [(3, 159, 163), (3, 1, 118)], agreement.NOTHING),
]


@pytest.mark.parametrize(("name", "keys", "sizes", "outcome"), FOUND, ids=[f"{n} {k} {s}" for n, k, s, _ in FOUND])
def test_what_a_run_found(name, keys, sizes, outcome):
    images = [inputs.chw(inputs.noise("found", height, width, channels)) for channels, height, width in sizes]
    found = agreement.agreement(CONFIGS[name] | keys, images)
    assert found.kind == outcome, found


def test_the_cases_follow_from_the_seed():
    for number in range(20):
        (name, keys, images), again = case(7, number), case(7, number)
        assert (name, keys) == again[:2] and all(map(torch.equal, images, again[2]))
        assert keys
    assert len({str(case(7, number)[1]) for number in range(20)}) > 15
