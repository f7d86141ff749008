"""No silent divergence: what the process, the machine or a configuration changes of a class's result, ours has too, or
it says why not.

Every planned class, in every state: the installed processor's outputs are the class's (keys in their order, types,
devices, elements), and a state that no plan has is logged; Preprocessor refuses it, with the same reason.
"""

import ast
import contextlib
import json
import logging
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

os.environ["HF_HUB_OFFLINE"] = "1"

import numpy
import processor_inputs as inputs
import processor_proof as proof
import pytest
import torch
import torchvision
import transformers
from kernel_image_resize import Preprocessor, _arithmetic, _ops, install
from kernel_image_resize.preprocessor import Unplanned
from processor_perturbations import small
from transformers.models.auto import image_processing_auto

ROOT = Path(__file__).resolve().parents[2]
# Without AVX2 torch sums in yet another order.
FLOAT_DOMAIN = proof.FLOAT_DOMAIN | {"DepthProImageProcessor": 1e-5}
# Classes that mix the images' device with torch's default one.
FAILS_ITSELF = {"kosmos-2.5"}
# Counts that classes make on torch's default device; ours are on the CPU whatever that is.
OF_THE_DEFAULT_DEVICE = {"spatial_shapes", "grids", "num_soft_tokens_per_image", "num_patches"}
BY_PILLOW = ["ChameleonImageProcessor", "FlavaImageProcessor", "Idefics3ImageProcessor", "SmolVLMImageProcessor"]


PLANNED = proof.planned(_ops.processor_info)
CONFIGS = {row.name: small(row.config) for row in PLANNED}
UNLIKE = {group[0].name: CONFIGS[group[0].name] for group in proof.groups(PLANNED)}  # those that are unlike each other


def images_for(config):
    """One image, and where the class pads them to one shape another of another size."""
    images = [inputs.chw(inputs.noise("divergence", *size)) for size in ((61, 80), (97, 50))]
    if not config.get("do_pad"):
        return images[:1]
    try:
        proof.build_processor(config)(images, return_tensors="pt")
    except ValueError:  # it pads to other shapes than one
        return images[:1]
    return images


def outputs_of(result):
    return dict(result) if hasattr(result, "items") else {"pixel_values": result}


def difference(ours, theirs, bound=0.0):
    """What is not the same, in words; "" where all is. The bound is of values in -1..1, or relative to the largest."""
    if list(ours) != list(theirs):
        return f"keys {list(ours)} instead of {list(theirs)}"
    for key, wanted in theirs.items():
        found = ours[key]
        if not torch.is_tensor(wanted):
            if found != wanted:
                return f"{key}: {found} instead of {wanted}"
            continue
        for what in ("dtype", "shape", "device", "is_inference", "requires_grad"):
            if what == "device" and key in OF_THE_DEFAULT_DEVICE:
                continue
            mine, other = (getattr(each, what) for each in (found, wanted))
            mine, other = (each() if callable(each) else each for each in (mine, other))
            if mine != other:
                return f"{key}: {what} {mine} instead of {other}"
        if wanted.is_meta:
            continue
        largest = (found.double() - wanted.double()).abs().max().item()
        if not largest <= bound * max(1, wanted.double().abs().max().item()):
            return f"{key}: differs by {largest}"
    return ""


class Reasons(logging.Handler):
    """What the package logged."""

    def __init__(self):
        super().__init__()
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


@contextlib.contextmanager
def logged():
    handler, logger = Reasons(), logging.getLogger("kernel_image_resize")
    logger.addHandler(handler)
    try:
        yield handler.texts
    finally:
        logger.removeHandler(handler)


