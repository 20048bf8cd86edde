"""Command lines that repeat a training run or a measurement."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from sprite_lab.core.config import EvalConfig, TrainConfig
from sprite_lab.core.config.base import Config, plain_settings, settings_of
from sprite_lab.core.presets import PRESETS, STUDENT

#: Settings that decide when a training run ends.
ENDS = ("epochs", "max_steps", "max_seconds")
#: Settings that a training run takes from the model it starts from.
OF_MODEL = ("network.width", "schedule.name", "prediction_type")
_USUAL = (
    *ENDS,
    *("seed", "device", "batch_size", "learning_rate", "network.width", "schedule.name"),
    *("precision", "compile"),
)
#: Settings of a training run that its command has an option for, common ones first.
TRAIN_OPTIONS = (
    *_USUAL,
    *(
        name
        for name in plain_settings(TrainConfig, without=("preset", "huber_c"))
        if name not in _USUAL
    ),
    "network.dropout",
)
#: Settings of a distillation that its command has an option for.
DISTILL_OPTIONS = ("max_steps", "max_seconds", "batch_size", "learning_rate", "huber_c", "seed")

#: Settings that a training run determines from its sprites; nobody sets them.
_FITTED = tuple(
    f"network.{name}"
    for name in (
        *("image_size", "channels", "num_classes", "num_words", "num_styles"),
        *("augment_labels", "guided"),
    )
)

#: Measurements to request, and settings of the samples, that the command of an evaluation has
#: options for.
ASKED = ("likelihood", "quality", "classify", "thermodynamics")
_SAMPLING = tuple(f"sampling.{name}" for name in ("sampler", "steps", "guidance_scale"))


def train_command(
    config: TrainConfig, data: str, out: str, *, teacher: str = "", init: str = ""
) -> tuple[str, tuple[str, ...]]:
    """The command that trains with a configuration, and the settings that it has no option for.

    ``teacher``: the model that a student is distilled from; "" = not a student. ``init``: the
    model that the training started from; "" = new weights.
    """
    preset = STUDENT if teacher else PRESETS.get(config.preset, TrainConfig())
    words = ["sprite-lab", "distill", "--model", teacher] if teacher else ["sprite-lab", "train"]
    if not teacher:
        words += ["--data", data, "--preset", config.preset]
    if init:
        words += ["--init", init]
    differ = [name for name in settings_of(TrainConfig) if config.at(name) != preset.at(name)]
    if any(name in differ for name in ENDS):  # any of them replaces all
        differ += [name for name in ENDS if name not in differ]
    if teacher or init:
        differ = [name for name in differ if not _is_inherited(name)]
    options = (*DISTILL_OPTIONS, "device") if teacher else TRAIN_OPTIONS
    said = [
        n for n in options if n in differ and not (config.at(n) is None or config.at(n) is False)
    ]
    unsaid = {*said, *ENDS, *_FITTED, "preset"}
    others = tuple(name for name in differ if name not in unsaid)
    return shlex.join([*words, *_options(config, said), "--out", out]), others


def _is_inherited(name: str) -> bool:
    """Whether a setting comes from the model that a training run starts from."""
    of_network = name.startswith(("network.", "schedule.")) and name != "network.dropout"
    return of_network or name in OF_MODEL


def evaluate_command(config: EvalConfig, model: str, data: str, out: str) -> str:
    """The command that repeats the measurement, with the same seed."""
    words = ["sprite-lab", "evaluate", "--model", model, "--data", data]
    usual = EvalConfig()
    samples = ("samples", *_SAMPLING) if config.quality else ()
    others = ("limit", "split", "sealed_fraction", *samples)
    differ = [name for name in others if config.at(name) != usual.at(name)]
    words += _options(config, [*ASKED, *differ, "seed"])
    return shlex.join([*words, "--out", out])


def _options(config: Config, names: Sequence[str]) -> list[str]:
    """The options for these settings, except those that are off or None."""
    known, words = settings_of(type(config)), []
    for name in names:
        value = config.at(name)
        if value is not None and value is not False:
            words.append(known[name].flag)
            if value is not True:
                short = f"{value:g}" if isinstance(value, float) else str(value)
                words.append(short if short == str(value) or float(short) == value else str(value))
    return words
