"""All lanes of a race, one below the other, at one noise level."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from sprite_lab.app.words import run_title
from sprite_lab.core.race import adds_noise, distance
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.workspaces.see.frames import ViewName, frame_pixels
from sprite_lab.ui.workspaces.see.race_lane import LaneRow, header
from sprite_lab.ui.workspaces.see.race_run import Entry, RaceRun


class LaneList(QScrollArea):
    """Shows what a :class:`RaceRun` holds.

    Signals
    -------
    chosen, opened : Entry and index of a sprite that was clicked, or double clicked.
    """

    chosen = Signal(object, int)
    opened = Signal(object, int)

    def __init__(self, theme: ThemeManager, run: RaceRun) -> None:
        super().__init__()
        self._theme, self._run = theme, run
        self._rows: list[LaneRow] = []
        self._count = 0
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        content = QWidget()
        content.setObjectName("scrolled")
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self.setWidget(content)
        run.progressed.connect(self._on_progress)
        run.previewed.connect(self._on_preview)

    def refresh(self) -> None:
        """Show other lanes, and what is known of each."""
        entries = [*self._run.entries, *self._run.references]
        if [row.entry for row in self._rows] != entries or self._count != self._run.base.count:
            self._make_rows(entries)
        for row in self._rows:
            self._show_facts(row)

    def show_level(self, log_snr: float, view: ViewName, chosen: tuple[Entry, int] | None) -> None:
        """Show every lane where it is at a noise level, and a ring round the chosen sprite."""
        for row in self._rows:
            lane = self._run.lane(row.entry)
            if lane is not None:
                row.show_pixels(frame_pixels(lane.trajectory, lane.frame_at(log_snr), view))
                row.mark(chosen[1] if chosen and chosen[0] == row.entry else -1)

    def _make_rows(self, entries: list[Entry]) -> None:
        holder = self.focusWidget() or self
        focused = next((row.entry for row in self._rows if row.isAncestorOf(holder)), None)
        while self._column.count():
            item = self._column.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._rows, self._count = [], self._run.base.count
        self._column.addWidget(header())
        last = len(self._run.entries) - 1
        for i, entry in enumerate(entries):
            row = LaneRow(self._theme, entry, i, self._count)
            row.set_ends(i == 0, i == last)
            row.chosen.connect(lambda sprite, entry=entry: self.chosen.emit(entry, sprite))
            row.opened.connect(lambda sprite, entry=entry: self.opened.emit(entry, sprite))
            row.moved.connect(lambda by, entry=entry: self._run.move(entry, by))
            row.removed.connect(lambda entry=entry: self._run.remove(entry))
            self._column.addWidget(row, 1)
            row.show()  # now, and not with the next turn of the event loop
            self._rows.append(row)
            if entry == focused:
                row.grid.setFocus()
        self._column.addStretch(0)

    def _show_facts(self, row: LaneRow) -> None:
        run, entry = self._run, row.entry
        racer = run.racers.get(entry.ref)
        row.set_model(run_title(racer.model.title) if racer is not None else "")
        row.set_note(
            "Draws fresh noise" if adds_noise(run.config(entry)) else "",
            "It draws fresh noise on the way: another sprite than the reference's is no error.",
        )
        found, lane = run.result(entry), run.lane(entry)
        if lane is None:
            row.show_waiting(found if isinstance(found, str) else "")
            return
        away, tip = "", ""
        if not entry.is_reference:
            reference = run.reference_of(entry)
            exact = None if reference is None else run.lane(reference)
            if reference is None:
                away, tip = "–", "The model that it is a student of is not here."
            elif exact is None:
                away, tip = "…", "It is known once the reference is drawn."
            else:
                each = distance(lane.trajectory.x0[-1], exact.trajectory.x0[-1])
                away = f"{each.mean():.1f}"
                tip = "Each: " + ", ".join(f"{value:.1f}" for value in each)
        row.show_figures(f"{lane.evaluations:,.0f}", f"{lane.seconds:.2f}", away, tip)

    def _on_progress(self, entry: Entry, done: int, total: int) -> None:
        for row in self._rows:
            if row.entry == entry and self._run.lane(entry) is None:
                row.show_progress(done, total)

    def _on_preview(self, entry: Entry, images: Any) -> None:
        for row in self._rows:
            if row.entry == entry and len(images) == self._count:
                row.show_pixels(images)
