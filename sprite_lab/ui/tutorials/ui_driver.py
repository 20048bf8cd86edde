"""The interface of a lesson to the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from sprite_lab.app.timeline import TimelineModel
from sprite_lab.core.config import SampleConfig
from sprite_lab.ui.shell.navigator import Navigator
from sprite_lab.ui.tutorials.controls import (
    checked_beside,
    choose_another,
    find,
    is_input,
    set_value,
    value_of,
)
from sprite_lab.ui.widgets.fields.inspector import EmptyState
from sprite_lab.ui.widgets.sprites.timeline import Timeline


@dataclass(frozen=True)
class Level:
    """The position of a timeline."""

    value: float  #: the noise level t, or the training step
    #: the values of its two ends
    noise: float
    clean: float
    log_snr: float | None = None  #: that of a noise level; None = it is a training step


class WindowDriver(QObject):
    """Shows pages, and reads and sets controls, for a lesson. UI thread."""

    shown = Signal()  #: a page was shown, before its controls are set

    def __init__(self, navigator: Navigator, window: QWidget) -> None:
        super().__init__(window)
        self._navigator, self._window = navigator, window

    @property
    def workspace(self) -> str:
        return self._navigator.current

    @property
    def page(self) -> str:
        return self._navigator.page

    @property
    def chosen_cells(self) -> Sequence[int]:
        return self._navigator.draw.session.chosen

    def show(self, workspace: str, page: str) -> None:
        """Show a workspace and page; "" = stay."""
        self._navigator.go(workspace, page)
        if workspace == "draw" and not page:
            self._navigator.draw.show_canvas()
        self.shown.emit()

    @property
    def is_empty(self) -> bool:
        """Whether the page shown has nothing to show yet."""
        stage = self._navigator.stage
        asks = any(part.isVisible() for part in stage.findChildren(EmptyState))
        timelines = (part for part in stage.findChildren(Timeline) if part.isVisible())
        return asks or any(not len(timeline.model.axis) for timeline in timelines)

    # -- the timeline ----------------------------------------------------------------------

    def _timeline(self) -> TimelineModel | None:
        found = find(self._window, "timeline")
        if isinstance(found, Timeline) and found.isVisible() and len(found.model.axis):
            return found.model
        return None

    def level(self) -> Level | None:
        """Position of the visible timeline; None = it is playing, or there is none."""
        model = self._timeline()
        if model is None or model.state.playing:
            return None  # during playback, it is not where the user moved it
        axis, frame = model.axis, model.frame
        log_snr = None if axis.log_snr is None else float(axis.log_snr[frame])
        values = axis.values
        return Level(float(values[frame]), float(values[0]), float(values[-1]), log_snr)

    def go_to_level(self, where: str | float) -> None:
        """Move the visible timeline to "noise", "clean" or t."""
        model = self._timeline()
        if model is None:
            return
        model.pause()
        if isinstance(where, str):
            model.set_frame(0 if where == "noise" else len(model.axis) - 1)
        else:
            model.go_to_value(where)

    def go_to_log_snr(self, log_snr: float) -> None:
        model = self._timeline()
        if model is not None:
            model.go_to_log_snr(log_snr)

    # -- controls --------------------------------------------------------------------------

    def value(self, name: str) -> object:
        return value_of(find(self._window, name))

    def label(self, name: str) -> str:
        """The label of a control that can be set; "" = there is none."""
        control = find(self._window, name)
        if control is None or not is_input(control):
            return ""
        beside = (part for part in self._window.findChildren(QLabel) if part.buddy() is control)
        own = control.text() if isinstance(control, QAbstractButton) else ""
        return next((part.text() for part in beside), own or control.accessibleName())

    def state(self, name: str) -> object:
        """The state that changes when a control, or a button beside it, is used."""
        control = find(self._window, name)
        if isinstance(control, QAbstractButton):
            return checked_beside(control)
        return value_of(control) if is_input(control) else None

    def set_value(self, name: str, value: object) -> bool:
        return set_value(find(self._window, name), value)

    def press(self, name: str) -> bool:
        """Press a button; False = it does not exist, or is hidden or disabled."""
        button = find(self._window, name)
        if not isinstance(button, QAbstractButton) or not button.isEnabled() or button.isHidden():
            return False  # such as Measure, which Stop replaces during a measurement
        button.click()
        return True

    def choose_another(self, name: str) -> bool:
        return choose_another(find(self._window, name))

    # -- See -------------------------------------------------------------------------------

    def restore_settings(self, settings: Mapping[str, object]) -> None:
        """Apply sampling settings; missing ones get their defaults."""
        self._navigator.see.restore_settings(SampleConfig.from_json(settings))

    @property
    def settings(self) -> SampleConfig:
        return self._navigator.see.watch.reverse.config()

    def change_settings(self, settings: Mapping[str, object]) -> None:
        """Apply sampling settings; missing ones stay."""
        self.restore_settings({**self.settings.to_json(), **settings})

    def dissolve(self, sprites: Sequence[int] | None) -> None:
        """Dissolve sprites of the data set, by index; None = some."""
        self._navigator.see.dissolve(sprites)

    def generate(self) -> bool:
        """Generate; False = another run is being canceled first."""
        see = self._navigator.see
        if see.watch.is_running:
            see.watch.cancel()
            return False
        see.generate()
        return True

    @property
    def awaits_sprites(self) -> bool:
        return self._navigator.see.watch.is_running
