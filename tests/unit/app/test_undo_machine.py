"""Random edits with every command, saved, undone and redone in any order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sprite_lab.app.commands import (
    Command,
    LimitToPalette,
    PaintMask,
    PaintStroke,
    ReplaceCells,
    ResizeGrid,
    SetConditions,
    SetPalette,
)
from sprite_lab.app.project import Project
from sprite_lab.core import drawing
from sprite_lab.core.cells import Cell, CellSheet, Conditions, blank_cell
from sprite_lab.core.config import SampleConfig

CLEAR, RED = bytes(4), b"\xff\x00\x00\xff"


def pixel(cell: Cell, index: int) -> bytes:
    return cell.pixels[4 * index : 4 * index + 4]


def ask(project: Project, cells: list[int], key: object = None, **fields: object) -> SetConditions:
    """The command that sets some conditions of some cells."""
    before = {i: project.cell(i).conditions for i in cells}
    after = {i: replace(asked, **fields) for i, asked in before.items()}  # type: ignore[arg-type]
    return SetConditions(project, {i: (before[i], after[i]) for i in cells}, "Set", key)


CELL = st.integers(0, 3)
START = st.sampled_from([0, 3, 58])


class History(RuleBasedStateMachine):
    """Any edits, undone and redone in any order, lead through byte-equal states."""

    @initialize(bounded=st.booleans())
    def start(self, bounded: bool) -> None:
        self.bounded = bounded
        self.project = Project(CellSheet(2, 2), undo_budget=15_000 if bounded else 10**9)
        self.states, self.keys = [self.project.snapshot()], [None]
        self.stroke = 0

    def edit(self, command: Command, key: object = None) -> None:
        """Push, and work out independently which states undo must lead through."""
        project, states, keys = self.project, self.states, self.keys
        index, before = project.stack.index(), project.snapshot()
        # What was saved stays a state of its own.
        saved = project.stack.cleanIndex() == index
        joins = index > 0 and key is not None and keys[index] == key and not saved
        project.push(command)
        after = project.snapshot()
        if after == before:
            return  # it changed nothing, so what could be redone still can
        del states[index + 1 :], keys[index + 1 :]
        if joins:
            if after == states[index - 1]:
                states.pop()  # the stroke took itself back
                keys.pop()
            else:
                states[index] = after
        else:
            states.append(after)
            keys.append(key)
        # Where the oldest were forgotten, their states are out of reach.
        gone = len(states) - project.stack.count() - 1
        assert gone == 0 or self.bounded
        del states[:gone], keys[:gone]

    def stroke_id(self, go_on: bool) -> int:
        self.stroke += not go_on
        return self.stroke

    @rule(cell=CELL, start=START, colour=st.sampled_from([CLEAR, RED]), go_on=st.booleans())
    def stroke_of_moves(self, cell: int, start: int, colour: bytes, go_on: bool) -> None:
        stroke = self.stroke_id(go_on)
        if cell >= len(self.project.cells):
            return
        now = self.project.cell(cell)
        changes = {p: (pixel(now, p), colour) for p in range(start, start + 6)}
        command = PaintStroke(self.project, cell, changes, stroke=stroke, made_by=now.made_by)
        self.edit(command, ("paint", cell, stroke))

    @rule(cell=CELL, start=START, redraw=st.sampled_from([0, 99, 255]), go_on=st.booleans())
    def mask(self, cell: int, start: int, redraw: int, go_on: bool) -> None:
        stroke = self.stroke_id(go_on)
        if cell >= len(self.project.cells):
            return
        now = self.project.cell(cell).redraw.tobytes()
        changes = {p: (now[p], redraw) for p in range(start, start + 6)}
        self.edit(PaintMask(self.project, cell, changes, stroke=stroke), ("mask", cell, stroke))

    @rule(name=st.sampled_from([None, "hero", "food"]))
    def classes(self, name: str | None) -> None:
        mix = Conditions.of_class(name).class_mix
        self.edit(ask(self.project, list(range(len(self.project.cells))), class_mix=mix))

    @rule(cell=CELL, strength=st.sampled_from([None, 0.25, 1.0]))
    def slider(self, cell: int, strength: float | None) -> None:
        if cell < len(self.project.cells):
            self.edit(
                ask(self.project, [cell], ("strength", cell), strength=strength),
                ("strength", cell),
            )

    @rule(limit=st.booleans())
    def limit(self, limit: bool) -> None:
        self.edit(LimitToPalette(self.project, self.project.limit_to_palette, limit))

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
        self.edit(ReplaceCells(self.project, {cell: (now, after)}, "Generate"))

    @rule(cell=CELL, dx=st.integers(-2, 2), go_on=st.booleans())
    def move(self, cell: int, dx: int, go_on: bool) -> None:
        stroke = self.stroke_id(go_on)
        if cell >= len(self.project.cells):
            return
        now = self.project.cell(cell)
        after, _ = drawing.lift(now, None).put(dx, 0)
        command = ReplaceCells(self.project, {cell: (now, after)}, "Move", (cell, stroke))
        self.edit(command, ("move", cell, stroke))

    @rule()
    def take_back(self) -> None:
        """What Esc does to the stroke that goes on."""
        index = self.project.stack.index()
        top = self.project.stack.command(index - 1) if index else None
        if isinstance(top, (PaintStroke, PaintMask, ReplaceCells)) and top.merge_key is not None:
            self.edit(top.inverse(), self.keys[index])

    @rule(side=st.sampled_from([8, 9, 16]))
    def resize_cells(self, side: int) -> None:
        now = self.project.snapshot()
        cells = tuple(drawing.of_side(cell, side) for cell in now.cells)
        size = now.rows, now.columns
        self.edit(ResizeGrid(self.project, (*size, now.cells), (*size, cells), "Resize cells"))

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
        self.edit(
            ResizeGrid(self.project, (now.rows, now.columns, now.cells), (rows, columns, cells))
        )

    @rule(colours=st.lists(st.tuples(*[st.integers(0, 255)] * 4), min_size=1, max_size=3))
    def recolour(self, colours: list[tuple[int, int, int, int]]) -> None:
        self.edit(SetPalette(self.project, self.project.palette, tuple(colours)))

    @rule()
    def save(self) -> None:
        self.project.mark_clean()

    @precondition(lambda self: self.project.stack.canUndo())
    @rule()
    def undo(self) -> None:
        self.project.stack.undo()

    @precondition(lambda self: self.project.stack.canRedo())
    @rule()
    def redo(self) -> None:
        self.project.stack.redo()

    @invariant()
    def shows_the_state_of_its_step(self) -> None:
        if hasattr(self, "project"):
            assert len(self.states) == self.project.stack.count() + 1
            assert self.project.snapshot() == self.states[self.project.stack.index()]


@pytest.mark.usefixtures("qapp")
class TestHistory(History.TestCase):
    settings = settings(
        max_examples=300,
        stateful_step_count=40,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
