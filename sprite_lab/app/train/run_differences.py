"""Differences between the settings of trainings, as text."""

from __future__ import annotations

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.config.base import Setting, settings_of

_UNSAID = "–"


def all_settings(config: TrainConfig, data_title: str) -> dict[str, object]:
    """All settings of a training, nested ones by names with a dot, and what it learnt from."""
    return {**{name: config.at(name) for name in settings_of(TrainConfig)}, "data": data_title}


def differences(one: dict[str, object], other: dict[str, object]) -> list[str]:
    """What ``other`` has otherwise than ``one``: "width 48", "data made"; none if nothing."""
    return [
        f"{nice_name(name)} {_text(other.get(name))}"
        for name in other
        if other.get(name) != one.get(name)
    ]


def nice_name(name: str) -> str:
    """A setting as it is called on screen, within a sentence."""
    known = settings_of(TrainConfig).get(name, Setting())
    title = known.title or known.label or name.rpartition(".")[2].replace("_", " ")
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _text(value: object) -> str:
    if value is None:
        return _UNSAID
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
