"""Visibility and sizes of the panels, kept for the next session."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, Slot
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.ui.first_sizes import set_first_size
from sprite_lab.ui.help.learning import Learning
from sprite_lab.ui.shell.menus import Menus
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.inspector import INSPECTOR_WIDTH

LESSON_WIDTH, LIBRARY_WIDTH = 304, 200  #: at the usual text size
SIZE = (1280, 800)
#: Maximum shares of the window for lessons, library and inspector with large text, unless dragged:
#: enough for the widest page of the inspector, so that its width stays the same, and for every
#: stage.
_LESSON_SHARE, _LIBRARY_SHARE, _SHARE = LESSON_WIDTH / SIZE[0], 0.167, 0.297


class Panels(QObject):
    """Handles ``view.library``, ``view.inspector`` and ``view.stage_only``, and hides the library
    for ``view.projector``. UI thread.

    ``sides``: library and inspector. ``splitter``: contains lessons, library, stage and inspector,
    in this order. ``around``: everything else, hidden while the stage is alone.
    """

    def __init__(
        self,
        lab: Lab,
        window: QMainWindow,
        menus: Menus,
        learning: Learning,
        sides: tuple[QWidget, QWidget],
        splitter: QSplitter,
        around: Sequence[QWidget],
    ) -> None:
        super().__init__(window)
        self._settings, self._window, self._actions = lab.settings, window, menus.actions
        self._learning, self._splitter, self._around = learning, splitter, around
        self._library, self._inspector = sides
        self._room_wanted = False
        self._open_projected = False  # whether the library is open beside what a projector shows
        self._dragged = False  # whether the user set the widths of library and inspector
        splitter.splitterMoved.connect(self._on_dragged)
        window.installEventFilter(self)
        splitter.installEventFilter(self)
        theme_manager().text_resized.connect(self._fit_sides)
        # Once more, when the parts know how little room smaller text needs.
        theme_manager().text_resized.connect(self._fit_sides, Qt.ConnectionType.QueuedConnection)
        settings, actions = lab.settings, menus.actions
        actions["view.library"].toggled.connect(self._on_library)
        actions["view.projector"].toggled.connect(self._on_projector)
        actions["view.inspector"].toggled.connect(lambda on: settings.replace(inspector_open=on))
        actions["view.stage_only"].toggled.connect(self._apply)
        learning.room.setMinimumWidth(LESSON_WIDTH)
        learning.opened_changed.connect(self._apply)
        settings.changed.connect(self._on_settings)

    def restore(self) -> None:
        known, window = self._settings.value, self._window
        set_first_size(window, *SIZE, grows=False)
        if known.geometry:
            window.restoreGeometry(QByteArray.fromBase64(known.geometry.encode()))
        _lessons, library, inspector = self._usual
        left, right = known.library_width or library, known.inspector_width or inspector
        middle = max(400, window.width() - left - right)
        self._splitter.setSizes([LESSON_WIDTH, left, middle, right])
        self._on_settings()

    def give_room(self, wanted: bool) -> None:
        """Hide library and inspector if ``wanted``, since the stage shows a single sprite.

        In a lesson, the inspector stays, since the lesson refers to its controls.
        """
        if wanted != self._room_wanted:
            self._room_wanted = wanted
            self._apply()

    def _growing(self, width: int, share: float) -> int:
        """A width that grows with the text size, up to a share of the window."""
        wanted = round(width * theme_manager().text_scale)
        return max(width, min(wanted, round(share * self._window.width())))

    @property
    def _usual(self) -> tuple[int, int, int]:
        """The widths of lessons, library and inspector if the user has not set them."""
        return (
            self._growing(LESSON_WIDTH, _LESSON_SHARE),
            self._growing(LIBRARY_WIDTH, _LIBRARY_SHARE),
            self._growing(INSPECTOR_WIDTH, _SHARE),
        )

    def _on_dragged(self, *_: object) -> None:
        self._dragged = True

    @Slot()
    def _fit_sides(self) -> None:
        """Fit the widths to text and window, unless the user set them."""
        known, sizes = self._settings.value, self._splitter.sizes()
        (lessons, left, _middle, right), usual = sizes, self._usual
        # Fixes the width by a maximum: with a larger minimum, the window could not become smaller.
        self._learning.room.setMaximumWidth(usual[0])
        if self._learning.room.isVisible():
            lessons = usual[0]
        if self._library.isVisible() and not known.library_width and not self._dragged:
            left = usual[1]
        if self._inspector.isVisible() and not known.inspector_width and not self._dragged:
            right = usual[2]
        fitting = [lessons, left, sum(sizes) - lessons - left - right, right]
        if fitting != sizes:
            self._splitter.setSizes(fitting)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # A layout request: a page that needed more width may have been left.
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit_sides()
        return False

    def remember(self) -> None:
        sizes, window = self._splitter.sizes(), self._window
        geometry = bytes(window.saveGeometry().toBase64().data()).decode()
        self._settings.replace(geometry=geometry, launched=True)
        if self._library.isVisible() and self._dragged:
            self._settings.replace(library_width=sizes[1])
        if self._inspector.isVisible() and self._dragged:
            self._settings.replace(inspector_width=sizes[3])

    @property
    def _library_open(self) -> bool:
        # Projector leaves the setting alone, so that the next session has the library again.
        projects = self._actions["view.projector"].isChecked()
        return self._open_projected if projects else self._settings.value.library_open

    def _on_library(self, on: bool) -> None:
        if self._actions["view.projector"].isChecked():
            self._open_projected = on
            self._apply()
        else:
            self._settings.replace(library_open=on)

    def _on_projector(self, *_: object) -> None:
        self._open_projected = False
        self._on_settings()

    def _on_settings(self, *_: object) -> None:
        known = self._settings.value
        self._actions["view.library"].setChecked(self._library_open)
        self._actions["view.inspector"].setChecked(known.inspector_open)
        self._apply()

    def _apply(self, *_: object) -> None:
        known, taught = self._settings.value, self._learning.opened
        alone = self._actions["view.stage_only"].isChecked()
        self._actions["help.lessons"].setChecked(taught)
        self._learning.room.setVisible(taught and not alone)
        folded = self._room_wanted and not taught
        self._library.setVisible(self._library_open and not alone and not taught and not folded)
        self._inspector.setVisible(known.inspector_open and not alone and not folded)
        for part in self._around:
            part.setVisible(not alone)
        if taught:
            self._fit_sides()
