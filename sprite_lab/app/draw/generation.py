"""Generates cells: one job for all of them, one step of undo for the result."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np
from PySide6.QtCore import QObject, Signal

from sprite_lab.app.draw import drawing_tasks
from sprite_lab.app.draw.batch import next_blank
from sprite_lab.app.draw.drawing import (
    Drawn,
    finished_cell,
    left_out,
    seeded,
    varied,
    why_no_layer,
)
from sprite_lab.app.draw.live import STRENGTH
from sprite_lab.app.draw.session import SEEDS, DrawSession
from sprite_lab.app.files.library import is_shipped
from sprite_lab.app.task import Task
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.drawing.selection import Region
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.core.pixels import characters
from sprite_lab.core.pixels.cell_sets import ground_strength
from sprite_lab.core.pixels.cells import Cell, blank_cell, thanks_of_cells
from sprite_lab.core.pixels.redraw_masks import keep_drawn, only_inside
from sprite_lab.core.pixels.tile_sets import WHOLE
from sprite_lab.core.records import Outcome, Preview
from sprite_lab.core.sets.sprites import COURSE_CLASSES
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.jobs import JobHandle
from sprite_lab.words import tr, trn

if TYPE_CHECKING:
    from sprite_lab.app.context import Model


#: What a class of figures may be called.
_FIGURES = frozenset(
    ["hero", "heroes", "character", "characters", "person", "people", "player", "players"]
)


#: What walks besides them.
_WALKING = _FIGURES | {"creature", "creatures", "animal", "animals", "monster", "monsters"}

#: Share of T to which a drawing is noised for another frame of it: a quarter changes faces.
_FRAME = 0.15


@dataclass(frozen=True)
class _Request:
    """What a job was asked for, in the order of its results.

    ``text`` is for the history; ``whole``: whether ``cells`` replace those in the project, or
    only give them pixels and seed.
    """

    indices: tuple[int, ...]
    cells: tuple[Cell, ...]
    configs: tuple[SampleConfig, ...]
    text: str
    whole: bool
    answers: Mapping[int, Cell]  #: what was answered about drawings, see ``CellGeneration``
    #: takes the generated cells by index, and returns the cells derived from them
    more: Callable[[Mapping[int, Cell]], Mapping[int, Cell]]


class CellGeneration(QObject):
    """Runs the job that generates cells. UI thread."""

    running_changed = Signal(bool)
    progressed = Signal(int, int, str)  #: done, total, text
    previewed = Signal(object)  #: dict of cell index to uint8 (H, W, 4), empty at the end
    made = Signal(str, object)  #: text for the history, and a tuple of the generated cells
    written = Signal(object)  #: tuple of the indices of cells that were generated

    def __init__(self, session: DrawSession) -> None:
        super().__init__(session)
        self.session, self._project = session, session.project
        self._context = session.context
        self._job: JobHandle | None = None
        self._request: _Request | None = None
        #: Checksums of what it drew and nobody kept, from the last session on.
        self._drafts: set[int] = set()
        #: Parts of characters and checksums of what they were drawn from: next comes another try.
        self._turned: set[tuple[str, int]] = set()
        #: What the next job does with drawings, by cell. The cell asks for it once it is drawn, so
        #: that undo takes it back with the drawing, and cancel leaves nothing.
        self._answers: dict[int, Cell] = {}
        self._project.grid_changed.connect(self._on_grid)

    @property
    def running(self) -> bool:
        return self._job is not None

    # -- starting ------------------------------------------------------------------------

    def start(self, indices: Sequence[int]) -> None:
        """Generate cells according to their conditions; unlocked seeds change."""
        first = random.randrange(SEEDS)
        cells = [seeded(self._asked(i), first + n) for n, i in enumerate(indices)]
        self._begin(indices, cells, tr("Generate"), whole=False)

    def draw(self, asked: Mapping[int, Cell], text: str) -> None:
        """Generate, for each index, what the other cell asks for, and take over its noise.

        ``text`` is for the history.
        """
        self._begin(tuple(asked), tuple(asked.values()), text, whole=False)

    def redraw(self, index: int, pixels: Region) -> None:
        """Redraw some pixels of a cell, except where its mask keeps them."""
        cell = self._project.cell(index)
        mask = np.where(pixels, cell.flat.redraw, 0).astype(np.uint8)
        if not only_inside(mask, self.session.selection).any():
            self.session.fail(
                tr("The mask or the selection keeps these pixels: unmark or deselect them first.")
            )
            return
        cell = seeded(cell, random.randrange(SEEDS))
        self.draw({index: replace(cell, redraw_strength=mask.tobytes())}, tr("Redraw pixels"))

    @property
    def keeps(self) -> bool:
        """Whether the shown cell keeps some pixels, but not all."""
        session, cells = self.session, self._project.cells
        if session.first >= len(cells):
            return False  # the grid is just shrinking
        kept = only_inside(cells[session.first].redraw, session.selection) == 0
        return bool(kept.any()) and not kept.all()

    def inpainting(self) -> SampleConfig | None:
        """How the shown cell completes what it keeps: as it was drawn, or else as Generate would.

        None = it keeps nothing, or all.
        """
        session = self.session
        cell = self._project.cell(session.first)
        made = cell.made_by if cell.is_as_drawn else None
        config = made if made is not None and _completes(made) else None
        if config is None and not session.problem:
            try:
                config = session.config_of(cell)
            except SpriteLabError:  # said by Generate
                return None
        if config is None or not _completes(config):
            return None
        index, model = config.indices[0], self._context.model.value
        mix = config.class_mix
        if config.classes:  # other sprites of the seed would be of other classes
            mix = ((config.classes[index % len(config.classes)], 1.0),)
        config = replace(config, count=1, first_index=index, picked=(), classes=(), class_mix=mix)
        if config.sampler == "student" and (model is None or not model.is_student):
            return replace(config, sampler=None, steps=None)  # drawn by Live
        return config

    def show_inpainting(self) -> None:
        """Show in See how the shown cell completes what it keeps."""
        config = self.inpainting()
        if config is not None:
            self._context.workspace_wanted.emit("see")
            self._context.inpainting_wanted.emit(config)

    @property
    def frames(self) -> tuple[int, ...]:
        """The cells of an animation: the chosen ones, or the current row."""
        session = self.session
        return session.chosen if len(session.chosen) > 1 else tuple(session.row)

    def drawn_over(
        self,
        indices: Sequence[int],
        *,
        whole: bool = False,
        of_set: bool = False,
        frames: bool = False,
    ) -> tuple[int, ...]:
        """The cells to ask about, because nothing of their drawings would remain.

        Parameters
        ----------
        whole : whether they are drawn anew whole, whatever they ask for and whatever is selected.
        of_set : whether they belong to the set being drawn, where only what a person drew counts.
        frames : whether they become frames: then those that start from their drawings count, too,
            as a setting may be left from before.
        """
        if self.session.selection is not None and not whole:
            return ()  # everything outside stays
        cells = [(i, self._project.cell(i)) for i in indices]
        lost = [(i, c) for i, c in cells if is_by_hand(c) or not (of_set or self._is_draft(c))]
        if frames:
            return tuple(i for i, cell in lost if cell.redraw_strength is None)
        return tuple(i for i, cell in lost if whole or not keeps_colors(cell))

    @property
    def drafts(self) -> tuple[int, ...]:
        """What only Generate drew in cells of the project, as checksums for the next session."""
        return tuple(sorted(self._drafts & set(map(_draft_of, self._project.cells))))

    def bring_back_drafts(self, drafts: Iterable[int]) -> None:
        """Take the drafts of the last session for drafts again."""
        self._drafts.update(drafts)

    def _is_draft(self, cell: Cell) -> bool:
        """Whether a cell holds only what Generate drew and nobody kept, and is part of no set."""
        blank = cell.on(cell.generated_layer).is_blank
        return blank or (not cell.part and _draft_of(cell) in self._drafts)

    def start_from_drawings(self, indices: Sequence[int]) -> None:
        """Let cells start from their drawings in the next job, and thereafter."""
        self._answers = {i: self._project.cell(i).asking(strength=STRENGTH) for i in indices}

    def keep_drawings(self, indices: Sequence[int]) -> None:
        """Keep the drawn pixels of cells in the next job, and thereafter."""
        cells = ((i, self._project.cell(i)) for i in indices)
        self._answers = {
            i: replace(c, redraw_strength=keep_drawn(c.rgba).tobytes()) for i, c in cells
        }

    def _asked(self, index: int) -> Cell:
        """The cell as the next job takes it."""
        return self._answers.get(index) or self._project.cell(index)

    def animate(self, frames: Sequence[int], movement: float, left: Collection[int] = ()) -> None:
        """Generate cells as frames, from the same noise.

        Parameters
        ----------
        movement : see :func:`in_one_motion`.
        left : the frames that stay. The others are drawn from the one before, see
            :func:`as_frame_of`.
        """
        project = self._project
        leader = project.cell(self.session.current)
        moved = in_one_motion(
            [self._asked(i) for i in frames], leader, movement, random.randrange(SEEDS)
        )
        asked = dict(zip(frames, moved, strict=True))
        stay = [k for k, i in enumerate(frames) if i in left]
        for k, i in enumerate(frames):
            if i not in left and stay:
                of = max((n for n in stay if n < k), default=stay[0])
                asked[i] = as_frame_of(project.cell(frames[of]), asked[i], k - of)
        for i in left:
            del asked[i]
        self.draw(asked, tr("Generate frames"))

    def vary(self, count: int, share: float) -> None:
        """Generate variations of a cell, each from a noise near its own.

        They go to the other chosen cells, or else to the next blank ones.

        Parameters
        ----------
        count : how many, where no other cells are chosen.
        share : of the way to another noise, above 0 and at most 1.
        """
        session, cells = self.session, self._project.cells
        if session.problem:
            session.fail(session.problem)
            return
        source = session.first
        indices = [i for i in session.chosen if i != source]
        if not indices:
            blank = next_blank(cells, source + 1, len(cells))
            indices = [i for i in blank if i != source][:count]
            if not indices:
                session.fail(
                    tr(
                        "There is no blank cell for a variation; clear one, or select cells to "
                        "draw over."
                    )
                )
                return
            if len(indices) < count:
                self._context.notice.emit(
                    tr(
                        "Only {count} of {count2} variations have a blank cell.",
                        count=len(indices),
                        count2=count,
                    )
                )
        cell = cells[source]
        seeds = random.sample(range(SEEDS), len(indices))
        try:
            asked = varied(cell.conditions, share, seeds)
        except SpriteLabError as error:
            session.fail(str(error))
            return
        made = [
            replace(cell, conditions=conditions, duration_ms=cells[i].duration_ms)
            for i, conditions in zip(indices, asked, strict=True)
        ]
        text = trn("Variation", "{n} variations", len(made))
        self._begin(indices, made, text, whole=True)

    def draw_tiles(self, tiles: Sequence[int]) -> None:
        """Draw the cells of a terrain together, in the order of ``tile_sets.CODES``.

        What the whole tiles of both grounds ask for counts. Where both are drawn, their drawings
        stay, and the other tiles start from them; where neither is, all start from pure noise.
        """
        self.session.tools.select_none()  # tiles are drawn from scratch
        cells = [self._project.cell(i) for i in tiles]
        grounds = [cells[i] for i in WHOLE]
        if grounds[0].is_blank != grounds[1].is_blank:
            self.session.fail(tr("Only one ground is drawn: draw both whole tiles, or clear both."))
            return
        if grounds[0].is_blank and grounds[0].conditions.prompt == grounds[1].conditions.prompt:
            self._context.notice.emit(
                tr(
                    "Both grounds ask for the same, so they look alike: select each and give it a "
                    "class and words of its own."
                )
            )
        seed = seeded(grounds[0], random.randrange(SEEDS)).seed
        strength = ground_strength(grounds)
        lock = any(c.conditions.lock_palette for c in grounds)
        asked = [
            replace(
                cell.flat.asking(
                    seed=seed,
                    variations=(),
                    lock_palette=lock,
                    strength=None if cell.is_blank else strength,
                    keep_alpha=False,
                    tile=False,
                    symmetric=False,
                ),
                redraw_strength=None,
            )
            for cell in cells
        ]
        self._begin(tiles, asked, tr("Draw tiles"), whole=False, how=drawing_tasks.draw_tiles)

    def turn(self, parts: Mapping[str, int]) -> None:
        """Draw a character from behind and from the side into its cells, ``parts``.

        Where its cell is blank, the front is drawn, too: by the open model, if it knows heroes or
        the cell asks it for something, or else by the model of characters. Steps of other
        directions than the new ones go, but for those that a person drew.
        """
        cell = self._project.cell(parts[characters.LEADER])
        drawn = draws_characters(cell.side) or self._draws_heroes(cell)
        if cell.is_blank and not drawn:
            self.session.fail(tr("Draw the character facing you first: its first cell is blank."))
            return
        self._draw_parts(
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
        if model is None or self.session.problem or not turns_characters(cell.side):
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
            self.session.fail(tr("Draw the directions first: some of its first frames are blank."))
            return
        pictures = {part: cell.rgba for part, cell in views.items()}
        self._draw_parts(
            parts,
            characters.STEPS,
            lambda base, model: characters.steps(pictures, base, model.vocabulary),
            tr("Draw steps"),
        )

    def _draw_parts(
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
        session, model = self.session, self._context.model.value
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
        self._begin(indices, cells, text, whole=False, how=how, configs=configs, more=more)

    def _begin(
        self,
        indices: Sequence[int],
        cells: Sequence[Cell],
        text: str,
        *,
        whole: bool,
        how: Callable[[Model, tuple[SampleConfig, ...]], Task[tuple[Drawn | None, ...]]]
        | None = None,
        configs: Sequence[SampleConfig] | None = None,
        more: Callable[[Mapping[int, Cell]], Mapping[int, Cell]] = lambda drawn: {},
    ) -> None:
        answers, self._answers = self._answers, {}
        if self.running:
            return
        # A request that says how and what to draw brings its own model, regardless of the open one.
        alone = how is not None and configs is not None
        session, model = self.session, self._context.model.value
        if model is None or (session.problem and not alone):
            session.fail(session.problem)
            return
        closed = why_no_layer([*(self._project.cell(i) for i in indices), *cells])
        if closed:
            session.fail(closed)
            return
        try:
            if configs is None:
                found = (session.config_of(cell) for cell in cells)
                configs = [config for config in found if config is not None]
                if not whole:
                    configs = list(map(self._in_its_colors, indices, cells, configs))
        except SpriteLabError as error:
            session.fail(str(error))
            return
        for sentence in left_out(cells, model):
            self._context.notice.emit(sentence)
        configs = tuple(configs)
        count = len(configs)
        job = self._context.do(
            (how or drawing_tasks.draw_cells)(model, configs),
            self,
            name=trn("Generating {n} sprite", "Generating {n} sprites", count),
        )
        self._job = job
        self._request = _Request(tuple(indices), tuple(cells), configs, text, whole, answers, more)
        job.progressed.connect(self.progressed)
        job.preview_ready.connect(self._on_preview)
        job.ended.connect(self._on_ended)
        self.running_changed.emit(True)

    def _in_its_colors(self, index: int, cell: Cell, config: SampleConfig) -> SampleConfig:
        """With the colors of the drawing it starts from, where that is another cell's."""
        if config.start_t is None or cell.pixels == self._project.cell(index).flat.pixels:
            return config
        return replace(config, palette=characters.colors_of(cell.rgba))

    # -- while it runs -------------------------------------------------------------------

    def stop(self) -> None:
        """Stop, and take the result so far."""
        if self._job is not None:
            self._job.stop()

    def cancel(self) -> None:
        """Stop, and leave the cells as they are."""
        if self._job is not None:
            self._job.cancel()

    def _on_grid(self) -> None:
        if self._job is not None:
            # Its cells have moved or are gone; drop results that arrive before the job stops.
            self._request = None
            self._job.cancel()
            self.previewed.emit({})
            self._context.notice.emit(tr("The grid has changed, so generation was canceled."))

    def _on_preview(self, preview: Preview) -> None:
        request = self._request
        if request is not None and isinstance(preview, drawing_tasks.CellsPreview):
            indices = request.indices
            self.previewed.emit({indices[row]: rgba for row, rgba in preview.pictures().items()})

    def _on_ended(self, outcome: Outcome) -> None:
        request, self._job, self._request = self._request, None, None
        self.previewed.emit({})
        self.running_changed.emit(False)
        if request is not None and outcome.kind == "completed":
            self._take(request, outcome.result)

    def _take(self, request: _Request, drawn: Sequence[Drawn | None]) -> None:
        """Write the results into the cells, as one step of undo."""
        project, changes = self._project, {}
        rows = zip(request.indices, request.cells, request.configs, drawn, strict=True)
        for index, cell, config, sprite in rows:
            if sprite is None:
                continue
            now = project.cell(index)
            if request.whole and not now.layers:
                changes[index] = finished_cell(cell, config, sprite)
                continue
            made = finished_cell(cell.flat, config, sprite)
            if request.whole:
                # It takes everything from the other cell but its layers: what is drawn above stays.
                mask = cell.redraw_strength
                now = replace(
                    made, pixels=now.pixels, layers=now.layers, limit=now.limit,
                    redraw_strength=mask,
                )  # fmt: skip
            else:
                # Class, mask and layers may have changed during generation.
                asked = cell.conditions
                now = now.asking(seed=asked.seed, variations=asked.variations)
                answer = request.answers.get(index)
                if answer is not None:
                    mask, strength = answer.redraw_strength, answer.conditions.strength
                    now = replace(now.asking(strength=strength), redraw_strength=mask)
            changes[index] = now.with_generated(made)
        changes |= request.more(changes)
        # Layers may have been locked meanwhile.
        shut = {i: why_no_layer([project.cell(i)]) for i in changes}
        changes = {i: cell for i, cell in changes.items() if not shut[i]}
        if changes:
            self._write(request, changes)
        for why in dict.fromkeys(filter(None, shut.values())):
            self.session.fail(why)

    def _write(self, request: _Request, changes: Mapping[int, Cell]) -> None:
        project = self._project
        # A drawing that it only added to is still a person's.
        added = {i for i, c in zip(request.indices, request.configs, strict=True) if c.drawing}
        fresh = [i for i in changes if i not in added or self._is_draft(project.cell(i))]
        self._drafts.update(_draft_of(changes[i]) for i in fresh)
        project.put(changes, request.text)
        self.made.emit(request.text, tuple(changes.values()))
        self.written.emit(tuple(changes))


