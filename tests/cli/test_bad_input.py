"""Bad input: the error names the argument or the file and its key, the value, and what is allowed; kir exits 2; nothing
is written.

Null data cannot be said on a command line: test_apps.cpp has it.
"""

import io
import json
import os
import re
import resource
import signal
import struct
import subprocess
import zlib

import numpy
import pytest
import skimage
from PIL import Image


def assert_refused(run, folder_before, folder, *fragments):
    """Exit 2, one message that holds every fragment, nothing on stdout, no file more or less in the folder."""
    assert run.returncode == 2, f"exit {run.returncode}, stderr {run.stderr!r}"
    assert run.stderr.startswith("kir: "), run.stderr
    for noise in ("terminate called", "what():", "Traceback", "json.exception"):
        assert noise not in run.stderr
    for fragment in fragments:
        assert re.search(fragment, run.stderr), f"{fragment!r} is not in {run.stderr!r}"
    assert run.stdout == ""
    assert contents(folder) == folder_before


def contents(folder):
    return {path.relative_to(folder): path.stat().st_size for path in folder.rglob("*")}


@pytest.fixture
def refuses(kir, tmp_path):
    """refuses(arguments, fragments): one call that must be refused."""

    def check(arguments, *fragments, **keywords):
        before = contents(tmp_path)
        assert_refused(kir(*arguments, **keywords), before, tmp_path, *fragments)

    return check


# ----------------------------------------------------------------------------------------------------------------------
# Configurations: (changes, keys left out, what the message says). The message always names the file.

CONFIGS = {
    # missing
    "missing_class": ({}, ["image_processor_type"], ["image_processor_type: missing"]),
    "missing_size_for_resize": (
        {"image_processor_type": "ConvNextImageProcessor", "size": {"longest_edge": 5}, "do_center_crop": False},
        [],
        ["size: .*longest_edge.*takes: shortest_edge"],
    ),
    "missing_width": ({"size": {"height": 24}}, [], [r"size\.width: missing"]),
    # contradictory
    "contradictory_size": (
        {"size": {"height": 24, "width": 24, "shortest_edge": 24}},
        [],
        ["size: ", "contradicts itself", "shortest_edge"],
    ),
    # wrong-typed
    "wrong_type_class": ({"image_processor_type": 7}, [], ["image_processor_type: 7 is not"]),
    "unknown_class": (
        {"image_processor_type": "NoSuchImageProcessor"},
        [],
        ["image_processor_type: ", "NoSuchImageProcessor"],
    ),
    "wrong_type_factor": ({"rescale_factor": "yes"}, [], ['rescale_factor: "yes" is not a number']),
    "wrong_type_size": ({"size": "large"}, [], ['size: "large" is not']),
    "wrong_type_edge": (
        {"size": {"shortest_edge": 31.5}},
        [],
        [r"size\.shortest_edge: 31\.5 is not an integer in 1\.\.1048576"],
    ),
    "wrong_type_mean": ({"image_mean": ["a", 0, 0]}, [], [r'image_mean\[0\]: "a" is not a number']),
    "unknown_size_key": ({"size": {"depth": 3}}, [], [r"size\.depth: .*height and width"]),
    # zero, negative, absurd
    "zero_size": ({"size": {"shortest_edge": 0}}, [], [r"size\.shortest_edge: 0 is not in 1\.\.1048576"]),
    "negative_size": ({"size": {"height": -4, "width": 24}}, [], [r"size\.height: -4 is not in 1\.\.1048576"]),
    "absurd_size": ({"size": {"height": 2000000, "width": 24}}, [], [r"size\.height: 2000000 is not in 1\.\.1048576"]),
    "size_beyond_64_bits": ({"size": {"shortest_edge": 2**70}}, [], [r"size\.shortest_edge: .* in 1\.\.1048576"]),
    "zero_crop": ({"crop_size": {"height": 24, "width": 0}}, [], [r"crop_size\.width: 0 is not in 1\.\.1048576"]),
    # mean and std
    "std_zero": ({"image_std": [0.5, 0, 0.5]}, [], [r"image_std\[1\]: 0 is not a finite number greater than 0"]),
    "std_negative": ({"image_std": [0.5, 0.5, -1]}, [], [r"image_std\[2\]: -1 is not a finite number greater than 0"]),
    "std_infinite_in_float32": ({"image_std": [1e300, 1, 1]}, [], [r"image_std\[0\]: 1e\+300 is not a finite number"]),
    "mean_infinite_in_float32": (
        {"image_mean": [1e300, 1, 1]},
        [],
        [r"image_mean\[0\]: 1e\+300 is not a finite number"],
    ),
    "rescale_factor_zero": ({"rescale_factor": 0}, [], ["rescale_factor: 0 is not a finite number greater than 0"]),
    "mean_count_unlike_std_count": ({"image_std": [1, 1, 1, 1]}, [], ["image_std: 4 values; image_mean has 3"]),
    "mean_of_five_channels": ({"image_mean": [0] * 5}, [], [r"image_mean: .* 5 values; 1\.\.4 are allowed"]),
    # crop without size
    "crop_without_size": (
        {"image_processor_type": "ViTImageProcessor", "size": {"height": 24, "width": 24}},
        ["crop_size"],
        ["crop_size: missing: do_center_crop is true"],
    ),
    # resample
    "unknown_resample_number": ({"resample": 9}, [], [r"resample: 9 is unknown; 0 \(nearest\), .* 5 \(hamming\)"]),
    "unknown_resample_name": ({"resample": "cubic-ish"}, [], ['resample: "cubic-ish" is unknown', "bicubic"]),
    "negative_resample": ({"resample": -1}, [], [r"resample: -1 is unknown; 0 \(nearest\)"]),
}


