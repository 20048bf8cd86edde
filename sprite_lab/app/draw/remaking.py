"""Redraws cells the way they were made, to watch them in See."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from sprite_lab.app.draw.live_model import student_search
from sprite_lab.app.lab import Lab
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.words import tr

if TYPE_CHECKING:
    from sprite_lab.app.context import Model


class Remaking(QObject):
    """Redraws cells the way they were made, and shows every step in See."""

    def __init__(self, lab: Lab, parent: QObject) -> None:
        super().__init__(parent)
        self._lab = lab

    def show(self, indices: Sequence[int]) -> None:
        """Show how cells were made; a quick suggestion of Live is redrawn by its student."""
        made = [self._lab.project.cell(i).made_by for i in indices]
        configs = [config for config in made if config is not None]
        if not configs:
            self._lab.failed.emit(tr("The selected cells were drawn, not generated."), "")
            return
        alike = [config for config in configs if config.manner == configs[0].manner]
        if len(alike) < len(configs):
            self._lab.notice.emit(
                tr(
                    "{count} of {count2} are shown: the others were made in a different way.",
                    count=len(alike),
                    count2=len(configs),
                )
            )
        model = self._lab.model.value
        if alike[0].sampler != "student" or model is None or model.is_student:
            self._generate(alike, model)
            return

        def draw(student: Model | None) -> None:
            if student is None:
                self._lab.failed.emit(
                    tr(
                        "A student of this model made it, but it cannot be found: open its "
                        "teacher, or train the student again."
                    ),
                    "",
                )
            else:
                self._generate(alike, student)

        self._lab.do(
            student_search(self._lab),
            self,
            name=tr("Finding the student"),
            then=draw,
            newest="remaking",
        )

    def _generate(self, configs: Sequence[SampleConfig], model: Model | None) -> None:
        try:
            self._lab.generate(configs, model=model)
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")
            return
        self._lab.workspace_wanted.emit("see")