def draws_ground(model: ModelInfo) -> bool:
    """Whether a model may draw ground from noise: not if it learned only classes of sprites."""
    return not set(model.class_names) or not set(model.class_names) <= set(COURSE_CLASSES)


def _heroes_of(model: ModelInfo) -> tuple[str, ...]:
    """The classes of figures that a model knows."""
    return tuple(name for name in model.class_names if name.casefold() in _FIGURES)


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


def _completes(config: SampleConfig) -> bool:
    """Whether some pixels of the drawing are kept, but not all."""
    known = config.known()
    return known is not None and bool(known.any()) and not known.all()


def is_by_hand(cell: Cell) -> bool:
    """Whether a person drew where the model draws in a cell, as far as the cell tells."""
    drawn = not cell.on(cell.generated_layer).is_blank
    return drawn and cell.made_by is None and not cell.is_as_drawn


def _draft_of(cell: Cell) -> int:
    """Checksum of what a model drew in a cell."""
    return crc32(cell.on(cell.generated_layer).pixels)


def goes_on(cell: Cell) -> bool:
    """Whether part of a drawing remains when its cell is generated."""
    return keeps_colors(cell) or cell.conditions.keep_alpha


def keeps_colors(cell: Cell) -> bool:
    """Whether more than the silhouette of a drawing remains when its cell is generated."""
    return cell.conditions.strength is not None or cell.redraw_strength is not None


