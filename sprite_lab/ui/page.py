"""Base classes and parts of the workspaces' pages: heading, stage, timeline and keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLayout,
    QScrollArea,
    QWidget,
)

from sprite_lab.app.lab import Lab
from sprite_lab.app.task import Task
from sprite_lab.app.timeline import EMPTY_AXIS, TimelineModel
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import Part, as_widget, hbox, stack, vbox
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import heading, separator
from sprite_lab.ui.widgets.sprites.timeline import Timeline

T = TypeVar("T")


class Page(QWidget):
    """A page of a workspace."""

    #: its settings, shown beside it; None = the workspace's panel
    inspector: QWidget | None = None

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(name)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.on_shown()

    def on_shown(self) -> None:
        """Show what changed while another page was shown."""

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not event.spontaneous():  # the window was not just minimized
            self.on_left()

    def on_left(self) -> None:
        """Another page is shown: cancel jobs that only this page needs."""


class Redraw(QTimer):
    """Redraws a widget whose content grows: at intervals, and only while it is visible.

    ``every_ms``: the shortest interval, in milliseconds.
    """

    def __init__(self, seen: QWidget, every_ms: int, redraw: Callable[[], object]) -> None:
        super().__init__(seen, singleShot=True, interval=every_ms)
        self._seen, self._redraw = seen, redraw
        self._due = True  # whether there may be something new to draw
        self.timeout.connect(self.now)
        seen.installEventFilter(self)

    def soon(self, *_: object) -> None:
        """Redraw soon, or once the widget is shown."""
        self._due = True
        if self._seen.isVisible() and not self.isActive():
            self.start()

    def now(self) -> None:
        self._due = False
        self._redraw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and self._due:
            self.now()
        return super().eventFilter(watched, event)


class PageJobs:
    """The jobs of a page: the newest of each kind, which replaces the previous one."""

    def __init__(self, lab: Lab, page: QWidget, name: str) -> None:
        self._lab, self._page, self._name = lab, page, name
        self._jobs: dict[str, JobHandle] = {}
        self._own: set[str] = set()  # kinds whose results nobody else shows

    def do(self, kind: str, task: Task[T], then: Callable[[T], object]) -> JobHandle:
        """Start a job; see :meth:`AppContext.do`."""
        newest = f"{self._name}.{kind}"
        self._own.add(kind)
        return self.follow(kind, self._lab.do(task, self._page, then=then, newest=newest))

    def follow(self, kind: str, job: JobHandle) -> JobHandle:
        """Manage a job that was started elsewhere."""
        self._jobs[kind] = job
        return job

    def is_active(self, kind: str) -> bool:
        return kind in self._jobs and self._jobs[kind].active

    @property
    def any_active(self) -> bool:
        return any(map(self.is_active, self._jobs))

    def leave(self) -> set[str]:
        """Cancel the running jobs whose results only the page shows; returns their kinds."""
        return self._cancel(self._own)

    def cancel(self) -> set[str]:
        """Cancel all running jobs; returns their kinds."""
        return self._cancel(set(self._jobs))

    def _cancel(self, kinds: set[str]) -> set[str]:
        active = {kind for kind in kinds if self.is_active(kind)}
        for kind in active:
            self._jobs[kind].cancel()
        return active


def heading_row(
    lab: Lab,
    text: str,
    topic: str,
    *,
    left: tuple[QWidget, ...] = (),
    right: tuple[QWidget, ...] = (),
    spacing: int = 8,
) -> QLayout:
    """A heading with its "?", widgets beside it, and others at the right end, or below if there is
    no room.

    ``topic``: the help topic, see :class:`HelpButton`; ``spacing``: in logical pixels.
    """
    beside: tuple[Part, ...] = (8, *left) if left else ()
    title = heading(text), HelpButton(lab, topic)
    if not right:
        return hbox(*title, *beside, ..., spacing=spacing)
    at_left = as_widget(hbox(*title, *beside, spacing=spacing))
    return Flow(None, at_left, as_widget(hbox(*right, spacing=spacing)), spacing=spacing)


def stage_of(*parts: Part, spacing: int) -> QWidget:
    """A widget with the margins of a stage, and parts from top to bottom; see :func:`vbox`."""
    return as_widget(vbox(*parts, spacing=spacing, margins=(16, 8, 16, 8)))


def scrolling(content: QWidget, *, clear: bool = False) -> QScrollArea:
    """An area that scrolls if its content does not fit.

    ``clear``: whether the background shows through.
    """
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(content)
    for part in (content, area.viewport()) if clear else ():
        part.setAutoFillBackground(False)
    return area


class StagePage(Page):
    """A stage above a timeline, and the jobs whose results it shows.

    Comma and period step through frames wherever the focus is, Esc calls :meth:`escape`, and
    keys that the stage does not use go to the timeline. ``model``: the timeline's model, if another
    page shows the same frames; None = its own.
    """

    def __init__(self, lab: Lab, name: str, model: TimelineModel | None = None) -> None:
        super().__init__(name)
        self._lab, self._jobs = lab, PageJobs(lab, self, name)
        self.timeline_model = model or TimelineModel(self)
        self.timeline = Timeline(self.timeline_model)
        step = self.timeline_model.step
        self._arrows = [QShortcut(QKeySequence(keys), self) for keys in ("Left", "Right")]
        for shortcut, frames in zip(self._arrows, (-1, 1), strict=True):
            shortcut.activated.connect(lambda frames=frames: step(frames))
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._lend_arrows)
        self._lend_arrows(None, app.focusWidget())
        for keys, slot in ((",", lambda: step(-1)), (".", lambda: step(1)), ("Esc", self.escape)):
            # Anywhere in the window while the page is shown; text fields keep these keys.
            QShortcut(QKeySequence(keys), self).activated.connect(slot)

    def _lend_arrows(self, _before: QWidget | None, focus: QWidget | None) -> None:
        """Let the arrow keys step wherever they would otherwise only move the focus."""
        no_use = isinstance(focus, (QAbstractButton, QComboBox, QScrollArea)) and not (
            isinstance(focus, QAbstractButton) and focus.group() is not None
        )
        for shortcut in self._arrows:
            shortcut.setEnabled(no_use)

    def set_faces(
        self, *faces: QWidget, above: QWidget | None = None, below: QWidget | None = None
    ) -> None:
        """Lay out a stage that shows one of ``faces``, switched by ``stack``.

        ``above`` is over the stage, ``below`` between it and the timeline.
        """
        place = named(QWidget(), "stage")
        place.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.stack = stack(place, *faces)
        between = () if below is None else (below,)
        top = () if above is None else (above,)
        vbox(*top, (place, 1), separator(), *between, self.timeline, on=self, spacing=0)

    def show_thumbnails(self, trajectory: Trajectory, sprite: int) -> None:
        """Show the noisy states of one sprite as thumbnails of the timeline."""
        self.timeline.set_thumbnails(lambda frame: to_pixels(trajectory.x_t[frame, sprite]))

    def clear_timeline(self) -> None:
        self.timeline.set_thumbnails(None)
        self.timeline_model.set_axis(EMPTY_AXIS)

    def on_left(self) -> None:
        self._on_stopped(self._jobs.leave())

    def escape(self) -> None:
        """Stop the innermost activity: here, the jobs of the page or, without any, playback."""
        stopped = self._jobs.cancel()
        self._on_stopped(stopped)
        if not stopped:
            self.timeline_model.pause()

    def _on_stopped(self, kinds: set[str]) -> None:
        """Running jobs of these ``kinds`` were canceled; set() = none were."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.timeline.handle_key(event):
            super().keyPressEvent(event)
