"""JSON that is JSON."""

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
        ("[" * 100_000, "deep"),
        ('{"a": 1', "delimiter"),
        ("", "Expecting value"),
    ],
    ids=[
        "nan",
        "infinity",
        "minus infinity",
        "huge",
        "minus huge",
        "twice",
        "twice deep",
        "nested",
        "torn",
        "empty",
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
