"""A contact sheet: sprites from the same noises for each value of one setting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SAMPLERS, SPACINGS, SampleConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.sets.vocabulary import split_words
from sprite_lab.words import marked, tr, trn

#: Maximum number of columns and of rows.
MOST_VALUES, MOST_SPRITES = 24, 16

#: Settings that can be varied, and their displayed names.
VARIED = {
    "steps": marked("Steps"),
    "guidance_scale": marked("Guidance"),
    "sampler": marked("Sampler"),
    "spacing": marked("Step spacing"),
    "classes": marked("Class"),
    "words": marked("Words"),
    "checkpoint": marked("Checkpoint"),
}


@dataclass(frozen=True, eq=False)
class ContactSheet:
    """The sprites of a row share their noise, those of a column the value of the setting."""

    title: str  #: the varied setting and the fixed ones, in lines
    columns: tuple[str, ...]  #: the displayed value of each
    images: NDArray[np.uint8]  #: uint8 (columns, rows, H, W, 4)
    config: SampleConfig  #: the common settings, with the first value
    attribution: str = ""  #: one line of credit per source, "" = none


def values_of(text: str) -> tuple[str, ...]:
    """The values in a typed, comma-separated text, without duplicates."""
    return tuple(dict.fromkeys(value.strip() for value in text.split(",") if value.strip()))


def offered(setting: str, *, student: bool, classes: Iterable[str], words: Iterable[str]) -> str:
    """Suggested values to compare.

    ``student``: whether the model is one. ``classes``, ``words``: those of the model.
    """
    samplers = (name for name in SAMPLERS if name != "student")
    few = {
        "steps": ("1", "2", "3", "4") if student else ("1", "2", "4", "8", "12", "25", "50"),
        "guidance_scale": ("1", "1.5", "2", "3", "5", "8"),
        "sampler": ("student",) if student else samplers,
        "spacing": ("shape",) if student else SPACINGS,
        "classes": classes,
        "words": words,
        "checkpoint": (),
    }[setting]
    return ", ".join(list(few)[:8])


def varied(
    config: SampleConfig, setting: str, values: Iterable[str]
) -> list[tuple[str, SampleConfig]]:
    """The label and the settings for each value.

    Raises ConfigError if the setting is not one of VARIED, or a value is invalid.
    """
    listed = list(values)
    if setting not in VARIED:
        raise ConfigError(
            "“{setting}” cannot be varied: choose one of {varied}.",
            setting=setting,
            varied=", ".join(VARIED),
        )
    if not listed or len(listed) > MOST_VALUES:
        raise ConfigError(
            "Give 1 to {most_values} values of “{setting}”, separated by commas.",
            most_values=MOST_VALUES,
            setting=setting,
        )
    if config.count > MOST_SPRITES:
        raise ConfigError(
            "A contact sheet has at most {most_sprites} sprites per value.",
            most_sprites=MOST_SPRITES,
        )
    return [_with(config, setting, value) for value in listed]


def _with(config: SampleConfig, setting: str, value: str) -> tuple[str, SampleConfig]:
    if setting == "checkpoint":
        return value, config
    if setting == "classes":
        return value.replace("_", " "), replace(config, classes=(value,), class_mix=())
    if setting == "words":
        return value, replace(config, words=split_words(value))
    known = settings_of(SampleConfig)[setting]
    try:
        made = replace(config, **{setting: known.kind(value)})
    except ConfigError:
        raise
    except ValueError:
        raise ConfigError(
            "“{value}” is not a number, as “{setting}” requires.", value=value, setting=setting
        ) from None
    return tr(known.choice(value).label) if known.choices else value, made


def title_of(config: SampleConfig, setting: str, model: str) -> str:
    """The varied setting, and the settings that all columns share.

    ``config``: resolved by the engine. ``model``: its title.
    """
    classes = ", ".join(config.classes).replace("_", " ")
    spacing = f"{tr(VARIED['spacing'])}: {tr(SPACINGS[config.spacing].label)}"
    facts = {
        "classes": tr("class {classes}", classes=classes) if classes else "",
        "words": tr("words {words}", words=" ".join(config.words)) if config.words else "",
        "sampler": tr(SAMPLERS[config.sampler].label) if config.sampler else "",
        "steps": trn("{n} step", "{n} steps", config.steps) if config.steps else "",
        "spacing": "" if config.spacing == "shape" else spacing,
        "guidance_scale": tr("guidance {guidance_scale:g}", guidance_scale=config.guidance_scale),
    }
    same = [words for name, words in facts.items() if words and name != setting]
    same.append(tr("seed {seed}", seed=config.seed))
    shared = f"{model}: {', '.join(same)}"
    varied = tr("{setting} varied; each row is one noise", setting=tr(VARIED[setting]))
    return f"{varied}\n{shared}"
