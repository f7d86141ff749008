"""Recording evidence on a GPU machine, with a kir that answers from a script: parts, restarts, stale sources."""

import json
import stat
import sys

import pytest

from reports import evidence, gpu, record, record_compile, record_processors

# A kir that knows three commands. It notes every call; STAMP is the hash of its sources, BROKEN parts fail.
KIR = """#!{python}
import json, os, sys
words = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write(" ".join(words) + chr(10))
if words == ["--version"]:
    print("kir 9.9")
elif words[0] == "gate":
    stamp = open({stamp!r}).read()
    sources = {{"hash": "fnv1a64", "files": {{"a.cu": stamp}}}}
    file = words[words.index("--stamp") + 1]
    if json.load(open(file)) != {{"command": "make record"}}:
        sys.exit("kir: --stamp: evidence of another command")
    json.dump({{"sources": sources}}, open(file, "w"))
elif words[0] == "bench":
    name = words[words.index("--suite") + 1]
    if name in open({broken!r}).read().split():
        sys.exit("kir: no memory on the device")
    suite, case = name.split("_", 1) if name.count("_") == 1 else name.rsplit("_", 1)
    common = {{"suite": suite, "case": case, "backend": "cuda-separable", "numerics": "float32", "images": 2}}
    rows = []
    for contender, us in (("cuda-separable_float", 46.54321), ("copy", 27.1)):
        row = common | {{"contender": contender, "run_name": name + contender, "isolated_us": 55.5, "host_us": 8.25}}
        row |= {{"wall_us": 47.5, "us": us, "ratio_to_copy": us / 27.1, "ratio_to_" + contender: 1.0}}
        row |= {{"megahertz": 1800.0}}
        rows.append(row | {{"run_type": "aggregate", "aggregate_name": "median", "real_time": us}})
        rows.append(row | {{"run_type": "aggregate", "aggregate_name": "cv", "real_time": 0.004}})
    context = {{"device_facts": "A GPU, compute 9.0", "cuda_runtime": "13.0", "seed": 12}}
    answer = {{"context": context, "benchmarks": rows, "not_run": [{{"contender": "x", "reason": "y"}}]}}
    json.dump(answer, open(words[words.index("--json") + 1], "w"))
else:
    pair = {{word: words[words.index("--" + word) + 1] for word in ("backend", "oracle", "numerics")}}
    config = {{"name": "clip", "cases": 3, "margin": 7.5, "share_differing": 0.5}}
    answer = pair | {{"seed": 4, "quick": True, "cases": 3, "failed": 0, "skipped": 1, "max_abs": 1.5e-6}}
    answer |= {{"worst": "clip: x", "configs": [config], "failures": []}}
    json.dump(answer, open(words[words.index("--json") + 1], "w"))
"""


class Machine:
    """A machine with a GPU and that kir."""

    def __init__(self, folder):
        self.folder = folder
        for name, text in (("log", ""), ("stamp", "0" * 16), ("broken", "")):
            (folder / name).write_text(text)
        self.kir = folder / "kir"
        paths = {name: str(folder / name) for name in ("log", "stamp", "broken")}
        self.kir.write_text(KIR.format(python=sys.executable, **paths))
        self.kir.chmod(self.kir.stat().st_mode | stat.S_IEXEC)

    def record(self, *arguments):
        return record.main(["--kir", str(self.kir), "--out", str(self.folder / "out"), *arguments])

    def evidence(self):
        return json.loads((self.folder / "out" / "nvidia_h9000.json").read_text())

    def unfinished(self):
        return json.loads((self.folder / "out" / "nvidia_h9000.json.unfinished").read_text())

    def files(self):
        return [path.name for path in (self.folder / "out").iterdir()]

    def calls(self):
        """The measuring calls since the last time."""
        lines = (self.folder / "log").read_text().splitlines()
        (self.folder / "log").write_text("")
        return [line for line in lines if line.startswith(("bench", "parity"))]


@pytest.fixture
def gpu_machine(tmp_path, monkeypatch):
    monkeypatch.setattr(record, "smi", lambda query: "NVIDIA H9000" if query == "name" else "987")
    return Machine(tmp_path)


EVERY = [part.name for part in record.parts(record.SOURCE)]


