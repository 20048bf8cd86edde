"""Progress of a run, and the button that cancels it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.widgets.fields.buttons import hand_focus, push_button
from sprite_lab.ui.widgets.fields.elided import ElidedLabel
from sprite_lab.ui.widgets.fields.progress_bar import ProgressBar
from sprite_lab.words import tr, with_marks, within


class BusyRow(QWidget):
    """Progress and Cancel, shown while something runs.

    ``doing``: default text on what is running; ``in_percent``: also show the percentage done;
    ``stop``: a button before Cancel.
    """

    canceled = Signal()  #: Cancel was pressed

    def __init__(
        self,
        *,
        name: str,
        doing: str,
        tip: str = "",
        in_percent: bool = True,
        stop: QWidget | None = None,
    ) -> None:
        super().__init__()
        self._doing, self._in_percent = doing, in_percent
        tip = tip or tr("Cancel and discard the results (Esc)")
        self._cancel = push_button(f"{name}.cancel", tr("Cancel"), "close", tip, do=self.canceled)
        label = tr("Progress of {doing}", doing=within(doing))
        self._bar = ProgressBar(f"{name}.progress", label)
        self._text = ElidedLabel(name=f"{name}.progress_text")
        buttons = (self._cancel,) if stop is None else (stop, self._cancel)
        hbox((vbox(self._text, self._bar, spacing=4), 1), *buttons, on=self)

    def take_focus_of(self, button: QWidget) -> None:
        """Take the focus of the pressed button, before replacing it."""
        hand_focus(button, self._cancel)

    @property
    def has_focus(self) -> bool:
        return self._cancel.hasFocus()

    def set_running(self, running: bool) -> None:
        self.setVisible(running)
        if running:
            self.show_progress(0, 0, tr("Starting"))

    def show_progress(self, done: int, total: int, text: str) -> None:
        """Show the progress; ``total`` 0 = unknown."""
        self._bar.show_progress(done, total)
        share = with_marks(f", {100 * done // total}%") if total else "…"
        self._text.setText((text or self._doing) + (share if self._in_percent else ""))
