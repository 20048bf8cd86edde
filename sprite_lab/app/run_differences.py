"""In which settings trainings differ, in the words of the screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sprite_lab.core.config import TrainConfig

#: Settings whose own name does not say it; all others are named as they are in the code.
_NAMES = {
    "network.name": "network",
    "network.width": "width",
    "network.image_size": "sprite size",
    "network.num_classes": "classes",
    "network.channels": "channels",
    "network.augment_labels": "told of augmentation",
    "schedule.name": "noise schedule",
    "schedule.timesteps": "T",
    "lr_decay": "learning-rate decay",
    "label_dropout": "label dropout",
    "ema_decay": "EMA decay",
    "prediction_type": "predicts",
    "log_snr_mean": "log-SNR mean",
    "log_snr_std": "log-SNR spread",
    "max_grad_norm": "gradient limit",
    "beta2": "Adam β₂",
    "loss_weighting": "weighting",
    "data": "data",
}
_UNSAID = "–"


def settings_of(config: TrainConfig, data_title: str) -> dict[str, Any]:
    """All settings of a training, nested ones by names with a dot, and what it learnt from."""
    return {**dict(_flat(config.to_json())), "data": data_title}


def _flat(data: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in data.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value


def differences(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """What ``other`` has otherwise than ``one``: "width 48", "data made"; none if nothing."""
    return [
        f"{nice_name(name)} {_text(other.get(name))}"
        for name in other
        if other.get(name) != one.get(name)
    ]


def nice_name(name: str) -> str:
    """A setting as it is called on screen."""
    return _NAMES.get(name, name.rpartition(".")[2].replace("_", " "))


def _text(value: Any) -> str:
    if value is None:
        return _UNSAID
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
