"""Base of Race and Between: a page that needs a model, with one chosen sprite."""

from __future__ import annotations

from abc import abstractmethod

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from sprite_lab.app.engine_types import Model
from sprite_lab.app.lab import Lab
from sprite_lab.core.trajectories.frame_views import ViewName
from sprite_lab.ui.flow import button_row
from sprite_lab.ui.layouts import Part
from sprite_lab.ui.page import StagePage, heading_row, stage_of
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.fields.model_needed import ModelNeeded
from sprite_lab.words import tr


class ChosenGroup(FoldGroup):
    """The chosen sprite and actions on it; ``invitation`` is shown while none is chosen."""

    def __init__(self, title: str, invitation: str, watch_tip: str, *, name: str) -> None:
        super().__init__(title, name=f"{name}.group.chosen")
        self._invitation = invitation
        self._label = dim_label(name=f"{name}.chosen")
        self.watch = push_button(f"{name}.watch", tr("Watch it"), "see", watch_tip)
        tip = tr("Put the finished sprite into the project and show it there")
        self.draw = push_button(f"{name}.draw", tr("Send to Draw"), "draw", tip)
        self.add(self._label, button_row(self.watch, self.draw))
        self.show_chosen("")

    def show_chosen(self, text: str, *, drawable: bool = False) -> None:
        """Show a text about the chosen sprite; "" = none is chosen.

        ``drawable``: whether the sprite fits into a cell of Draw.
        """
        self._label.setText(text or self._invitation)
        nothing = "" if text else self._invitation
        size = "" if drawable else tr("The cells in Draw have a different size.")
        allow(self.watch, nothing)
        allow(self.draw, nothing or size)


class ModelPage(StagePage):
    """A page with a switch between x̂₀ and x_t; without a model, it says what to do."""

    #: a Trajectory to watch, and the index of a sprite in it
    watch_wanted = Signal(object, int)

    def __init__(self, lab: Lab, name: str, inspector: Inspector, chosen: ChosenGroup) -> None:
        super().__init__(lab, f"see.{name}")
        self._name = name
        self.caption = HintLabel(name=f"{name}.caption")  #: says whose sprites are shown
        self.inspector: Inspector = inspector
        chosen.watch.clicked.connect(self._watch)
        chosen.draw.clicked.connect(self._draw)

    def lay_out(
        self,
        title: str,
        shown: str,
        tips: tuple[str, str],
        why: str,
        *parts: Part,
        spacing: int,
        left: tuple[QWidget, ...] = (),
    ) -> None:
        """Build the page, with these parts below its heading.

        Parameters
        ----------
        shown : label of the switch.
        tips : tooltips for the predicted and for the noisy sprites.
        why : shown on the page while there is no model.
        spacing : between the parts of the stage, in logical pixels.
        left : parts beside the switch.
        """
        lab, name = self._lab, self._name
        self.view: Segmented[ViewName] = Segmented(
            f"{name}.view",
            shown,
            Option("x_t", tr("Noisy"), None, f"x_t: {tips[1]}"),
            Option("x0", tr("Clean"), None, f"x̂₀: {tips[0]}"),
        )
        self.view.set_value("x0")
        self.view.changed.connect(self._show_frame)
        head = heading_row(lab, title, name, left=(self.view, *left))
        self._empty = ModelNeeded(lab, name, why, name=f"{name}.empty")
        self.set_faces(self._empty, stage_of(head, self.caption, *parts, spacing=spacing))

    def take_model(self) -> Model | None:
        """Show the stage, or what to do first; returns the open model, None = none."""
        there = self._empty.explain_model()
        self.stack.setCurrentIndex(int(there))
        allow(self.inspector, "" if there else tr("There is no model yet."))
        return self._lab.model.value

    @abstractmethod
    def _show_frame(self, *_: object) -> None:
        """Show the frame of the timeline, in the current view."""

    @abstractmethod
    def _watch(self) -> None:
        """Watch every step of the chosen sprite."""

    @abstractmethod
    def _draw(self) -> None:
        """Put the chosen sprite into the project."""
