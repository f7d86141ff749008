"""What Preprocessor and install make of a configuration and images, beside what the installed class makes of them."""

import contextlib
import json
import logging
import random
from dataclasses import dataclass

import processor_proof as proof
import torch
from kernel_image_resize import Preprocessor, _ops, install
from transformers.models.auto.image_processing_auto import DEFAULT_TO_PIL_BACKEND_IMAGE_PROCESSORS

EQUAL = "equal"
BOTH_REFUSE = "both refuse"
NOT_BUILT = "not built"  # processor_info says so of the configuration, and install lets the class compute
NOTHING = "the class gives an empty tensor, and Preprocessor refuses it"
TORCH_FAULT = "torch fails an assertion of its own"
ACCEPTED = (EQUAL, BOTH_REFUSE, NOT_BUILT, NOTHING, TORCH_FAULT)


@dataclass(frozen=True)
class Outcome:
    kind: str
    detail: str = ""  # what differs, or what both said


def made(config, pil=False):
    """The Preprocessor of torchvision's class, by the name of its numerics where AutoImageProcessor makes Pillow's; or
    of its Pillow twin."""
    if pil:
        return Preprocessor.from_config(config, backend="pil")
    by_pillow = config["image_processor_type"] in DEFAULT_TO_PIL_BACKEND_IMAGE_PROCESSORS
    return Preprocessor.from_config(config, numerics="torch_cpu" if by_pillow else "processor")


def outputs_of(result):
    """What a processor returned, as a dict. IdeficsImageProcessor returns its pixel values alone."""
    return dict(result) if hasattr(result, "items") else {"pixel_values": result}


def difference(config, ours, theirs, pil=False):
    """Keys and their order, types, shapes and elements: what is not the same, in words; "" where all is."""
    if list(ours) != list(theirs):
        return f"keys {list(ours)} instead of {list(theirs)}"
    for key, wanted in theirs.items():
        if type(ours[key]) is not type(wanted):
            return f"{key}: {type(ours[key])} instead of {type(wanted)}"
    numbers = {key for key, value in theirs.items() if isinstance(value, list) and not any(map(torch.is_tensor, value))}
    for key in numbers:
        if ours[key] != theirs[key]:
            return f"{key}: {ours[key]} instead of {theirs[key]}"
    mine, wanted = (proof.tensors_of({k: v for k, v in side.items() if k not in numbers}) for side in (ours, theirs))
    largest = max([1.0, *(float(value.double().abs().max()) for value in wanted.values() if value.numel())])
    bound = 0.0 if pil else proof.FLOAT_DOMAIN.get(config["image_processor_type"], 0.0) * largest
    return "; ".join(proof.compare(mine, wanted, bound).faults)


def computed(processor, images, return_tensors):
    """The outputs of a call; random masks (Flava's) are the same in every one."""
    random.seed(0)
    return outputs_of(processor(images, return_tensors=return_tensors))


def computed_by_class(config, images, pil=False):
    """(outputs, return_tensors) of the class: lists where images become of different shapes. Raises as it does."""
    try:
        return computed(proof.build_processor(config, pil), images, "pt"), "pt"
    except Exception:
        return computed(proof.build_processor(config, pil), images, None), None


def agreement(config, images, pil=False):
    """The Outcome of a configuration: `kind` is one of ACCEPTED, or what is wrong. `pil`: of the Pillow twin."""
    try:
        theirs, return_tensors = computed_by_class(config, images, pil)
    except Exception as refusal:
        return refused(config, images, refusal, pil)
    with silent():
        installed = computed(install(proof.build_processor(config, pil)), images, return_tensors)
    if differs := difference(config, installed, theirs, pil):
        return Outcome("install differs", differs)
    try:
        ours = dict(made(config, pil)(images, return_tensors=return_tensors))
    except (ValueError, TypeError) as refusal:
        info = _ops.processor_info(json.dumps(config))
        if unsupported := info["unsupported_by_pillow" if pil else "unsupported"]:
            return Outcome(NOT_BUILT, unsupported)
        empty = any(value.numel() == 0 for value in proof.tensors_of(theirs).values())
        if empty and "would be resized to 0 x 0" in str(refusal):
            return Outcome(NOTHING)
        return Outcome("only Preprocessor refuses", str(refusal))
    differs = difference(config, ours, theirs, pil)
    return Outcome("Preprocessor differs", differs) if differs else Outcome(EQUAL)


def refused(config, images, theirs, pil):
    """The Outcome where the class raised."""
    try:
        made(config, pil)(images, return_tensors="pt")
    except (ValueError, TypeError) as ours:
        return Outcome(BOTH_REFUSE, f"{theirs} / {ours}")
    if "INTERNAL ASSERT FAILED" in str(theirs):
        return Outcome(TORCH_FAULT, str(theirs))
    return Outcome("only the class refuses", f"{type(theirs).__name__}: {theirs}")


@contextlib.contextmanager
def silent():
    """Without the reasons that install logs, by the hundred."""
    logger = logging.getLogger("kernel_image_resize")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before