def in_one_motion(cells: Sequence[Cell], leader: Cell, movement: float, other: int) -> list[Cell]:
    """Cells that share one noise, which moves toward another one and back.

    The k-th of n frames goes (1 - cos(2 pi k / n)) / 2 of the movement, so that the animation
    loops.

    Parameters
    ----------
    leader : the cell whose noise is shared.
    movement : the largest share of the way to the noise of seed ``other``, 0 to 1.
    """
    asked, found = leader.conditions, []
    for k, cell in enumerate(cells):
        share = movement * (1 - math.cos(2 * math.pi * k / len(cells))) / 2
        turned = ((other, share),) if share > 1e-6 else ()
        found.append(cell.asking(seed=asked.seed, variations=(*asked.variations, *turned)))
    return found


def as_frame_of(drawing: Cell, frame: Cell, later: int) -> Cell:
    """What a frame asks for, so that it shows a drawing of another cell some frames later.

    It starts from the drawing, and asks for its class and words. What may walk lifts one foot in
    the first frame after it and the other in the third.
    """
    drawing = drawing.flat
    if drawing.is_blank:
        return frame
    asked, made = drawing.conditions, drawing.made_by
    known = [name for name, _ in asked.class_mix] or list(made.classes if made else ())
    foot = {1: 0, 3: 1}.get(later % 4)
    walks = foot is not None and {name.casefold() for name in known} <= _WALKING
    rgba = characters.lifted(drawing.rgba, foot) if foot is not None and walks else drawing.rgba
    return replace(
        drawing,
        pixels=rgba.tobytes(),
        redraw_strength=None,
        conditions=replace(
            asked,
            class_mix=asked.class_mix or tuple((name, 1.0) for name in known[:1]),
            words=asked.words or (made.words if made else ()),
            strength=_FRAME,
            keep_alpha=False,
            symmetric=False,
            seed=frame.seed,
            variations=frame.conditions.variations,
        ),
    )
