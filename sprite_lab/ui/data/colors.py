"""The colors of a set: how many each sprite has, and which are common."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPen
from PySide6.QtWidgets import QWidget

from sprite_lab.app.data import data_tasks
from sprite_lab.app.data.data_facts import DataFacts
from sprite_lab.app.lab import Lab
from sprite_lab.core.pixels.cells import Color
from sprite_lab.ui.data.facts import laid_out
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.page import Page, heading_row
from sprite_lab.ui.theme import Theme
from sprite_lab.ui.widgets.canvas.palette_bar import Swatches
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.plots.plot import Columns, Plot
from sprite_lab.words import tr, trn

#: Numbers of the most common colors that are shown, and that make a palette.
_SHOWN, _PALETTE = 128, 32


class ColorsPage(Page):
    """How many colors sprites have, and which are common."""

    rows_wanted = Signal(object, str)  #: rows of sprites to show, and a sentence about them

    def __init__(self, lab: Lab, facts: DataFacts) -> None:
        super().__init__("data.page.colors")
        self._lab, self._facts = lab, facts
        self._color = -1
        self.plot = Plot(
            lab,
            name="data.colors",
            title=tr("Colors per sprite"),
            x=tr("colors per sprite"),
            y=tr("sprites"),
            hint=tr("Point at a bar to read it"),
        )
        self.plot.set_whole(True)
        self._bars = pg.BarGraphItem(x=[], height=[], width=0.8)
        self.plot.item.addItem(self._bars)
        self.plot.item.getViewBox().setLimits(yMin=0)  # bars stand on the axis
        axis = self.plot.item.getAxis("left")
        axis.setZValue(-1)  # its grid lines are behind the bars
        axis.overhang = 12  # room for the number at its end
        self.plot.read, self.plot.table = self._read, self._columns
        self._heights = np.zeros(0, np.int64)
        self.swatches = Swatches(name="data.colors.swatches", columns=32)
        self.swatches.setAccessibleName(tr("Most common colors"))
        self.swatches.setAccessibleDescription(tr("Click to select one"))
        head = heading_row(lab, tr("Most common colors"), "colors")
        vbox((self.plot, 1), 8, head, self.swatches, on=self, margins=(16, 8, 16, 16))
        self.inspector = self._build_inspector()

        self.swatches.chosen.connect(lambda index, _which: self._choose(index))
        self.plot.on_theme(self._paint)
        facts.figures_changed.connect(self._refresh)
        facts.colors_changed.connect(self._refresh)
        lab.data.changed.connect(self._refresh)
        self._refresh()

    def _build_inspector(self) -> QWidget:
        self._text = dim_label(name="data.colors.facts")
        tip = tr("Make the {palette} most common colors the project's palette", palette=_PALETTE)
        self._take = push_button(
            "data.colors.take", tr("Use as palette"), "draw", tip, do=self.take_palette
        )
        whole = FoldGroup(tr("Colors"), self._text, self._take, name="data.colors.all")
        self._color_text = dim_label(name="data.colors.color")
        self._find = push_button("data.colors.find", tr("Select its sprites"), "search")
        one = FoldGroup(tr("Selected color"), self._color_text, self._find, name="data.colors.one")
        self._find.clicked.connect(self.find_sprites)
        return Inspector(whole, one, name="data.colors.inspector")

    # -- display ----------------------------------------------------------------------------------

    def _refresh(self, *_: object) -> None:
        facts = self._facts
        facts.want_figures()
        facts.want_colors()
        figures, colors = facts.figures, facts.colors
        self._heights = np.zeros(0, np.int64) if figures is None else np.bincount(figures.colors)
        self._bars.setOpts(x=np.arange(len(self._heights)), height=self._heights, width=0.8)
        some = colors is not None and len(colors.colors) > 0
        allow(self._take, "" if some else tr("The colors are not counted yet."))
        self._choose(-1)
        known = len(self._heights) > 0
        self.plot.say_nothing("" if known else tr("The colors are not counted yet."))
        if figures is None or colors is None:
            self.swatches.set_colors(())
            self._text.setText(tr("Counting colors…") if self._lab.data.value is not None else "")
            return
        self.swatches.set_colors(tuple(_rgba(c) for c in colors.colors[:_SHOWN].tolist()))
        text = tr(
            "{count:,} different colors in {total:,} drawn pixels\n{median:g} colors per "
            "sprite (median), at most {max:,}\n{half:,} colors cover half of the "
            "pixels, {most:,} cover 90%",
            count=len(colors.colors),
            total=colors.total,
            median=np.median(figures.colors),
            max=figures.colors.max(),
            half=colors.covering(0.5),
            most=colors.covering(0.9),
        )
        self._text.setText(laid_out(text))

    def _paint(self, theme: Theme) -> None:
        self._bars.setOpts(brush=QColor(theme.curves[0].color), pen=QPen(QColor(theme.surface), 0))

    def _read(self, x: float, _y: float) -> str | None:
        colors = round(x)
        if not 0 <= colors < len(self._heights):
            return None
        count = int(self._heights[colors])
        return tr(
            "Colors: {colors}. Sprites: {count:,}, {share:.1%}",
            colors=colors,
            count=count,
            share=count / self._heights.sum(),
        )

    def _columns(self) -> Columns:
        return {"colors": np.arange(len(self._heights)), "sprites": self._heights}

    def _choose(self, index: int) -> None:
        counts = self._facts.colors
        there = counts is not None and 0 <= index < len(counts.colors)
        self._color = index if there else -1
        tip = tr("Select all sprites that have this color")
        allow(self._find, "" if there else tr("Click a color first"), tip)
        if counts is None or not there:
            self._color_text.setText(tr("Click a color for details."))
            return
        pixels = int(counts.pixels[index])
        words = tr(
            "#{color:06x}, rank {rank:,}\n{pixels:,} pixels, {share:.2%}",
            color=int(counts.colors[index]),
            rank=index + 1,
            pixels=pixels,
            share=pixels / counts.total,
        )
        self._color_text.setText(words)

    # -- edits ------------------------------------------------------------------------------------

    def find_sprites(self) -> None:
        sprites, counts = self._lab.data.value, self._facts.colors
        if sprites is None or counts is None or self._color < 0:
            return
        color = int(counts.colors[self._color])

        def show(rows: NDArray[np.intp]) -> None:
            if self._lab.data.value is sprites:
                words = trn(
                    "{n:,} sprite has the color #{color:06x}.",
                    "{n:,} sprites have the color #{color:06x}.",
                    len(rows),
                    color=color,
                )
                self.rows_wanted.emit(rows, words)

        self._lab.do(data_tasks.having_color(sprites, color), self, then=show, newest="data.color")

    def take_palette(self) -> None:
        """Use the set's most common colors as the project's palette."""
        counts, project = self._facts.colors, self._lab.project
        if counts is not None:
            palette = tuple(_rgba(c) for c in counts.colors[:_PALETTE].tolist())
            name = tr("Palette of the data set")
            project.push(replace(project.snapshot(), palette=palette), name)
            self._lab.workspace_wanted.emit("draw", "")


def _rgba(color: int) -> Color:
    return (color >> 16, color >> 8 & 255, color & 255, 255)
