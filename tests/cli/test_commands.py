"""kir list, plan and run: what they print, their JSON, help and exit codes."""

import json
import re

import numpy
import pytest

COMMANDS = ["list", "coverage", "plan", "run", "parity", "bench", "report", "gate"]


def json_of(run):
    """The JSON on stdout, where nothing else may be."""
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    return json.loads(run.stdout)


# ----------------------------------------------------------------------------------------------------------------------
# Help


def test_help_names_every_command_and_the_exit_codes(kir):
    run = kir("--help")
    assert run.returncode == 0
    for command in COMMANDS:
        assert re.search(rf"^  {command} ", run.stdout, re.MULTILINE), command
    assert "0 ok, 1 a bound is broken, 2 bad input" in run.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_has_examples(kir, command):
    run = kir(command, "--help")
    assert run.returncode == 0
    _, examples = run.stdout.split("Examples:\n")
    assert re.match(rf"  kir {command}\b", examples)


def test_examples_of_plan_and_list_work(kir, tmp_path):
    for command in ("list", "plan"):
        examples = kir(command, "--help").stdout.split("Examples:\n")[1].strip().splitlines()
        assert len(examples) >= 3
        for example in examples:
            words = example.split("|")[0].replace("plan.json", str(tmp_path / "plan.json")).split()
            run = kir(*words[1:])
            assert run.returncode == 0, f"{example}: {run.stderr}"


def test_version(kir):
    run = kir("--version")
    assert run.returncode == 0
    assert re.fullmatch(r"kir \d+\.\d+\.\d+\n", run.stdout)


# ----------------------------------------------------------------------------------------------------------------------
# list


def test_list_json_has_a_row_for_every_configuration(kir):
    listing = json_of(kir("list", "--json", "-"))
    assert list(listing) == ["configs"]
    for row in listing["configs"]:
        assert sorted(row) == ["class", "file", "name", "reason", "recipe", "supported", "writes"]
        assert row["supported"] == (row["reason"] == "")
        assert row["file"].endswith(f"{row['name']}.json")
        assert row["class"] and (row["recipe"] or not row["supported"])
    names = [row["name"] for row in listing["configs"]]
    assert names == sorted(names)
    assert len(names) == len(set(names)) == 208


def test_list_prints_the_rows_and_their_counts(kir):
    rows = json_of(kir("list", "--json", "-"))["configs"]
    run = kir("list")
    assert run.returncode == 0
    table, summary = run.stdout.rstrip("\n").split("\n\n")
    assert [line.split()[0] for line in table.splitlines()] == [row["name"] for row in rows]
    supported = sum(row["supported"] for row in rows)
    assert summary == f"{supported} of {len(rows)} configurations supported"


def test_list_classes(kir):
    classes = json_of(kir("list", "--classes", "--json", "-"))["classes"]
    built = json_of(kir("list", "--classes", "--supported", "--json", "-"))["classes"]
    assert len(classes) == 126 and built == [row for row in classes if row["recipe"]] and len(built) < len(classes)
    configs = json_of(kir("list", "--json", "-"))["configs"]
    assert {row["class"]: row["recipe"] for row in configs} == {row["name"]: row["recipe"] for row in classes}
    printed = kir("list", "--classes").stdout.splitlines()
    assert [line.split()[0] for line in printed] == [row["name"] for row in classes]
    assert kir("list", "--classes", "--class", "CLIPImageProcessor").returncode == 2


def test_coverage(kir):
    """A row a configuration; what is planned is what `kir list` supports, and a reason is where something is not."""
    rows = json_of(kir("coverage", "--json", "-"))["processors"]
    assert {row["model_type"]: row["planned"] for row in rows} == {
        row["name"]: row["supported"] for row in json_of(kir("list", "--json", "-"))["configs"]
    }
    for row in rows:
        assert list(row) == sorted(["model_type", "class", "family", "planned", "reproduced", "modes", "reason"])
        assert row["planned"] or not row["reproduced"]
        assert bool(row["reason"]) != row["reproduced"], row
        assert bool(row["modes"]) or not row["reproduced"]
    table, summary = kir("coverage").stdout.rstrip("\n").split("\n\n")
    assert [line.split()[0] for line in table.splitlines()] == [row["model_type"] for row in rows]
    planned, reproduced = (sum(row[key] for row in rows) for key in ("planned", "reproduced"))
    assert summary.startswith(f"{planned} of {len(rows)} model types planned, {reproduced} reproduced; ")


