"""`kir gate` as a user calls it: exit codes, messages, recorded evidence from stamp to stale."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
KIR = Path(os.environ.get("KIR", ROOT / "build" / "kir"))


def gate(*arguments):
    return subprocess.run([KIR, "gate", *map(str, arguments)], capture_output=True, text=True, cwd=ROOT, timeout=120)


def named_bounds():
    """What is accepted of recorded evidence, by the names of its measurements."""
    recorded = json.loads((ROOT / "configs" / "gate.json").read_text())["recorded"]
    named = {f"{row['backend']} vs {row['oracle']}, {row['numerics']}: {row['of']}": row for row in recorded["parity"]}
    named |= {f"{row['suite']} {row['contender']}: {row['value']}": row for row in recorded["speed"]}
    return {name: row["accepted"] for name, row in named.items()}


@pytest.fixture
def project(tmp_path):
    """A copy of the sources that recorded evidence depends on, and evidence within every bound, stamped."""
    bounds = named_bounds()
    for room in ("include", "kernels", "plan", "python", "weights"):
        shutil.copytree(ROOT / room, tmp_path / room)
    evidence = {
        "device": "A GPU",
        "recorded": "2026-01-01",
        "command": "make record",
        "measurements": [
            {"name": name, "unit": bound["unit"], "value": value_within(bound)} for name, bound in bounds.items()
        ],
    }
    file = tmp_path / "reports" / "recorded" / "gpu.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(evidence))
    stamped = gate("--source", tmp_path, "--stamp", file)
    assert stamped.returncode == 0, stamped.stderr
    return tmp_path


def value_within(bound):
    if bound.get("at_least") == "planned":
        return len(list((ROOT / "configs" / "processors").glob("*.json")))
    return bound["at_most"] / 2 if "at_most" in bound else bound["at_least"] * 2


def evidence_of(project):
    return project / "reports" / "recorded" / "gpu.json"


def test_the_project_itself_passes():
    done = gate("--recorded-only")
    assert done.returncode == 0, done.stdout + done.stderr
    files = (ROOT / "reports" / "recorded").glob("*.json")
    if not any("measurements" in json.loads(file.read_text()) for file in files):
        assert "no recorded evidence yet" in done.stdout
        assert ", 0 failed, " in done.stdout
    for file in (ROOT / "reports" / "recorded").glob("*.unfinished"):
        assert file.name in done.stdout


def test_every_recorded_bound_is_of_a_case_that_there_is():
    bounds = json.loads((ROOT / "configs" / "gate.json").read_text())["recorded"]["speed"]
    suites = (ROOT / "configs" / "suites").glob("*.json")
    cases = {f"{path.stem}_{case['name']}" for path in suites for case in json.loads(path.read_text())["cases"]}
    assert {row["suite"] for row in bounds} <= cases


def test_fresh_evidence_passes(project):
    done = gate("--recorded-only", "--source", project)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "gpu.json: fresh" in done.stdout


def test_stale_evidence_fails_and_names_the_source(project):
    header = project / "include" / "kir" / "plan.hpp"
    header.write_text(header.read_text() + "\n")
    done = gate("--recorded-only", "--source", project)
    assert done.returncode == 1
    assert "FAIL  recorded: gpu.json: fresh" in done.stdout
    assert "include/kir/plan.hpp" in done.stdout


def test_a_new_class_and_a_comment_in_the_planner_stale_nothing(project):
    for file in (project / "plan").glob("*.cpp"):
        file.write_text("// a comment, or a new row\n" + file.read_text())
    configs = project / "configs"
    shutil.copytree(ROOT / "configs", configs)
    shutil.copy(configs / "processors" / "clip.json", configs / "processors" / "new.json")
    done = gate("--recorded-only", "--source", project, "--configs", configs)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("file", ["kernels/cuda/fused.cu", "weights/filters.cpp", "kernels/check_run.cpp"])
def test_a_changed_kernel_is_stale(project, file):
    changed = project / file
    changed.write_text(changed.read_text() + "\n")
    done = gate("--recorded-only", "--source", project)
    assert done.returncode == 1
    assert f"changed since it was recorded: {file}; record it again: make record on A GPU" in " ".join(
        done.stdout.split()
    )


def test_a_changed_plan_of_a_recorded_suite_or_processor_is_stale(project):
    configs = project / "configs"
    shutil.copytree(ROOT / "configs", configs)
    for file, old, new in [
        ("suites/bf16.json", "384", "320"),
        ("processors/clip.json", '"resample": 3', '"resample": 2'),
    ]:
        text = (configs / file).read_text()
        assert old in text
        (configs / file).write_text(text.replace(old, new))
    done = gate("--recorded-only", "--source", project, "--configs", configs)
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    assert "the plans of processors/clip, the plans of suites/bf16_n32; record it again" in said


def test_a_recorded_value_out_of_bounds_fails_beside_the_accepted_one(project):
    evidence = json.loads(evidence_of(project).read_text())
    name, bound = next(iter(named_bounds().items()))
    evidence["measurements"][0]["value"] = value_within(bound) * 4
    evidence_of(project).write_text(json.dumps(evidence))
    done = gate("--recorded-only", "--source", project, "--json", "-")
    assert done.returncode == 1
    failed = [check for check in json.loads(done.stdout)["checks"] if check["verdict"] == "FAIL"]
    assert [check["name"] for check in failed] == [f"gpu.json: {name}"]
    assert failed[0]["at_most"] == bound["at_most"]
    assert failed[0]["margin"] < 0


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("{", "malformed JSON"),
        ("[]", "is not a JSON object"),
        ('{"parity": []}', "gate.parity: must be a list of objects"),
    ],
)
def test_a_malformed_gate_file_is_bad_input(tmp_path, text, named):
    file = tmp_path / "gate.json"
    file.write_text(text)
    result = tmp_path / "result.json"
    done = gate("--gate", file, "--json", result)
    assert done.returncode == 2
    assert str(file) in done.stderr
    assert named in done.stderr
    assert not result.exists()


def test_missing_files_are_bad_input(tmp_path):
    assert gate("--gate", tmp_path / "none.json").returncode == 2
    assert gate("--recorded-only", "--stamp", tmp_path / "none.json").returncode == 2
    assert gate("--recorded-only", "--json", tmp_path / "none" / "x.json").returncode == 2
    assert gate("--source", tmp_path, "--stamp", __file__).returncode == 2
    (tmp_path / "evidence.json").write_text("{}")
    unsaid = gate("--stamp", tmp_path / "evidence.json")
    assert unsaid.returncode == 2
    assert "command: must be a text" in unsaid.stderr
