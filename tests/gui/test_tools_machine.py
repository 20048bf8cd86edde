"""Random gestures with all tools, on layers: each is one step of undo, and Esc leaves no trace."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication

from sprite_lab.app.draw.layers import LayerEditor
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.draw.tools.tool_table import HARMLESS, TOOLS
from sprite_lab.app.files.project import Project
from sprite_lab.core.drawing import Transform
from sprite_lab.core.pixels.cells import CellSheet
from sprite_lab.core.pixels.layers import composite
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE

BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
HELD = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)
POINT = st.tuples(st.integers(-2, 9), st.integers(-2, 9))


class Context(QObject):
    """The attributes of the app that a session needs."""

    notice, failed = Signal(str), Signal(str, str)


class Gestures(RuleBasedStateMachine):
    """Keeps the state after each step and compares every state that undo and redo restore."""

    @initialize()
    def start(self) -> None:
        QGuiApplication.clipboard().clear()  # an earlier example may have copied something
        self.project = Project(CellSheet(1, 2, palette=DEFAULT_PALETTE, side=8))
        self.session = DrawSession(Context(), self.project)  # type: ignore[arg-type]
        self.session.choose(0, (0, 1))
        self.tools, self.layers = self.session.tools, LayerEditor(self.session)
        self.states = [self.project.snapshot()]

    @property
    def index(self) -> int:
        return self.project.history.index

    def done(self, before: int, *, may_merge: bool = False) -> None:
        """At most one more step; arrow keys may extend or revert the last one."""
        index, now = self.index, self.project.snapshot()
        if index == before + 1:
            self.states[index:] = [now]
        elif may_merge and index == before - 1:
            del self.states[before:]
        else:
            assert index == before
            if may_merge and now != self.states[index]:
                self.states[index:] = [now]
        del self.states[len(self.project.history) + 1 :]

    @rule(
        tool=st.sampled_from([tool.name for tool in TOOLS]),
        points=st.lists(POINT, min_size=1, max_size=4),
        button=st.sampled_from(BUTTONS),
        held=st.sampled_from(HELD),
        escapes=st.booleans(),
    )
    def gesture(self, tool: str, points: list, button, held, escapes: bool) -> None:
        before, selection = self.index, self.tools.selection
        layer, n = self.layers.layers[self.tools.layer], self.tools.layer
        self.tools.set_tool(tool)
        self.tools.begin(*points[0], button, held)
        for point in points[1:]:
            self.tools.move(*point)
        if escapes:
            self.tools.cancel()
            assert self.index == before
            assert self.project.snapshot() == self.states[before]
            # A wand selects on press, so there is nothing to cancel.
            assert tool == "wand" or self.tools.selection is selection
        else:
            self.tools.end()
        if tool not in HARMLESS and held != HELD[2] and not layer.takes_strokes:
            assert self.layers.layers[n] == layer
            assert self.index == before
        self.done(before)

    @rule(
        size=st.integers(1, 5),
        filled=st.booleans(),
        contiguous=st.booleans(),
        symmetry=st.sampled_from(["none", "horizontal", "vertical", "both"]),
        along_palette=st.booleans(),
        all_chosen=st.booleans(),
        strength=st.sampled_from([0, 128, 255]),
        wrap=st.booleans(),
    )
    def choose_options(self, **options: object) -> None:
        self.tools.options.replace(**options)

    @rule(color=st.sampled_from(DEFAULT_PALETTE[18:24]), which=st.integers(0, 1))
    def choose_color(self, color: tuple[int, int, int, int], which: int) -> None:
        self.tools.set_color(which, color)

    @rule(cell=st.integers(0, 1))
    def choose_cell(self, cell: int) -> None:
        self.session.choose(cell, (0, 1))

    @rule(
        name=st.sampled_from(
            ["add", "duplicate", "remove", "merge_down", "flatten", "raise_layer", "lower_layer"]
        )
    )
    def change_layers(self, name: str) -> None:
        before, why = self.index, self.layers.problems().get(name)
        getattr(self.layers, name)()
        assert not why or self.index == before
        self.done(before)

    @rule(n=st.integers(0, 3), what=st.sampled_from(["show", "lock", "let_generate"]))
    def change_layer(self, n: int, what: str) -> None:
        before, n = self.index, min(n, len(self.layers.layers) - 1)
        layer = self.layers.layers[n]
        if what == "show":
            self.layers.show(n, visible=not layer.visible)
        elif what == "lock":
            self.layers.lock(n, locked=not layer.locked)
        else:
            self.layers.let_generate(n)
        self.done(before)

    @rule(opacity=st.sampled_from([0, 100, 255]))
    def set_opacity(self, opacity: int) -> None:
        before = self.index
        self.layers.set_opacity(self.layers.current, opacity)
        self.done(before, may_merge=True)

    @rule(n=st.integers(0, 3))
    def choose_layer(self, n: int) -> None:
        self.layers.choose(n)

    @rule(dx=st.integers(-1, 1), dy=st.integers(-1, 1))
    def nudge(self, dx: int, dy: int) -> None:
        before = self.index
        self.tools.nudge(dx, dy)
        self.done(before, may_merge=True)

    @rule(name=st.sampled_from(["copy", "cut", "paste", "clear", "outline", "select_all"]))
    def act(self, name: str) -> None:
        before = self.index
        getattr(self.tools, name)()
        self.done(before)

    @rule(how=st.sampled_from(["flip_horizontal", "flip_vertical", "turn_left", "turn_right"]))
    def turn(self, how: Transform) -> None:
        before = self.index
        self.tools.turn(how)
        self.done(before)

    @rule()
    def select_none(self) -> None:
        self.tools.select_none()

    @precondition(lambda self: self.project.history.can_undo)
    @rule()
    def undo(self) -> None:
        self.project.history.undo()

    @precondition(lambda self: self.project.history.can_redo)
    @rule()
    def redo(self) -> None:
        self.project.history.redo()

    @invariant()
    def shows_the_state_of_its_step(self) -> None:
        if hasattr(self, "project"):
            assert len(self.states) == len(self.project.history) + 1
            assert self.project.snapshot() == self.states[self.index]

    @invariant()
    def draws_on_a_layer_that_is_there(self) -> None:
        if hasattr(self, "project"):
            cell = self.project.cell(self.session.current)
            assert self.tools.layer < len(cell.stack)
            assert sum(layer.generated for layer in cell.stack) == 1
            assert cell.pixels == composite(cell.stack) or not cell.layers

    def teardown(self) -> None:
        if not hasattr(self, "project"):
            return
        while self.project.history.can_undo:
            self.project.history.undo()
            assert self.project.snapshot() == self.states[self.index]


@pytest.mark.usefixtures("qapp")
class TestGestures(Gestures.TestCase):
    settings = settings(
        max_examples=300,
        stateful_step_count=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    )
