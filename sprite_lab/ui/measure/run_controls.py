"""Measure, Stop and progress of a measurement; only one runs at a time."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from sprite_lab.jobs import JobHandle
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.widgets.fields.buttons import hand_focus, push_button
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.ui.widgets.fields.progress_bar import ProgressBar
from sprite_lab.words import tr


class RunControls(QWidget):
    """Start, Stop and progress of a measurement."""

    running_changed = Signal(bool)  #: a measurement started or ended

    def __init__(self, *, name: str, stop_tip: str) -> None:
        super().__init__()
        self._handle: JobHandle | None = None
        self._watched = True
        self.start = push_button(f"{name}.start", tr("Measure"), "measure", primary=True)
        self._stop = push_button(f"{name}.stop", tr("Stop"), "stop", stop_tip, do=self.stop)
        self._progress = ProgressBar(f"{name}.progress", tr("Progress of the measurement"))
        vbox(self._progress, self.start, self._stop, on=self)
        self._show()

    @property
    def running(self) -> bool:
        return self._handle is not None

    def follow(self, handle: JobHandle) -> None:
        """Show the progress of a measurement until it ends."""
        self._handle = handle
        handle.set_background(not self._watched)
        handle.progressed.connect(self._progress.show_progress)
        handle.ended.connect(self._on_ended)
        self._show()

    def set_watched(self, watched: bool) -> None:
        """Set whether the page is shown. While hidden, a measurement does not delay training."""
        self._watched = watched
        if self._handle is not None:
            self._handle.set_background(not watched)

    def stop(self) -> None:
        """End the measurement and keep the results so far."""
        if self._handle is not None:
            self._handle.stop()

    def cancel(self) -> None:
        """End the measurement and discard it."""
        if self._handle is not None:
            self._handle.cancel()

    def set_possible(self, possible: bool) -> None:
        """Set whether there are sprites to measure, and a model to measure them with."""
        allow(self.start, "" if possible else tr("See the page for what is missing."), "")

    def _on_ended(self, *_: object) -> None:
        if self._handle is not None and not self._handle.active:
            self._handle = None
            self._show()

    def _show(self) -> None:
        going, coming = (self.start, self._stop) if self.running else (self._stop, self.start)
        hand_focus(going, coming)
        going.hide()
        coming.show()
        self._progress.setVisible(self.running)
        if self.running:
            self._progress.show_progress(0, 0)
        self.running_changed.emit(self.running)
