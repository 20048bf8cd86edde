"""JSON that follows the standard."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core import strict_json


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": NaN}', "NaN"),
        ('{"a": [Infinity]}', "Infinity"),
        ("-Infinity", "Infinity"),
        ('{"a": 1e999}', "1e999"),
        ('{"a": -1e999}', "too large"),
        ('{"a": 1, "b": 2, "a": 3}', "'a' twice"),
        ('{"x": {"deep": 1, "deep": 1}}', "'deep' twice"),
        ('{"a": ' + "9" * 5_000 + "}", "^it holds 9{40}…, which is too large$"),
        ("-1" + "0" * 400, "too large"),
        ("[" * 100_000, "deep"),
        ('{"a": 1', "delimiter"),
        ("", "Expecting value"),
        (r'{"a": "\ud800"}', "half of a surrogate pair"),
        (r'{"x": {"\udfFF": 1}}', "half of a surrogate pair"),
        ('["\ud800"]', "half of a surrogate pair"),
        ("[" + "[]," * 2_000_000 + "[]]", "more than 3,000,000 values"),
    ],
    ids=[
        "nan",
        "infinity",
        "minus infinity",
        "huge",
        "minus huge",
        "many digits",
        "beyond floats",
        "twice",
        "twice deep",
        "nested",
        "torn",
        "empty",
        "half",
        "half as a key",
        "half unescaped",
        "many values",
    ],
)
def test_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        strict_json.loads(text)


@pytest.mark.parametrize(("length", "shown"), [(40, "k" * 40), (41, "k" * 40 + "…")])
def test_what_is_long_is_quoted_in_part(length: int, shown: str) -> None:
    key = "k" * length
    with pytest.raises(ValueError, match=f"^it holds the key '{shown}' twice$"):
        strict_json.loads(f'{{"{key}": 1, "{key}": 2}}')


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(ValueError, match="decode"):
        strict_json.loads(b'{"a": "\xff\xfe"}')


def test_a_character_in_two_halves_is_one() -> None:
    assert strict_json.loads(r'["\uD83D\uDE00"]') == ["😀"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_bytes_of_any_unicode_are_read(encoding: str) -> None:
    assert strict_json.loads('["é"]'.encode(encoding)) == ["é"]


def test_bytes_of_half_a_character_are_refused() -> None:
    with pytest.raises(ValueError, match="decode"):
        strict_json.loads(b'["\xed\xa0\x80"]')


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_all_plain_values_come_back(value: object) -> None:
    text = strict_json.dumps(value)
    assert strict_json.loads(text) == json.loads(text) == value


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1.0, {"a": float("-inf")}]])
def test_nothing_else_is_written(value: object) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        strict_json.dumps(value)


def test_letters_are_written_as_they_are() -> None:
    assert strict_json.dumps({"é": "剣"}) == '{"é": "剣"}'
