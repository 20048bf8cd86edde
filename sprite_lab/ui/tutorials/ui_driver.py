"""The window, as a lesson sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QAbstractButton, QWidget

from sprite_lab.app.timeline import TimelineModel
from sprite_lab.core.config import SampleConfig
from sprite_lab.ui.shell.navigator import Navigator
from sprite_lab.ui.tutorials.controls import find, set_value, value_of
from sprite_lab.ui.widgets.sprites.timeline import Timeline


class WindowDriver(QObject):
    """A :class:`sprite_lab.app.shell.lesson_run.UiDriver` of a window."""

    def __init__(self, navigator: Navigator, window: QWidget) -> None:
        super().__init__(window)
        self._navigator, self._window = navigator, window
        self._presses: dict[str, bool] = {}
        self._watched: dict[str, tuple[QAbstractButton, Callable[[], None]]] = {}

    @property
    def workspace(self) -> str:
        return self._navigator.current

    @property
    def page(self) -> str:
        return self._navigator.page

    def show(self, workspace: str, page: str) -> None:
        self._navigator.go(workspace, page)

    # -- the timeline ----------------------------------------------------------------------

    def _timeline(self) -> TimelineModel | None:
        found = find(self._window, "timeline")
        if isinstance(found, Timeline) and found.isVisible() and len(found.model.axis):
            return found.model
        return None

    def level(self) -> tuple[float, float, float] | None:
        model = self._timeline()
        if model is None or model.state.playing:
            return None  # while it plays, it is not where the user moved it
        values = model.axis.values
        return float(values[model.frame]), float(values[0]), float(values[-1])

    def go_to_level(self, where: str | float) -> None:
        model = self._timeline()
        if model is None:
            return
        model.pause()
        if isinstance(where, str):
            model.set_frame(0 if where == "noise" else len(model.axis) - 1)
        else:
            model.go_to_value(where)

    # -- controls --------------------------------------------------------------------------

    def value(self, name: str) -> object:
        return value_of(find(self._window, name))

    def set_value(self, name: str, value: object) -> None:
        set_value(find(self._window, name), value)

    def was_pressed(self, name: str) -> bool:
        if name not in self._watched:
            # The page of the button may not be built yet.
            button = find(self._window, name)
            if isinstance(button, QAbstractButton):
                self._presses[name] = False

                def pressed() -> None:
                    self._presses[name] = True

                button.clicked.connect(pressed)
                self._watched[name] = button, pressed
        return self._presses.get(name, False)

    def forget_presses(self) -> None:
        for button, pressed in self._watched.values():
            button.clicked.disconnect(pressed)
        self._watched.clear()
        self._presses.clear()

    # -- See -------------------------------------------------------------------------------

    def restore_settings(self, settings: Mapping[str, object]) -> None:
        self._navigator.see.restore_settings(SampleConfig.from_json(settings))

    def dissolve(self, sprites: Sequence[int]) -> None:
        self._navigator.see.dissolve(sprites)

    def generate(self) -> None:
        self._navigator.see.generate()
