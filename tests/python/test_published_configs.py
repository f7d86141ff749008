"""Configurations as they are published (configs/published): `kir`, Preprocessor and install give what the class gives.

Of every file that AutoImageProcessor accepts and that is built, all values equal; the others both refuse, for the same
reason, which names a key that the file has or lacks. configs/published/INDEX.tsv says which is which.
"""

import contextlib
import copy
import csv
import json
import resource
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import kernel_image_resize as kir
import numpy
import processor_inputs as inputs
import processor_proof as proof
import pytest
import torch
import transformers
from kernel_image_resize.preprocessor import Preprocessor, Unplanned

FOLDER = proof.ROOT / "configs" / "published"
OUTCOMES = ("equal", "refused", "not built", "too large")
TORCHVISION = "torch_cpu"  # torchvision's arithmetic by name, where AutoImageProcessor makes the Pillow class

torch.set_num_threads(1)  # the tests themselves run in parallel


@dataclass(frozen=True)
class Published:
    file: str  # below FOLDER: a file, or a model's folder
    source: str
    class_name: str
    outcome: str
    peculiar: str

    @property
    def path(self):
        return FOLDER / self.file


def published():
    with (FOLDER / "INDEX.tsv").open(encoding="utf-8") as index:
        return [Published(**row) for row in csv.DictReader(index, delimiter="\t", quoting=csv.QUOTE_NONE)]


PUBLISHED = published()


def of_outcome(*outcomes):
    rows = [row for row in PUBLISHED if row.outcome in outcomes]
    return pytest.mark.parametrize("row", rows, ids=[row.file.removesuffix(".json") for row in rows])


# ----------------------------------------------------------------------------------------------------------------------
# The two sides


@contextlib.contextmanager
def class_sizes_kept():
    """Qwen2VLImageProcessor.__init__ writes a file's pixel counts into the `size` of the class."""
    classes = [transformers.Qwen2VLImageProcessor, transformers.CohereCompassImageProcessor]
    sizes = [copy.deepcopy(cls.size) for cls in classes]
    try:
        yield
    finally:
        for cls, size in zip(classes, sizes, strict=True):
            cls.size = size


def installed_processor(row, folder):
    """What AutoImageProcessor makes of a file or folder; of torchvision, where that would be the Pillow class."""
    source = row.path
    if source.is_file():
        source = folder / "model"
        source.mkdir()
        shutil.copy(row.path, source / "preprocessor_config.json")
    with class_sizes_kept():
        made = transformers.AutoImageProcessor.from_pretrained(source)
        if type(made).__name__.endswith("Pil"):
            made = getattr(transformers, type(made).__name__[:-3]).from_pretrained(source)
            made.by_pillow = True
    return made


def theirs(row, images, folder):
    """(processor, outputs); Refused where transformers refuses the file, or every image."""
    try:
        processor = installed_processor(row, folder)
    except (Exception, RecursionError) as error:
        raise proof.Refused(f"{type(error).__name__}: {error}") from error
    return processor, proof.expected(processor, images)


def fresh_images():
    return [inputs.chw(inputs.noise("published", *size)).contiguous() for size in ((61, 83), (120, 90), (97, 301))]


def saved(images, folder):
    paths = []
    for i, image in enumerate(images):
        paths.append(folder / f"image_{i}.npy")
        numpy.save(paths[-1], image.numpy())
    return paths


def reason_of_kir(row, *command):
    """Why `kir` refuses a file, without the path that it is read from."""
    run = proof.kir(*command)
    assert run.returncode == 2, f"kir {command[0]}: exit {run.returncode}: {run.stderr}"
    told = [line for line in run.stderr.splitlines() if ": ignored, " not in line]
    assert len(told) == 1 and told[0].startswith("kir: "), run.stderr
    return told[0].removeprefix("kir: ")


def reason_of_python(row):
    with pytest.raises(ValueError) as refusal, class_sizes_kept():
        Preprocessor.from_config(row.path)
    return str(refusal.value)


# ----------------------------------------------------------------------------------------------------------------------
# The table


def test_the_index_names_every_file(record_property):
    there = {path.name for path in FOLDER.iterdir() if path.name != "INDEX.tsv"}
    assert {row.file for row in PUBLISHED} == there
    assert {row.outcome for row in PUBLISHED} == set(OUTCOMES)
    counts = Counter(row.outcome for row in PUBLISHED)
    for outcome in OUTCOMES:
        names = ", ".join(row.file for row in PUBLISHED if row.outcome == outcome)
        record_property("counted", f"{counts[outcome]} of {len(PUBLISHED)} published files {outcome}: {names}")
    assert counts["equal"] >= 39


