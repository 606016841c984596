"""Which runtime reads the encoder on which device.

PyTorch takes seconds to import and is not installed everywhere: it is only looked for when a GPU is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

from analyzer.errors import AnalyzerError
from analyzer.model.encoder import Encoder
from analyzer.model.folder import ModelFolder
from analyzer.model.onnx_runtime import OnnxEncoder

Device = Literal["cpu", "cuda"]
DEVICES: tuple[Device, ...] = ("cpu", "cuda")


def device_of(name: str) -> Device:
    """The device of that name; `AnalyzerError` when there is none."""
    found = next((device for device in DEVICES if device == name), None)
    if found is None:
        raise AnalyzerError(f"unknown device {name!r}; choose one of {', '.join(DEVICES)}")
    return found


def runtime_on(device: Device, *, threads: int | None = None) -> Callable[[ModelFolder], Encoder]:
    """What loads an encoder on a device; on the CPU it is read by `threads` threads, one a processor when left out.

    Raises `AnalyzerError` when the device, or what it takes to use it, is not there.
    """
    if device == "cpu":
        return partial(OnnxEncoder, threads=threads)
    try:
        from analyzer.model.torch_encoder import TorchEncoder, check_device
    except ModuleNotFoundError as error:
        raise AnalyzerError(
            f"a GPU needs {error.name}; install it with: pip install 'editorial-analyzer[train]'"
        ) from error
    check_device(device)
    return partial(TorchEncoder, device=device)
