"""Planned processors among torch's tracers: torch.compile, torch.export, fake tensors and the meta device.

Every planned class is compiled. The class itself is compiled too, for one class of each way to write outputs; for all
of them with KIR_TEST_COMPILED=all (minutes).
"""

import copy
import functools
import json
import logging
import os
import shutil
import warnings
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import pytest

pytest.importorskip("transformers", reason="the package transformers is not installed")

import numpy
import processor_inputs as inputs
import processor_proof as proof
import torch
import transformers
from kernel_image_resize import Preprocessor, _ops, install, is_installed, uninstall
from kernel_image_resize._translation import Unplanned
from torch._dynamo.exc import Unsupported
from torch._dynamo.utils import counters
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensor, FakeTensorMode

ROOT = Path(__file__).resolve().parents[2]
# Without these switches a class has a step that is not planned.
WITHOUT = {"LayoutLMv3ImageProcessor": {"apply_ocr": False}, "ImageGPTImageProcessor": {"do_color_quantize": False}}
needs_compiler = pytest.mark.skipif(shutil.which("g++") is None, reason="g++ is not installed: inductor compiles C++")
needs_gpu = pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")


def planned():
    """The first configuration of each planned class, and how it writes its outputs."""
    found = {}
    for file in sorted((ROOT / "configs" / "processors").glob("*.json")):
        config = json.loads(file.read_text(encoding="utf-8"))
        name = config["image_processor_type"]
        config |= WITHOUT.get(name, {})
        info = _ops.processor_info(json.dumps(config))
        if name not in found and not info["unsupported"]:
            found[name] = (config, info["writes"])
    return found


CLASSES = planned()
WAYS = {kind: name for name, (_, kind) in reversed(CLASSES.items())}  # the first class of each way to write outputs
COMPILED = list(CLASSES) if os.environ.get("KIR_TEST_COMPILED") == "all" else sorted(WAYS.values())
each_class = pytest.mark.parametrize("name", CLASSES)


def built(name, **keys):
    return proof.build_processor(CLASSES[name][0] | keys)


def chw(name, height, width):
    return inputs.chw(inputs.noise(name, height, width)).contiguous()


def pair():
    return [chw("pair", 141, 97), chw("pair", 60, 111)]


@functools.cache
def return_tensors_of(name):
    """ "pt", or None where the outputs of pair() have different shapes."""
    try:
        built(name)(pair(), return_tensors="pt")
    except ValueError:
        return None
    return "pt"


def same(ours, theirs, bound=0.0):
    """Keys in their order, types, shapes and elements."""
    ours, theirs = proof.tensors_of(ours), proof.tensors_of(theirs)
    assert list(ours) == list(theirs)
    difference = proof.compare(ours, theirs, bound)
    assert not difference.faults, f"KIR_TEST_SEED={inputs.SEED}:\n" + "\n".join(difference.faults)


@pytest.fixture(autouse=True)
def fresh():
    """No code that another test compiled, and nothing counted."""
    torch._dynamo.reset()
    counters.clear()


@pytest.fixture
def graphs():
    """A backend that keeps its graphs and runs them as they are."""

    def backend(module, _):
        backend.seen.append(module)
        return module.forward

    backend.seen = []
    return backend


# ----------------------------------------------------------------------------------------------------------------------
# torch.compile


def test_the_coverage():
    print(f"{len(CLASSES)} classes, {len(WAYS)} ways to write outputs; their own code is compiled for {len(COMPILED)}")
    assert len(CLASSES) >= 52


@each_class
def test_every_class(name, planned_calls):
    """As an object that is compiled: the values of the class, and our op computed them."""
    images, processor, kind = pair(), install(built(name)), return_tensors_of(name)
    assert is_installed(processor)
    wanted = built(name)(images, return_tensors=kind)
    for each in (processor, Preprocessor.from_config(processor)):
        found = torch.compile(each, backend="eager")(images, return_tensors=kind)
        same(found, wanted, proof.FLOAT_DOMAIN.get(name, 0.0))
    assert len(planned_calls) == 2