@pytest.mark.parametrize("name", CONFIGS)
def test_bad_config(refuses, clip_with, image, tmp_path, name):
    changes, without, fragments = CONFIGS[name]
    config = clip_with(without=without, **changes)
    refuses(["run", config, image, "-o", tmp_path / "x.npy"], re.escape(str(config)), *fragments)
    refuses(["plan", config, "--size", "40x50", "--json", tmp_path / "x.json"], re.escape(str(config)), *fragments)


JSON_TEXTS = {
    "malformed": ('{"image_processor_type": }', "malformed JSON.*line 1"),
    "truncated": ('{"image_processor_type": "CLIPImageProcessor"', "malformed JSON"),
    "empty_file": ("", "malformed JSON"),
    "not_an_object": ("[1, 2]", "not a JSON object"),
    "std_nan": ('{"image_processor_type": "CLIPImageProcessor", "image_std": [NaN, 1, 1]}', "malformed JSON"),
    "std_infinity": ('{"image_processor_type": "CLIPImageProcessor", "image_std": [1e999, 1, 1]}', "1e999"),
    "not_utf8": (b'{"image_processor_type": "\xff\xfe"}', "malformed JSON"),
    "deeply_nested": ("[" * 100_000, "JSON"),
}


@pytest.mark.parametrize("name", JSON_TEXTS)
def test_malformed_json(refuses, image, tmp_path, name):
    text, message = JSON_TEXTS[name]
    config = tmp_path / "bad.json"
    config.write_bytes(text if isinstance(text, bytes) else text.encode())
    refuses(["run", config, image, "-o", tmp_path / "x.npy"], re.escape(str(config)), message)


def test_malformed_json_in_the_listed_folder(refuses, tmp_path):
    (tmp_path / "bad.json").write_text("{")
    refuses(["list", "--configs", tmp_path], "bad.json", "malformed JSON")


def test_config_that_does_not_exist(refuses, image, tmp_path):
    refuses(
        ["run", tmp_path / "none.json", image, "-o", tmp_path / "x.npy"],
        "CONFIG: .*none.json",
        "neither a file nor a folder",
    )
    refuses(["run", "no_such_model", image, "-o", tmp_path / "x.npy"], "CONFIG: .*no_such_model", "kir list")


