"""Dataclasses as plain JSON values, and back, checked against the types of their fields."""

from __future__ import annotations

import base64
import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

from sprite_lab.core.errors import ConfigError, require

T = TypeVar("T")


@runtime_checkable
class Written(Protocol):
    """A value that has a JSON form of its own."""

    def to_json(self) -> object: ...

    @classmethod
    def from_json(cls, data: object) -> object: ...


def to_plain(value: object) -> dict[str, object]:
    """A dataclass as plain dicts, lists, strings and numbers; bytes as base64.

    A dataclass in it with a ``to_json`` of its own is written by that.
    """

    def plain(inner: object) -> object:
        if isinstance(inner, Written):
            return inner.to_json()
        if isinstance(inner, bytes):
            return base64.b64encode(inner).decode("ascii")
        if isinstance(inner, tuple):
            return [plain(item) for item in inner]
        return to_plain(inner) if dataclasses.is_dataclass(inner) else inner

    fields = dataclasses.fields(value)  # type: ignore[arg-type]
    return {field.name: plain(getattr(value, field.name)) for field in fields}


def from_plain(kind: type[T], data: object) -> T:
    """The inverse of :func:`to_plain`; left-out fields take their defaults.

    Raises
    ------
    ConfigError
        For an unknown or missing field, a wrong type or a value that is not allowed.
    """
    if not isinstance(data, Mapping):
        raise ConfigError("{name} must be a JSON object.", name=kind.__name__)
    hints = typing.get_type_hints(kind)
    unknown = set(data) - set(hints)
    require(
        not unknown,
        "{name} has no setting named {map}.",
        name=kind.__name__,
        map=", ".join(sorted(map(repr, unknown))),
    )
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        if field.name not in data and field.default is field.default_factory is dataclasses.MISSING:
            raise ConfigError(f"'{field.name}' is missing.")
    return kind(**{name: _restore(data[name], hints[name], name) for name in data})


def _restore(value: Any, hint: Any, name: str) -> Any:
    """Turn a JSON value into a value of the field ``name`` with type ``hint``."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is dict:
        require(isinstance(value, dict), f"'{name}' must be a JSON object.")
        return {key: _restore(item, arguments[1], name) for key, item in value.items()}
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        return _restore(value, next(a for a in arguments if a is not type(None)), name)
    if origin is Literal:
        return value
    if origin is tuple:
        require(isinstance(value, list), "'{name}' must be a list.", name=name)
        if arguments[-1] is Ellipsis:
            return tuple(_restore(item, arguments[0], name) for item in value)
        require(
            len(value) == len(arguments),
            "'{name}' must have {count} items.",
            name=name,
            count=len(arguments),
        )
        return tuple(_restore(v, a, name) for v, a in zip(value, arguments, strict=True))
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        return hint.from_json(value) if issubclass(hint, Written) else from_plain(hint, value)
    if hint is bytes:
        try:
            return base64.b64decode(value, validate=True)
        except (ValueError, TypeError):
            raise ConfigError("'{name}' must be base64 text.", name=name) from None
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        require(abs(value) < 2**1023, "'{name}' is too large.", name=name)
        return float(value)
    right_type = isinstance(value, hint) and not (hint is int and isinstance(value, bool))
    require(
        right_type,
        "'{name}' is {value!r}, but must be of type {name2}.",
        name=name,
        value=value,
        name2=hint.__name__,
    )
    return value
