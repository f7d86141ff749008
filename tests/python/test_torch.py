"""The ops among torch's: opcheck, torch.compile, export, the meta device, DLPack, threads, memory, and the GIL."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import kernel_image_resize as kir
import numpy
import pytest
import torch
from kernel_image_resize import _ops, cv_utils
from kernel_image_resize._resize_normalize import _request
from torchvision_reference import MEAN, STD

CLIP = json.dumps(
    {
        "image_processor_type": "CLIPImageProcessor",
        "size": {"shortest_edge": 32},
        "crop_size": {"height": 32, "width": 32},
        "do_center_crop": True,
        "resample": 3,
        "image_mean": MEAN,
        "image_std": STD,
    }
)


def request(size=(24, 20), layout="NCHW", input_layout="CHW"):
    return _request(
        size,
        None,
        tuple(MEAN),
        tuple(STD),
        1 / 255,
        "bicubic",
        True,
        "square",
        "separable",
        "float32",
        layout,
        input_layout,
    )


@pytest.fixture
def images(noise):
    return [noise(3, 40, 56), noise(3, 61, 33)]


# ----------------------------------------------------------------------------------------------------------------------
# torch.library


@pytest.mark.parametrize("dtype", [None, torch.float16, torch.uint8], ids=str)
@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
def test_opcheck(images, layout, dtype):
    torch.library.opcheck(kir.ops.resize_normalize.default, (images, False, request(layout=layout), dtype, None))


def test_opcheck_stacked(noise):
    arguments = ([noise(2, 9, 14, 3)], True, request(input_layout="HWC"), None, torch.device("cpu"))
    torch.library.opcheck(kir.ops.resize_normalize.default, arguments)


def test_opcheck_out(images):
    torch.library.opcheck(kir.ops.resize_normalize_out.default, (images, False, request(), torch.empty(2, 3, 24, 20)))


def test_opcheck_patchify(images):
    numbers = [[0.5] * 3, [0.25] * 3, 1 / 255, "bicubic", 14, 2, 2, "torch_cpu", "separable", None]
    arguments = (images, False, [28, 56, 28, 56], [0, 1, 1], [2, 1], *numbers)
    torch.library.opcheck(kir.ops.patchify.default, arguments)


def test_meta_images_give_the_shape():
    images = [torch.empty(3, 40, 56, dtype=torch.uint8, device="meta")] * 5
    result = kir.resize_normalize(images, (24, 20), MEAN, STD, dtype=torch.bfloat16, crop_size=(7, 9))
    assert result.shape == (5, 3, 7, 9) and result.dtype == torch.bfloat16 and result.is_meta


def test_fake_shapes_are_the_real_ones(noise):
    """Every layout and number of channels: the registered shape function against the kernel."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    for channels, mean in [(1, [0.5]), (1, MEAN), (3, MEAN), (4, [0.5]), (2, [0.5, 0.4])]:
        for layout in ("NCHW", "NHWC"):
            images = [noise(channels, 13, 17), noise(channels, 8, 9)]
            arguments = dict(size=(6, 7), image_mean=mean, image_std=0.5, layout=layout, dtype=torch.float16)
            real = kir.resize_normalize(images, **arguments)
            with FakeTensorMode() as mode:
                fake = kir.resize_normalize([mode.from_tensor(image) for image in images], **arguments)
            assert (fake.shape, fake.dtype, fake.device) == (real.shape, real.dtype, real.device)
            assert fake.stride() == real.stride()


def without_pixels(kind, value):
    """The value with fake tensors, or ones of the meta device, in place of all tensors."""
    from torch._subclasses.fake_tensor import FakeTensorMode

    def meta(tensor):
        if tensor.layout is not torch.strided:
            return tensor.to("meta")
        options = {"dtype": tensor.dtype, "requires_grad": tensor.requires_grad, "device": "meta"}
        return torch.empty_strided(tensor.shape, tensor.stride(), **options)

    convert = FakeTensorMode().from_tensor if kind == "fake" else meta
    return torch.utils._pytree.tree_map_only(torch.Tensor, convert, value)


def result_or_error(function, arguments):
    try:
        result = function(**arguments)
    except Exception as error:
        return type(error), str(error)
    return [
        (tensor.shape, tensor.dtype, tensor.stride()) for tensor in (result if isinstance(result, tuple) else (result,))
    ]


def levels(*shape, **options):
    return torch.zeros(shape, dtype=torch.uint8, **options)


