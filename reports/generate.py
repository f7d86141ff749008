"""Makes the report: collects what kir answers, draws, and renders the two pages from data/*.json alone.

Exit codes: 0 the report is complete, 1 a bound is broken or something is missing in it, 2 bad input.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import jinja2

from reports import collect, measured, pictures, plots, readme, words

SOURCE = Path(__file__).resolve().parent.parent
TEMPLATES = Path(__file__).resolve().parent / "templates"


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=jinja2.select_autoescape(("html.j2",)),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
    )
    environment.filters.update(words.FILTERS)
    return environment


def draw_plots(read: dict, figures: Path) -> None:
    """Draws what there is data for; notes in `read` which figures exist."""
    if read["coverage"]:
        plots.coverage(read["coverage"]["kinds"], figures / "coverage.svg")
    read["has_parity_plot"] = plots.parity(read["parity"], figures / "parity.svg")
    for case in read["bench"]:
        path = figures / f"speed_{case['suite']}_{case['case']}.svg"
        case["figure"] = f"figures/{path.name}" if plots.speed(case, path) else None
    for number, table in enumerate(read["gpu"]):
        path = figures / f"gpu_{number}.svg"
        table["figure"] = f"figures/{path.name}" if plots.gpu(table, path) else None


def render(out: Path) -> dict:
    """index.html and report.md from OUT/data; returns what was read."""
    read = measured.read(out / "data")
    draw_plots(read, out / "figures")
    environment = _environment()
    css = (TEMPLATES / "report.css").read_text()
    (out / "index.html").write_text(environment.get_template("report.html.j2").render(css=css, **read))
    (out / "report.md").write_text(environment.get_template("report.md.j2").render(**read))
    return read


def complaints(read: dict) -> list[str]:
    """Why the exit code is 1; empty for a complete report within its bounds."""
    found = [f"missing {item['file']}: {item['why']}" for item in read["missing"]]
    found += [f"exit code {c['exit_code']}: {c['command']}" for c in read["commands"] if c["exit_code"]]
    found += [
        f"parity of {row['backend']} against {row['oracle']}, {row['numerics']}: failed"
        for row in read["parity"]
        if not row["passed"]
    ]
    found += [
        f"not timed: {case['suite']}/{case['case']} {row['contender']}: {row['error']}"
        for case in read["bench"]
        for row in case["rows"]
        if row["error"]
    ]
    for table in read["gpu"]:
        rows = [row for suite in table["suites"] for row in suite["rows"]]
        found += [f"not timed: {row['suite']} {row['contender']}: {row['error']}" for row in rows if "error" in row]
        found += [
            f"parity of {row['backend']} against {row['oracle']}, {row['numerics']}: failed"
            for row in table["parity"]
            if row["failed"] != 0 or not row["cases"]
        ]
    shown = [*read["pictures"]["processors"], *read["pictures"]["beyond"]]
    found += [f"picture of {picture['config']}: {picture['missing']}" for picture in shown if picture.get("missing")]
    return found


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m reports", description=__doc__.splitlines()[0])
    parser.add_argument("--kir", type=Path, default=SOURCE / "build" / "kir", help="the kir program")
    parser.add_argument("--out", type=Path, default=SOURCE / "reports" / "out", help="folder of the report")
    parser.add_argument("--quick", action="store_true", help="shorter timings")
    parser.add_argument("--render-only", action="store_true", help="make the pages again from OUT/data")
    parser.add_argument("--readme", action="store_true", help="also renew reports/readme/overview.png")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    data = options.out / "data"
    if options.render_only and not data.is_dir():
        print(
            f"kir report: --out: {data} does not exist; --render-only needs the data of an earlier run", file=sys.stderr
        )
        return 2
    if not options.render_only and not options.kir.is_file():
        print(f"kir report: --kir: {options.kir} does not exist; build it first (make build)", file=sys.stderr)
        return 2

    if not options.render_only:
        try:
            collect.collect(options.kir.resolve(), SOURCE, data, options.quick)
        except OSError as error:
            print(f"kir report: {error}", file=sys.stderr)
            return 2
        pictures.draw_all(data, options.out / "figures")
    read = render(options.out)
    if options.readme:
        readme.draw(data, read, SOURCE / "reports" / "readme" / "overview.png")

    found = complaints(read)
    for line in found:
        print(f"kir report: {line}", file=sys.stderr)
    print(f"wrote {options.out / 'index.html'} and {options.out / 'report.md'}")
    return 1 if found else 0
