"""Finding names by a few letters."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.app.shell.fuzzy import fit


def best(typed: str, *names: str) -> str:
    scores = {name: score for name in names if (score := fit(typed, name)) is not None}
    return max(scores, key=lambda name: scores[name])


def test_letters_must_be_there_in_their_order() -> None:
    assert fit("svp", "Save project") is not None
    assert fit("pvs", "Save project") is None
    assert fit("savee", "Save as") is None


def test_starts_of_words_come_first() -> None:
    assert best("sp", "Stop training", "Save project", "Copy sprite as picture") == "Save project"
    assert best("undo", "Run done", "Undo paint") == "Undo paint"


def test_letters_together_come_before_letters_apart() -> None:
    assert best("line", "All in the end", "Outline") == "Outline"


def test_of_two_alike_the_shorter_comes_first() -> None:
    assert best("save", "Save project as", "Save") == "Save"


@given(st.text("abc d", max_size=12), st.data())
def test_every_part_of_a_name_is_found(name: str, data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, max(len(name) - 1, 0)), unique=True))
    typed = "".join(name[i] for i in sorted(places) if i < len(name))
    assert fit(typed, name) is not None


def test_a_typing_error_is_forgiven_but_costs() -> None:
    names = "Guidance", "Generate", "Undo"
    assert best("guidence", *names) == "Guidance"
    assert best("genrrate", *names) == "Generate"
    right, wrong = fit("guidance", "Guidance"), fit("guidence", "Guidance")
    assert right is not None
    assert wrong is not None
    assert wrong < right
    assert fit("qqqqqqq", "Guidance") is None
    assert fit("builtn", "Hide the suggestion until something changes") is None, "scattered"


def test_a_needless_letter_costs_no_more_than_the_penalty() -> None:
    """The other letters score as they would without it, wherever it is."""
    clean = fit("training", "Training")
    assert clean is not None
    for place in range(9):
        assert fit(f"{'training'[:place]}q{'training'[place:]}", "Training") == clean - 8.0
    assert fit("", "Training") == 0.0


def test_each_letter_counts_once_and_the_length_a_hundredth() -> None:
    assert fit("a", "a") == pytest.approx(1 + 3 - 0.01)
    assert fit("ss", "s xs") == pytest.approx(4 + 1 - 0.04), "not the first one twice"


def test_of_six_letters_one_may_be_wrong_and_of_five_none() -> None:
    assert fit("export", "Export") is not None
    assert fit("exqort", "Export") is not None
    assert fit("undqo", "Undo") is None
