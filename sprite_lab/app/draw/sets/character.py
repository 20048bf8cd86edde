"""Draws a character from all sides, and its steps."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from zlib import crc32

from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.drawing import Drawn, seeded
from sprite_lab.app.draw.generate.drafts import is_by_hand
from sprite_lab.app.draw.generate.frames import FIGURES
from sprite_lab.app.draw.generate.generation import CellGeneration, Request
from sprite_lab.app.draw.session import SEEDS
from sprite_lab.app.files.library import is_shipped
from sprite_lab.app.task import Task
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.pixels import characters
from sprite_lab.core.pixels.cells import Cell, blank_cell, thanks_of_cells
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.words import tr, trn

if TYPE_CHECKING:
    from sprite_lab.app.context import Model


class CharacterDrawing:
    """Draws the cells of a character; its arguments are cells of the project by part. UI thread."""

    def __init__(self, generation: CellGeneration) -> None:
        self._generation, self._session = generation, generation.session
        self._project, self._context = self._session.project, self._session.context
        #: Parts and checksums of what they were drawn from: next comes another try.
        self._turned: set[tuple[str, int]] = set()

    def turn(self, parts: Mapping[str, int]) -> None:
        """Draw a character from behind and from the side into its cells, ``parts``.

        Where its cell is blank, the front is drawn, too: by the open model, if it knows heroes or
        the cell asks it for something, or else by the model of characters. Steps of other
        directions than the new ones go, but for those that a person drew.
        """
        cell = self._project.cell(parts[characters.LEADER])
        drawn = draws_characters(cell.side) or self._draws_heroes(cell)
        if cell.is_blank and not drawn:
            self._session.fail(tr("Draw the character facing you first: its first cell is blank."))
            return
        self._draw(
            parts,
            characters.TURNS,
            lambda base, model: characters.turns(
                cell.rgba, base, model.vocabulary, model.timesteps
            ),
            tr("Draw directions"),
            stale=self.stale_steps(parts),
        )

    def _draws_heroes(self, cell: Cell) -> bool:
        """Whether the open model draws figures to turn, or whatever a cell asks for."""
        model = self._context.model.value
        if model is None or self._session.problem or not turns_characters(cell.side):
            return False
        return cell.conditions.prompt != Prompt() or bool(_heroes_of(model))

    def stale_steps(self, parts: Mapping[str, int]) -> tuple[str, ...]:
        """The steps that would no longer match the directions :meth:`turn` redraws."""
        stays = () if self._project.cell(parts[characters.LEADER]).is_blank else ("down",)
        found = []
        for part, index in parts.items():
            direction, _, frame = part.partition(" ")
            cell = self._project.cell(index)
            if frame == "0" or direction in stays or cell.is_free or is_by_hand(cell):
                continue
            found.append(part)
        return tuple(found)

    def walk(self, parts: Mapping[str, int]) -> None:
        """Draw the steps of a standing character into its cells, ``parts``."""
        views = {part: self._project.cell(i) for part, i in parts.items() if part.endswith(" 0")}
        if any(cell.is_blank for cell in views.values()):
            self._session.fail(tr("Draw the directions first: some of its first frames are blank."))
            return
        pictures = {part: cell.rgba for part, cell in views.items()}
        self._draw(
            parts,
            characters.STEPS,
            lambda base, model: characters.steps(pictures, base, model.vocabulary),
            tr("Draw steps"),
        )

    def _draw(
        self,
        parts: Mapping[str, int],
        wanted: Sequence[str],
        ask: Callable[[SampleConfig, Model], Mapping[str, SampleConfig]],
        text: str,
        *,
        stale: Sequence[str] = (),
    ) -> None:
        """Draw the requested parts of a character, and those derived from them.

        The turner draws ``wanted``, where cells have its size, and the model of characters all
        sides of a new one; otherwise the open model draws what ``ask`` says.

        Parameters
        ----------
        stale : parts that are cleared with it.
        """
        session, model = self._session, self._context.model.value
        session.tools.select_none()  # they are drawn from scratch
        leader = self._project.cell(parts[characters.LEADER])
        asked_for, made = leader.conditions, leader.made_by
        if made is not None:
            leader = leader.asking(
                words=asked_for.words or made.words, style=asked_for.style or made.style
            )
        base = session.config_of(seeded(leader, random.randrange(SEEDS)))
        if model is None or base is None:
            session.fail(session.problem)
            return
        asked: Mapping[str, SampleConfig]
        how = None
        if turns_characters(leader.side):
            # The drawing lives on in the result, and so do its credits.
            beside = replace(
                base, drawing=None if leader.is_blank else leader.rgba.tobytes(), start_t=None,
                known_mask=None, redraw_strength=None, keep_alpha=False,
            )  # fmt: skip
            asked = dict.fromkeys(wanted, beside)
            if leader.is_blank and self._draws_heroes(leader):
                of_class = () if asked_for.prompt != Prompt() else _heroes_of(model)[:1]
                front = replace(base, classes=of_class or base.classes)
                asked = {characters.LEADER: front, **asked}
                drawn = drawing_tasks.draw_hero(model, front, wanted)
            elif leader.is_blank:
                sheet = characters.new_character(base)
                asked = dict.fromkeys(sheet.wanted, beside)
                drawn = drawing_tasks.draw_sheet(sheet)
            else:
                views = {part: self._project.cell(i).rgba for part, i in parts.items()}
                tried = {(p, crc32(views[characters.drawn_from(p)].tobytes())) for p in wanted}
                again = tried <= self._turned and any(views[p][..., 3].any() for p in wanted)
                self._turned |= tried
                drawn = drawing_tasks.draw_turned(views, wanted, base.seed, again)
            how = partial(_whatever_is_open, drawn)
        else:
            asked = ask(base, model)
        named = {index: part for part, index in parts.items()}

        def more(drawn: Mapping[int, Cell]) -> Mapping[int, Cell]:
            there = {named[i]: cell for i, cell in drawn.items()}
            for part, index in parts.items():
                if part.endswith(" 0"):
                    there.setdefault(part, self._project.cell(index))
            pictures = {part: cell.rgba for part, cell in there.items() if not cell.is_blank}
            thanks = thanks_of_cells([leader, *drawn.values()])
            by = next((cell.drawn_by for cell in drawn.values()), None)
            found = {
                part: Cell(rgba.tobytes(), thanks=thanks, drawn_by=by)
                for part, rgba in characters.follow(pictures).items()
            }
            found |= {part: blank_cell(leader.side) for part in stale}
            if stale:
                self._context.notice.emit(
                    trn(
                        "{n} step of the previous directions was removed.",
                        "{n} steps of the previous directions were removed.",
                        len(stale),
                    )
                )
            return {
                parts[part]: self._project.cell(parts[part]).with_generated(cell)
                for part, cell in found.items()
            }

        indices = [parts[part] for part in asked]
        cells = [replace(self._project.cell(i), thanks=leader.thanks) for i in indices]
        configs = tuple(asked.values())
        self._generation.begin(
            Request(tuple(indices), tuple(cells), text, how=how, configs=configs, more=more)
        )


def _heroes_of(model: ModelInfo) -> tuple[str, ...]:
    """The classes of figures that a model knows."""
    return tuple(name for name in model.class_names if name.casefold() in FIGURES)


def draws_characters(side: int) -> bool:
    """Whether the model of characters exists and draws new ones of this size."""
    return side == characters.MODEL_CELL and is_shipped(characters.MODEL)


def turns_characters(side: int) -> bool:
    """Whether the turner exists and turns cells of this size."""
    return characters.turned_by(side) > 0 and is_shipped(characters.TURNER)


def _whatever_is_open(
    drawn: Task[tuple[Drawn | None, ...]], model: Model, configs: tuple[SampleConfig, ...]
) -> Task[tuple[Drawn | None, ...]]:
    return drawn
