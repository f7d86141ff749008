"""configs/suites is in its schema, and the schema sees planted faults."""

import copy
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "configs" / "suites").glob("*.json"))
SEED = json.loads((ROOT / "configs" / "suites" / "seed.json").read_text())


@pytest.fixture(scope="module")
def validator():
    import jsonschema

    schema = json.loads((ROOT / "configs" / "schema" / "suite.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_suite_is_in_the_schema(validator, path):
    assert [error.message for error in validator.iter_errors(json.loads(path.read_text()))] == []


@pytest.mark.parametrize(
    ("key", "value"), [("runs_on", ["tpu"]), ("runs_on", []), ("host_images", True), ("images", 0), ("width", [5])]
)
def test_the_schema_sees_a_fault_of_a_case(validator, key, value):
    faulty = copy.deepcopy(SEED)
    faulty["cases"][0][key] = value
    assert list(validator.iter_errors(faulty))


def test_the_schema_sees_an_unknown_key_and_two_processors(validator):
    assert list(validator.iter_errors(SEED | {"colour": 1}))
    assert list(validator.iter_errors(SEED | {"resize_normalize": {}}))
