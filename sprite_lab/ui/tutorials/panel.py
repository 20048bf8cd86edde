"""The panel that shows a lesson or the list of lessons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QStackedWidget,
    QWidget,
)

from sprite_lab.app.shell.lesson_run import LessonRun
from sprite_lab.app.shell.lessons import Lesson
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.text import Label, RichView, plain
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button, theme_icon
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.ui.widgets.fields.links import open_link
from sprite_lab.ui.widgets.fields.markdown import show_markdown

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

_WIDTH = 304


class LessonPanel(QWidget):
    """The list ``lesson.list`` or a lesson: ``lesson.text``, ``lesson.state``, ``lesson.back``,
    ``lesson.skip``, ``lesson.next``, ``lesson.progress``, ``lesson.close``, ``lesson.all``.

    Signals
    -------
    lesson_wanted : a Lesson of the list.
    file_wanted : the user wants to choose a lesson file.
    back_wanted, forward_wanted : go to the previous or next step.
    list_wanted : end the lesson and show the list.
    closed : the panel should close.
    """

    lesson_wanted = Signal(object)
    file_wanted = Signal()
    back_wanted = Signal()
    forward_wanted = Signal()
    list_wanted = Signal()
    closed = Signal()

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        super().__init__()
        self.setObjectName("lesson")
        self.setAccessibleName("Lesson")
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(224)
        self._theme = theme
        self._text_shown = ""
        self._all = IconButton(theme, "back", "All lessons", name="lesson.all")
        self._title = heading("Lessons")
        self._title.setWordWrap(True)
        close = IconButton(theme, "close", "Close the lessons", name="lesson.close")
        head = hbox(self._all, (self._title, 1), spacing=4)
        head.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_list(theme))
        self._stack.addWidget(self._make_step(theme))
        vbox(head, (self._stack, 1), on=self, margins=(8, 8, 8, 8))
        self._all.clicked.connect(self.list_wanted)
        close.clicked.connect(self.closed)
        self.text.anchorClicked.connect(lambda url: open_link(url, lab, theme, self.window()))
        theme.changed.connect(self._paint_text)
        self.show_list()

    def _make_list(self, theme: ThemeManager) -> QWidget:
        page = QWidget()
        self.list = named(QListWidget(), "lesson.list", "Lessons")
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(2)
        file = push_button(
            theme,
            "Open lesson…",
            name="lesson.open",
            icon_name="open",
            tip="Open a lesson that somebody has written",
        )
        vbox(
            dim_label("A click opens one. Each takes a few minutes."), (self.list, 1), file, on=page
        )
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        file.clicked.connect(self.file_wanted)
        return page

    def _make_step(self, theme: ThemeManager) -> QWidget:
        page = QWidget()
        self._where = dim_label(name="lesson.where", wrap=False)
        self._progress = named(QProgressBar(), "lesson.progress", "Progress of the lesson")
        self.text = named(RichView(), "lesson.text", "What to do")
        self.text.setProperty("bare", True)
        self.text.document().setDocumentMargin(0)
        self._state = named(Label(), "lesson.state")
        self._state.setWordWrap(True)
        self._back = IconButton(theme, "step-back", "The step before", name="lesson.back")
        self._skip = push_button(theme, "Skip", name="lesson.skip", tip="Go on without doing it")
        self._skip.setProperty("flat", True)
        self._next = push_button(theme, "Next", name="lesson.next", primary=True)
        foot = hbox(self._back, ..., self._skip, self._next)
        vbox(
            self._where,
            self._progress,
            (self.text, 1),
            self._state,
            foot,
            on=page,
            margins=(4, 0, 4, 0),
        )
        self._back.clicked.connect(self.back_wanted)
        self._skip.clicked.connect(self.forward_wanted)
        self._next.clicked.connect(self.forward_wanted)
        return page

    def sizeHint(self) -> QSize:
        return QSize(_WIDTH, 400)

    # -- the list --------------------------------------------------------------------------

    def set_lessons(self, lessons: tuple[Lesson, ...]) -> None:
        """Fill the list."""
        self.list.clear()
        for number, lesson in enumerate(lessons, 1):
            item = QListWidgetItem(f"{number}.  {lesson.title}\n{lesson.minutes} min")
            item.setData(Qt.ItemDataRole.UserRole, lesson)
            item.setToolTip(plain(lesson.summary))
            self.list.addItem(item)

    def show_list(self, after: Lesson | None = None) -> None:
        """Show the list; ``after``: the last lesson taken; the one after it is marked."""
        self._title.setText("Lessons")
        self._all.hide()
        self._stack.setCurrentIndex(0)
        for row in range(self.list.count()):
            item = self.list.item(row)
            if after is not None and item is not None and item.data(_LESSON) is after:
                self.list.setCurrentRow(min(row + 1, self.list.count() - 1))

    def _choose(self, item: QListWidgetItem) -> None:
        self.lesson_wanted.emit(item.data(_LESSON))

    # -- a lesson --------------------------------------------------------------------------

    def show_step(self, run: LessonRun) -> None:
        """Show the current step of a lesson."""
        lesson, step = run.lesson, run.step
        waits = bool(step.check) and not run.done
        self._title.setText(lesson.title)
        self._all.show()
        self._stack.setCurrentIndex(1)
        self._where.setText(f"Step {run.index + 1} of {len(lesson.steps)}")
        self._progress.setRange(0, len(lesson.steps))
        self._progress.setValue(run.index + 1)
        if step.text != self._text_shown:
            self._text_shown = step.text
            self._paint_text()
            self.text.verticalScrollBar().setValue(0)
        if not run.ready:
            state, kind = "Getting things ready…", "dim"
        elif not step.check:
            state, kind = "", "dim"
        else:
            state, kind = ("Done.", "good") if run.done else ("Your turn.", "dim")
        self._state.setText(state)
        for name in ("dim", "good"):
            self._state.setProperty(name, name == kind)
        self._state.style().polish(self._state)
        self._back.setEnabled(run.index > 0)
        self._skip.setVisible(waits)
        self._next.setEnabled(not waits)
        self._next.setText("Finish" if run.is_last else "Next")
        self._next.setAccessibleName(self._next.text())
        tip = "Do what the step asks first, or skip it" if waits else ""
        self._next.setToolTip(plain(tip))
        theme_icon(self._next, self._theme, "check" if run.is_last else "step", "accent_text")

    def _paint_text(self, *_: object) -> None:
        show_markdown(self.text, self._text_shown, self._theme.theme)


_LESSON = Qt.ItemDataRole.UserRole
