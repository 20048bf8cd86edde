"""A plot in the theme's colors, with the usual interactions.

The wheel zooms, dragging pans, a double click or A shows everything again, pointing reads values,
and the menu copies the plot or exports it as PNG, SVG, PDF or CSV.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from pyqtgraph.GraphicsScene.mouseEvents import MouseClickEvent
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QGraphicsSimpleTextItem, QMenu, QScrollArea, QWidget

from sprite_lab.app import tasks
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import MINUS
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import discard, keep_place, stack, vbox
from sprite_lab.ui.shell.dialogs import ask_save
from sprite_lab.ui.text import html, plain
from sprite_lab.ui.theme import Curve, Theme, current_theme, tabular, theme_manager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.plots.legend import LegendEntry, curve_pen
from sprite_lab.ui.widgets.plots.plot_picture import PlotPicture
from sprite_lab.ui.widgets.sprites.indices import set_indices, with_indices
from sprite_lab.words import number_text, tr, with_marks

Columns = Mapping[str, ArrayLike]


#: Height of the numbers on an axis, in logical pixels at the usual text size.
_TICK_HEIGHT = 18

#: Minimum height of a plot with its axes, and how much of it a second row of the legend may take,
#: in logical pixels at the usual text size.
LEAST_HEIGHT, _LEGEND_ROW = 96, 32


#: Space beside the names of the rows of numbers, and above the first row, in logical pixels.
_ROW_GAP, _TICK_GAP = 8, 2

_PLAIN = re.compile(r"-?\d+(\.\d+)?(e[+-]\d+)?")

#: Margin around the title of an axis, in logical pixels, and minimum share of its usual size.
_TITLE_MARGIN, _SMALLEST = 8, 0.7


class Series:
    """A curve of a plot. ``item`` is pyqtgraph's; ``set`` changes its points.

    ``legend``: its entry, visible while there are points.
    """

    def __init__(
        self, item: pg.PlotDataItem, which: int, marked: bool, legend: LegendEntry | None = None
    ) -> None:
        self.item, self.which, self.marked, self.legend = item, which, marked, legend
        self.x = self.y = np.zeros(0)

    def set(self, x: ArrayLike, y: ArrayLike) -> None:
        """Draw (K,) points; those that are not finite, or too low for a logarithmic axis, are left
        out.
        """
        self.x, self.y = np.array(x, np.float64), np.array(y, np.float64)
        good = np.isfinite(self.y) & (self.y > 0 if self.item.opts["logMode"][1] else True)
        self.item.setData(self.x[good], self.y[good])
        if self.legend is not None:
            self.legend.setVisible(bool(good.any()))

    def rename(self, text: str) -> None:
        if self.legend is not None:
            self.legend.rename(text)

    def keep_room(self, text: str) -> None:
        """Reserve room for another name in the legend."""
        if self.legend is not None:
            self.legend.keep_room(text)

    def paint(self, curve: Curve, surface: str) -> None:
        self.item.setPen(curve_pen(curve))
        if self.marked:
            self.item.setSymbol("o")
            self.item.setSymbolSize(5)
            self.item.setSymbolPen(QPen(QColor(surface), 0))
            self.item.setSymbolBrush(QColor(curve.color))


class Plot(QWidget):
    """A pyqtgraph plot in our theme, with a readout and a context menu.

    ``hint``: shown in the readout while nothing is pointed at; None = how to read the plot.
    ``least``: minimum height of the plotted area with its axes, in logical pixels.
    """

    clicked = Signal(float, float)  #: x and y, in the units of the axes

    def __init__(
        self,
        lab: Lab,
        *,
        name: str,
        title: str,
        x: str = "",
        y: str = "",
        hint: str | None = None,
        least: int = 0,
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self._least = least
        self._lab, self._title = lab, title
        self._hint = tr("Point at the plot to read it") if hint is None else hint
        #: returns the text for a place (x, y) under the pointer; None = no readout
        self.read: Callable[[float, float], str | None] = lambda x, y: None
        #: returns the columns of the CSV, by name; by default those of all curves
        self.table: Callable[[], Columns] = self._curves_table
        self.series: dict[str, Series] = {}
        self.view = named(_View(), f"{name}.plot", title)
        self.view.hideButtons()
        # It is opaque, so nothing below needs to be painted.
        self.view.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        #: pyqtgraph's PlotItem, for adding items other than curves, to be colored by
        #: :meth:`on_theme`
        self.item = self.view.getPlotItem()
        for side, text in (("bottom", x), ("left", y)):
            axis = self.item.getAxis(side)
            axis.enableAutoSIPrefix(False)  # 0.5 is 0.5, not 500 (x0.001)
            axis.setCacheMode(axis.CacheMode.DeviceCoordinateCache)
            if text:
                self.item.setLabel(side, plain(set_indices(text, formula=True)))
        self._paints: list[Callable[[Theme], None]] = []  # color items other than curves
        self._labels: list[pg.InfLineLabel] = []
        self._row_names = [QGraphicsSimpleTextItem(self.item.getAxis("bottom")) for _ in range(2)]
        self._cross = [pg.InfiniteLine(angle=angle, movable=False) for angle in (90, 0)]
        for line in self._cross:
            line.hide()
            self.item.addItem(line, ignoreBounds=True)
        self.readout = HintLabel(self._hint, name=f"{name}.readout", steady=True)
        self.readout.setFont(tabular(self.readout.font()))
        self._legend = Flow(None, spacing=16, row_spacing=4, last_right=False)
        self._nothing = dim_label(name=f"{name}.nothing")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        place = QWidget()
        self._faces = stack(place, self.view, self._nothing)
        vbox(self._legend, (place, 1), self.readout, on=self, spacing=4)
        self.view.pointed.connect(self.point_at)
        self.view.left.connect(self._on_left)
        lab.is_asking.changed.connect(self._hide_cross)
        self.view.menu_wanted.connect(self._show_menu)
        self.view.clicked.connect(self._on_clicked)
        theme_manager().changed.connect(self._paint)
        theme_manager().on_text(self._set_fonts)
        self._paint(current_theme())

    def hasHeightForWidth(self) -> bool:
        return False  # a second legend row takes room from the plot only

    def minimumSizeHint(self) -> QSize:
        spare = round(_LEGEND_ROW * theme_manager().text_scale) if self._legend.count() else 0
        if self._least:  # however many rows the legend has
            rows = self._legend.heightForWidth(self.width())
            spare = max(spare, rows - self._legend.minimumSize().height())
        return super().minimumSizeHint() + QSize(0, spare)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._least and event.size().width() != event.oldSize().width():
            self.updateGeometry()

    # -- contents ---------------------------------------------------------------------------------

    def add_curve(
        self, name: str, legend: str, which: int, *, marked: bool = False, tip: str = ""
    ) -> Series:
        """Add a curve in one of the theme's colors; ``which`` is its index."""
        entry = None
        if legend:
            entry = LegendEntry(legend, which, marked, tip, formula=True)
            self._legend.addWidget(entry)
            entry.hide()
        series = Series(self.item.plot([], [], antialias=True), which, marked, entry)
        self.series[name] = series
        self._paint_series(series, current_theme())
        return series

    def keep_last(self, series: Series) -> None:
        """Move a curve to the end of the legend, where it can come and go without moving others."""
        entry = series.legend
        if entry is not None:
            keep_place(entry)
            self._legend.removeWidget(entry)
            self._legend.addWidget(entry)

    def add_line(
        self,
        ink: Callable[[Theme], str],
        *,
        angle: float = 90,
        pos: float = 0.0,
        width: float = 0.0,
        style: Qt.PenStyle = Qt.PenStyle.SolidLine,
        label: str = "",
    ) -> pg.InfiniteLine:
        """Add a straight line that marks a place without changing the range.

        ``ink``: returns its color in a theme; ``width``: in logical pixels, 0 = hairline;
        ``label``: text along the line, in its color.
        """
        at = {"position": 0.93, "anchors": [(-0.05, 0.5), (-0.05, 0.5)]}
        line = pg.InfiniteLine(pos, angle, label=label or None, labelOpts=at)
        self.item.addItem(line, ignoreBounds=True)

        def paint(theme: Theme) -> None:
            pen = QPen(QColor(ink(theme)), width, style)
            pen.setCosmetic(True)
            line.setPen(pen)
            if label:
                line.label.setColor(pen.color())

        if label:
            self._labels.append(line.label)
            line.label.setFont(self.font())
        self.on_theme(paint)
        return line

    def on_theme(self, paint: Callable[[Theme], None]) -> None:
        """Call ``paint`` to color added items, now and whenever the theme changes."""
        self._paints.append(paint)
        paint(current_theme())

    def add_right_axis(self, title: str, ticks: list[tuple[float, str]]) -> None:
        """Label positions of the y axis on the right as well, in another unit."""
        self.item.showAxis("right")
        axis = self.item.getAxis("right")
        axis.setTicks([ticks, []])
        self.item.setLabel("right", html("{}", title))

        def paint(theme: Theme) -> None:
            axis.setPen(QPen(QColor(theme.line)))
            axis.setTextPen(QColor(theme.text_dim))

        self.on_theme(paint)
        self._set_fonts()

    def clear_curves(self) -> None:
        for series in self.series.values():
            self.item.removeItem(series.item)
        self.series.clear()
        while (item := self._legend.takeAt(0)) is not None:
            entry = item.widget()
            if entry is not None:
                entry.deleteLater()

    @property
    def is_log(self) -> bool:
        return bool(self.item.ctrl.logYCheck.isChecked())

    def set_log(self, y: bool) -> None:
        """Set whether the y axis is logarithmic."""
        self.item.setLogMode(x=False, y=y)
        for series in self.series.values():
            series.set(series.x, series.y)
        self.show_all()

    def set_whole(self, whole: bool) -> None:
        """Set whether only whole numbers are labeled on the x axis, for counts."""
        axis = self.item.getAxis("bottom")
        axis.whole = whole
        axis.picture = None  # drop its cached drawing
        axis.update()
        self._set_fonts()

    def set_rows(self, names: tuple[str, str], below: Callable[[float], str]) -> None:
        """Add a second row of numbers to the x axis, and name both rows at their side.

        ``below``: returns the text below a number, "" = none.
        """
        axis = self.item.getAxis("bottom")
        axis.below = below
        axis.picture = None  # drop its cached drawing
        for item, name in zip(self._row_names, names, strict=True):
            item.setText(name)
        self._set_fonts()

    def say_nothing(self, why: str) -> None:
        """Show why nothing is drawn yet instead of empty axes; "" = show the plot."""
        self._nothing.setText(why)
        self._faces.setCurrentIndex(int(bool(why)))
        self.readout.setVisible(not why)

    def share_readout(self, readout: HintLabel) -> None:
        """Use a readout shared by several plots instead of its own."""
        discard(self.readout)
        self.readout, self._hint = readout, readout.text()

    def set_hint(self, hint: str) -> None:
        """Set the text shown while nothing is under the pointer."""
        if self.readout.text() == self._hint:
            self.readout.setText(hint)
        self._hint = hint

    def set_title(self, title: str) -> None:
        """Set the plot's name for screen readers and files."""
        self._title = title
        self.view.setAccessibleName(title)

    def show_all(self) -> None:
        """Undo all zooming and panning."""
        self.item.enableAutoRange()

    def _curves_table(self) -> Columns:
        columns: dict[str, NDArray[np.float64]] = {}
        for name, series in self.series.items():
            shared = any(np.array_equal(series.x, known) for known in columns.values())
            if not shared:
                columns[f"{name}.x" if columns else "x"] = series.x
            columns[name] = series.y
        return columns

    # -- looks -----------------------------------------------------------------------------

    def _paint(self, theme: Theme) -> None:
        self.view.setBackground(theme.surface)
        for side in ("left", "bottom"):
            axis = self.item.getAxis(side)
            axis.setPen(QPen(QColor(theme.line)))
            axis.setTextPen(QColor(theme.text_dim))
        self.item.showGrid(x=False, y=True, alpha=0.15)
        for series in self.series.values():
            self._paint_series(series, theme)
        for line in self._cross:
            line.setPen(QPen(QColor(theme.outline), 0))
        for name in self._row_names:
            name.setBrush(QColor(theme.text_dim))
        for paint in self._paints:
            paint(theme)

    @staticmethod
    def _paint_series(series: Series, theme: Theme) -> None:
        series.paint(theme.curves[series.which % len(theme.curves)], theme.surface)

    def _set_fonts(self) -> None:
        least = round((LEAST_HEIGHT - _LEGEND_ROW) * theme_manager().text_scale)
        self.view.setMinimumHeight(max(self._least, least))
        for side in ("left", "bottom", "right"):
            axis = self.item.getAxis(side)
            if not axis.isVisible():
                continue
            axis.setStyle(tickFont=tabular(self.font()))
            axis.title_font = self.font()
            axis.label.setFont(self.font())
            line = round(_TICK_HEIGHT * theme_manager().text_scale)
            axis.textHeight = line
            # pyqtgraph always makes room for a single row.
            two = axis.below is not None
            axis.setStyle(autoExpandTextSpace=not two, tickTextHeight=2 * line)
            axis.showLabel(axis.has_title)  # makes room for it
        font = tabular(self.font())
        bottom = self.item.getAxis("bottom")
        # The last tick is often at the end of the axis, so half of its number sticks out.
        half = round(QFontMetricsF(font).horizontalAdvance("0,000") / 2)
        bottom.beside = half if bottom.whole else 0
        self.item.layout.setContentsMargins(1, 1, max(bottom.beside, 1), 1)
        for row, name in enumerate(self._row_names):
            name.setFont(font)
            width, height = name.boundingRect().width(), QFontMetricsF(font).lineSpacing()
            left, below = self.item.getAxis("left"), self.item.getAxis("bottom")
            gap = _TICK_GAP + left.overhang
            below.setStyle(tickTextOffset=gap)
            name.setPos(-width - _ROW_GAP, gap + row * height)
            left.make_wide(width + _ROW_GAP)
        for label in self._labels:
            label.setFont(self.font())

    # -- readout ----------------------------------------------------------------------------------

    def point_at(self, x: float, y: float) -> None:
        """Show the reading at a place."""
        text = self.read(x, y)
        if text is None:
            self._hide_cross()
            return
        for line, value in zip(self._cross, (x, y), strict=True):
            line.setPos(value)
            line.show()
        self.readout.setText(with_indices(text))

    def _on_left(self) -> None:
        """Clear the reading, unless a lesson asks a question: it may be the answer to type."""
        if not self._lab.is_asking.value:
            self._hide_cross()

    def _hide_cross(self, *_: object) -> None:
        for line in self._cross:
            line.hide()
        self.readout.setText(self._hint)

    def _on_clicked(self, x: float, y: float) -> None:
        self.clicked.emit(x, 10**y if self.is_log else y)

    # -- copying and saving -----------------------------------------------------------------------

    def _show_menu(self, place: QPointF) -> None:
        menu = named(QMenu(self), f"{self.objectName()}.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, slot in (
            (tr("Show all (A)"), self.show_all),
            (tr("Copy picture"), self.copy),
            (tr("Save as PNG…"), lambda: self.save("png")),
            (tr("Save as SVG…"), lambda: self.save("svg")),
            (tr("Save as PDF…"), lambda: self.save("pdf")),
            (tr("Save numbers as CSV…"), lambda: self.save("csv")),
        ):
            menu.addAction(text).triggered.connect(slot)
        menu.popup(place.toPoint())

    def copy(self) -> None:
        QApplication.clipboard().setPixmap(self.picture().pixmap(2.0))

    def save(self, kind: str) -> None:
        """Ask for a file name and write the plot as ``png``, ``svg``, ``pdf`` or ``csv``."""
        kinds = {
            "png": tr("PNG picture"),
            "svg": tr("SVG drawing"),
            "pdf": tr("PDF page"),
            "csv": tr("Table of numbers"),
        }
        name = f"{self._title.lower().replace(' ', '-')}.{kind}"
        path = ask_save(
            self.window(),
            self._lab.settings,
            tr("Export plot"),
            name,
            f"{kinds[kind]} (*.{kind})",
            export=True,
        )
        if path is not None:
            data = self.csv() if kind == "csv" else getattr(self.picture(), kind)()
            self._lab.exports.write(tasks.write_bytes(path, data), path)

    def picture(self) -> PlotPicture:
        """A snapshot of the plot and its legend, for copying or saving."""
        self._hide_cross()
        places = [self._legend.itemAt(i) for i in range(self._legend.count())]
        entries = [place.widget() for place in places if place is not None]
        legend = [entry for entry in entries if entry is not None]
        return PlotPicture(self.view, legend, current_theme().surface, self._title)

    def csv(self) -> bytes:
        columns = {name: np.asarray(values) for name, values in self.table().items()}
        text = io.StringIO()
        rows = csv.writer(text)
        rows.writerow(columns)
        for i in range(max((len(c) for c in columns.values()), default=0)):
            rows.writerow([c[i] if i < len(c) else "" for c in columns.values()])
        return text.getvalue().encode()


