"""Offers the report of a crash at the next start."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPlainTextEdit, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.log import report
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.theme import fixed_font
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.words import tr


class CrashWindow(QDialog):
    """The report of a crash, to copy; it is sent nowhere. ``crash``: content of the crash file."""

    def __init__(self, lab: Lab, crash: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._lab = lab
        self.setObjectName("crash")
        self.setWindowTitle(tr("Sprite Lab quit unexpectedly"))
        self.text = named(QPlainTextEdit(), "crash.text", tr("Report"))
        self.text.setReadOnly(True)
        self.text.setFont(fixed_font())
        self.text.setPlainText(report(crash))
        tip = tr("Copy all of this as text, for a bug report")
        copy = push_button("crash.copy", tr("Copy report"), "copy", tip, do=self._copy)
        close = push_button("crash.close", tr("Close"), tip=tr("Close this (Esc)"), do=self.accept)
        about = tr(
            "Your drawings and training runs were saved shortly before it quit. This report says "
            "where it happened and helps the developers find the fault. It has not been sent to "
            "anyone."
        )
        vbox(
            heading(tr("Sprite Lab quit unexpectedly last time")),
            dim_label(about),
            (self.text, 1),
            hbox(copy, ..., close),
            on=self,
            spacing=12,
            margins=(16, 16, 16, 12),
        )
        self.resize(640, 420)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self._lab.notice.emit(tr("The report is on the clipboard."))