IMAGES = [levels(3, 40, 56), levels(3, 61, 33)]
RESIZED = {"images": IMAGES, "size": (24, 20), "image_mean": MEAN, "image_std": STD}
RESIZED_BADLY = {
    "images": [
        [image.float() for image in IMAGES],
        [IMAGES[0], IMAGES[1].float()],
        [IMAGES[0], IMAGES[1][0]],
        [levels(5, 8, 8)],
        [levels(40, 56, 3)],
        [levels(3, 0, 8)],
        [levels(1, 1, 1).expand(1, 1, 2**20 + 1)],
        [levels(3, 8, 8), levels(2, 8, 8)],
        levels(3, 8, 8),
        levels(2, 5, 8, 8),
        torch.zeros(2, 3, 8, 8),
        [],
        [levels(3, 8, 8).to_sparse()],
    ],
    "size": [0, (24, 0), 2**20 + 1, (24,), (24, 24, 24)],
    "image_mean": [[0.5, 0.5], [0.5] * 4, [], float("nan")],
    "image_std": [[0.5, 0.5], 0.0, [0.5, 0.5, -1.0], float("inf")],
    "rescale_factor": [0.0, -1.0, float("nan")],
    "resample": ["nosuch", 1],
    "resize_mode": ["shortest_edge", "nosuch"],
    "crop_size": [(25, 20), (24, 21), 0, (5, 0), (5,)],
    "backend": ["nosuch"],
    "numerics": ["nosuch", "torch_cuda"],
    "layout": ["nosuch"],
    "input_layout": ["nosuch", "HWC"],
    "dtype": [torch.float64, torch.int32, torch.bool],
    "out": [
        torch.empty(9),
        torch.empty(2, 3, 24, 21),
        torch.empty(2, 3, 24, 20, dtype=torch.float64),
        torch.empty(2, 3, 24, 40)[..., ::2],
        torch.empty(2, 3, 24, 20, requires_grad=True),
    ],
}
RESIZED_WELL = [
    {},
    {"images": torch.stack([IMAGES[0]] * 4)},
    {"images": levels(0, 3, 8, 8)},
    {"images": [levels(1, 8, 8), levels(3, 9, 7)]},
    {"images": [levels(8, 9, 4)], "input_layout": "HWC", "layout": "NHWC", "image_mean": 0.5, "image_std": 0.5},
    {"size": 30, "crop_size": (7, 9), "resize_mode": "shortest_edge", "dtype": torch.float16},
    {"numerics": "torch_cpu", "resample": "nearest", "antialias": False, "dtype": torch.uint8},
    {"out": torch.empty(2, 3, 24, 20, dtype=torch.bfloat16)},
]
TOKENS = {
    "frames": IMAGES,
    "target_sizes": [(28, 56)] * 2,
    "image_mean": MEAN,
    "image_std": STD,
    "rescale_factor": 1 / 255,
    "resample": 3,
    "patch": 14,
    "merge": 2,
    "temporal": 2,
}
TOKENS_BADLY = {
    "frames": [
        *(2 * images if len(images) == 1 else images for images in RESIZED_BADLY["images"]),
        [levels(1, 8, 8)] * 2,
    ],
    "target_sizes": [
        [],
        [(28, 56)],
        [(28, 56), (28, 57)],
        [(28, 56), (0, 56)],
        [(28, 56), (28, -28)],
        [(28, 2**21)] * 2,
    ],
    "image_mean": RESIZED_BADLY["image_mean"],
    "image_std": RESIZED_BADLY["image_std"],
    "rescale_factor": RESIZED_BADLY["rescale_factor"],
    "resample": ["nosuch", 1, "box"],
    "patch": [0, -14, 4097, 13],
    "merge": [0, 5000, 3],
    "temporal": [0, -1, 5000],
    "items": [[], [[]], [[0], []], [[3]], [[0], [-1]]],
    "round_to_uint8": [None],
}
TOKENS_WELL = [
    {},
    {"frames": torch.stack([IMAGES[0]] * 2), "items": [[0, 1, 1], [1]]},
    {"items": [[1, 0, 1], [1]], "temporal": 3, "target_sizes": [(56, 28)] * 2},
    {"image_mean": 0.5, "image_std": 0.5, "patch": 4, "merge": 1, "temporal": 1},
    {"items": [[0]], "target_sizes": [(28, 28), (56, 56)], "round_to_uint8": False, "resample": "lanczos"},
]
PLACES = [
    (kir.resize_normalize, RESIZED, RESIZED_BADLY, RESIZED_WELL),
    (cv_utils.resize_normalize_patchify, TOKENS, TOKENS_BADLY, TOKENS_WELL),
]


