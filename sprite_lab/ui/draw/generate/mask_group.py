"""Settings of the masks of the chosen cells: which pixels are kept or redrawn, and how far."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.core.config.base import Setting
from sprite_lab.core.pixels import redraw_masks
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.draw.generate.cell_groups import CellGroup
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.canvas.canvas_marks import KeepOverlay, paint_between
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.number_field import number_box
from sprite_lab.words import tr

_TO_COMPLETE = tr("Every pixel is redrawn. With Keep drawn, the model completes the drawing.")


class MaskGroup(CellGroup):
    """Edits the masks of the chosen cells."""

    def __init__(self, editor: CellEditor) -> None:
        super().__init__(tr("Mask"), editor, name="mask")
        # With room for the longest text.
        self._text = HintLabel(_TO_COMPLETE, name="draw.mask.text", steady=True)
        known = Setting(
            tr("Width of the soft edge"),
            tip=tr("Width of the soft edge, in pixels"),
            low=1,
            high=8,
            unit=tr(" px"),
        )
        self._width = number_box(known, 2, name="draw.mask.width")
        self._keep = push_button(
            "draw.mask.keep",
            tr("Keep drawn"),
            "keep-drawn",
            tr("Keep what is drawn, redraw what is empty"),
        )
        self._free = push_button(
            "draw.mask.free", tr("Clear mask"), "free-pixels", tr("Redraw all pixels")
        )
        invert = push_button(
            "draw.mask.invert", tr("Invert"), "invert", tr("Swap kept and redrawn pixels")
        )
        self._feather = push_button(
            "draw.mask.feather",
            tr("Soften"),
            "feather",
            tr("Add a soft edge around the kept pixels: the closer to them, the less is redrawn"),
        )
        buttons = (self._keep, self._free, invert, self._feather)
        self.add(Flow(None, *buttons, spacing=8, last_right=False, even=True))
        self.add_row(tr("Soft edge"), self._width)
        self.add(MaskLegend(), self._text)
        self._keep.clicked.connect(editor.keep_drawn)
        self._free.clicked.connect(editor.free_pixels)
        invert.clicked.connect(
            lambda: editor.set_masks(tr("Invert mask"), lambda c: redraw_masks.inverted(c.redraw))
        )
        self._feather.clicked.connect(self._on_feather)

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        redraw = np.concatenate([cell.redraw.ravel() for cell in chosen])
        kept, free = int((redraw == 0).sum()), int((redraw == 255).sum())
        between = redraw.size - kept - free
        blank = all(cell.is_blank for cell in chosen)
        allow(self._keep, tr("Nothing is drawn yet.") if blank else "")
        no_mask = tr("Nothing is kept yet.")
        allow(self._free, no_mask if free == redraw.size else "")
        allow(self._feather, "" if 0 < kept < redraw.size else no_mask)
        text = tr("Every pixel is redrawn.") if blank else _TO_COMPLETE
        if free < redraw.size:
            text = tr(
                "{kept} kept, {between} partly redrawn, {free} redrawn.",
                kept=kept,
                between=between,
                free=free,
            )
        self._text.setText(text)

    def _on_feather(self) -> None:
        width = self._width.value()
        self._editor.set_masks(
            tr("Soften mask edge"), lambda c: redraw_masks.feathered(c.redraw, width)
        )


class MaskLegend(QWidget):
    """The legend of the marks over the canvas."""

    _SIDE = 18
    _ENTRIES = ((tr("kept"), 0), (tr("partly redrawn"), 128), (tr("redrawn"), 255))

    def __init__(self) -> None:
        super().__init__()
        label = tr(
            "Hatched pixels are kept; those with a square are partly redrawn: the larger the "
            "square, the less; all others are redrawn"
        )
        tip = tr(
            "Kept: stays as it is. Partly redrawn: stays until the noise has fallen that far.\n"
            "The larger the square, the longer it stays."
        )
        named(self, "draw.mask.legend", label, tip)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._overlay = KeepOverlay()

    def _boxes(self, width: int) -> list[QRectF]:
        """The rectangles of the marks, with text to their right; wrapped into rows if necessary."""
        side, words = self._SIDE, self.fontMetrics().horizontalAdvance
        boxes: list[QRectF] = []
        x, y = 2.0, 4.0
        for text, _ in self._ENTRIES:
            end = x + side + 5 + words(text) + 2
            if boxes and end > width:
                end, x, y = end - x + 2, 2.0, y + side + 8
            boxes.append(QRectF(x, y, side, side))
            x = end + 9
        return boxes

    def heightForWidth(self, width: int) -> int:
        return round(self._boxes(width)[-1].bottom()) + 4

    def sizeHint(self) -> QSize:
        return QSize(280, self.heightForWidth(self.width()))

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.FontChange):
            # Nested layouts do not update the height once the width is known.
            self.setMinimumHeight(self.heightForWidth(self.width()))
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        theme, side = current_theme(), self._SIDE
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        boxes = self._boxes(self.width())
        for box, (text, redraw) in zip(boxes, self._ENTRIES, strict=True):
            painter.fillRect(box, QColor(theme.checker_b))
            mask = np.array([[redraw]], np.uint8)
            if redraw == 0:
                marks = self._overlay.pixmap(
                    mask == 0, self.size(), box, side, self.devicePixelRatioF(), theme
                )
                painter.drawPixmap(0, 0, marks)
            else:
                paint_between(painter, mask, box, side, theme)
                painter.setPen(QColor(theme.outline))
                painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
            painter.setPen(QColor(theme.text_dim))
            words = QRectF(box.right() + 5, box.top() - 4, self.width(), side + 8)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)
