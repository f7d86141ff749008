"""Many images are decoded a few at a time, and the result is written as it goes: how much memory that takes, and what
is left of a run that fails."""

import json
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy
import pytest
import skimage
from PIL import Image
from safetensors.numpy import load_file

CONFIGS = Path(__file__).resolve().parents[2] / "configs" / "processors"
PHOTOGRAPH = (4000, 3000)  # 12 MP
PHOTOGRAPH_BYTES = 3 * 4000 * 3000
MIB = 1 << 20
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE, signal.SIGXCPU]


def contents(folder):
    return {path.name: path.stat().st_size for path in folder.iterdir()}


@pytest.fixture(scope="session")
def photographs(tmp_path_factory):
    """Photographs of 12 MP: {how it is stored: file}."""
    folder = tmp_path_factory.mktemp("photographs")
    picture = Image.fromarray(skimage.data.astronaut()).resize(PHOTOGRAPH)
    turned = Image.Exif()
    turned[0x0112] = 6
    stored = {
        "plain": {"quality": 85},
        "turned": {"quality": 85, "exif": turned},
        "progressive": {"quality": 85, "progressive": True},
        "progressive-444": {"quality": 85, "progressive": True, "subsampling": 0},
        "png": {"compress_level": 1},
    }
    files = {name: folder / (f"{name}.png" if name == "png" else f"{name}.jpg") for name in stored}
    for name, parameters in stored.items():
        picture.save(files[name], **parameters)
    files["progressive-cmyk"] = folder / "progressive-cmyk.jpg"
    picture.convert("CMYK").save(files["progressive-cmyk"], quality=85, progressive=True)
    files["interlaced-16"] = folder / "interlaced-16.png"
    files["interlaced-16"].write_bytes(interlaced_16(*PHOTOGRAPH))
    return files


