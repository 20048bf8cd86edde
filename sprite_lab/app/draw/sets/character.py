"""Draws a character from all sides, and the steps of its walk."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.drawing import Drawn, seeded
from sprite_lab.app.draw.generate.drafts import is_by_hand
from sprite_lab.app.draw.generate.frames import FIGURES
from sprite_lab.app.draw.generate.generation import CellGeneration, Request
from sprite_lab.app.draw.session import SEEDS
from sprite_lab.app.draw.sets.tries import LastTries, Tries, tries_of
from sprite_lab.app.engine_types import Model
from sprite_lab.app.files.library import is_shipped
from sprite_lab.app.task import Task
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels import characters
from sprite_lab.core.pixels.cells import Cell, DrawnBy, blank_cell, thanks_of_cells
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.words import marked, tr, trn


class CharacterDrawing:
    """Draws the cells of a character; ``parts`` are cells of the project by part. UI thread."""

    def __init__(self, generation: CellGeneration) -> None:
        self._generation, self._session = generation, generation.session
        self._project, self._context = self._session.project, self._session.context
        self.held = LastTries(self._session)

    def turn(self, parts: Mapping[str, int], kept: Collection[str] = ()) -> None:
        """Draw a character from behind and from the side into its cells.

        A blank front is drawn too: by the open model if it knows heroes or the cell has a prompt,
        otherwise by the model of characters. Steps in redrawn directions are cleared, unless a
        person drew them. ``kept``: parts drawn by a person that stay; a kept side is mirrored.
        """
        cell = self._project.cell(parts[characters.LEADER])
        drawn = draws_characters(cell.side) or self._draws_heroes(cell)
        if cell.is_blank and not drawn:
            self._session.fail(tr("Draw the character facing you first: its first cell is blank."))
            return
        sides = [side for side in ("left", "right") if f"{side} 0" in kept]
        wanted = [part for part in characters.TURNS if part not in kept]
        if sides:
            wanted = [part for part in wanted if part != "right 0"]
        self._draw(
            parts,
            wanted,
            lambda base, model: {
                part: config
                for part, config in characters.turns(
                    cell.rgba, base, model.vocabulary, model.timesteps
                ).items()
                if part in wanted
            },
            marked("Draw directions"),
            own=sides or ("right",),
            kept=kept,
            stale=self.stale_steps(parts, kept),
        )

    def _draws_heroes(self, cell: Cell) -> bool:
        """Whether the open model can draw the front view that is then turned: it knows classes of
        figures, or the cell has a prompt.
        """
        model = self._context.model.value
        if model is None or self._session.problem or not turns_characters(cell.side):
            return False
        return cell.conditions.prompt != Prompt() or bool(_heroes_of(model))

    def by_hand(self, parts: Mapping[str, int]) -> frozenset[str]:
        """The parts that a person drew."""
        return frozenset(p for p, i in parts.items() if is_by_hand(self._project.cell(i)))

    def stale_steps(self, parts: Mapping[str, int], kept: Collection[str]) -> tuple[str, ...]:
        """The steps that would no longer match the directions :meth:`turn` redraws."""
        stays = {*map(characters.direction_of, kept)}
        if not self._project.cell(parts[characters.LEADER]).is_blank:
            stays.add("down")
        steps = [part for part in parts if part not in characters.STANDING]
        drawn = {part for part in steps if not self._project.cell(parts[part]).is_free}
        redrawn = drawn - self.by_hand(parts)
        return tuple(p for p in steps if p in redrawn and characters.direction_of(p) not in stays)

    def walk(self, parts: Mapping[str, int], kept: Collection[str] = ()) -> None:
        """Draw the steps of a standing character into its cells.

        ``kept``: steps drawn by a person that stay. If a person drew only one side, it is mirrored;
        if both, both stay.
        """
        views = {part: self._project.cell(parts[part]) for part in characters.STANDING}
        own = self.own_sides(parts)
        needed = [f"{direction} 0" for direction in ("down", "up", *own)]
        if any(views[part].is_blank for part in needed):
            self._session.fail(tr("Draw the directions first: some of its first frames are blank."))
            return
        pictures = {part: cell.rgba for part, cell in views.items()}
        wanted = [f"{direction} {frame}" for direction in ("down", *own, "up") for frame in (1, 3)]
        wanted = [part for part in wanted if part not in kept]
        self._draw(
            parts,
            wanted,
            lambda base, model: characters.steps(pictures, wanted, base, model.vocabulary),
            marked("Draw steps"),
            own=own,
            kept={*kept, *self.by_hand({part: parts[part] for part in views})},
        )

    def own_sides(self, parts: Mapping[str, int]) -> tuple[str, ...]:
        """The sides that do not mirror the other: those that a person drew, or else the right."""
        by_hand = self.by_hand(parts)
        left, right = (f"{side} 0" in by_hand for side in ("left", "right"))
        if left and right:
            same = characters.follow({"right 0": self._project.cell(parts["right 0"]).rgba})
            if np.array_equal(same["left 0"], self._project.cell(parts["left 0"]).rgba):
                return ("right",)
            return ("left", "right")
        return ("left",) if left else ("right",)

    def _draw(
        self,
        parts: Mapping[str, int],
        wanted: Sequence[str],
        ask: Callable[[SampleConfig, Model], Mapping[str, SampleConfig]],
        text: str,
        *,
        own: Collection[str],
        kept: Collection[str],
        stale: Sequence[str] = (),
    ) -> None:
        """Draw the ``wanted`` parts of a character, and those derived from them.

        If the cells can be turned, the turner draws ``wanted``. A blank front is then drawn first
        by the open model, or else together with ``wanted`` by the model of characters. If they
        cannot be turned, the open model draws the configurations from ``ask``.

        Parameters
        ----------
        own : the sides that do not mirror the other, see
            :func:`~sprite_lab.core.pixels.characters.follow`.
        kept : parts that stay as they are.
        stale : parts that are cleared.
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
            # Pixels of the drawing remain in the result, so its credits must, too.
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
                sheet = characters.new_character(base).only({characters.LEADER, *wanted})
                asked = dict.fromkeys(sheet.wanted, beside)
                drawn = drawing_tasks.draw_sheet(sheet)
            else:
                views = {part: self._project.cell(i).rgba for part, i in parts.items()}
                tried = all(self.held.has(self._source(parts, p), p) for p in wanted)
                again = tried and any(views[p][..., 3].any() for p in wanted)
                drawn = drawing_tasks.draw_turned(views, wanted, base.seed, again)
            how = partial(_whatever_is_open, drawn)
        else:
            asked = ask(base, model)
        named = {index: part for part, index in parts.items()}
        sources = {part: self._source(parts, part) for part in asked}

        def more(drawn: Mapping[int, Cell]) -> Mapping[int, Cell]:
            thanks = thanks_of_cells([leader, *drawn.values()])
            found = {named[i]: cell for i, cell in drawn.items()}
            return self._following(parts, found, own, kept, stale, thanks)

        def seen(drawn: Sequence[Drawn | None]) -> None:
            fronts = {named[i]: one for i, one in zip(indices, drawn, strict=True)}
            hero = fronts.get(characters.LEADER)
            begun = sources
            if hero is not None:
                begun = dict.fromkeys(asked, hero.rgba.tobytes())
            self.held.add(tries_of([*asked], drawn, begun))

        if not asked:
            follow = self._following(parts, {}, own, kept, stale, leader.thanks)
            self._project.put(follow, tr(text))
            return
        indices = [parts[part] for part in asked]
        cells = [replace(self._project.cell(i), thanks=leader.thanks) for i in indices]
        configs = tuple(asked.values())
        self._generation.begin(
            Request(
                tuple(indices), tuple(cells), text, how=how, configs=configs, more=more, seen=seen
            )
        )

    def _following(
        self,
        parts: Mapping[str, int],
        drawn: Mapping[str, Cell],
        own: Collection[str],
        kept: Collection[str],
        stale: Sequence[str],
        thanks: str,
    ) -> dict[int, Cell]:
        """The cells derived from what was drawn, and those that are cleared."""
        there = {**{p: self._project.cell(parts[p]) for p in characters.STANDING}, **drawn}
        pictures = {part: cell.rgba for part, cell in there.items() if not cell.is_blank}
        by = next((cell.drawn_by for cell in drawn.values()), DrawnBy())
        found = {
            part: Cell(rgba.tobytes(), thanks=thanks, drawn_by=by)
            for part, rgba in characters.follow(pictures, own).items()
            if part not in kept
        }
        found |= {part: blank_cell(self._project.side) for part in stale}
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

    # -- tries ------------------------------------------------------------------------------------

    def tries(self, parts: Mapping[str, int]) -> dict[str, Tries]:
        """The tries drawn from the character's present pictures, by the first part of each."""
        found = ((part, self.held.of(self._source(parts, part), part)) for part in parts)
        return {part: tries for part, tries in found if tries is not None}

    def shown(self, parts: Mapping[str, int], part: str) -> int:
        """The number of the try at ``part`` that the character shows, -1 = none."""
        pixels = {p: self._project.cell(i).pixels for p, i in parts.items()}
        return self.tries(parts)[part].which(pixels)

    def written_by(self, parts: Mapping[str, int], part: str) -> tuple[str, ...]:
        """The parts that :meth:`take` draws over."""
        drawn = [part]
        if part not in characters.STANDING:
            drawn = [f"{characters.direction_of(part)} {k}" for k in (1, 2, 3)]
            if len(self.own_sides(parts)) > 1:
                return tuple(drawn)
        return tuple(dict.fromkeys([*drawn, *map(characters.mirror_of, drawn)]))

    def take(self, parts: Mapping[str, int], part: str, k: int, kept: Collection[str] = ()) -> None:
        """Put try ``k`` at ``part``, and the parts derived from it, into the character's cells.

        ``kept``: those parts of :meth:`written_by` that a person drew and wants to keep.
        """
        tries = self.tries(parts)[part]
        cells = {p: cell for p, cell in tries.cells(k).items() if p not in kept}
        own: Collection[str] = self.own_sides(parts)
        stale: Sequence[str] = ()
        if part in characters.STANDING:
            others = {"up 0", "left 0", "right 0"} - {part, characters.mirror_of(part)}
            stale = self.stale_steps(parts, {*others, *kept})
            if part == "right 0":
                own = ("left", "right") if "left 0" in kept else ("right",)
        by_hand = self.by_hand({p: parts[p] for p in characters.STANDING})
        stays = {*kept, *(by_hand - set(self.written_by(parts, part)))}
        thanks = thanks_of_cells([self._project.cell(parts[characters.LEADER]), *cells.values()])
        drawn = {
            p: self._project.cell(parts[p]).with_generated(replace(cell, thanks=thanks))
            for p, cell in cells.items()
        }
        follow = self._following(parts, drawn, own, stays, stale, thanks)
        changes = {parts[p]: cell for p, cell in drawn.items()} | follow
        self._project.put(changes, tr("Choose another try"))

    def _source(self, parts: Mapping[str, int], part: str) -> bytes:
        """The pixels that a part is drawn from."""
        return self._project.cell(parts[characters.drawn_from(part)]).pixels


def _heroes_of(model: Model) -> tuple[str, ...]:
    """The classes of figures that a model knows."""
    return tuple(name for name in model.class_names if name.casefold() in FIGURES)


def draws_characters(side: int) -> bool:
    """Whether the model of characters exists and draws characters of this size."""
    return side == characters.MODEL_CELL and is_shipped(characters.MODEL)


def turns_characters(side: int) -> bool:
    """Whether the turner exists and turns cells of this size."""
    return characters.turned_by(side) > 0 and is_shipped(characters.TURNER)


def _whatever_is_open(
    drawn: Task[tuple[Drawn | None, ...]], model: Model, configs: tuple[SampleConfig, ...]
) -> Task[tuple[Drawn | None, ...]]:
    return drawn
