"""On a GPU: parity, graphs, streams, threads, leaks, memory, host images, and what is refused."""

import gc
import json
from concurrent.futures import ThreadPoolExecutor

import kernel_image_resize as kir
import pytest
import torch
from kernel_image_resize import _ops
from kernel_image_resize._resize_normalize import _request
from torchvision_reference import MEAN, STD, difference, expected

if not kir.has_cuda:
    pytest.skip("the package was built without CUDA", allow_module_level=True)
if not torch.cuda.is_available():
    pytest.skip("no CUDA device", allow_module_level=True)

BOUND = 1e-4  # of normalized units
SAME = 1e-5  # the same sums in another order: memory that stands otherwise may be read by another variant of a kernel
CLIP = json.dumps(
    {
        "image_processor_type": "CLIPImageProcessor",
        "size": {"shortest_edge": 64},
        "crop_size": {"height": 64, "width": 64},
        "do_center_crop": True,
        "resample": 3,
        "image_mean": MEAN,
        "image_std": STD,
    }
)


def request(backend="separable", size=(24, 20)):
    return _request(
        size, None, tuple(MEAN), tuple(STD), 1 / 255, "bicubic", True, "square", backend, "float32", "NCHW", "CHW"
    )


@pytest.fixture
def host_images(noise):
    return [noise(3, *shape) for shape in [(40, 56), (61, 33), (1, 1), (300, 200), (224, 224)]]


@pytest.fixture
def images(host_images):
    return [image.cuda() for image in host_images]


# ----------------------------------------------------------------------------------------------------------------------
# Parity


@pytest.mark.parametrize("backend", ["separable", "fused"])
@pytest.mark.parametrize("antialias", [True, False], ids=["antialias", "plain"])
@pytest.mark.parametrize("resample", ["bilinear", "bicubic"])
def test_against_torchvision(images, host_images, achieved, backend, resample, antialias):
    result = kir.resize_normalize(images, (65, 48), MEAN, STD, resample=resample, antialias=antialias, backend=backend)
    assert result.is_cuda
    wanted = expected(host_images, [65, 48], resample, antialias)
    achieved(f"{backend} against torchvision float on the CPU", difference(result.cpu(), wanted), BOUND)


@pytest.mark.parametrize("backend", ["separable", "fused"])
def test_crop(images, host_images, achieved, backend):
    result = kir.resize_normalize(
        images, 48, MEAN, STD, crop_size=(32, 17), resize_mode="shortest_edge", backend=backend
    )
    wanted = expected(host_images, [48], "bicubic", crop_size=[32, 17])
    achieved(f"{backend} with a crop against torchvision float on the CPU", difference(result.cpu(), wanted), BOUND)


@pytest.mark.parametrize("layout", ["NCHW", "NHWC"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, torch.uint8], ids=str)
def test_poisoned_out_between_guards(images, dtype, layout):
    scale = 1.0 if dtype == torch.uint8 else 1 / 255
    arguments = dict(size=24, image_mean=0.0, image_std=1.0, rescale_factor=scale, layout=layout)
    poison = 77 if dtype == torch.uint8 else float("nan")
    shape = (24, 24, 3) if layout == "NHWC" else (3, 24, 24)
    memory = torch.full((7, *shape), poison, dtype=dtype, device="cuda")
    kir.resize_normalize(images, out=memory[1:6], **arguments)
    assert torch.equal(memory[1:6], kir.resize_normalize(images, dtype=dtype, **arguments))
    guards = torch.stack([memory[0], memory[6]])
    assert (guards == 77).all() if dtype == torch.uint8 else guards.isnan().all()


def test_torch_cpu_numerics_are_the_cpus_bits(images, host_images):
    arguments = dict(size=50, image_mean=MEAN, image_std=STD, numerics="torch_cpu")
    assert torch.equal(kir.resize_normalize(images, **arguments).cpu(), kir.resize_normalize(host_images, **arguments))


def test_strides_and_hwc(noise):
    whole = noise(4, 90, 80).cuda()
    views = [whole[:3, 11:77, 5:70], whole[1:, ::2, ::3], whole[:3].transpose(1, 2), whole[0:1].expand(3, -1, -1)]
    wanted = kir.resize_normalize([view.contiguous() for view in views], 24, MEAN, STD)
    assert difference(kir.resize_normalize(views, 24, MEAN, STD), wanted) <= SAME
    hwc = [view.permute(1, 2, 0).contiguous() for view in views]
    result = kir.resize_normalize(hwc, 24, MEAN, STD, input_layout="HWC")
    assert difference(result, wanted) <= SAME


def test_stacked_and_empty(noise):
    stacked = noise(5, 3, 31, 45).cuda()
    result = kir.resize_normalize(stacked, 24, MEAN, STD)
    assert torch.equal(result, kir.resize_normalize(list(stacked), 24, MEAN, STD))
    assert kir.resize_normalize(stacked[:0], 24, MEAN, STD).shape == (0, 3, 24, 24)


