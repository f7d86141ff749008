"""The README's example of Python does what it says."""

from pathlib import Path

README = Path(__file__).resolve().parents[2] / "README.md"


def test_quick_start():
    section = README.read_text(encoding="utf-8").split("## From Python", 1)[1].split("\n## ", 1)[0]
    begin = section.index("    import torch\n")
    block = section[begin:].split("\n\nOne call", 1)[0]
    program = "\n".join(line.removeprefix("    ") for line in block.splitlines())
    assert "kir.resize_normalize" in program and "assert" in program
    exec(compile(program, str(README), "exec"), {})
