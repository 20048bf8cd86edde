"""Base of all configurations: field metadata, validation and JSON."""

from __future__ import annotations

import dataclasses
import functools
import math
import types
import typing
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, Literal, ParamSpec, Self, TypeVar

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.plain import from_plain, to_plain

DeviceName = Literal["auto", "cpu", "cuda", "mps", "xpu"]
Precision = Literal["auto", "fp32", "bf16"]

#: The largest seed allowed.
LARGEST_SEED = 2**63 - 1

T = TypeVar("T")
P = ParamSpec("P")

#: Key of the Setting in a field's metadata.
_SETTING = "setting"


@dataclass(frozen=True)
class Choice:
    """An allowed value of a setting, and how it is shown."""

    value: str | int
    label: str
    tip: str = ""


#: The choices for a Precision.
PRECISIONS = (Choice("auto", "Automatic"), Choice("fp32", "fp32"), Choice("bf16", "bf16"))


@dataclass(frozen=True)
class Setting:
    """Metadata of a configuration field, for validation, forms and the command line."""

    label: str = ""  #: shown beside the form field; "" = none
    title: str = ""  #: full name for screen readers; "" = the label
    tip: str = ""  #: one or two sentences on what it does
    help: str = ""  #: help of the command-line option; "" = the tip
    group: str = ""  #: heading of the form group it belongs to; "" = in no group
    #: inclusive bounds of a number
    low: float | None = None
    high: float | None = None
    #: exclusive bounds of a number
    above: float | None = None
    below: float | None = None
    multiple: int = 1  #: the number must be a multiple of this
    unset: str = ""  #: meaning of 0, "" or None where that is a choice ("auto"); 0 is then allowed
    longest: int = 0  #: maximum length of a text; 0 = no limit
    choices: tuple[Choice, ...] = ()  #: the allowed values
    unit: str = ""  #: shown after the number, including its space
    usual: tuple[float, float] | None = None  #: range offered by forms, if narrower
    offers: tuple[int, ...] = ()  #: numbers listed by forms, besides the current one
    #: options of the form's number field
    step: float = 1.0
    decimals: int = 0
    logarithmic: bool = False
    slider: bool = True
    varies: bool = False  #: whether sprites that are drawn together may differ in it
    flag: str = ""  #: command-line flag; "" = made from the field name
    name: str = ""  #: name of the field; "network.width" in a nested configuration
    kind: type = str  #: type of the values, apart from None
    optional: bool = False  #: whether None is allowed

    @property
    def least(self) -> float | None:
        """The smallest allowed number, including 0 where that is a choice; None = no limit."""
        return 0 if self.unset and self.low is not None else self.low

    @functools.cached_property
    def values(self) -> tuple[str | int, ...]:
        return tuple(choice.value for choice in self.choices)

    @property
    def offered(self) -> tuple[float, float]:
        """The range offered by forms."""
        low, high = self.usual or (self.least, self.high)
        if low is None or high is None:
            raise TypeError(f"'{self.name}' has no range that a form could offer.")
        return low, high

    @property
    def word_of_minimum(self) -> str:
        """What forms show for the minimum: ``unset`` if they offer that value, otherwise ""."""
        return self.unset if self.offered[0] == self.least else ""

    def choice(self, value: object) -> Choice:
        """How to show a value."""
        return next(choice for choice in self.choices if choice.value == value)

    @property
    def allowed(self) -> str:
        """The allowed values in words: "from 0 to 16", "one of: gif, png"."""
        if self.choices:
            return f"one of: {', '.join(map(str, self.values))}"
        if self.longest:
            return f"at most {self.longest}"
        low, high, above, below = (
            "" if bound is None else f"{bound:g}" if isinstance(bound, float) else str(bound)
            for bound in (self.low, self.high, self.above, self.below)
        )
        ends = [f"above {above}"] * bool(above) + [f"at least {low}"] * bool(low)
        ends += [f"at most {high}"] * bool(high) + [f"below {below}"] * bool(below)
        text = f"from {low} to {high}" if low and high else " and ".join(ends) or "a finite number"
        if self.multiple > 1:
            text = f"a multiple of {self.multiple} {text}"
        return f"{text}, or 0 for {self.unset}" if self.unset and self.low else text

    @functools.cached_property
    def is_checked(self) -> bool:
        """Whether a value can be invalid."""
        return bool(self.choices or self.longest or self.kind in (int, float))

    def check(self, value: object) -> None:
        """Raise ConfigError unless ``value`` is allowed."""
        if self._allows(value):
            return
        # Only built for an error: the wording takes longer than the check.
        name, allowed = self.name, self.allowed
        if self.choices:
            raise ConfigError(
                "'{name}' is {value!r}, but must be {allowed}.",
                name=name,
                value=value,
                allowed=allowed,
            )
        if isinstance(value, int) and value >= 2**64:
            allowed = f"below {2**64}"
        if isinstance(value, str):
            raise ConfigError(
                "'{name}' is {count} characters long, but must be {allowed}.",
                name=name,
                count=len(value),
                allowed=allowed,
            )
        raise ConfigError(
            "'{name}' is {value}, but must be {allowed}.", name=name, value=value, allowed=allowed
        )

    def _allows(self, value: object) -> bool:
        if self.choices:
            return value in self.values or (value is None and self.optional)
        if isinstance(value, (int, float)):
            return (
                (abs(value) < 2**64 if isinstance(value, int) else math.isfinite(value))
                and (self.low is None or value >= self.low)
                and (self.high is None or value <= self.high)
                and (self.above is None or value > self.above)
                and (self.below is None or value < self.below)
                and (self.multiple == 1 or value % self.multiple == 0)
            ) or (value == 0 and bool(self.unset))
        return not (isinstance(value, str) and self.longest) or len(value) <= self.longest