def test_every_part_is_recorded_once_and_the_values_are_those_of_kir(gpu_machine, capsys):
    assert gpu_machine.record() == 0
    assert len(gpu_machine.calls()) == len(EVERY)
    found = gpu_machine.evidence()
    assert found["device"] == "NVIDIA H9000"
    assert found["sources"]["files"] == {"a.cu": "0" * 16}
    assert [part["part"] for part in found["parts"]] == EVERY
    row = next(row for row in found["rows"] if row["suite"] == "seed_n32")
    for key in ("suite", "backend", "us", "isolated_us", "host_us", "wall_us", "ratio_to_copy", "spread"):
        assert key in row
    assert row["us"] == 46.543  # five digits
    values = {one["name"]: (one["value"], one["unit"]) for one in found["measurements"]}
    assert values["seed_n32 cuda-separable_float: us"] == (46.543, "us")
    assert values["seed_n32 cuda-separable_float: host_us"] == (8.25, "us")
    assert values["seed_n32 cuda-separable_float: ratio_to_copy"][1] == "ratio of times"
    assert values["cuda-fused vs reference, float32: largest error"] == (1.5e-6, "normalized units")
    assert values["cuda-fused vs reference, float32: configurations compared"] == (1, "configurations")
    assert found["environment"]["driver"] == "987"
    assert found["environment"]["device_facts"] == "A GPU, compute 9.0"
    assert found["environment"]["sm_mhz"]["median"] == 1800
    assert f"[{len(EVERY)}/{len(EVERY)}" in capsys.readouterr().out  # a line of progress for each part


def test_a_second_run_measures_nothing_again_and_one_part_can_be_asked_for(gpu_machine):
    assert gpu_machine.record() == 0
    gpu_machine.calls()
    before = gpu_machine.evidence()
    assert gpu_machine.record() == 0
    assert gpu_machine.calls() == []
    assert gpu_machine.record("--only", "seed_n1", "cuda-fused vs reference, float32") == 0
    assert [call.split()[0] for call in gpu_machine.calls()] == ["bench", "parity"]
    after = gpu_machine.evidence()
    assert len(after["rows"]) == len(before["rows"])
    assert len(after["parity"]) == len(before["parity"])


def test_a_run_that_ends_early_is_taken_up(gpu_machine, capsys):
    assert gpu_machine.record("--seconds", "-1") == 1
    assert "not measured within" in capsys.readouterr().err
    assert gpu_machine.calls() == []
    assert gpu_machine.record("--only", "seed_n32") == 1  # the others are missing
    assert "missing: seed_n1, " in capsys.readouterr().err
    assert gpu_machine.files() == ["nvidia_h9000.json.unfinished"]  # no evidence as yet
    assert [part["part"] for part in gpu_machine.unfinished()["parts"]] == ["seed_n32"]
    gpu_machine.calls()
    assert gpu_machine.record() == 0
    assert gpu_machine.files() == ["nvidia_h9000.json"]
    assert len(gpu_machine.calls()) == len(EVERY) - 1


def test_a_part_that_breaks_is_said_and_measured_again(gpu_machine, capsys):
    (gpu_machine.folder / "broken").write_text("patches_n16")
    assert gpu_machine.record() == 1
    assert "exit code 1: kir bench --suite patches_n16" in capsys.readouterr().err
    assert gpu_machine.files() == ["nvidia_h9000.json.unfinished"]
    assert not [row for row in gpu_machine.unfinished()["rows"] if row["suite"] == "patches_n16"]
    gpu_machine.calls()
    (gpu_machine.folder / "broken").write_text("")
    assert gpu_machine.record() == 0
    assert [call.split()[2] for call in gpu_machine.calls()] == ["patches_n16"]
    assert gpu_machine.files() == ["nvidia_h9000.json"]


def test_a_part_that_breaks_when_it_is_measured_again_ends_the_evidence(gpu_machine):
    assert gpu_machine.record() == 0
    (gpu_machine.folder / "broken").write_text("seed_n1")
    assert gpu_machine.record("--only", "seed_n1") == 1
    assert gpu_machine.files() == ["nvidia_h9000.json.unfinished"]


def test_other_sources_make_every_part_count_for_nothing(gpu_machine, capsys):
    assert gpu_machine.record() == 0
    gpu_machine.calls()
    (gpu_machine.folder / "stamp").write_text("1" * 16)
    assert gpu_machine.record("--only", "seed_n32") == 1
    assert "recorded with other sources" in capsys.readouterr().out
    assert gpu_machine.evidence()["sources"]["files"] == {"a.cu": "0" * 16}  # stale, as the gate says
    found = gpu_machine.unfinished()
    assert {row["suite"] for row in found["rows"]} == {"seed_n32"}
    assert found["sources"]["files"] == {"a.cu": "1" * 16}


def test_a_report_shows_unfinished_evidence_of_the_same_sources(gpu_machine):
    folder = gpu_machine.folder
    (folder / "reports").mkdir()
    (folder / "reports" / "recorded").symlink_to(folder / "out")
    gpu_machine.record("--only", "seed_n1")
    (found,) = evidence.readable(gpu_machine.kir, folder)
    assert found["but"] == "not finished" and [part["part"] for part in found["parts"]] == ["seed_n1"]
    (folder / "stamp").write_text("1" * 16)
    assert evidence.readable(gpu_machine.kir, folder) == []
    (folder / "stamp").write_text("0" * 16)
    assert gpu_machine.record() == 0
    (found,) = evidence.readable(gpu_machine.kir, folder)
    assert "but" not in found
    (folder / "stamp").write_text("1" * 16)
    (found,) = evidence.readable(gpu_machine.kir, folder)
    assert found["but"] == "of other sources"


