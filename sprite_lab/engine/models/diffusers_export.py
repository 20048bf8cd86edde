"""A model as a folder that diffusers loads with ``from_pretrained``.

A network that diffusers has itself (``unet2d``) becomes a plain ``DDPMPipeline``, which needs
nothing else. Any other comes with our own pipeline, which needs Sprite Lab.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from sprite_lab.core import strict_json
from sprite_lab.core.config import PredictionType
from sprite_lab.diffusion.unet2d import SCHEDULE, unet2d_config
from sprite_lab.engine.models.checkpoint import save_tensors
from sprite_lab.engine.models.model import Model
from sprite_lab.paths import resource

#: The suffix of the folder.
SUFFIX = ".diffusers"

#: The first version of diffusers that allows components to bring their own code.
_SINCE = "0.27.0"


_PREDICTS: dict[PredictionType, str] = {"epsilon": "epsilon", "x0": "sample", "v": "v_prediction"}


def is_plain(model: Model) -> bool:
    """Whether diffusers has the model's network and sampler built in."""
    return model.denoiser.config.name == "unet2d"


def loading(model: Model, name: str) -> str:
    """The code that loads the folder ``name``."""
    if is_plain(model):
        return f"DDPMPipeline.from_pretrained({name!r})"
    return f"DiffusionPipeline.from_pretrained({name!r}, trust_remote_code=True)"


def write_plain(model: Model, folder: Path, *, half: bool = False) -> None:
    """Write a model with a diffusers network into an existing folder, as a ``DDPMPipeline``.

    It samples with SCHEDULE, whose t is the network's input, whichever schedule it was trained
    with.
    """
    parts = {"scheduler": "DDPMScheduler", "unet": "UNet2DModel"}
    scheduler = {
        "num_train_timesteps": SCHEDULE.timesteps,
        "beta_start": SCHEDULE.beta_start,
        "beta_end": SCHEDULE.beta_end,
        "beta_schedule": SCHEDULE.name,
        "prediction_type": _PREDICTS[model.denoiser.prediction_type],
    }
    for part in parts:
        (folder / part).mkdir()
    index = {name: ["diffusers", kind] for name, kind in parts.items()}
    _write_json(folder / "model_index.json", "DDPMPipeline", index)
    _write_json(folder / "scheduler" / "scheduler_config.json", parts["scheduler"], scheduler)
    network = unet2d_config(model.denoiser.config)
    _write_json(folder / "unet" / "config.json", parts["unet"], network)
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    save_tensors(weights, model.denoiser.network.state_dict(), {}, half=half)


def _write_json(path: Path, kind: str | list[str], what: Mapping[str, object]) -> None:
    text = {"_class_name": kind, "_diffusers_version": _SINCE, **what}
    path.write_text(strict_json.dumps(text, indent=2), "utf-8")


def write_own(folder: Path) -> Path:
    """Write our own pipeline into a folder; returns the path for its weights."""
    denoiser = folder / "denoiser"
    denoiser.mkdir()
    pipeline, component = "sprite_lab_pipeline", "sprite_lab_denoiser"
    _write_json(
        folder / "model_index.json",
        [pipeline, "SpriteLabPipeline"],
        {"denoiser": [component, "SpriteLabDenoiser"]},
    )
    for place, name in ((folder, pipeline), (denoiser, component)):
        shutil.copy(resource("diffusers", f"{name}.py"), place)
    return denoiser / "model.safetensors"
