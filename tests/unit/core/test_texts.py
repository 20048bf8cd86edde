"""Texts decoded on demand, which behave like numpy's array of the same strings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core.sets.texts import Texts, text_counts

LISTS = st.lists(st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0")))


def texts(strings: list[str], rows: np.ndarray | None = None) -> Texts:
    coded = [string.encode() for string in strings]
    ends = np.cumsum([len(code) for code in coded], dtype=np.int64)
    return Texts(np.frombuffer(b"".join(coded), np.uint8), ends, rows)


@given(LISTS, st.randoms())
def test_they_are_the_strings(strings: list[str], chance) -> None:
    made = texts(strings)
    assert made.tolist() == list(made) == strings
    assert made.shape == (len(strings),)
    assert np.array_equal(np.asarray(made), np.array(strings, np.str_))
    index = np.array([i for i in range(len(strings)) if chance.random() < 0.5], np.int64)
    assert made[index].tolist() == [strings[i] for i in index]
    assert made[index][::-1].tolist() == [strings[i] for i in index[::-1]]
    assert made[1:3].tolist() == strings[1:3]


def test_indices_are_those_of_a_sequence() -> None:
    made = texts(["épée", "剣", ""])
    assert (made[0], made[-2], made[np.int64(2)]) == ("épée", "剣", "")
    assert made[np.array([True, False, True])].tolist() == ["épée", ""]
    with pytest.raises(IndexError):
        made[3]


def test_a_few_texts_stand_for_many() -> None:
    made = texts(["pack", "other", "unused"], np.array([1, 0, 0, 1, 0]))
    assert made.tolist() == ["other", "pack", "pack", "other", "pack"]
    assert text_counts(made) == {"pack": 3, "other": 2}
    assert text_counts(np.asarray(made)) == {"pack": 3, "other": 2}
    assert made[2:].counts() == {"pack": 2, "other": 1}


def test_a_damaged_file_gives_texts_and_no_crash() -> None:
    wild = Texts(np.frombuffer(b"\xff\xfeab", np.uint8), np.array([9, -4, 2**40], np.int64))
    assert len(wild.tolist()) == 3


def test_a_view_of_them_is_no_array() -> None:
    assert np.asarray(texts(["a", "bc"])).tolist() == ["a", "bc"]
    with pytest.raises(ValueError, match="not held as an array"):
        np.array(texts(["a"]), copy=False)