def test_a_stamp_is_fresh_until_a_file_or_one_of_its_plans_changes():
    stamp = {"hash": "fnv1a64", "files": {"a.cu": "0"}, "plans": {"processors/clip": "1"}}
    more = stamp | {"plans": {"processors/clip": "1", "processors/new": "2"}}
    assert evidence.is_fresh(stamp, stamp) and evidence.is_fresh(stamp, more)
    assert not evidence.is_fresh(more, stamp)  # one that it ran is gone
    assert not evidence.is_fresh(stamp, stamp | {"plans": {"processors/clip": "2"}})
    assert not evidence.is_fresh(stamp, stamp | {"files": {"a.cu": "1"}})
    assert not evidence.is_fresh(
        {"hash": "fnv1a64", "files": {"a.cu": "0"}}, stamp
    )  # of before there were hashes of plans
    assert not evidence.is_fresh(None, stamp)


def test_the_gate_knows_the_sources_of_every_command_that_records():
    known = json.loads((record.SOURCE / "configs" / "gate.json").read_text())["recorded"]["sources"]
    assert {row["command"] for row in known} == {
        record.COMMAND,
        record_compile.COMMAND,
        record_processors.COMMAND,
        "make record-python",
        "make record-cpu",
    }


def test_a_part_that_came_since_ends_the_evidence(gpu_machine, monkeypatch, capsys):
    assert gpu_machine.record() == 0
    more = [*record.parts(record.SOURCE), record.Part("seed_n2", ("bench", "--suite", "seed_n2"))]
    monkeypatch.setattr(record, "parts", lambda source: more)
    assert gpu_machine.record("--only", "seed_n1") == 1
    assert gpu_machine.files() == ["nvidia_h9000.json.unfinished"]
    assert "with other sources" not in capsys.readouterr().out


def test_without_a_gpu_nothing_is_recorded(gpu_machine, monkeypatch, capsys):
    monkeypatch.setattr(record, "smi", lambda query: None)
    assert gpu_machine.record() == 2
    assert "no GPU here" in capsys.readouterr().err
    assert not (gpu_machine.folder / "out").exists()


def test_bad_input(gpu_machine, tmp_path, capsys):
    assert record.main(["--kir", str(tmp_path / "none")]) == 2
    assert "make build" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        gpu_machine.record("--only", "seed_n33")
    assert "seed_n33" in capsys.readouterr().err


def test_the_parts_hold_every_measurement_that_the_gate_accepts():
    accepted = json.loads((record.SOURCE / "configs" / "gate.json").read_text())["recorded"]
    pairs = {f"{row['backend']} vs {row['oracle']}, {row['numerics']}" for row in accepted["parity"]}
    assert pairs <= set(EVERY)
    assert {row["suite"] for row in accepted["speed"]} <= set(EVERY)
    for row in accepted["speed"]:
        part = next(part for part in record.parts(record.SOURCE) if part.name == row["suite"])
        assert row["contender"].split("_")[0] in part.arguments


def test_a_row_that_was_refused_keeps_its_reason():
    refused = {
        "suite": "seed",
        "case": "n1",
        "contender": "cuda-fused_float",
        "backend": "cuda-fused",
        "run_name": "x",
        "error_occurred": True,
        "error_message": "wrong",
    }
    rows = gpu.bench_rows({"benchmarks": [refused]})
    assert rows == [
        {"suite": "seed_n1", "contender": "cuda-fused_float", "backend": "cuda-fused", "error": "wrong"},
    ]
    assert gpu.measurements(rows, []) == []


def test_why_a_part_failed_is_in_its_answer():
    refused = {"contender": "cuda-fused_float", "error_occurred": True, "error_message": "wrong: y 3"}
    assert record.words_of({"benchmarks": [{"contender": "copy"}, refused]}, "said") == "cuda-fused_float: wrong: y 3"
    failure = {"config": "clip", "case": "noise", "message": "got 1"}
    assert record.words_of({"failures": [failure]}, "said") == "clip, noise: got 1"
    assert record.words_of(None, "a\nb\nc\nd") == "b\nc\nd"


def test_evidence_is_written_row_by_row_and_whole(tmp_path):
    value = {"device": "A", "rows": [{"a": 1}, {"b": [2, 3]}], "empty": [], "environment": {"x": {"y": 1}}}
    evidence.write(tmp_path / "new" / "a.json", value)
    text = (tmp_path / "new" / "a.json").read_text()
    assert json.loads(text) == value
    assert '  {"a": 1},\n  {"b": [2, 3]}' in text
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["a.json"]
