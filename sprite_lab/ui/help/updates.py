"""The window that checks for updates; nothing checks before it is opened."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QGuiApplication, QHideEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QPlainTextEdit, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell import update_tasks
from sprite_lab.app.shell.update_tasks import Answer
from sprite_lab.core.records import Outcome
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.layouts import as_widget, fit_to_words, hbox, vbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.links import open_link
from sprite_lab.ui.widgets.fields.progress_bar import ProgressBar
from sprite_lab.words import tr

WIDTH = 520


class UpdatesWindow(QDialog):
    """Checks for a newer version, and shows the answer."""

    def __init__(self, lab: Lab, parent: QWidget) -> None:
        super().__init__(parent)
        self._lab = lab
        self._job: JobHandle | None = None
        self._address = update_tasks.PAGE
        self.setObjectName("updates")
        self.setWindowTitle(tr("Check for updates"))
        answer = Label(wrap=True, selectable=True, look="heading")
        self.answer = named(answer, "updates.answer")
        self._busy = ProgressBar("", tr("Checking"), percent=False)
        self._busy.show_progress(0, 0)
        self.news = self._text("updates.news", tr("What is new"), 220)
        self._how = dim_label(name="updates.how")
        tip = tr("Updates this installation; run it in a terminal")
        self.command = named(QLineEdit(), "updates.command", tr("Update command"), tip)
        self.command.setReadOnly(True)
        copy = IconButton("updates.copy", "copy", tr("Copy the command"), do=self._copy_command)
        self._command_row = as_widget(hbox((self.command, 1), copy, spacing=-1))
        self._fold = push_button(
            "updates.details", tr("Details"), "chevron-right", tr("Details of the error")
        )
        self._fold.setCheckable(True)
        self._fold.setProperty("flat", True)
        self._trace = self._text("updates.trace", tr("Details"), 120)
        self._sent = dim_label(
            tr("Sprite Lab never checks by itself, and sends nothing but its version number."),
            name="updates.sent",
        )
        self._page = push_button(
            "updates.page", tr("Open the release page"), tip=tr("In the browser"), primary=True
        )
        self._again = push_button("updates.again", tr("Check again"), tip=tr("Check once more"))
        self._cancel = push_button("updates.cancel", tr("Cancel"), tip=tr("Stop checking (Esc)"))
        self._close = push_button("updates.close", tr("Close"), tip=tr("Close this (Esc)"))
        last = hbox(self._fold, ..., self._page, self._again, self._cancel, self._close)
        parts = (self.answer, self._busy, self.news, self._how, self._command_row, self._trace)
        vbox(*parts, ..., self._sent, last, on=self, spacing=12, margins=(16, 16, 16, 12))
        self.setMinimumWidth(WIDTH)
        theme_manager().text_resized.connect(self._fit)
        self._fold.toggled.connect(self._show_trace)
        self._page.clicked.connect(lambda: open_link(QUrl(self._address), lab, self))
        self._again.clicked.connect(self.ask)
        self._cancel.clicked.connect(self.reject)
        self._close.clicked.connect(self.reject)

    def _text(self, name: str, label: str, height: int) -> QPlainTextEdit:
        text = named(QPlainTextEdit(), name, label)
        text.setReadOnly(True)
        text.setTabChangesFocus(True)
        text.setFixedHeight(height)
        return text

    def ask(self, *_: object) -> None:
        """Show the window and start checking, unless a check is running."""
        self.show()
        self.raise_()
        self.activateWindow()
        if self._job is not None and self._job.active:
            return
        self._show_answer(None)
        self._job = self._lab.do(update_tasks.check(), self, quiet=True)
        self._job.ended.connect(self._on_end)

    def hideEvent(self, event: QHideEvent) -> None:
        if self._job is not None and not event.spontaneous():
            self._job.cancel()
        super().hideEvent(event)

    def _on_end(self, outcome: Outcome) -> None:
        self._job = None
        if outcome.kind == "completed":
            self._show_answer(outcome.result)
        elif outcome.kind == "failed":
            self._show_answer(Answer("problem", outcome.error, details=outcome.details))
        elif self.isVisible():  # it was canceled, and requested again in the meantime
            self.ask()

    def _show_answer(self, answer: Answer | None) -> None:
        """Show the answer; None = still asking."""
        found = answer or Answer("current", tr("Checking for a newer version…"))
        update = found.update
        self._address = found.page
        self.answer.setText(found.sentence)
        self.news.setPlainText(found.news)
        self._trace.setPlainText(found.details)
        self._how.setText(update.update if update else "")
        self.command.setText(update.command if update else "")
        self.command.setCursorPosition(0)
        self._fold.setChecked(False)
        for widget, shown in (
            (self._busy, answer is None),
            (self.news, bool(found.news)),
            (self._how, update is not None),
            (self._command_row, update is not None and bool(update.command)),
            (self._fold, bool(found.details)),
            (self._trace, False),
            (self._page, answer is not None and answer.kind != "current"),
            (self._again, answer is not None and answer.kind == "problem"),
            (self._cancel, answer is None),
            (self._close, answer is not None),
        ):
            widget.setVisible(shown)
        (self._cancel if answer is None else self._close).setFocus()
        self._fit()

    def _show_trace(self, on: bool) -> None:
        self._trace.setVisible(on)
        self._fit()

    def _fit(self) -> None:
        fit_to_words(self, WIDTH)

    def _copy_command(self) -> None:
        QGuiApplication.clipboard().setText(self.command.text())
        self._lab.notice.emit(tr("The command is on the clipboard."))