@pytest.mark.parametrize("kind", ["meta", "fake"])
@pytest.mark.parametrize(("function", "base", "badly", "well"), PLACES, ids=["resize_normalize", "patchify"])
def test_without_pixels_all_is_refused_that_is_refused_with_them(function, base, badly, well, kind):
    """The same class and the same words; of what is allowed, the same shapes and types."""
    faults = []
    for name, values in badly.items():
        for value in values:
            with_pixels = result_or_error(function, base | {name: value})
            without = result_or_error(function, without_pixels(kind, base | {name: value}))
            assert with_pixels[0] in (ValueError, TypeError), (name, value, with_pixels)
            if without != with_pixels:
                faults.append(f"{name}={value!r}: {without} instead of {with_pixels}")
    for arguments in well:
        with_pixels = result_or_error(function, base | arguments)
        without = result_or_error(function, without_pixels(kind, base | arguments))
        assert isinstance(with_pixels, list), (arguments, with_pixels)
        if without != with_pixels:
            faults.append(f"{arguments!r}: {without} instead of {with_pixels}")
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults)


def test_grey_frames_among_others_without_pixels():
    """Of the op itself: cv_utils has one number of channels for all."""
    numbers = [[28, 28] * 2, [1, 0], [1, 1], MEAN, STD, 1 / 255, "bicubic", 14, 1, 1, "float32", "separable", None]
    frames = [levels(1, 8, 8), levels(3, 9, 7)]
    tokens, grid = kir.ops.patchify.default(frames, False, *numbers)
    shape, known = kir.ops.patchify.default(without_pixels("meta", frames), False, *numbers)
    assert shape.shape == tokens.shape and torch.equal(known, grid)


@pytest.mark.parametrize("backend", ["eager", "aot_eager"])
def test_compiled_without_a_graph_break(images, backend):
    def model(images, out):
        first = kir.resize_normalize(images, (24, 20), MEAN, STD, crop_size=[16, 16])
        second = kir.resize_normalize(images, 16, 0.5, 0.5, resample=2, out=out)
        return (first + second).sum(dim=1)

    out = torch.empty(2, 3, 16, 16)
    compiled = torch.compile(model, fullgraph=True, backend=backend)
    assert torch.equal(compiled(images, out), model(images, torch.empty(2, 3, 16, 16)))
    assert torch.equal(out, kir.resize_normalize(images, 16, 0.5, 0.5, resample=2))


def test_compiled_for_stacks_of_any_size(noise):
    compiled = torch.compile(
        lambda x: kir.resize_normalize(x, 16, MEAN, STD) * 2, fullgraph=True, dynamic=True, backend="aot_eager"
    )
    for shape in [(2, 3, 20, 30), (5, 3, 31, 17), (3, 3, 40, 40)]:
        stacked = noise(*shape)
        assert torch.equal(compiled(stacked), kir.resize_normalize(stacked, 16, MEAN, STD) * 2)


def test_compiled_for_each_mean_and_size(noise):
    """Numbers that change from call to call: torch.compile would make symbols of them."""
    stacked = noise(2, 3, 20, 30)
    compiled = torch.compile(
        lambda x, size, mean, scale: kir.resize_normalize(x, size, mean, STD, scale),
        fullgraph=True,
        backend="aot_eager",
    )
    for size, mean, scale in [(8, 0.5, 1 / 255), (9, 0.25, 1 / 127), ((10, 11), 0.125, 1 / 3), ((11, 13), 0.75, 1 / 7)]:
        wanted = kir.resize_normalize(stacked, size, [mean] * 3, STD, scale)
        assert torch.equal(compiled(stacked, size, [mean] * 3, scale), wanted)


def test_compiled_refuses_as_eager_does(images):
    compiled = torch.compile(lambda x: kir.resize_normalize(x, 16, MEAN, STD), fullgraph=True, backend="eager")
    with pytest.raises(Exception, match="uint8 is allowed"):
        compiled([images[0].float()])


def test_exported(noise):
    class Model(torch.nn.Module):
        def forward(self, stacked):
            return kir.resize_normalize(stacked, 16, MEAN, STD)

    stacked = noise(2, 3, 20, 30)
    exported = torch.export.export(Model(), (stacked,))
    assert torch.equal(exported.module()(stacked), Model()(stacked))


def test_no_gradient_flows(images):
    result = kir.resize_normalize(images, 16, MEAN, STD)
    assert not result.requires_grad
    with torch.inference_mode():
        assert torch.equal(kir.resize_normalize(images, 16, MEAN, STD), result)


# ----------------------------------------------------------------------------------------------------------------------
# Memory of others


def test_dlpack_in_and_out(noise):
    pixels = noise(3, 30, 41).numpy()
    image = torch.from_dlpack(pixels)
    result = kir.resize_normalize([image], 16, MEAN, STD)
    shared = numpy.from_dlpack(result)
    assert shared.__array_interface__["data"][0] == result.data_ptr()
    assert torch.equal(torch.from_dlpack(shared), kir.resize_normalize([torch.tensor(pixels)], 16, MEAN, STD))


