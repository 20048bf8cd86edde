"""The export window: pages, with progress and buttons below."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton, QStackedWidget, QWidget

from sprite_lab.app.files.exports import SUBJECTS, export_notice, files_of
from sprite_lab.app.lab import Lab
from sprite_lab.core.records import Outcome
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.exporting.pages import AnimationPage, ExportPage, SpritesPage, WebExportPage
from sprite_lab.ui.first_sizes import set_first_size
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.shell.dialogs import in_order, open_folder
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.inspector import separator
from sprite_lab.ui.widgets.fields.progress_bar import ProgressBar
from sprite_lab.ui.widgets.keys import ENTER
from sprite_lab.words import tr

#: Kind of each subject, by name, and page of each kind.
_KINDS = {subject.name: subject.kind for subject in SUBJECTS}
_PAGES: dict[str, type[AnimationPage | SpritesPage | WebExportPage]] = {
    "animation": AnimationPage,
    "sprites": SpritesPage,
    "web": WebExportPage,
}


class ExportWindow(QDialog):
    """The export window. Esc closes it, and a running export continues."""

    def __init__(self, lab: Lab, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("export")
        self.setWindowTitle(tr("Export"))
        self._lab = lab
        self._handle: JobHandle | None = None
        self._typed: QLineEdit | None = None  # field whose text is not committed yet
        self._built: dict[str, ExportPage] = {}
        self.tabs = Segmented(
            "export.page",
            tr("Kind of export"),
            Option(
                "animation", tr("Animation"), "play", tr("GIF, animated PNG and WebP, and video")
            ),
            Option("sprites", tr("Sprites"), "grid", tr("Single pictures, or a sheet")),
            Option("web", tr("Web page"), "web", tr("The model on a web page, for any browser")),
        )
        self._stack = QStackedWidget()
        self._state = HintLabel(name="export.state")
        self._folder = Path()  # folder of the last export
        self._show_folder = push_button("export.show_folder", tr("Show in folder"), "folder")
        label = tr("Progress of the export")
        self._bar = ProgressBar("export.progress", label, width=160, percent=False)
        self._cancel = push_button(
            "export.cancel", tr("Cancel"), tip=tr("Discard what is being written")
        )
        self._close = push_button("export.close", tr("Close"), tip=tr("Export in progress (Esc)"))
        self._go = push_button("export.go", tr("Export…"), "export", primary=True)
        self._go.setAutoDefault(True)
        self._lay_out()
        self._show_running(False)

        self.tabs.changed.connect(lambda name: self.show_page(name))
        self._go.clicked.connect(lambda: self.page.export())
        self._cancel.clicked.connect(self._call_off)
        self._show_folder.clicked.connect(lambda: open_folder(self._folder, self._lab.notice))
        self._close.clicked.connect(self.close)

    def _lay_out(self) -> None:
        head = hbox(self.tabs, ..., spacing=-1, margins=(16, 12, 16, 12))
        buttons = self._show_folder, self._cancel, *in_order(self._go, self._close)
        foot = hbox((self._state, 1), self._bar, *buttons, margins=(16, 12, 16, 12))
        vbox(head, separator(), (self._stack, 1), separator(), foot, on=self, spacing=0)
        set_first_size(self, 1040, 720)

    # -- pages -----------------------------------------------------------------------------------

    @property
    def page(self) -> ExportPage:
        return self._page(self.tabs.value)

    def _page(self, name: str) -> ExportPage:
        page = self._built.get(name)
        if page is None:
            page = self._built[name] = _PAGES[name](self._lab)
            self._stack.addWidget(page)
            page.changed.connect(self._show_state)
            for line in page.findChildren(QLineEdit):
                line.textEdited.connect(partial(self._on_typed, line))
            page.started.connect(self._follow)
        return page

    def show_page(self, name: str) -> None:
        page = self._page(name)
        self.tabs.set_value(name)
        focus = self.focusWidget()
        inside = focus is not None and self._stack.isAncestorOf(focus)
        self._stack.setCurrentWidget(page)
        if inside:
            self.focus_first()  # otherwise the heading of its first group would get the focus
        if self._handle is None:
            self._say("")  # the text was about the previous page
            self._show_folder.hide()
        page.refresh()
        self._show_state()

    def show_subject(self, name: str) -> None:
        """Show the page of a subject, and choose it there; "" = any subject of the current page."""
        self.show_page(_KINDS.get(name, self.tabs.value))
        self.page.show_subject(name)

    def focus_first(self) -> None:
        (self.page.focusProxy() or self._go).setFocus()

    def prefer(self, name: str) -> None:
        """Choose a subject on its page, without showing the page."""
        self._page(_KINDS[name]).show_subject(name)

    def set_speed(self, fps: int) -> None:
        """Play animations at the speed at which they were last viewed."""
        page = self._page("animation")
        assert isinstance(page, AnimationPage)
        page.fields.set_speed(fps)

    def _show_state(self) -> None:
        running = self._handle is not None
        why = tr("The last export is still in progress.") if running else self.page.problem
        allow(self._go, why, tr("Choose where to export, then write the file (Enter)"))

    # -- exporting --------------------------------------------------------------------------------

    def _follow(self, handle: JobHandle) -> None:
        self._handle = handle
        handle.progressed.connect(self._bar.show_progress)
        handle.ended.connect(self._on_ended)
        self._bar.show_progress(0, 0)
        self._say(f"{handle.name}…")
        self._show_folder.hide()
        self._show_running(True)

    def _on_ended(self, outcome: Outcome) -> None:
        if self.sender() is not self._handle:
            return
        self._handle = None
        if outcome.kind == "completed":
            files = files_of(outcome.result)
            self._folder = files[0].parent
            self._say(told := export_notice(files))
            if not self.isVisible():
                self._lab.notice.emit(told)
        else:
            canceled = tr("The export was canceled; nothing was written.")
            self._say(outcome.error or canceled, bad=bool(outcome.error))
        self._show_folder.setVisible(outcome.kind == "completed")
        self._show_running(False)

    def _say(self, text: str, *, bad: bool = False) -> None:
        self._state.setText(text)
        self._state.setProperty("bad", bad)
        self._state.style().polish(self._state)

    def _call_off(self) -> None:
        if self._handle is not None:
            self._handle.cancel()

    def _show_running(self, running: bool) -> None:
        focus = self.focusWidget()
        if self._built:
            self._show_state()
        self._bar.setVisible(running)
        self._cancel.show()  # since hidden widgets cannot get the focus
        if focus in (self._go, self._cancel):
            (self._cancel if running else self._go).setFocus()
        self._cancel.setVisible(running)

    def changeEvent(self, event: QEvent) -> None:
        # The user may have made or chosen something in the other window.
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow() and self._built:
            self.page.refresh()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in ENTER:
            super().keyPressEvent(event)
            return
        focus, typed, self._typed = self.focusWidget(), self._typed, None
        if isinstance(focus, QPushButton):
            focus.click()
        elif typed is None or focus not in (typed, typed.parentWidget()):
            self._go.click()  # otherwise Enter commits the typed text

    def _on_typed(self, line: QLineEdit, _text: str) -> None:
        self._typed = line
