"""How the shown cell completes the pixels that it keeps, for See."""

from __future__ import annotations

from dataclasses import replace

from sprite_lab.app.draw.session import DrawSession
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.pixels.redraw_masks import only_inside


def keeps_some(session: DrawSession) -> bool:
    """Whether the shown cell keeps some pixels, but not all."""
    cells = session.project.cells
    if session.first >= len(cells):
        return False  # the grid is just shrinking
    kept = only_inside(cells[session.first].redraw, session.selection) == 0
    return bool(kept.any()) and not kept.all()


def inpainting_of(session: DrawSession) -> SampleConfig | None:
    """How the shown cell completes what it keeps: as it was drawn, or as Generate would; None = it
    keeps nothing, or everything.
    """
    cell = session.project.cell(session.first)
    made = cell.made_by if cell.is_as_drawn else None
    config = made if made is not None and _completes(made) else None
    if config is None and not session.problem:
        try:
            config = session.config_of(cell)
        except SpriteLabError:  # said by Generate
            return None
    if config is None or not _completes(config):
        return None
    index, model = config.indices[0], session.context.model.value
    mix = config.mix_of(index)  # other sprites of the seed would be of other classes
    config = replace(config, count=1, first_index=index, picked=(), classes=(), class_mix=mix)
    if config.sampler == "student" and (model is None or not model.is_student):
        return replace(config, sampler=None, steps=None)  # drawn by Live
    return config


def show_inpainting(session: DrawSession) -> None:
    """Show in See how the shown cell completes what it keeps."""
    config = inpainting_of(session)
    if config is not None:
        session.context.workspace_wanted.emit("see", "inpaint")
        session.context.inpainting_wanted.emit(config)


def _completes(config: SampleConfig) -> bool:
    """Whether some pixels of the drawing are kept, but not all."""
    known = config.known()
    return known is not None and bool(known.any()) and not known.all()
