"""What the compiler says of kernels, read from its own words."""

import re
from pathlib import Path

import pytest

from reports import record_compile

ROOT = Path(__file__).resolve().parents[2]

WORDS = """
[1/3] Building CUDA object a.cu.o
ptxas info    : 24 bytes gmem, 128 bytes cmem[4]
ptxas info    : Compiling entry function '_Z4walkILi4EEvPi' for 'sm_80'
ptxas info    : Function properties for _Z4walkILi4EEvPi
    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
ptxas info    : Used 64 registers, used 1 barriers, 2048 bytes smem, 400 bytes cmem[0]
ptxas info    : Compile time = 12.3 ms
ptxas info    : Compiling entry function '_Z4walkILi4EEvPi' for 'sm_90a'
ptxas info    : Function properties for _Z6helperv
    96 bytes stack frame, 96 bytes spill stores, 96 bytes spill loads
ptxas info    : Function properties for _Z4walkILi4EEvPi
    32 bytes stack frame, 24 bytes spill stores, 28 bytes spill loads
ptxas info    : Used 168 registers, 400 bytes cmem[0]
"""


def test_a_row_for_each_kernel_and_architecture():
    first, second = record_compile.kernels(WORDS)
    assert first == {
        "kernel": "_Z4walkILi4EEvPi",
        "architecture": "80",
        "registers": 64,
        "stack": 0,
        "spill_stores": 0,
        "spill_loads": 0,
        "shared": 2048,
    }
    assert second["architecture"] == "90a"
    assert (second["registers"], second["shared"]) == (168, 0)
    assert (second["stack"], second["spill_stores"], second["spill_loads"]) == (32, 24, 28)  # not the helper's


@pytest.mark.parametrize(
    ("demangled", "short"),
    [
        ("void kir::cuda::(anonymous namespace)::walk<4>(int*)", "walk<4>"),
        ("kir::cuda::tiles<(bool)1, kir::cuda::BlobParameter<512ul> >(int, void (*)(int))", None),
        ("plain", "plain"),
    ],
)
def test_names_are_those_of_the_source(demangled, short):
    assert record_compile.short_name(demangled) == (short or "tiles<(bool)1, BlobParameter<512ul> >")


def test_the_table_has_registers_and_what_was_spilled():
    text = record_compile.table(record_compile.kernels(WORDS))
    header, row = text.splitlines()
    assert header.split()[-2:] == ["sm_80", "sm_90a"]
    assert row.split() == ["_Z4walkILi4EEvPi", "64", "168", "(52)"]


def test_a_program_that_is_not_there_is_bad_input(tmp_path, capsys):
    assert record_compile.main(["--kir", str(tmp_path / "none")]) == 2
    assert "make build" in capsys.readouterr().err


def test_a_build_that_fails_is_said(tmp_path, monkeypatch, capsys):
    def fail(*_):
        raise RuntimeError("exit code 1: cmake")

    kir = tmp_path / "kir"
    kir.write_text("")
    monkeypatch.setattr(record_compile.evidence, "source_stamp", lambda *_: {})
    monkeypatch.setattr(record_compile, "compile_all", fail)
    assert record_compile.main(["--kir", str(kir), "--out", str(tmp_path)]) == 1
    assert "exit code 1: cmake" in capsys.readouterr().err
    assert not (tmp_path / "cuda_compile.json").exists()


def test_a_compiler_that_says_nothing_is_no_success(tmp_path, monkeypatch, capsys):
    kir = tmp_path / "kir"
    kir.write_text("")
    monkeypatch.setattr(record_compile.evidence, "source_stamp", lambda *_: {})
    monkeypatch.setattr(record_compile, "compile_all", lambda *_: (WORDS, "nvcc 13"))
    words = ["--kir", str(kir), "--out", str(tmp_path), "--architectures"]
    assert record_compile.main([*words, "80", "90a"]) == 0
    assert (tmp_path / "cuda_compile.json").is_file()
    assert record_compile.main([*words, "80", "120"]) == 1
    assert "said nothing of sm_120" in capsys.readouterr().err


def test_every_architecture_of_the_kernels_table_is_compiled():
    rows = re.findall(r"^    Tuning\{(\d+),", (ROOT / "kernels/cuda/tuning.hpp").read_text(), re.MULTILINE)
    assert rows == [one.removesuffix("a") for one in record_compile.ARCHITECTURES]
