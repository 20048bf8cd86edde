"""Settings for frames of an animation."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QHideEvent

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.app.files.exports import Exports
from sprite_lab.core.config.base import Setting
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.draw.generate.cell_groups import CellGroup
from sprite_lab.ui.draw.generate.drawing_over import cells_to_draw
from sprite_lab.ui.flow import button_row
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.widgets.fields.buttons import IconButton, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import tr

#: Side of the preview, in logical pixels.
_PREVIEW = 96

_GENERATE_TIP = tr(
    "Draw the selected cells, or the row of the current one, from the same noise: frames differ "
    "only in what you drew"
)


class FramesGroup(CellGroup):
    """Previews the frames, sets their timing, and generates them."""

    def __init__(self, editor: CellEditor, generation: CellGeneration, exports: Exports) -> None:
        super().__init__(tr("Animation frames"), editor, name="frames", opened=False)
        self._generation = generation
        self._cells: Sequence[Cell] = ()
        self.frame = 0  #: index of the frame shown
        self._preview = named(SpriteView(), "draw.frames.preview", tr("Preview of the animation"))
        self._preview.setFixedSize(_PREVIEW, _PREVIEW)
        self._play = IconButton("draw.frames.play", "play", tr("Play the frames"), checkable=True)
        self._text = dim_label(name="draw.frames.text")
        self._duration = NumberField(
            Setting(
                tr("Duration"),
                tip=tr("Duration: how long each selected cell is shown as a frame"),
                low=10,
                high=1000,
                step=10,
                unit=tr(" ms"),
            ),
            120,
            name="draw.frames.duration",
        )
        self._movement = NumberField(
            Setting(
                tr("Movement"),
                tip=tr(
                    "Movement: how far the noise moves toward another one and back over the "
                    "frames.\n0 = the same noise for all, so only what you drew moves."
                ),
                low=0,
                high=100,
                unit="%",
            ),
            15,
            name="draw.frames.movement",
        )
        self._generate = push_button(
            "draw.frames.generate", tr("Generate frames"), "frames", _GENERATE_TIP, do=self._animate
        )
        self._export = push_button(
            "draw.frames.export",
            tr("Export…"),
            "export",
            tr("Export the frames as an animation (Ctrl+E exports cells)"),
            do=lambda: exports.wanted.emit("frames"),
        )
        side = vbox((self._play, 0, Qt.AlignmentFlag.AlignLeft), self._text, ...)
        self.add(hbox(self._preview, (side, 1), spacing=12))
        self.add_row(tr("Duration"), self._duration)
        self.add_row(tr("Movement"), self._movement)
        self.add(button_row(self._generate, self._export))
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._step)
        self._play.toggled.connect(self._on_play)
        self._duration.changed.connect(lambda value: editor.set_duration(round(value)))

    def _animate(self) -> None:
        frames = self._session.row_or_chosen
        allowed = cells_to_draw(self, self._generation, frames, frames=True)
        if allowed is not None:
            left = set(frames) - set(allowed)
            self._generation.animate(frames, self._movement.value / 100, left)

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        cells = [self._session.project.cell(i) for i in self._session.frames]
        # In a row with several animations, take the chosen one.
        if len(chosen) == 1 and chosen[0].tags:
            tagged = [cell for cell in cells if chosen[0].tags[0] in cell.tags]
            cells = tagged if len(tagged) > 1 else cells  # a tag on a single cell is no animation
        self._cells = cells
        self.frame = min(self.frame, max(0, len(cells) - 1))
        total = sum(cell.duration_ms for cell in cells)
        count = len(cells)
        there = count > 1
        frames = tr("{count} frames, {total:.2f} s", count=count, total=total / 1000)
        self._text.setText(
            frames if there else tr("Draw in several cells of this row, or select several cells.")
        )
        for button in (self._play, self._export):
            allow(button, "" if there else tr("There are no frames yet."))
        if not there:
            self._play.setChecked(False)
        with QSignalBlocker(self._duration):
            self._duration.set_value(chosen[0].duration_ms)
        allow(self._generate, self._session.problem, _GENERATE_TIP)
        self._show()

    def _show(self) -> None:
        self._preview.set_image(self._cells[self.frame].rgba if self._cells else None)

    def _on_play(self, playing: bool) -> None:
        self._play.set_icon("pause" if playing else "play")
        tip = tr("Stop") if playing else tr("Play the frames")
        self._play.setToolTip(tooltip(tip))
        self._play.setAccessibleName(tip)
        if playing and self._cells:
            self._timer.start(self._cells[self.frame].duration_ms)
        else:
            self._timer.stop()

    def _step(self) -> None:
        """Show the next frame for its duration."""
        if not self._cells or not self._play.isChecked():
            return
        self.frame = (self.frame + 1) % len(self._cells)
        self._show()
        self._timer.start(self._cells[self.frame].duration_ms)

    def hideEvent(self, event: QHideEvent) -> None:
        self._play.setChecked(False)
        super().hideEvent(event)