def test_class_that_is_not_built(refuses, image, tmp_path):
    not_built = "TimmWrapperImageProcessor is not built yet"
    refuses(["run", "timm_wrapper", image, "-o", tmp_path / "x.npy"], "timm_wrapper.json", not_built)


def test_mean_count_unlike_channels(refuses, clip_with, random, tmp_path):
    grey_alpha = tmp_path / "two_channels.npy"
    numpy.save(grey_alpha, random.integers(0, 256, (40, 50, 2), dtype=numpy.uint8))
    config = clip_with()
    refuses(["run", config, grey_alpha, "-o", tmp_path / "x.npy"], "image_mean", "3", "2")
    refuses(["plan", config, "--size", "40x50", "--channels", 2], "image_mean", "3", "2")


# ----------------------------------------------------------------------------------------------------------------------
# Sizes


@pytest.mark.parametrize(
    "size", ["0x5", "5x0", "-3x5", "1048577x1", "99999999999x1", "5", "5x", "x5", "axb", "5x5x5", "5.5x5", ""]
)
def test_bad_size_argument(refuses, clip_with, tmp_path, size):
    arguments = ["plan", clip_with(), f"--size={size}", "--json", tmp_path / "x.json"]
    fragment = r"--size" if size == "" else rf'--size: "{re.escape(size)}" is not HEIGHTxWIDTH.*1\.\.1048576'
    refuses(arguments, fragment)


@pytest.mark.parametrize("channels", [0, 5, -1, "x"])
def test_bad_channels(refuses, clip_with, channels):
    refuses(["plan", clip_with(), "--size", "5x5", f"--channels={channels}"], "--channels", str(channels), "1")


def test_outputs_whose_elements_overflow(refuses, clip_with, tmp_path):
    # 4 * 2^20 * 2^20 elements: each side is allowed, the product is not.
    edge = {"height": 2**20, "width": 2**20}
    config = clip_with(size=edge, crop_size=edge)
    refuses(["plan", config, "--size", "5x5", "--json", tmp_path / "x.json"], "pixel_values", str(2**40))


def test_resized_side_that_is_absurd(refuses, clip_with, tmp_path):
    config = clip_with(size={"shortest_edge": 2**20})
    refuses(["plan", config, "--size", "5x50", "--json", tmp_path / "x.json"], "10485760", r"1\.\.1048576")


def test_more_memory_than_there_is(refuses, clip_with, image, tmp_path):
    edge = {"height": 2**18, "width": 2**19}
    config = clip_with(size=edge, crop_size=edge)
    refuses(["run", config, image, "-o", tmp_path / "x.npy"], "IMAGE: .*needs 1649[0-9]{9} bytes of memory")


# ----------------------------------------------------------------------------------------------------------------------
# Images


def test_empty_image_list(refuses, clip_with, tmp_path):
    refuses(["run", clip_with(), "-o", tmp_path / "x.npy"], "images")


def test_empty_stack_is_not_an_error(kir, clip_with, tmp_path):
    stack, target = tmp_path / "stack.npy", tmp_path / "x.npy"
    numpy.save(stack, numpy.zeros((0, 3, 40, 50), numpy.uint8))
    run = kir("run", clip_with(), stack, "-o", target)
    assert run.returncode == 0, run.stderr
    result = numpy.load(target)
    assert (result.shape, result.dtype) == ((0, 3, 24, 24), numpy.float32)


