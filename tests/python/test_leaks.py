"""What a call leaves allocated: nothing. Bytes in use by malloc are counted, not pages, which hide what is small."""

import ctypes
import gc
import xml.etree.ElementTree as ElementTree

import calls
import pytest
import soak
import torch

CALLS = 20_000
BYTES_A_CALL = 16  # the smallest thing that malloc gives takes more

libc = ctypes.CDLL(None)
pytestmark = pytest.mark.skipif(not hasattr(libc, "malloc_info"), reason="malloc_info of glibc is not here")


def bytes_in_use():
    """Of all heaps of the process (each thread may have its own), and of the blocks that have pages of their own."""
    text, size = ctypes.c_char_p(), ctypes.c_size_t()
    libc.open_memstream.restype = ctypes.c_void_p
    stream = ctypes.c_void_p(libc.open_memstream(ctypes.byref(text), ctypes.byref(size)))
    assert libc.malloc_info(0, stream) == 0
    libc.fclose(stream)
    root = ElementTree.fromstring(ctypes.string_at(text, size.value))
    libc.free(text)
    total = {element.get("type"): int(element.get("size")) for element in root.findall("total")}
    system = {element.get("type"): int(element.get("size")) for element in root.findall("system")}
    return system["current"] + total["mmap"] - total["fast"] - total["rest"]


def left_by(call):
    """Bytes in use a call, after as many calls as fill every cache."""
    for _ in range(1000):
        call()
    gc.collect()
    before = bytes_in_use()
    for _ in range(CALLS):
        call()
    gc.collect()
    return (bytes_in_use() - before) / CALLS


@pytest.fixture(params=[1, 2], ids=["1 thread", "2 threads"])
def images(request, noise):
    """One image, or two that are enough pixels for two of torch's threads."""
    threads = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield [noise(3, 8, 9)] if request.param == 1 else [noise(3, 128, 96), noise(3, 90, 130)]
    torch.set_num_threads(threads)


@pytest.mark.parametrize("name", calls.of_ops([torch.zeros(3, 8, 9, dtype=torch.uint8)]))
def test_an_op_leaves_nothing(name, images, achieved):
    achieved("bytes left by a call of an op", left_by(calls.of_ops(images)[name]), BYTES_A_CALL)


@pytest.mark.parametrize("name", ["Preprocessor", "install"])
def test_a_processor_leaves_nothing(name, images, achieved):
    pytest.importorskip("transformers", reason="the package transformers is not installed")
    achieved("bytes left by a call of a processor", left_by(calls.of_processors(images)[name]), BYTES_A_CALL)


def test_the_hubs_copy_leaves_nothing(images, achieved):
    found = calls.of_hub_copy(images)
    if not found:
        pytest.skip("the layout of the kernels hub is not built (make hub)")
    achieved("bytes left by a call of the hub's copy", left_by(found["the hub's copy"]), BYTES_A_CALL)


def test_a_planted_leak_is_seen():
    kept = []
    assert left_by(lambda: kept.append(bytearray(1000))) > BYTES_A_CALL
    libc.malloc.restype = ctypes.c_void_p
    assert left_by(lambda: libc.malloc(8)) > BYTES_A_CALL


def test_the_soak_sees_a_planted_leak(capsys):
    """`make soak` runs for ten minutes; its verdict is tried here on one second."""
    kept = []
    assert soak.run({"harmless": lambda: bytearray(100)}, seconds=1, report=0.5)
    assert not soak.run({"planted": lambda: kept.append(bytearray(1 << 20))}, seconds=1, report=0.5)
    assert "MiB" in capsys.readouterr().out