def test_preprocess(images, host_images, achieved):
    result = _ops.preprocess(images, CLIP)["pixel_values"]
    achieved(
        "preprocess, CUDA against CPU",
        difference(result.cpu(), _ops.preprocess(host_images, CLIP)["pixel_values"]),
        SAME,
    )


# ----------------------------------------------------------------------------------------------------------------------
# torch.library, graphs


def test_opcheck(images):
    torch.library.opcheck(kir.ops.resize_normalize.default, (images, False, request(), None, None))
    out = torch.empty(5, 3, 24, 20, device="cuda")
    torch.library.opcheck(kir.ops.resize_normalize_out.default, (images, False, request(), out))


def test_compiled(images):
    compiled = torch.compile(lambda x: kir.resize_normalize(x, 24, MEAN, STD) * 2, fullgraph=True, backend="aot_eager")
    assert torch.equal(compiled(images), kir.resize_normalize(images, 24, MEAN, STD) * 2)


@pytest.mark.parametrize("backend", ["separable", "fused"])
def test_graph_capture_and_replay(images, noise, backend):
    out = torch.full((5, 3, 24, 24), float("nan"), device="cuda")
    run = lambda: kir.resize_normalize(images, 24, MEAN, STD, out=out, backend=backend)  # noqa: E731
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        run()  # torch asks for a call before the capture
    torch.cuda.current_stream().wait_stream(stream)

    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
        made_inside = kir.resize_normalize(images, 24, MEAN, STD, backend=backend)
    for _ in range(3):
        for image in images:
            image.copy_(noise(*image.shape))
        out.fill_(float("nan"))
        graph.replay()
        wanted = kir.resize_normalize(images, 24, MEAN, STD, backend=backend)
        assert torch.equal(out, wanted) and torch.equal(made_inside, wanted)


# ----------------------------------------------------------------------------------------------------------------------
# Streams, threads, devices


def test_it_runs_on_the_current_stream(images):
    """The result is ordered behind what the stream does before, and before what it does after."""
    wanted = kir.resize_normalize(images, 24, MEAN, STD)
    torch.cuda.synchronize()
    stream = torch.cuda.Stream()
    with torch.cuda.stream(stream):
        late = [torch.zeros_like(image) for image in images]
        torch.cuda._sleep(50_000_000)
        for image, original in zip(late, images, strict=True):
            image.copy_(original)
        result = kir.resize_normalize(late, 24, MEAN, STD)
        doubled = result * 2
    stream.synchronize()
    assert torch.equal(doubled, wanted * 2)


def test_it_does_not_wait(images):
    kir.resize_normalize(images, 24, MEAN, STD)
    torch.cuda.synchronize()
    torch.cuda._sleep(200_000_000)
    kir.resize_normalize(images, 24, MEAN, STD)
    busy = not torch.cuda.current_stream().query()
    torch.cuda.synchronize()
    assert busy, "the call came back only when the stream was idle"


@pytest.mark.parametrize("backend", ["separable", "fused"])
def test_eight_threads_on_four_streams(noise, backend):
    batches = [[noise(3, 30 + 9 * i + j, 50 + j).cuda() for j in range(6)] for i in range(8)]
    wanted = [kir.resize_normalize(batch, 32, MEAN, STD, backend=backend) for batch in batches]
    torch.cuda.synchronize()
    streams = [torch.cuda.Stream() for _ in range(4)]

    def work(i):
        with torch.cuda.stream(streams[i % 4]):
            for _ in range(100):
                result = kir.resize_normalize(batches[i], 32, MEAN, STD, backend=backend)
                same = torch.equal(result, wanted[i])  # waits for the stream
                assert same

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))


@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="one CUDA device")
def test_another_device_than_the_current_one(host_images):
    images = [image.to("cuda:1") for image in host_images]
    result = kir.resize_normalize(images, 24, MEAN, STD)
    assert result.device == torch.device("cuda:1") and torch.cuda.current_device() == 0
    assert torch.equal(result.cpu(), kir.resize_normalize([i.cuda() for i in host_images], 24, MEAN, STD).cpu())


# ----------------------------------------------------------------------------------------------------------------------
# Memory


@pytest.mark.parametrize("backend", ["separable", "fused"])
def test_ten_thousand_calls_leak_nothing(images, backend):
    def calls(count):
        for _ in range(count):
            kir.resize_normalize(images, 24, MEAN, STD, backend=backend)
        torch.cuda.synchronize()
        gc.collect()

    calls(100)
    allocated, reserved = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
    free_before = torch.cuda.mem_get_info()[0]
    calls(10_000)
    assert (torch.cuda.memory_allocated(), torch.cuda.memory_reserved()) == (allocated, reserved)
    assert torch.cuda.mem_get_info()[0] >= free_before - (8 << 20)