@needs_compiler
@each_class
def test_every_class_between_compiled_code(name, planned_calls):
    """Called by a function that inductor compiles: the bits of the call that is not compiled."""
    images, processor, kind = pair(), install(built(name)), return_tensors_of(name)
    preprocessor = Preprocessor.from_config(processor)

    def twice(images):
        flipped = [image.flip(2) for image in images]
        features = [each(flipped, return_tensors=kind) for each in (processor, preprocessor)]
        return [[doubled(value) for value in proof.tensors_of(each).values()] for each in features]

    with torch._inductor.config.patch(compile_threads=1):
        found = torch.compile(twice)(images)
    assert len(planned_calls) == 2
    wanted = proof.tensors_of(processor([image.flip(2) for image in images], return_tensors=kind))
    for each in found:
        assert all(torch.equal(one, 2 * other) for one, other in zip(each, wanted.values(), strict=True))


def doubled(tensor):
    return tensor * 2


@pytest.mark.parametrize("name", COMPILED)
def test_the_class_itself_compiled(name):
    """What the class gives under torch.compile is what ours gives."""
    images = pair()
    kind = return_tensors_of(name)
    try:
        theirs = torch.compile(built(name), backend="eager")(images, return_tensors=kind)
    except Exception as error:
        if name not in NOT_COMPILED:
            raise
        pytest.skip(f"the class itself does not run compiled: {str(error).splitlines()[0]}")
    ours = torch.compile(install(built(name)), backend="eager")(images, return_tensors=kind)
    same(ours, theirs, proof.FLOAT_DOMAIN.get(name, 0.0))


KINDS = {
    "tensor": lambda: chw("kinds", 61, 80),
    "array": lambda: inputs.noise("kinds", 61, 80),
    "pil": lambda: inputs.photograph("chelsea.png"),
    "stack": lambda: torch.stack([chw(f"kinds {i}", 61, 80) for i in range(2)]),
    "mixed": inputs.mixed,
    "nested": lambda: [[chw("kinds", 61, 80)], [chw("kinds", 70, 52), chw("kinds", 40, 40)]],
}


@pytest.mark.parametrize("return_tensors", ["pt", None])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["CLIPImageProcessor", "Qwen2VLImageProcessor", "SegformerImageProcessor"])
def test_images_of_all_kinds(name, kind, return_tensors, planned_calls):
    images = KINDS[kind]()
    wanted = built(name)(images, return_tensors=return_tensors)
    processor = install(built(name))
    for each in (processor, processor.preprocess, Preprocessor.from_config(processor)):
        found = torch.compile(each, backend="eager")(images, return_tensors=return_tensors)
        assert {key: type(value) for key, value in found.items()} == {k: type(value) for k, value in wanted.items()}
        for key, value in wanted.items():
            assert len(found[key]) == len(value)
            for one, other in zip(found[key], value, strict=True):
                numpy.testing.assert_array_equal(numpy.asarray(one), numpy.asarray(other))
    assert len(planned_calls) == 3


def test_a_processor_that_is_installed_after_it_was_compiled(planned_calls):
    processor, image = built("CLIPImageProcessor"), chw("later", 60, 50)
    compiled = torch.compile(lambda image: processor(image, return_tensors="pt"), backend="eager")
    wanted = compiled(image)
    for change, calls in ((install, 1), (uninstall, 1), (install, 2)):
        change(processor)
        same(compiled(image), wanted)
        assert len(planned_calls) == calls


def test_changes_of_a_processor_are_seen():
    processor, image = install(built("CLIPImageProcessor")), chw("changed", 60, 50)
    compiled = torch.compile(processor, backend="eager")
    compiled(image, return_tensors="pt")
    processor.do_normalize = False
    processor.size = {"shortest_edge": 100}
    wanted = uninstall(copy.deepcopy(processor))(image, return_tensors="pt", crop_size=50)
    same(compiled(image, return_tensors="pt", crop_size=50), wanted)


def test_what_is_before_and_after_is_compiled(graphs):
    processor, model = install(built("CLIPImageProcessor")), torch.nn.Conv2d(3, 4, 5)

    def classify(image):
        return model(processor(image.flip(2), return_tensors="pt")["pixel_values"])

    image = chw("between", 60, 50)
    assert torch.equal(torch.compile(classify, backend=graphs)(image), classify(image))
    assert len(graphs.seen) == 2


