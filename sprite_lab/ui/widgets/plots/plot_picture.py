"""A plot with its legend as a picture: pixels, or vectors in SVG and PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from pyqtgraph.graphicsItems.GraphicsItem import GraphicsItem
from PySide6.QtCore import (
    QBuffer,
    QByteArray,
    QIODevice,
    QMarginsF,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    QSizeF,
)
from PySide6.QtGui import QColor, QPageSize, QPainter, QPdfWriter, QPixmap, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QGraphicsItem, QGraphicsView, QWidget

#: Margin around a legend, in logical pixels.
_MARGIN = 8

#: Points per inch on a page.
_POINTS = 72.0


class PlotPicture:
    """A snapshot of a view, with its legend above as on screen, and a title. UI thread only."""

    def __init__(
        self, view: QGraphicsView, legend: Sequence[QWidget], background: str, title: str
    ) -> None:
        self._view, self._title = view, title
        self._legend = [entry for entry in legend if not entry.isHidden()]
        self._background = QColor(background)
        self._place = QRect()  # of the legend on screen, whose entries may be in several rows
        for entry in self._legend:
            self._place |= entry.geometry()
        self._top = self._place.height() + _MARGIN if self._legend else 0
        width = max(view.width(), self._place.width() + 2 * _MARGIN)
        self.size = QSize(width, view.height() + self._top)

    def pixmap(self, ratio: float) -> QPixmap:
        """The picture at ``ratio`` pixels per logical pixel."""
        pixmap = QPixmap(self.size * ratio)
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(self._background)
        painter = QPainter(pixmap)
        self._render(painter)
        painter.end()
        return pixmap

    def png(self) -> bytes:
        """The picture as PNG, twice as large as on screen."""
        return _bytes(lambda device: self.pixmap(2.0).save(device, "PNG"))

    def svg(self) -> bytes:
        """The picture as SVG."""

        def write(device: QIODevice) -> None:
            generator = QSvgGenerator()
            generator.setOutputDevice(device)
            generator.setResolution(self._view.logicalDpiX())
            generator.setSize(self.size)
            generator.setViewBox(QRect(QPoint(), self.size))
            generator.setTitle(self._title)
            self._paint(QPainter(generator))

        return _bytes(write)

    def pdf(self) -> bytes:
        """The picture as PDF, on one page of the plot's size."""

        def write(device: QIODevice) -> None:
            writer = QPdfWriter(device)
            # The screen's resolution, for which the axes were recorded; otherwise, their scale
            # would differ.
            dpi = self._view.logicalDpiX()
            writer.setResolution(dpi)
            writer.setTitle(self._title)
            writer.setCreator("Sprite Lab")
            page = QSizeF(self.size) * (_POINTS / dpi)
            writer.setPageSize(QPageSize(page, QPageSize.Unit.Point, self._title))
            writer.setPageMargins(QMarginsF())
            self._paint(QPainter(writer))

        return _bytes(write)

    def _paint(self, painter: QPainter) -> None:
        painter.fillRect(QRect(QPoint(), self.size), self._background)
        self._render(painter)
        painter.end()

    def _render(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for entry in self._legend:
            place = entry.pos() - self._place.topLeft() + QPoint(_MARGIN, _MARGIN)
            entry.render(painter, place, QRegion(), QWidget.RenderFlag.DrawChildren)
        below = QRectF(QPointF(0, self._top), QSizeF(self._view.size()))
        with _as_drawn(self._view):
            self._view.render(painter, below)


@contextmanager
def _as_drawn(view: QGraphicsView) -> Iterator[None]:
    """Within the block, axes and markers of curves are not drawn from cached pixels."""
    items = view.scene().items()
    caches = [item.cacheMode() for item in items]
    for item in items:
        item.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        if isinstance(item, GraphicsItem):
            item.setExportMode(True, {"antialias": True})
    try:
        yield
    finally:
        for item, cache in zip(items, caches, strict=True):
            item.setCacheMode(cache)
            if isinstance(item, GraphicsItem):
                item.setExportMode(False)


def _bytes(write: Callable[[QIODevice], object]) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    write(buffer)
    return bytes(QByteArray(buffer.data()).data())
