"""The panel that shows a lesson or the list of lessons."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QStyle,
    QWidget,
)

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell import desk
from sprite_lab.app.shell.class_table import question_of
from sprite_lab.app.shell.text_format import unbroken
from sprite_lab.formats.lessons import Lesson
from sprite_lab.formats.results import TakenLesson
from sprite_lab.ui.layouts import hbox, keep_place, vbox
from sprite_lab.ui.page import scrolling
from sprite_lab.ui.text import Html, Label, RichView, html, joined, tooltip
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.ui.tutorials.lesson_run import LessonRun
from sprite_lab.ui.tutorials.question import Question, marked_up
from sprite_lab.ui.widgets.fields.buttons import IconButton, hand_focus, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named, panel
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.ui.widgets.fields.links import open_link
from sprite_lab.ui.widgets.fields.markdown import fit_formulas, show_markdown
from sprite_lab.ui.widgets.fields.progress_bar import ProgressBar
from sprite_lab.ui.wrapped_items import WrappedItems
from sprite_lab.words import tr

#: How long a step takes until its height is right, in milliseconds.
_LAID_OUT_MS = 100


class LessonText(RichView):
    """A text with its full height, for a panel that scrolls as a whole."""

    def __init__(self) -> None:
        super().__init__()
        named(self, "lesson.text", tr("What to do"))
        self.setProperty("bare", True)
        self._fitted = 0.0, 0  # text size in points, and width, that the formulas were fitted to
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.document().setDocumentMargin(0)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)

    def _fit(self, *_: object) -> None:
        self.setFixedHeight(int(self.document().size().height()) + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        # Not if only a scroll bar appeared: refitting a formula may make the text higher, and then
        # that bar would come and go endlessly, each change causing the next.
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        points, width = self._fitted
        fits = width <= event.size().width() <= width + bar
        if self.document().defaultFont().pointSizeF() != points or not fits:
            self.fit()

    def fit(self) -> None:
        """Fit the formulas to the width."""
        self._fitted = self.document().defaultFont().pointSizeF(), self.viewport().width()
        fit_formulas(self.document())

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # the panel scrolls


class LessonPanel(QWidget):
    """The list of lessons, or a lesson."""

    lesson_wanted = Signal(object)  #: a Lesson of the list
    control_wanted = Signal(str)  #: name of a control that the user wants to see
    step_wanted = Signal(str)  #: a step of a lesson that ships with the app, as "05-guidance/7"
    question_wanted = Signal(int)  #: a question of the test in the summary, from 0

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        panel(self, "lesson", tr("Lesson"))
        self._lab = lab
        self._run: LessonRun | None = None
        self._shown: tuple[LessonRun, int] | None = None  # the step
        self._pictures = 0  # those taken for the results
        self._text_shown = ""
        self.all_lessons = IconButton("lesson.all", "back", tr("All lessons"))
        self._title = heading(tr("Lessons"), wrap=True)
        self.close_button = IconButton("lesson.close", "close", tr("Close the lessons"))
        top = Qt.AlignmentFlag.AlignTop
        head = hbox(self.all_lessons, (self._title, 1), (self.close_button, 0, top), spacing=4)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_list())
        self._stack.addWidget(self._make_step())
        self._stack.addWidget(self._make_summary())
        vbox(head, (self._stack, 1), on=self, margins=(8, 8, 8, 8))
        self.text.anchorClicked.connect(self._follow)
        theme_manager().changed.connect(self._paint_text)
        theme_manager().text_resized.connect(self._on_text_resized)
        self.show_list()

    def _make_list(self) -> QWidget:
        page = QWidget()
        self.list = named(QListWidget(), "lesson.list", tr("Lessons"))
        self.list.setWordWrap(True)
        WrappedItems(self.list)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setSpacing(1)
        self.open_file = push_button(
            "lesson.open", tr("Open lesson…"), "open", tr("Open a lesson from a file")
        )
        self.results = push_button("lesson.results", tr("Save results…"), "save")
        about = dim_label(tr("Click a lesson to open it. Each takes a few minutes."))
        vbox(about, (self.list, 1), self.open_file, self.results, on=page)
        self.list.itemClicked.connect(self._choose)
        self.list.itemActivated.connect(self._choose)
        return page

    def _make_step(self) -> QWidget:
        page = QWidget()
        tip = tr("Go back to where you followed the link")
        self.back_to_link = push_button("lesson.return", "", "back", tip)
        self._where = dim_label(name="lesson.where", wrap=False)
        self._scene = IconButton("lesson.scene", "undo", tr("Restore the scene of this step"))
        self.hint = IconButton("lesson.hint", "search", tr("Show me where"))
        tip = tr("Take a picture of the stage, for your results")
        self.camera = IconButton("lesson.picture", "camera", tip)
        self._progress = ProgressBar("lesson.progress", tr("Progress of the lesson"))
        self.text = LessonText()
        self.question = Question(after=self.text)
        self._reply = self._linking("lesson.reply")
        self._state = named(Label(wrap=True), "lesson.state")
        room = named(QWidget(), "scrolled")
        parts = self.text, self.question, self._reply
        vbox(*parts, ..., on=room, margins=(0, 0, 4, 0))
        self._room = scrolling(room)
        self._room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bar = self._room.verticalScrollBar()
        bar.valueChanged.connect(self._show_asked)
        bar.rangeChanged.connect(self._show_asked)
        bar.rangeChanged.connect(self._reveal_reply)  # only now are its words laid out
        self._back = IconButton("lesson.back", "step-back", tr("Previous step"))
        self._show = push_button("lesson.show", tr("Show me"), tip=tr("Do this step for me"))
        self._show.setProperty("flat", True)
        self._next = push_button("lesson.next", tr("Next"), primary=True)
        keep_place(self._show)
        # As high as its neighbors: "Finish" has another height at some text sizes.
        self._next.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)
        body = vbox(
            self.back_to_link,
            hbox(self._back, (self._where, 1), self.camera, self._scene, self.hint, spacing=2),
            self._progress,
            (self._room, 1),
            self._state,
            margins=(4, 0, 4, 0),
        )
        # Without gaps, as large Spanish words need all the room.
        foot = hbox(self._show, ..., self._next, spacing=0)
        vbox((body, 1), foot, on=page)
        for button, act in (
            (self._back, LessonRun.back),
            (self._show, LessonRun.show_me),
            (self._next, LessonRun.forward),
            (self._scene, LessonRun.back_to_scene),
        ):
            button.clicked.connect(lambda _=False, act=act: self._run and act(self._run))
        self.question.answered.connect(self._answer)
        return page

    def _make_summary(self) -> QWidget:
        page, room = QWidget(), named(QWidget(), "scrolled")
        self._marks = self._linking("lesson.lookup")
        vbox(self._marks, ..., on=room, margins=(0, 0, 4, 0))
        self._summary_room = scrolling(room)
        self._summary_room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        tip = tr("Forget these answers, and answer all questions again")
        self.again = push_button("lesson.again", tr("Answer again"), tip=tip)
        vbox((self._summary_room, 1), self.again, on=page, margins=(4, 0, 4, 0))
        return page

    def _linking(self, name: str) -> Label:
        """A label whose links are followed."""
        label = named(Label(wrap=True), name)
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse
            | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        label.linkActivated.connect(lambda link: self._follow(QUrl(link)))
        return label

    # -- the list --------------------------------------------------------------------------

    def set_lessons(self, lessons: tuple[Lesson, ...]) -> None:
        self.list.clear()
        number = 0
        for lesson in lessons:
            number += not lesson.test
            title = lesson.title if lesson.test else f"{number}.  {lesson.title}"
            item = QListWidgetItem()
            item.setData(_LESSON, lesson)
            item.setData(_TITLE, title)
            item.setToolTip(tooltip(lesson.summary))
            self.list.addItem(item)
            taken = lesson.taken(self._lab.settings.value.lessons)
            if taken.reached and not taken.done:
                self.list.setCurrentItem(item)
        self._show_progress()

    def _show_progress(self) -> None:
        for row in range(self.list.count()):
            item = self.list.item(row)
            item.setText(f"{item.data(_TITLE)}\n{self._progress_of(item.data(_LESSON))}")
        there = self._pictures or desk.lessons_of(self._lab.settings.value.lessons)
        why = "" if there else tr("There are no results yet. Take a lesson first.")
        allow(self.results, why, tr("Your answers and pictures as a file for your teacher"))

    def set_pictures(self, count: int) -> None:
        """Show the number of pictures taken for the results."""
        self._pictures = count
        self._show_progress()

    def _progress_of(self, lesson: Lesson) -> str:
        """The duration of a lesson, and the progress in it."""
        known = self._lab.settings.value.lessons
        taken = lesson.taken(known)
        if taken.done and lesson.test == "after":
            before = replace(lesson, test="before").taken(known)
            told = tr(", {right} before the lessons", right=before.right) if before.done else ""
            return tr(
                "{right} of {steps} right{told} ✓", right=taken.right, steps=taken.steps, told=told
            )
        if taken.done:
            return tr("{minutes} min · done ✓", minutes=lesson.minutes)
        next_ = tr(" · step {reached} is next", reached=taken.reached + 1) if taken.reached else ""
        return tr("{minutes} min{next}", minutes=lesson.minutes, next=next_)

    def show_list(self, after: Lesson | None = None) -> None:
        """Show the list; ``after``: that lesson, or the one after it if completed, is marked."""
        self._run, self._shown = None, None
        self._title.setText(tr("Lessons"))
        self.all_lessons.hide()
        self._stack.setCurrentIndex(0)
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item is not None and after is not None and item.data(_LESSON) is after:
                done = after.taken(self._lab.settings.value.lessons).done
                self.list.setCurrentRow(min(row + done, self.list.count() - 1))
        self._show_progress()

    def _choose(self, item: QListWidgetItem) -> None:
        self.lesson_wanted.emit(item.data(_LESSON))

    # -- a lesson --------------------------------------------------------------------------

    def show_summary(self, lesson: Lesson) -> None:
        """Show how the questions of a test were answered, and where to look up the wrong ones."""
        self._run, self._shown = None, None
        self._title.setText(lesson.title)
        self.all_lessons.show()
        self._stack.setCurrentIndex(2)
        self._marks.setText(_summary(lesson, lesson.taken(self._lab.settings.value.lessons)))

    @property
    def place(self) -> int:
        """The scroll position of the step or summary."""
        return self._scrolled.verticalScrollBar().value()

    def scroll_to(self, place: int) -> None:
        """Scroll the step or summary, once it is laid out."""
        bar = self._scrolled.verticalScrollBar()
        QTimer.singleShot(_LAID_OUT_MS, self, lambda: bar.setValue(place))

    @property
    def _scrolled(self) -> QScrollArea:
        return self._summary_room if self._stack.currentIndex() == 2 else self._room

    def set_return(self, lesson: Lesson | None) -> None:
        """Offer to go back to the lesson with the link that led here; None = there was none."""
        words = tr("Back to the review") if lesson and lesson.test else tr("Back to the lesson")
        self.back_to_link.setText(words)
        self.back_to_link.setAccessibleName(words)
        self.back_to_link.setVisible(lesson is not None)

    def show_step(self, run: LessonRun) -> None:
        self._run, lesson, step = run, run.lesson, run.step
        waits = step.waits and not run.done
        self._title.setText(lesson.title)
        self.all_lessons.show()
        self._stack.setCurrentIndex(1)
        self._show_place(run)
        self._progress.show_progress(run.index + 1, len(lesson.steps))
        if self._shown != (run, run.index):
            self._shown, self._text_shown = (run, run.index), step.text
            self._paint_text()
            self._room.verticalScrollBar().setValue(0)
            # Otherwise the focus would pass to whatever follows the button that was pressed.
            self.text.setFocus()
        open_ = run.ready and run.asks
        self.question.show_ask(
            step.ask, open_=open_, solved=run.is_solved, given=run.given_choice, wrong=run.wrong
        )
        erred = run.asks and bool(run.wrong)
        right = not run.asks and run.went_well and step.ask is not None
        erred = erred or (lesson.test == "after" and not run.asks and not right)
        mark = "✗ " if erred else "✓ " if right else ""
        reply = marked_up(mark + run.reply) if run.reply else ""
        replied = reply != self._reply.text()
        self._reply.setText(reply)
        self._reply.setVisible(bool(reply))
        if not run.ready:
            state, kind = tr("Getting things ready…"), "dim"
        elif not step.waits:
            state, kind = "", "dim"
        elif run.asks:
            state, kind = self._asked(), "dim"
        elif run.done and lesson.test == "before":
            state, kind = tr("Noted. The right answers come after the lessons."), "dim"
        elif run.done:
            state, kind = tr("Done."), "good"
        elif run.hint:
            state, kind = run.hint, ""
        else:
            state, kind = tr("Computing…") if run.works else tr("Your turn."), "dim"
        self._state.setText(state)
        _mark(self._state, kind)
        _mark(self._reply, "good" if right else "" if erred else "dim")
        allow(self._back, "" if run.index > 0 else tr("This is the first step."))
        allow(self.hint, _why_not_shown(run))
        self._next.setEnabled(run.may_pass)
        if not waits:
            hand_focus(self._show, self._next)
        self._show.setVisible(waits and not lesson.test)
        self._show.setEnabled(run.ready and not run.shows)
        self._next.setText(tr("Finish") if run.is_last else tr("Next"))
        self._next.setAccessibleName(self._next.text())
        why = tr("Answer the question first") if run.asks else tr("Do the step first")
        why += "" if lesson.test else tr(", or press Show me")
        self._next.setToolTip(tooltip("" if run.may_pass else why))
        if replied:
            QTimer.singleShot(0, self, self._reveal_reply)

    def _asked(self) -> str:
        """The text shown while a question is open, which mentions answers out of sight below."""
        room, last = self._room.viewport(), self.question.rect().bottomLeft()
        if self.question.mapTo(room, last).y() <= room.height():
            return tr("What do you think?")
        return tr("▾ More answers below") if self.question.has_choices else tr("▾ Answer below")

    def _show_asked(self, *_: int) -> None:
        if self._run is not None and self._run.ready and self._run.asks:
            self._state.setText(self._asked())

    def _reveal_reply(self, *_: int) -> None:
        if self._reply.isVisible():
            self._room.ensureWidgetVisible(self._reply)

    def _show_place(self, run: LessonRun) -> None:
        """Show the number of the step; with large text without words, which would be cut off."""
        index, count = run.index + 1, len(run.lesson.steps)
        words = tr("Step {index} of {count}", index=index, count=count)
        self._where.setText(f"{index}/{count}" if theme_manager().text_is_large else words)
        self._where.setAccessibleName(words)
        self._where.setToolTip(tooltip(words))

    def _on_text_resized(self) -> None:
        """Keep the reply in sight, once it is laid out."""
        if self._run is not None:
            self._show_place(self._run)
        QTimer.singleShot(_LAID_OUT_MS, self, self._reveal_reply)

    def focus_next(self) -> None:
        """Give Next the focus, if it can have it."""
        if self._next.isEnabled():
            self._next.setFocus()

    def _answer(self, given: float | None) -> None:
        if self._run is not None:
            self._run.answer(given)

    def _follow(self, url: QUrl) -> None:
        if url.scheme() == "control":
            self.control_wanted.emit(url.path())
        elif url.scheme() == "step":
            self.step_wanted.emit(url.path())
        elif url.scheme() == "question" and url.path().isdecimal():
            self.question_wanted.emit(int(url.path()))
        else:
            open_link(url, self._lab, self.window())

    def _paint_text(self, *_: object) -> None:
        show_markdown(self.text, unbroken(self._text_shown), current_theme())
        self.text.fit()


def _why_not_shown(run: LessonRun) -> str:
    """Why the control of a step cannot be shown now; "" = it can."""
    if run.done:
        return tr("This step is done.")
    if not run.points:
        return tr("Answer the question first.")
    return "" if run.step.highlight else tr("Nothing has to be pressed in this step.")


def _summary(lesson: Lesson, taken: TakenLesson) -> Html:
    """The result of a test: each question with its mark and a link to it, and, after a wrong
    answer, a link to the step that explains it."""
    told = tr("{right} of {steps} right.", right=taken.right, steps=taken.steps)
    lines = [html("<b>{}</b>", told)]
    for given in sorted(taken.answers, key=lambda given: given.step):
        ask = lesson.steps[given.step - 1].ask
        assert ask is not None
        question = marked_up(question_of(lesson, given.step))
        mark = "✓" if given.right else "✗"
        link = html('<a href="question:{}">{}</a>', given.step - 1, question)
        line = html("{} {}. {}", mark, given.step, link)
        lines.append(line if given.right else html("{}<br>{}", line, marked_up(ask.where)))
    return joined("<br><br>", lines)


def _mark(label: Label, kind: str) -> None:
    """Give a label the color of success, or no color of its own."""
    for name in ("dim", "good"):
        label.setProperty(name, name == kind)
    label.style().polish(label)


_LESSON = Qt.ItemDataRole.UserRole
_TITLE = Qt.ItemDataRole.UserRole + 1
