"""Undo and redo for immutable values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class HistoryStep(Generic[T]):
    """A value, its text, and the key with which the next push extends this step."""

    value: T
    text: str = ""
    merge: object = None


@dataclass(frozen=True, eq=False)
class _NextStep(Generic[T]):
    """A step in progress, and the one that was current when it began."""

    after: HistoryStep[T]
    text: str
    cancel: Callable[[], object]


class History(Generic[T]):
    """A list of immutable values, one of which is current.

    Parameters
    ----------
    value : the value before the first step.
    changed : called after each change of the current value, the steps or the clean mark.
    parts : the parts of a value, ``id(part)`` to its size in bytes. Parts shared by several values
        count once, so a step costs as much as it changed.
    budget : bytes that all values but the current one may hold. Beyond it the oldest steps are
        forgotten; the newest one stays, however large.
    limit : the maximum number of steps.
    """

    def __init__(
        self,
        value: T,
        changed: Callable[[], object] = lambda: None,
        *,
        parts: Callable[[T], Mapping[int, int]] = lambda _: {},
        budget: float = math.inf,
        limit: float = math.inf,
    ) -> None:
        self.budget = budget
        self._changed, self._parts, self.limit = changed, parts, limit
        self._start(value)

    def _start(self, value: T) -> None:
        self._steps: list[HistoryStep[T]] = []
        self._index = 0
        self._clean: int | None = 0
        self._merges = self._went = False
        self._next: _NextStep[T] | None = None
        self._uses: dict[int, int] = {}
        self._bytes = 0
        self._append(HistoryStep(value))

    # -- state ------------------------------------------------------------------------------------

    @property
    def value(self) -> T:
        return self._steps[self._index].value

    @property
    def steps(self) -> tuple[HistoryStep[T], ...]:
        """The value before the first step, then all steps; undone ones come after ``index``."""
        return tuple(self._steps)

    @property
    def index(self) -> int:
        """The index of the current value in ``steps``."""
        return self._index

    @property
    def clean_index(self) -> int | None:
        """The index of the saved value in ``steps``; None if it is not among them."""
        return self._clean

    def __len__(self) -> int:
        """The number of steps, including undone ones."""
        return len(self._steps) - 1

    @property
    def can_undo(self) -> bool:
        return self._index > 0 or self._making is not None

    @property
    def can_redo(self) -> bool:
        return self._index < len(self)

    @property
    def undo_text(self) -> str:
        """The text of the step that :meth:`undo` reverts or cancels, or ""."""
        if self._making is not None:
            return self._making.text
        return self._steps[self._index].text if self._index else ""

    @property
    def redo_text(self) -> str:
        """The text of the step that :meth:`redo` repeats, or ""."""
        return self._steps[self._index + 1].text if self.can_redo else ""

    @property
    def is_clean(self) -> bool:
        """Whether the current value is saved."""
        return self._index == self._clean

    @property
    def went(self) -> bool:
        """Whether the last change went to another step, as undo and redo do."""
        return self._went

    @property
    def nbytes(self) -> int:
        """Bytes held by all values but the current one."""
        return self._bytes - sum(self._parts(self.value).values())

    # -- edits ---------------------------------------------------------------------------

    def push(self, value: T, text: str, merge: object = None) -> None:
        """Make ``value`` the current one, as a new step; an equal value changes nothing.

        A push with the same ``merge`` key as the push just before extends that step, which keeps
        its text. If this leads back to the value before the step, the step is removed.
        """
        if value == self.value:
            return
        self._went = False
        while self.can_redo:
            self._remove(-1)
        if self._clean is not None and self._clean > self._index:
            self._clean = None
        if self._extends(merge):
            text = self._steps[-1].text
            self._remove(-1)
            if value == self._steps[-1].value:
                self._index, self._merges = len(self), False
                self._changed()
                return
        self._append(HistoryStep(value, text, merge))
        self._index, self._merges = len(self), True
        while len(self) > 1 and (self.nbytes > self.budget or len(self) > self.limit):
            self._forget()
        self._changed()

    def before(self, merge: object) -> T:
        """The value that a push with this key starts from: the one before the step it extends."""
        return self._steps[-2].value if self._extends(merge) else self.value

    def discard_newest(self, merge: object) -> None:
        """Undo the newest step if it has this key, so that it cannot be redone."""
        top = self._steps[self._index]
        if self._index and merge is not None and merge == top.merge:
            self.push(self._steps[self._index - 1].value, top.text, merge)

    def amend(self, value: T, text: str | None = None) -> None:
        """Replace the current value, and optionally its text, without a step."""
        step = self._steps[self._index]
        self._count(step.value, -1)
        text = step.text if text is None else text
        self._steps[self._index] = replace(step, value=value, text=text)
        self._count(value, 1)
        self._changed()

    def forget_oldest(self) -> bool:
        """Forget the oldest step that can be undone; False if there is none."""
        if self._index:
            self._forget()
            self._changed()
            return True
        return False

    def undo(self) -> None:
        """Go back one step, or cancel the next one if a job is making it from here."""
        if self._making is not None:
            self._making.cancel()
        else:
            self.go(max(0, self._index - 1))

    def redo(self) -> None:
        self.go(min(self._index + 1, len(self)))

    def go(self, index: int) -> None:
        """Make the value at an index of ``steps`` current; the next push is a new step."""
        if not 0 <= index <= len(self):
            raise IndexError(index)
        self._merges = False
        if index != self._index:
            self._index, self._went = index, True
            self._changed()

    def begin_next(self, text: str, cancel: Callable[[], object]) -> None:
        """Report that a job is making the next step; until it is done, undo calls ``cancel``.

        Steps pushed in the meantime, and earlier ones, are undone as usual.
        """
        self._merges = self._went = False
        self._next = _NextStep(self._steps[self._index], text, cancel)
        self._changed()

    def end_next(self) -> None:
        """Report that the job of :meth:`begin_next` has ended."""
        if self._next is not None:
            self._next, self._went = None, False
            self._changed()

    def mark_clean(self, value: T | None = None) -> None:
        """Mark a value, or with None the current one, as saved; later pushes do not extend its
        step. If it is not among the steps, no value is saved.
        """
        if value is None or value == self.value:
            saved: int | None = self._index
            self._merges = False
        else:
            places = reversed(range(len(self._steps)))
            saved = next((i for i in places if self._steps[i].value == value), None)
        if saved != self._clean:
            self._clean = saved
            self._changed()

    def discard(self) -> Callable[[], None]:
        """Mark the current value as saved, since the user gives it up.

        The result marks it as unsaved again, if it is still current.
        """
        value = self.value
        self.mark_clean()
        return lambda: self.mark_dirty() if self.value is value else None

    def mark_dirty(self) -> None:
        """Mark no value as saved."""
        if self._clean is not None:
            self._clean = None
            self._changed()

    def reset(self, value: T) -> None:
        """Start over from a saved value, without steps."""
        self._start(value)
        self._changed()

    @property
    def _making(self) -> _NextStep[T] | None:
        """The next step, if a job is making it from the current one."""
        following = self._next
        return following if following and following.after is self._steps[self._index] else None

    # -- the list and its size -----------------------------------------------------------

    def _extends(self, merge: object) -> bool:
        return (
            self._merges
            and self._index > 0
            and merge is not None
            and merge == self._steps[-1].merge
        )

    def _append(self, step: HistoryStep[T]) -> None:
        self._steps.append(step)
        self._count(step.value, 1)

    def _remove(self, index: int) -> None:
        self._count(self._steps.pop(index).value, -1)

    def _forget(self) -> None:
        self._remove(0)
        self._index -= 1
        self._clean = self._clean - 1 if self._clean else None

    def _count(self, value: T, by: int) -> None:
        for part, size in self._parts(value).items():
            uses = self._uses.get(part, 0) + by
            if uses:
                self._uses[part] = uses
            else:
                del self._uses[part]
            if uses == max(by, 0):  # the first use, or the last
                self._bytes += by * size