ARRAYS = {
    "side_of_zero": (numpy.zeros((0, 5, 3), numpy.uint8), r"height 0 is not 1\.\.1048576"),
    "other_side_of_zero": (numpy.zeros((3, 5, 0), numpy.uint8), r"width 0 is not 1\.\.1048576"),
    "stack_with_a_side_of_zero": (numpy.zeros((0, 3, 0, 5), numpy.uint8), r"height 0 is not 1\.\.1048576"),
    "absurd_side": (numpy.zeros((2**20 + 1, 1), numpy.uint8), r"height 1048577 is not 1\.\.1048576"),
    "float_dtype": (numpy.zeros((5, 5, 3), numpy.float32), "dtype is '<f4'.*uint8"),
    "int_dtype": (numpy.zeros((5, 5, 3), numpy.int64), "dtype is '<i8'.*uint8"),
    "bool_dtype": (numpy.zeros((5, 5, 3), bool), r"dtype is '\|b1'.*uint8"),
    "structured_dtype": (numpy.zeros((5, 5, 3), [("a", "u1")]), "dtype is .*uint8"),
    "fortran_order": (numpy.asfortranarray(numpy.zeros((5, 6, 3), numpy.uint8)), "Fortran order"),
    "no_channel_axis": (numpy.zeros((5, 6, 7), numpy.uint8), "1 to 4 channels"),
    "one_axis": (numpy.zeros(5, numpy.uint8), "1 axes"),
    "no_axis": (numpy.zeros((), numpy.uint8), "0 axes"),
    "five_axes": (numpy.zeros((1, 1, 3, 5, 5), numpy.uint8), "5 axes"),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_bad_array(refuses, identity, tmp_path, name):
    array, message = ARRAYS[name]
    numpy.save(tmp_path / "bad.npy", array)
    refuses(["run", identity, tmp_path / "bad.npy", "-o", tmp_path / "x.npy"], r"bad\.npy: \.npy: ", message)


def test_stack_among_other_images(refuses, identity, image, random, tmp_path):
    numpy.save(tmp_path / "stack.npy", random.integers(0, 256, (2, 3, 8, 8), dtype=numpy.uint8))
    refuses(
        ["run", identity, image, tmp_path / "stack.npy", "-o", tmp_path / "x.safetensors"],
        "stack.npy",
        "4 axes",
        "only input",
    )


def encoded(kind, **parameters):
    buffer = io.BytesIO()
    Image.fromarray(skimage.data.astronaut()).resize((64, 48)).save(buffer, format=kind, **parameters)
    return buffer.getvalue()


def npy():
    buffer = io.BytesIO()
    numpy.save(buffer, numpy.zeros((48, 64, 3), numpy.uint8))
    return buffer.getvalue()


WHOLE_FILES = {
    "jpeg": lambda: encoded("JPEG"),
    "progressive_jpeg": lambda: encoded("JPEG", progressive=True),
    "png": lambda: encoded("PNG"),
    "npy": npy,
}


@pytest.mark.parametrize("name", WHOLE_FILES)
@pytest.mark.parametrize("kept", ["all_but_one_byte", "two_thirds", "half", "header", "eight_bytes", "four_bytes"])
def test_truncated_image(refuses, identity, tmp_path, name, kept):
    whole = WHOLE_FILES[name]()
    sizes = {"all_but_one_byte": len(whole) - 1, "two_thirds": len(whole) * 2 // 3, "half": len(whole) // 2}
    sizes |= {"header": 30, "eight_bytes": 8, "four_bytes": 4}
    bad = tmp_path / "truncated.image"
    bad.write_bytes(whole[: sizes[kept]])
    refuses(["run", identity, bad, "-o", tmp_path / "x.npy"], re.escape(str(bad)))


def test_truncated_npy_says_what_is_missing(refuses, identity, tmp_path):
    bad = tmp_path / "truncated.npy"
    bad.write_bytes(npy()[:-1])
    refuses(["run", identity, bad, "-o", tmp_path / "x.npy"], "truncated.npy", r"\(48, 64, 3\) needs 9216 bytes.* 9215")


def test_npy_that_is_too_long(refuses, identity, tmp_path):
    bad = tmp_path / "long.npy"
    bad.write_bytes(npy() + b"x")
    refuses(["run", identity, bad, "-o", tmp_path / "x.npy"], "long.npy", r"needs 9216 bytes.* 9217")


def test_npy_whose_shape_overflows(refuses, identity, tmp_path):
    bad = tmp_path / "overflow.npy"
    huge = "(4294967296, 4294967296, 4294967296)"
    bad.write_bytes(npy().replace(b"(48, 64, 3), }" + b" " * (len(huge) - 11), huge.encode() + b", }"))
    refuses(["run", identity, bad, "-o", tmp_path / "x.npy"], "overflow.npy", "more than 1099511627776 elements")


NOT_IMAGES = {
    "text": b"this is no image\n",
    "gif": b"GIF89a" + bytes(20),
    "empty": b"",
    "jpeg_magic_only": b"\xff\xd8\xff" + b"not a jpeg" * 9,
    "png_magic_only": b"\x89PNG\r\n\x1a\n" + b"not a png" * 9,
    "npy_magic_only": b"\x93NUMPY\x01\x00" + b"not an array" * 9,
}


@pytest.mark.parametrize("name", NOT_IMAGES)
def test_file_that_is_no_image(refuses, identity, tmp_path, name):
    bad = tmp_path / f"{name}.jpg"
    bad.write_bytes(NOT_IMAGES[name])
    refuses(["run", identity, bad, "-o", tmp_path / "x.npy"], re.escape(str(bad)))


def test_image_that_does_not_exist(refuses, identity, tmp_path):
    refuses(["run", identity, tmp_path / "none.png", "-o", tmp_path / "x.npy"], "none.png", "No such file")


def test_image_that_is_a_folder(refuses, identity, tmp_path):
    (tmp_path / "folder.png").mkdir()
    refuses(["run", identity, tmp_path / "folder.png", "-o", tmp_path / "x.npy"], "folder.png", "folder")


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_of_size(width, height):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height", "message"), [
    (0, 5, ""),
    (2000000, 1, r"1x2000000.*1\.\.1048576"),
    (60000, 60000, "60000x60000.*178956970"),
], ids=["zero", "edge", "decompression_bomb"])  # fmt: skip
def test_png_of_a_bad_size(refuses, identity, tmp_path, width, height, message):
    bad = tmp_path / "size.png"
    bad.write_bytes(png_of_size(width, height))
    refuses(["run", identity, bad, "-o", tmp_path / "x.npy"], "size.png", message)


