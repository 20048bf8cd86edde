"""The command lines that do again what was done."""

from __future__ import annotations

import shlex

from sprite_lab.core.config import EvalConfig, TrainConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.presets import PRESETS, STUDENT

#: Settings that decide when a training ends.
ENDS = ("epochs", "max_steps", "max_seconds")
#: What a training has of a model that it starts from.
_OF_MODEL = ("network.width", "schedule.name")
#: Settings of a training that its command has an option for.
TRAIN_OPTIONS = (
    *ENDS,
    *("seed", "device", "batch_size", "learning_rate"),
    *_OF_MODEL,
    *("precision", "compile"),
)

#: What a training finds out about its sprites, and nobody sets.
_FITTED = tuple(
    f"network.{name}"
    for name in ("image_size", "channels", "num_classes", "augment_labels", "guided")
)


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
    known = settings_of(TrainConfig)
    differ = [name for name in known if config.at(name) != preset.at(name)]
    if any(name in differ for name in ENDS):  # one that is given replaces all of them
        differ += [name for name in ENDS if name not in differ]
    inherited = ("network.", "schedule.", "prediction_type") if teacher or init else ()
    differ = [name for name in differ if not name.startswith(inherited)]
    for name in TRAIN_OPTIONS:
        value = config.at(name)
        if name in differ and value is not None:
            words.append(known[name].flag)
            if value is not True:
                words.append(f"{value:g}" if isinstance(value, float) else str(value))
    unsaid = {*TRAIN_OPTIONS, *_FITTED, "preset"}
    others = tuple(name for name in known if name in differ and name not in unsaid)
    return shlex.join([*words, "--out", out]), others


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
