"""Runs lessons in a window: panel, steps, ring and hidden controls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import shiboken6
from PySide6.QtCore import QElapsedTimer, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell import desk
from sprite_lab.formats.lessons import Lesson, LessonStep
from sprite_lab.ui.shell.file_actions import FileActions
from sprite_lab.ui.shell.navigator import Navigator
from sprite_lab.ui.tutorials.controls import find, name_of
from sprite_lab.ui.tutorials.hand_in import HandInWindow
from sprite_lab.ui.tutorials.hiding import Hiding
from sprite_lab.ui.tutorials.lesson_run import LOOK_MS, LessonRun
from sprite_lab.ui.tutorials.panel import LessonPanel
from sprite_lab.ui.tutorials.ring import Ring
from sprite_lab.ui.tutorials.scene import Rows, Scene
from sprite_lab.ui.tutorials.ui_driver import WindowDriver
from sprite_lab.ui.widgets.sprites.frame_slider import FrameSlider
from sprite_lab.words import tr

#: Delay until the ring appears, in milliseconds, unless the step is done by then.
HINT_MS = 20_000


@dataclass(frozen=True)
class _Origin:
    """Where a link was followed: a step (None = the summary of a test), and its scroll position."""

    lesson: Lesson
    step: int | None
    place: int
    before: _Origin | None = None  #: where the link that led there was followed


class LessonController(QObject):
    """The lessons of a window. UI thread."""

    opened_changed = Signal(bool)  #: whether to show ``panel`` in place of the library

    def __init__(self, lab: Lab, navigator: Navigator, files: FileActions, window: QWidget) -> None:
        super().__init__(window)
        self._lab, self._navigator, self._window = lab, navigator, window
        self.panel = LessonPanel(lab)
        self.run: LessonRun | None = None
        self.opened = False  #: whether the panel is shown
        self._asked = False  # whether the list was requested
        self._driver = WindowDriver(navigator, window)
        self._driver.shown.connect(self._remember_page)
        self._hiding = Hiding(window)
        self._ring = Ring(lab.settings, window)
        self._scene: Scene | None = None
        self._rows: dict[str, Rows] = {}  # contents of tables, by key of the lesson that was left
        self._summed_up: Lesson | None = None  # the test whose summary is shown
        self._origin: _Origin | None = None
        #: the step whose control got the focus, and whether its question was open then
        self._begun: tuple[LessonStep, bool] | None = None
        self._was_done = False  # whether the step was done at the last look
        self._since = QElapsedTimer()  # running since the step was ready
        self._hinted = False
        self._seen_page = ("", "", False)  # workspace, page, whether there is a model
        self._pointed = ""  # the control that a link of the text led to
        #: the controls that the step names, and their sizes when they were brought to sight
        self._named: list[QWidget] = []
        self._sizes: dict[QWidget, QSize] = {}
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._keep_up)
        panel = self.panel
        panel.lesson_wanted.connect(self.start)
        panel.open_file.clicked.connect(files.open_lesson)
        panel.results.clicked.connect(self.hand_in)
        panel.camera.clicked.connect(self._take_picture)
        panel.hint.clicked.connect(self._hint)
        panel.control_wanted.connect(self._point_at)
        panel.step_wanted.connect(self._open_step)
        panel.question_wanted.connect(self._open_question)
        panel.again.clicked.connect(self._answer_again)
        panel.back_to_link.clicked.connect(self._go_back)
        panel.all_lessons.clicked.connect(lambda: self.show_list())
        panel.close_button.clicked.connect(self.close)

    def toggle(self, wanted: bool) -> None:
        """Show the list of lessons, or close the panel."""
        if wanted != self.opened:
            self.show_list() if wanted else self.close()

    def show_list(self, after: Lesson | None = None) -> None:
        """Show the list of lessons; ends the current lesson.

        ``after`` (None = the current one) is marked, or the next one if it is done.
        """
        after = after or self._summed_up or (self.run.lesson if self.run else None)
        self._end()
        if not self._asked:
            self._asked = True
            self._lab.do(desk.read_shipped(), self, then=self.panel.set_lessons)
        self.panel.show_list(after)
        self._count_pictures()
        self._set_opened(True)
        self.panel.list.setFocus()

    def open_file(self, path: Path) -> None:
        task = desk.read_lesson(path)
        self._lab.do(
            task, self, name=tr("Reading {name}", name=path.name), then=self.start, newest="lesson"
        )

    def _open_step(self, reference: str) -> None:
        """Show the step that a link names, and how to get back."""

        def show(found: tuple[Lesson, int]) -> None:
            lesson, step = found
            looks_up = self._origin is not None and self.run and not self.run.lesson.test
            self.start(lesson, step, origin=self._origin if looks_up else self._here())

        self._lab.do(desk.read_step(reference), self, then=show, newest="lesson")

    def _go_back(self) -> None:
        """Go back to where the link was followed."""
        origin = self._origin
        if origin is not None:
            self.start(origin.lesson, origin.step, origin=origin.before)
            self.panel.scroll_to(origin.place)

    def _here(self) -> _Origin | None:
        """The step or summary shown; None = the list is."""
        place = self.panel.place
        if self.run is not None:
            return _Origin(self.run.lesson, self.run.index, place, self._origin)
        return None if self._summed_up is None else _Origin(self._summed_up, None, place)

    def _set_origin(self, origin: _Origin | None) -> None:
        self._origin = origin
        self.panel.set_return(origin.lesson if origin else None)

    def _open_question(self, step: int) -> None:
        if self._summed_up is not None:
            self.start(self._summed_up, step, origin=self._here())

    def _answer_again(self) -> None:
        """Forget the answers to the test in the summary, and begin it again."""
        lesson = self._summed_up
        if lesson is not None:
            known = self._lab.settings.value.lessons
            kept = {key: taken for key, taken in known.items() if key != lesson.key}
            self._lab.settings.replace(lessons=kept)
            self.start(lesson)

    def start(
        self, lesson: Lesson, at: int | None = None, *, origin: _Origin | None = None
    ) -> None:
        """Start a lesson at a step, or where it was left; ends the current one.

        For a finished test after the lessons, its summary is shown instead. ``origin``: where a
        link was followed, in which case the step is done for the user; None = no link.
        """
        self._end()
        self._set_origin(origin)
        if at is None and self._sum_up(lesson):
            return
        taken = lesson.taken(self._lab.settings.value.lessons)
        rows = {} if taken.done else self._rows.get(lesson.key, {})
        self._scene = Scene(self._lab, self._navigator, self._window, lesson, rows)
        self._lab.in_lesson = True
        self.run = run = LessonRun(self._lab, self._driver, lesson, self, before=taken.answers)
        self._set_opened(True)
        self._hiding.hide(lesson.hide)
        run.changed.connect(self._show)
        run.ended.connect(self._on_ended)
        self._timer.start()
        left = 0 if taken.done else taken.reached
        looks_up = origin is not None and not lesson.test
        run.start(left if at is None else at, reached=taken.reached, looks_up=looks_up)

    def _sum_up(self, lesson: Lesson) -> bool:
        """Show the summary of a test, if it was finished after the lessons."""
        sums_up = lesson.test == "after" and lesson.taken(self._lab.settings.value.lessons).done
        if sums_up:
            self._summed_up = lesson
            self._set_opened(True)
            self.panel.show_summary(lesson)
        return sums_up

    def close(self) -> None:
        """End the current lesson and close the panel."""
        self._end()
        self._set_opened(False)

    def hand_in(self) -> None:
        """Show the results, to be saved."""
        window = HandInWindow(self._lab, self._window)
        window.finished.connect(self._count_pictures)  # pictures may have been removed
        window.open()

    def _count_pictures(self, *_: object) -> None:
        self._lab.do(desk.count_pictures(), self, then=self.panel.set_pictures, newest="pictures")

    def _take_picture(self) -> None:
        """Keep a picture of the stage, under the name of the step."""
        run = self.run
        if run is None:
            return

        def notify(count: int) -> None:
            self._lab.notice.emit(tr("Picture {count} was added to your results.", count=count))

        title = tr("{title}, step {index}", title=run.lesson.title, index=run.index + 1)
        image = self._navigator.stage.grab().toImage()
        task = desk.take_picture(image, title)
        self._lab.do(task, self, then=notify)

    def tell_name(self) -> None:
        """Show and copy the lesson name of the control under the pointer."""
        name = name_of(QApplication.widgetAt(QCursor.pos()))
        if name:
            QApplication.clipboard().setText(name)
            self._lab.notice.emit(tr("This is “{name}” (copied).", name=name))
        else:
            self._lab.notice.emit(tr("Point at a control of the window first."))

    # -- a lesson in progress ---------------------------------------------------------------------

    def _show(self) -> None:
        run = self.run
        if run is not None:
            if not self._has_begun(run):
                self._hinted, self._pointed = False, ""
                self._named.clear()
            # A step that was done need not be done again.
            self._remember(run, run.index + (run.done and not run.is_last))
            self.panel.show_step(run)
            self._keep_up()

    def _remember(self, run: LessonRun, reached: int) -> None:
        """Save the answers and the farthest step reached, not counting steps skipped by a link."""
        known, lesson = self._lab.settings.value.lessons, run.lesson
        if lesson.key:
            taken = lesson.taken(known)
            counts = run.index <= taken.reached and not run.looks_up
            reached = max(taken.reached, reached if counts else 0)
            answers = tuple(run.given[step] for step in sorted(run.given))
            if self._origin and (reached, answers) == (taken.reached, taken.answers):
                return  # looking up is not taking a lesson
            taken = replace(taken, reached=reached, answers=answers)
            self._lab.settings.replace(lessons={**known, lesson.key: taken.to_json()})

    def _hint(self) -> None:
        self._hinted, self._pointed = True, ""
        self._keep_up()
        if self.run is not None and self._ring.target is not None:
            self._give_focus(self.run.pointed)  # otherwise another control would seem to be meant

    def _point_at(self, name: str) -> None:
        """Show where a control named in the text is."""
        self._pointed = name
        self._keep_up()

    def _keep_up(self) -> None:
        """Hide and mark controls that now exist: they come and go with pages."""
        run = self.run
        if run is None:
            return
        self._hiding.hide(run.lesson.hide)
        self._remember_page()
        if run.ready and not self._has_begun(run):
            self._begun = run.step, run.asks
            self._since.start()
            found = (find(self._window, name) for name in run.step.names)
            self._named, self._sizes = [part for part in found if part is not None], {}
            if run.points:
                self._give_focus(run.step.highlight)
            else:  # Watch gave the focus to its timeline when the sprites had come
                self.panel.text.setFocus()
        if run.done and not self._was_done and run.step.waits:
            self._keep_focus(run)
        self._was_done = run.done
        self._bring_to_sight()
        self._cover_thumbnails(not run.points and not run.lesson.test)
        self._lab.is_asking.set(run.asks)
        self._lab.asked_for.set(run.asked_for)
        late = self._since.isValid() and self._since.hasExpired(HINT_MS)
        waits = run.ready and run.step.waits and not run.done
        hinted = waits and run.points and (self._hinted or (late and not run.asks))
        name = self._pointed or (run.pointed if hinted else "")
        target = find(self._window, name) if name else None
        if target is not None and target is not self._ring.target:
            self._navigator.reveal(target)
        self._ring.set_target(target)

    def _bring_to_sight(self) -> None:
        """Scroll to the controls that the step names, and again once they have grown, but not to
        one that the user left.
        """
        named = list(filter(shiboken6.isValid, self._named))
        seen = [part for part in named if part.isVisible() or part not in self._sizes]
        sizes = {**self._sizes, **{part: part.size() for part in seen}}
        if sizes != self._sizes:
            self._sizes = sizes
            for part in seen:  # the last is the one that the step is about
                self._navigator.reveal(part)

    def _cover_thumbnails(self, covered: bool) -> None:
        """Hide the timelines' thumbnails, which may give an answer away, or show them again."""
        for slider in self._window.findChildren(FrameSlider, "timeline.slider"):
            slider.set_covered(covered)

    def _remember_page(self) -> None:
        """Remember the controls of a page when it is first shown, and first shown with a model."""
        has_model = self._lab.model.value is not None
        here = self._navigator.current, self._navigator.page, has_model
        if self._scene is not None and self._seen_page != here:
            self._seen_page = here
            self._scene.add_new()

    def _has_begun(self, run: LessonRun) -> bool:
        """Whether the step, or what follows its question, has given its control the focus."""
        if self._begun is None:
            return False
        step, asked = self._begun
        return step is run.step and asked == run.asks

    def _give_focus(self, name: str) -> None:
        """Give the focus to the control of a step or, without one, to the timeline or to Next."""
        target = find(self._window, name) if name else None
        if target is not None:
            self._navigator.reveal(target)
        slider = find(self._window, "timeline.slider")
        within = [] if target is None else target.findChildren(QAbstractButton)
        chosen = next((part for part in within if part.isChecked()), None)
        for part in (target, target and target.focusProxy(), chosen, slider):
            if part is not None and part.isVisible() and part.isEnabled() and _takes_focus(part):
                part.setFocus(Qt.FocusReason.OtherFocusReason)
                if isinstance(part, QAbstractSpinBox):
                    part.selectAll()  # so that a number typed replaces it
                return
        self.panel.focus_next()

    def _keep_focus(self, run: LessonRun) -> None:
        """Once a step is done, give the focus to Next, unless a control of the step has it.

        A pressed button that is now gone or gray has passed the focus on to whatever comes after.
        """
        found = (find(self._window, name) for name in (*run.step.names, "timeline.slider"))
        about = {part for whole in found if whole for part in (whole, *whole.findChildren(QWidget))}
        if QApplication.focusWidget() not in about:
            self.panel.focus_next()

    def _on_ended(self) -> None:
        run = self.run
        if run is None:
            return
        if run.done and run.is_last:
            self._remember(run, len(run.lesson.steps))
        if self._origin is not None:
            self._go_back()
            return
        lesson = run.lesson
        self._end()
        if not self._sum_up(lesson):
            self.show_list(lesson)

    def _end(self) -> None:
        run, self.run = self.run, None
        self._begun = None
        self._timer.stop()
        self._ring.set_target(None)
        self._hiding.restore()
        self._cover_thumbnails(False)
        self._lab.is_asking.set(False)
        self._lab.asked_for.set(frozenset())
        self._summed_up = None
        self._set_origin(None)
        if run is not None:
            run.end()
            run.deleteLater()
        scene, self._scene = self._scene, None
        if scene is not None:
            rows = scene.give_back()
            if run is not None:
                self._rows[run.lesson.key] = rows
        self._lab.in_lesson = False

    def _set_opened(self, opened: bool) -> None:
        if opened != self.opened:
            self.opened = opened
            focus = QApplication.focusWidget()
            if not opened and focus is not None and self.panel.isAncestorOf(focus):
                self._navigator.stage.setFocus()  # not to a tab, which would look chosen
            self.opened_changed.emit(opened)


def _takes_focus(part: QWidget) -> bool:
    """Whether ``part`` can get the focus; Qt takes Tab from unselected members of a group."""
    in_group = isinstance(part, QAbstractButton) and part.group() is not None
    return in_group or part.focusPolicy() != Qt.FocusPolicy.NoFocus
