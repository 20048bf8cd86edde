"""Asks before drawings are overwritten."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QWidget

from sprite_lab.app.draw.generate.drafts import keeps_colors, keeps_little
from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.ui.shell.dialogs import ACCEPT, CANCEL, DISCARD, question
from sprite_lab.words import tr, trn


def cells_to_draw(
    parent: QWidget,
    generation: CellGeneration,
    cells: Sequence[int],
    *,
    whole: bool = False,
    of_set: Mapping[int, str] | None = None,
    frames: bool = False,
    problem: str | None = None,
) -> tuple[int, ...] | None:
    """Ask about drawings that would be lost; returns the cells to draw, None = draw nothing.

    If the user wants to keep the drawings or start from them, their cells are set up for that.
    ``whole``: the cells are redrawn entirely. ``of_set``: if they are drawn together as a set, the
    names of those that may stay as they are, by cell. ``frames``: they become frames of one
    animation. ``problem``: why nothing will be drawn, so that nothing is asked; "" = no problem,
    None = that of the session.
    """
    is_set = of_set is not None
    whole = whole or is_set
    over = generation.drafts.lost(cells, whole=whole, of_set=is_set, frames=frames)
    problem = generation.session.problem if problem is None else problem
    if not over or generation.running or problem:
        return tuple(cells)
    one = len(over) == 1
    choices = [("over", tr("Draw over"), DISCARD), ("cancel", tr("Cancel"), CANCEL)]
    text = trn("Nothing of it would remain.", "Nothing of them would remain.", len(over))
    if of_set:
        choices.insert(0, ("leave", tr("Leave it") if one else tr("Leave them"), ACCEPT))
        text = f"{', '.join(of_set[i] for i in over)}. {text}"
    if not whole:
        choices = [
            ("start", tr("Start from it") if one else tr("Start from them"), ACCEPT),
            ("keep", tr("Keep drawing"), ACCEPT),
            *choices,
        ]
        text = trn(
            "Nothing of it would remain. The model can start from the drawing, or draw around it.",
            "Nothing of them would remain. The model can start from the drawings, or draw "
            "around them.",
            len(over),
        )
        project = generation.session.project
        if frames and any(keeps_colors(project.cell(i)) for i in over):
            text = trn(
                "It would change, though the model starts from it.",
                "They would change, though the model starts from some of them.",
                len(over),
            )
        elif all(project.cell(i).conditions.keep_alpha for i in over):
            text = trn(
                "Only its silhouette would remain. The model can start from its colors, too.",
                "Only their silhouettes would remain. The model can start from their colors, too.",
                len(over),
            )
        elif any(keeps_little(project.cell(i)) for i in over):
            text = trn(
                "Little but the pixels marked to keep would remain. The model can start from the "
                "drawing, or draw around it.",
                "Little but the pixels marked to keep would remain of some. The model can start "
                "from the drawings, or draw around them.",
                len(over),
            )
        if len(over) < len(cells):
            choices.insert(0, ("leave", tr("Leave it") if one else tr("Leave them"), ACCEPT))
            if frames:
                left = tr("The other frames are drawn from what is left as it is.")
                text = f"{text} {left}"
    answer = question(
        parent.window(),
        trn("Draw over this drawing?", "Draw over {n} drawings?", len(over)),
        text,
        choices,
        name="draw.over",
        default="cancel" if whole and not of_set else "",
    )
    if answer == "start":
        generation.start_from_drawings(over)
    elif answer == "keep":
        generation.keep_drawings(over)
    elif answer == "leave":
        return tuple(cell for cell in cells if cell not in over)
    return None if answer == "cancel" else tuple(cells)
