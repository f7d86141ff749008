"""The pages say what the JSON says, all of it, and nothing else."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports import generate

TEMPLATES = Path(generate.TEMPLATES)
PARITY = "parity_cpu_reference_float32.json"

# A value of the data, what it becomes, and what the page then shows.
SENTINELS = [
    (("machine.json", "cores"), 1357, "1357 cores"),
    (("machine.json", "memory_gib"), 246.8, "246.8 GiB"),
    (("photographs.json", "photographs", 0, "width"), 7531, "7531"),
    (("photographs.json", "photographs", 0, "licence"), "CC-SENTINEL", "CC-SENTINEL"),
    (("coverage.json", "processors", 0, "modes", 1), "mode-sentinel", "float32, mode-sentinel"),
    (("coverage.json", "processors", 1, "reason"), "why-sentinel", "why-sentinel"),
    ((PARITY, "cases"), 8642, "8\u202f642"),
    ((PARITY, "skipped"), 9753, "9753"),
    ((PARITY, "max_abs"), 5.67e-6, "5.67e-06"),
    ((PARITY, "seed"), 1928374, "1928374"),
    ((PARITY, "worst"), "worst-sentinel", "worst-sentinel"),
    ((PARITY, "skips", 0, "reason"), "reason-sentinel", "reason-sentinel: gamma"),
    (("bench_seed.json", "not_run", 0, "reason"), "driver-sentinel", "not run: driver-sentinel"),
    ((PARITY, "configs", 1, "margin"), 3.69, "3.69×"),
    ((PARITY, "configs", 1, "bound"), 4.56e-5, "4.56e-05"),
    ((PARITY, "configs", 0, "max_abs"), 9.87e-7, "9.87e-07"),
    (("gate.json", "speed", "bounds", 0, "accepted", "at_most"), 0.345, "0.345"),
    (("gate_recorded.json", "checks", 0, "note"), "note-sentinel", "note-sentinel"),
    (("gate_recorded.json", "checks", 0, "measured"), 1.2345, "1.234"),
    (("recorded.json", 0, "rows", 0, "us"), 54.3, "54.3"),
    (("recorded.json", 0, "rows", 0, "isolated_us"), 65.7, "65.7"),
    (("recorded.json", 0, "rows", 0, "host_us"), 9.87, "9.87"),
    (("recorded.json", 0, "rows", 0, "wall_us"), 58.1, "58.1"),
    (("recorded.json", 0, "rows", 0, "ratio_to_copy"), 1.97, "1.97×"),
    (("recorded.json", 0, "rows", 0, "ratio_to_libtorch"), 0.0345, "0.0345×"),
    (("recorded.json", 0, "rows", 0, "max_abs"), 1.91e-6, "1.91e-06"),
    (("recorded.json", 0, "parity", 0, "margin"), 5.67, "5.67×"),
    (("recorded.json", 0, "parity", 0, "worst"), "gpu-worst-sentinel", "gpu-worst-sentinel"),
    (("recorded.json", 0, "not_run", 0, "reason"), "filter-sentinel", "in lanczos_n23: filter-sentinel"),
    (("recorded.json", 0, "environment", "driver"), "765.43", "driver 765.43"),
    (("recorded.json", 0, "environment", "sm_mhz", "median"), 1717.0, "1717 MHz"),
    (("recorded.json", 1, "kernels", 1, "registers"), 231, "231"),
    (("recorded.json", 1, "kernels", 1, "spill_stores"), 88, "(200)"),
    (("recorded.json", 1, "compiler"), "nvcc 14.5", "nvcc 14.5"),
    (("recorded.json", 2, "calls", 0, "wall_us", "median"), 41.9, "41.9"),
    (("recorded.json", 2, "calls", 0, "host_us", "median"), 26.3, "26.3"),
    (("recorded.json", 2, "calls", 0, "latency_us", "median"), 97.2, "97.2"),
    (("recorded.json", 2, "calls", 0, "max_abs"), 6.31e-7, "6.31e-07"),
    (("recorded.json", 2, "calls", 1, "absent"), "rival-sentinel", "not run: rival-sentinel"),
    (("recorded.json", 2, "calls", 2, "wrong"), "wrong-sentinel", "wrong-sentinel"),
    (("recorded.json", 2, "tests", 1, "outcome"), "passed", ": 2 passed"),
    (("recorded.json", 2, "tests", 1, "message"), "leak-sentinel", "leak-sentinel"),
    (("recorded.json", 2, "tests", 2, "test"), "skip-sentinel", "skip-sentinel"),
    (("gate.json", "recorded", "speed", 0, "accepted", "at_most"), 2.34, "ratio_to_copy ≤ 2.34"),
    (("pictures.json", "processors", 0, "max_error"), 3.45e-7, "3.45e-07"),
    (("pictures.json", "processors", 0, "max_rounding"), 12.9, "12.9"),
    (("pictures.json", "beyond", 0, "outputs", 0, "shape", 3), 4321, "4321"),
    (("bench_seed.json", "benchmarks", 1, "real_time"), 65.4, "65.4 ms"),
    (("bench_seed.json", "benchmarks", 1, "ratio_to_copy"), 7.65, "7.65×"),
    (("bench_seed.json", "benchmarks", 2, "real_time"), 0.0987, "9.87 %"),
    (("bench_seed.json", "benchmarks", 1, "max_abs"), 6.78e-7, "6.78e-07"),
    (("bench_seed.json", "context", "repetitions"), 2580, "2580 repetitions"),
    (("commands.json", 0, "seconds"), 98.7, "98.7 s"),
]


def put(data, path, value):
    for key in path[:-1]:
        data = data[key]
    data[path[-1]] = value


class Visible(HTMLParser):
    """The text of a page without its style sheet."""

    def __init__(self):
        super().__init__()
        self.text, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag == "style"

    def handle_endtag(self, tag):
        self.hidden -= tag == "style"

    def handle_data(self, data):
        if not self.hidden:
            self.text.append(data)


def visible(html):
    parser = Visible()
    parser.feed(html)
    return " ".join(parser.text)


@pytest.mark.parametrize(("path", "value", "shown"), SENTINELS, ids=lambda p: str(p) if isinstance(p, tuple) else "")
def test_a_changed_value_changes_the_page(canned, render, unchanged, path, value, shown):
    assert shown not in visible(unchanged)
    put(canned, path, value)
    assert shown in visible(render(canned)[0])


def changed_numbers(value):
    """The same data with every number changed, in texts too."""
    if isinstance(value, dict):
        return {key: changed_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [changed_numbers(item) for item in value]
    if isinstance(value, bool) or value is None or value == 0:
        return value
    if isinstance(value, int):
        return value * 3 + 1
    if isinstance(value, float):
        return value * 1.93
    return re.sub(r"(?<![\w.])\d+", lambda found: str(int(found[0]) * 3 + 5), value)


def test_no_number_of_the_page_survives_a_change_of_all_numbers_of_the_data(canned, render):
    number = re.compile(r"(?<![\w.])\d[\d.\u202f]*(?:e[+-]\d+)?")
    before, after = (
        set(number.findall(visible(render(data, name)[0])))
        for data, name in ((canned, "before"), (changed_numbers(canned), "after"))
    )
    # Counts of the canned lists (configurations, stages, commands) and zeros, which are the same in both.
    counted = {"0", "1", "2", "3"}
    assert len(before) > 40
    assert before & after <= counted, before & after


@pytest.mark.parametrize("template", ["report.html.j2", "report.md.j2"])
def test_no_number_is_typed_in_a_template(template):
    text = (TEMPLATES / template).read_text()
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", "", text, flags=re.S)
    text = re.sub(r"</?[a-z][^>]*>", "", text)  # h2, charset
    assert re.findall(r"(?<![\w])\d+", text) == []


def test_an_error_row_is_not_a_time(canned, render):
    html, markdown, read = render(canned)
    assert "wrong: pixel_values differ" in html and "wrong: pixel_values differ" in markdown
    assert "999" not in visible(html) and "999" not in markdown
    assert any("cpu_torch_cpu" in line for line in generate.complaints(read))


@pytest.mark.parametrize(
    "name", ["list.json", "coverage.json", PARITY, "machine.json", "photographs.json", "pictures.json", "gate.json"]
)
def test_missing_data_is_named(canned, render, name):
    del canned[name]
    html, markdown, read = render(canned)
    assert f"<code>{name}</code>" in html and f"`{name}`" in markdown
    assert any(name in line for line in generate.complaints(read))


def test_a_failed_command_says_why(canned, render):
    del canned["bench_seed.json"]
    canned["commands.json"][0].update(exit_code=2, message="kir: --suite: no such suite")
    html, _, read = render(canned)
    assert "kir: --suite: no such suite" in html
    assert any("exit code 2" in line for line in generate.complaints(read))


def test_a_failed_case_is_shown_and_fails(canned, render):
    canned[PARITY]["failed"] = 1
    canned[PARITY]["configs"][0]["failed"] = 1
    canned[PARITY]["failures"] = [{"config": "alpha", "case": "noise", "message": "got <1> & want 2"}]
    html, markdown, read = render(canned)
    assert "FAIL" in html and "**FAIL**" in markdown
    assert "got &lt;1&gt; &amp; want 2" in html
    assert generate.complaints(read)


def test_an_error_that_is_not_finite_is_no_error_of_zero(canned, render):
    canned[PARITY].update(max_abs=None, failed=1)
    canned[PARITY]["configs"][0].update(max_abs=None, margin=None, failed=1)
    html, markdown, _ = render(canned)
    assert "not finite" in visible(html) and "not finite" in markdown


def test_no_case_is_no_pass(canned, render):
    canned[PARITY].update(cases=0, max_abs=0, configs=[])
    assert any("cpu against reference" in line for line in generate.complaints(render(canned)[2]))


def test_rows_are_sorted_by_time_and_put_in_ratio_to_the_same_contenders(canned, render):
    case = render(canned)[2]["bench"][0]
    assert [row["contender"] for row in case["rows"]] == ["copy", "cpu_float", "libtorch_float", "cpu_torch_cpu"]
    assert case["compared_to"] == ["copy", "libtorch_float"]


def test_a_complete_report_has_no_complaint(canned, render):
    canned["bench_seed.json"]["benchmarks"].pop()
    assert generate.complaints(render(canned)[2]) == []


def test_the_page_needs_no_network(canned, render, tmp_path):
    html, markdown, _ = render(canned)
    loaded = re.findall(r"""(?:src|<link[^>]*href)\s*=\s*["']([^"']+)""", html)
    assert loaded
    assert not [address for address in loaded if "//" in address or address.startswith("/")]
    assert 'content: "→"' in html  # the style sheet is not escaped
    assert "<script" not in html and "@import" not in html and "url(" not in html
    drawn = [address for address in loaded if address.endswith(".svg")]
    wanted = {"coverage", "parity", "speed_seed_ragged", "gpu_0"}
    assert {f"figures/{name}.svg" for name in wanted} <= set(drawn)
    for address in drawn:
        assert (tmp_path / "out" / address).is_file()
        assert address in markdown


def test_without_a_gpu_the_page_says_so(canned, render):
    assert "Not run: no GPU here" in render(canned, "without")[0]
    canned["machine.json"]["gpus"] = ["A GPU of this machine"]
    html, _, _ = render(canned, "with")
    assert "Not run: no GPU" not in html and "A GPU of this machine" in html


def test_without_evidence_the_page_says_so(canned, render):
    canned["recorded.json"] = canned["recorded.json"][1:]  # what a compiler said is no evidence
    html, markdown, _ = render(canned)
    assert "No evidence from a GPU machine has been recorded yet" in html
    assert "No evidence from a GPU machine has been recorded yet" in markdown


def test_evidence_that_does_not_count_is_called_so_and_is_no_headline(canned, render):
    canned["recorded.json"][0]["rows"][0] |= {"suite": "seed_n32", "contender": "cuda-separable_float"}
    on_a_gpu = lambda read: [tile for tile in read["headline"] if "on a GPU" in tile["words"]]  # noqa: E731
    assert len(on_a_gpu(render(canned, "before")[2])) == 1
    canned["recorded.json"][0]["but"] = "not finished"
    html, markdown, read = render(canned, "after")
    assert on_a_gpu(read) == []
    for page in (html, markdown):
        assert "Recorded: A GPU, not finished" in page


def test_only_what_was_measured_is_called_measured(canned, render):
    html = visible(render(canned)[0])
    assert "Only Hopper is measured" in html
    assert "the host was the limit" in html


def fresh(canned):
    """The recorded workload measured on this machine too, as kir answers."""
    row = canned["recorded.json"][0]["rows"][0]
    common = {**row, "suite": "seed", "case": "n23", "run_name": "seed/n23/cuda-separable_float", "time_unit": "us"}
    canned["gpu_seed_n23.json"] = {
        "context": {"device_facts": "This GPU", "seed": 5},
        "not_run": [],
        "benchmarks": [
            {**common, "run_type": "iteration", "us": 51.7, "real_time": 50.2},
            {**common, "run_type": "aggregate", "aggregate_name": "median", "us": 51.7, "real_time": 51.7},
            {**common, "run_type": "aggregate", "aggregate_name": "cv", "real_time": 0.0123},
        ],
    }
    canned["gpu_pair.json"] = canned[PARITY] | {"backend": "cuda-fused"}
    canned["commands.json"] += [
        {"command": "kir", "result": name, "exit_code": 0, "seconds": 1.5, "message": ""}
        for name in ("gpu_seed_n23.json", "gpu_pair.json")
    ]
    canned["machine.json"]["gpus"] = ["This GPU"]


def test_fresh_measurements_stand_beside_the_recorded_ones(canned, render):
    fresh(canned)
    html, markdown, read = render(canned)
    assert [table["title"] for table in read["gpu"]] == ["Recorded: A GPU", "This machine, now"]
    assert "51.7" in visible(html) and "51.7" in markdown
    assert "cuda-fused" in visible(html)
    for table in read["gpu"]:
        assert table["figure"] and table["figure"] in html


def test_a_fresh_gpu_contender_without_a_time_is_a_complaint(canned, render):
    fresh(canned)
    canned["gpu_seed_n23.json"]["benchmarks"].append(
        {
            "suite": "seed",
            "case": "n23",
            "contender": "cuda-fused_float",
            "backend": "cuda-fused",
            "run_name": "x",
            "error_occurred": True,
            "error_message": "wrong: gpu pixel_values",
        }
    )
    canned["gpu_pair.json"]["failed"] = 3
    html, markdown, read = render(canned)
    assert "wrong: gpu pixel_values" in html and "wrong: gpu pixel_values" in markdown
    complaints = "\n".join(generate.complaints(read))
    assert "not timed: seed_n23 cuda-fused_float: wrong: gpu pixel_values" in complaints
    assert "parity of cuda-fused against reference, float32: failed" in complaints


def test_a_case_that_ran_on_the_gpu_is_not_said_to_be_left_out(canned, render):
    canned["bench_seed.json"]["not_run"] = [{"contender": "seed/n23", "reason": "for CUDA backends"}]
    assert "not run: for CUDA backends" in visible(render(canned, "before")[0])
    fresh(canned)
    assert "not run: for CUDA backends" not in visible(render(canned, "after")[0])


def test_an_installed_processor_is_shown_beside_its_own(canned, render):
    html, markdown, _ = render(canned)
    for text in (visible(html), markdown):
        assert "installed_hwc_2_threads" in text and "6.17" in text and "17.3" in text and "2.8×" in text
        assert "not timed" in text and "a level is off" in text
    assert "install_alpha it does; 2 images" in visible(html)


def test_render_only_needs_data(tmp_path, capsys):
    assert generate.main(["--render-only", "--out", str(tmp_path / "none")]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_program_that_is_not_there_is_bad_input(tmp_path, capsys):
    assert generate.main(["--kir", str(tmp_path / "kir"), "--out", str(tmp_path / "out")]) == 2
    assert "make build" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_program_that_fails_gives_a_page_that_says_so(tmp_path):
    pytest.importorskip("skimage")
    kir = tmp_path / "kir"
    kir.write_text("#!/bin/sh\necho 'kir: planted failure' >&2\nexit 2\n")
    kir.chmod(0o755)
    assert generate.main(["--kir", str(kir), "--out", str(tmp_path / "out")]) == 1
    html = (tmp_path / "out" / "index.html").read_text()
    assert "planted failure" in html and "<code>list.json</code>" in html
    commands = json.loads((tmp_path / "out" / "data" / "commands.json").read_text())
    assert {command["exit_code"] for command in commands} == {2}