@pytest.mark.parametrize("name", ["CLIPImageProcessor", "DetrImageProcessor", "Qwen2VLImageProcessor"])
def test_twenty_sizes_compile_nothing_anew(name, graphs, caplog):
    """One graph for the first size and one for any other, before the processor; no limit is hit, nothing is said."""
    processor = install(built(name))
    preprocessor = Preprocessor.from_config(processor)

    def both(image):
        image = image.flip(2)
        return processor(image, return_tensors="pt")["pixel_values"], preprocessor(image)["pixel_values"]

    compiled = torch.compile(both, backend=graphs)
    with warnings.catch_warnings(action="error"), torch._dynamo.config.patch(fail_on_recompile_limit_hit=True):
        for i in range(20):
            image = chw(f"size {i}", 40 + 7 * i, 97 + 3 * i)
            for found, wanted in zip(compiled(image), both(image), strict=True):
                assert torch.equal(found, wanted)
    assert 1 <= len(graphs.seen) <= 2
    assert counters["frames"]["total"] <= 20, "frames that torch.compile looked at, recompilations with them"
    assert [record.message for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_full_graph_is_refused_with_the_reason():
    compiled = torch.compile(install(built("CLIPImageProcessor")), backend="eager", fullgraph=True)
    with pytest.raises(Unsupported, match="kernel_image_resize plans each call from its images"):
        compiled(chw("full", 60, 50), return_tensors="pt")


@pytest.mark.parametrize(
    ("name", "image", "keys", "reason"),
    [
        ("CLIPImageProcessor", torch.rand(3, 40, 50), {}, "is of dtype float32"),
        ("SuperPointImageProcessor", chw("fallback", 40, 50), {"do_grayscale": True}, "do_grayscale: no stage mixes"),
        (
            "DetrImageProcessor",
            chw("fallback", 40, 50),
            {"annotations": {"image_id": 1, "annotations": []}},
            "annotations: ",
        ),
    ],
)
def test_what_no_plan_honours(name, image, keys, reason, planned_calls, caplog):
    """An installed processor leaves it to its class, and says so once; a Preprocessor refuses."""
    wanted = built(name)(image, return_tensors="pt", **keys)
    compiled = torch.compile(install(built(name)), backend="eager")
    for _ in range(2):
        found = compiled(image, return_tensors="pt", **keys)
        assert list(found) == list(wanted)
        assert torch.equal(found["pixel_values"], wanted["pixel_values"])
    assert planned_calls == []
    said = [record.message for record in caplog.records if record.name == "kernel_image_resize"]
    assert len(said) == 1 and reason in said[0]
    with pytest.raises((TypeError, ValueError), match=reason):
        torch.compile(Preprocessor.from_config(built(name)), backend="eager")(image, **keys)


def test_segmentation_maps(planned_calls):
    image, labels = inputs.noise("labelled", 61, 80), inputs.noise("labels", 61, 80, 1)[:, :, 0]
    wanted = built("SegformerImageProcessor")(image, labels, return_tensors="pt")
    found = torch.compile(install(built("SegformerImageProcessor")), backend="eager")(
        image, labels, return_tensors="pt"
    )
    same(found, wanted)
    assert len(planned_calls) == 2


def test_what_transformers_refuses_stays_refused():
    compiled = torch.compile(install(built("Qwen2VLImageProcessor")), backend="eager")
    with pytest.raises(ValueError, match="aspect ratio"):
        compiled(chw("refused", 2, 500), return_tensors="pt")
    with pytest.raises(TypeError, match="nonsense"):
        compiled(chw("refused", 20, 50), nonsense=1)


def test_the_method_reads_as_the_class_s():
    processor = install(built("DetrImageProcessor"))
    assert processor.preprocess.__doc__ == transformers.DetrImageProcessor.preprocess.__doc__
    assert processor.preprocess.__name__ == "preprocess"


@needs_gpu
@pytest.mark.parametrize("name", sorted(WAYS.values()))
def test_to_a_gpu(name, planned_calls):
    images = pair()
    kind = return_tensors_of(name)
    wanted = install(built(name))(images, return_tensors=kind, device="cuda")
    compiled = torch.compile(install(built(name)), backend="eager")
    same(compiled(images, return_tensors=kind, device="cuda"), wanted)
    same(compiled([image.cuda() for image in images], return_tensors=kind), wanted)
    assert len(planned_calls) == 3


# ----------------------------------------------------------------------------------------------------------------------
# Images without pixels


def described(value):
    """What can be known of an output without pixels."""
    if torch.is_tensor(value):
        return value.shape, value.dtype, value.device, value.stride()
    return [described(each) for each in value] if isinstance(value, (list, tuple)) else value


def outputs(features):
    features = features if hasattr(features, "items") else {"pixel_values": features}
    return {key: described(value) for key, value in features.items()}


# Classes that ask torch for the values of images, or stack what has other shapes.
NO_ANSWER = {"Llama4ImageProcessor", "PerceptionLMImageProcessor"}
# Classes that torch.compile does not run: Mllama computes its sizes with numpy.
NOT_COMPILED = {"MllamaImageProcessor"}
# Sizes that are Python's numbers: fake images have none, and torch says so.
SIZES_AS_NUMBERS = {"MllamaImageProcessor", "PixtralImageProcessor", "SamImageProcessor"}
# A mask that is the class's own of no pixels, and here one that a kernel writes.
MASK_OF_META = {"Siglip2ImageProcessor"}


def answered(processor, images, return_tensors):
    """What the class gives of images without pixels; None where it has no answer."""
    try:
        return processor(images, return_tensors=return_tensors)
    except (RuntimeError, NotImplementedError, ValueError) as error:
        if type(processor).__name__ not in NO_ANSWER:
            raise
        print(f"{type(processor).__name__} has no answer: {str(error).splitlines()[0]}")
        return None


@each_class
def test_fake_images_give_shapes(name):
    """As the class itself: keys, shapes, types, devices and strides. Real images work afterwards, which the class, that
    keeps fake means, does not let them."""
    images, processor, kind = pair(), install(built(name)), return_tensors_of(name)
    wanted = processor(images, return_tensors=kind)
    with FakeTensorMode() as mode:
        fakes = [mode.from_tensor(image) for image in images]
        theirs = answered(built(name), fakes, kind)
        for each in (processor, Preprocessor.from_config(processor)):
            if name in SIZES_AS_NUMBERS:
                with pytest.raises(DataDependentOutputException):
                    each(fakes, return_tensors=kind)
                continue
            found = each(fakes, return_tensors=kind)
            assert outputs(found) == outputs(wanted)
            assert theirs is None or outputs(found) == outputs(theirs)
            assert all(isinstance(value, FakeTensor) for value in proof.tensors_of(found).values())
    same(processor(images, return_tensors=kind), wanted)


@each_class
def test_meta_images_give_shapes(name):
    """As the class itself: and what sizes alone decide is real, with its values."""
    images, processor, kind = pair(), install(built(name)), return_tensors_of(name)
    meta = [image.to("meta") for image in images]
    wanted = proof.tensors_of(processor(images, return_tensors=kind))
    theirs = answered(built(name), meta, kind)
    for each in (processor, Preprocessor.from_config(processor)):
        found = each(meta, return_tensors=kind)
        assert theirs is None or name in MASK_OF_META or outputs(found) == outputs(theirs)
        for key, value in proof.tensors_of(found).items():
            assert (value.shape, value.dtype) == (wanted[key].shape, wanted[key].dtype), key
            assert value.is_meta or torch.equal(value, wanted[key]), key


def test_numbers_of_fake_images():
    """Lists of numbers are no tensors: rows and columns of tiles are known."""
    images = pair()
    processor = install(built("Idefics3ImageProcessor"))
    wanted = processor(images, return_tensors="pt", return_row_col_info=True)
    with FakeTensorMode() as mode:
        fakes = [mode.from_tensor(image) for image in images]
        found = processor(fakes, return_tensors="pt", return_row_col_info=True)
    assert (found["rows"], found["cols"]) == (wanted["rows"], wanted["cols"])
    assert outputs(found) == outputs(wanted)


def test_fake_images_on_a_gpu_that_need_not_be_there():
    processor = install(built("Qwen2VLImageProcessor"))
    with FakeTensorMode() as mode:
        image = mode.from_tensor(chw("fake", 60, 50))
        for found in (
            processor(image, return_tensors="pt", device="cuda"),
            processor(image.cuda(), return_tensors="pt"),
        ):
            assert found["pixel_values"].device == torch.device("cuda", 0)
            assert found["image_grid_thw"].device == torch.device("cpu")


def test_fake_images_that_no_plan_honours(planned_calls, caplog):
    with FakeTensorMode() as mode:
        image = mode.from_tensor(torch.rand(3, 60, 50))
        assert install(built("CLIPImageProcessor"))(image, return_tensors="pt")["pixel_values"].shape[2:] == (224, 224)
        with pytest.raises(TypeError, match=r"images\[0\]: is of dtype float32; uint8 is allowed"):
            Preprocessor.from_config(built("CLIPImageProcessor"))(image)
    assert planned_calls == []
    assert "is of dtype float32" in caplog.text


def test_meta_images_go_nowhere_else():
    image = chw("meta", 60, 50).to("meta")
    with pytest.raises(ValueError, match="device: is cuda; images of the meta device have no pixels"):
        Preprocessor.from_config(built("CLIPImageProcessor"))(image, device="cuda")


@pytest.mark.parametrize("layout", ["CHW", "HWC"])
@pytest.mark.parametrize("stacked", [False, True])
@pytest.mark.parametrize("order", ["NCHW", "NHWC"])
@pytest.mark.parametrize("dtype", [None, torch.bfloat16])
def test_the_op_s_own_arguments(layout, stacked, order, dtype):
    """The op has more than processors use: stacks, layouts and types."""
    image = torch.from_numpy(inputs.noise("op", 61, 80))
    image = image if layout == "HWC" else image.permute(2, 0, 1)
    config = json.dumps(CLASSES["CLIPImageProcessor"][0])
    arguments = {"dtype": dtype, "layout": order, "input_layout": layout}
    images = torch.stack([image] * 2) if stacked else [image] * 2
    wanted = _ops.preprocess(images, config, **arguments)
    with FakeTensorMode() as mode:
        fake = mode.from_tensor(images) if stacked else [mode.from_tensor(image) for image in images]
        assert outputs(_ops.preprocess(fake, config, **arguments)) == outputs(wanted)


def test_grids_of_tokens_are_real_beside_meta_images():
    """Of cv_utils' op: three frames, two of them one clip."""
    numbers = [[28, 56, 28, 56], [0, 1, 1], [2, 1], [0.5] * 3, [0.25] * 3, 1 / 255, "bicubic", 14, 2, 2]
    images = pair()
    tokens, grid = _ops.ops.patchify.default(images, False, *numbers, "torch_cpu", "separable", None)
    meta = [image.to("meta") for image in images]
    found, found_grid = _ops.ops.patchify.default(meta, False, *numbers, "torch_cpu", "separable", None)
    assert found.is_meta and (found.shape, found.dtype) == (tokens.shape, tokens.dtype)
    assert torch.equal(found_grid, grid)


@pytest.mark.parametrize("name", ["CLIPImageProcessor", "Qwen2VLImageProcessor"])
def test_opcheck(name):
    arguments = ("torch_cpu", "separable", None, [], None, "NCHW", "CHW")
    torch.library.opcheck(_ops.ops.preprocess.default, (pair(), False, json.dumps(CLASSES[name][0]), *arguments))


# ----------------------------------------------------------------------------------------------------------------------
# torch.export


class Exported(torch.nn.Module):
    def __init__(self, processor):
        super().__init__()
        self.processor = processor

    def forward(self, image):
        return dict(self.processor(image, return_tensors="pt"))


@pytest.mark.parametrize("name", ["CLIPImageProcessor", "Qwen2VLImageProcessor", "DetrImageProcessor"])
def test_exported(name):
    processor = built(name)
    wanted = processor(chw("other", 60, 50), return_tensors="pt")
    for each in (install(built(name)), Preprocessor.from_config(processor)):
        program = torch.export.export(Exported(each), (chw("export", 60, 50),), strict=False)
        assert "preprocess" in program.graph_module.code
        same(program.module()(chw("other", 60, 50)), wanted)


def test_exported_for_any_size(caplog):
    """A plan is made of numbers: an installed processor leaves symbols to its class, which has them where it can."""
    sizes = {"image": {1: torch.export.Dim.DYNAMIC, 2: torch.export.Dim.DYNAMIC}}
    image, other = chw("export", 60, 50), chw("other", 90, 70)
    program = torch.export.export(
        Exported(install(built("ViTImageProcessor"))), (image,), dynamic_shapes=sizes, strict=False
    )
    same(program.module()(other), built("ViTImageProcessor")(other, return_tensors="pt"))
    assert "a side is a symbol" in caplog.text
    with pytest.raises(Unplanned, match="a side is a symbol"):
        torch.export.export(
            Exported(Preprocessor.from_config(built("ViTImageProcessor"))), (image,), dynamic_shapes=sizes, strict=False
        )
