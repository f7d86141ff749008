"""README.md says what the recorded evidence says, and nothing else."""

import json

import pytest

from reports import readme_gains

MARKED = f"before\n{readme_gains.BEGIN}old\n{readme_gains.END}after\n"


@pytest.fixture
def recorded(tmp_path, canned):
    """A folder with the canned evidence of Python calls."""
    folder = tmp_path / "recorded"
    folder.mkdir()
    python, cpu = canned["recorded.json"][2:]
    python["calls"].append({"suite": "python_n32", "contender": "transformers_fast", "wall_us": {"median": 4567.0}})
    (folder / "python_a_gpu.json").write_text(json.dumps(python))
    (folder / "python_cpu.json").write_text(json.dumps(cpu))
    return folder


def test_the_project_s_readme_is_what_its_evidence_says(capsys):
    assert readme_gains.main(["--check"]) == 0, capsys.readouterr().err


def test_times_are_those_of_the_evidence(recorded):
    text = readme_gains.text(recorded)
    lines = text.splitlines()
    assert lines[1] == "| processor | as decoded, 1 thread | as decoded, 2 threads | planar, 1 thread |"
    assert lines[3] == (
        "| install_alpha it does; 2 photographs | – | 6.17 → 17.3, **2.8 × slower** | 21.6 → 11.7, 1.8 × faster |"
    )
    assert lines[4] == "| install_beta it does; 2 photographs | a level is off | – | – |"
    assert "| Canned GPU | 32 images | 4.57 | 0.0731 | 62 × faster |" in lines
    assert "Canned CPU, torch 2.71.9, transformers 6.1.2" in text


def test_what_is_nearly_equal_is_neither_faster_nor_slower():
    assert readme_gains.verdict(10.0, 10.9) == readme_gains.verdict(10.9, 10.0) == "the same"
    assert "slower" in readme_gains.verdict(10.0, 12.0) and "faster" in readme_gains.verdict(12.0, 10.0)


def test_rounds_on_both_sides_of_its_own_time_are_the_same(recorded):
    file = recorded / "python_cpu.json"
    cpu = json.loads(file.read_text())
    cpu["calls"][1]["ratio_to_own"] |= {"low": 0.4, "high": 1.1}
    file.write_text(json.dumps(cpu))
    assert "21.6 → 11.7, the same |" in readme_gains.text(recorded)


def test_without_evidence_it_says_so(tmp_path):
    assert readme_gains.text(tmp_path).count("not recorded") == 2
    assert "faster" not in readme_gains.text(tmp_path)


def test_a_typed_number_is_found_and_written_over(recorded, tmp_path, capsys):
    readme = tmp_path / "README.md"
    readme.write_text(MARKED)
    words = ["--readme", str(readme), "--recorded", str(recorded)]
    assert readme_gains.main([*words, "--check"]) == 1 and readme.read_text() == MARKED
    assert readme_gains.main(words) == 0
    written = readme.read_text()
    assert written.startswith("before\n") and written.endswith("after\n") and "old" not in written
    assert readme_gains.main([*words, "--check"]) == 0
    readme.write_text(written.replace("21.6", "31.6"))
    assert readme_gains.main([*words, "--check"]) == 1
    assert "python -m reports.readme_gains" in capsys.readouterr().err


@pytest.mark.parametrize("text", ["no markers", MARKED + readme_gains.BEGIN])
def test_a_readme_without_its_markers_is_bad_input(recorded, tmp_path, capsys, text):
    readme = tmp_path / "README.md"
    readme.write_text(text)
    assert readme_gains.main(["--readme", str(readme), "--recorded", str(recorded)]) == 2
    assert "must have the line" in capsys.readouterr().err and readme.read_text() == text
