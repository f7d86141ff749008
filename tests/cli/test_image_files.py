"""Image files become the pixels that transformers.image_utils.load_image gives: Pillow's, turned by EXIF, as RGB.

`kir run` with a configuration that changes nothing shows its pixels. One call decodes the files of one test. It plans
with the sizes that the headers show, and refuses an image that is decoded to another size: every test here is one of
headers too.
"""

import io
import itertools
import struct
import warnings
import zlib
from pathlib import Path

import numpy
import pytest
import skimage
from PIL import Image, ImageOps
from safetensors.numpy import load_file


def decoded(kir, identity, files, folder):
    """What kir makes of image files: one (H, W, C) array each."""
    target = folder / "pixels.safetensors"
    # The first image of all has a size of its own, so that the batch is ragged whatever the others are.
    first = folder / "first.npy"
    numpy.save(first, numpy.zeros((1, 3, 3), numpy.uint8))
    run = kir("run", identity, first, *files, "-o", target, "--layout", "nhwc", "--dtype", "u8")
    assert run.returncode == 0, run.stderr
    tensors = load_file(target)
    assert len(tensors) == len(files) + 1
    return [tensors[f"pixel_values.{i + 1}"] for i in range(len(files))]


def assert_as_pillow(kir, identity, encoded, folder):
    """`encoded` is {name: bytes of an image file}."""
    files = []
    for name, data in encoded.items():
        files.append(folder / f"{name}.image")  # the content decides the format, not the name
        files[-1].write_bytes(data)
    for name, data, ours in zip(encoded, encoded.values(), decoded(kir, identity, files, folder), strict=True):
        with warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data)) as opened:
            theirs = numpy.asarray(ImageOps.exif_transpose(opened).convert("RGB"))
        assert ours.dtype == numpy.uint8
        assert ours.shape == theirs.shape, name
        differing = int((ours != theirs).sum())
        assert differing == 0, f"{name}: {differing} of {ours.size} samples differ"


def saved(image, **parameters):
    buffer = io.BytesIO()
    image.save(buffer, **parameters)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def pictures(random):
    """A photograph and noise, with sides that are no multiple of any block."""
    photograph = Image.fromarray(skimage.data.astronaut()).resize((203, 157))
    noise = Image.fromarray(random.integers(0, 256, (37, 53, 3), dtype=numpy.uint8))
    return {"photograph": photograph, "noise": noise}


# ----------------------------------------------------------------------------------------------------------------------
# JPEG


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_jpeg_pixels_equal_pillow(kir, identity, pictures, tmp_path, mode):
    encoded = {}
    for name, subsampling, progressive, quality in itertools.product(pictures, (0, 1, 2), (False, True), (30, 95)):
        encoded[f"{name}-{subsampling}-{progressive}-{quality}"] = saved(
            pictures[name].convert(mode),
            format="JPEG",
            subsampling=subsampling,
            progressive=progressive,
            quality=quality,
        )
    assert_as_pillow(kir, identity, encoded, tmp_path)


def with_byte(data, marker, offset, old, new):
    """The file with one byte changed, `offset` behind a marker."""
    at = data.index(marker) + offset
    assert data[at] == old
    return data[:at] + bytes([new]) + data[at + 1 :]


def test_jpeg_rare_encodings_equal_pillow(kir, identity, tmp_path):
    # Sides of whole blocks: the same blocks are valid data for 4:2:2 and 4:4:0.
    picture = Image.fromarray(skimage.data.coffee()).resize((64, 96))
    encoded = {
        "440": with_byte(saved(picture, format="JPEG", subsampling=1), b"\xff\xc0", 11, 0x21, 0x12),
        "rgb-without-ycbcr": saved(picture, format="JPEG", keep_rgb=True),
        "ycck": with_byte(saved(picture.convert("CMYK"), format="JPEG"), b"Adobe", 11, 0, 2),
        "restart-markers": saved(picture, format="JPEG", restart_marker_blocks=3),
        "optimized": saved(picture, format="JPEG", optimize=True),
        "one-pixel": saved(picture.resize((1, 1)), format="JPEG"),
        "one-row": saved(picture.resize((33, 1)), format="JPEG"),
        "stray-bytes-after-the-end": saved(picture, format="JPEG") + b"stray",
    }
    assert_as_pillow(kir, identity, encoded, tmp_path)


# ----------------------------------------------------------------------------------------------------------------------
# PNG, written by hand: Pillow writes few of the kinds that it reads.


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, bits, color, scanlines, chunks=b"", interlaced=0, late=b""):
    """A PNG file of unfiltered scanlines; `chunks` stand before the pixels, `late` behind them."""
    header = struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced)
    pixels = zlib.compress(b"".join(b"\0" + line for line in scanlines))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunks + chunk(b"IDAT", pixels) + late + chunk(b"IEND", b"")


CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
GREY, RGB, PALETTE, GREY_ALPHA, RGBA = CHANNELS
DEPTHS = {GREY: (1, 2, 4, 8, 16), RGB: (8, 16), PALETTE: (1, 2, 4, 8), GREY_ALPHA: (8, 16), RGBA: (8, 16)}
TRANSPARENT = {GREY: b"\0\1", RGB: b"\0\1\0\2\0\3", PALETTE: bytes([0, 128])}
GAMMA = chunk(b"gAMA", struct.pack(">I", 45455))


@pytest.mark.parametrize(
    ("color", "bits"),
    [(color, bits) for color, depths in DEPTHS.items() for bits in depths],
    ids=lambda value: str(value),
)
def test_png_pixels_equal_pillow(kir, identity, random, tmp_path, color, bits):
    width, height = 13, 9
    scanlines = [random.bytes((width * CHANNELS[color] * bits + 7) // 8) for _ in range(height)]
    palette = chunk(b"PLTE", random.bytes(3 * 2**bits)) if color == PALETTE else b""
    encoded = {
        "plain": png(width, height, bits, color, scanlines, palette),
        "gamma": png(width, height, bits, color, scanlines, GAMMA + palette),
    }
    if color in TRANSPARENT:
        encoded["transparent"] = png(
            width, height, bits, color, scanlines, palette + chunk(b"tRNS", TRANSPARENT[color])
        )
    assert_as_pillow(kir, identity, encoded, tmp_path)


def test_png_16_bit_grey_is_clipped_as_pillow_does(kir, identity, tmp_path):
    levels = [0, 1, 127, 128, 254, 255, 256, 257, 511, 32767, 65280, 65535]
    data = png(len(levels), 1, 16, GREY, [struct.pack(f">{len(levels)}H", *levels)])
    assert_as_pillow(kir, identity, {"levels": data}, tmp_path)


def adam7(pixels):
    for x, y, across, down in (
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ):
        for row in pixels[y::down, x::across]:
            if row.size:
                yield row.tobytes()


def test_png_rare_encodings_equal_pillow(kir, identity, random, pictures, tmp_path):
    encoded = {"short-palette": png(4, 1, 8, PALETTE, [bytes([0, 1, 2, 200])], chunk(b"PLTE", random.bytes(6)))}
    for height, width in ((9, 13), (1, 1), (1, 7), (8, 3)):
        pixels = random.integers(0, 256, (height, width, 3), dtype=numpy.uint8)
        encoded[f"interlaced-{height}x{width}"] = png(width, height, 8, RGB, adam7(pixels), interlaced=1)
    frames = [Image.fromarray(random.integers(0, 256, (12, 10, 3), dtype=numpy.uint8)) for _ in range(3)]
    for default_image in (False, True):
        encoded[f"animated-{default_image}"] = saved(
            frames[0], format="PNG", save_all=True, append_images=frames[1:], default_image=default_image
        )
    encoded["filtered"] = saved(pictures["photograph"], format="PNG", optimize=True)
    assert_as_pillow(kir, identity, encoded, tmp_path)


# ----------------------------------------------------------------------------------------------------------------------
# Orientation


def exif(orientation):
    block = Image.Exif()
    block[0x0112] = orientation
    return block


def tiff(kind, count, value, order="<"):
    """An EXIF block of one entry, the orientation, as any TIFF type."""
    magic = b"II*\0" if order == "<" else b"MM\0*"
    return magic + struct.pack(order + "IHHHI", 8, 1, 0x0112, kind, count) + value + bytes(4)


def test_exif_orientation_is_applied_as_pillow_does(kir, identity, pictures, tmp_path):
    encoded = {}
    for orientation, kind in itertools.product(range(10), ("JPEG", "PNG")):
        encoded[f"{kind}-{orientation}"] = saved(pictures["photograph"], format=kind, exif=exif(orientation))
    assert_as_pillow(kir, identity, encoded, tmp_path)


def test_exif_of_every_type_and_byte_order_is_read_as_pillow_does(kir, identity, random, tmp_path):
    scanlines = [random.bytes(3) for _ in range(2)]
    encoded = {}
    for order, kind, count in itertools.product("<>", (*range(11), 13, 14), (0, 1, 2, 3, 100)):
        for name, value in {"short": struct.pack(order + "HH", 6, 6), "long": struct.pack(order + "I", 6)}.items():
            block = chunk(b"eXIf", tiff(kind, count, value, order))
            letter = "little" if order == "<" else "big"
            encoded[f"{letter}-{kind}-{count}-{name}"] = png(3, 2, 8, GREY, scanlines, block)
    assert_as_pillow(kir, identity, encoded, tmp_path)


def test_orientation_in_texts_is_applied_as_pillow_does(kir, identity, random, pictures, tmp_path):
    scanlines = [random.bytes(3) for _ in range(2)]
    turn = tiff(3, 1, b"\6\0\0\0")
    xmp = b'<x tiff:Orientation="5"/>'
    blocks = {
        "late-exif": (b"", chunk(b"eXIf", turn)),
        "exif-text": (chunk(b"tEXt", b"exif\0" + turn), b""),
        "hex": (chunk(b"tEXt", b"Raw profile type exif\0\nexif\n      26\n" + turn.hex().encode() + b"\n"), b""),
        "hex-packed": (
            chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n26\n" + turn.hex().encode())),
            b"",
        ),
        "xmp": (chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp), b""),
        "xmp-packed-late": (b"", chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(xmp))),
        "exif-before-xmp": (chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp), chunk(b"eXIf", turn)),
    }
    encoded = {name: png(3, 2, 8, GREY, scanlines, *_before_and_late(block)) for name, block in blocks.items()}
    photograph = pictures["photograph"]
    encoded["jpeg-xmp"] = saved(photograph, format="JPEG", xmp=b"<tiff:Orientation>8</tiff:Orientation>")
    encoded["jpeg-exif-before-xmp"] = saved(photograph, format="JPEG", xmp=xmp, exif=exif(3))
    assert_as_pillow(kir, identity, encoded, tmp_path)