def interlaced_16(width, height):
    """A PNG of black samples of 16 bits in colour with alpha, in the seven passes of Adam7."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    packer = zlib.compressobj(1)
    packed = b""
    for left, top, step_x, step_y in passes:
        columns, rows = len(range(left, width, step_x)), len(range(top, height, step_y))
        packed += packer.compress(bytes(rows * (1 + 8 * columns)))  # a filter type, then samples
    header = struct.pack(">IIBBBBB", width, height, 16, 6, 0, 0, 1)
    chunks = [(b"IHDR", header), (b"IDAT", packed + packer.flush()), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*parts) for parts in chunks)


@pytest.fixture
def twenty(random, tmp_path):
    """Twenty JPEG files of noise."""
    files = [tmp_path / f"{i:02}.jpg" for i in range(20)]
    for file in files:
        Image.fromarray(random.integers(0, 256, (90, 120, 3), dtype=numpy.uint8)).save(file)
    return files


@pytest.fixture(scope="session")
def unsanitized(kir):
    """A sanitizer's own memory is many times kir's, and it must be the first library that is loaded."""
    if b"__asan_init" in kir.command[0].read_bytes() or b"__tsan_init" in kir.command[0].read_bytes():
        pytest.skip("kir is built with a sanitizer")


def many(photograph, count, folder):
    """The same photograph under many names."""
    files = [folder / f"{photograph.stem}-{i:02}{photograph.suffix}" for i in range(count)]
    for file in files:
        os.link(photograph, file)
    return files


def peak_memory(kir, *arguments):
    """The most memory that a run had at once, in bytes: its own, and what it maps of files."""
    # A process begins with the peak of the one that started it, so that is a small one.
    call = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", call, *kir.command, "run", *map(str, arguments)]
    return 1024 * int(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


# ----------------------------------------------------------------------------------------------------------------------
# Memory


@pytest.mark.parametrize(
    ("name", "changes", "stored", "count", "threads"),
    [
        ("clip", {}, ["plain"], 40, 1),
        ("clip", {}, ["plain"], 40, 2),
        ("clip", {}, ["turned", "progressive"], 24, 2),
        ("clip", {}, ["turned", "progressive"], 24, 8),
        ("clip", {}, ["progressive-444"], 12, 2),
        ("clip", {}, ["progressive-444"], 12, 8),
        ("clip", {}, ["progressive-cmyk"], 12, 2),
        ("clip", {}, ["progressive-cmyk"], 12, 8),
        ("clip", {}, ["png"], 16, 8),
        ("clip", {}, ["interlaced-16"], 8, 8),
        ("llava", {"do_pad": True}, ["plain", "turned"], 12, 2),  # a square canvas for each image
        ("pix2struct", {}, ["plain", "turned"], 10, 2),  # measured first; a float32 canvas for each image
        ("pix2struct", {}, ["plain"], 3, 2),  # few enough to be kept when they are measured
        ("pix2struct", {}, ["plain"], 4, 2),
    ],
    ids=[
        "clip-1-thread",
        "clip-2-threads",
        "detours-2-threads",
        "detours-8-threads",
        "progressive-444-2-threads",
        "progressive-444-8-threads",
        "progressive-cmyk-2-threads",
        "progressive-cmyk-8-threads",
        "png",
        "interlaced-16-8-threads",
        "canvases",
        "measured",
        "measured-and-kept",
        "measured-and-too-many",
    ],
)
def test_memory_is_that_of_eight_photographs_and_the_output(
    kir, unsanitized, photographs, tmp_path, name, changes, stored, count, threads
):
    config = tmp_path / f"{name}.json"
    config.write_text(json.dumps(json.loads((CONFIGS / f"{name}.json").read_text()) | changes))
    files = [file for photograph in stored for file in many(photographs[photograph], count // len(stored), tmp_path)]
    Image.new("RGB", (16, 16)).save(tmp_path / "tiny.png")
    target = tmp_path / "x.safetensors"
    choices = ["-o", target, "--threads", threads]
    alone = peak_memory(kir, config, tmp_path / "tiny.png", *choices)
    peak = peak_memory(kir, config, *files, *choices)
    limit = memory_limit(alone, target)
    print(f"{name}, {len(files)} photographs, {threads} threads: {peak // MIB} MiB, at most {limit // MIB} MiB")
    assert peak <= limit


def memory_limit(alone, target):
    """For a run that wrote this file; `alone`: what the smallest run takes."""
    # 16 MiB for what is neither: rows and weight tables, the heap's own.
    return alone + 8 * PHOTOGRAPH_BYTES + target.stat().st_size + 16 * MIB


@pytest.mark.parametrize("shape", [(128, 3, 1024, 1024), (128, 1024, 1024, 3)], ids=["planar", "interleaved"])
def test_memory_of_a_stack_is_the_same(kir, unsanitized, random, tmp_path, shape):
    stack, target = tmp_path / "stack.npy", tmp_path / "x.safetensors"
    numpy.save(stack, numpy.broadcast_to(random.integers(0, 256, shape[1:], dtype=numpy.uint8), shape))
    numpy.save(tmp_path / "tiny.npy", numpy.zeros((1, 16, 16, 3), numpy.uint8))
    alone = peak_memory(kir, "clip", tmp_path / "tiny.npy", "-o", target, "--threads", 2)
    peak = peak_memory(kir, "clip", stack, "-o", target, "--threads", 2)
    limit = memory_limit(alone, target)
    print(f"a stack of {stack.stat().st_size // MIB} MiB: {peak // MIB} MiB, at most {limit // MIB} MiB")
    assert peak <= limit
    stack.unlink()


# ----------------------------------------------------------------------------------------------------------------------
# The result


def test_images_of_several_groups_keep_their_order(kir, identity, random, tmp_path):
    images = [random.integers(0, 256, (*random.integers(1, 30, 2), 3), dtype=numpy.uint8) for _ in range(600)]
    files = [tmp_path / f"{i}.png" for i in range(len(images))]
    for file, pixels in zip(files, images, strict=True):
        Image.fromarray(pixels).save(file)
    for threads in (1, 2, 5):
        target = tmp_path / f"{threads}.safetensors"
        run = kir("run", identity, *files, "-o", target, "--dtype", "u8", "--layout", "nhwc", "--threads", threads)
        assert run.returncode == 0, run.stderr
        tensors = load_file(target)
        assert len(tensors) == len(images)
        for i, pixels in enumerate(images):
            assert numpy.array_equal(tensors[f"pixel_values.{i}"], pixels), i


@pytest.mark.parametrize("planar", [True, False], ids=["planar", "interleaved"])
def test_a_stack_of_several_groups_keeps_its_order(kir, identity, random, tmp_path, planar):
    images = random.integers(0, 256, (600, 17, 23, 3), dtype=numpy.uint8)
    numpy.save(tmp_path / "stack.npy", numpy.ascontiguousarray(images.transpose(0, 3, 1, 2)) if planar else images)
    target = tmp_path / "x.npy"
    run = kir("run", identity, tmp_path / "stack.npy", "-o", target, "--dtype", "u8", "--layout", "nhwc")
    assert run.returncode == 0, run.stderr
    assert numpy.array_equal(numpy.load(target), images)


def test_every_tensor_is_aligned_and_keys_keep_their_order(kir, random, tmp_path):
    # A tensor of bytes, odd in number, before one of int64: in their own order the second would stand at an odd place.
    numpy.save(tmp_path / "image.npy", random.integers(0, 256, (35, 25, 3), dtype=numpy.uint8))
    config = tmp_path / "gemma3.json"
    config.write_text(json.dumps({"image_processor_type": "Gemma3ImageProcessor", "do_resize": False}))
    run = kir("run", config, tmp_path / "image.npy", "-o", tmp_path / "x.safetensors", "--dtype", "u8")
    assert run.returncode == 0, run.stderr
    file = (tmp_path / "x.safetensors").read_bytes()
    data = 8 + int.from_bytes(file[:8], "little")
    header = json.loads(file[8:data])
    assert list(header) == ["pixel_values", "num_crops"]
    assert header["pixel_values"]["shape"] == [1, 3, 35, 25]
    for key, bytes_of in (("pixel_values", 1), ("num_crops", 8)):
        assert (data + header[key]["data_offsets"][0]) % bytes_of == 0, key
    assert load_file(tmp_path / "x.safetensors")["num_crops"].tolist() == [0]


def test_progress_is_shown_on_a_terminal(kir, twenty, tmp_path):
    terminal, shown_there = os.openpty()
    command = [*kir.command, "run", "clip", *twenty, "-o", tmp_path / "x.safetensors"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=shown_there) as run:
        printed = run.stdout.read()
    os.close(shown_there)
    shown = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    assert run.returncode == 0
    assert printed.count(b"\n") == 3
    assert re.search(r"reading sizes \[\.+\] 0/20 .*images \[\.+\] 0/20 ", shown, re.DOTALL), shown


def test_a_pipe_is_read_once(kir, identity, random, tmp_path):
    pixels = [random.integers(0, 256, (20, 30 + i, 3), dtype=numpy.uint8) for i in range(3)]
    for i, image in enumerate(pixels):
        Image.fromarray(image).save(tmp_path / f"{i}.png")
        os.mkfifo(tmp_path / f"pipe{i}")
    pipes = [tmp_path / f"pipe{i}" for i in range(len(pixels))]
    writers = [
        threading.Thread(target=pipe.write_bytes, args=[(tmp_path / f"{i}.png").read_bytes()], daemon=True)
        for i, pipe in enumerate(pipes)
    ]
    for writer in writers:
        writer.start()
    run = kir("run", identity, *pipes, "-o", tmp_path / "x.safetensors", "--dtype", "u8", "--layout", "nhwc")
    assert run.returncode == 0, run.stderr
    tensors = load_file(tmp_path / "x.safetensors")
    for i, image in enumerate(pixels):
        assert numpy.array_equal(tensors[f"pixel_values.{i}"], image)


def assert_same_result(kir, clip_with, image, folder, source):
    """With the functions of this C++ source in place of the C library's."""
    code, library = folder / "replaced.cpp", folder / "replaced.so"
    code.write_text(source)
    subprocess.run(["c++", "-shared", "-fPIC", code, "-o", library, "-ldl"], check=True)
    results = []
    for environment in ({}, {"LD_PRELOAD": str(library)}):
        run = kir("run", clip_with(), image, "-o", folder / "x.npy", **environment)
        assert run.returncode == 0, run.stderr
        results.append((folder / "x.npy").read_bytes())
    assert results[0] == results[1]