def test_jpeg_of_a_bad_size(refuses, identity, tmp_path):
    whole = encoded("JPEG")
    at = whole.index(b"\xff\xc0") + 5
    for name, size, message in (("zero", (0, 0), "size.jpg"), ("bomb", (60000, 60000), "60000x60000.*178956970")):
        bad = tmp_path / "size.jpg"
        bad.write_bytes(whole[:at] + struct.pack(">HH", *size) + whole[at + 4 :])
        refuses(["run", identity, bad, "-o", tmp_path / "x.npy"], "size.jpg", message), name


def test_jpeg_with_lost_data_is_refused_not_shown_grey(refuses, identity, tmp_path):
    whole = encoded("JPEG")
    scan = whole.index(b"\xff\xda")
    bad = tmp_path / "lost.jpg"
    bad.write_bytes(whole[: scan + 200] + whole[-2:])  # the middle of the scan is gone, the end marker is there
    refuses(["run", identity, bad, "-o", tmp_path / "x.npy"], "lost.jpg", "JPEG: ")


def test_png_with_a_wrong_checksum(refuses, identity, tmp_path):
    whole = bytearray(encoded("PNG"))
    whole[-20] ^= 1
    bad = tmp_path / "checksum.png"
    bad.write_bytes(whole)
    refuses(["run", identity, bad, "-o", tmp_path / "x.npy"], "checksum.png", "PNG: ")


# ----------------------------------------------------------------------------------------------------------------------
# Outputs


