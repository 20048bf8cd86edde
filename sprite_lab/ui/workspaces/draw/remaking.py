"""How chosen cells came about: drawn once more, every step of it, for See. UI thread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.ui.workspaces.draw.live_model import search_of

if TYPE_CHECKING:
    from sprite_lab.app.context import Model
    from sprite_lab.app.lab import Lab


class Remaking(QObject):
    """Draws cells of the lab's project again as they were made, and shows that in See."""

    def __init__(self, lab: Lab, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lab = lab

    def show(self, indices: Sequence[int]) -> None:
        """Show how cells were made; what Live drew before it was at rest, its student draws."""
        made = [self._lab.project.cell(i).made_by for i in indices]
        configs = [config for config in made if config is not None]
        if not configs:
            self._lab.failed.emit("The chosen cells were drawn, not generated.", "")
            return
        alike = [config for config in configs if config.manner == configs[0].manner]
        if len(alike) < len(configs):
            self._lab.notice.emit(
                f"{len(alike)} of {len(configs)} are shown: the others were made in another way."
            )
        model = self._lab.model.value
        if alike[0].sampler != "student" or model is None or model.is_student:
            self._generate(alike, model)
            return

        def draw(student: Model | None) -> None:
            if student is None:
                self._lab.failed.emit(
                    "A student of this model made it, and that is not to be found: open the model "
                    "that it is a student of, or make it live again.",
                    "",
                )
            else:
                self._generate(alike, student)

        self._lab.do(
            search_of(self._lab), self, name="Looking for the student", then=draw, newest="remaking"
        )

    def _generate(self, configs: Sequence[SampleConfig], model: Model | None) -> None:
        try:
            self._lab.generate(configs, model=model)
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")
            return
        self._lab.workspace_wanted.emit("see")
