"""Trained models: where they are found, how they are loaded, what is said of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sprite_lab.core.config import NetworkConfig, ScheduleConfig, TrainConfig
from sprite_lab.core.errors import ConfigError, FileError
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.checkpoint import load_tensors, read_metadata, save_tensors
from sprite_lab.engine.run_folder import RunFolder
from sprite_lab.engine.runtime import choose_device


@dataclass(frozen=True, eq=False)
class Model:
    """A denoiser ready to sample, with what its weights file says of it."""

    denoiser: Denoiser
    schedule: NoiseSchedule
    class_names: tuple[str, ...]
    title: str
    step: int
    data_fingerprint: str
    data_title: str

    @property
    def schedule_config(self) -> ScheduleConfig:
        return self.schedule.config

    @property
    def timesteps(self) -> int:
        return self.schedule.timesteps

    @property
    def image_size(self) -> int:
        return self.denoiser.config.image_size

    @property
    def device(self) -> torch.device:
        return self.denoiser.data_mean.device

    def context(self, classes: Sequence[str | None]) -> Tensor:
        """One-hot class vectors, float32 (N, num_classes); all zero for None.

        Raises
        ------
        ConfigError
            For a class that the model does not know.
        """
        context = torch.zeros(len(classes), len(self.class_names))
        for row, name in enumerate(classes):
            if name is None:
                continue
            if name not in self.class_names:
                known = ", ".join(self.class_names) or "no classes at all"
                raise ConfigError(f"The model knows no class '{name}'; it knows: {known}.")
            context[row, self.class_names.index(name)] = 1.0
        return context.to(self.device)


def save_weights(
    path: Path, denoiser: Denoiser, config: TrainConfig, step: int, data: dict[str, Any]
) -> None:
    """Write a denoiser with all that :func:`load_model` needs.

    ``data``: class_names, fingerprint and title of the training set.
    """
    save_tensors(path, denoiser.state_dict(), {"config": config.to_json(), "step": step, **data})


def load_model(ref: str | Path, device: str = "auto") -> Model:
    """Load a run folder (its newest weights), a weights file, or a shipped model by its name.

    Raises
    ------
    FileError
        If there is no such model, or its file is damaged or of another kind.
    """
    path = _weights_path(ref)
    tensors, metadata = load_tensors(path)
    if "config" not in metadata:
        raise FileError(f"'{path}' is the training state of a run, not its weights.")
    try:
        config = TrainConfig.from_json(metadata["config"])
        denoiser = Denoiser(config.network, config.prediction_type)
        denoiser.load_state_dict(tensors)
        model = Model(
            denoiser=denoiser.to(choose_device(device)).eval().requires_grad_(False),
            schedule=NoiseSchedule(config.schedule),
            class_names=tuple(metadata["class_names"]),
            title=_title(path),
            step=int(metadata["step"]),
            data_fingerprint=metadata["fingerprint"],
            data_title=metadata["title"],
        )
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise FileError(f"'{path}' does not fit this version of Sprite Lab: {error}") from None
    names_fit = len(model.class_names) == config.network.num_classes
    if not names_fit or not all(isinstance(name, str) for name in model.class_names):
        raise FileError(f"'{path}' is damaged: its class names do not fit its network.")
    return model


def network_for(config: TrainConfig, image_size: int, num_classes: int) -> NetworkConfig:
    """The configured network, made to fit the sprites."""
    return NetworkConfig(
        name=config.network.name,
        width=config.network.width,
        image_size=image_size,
        channels=3,
        num_classes=num_classes,
    )


def describe(path: Path) -> dict[str, Any]:
    """Facts on a run folder or a weights file, ready for JSON.

    Raises
    ------
    FileError
        If it is neither.
    """
    weights = _weights_path(path)
    metadata = read_metadata(weights)
    facts = {
        "kind": "run" if Path(path).is_dir() else "weights",
        "title": _title(weights),
        "step": metadata.get("step"),
        "class_names": metadata.get("class_names"),
        "data": metadata.get("title"),
        "data_fingerprint": metadata.get("fingerprint"),
        "config": metadata.get("config"),
        "bytes": weights.stat().st_size,
    }
    if Path(path).is_dir():
        folder = RunFolder(Path(path))
        records = list(folder.read_metrics())
        facts |= {
            "checkpoints": folder.steps(),
            "samples": folder.steps("samples"),
            "loss": records[-1]["loss"] if records else None,
            "epsilon_error": next(
                (r["epsilon_error"] for r in reversed(records) if "epsilon_error" in r), None
            ),
        }
    return facts


def shipped_models() -> list[dict[str, Any]]:
    """The models that come with Sprite Lab: objects with name, data, student and path."""
    return []


def _weights_path(ref: str | Path) -> Path:
    for shipped in shipped_models():
        if shipped["name"] == str(ref):
            return Path(shipped["path"])
    path = Path(ref)
    if path.is_dir():
        folder = RunFolder(path)
        step = folder.latest()
        if step is None:
            raise FileError(f"'{path}' holds no checkpoint: train a model there first.")
        return folder.weights(step)
    if not path.is_file():
        names = ", ".join(shipped["name"] for shipped in shipped_models())
        known = f"; shipped models: {names}" if names else ""
        raise FileError(f"There is no run, weights file or shipped model '{ref}'{known}.")
    return path


def _title(weights: Path) -> str:
    in_run = weights.parent.name == "checkpoints"
    return weights.parent.parent.name if in_run else weights.stem