@pytest.mark.parametrize("name", ["x.txt", "x", "x.npy.gz", "npy"])
def test_output_of_an_unknown_format(refuses, identity, image, tmp_path, name):
    refuses(["run", identity, image, "-o", tmp_path / name], rf"-o: .*{name}.* \.npy or \.safetensors")


UNWRITABLE = {
    "folder_missing": ("none/x.npy", "No such file"),
    "is_a_folder": ("folder.npy", "not a regular file"),
    "folder_is_a_file": ("file/x.npy", "Not a directory"),
    "name_too_long": ("x" * 300 + ".npy", "too long"),
}


@pytest.mark.parametrize("name", UNWRITABLE)
def test_unwritable_output(refuses, identity, image, tmp_path, name):
    (tmp_path / "folder.npy").mkdir()
    (tmp_path / "file").write_text("a file")
    path, message = UNWRITABLE[name]
    refuses(["run", identity, image, "-o", tmp_path / path], "-o .*" + re.escape(path), message)


@pytest.mark.parametrize("command", ["list", "plan"])
def test_unwritable_json(refuses, clip_with, tmp_path, command):
    arguments = {"list": ["list"], "plan": ["plan", clip_with(), "--size", "5x5"]}[command]
    refuses([*arguments, "--json", tmp_path / "none" / "x.json"], "--json .*none/x.json", "No such file")


def test_unwritable_output_is_found_before_the_images_are_read(refuses, identity, tmp_path):
    refuses(["run", identity, tmp_path / "none.png", "-o", tmp_path / "none" / "x.npy"], "-o .*none/x.npy")


def test_device_is_not_replaced_by_a_file(refuses, identity, image, tmp_path):
    link = tmp_path / "null.npy"
    link.symlink_to("/dev/null")
    refuses(["run", identity, image, "-o", link], "null.npy", "not a regular file")
    assert link.is_symlink()


def test_output_that_may_not_be_written(kir, identity, image, tmp_path):
    target = tmp_path / "x.npy"
    target.write_bytes(b"kept")
    target.chmod(0o400)
    before = contents(tmp_path)
    # Root may write everywhere, unless it gives that capability away.
    humble = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    command = [*humble, *kir.command, "run", identity, image, "-o", target]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert_refused(run, before, tmp_path, "x.npy", "Permission denied")


def test_failure_keeps_the_file_that_was_there(refuses, identity, tmp_path):
    target = tmp_path / "x.npy"
    target.write_bytes(b"kept")
    refuses(["run", identity, tmp_path / "none.png", "-o", target], "none.png")
    assert target.read_bytes() == b"kept"


def test_full_disk(kir, identity, random, tmp_path):
    # RLIMIT_FSIZE stands for a full disk: the write fails after the check that the file can be written.
    numpy.save(tmp_path / "big.npy", random.integers(0, 256, (256, 256, 3), dtype=numpy.uint8))
    before = contents(tmp_path)

    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 14, 1 << 14))

    command = [*kir.command, "run", identity, tmp_path / "big.npy", "-o", tmp_path / "x.npy"]
    run = subprocess.run(command, capture_output=True, text=True, check=False, preexec_fn=limit)
    assert_refused(run, before, tmp_path, "x.npy", "writing failed")


def test_npy_of_several_outputs(refuses, image, tmp_path):
    refuses(
        ["run", "detr", image, "-o", tmp_path / "x.npy"], "-o: ", "pixel_mask, pixel_values", "safetensors", "--key"
    )


def test_npy_of_bfloat16(refuses, identity, image, tmp_path):
    refuses(["run", identity, image, "-o", tmp_path / "x.npy", "--dtype", "bf16"], "-o: ", "bfloat16", "safetensors")


def test_unknown_key(refuses, image, tmp_path):
    arguments = ["run", "detr", image, "-o", tmp_path / "x.npy", "--key", "pixels"]
    refuses(arguments, '--key: "pixels"', "pixel_mask, pixel_values")


