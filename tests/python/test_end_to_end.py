"""Preprocessor and install give what the installed class gives: every planned class, as its file has it and perturbed.

Every output key, its type, shape and elements, on a ragged list of photographs and noise. The perturbations follow from
the keys of the class's file (processor_perturbations.py); what no plan has is named and counted, never passed over.
"""

import os
from collections import Counter

os.environ["HF_HUB_OFFLINE"] = "1"

import processor_agreement as agreement
import processor_inputs as inputs
import processor_perturbations as perturbations
import processor_proof as proof
import pytest
import torch
from kernel_image_resize import _ops
from processor_variants import VARIANTS

torch.set_num_threads(1)  # the tests themselves run in parallel

PLANNED = proof.planned(_ops.processor_info)
CONFIGS = {each.name: each.config for each in PLANNED}
each_config = pytest.mark.parametrize("name", [group[0].name for group in proof.groups(PLANNED)])
LEAST_EQUAL = 3  # perturbed configurations of each that give equal values, and are not merely refused by both


def images_for(config):
    """A photograph and noise, as arrays and tensors with any strides."""
    photograph, *noise = inputs.mixed()
    return [photograph.resize((113, 75)), *noise[1:]] if config.get("size") else noise[1:3]


def compare(name, perturbed):
    """Counts of the outcomes of some keys beside the file's; an outcome that is none of ACCEPTED fails."""
    counts, faults = Counter(), []
    config = perturbations.small(CONFIGS[name])
    for keys in perturbed:
        found = agreement.agreement(config | keys, images_for(config))
        counts[found.kind] += 1
        if found.kind not in agreement.ACCEPTED:
            faults.append(f"{name} {keys}: {found.kind}: {found.detail}")
        elif found.kind != agreement.EQUAL:
            print(f"{name} {keys}: {found.kind}: {found.detail[:200]}")
    print(f"{name}: {dict(counts)} of {len(perturbed)}")
    assert not faults, f"KIR_TEST_SEED={inputs.SEED}:\n" + "\n".join(faults)
    return counts


@each_config
def test_as_the_file_has_it(name):
    """At its own sizes, with a photograph at its own."""
    config = CONFIGS[name]
    found = agreement.agreement(config, [inputs.photograph("chelsea.png"), *images_for(config)[1:]])
    assert found.kind == agreement.EQUAL, f"KIR_TEST_SEED={inputs.SEED}: {found}"


@each_config
def test_perturbed(name):
    config = perturbations.small(CONFIGS[name])
    counts = compare(name, perturbations.other_switches(config))
    counts += compare(name, perturbations.other_sizes(config))
    counts += compare(name, perturbations.other_levels(config))
    counts += compare(name, perturbations.other_counts(config))
    assert counts[agreement.EQUAL] >= LEAST_EQUAL, f"{name}: {dict(counts)}"


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_variant_installed(variant):
    """Configurations as checkpoints change them."""
    base = next(each for each in proof.listed_configs() if each.name == variant.base)
    found = agreement.agreement(base.config | variant.keys, inputs.mixed()[:2])
    assert found.kind in agreement.ACCEPTED, f"KIR_TEST_SEED={inputs.SEED}: {found}"


def test_a_planted_fault_is_seen(monkeypatch):
    """One level in one place, another order of keys, another type, or a refusal of one side alone."""
    config, images = CONFIGS["clip"], [inputs.noise("planted", 60, 80)]
    assert agreement.agreement(config, images).kind == agreement.EQUAL
    theirs = agreement.computed_by_class(config, images)[0]
    wrong = theirs["pixel_values"].clone()
    wrong[0, 1, 100, 50] += 1e-6
    for planted in (
        {"pixel_values": wrong},
        {"pixel_values": theirs["pixel_values"].double()},
        {"pixel_values": list(theirs["pixel_values"])},
        {"more": wrong, **theirs},
    ):
        assert agreement.difference(config, planted, theirs)

    monkeypatch.setattr(agreement, "made", lambda config, pil: lambda images, return_tensors: {"pixel_values": wrong})
    assert agreement.agreement(config, images).kind == "Preprocessor differs"
    assert agreement.agreement(config, [inputs.noise("planted", 60, 80)[..., :2]]).kind == "only the class refuses"
    with pytest.raises(AssertionError, match="Preprocessor differs"):
        compare("clip", [{}])
