"""The map: sprites as points, trajectories as paths, and arrows for the pull."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import pyqtgraph as pg
from numpy.typing import ArrayLike, NDArray
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import sprite_name
from sprite_lab.core.results.sprite_map import MapPaths, Pull, SpriteMap
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.text import html
from sprite_lab.ui.theme import Theme, current_theme, theme_manager
from sprite_lab.ui.widgets.fields.calm import named, panel
from sprite_lab.ui.widgets.plots.plot import Plot
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import number_text, tr

PathMode = Literal["none", "chosen", "all"]

#: Markers of the classes, so that none is identified by color alone.
SYMBOLS = ("o", "t1", "s", "d", "p", "t", "star", "h")

#: Opacity of the set's markers, 0 to 255: overlaps show, and a single marker is still visible.
_ALPHA = 192

#: Size of these markers in logical pixels: usual, and for sets of more than _MANY sprites.
_USUAL, _SMALL, _MANY = 7, 5, 1000

#: Distance in pixels within which a point counts as hit.
_REACH = 10.0


def class_look(theme: Theme, label: int) -> tuple[str, QColor]:
    """Symbol and color of a class; -1 = none."""
    symbol, color = "o", QColor(theme.text_dim)
    if label >= 0:
        symbol = SYMBOLS[label % len(SYMBOLS)]
        color = QColor(theme.curves[label % len(theme.curves)].color)
    color.setAlpha(_ALPHA)
    return symbol, color


def class_icon(theme: Theme, label: int) -> QIcon:
    symbol, color = class_look(theme, label)
    pixmap = QPixmap(32, 32)
    pixmap.setDevicePixelRatio(2.0)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(8, 8)
    painter.scale(9, 9)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color.rgb()))
    painter.drawPath(pg.graphicsItems.ScatterPlotItem.Symbols[symbol])
    painter.end()
    return QIcon(pixmap)


class MapPlot(Plot):
    """A plot of sprites, samples, their paths, and arrows."""

    #: index of a sprite of the set, or of the trajectory
    sprite_clicked = Signal(int)
    sample_clicked = Signal(int)

    def __init__(self, lab: Lab) -> None:
        super().__init__(
            lab,
            name="map",
            title=tr("Map of sprites"),
            hint=tr("Point at a marker to see its sprite; click to select it"),
        )
        self.map: SpriteMap | None = None
        self._trajectory: Trajectory | None = None
        self._paths: MapPaths | None = None
        self.pull: Pull | None = None  #: the arrows shown
        self._frame, self._sample = 0, 0
        self._mode: PathMode = "chosen"
        self._noisy = False
        self._hidden: set[int] = set()
        self._classes: dict[int, pg.ScatterPlotItem] = {}
        self._rings: tuple[int, NDArray[np.int64]] = (-1, np.zeros(0, np.int64))
        self.item.getViewBox().setAspectLocked(True)
        self.item.getAxis("left").one_line = True
        theme_manager().on_text(self._fit_margins)
        self._arrows = self._line(5)
        self._others, self._noisy_way, self._way = (self._line(z) for z in (8, 9, 10))
        self._near, self._chosen = self._dots(15), self._dots(16)
        self._now, self._now_chosen = self._dots(20), self._dots(21)
        self._thumb = _Thumb(self.view)
        self.read = self._read
        self.table = self._table
        self.view.left.connect(self._thumb.hide)
        self.clicked.connect(self._on_map_clicked)
        self.on_theme(self._paint_map)

    def _fit_margins(self) -> None:
        """Keep the margin the same for all numbers, so that the map does not move while zooming."""
        scale = theme_manager().text_scale
        self.item.getAxis("left").setWidth(round(48 * scale))
        self.item.getAxis("bottom").setHeight(round(38 * scale))

    def _line(self, z: int) -> pg.PlotCurveItem:
        line = pg.PlotCurveItem(antialias=True)
        line.setZValue(z)
        self.item.addItem(line, ignoreBounds=True)
        return line

    def _dots(self, z: int) -> pg.ScatterPlotItem:
        dots = pg.ScatterPlotItem(pxMode=True)
        dots.setZValue(z)
        self.item.addItem(dots, ignoreBounds=True)
        return dots

    # -- display ----------------------------------------------------------------------------------

    @property
    def current(self) -> NDArray[np.float64]:
        """Positions of the samples in this frame, float64 (N, 2)."""
        x, y = self._now.getData()
        return np.stack([x, y], axis=1)

    def set_map(self, sprite_map: SpriteMap) -> None:
        self.map = sprite_map
        self._thumb.hide()
        for dots in self._classes.values():
            self.item.removeItem(dots)
        self._classes = {}
        labels = sprite_map.sprites.labels
        for label in np.unique(labels).tolist():
            dots = self._classes[label] = pg.ScatterPlotItem(pxMode=True)
            x, y = sprite_map.points[labels == label].T
            dots.setData(x, y, size=_SMALL if len(labels) > _MANY else _USUAL)
            dots.setVisible(label not in self._hidden)
            self.item.addItem(dots)
        for axis, side in enumerate(("bottom", "left")):
            share = number_text(sprite_map.plane.explained[axis], ".1%")
            text = tr("component {axis} ({share})", axis=axis + 1, share=share)
            self.item.setLabel(side, html("{}", text))
            self.item.getAxis(side).resizeEvent()  # or it would stay in place for a shorter one
        self.set_paths(None, None)
        self.set_pull(None)
        self.set_rings(-1, np.zeros(0, np.int64))
        self._paint_map(current_theme())
        self.say_nothing("")
        self.show_all()

    def set_class_visible(self, label: int, visible: bool) -> None:
        (self._hidden.discard if visible else self._hidden.add)(label)
        if label in self._classes:
            self._classes[label].setVisible(visible)

    def set_paths(self, paths: MapPaths | None, trajectory: Trajectory | None) -> None:
        self._paths, self._trajectory = paths, trajectory
        self._draw_paths()

    def set_sample(self, sample: int) -> None:
        self._sample = sample
        self._draw_paths()

    def set_path_mode(self, mode: PathMode, noisy: bool) -> None:
        """Set which paths are drawn; ``noisy``: whether the chosen sprite's x_t has one, too."""
        self._mode, self._noisy = mode, noisy
        self._draw_paths()

    def show_frame(self, frame: int) -> None:
        """Move the samples to their positions in a frame."""
        self._frame = frame
        paths = self._paths
        if paths is None or frame >= len(paths.x0):
            self._now.setData([], [])
            self._now_chosen.setData([], [])
            return
        self._now.setData(*paths.x0[frame].T)
        self._now_chosen.setData(*paths.x0[frame, [self._sample]].T)

    def set_pull(self, pull: Pull | None) -> None:
        """Draw arrows, the longest as long as the spacing of their grid; None = none."""
        self.pull = pull
        self._arrows.setOpacity(1.0)
        if pull is None:
            self._arrows.setData([], [])
            return
        self._arrows.setData(*arrow_lines(pull).T, connect="pairs")

    def fade_pull(self) -> None:
        """Fade the arrows, because they belong to another noise level."""
        self._arrows.setOpacity(0.25)

    def set_rings(self, chosen: int, nearest: NDArray[np.int64]) -> None:
        """Circle a sprite of the set (-1 = none) and its neighbors."""
        self._rings = (chosen, nearest)
        points = np.zeros((0, 2)) if self.map is None else self.map.points
        self._chosen.setData(*points[[chosen] if chosen >= 0 else []].T)
        self._near.setData(*points[nearest].T)

    def _draw_paths(self) -> None:
        paths = self._paths
        for line in (self._others, self._noisy_way, self._way):
            line.setData([], [])
        if paths is not None:
            self._sample = min(max(self._sample, 0), paths.x0.shape[1] - 1)
            if self._mode == "all":
                gap = np.full((1, paths.x0.shape[1], 2), np.nan)
                ways = np.concatenate([paths.x0, gap]).swapaxes(0, 1).reshape(-1, 2)
                self._others.setData(*ways.T, connect="finite")
            if self._mode != "none":
                self._way.setData(*paths.x0[:, self._sample].T)
                if self._noisy and paths.x_t is not None:
                    self._noisy_way.setData(*paths.x_t[:, self._sample].T)
        self.show_frame(self._frame)

    def _paint_map(self, theme: Theme) -> None:
        for label, dots in self._classes.items():
            symbol, color = class_look(theme, label)
            dots.setSymbol(symbol)
            dots.setBrush(color)
            dots.setPen(None)
        arrow = QColor(theme.text)
        arrow.setAlpha(190)
        dim = QColor(theme.text_dim)
        dim.setAlpha(170)
        for line, ink, width, style in (
            (self._arrows, arrow, 1.2, Qt.PenStyle.SolidLine),
            (self._others, dim, 1.3, Qt.PenStyle.SolidLine),
            (self._noisy_way, QColor(theme.text), 1.5, Qt.PenStyle.DashLine),
            (self._way, QColor(theme.text), 2.5, Qt.PenStyle.SolidLine),
        ):
            pen = QPen(ink, width, style)
            pen.setCosmetic(True)
            line.setPen(pen)
        for dots, size, filled, edge, thick in (
            (self._near, 14, None, theme.text, 1.5),
            # Not in a class color, or it would get lost among these.
            (self._chosen, 18, None, theme.text, 3),
            (self._now, 10, theme.text, theme.surface, 1.5),
            (self._now_chosen, 18, theme.text, theme.surface, 2.5),
        ):
            dots.setSize(size)
            dots.setBrush(None if filled is None else QColor(filled))
            dots.setPen(pg.mkPen(edge, width=thick))
        self.show_frame(self._frame)
        self.set_rings(*self._rings)

    # -- pointing --------------------------------------------------------------------------

    def _at(self, x: float, y: float) -> tuple[Literal["sprite", "sample"], int] | None:
        """The sample, or else the sprite of the set, near a place; None = neither."""
        if self.map is None:
            return None
        unit = max(self.item.getViewBox().viewPixelSize()[0], 1e-12)
        if self._paths is not None and self._frame < len(self._paths.x0):
            far = np.hypot(*(self._paths.x0[self._frame] - (x, y)).T)
            if far.min() <= _REACH * unit:
                return "sample", int(far.argmin())
        far = np.hypot(*(self.map.points - (x, y)).T)
        if self._hidden:
            far[np.isin(self.map.sprites.labels, list(self._hidden))] = np.inf
        return ("sprite", int(far.argmin())) if far.min() <= _REACH * unit else None

    def _read(self, x: float, y: float) -> str | None:
        found = self._at(x, y)
        if self.map is None or (found is None and self.pull is None):
            self._thumb.hide()
            return None
        if found is None:
            if self.map.space != "pixels":
                self._thumb.hide()
                return None
            pixels, text = self.map.blur_pixels(np.array([[x, y]]))[0], tr("a point of the plane")
            text = tr("{value}: a blurred mix of all sprites", value=text)
        elif found[0] == "sprite":
            pixels = self.map.sprites.rgba_of(found[1])
            text = sprite_name(self.map.sprites, found[1])
        else:
            assert self._trajectory is not None
            pixels = to_pixels(self._trajectory.x0[self._frame, found[1]])
            text = tr(
                "sample {found}: its clean sprite as predicted at this level", found=found[1] + 1
            )
        self._thumb.show_at(pixels, self.item.getViewBox().mapViewToScene(QPointF(x, y)))
        return text

    def _on_map_clicked(self, x: float, y: float) -> None:
        found = self._at(x, y)
        if found is not None:
            (self.sprite_clicked if found[0] == "sprite" else self.sample_clicked).emit(found[1])

    def _table(self) -> Mapping[str, ArrayLike]:
        if self.map is None:
            return {}
        sprites = self.map.sprites
        classes = [name or "" for name in sprites.classes]
        x, y = self.map.points.T
        return {"name": sprites.names, "class": classes, tr("component 1"): x, tr("component 2"): y}


