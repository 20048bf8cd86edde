"""The timeline of a trajectory: its axis, current frame and playback.

There is one noise axis for everything, drawn as in papers: noise (t = T) at the left, clean (t = 0)
at the right. The reverse process plays to the right, the forward process to the left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer, Signal

from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.words import tr

LoopMode = Literal["once", "loop", "pingpong"]

#: Default frames per second; if there are few frames, fewer per second, but at least LEAST_FPS, so
#: that a pass lasts about PASS_SECONDS.
FPS, LEAST_FPS, PASS_SECONDS = 25, 4, 2.5

#: Log-SNRs, and their places on every noise axis, 0 to 1. The ends get little room, since nothing
#: changes visibly there.
_LEVELS, _PLACES = (-20.0, -9.0, 6.0, 20.0), (0.0, 0.02, 0.92, 1.0)


@dataclass(frozen=True, eq=False)
class Axis:
    """The axis of the frames, from left to right."""

    #: "noise" (values are noise levels t) or "step" (training steps)
    kind: Literal["noise", "step"]
    values: NDArray[np.float32]  #: float32 (K,), one for each frame, monotonic
    log_snr: NDArray[np.float32] | None = None  #: float32 (K,) for a noise axis, else None
    direction: int = 1  #: +1 plays to the right, -1 to the left
    #: labels of both ends
    left: str = ""
    right: str = ""

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def places(self) -> NDArray[np.float64]:
        """The place of each frame, from 0 at the left end to 1 at the right, float64 (K,).

        A noise axis is spaced by log-SNR, the same way for all trajectories; training steps are
        spaced evenly.
        """
        if self.log_snr is None:
            return np.linspace(0.0, 1.0, len(self)) if len(self) > 1 else np.zeros(len(self))
        return place_of(self.log_snr)

    def nearest(self, value: float) -> int:
        """The frame whose value is nearest to ``value``."""
        return int(np.abs(self.values.astype(np.float64) - value).argmin())

    def nearest_level(self, log_snr: float) -> int:
        """The frame of a noise axis whose log-SNR is nearest."""
        assert self.log_snr is not None
        return int(np.abs(self.log_snr.astype(np.float64) - log_snr).argmin())

    def signal_share(self, frame: int) -> float | None:
        """The share of signal in the variance of x_t, 0..1: alpha**2; None = not a noise axis."""
        if self.log_snr is None:
            return None
        return float(1.0 / (1.0 + np.exp(-np.float64(self.log_snr[frame]))))


def place_of(log_snr: ArrayLike) -> NDArray[np.float64]:
    """The place of a log-SNR on every noise axis, 0 to 1."""
    return np.asarray(np.interp(np.asarray(log_snr, np.float64), _LEVELS, _PLACES))


EMPTY_AXIS = Axis("noise", np.zeros(0, np.float32))


def trajectory_axis(trajectory: Trajectory) -> Axis:
    direction = 1 if trajectory.kind == "reverse" else -1
    return Axis("noise", trajectory.t, trajectory.log_snr, direction, tr("noise"), tr("clean"))


def training_axis(steps: Sequence[int]) -> Axis:
    """An axis of training steps, with the first one at the left."""
    end = tr("newest") if len(steps) > 1 else ""
    return Axis("step", np.asarray(steps, np.float32), None, 1, tr("start"), end)


@dataclass(frozen=True)
class TimelineState:
    """The current frame, and how the timeline plays.

    ``fps``: frames per second, 1 to 120; ``heading``: the direction of the next frame, which only
    ping-pong reverses; ``backwards``: whether it plays from the end of the process to its start.
    """

    frame: int = 0
    playing: bool = False
    fps: int = FPS
    loop: LoopMode = "once"
    heading: int = 1
    backwards: bool = False


class TimelineModel(QObject):
    """An axis, the current frame, and a clock that moves it. UI thread."""

    axis_changed = Signal()  #: the axis changed; the frame is already set
    frame_changed = Signal(int)  #: the new frame (int)
    state_changed = Signal(object)  #: the new TimelineState; playing, fps or loop mode changed

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.axis = EMPTY_AXIS
        self.state = TimelineState()
        self._clock = QElapsedTimer()
        self._shown_frames = 0
        self._own_fps = False  # whether the user set the speed
        self._pace: int | None = None
        # Start of the measurement in milliseconds, and the frames since then.
        self._pace_from, self._pace_count = 0, 0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    @property
    def frame(self) -> int:
        """The current frame, 0 = left end."""
        return self.state.frame

    @property
    def pace(self) -> int | None:
        """Measured frames per second; None = unknown, or not playing."""
        return self._pace if self.state.playing else None

    @property
    def direction(self) -> int:
        """+1 plays to the right, -1 to the left."""
        return -self.axis.direction if self.state.backwards else self.axis.direction

    @property
    def start_frame(self) -> int:
        """First frame of playback: the left end if it plays to the right, else the right end."""
        return 0 if self.direction > 0 else max(0, len(self.axis) - 1)

    @property
    def end_frame(self) -> int:
        return max(0, len(self.axis) - 1) if self.direction > 0 else 0

    def set_axis(self, axis: Axis, frame: int | None = None) -> None:
        """Show other frames, starting at ``frame`` (None = the start frame); stops playing."""
        self.pause()
        self.axis = axis
        last = max(0, len(axis) - 1)
        start = self.start_frame if frame is None else min(max(frame, 0), last)
        # Emit signals only now that the frame lies on the new axis.
        self.state = replace(self.state, frame=start, heading=self.direction)
        if not self._own_fps and last:
            self._update(fps=min(FPS, max(LEAST_FPS, round(len(axis) / PASS_SECONDS))))
        self.axis_changed.emit()
        self.frame_changed.emit(start)

    def set_frame(self, frame: int) -> None:
        """Go to a frame, clipped to the axis."""
        frame = min(max(frame, 0), max(0, len(self.axis) - 1))
        if frame != self.state.frame:
            self.state = replace(self.state, frame=frame)
            self.frame_changed.emit(frame)

    def go_to_value(self, value: float) -> None:
        """Go to the recorded frame nearest to a noise level or training step."""
        if len(self.axis):
            self.set_frame(self.axis.nearest(value))

    def go_to_log_snr(self, log_snr: float) -> None:
        """Stop playing, and go to the frame nearest to a noise level."""
        self.pause()
        if self.axis.log_snr is not None and len(self.axis):
            self.set_frame(self.axis.nearest_level(log_snr))

    def step(self, frames: int) -> None:
        """Move by frames, positive to the right; stops playing."""
        self.pause()
        self.set_frame(self.state.frame + frames)

    def set_fps(self, fps: int) -> None:
        """Set the frames per second, 1 to 120; kept for other axes."""
        self._own_fps = True
        self._update(fps=min(max(fps, 1), 120))
        self._restart_clock()

    def set_loop(self, loop: LoopMode) -> None:
        """Set what happens at the end: stop, repeat or reverse."""
        self._update(loop=loop, heading=self.direction)

    def set_backwards(self, backwards: bool) -> None:
        """Set whether to play from the end of the process to its start."""
        self._update(backwards=backwards)
        self._update(heading=self.direction)

    def play(self) -> None:
        """Start playing; from the beginning if at the end."""
        if len(self.axis) < 2 or self.state.playing:
            return
        self._update(playing=True, heading=self.direction)
        if self.state.frame == self.end_frame and self.state.loop != "pingpong":
            self.set_frame(self.start_frame)
        self._restart_clock()

    def pause(self) -> None:
        self._timer.stop()
        self._update(playing=False)

    def toggle(self) -> None:
        if self.state.playing:
            self.pause()
        else:
            self.play()

    def advance(self, frames: int) -> None:
        """Advance by ``frames`` frames, according to the loop mode."""
        last = len(self.axis) - 1
        if last < 1:
            return
        frame, heading = self.state.frame, self.state.heading
        if self.state.loop == "once":
            frame += heading * frames
            if (frame <= 0) if heading < 0 else (frame >= last):
                self.pause()
        elif self.state.loop == "loop":
            frame = (frame + heading * frames) % (last + 1)
        else:
            # Unfold the way there and back onto a circle of 2 * last frames.
            place = frame if heading > 0 else 2 * last - frame
            place = (place + frames) % (2 * last)
            frame, heading = (place, 1) if place < last else (2 * last - place, -1)
            self.state = replace(self.state, heading=heading)
        self.set_frame(frame)

    def _update(self, **fields: object) -> None:
        new = replace(self.state, **fields)  # type: ignore[arg-type]
        if new != self.state:
            self.state = new
            self.state_changed.emit(new)

    def _restart_clock(self) -> None:
        if self.state.playing:
            self._clock.start()
            self._shown_frames = 0
            self._pace, self._pace_from, self._pace_count = None, 0, 0
            # Screens show about 60 frames per second; faster playback skips frames.
            self._timer.start(max(16, 1000 // self.state.fps))

    def _tick(self) -> None:
        # By the clock rather than by ticks, so that slow painting skips frames but keeps the speed.
        now = self._clock.elapsed()
        due = now * self.state.fps // 1000
        if due > self._shown_frames:
            step, self._shown_frames = due - self._shown_frames, due
            self._pace_count += 1
            if now - self._pace_from >= 1000:
                self._pace = round(1000 * self._pace_count / (now - self._pace_from))
                self._pace_from, self._pace_count = now, 0
            self.advance(int(step))
