"""The status bar: device, speed, time left, jobs, notices."""

from __future__ import annotations

import time
from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFont,
    QFontInfo,
    QFontMetrics,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QStatusTipEvent,
)
from PySide6.QtWidgets import QFrame, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import rough_time_text
from sprite_lab.app.train.loss_history import LossHistory
from sprite_lab.app.train.pace import Pulse, TimeLeft
from sprite_lab.app.train.training_runs import Training
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import Label, tooltip
from sprite_lab.ui.theme import tabular
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import panel
from sprite_lab.ui.widgets.fields.elided import ElidedLabel, narrowed
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.progress_bar import ProgressBar
from sprite_lab.words import number_text, tr

#: Refresh interval of numbers, in milliseconds: faster changes would be unreadable.
TEXT_MS = 250

#: Age of a job, in seconds, before it is shown: shorter ones would only flash.
SHOWN_AFTER = 0.5

#: Text size of a tip in two lines, as a share of the usual size.
_SMALL = 0.85

#: Suffix of a job's name, by state.
_STATES = {"queued": tr(" (queued)"), "paused": tr(" (paused)"), "stopping": tr(" (stopping)")}


def _state_text(handle: JobHandle) -> str:
    """Suffix of a job's name."""
    usual = tr(" (in the background)") if handle.background else ""
    return _STATES.get(handle.state, usual)


class _JobRow:
    """A job in the queue: name, progress, stop and cancel. Lives while the popup is open."""

    def __init__(self, handle: JobHandle, grid: QGridLayout, row: int) -> None:
        self.handle = handle
        name = Label(handle.name)
        self.bar = ProgressBar("", tr("Progress of {name}", name=handle.name), width=120)
        stop = IconButton("jobs.stop", "stop", tr("Stop and keep the result so far"))
        cancel = IconButton("jobs.cancel", "close", tr("Cancel and discard"))
        stop.clicked.connect(handle.stop)
        cancel.clicked.connect(handle.cancel)
        for column, widget in enumerate((name, self.bar, stop, cancel)):
            grid.addWidget(widget, row, column)
        self.refresh()

    def refresh(self) -> None:
        self.bar.show_share(self.handle.share_done)


class JobQueue(QFrame):
    """The popup with all running and queued jobs."""

    def __init__(self, lab: Lab, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("jobs.queue")
        self.setProperty("card", True)
        self._lab = lab
        self._rows: list[_JobRow] = []
        self._column = QVBoxLayout(self)
        self._content: QWidget | None = None
        self._timer = QTimer(self, interval=TEXT_MS)
        self._timer.timeout.connect(self._refresh)
        lab.jobs.jobs_changed.connect(self._rebuild)

    def popup(self, above: QPoint) -> None:
        """Open with its lower left corner at a global point."""
        self._rebuild(force=True)
        self.adjustSize()
        self.move(above.x(), above.y() - self.height())
        self.show()
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        self._timer.stop()
        super().hideEvent(event)

    def _rebuild(self, *, force: bool = False) -> None:
        if not force and not self.isVisible():
            return
        if self._content is not None:
            self._content.deleteLater()
        self._content = QWidget()
        grid = QGridLayout(self._content)
        grid.setHorizontalSpacing(8)
        handles = self._lab.jobs.handles
        self._rows = [_JobRow(handle, grid, row) for row, handle in enumerate(handles)]
        if not handles:
            grid.addWidget(dim_label(tr("No jobs are running."), wrap=False), 0, 0)
        self._column.addWidget(self._content)
        if self.isVisible():
            self.adjustSize()

    def _refresh(self) -> None:
        for row in self._rows:
            row.refresh()


class StatusTip(ElidedLabel):
    """Describes what is under the pointer, in one line or in two smaller ones.

    A tooltip for text that is cut off would be of no use: the text disappears with the pointer.
    """

    _WRAPPED = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignVCenter)

    def __init__(self) -> None:
        super().__init__(name="status.tip")

    def _fits(self, font: QFont) -> bool:
        room = self.contentsRect()
        return room.contains(QFontMetrics(font).boundingRect(room, self._WRAPPED, self.text()))

    @property
    def _small(self) -> QFont:
        font = QFont(self.font())
        font.setPixelSize(round(_SMALL * QFontInfo(font).pixelSize()))
        return font if self._fits(font) else narrowed(font, self.text(), 0)

    def shown_text(self) -> str:
        return self.text() if self._fits(self._small) else super().shown_text()

    def paintEvent(self, event: QPaintEvent) -> None:
        if super().shown_text() == self.shown_text():
            super().paintEvent(event)
            return
        painter = QPainter(self)
        painter.setFont(self._small)
        painter.drawText(self.contentsRect(), self._WRAPPED, self.text())