def test_coverage_without_a_record(kir, tmp_path):
    rows = json_of(kir("coverage", "--source", tmp_path, "--json", "-"))["processors"]
    assert not any(row["reproduced"] or row["modes"] for row in rows)
    assert {row["reason"] for row in rows if row["planned"]} == {"not recorded: make record-processors"}


def test_list_filters(kir):
    rows = json_of(kir("list", "--json", "-"))["configs"]
    supported = json_of(kir("list", "--supported", "--json", "-"))["configs"]
    assert supported == [row for row in rows if row["supported"]]
    detr = json_of(kir("list", "--class", "DetrImageProcessor", "--json", "-"))["configs"]
    assert detr == [row for row in rows if row["class"] == "DetrImageProcessor"]
    assert detr


def test_json_to_a_file_is_that_on_stdout(kir, tmp_path):
    run = kir("list", "--json", tmp_path / "list.json")
    assert run.returncode == 0
    assert "configurations supported" in run.stdout
    assert json.loads((tmp_path / "list.json").read_text()) == json_of(kir("list", "--json", "-"))


def test_configs_are_found_from_any_folder_and_by_environment(kir, clip_with, tmp_path):
    everywhere = [row["name"] for row in json_of(kir("list", "--json", "-", cwd=tmp_path))["configs"]]
    assert len(everywhere) == 208
    (tmp_path / "processors").mkdir()
    clip_with().rename(tmp_path / "processors" / "mine.json")
    chosen = json_of(kir("list", "--json", "-", KIR_CONFIGS=str(tmp_path)))["configs"]
    assert [row["name"] for row in chosen] == ["mine"]
    assert kir("plan", "mine", "--size", "40x50", KIR_CONFIGS=str(tmp_path)).returncode == 0


# ----------------------------------------------------------------------------------------------------------------------
# plan


def test_plan_shows_sizes_windows_and_outputs(kir):
    run = kir("plan", "clip", "--size", "480x640", "800x600")
    assert run.returncode == 0
    # 480 x 640: the short side becomes 224, the long one int(224 * 640 / 480) = 298; a window of 224 in its middle.
    for expected in (
        "CLIPImageProcessor",
        "480 x 640",
        "800 x 600",
        "rows 480 -> 224",
        "columns 640 -> 298 window [37, 261)",
        "pixel_values (2, 3, 224, 224) float32",
    ):
        assert expected in run.stdout


def test_plan_json(kir):
    plan = json_of(kir("plan", "clip", "--size", "480x640", "--json", "-", "--dtype", "bf16", "--layout", "nhwc"))
    assert plan["numerics"] == "float32"
    assert [(output["key"], output["shape"], output["type"]) for output in plan["outputs"]] == [
        ("pixel_values", [1, 224, 224, 3], "bfloat16")
    ]
    assert [len(level["jobs"]) for level in plan["levels"]] == [1]


# Images of a batch, and what must be said of them: an architecture has its own multiprocessors and shared memory.
ARCHITECTURES = {"sm_80": 108, "sm_86": 82, "sm_89": 128, "sm_90": 132, "sm_100": 148, "sm_120": 170}


@pytest.mark.parametrize(("architecture", "multiprocessors"), ARCHITECTURES.items())
def test_plan_is_explained_for_an_architecture_without_a_device(kir, architecture, multiprocessors):
    arguments = ["plan", "siglip", "--size", *["700x900"] * 40, "--explain", "--arch", architecture]
    explained = json_of(kir(*arguments, "--json", "-"))["explain"]
    assert (explained["backend"], explained["architecture"]) == ("cuda-separable", architecture)
    prepare, separable, tiles = explained["lines"]
    assert prepare.startswith("prepare: 40 jobs, 2 axes, 0 fills in ")
    assert re.search(rf"tiles on {multiprocessors} blocks of \d teams of 4 warps, at most 128 registers", separable)
    assert re.fullmatch(r"  matrix tiles of \d+ x \d+, .*: 40 jobs, \d+ tiles: windows of 16 columns fit; .*", tiles)
    text = kir(*arguments)
    assert text.returncode == 0
    assert f"How cuda-separable runs it on {architecture}:\n  {prepare}\n  {separable}\n  {tiles}\n" in text.stdout