def sweep(state, reason=None):
    """Every class in a state, a context manager. Counts of classes that are planned in it, and that fell back.

    Where all that may be logged is `reason`, Preprocessor says it too.
    """
    counts = Counter()
    for name, config in UNLIKE.items():
        images, bound = images_for(config), FLOAT_DOMAIN.get(config["image_processor_type"], 0.0)
        theirs, processor = proof.build_processor(config), install(proof.build_processor(config))
        ours = Preprocessor.from_config(proof.build_processor(config))
        with state(), logged() as reasons:
            try:
                wanted = outputs_of(theirs(images, return_tensors="pt"))
            except RuntimeError as error:
                assert name in FAILS_ITSELF, f"{name}: {error}"
                counts["the class fails"] += 1
                continue
            found = outputs_of(processor(images, return_tensors="pt"))
            again = outputs_of(processor(images, return_tensors="pt")) if reasons else found
        for each in (found, again):
            assert not difference(each, wanted, bound), f"{name}: {difference(each, wanted, bound)}"
        counts["fell back" if reasons else "planned"] += 1
        if reasons:
            assert len(reasons) == 1 and reason is not None and reason in reasons[0], f"{name}: {reasons}"
            with state(), pytest.raises(Unplanned) as refusal:
                ours(images)
            assert str(refusal.value) == reasons[0].split("transformers computes this call: ")[1]
            assert 'numerics="torch_cpu" asks for the planned arithmetic on purpose' in str(refusal.value)
        else:
            with state():
                assert not difference(outputs_of(ours(images)), wanted, bound), name
    print(f"{reason or 'the same'}: {dict(counts)} of {len(UNLIKE)} unlike configurations")
    return counts


# ----------------------------------------------------------------------------------------------------------------------
# The state of torch


@contextlib.contextmanager
def default_dtype(dtype):
    before = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64], ids=str)
def test_another_default_dtype(dtype):
    """Means, factors and masks follow it, so the class computes; and torch_cpu, asked for by name, does not follow."""
    counts = sweep(lambda: default_dtype(dtype), reason=f"torch.get_default_dtype() is {dtype}")
    assert counts == {"fell back": len(UNLIKE)}
    for name in ("clip", "vit", "detr"):
        images, ours = images_for(CONFIGS[name]), Preprocessor.from_config(CONFIGS[name], numerics="torch_cpu")
        before = dict(ours(images))
        with default_dtype(dtype):
            assert not difference(dict(ours(images)), before), name


def test_the_default_dtype_is_that_of_the_call():
    processor = install(proof.build_processor(CONFIGS["clip"]))
    with logged() as reasons:
        before = processor(images_for(CONFIGS["clip"]), return_tensors="pt")
        assert reasons == []
        with default_dtype(torch.float64):
            processor(images_for(CONFIGS["clip"]), return_tensors="pt", do_normalize=False)
        assert len(reasons) == 1
        after = processor(images_for(CONFIGS["clip"]), return_tensors="pt")
        assert len(reasons) == 1 and torch.equal(before["pixel_values"], after["pixel_values"])


@contextlib.contextmanager
def default_device(device):
    torch.set_default_device(device)
    try:
        yield
    finally:
        torch.set_default_device(None)


@contextlib.contextmanager
def deterministic():
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(False)


STATES = {
    "no state": contextlib.nullcontext,
    "default device": lambda: default_device("meta"),
    "a device's context": lambda: torch.device("meta"),
    "autocast": lambda: torch.autocast("cpu", torch.bfloat16),
    "inference mode": torch.inference_mode,
    "no gradients": torch.no_grad,
    "deterministic": deterministic,
}


@pytest.mark.parametrize("state", STATES)
def test_what_is_the_same_in_other_states(state):
    """Numbers of images (Qwen2-VL's grids, Gemma3's crops) are on torch's default device, as the class has them."""
    counts = sweep(STATES[state])
    assert counts["planned"] + counts["the class fails"] == len(UNLIKE)
    assert counts["the class fails"] <= len(FAILS_ITSELF)


# ----------------------------------------------------------------------------------------------------------------------
# The machine


def without_avx2(file):
    """In a process of its own, where torch has no AVX2. `file`: outputs of each class where it has."""
    assert torch.backends.cpu.get_cpu_capability() not in ("AVX2", "AVX512")
    counts = sweep(contextlib.nullcontext, reason="resample: bilinear: torchvision resizes uint8 in float32")
    bilinear = [name for name, config in UNLIKE.items() if resizes_bilinearly(config)]
    assert counts == {"fell back": len(bilinear), "planned": len(UNLIKE) - len(bilinear)}, (counts, bilinear)

    # By name, the arithmetic of other CPUs; and a filter that is the same on all, in a call of the same processor.
    for name, wanted in torch.load(file).items():
        ours = Preprocessor.from_config(proof.build_processor(CONFIGS[name]), numerics="torch_cpu")
        assert not difference(outputs_of(ours(images_for(CONFIGS[name]))), wanted), name
    processor, images = install(proof.build_processor(CONFIGS["vit"])), images_for(CONFIGS["vit"])
    with logged() as reasons:
        for resample in (0, 1, 3):
            processor(images, resample=resample)
        processor(images, do_resize=False)
        assert reasons == []
        processor(images, resample=transformers.image_utils.PILImageResampling(2))
        assert len(reasons) == 1


