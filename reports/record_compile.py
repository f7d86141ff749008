"""Compiles the CUDA sources for every architecture and records what the compiler says of each kernel.

Writes reports/recorded/cuda_compile.json: registers, spills, stack and shared memory of every kernel on every
architecture. Nothing is run: a GPU is not needed. Exit codes: 0 written, 1 the build failed, 2 bad input.
"""

from __future__ import annotations

import argparse
import datetime
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from reports import evidence

SOURCE = Path(__file__).resolve().parent.parent
COMMAND = "make cuda-all"
# A100; RTX 30; RTX 40 and L40; H100 and H200 with their own instructions; B200; RTX 50.
ARCHITECTURES = ("80", "86", "89", "90a", "100", "120")

ENTRY = re.compile(r"Compiling entry function '(\S+)' for 'sm_(\w+)'")
PROPERTIES = re.compile(r"Function properties for (\S+)")
STACK = re.compile(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads")
USED = re.compile(r"Used (\d+) registers(.*)")
SHARED = re.compile(r"(\d+) bytes smem")


def kernels(text: str) -> list[dict]:
    """A row for each entry function in what `ptxas -v` printed."""
    rows, entry, stack = [], None, (0, 0, 0)
    of_entry = False
    for line in text.splitlines():
        if found := ENTRY.search(line):
            entry, stack, of_entry = found.groups(), (0, 0, 0), False
        elif found := PROPERTIES.search(line):
            of_entry = entry is not None and found[1] == entry[0]
        elif (found := STACK.search(line)) and of_entry:
            stack = tuple(int(number) for number in found.groups())
        elif (found := USED.search(line)) and entry:
            shared = SHARED.search(found[2])
            rows.append(
                {
                    "kernel": entry[0],
                    "architecture": entry[1],
                    "registers": int(found[1]),
                    "stack": stack[0],
                    "spill_stores": stack[1],
                    "spill_loads": stack[2],
                    "shared": int(shared[1]) if shared else 0,
                }
            )
            entry = None
    return rows


def short_name(demangled: str) -> str:
    """ "void kir::cuda::(anonymous namespace)::walk<4>(int*)" -> "walk<4>"."""
    name = re.sub(r"\(anonymous namespace\)::|kir::cuda::|kir::", "", demangled)
    if name.endswith(")"):
        depth = 0
        for at in range(len(name) - 1, -1, -1):
            depth += (name[at] == ")") - (name[at] == "(")
            if depth == 0:
                name = name[:at]
                break
    return name.removeprefix("void ")


def demangle(rows: list[dict]) -> None:
    """Names as the source has them, where there is a c++filt."""
    if not rows or shutil.which("c++filt") is None:
        return
    names = "\n".join(row["kernel"] for row in rows)
    done = subprocess.run(["c++filt"], input=names, capture_output=True, text=True, check=True)
    for row, name in zip(rows, done.stdout.splitlines(), strict=True):
        row["kernel"] = short_name(name)


def table(rows: list[dict]) -> str:
    """A line a kernel, a column an architecture: registers, and bytes spilled where there are any."""
    cells = {(row["kernel"], row["architecture"]): row for row in rows}
    present = [one for one in ARCHITECTURES if any(row["architecture"] == one for row in rows)]
    names = sorted({row["kernel"] for row in rows})
    width = max(len(name) for name in names)
    lines = [f"{'registers (bytes spilled)':<{width}}  " + "".join(f"{'sm_' + one:>12}" for one in present)]
    for name in names:
        line = f"{name:<{width}}  "
        for one in present:
            row = cells.get((name, one))
            spilled = row["spill_stores"] + row["spill_loads"] if row else 0
            text = "-" if row is None else f"{row['registers']}" + (f" ({spilled})" if spilled else "")
            line += f"{text:>12}"
        lines.append(line)
    return "\n".join(lines)


def run(words: list[str], environment: dict) -> tuple[int, str]:
    """Runs a command; its steps are shown as they come."""
    said = []
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ | environment
    ) as process:
        for line in process.stdout:
            said.append(line)
            if re.match(r"\[\d+/\d+\]", line):
                print(line.rstrip(), flush=True)
    return process.returncode, "".join(said)


def compile_all(build: Path, architectures: list[str], jobs: int) -> tuple[str, str]:
    """What the compiler said of a build from nothing, and which compiler it was. RuntimeError when it failed."""
    listed = ";".join(f"{one}-real" for one in architectures)
    # Without a cache, which would not say again what the compiler said. The flag is nvcc's own variable: the project's
    # flags stay as they are.
    configure = ["cmake", "-S", str(SOURCE), "-B", str(build), "-G", "Ninja", f"-DCMAKE_CUDA_ARCHITECTURES={listed}"]
    configure += ["-DKIR_DEVELOPER=OFF", "-DKIR_CUDA=ON", f"-DKIR_PYTHON={sys.executable}"]
    configure += ["-DCMAKE_CUDA_COMPILER_LAUNCHER="]
    for words in (
        configure,
        ["cmake", "--build", str(build), "--target", "kir_cuda", "--clean-first", "-j", str(jobs)],
    ):
        code, said = run(words, {"NVCC_APPEND_FLAGS": "-Xptxas -v"})
        if code:
            raise RuntimeError(f"exit code {code}: {' '.join(words)}\n" + "\n".join(said.splitlines()[-30:]))
    cache = (build / "CMakeCache.txt").read_text()
    nvcc = re.search(r"^CMAKE_CUDA_COMPILER:\w+=(.*)$", cache, re.M)[1]
    version = subprocess.run([nvcc, "--version"], capture_output=True, text=True, check=True).stdout
    return said, "nvcc " + re.search(r"V([\d.]+)", version)[1]


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m reports.record_compile", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--kir", type=Path, default=SOURCE / "build" / "kir", help="the kir program, for the stamp")
    parser.add_argument("--build", type=Path, default=SOURCE / "build" / "cuda-all", help="folder of this build")
    parser.add_argument("--out", type=Path, default=SOURCE / "reports" / "recorded", help="folder of the evidence")
    parser.add_argument("--architectures", nargs="+", choices=ARCHITECTURES, default=list(ARCHITECTURES))
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="compilers at once")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if not options.kir.is_file():
        print(f"cuda-all: --kir: {options.kir} does not exist; build it first (make build)", file=sys.stderr)
        return 2
    stamp = evidence.source_stamp(options.kir.resolve(), SOURCE, COMMAND)
    try:
        said, compiler = compile_all(options.build, options.architectures, options.jobs)
    except (OSError, RuntimeError) as error:
        print(f"cuda-all: {error}", file=sys.stderr)
        return 1
    rows = kernels(said)
    demangle(rows)
    absent = [one for one in options.architectures if not any(row["architecture"] == one for row in rows)]
    if absent:
        print(f"cuda-all: the compiler said nothing of sm_{', sm_'.join(absent)}", file=sys.stderr)
        return 1
    print(table(rows))
    path = options.out / "cuda_compile.json"
    evidence.write(
        path,
        {
            "about": "What the compiler says of every kernel; nothing was run",
            "recorded": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d"),
            "command": COMMAND,
            "compiler": compiler,
            "architectures": options.architectures,
            "kernels": rows,
            "sources": stamp,
        },
    )
    print(f"wrote {path}: {len(rows)} rows")
    return 0


if __name__ == "__main__":
    sys.exit(main())
