"""Tasks that export animations and sprites, and preview both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.task import call, task
from sprite_lab.core.config import AnimationConfig, SpriteFilesConfig
from sprite_lab.core.evenly import evenly
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprite_batch import SpriteBatch
from sprite_lab.core.trajectories.clip import Clip
from sprite_lab.words import marked, tr

# Pillow is slow to load, and the window does not need it.
# ruff: noqa: PLC0415

#: Makes a clip for a configuration; called on the worker.
ClipMaker = Callable[[AnimationConfig], Clip]

#: Makes the sprites for a configuration; called on the worker.
BatchMaker = Callable[[SpriteFilesConfig], SpriteBatch]

#: Largest size of a preview, in bytes; longer animations show fewer frames.
_PREVIEW_BYTES = 48_000_000

#: Maximum number of sprites in the preview of single files.
_SHOWN = 256


@dataclass(frozen=True, eq=False)
class AnimationPreview:
    """Preview of an animation."""

    frames: tuple[NDArray[np.uint8], ...]  #: the frames shown, uint8 (H, W, 3|4) each
    durations_ms: tuple[int, ...]  #: durations of those frames
    size: tuple[int, int]  #: width and height of the file, in pixels
    #: number of all frames of the file
    count: int
    seconds: float
    files: int  #: number of files of that size
    works: int  #: number of works to credit
    beside: bool  #: whether a file beside it also names them


@task("files", marked("Drawing the preview"))
def preview_animation(
    control: RunControl, make: ClipMaker, config: AnimationConfig, room: tuple[int, int]
) -> Run[AnimationPreview]:
    """Draw the frames of an animation for the window.

    ``room``: width and height in pixels; larger frames are drawn at a smaller whole-number scale.
    """
    from sprite_lab.formats.animation.film import Film, owes_credits

    yield None
    film = small = Film(make(config), config)
    durations = film.shown_ms()
    while small.config.scale > 1 and any(a > b for a, b in zip(small.size, room, strict=True)):
        small = Film(film.clip, replace(small.config, scale=small.config.scale - 1))
    shown = evenly(len(film), max(2, _PREVIEW_BYTES // small.frame(0).nbytes))
    frames = []
    for i in shown:
        frames.append(small.frame(i))
        yield Progress(len(frames), len(shown), tr("Drawing the preview"))
    edges = [*shown, len(film)]
    lengths = [sum(durations[a:b]) for a, b in pairwise(edges)]
    own = [Film(part, config) for _, part in film.clip.parts] or [film]
    return AnimationPreview(
        tuple(frames), tuple(lengths), own[0].size, len(film), sum(durations) / 1000, len(own),
        len(film.clip.attribution.splitlines()), owes_credits(film.clip),
    )  # fmt: skip


@task("files", marked("Computing the size"))
def measure_animation(
    control: RunControl, make: ClipMaker, config: AnimationConfig
) -> Run[tuple[int, bool]]:
    """Measure the size of the file, or of all files, in bytes; also returns whether it is exact."""
    from sprite_lab.formats.animation.film import Film

    yield None
    clip, size, exact = make(config), 0, True
    for one in [part for _, part in clip.parts] or [clip]:
        more, sure = yield from Film(one, config).estimate()
        size, exact = size + more, exact and sure
    return size, exact


@task("files")
def export_animation(
    control: RunControl, path: Path, make: ClipMaker, config: AnimationConfig
) -> Run[list[Path]]:
    """Write an animation in the format of ``config``, or its parts into the folder ``path``;
    returns the files.
    """
    from sprite_lab.formats.animation.film import write_clip

    yield None
    return (yield from write_clip(path, make(config), config))


@dataclass(frozen=True, eq=False)
class SpritesPreview:
    """Preview of an export of sprites."""

    #: the sheet, or the sprites side by side, uint8 (H, W, 4), not enlarged
    picture: NDArray[np.uint8]
    names: tuple[str, ...]  #: names of the single files
    size: tuple[int, int]  #: width and height of the sheet, or of one file, in pixels
    count: int  #: number of sprites
    title: str  #: title of the sprites, for the name of a file
    works: int  #: number of works to credit


@task("files", marked("Drawing the preview"))
def preview_sprites(
    control: RunControl, make: BatchMaker, config: SpriteFilesConfig
) -> Run[SpritesPreview]:
    """Draw a preview of the files."""
    from sprite_lab.formats.images.atlas import Atlas
    from sprite_lab.formats.images.sheet import make_sheet
    from sprite_lab.formats.images.sprite_files import for_engine

    yield None
    batch = make(config)
    yield None
    stems = batch.stems(config.template)
    names = tuple(stems[i] for i in batch.files)
    works = len(batch.attribution.splitlines())
    if config.kind != "files":
        pixels, config = for_engine(batch, config)
        atlas = Atlas.lay_out(len(batch), batch.rgba.shape[1:3], config, batch.columns)
        picture, size = atlas.draw(pixels, config), atlas.size
        return SpritesPreview(picture, names, size, len(batch), batch.title, works)
    height, width = batch.rgba.shape[1:3]
    size = width * config.scale, height * config.scale
    picture = make_sheet(batch.pixels(config.background)[:_SHOWN], gap=1)
    return SpritesPreview(picture, names, size, len(batch), batch.title, works)


@task("files")
def export_sprites(
    control: RunControl, path: Path, make: BatchMaker, config: SpriteFilesConfig
) -> Run[list[Path]]:
    """Write a sheet, or one file per sprite into the folder ``path``; returns the files."""
    from sprite_lab.formats.images.sprite_files import write_sprites

    yield None
    return (yield from write_sprites(path, make(config), config))


@call("files")
def clashes(path: Path, make: BatchMaker, config: SpriteFilesConfig) -> list[Path]:
    """Find files that a sheet at ``path``, or single files in that folder, would replace."""
    from sprite_lab.formats.images.sprite_files import files_of

    return [file for file in files_of(path, make(config), config) if file.exists()]


@call("files")
def clashes_of_clip(path: Path, make: ClipMaker, config: AnimationConfig) -> list[Path]:
    """Find files that an animation at ``path``, or its parts in that folder, would replace."""
    from sprite_lab.formats.animation.film import files_of

    return [file for file in files_of(path, make(config), config) if file.exists()]
