"""The layers of the cell on the canvas, below the cells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QDropEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidgetItem

from sprite_lab.app.draw.layers import LayerEditor
from sprite_lab.core.config.base import Setting
from sprite_lab.core.pixels.layers import Layer
from sprite_lab.ui.icons import icon
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import allow, set_lesson_value
from sprite_lab.ui.widgets.fields.elided import ElidedLabel
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, label_of
from sprite_lab.ui.widgets.fields.number_field import number_box
from sprite_lab.ui.widgets.fields.table import WRITABLE, Table
from sprite_lab.words import tr

_SHOWN, _LOCKED, _MODEL, _NAME = range(4)
_ICON, _COLUMN, _ROW, _MARGIN = 16, 22, 26, 15  # logical pixels, at the usual size of text
_MOST_ROWS = 6


def _scaled(length: int) -> int:
    """A length that grows with the text."""
    return round(length * theme_manager().text_scale)


class LayerList(Table):
    """A row for each layer, the highest first, with three marks to click and an editable name."""

    moved = Signal(int, int)  #: row of the layer that was dragged, and row to move it to

    def __init__(self) -> None:
        super().__init__(
            4,
            name="draw.layers.list",
            label=tr("Layers, topmost first"),
            tip=tr(
                "Tools draw on the selected layer; drag it to move it, double-click it to rename it"
            ),
        )
        header = self.horizontalHeader()
        for column in (_SHOWN, _LOCKED, _MODEL):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Fixed)
        header.setSectionResizeMode(_NAME, QHeaderView.ResizeMode.Stretch)
        self.fit_text()
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(WRITABLE & ~QAbstractItemView.EditTrigger.AnyKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDragDropOverwriteMode(False)
        self.setDropIndicatorShown(True)

    def fit_text(self) -> None:
        side, column = _scaled(_ICON), _scaled(_COLUMN)
        self.setIconSize(QSize(side, side))
        self.horizontalHeader().setMinimumSectionSize(column)
        for mark in (_SHOWN, _LOCKED, _MODEL):
            self.setColumnWidth(mark, column)
        self.verticalHeader().setDefaultSectionSize(_scaled(_ROW))

    def minimumSizeHint(self) -> QSize:
        """Wide enough for the marks and a short name."""
        name = self.fontMetrics().horizontalAdvance(tr("Layer {n}", n=1)) + 2 * _MARGIN
        return QSize(
            3 * _scaled(_COLUMN) + name + 2 * self.frameWidth(), super().minimumSizeHint().height()
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        if index.isValid() and index.column() != _NAME:
            self.cellClicked.emit(index.row(), index.column())  # the chosen layer stays chosen
        else:
            super().mousePressEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        row, place = self.currentRow(), event.position().toPoint()
        index = self.indexAt(place)
        # The gap between rows that is nearest to the pointer; below all rows, the last one.
        gap = index.row() if index.isValid() else self.rowCount()
        if index.isValid() and place.y() > self.visualRect(index).center().y():
            gap += 1
        event.setDropAction(Qt.DropAction.CopyAction)  # otherwise the view would delete the row
        event.accept()
        self.moved.emit(row, gap - (gap > row))


class LayersGroup(FoldGroup):
    """Shows and edits the layers; initially collapsed."""

    def __init__(self, editor: LayerEditor) -> None:
        super().__init__(tr("Layers"), name="draw.layers", opened=False)
        self._editor = editor
        self._known: tuple[tuple[Layer, ...], int] = ((), 0)  # the layers shown, without pixels
        self.list = LayerList()
        self._buttons: dict[str, tuple[IconButton, str]] = {}
        for name, look, tip, slot in (
            ("add", "add", tr("New layer (Shift+N)"), editor.add),
            ("duplicate", "duplicate", tr("Duplicate layer"), editor.duplicate),
            ("raise_layer", "shift-up", tr("Move layer up"), editor.raise_layer),
            ("lower_layer", "shift-down", tr("Move layer down"), editor.lower_layer),
            ("remove", "trash", tr("Delete layer"), editor.remove),
        ):
            button = IconButton(f"draw.layers.{name}", look, tip)
            button.clicked.connect(lambda _=False, slot=slot: slot())
            self._buttons[name] = button, tip
        opacity = Setting(
            tr("Opacity"),
            tip=tr(
                "Opacity of the layer; if colors are limited to the palette, mixed colors become "
                "the nearest one in it"
            ),
            low=0,
            high=100,
            unit="%",
        )
        self._name = ElidedLabel(name="draw.layers.current")
        self._head.addWidget(self._name, 1)
        self._grid.setContentsMargins(0, 0, 0, 4)
        self._opacity = number_box(opacity, 100, name="draw.layers.opacity")
        self._opacity.setMinimumWidth(1)  # only the list determines how narrow the pane may be
        add, duplicate, higher, lower, remove = (b for b, _ in self._buttons.values())
        # Two rows, since the pane may be narrow.
        self.add(self.list, hbox(add, duplicate, higher, lower, ..., remove, spacing=0))
        self.add(hbox(label_of(opacity.label, self._opacity), (self._opacity, 1)))
        self.list.currentCellChanged.connect(self._on_row)
        self.list.cellClicked.connect(self._on_clicked)
        self.list.itemChanged.connect(self._on_item)
        # Queued, so that the view is done with the dragged row.
        self.list.moved.connect(
            lambda row, to: QTimer.singleShot(
                0, self, lambda: editor.move(self._layer(row), self._layer(to))
            )
        )
        self._opacity.valueChanged.connect(
            lambda percent: editor.set_opacity(editor.current, round(percent * 255 / 100))
        )
        editor.changed.connect(self.refresh)
        theme_manager().changed.connect(self._fill)
        theme_manager().text_resized.connect(self._fit_text)
        self.folded.connect(self._fill)
        self.refresh()

    @property
    def least_width(self) -> int:
        """The minimum readable width, in logical pixels; 0 while collapsed."""
        return self._content.minimumSizeHint().width() if self.is_open else 0

    @property
    def commands(self) -> dict[str, Callable[[], None]]:
        """The commands of the Layer menu, by action name; most of them expand the group."""
        editor = self._editor

        def opened(act: Callable[[], None]) -> Callable[[], None]:
            def do() -> None:
                self.open()
                act()

            return do

        def current() -> Layer:
            return editor.layers[editor.current]

        return {
            "add": opened(editor.add),
            "duplicate": opened(editor.duplicate),
            "rename": self._rename,
            "remove": opened(editor.remove),
            "show": lambda: editor.show(editor.current, visible=not current().visible),
            "lock": lambda: editor.lock(editor.current, locked=not current().locked),
            "let_generate": opened(lambda: editor.let_generate(editor.current)),
            "above": lambda: editor.choose(editor.current + 1),
            "below": lambda: editor.choose(editor.current - 1),
            "raise_layer": opened(editor.raise_layer),
            "lower_layer": opened(editor.lower_layer),
            "merge_down": opened(editor.merge_down),
            "flatten": opened(editor.flatten),
        }

    def _layer(self, row: int) -> int:
        """Convert a row to its layer, or a layer to its row."""
        return len(self._editor.layers) - 1 - row

    def open(self) -> None:
        self.set_open(True)

    @Slot()
    def refresh(self) -> None:
        """Update the list, if anything except the pixels changed."""
        layers = tuple(replace(layer, pixels=b"") for layer in self._editor.layers)
        if self._known != (layers, self._editor.current):
            self._known = layers, self._editor.current
            self._fill()

    @Slot()
    def _fit_text(self) -> None:
        self.list.fit_text()
        self._fill()

    @Slot()
    def _fill(self, *_: object) -> None:
        editor = self._editor
        layers, current = editor.layers, editor.current
        self._name.setText(editor.name(current))
        self._name.setVisible(len(layers) > 1 and not self.is_open)
        if not self.is_open:
            return
        problems = editor.problems()
        for name, (button, tip) in self._buttons.items():
            allow(button, problems[name], tip)
        with QSignalBlocker(self.list), QSignalBlocker(self._opacity):
            self.list.setRowCount(len(layers))
            for n, layer in enumerate(layers):
                self._show_row(self._layer(n), n, layer)
            self.list.setCurrentCell(self._layer(current), _NAME)
            self._opacity.setValue(round(layers[current].opacity * 100 / 255))
        self.list.fit_rows(round(_MOST_ROWS / theme_manager().text_scale))
        set_lesson_value(self.list, editor.name(current))

    def _show_row(self, row: int, n: int, layer: Layer) -> None:
        theme = current_theme()
        shown = ("see", "text", tr("Shown")) if layer.visible else ("hide", "text", tr("Hidden"))
        locked = (
            ("lock", "text", tr("Locked"))
            if layer.locked
            else ("unlock", "text_dim", tr("Not locked"))
        )
        model = (
            ("generate", "accent", tr("The model draws on this layer; what lies above it stays"))
            if layer.generated
            else ("ring", "text_dim", tr("Let the model draw on this layer"))
        )
        for column, (look, token, words) in enumerate((shown, locked, model)):
            item = self.list.put(row, column, "")
            item.setIcon(icon(look, theme, token))
            item.setData(Qt.ItemDataRole.AccessibleTextRole, words)
            item.setToolTip(tooltip(words))
            item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
        item = self.list.put(row, _NAME, self._editor.name(n))
        item.setToolTip(tooltip(self._editor.name(n)))
        colors = self.palette()
        item.setForeground(colors.text() if layer.visible else colors.placeholderText())

    # -- edits ------------------------------------------------------------------------------------

    @Slot(int, int, int, int)
    def _on_row(self, row: int, *_: int) -> None:
        if row >= 0:
            self._editor.choose(self._layer(row))

    @Slot(int, int)
    def _on_clicked(self, row: int, column: int) -> None:
        editor, n = self._editor, self._layer(row)
        layer = editor.layers[n]
        if column == _SHOWN:
            editor.show(n, visible=not layer.visible)
        elif column == _LOCKED:
            editor.lock(n, locked=not layer.locked)
        elif column == _MODEL and not layer.generated:
            editor.let_generate(n)

    @Slot(QTableWidgetItem)
    def _on_item(self, item: QTableWidgetItem) -> None:
        if item.column() == _NAME:
            self._editor.rename(self._layer(item.row()), item.text())
            self._fill()

    @Slot()
    def _rename(self) -> None:
        self.open()
        self.list.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.list.edit(self.list.currentIndex())
