"""Differences between the settings of training runs, as text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sprite_lab.app.shell.text_format import preset_title, set_title
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.config.base import Setting, settings_of
from sprite_lab.words import marked, number_text, tr

_UNSAID = "–"

#: Display name of the data set, which is listed with the settings of a training run.
_DATA = marked("Data")

#: Settings that determine what a loss value means: prediction, weights, levels, schedule, sprites.
_OF_LOSS = (
    "prediction_type",
    "loss_weighting",
    "huber_c",
    "levels",
    "log_snr_mean",
    "log_snr_std",
    "uniform_share",
    "schedule.name",
    "schedule.timesteps",
    "schedule.beta_start",
    "schedule.beta_end",
    "network.channels",
    "network.image_size",
    "data",
)


def all_settings(config: TrainConfig, data_title: str) -> dict[str, object]:
    """The settings of a training run by dotted names, and its data set; choices in words."""
    known = settings_of(TrainConfig)
    values = {name: _in_words(setting, config.at(name)) for name, setting in known.items()}
    return {**values, "preset": preset_title(config.preset), "data": set_title(data_title)}


def _in_words(setting: Setting, value: object) -> object:
    if setting.unset and not value:
        return tr(setting.unset)
    return tr(setting.choice(value).label) if setting.choices else value


def same_loss(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Whether the losses of two runs are comparable."""
    return all(one.get(name) == other.get(name) for name in _OF_LOSS)


def differences(runs: Sequence[Mapping[str, object]]) -> list[tuple[str, list[str]]]:
    """The settings in which runs differ: display name, and value in each run."""
    names = dict.fromkeys(name for run in runs for name in run)
    return [
        (setting_title(name), [value_text(name, run.get(name)) for run in runs])
        for name in names
        if any(run.get(name) != runs[0].get(name) for run in runs)
    ]


def setting_title(name: str) -> str:
    """The display name of a setting."""
    known = settings_of(TrainConfig).get(name, Setting(title=_DATA))
    title = tr(known.title or known.label)
    return title[:1].upper() + title[1:]


def value_text(name: str, value: object) -> str:
    """The displayed text of a setting's value; ``value``: as in :func:`all_settings`."""
    if value is None:
        return _UNSAID
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    # A seed has no thousands separators, so that it can be typed.
    if isinstance(value, int) and name != "seed":
        return number_text(value)
    return number_text(value, "g") if isinstance(value, float) else str(value)