@pytest.mark.parametrize("backend", ["separable", "fused"])
def test_peak_memory_is_the_output_and_the_workspace(noise, backend):
    """Two blocks are allocated, the result and the workspace; the second is small and given back."""
    images = [noise(3, 700 + i, 900 - i).cuda() for i in range(8)]
    kir.resize_normalize(images, 384, MEAN, STD, backend=backend)
    torch.cuda.synchronize()
    before = torch.cuda.memory_stats()
    torch.cuda.reset_peak_memory_stats()
    result = kir.resize_normalize(images, 384, MEAN, STD, backend=backend)
    after = torch.cuda.memory_stats()
    # What was asked for: the allocator's blocks are larger, by rules of its own.
    start, key = before["requested_bytes.all.current"], "requested_bytes.all"
    output = result.numel() * result.element_size()
    workspace = kir.ops.workspace_bytes.default(images, False, request(backend, (384, 384)), None, None)
    blocks = after["allocation.all.allocated"] - before["allocation.all.allocated"]
    assert blocks == (2 if workspace else 1), blocks
    assert after[f"{key}.peak"] - start == output + workspace, (after[f"{key}.peak"] - start, output, workspace)
    assert after[f"{key}.current"] - start == output


# ----------------------------------------------------------------------------------------------------------------------
# Images in host memory


@pytest.mark.parametrize("pinned", [False, True], ids=["pageable", "pinned"])
@pytest.mark.parametrize("backend", ["separable", "fused"])
def test_host_images_to_the_device(host_images, images, backend, pinned):
    given = [image.pin_memory() if pinned else image for image in host_images]
    result = kir.resize_normalize(given, 24, MEAN, STD, device="cuda", backend=backend)
    assert result.is_cuda
    assert difference(result, kir.resize_normalize(images, 24, MEAN, STD, backend=backend)) <= SAME
    out = torch.full((5, 3, 24, 24), float("nan"), device="cuda")
    kir.resize_normalize(given, 24, MEAN, STD, out=out, backend=backend)
    assert torch.equal(out, result)
    on_host = _ops.preprocess(given, CLIP, device="cuda", backend=backend)["pixel_values"]
    assert difference(on_host, _ops.preprocess(images, CLIP, backend=backend)["pixel_values"]) <= SAME


def test_pageable_images_may_change_when_the_call_is_back(host_images, images):
    wanted = kir.resize_normalize(images, 24, MEAN, STD)
    torch.cuda.synchronize()
    torch.cuda._sleep(50_000_000)
    result = kir.resize_normalize(host_images, 24, MEAN, STD, device="cuda")
    for image in host_images:
        image.zero_()
    assert difference(result, wanted) <= SAME


def test_pinned_images_may_be_freed_when_the_call_is_back(host_images, images):
    """torch's allocator would hand the memory out again: it is kept until the stream has read it."""
    wanted = kir.resize_normalize(images, 24, MEAN, STD)
    torch.cuda.synchronize()
    torch.cuda._sleep(100_000_000)
    result = kir.resize_normalize([i.pin_memory() for i in host_images], 24, MEAN, STD, device="cuda")
    reused = [torch.zeros_like(image).pin_memory() for image in host_images]
    assert difference(result, wanted) <= SAME
    del reused


# ----------------------------------------------------------------------------------------------------------------------
# Bad input


def test_mixed_devices(images, host_images):
    with pytest.raises(ValueError, match=r"^images\[1\]: is on cpu, images\[0\] on cuda:0"):
        kir.resize_normalize([images[0], host_images[1]], 24, MEAN, STD)


def test_cuda_images_and_the_cpu(images):
    with pytest.raises(ValueError, match=r"^device: cpu, but the images are on cuda:0"):
        kir.resize_normalize(images, 24, MEAN, STD, device="cpu")
    with pytest.raises(ValueError, match=r"^out: is not on cuda:0"):
        kir.resize_normalize(images, 24, MEAN, STD, out=torch.empty(5, 3, 24, 24))


def test_a_device_that_is_not_there(host_images):
    with pytest.raises(ValueError, match=r"^device: cuda:99 is not a device of this machine"):
        kir.resize_normalize(host_images, 24, MEAN, STD, device="cuda:99")


def test_numerics_that_the_fused_kernel_has_not(images):
    with pytest.raises(ValueError, match=r"cuda-fused"):
        kir.resize_normalize(images, 24, MEAN, STD, numerics="torch_cpu", backend="fused")


def test_out_of_memory(host_images):
    with pytest.raises(torch.OutOfMemoryError, match=r"could not be allocated on cuda:0"):
        kir.resize_normalize([host_images[0]] * 100, 2**15, MEAN, STD, device="cuda")
