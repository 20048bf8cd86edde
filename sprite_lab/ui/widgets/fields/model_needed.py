"""The placeholder of a page that needs a model, if none is open or the open one is unsuitable."""

from __future__ import annotations

from sprite_lab.app.lab import Lab
from sprite_lab.ui.widgets.fields.inspector import EmptyState
from sprite_lab.words import tr


class ModelNeeded(EmptyState):
    """Leads to Train if there is no model, and from a student to its teacher.

    ``why``: what the page shows, and how to get there; ``primary``: see :class:`EmptyState`.
    """

    def __init__(
        self, lab: Lab, icon_name: str, why: str, *, name: str, primary: bool = True
    ) -> None:
        super().__init__(icon_name, name=name, primary=primary)
        self._lab, self._why = lab, why
        self._asks = False  # whether it says that there is no model, or that one is loading
        lab.model_loading.changed.connect(self._on_loading)

    def _on_loading(self, *_: object) -> None:
        if self._asks:
            self.explain_model()

    def explain_model(self) -> bool:
        """Explain if there is no model; returns whether there is one."""
        if self._lab.model.value is None and self._lab.model_loading.value:
            self.set_content(tr("Loading the model…"), self._why)
        elif self._lab.model.value is None:
            self.offer(
                tr("There is no model yet"),
                self._why,
                tr("Train a model first"),
                "train",
                lambda: self._lab.workspace_wanted.emit("train", ""),
            )
        self._asks = self._lab.model.value is None
        return not self._asks

    def explain_size(self) -> None:
        """Explain that the sprites do not have the model's size."""
        model = self._lab.model.value
        assert model is not None
        self.set_content(
            tr("Sprites of another size"),
            tr("The model draws sprites of {size}×{size} pixels.", size=model.image_size),
        )

    def explain_likelihood(self) -> bool:
        """Explain if there is no model with a known likelihood; returns whether there is one."""
        model = self._lab.model.value
        if not self.explain_model() or model is None:
            return False
        if not model.is_student:
            return True
        title = tr("A student has no likelihood")
        text = tr(
            "It predicts where its teacher's trajectory leads, not a mean of sprites, so it "
            "cannot tell how probable a sprite is. Its teacher can be measured."
        )
        shipped = {known.name: known.teacher for known in self._lab.shipped.value}
        teacher = shipped.get(str(self._lab.model_ref))
        if teacher is None:
            self.set_content(title, text)
        else:
            open_it = tr("Open its teacher")
            self.offer(title, text, open_it, "open", lambda: self._lab.open_model(teacher))
        return False
