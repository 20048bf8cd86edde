"""Sprites to export, with what is known about each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core import file_names
from sprite_lab.core.config import SampleConfig, SpriteFilesConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.frame_tags import Tag, tag_runs
from sprite_lab.core.pixels.cell_sets import set_of, tile_set_of, whole_sets
from sprite_lab.core.pixels.cells import Cell, thanks_of_cells
from sprite_lab.core.pixels.characters import FRAMES, LEADER, PARTS
from sprite_lab.core.pixels.tile_sets import CODES, TileSet
from sprite_lab.core.sets.credits import attribution, credits_of
from sprite_lab.core.sets.sprites import SpriteSet, composite, opaque, to_pixels
from sprite_lab.core.sets.vocabulary import styles_of
from sprite_lab.core.trajectories.trajectory import Trajectory

#: Fields of a :class:`SpriteBatch` with an entry for each sprite, or none.
_OF_EACH = ("configs", "seeds", "classes", "names", "tags", "durations_ms", "blank", "thanks")


@dataclass(frozen=True, eq=False)
class SpriteBatch:
    """N sprites, N >= 1. Anything left out is unknown."""

    title: str  #: a short description; also the stem of a sheet's name
    rgba: NDArray[np.uint8]  #: uint8 (N, H, W, 4), with a transparent background
    kept: NDArray[np.uint8]  #: uint8 (N, H, W, 4), with the background as drawn
    #: settings that reproduce each, None = not reproducible
    configs: tuple[SampleConfig | None, ...] = ()
    #: one per sprite; if unknown, a seed is None and a text ""
    seeds: tuple[int | None, ...] = ()
    classes: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    tags: tuple[tuple[str, ...], ...] = ()  #: tags of each as a frame
    durations_ms: tuple[int, ...] = ()  #: how long each is shown as a frame
    blank: tuple[bool, ...] = ()  #: of each, whether it is a cell without a drawing
    config: SampleConfig | None = None  #: settings that reproduce all of them
    columns: int = 0  #: sprites per row in their original layout; 0 = no layout
    styles: tuple[str, ...] = ()  #: the sources whose style a model was asked for
    attribution: str = ""  #: of all of them, one line of credit per source, "" = none
    thanks: tuple[str, ...] = ()  #: the attribution of each; () = that of all
    tile_sets: tuple[TileSet, ...] = ()  #: the complete terrains among them

    def __post_init__(self) -> None:
        if not len(self.rgba):
            raise ConfigError("There are no sprites to export; select some first.")
        for name in _OF_EACH:
            known = getattr(self, name)
            if known and len(known) != len(self):
                raise ConfigError(
                    "{count} sprites cannot have {length} {name}.",
                    count=len(self),
                    length=len(known),
                    name=name,
                )

    def __len__(self) -> int:
        return len(self.rgba)

    def pixels(self, background: str) -> NDArray[np.uint8]:
        """uint8 (N, H, W, 4), with a background that is "transparent" or "kept".

        Transparent pixels are black: some engines would blend any other color into the borders of
        enlarged sprites.
        """
        rgba = self.rgba if background == "transparent" else self.kept
        return np.where(rgba[..., 3:] > 0, rgba, np.uint8(0))

    def config_of(self, i: int) -> SampleConfig | None:
        """The settings that reproduce sprite ``i``."""
        return self.configs[i] if self.configs else None

    def class_of(self, i: int) -> str:
        """The class of sprite ``i``, or ""."""
        return self.classes[i] if self.classes else ""

    @property
    def files(self) -> list[int]:
        """Indices of the sprites that become single files: all but blank cells."""
        return [i for i in range(len(self)) if not (self.blank and self.blank[i])]

    def attribution_of(self, i: int) -> str:
        """One line of credit per source of sprite ``i``, "" = none."""
        return self.thanks[i] if any(self.thanks) else self.attribution

    @property
    def frame_tags(self) -> tuple[Tag, ...]:
        """The tags as ranges of frames, without classes: these are no animations."""
        return tag_runs(self.tags)

    @property
    def tile_set(self) -> TileSet | None:
        """The tile set that all of them belong to; None = there is none."""
        return next((tiles for tiles in self.tile_sets if all(tiles.codes)), None)

    def stems(self, template: str) -> list[str]:
        """A unique file name for each, without extension.

        Raises ConfigError if the template cannot be filled.
        """
        return file_names.unique(
            file_names.fill(
                template,
                index=i + 1,
                seed=self.seeds[i] if self.seeds else None,
                class_name=self.class_of(i),
                name=self.names[i] if self.names else "",
            )
            for i in range(len(self))
        )

    def take(self, which: list[int]) -> SpriteBatch:
        """The sprites at ``which``, in that order."""
        known = {name: getattr(self, name) for name in _OF_EACH}
        of_each: Any = {n: tuple(values[i] for i in which) for n, values in known.items() if values}
        rgba, kept = self.rgba[which], self.kept[which]
        return replace(self, rgba=rgba, kept=kept, config=None, columns=0, tile_sets=(), **of_each)


def finished_sprites(trajectory: Trajectory, thanks: str = "") -> SpriteBatch:
    """The clean sprites of a trajectory's last frame.

    ``thanks`` : attribution of the training data of the model that drew them.
    """
    count, asked = trajectory.count, trajectory.config
    images = to_pixels(trajectory.x0[-1].astype(np.float32))
    dealt = () if asked is None else tuple(map(asked.class_of, asked.indices[:count]))
    return SpriteBatch(
        "sprites",
        trajectory.rgba(),
        opaque(images),
        configs=tuple(trajectory.one(i).made_by for i in range(count)),
        seeds=() if asked is None else (asked.seed,) * count,
        classes=tuple(filter(None, dealt)),
        config=trajectory.made_by,
        styles=styles_of(trajectory.prompts),
        attribution=thanks,
    )


def drawn_cells(cells: tuple[Cell, ...], title: str, columns: int = 0) -> SpriteBatch:
    """Cells of a project; in ``kept``, transparent pixels become white.

    Cells of characters and terrains are named after their set and part, whatever drawing they were
    made from; with several characters, the tags of each walk include the character's name, too.
    """
    called = _sets(cells)
    parts = [_part(cell) for cell in cells]
    several = len({who for who, part in parts if part in PARTS}) > 1
    rgba = np.stack([cell.rgba for cell in cells]) if cells else np.zeros((0, 1, 1, 4), np.uint8)
    return SpriteBatch(
        title,
        rgba,
        opaque(composite(rgba)),
        configs=tuple(cell.made_by for cell in cells),
        seeds=tuple(None if cell.made_by is None else cell.made_by.seed for cell in cells),
        classes=tuple(cell.class_name or "" for cell in cells),
        names=tuple(
            f"{called[who]}-{part.replace(' ', '-')}" if part else cell.caption
            for cell, (who, part) in zip(cells, parts, strict=True)
        ),
        tags=tuple(
            (_walk(part, called[who] if several else "") if part in PARTS else ()) + cell.tags
            for cell, (who, part) in zip(cells, parts, strict=True)
        ),
        durations_ms=tuple(cell.duration_ms for cell in cells),
        blank=tuple(cell.is_blank for cell in cells),
        columns=columns,
        attribution=thanks_of_cells(cells),
        thanks=tuple(cell.thanks for cell in cells),
        tile_sets=_terrains(cells),
    )


def _part(cell: Cell) -> tuple[str, str]:
    """The character or terrain that a cell belongs to, and its part in it; "" = none."""
    who, _, part = cell.part.rpartition("/")
    return (who, part) if part in (*PARTS, *CODES) else ("", "")


def _terrains(cells: tuple[Cell, ...]) -> tuple[TileSet, ...]:
    """The complete terrains among cells."""
    found = []
    for name in whole_sets(cells, CODES):
        places = set_of(cells, CODES, name)
        codes = {place: code for code, place in places.items()}
        tiles = tile_set_of([cells[i] for i in places.values()])
        codes_of_all = tuple(codes.get(i, "") for i in range(len(cells)))
        found.append(replace(tiles, title=name, codes=codes_of_all))
    return tuple(found)


def _sets(cells: tuple[Cell, ...]) -> dict[str, str]:
    """Unique names of the characters and terrains among the cells, by their sets.

    A character has the name or words of its first cell, or else the name of its set.
    """
    called: dict[str, str] = {}
    for cell in cells:
        who, part = _part(cell)
        if part and not called.get(who):
            called[who] = cell.caption if part == LEADER else ""
    names = (name or who or "set" for who, name in called.items())
    return dict(
        zip(called, file_names.unique(name.replace(" ", "-") for name in names), strict=True)
    )


def _walk(part: str, name: str = "") -> tuple[str, ...]:
    """The tags of the walk that a part is a frame of. ``name``: that of the character."""
    return (f"{name}_walk_{part.partition(' ')[0]}".removeprefix("_"),)


def exported_cells(
    cells: tuple[Cell, ...], title: str, config: SpriteFilesConfig, columns: int = 0
) -> SpriteBatch:
    """Cells for export: single files without blank cells; a sheet in the layout of the grid, unless
    blank cells are to be left out.
    """
    if config.kind != "files" and not config.without_blank:
        return drawn_cells(cells, title, columns)
    return drawn_cells(tuple(cell for cell in cells if not cell.is_blank), title)


def character_batch(cells: tuple[Cell, ...]) -> SpriteBatch:
    """The cells of a character, in the order of its parts: a row and an animation per direction.

    Its title is the name or words of its first cell.
    """
    names = tuple(part.replace(" ", "-") for part in PARTS)
    tags = tuple(map(_walk, PARTS))
    walks = tuple(walk for (walk,) in tags)
    title = cells[0].caption or "character"
    return replace(drawn_cells(cells, title, FRAMES), names=names, classes=walks, tags=tags)


def sprites_of_set(sprites: SpriteSet, which: list[int]) -> SpriteBatch:
    """The sprites of a data set at the indices ``which``, in that order."""
    found = sprites.take(np.asarray(which, np.int64))
    sources = [str(source) for source in found.source]
    thanks = {s: attribution(credits_of(found.credits, [s])) for s in dict.fromkeys(sources)}
    return SpriteBatch(
        sprites.title,
        found.rgba,
        opaque(found.images),
        classes=tuple(name or "" for name in found.classes),
        names=tuple(str(name) for name in found.names),
        attribution=attribution(credits_of(found.credits, sources)),
        thanks=tuple(thanks[source] for source in sources),
    )
