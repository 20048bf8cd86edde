"""The inspector of Draw."""

from __future__ import annotations

from collections.abc import Sequence

from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.lab import Lab
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.draw.generate.cell_classes import CellClasses
from sprite_lab.ui.draw.generate.class_group import ClassGroup
from sprite_lab.ui.draw.generate.frames_group import FramesGroup
from sprite_lab.ui.draw.generate.generate_group import GenerateGroup
from sprite_lab.ui.draw.generate.guidance_group import GuidanceGroup
from sprite_lab.ui.draw.generate.limits_group import LimitsGroup
from sprite_lab.ui.draw.generate.made_group import MadeGroup
from sprite_lab.ui.draw.generate.mask_group import MaskGroup
from sprite_lab.ui.draw.generate.names_group import NamesGroup
from sprite_lab.ui.draw.generate.sheet_group import SheetGroup
from sprite_lab.ui.draw.generate.start_group import StartGroup
from sprite_lab.ui.draw.generate.variations_group import VariationsGroup
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector
from sprite_lab.words import tr


class DrawPanel(Inspector):
    """Groups for what the chosen cells ask, how they are generated and were made, and the grid."""

    def __init__(self, lab: Lab, session: DrawSession) -> None:
        super().__init__(name="draw.inspector")
        self.classes = ClassGroup()  #: the conditions of the chosen cells
        self.guidance = GuidanceGroup()
        #: what cells of one generation share, and what starts it
        self.generate = GenerateGroup(session)
        self.start = StartGroup()
        self.masks = MaskGroup()
        self.limits = LimitsGroup()
        self.vary = VariationsGroup()
        self.frames = FramesGroup()  #: the row as an animation
        self.names = NamesGroup()
        self.made = MadeGroup()  #: how the cell on the canvas was made
        self.sheet = SheetGroup()  #: grid and pictures
        looks = FoldGroup(tr("Which class is this?"), name="draw.group.classes", opened=False)
        looks.add(CellClasses(lab, session))
        for group, topic in (
            (self.classes, "draw_classes"),
            (self.generate, "draw_generate"),
            (self.start, "draw_start"),
            (self.masks, "draw_mask"),
            (self.limits, "draw_limits"),
            (self.guidance, "draw_guidance"),
            (self.vary, "draw_variations"),
            (self.frames, "draw_frames"),
            (self.names, ""),
            (self.made, "draw_made"),
            (looks, ""),
            (self.sheet, ""),
        ):
            if topic:
                group.add_help(HelpButton(lab, topic))
            self.add(group)

    def set_model(self, model: ModelInfo | None, class_names: Sequence[str]) -> None:
        """Offer the classes and noise levels there are; None = no model."""
        self.generate.set_model(model)
        self.classes.set_model(model, class_names)
        self.guidance.set_model(model, class_names)
        for group in (self.start, self.limits, self.made):
            group.set_model(model)

    def set_grid(self, rows: int, columns: int, side: int) -> None:
        """Show the size of the grid."""
        self.sheet.set_grid(rows, columns, side)
        self.generate.refresh()

    def show_cells(self, title: str, chosen: Sequence[Cell]) -> None:
        """Show what is asked for in the chosen cells, of which the first is on the canvas."""
        self.classes.show_cells(title, chosen)
        for group in (self.guidance, self.start, self.limits, self.masks, self.vary, self.names):
            group.show_cells(chosen)