class StatusBar(QWidget):
    """Device, speed, time left, a tip, jobs and notices."""

    progress_changed = Signal(str)  #: a text for the window title while training, else ""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        panel(self, "status")
        self._lab = lab
        self._history, self._pulse, self._time_left = LossHistory(), Pulse(), TimeLeft()
        self._since: dict[JobHandle, float] = {}  # when each job was first seen
        self.device = dim_label(name="status.device", wrap=False)
        self.speed = dim_label(name="status.speed", wrap=False)
        self.left = ElidedLabel(name="status.left")
        # Beside a job with a long name, in large text, this shrinks instead of widening the window.
        self.left.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.left.setMinimumWidth(1)
        self.jobs = push_button("status.jobs", "", tip=tr("Running jobs; click to see the queue"))
        self.jobs.setProperty("flat", True)
        self.progress = ProgressBar("status.progress", tr("Progress"), width=140)
        self.notices = push_button(
            "status.notices", tr("Notices"), "info", tr("All notices so far")
        )
        self.notices.setProperty("flat", True)
        for label in (self.speed, self.left):
            label.setFont(tabular(label.font()))
        self.queue = JobQueue(lab, self)
        #: shows the status tip of what is under the pointer; notices appear over its right end
        self.tip = StatusTip()
        self._row = hbox(
            self.device,
            self.speed,
            self.left,
            (self.tip, 1),
            self.jobs,
            self.progress,
            self.notices,
            on=self,
            spacing=16,
            margins=(16, 2, 8, 2),
        )

        self._timer = QTimer(self, interval=TEXT_MS)
        self._timer.timeout.connect(self._refresh)
        self.jobs.clicked.connect(lambda: self.queue.popup(self.jobs.mapToGlobal(QPoint(0, 0))))
        lab.jobs.jobs_changed.connect(self._on_jobs)
        lab.machine.changed.connect(self._on_machine)
        lab.training_runs.current.changed.connect(self._on_training)
        self._on_machine()
        self._on_jobs()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show the status tip of what is under the pointer."""
        if isinstance(event, QStatusTipEvent):
            self.tip.setText(event.tip())
            return True
        return False

    def _on_machine(self, *_: object) -> None:
        machine = self._lab.machine.value
        self.device.setText("" if machine is None else machine.device.upper())
        self.device.setToolTip(tooltip(tr("Device in use") if machine else ""))

    def _on_training(self, training: object, _old: object) -> None:
        self._history, self._pulse, self._time_left = LossHistory(), Pulse(), TimeLeft()
        current = self._lab.training_runs.current.value
        if current is not None:
            current.handle.records_ready.connect(self._on_records)
        else:
            self.speed.setText("")
            self.left.setText("")
            self.progress_changed.emit("")

    def _on_records(self, records: Iterable[object]) -> None:
        if self._history.add(records) and self._history.last_step is not None:
            self._pulse.beat(time.monotonic())

    def _on_jobs(self) -> None:
        handles, now = self._lab.jobs.handles, time.monotonic()
        self._since = {handle: self._since.get(handle, now) for handle in handles}
        if handles and not self._timer.isActive():
            self._timer.start()
        elif not handles:
            self._timer.stop()
        self._refresh()

    def _refresh(self) -> None:
        seen = time.monotonic() - SHOWN_AFTER
        handles = [handle for handle, since in self._since.items() if since <= seen]
        self.jobs.setVisible(bool(handles))
        self.progress.setVisible(bool(handles))
        if not handles:
            return
        # The newest job is the one just requested.
        handle = handles[-1]
        text, others = handle.name, len(handles) - 1
        if others:
            text = tr("{name}, {count} more", name=text, count=others)
        self.jobs.setText(text + _state_text(handle))
        self.progress.show_share(handle.share_done)
        self._row.activate()  # or a longer name would be cut off for as long as the window is busy
        self._show_training()

    def _show_training(self) -> None:
        training = self._lab.training_runs.current.value
        if training is None or self._history.last_step is None:
            return
        if training.handle.state == "paused":
            self._pulse.clear()
        else:
            self._show_speed(training)
        share = training.handle.share_done
        if not share:
            return
        state = tr("Paused, ") if training.handle.state == "paused" else ""
        self.progress_changed.emit(f"{state}{number_text(share, '.0%')} – ")

    def _others(self) -> list[JobHandle]:
        """The jobs that take turns with the training run."""
        training = self._lab.training_runs.current.value
        if training is None:
            return []
        own, jobs = training.handle, self._lab.jobs.handles
        return [job for job in jobs if job is not own and job.takes_turns_with(own)]

    def _show_speed(self, training: Training) -> None:
        """Show the average speed, as in Train, with the remaining time, or what a training run is
        waiting for.
        """
        usual, others = self._history.speed, self._others()
        seconds = training.config.batch_size / usual if usual else 0.0
        if others and self._pulse.is_stalled(time.monotonic(), seconds):
            self.speed.setText(tr("Training waits for “{name}”", name=others[-1].name))
            self.left.setText("")
            return
        self.speed.setText(tr("{speed:,.0f} sprites/s", speed=usual))
        left = self._history.seconds_left(training.config)
        if left is None:
            return
        rough = rough_time_text(self._time_left.steady(left))
        if others:
            # The remaining time is unknown: the speed is that without these jobs.
            name = others[-1].name
            self.left.setText(tr("about {time} left after “{name}”", time=rough, name=name))
        else:
            self.left.setText(tr("about {time} left", time=rough))