def resizes_bilinearly(config):
    return config.get("resample") == 2 and config["image_processor_type"] not in FLOAT_DOMAIN


def test_a_cpu_without_avx2(tmp_path):
    """torchvision resizes uint8 by bilinear in float32 there. torch reads the variable when it is loaded."""
    wanted = {}
    if torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512"):
        for name, config in UNLIKE.items():
            if resizes_bilinearly(config):
                wanted[name] = outputs_of(proof.build_processor(config)(images_for(config), return_tensors="pt"))
        assert len(wanted) >= 10
    torch.save(wanted, tmp_path / "wanted.pt")
    run = subprocess.run(
        [
            sys.executable,
            "-c",
            f"import test_divergence; test_divergence.without_avx2({str(tmp_path / 'wanted.pt')!r})",
        ],
        env=os.environ | {"ATEN_CPU_CAPABILITY": "default", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    print(run.stdout)
    assert run.returncode == 0, run.stderr


def test_torchvision_with_a_lanczos_filter(monkeypatch):
    """As from 0.27 on: the class applies it on the CPU, and no plan does."""
    monkeypatch.setattr(torchvision, "__version__", "0.27.1+cpu")
    monkeypatch.setattr(_arithmetic, "_UNBUILT_FILTERS", _arithmetic._unbuilt_filters())
    monkeypatch.setattr(image_processing_auto, "DEFAULT_TO_PIL_BACKEND_IMAGE_PROCESSORS", [])
    for name in ("chameleon", "idefics3", "smolvlm"):
        config = CONFIGS[name]
        assert config["resample"] == 1
        with pytest.raises(Unplanned, match=r'^resample: lanczos: torchvision .*numerics="torch_cpu" asks'):
            Preprocessor.from_config(config)(images_for(config))
        Preprocessor.from_config(config, numerics="torch_cpu")(images_for(config))
    for name in ("flava", "clip"):
        Preprocessor.from_config(CONFIGS[name])(images_for(CONFIGS[name]))


# ----------------------------------------------------------------------------------------------------------------------
# The class that a configuration is of


def auto_class(config, folder):
    """The class that AutoImageProcessor makes of a file."""
    (folder / "preprocessor_config.json").write_text(json.dumps(config), encoding="utf-8")
    return type(transformers.AutoImageProcessor.from_pretrained(folder))


def test_a_file_is_of_the_class_that_auto_image_processor_makes(tmp_path):
    """By a dictionary, a file and a folder; torchvision's in place of the Pillow class is asked for by name."""
    counts = Counter()
    for name, config in UNLIKE.items():
        config = {key: value for key, value in config.items() if key != "_provenance"}
        if "apply_ocr" in config:
            config["apply_ocr"] = False
        for named in (config["image_processor_type"], config["image_processor_type"] + "Fast"):
            made = auto_class(config | {"image_processor_type": named}, tmp_path)
            sources = [
                tmp_path,
                str(tmp_path / "preprocessor_config.json"),
                config | {"image_processor_type": named},
                {"image_processor": config | {"image_processor_type": named}},
            ]
            for source in sources:
                assert Preprocessor.from_config(source).class_name == made.__name__, name
                by_name = Preprocessor.from_config(source, numerics="torch_cpu")
                assert by_name.class_name == made.__name__.removesuffix("Pil")
                counts["Pillow's" if made.__name__.endswith("Pil") else "torchvision's"] += 1
    print(dict(counts))
    assert counts["torchvision's"] > 0
    assert bool(counts["Pillow's"]) == bool(image_processing_auto.DEFAULT_TO_PIL_BACKEND_IMAGE_PROCESSORS)


@pytest.mark.parametrize("listed", [BY_PILLOW, [], None], ids=["before 0.27", "from 0.27 on", "no such list"])
def test_the_list_is_transformers_own(listed, monkeypatch):
    if listed is None:
        monkeypatch.delattr(image_processing_auto, "DEFAULT_TO_PIL_BACKEND_IMAGE_PROCESSORS")
    else:
        monkeypatch.setattr(image_processing_auto, "DEFAULT_TO_PIL_BACKEND_IMAGE_PROCESSORS", listed)
    for name in ("chameleon", "flava", "idefics3", "smolvlm", "clip"):
        cls = CONFIGS[name]["image_processor_type"]
        chosen = cls + ("Pil" if cls in (listed or ()) else "")
        assert Preprocessor.from_config(CONFIGS[name]).class_name == chosen
        assert Preprocessor.from_config(CONFIGS[name], numerics="float32").class_name == cls
        assert Preprocessor.from_config(proof.build_processor(CONFIGS[name])).class_name == cls  # as it is


def made_by(function):
    """The class's name, or None where it is refused."""
    try:
        return function()
    except ValueError:
        return None


@pytest.mark.parametrize("key", ["image_processor_type", "feature_extractor_type"])
def test_every_spelling_of_a_class_is_the_class_that_auto_image_processor_makes(key, tmp_path):
    """The Pillow class's name stands for torchvision's too; an extractor is read under its own key alone."""
    counts = Counter()
    for cls in sorted({config["image_processor_type"] for config in CONFIGS.values()}):
        extractor = cls.replace("ImageProcessor", "FeatureExtractor")
        for named in (cls, cls + "Fast", cls + "Pil", cls + "PilFast", extractor, extractor + "Fast"):
            config = {key: named} | ({"apply_ocr": False} if "LayoutLM" in cls else {})
            wanted = made_by(lambda config=config: auto_class(config, tmp_path).__name__)
            found = made_by(lambda: Preprocessor.from_config(tmp_path).class_name)
            assert found == wanted, named
            counts["refused" if wanted is None else "the same"] += 1
    print(key, dict(counts))
    assert counts["the same"] > 50 and counts["refused"] > 0


def test_a_folder_without_a_class_is_of_its_model_s(tmp_path):
    """Of Idefics3 the model's class is torchvision's, though the name of it would be Pillow's."""
    counts = Counter()
    for name in ("clip", "idefics3", "vit", "detr", "qwen2_vl", "siglip", "dinov2", "timesformer", "bert", "nonsense"):
        (tmp_path / "config.json").write_text(json.dumps({"model_type": name}))
        (tmp_path / "preprocessor_config.json").write_text('{"do_resize": true}')
        wanted = made_by(lambda: type(transformers.AutoImageProcessor.from_pretrained(tmp_path)).__name__)
        found = made_by(lambda: Preprocessor.from_config(tmp_path).class_name)
        assert found == wanted, name
        counts["refused" if wanted is None else "the same"] += 1
    assert counts == {"the same": 8, "refused": 2}

    (tmp_path / "config.json").write_text('{"model_type": "clip"}')
    (tmp_path / "preprocessor_config.json").write_text('{"size": 200}')
    theirs, ours = transformers.AutoImageProcessor.from_pretrained(tmp_path), Preprocessor.from_config(tmp_path)
    assert not difference(dict(ours(images_for({}))), dict(theirs(images_for({}), return_tensors="pt")))
    assert ours.config["size"] == {"shortest_edge": 200}
    (tmp_path / "config.json").write_text('{"model_type": "clip", "image_processor_type": "ViTImageProcessor"}')
    assert Preprocessor.from_config(tmp_path).class_name == "ViTImageProcessor"
    with pytest.raises(ValueError, match=r"preprocessor_config\.json: image_processor_type: missing; it names"):
        Preprocessor.from_config(tmp_path / "preprocessor_config.json")


def test_a_folder_is_read_as_auto_image_processor_reads_it(tmp_path):
    """What processor_config.json holds comes before preprocessor_config.json."""
    sizes = {"preprocessor_config.json": 30, "processor_config.json": 40}
    configs = {file: CONFIGS["vit"] | {"size": {"height": n, "width": n}} for file, n in sizes.items()}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(configs["preprocessor_config.json"]))
    for nested in (None, {"processor_class": "SomeProcessor"}, {"image_processor": configs["processor_config.json"]}):
        if nested is not None:
            (tmp_path / "processor_config.json").write_text(json.dumps(nested))
        theirs = transformers.AutoImageProcessor.from_pretrained(tmp_path)
        ours = Preprocessor.from_config(tmp_path)
        assert ours.config["size"] == dict(theirs.size)
        assert (
            theirs.size["height"]
            == sizes["processor_config.json" if "image_processor" in (nested or {}) else "preprocessor_config.json"]
        )


# ----------------------------------------------------------------------------------------------------------------------
# Older versions of transformers

WITHOUT = """
import transformers.image_processing_backends, transformers.models.auto.image_processing_auto
import transformers.utils.import_utils as import_utils
del import_utils.is_torchvision_greater_or_equal
from kernel_image_resize import Preprocessor, install, is_installed
assert is_installed(install(transformers.CLIPImageProcessor()))
Preprocessor.from_config({"image_processor_type": "ViTImageProcessor"})
"""
# What is imported from transformers, each looked up in the wheel of the oldest version that pyproject.toml allows, 5.4.
IN_THE_OLDEST = {
    "BaseVideoProcessor",
    "BaseImageProcessor",
    "BatchFeature",
    "PILImageResampling",
    "PilBackend",
    "SizeDict",
    "TorchvisionBackend",
    "image_processing_auto",
    "torch_pil_interpolation_mapping",
}


def test_transformers_without_a_newer_name():
    """Versions before 5.11 have no is_torchvision_greater_or_equal."""
    run = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_what_is_imported_is_in_the_oldest_version():
    assert '"transformers>=5.4"' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    imported = set()
    for file in (ROOT / "python" / "kernel_image_resize").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "transformers":
                imported |= {alias.name for alias in node.names}
    assert imported == IN_THE_OLDEST


# ----------------------------------------------------------------------------------------------------------------------
# Numbers that torch computes with in their own type

FACTORS = [
    1,
    2,
    True,
    numpy.int64(2),
    numpy.uint8(2),
    numpy.float64(1 / 127),
    numpy.float32(1 / 127),
    numpy.float16(1 / 127),
    numpy.array(1 / 127),
    torch.tensor(1 / 127),
    torch.tensor(1 / 127, dtype=torch.float64),
    torch.tensor(2),
    0,
    0.0,
    -1.0,
    2.0,
]
# One of each order of rescaling and normalizing; the number 2 goes through all.
AFFINES = ["aimv2", "align", "depth_pro", "detr", "dinov3_vit", "idefics3", "mobilevit", "pix2struct", "superpoint"]


@pytest.mark.parametrize("factor", FACTORS, ids=[f"{type(f).__name__} {f}" for f in FACTORS])
def test_a_rescale_factor_of_any_type(factor):
    """uint8 times an integer is uint8, and wraps: 2 * 255 is 254."""
    counts = Counter()
    for name in AFFINES if factor != 2 else UNLIKE:
        config = UNLIKE[name]
        for normalize, rescale in ((False, True), (True, True), (True, False)):
            theirs, ours = proof.build_processor(config), install(proof.build_processor(config))
            for each in (theirs, ours):
                each.rescale_factor, each.do_rescale, each.do_normalize = factor, rescale, normalize
                if normalize and each.image_mean is None:
                    each.image_mean, each.image_std = (0.1, 0.2, 0.3), (0.4, 0.5, 0.6)
            images = images_for(config)
            try:
                wanted = outputs_of(theirs(images, return_tensors="pt"))
            except Exception as error:
                with pytest.raises(type(error)):
                    ours(images, return_tensors="pt")
                counts["both refuse"] += 1
                continue
            with logged() as reasons:
                found = outputs_of(ours(images, return_tensors="pt"))
            bound = FLOAT_DOMAIN.get(config["image_processor_type"], 0.0)
            case = f"{name}, do_rescale={rescale}, do_normalize={normalize}"
            assert not difference(found, wanted, bound), f"{case}: {difference(found, wanted, bound)}"
            assert all("rescale_factor" in reason for reason in reasons), reasons
            counts["fell back" if reasons else "planned"] += 1
    print(f"{type(factor).__name__} {factor}: {dict(counts)}")
    assert counts["planned"] > 0 or not (isinstance(factor, float) and factor > 0)
