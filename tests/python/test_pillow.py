"""The Pillow processors of transformers: the bits of the Pillow that is installed, by install and by backend="pil"."""

import os
from collections import Counter

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy
import PIL
import processor_agreement as agreement
import processor_inputs as inputs
import processor_perturbations as perturbations
import processor_proof as proof
import pytest
import torch
import transformers
from kernel_image_resize import Preprocessor, _arithmetic, _ops, install
from kernel_image_resize.preprocessor import Unplanned

torch.set_num_threads(1)  # the tests themselves run in parallel

CONFIGS = {each.name: perturbations.small(each.config) for each in proof.planned(_ops.processor_info)}
TWINS = [
    group[0].name
    for group in proof.groups(proof.planned(_ops.processor_info))
    if hasattr(transformers, group[0].config["image_processor_type"] + "Pil")
]


def images():
    return [inputs.photograph("chelsea.png").resize((113, 75)), inputs.noise("pillow", 61, 80)]


def batch(config):
    """All images, or one where they become of different shapes, which no tensor holds."""
    try:
        proof.build_processor(config, pil=True)(images(), return_tensors="pt")
    except Exception:
        return images()[:1]
    return images()


def compare(name, perturbed):
    counts, faults = Counter(), []
    for keys in perturbed:
        config = CONFIGS[name] | keys
        found = agreement.agreement(config, batch(config), pil=True)
        counts[found.kind] += 1
        if found.kind not in agreement.ACCEPTED:
            faults.append(f"{name} {keys}: {found.kind}: {found.detail}")
    print(f"{name}: {dict(counts)}")
    assert not faults, f"KIR_TEST_SEED={inputs.SEED}:\n" + "\n".join(faults)


@pytest.mark.parametrize("name", TWINS)
def test_every_twin(name):
    """As the file has it, with each filter of Pillow, other sizes and other levels: no bit differs."""
    config = CONFIGS[name]
    filters = [{"resample": number} for number in range(6)] if "resample" in config else []
    compare(name, [{}, *filters, *perturbations.other_sizes(config), *perturbations.other_levels(config)[2:]])


def test_there_are_twins():
    print(f"{len(TWINS)} unlike configurations whose class has a Pillow twin")
    assert len(TWINS) >= 50


@pytest.mark.parametrize("name", ["clip", "detr", "beit", "idefics3"])
def test_arrays_in_place_of_tensors(name, planned_calls):
    config = CONFIGS[name]
    wanted = proof.build_processor(config, pil=True)(images()[:1], return_tensors="np")
    found = install(proof.build_processor(config, pil=True))(images()[:1], return_tensors="np")
    assert len(planned_calls) == 1 and list(found) == list(wanted)
    for key, value in wanted.items():
        assert type(found[key]) is type(value) and found[key].dtype == value.dtype
        numpy.testing.assert_array_equal(found[key], value)


def test_without_return_tensors_the_class_computes(planned_calls):
    """Each class nests its arrays in its own way."""
    processor = install(proof.build_processor(CONFIGS["clip"], pil=True))
    assert type(processor(images())["pixel_values"]) is list and planned_calls == []
    with pytest.raises(Unplanned, match=r"^return_tensors: None"):
        Preprocessor.from_config(CONFIGS["clip"], backend="pil")(images(), return_tensors=None)


@pytest.mark.parametrize(
    ("version", "numerics"),
    [
        ("11.3.0", "pillow11"),
        ("12.1.1", "pillow11"),
        ("12.2.0", "pillow12"),
        ("12.9", "pillow12"),
        ("13.0.0", "pillow13"),
    ],
)
def test_the_installed_pillow_is_chosen_and_named(version, numerics, monkeypatch, planned_calls):
    monkeypatch.setattr(PIL, "__version__", version)
    ours = Preprocessor.from_config(CONFIGS["clip"], backend="pil")
    text = f"numerics='processor' ({numerics}: Pillow {version}), backend='separable'"
    assert repr(ours) == f"Preprocessor(CLIPImageProcessorPil, {text})"
    assert _arithmetic.numerics_of(transformers.CLIPImageProcessorPil) == numerics
    assert _arithmetic.numerics_of(transformers.CLIPImageProcessor) == "torch_cpu"


def test_a_named_arithmetic_wins():
    """Of torchvision's class too: a very tall image, whose passes Pillow 13 runs in another order than 12."""
    tall = [inputs.noise("tall", 400, 90)]
    found = {
        numerics: Preprocessor.from_config(CONFIGS["vit"], numerics=numerics)(tall)["pixel_values"]
        for numerics in ("torch_cpu", "pillow12", "pillow13")
    }
    by_pillow = Preprocessor.from_config(CONFIGS["vit"], numerics="pillow12", backend="pil")(tall)["pixel_values"]
    assert torch.equal(found["pillow12"], by_pillow)
    assert not torch.equal(found["pillow12"], found["pillow13"])
    assert not torch.equal(found["pillow12"], found["torch_cpu"])


def test_a_backend_of_a_processor_is_its_own():
    with pytest.raises(ValueError, match=r"^backend: 'pil' is not the backend of a CLIPImageProcessor"):
        Preprocessor.from_config(transformers.CLIPImageProcessor(), backend="pil")
    assert Preprocessor.from_config(transformers.CLIPImageProcessorPil(), backend="pil")