def test_a_file_system_that_maps_no_files(kir, unsanitized, clip_with, image, tmp_path):
    assert_same_result(
        kir,
        clip_with,
        image,
        tmp_path,
        "#include <cerrno>\n#include <dlfcn.h>\n#include <sys/mman.h>\n"
        'extern "C" void* mmap(void* at, size_t bytes, int protection, int flags, int file, off_t offset) noexcept {\n'
        "  if ((flags & MAP_SHARED) != 0 && (protection & PROT_WRITE) != 0) { errno = ENODEV; return MAP_FAILED; }\n"
        "  using Mmap = void* (*)(void*, size_t, int, int, int, off_t);\n"
        '  static const auto next = reinterpret_cast<Mmap>(dlsym(RTLD_NEXT, "mmap"));\n'
        "  return next(at, bytes, protection, flags, file, offset);\n}\n",
    )


def test_a_signal_while_room_is_taken(kir, unsanitized, clip_with, image, tmp_path):
    source = "#include <cerrno>\n#include <unistd.h>\nstatic int interruptions = 3;\n"
    for name in ("posix_fallocate", "posix_fallocate64"):
        source += f'extern "C" int {name}(int file, off_t, off_t bytes) noexcept ' + "{\n"
        source += "  return interruptions-- > 0 ? EINTR : ftruncate(file, bytes) == 0 ? 0 : errno;\n}\n"
    assert_same_result(kir, clip_with, image, tmp_path, source)


