"""The empty state of Measure, with the action that resolves it."""

from __future__ import annotations

from PySide6.QtCore import Signal

from sprite_lab.app.lab import Lab
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.ui.widgets.fields.inspector import EmptyState
from sprite_lab.words import tr, trn


class MeasureEmpty(EmptyState):
    """Says what is missing."""

    measure_wanted = Signal()  #: the button was pressed while nothing was missing

    def __init__(self, lab: Lab, *, name: str) -> None:
        super().__init__("measure", "", "", "", name=name, action_icon="measure")
        self._lab = lab

    def explain(self, sprites: SpriteSet | None, source: str) -> bool:
        """Say what is missing to measure ``sprites``; True if nothing is."""
        if not self.explain_model():
            return False
        if sprites is None:
            self._explain_source(source)
            return False
        model = self._lab.model.value
        assert model is not None
        size = model.image_size
        if sprites.size != (size, size):
            self.set_content(
                tr("Sprites of another size"),
                tr(
                    "These are {size} × {size2} pixels, and the model draws "
                    "{size3} × {size3}: open a data set of its size.",
                    size=sprites.size[1],
                    size2=sprites.size[0],
                    size3=size,
                ),
                "",
            )
            return False
        count = len(sprites)
        self.offer_measuring(
            tr("How probable are they?"),
            tr(
                "The model says how many bits each sprite takes: few where it expected it, many "
                "where it is odd or has the wrong class."
            ),
            trn("Measure {n:,} sprite", "Measure {n:,} sprites", count),
        )
        return True

    def offer_measuring(self, title: str, text: str, action: str) -> None:
        """Offer to measure, as nothing is missing."""
        self.offer(title, text, action, "measure", self.measure_wanted.emit)

    def explain_model(self) -> bool:
        """Say what is missing of the model; True if nothing is."""
        lab, model = self._lab, self._lab.model.value
        if model is None:
            self.offer(
                tr("No model yet"),
                tr(
                    "What is measured is how probable sprites are to a model: train one, or "
                    "open one "
                    "in the library."
                ),
                tr("Train a model"),
                "train",
                lambda: lab.workspace_wanted.emit("train"),
            )
            return False
        if model.is_student:
            self._explain_student()
            return False
        return True

    def _explain_student(self) -> None:
        title = tr("A student has no likelihood")
        text = tr(
            "It goes to the end of its teacher's way at once, so nothing says how probable a "
        )
        text += tr("sprite is to it. Its teacher can be measured.")
        lab = self._lab
        teachers = {model.name: model.teacher for model in lab.shipped.value}
        teacher = teachers.get(str(lab.model_ref))
        if teacher is None:
            self.set_content(title, text)
        else:
            self.offer(title, text, tr("Open its teacher"), "open", lambda: lab.open_model(teacher))

    def _explain_source(self, source: str) -> None:
        lab = self._lab
        if source == "project":
            self.offer(
                tr("Nothing is drawn yet"),
                tr("Draw a sprite, or let the model draw one, and come back."),
                tr("Go to Draw"),
                "draw",
                lambda: lab.workspace_wanted.emit("draw"),
            )
        elif source == "samples":
            self.offer(
                tr("No samples yet"),
                tr("Generate sprites, and they can be measured here."),
                tr("Go to See"),
                "see",
                lambda: lab.workspace_wanted.emit("see"),
            )
        else:
            self.offer(
                tr("No data set is open"),
                tr("Open one, or take the sprites that come with Sprite Lab."),
                tr("Open the built-in sprites"),
                "data",
                lambda: lab.want_data(""),
            )