def test_plan_of_one_image_is_explained_as_one_launch(kir):
    lines = json_of(kir("plan", "siglip", "--size", "480x640", "--explain", "--arch", "sm_90", "--json", "-"))
    assert lines["explain"]["lines"][0].startswith("direct: 1 jobs, 2 axes, 0 fills in ")


def test_plan_of_the_readable_kernel_is_the_same_for_every_architecture(kir):
    arguments = ["plan", "siglip", "--size", "480x640", "--explain", "--backend", "cuda-fused", "--json", "-"]
    lines = [json_of(kir(*arguments, "--arch", one))["explain"]["lines"] for one in ARCHITECTURES]
    assert all(one == lines[0] for one in lines)
    assert lines[0][0].startswith("fused: 1 jobs and 0 fills in ")


def test_plan_of_grey_images(kir, clip_with):
    config = clip_with(image_mean=0.5, image_std=[0.25])
    plan = json_of(kir("plan", config, "--size", "40x50", "--channels", 1, "--json", "-"))
    assert plan["outputs"][0]["shape"] == [1, 1, 24, 24]


@pytest.mark.parametrize("name", ["detr", "qwen2_vl", "idefics3", "pix2struct"])
def test_plan_of_the_probes_of_the_architecture(kir, name):
    run = kir("plan", name, "--size", "480x640", "700x300")
    assert run.returncode == 0, run.stderr
    assert ("assumed" in run.stdout) == (name == "pix2struct")


def test_processor_numerics_are_torch_cpu(kir):
    plans = [
        json_of(kir("plan", "clip", "--size", "480x640", "--numerics", numerics, "--json", "-"))
        for numerics in ("processor", "torch_cpu")
    ]
    assert plans[0] == plans[1]
    assert plans[0]["numerics"] == "torch_cpu"


# ----------------------------------------------------------------------------------------------------------------------
# run


def test_run_says_what_auto_chose(kir, clip_with, image, tmp_path):
    run = kir("run", clip_with(), image, "-o", tmp_path / "x.npy", "--threads", 1)
    assert run.returncode == 0
    assert run.stderr == ""
    assert run.stdout.splitlines() == [
        "backend cpu (auto: the first choice supports this plan), numerics float32, 1 images, 1 threads",
        "pixel_values (1, 3, 24, 24) float32",
        f"wrote {tmp_path / 'x.npy'}",
    ]


@pytest.mark.parametrize("numerics", ["float32", "processor"])
def test_backends_by_name_agree(kir, clip_with, image, tmp_path, numerics):
    results = {}
    for backend in ("cpu", "reference", "libtorch"):
        target = tmp_path / f"{backend}.npy"
        run = kir("run", clip_with(), image, "-o", target, "--backend", backend, "--numerics", numerics)
        assert run.returncode == 0, run.stderr
        assert run.stdout.startswith(f"backend {backend}, ")
        results[backend] = numpy.load(target)
    bound = 1e-5 if numerics == "float32" else 0
    for backend in ("cpu", "reference"):
        error = numpy.abs(results[backend] - results["libtorch"]).max()
        print(f"{backend} against libtorch, {numerics}: {error:.3g}")
        assert error <= bound


def test_threads_do_not_change_the_result(kir, clip_with, random, tmp_path):
    numpy.save(tmp_path / "large.npy", random.integers(0, 256, (301, 457, 3), dtype=numpy.uint8))
    results = set()
    for threads in (1, 2, 5, 0):
        target = tmp_path / f"{threads}.npy"
        run = kir("run", clip_with(), tmp_path / "large.npy", "-o", target, "--threads", threads)
        assert run.returncode == 0, run.stderr
        results.add(target.read_bytes())
    assert len(results) == 1


def test_unknown_keys_are_reported_not_dropped(kir, clip_with, image, tmp_path):
    config = clip_with(do_sharpen=True)
    for arguments in (
        ["run", config, image, "-o", tmp_path / "x.npy"],
        ["plan", config, "--size", "5x5", "--json", "-"],
    ):
        run = kir(*arguments)
        assert run.returncode == 0
        assert run.stderr == f"kir: {config}: do_sharpen: ignored, CLIPImageProcessor has no such key\n"


def test_json_on_stdout_stays_empty_after_an_error(kir):
    run = kir("plan", "clip", "--size", "0x5", "--json", "-")
    assert run.returncode == 2
    assert run.stdout == ""
