"""Weights from the course's own notebooks (``.pth``), converted to a model of ours.

They are the weights of the ``ContextUnet`` of "How Diffusion Models Work", which is our
``context_unet`` under other names, with two differences. It takes t / T, not log-SNR. And where its
first block adds its input to its result, the course makes a new random 1x1 convolution at every
call, which is not saved; we use its mean, zero.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from sprite_lab.core.config import NetworkConfig, TrainConfig
from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.core.sets.sprites import COURSE_CLASSES
from sprite_lab.diffusion.context_unet import COURSE_SCHEDULE
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.engine.models.checkpoint import save_tensors

SUFFIXES = (".pth", ".pt")

#: The largest file that is read, in bytes.
LARGEST = 1_000_000_000

#: The course's layer names, and ours.
_NAMES = (
    (r"^init_conv\.", "init_conv."),
    (r"^down(\d)\.model\.", r"down\1."),
    (r"^up([12])\.model\.", r"up\1.layers."),
    (r"^timeembed(\d)\.model\.", r"time\1."),
    (r"^contextembed(\d)\.model\.", r"class\1."),
    (r"\bconv1\.", "first."),
    (r"\bconv2\.", "second."),
)


def course_weights(path: Path) -> Path:
    """Convert a model to a file beside ``path``, unless that exists; returns its path.

    Raises FileError if these are not the course's weights, or the model cannot be written there.
    """
    saved = path.with_suffix(".safetensors")
    if saved.exists():
        return saved
    tensors = _read(path)
    try:
        denoiser, config = _denoiser(tensors)
    except (KeyError, IndexError, ConfigError, RuntimeError):
        raise FileError(
            "'{name}' holds weights, but not of the course's network: only those and "
            ".safetensors of Sprite Lab can be opened.",
            name=path.name,
        ) from None
    classes = config.network.num_classes
    usual = COURSE_CLASSES if classes == len(COURSE_CLASSES) else ()
    facts = {
        "class_names": usual or [f"class {number + 1}" for number in range(classes)],
        "fingerprint": hashlib.sha256(path.read_bytes()).hexdigest(),
        "title": "Sprites of the course",
        "count": 0,
        "config": config.to_json(),
        "step": 0,
    }
    save_tensors(saved, denoiser.state_dict(), facts)
    return saved


def _read(path: Path) -> dict[str, Tensor]:
    """The tensors of a file, ignoring anything else in it."""
    try:
        if path.stat().st_size > LARGEST:
            raise FileError("'{name}' is too large to be the course's weights.", name=path.name)
        found = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as error:
        raise FileError(
            "'{name}' cannot be read: {strerror}.", name=path.name, strerror=error.strerror
        ) from None
    except FileError:
        raise
    except Exception as error:  # torch raises its own errors, and those of pickle and zip
        raise FileError(
            "'{name}' contains more than weights ({error}).",
            name=path.name,
            error=type(error).__name__,
        ) from None
    if not isinstance(found, Mapping) or not all(
        isinstance(name, str) and isinstance(value, Tensor) for name, value in found.items()
    ):
        raise FileError("'{name}' does not contain only weights.", name=path.name)
    for name, value in found.items():
        if value.is_floating_point() and not torch.isfinite(value).all():
            raise FileError(
                "'{name}' is damaged: '{weight}' holds numbers that are not finite.",
                name=path.name,
                weight=name,
            )
    return dict(found)


def _denoiser(theirs: Mapping[str, Tensor]) -> tuple[Denoiser, TrainConfig]:
    """Our network with these weights; KeyError, RuntimeError or ConfigError if they do not fit."""
    width, channels = theirs["init_conv.conv1.0.weight"].shape[:2]
    network = NetworkConfig(
        name="context_unet",
        width=width,
        channels=channels,
        image_size=4 * theirs["up0.0.weight"].shape[2],
        num_classes=theirs["contextembed1.model.0.weight"].shape[1],
        told_t=True,
    )
    config = TrainConfig(
        network=network, schedule=COURSE_SCHEDULE, prediction_type="epsilon", levels="uniform"
    )
    ours = {}
    for name, value in theirs.items():
        for pattern, instead in _NAMES:
            name = re.sub(pattern, instead, name)
        ours[f"network.{name}"] = value
    shape = (channels, network.image_size, network.image_size)
    ours["data_mean"] = torch.zeros(shape)
    ours["network.init_conv.shortcut.weight"] = torch.zeros(width, channels, 1, 1)
    ours["network.init_conv.shortcut.bias"] = torch.zeros(width)
    denoiser = Denoiser(network, config.prediction_type)
    denoiser.load_state_dict(ours)
    return denoiser, config
