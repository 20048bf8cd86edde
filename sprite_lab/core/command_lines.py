"""The command lines that do again what was done."""

from __future__ import annotations

import shlex
from dataclasses import fields, replace
from typing import Any

from sprite_lab.core.config import EvalConfig, TrainConfig
from sprite_lab.core.presets import PRESETS, STUDENT

#: Settings of a training that its command has an option for.
_OPTIONS = ("seed", "device", "batch_size", "learning_rate", "precision", "compile")
_ENDS = ("epochs", "max_steps", "max_seconds")

#: What a training finds out about its sprites, and nobody sets.
_FITTED = ("image_size", "channels", "num_classes", "augment_labels", "guided")


def train_command(
    config: TrainConfig, data: str, out: str, *, teacher: str = "", init: str = ""
) -> tuple[str, tuple[str, ...]]:
    """The command that trains with a configuration, and the settings that it has no option for.

    Parameters
    ----------
    teacher : of a student, which is distilled; "" = it is none.
    init : the model that the training started from; "" = new weights.
    """
    preset = STUDENT if teacher else PRESETS.get(config.preset, TrainConfig())
    words = ["sprite-lab", "distill", "--model", teacher] if teacher else ["sprite-lab", "train"]
    if not teacher:
        words += ["--data", data, "--preset", config.preset]
    if init:
        words += ["--init", init]
    settable: dict[str, Any] = {}
    if any(getattr(config, name) != getattr(preset, name) for name in _ENDS):
        settable = {n: getattr(config, n) for n in _ENDS if getattr(config, n) is not None}
        preset = replace(preset, **{name: getattr(config, name) for name in _ENDS})
    changed = [name for name in _OPTIONS if getattr(config, name) != getattr(preset, name)]
    settable |= {name: getattr(config, name) for name in changed}
    preset = replace(preset, **{name: getattr(config, name) for name in changed})
    for name in ("width", "schedule"):
        now, before = _deep(config, name), _deep(preset, name)
        if now != before and not (teacher or init):
            settable[name] = now
    preset = replace(
        preset,
        schedule=replace(preset.schedule, name=config.schedule.name),
        network=replace(
            preset.network,
            width=config.network.width,
            **{name: getattr(config.network, name) for name in _FITTED},
        ),
    )
    for name, value in settable.items():
        words.append(f"--{name.replace('_', '-')}")
        if value is not True:
            words.append(f"{value:g}" if isinstance(value, float) else str(value))
    inherited = ("network", "schedule", "prediction_type") if teacher or init else ()
    others = tuple(
        f.name
        for f in fields(TrainConfig)
        if f.name not in (*inherited, "preset")
        and getattr(config, f.name) != getattr(preset, f.name)
    )
    return shlex.join([*words, "--out", out]), others


def _deep(config: TrainConfig, name: str) -> object:
    return config.network.width if name == "width" else config.schedule.name


def evaluate_command(config: EvalConfig, model: str, data: str, out: str) -> str:
    """The command that measures again, with the same seed."""
    words = ["sprite-lab", "evaluate", "--model", model, "--data", data]
    if config.likelihood:
        words += ["--likelihood", config.likelihood]
    if config.quality:
        words += ["--quality", "--samples", str(config.samples)]
    if config.limit is not None:
        words += ["--limit", str(config.limit)]
    if config.split != "validation":
        words += ["--split", config.split]
    return shlex.join([*words, "--seed", str(config.seed), "--out", out])
