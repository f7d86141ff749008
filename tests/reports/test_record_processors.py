"""Rows of processors.json, of JUnit's XML."""

import xml.etree.ElementTree as ElementTree

import pytest

from reports import record_processors

CASE = """
<testcase name="a">
  <properties>
    <property name="compared" value='{"configs": ["clip", "git"], "numerics": "processor"}'/>
    <property name="found" value='{"elements": 10, "max_abs": 0.0}'/>
    <property name="compared" value='{"configs": ["clip", "git"], "numerics": "processor"}'/>
    <property name="found" value='{"elements": 7, "max_abs": 1e-07}'/>
  </properties>
</testcase>
"""
FLOAT = CASE.replace('"processor"', '"float32"').replace('"clip", "git"', '"clip"')


def rows(*texts):
    cases = [ElementTree.fromstring(text.strip()) for text in texts]
    return {(row["config"], row["numerics"]): row for row in record_processors.rows_of(cases)}


def test_a_row_a_configuration_and_numerics():
    found = rows(CASE, FLOAT, CASE)
    assert set(found) == {("clip", "torch_cpu"), ("git", "torch_cpu"), ("clip", "float32")}
    wanted = {"own": True, "tests": 2, "failed": 0, "elements": 34, "max_abs": 1e-7}
    assert wanted.items() <= found["git", "torch_cpu"].items()
    assert {"own": False, "tests": 1}.items() <= found["clip", "float32"].items()


@pytest.mark.parametrize(("child", "tests", "failed"), [("failure", 2, 1), ("error", 2, 1), ("skipped", 1, 0)])
def test_a_failed_test_fails_its_row_and_a_skipped_one_is_none(child, tests, failed):
    other = CASE.replace("<properties>", f"<{child}/><properties>")
    row = rows(CASE, other)["clip", "torch_cpu"]
    assert (row["tests"], row["failed"]) == (tests, failed)


def test_a_kir_that_is_not_there_is_bad_input(tmp_path, capsys):
    assert record_processors.main(["--kir", str(tmp_path / "none")]) == 2
    assert "does not exist" in capsys.readouterr().err
