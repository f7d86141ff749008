"""Each optional package is taken away, one at a time: what needs it is skipped by name, and nothing fails."""

import ast
import functools
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
BOOTSTRAP = (ROOT / "scripts" / "bootstrap.sh").read_text()
NAMES = re.search(r'^optional = "(.*)"\.split\(\)$', BOOTSTRAP, re.M).group(1).split()
DISTRIBUTIONS = {"PIL": "pillow", "skimage": "scikit-image", "xdist": "pytest-xdist"}
# Only tests and tools use these: their files tell all. The others are needed by helpers, the report and each other too.
TOOLS = ("xdist", "jsonschema", "mypy", "kernels", "pdoc", "scikit_build_core")
OTHERS = [name for name in NAMES if name not in (*TOOLS, "pytest")]
TEST_FILES = sorted(file for file in ROOT.glob("tests/*/test_*.py") if file != Path(__file__).resolve())
SECONDS = 240  # of one run; a few on an idle machine


def environment_without(*names):
    path = [HERE / "hidden", ROOT / "tests/processors", ROOT / "tests/python", os.environ.get("PYTHONPATH", "")]
    return os.environ | {
        "KIR_HIDDEN": " ".join(f"{name}:{DISTRIBUTIONS.get(name, name)}" for name in names),
        "PYTHONPATH": os.pathsep.join(str(one) for one in path if one),
        "HF_HUB_OFFLINE": "1",
    }


def python(environment, *words):
    run = [sys.executable, *map(str, words)]
    return subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False)


def pytest_without(name, *words):
    """What pytest said; it must have ended well, or collected nothing."""
    done = python(environment_without(name), "-m", "pytest", "-q", "-p", "no:cacheprovider", *words)
    assert done.returncode in (0, 5), done.stdout[-6000:] + done.stderr[-2000:]
    return done.stdout


def imports(nodes):
    """The packages that these nodes import, or ask for by pytest.importorskip."""
    found = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.importorskip":
            found.add(node.args[0].value)
    return {name.partition(".")[0] for name in found}


def functions(file):
    return [node for node in tree_of(file).body if isinstance(node, ast.FunctionDef)]


@functools.cache
def tree_of(file):
    return ast.parse(file.read_text(encoding="utf-8"))


@functools.cache
def whole_files(name):
    """Those that import it when they are imported themselves."""
    lines = {file: [node for node in tree_of(file).body if not hasattr(node, "body")] for file in TEST_FILES}
    return [file for file in TEST_FILES if name in imports(node for line in lines[file] for node in ast.walk(line))]


@functools.cache
def single_tests(name):
    """Files, and tests of theirs that import it themselves or by a fixture of the file."""
    found = []
    for file in set(TEST_FILES) - set(whole_files(name)):
        importing = {one.name for one in functions(file) if name in imports(ast.walk(one))}
        for one in functions(file):
            if one.name.startswith("test_") and importing & {one.name, *(each.arg for each in one.args.args)}:
                found.append((str(file.relative_to(ROOT)), one.name))
    if name in ("transformers", "torchvision", "PIL", "safetensors"):  # a script that is run there needs all four
        found.append(("tests/processors/test_processor_configs.py", "test_files_are_what_the_script_writes"))
    return sorted(found)


def not_named(output, files, name):
    """The files of which no skip names the package."""
    lines = [line.replace("-", "_") for line in output.splitlines() if line.startswith("SKIPPED [")]
    named = [line for line in lines if re.search(rf"\b{name}\b", line.partition(": ")[2])]
    return [file for file in files if not any(f"{file}:" in line for line in named)]


@pytest.fixture(autouse=True)
def package(request):
    """Only what is here can be taken away."""
    name = request.node.callspec.params.get("name") if hasattr(request.node, "callspec") else None
    if name is not None:
        pytest.importorskip(name)


@pytest.mark.parametrize("name", OTHERS)
def test_every_room_is_collected(name):
    output = pytest_without(name, "--collect-only", "tests", f"--ignore={HERE}")
    assert not_named(output, [file.relative_to(ROOT) for file in whole_files(name)], name) == []


@pytest.mark.parametrize("name", TOOLS)
def test_files_that_need_a_tool_are_skipped(name):
    files = [file.relative_to(ROOT) for file in whole_files(name)]
    if files:
        assert not_named(pytest_without(name, *files), files, name) == []


@pytest.mark.parametrize("name", [*TOOLS, *OTHERS])
def test_single_tests_that_need_it_are_skipped(name):
    if single_tests(name):
        files, tests = (sorted(set(each)) for each in zip(*single_tests(name), strict=True))
        assert not_named(pytest_without(name, *files, "-k", " or ".join(tests)), files, name) == []


def test_the_tests_are_found():
    """So that the ones above look at something."""
    assert {file.name for file in whole_files("kernels")} == {"test_cv_utils_hub.py", "test_hub.py"}
    assert {file.name for file in whole_files("mypy")} == {"test_types.py"}
    assert ("tests/benchmarks/test_suite_schema.py", "test_a_suite_is_in_the_schema") in single_tests("jsonschema")
    assert ("tests/reports/test_pages.py", "test_a_program_that_fails_gives_a_page_that_says_so") in single_tests(
        "skimage"
    )


@pytest.mark.parametrize("name", OTHERS)
def test_the_report_is_refused_by_name_or_made(name, tmp_path):
    """`kir` is a program that always fails here, so a report is a page that says so: exit code 1."""
    done = python(environment_without(name), "-m", "reports", "--kir", "/bin/false", "--out", tmp_path / "out")
    distribution = DISTRIBUTIONS.get(name, name)
    if done.returncode == 2:
        assert re.fullmatch(rf"kir report: .*\b({name}|{distribution}) is not installed.*\n", done.stderr), done.stderr
        assert not (tmp_path / "out" / "index.html").exists()
    else:
        assert done.returncode == 1 and (tmp_path / "out" / "index.html").is_file(), done.stderr


def test_the_package_itself_needs_none_of_them():
    program = (
        "import torch, kernel_image_resize as kir\n"
        "print(kir.resize_normalize([torch.zeros(3, 5, 5, dtype=torch.uint8)], 4, 0.5, 0.5).sum().item())\n"
    )
    done = python(environment_without(*NAMES), "-c", program)
    assert (done.returncode, done.stdout) == (0, "-48.0\n"), done.stderr


def test_every_run_of_pytest_is_skipped_by_name_without_pytest():
    texts = {file.parent.name: file.read_text() for file in ROOT.glob("tests/**/CMakeLists.txt")}
    assert [room for room, text in texts.items() for _ in range(text.count("-m pytest"))] == ["tests"]
    assert 'SKIP_REGULAR_EXPRESSION "No module named pytest"' in texts["tests"]