# ----------------------------------------------------------------------------------------------------------------------
# Backends and other choices


def test_unknown_backend(refuses, identity, image, tmp_path):
    arguments = ["run", identity, image, "-o", tmp_path / "x.npy", "--backend", "abacus"]
    refuses(arguments, '--backend: "abacus" is unknown; .*cpu, reference, libtorch')


def test_unknown_architecture_lists_those_that_are_known(refuses, clip_with):
    arguments = ["plan", clip_with(), "--size", "40x50", "--explain", "--arch", "sm_70"]
    refuses(arguments, '--arch: "sm_70" is unknown; allowed are sm_80, sm_86, sm_89, sm_90, sm_100, sm_120')


def test_architecture_of_what_has_none(refuses, clip_with):
    arguments = ["plan", clip_with(), "--size", "40x50", "--arch", "sm_90"]
    refuses(arguments, "--arch", "--explain")
    arguments += ["--explain", "--backend"]
    refuses([*arguments, "cpu"], '--arch: "cpu" runs on no GPU architecture; allowed are cuda-separable, cuda-fused')
    refuses([*arguments, "abacus"], '--backend: "abacus" is unknown')
    refuses([*arguments, "cuda-fused", "--numerics", "torch_cpu"], '--backend: "cuda-fused" does not support this plan')


def test_backend_forced_where_it_is_unsupported(refuses, kir, clip_with, image, tmp_path):
    # torch 2.11 itself is wrong for a float result one pixel wide: the oracle says so instead of answering.
    config = clip_with(size={"height": 24, "width": 1}, do_center_crop=False)
    arguments = ["run", config, image, "-o", tmp_path / "x.npy"]
    refuses([*arguments, "--backend", "libtorch"], '--backend: "libtorch" does not support this plan: .*one pixel wide')
    run = kir(*arguments)
    assert (run.returncode, run.stdout.split(",")[0]) == (0, "backend cpu (auto: the first choice supports this plan)")


@pytest.mark.parametrize(("option", "value", "allowed"), [
    ("--numerics", "exact", "float32"),
    ("--numerics", "torch_cuda", "pillow12"),
    ("--dtype", "f64", "f32, f16, bf16, u8"),
    ("--layout", "hwcn", "nchw, nhwc"),
    ("--threads", "-1", "0"),
    ("--threads", "1025", "1024"),
    ("--threads", "many", "--threads"),
])  # fmt: skip
def test_bad_choice(refuses, identity, image, tmp_path, option, value, allowed):
    refuses(["run", identity, image, "-o", tmp_path / "x.npy", f"{option}={value}"], option.strip("-"), value, allowed)


def test_bad_class(refuses):
    refuses(["list", "--class", "ClipProcessor"], '--class: "ClipProcessor"', "CLIPImageProcessor")


def test_bad_config_folder(refuses, tmp_path):
    refuses(["list", "--configs", tmp_path / "none"], "none", "No such file")
    refuses(["list", "--configs", tmp_path], re.escape(str(tmp_path)), "no .*json")
    refuses(["list"], "KIR_CONFIGS: .*processors", KIR_CONFIGS=str(tmp_path))


@pytest.mark.parametrize("arguments", [
    [],
    ["resize"],
    ["list", "--everything"],
    ["run"],
    ["run", "clip", "a.png"],
    ["plan", "clip"],
], ids=" ".join)  # fmt: skip
def test_bad_command_line(refuses, arguments):
    refuses(arguments, "--help")


def test_json_is_valid_even_where_a_name_is_odd(kir, tmp_path):
    # The listing keeps any class name that the file system and JSON can hold.
    name = 'odd "name" \\ ü'
    (tmp_path / f"{name}.json").write_text(json.dumps({"image_processor_type": "ViTImageProcessor"}))
    run = kir("list", "--configs", tmp_path, "--json", "-")
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["configs"][0]["name"] == name
