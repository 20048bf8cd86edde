"""Runs drawn beside the current one, and how their settings differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QListWidget, QListWidgetItem, QSizePolicy, QWidget

from sprite_lab.app.train.loss_history import LossHistory
from sprite_lab.app.train.run_differences import differences
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.records import Preview
from sprite_lab.ui.layouts import Part, hbox, vbox
from sprite_lab.ui.text import Label, tooltip
from sprite_lab.ui.theme import LIGHT, Curve, Theme, current_theme, theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.plots.legend import curve_pen
from sprite_lab.words import tr

#: Maximum number of other runs at a time; with more, colors and dashes would be too similar.
MOST = len(LIGHT.beside)

#: Maximum room that a word of a run's name claims, at the usual text size, in logical pixels.
_WORD = 70


@dataclass(eq=False)
class Overlay:
    """A run drawn beside the current one, with its history and settings.

    ``slot``: index of its color in ``Theme.beside``. ``samples``: its last preview, and how that
    was drawn; None = there is none.
    """

    run: Path
    title: str
    slot: int
    history: LossHistory
    settings: dict[str, object] = field(default_factory=dict)
    samples: tuple[Preview, SampleConfig] | None = None


def _curve_beside(theme: Theme, slot: int) -> Curve:
    return theme.beside[slot]


class _Swatch(QWidget):
    """A sample of a run's curve."""

    def __init__(self, curve: Callable[[Theme], Curve]) -> None:
        super().__init__()
        self._curve = curve
        self.setFixedSize(28, 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(curve_pen(self._curve(current_theme())))
        painter.drawLine(0, self.height() // 2, self.width(), self.height() // 2)


class _Head(HintLabel):
    """The name of a run, wide enough for its longest part that cannot wrap, up to a limit."""

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        advance = self.fontMetrics().horizontalAdvance
        parts = self.text().replace("-", "- ").split()
        least = max(map(advance, parts), default=0) + 1
        self.setMinimumWidth(min(least, round(_WORD * theme_manager().text_scale)))


class OverlayList(QWidget):
    """A table of the runs: a column for each, a row for each differing setting.

    ``own``: the curve of the run that the others are compared with.
    """

    removed = Signal(object)  #: the run (Path) to remove
    resized = Signal()

    def __init__(self, own: Callable[[Theme], Curve]) -> None:
        super().__init__()
        self._own = own
        self.setObjectName("train.overlays")
        self._column = vbox(on=self, spacing=-1)
        self._rows: QWidget | None = None
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def rows_within(self, height: int) -> int:
        """The height of as many rows as fit into a height, in logical pixels."""
        grid = None if self._rows is None else self._rows.layout()
        if not isinstance(grid, QGridLayout):
            return 0
        rows = (grid.itemAtPosition(row, 1) for row in range(1, grid.rowCount()))
        ends = (row.geometry().bottom() + 1 for row in rows if row is not None)
        return max((end for end in ends if end <= height), default=0)

    def show_runs(
        self, title: str, settings: dict[str, object], overlays: Sequence[Overlay]
    ) -> None:
        """Show the current run, with this title and settings, and those compared with it."""
        if self._rows is not None:
            self._rows.hide()
            self._rows.deleteLater()
            self._rows = None
        self.setVisible(bool(overlays))
        if not overlays:
            return
        content = self._rows = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(0, 4, 0, 4)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(2)
        self._add_head(grid, 1, title, self._own)
        for column, overlay in enumerate(overlays, 2):
            curve = partial(_curve_beside, slot=overlay.slot)
            self._add_head(grid, column, overlay.title, curve, overlay.run)
            grid.setColumnStretch(column, 1)
        grid.setColumnStretch(1, 1)
        unlike = differences([settings, *(overlay.settings for overlay in overlays)])
        for row, (name, values) in enumerate(unlike, 2):
            # Where text is large, columns need the width more than rows the height.
            grid.addWidget(dim_label(name, wrap=theme_manager().text_is_large), row, 0)
            for column, value in enumerate(values, 1):
                grid.addWidget(
                    named(Label(value, wrap=True), f"train.overlay.{column - 1}.{name}"),
                    row,
                    column,
                )
        if not unlike:
            grid.addWidget(dim_label(tr("All settings are the same."), wrap=False), 2, 0, 1, -1)
        self._column.addWidget(content)
        content.show()

    def _add_head(
        self,
        grid: QGridLayout,
        column: int,
        title: str,
        curve: Callable[[Theme], Curve],
        run: Path | None = None,
    ) -> None:
        # Names of runs differ at their ends, so nothing is left out.
        name = _Head(title, name=f"train.overlay.{column - 1}")
        name.setAlignment(Qt.AlignmentFlag.AlignTop)
        above: list[Part] = [_Swatch(curve), ...]
        if run is not None:
            remove = IconButton(f"train.overlay.{column - 1}.remove", "close", tr("Hide this run"))
            remove.clicked.connect(lambda: self.removed.emit(run))
            above.append(remove)
        grid.addLayout(hbox(*above, spacing=4), 0, column)
        grid.addWidget(name, 1, column)


class RunChooser(QWidget):
    """A list of runs with check boxes; ``runs``: path, title and facts (a tooltip) of each."""

    toggled = Signal(object, bool)  #: a run (Path), and whether to show it

    def __init__(
        self, parent: QWidget, runs: Sequence[tuple[Path, str, str]], ticked: set[Path]
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("train.compare.popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("popup", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._list = named(QListWidget(), "train.compare.list", tr("Runs to compare with"))
        some = tr("Plot up to {most} runs with this one", most=MOST)
        text = some if runs else tr("There are no other runs yet.")
        vbox(dim_label(text, wrap=False), self._list, on=self, margins=(8, 8, 8, 8))
        self._list.setVisible(bool(runs))
        for path, title, facts in runs:
            item = QListWidgetItem(title)
            item.setToolTip(tooltip(f"{title}\n{facts}"))
            item.setData(Qt.ItemDataRole.UserRole, path)
            item.setFlags(Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsUserCheckable)
            on = path in ticked
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
            self._list.addItem(item)
        # Long names lose their middle: they differ at the end, where dates are.
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self._list.ensurePolished()  # otherwise its rows would be measured without their style
        rows = min(10, max(1, len(runs))) * max(0, self._list.sizeHintForRow(0))
        frame = 2 * self._list.frameWidth()
        fixed = QSizePolicy.Policy.Fixed  # otherwise Qt would make the popup 100 pixels high
        self._list.setSizePolicy(fixed, fixed)
        self._list.setFixedSize(round(320 * theme_manager().text_scale), rows + frame)
        self._list.itemChanged.connect(self._on_changed)
        self._refuse_more()

    def open_below(self, widget: QWidget) -> None:
        """Show it at the lower edge of a widget."""
        self.adjustSize()
        place = widget.mapToGlobal(QPoint(widget.width() - self.width(), widget.height() + 4))
        screen = self.screen().availableGeometry()
        place.setX(max(screen.left(), place.x()))
        self.move(place)
        self.show()

    def _on_changed(self, item: QListWidgetItem) -> None:
        on = item.checkState() == Qt.CheckState.Checked
        self._refuse_more()
        self.toggled.emit(item.data(Qt.ItemDataRole.UserRole), on)

    def _refuse_more(self) -> None:
        """Gray out the rest once as many are chosen as can be told apart."""
        items = [self._list.item(i) for i in range(self._list.count())]
        ticked = [item for item in items if item.checkState() == Qt.CheckState.Checked]
        flags = Qt.ItemFlag.ItemIsUserCheckable
        with QSignalBlocker(self._list):
            for item in items:
                free = item in ticked or len(ticked) < MOST
                item.setFlags(flags | Qt.ItemFlag.ItemIsEnabled if free else flags)