def test_images_are_only_read(images):
    before = [image.clone() for image in images]
    kir.resize_normalize(images, 16, MEAN, STD)
    assert all(torch.equal(a, b) for a, b in zip(images, before, strict=True))
    assert all(image._version == 0 for image in images)


def test_writing_to_out_is_seen_by_autograd(images):
    out = torch.empty(2, 3, 16, 16)
    kir.resize_normalize(images, 16, MEAN, STD, out=out)
    assert out._version == 1


# ----------------------------------------------------------------------------------------------------------------------
# preprocess


def test_preprocess_is_the_processor(images):
    result = _ops.preprocess(images, CLIP)
    assert list(result) == ["pixel_values"]
    wanted = kir.resize_normalize(images, 32, MEAN, STD, crop_size=32, resize_mode="shortest_edge")
    assert torch.equal(result["pixel_values"], wanted)


def test_preprocess_of_several_shapes_gives_a_list(images):
    config = json.dumps(
        {"image_processor_type": "DPTImageProcessor", "size": {"height": 32, "width": 32}, "do_resize": False}
    )
    pixels = _ops.preprocess(images, config)["pixel_values"]
    assert [tuple(tensor.shape) for tensor in pixels] == [(3, 40, 56), (3, 61, 33)]


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ("", "^config"),
        ("[]", "^config"),
        ("{}", "^config: image_processor_type"),
        ('{"image_processor_type": "CLIPImageProcessor", "image_mean": [0.5, 0.5]}', "^config: "),
        ('{"image_processor_type": "NoImageProcessor"}', "^config: image_processor_type"),
    ],
)
def test_bad_configurations(images, config, message):
    with pytest.raises(ValueError, match=message):
        _ops.preprocess(images, config)
    with pytest.raises(ValueError, match=message):
        _ops.processor_info(config)


def test_preprocess_refuses_groups_that_do_not_add_up(images):
    with pytest.raises(ValueError, match=r"^groups"):
        _ops.preprocess(images, CLIP, groups=[1, 2])


def test_processor_info():
    info = _ops.processor_info(json.dumps({**json.loads(CLIP), "no_such_key": 1}))
    assert info == {
        "class_name": "CLIPImageProcessor",
        "stages": info["stages"],
        "writes": "images",
        "returns": "features",
        "groups": "none",
        "resizes_levels": True,
        "unsupported": "",
        "unsupported_by_pillow": "",
        "unknown_keys": ["no_such_key"],
    }


def test_more_configurations_than_the_cache_holds(noise):
    image = [noise(3, 9, 9)]
    for edge in [*range(1, 100), *range(1, 10)]:
        config = json.dumps({**json.loads(CLIP), "crop_size": edge, "size": {"shortest_edge": edge}})
        assert _ops.preprocess(image, config)["pixel_values"].shape == (1, 3, edge, edge)


# ----------------------------------------------------------------------------------------------------------------------
# Threads


def test_eight_threads_at_once(noise):
    stacks = [noise(4, 3, 30 + 7 * i, 50) for i in range(8)]
    wanted = [(kir.resize_normalize(s, 24, MEAN, STD), _ops.preprocess(s, CLIP)["pixel_values"]) for s in stacks]

    def work(i):
        for _ in range(40):
            assert torch.equal(kir.resize_normalize(stacks[i], 24, MEAN, STD), wanted[i][0])
            assert torch.equal(_ops.preprocess(stacks[i], CLIP)["pixel_values"], wanted[i][1])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


def test_planned_outputs_refuses_what_is_no_image():
    with pytest.raises(ValueError, match=r"^images\[1\]: has 8589934600 as its height; 1 to 1048576 is allowed"):
        _ops.planned_outputs([(3, 8, 8), (3, 2**33 + 8, 8)], CLIP)
    with pytest.raises(ValueError, match=r"^image_sizes: 2 numbers"):
        _ops.planned_outputs([(3, 4)], CLIP)


def test_the_gil_is_released(noise):
    """While one long call runs in a thread, this thread goes on counting."""
    image = noise(3, 3000, 3000)
    running, done = threading.Event(), threading.Event()

    def work():
        running.set()
        kir.resize_normalize([image] * 6, 2500, MEAN, STD)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    running.wait()
    counted = 0
    while not done.is_set():
        time.sleep(0.001)
        counted += 1
    thread.join()
    assert counted >= 20, f"{counted} steps beside a call that takes some hundred milliseconds"