class _View(pg.PlotWidget):  # type: ignore[misc]
    """The graphics view, with the usual keys, clicks and menu.

    Positions are in axis units; on a logarithmic axis, they are base-10 logarithms.
    """

    pointed = Signal(float, float)
    clicked = Signal(float, float)
    left = Signal()
    menu_wanted = Signal(object)

    def __init__(self) -> None:
        axes = {side: _Axis(side) for side in ("left", "bottom", "right")}
        super().__init__(axisItems=axes, enableMenu=False)
        self.getPlotItem().hideAxis("right")
        self.scene().sigMouseMoved.connect(self._on_moved)
        self.scene().sigMouseClicked.connect(self._on_clicked)

    def sizeHint(self) -> QSize:
        """A small height: pyqtgraph's hint is 480, and beside wrapped text, a layout treats hints
        as minimums.
        """
        return QSize(240, self.minimumHeight())

    def _on_moved(self, place: QPointF) -> None:
        box = self.getPlotItem().getViewBox()
        if not box.sceneBoundingRect().contains(place):
            self.left.emit()
            return
        there = box.mapSceneToView(place)
        self.pointed.emit(there.x(), there.y())

    def _on_clicked(self, event: MouseClickEvent) -> None:
        box = self.getPlotItem().getViewBox()
        place = event.scenePos()
        if event.button() == Qt.MouseButton.LeftButton and box.sceneBoundingRect().contains(place):
            there = box.mapSceneToView(place)
            self.clicked.emit(there.x(), there.y())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos().toPointF())

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom; on a page that scrolls, leave the wheel to it unless Ctrl is held."""
        if self._is_scrolled and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
        else:
            super().wheelEvent(event)

    @property
    def _is_scrolled(self) -> bool:
        around = self.parentWidget()
        while around is not None:
            if isinstance(around, QScrollArea) and around.verticalScrollBar().maximum() > 0:
                return True
            around = around.parentWidget()
        return False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.getPlotItem().enableAutoRange()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_A and not event.modifiers():
            self.getPlotItem().enableAutoRange()
        elif event.key() == Qt.Key.Key_Menu:
            self.menu_wanted.emit(self.mapToGlobal(self.rect().center()).toPointF())
        else:
            super().keyPressEvent(event)


def _written(number: str) -> str:
    """A number on an axis as written elsewhere: with thousands separators, not as 1e+06."""
    plain = _PLAIN.fullmatch(number) is not None  # unlike 10⁻⁶
    value = float(number) if plain else 0.0
    large = abs(value) >= 1000 and value == round(value)
    return number_text(value, ",.0f") if large else with_marks(number)


def fitting(font: QFont, title: str, room: float, *, whole: bool = False) -> QFont:
    """The font, shrunk as far as readable so that a title's longest word, or the ``whole`` title,
    fits into ``room`` logical pixels.
    """
    widest = QFontMetricsF(font).horizontalAdvance(title) if whole else widest_word(font, title)
    # A pixel less, as letters are not exactly proportional to the font size.
    result, share = QFont(font), (room - _TITLE_MARGIN - 1) / max(1.0, widest)
    if room > 0 and share < 1:
        result.setPointSizeF(font.pointSizeF() * max(share, _SMALLEST))
    return result


def widest_word(font: QFont, text: str) -> float:
    """Width of the longest word, in logical pixels."""
    return max(map(QFontMetricsF(font).horizontalAdvance, text.split()), default=0.0)


class _Axis(pg.AxisItem):  # type: ignore[misc]
    """An axis with numbers in the language's format; a logarithmic one has only as many as fit."""

    whole = False  #: whether only whole numbers are labeled
    titled = True  #: whether the title is shown if it fits
    title_font: QFont | None = None  #: font of the title if there is room for it
    one_line = False  #: whether the title is written smaller rather than in several lines
    overhang = 0  #: how far numbers may stick out from a vertical axis, in logical pixels
    beside = 0  #: the same for a horizontal axis, at its right end
    _least = 0.0
    below: Callable[[float], str] | None = None  #: see :meth:`Plot.set_rows`
    _written = ""  # the title in HTML

    def _updateLabel(self) -> None:
        """Lay out the title only if it has changed; pyqtgraph does so for every pen and range."""
        title = self.labelString()
        if title == self._written:
            self.picture = None  # drop its cached drawing
            self.update()
            return
        self._written = title
        super()._updateLabel()

    def boundingRect(self) -> QRectF:
        """The drawing area; with a grid, pyqtgraph would omit numbers at the ends of the axis."""
        rect: QRectF = super().boundingRect()
        return rect.adjusted(0, -self.overhang, self.beside, self.overhang)

    def make_wide(self, least: float) -> None:
        """Make an axis on the left at least this wide, in logical pixels."""
        if least > self._least:
            self._least = least
            self._updateWidth()

    def _updateWidth(self) -> None:
        super()._updateWidth()
        if self.minimumWidth() < self._least:
            self.setMinimumWidth(self._least)
            self.setMaximumWidth(self._least)

    def resizeEvent(self, event: object = None) -> None:
        """Keep the title within the axis, in several lines if the axis is short, and inside the
        edge, where pyqtgraph would cut off its bottom. Hide it if a word would have to be broken.
        """
        title = self.label
        if title is None:  # the axis has been closed
            return
        across = self.orientation in ("top", "bottom")
        room = self.size().width() if across else self.size().height()
        title.setTextWidth(-1)
        if self.title_font is not None:
            words = title.toPlainText()
            title.setFont(fitting(self.title_font, words, room, whole=self.one_line))
            fits = room <= 0 or widest_word(title.font(), words) + _TITLE_MARGIN <= room
            if self.has_title and fits != title.isVisible():
                self.showLabel(fits)
        if 0 < room < title.boundingRect().width():
            title.setTextWidth(room)
            option = title.document().defaultTextOption()
            option.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            title.document().setDefaultTextOption(option)
        super().resizeEvent(event)
        if self.orientation == "bottom":
            margin = title.document().documentMargin()
            title.setY(self.size().height() - title.boundingRect().height() + margin - 1)
        self._adjustSize()

    @property
    def has_title(self) -> bool:
        """Whether it has a title, which may not fit."""
        return self.titled and bool(self.label.toPlainText().strip())

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        texts = super().tickStrings(values, scale, spacing)
        texts = [_written(text).replace("-", MINUS) for text in texts]
        if self.below is not None:  # a blank keeps the row's height
            below = map(self.below, values)
            texts = [f"{text}\n{more or ' '}" for text, more in zip(texts, below, strict=True)]
        return texts

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write 500 instead of 5·10²; powers of ten only where they are shorter."""
        texts = super().logTickStrings(values, scale, spacing)
        numbers = [10**value * scale for value in values]
        pairs = zip(texts, numbers, strict=True)
        return [f"{number:.0f}" if 1 <= number < 1e5 else text for text, number in pairs]

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:
        levels: list[tuple[float, float]] = super().tickSpacing(low, high, size)
        if self.whole:
            levels = [level for level in levels if level[0] >= 1] or [(1.0, 0.0)]
        if levels and self.orientation == "left" and not self.logMode:
            # pyqtgraph drops overlapping numbers only at the finer levels.
            line = QFontMetricsF(self.style["tickFont"] or QFont()).height()
            step, apart = levels[0][0], size / max(high - low, 1e-9)
            while 0 < step * apart < line:
                step *= 2
            if step != levels[0][0]:
                levels = [(step, 0.0)]
        return levels

    def logTickValues(
        self, low: float, high: float, size: float, ticks: list[tuple[float, list[float]]]
    ) -> list[tuple[float | None, list[float]]]:
        decade = size / max(high - low, 1e-9)  # pixels
        choices = ((330, range(2, 10)), (150, (2, 3, 5, 7)), (75, (2, 5)), (44, (3,)))
        between = next((steps for room, steps in choices if decade > room), ())
        powers = range(int(np.floor(low)), int(np.ceil(high)))
        minor = [power + float(np.log10(m)) for power in powers for m in between]
        whole: list[tuple[float | None, list[float]]] = [(s, t) for s, t in ticks if s >= 1.0]
        if not whole:
            whole = [(1.0, [float(power) for power in powers if low < power < high])]
        return [*whole, (None, [place for place in minor if low < place < high])]
