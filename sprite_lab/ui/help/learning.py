"""The Help menu, the user guide and the lessons of a window; each is built on first use."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from sprite_lab import extras
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell import desk
from sprite_lab.app.shell.desk import Student, read_shipped
from sprite_lab.formats.lessons import Lesson
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.shell.file_actions import FileActions
from sprite_lab.ui.shell.menus import Menus
from sprite_lab.ui.shell.navigator import Navigator
from sprite_lab.ui.text import words_of
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.words import tr

if TYPE_CHECKING:
    from sprite_lab.ui.help.guide import Guide
    from sprite_lab.ui.help.updates import UpdatesWindow
    from sprite_lab.ui.tutorials.controller import LessonController

# ruff: noqa: PLC0415 (a window that opens waits for neither)


class Learning(QObject):
    """Opens the user guide and the lessons, and handles the actions ``help.…``, except
    ``help.keys`` and ``help.fresh_desk``. UI thread.
    """

    opened_changed = Signal(bool)  #: whether to show ``room``, in place of the library

    def __init__(
        self, lab: Lab, navigator: Navigator, files: FileActions, menus: Menus, window: QWidget
    ) -> None:
        super().__init__(window)
        self._lab, self._window = lab, window
        self._navigator, self._files = navigator, files
        self._guide: Guide | None = None
        self._lessons: LessonController | None = None
        self._updates: UpdatesWindow | None = None
        self._check = menus.actions["help.updates"]
        self._check_tip = self._check.toolTip()
        self.room = QWidget()  #: the panel of the lessons; empty until the first use
        self._column = vbox(on=self.room, spacing=-1)
        lab.guide_wanted.connect(self._open_help)
        files.lesson_chosen.connect(lambda path: self.lessons.open_file(path))
        files.results_chosen.connect(self._open_class)
        for name, slot in {
            "help.guide": lambda: lab.guide_wanted.emit("guide", ""),
            "help.gpu": lambda: lab.guide_wanted.emit("gpu", ""),
            "help.teaching": lambda: lab.guide_wanted.emit("teaching", ""),
            "help.lessons": lambda on: self.lessons.toggle(on),
            "help.results": lambda: self.lessons.hand_in(),
            "help.control_name": lambda: self.lessons.tell_name(),
            "help.updates": self.check_for_updates,
            "help.about": self.show_about,
        }.items():
            menus.actions[name].triggered.connect(slot)
        menus.menus[tr("&Help")].aboutToShow.connect(self._refresh)

    @property
    def guide(self) -> Guide:
        """The user guide, in a window of its own."""
        if self._guide is None:
            from sprite_lab.ui.help.guide import Guide

            self._guide = Guide(self._lab, self._window)
        return self._guide

    @property
    def lessons(self) -> LessonController:
        """The lessons, in ``room``."""
        if self._lessons is None:
            from sprite_lab.ui.tutorials.controller import LessonController

            self._lessons = LessonController(self._lab, self._navigator, self._files, self._window)
            self._lessons.opened_changed.connect(self.opened_changed)
            self._column.addWidget(self._lessons.panel)
        return self._lessons

    @property
    def opened(self) -> bool:
        return self._lessons is not None and self._lessons.opened

    def check_for_updates(self, *_: object) -> None:
        """Ask whether there is a newer version, and show the answer."""
        from sprite_lab.ui.help.updates import UpdatesWindow

        if self._updates is None:
            self._updates = UpdatesWindow(self._lab, self._window)
        self._updates.ask()

    def show_about(self, *_: object) -> None:
        from sprite_lab.ui.help.about import AboutWindow

        AboutWindow(self._lab, self._window).open()

    def _refresh(self) -> None:
        allow(self._check, extras.missing("updates"), self._check_tip)
        self._check.setStatusTip(words_of(self._check.toolTip()))

    def close(self) -> None:
        """End the lesson, and close the guide, which would otherwise outlive the window."""
        if self._lessons is not None:
            self._lessons.close()
        if self._guide is not None:
            self._guide.close()

    def _open_help(self, page: str, chapter: str) -> None:
        self.guide.open_help(page, chapter)

    def _open_class(self, files: Sequence[Path]) -> None:
        from sprite_lab.ui.tutorials.class_window import ClassWindow

        def read(students: tuple[Student, ...]) -> None:
            def show(lessons: tuple[Lesson, ...]) -> None:
                ClassWindow(students, lessons, self._window).show()

            if students:
                self._lab.do(read_shipped(), self, then=show)

        self._lab.do(desk.open_class(files), self, then=read)