# ----------------------------------------------------------------------------------------------------------------------
# Runs that fail


def assert_fails(run, folder, before, *fragments):
    assert run.returncode == 2, run.stderr
    assert run.stdout == ""
    for fragment in fragments:
        assert re.search(fragment, run.stderr), f"{fragment!r} is not in {run.stderr!r}"
    assert contents(folder) == before


def test_broken_pixels_of_the_last_image(kir, twenty, tmp_path):
    whole = twenty[-1].read_bytes()
    twenty[-1].write_bytes(whole[: len(whole) // 2])
    files = many(twenty[0], 300, tmp_path)  # groups before its own
    before = contents(tmp_path)
    run = kir("run", "clip", *files, twenty[-1], "-o", tmp_path / "x.safetensors")
    assert_fails(run, tmp_path, before, r"19\.jpg: JPEG: ")


def test_of_several_broken_images_the_first_is_named(kir, twenty, tmp_path):
    for file in twenty[8:]:
        file.write_bytes(file.read_bytes()[:-200])
    before = contents(tmp_path)
    for _ in range(5):
        run = kir("run", "clip", *twenty, "-o", tmp_path / "x.safetensors", "--threads", 4)
        assert_fails(run, tmp_path, before, r"08\.jpg: JPEG: ")


@pytest.mark.parametrize(
    "broken",
    [b"", b"no image", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"\x93NUMPY\1\0", None],
    ids=["empty", "text", "jpeg", "png", "npy", "missing"],
)
def test_a_header_is_refused_before_any_image_is_decoded(kir, twenty, tmp_path, broken):
    twenty[0].write_bytes(twenty[0].read_bytes()[:-200])  # shows when it is decoded
    twenty[-1].unlink()
    if broken is not None:
        twenty[-1].write_bytes(broken)
    before = contents(tmp_path)
    run = kir("run", "clip", *twenty, "-o", tmp_path / "x.safetensors")
    assert_fails(run, tmp_path, before, r"19\.jpg: ")


def test_a_truncated_png_is_refused_before_any_image_is_decoded(kir, twenty, tmp_path):
    Image.open(twenty[-1]).save(tmp_path / "last.png")
    (tmp_path / "last.png").write_bytes((tmp_path / "last.png").read_bytes()[:-1])
    twenty[0].write_bytes(twenty[0].read_bytes()[:-200])
    before = contents(tmp_path)
    run = kir("run", "clip", *twenty, tmp_path / "last.png", "-o", tmp_path / "x.safetensors")
    assert_fails(run, tmp_path, before, r"last\.png: PNG: the file is truncated")


def test_a_limit_of_file_sizes_is_met_before_any_image_is_decoded(kir, twenty, tmp_path):
    twenty[0].write_bytes(twenty[0].read_bytes()[:-200])
    before = contents(tmp_path)
    run = subprocess.run(
        [*kir.command, "run", "clip", *twenty, "-o", tmp_path / "x.safetensors"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, MIB)),
    )
    assert_fails(run, tmp_path, before, r"x\.safetensors: .*no room for 12\d{6} bytes: File too large")


def test_a_full_disk_is_met_before_any_image_is_decoded(kir, twenty, tmp_path):
    twenty[0].write_bytes(twenty[0].read_bytes()[:-200])
    small = tmp_path / "small"
    small.mkdir()
    alone = ["unshare", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",))]
    mount = f"mount -t tmpfs -o size=1m tmpfs {small}"
    if shutil.which("unshare") is None or subprocess.run([*alone, "sh", "-c", mount], capture_output=True).returncode:
        pytest.skip("no disk of its own: this user may not mount a tmpfs in a namespace")
    # What the folder holds afterwards is seen in the namespace alone.
    script = f'{mount} && "$@"; code=$?; ls -A {small} >&2; exit $code'
    run = subprocess.run(
        [*alone, "sh", "-c", script, "sh", *kir.command, "run", "clip", *twenty, "-o", small / "x.safetensors"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 2, run.stderr
    assert re.fullmatch(r"kir: .*x\.safetensors: .*no room for 12\d{6} bytes: No space left on device\n", run.stderr)


def largest_temporary(folder):
    """Its bytes; a file that is gone by now has none."""
    sizes = [0]
    for path in folder.glob(".kir-*"):
        with suppress(FileNotFoundError):
            sizes.append(path.stat().st_size)
    return max(sizes)


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_leaves_nothing(kir, photographs, tmp_path, number):
    files = many(photographs["plain"], 40, tmp_path)
    before = contents(tmp_path)
    command = [*kir.command, "run", "clip", *files, "-o", tmp_path / "x.safetensors"]
    no_core_file = partial(resource.setrlimit, resource.RLIMIT_CORE, (0, 0))
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=no_core_file
    ) as process:
        # The file is there at its full size while the images are decoded.
        until = time.monotonic() + 60
        while largest_temporary(tmp_path) <= 20 * MIB:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < until
            time.sleep(0.001)
        process.send_signal(number)
        process.wait(timeout=60)
    assert process.returncode == -number
    assert contents(tmp_path) == before


def test_an_ignored_signal_stays_ignored(kir, photographs, tmp_path):
    files = many(photographs["plain"], 8, tmp_path)
    command = [*kir.command, "run", "clip", *files, "-o", tmp_path / "x.safetensors"]
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, preexec_fn=lambda: signal.signal(signal.SIGHUP, 1)
    ) as run:
        until = time.monotonic() + 60
        while run.poll() is None and time.monotonic() < until:
            run.send_signal(signal.SIGHUP)
            time.sleep(0.01)
        run.wait(timeout=60)
    assert run.returncode == 0
    assert (tmp_path / "x.safetensors").is_file()
