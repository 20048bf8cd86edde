"""Closing without loss: asks about drawings, exports and training runs, and waits while they are
saved.

Signals from the system (SIGTERM, SIGINT) and a log-out do the same without asking. Closing takes at
most five seconds: a training run that is in the middle of a long step by then keeps its last
checkpoint, at most 25 seconds and one step old.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from sprite_lab.app.files.unsaved_copy import UnsavedCopy
from sprite_lab.app.lab import Lab
from sprite_lab.app.train.training_runs import Training
from sprite_lab.ui.shell.dialogs import ACCEPT, CANCEL, DISCARD, confirm, question
from sprite_lab.ui.shell.file_actions import FileActions
from sprite_lab.words import tr

#: Longest wait for a training run to save itself, in milliseconds.
PATIENCE_MS = 3_500
#: Time that a system shutting down leaves an app, in milliseconds.
SESSION_MS = 4_500
#: Longest time from the request to quit until the process ends, in seconds.
LEAVE_SECONDS = 4.0

_log = logging.getLogger(__name__)


class Closing(QObject):
    """Decides whether the window may close."""

    ready = Signal()  #: everything is safe; close now
    waiting = Signal(str)  #: a sentence on what the window waits for
    stays = Signal()  #: saving failed, so the window stays open

    def __init__(
        self, lab: Lab, files: FileActions, copies: Sequence[UnsavedCopy], window: QWidget
    ) -> None:
        super().__init__(window)
        self._lab, self._files, self._window = lab, files, window
        self._copies = copies
        self.safe = False  #: nothing is left to save: the window closes without asking
        self.is_waiting = False  #: the window closes once a training run is saved or discarded
        self.by_signal = False  #: a signal asked to close, so nobody can answer questions
        self._since: float | None = None  # when the wait began, on the monotonic clock
        self._patience = QTimer(self, singleShot=True, interval=PATIENCE_MS)
        self._patience.timeout.connect(self._give_up)

    @property
    def seconds_left(self) -> float:
        """Remaining time for the threads to end before the app must quit, in seconds."""
        waited = 0.0 if self._since is None else time.monotonic() - self._since
        return max(0.2, LEAVE_SECONDS - waited)

    def may_close(self) -> bool:
        """Whether the window may close now. If not, ``ready`` follows once everything is saved,
        unless the user chose to stay."""
        if self.safe:
            return True
        if self.is_waiting:
            return False
        if not self._files.may_leave_project(then=self._window.close):
            return False
        if not self._files.may_leave_data(then=self._window.close):
            return False
        if not self._may_leave_export():
            self._files.keep_discarded()
            return False
        training = self._lab.training_runs.current.value
        if training is None or training.followed:  # a followed run goes on without us
            self.safe = True
            return True
        self._ask_about_training()
        return self.safe

    def leave_now(self) -> None:
        """Stop and save everything without asking, then close. For signals."""
        self.by_signal = True
        if self.is_waiting:
            return
        _log.info("asked to leave by a signal")
        for copy in self._copies:
            copy.write_now()
        training = self._lab.training_runs.current.value
        if training is None or training.followed:
            self._finish()
        else:
            training.handle.stop()
            self._wait(tr("Saving the training run…"))

    def leave_with_session(self, *_: object) -> None:
        """Like :meth:`leave_now`, but returns when everything is safe, or after ``SESSION_MS``.

        Then the system ends the session.
        """
        loop = QEventLoop()
        self.ready.connect(loop.quit)
        QTimer.singleShot(SESSION_MS, loop.quit)
        self.leave_now()
        if not self.safe:
            loop.exec()
        self.ready.disconnect(loop.quit)

    def _may_leave_export(self) -> bool:
        exports = self._lab.exports.in_progress
        return not exports or confirm(
            self._window,
            tr("Close now?"),
            tr(
                "“{name}” is still in progress. If that takes longer than {n} seconds, it is "
                "canceled.",
                name=exports[0].name,
                n=round(LEAVE_SECONDS / 2),
            ),
            tr("Close"),
            name="closing.export",
            no=tr("Keep open"),
        )

    def _ask_about_training(self) -> None:
        answer = question(
            self._window,
            tr("A training run is in progress"),
            tr(
                "Save and stop keeps what it has learned so far; you can continue it later "
                "from the library. If a step takes longer than {n} seconds, the last "
                "checkpoint is kept instead.",
                n=PATIENCE_MS // 1000,
            ),
            [
                ("save", tr("Save and stop"), ACCEPT),
                ("discard", tr("Discard"), DISCARD),
                ("keep", tr("Keep training"), CANCEL),
            ],
            name="closing",
        )
        training = self._lab.training_runs.current.value
        if answer == "keep":
            self._files.keep_discarded()
            return
        if training is None:  # it ended while the question was open
            self.safe = True
            return
        if answer == "save":
            training.handle.stop()
            self._wait(tr("Saving the training run…"))
        else:
            training.handle.cancel()
            self._wait(tr("Discarding the training run…"))

    def _wait(self, sentence: str) -> None:
        self.is_waiting = True
        self._since = time.monotonic()
        self._patience.start()
        self._lab.training_runs.current.changed.connect(self._on_training)
        self.waiting.emit(sentence)

    def _on_training(self, _training: object, old: Training | None) -> None:
        if self._lab.training_runs.current.value is not None:
            return
        outcome = old.handle.outcome if old else None
        if outcome is not None and outcome.kind == "failed" and not self.by_signal:
            # Closing now would hide the error, and nothing was saved.
            self.is_waiting, self._since = False, None
            self._patience.stop()
            self._lab.training_runs.current.changed.disconnect(self._on_training)
            self._files.keep_discarded()
            self.stays.emit()
            return
        self._finish()

    def _give_up(self) -> None:
        # The process waits for the thread once more before it exits; it never kills it.
        _log.error("the training has not ended within %d s", PATIENCE_MS // 1000)
        self._finish()

    def _finish(self) -> None:
        self._patience.stop()
        self.safe = True
        self.ready.emit()
