"""Where a class, in this process, computes otherwise than any plan does.

`numerics="processor"` promises the class's own arithmetic on this machine. That depends on more than its arguments: on
torch's default dtype, on the CPU, and on the version of torchvision.
"""

from __future__ import annotations

from typing import Any

import PIL
import torch
import torchvision  # type: ignore[import-untyped]
from packaging.version import Version
from torchvision.transforms.v2.functional import InterpolationMode  # type: ignore[import-untyped]
from transformers.image_processing_backends import PilBackend
from transformers.image_utils import PILImageResampling

from ._translation import Facts, Unplanned, plain

_ON_PURPOSE = 'numerics="torch_cpu" asks for the planned arithmetic on purpose'


def _resizes_bilinear_levels() -> bool:
    """Whether torchvision resizes uint8 by bilinear as uint8 on this CPU, as a plan does, and not in float32."""
    try:
        from torchvision.transforms.v2.functional._geometry import (  # type: ignore[import-untyped]
            _do_native_uint8_resize_on_cpu,
        )
    except ImportError:
        return torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512")
    return bool(_do_native_uint8_resize_on_cpu(InterpolationMode.BILINEAR))


def _unbuilt_filters() -> dict[int, str]:
    """Pillow's numbers of the filters that the class applies on this CPU in another way than a plan, and which way."""
    reasons = {}
    if not _resizes_bilinear_levels():
        capability = torch.backends.cpu.get_cpu_capability()
        reasons[int(PILImageResampling.BILINEAR)] = (
            f"resample: bilinear: torchvision resizes uint8 in float32 on a CPU without AVX2 (torch names this one "
            f"{capability}), which is not built yet; {_ON_PURPOSE}"
        )
    if Version(torchvision.__version__).release >= (0, 27):
        reasons[int(PILImageResampling.LANCZOS)] = (
            f"resample: lanczos: torchvision {torchvision.__version__} has that filter, which is not built yet, where "
            f"older ones resize by bicubic, which is; {_ON_PURPOSE}"
        )
    return reasons


_UNBUILT_FILTERS = _unbuilt_filters()  # computed once, since every call reads it


def numerics_of(cls: type) -> str:
    """The numerics that a class has by itself on this machine."""
    if not issubclass(cls, PilBackend):
        return "torch_cpu"
    installed = Version(PIL.__version__).release
    return "pillow13" if installed >= (13,) else "pillow12" if installed >= (12, 2) else "pillow11"


def reason_for(cls: type) -> str:
    """Why numerics_of says so."""
    return f"Pillow {PIL.__version__}" if issubclass(cls, PilBackend) else f"torchvision {torchvision.__version__}"


def check_arithmetic(facts: Facts, resample: Any, on_cpu: bool) -> None:
    """Raises Unplanned where the class computes the merged arguments of a call in a way that no plan has.

    on_cpu: whether its outputs are on the CPU. On a GPU the class has other bits anyway, and a plan those of torch_cpu.
    """
    if torch.get_default_dtype() is not torch.float32:
        raise Unplanned(
            f"torch.get_default_dtype() is {torch.get_default_dtype()}, which {facts.class_name} computes with; "
            f"torch.float32 is planned; {_ON_PURPOSE}"
        )
    if _UNBUILT_FILTERS and on_cpu and facts.resizes_levels:
        number = plain("resample", resample)
        if isinstance(number, int) and number in _UNBUILT_FILTERS:
            raise Unplanned(_UNBUILT_FILTERS[number])
