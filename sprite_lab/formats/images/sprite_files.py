"""Writing sprites as pictures: one file each, or a sheet with JSON beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core import file_names
from sprite_lab.core.config import SpriteFilesConfig
from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.palette import all_colors
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run
from sprite_lab.core.sets.sprite_batch import SpriteBatch
from sprite_lab.formats.aseprite.aseprite import encode_aseprite
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.credits_file import credits_beside, credits_text
from sprite_lab.formats.folders import filling
from sprite_lab.formats.images.atlas import Atlas
from sprite_lab.formats.images.engines import (
    Sheet,
    aseprite_json,
    engine_text,
    suffixes_beside,
)
from sprite_lab.formats.images.gb_studio import for_gb_studio
from sprite_lab.formats.images.png import encode_png, texts_of, write_png
from sprite_lab.formats.images.sheet import enlarge
from sprite_lab.words import tr

#: The only layout that GB Studio reads: one row, at original size.
GB_LAYOUT = {"scale": 1, "padding": 0, "extrusion": 0, "power_of_two": False, "json": "none"}


def write_sprites(path: Path, batch: SpriteBatch, config: SpriteFilesConfig) -> Run[list[Path]]:
    """Write sprites according to ``config``; returns the files.

    ``path``: the file of a sheet; or, for single files (and their sheet, if both are wanted), the
    folder, which is created if missing. Files of the same names are replaced. If canceled, new
    files are removed again, but not those that replaced others. Raises FileError if the files
    cannot be written, and ConfigError if the template is invalid.
    """
    if config.kind == "sheet":
        return _sheet(path, batch, config)
    return _files(path, batch, config)


def files_of(path: Path, batch: SpriteBatch, config: SpriteFilesConfig) -> list[Path]:
    """The files that would be written: single files in the folder ``path``, followed by those of a
    sheet, if any; or a sheet at ``path``, followed by the files beside it.
    """
    if config.kind == "sheet":
        return [path, *_beside(path, batch, config)]
    stems = batch.stems(config.template)
    files = [path / f"{stems[i]}.png" for i in batch.files]
    if config.kind == "both":
        *_, sheet = file_names.unique([*stems, file_names.safe(batch.title)])
        files += files_of(path / f"{sheet}.png", batch, replace(config, kind="sheet"))
    return files


def _beside(
    path: Path, batch: SpriteBatch, config: SpriteFilesConfig
) -> dict[Path, Callable[[Sheet], str | bytes]]:
    """The files beside a sheet, each with a function that makes its contents."""
    found: dict[Path, Callable[[Sheet], str | bytes]] = {}
    if config.json != "none" and config.engine != "gb_studio":
        layout = config.json
        found[path.with_suffix(".json")] = lambda sheet: aseprite_json(
            sheet, layout, batch.attribution
        )
    if config.engine == "aseprite":
        pixels = batch.pixels(config.background)
        found[path.with_suffix(".aseprite")] = lambda sheet: encode_aseprite(
            pixels,
            [sheet.duration(i) for i in range(len(pixels))],
            all_colors(pixels) or (),
            sheet.tags,
        )
    for suffix in suffixes_beside(config.engine, batch.tile_set):
        found[path.with_suffix(suffix)] = partial(engine_text, config.engine, suffix)
    # A text file for people, as engines ignore the credits in JSON and in pictures.
    if config.engine != "none" and batch.attribution:
        found[credits_beside(path)] = lambda _: credits_text(path, batch.attribution)
    return found


def _files(folder: Path, batch: SpriteBatch, config: SpriteFilesConfig) -> Run[list[Path]]:
    which, pixels = batch.files, batch.pixels(config.background)
    all_files = files_of(folder, batch, config)
    files = all_files[: len(which)]
    with filling(folder) as ours:
        for done, (file, i) in enumerate(zip(files, which, strict=True)):
            yield Progress(done, len(files), tr("Writing {name}", name=file.name))
            was_there = file.exists()
            texts = texts_of(batch.config_of(i), batch.attribution_of(i))
            write_png(file, enlarge(pixels[i], config.scale), texts)
            if not was_there:
                ours.append(file)
        if config.kind == "both":
            sheet = all_files[len(which)]
            files += yield from _sheet(sheet, batch, config)
    return files


def _sheet(path: Path, batch: SpriteBatch, config: SpriteFilesConfig) -> Run[list[Path]]:
    yield Progress(0, 2, tr("Writing {name}", name=path.name))
    if config.json != "none" or config.engine != "none":
        file_names.check_text(path.name)
    beside = _beside(path, batch, config)
    if path in beside:
        raise FileError(
            "'{name}' is the name of a file beside the picture: end the picture's in .png.",
            name=path.name,
        )
    pixels, config = for_engine(batch, config)
    atlas = Atlas.lay_out(len(batch), batch.rgba.shape[1:3], config, batch.columns)
    made_by = batch.config_of(0) if len(batch) == 1 else batch.config
    picture = encode_png(atlas.draw(pixels, config), texts_of(made_by, batch.attribution))
    yield Progress(1, 2, tr("Writing {name}", name=path.name))
    sheet = Sheet(
        path.name,
        path.stem,
        atlas,
        batch.stems(config.template),
        batch.classes,
        tags=batch.frame_tags,
        durations_ms=batch.durations_ms,
        tile_sets=batch.tile_sets,
    )
    # The picture first, so that an error in writing names it.
    contents = {path: picture, **{file: make(sheet) for file, make in beside.items()}}
    with contextlib.ExitStack() as all_of_them:
        for file, data in contents.items():
            written = all_of_them.enter_context(atomic_write(file))
            written.write(data.encode() if isinstance(data, str) else data)
            written.flush()  # may fail while no file is in place yet
    return [path, *beside]


def for_engine(
    batch: SpriteBatch, config: SpriteFilesConfig
) -> tuple[NDArray[np.uint8], SpriteFilesConfig]:
    """The sprites of a sheet, uint8 (N, H, W, 4), and its layout, as the engine needs them.

    Raises ConfigError if the engine does not support sprites of this size.
    """
    if config.engine != "gb_studio":
        return batch.pixels(config.background), config
    pixels = for_gb_studio(batch.rgba, batch.tile_set)
    return pixels, config.having(GB_LAYOUT | {"columns": len(batch)})
