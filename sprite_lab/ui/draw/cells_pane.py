"""The left half of Draw: actions on cells, their grid, and notes below it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from sprite_lab.app.shell.actions import DRAW_SETS, MENUS
from sprite_lab.ui.draw.cell_grid import CellGrid
from sprite_lab.ui.draw.layers import LayersGroup
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.page import scrolling
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.elided import ElidedLabel
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.words import tr

_TIP = tr("Fill the cells with random sprites of the open data set and their classes, as a start")
#: Text of the menu entry that leads to the sprites of the open set.
CHOOSE_TEXT = tr("Select sprites in Data…")
_CHOOSE_TIP = tr("Select sprites of the open set there: Edit in Draw puts them into blank cells")
#: The description and the icon of each kind of set.
_SETS = {
    name: (spec.tip, spec.icon or "")
    for name in DRAW_SETS
    for specs in MENUS.values()
    for spec in specs
    if spec is not None and spec.name == f"run.{name}"
}
#: Minimum width, and left and right margin together, in logical pixels.
_LEAST, _SIDES = 170, 16
#: Maximum width of a button of the invitation with text of the usual size, in logical pixels.
_BUTTON = 200
#: Gap between the cells and the invitation, in logical pixels.
_BELOW = 4


class Invitation(QWidget):
    """Invites users to draw, generate, or start with sprites or a set of cells."""

    set_wanted = Signal(str)  #: open the page of a kind of set, by its name

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("draw.invitation")
        text = self._text = dim_label(
            tr(
                "Draw in a cell, paste or drop a picture, generate from a class, or start from "
                "existing sprites:"
            )
        )
        text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        #: Fills all cells with sprites of the data set.
        self.take = push_button("draw.invitation.take", tr("Use sprites"), "random", _TIP)
        self._or = dim_label(tr("Or make more than single sprites:"))
        self._or.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sets = QWidget()
        buttons = []
        # Short titles: in large text, longer ones would be wider than the cells.
        for name, title in DRAW_SETS.items():
            tip, icon = _SETS[name]
            button = push_button(f"draw.invitation.{name}", title, icon, tip)
            button.clicked.connect(lambda _=False, name=name: self.set_wanted.emit(name))
            buttons.append(button)
        # Centered, and as wide as allowed.
        first, *others = (hbox(..., (button, 99), ...) for button in (self.take, *buttons))
        self._column = vbox(text, first, self._or, self._sets, on=self, margins=(0, 8, 0, 8))
        self._others = vbox(*others, on=self._sets)
        self._buttons = self.take, *buttons
        theme_manager().on_text(self._size_buttons)

    @Slot()
    def _size_buttons(self) -> None:
        for button in self._buttons:
            button.setMaximumWidth(round(_BUTTON * theme_manager().text_scale))

    def fit(self, width: int, height: int) -> None:
        """Hide sentences, then buttons, that do not fit; the same buttons are above the cells.

        ``width``, ``height``: the room, in logical pixels. ``width`` leaves out the scroll bar,
        even a hidden one; otherwise the bar could appear and disappear endlessly.
        """
        margins, gap = self._column.contentsMargins(), self._column.spacing()
        heights = {
            self._text: self._text.heightForWidth(width),
            self.take: self.take.sizeHint().height(),
            self._or: self._or.heightForWidth(width),
            self._sets: self._others.totalSizeHint().height(),
        }
        room = height - margins.top() - margins.bottom() + gap
        for shown in (
            tuple(heights),
            (self.take, self._or, self._sets),
            (self.take, self._sets),
            (self._text, self.take),
            (self.take,),
            (),
        ):
            if sum(heights[part] + gap for part in shown) <= room:
                break
        for part in heights:
            part.setVisible(part in shown)


class CellsPane(QWidget):
    """Buttons, the scrolled grid, an invitation while all cells are blank, and ``layers``.

    ``note`` stands above the layers, which do not move when it appears. ``actions``: those of
    :func:`~sprite_lab.ui.draw.keys.cell_actions`, some of which have a button here.
    """

    fill_wanted = Signal()  #: open the page of variations
    choose_wanted = Signal()  #: show the sprites of the data set
    set_wanted = Signal(str)  #: open the page of a kind of set, by its name

    def __init__(
        self, grid: CellGrid, layers: LayersGroup, note: QWidget, actions: dict[str, QAction]
    ) -> None:
        super().__init__()
        self._grid, self._layers, self._actions = grid, layers, actions
        self._take = self._button("take", "random")
        tip = tr("Fill the grid: 64 variations at once")
        fill = IconButton("draw.fill", "fill-grid", tip, do=self.fill_wanted)
        starts = as_widget(hbox(self._take, fill, self._make_sets(), spacing=2))
        names = "copy", "paste", "duplicate", "clear"
        edits = as_widget(hbox(*(self._button(name, name) for name in names), spacing=2))
        head = as_widget(Flow(None, starts, edits, spacing=8, last_right=False))
        self.invitation = Invitation()
        self.invitation.set_wanted.connect(self.set_wanted)
        # The invitation scrolls, too, since layers below leave little height.
        self._reading = dim_label(tr("Reading your drawings…"), name="draw.reading")
        self._reading.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._reading.hide()
        cells = as_widget(vbox((grid, 1), self._reading, self.invitation, spacing=_BELOW))
        self._room = grid.area = scrolling(cells, clear=True)
        grid.setAutoFillBackground(False)  # the pane's layout continues below it
        #: The class or name of the current cell, if there is no room for one below each cell.
        self._words = ElidedLabel(name="draw.cell_words")
        title = hbox(heading(tr("Cells")), (self._words, 1))
        parts = (title, head, (self._room, 1), note, layers)
        vbox(*parts, on=self, spacing=4, margins=(_SIDES // 2, 14, _SIDES // 2, 8))
        for changed in (grid.told, grid.current_changed):
            changed.connect(self._show_words)
        self._show_words()

        for part in (cells, self._room.viewport()):
            part.installEventFilter(self)

    @Slot()
    def _show_words(self) -> None:
        self._words.setVisible(not self._grid.is_named)
        self._words.setText(self._grid.words)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            whole = self._room.viewport().height()
            # The room that cells leave without the invitation, so that they keep their size when it
            # is hidden.
            room = whole - self._grid.height_in(whole) - _BELOW
            self.invitation.fit(self._grid.steady_width, room)
        return super().eventFilter(watched, event)

    def minimumSizeHint(self) -> QSize:
        # The pane may be narrow beside a lesson on a small screen, but all of it must be readable.
        shown = self._layers.least_width
        if not self.invitation.isHidden():
            bar = self._room.verticalScrollBar().sizeHint().width()
            shown = max(shown, self.invitation.minimumSizeHint().width() + bar)
        return QSize(max(_LEAST, shown + _SIDES), super().minimumSizeHint().height())

    def _button(self, name: str, icon: str) -> IconButton:
        action = self._actions[name]
        tip = f"{action.text()} ({action.shortcut().toString()})"
        return IconButton(f"draw.{name}", icon, tip, do=action.trigger)

    def _make_sets(self) -> IconButton:
        # With text, since the buttons below the cells disappear with the first stroke.
        tip = tr("My style, terrain and character, as in the Run menu, and sprites to choose")
        button = IconButton("draw.sets", "grid", tip, tr("More"))
        menu = named(QMenu(button), "draw.sets.menu")
        for name, text in DRAW_SETS.items():
            action = named(menu.addAction(text), f"draw.sets.{name}", tip=_SETS[name][0])
            action.triggered.connect(lambda _=False, name=name: self.set_wanted.emit(name))
        menu.addSeparator()
        choose = named(menu.addAction(CHOOSE_TEXT), "draw.sets.choose", tip=_CHOOSE_TIP)
        choose.triggered.connect(self.choose_wanted)
        menu.setToolTipsVisible(True)
        button.setMenu(menu)
        return button

    def invite(self, invites: bool, *, reading: bool) -> None:
        """Show or hide the invitation; ``reading``: drawings are still being loaded."""
        self._reading.setVisible(invites and reading)
        invites = invites and not reading
        focus = QApplication.focusWidget()
        if not invites and focus is not None and self.invitation.isAncestorOf(focus):
            self._grid.setFocus()  # otherwise the focus would go to the next widget
        self.invitation.setVisible(invites)

    def set_problem(self, why: str) -> None:
        """Gray out what takes sprites of the data set, with the reason ``why``; "" = enable it."""
        allow(self.invitation.take, why, _TIP)
        self._actions["take"].setEnabled(not why)
        allow(self._take, why, tr("Put sprites of the data set into the selected cells"))
