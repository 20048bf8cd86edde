"""The base class of pages about sets of cells, which create, show, draw and export a set."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtWidgets import QWidget

from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.lab import Lab
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.cell_sets import with_set
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.draw.page import DrawPage
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import Part, as_widget, hbox, vbox
from sprite_lab.ui.widgets.fields.buttons import push_button, set_primary
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.words import tr


def row_of(*widgets: QWidget) -> QWidget:
    """A row that wraps if there is no room."""
    return as_widget(Flow(None, *widgets, spacing=8))


class SetPage(DrawPage):
    """A page about the current cell's set, or else about the first set of this ``kind``.

    Attributes
    ----------
    kind : the start of its sets' names; in lower case, the name in widgets, help and export.
    parts : the parts of a set, in order.
    hint : what to do, in one or two sentences.
    new_text : text of the button that adds a set.
    draw_text : text of the button that draws.
    cells : cells of the set shown, in the order of its parts; () = no set.
    """

    kind, hint, new_text, draw_text = "", "", "", ""
    parts: Sequence[str] = ()

    def __init__(self, lab: Lab, session: DrawSession, generation: CellGeneration) -> None:
        kind = self.kind
        name = f"draw.{kind.lower()}"
        super().__init__(name)
        self._lab, self._session, self._generation = lab, session, generation
        self._project = session.project
        self._previews: Mapping[int, NDArray[np.uint8]] = {}
        self.cells: tuple[int, ...] = ()
        self._heading = heading(tr(kind))
        help_button = HelpButton(lab, name.replace(".", "_"))
        self._new = push_button(
            f"{name}.new",
            self.new_text,
            "add",
            tr("Add the {count} cells of another one to the project", count=len(self.parts)),
            do=lambda: self.add_sets([self.like()]),
        )
        # in one widget, since the flow might break the row otherwise
        self._title = as_widget(hbox(self._back, self._heading, help_button, spacing=2))
        self._starts: tuple[QWidget, ...] = (self._new,)
        self._hint = dim_label(self.hint, name=f"{name}.hint")
        self._draw = push_button(f"{name}.draw", self.draw_text, "generate", primary=True)
        self._draw.clicked.connect(self.draw)
        tip = tr("As a sheet, with a file for your engine")
        self._export = push_button(f"{name}.export", tr("Export…"), tip=tip)
        self._export.clicked.connect(lambda: lab.exports.wanted.emit(kind.lower()))
        self._foot: tuple[QWidget, ...] = (self._export, self._draw)
        for changed in (
            self._project.cells_changed,
            self._project.grid_changed,
            session.choice_changed,
            generation.running_changed,
            lab.model.changed,
        ):
            changed.connect(self._refresh_if_seen)
        generation.previewed.connect(self._on_previews)

    def _lay_out(self, *middle: Part) -> None:
        head, foot = row_of(self._title, *self._starts), row_of(*self._foot)
        parts = head, self._hint, *middle, foot
        vbox(*parts, on=self, margins=(12, 8, 12, 12))

    # -- actions ----------------------------------------------------------------------------------

    def like(self) -> Mapping[str, Cell]:
        """Cells to start a new set with, by part; the other parts start blank."""
        return {}

    def add_sets(self, likes: Iterable[Mapping[str, Cell]]) -> None:
        """Add a set for each of ``likes`` while there is room; choose a cell of the first one."""
        sheet, names = self._project.snapshot(), []
        for like in likes:
            try:
                sheet, name = with_set(sheet, self.parts, tr(self.kind), like)
            except ConfigError as error:
                self._session.fail(str(error))
                break
            names.append(name)
        if names:
            self._session.make_room(sheet, self.new_text)
            first = f"{names[0]}/{self.parts[0]}"
            at = next(i for i, cell in enumerate(sheet.cells) if cell.part == first)
            self._session.choose_wanted.emit((at,))

    @abstractmethod
    def draw(self) -> None:
        """Draw the set."""

    def escape(self) -> None:
        if self._generation.running:
            self._generation.cancel()
        else:
            super().escape()

    @property
    def problem(self) -> str:
        """Why nothing can be drawn, or ""."""
        return self._session.problem

    # -- display ----------------------------------------------------------------------------------

    def _on_previews(self, previews: Mapping[int, NDArray[np.uint8]]) -> None:
        self._previews = previews
        self._refresh_if_seen()

    def refresh(self) -> None:
        self.cells = self._session.set_cells(self.parts)
        there = bool(self.cells)
        set_primary(self._new, not there)  # the only thing to do here
        set_primary(self._draw, there)
        self._heading.setText(self._name if there else tr(self.kind))
        problem = self.problem
        if not there:
            problem = tr("There is none yet: {new}.", new=self.new_text)
        busy = tr("It is being drawn; Esc cancels that.") if self._generation.running else ""
        allow(self._draw, problem or busy, self.draw_text)
        allow(self._export, "" if there else problem)

    @property
    def _name(self) -> str:
        return self._project.cell(self.cells[0]).set_name

    def pictures(self) -> NDArray[np.uint8]:
        """The cells of the set, or previews while they are being drawn: uint8 (N, H, W, 4)."""
        project = self._project
        return np.stack([self._previews.get(i, project.cell(i).rgba) for i in self.cells])
