"""Runs lessons in a window: panel, steps, ring and hidden controls."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell import lessons
from sprite_lab.app.shell.lesson_run import LOOK_MS, LessonRun
from sprite_lab.app.shell.lessons import Lesson
from sprite_lab.ui.shell.file_actions import FileActions
from sprite_lab.ui.shell.navigator import Navigator
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.tutorials.controls import find, name_of
from sprite_lab.ui.tutorials.hiding import Hiding
from sprite_lab.ui.tutorials.panel import LessonPanel
from sprite_lab.ui.tutorials.ring import Ring
from sprite_lab.ui.tutorials.ui_driver import WindowDriver


class LessonController(QObject):
    """The lessons of a window. UI thread.

    Signals
    -------
    opened_changed : whether to show ``panel``, in place of the library.
    """

    opened_changed = Signal(bool)

    def __init__(
        self,
        lab: Lab,
        theme: ThemeManager,
        navigator: Navigator,
        files: FileActions,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._lab, self._navigator, self._window = lab, navigator, window
        self.panel = LessonPanel(lab, theme)
        self.run: LessonRun | None = None
        self._opened = False
        self._asked = False  # whether the list was requested
        self._driver = WindowDriver(navigator, window)
        self._hiding = Hiding(window)
        self._ring = Ring(lab.settings, theme, window)
        self._marked = ""
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._keep_up)
        panel = self.panel
        panel.lesson_wanted.connect(self.start)
        panel.file_wanted.connect(files.open_lesson)
        panel.back_wanted.connect(lambda: self.run and self.run.back())
        panel.forward_wanted.connect(lambda: self.run and self.run.forward())
        panel.list_wanted.connect(self.show_list)
        panel.closed.connect(self.close)

    @property
    def opened(self) -> bool:
        """Whether the panel is shown."""
        return self._opened

    def toggle(self, wanted: bool) -> None:
        """Show the list of lessons, or close the panel."""
        if wanted != self._opened:
            self.show_list() if wanted else self.close()

    def show_list(self) -> None:
        """Show the list of lessons; ends the current lesson."""
        after = self.run.lesson if self.run else None
        self._end()
        if not self._asked:
            self._asked = True
            self._lab.do(
                lessons.read_shipped(),
                self,
                name="Reading the lessons",
                then=self.panel.set_lessons,
            )
        self.panel.show_list(after)
        self._set_opened(True)
        self.panel.list.setFocus()

    def open_file(self, path: Path) -> None:
        """Start a lesson from a file."""
        self._lab.do(
            lessons.read_lesson(path),
            self,
            name=f"Reading {path.name}",
            then=self.start,
            newest="lesson",
        )

    def start(self, lesson: Lesson) -> None:
        """Start a lesson; ends the current one."""
        self._end()
        self.run = run = LessonRun(self._lab, self._driver, lesson, self)
        self._set_opened(True)
        self._hiding.hide(lesson.hide)
        run.changed.connect(self._show)
        run.ended.connect(self._on_ended)
        self._timer.start()
        run.start()

    def close(self) -> None:
        """End the current lesson and close the panel."""
        self._end()
        self._set_opened(False)

    def tell_name(self) -> None:
        """Show and copy the name by which lessons call the control under the pointer."""
        name = name_of(QApplication.widgetAt(QCursor.pos()))
        if name:
            QApplication.clipboard().setText(name)
            self._lab.notice.emit(f"This is “{name}” (copied).")
        else:
            self._lab.notice.emit("Point at a control of the window first.")

    # -- a lesson that is taken ------------------------------------------------------------

    def _show(self) -> None:
        if self.run is not None:
            self.panel.show_step(self.run)
            self._keep_up()

    def _keep_up(self) -> None:
        """Hide and mark the controls that exist now: they come and go with pages."""
        run = self.run
        if run is None:
            return
        self._hiding.hide(run.lesson.hide)
        name = run.step.highlight if run.ready and not run.done else ""
        target = find(self._window, name) if name else None
        if target is not None and target is not self._ring.target:
            self._navigator.reveal(target)
        self._ring.set_target(target)

    def _on_ended(self) -> None:
        if self.run is not None:
            self.show_list()

    def _end(self) -> None:
        run, self.run = self.run, None
        self._timer.stop()
        self._ring.set_target(None)
        self._hiding.restore()
        if run is not None:
            run.end()
            run.deleteLater()

    def _set_opened(self, opened: bool) -> None:
        if opened != self._opened:
            self._opened = opened
            self.opened_changed.emit(opened)