def _before_and_late(block):
    before, late = block
    return before, 0, late


def test_what_stands_behind_the_end_turns_nothing(kir, identity, random, tmp_path):
    scanlines = [random.bytes(3) for _ in range(2)]
    turn = chunk(b"eXIf", tiff(3, 1, b"\6\0\0\0"))
    assert_as_pillow(kir, identity, {"exif-behind-the-end": png(3, 2, 8, GREY, scanlines) + turn}, tmp_path)


def test_orientation_is_found_in_a_long_header(kir, identity, random, pictures, tmp_path):
    profile = random.bytes(1 << 20)  # Pillow writes it to as many segments as it takes
    encoded = {
        kind: saved(pictures["photograph"], format=kind, icc_profile=profile, exif=exif(6)) for kind in ("JPEG", "PNG")
    }
    assert_as_pillow(kir, identity, encoded, tmp_path)


# ----------------------------------------------------------------------------------------------------------------------
# Photographs and arrays


def test_bundled_photographs_equal_pillow(kir, identity, tmp_path):
    folder = Path(skimage.__file__).parent / "data"
    files = sorted([*folder.glob("*.png"), *folder.glob("*.jpg")])
    assert len(files) >= 4, f"scikit-image bundles its photographs in {folder}"
    assert_as_pillow(kir, identity, {path.name: path.read_bytes() for path in files}, tmp_path)


# shape of the .npy: where its channels are, as transformers.image_utils.infer_channel_dimension_format sees it
NPY_SHAPES = {
    (5, 7): None,
    (1, 5, 7): 0,
    (3, 5, 7): 0,
    (5, 7, 1): 2,
    (5, 7, 3): 2,
    (3, 5, 3): 0,
    (2, 5, 7): 0,
    (4, 5, 7): 0,
    (5, 7, 2): 2,
    (5, 7, 4): 2,
    (4, 7, 3): 2,
    (2, 2, 4): 0,
}


@pytest.mark.parametrize("shape", NPY_SHAPES, ids=str)
def test_npy_axes_are_those_of_transformers(kir, identity, random, tmp_path, shape):
    array = random.integers(0, 256, shape, dtype=numpy.uint8)
    numpy.save(tmp_path / "array.npy", array)
    axis = NPY_SHAPES[shape]
    if axis is None:
        expected = array[..., None]
    else:
        expected = numpy.moveaxis(array, axis, -1)
        if {shape[0], shape[2]} & {1, 3}:
            from transformers.image_utils import infer_channel_dimension_format

            theirs = infer_channel_dimension_format(array).value
            assert theirs == ("channels_first" if axis == 0 else "channels_last")
    target = tmp_path / "out.npy"
    run = kir("run", identity, tmp_path / "array.npy", "-o", target, "--layout", "nhwc", "--dtype", "u8")
    assert run.returncode == 0, run.stderr
    assert numpy.array_equal(numpy.load(target)[0], expected)


@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)], ids=str)
def test_npy_format_versions(kir, identity, random, tmp_path, version):
    array = random.integers(0, 256, (5, 7, 3), dtype=numpy.uint8)
    with open(tmp_path / "array.npy", "wb") as file:
        numpy.lib.format.write_array(file, array, version=version)
    target = tmp_path / "out.npy"
    run = kir("run", identity, tmp_path / "array.npy", "-o", target, "--layout", "nhwc", "--dtype", "u8")
    assert run.returncode == 0, run.stderr
    assert numpy.array_equal(numpy.load(target)[0], array)
