"""The devices of this machine, for help pages and reports."""

from __future__ import annotations

import platform
from dataclasses import dataclass

import torch

from sprite_lab.engine.runtime import cpu_count, devices
from sprite_lab.words import tr


@dataclass(frozen=True)
class MachineFacts:
    """The devices of a machine and the PyTorch that uses them."""

    torch: str  #: the version of PyTorch
    built_for: str  #: the accelerators that this build supports
    #: name in settings ("cuda") and title of each, fastest first
    devices: tuple[tuple[str, str], ...]
    threads: int  #: CPU threads that PyTorch uses now
    processors: int  #: CPUs that the process may use


def machine_facts() -> MachineFacts:
    return MachineFacts(
        torch=torch.__version__,
        built_for=_built_for(),
        devices=tuple((name, _title(name)) for name in devices()),
        threads=torch.get_num_threads(),
        processors=cpu_count(),
    )


def _title(name: str) -> str:
    if name == "cuda":  # AMD's cards too: ROCm uses CUDA's names
        return torch.cuda.get_device_name()
    if name == "xpu":
        return str(torch.xpu.get_device_name())
    return f"Apple {platform.machine()}" if name == "mps" else platform.machine() or "processor"


def _built_for() -> str:
    if torch.version.hip:
        return f"ROCm {torch.version.hip}"
    if torch.version.cuda:
        return f"CUDA {torch.version.cuda}"
    if torch.xpu._is_compiled():
        return "XPU"
    return "MPS" if torch.backends.mps.is_built() else tr("processors only")