def arrow_lines(pull: Pull) -> NDArray[np.float64]:
    """The strokes of arrows, float64 (2 n, 2): every two points form a stroke.

    The longest is as long as the distance between neighboring points; an arrow without length is a
    dot.
    """
    apart = np.abs(np.diff(np.unique(pull.places[:, 0]))).min()
    length = np.hypot(*pull.arrows.T)
    arrows = pull.arrows * (0.95 * apart / max(float(length.max()), 1e-12))
    tips = pull.places + arrows
    strokes = [np.stack([pull.places, tips], axis=1)]
    for side in (1, -1):
        # Each side of the head is about a quarter of the arrow, turned by 150 degrees.
        cos, sin = -np.sqrt(3) / 2, side / 2
        barb = arrows @ np.array([[cos, sin], [-sin, cos]]) * 0.28
        strokes.append(np.stack([tips, tips + barb], axis=1))
    return np.concatenate(strokes).reshape(-1, 2)


class _Thumb(QWidget):
    """The sprite shown beside the pointer."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        panel(self, "map.thumb")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.view = named(SpriteView(), "map.thumb.sprite")
        vbox(self.view, on=self, spacing=-1, margins=(4, 4, 4, 4))
        self.setFixedSize(QSize(72, 72))
        self.hide()

    def show_at(self, pixels: NDArray[np.uint8], place: QPointF) -> None:
        """Show a sprite beside a position in the parent, within its bounds."""
        self.view.set_image(pixels)
        x, y = round(place.x()) + 16, round(place.y()) + 16
        if x + self.width() > self._around.width():
            x -= self.width() + 32
        if y + self.height() > self._around.height():
            y -= self.height() + 32
        self.move(x, y)
        self.show()
        self.raise_()
