"""Shows in See how cells were made, and how the rest is drawn around kept pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject

from sprite_lab.app.draw.live.live_model import student_search
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.engine_types import Model
from sprite_lab.app.lab import Lab
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.pixels.redraw_masks import only_inside
from sprite_lab.words import tr


def show_making(lab: Lab, owner: QObject, indices: Sequence[int]) -> None:
    """Redraw cells the way they were made, and show every step in See.

    A quick suggestion of Live is redrawn by its student, as long as ``owner`` exists.
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
                "{count} of {total} are shown: the others were made in a different way.",
                count=len(alike),
                total=len(configs),
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
    with lab.reporting():
        lab.generate(configs, model=model)
        lab.workspace_wanted.emit("see", "watch")


def keeps_some(session: DrawSession) -> bool:
    """Whether the shown cell keeps some pixels, but not all."""
    cells = session.project.cells
    if session.first >= len(cells):
        return False  # the grid is shrinking
    kept = only_inside(cells[session.first].redraw, session.selection) == 0
    return bool(kept.any()) and not kept.all()


def inpainting_of(session: DrawSession) -> SampleConfig | None:
    """How the shown cell is completed around its kept pixels: as it was drawn, or as Generate
    would. None = it keeps no pixels or all of them, or Generate cannot draw it.
    """
    cell = session.project.cell(session.first)
    made = cell.made_by if cell.is_as_drawn else None
    config = made if made is not None and _completes(made) else None
    if config is None and not session.problem:
        try:
            config = session.config_of(cell)
        except SpriteLabError:  # Generate reports this
            return None
    if config is None or not _completes(config):
        return None
    index, model = config.indices[0], session.context.model.value
    mix = config.mix_of(index)  # other sprites of the seed would have other classes
    config = replace(config, count=1, first_index=index, picked=(), classes=(), class_mix=mix)
    if config.sampler == "student" and (model is None or not model.is_student):
        return replace(config, sampler=None, steps=None)  # drawn by Live
    return config


def show_inpainting(session: DrawSession) -> None:
    """Show in See how the shown cell is completed around its kept pixels."""
    config = inpainting_of(session)
    if config is not None:
        session.context.workspace_wanted.emit("see", "inpaint")
        session.context.inpainting_wanted.emit(config)


def _completes(config: SampleConfig) -> bool:
    """Whether some pixels of the drawing are kept, but not all."""
    known = config.known()
    return known is not None and bool(known.any()) and not known.all()
