"""Dataclasses as plain JSON values, and back, checked against their fields.

A field's type says which values are valid. A type can be narrowed by a rule in the field's metadata
(``"rule"``): a function of the JSON value that returns "", or the fault as it follows the field's
name. A field with the metadata ``"derived"`` is not read.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

from sprite_lab.core.errors import ConfigError, require
from sprite_lab.words import marked, tr

T = TypeVar("T")

#: Maximum number of settings to list when one is unknown.
_FEW = 12

_KINDS = {
    str: marked("a text in quotes"),
    bool: marked("true or false"),
    int: marked("a whole number"),
    float: marked("a number"),
}


#: Type hints by class: they are slow to resolve.
_hints = functools.cache(typing.get_type_hints)


def to_plain(value: object) -> dict[str, object]:
    """A dataclass as plain dicts, lists, strings and numbers; bytes as base64.

    Nested dataclasses with a ``to_json`` of their own are written by that.
    """

    def plain(inner: object) -> object:
        write = getattr(inner, "to_json", None)
        if write is not None:
            return write()
        if isinstance(inner, bytes):
            return base64.b64encode(inner).decode("ascii")
        if isinstance(inner, tuple):
            return [plain(item) for item in inner]
        return to_plain(inner) if dataclasses.is_dataclass(inner) else inner

    fields = dataclasses.fields(value)  # type: ignore[arg-type]
    return {field.name: plain(getattr(value, field.name)) for field in fields}


def from_plain(kind: type[T], data: object) -> T:
    """The inverse of :func:`to_plain`; left-out fields take their defaults.

    Raises ConfigError for the first unknown or missing field, wrong type or value that is not
    allowed, with its place: "steps 2 ▸ set ▸ 'page' must be a text in quotes."
    """
    if not isinstance(data, Mapping):
        raise ConfigError("A JSON object in braces is needed.")
    hints, fields = _hints(kind), dataclasses.fields(kind)  # type: ignore[arg-type]
    known = {field.name: field for field in fields if not field.metadata.get("derived")}
    unknown = ", ".join(sorted(map(repr, set(data) - set(known))))
    if unknown and len(known) <= _FEW:
        raise ConfigError(
            "There is no setting named {unknown}; use one of: {known}.",
            unknown=unknown,
            known=", ".join(known),
        )
    require(not unknown, "There is no setting named {unknown}.", unknown=unknown)
    for name, field in known.items():
        optional = not field.default is field.default_factory is dataclasses.MISSING
        require(optional or name in data, "'{name}' is missing.", name=name)
        rule: Callable[[object], str] | None = field.metadata.get("rule")
        fault = rule(data[name]) if rule is not None and name in data else ""
        require(not fault, "'{name}' {fault}.", name=name, fault=fault)
    return kind(**{name: _restore(data[name], hints[name], name) for name in data})


def _restore_tuple(value: object, kinds: tuple[object, ...], name: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise ConfigError("'{name}' must be a list.", name=name)
    if kinds[-1] is Ellipsis:
        named = f"{name} {{}}" if dataclasses.is_dataclass(kinds[0]) else name
        return tuple(_restore(item, kinds[0], named.format(n)) for n, item in enumerate(value, 1))
    require(
        len(value) == len(kinds), "'{name}' must have {count} items.", name=name, count=len(kinds)
    )
    return tuple(_restore(v, kind, name) for v, kind in zip(value, kinds, strict=True))


def _restore(value: Any, hint: Any, name: str) -> Any:
    """Turn a JSON value into a value of the field ``name`` with type ``hint``."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in (dict, Mapping):
        require(isinstance(value, dict), "'{name}' must be a JSON object.", name=name)
        return {key: _restore(item, arguments[1], name) for key, item in value.items()}
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:
            return None
        *others, last = (kind for kind in arguments if kind is not type(None))
        for kind in others:
            with contextlib.suppress(ConfigError):
                return _restore(value, kind, name)
        return _restore(value, last, name)
    if origin is Literal:
        return value
    if origin is tuple:
        return _restore_tuple(value, arguments, name)
    if isinstance(hint, type) and dataclasses.is_dataclass(hint):
        read = getattr(hint, "from_json", None)
        try:
            return from_plain(hint, value) if read is None else read(value)
        except ConfigError as error:
            raise ConfigError("{place} ▸ {error}", place=name, error=error) from error
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
        "'{name}' is {value!r}, but must be {allowed}.",
        name=name,
        value=value,
        allowed=tr(_KINDS[hint]) if hint in _KINDS else hint.__name__,
    )
    return value
