"""The middle of the window: a file as a sheet with its grid, or its sprites."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QWheelEvent
from PySide6.QtWidgets import QApplication, QLabel, QToolButton, QWidget

from sprite_lab.app.files.importing import Importing
from sprite_lab.core.sets.imports import CELLS, SURE, FoundPicture, Grid, ImportPlan
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.importing.cut_icons import ICON_SIDE, cut_icons
from sprite_lab.ui.importing.sheet_view import MARGIN, SheetView
from sprite_lab.ui.importing.sprite_page import SpritePage
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.page import scrolling
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton, Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import EmptyState, dim_label, separator
from sprite_lab.ui.widgets.pages import CurrentStack
from sprite_lab.words import tr, trn


class LargerArt(QWidget):
    """Asks about art that was left out for its size; visible only if there is some."""

    def __init__(self, importing: Importing) -> None:
        super().__init__()
        self.setObjectName("import.larger_art")
        self._side = 0
        self._text = named(Label(wrap=True), "import.larger_art.text")
        self._size = push_button(
            "import.larger_art.size",
            tr("Larger sprites"),
            tip=tr("Use that sprite size, so that nothing loses pixels"),
            do=lambda: importing.change({"cell": self._side}),
        )
        reduce = push_button(
            "import.larger_art.reduce",
            tr("Reduce"),
            tip=tr("Keep every second (third, …) pixel, which loses detail"),
            do=lambda: importing.change({"larger": "nearest"}),
        )
        crop = push_button(
            "import.larger_art.crop",
            tr("Keep the middle"),
            tip=tr("Cut off the rest"),
            do=lambda: importing.change({"larger": "crop"}),
        )
        buttons = Flow(None, self._size, reduce, crop, spacing=8, last_right=False)
        vbox(self._text, buttons, on=self, margins=(16, 8, 8, 4))
        self.hide()

    def show_plan(self, plan: ImportPlan | None) -> None:
        """Ask how to treat art that a plan left out for its size."""
        largest = plan.left_out if plan is not None and plan.choices.larger == "refuse" else 0
        self.setVisible(largest > 0)
        if plan is None or not largest:
            return
        cell = plan.choices.cell
        self._text.setText(
            tr(
                "Some art is larger than {cell}×{cell} pixels (up to {largest}) and will be "
                "skipped.",
                cell=cell,
                largest=largest,
            )
        )
        self._side = next((side for side in CELLS if side >= largest), 0)
        self._size.setVisible(self._side > 0)
        self._size.setText(tr("Sprites of {side}×{side}", side=self._side))


class LikelyGrids(QWidget):
    """Buttons for other likely grids of a sheet; visible only if there are some.

    If the cut is uncertain or gave no sprites, each button shows how it would cut the sheet.
    """

    def __init__(self, importing: Importing) -> None:
        super().__init__()
        self.setObjectName("import.likely")
        self._importing = importing
        self._grids: tuple[Grid, ...] = ()
        self._buttons = [
            push_button(f"import.likely.{number}", "", tip=tr("Cut by this grid; Ctrl+Z undoes it"))
            for number in range(1, MOST_LIKELY + 1)
        ]
        self._words = dim_label(wrap=False, name="import.likely.words")
        buttons = Flow(None, self._words, *self._buttons, spacing=8, last_right=False)
        hbox(buttons, on=self, margins=(16, 0, 8, 4))
        for index, button in enumerate(self._buttons):
            button.setIconSize(QSize(ICON_SIDE, ICON_SIDE))
            button.clicked.connect(lambda _checked=False, index=index: self._choose(index))
        theme_manager().changed.connect(self._paint)
        self.hide()

    def offer(self, grids: Sequence[Grid]) -> None:
        """Offer the first of some grids for the file on display."""
        self._grids = tuple(grids[:MOST_LIKELY])
        found = self._importing.found
        words = tr("Likely cells:")
        if found is not None:
            unsure = self._unsure_sheet is not None
            words = tr("Not sure. Other likely cells:") if unsure else tr("Other likely cells:")
        self._words.setText(words)
        now = None if found is None else self._importing.grid
        for button, grid in zip_longest(self._buttons, self._grids):
            button.setVisible(grid is not None)
            if grid is not None:
                button.setText(_grid_in_words(grid, now))
        self._paint()
        self.setVisible(bool(self._grids))

    def _paint(self, *_: object) -> None:
        """Draw the icons in the colors of the theme."""
        sheet = self._unsure_sheet if self._grids else None
        icons = [] if sheet is None else cut_icons(sheet, self._grids, self.devicePixelRatioF())
        for button, icon in zip_longest(self._buttons, icons):
            button.setIcon(icon or QIcon())

    @property
    def _unsure_sheet(self) -> NDArray[np.uint8] | None:
        """The picture of a file that was refused or cut by an uncertain guess; otherwise None."""
        refusal, found = self._importing.refusal, self._importing.found
        if refusal is not None:
            return refusal.preview
        if found is None or self._importing.own.by_hand:
            return None
        return found.preview if found.certainty < SURE else None

    def _choose(self, index: int) -> None:
        self._importing.change_file({"cut": "grid", "grid": self._grids[index]})


class WordsRow(QWidget):
    """The words that sprites get from names, and a button for the words that all sprites share.

    By default, sprites do not get the shared words.
    """

    def __init__(self, importing: Importing) -> None:
        super().__init__()
        self._given = dim_label(name="import.words_given")
        self._shared = dim_label(name="import.words_offered")
        self._take = push_button(
            "import.words_offered.take",
            tr("Use them"),
            tip=tr("As words of these sprites: “Shared words, too”, on the right"),
            do=lambda: importing.change({"sheet_words": True}),
        )
        hbox((vbox(self._given, self._shared, spacing=4), 1), self._take, on=self,
             margins=(16, 0, 8, 4))  # fmt: skip
        self.hide()

    def show_words(self, pictures: Sequence[FoundPicture]) -> None:
        texts = (text for one in pictures for text in one.words)
        given = list(dict.fromkeys(word for text in texts for word in text.split()))
        shared = list(dict.fromkeys(word for one in pictures for word in one.offered))
        self._given.setText(tr("Words: {words}", words=_listed(given)))
        self._shared.setText(
            tr(
                "Words not used, as all sprites of a file or of the import share them: {words}",
                words=_listed(shared),
            )
        )
        self._given.setVisible(bool(given))
        for part in (self._shared, self._take):
            part.setVisible(bool(shared))
        self.setVisible(bool(given or shared))


def _listed(words: Sequence[str]) -> str:
    more = len(words) - _MOST_WORDS
    listed = ", ".join(words[:_MOST_WORDS])
    return (
        listed
        if more <= 0
        else trn("{words} and {n} more", "{words} and {n} more", more, words=listed)
    )


class Note(QWidget):
    """A note on the file on display, with buttons; visible only if there is one."""

    def __init__(self, label: QLabel, *buttons: QWidget) -> None:
        super().__init__()
        self._label = label
        hbox((label, 1), *buttons, on=self, margins=(16, 0, 8, 4))
        self.hide()

    def say(self, text: str) -> None:
        self._label.setText(text)
        self.setVisible(bool(text))


def _ground_left(found: FoundPicture | None) -> str:
    """A note on the ground color of all cells of a sheet; "" = none was kept."""
    if found is None or found.left_ground is None:
        return ""
    color = "#{:02x}{:02x}{:02x}".format(*found.left_ground)
    return tr("The drawings stand on {color}, which is kept.", color=color)


def _left_inside(found: FoundPicture | None) -> str:
    """A note on the background that was kept inside drawings; "" = there is none."""
    if found is None or found.inside is None:
        return ""
    return trn(
        "{n} of {total} drawings has the background {color} inside, too.",
        "{n} of {total} drawings have the background {color} inside, too.",
        found.inside[1],
        total=found.count,
        color="#{:02x}{:02x}{:02x}".format(*found.inside[0]),
    )


def _grid_in_words(grid: Grid, now: Grid | None = None) -> str:
    """A grid in a few words that distinguish it from ``now``."""
    (height, width), (down, across) = grid.cell, grid.spacing
    top, left = grid.offset
    apart = str(across) if across == down else f"{across}, {down}"
    start = str(left) if left == top else f"{left}, {top}"
    if max(grid.spacing) and max(grid.offset):
        return tr(
            "{width}×{height}, {spacing} apart, from {offset}",
            width=width,
            height=height,
            spacing=apart,
            offset=start,
        )
    if max(grid.spacing):
        return tr("{width}×{height}, {spacing} apart", width=width, height=height, spacing=apart)
    if max(grid.offset):
        return tr("{width}×{height} from {offset}", width=width, height=height, offset=start)
    if now is not None and now.cell == grid.cell:
        return tr("{width}×{height} without gaps", width=width, height=height)
    return f"{width}×{height}"


#: Maximum number of words listed.
_MOST_WORDS = 12

#: Number of likely grids with a button.
MOST_LIKELY = 3

_MOST_SCALE = 24
_SPRITE_SCALE = 3


class Preview(QWidget):
    """The current file, as a sheet or as the sprites found in it."""

    files_wanted = Signal()  #: the button of the empty page was pressed

    def __init__(self, importing: Importing) -> None:
        super().__init__()
        self._importing = importing
        self._path = ""  # the file last shown
        self._kept_inside: set[str] = set()  # files that keep the background inside shapes
        self._shown: ImportPlan | None = None
        self._wanted = "sheet"
        self._scale = 0  # scale of the sheet; 0 = as large as fits
        self._sprite_scale = _SPRITE_SCALE
        self._kind = Segmented(
            "import.view",
            tr("What to show"),
            Option("sheet", tr("Sheet"), "grid", tr("The picture and how it is cut")),
            Option("sprites", tr("Sprites"), "data", tr("The resulting sprites")),
        )
        self._how = named(Label(wrap=True), "import.how")
        self._likely, self._words = LikelyGrids(importing), WordsRow(importing)
        self._ground = Note(
            dim_label(name="import.ground"),
            push_button(
                "import.ground.remove",
                tr("Make it transparent"),
                tip=tr("Remove that color around the drawings, as “Background” on the right"),
                do=self._remove_ground,
            ),
        )
        self._inside = Note(
            named(Label(wrap=True, look="warn"), "import.inside"),
            push_button(
                "import.inside.remove",
                tr("Remove it"),
                tip=tr("Make it transparent there, too: “Also inside shapes”, on the right"),
                do=lambda: importing.change_file({"holes": True}),
            ),
            push_button(
                "import.inside.keep",
                tr("Keep it"),
                tip=tr("It belongs to the drawings"),
                do=self._keep_inside,
            ),
        )
        self._warnings = named(Label(wrap=True, look="warn"), "import.warnings")
        for label in (self._how, self._warnings):
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        tip = tr(
            "Drag to move the grid. Square handle: cell size (Shift = square). Round handle: "
            "spacing.\nArrow keys do the same: alone, with Ctrl, with Alt. Ctrl+wheel zooms."
        )
        self.sheet = named(SheetView(name="import.sheet"), tip=tip)
        self.area = scrolling(self.sheet)
        self.area.viewport().installEventFilter(self)
        self.sprites = SpritePage(importing)
        self._empty = EmptyState("import", name="import.empty")
        self._stack = CurrentStack()
        for page in (self.area, self.sprites, self._empty):
            self._stack.addWidget(page)
        self.larger_art = LargerArt(importing)
        self._zoom = dim_label(wrap=False, name="import.zoom")
        buttons = [
            IconButton(f"import.{name}", icon, tip)
            for icon, tip, name in (
                ("zoom-out", tr("Smaller (Ctrl+wheel)"), "zoom_out"),
                ("zoom-in", tr("Larger (Ctrl+wheel)"), "zoom_in"),
                ("enlarge", tr("Zoom to fit"), "zoom_fit"),
            )
        ]
        bar = hbox(self._kind, ..., self._zoom, *buttons)
        self._head = as_widget(
            vbox(bar, self._how, self._warnings, spacing=4, margins=(16, 8, 8, 8))
        )
        notes = self._head, self._likely, self._words, self._ground, self._inside
        parts = self.larger_art, *notes, separator(), (self._stack, 1)
        vbox(*parts, on=self, spacing=0)
        self._kind.changed.connect(self._on_kind)
        for button, step in zip(buttons, (-1, 1, 0), strict=True):
            button.clicked.connect(lambda _checked=False, step=step: self.zoom(step))
        self.sheet.box_clicked.connect(self._on_box)
        self.sprites.chosen_changed.connect(self._on_chosen)
        self.sprites.browser.double_clicked.connect(self._show_in_sheet)

    # -- display ----------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the file on display, or all files of the plan."""
        importing = self._importing
        plan, path, found = importing.plan, importing.path, importing.found
        self.larger_art.show_plan(plan)
        other = path != self._path
        self._path = path
        if other:
            self._scale = 0
        has_sheet = found is not None and found.preview is not None
        if plan is None or (found is None and (path or not plan.pictures)):
            self._show_nothing()
            return
        if other or plan is not self._shown:
            self._shown = plan
            self.sprites.show_pictures(plan, plan.pictures if found is None else (found,))
        self._show_sheet(found)
        every = len(plan.pictures)
        all_files = trn("All sprites of {n:,} file.", "All sprites of {n:,} files.", every)
        self._how.setText(found.how if found is not None else all_files)
        self._likely.offer(importing.guesses if has_sheet else ())
        self._ground.say(_ground_left(found))
        self._inside.say("" if path in self._kept_inside else _left_inside(found))
        self._words.show_words(plan.pictures if found is None else (found,))
        self._warnings.setText("\n".join(found.warnings) if found is not None else "")
        self._warnings.setVisible(bool(self._warnings.text()))
        sheet_button = self._kind.findChild(QToolButton, "import.view.sheet")
        assert sheet_button is not None
        none = tr("Select a picture on the left to see it as a sheet")
        allow(sheet_button, "" if has_sheet else none, tr("The picture and how it is cut"))
        with QSignalBlocker(self._kind):
            self._kind.set_value(self._wanted if has_sheet else "sprites")
        self._head.show()
        self._show_kind()

    def _show_sheet(self, found: FoundPicture | None) -> None:
        if found is None or found.preview is None:
            self.sheet.set_sheet(None, np.zeros((0, 4), np.int64), None)
            return
        grid, boxes = self._importing.grid, found.boxes
        if grid is not None and grid != found.grid:
            boxes = grid.boxes(*found.preview.shape[:2])  # it is not known yet which are empty
        self.sheet.set_sheet(found.preview, boxes, grid)

    def _show_nothing(self) -> None:
        importing = self._importing
        refusal, included = importing.refusal, importing.own.include
        if refusal is not None:
            title = tr("Nothing is imported from this file") if included else tr("Removed")
            words = (title, refusal.why)
        elif importing.problem:
            words = (tr("These files cannot be read"), importing.problem)
        elif importing.is_planning:
            words = (
                tr("Scanning files"),
                tr("What is found appears here. Nothing has been changed yet."),
            )
        elif importing.plan is not None:
            words = (
                tr("No sprites in these files"),
                tr("The list on the left says why. Add others."),
            )
        elif importing.files:
            words = (tr("Stopped"), tr("Not all files were scanned."))
        else:
            words = (
                tr("Bring in your sprites"),
                tr(
                    "Pictures, sprite sheets, animations, Aseprite files, folders, zip archives "
                    "and arrays: drop them here, or add them. Nothing changes until you press "
                    "Import."
                ),
            )
        action = "" if refusal is not None or importing.is_planning else tr("Add files…")
        likely = importing.guesses if refusal is not None and included else ()
        if refusal is not None and refusal.may_be_cut:
            action = tr("Cut by a grid of {grid}", grid=_grid_in_words(self._plain_grid))
            likely = tuple(grid for grid in likely if grid != self._plain_grid)
        if action and importing.plan is None and importing.files:
            action = tr("Refresh")
        icon_name = "open" if refusal is None else "grid"
        self._empty.offer(*words, action, icon_name, self._on_empty)
        self._head.hide()
        for row in (self._words, self._ground, self._inside):
            row.hide()
        self._likely.offer(likely)
        self._stack.setCurrentWidget(self._empty)

    @property
    def _plain_grid(self) -> Grid:
        """The first grid offered for a refused file: cells of the sprites' size."""
        cell = self._importing.choices.cell
        return Grid((cell, cell))

    def _on_empty(self) -> None:
        if self._importing.refusal is not None:
            self._importing.change_file({"cut": "grid", "grid": self._plain_grid})
        elif self._importing.plan is None and self._importing.files:
            self._importing.look()
        else:
            self.files_wanted.emit()

    def _remove_ground(self) -> None:
        found = self._importing.found
        if found is not None and found.left_ground is not None:
            self._importing.change_file({"background": found.left_ground})

    def _keep_inside(self) -> None:
        self._kept_inside.add(self._importing.path)
        self._inside.hide()

    def _show_kind(self) -> None:
        is_sheet = self._kind.value == "sheet"
        self._stack.setCurrentWidget(self.area if is_sheet else self.sprites)
        self._apply_zoom()

    @property
    def shows(self) -> str:
        """The current view: "sheet" or "sprites"."""
        return str(self._kind.value)

    def show_kind(self, kind: str) -> None:
        self._kind.set_value(kind)

    def _on_kind(self, kind: str) -> None:
        self._wanted = kind
        self._show_kind()

    # -- zoom ----------------------------------------------------------------------------

    def zoom(self, step: int, around: QPointF | None = None) -> None:
        """Zoom by ``step``; 0 = as large as fits.

        ``around``: the point that stays where it is; None = the center.
        """
        if self._kind.value != "sheet":
            now = self._sprite_scale
            self._sprite_scale = _SPRITE_SCALE if step == 0 else min(max(now + step, 1), 12)
            self._apply_zoom()
            return
        now = self._sheet_scale()
        self._scale = 0 if step == 0 else min(max(now + step, 1), _MOST_SCALE)
        port = self.area.viewport()
        around = QPointF(port.rect().center()) if around is None else around
        fixed = self.sheet.point_at(self.sheet.mapFrom(port, around))
        self._apply_zoom()
        # The area updates the sheet's layout only later.
        QApplication.sendPostedEvents(self.area, QEvent.Type.LayoutRequest)
        QApplication.sendPostedEvents(port, QEvent.Type.LayoutRequest)
        moved = self.sheet.mapTo(port, self.sheet.place_of(fixed.x(), fixed.y())) - around
        across, down = self.area.horizontalScrollBar(), self.area.verticalScrollBar()
        across.setValue(across.value() + round(moved.x()))
        down.setValue(down.value() + round(moved.y()))

    def _sheet_scale(self) -> int:
        if self._scale:
            return self._scale
        height, width = self.sheet.sheet_size
        room = self.area.viewport().size()
        across = (room.width() - 2 * MARGIN) // width
        down = (room.height() - 2 * MARGIN) // height
        return min(max(1, min(across, down)), _MOST_SCALE)

    def _apply_zoom(self) -> None:
        if self._kind.value == "sheet":
            scale = self._sheet_scale()
            self.sheet.set_scale(scale)
        else:
            scale = self._sprite_scale
            self.sprites.browser.set_scale(scale)
        self._zoom.setText(f"{scale} ×")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.area.viewport():
            if event.type() == QEvent.Type.Resize and self._scale == 0:
                self._apply_zoom()
            held = Qt.KeyboardModifier.ControlModifier
            if isinstance(event, QWheelEvent) and event.modifiers() & held:
                self.zoom(1 if event.angleDelta().y() > 0 else -1, event.position())
                return True
        return super().eventFilter(watched, event)

    # -- sheet and sprites in sync ----------------------------------------------------------------

    def _on_box(self, index: int, held: Qt.KeyboardModifier) -> None:
        browser = self.sprites.browser
        if index < 0 or index >= browser.count:
            browser.choose(frozenset())
        elif held & Qt.KeyboardModifier.ControlModifier:
            browser.choose(browser.chosen ^ {index})
        else:
            browser.choose(frozenset({index}))
            browser.go_to(index)

    def _on_chosen(self, chosen: frozenset[int]) -> None:
        self.sheet.set_chosen(chosen if self._importing.found is not None else frozenset())

    def _show_in_sheet(self, _index: int) -> None:
        found = self._importing.found
        if found is not None and found.preview is not None:
            self._kind.set_value("sheet")