def _field_maker(said: Callable[P, Setting]) -> Callable[Concatenate[T, P], T]:
    def make(default: T, /, *args: P.args, **how: P.kwargs) -> T:
        field: T = dataclasses.field(default=default, metadata={_SETTING: said(*args, **how)})
        return field

    return make


#: Define a configuration field: its default, then the arguments of :class:`Setting`.
setting = _field_maker(Setting)


def same_as(kind: type[Config], name: str, *, group: str = "") -> Any:
    """Define a field with the default and the Setting that it has in another configuration.

    ``group``: the form group that it belongs to here; "" = the group it has there.
    """
    (field,) = (field for field in dataclasses.fields(kind) if field.name == name)
    known: Setting = field.metadata[_SETTING]
    here = dataclasses.replace(known, group=group or known.group)
    return dataclasses.field(default=field.default, metadata={_SETTING: here})


#: Cache: type hints are slow to resolve, and needed whenever a configuration is made.
_FOUND: dict[type, tuple[Setting, ...]] = {}


def _own_settings(kind: type[Config]) -> tuple[Setting, ...]:
    if kind not in _FOUND:
        hints = typing.get_type_hints(kind)
        _FOUND[kind] = tuple(_own(f, hints[f.name]) for f in dataclasses.fields(kind))
    return _FOUND[kind]


def _own(field: dataclasses.Field[object], hint: object) -> Setting:
    """The Setting of a field, completed from its type."""
    known: Setting = field.metadata.get(_SETTING, Setting())
    parts = [hint]
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        parts = [part for part in typing.get_args(hint) if part is not type(None)]
    kind: Any = typing.get_origin(parts[0]) or parts[0]
    choices = known.choices
    if kind is Literal:
        values, kind = typing.get_args(parts[0]), str
        choices = choices or tuple(Choice(value, value) for value in values)
        if {choice.value for choice in choices} != set(values):
            raise TypeError(f"The choices of '{field.name}' are not those of its type.")
    optional = parts != [hint]
    flag = known.flag or f"--{field.name.replace('_', '-')}"
    return dataclasses.replace(
        known, name=field.name, kind=kind, optional=optional, choices=choices, flag=flag
    )


def settings_of(kind: type[Config]) -> dict[str, Setting]:
    """The Setting of every field by name; nested fields as "network.width"."""

    def found() -> Iterator[Setting]:
        for own in _own_settings(kind):
            if issubclass(own.kind, Config):
                for name, inner in settings_of(own.kind).items():
                    yield dataclasses.replace(inner, name=f"{own.name}.{name}")
            else:
                yield own

    return {known.name: known for known in found()}


def plain_settings(kind: type[Config], without: Collection[str]) -> tuple[str, ...]:
    """Names of the settings that are a number, a text or a switch, except ``without``."""
    return tuple(
        name
        for name, known in settings_of(kind).items()
        if known.kind in (bool, int, float, str) and "." not in name and name not in without
    )


@dataclass(frozen=True)
class Config:
    """Base class: validates its fields and converts to and from JSON."""

    def __post_init__(self) -> None:
        for known in _own_settings(type(self)):
            if known.is_checked:
                known.check(getattr(self, known.name))

    def at(self, name: str) -> Any:
        """The value of a field, named as in :func:`settings_of`."""
        value: Any = self
        for part in name.split("."):
            value = getattr(value, part)
        return value

    def having(self, values: Mapping[str, object]) -> Self:
        """A copy with other values, named as in :func:`settings_of`."""
        plain: dict[str, object] = {}
        nested: dict[str, dict[str, object]] = {}
        for name, value in values.items():
            first, _, rest = name.partition(".")
            if rest:
                nested.setdefault(first, {})[rest] = value
            else:
                plain[name] = value
        inner = {name: getattr(self, name).having(values) for name, values in nested.items()}
        return dataclasses.replace(self, **plain, **inner)

    def to_json(self) -> dict[str, Any]:
        """See :func:`~sprite_lab.core.plain.to_plain`."""
        return to_plain(self)

    @classmethod
    def from_json(cls, data: object) -> Self:
        """The inverse of :meth:`to_json`; left-out fields take their defaults.

        Raises ConfigError for an unknown field, a wrong type or a value that is not allowed.
        """
        return from_plain(cls, data)
