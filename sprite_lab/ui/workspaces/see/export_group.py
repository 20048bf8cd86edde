"""What leaves See as a file: an animation of the trajectory, or a sheet of its last frame."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSpinBox

from sprite_lab.app import clips, export_tasks, tasks
from sprite_lab.core.config import AnimationConfig
from sprite_lab.core.trajectory import Trajectory
from sprite_lab.ui.dialogs import ask_save
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.number_field import NumberField
from sprite_lab.ui.workspaces.see.frames import sprite_rgba

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab


class ExportGroup(FoldGroup):
    """Settings of an export, what they come to, and the two buttons.

    Parts: ``see.export.what``, ``.scale``, ``.fps``, ``.hold``, ``.frames``, ``.only_chosen``,
    ``.summary``, ``.animation``, ``.sheet``.

    Parameters
    ----------
    chosen : gives the sprite that is chosen on the stage, -1 = none.
    """

    def __init__(self, lab: Lab, theme: ThemeManager, chosen: Callable[[], int]) -> None:
        super().__init__(theme, "Export", name="see.export")
        self._lab, self._chosen = lab, chosen
        self._what = Segmented(
            theme,
            [
                Option("x_t", "Noisy", tip="x_t, the noisy sprites"),
                Option("x0", "Clean", tip="x0, the clean sprites that each step predicts"),
                Option("both", "Both", tip="x_t and x0 side by side"),
            ],
            name="see.export.what",
            label="What to animate",
            stretch=True,
        )
        self._scale = NumberField(
            "Scale",
            1,
            24,
            8,
            name="see.export.scale",
            unit=" ×",
            tip="Screen pixels for each sprite pixel.",
        )
        self._fps = calm(
            QSpinBox(),
            name="see.export.fps",
            label="Frames a second",
            tip="GIF counts in hundredths of a second: 50, 33, 25, 20 and 10 fps are exact.",
        )
        self._fps.setRange(1, 50)
        self._fps.setValue(20)
        self._fps.setSuffix(" fps")
        self._hold = NumberField(
            "Hold last",
            0,
            5,
            1.5,
            name="see.export.hold",
            step=0.5,
            decimals=1,
            unit=" s",
            tip="How long the last frame stays before the animation starts again.",
        )
        self._frames = NumberField(
            "Frames",
            2,
            500,
            100,
            name="see.export.frames",
            step=10,
            tip="At most so many frames, evenly spread; the first and the last are always in.",
        )
        self._only = QCheckBox("Only the chosen sprite")
        self._only.setObjectName("see.export.only_chosen")
        self._summary = dim_label(name="see.export.summary")
        self._animation = push_button(
            theme,
            "GIF animation…",
            name="see.export.animation",
            icon_name="export",
            tip="Export the trajectory as an animated GIF",
        )
        self._sheet = push_button(
            theme,
            "PNG sheet…",
            name="see.export.sheet",
            icon_name="grid",
            tip="Export the finished sprites as one PNG picture",
        )
        self.add_row("Show", self._what)
        self.add_row("Scale", self._scale)
        self.add_row("Speed", self._fps)
        self.add_row("Hold last", self._hold)
        self.add_row("Frames", self._frames)
        self.add(self._only)
        self.add(self._summary)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._animation, 1)
        buttons.addWidget(self._sheet, 1)
        self.add_layout(buttons)

        self._what.changed.connect(self.refresh)
        self._fps.valueChanged.connect(self.refresh)
        self._only.toggled.connect(self.refresh)
        for field in (self._scale, self._hold, self._frames):
            field.changed.connect(self.refresh)
        self._animation.clicked.connect(self.export_animation)
        self._sheet.clicked.connect(self.export_sheet)
        lab.trajectory.changed.connect(self.refresh)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Say what an export would be, and grey out what cannot be done."""
        trajectory: Trajectory | None = self._lab.trajectory.value
        for button in (self._animation, self._sheet):
            button.setEnabled(trajectory is not None)
        self._only.setEnabled(
            trajectory is not None and trajectory.count > 1 and self._chosen() >= 0
        )
        if trajectory is None:
            self._summary.setText("Nothing to export yet.")
            return
        count = 1 if self._only.isEnabled() and self._only.isChecked() else trajectory.count
        columns = math.ceil(math.sqrt(count))
        rows = math.ceil(count / columns)
        height, width = trajectory.x_t.shape[2:4]
        scale = self._scale.whole
        both = self._what.value == "both"
        across = (columns * 2 + 1 if both else columns) * width * scale
        frames = min(len(trajectory), self._frames.whole)
        seconds = (frames - 1) / self._fps.value() + max(self._hold.value, 1 / self._fps.value())
        self._summary.setText(
            f"{across:,} × {rows * height * scale:,} px, {frames} frames, {seconds:.1f} s"
        )

    def _subject(self) -> Trajectory | None:
        trajectory = self._lab.trajectory.value
        if trajectory is None or not (self._only.isEnabled() and self._only.isChecked()):
            return trajectory
        return trajectory.one(self._chosen())

    def export_animation(self) -> None:
        """Ask for a file name and export the trajectory as a GIF."""
        trajectory = self._subject()
        if trajectory is None:
            return
        path = self._ask("Export animation", f"{trajectory.kind}.gif", "GIF animation (*.gif)")
        if path is not None:
            look = AnimationConfig(
                shown=self._what.value,
                scale=self._scale.whole,
                fps=float(self._fps.value()),
                hold_last_s=self._hold.value,
                max_frames=self._frames.whole,
            )
            task = export_tasks.export_animation(path, clips.of_trajectory(trajectory), look)
            self._lab.workbench.export(task, path)

    def export_sheet(self) -> None:
        """Ask for a file name and export the finished sprites as a PNG."""
        trajectory = self._subject()
        if trajectory is None:
            return
        path = self._ask("Export sheet", "sprites.png", "PNG picture (*.png)")
        if path is not None:
            rgba, scale = trajectory.rgba(), self._scale.whole
            task = tasks.export_sheet(path, rgba, scale=scale, config=trajectory.made_by)
            self._lab.workbench.export(task, path)

    def export_sprite(self, sprite: int) -> None:
        """Ask for a file name and export one finished sprite as a PNG with its alpha."""
        trajectory = self._lab.trajectory.value
        if trajectory is None:
            return
        name = f"sprite-{sprite + 1}.png"
        path = self._ask("Export sprite", name, "PNG picture (*.png)")
        if path is not None:
            rgba = sprite_rgba(trajectory, len(trajectory) - 1, "x_t", sprite)[None]
            config = trajectory.one(sprite).made_by
            task = tasks.export_sheet(path, rgba, scale=self._scale.whole, config=config)
            self._lab.workbench.export(task, path)

    def _ask(self, title: str, name: str, kinds: str) -> Path | None:
        return ask_save(self.window(), self._lab.settings, title, name, kinds, export=True)
