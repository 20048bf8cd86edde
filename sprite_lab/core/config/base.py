"""What every configuration shares: checks, and JSON in and out."""

from __future__ import annotations

import base64
import dataclasses
import functools
import math
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, Self

from sprite_lab.core.errors import ConfigError

DeviceName = Literal["auto", "cpu", "cuda", "mps", "xpu"]
Precision = Literal["auto", "fp32", "bf16"]


def require(condition: bool, message: str) -> None:
    """Raise ConfigError with ``message`` unless ``condition`` holds."""
    if not condition:
        raise ConfigError(message)


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    """The types of a configuration's fields: slow to find, and asked for whenever one is made."""
    return typing.get_type_hints(kind)


def check_choices(config: Any) -> None:
    """Raise ConfigError where a Literal field holds something else, or a number is not finite."""
    hints = _hints(type(config))  # type: ignore[arg-type]
    for name, hint in hints.items():
        if typing.get_origin(hint) is Literal:
            value, choices = getattr(config, name), typing.get_args(hint)
            require(
                value in choices,
                f"'{name}' is {value!r}, but must be one of: {', '.join(map(str, choices))}.",
            )
        elif isinstance(getattr(config, name), float):
            value = getattr(config, name)
            require(math.isfinite(value), f"'{name}' is {value}, but must be a finite number.")


class Config:
    """JSON in and out, the same for every configuration."""

    def to_json(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers; bytes as base64."""

        def plain(value: Any) -> Any:
            if isinstance(value, Config):
                return value.to_json()
            if isinstance(value, bytes):
                return base64.b64encode(value).decode("ascii")
            if isinstance(value, tuple):
                return [plain(item) for item in value]
            return value

        return {
            f.name: plain(getattr(self, f.name))
            for f in dataclasses.fields(self)  # type: ignore[arg-type]
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`to_json`; left-out fields take their defaults.

        Raises
        ------
        ConfigError
            For an unknown field, a wrong type or a value that is not allowed.
        """
        require(isinstance(data, Mapping), f"{cls.__name__} must be a JSON object.")
        hints = typing.get_type_hints(cls)
        unknown = set(data) - set(hints)
        require(
            not unknown,
            f"{cls.__name__} has no setting named {', '.join(sorted(map(repr, unknown)))}.",
        )
        return cls(**{name: _restore(data[name], hints[name], name) for name in data})


def _restore(value: Any, hint: Any, name: str) -> Any:
    """Turn a JSON value into what the field ``name`` with type ``hint`` holds."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _restore(value, next(a for a in arguments if a is not type(None)), name)
    if origin is Literal:
        return value
    if origin is tuple:
        require(isinstance(value, list), f"'{name}' must be a list.")
        if arguments[-1] is Ellipsis:
            return tuple(_restore(item, arguments[0], name) for item in value)
        require(len(value) == len(arguments), f"'{name}' must have {len(arguments)} items.")
        return tuple(_restore(v, a, name) for v, a in zip(value, arguments, strict=True))
    if isinstance(hint, type) and issubclass(hint, Config):
        return hint.from_json(value)
    if hint is bytes:
        try:
            return base64.b64decode(value, validate=True)
        except (ValueError, TypeError):
            raise ConfigError(f"'{name}' must be base64 text.") from None
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        require(abs(value) < 2**1023, f"'{name}' is too large.")
        return float(value)
    right_type = isinstance(value, hint) and not (hint is int and isinstance(value, bool))
    require(right_type, f"'{name}' is {value!r}, but must be of type {hint.__name__}.")
    return value
