"""The history, compared with a list of values: merging, forgetting, the clean mark."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from sprite_lab.core.history import History


def history(value: int = 0, *, limit: float = 100) -> tuple[History[int], list[int]]:
    """A history, and the list of current values that it reports."""
    heard: list[int] = []
    made = History(value, lambda: heard.append(made.value), limit=limit)
    return made, heard


def values(made: History[int]) -> list[int]:
    return [step.value for step in made.steps]


def test_undo_and_redo_name_the_steps_they_cross() -> None:
    made, heard = history()
    assert (made.can_undo, made.can_redo, made.undo_text, made.redo_text) == (False, False, "", "")
    made.push(1, "Draw")
    made.push(2, "Erase")
    assert (made.undo_text, made.redo_text) == ("Erase", "")
    assert not made.went
    made.undo()
    assert made.went
    assert (made.value, made.undo_text, made.redo_text) == (1, "Draw", "Erase")
    made.redo()
    made.go(0)
    assert heard == [1, 2, 1, 2, 0]
    assert [step.text for step in made.steps] == ["", "Draw", "Erase"]


def test_a_push_drops_what_was_undone_but_an_equal_value_changes_nothing() -> None:
    made, heard = history()
    made.push(1, "a")
    made.push(2, "b")
    made.undo()
    made.push(1, "nothing")
    assert made.redo_text == "b"
    made.push(3, "c")
    assert values(made) == [0, 1, 3]
    assert heard == [1, 2, 1, 3]


def test_only_what_is_among_the_steps_can_be_gone_to() -> None:
    made, changes = history()
    made.push(1, "one")
    for index in (-1, 2):
        with pytest.raises(IndexError):
            made.go(index)
    assert (made.value, len(changes)) == (1, 1)


def test_pushes_in_a_row_with_one_key_are_one_step() -> None:
    made, _ = history()
    for value in (1, 2, 2, 3):
        made.push(value, f"to {value}", "slider")
    made.push(4, "other", "wheel")
    assert values(made) == [0, 3, 4]
    assert [step.text for step in made.steps[1:]] == ["to 1", "other"]
    made.push(5, "again", "slider")
    assert len(made) == 3


def test_undo_and_saving_end_merging() -> None:
    made, _ = history()
    made.push(1, "a", "k")
    made.push(2, "b")
    made.undo()
    made.push(3, "c", "k")
    made.mark_clean()
    made.push(4, "d", "k")
    assert values(made) == [0, 1, 3, 4]


def test_a_step_that_leads_back_disappears_without_redo() -> None:
    made, heard = history()
    made.push(1, "a", "k")
    assert made.before("k") == 0
    assert made.before("other") == 1
    made.push(0, "b", "k")
    assert (len(made), made.is_clean, heard) == (0, True, [1, 0])


def test_take_back_undoes_only_the_step_of_its_key() -> None:
    made, _ = history()
    made.push(1, "a", "one")
    made.push(2, "b", "two")
    made.discard_newest("one")
    assert made.value == 2
    made.discard_newest("two")
    assert (made.value, made.can_redo) == (1, False)
    made.push(3, "c", "three")
    made.mark_clean()
    made.discard_newest("three")
    assert (values(made), made.is_clean) == ([0, 1, 3, 1], False), "what was saved stays a step"


def test_undo_cancels_the_step_in_the_making_before_it_goes_back() -> None:
    made, _ = history()
    canceled: list[int] = []

    def cancel() -> None:
        canceled.append(made.value)
        made.end_next()

    made.push(1, "Draw", "same")
    made.begin_next("Generate", cancel)
    assert made.undo_text == "Generate"
    made.push(2, "Erase", "same")  # a separate step, although the keys agree
    assert made.undo_text == "Erase"
    made.undo()
    assert (made.value, canceled, made.undo_text) == (1, [], "Generate")
    made.undo()
    assert (made.value, canceled, made.undo_text) == (1, [1], "Draw")
    made.undo()
    assert (made.value, canceled, made.can_undo) == (0, [1], False)
    made.begin_next("Generate", cancel)
    assert made.can_undo  # although there is nothing to go back to
    made.end_next()
    assert not made.can_undo


def test_the_clean_mark_follows_its_value() -> None:
    made, _ = history()
    made.push(1, "a")
    assert not made.is_clean
    made.undo()
    assert made.is_clean
    made.redo()
    made.mark_clean()
    made.undo()
    made.push(2, "b")
    assert made.clean_index is None
    made.mark_clean()
    made.mark_dirty()
    made.mark_dirty()
    assert not made.is_clean
    made.reset(7)
    assert (made.value, len(made), made.is_clean) == (7, 0, True)


def test_what_is_saved_is_found_among_the_steps() -> None:
    made, _ = history()
    made.push(1, "a")
    made.push(2, "b", "k")
    made.mark_clean(1)
    assert not made.is_clean
    made.push(3, "c", "k")
    assert values(made) == [0, 1, 3], "saving an earlier value splits no step"
    made.undo()
    assert made.is_clean
    made.undo()
    assert not made.is_clean, "the file has something else now"
    made.mark_clean(9)
    assert made.clean_index is None


def test_amending_makes_no_step() -> None:
    made, heard = history()
    made.push(1, "a")
    made.push(2, "b")
    made.undo()
    made.amend(5)
    assert (values(made), made.undo_text, made.redo_text) == ([0, 5, 2], "a", "b")
    made.amend(6, "c")
    assert (made.undo_text, heard[-2:]) == ("c", [5, 6])


def test_the_oldest_steps_go_beyond_the_limit() -> None:
    made, _ = history(limit=3)
    for value in range(1, 6):
        made.push(value, str(value))
    assert values(made) == [2, 3, 4, 5]
    assert made.clean_index is None
    while made.forget_oldest():
        pass
    made.push(6, "6", "k")
    made.forget_oldest()
    made.push(7, "7", "k")
    assert values(made) == [6, 7], "what cannot be undone is not extended"


@dataclass(frozen=True)
class Text:
    """A value that shares its letters with others."""

    letters: tuple[str, ...]


SIZES = {letter: 10 + i for i, letter in enumerate("abcd")}


def parts(value: Text) -> dict[int, int]:
    return {ord(letter): SIZES[letter] for letter in value.letters}


def test_shared_parts_count_once_and_those_in_use_not_at_all() -> None:
    made = History(Text(("a", "b")), lambda: None, parts=parts, budget=20)
    assert made.nbytes == 0
    made.push(Text(("a", "c")), "b to c")
    assert made.nbytes == SIZES["b"]
    made.undo()
    assert made.nbytes == SIZES["c"]
    made.push(Text(("d",)), "d alone")
    assert len(made) == 1, "the newest step stays, however large"
    made.push(Text(("b",)), "b again")
    assert [step.text for step in made.steps[1:]] == ["b again"], "a and d are over the budget"


class Machine(RuleBasedStateMachine):
    """Any calls in any order, against lists of values and keys."""

    @initialize(budget=st.sampled_from([25, 10**6]), limit=st.sampled_from([4, 10**6]))
    def start(self, budget: int, limit: int) -> None:
        self.calls = 0
        self.made = History(Text(("a",)), self.called, parts=parts, budget=budget, limit=limit)
        self.values, self.keys = [self.made.value], [""]
        self.at, self.merges = 0, False
        self.saved: int | None = 0

    def called(self) -> None:
        self.calls += 1

    @rule(letters=st.lists(st.sampled_from("abcd"), max_size=3), key=st.sampled_from([None, "k"]))
    def push(self, letters: list[str], key: str | None) -> None:
        value, calls = Text(tuple(letters)), self.calls
        self.made.push(value, "text", key)
        if value == self.values[self.at]:
            assert self.calls == calls
            return
        assert self.calls == calls + 1
        del self.values[self.at + 1 :], self.keys[self.at + 1 :]
        if self.saved is not None and self.saved > self.at:
            self.saved = None
        if self.merges and key is not None and self.at and self.keys[self.at] == key:
            self.values.pop()
            self.keys.pop()
        self.merges = value != self.values[-1]
        if self.merges:
            self.values.append(value)
            self.keys.append(key or "")
        self.forgotten()

    def forgotten(self) -> None:
        gone = len(self.values) - len(self.made.steps)
        assert gone >= 0
        del self.values[:gone], self.keys[:gone]
        if self.saved is not None:
            self.saved = self.saved - gone if self.saved >= gone else None
        self.at = len(self.values) - 1

    @rule(share=st.floats(0, 1))
    def go(self, share: float) -> None:
        self.at, self.merges = round(share * (len(self.values) - 1)), False
        self.made.go(self.at)

    @rule()
    def undo(self) -> None:
        self.at, self.merges = max(0, self.at - 1), False
        self.made.undo()

    @rule()
    def redo(self) -> None:
        self.at, self.merges = min(self.at + 1, len(self.values) - 1), False
        self.made.redo()

    @rule()
    def save(self) -> None:
        self.saved, self.merges = self.at, False
        self.made.mark_clean()

    @rule(letter=st.sampled_from("abcd"))
    def amend(self, letter: str) -> None:
        self.values[self.at] = Text((letter,))
        self.made.amend(self.values[self.at])

    @invariant()
    def is_the_list(self) -> None:
        made = self.made
        assert [step.value for step in made.steps] == self.values
        assert (made.value, made.index) == (self.values[self.at], self.at)
        assert made.clean_index == self.saved
        assert made.can_undo == (self.at > 0)
        assert made.can_redo == (self.at < len(made))
        held = {letter for value in self.values for letter in value.letters}
        own = set(self.values[self.at].letters)
        assert made.nbytes == sum(SIZES[letter] for letter in held - own)
        assert len(made) <= 4 or made.limit > 4


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=200, stateful_step_count=40, deadline=None)
