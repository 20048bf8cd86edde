"""The empty state of Measure, with the action that resolves it."""

from __future__ import annotations

from PySide6.QtCore import Signal

from sprite_lab.app.lab import Lab
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.widgets.fields.model_needed import ModelNeeded
from sprite_lab.words import tr, trn


class MeasureEmpty(ModelNeeded):
    """Says what is missing."""

    measure_wanted = Signal()  #: the button was pressed while nothing was missing

    def __init__(self, lab: Lab, *, name: str) -> None:
        why = tr(
            "This measures how probable sprites are to a model: train one, or open one in the "
            "library."
        )
        super().__init__(lab, "measure", why, name=name, primary=False)
        self.running = False  #: whether a measurement is running, so that none is offered

    def explain(self, sprites: SpriteSet | None, source: str) -> bool:
        """Say what is missing to measure ``sprites``; True if nothing is."""
        model = self._lab.model.value
        if not self.explain_likelihood() or model is None:
            return False
        if sprites is None:
            self._explain_source(source)
            return False
        size = model.image_size
        if sprites.size != (size, size):
            self.set_content(
                tr("Sprites of another size"),
                tr(
                    "These are {size}×{size2} pixels, but the model draws {size3}×{size3}: "
                    "open a data set of that size.",
                    size=sprites.size[1],
                    size2=sprites.size[0],
                    size3=size,
                ),
            )
            return False
        self.offer_measuring(
            tr("How probable are they?"),
            tr(
                "The model says how many bits each sprite takes: few if it is typical, many if "
                "it is unusual or has the wrong class."
            ),
            trn("Measure {n:,} sprite", "Measure {n:,} sprites", len(sprites)),
        )
        return True

    def offer_measuring(self, title: str, text: str, action: str) -> None:
        """Offer to measure, as nothing is missing; while it measures, say so."""
        if self.running:
            self.set_content(tr("Measuring…"), text)
            return
        self.offer(title, text, action, "measure", self.measure_wanted.emit)

    def _explain_source(self, source: str) -> None:
        go, lab = self._lab.workspace_wanted.emit, self._lab
        if source == "project":
            self.offer(
                tr("Nothing is drawn yet"),
                tr("Draw a sprite, or let the model draw one, and come back."),
                tr("Go to Draw"),
                "draw",
                lambda: go("draw"),
            )
        elif source == "samples":
            self.offer(
                tr("No samples yet"),
                tr("Generate sprites to measure them here."),
                tr("Go to See"),
                "see",
                lambda: go("see"),
            )
        else:
            self.offer(
                tr("No data set is open"),
                tr("Open one, or use the built-in sprites."),
                tr("Open the built-in sprites"),
                "data",
                lambda: lab.want_data(""),
            )
