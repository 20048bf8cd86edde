"""Sweeps: training runs that differ in a few settings, with the values to try."""

from __future__ import annotations

import math
from dataclasses import dataclass

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.config.base import Setting, settings_of
from sprite_lab.core.errors import ConfigError

#: Trials of a searched range by default.
USUAL_TRIALS = 20

Value = bool | int | float | str


@dataclass(frozen=True)
class Tried:
    """Values, or a range, to try for one setting."""

    name: str  #: of the setting, as in :func:`settings_of`
    values: tuple[Value, ...]
    is_range: bool = False
    step: int = 1  #: between whole numbers of a range
    logarithmic: bool = False  #: whether a range is searched on a log scale


def parse_tried(text: str) -> Tried:
    """Parse user input: ``SETTING=VALUE,VALUE,...`` or ``SETTING=LOW..HIGH``.

    Raises
    ------
    ConfigError
        If there is no such setting, or it can have no such value.

    >>> parse_tried("network.width=64,80").values
    (64, 80)
    >>> parse_tried("learning-rate=1e-4..1e-2").logarithmic
    True
    """
    name, equals, said = text.partition("=")
    known = _setting(name.strip())
    if not equals or not said.strip():
        raise ConfigError(
            "'{value}' has no values to try: write {name}=VALUE,VALUE or LOW..HIGH.",
            value=text,
            name=name,
        )
    low, dots, high = said.partition("..")
    if not dots:
        return Tried(known.name, tuple(_value(known, part) for part in said.split(",")))
    ends = _value(known, low), _value(known, high)
    if known.kind not in (int, float) or not ends[0] < ends[1]:  # type: ignore[operator]
        raise ConfigError(
            "'{said}' is not a range of {name}: write LOW..HIGH, both numbers.",
            said=said,
            name=known.name,
        )
    logarithmic = known.logarithmic and known.multiple == 1 and float(ends[0]) > 0
    return Tried(known.name, ends, True, known.multiple, logarithmic)


def _setting(name: str) -> Setting:
    every = settings_of(TrainConfig)
    flag = f"--{name.lstrip('-')}"
    found = every.get(name) or next((known for known in every.values() if known.flag == flag), None)
    if found is None:
        raise ConfigError(
            "A training run has no setting '{name}': see sprite-lab train --help.", name=name
        )
    return found


def _value(known: Setting, text: str) -> Value:
    text = text.strip()
    try:
        if known.kind is bool:
            value: Value = {"yes": True, "true": True, "no": False, "false": False}[text.lower()]
        else:
            value = known.kind(text)
    except (KeyError, ValueError):
        raise ConfigError(
            "'{value}' is not a value of {name}.", value=text, name=known.name
        ) from None
    known.check(value)
    return value


@dataclass(frozen=True)
class SweepPlan:
    """A sweep before it is started."""

    config: TrainConfig  #: the settings common to all trials
    data: str  #: as on the command line: a file or "builtin"
    tried: tuple[str, ...]  #: in the form of :func:`parse_tried`
    #: number of training runs; 0 = every combination of the values, or USUAL_TRIALS if any setting
    #: has a range
    trials: int = 0

    def __post_init__(self) -> None:
        parsed = self.parsed
        if not parsed or len({one.name for one in parsed}) < len(parsed):
            raise ConfigError("Name each setting to try once: SETTING=VALUE,VALUE.")
        for one in parsed:
            for value in one.values:
                self.config.having({one.name: value})

    @property
    def parsed(self) -> tuple[Tried, ...]:
        return tuple(map(parse_tried, self.tried))

    @property
    def is_grid(self) -> bool:
        """Whether all combinations are tried, since no setting has a range."""
        return not any(one.is_range for one in self.parsed)

    def combination(self, number: int) -> dict[str, Value]:
        """One of all combinations of the values; the last setting varies fastest."""
        chosen: dict[str, Value] = {}
        for one in reversed(self.parsed):
            values = list(dict.fromkeys(one.values))
            number, which = divmod(number, len(values))
            chosen[one.name] = values[which]
        return chosen

    @property
    def count(self) -> int:
        """The number of training runs."""
        every = math.prod(len(dict.fromkeys(one.values)) for one in self.parsed)
        most = every if self.is_grid else self.trials or USUAL_TRIALS
        return min(self.trials or most, most)
