"""Opening a set of sprites: by name, from its file, from pictures or pixels."""

from __future__ import annotations

from collections.abc import Sequence
from os.path import exists  # which answers False for a name that is too long
from pathlib import Path
from types import NoneType

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import ConfigError, FileError, expect
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.imports import ImportChoices
from sprite_lab.core.sets.sprites import BUILTIN, GROUND, SpriteSet, composite
from sprite_lab.data.datasets import builtin, with_near_copies
from sprite_lab.formats.importing import plan_import_iter
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.paths import resource
from sprite_lab.words import tr

#: Suffixes of the files and folders that ``sprite-lab import`` and the window save.
_SETS = (".npz", ".npy", ".sprites", ".part")

Source = str | Path | Sequence[str | Path] | NDArray[np.uint8]


def open_set(source: Source = BUILTIN, choices: ImportChoices | None = None) -> SpriteSet:
    """Open a set of sprites, or make one from pictures.

    Raises FileError if the file is missing or holds no sprites, and ConfigError if the pixels have
    another shape or dtype, or the source is none of these.

    Parameters
    ----------
    source : "builtin" or "ground", which are shipped; a set (.npz, .npy, a .sprites store), which
        is opened unchanged; pictures, sheets, folders and archives, imported as ``sprite-lab
        import`` does; or pixels, uint8 (N, H, W, 3) RGB or (N, H, W, 4) RGBA. Sprites that are
        near-copies share a group.
    choices : import settings for pictures. A set is imported, not opened, only if they are given;
        they have no effect on shipped sets and pixels.
    """
    what = tr("a name, a path, several paths, or uint8 pixels")
    expect("source", source, (str, Path, Sequence, np.ndarray), what)
    expect("choices", choices, (ImportChoices, NoneType), "ImportChoices")
    if isinstance(source, np.ndarray):
        return with_near_copies(_of_pixels(source))
    if source == BUILTIN:
        return builtin()
    if source == GROUND:
        return load_sprites(resource("ground.npz"))
    several = [source] if isinstance(source, str | Path | bytes) else source
    for path in several:
        expect("source", path, (str, Path), what)
    paths = [Path(path) for path in several if path != ""]  # "" would be the current folder
    first = paths[0] if paths else Path()
    if len(paths) == 1 and choices is None and (first.suffix in _SETS or not exists(first)):
        return load_sprites(first)
    plan = drain(plan_import_iter(paths, choices or ImportChoices(), RunControl()))
    if not len(plan):
        # Of folders and archives, one of many reasons would explain little.
        refused = plan.refused[0].why if 0 < len(plan.refused) <= len(paths) else ""
        raise FileError(refused or tr("No sprites were found: name pictures, sheets or folders."))
    return with_near_copies(plan.sprite_set(first.absolute().stem))


def _of_pixels(pixels: NDArray[np.uint8]) -> SpriteSet:
    if pixels.dtype != np.uint8 or pixels.ndim != 4 or pixels.shape[3] not in (3, 4):
        raise ConfigError(
            "Sprites must be uint8 (N, H, W, 3), RGB, or (N, H, W, 4), RGBA, not {dtype} {shape}.",
            dtype=pixels.dtype,
            shape=pixels.shape,
        )
    if pixels.shape[3] == 3:
        return SpriteSet(pixels.copy())  # a set is read-only, unlike the caller's pixels
    return SpriteSet(composite(pixels), alpha=pixels[..., 3])
