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


@pytest.fixture
def project(tmp_path):
    """A copy of the sources that recorded evidence depends on, and evidence within every bound, stamped."""
    accepted = json.loads((ROOT / "configs" / "gate.json").read_text())["recorded"]
    for source in accepted["sources"]:
        shutil.copytree(ROOT / source, tmp_path / source)
    evidence = {
        "device": "A GPU",
        "recorded": "2026-01-01",
        "measurements": [
            {"name": row["measurement"], "unit": row["accepted"]["unit"], "value": value_within(row["accepted"])}
            for row in accepted["bounds"]
        ],
    }
    file = tmp_path / "reports" / "recorded" / "gpu.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(evidence))
    stamped = gate("--source", tmp_path, "--stamp", file)
    assert stamped.returncode == 0, stamped.stderr
    return tmp_path


def value_within(bound):
    return bound["at_most"] / 2 if "at_most" in bound else bound["at_least"] * 2


def evidence_of(project):
    return project / "reports" / "recorded" / "gpu.json"


def test_the_project_itself_passes():
    done = gate("--recorded-only")
    assert done.returncode == 0, done.stdout + done.stderr
    if not list((ROOT / "reports" / "recorded").glob("*.json")):
        assert "no recorded evidence yet" in done.stdout
        assert "0 passed, 0 failed, 1 skipped" in done.stdout


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


def test_a_recorded_value_out_of_bounds_fails_beside_the_accepted_one(project):
    evidence = json.loads(evidence_of(project).read_text())
    bounds = json.loads((ROOT / "configs" / "gate.json").read_text())["recorded"]["bounds"]
    evidence["measurements"][0]["value"] = value_within(bounds[0]["accepted"]) * 4
    evidence_of(project).write_text(json.dumps(evidence))
    done = gate("--recorded-only", "--source", project, "--json", "-")
    assert done.returncode == 1
    failed = [check for check in json.loads(done.stdout)["checks"] if check["verdict"] == "FAIL"]
    assert [check["name"] for check in failed] == [f"gpu.json: {bounds[0]['measurement']}"]
    assert failed[0]["at_most"] == bounds[0]["accepted"]["at_most"]
    assert failed[0]["margin"] < 0


@pytest.mark.parametrize(
    ("text", "named"),
    [("{", "is not JSON"), ("[]", "must be an object"), ('{"parity": []}', "gate.parity: must be a list of objects")],
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
