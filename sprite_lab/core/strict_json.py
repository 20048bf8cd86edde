"""Strict JSON: no NaN, no numbers out of range, no duplicate keys."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import Any


def loads(text: str | bytes) -> Any:
    """Parse JSON, strictly.

    Python's own parser also takes ``NaN``, ``1e999`` (as infinity) and repeated keys (the
    last wins), each of which would pass for a valid setting.

    Raises
    ------
    ValueError
        For anything that is not plain JSON, with the reason.
    """
    try:
        return json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite_float,
            object_pairs_hook=_unique_keys,
        )
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def dumps(value: object, *, indent: int | None = None) -> str:
    """Write JSON, refusing NaN and infinities with ValueError."""
    return json.dumps(value, indent=indent, allow_nan=False, ensure_ascii=False)


def _refuse_constant(name: str) -> float:
    raise ValueError(f"it holds {name}, which is not a number")


def _finite_float(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"it holds {_short(text)}, which is too large")
    return value


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"it holds the key {_short(twice)!r} twice")
    return result


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
