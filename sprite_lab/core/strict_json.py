"""Strict JSON: no NaN, no numbers out of range, no duplicate keys, no half characters."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any

#: Maximum number of values in a document: three bytes of it may become a value of a hundred bytes
#: or more.
MOST_VALUES = 3_000_000

#: Maximum number of digits in a whole number: longer ones do not fit a float either, and are slow
#: to parse.
MOST_DIGITS = 300

#: Half of a character, or an escape that may be one: files cannot contain it.
_HALF = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")


def loads(text: str | bytes) -> Any:
    """Parse JSON, strictly.

    Python's own parser also takes ``NaN``, ``1e999`` (as infinity), whole numbers too large for a
    float, repeated keys (the last wins) and lone surrogates, each of which would pass for a valid
    setting. Raises ValueError for anything that is not plain JSON, with the reason.
    """
    if isinstance(text, bytes):
        text = text.decode(json.detect_encoding(text))
    if len(text) > MOST_VALUES and sum(map(text.count, "[{,")) >= MOST_VALUES:
        raise ValueError(f"it holds more than {MOST_VALUES:,} values")
    try:
        found = json.loads(
            text,
            parse_constant=_refuse_constant,
            parse_float=_finite_float,
            parse_int=_short_int,
            object_pairs_hook=_unique_keys,
        )
        if _HALF.search(text):
            dumps(found).encode()
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except UnicodeEncodeError:
        raise ValueError("it holds half of a surrogate pair") from None
    return found


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


def _short_int(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"it holds {_short(text)}, which is too large")
    return int(text)


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    result = dict(pairs)
    if len(result) != len(pairs):
        [(twice, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise ValueError(f"it holds the key {_short(twice)!r} twice")
    return result


def _short(text: str, most: int = 40) -> str:
    return text if len(text) <= most else f"{text[:most]}…"
