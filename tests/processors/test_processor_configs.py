"""configs/processors: complete, in the schema, and what the installed transformers package says."""

import copy
import importlib.util
import json
import os
from pathlib import Path

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "configs" / "processors"
FILES = sorted(FOLDER.glob("*.json"))
SCHEMA = json.loads((ROOT / "configs" / "schema" / "processor.schema.json").read_text(encoding="utf-8"))


def read(model_type):
    return json.loads((FOLDER / f"{model_type}.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def validator():
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    return jsonschema.Draft202012Validator(SCHEMA)


@pytest.fixture(scope="module")
def maker():
    """scripts/make_processor_configs.py as a module."""
    pytest.importorskip("PIL")  # without it transformers hides its image processors
    spec = importlib.util.spec_from_file_location("make_processor_configs", ROOT / "scripts/make_processor_configs.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_file_is_in_the_schema(validator):
    assert FILES, f"no configurations in {FOLDER}"
    faults = [
        f"{path.name}: {'/'.join(map(str, error.path)) or '(file)'}: {error.message}"
        for path in FILES
        for error in validator.iter_errors(json.loads(path.read_text(encoding="utf-8")))
    ]
    assert not faults, "\n".join(faults)


# Each is one fault that the schema must see: (model type, key path, planted value; absent = the key is removed).
ABSENT = object()
FAULTS = [
    ("clip", ["_provenance"], ABSENT),
    ("clip", ["_provenance", "transformers"], ABSENT),
    ("clip", ["_provenance", "class"], "CLIPImageProcessor"),
    ("clip", ["image_processor_type"], ABSENT),
    ("clip", ["image_processor_type"], "clip"),
    ("clip", ["image_std"], [0.2, 0.0, 0.2]),
    ("clip", ["image_std"], [0.2, -0.1, 0.2]),
    ("clip", ["image_std"], []),
    ("clip", ["image_std"], 0.5),
    ("clip", ["image_std"], ABSENT),
    ("clip", ["image_mean"], "0.5"),
    ("clip", ["image_mean"], [300, 0, 0]),
    ("clip", ["size"], {"shortest_edge": 0}),
    ("clip", ["size"], {"shortest_edge": 224.5}),
    ("clip", ["size"], {"height": 224}),
    ("clip", ["size"], {"height": 224, "width": 224, "shortest_edge": 224}),
    ("clip", ["size"], 224),
    ("clip", ["crop_size"], ABSENT),
    ("clip", ["crop_size"], {"height": -1, "width": 224}),
    ("clip", ["resample"], 6),
    ("clip", ["resample"], "bicubic"),
    ("clip", ["do_resize"], 1),
    ("clip", ["rescale_factor"], 0),
    ("clip", ["rescale_factor"], ABSENT),
    ("clip", ["do_resise"], True),
    ("qwen2_vl", ["patch_size"], 0),
    ("convnext", ["crop_pct"], 1.5),
]


@pytest.mark.parametrize(("model_type", "path", "value"), FAULTS, ids=["/".join(path) for _, path, _ in FAULTS])
def test_schema_sees_a_planted_fault(validator, model_type, path, value):
    config = read(model_type)
    assert validator.is_valid(config)
    planted = copy.deepcopy(config)
    holder = planted
    for key in path[:-1]:
        holder = holder[key]
    if value is ABSENT:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value
    assert not validator.is_valid(planted)


def test_mean_and_std_have_one_length():
    unlike = [
        path.name
        for path in FILES
        for mean, std in [
            (config.get("image_mean"), config.get("image_std")) for config in [json.loads(path.read_text())]
        ]
        if isinstance(mean, list) and len(mean) != len(std)
    ]
    assert not unlike


def require_recorded_version(maker):
    """Skips when another transformers is installed than the one recorded: its classes may have other defaults."""
    recorded = {json.loads(path.read_text())["_provenance"]["transformers"] for path in FILES}
    assert len(recorded) == 1, f"files of several transformers versions: {sorted(recorded)}"
    installed = maker.transformers.__version__
    if recorded != {installed}:
        pytest.skip(f"made from transformers {recorded.pop()}, installed is {installed}")


def test_files_are_what_the_script_writes(maker):
    require_recorded_version(maker)
    texts = maker.file_texts()
    assert len(texts) == len(maker.IMAGE_PROCESSOR_MAPPING_NAMES)
    assert maker.differences(texts, FOLDER) == []


def test_files_of_videos_are_what_the_script_writes(maker):
    require_recorded_version(maker)
    texts = maker.file_texts("video")
    assert len(texts) == len(maker.VIDEO_PROCESSOR_MAPPING_NAMES)
    assert maker.differences(texts, ROOT / "configs" / "video") == []


def test_check_sees_a_changed_a_missing_and_a_foreign_file(maker, tmp_path):
    texts = {"a.json": "{}\n", "b.json": "{}\n"}
    (tmp_path / "a.json").write_text("{ }\n")
    (tmp_path / "c.json").write_text("{}\n")
    assert maker.differences(texts, tmp_path) == [
        "missing: b.json",
        "not from transformers' mapping: c.json",
        "differs: a.json",
    ]


# With image_mean in its configuration the class fills the border with int(mean * 255), not with the default that it
# writes: a configuration of these classes does not give the class's defaults back.
REDERIVED = {"background_color", "high_res_background_color"}


def test_a_class_built_from_its_file_has_the_file_s_values(maker):
    require_recorded_version(maker)
    unlike = []
    for path in FILES:
        config = json.loads(path.read_text(encoding="utf-8"))
        config.pop("_provenance")
        cls = maker.processor_class(path.stem)
        if maker.required_arguments(cls):
            continue
        rebuilt = cls.from_dict({k: v for k, v in config.items() if k != "image_processor_type"})
        written = json.loads(rebuilt.to_json_string())
        for key in written.keys() | config.keys():
            value = json.loads(json.dumps(getattr(rebuilt, key, None))) if key not in written else written[key]
            if key not in REDERIVED and key != "image_processor_type" and value != config.get(key):
                unlike.append(f"{path.name}: {key}: {config.get(key)} became {value}")
    assert not unlike, "\n".join(unlike)
