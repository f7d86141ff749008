"""The package's calls, as many ways as there are into an op: what the leak test counts and the soak repeats."""

import contextlib
import importlib.util
import json
import os
import sys
from pathlib import Path

import kernel_image_resize as kir
import torch
from kernel_image_resize import _ops, cv_utils

ROOT = Path(__file__).resolve().parents[2]
MEAN, STD = [0.5, 0.4, 0.3], [0.5, 0.25, 0.2]


CROPPED = {"size": {"shortest_edge": 6}, "crop_size": {"height": 6, "width": 6}}


def small(name, **sizes):
    """The text of a model type's configuration, with sizes that take no time."""
    config = json.loads((ROOT / "configs" / "processors" / f"{name}.json").read_text(encoding="utf-8"))
    return json.dumps({**config, **sizes})


def hub_copy():
    """The CPU layout of the kernels hub as a module of its own; None where `make hub` has made none."""
    folders = sorted(Path(os.environ.get("KIR_BUILD", ROOT / "build")).glob("torch-stable-abi210-cpu-*"))
    if not folders:
        return None
    spec = importlib.util.spec_from_file_location("hub_copy_of_kir", folders[0] / "__init__.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def refused(call):
    with contextlib.suppress(ValueError, TypeError):
        call()
        raise AssertionError("it was not refused")


def of_ops(images):
    """{name: call} for every op and every kind of argument and result that it has, and for its refusals."""
    out = torch.empty(len(images), 3, 6, 6)
    stack = torch.stack([image[:, :5, :7] for image in images])
    floats = [image.float() for image in images]
    request = kir._resize_normalize._request_text(
        (6, 6), None, (0.5,), (0.5,), 1 / 255, "bicubic", True, "square", "separable", "float32", "NCHW", "CHW"
    )
    clip = small("clip", **CROPPED)
    masks = small("detr", size={"shortest_edge": 9, "longest_edge": 12})
    tiles = small("idefics3", size={"longest_edge": 8}, max_image_size={"longest_edge": 4})
    sizes = [tuple(image.shape) for image in images]
    calls = {
        "resize_normalize": lambda: kir.resize_normalize(images, 6, MEAN, STD),
        "resize_normalize, stacked": lambda: kir.resize_normalize(stack, 6, MEAN, STD),
        "resize_normalize, dtype and device": lambda: kir.resize_normalize(
            images, 6, MEAN, STD, dtype=torch.bfloat16, device="cpu"
        ),
        "resize_normalize, out": lambda: kir.resize_normalize(images, 6, MEAN, STD, out=out),
        "resize_normalize, refused value": lambda: refused(
            lambda: kir.resize_normalize(images, 6, MEAN, STD, crop_size=7)
        ),
        "resize_normalize, refused type": lambda: refused(lambda: kir.resize_normalize(floats, 6, MEAN, STD)),
        "workspace_bytes": lambda: kir.ops.workspace_bytes.default(images, False, request, None, None),
        "preprocess, clip": lambda: _ops.preprocess(images, clip),
        "preprocess, masks": lambda: _ops.preprocess(images, masks, numerics="torch_cpu"),
        "preprocess, tiles and groups": lambda: _ops.preprocess(images, tiles, groups=[len(images)]),
        "preprocess, refused": lambda: refused(lambda: _ops.preprocess(images, clip, numerics="torch_cuda")),
        "planned_outputs": lambda: _ops.planned_outputs(sizes, masks),
        "processor_info": lambda: _ops.processor_info(clip),
        "read_configuration": lambda: _ops.read_configuration(clip),
        "read_configuration, refused": lambda: refused(lambda: _ops.read_configuration('{"size": 3}')),
        "load_configuration": lambda: _ops.load_configuration(str(ROOT / "configs" / "processors" / "clip.json")),
        "cv_utils.resize_normalize": lambda: cv_utils.resize_normalize(images, MEAN, STD, 1 / 255, 3, size=6),
        "cv_utils.resize_normalize_patchify": lambda: cv_utils.resize_normalize_patchify(
            images, [(4, 8)] * len(images), MEAN, STD, 1 / 255, 3, 2, 2, 2
        ),
    }
    return calls


def of_hub_copy(images):
    """The same for the copy of the package that the kernels hub has; nothing where `make hub` has made none."""
    hub = hub_copy()
    return {} if hub is None else {"the hub's copy": lambda: hub.resize_normalize(images, 6, MEAN, STD)}


def of_processors(images):
    """{name: call} for what needs transformers."""
    import transformers

    preprocessor = kir.Preprocessor.from_config(json.loads(small("clip", **CROPPED)))
    installed = kir.install(transformers.CLIPImageProcessor(**CROPPED))
    assert kir.is_installed(installed)
    return {
        "Preprocessor": lambda: preprocessor(images),
        "install": lambda: installed(images, return_tensors="pt"),
    }
