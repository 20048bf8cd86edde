"""Random edits of every kind, saved, undone and redone in any order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sprite_lab.app.files.project import Project
from sprite_lab.core import drawing
from sprite_lab.core.config import Conditions, SampleConfig
from sprite_lab.core.pixels.cells import CellSheet, Color, blank_cell

CLEAR, RED = (0, 0, 0, 0), (255, 0, 0, 255)

CELL = st.integers(0, 3)
START = st.sampled_from([0, 3, 58])


class History(RuleBasedStateMachine):
    """Any edits, undone and redone in any order, lead through byte-equal states."""

    @initialize(bounded=st.booleans())
    def start(self, bounded: bool) -> None:
        self.bounded = bounded
        self.project = Project(CellSheet(2, 2), undo_budget=15_000 if bounded else 10**9)
        self.states, self.keys = [self.project.snapshot()], [None]
        self.index, self.stroke, self.joins = 0, 0, False
        self.heard: list[object] = []
        for signal in (self.project.cells_changed, self.project.grid_changed):
            signal.connect(lambda *what: self.heard.append(what))

    def pushed(self, key: object = None) -> None:
        """Record an edit, and work out independently which states undo must restore."""
        states, keys, index = self.states, self.keys, self.index
        after = self.project.snapshot()
        if after == states[index]:
            return  # nothing changed, so redo is still possible
        del states[index + 1 :], keys[index + 1 :]
        if self.joins and key is not None and keys[index] == key:
            states.pop()
            keys.pop()
        # Otherwise the stroke canceled itself out.
        self.joins = after != states[-1]
        if self.joins:
            states.append(after)
            keys.append(key)
        # States of forgotten steps cannot be reached.
        gone = len(states) - len(self.project.history) - 1
        assert gone == 0 or self.bounded
        del states[:gone], keys[:gone]
        self.index = len(states) - 1

    def stroke_id(self, go_on: bool) -> int:
        self.stroke += not go_on
        return self.stroke

    @rule(cell=CELL, start=START, color=st.sampled_from([CLEAR, RED]), go_on=st.booleans())
    def stroke_of_moves(self, cell: int, start: int, color: Color, go_on: bool) -> None:
        stroke = self.stroke_id(go_on)
        if cell < len(self.project.cells):
            self.project.paint(cell, dict.fromkeys(range(start, start + 6), color), "", stroke)
            self.pushed((cell, stroke))

    @rule(cell=CELL, start=START, redraw=st.sampled_from([0, 99, 255]), go_on=st.booleans())
    def mask(self, cell: int, start: int, redraw: int, go_on: bool) -> None:
        stroke = self.stroke_id(go_on)
        if cell < len(self.project.cells):
            masked = self.project.cell(cell).masked(dict.fromkeys(range(start, start + 6), redraw))
            self.project.put({cell: masked}, "Mask", ("mask", cell, stroke))
            self.pushed(("mask", cell, stroke))

    @rule(name=st.sampled_from([None, "hero", "food"]))
    def classes(self, name: str | None) -> None:
        mix = Conditions.of_class(name).class_mix
        cells = enumerate(self.project.cells)
        self.project.put({i: cell.asking(class_mix=mix) for i, cell in cells}, "Class")
        self.pushed()

    @rule(cell=CELL, strength=st.sampled_from([None, 0.25, 1.0]))
    def slider(self, cell: int, strength: float | None) -> None:
        if cell < len(self.project.cells):
            after = self.project.cell(cell).asking(strength=strength)
            self.project.put({cell: after}, "Strength", ("strength", cell))
            self.pushed(("strength", cell))

    def change(self, text: str, **fields: object) -> None:
        self.project.push(replace(self.project.snapshot(), **fields), text)  # type: ignore[arg-type]
        self.pushed()

    @rule(limit=st.booleans())
    def limit(self, limit: bool) -> None:
        self.change("Limit", limit_to_palette=limit)

    @rule(cell=CELL, seed=st.integers(0, 3))
    def generate(self, cell: int, seed: int) -> None:
        if cell >= len(self.project.cells):
            return
        now = self.project.cell(cell)
        after = replace(
            now,
            pixels=bytes([seed, 9, 9, 255]) * now.side**2,
            made_by=SampleConfig(count=1, seed=seed),
        )
        self.project.put({cell: after}, "Generate")
        self.pushed()

    @rule(cell=CELL, dx=st.integers(-2, 2), go_on=st.booleans())
    def move(self, cell: int, dx: int, go_on: bool) -> None:
        stroke = self.stroke_id(go_on)
        if cell < len(self.project.cells):
            after, _ = drawing.lift(self.project.cell(cell), None).put(dx, 0)
            self.project.put({cell: after}, "Move", ("move", cell, stroke))
            self.pushed(("move", cell, stroke))

    @rule()
    def discard_newest(self) -> None:
        """What Esc does to the stroke in progress."""
        key = self.keys[self.index]
        if self.index and key is not None:
            before = self.states[self.index - 1]
            self.project.history.discard_newest(key)
            assert self.project.snapshot() == before
            self.pushed(key)

    @rule(side=st.sampled_from([8, 9, 16]))
    def resize_cells(self, side: int) -> None:
        cells = tuple(drawing.of_side(cell, side) for cell in self.project.cells)
        self.change("Resize cells", cells=cells)

    @rule(rows=st.integers(1, 2), columns=st.integers(1, 2))
    def resize(self, rows: int, columns: int) -> None:
        now = self.project.snapshot()
        cells = tuple(
            now.cells[r * now.columns + c]
            if r < now.rows and c < now.columns
            else blank_cell(now.side)
            for r in range(rows)
            for c in range(columns)
        )
        self.change("Resize grid", rows=rows, columns=columns, cells=cells)

    @rule(colors=st.lists(st.tuples(*[st.integers(0, 255)] * 4), min_size=1, max_size=3))
    def recolor(self, colors: list[Color]) -> None:
        self.change("Palette", palette=tuple(colors))

    @rule()
    def save(self) -> None:
        self.project.mark_clean()
        self.joins = False

    @precondition(lambda self: self.project.history.can_undo)
    @rule()
    def undo(self) -> None:
        self.project.history.undo()
        self.index, self.joins = self.index - 1, False

    @precondition(lambda self: self.project.history.can_redo)
    @rule()
    def redo(self) -> None:
        self.project.history.redo()
        self.index, self.joins = self.index + 1, False

    @rule(share=st.floats(0, 1))
    def jump(self, share: float) -> None:
        before, self.index = self.index, round(share * (len(self.states) - 1))
        self.heard.clear()
        self.project.history.go(self.index)
        was, now = self.states[before], self.states[self.index]
        moved = (was.rows, was.columns, was.side) != (now.rows, now.columns, now.side)
        assert bool(self.heard) == (moved or was.cells != now.cells)
        self.joins = False

    @invariant()
    def shows_the_state_of_its_step(self) -> None:
        if hasattr(self, "project"):
            assert len(self.states) == len(self.project.history) + 1
            assert self.project.history.index == self.index
            assert self.project.snapshot() == self.states[self.index]


@pytest.mark.usefixtures("qapp")
class TestHistory(History.TestCase):
    settings = settings(
        max_examples=300,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