@of_outcome("equal")
def test_an_accepted_file_gives_equal_values(row, tmp_path, achieved):
    images = fresh_images()
    processor, wanted = theirs(row, images, tmp_path)
    paths = saved(images, tmp_path)
    by_pillow = getattr(processor, "by_pillow", False)
    numerics = TORCHVISION if by_pillow else "processor"
    ours = Preprocessor.from_config(row.path, numerics=numerics)
    installed = kir.install(processor, numerics=numerics)
    sides = {"Preprocessor": proof.expected(ours, images), "install": proof.expected(installed, images)}
    for backend in ("cpu", "reference"):
        assert proof.kir("plan", row.path, "--size", "61x83").returncode == 0
        try:
            sides[f"kir {backend}"] = proof.actual(row.path, paths, backend, TORCHVISION, tmp_path)
        except proof.Refused as refusal:
            assert backend == "cpu" and "does not support this plan" in str(refusal), refusal
    total, faults = proof.Difference(), []
    for side, found in sides.items():
        difference = proof.compare(found, wanted, 0.0)
        faults += [f"{side}: {fault}" for fault in difference.faults]
        total.join(difference)
    print(f"{row.file}: {len(sides)} sides, {total.elements} elements, largest error {total.max_abs}")
    assert not faults, "\n".join(faults)
    assert total.elements > 0
    achieved(f"{row.file}, {len(sides)} sides", total.max_abs, 0.0)


@of_outcome("refused")
def test_a_refused_file_is_refused_by_all_for_a_true_reason(row, tmp_path):
    with pytest.raises(proof.Refused) as refusal:
        theirs(row, fresh_images(), tmp_path)
    reason = reason_of_kir(row, "plan", row.path, "--size", "61x83")
    print(f"{row.file}: transformers: {str(refusal.value)[:200]}\n  kir: {reason}")
    assert reason_of_python(row) == reason
    check_true(row, reason)


def check_true(row, reason):
    """A key of the reason is in the file; or it is said to be missing, and it is not there."""
    file, _, told = reason.removeprefix(f"{row.path}").partition(": ")
    told = told.removeprefix("image_processor: ")
    key, _, sentence = told.partition(": ")
    text = Path(f"{row.path}{file}").read_text(encoding="utf-8")
    keys = key.replace("[", ".").split(".")
    if sentence.startswith("missing"):
        assert f'"{keys[-1]}"' not in text or row.file.startswith("own_nested"), reason
    else:
        assert f'"{keys[0]}"' in text, reason


@of_outcome("not built")
def test_what_is_not_built_is_refused_by_both(row, tmp_path):
    """By the class or by a key, whatever transformers does with the file."""
    reason = reason_of_kir(row, "plan", row.path, "--size", "61x83")
    with pytest.raises(Unplanned) as refusal:
        Preprocessor.from_config(row.path, numerics=TORCHVISION)
    print(f"{row.file}: {reason}")
    assert str(refusal.value).removeprefix(f"{row.class_name}: ") in reason


OF_PYTHON = """
import resource, sys, torch
from kernel_image_resize import Preprocessor
resource.setrlimit(resource.RLIMIT_AS, (24 << 30, 24 << 30))
try:
    Preprocessor.from_config(sys.argv[1])(torch.zeros(3, 61, 83, dtype=torch.uint8))
except (ValueError, MemoryError, torch.OutOfMemoryError) as error:
    print(error)
"""


@of_outcome("too large")
def test_what_is_too_large_is_refused_cleanly(row, tmp_path):
    """Nothing is run: neither of the two gets the memory, or the disk, that the output would take."""
    paths = saved(fresh_images()[:1], tmp_path)
    target = tmp_path / "out.safetensors"
    run = subprocess.run(
        [proof.KIR, "run", row.path, *paths, "-o", target],
        capture_output=True,
        text=True,
        check=False,
        cwd=proof.ROOT,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30)),
    )
    assert run.returncode == 2 and run.stderr.startswith("kir: ") and not target.exists(), run.stderr
    python = subprocess.run(
        [sys.executable, "-c", OF_PYTHON, row.path], capture_output=True, text=True, check=False, cwd=proof.ROOT
    )
    assert python.returncode == 0 and python.stdout.strip(), python.stderr
    print(f"{row.file}: {run.stderr.strip()} | {python.stdout.strip()}")


# ----------------------------------------------------------------------------------------------------------------------
# Planted faults


def test_a_wrong_value_a_wrong_class_and_a_wrong_reason_are_seen(tmp_path):
    row = next(row for row in PUBLISHED if row.file == "clip336.json")
    images = fresh_images()
    _, wanted = theirs(row, images, tmp_path)
    config = json.loads(row.path.read_text(encoding="utf-8"))
    for planted in ({"resample": 2}, {"image_mean": [0.4814547, 0.4578275, 0.40821073]}, {"do_center_crop": "x"}):
        found = proof.expected(Preprocessor.from_config({**config, **planted}), images)
        assert bool(proof.compare(found, wanted, 0.0).faults) == ("do_center_crop" not in planted)
    for untrue in (f"{row.path}: widths: 3 is wrong", f"{row.path}: size: missing"):
        with pytest.raises(AssertionError):
            check_true(row, untrue)
