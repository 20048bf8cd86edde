"""Redraws cells the way they were made, to watch them in See."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from sprite_lab.app.draw.live.live_model import student_search
from sprite_lab.app.lab import Lab
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.words import tr

if TYPE_CHECKING:
    from sprite_lab.app.context import Model


def show_making(lab: Lab, owner: QObject, indices: Sequence[int]) -> None:
    """Redraw cells the way they were made, and show every step in See.

    A quick suggestion of Live is redrawn by its student, while ``owner`` lives.
    """
    made = [lab.project.cell(i).made_by for i in indices]
    configs = [config for config in made if config is not None]
    if not configs:
        lab.failed.emit(tr("The selected cells were drawn, not generated."), "")
        return
    alike = [config for config in configs if config.manner == configs[0].manner]
    if len(alike) < len(configs):
        lab.notice.emit(
            tr(
                "{count} of {count2} are shown: the others were made in a different way.",
                count=len(alike),
                count2=len(configs),
            )
        )
    model = lab.model.value
    if alike[0].sampler != "student" or model is None or model.is_student:
        _generate(lab, alike, model)
        return

    def draw(student: Model | None) -> None:
        if student is None:
            lab.failed.emit(
                tr(
                    "A student of this model made it, but it cannot be found: open its "
                    "teacher, or train the student again."
                ),
                "",
            )
        else:
            _generate(lab, alike, student)

    lab.do(student_search(lab), owner, name=tr("Finding the student"), then=draw, newest="remaking")


def _generate(lab: Lab, configs: Sequence[SampleConfig], model: Model | None) -> None:
    try:
        lab.generate(configs, model=model)
    except SpriteLabError as error:
        lab.failed.emit(str(error), "")
        return
    lab.workspace_wanted.emit("see", "watch")
