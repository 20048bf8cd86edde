"""Files of sprites and samples: our ``.npz``, and the course's pair of ``.npy`` files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from os.path import isdir  # which answers False for a name that is too long
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core import strict_json
from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config_text import config_text
from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.credits import Credit, credits_from_json
from sprite_lab.core.sets.sprites import BLOCK, SpriteSet, alpha_from_background, composite
from sprite_lab.core.sets.texts import Texts, text_counts
from sprite_lab.formats.arrays import (
    LARGEST,
    ArrayArchive,
    open_npz,
    peek_npy,
    read_npy,
    write_npz,
)
from sprite_lab.formats.images.course import default_class_names, find_pair, labels_from_array
from sprite_lab.formats.reading import check_file, reading
from sprite_lab.formats.sets.sprite_checks import check_class_names, check_images_header
from sprite_lab.formats.sets.store import MANIFEST, load_store
from sprite_lab.words import trn

#: Optional arrays with data for each sprite in a set, and their numpy kinds.
_COMPANIONS = {
    "group": "iu",
    "names": "U",
    "source": "U",
    "words": "U",
    "pose_of": "iu",
    "direction": "U",
    "frame": "iu",
}


def load_sprites(path: str | Path) -> SpriteSet:
    """Open a set of sprites.

    ``path``: an ``.npz`` with at least ``images``; either ``.npy`` of a pair in the course's
    layout, with the other beside it; an ``.npy`` of images alone; or a store (``.sprites``), whose
    arrays are mapped, not read. Raises FileError, with one sentence on what is wrong, if the file
    is not such a set.
    """
    path = Path(path)
    if isdir(path):
        return load_store(path)
    if path.name == MANIFEST:  # file dialogs cannot choose a folder
        return load_store(path.parent)
    with reading(path, "a set of sprites (.npz or .npy)"):
        check_file(path, LARGEST)  # before opening it, as a pipe would block
        with path.open("rb") as file:
            magic = file.read(6)
        if magic[:2] == b"PK":
            with open_npz(path) as archive:
                return sprites_in(archive, path)
        if magic == b"\x93NUMPY":
            return _load_pair(path)
        raise FileError(
            "'{name}' is not a set of sprites; open an .npz or .npy file with images.",
            name=path.name,
        )


def save_sprites(path: str | Path, sprites: SpriteSet) -> None:
    """Write a set with all of its data; :func:`load_sprites` is the inverse."""
    arrays = {"images": sprites.images, "alpha": sprites.alpha, **companions(sprites)}
    write_npz(path, arrays)


def companions(sprites: SpriteSet) -> dict[str, AnyArray | Texts]:
    """All data about sprites besides pixels, as read by :func:`read_companions`."""
    arrays: dict[str, AnyArray | Texts] = {
        "labels": sprites.labels,
        "class_names": np.asarray(sprites.class_names, np.str_),
        "names": sprites.names,
        "source": sprites.source,
    }
    if sprites.has_words:
        arrays["words"] = sprites.words
    if (sprites.pose_of >= 0).any():
        arrays["pose_of"] = sprites.pose_of
    if any(text_counts(sprites.direction)):
        arrays["direction"] = sprites.direction
    if (sprites.frame >= 0).any():
        arrays["frame"] = sprites.frame
    if sprites.group is not None:
        arrays["group"] = sprites.group
    if sprites.credits:
        rows = [strict_json.dumps(credit.to_json()) for credit in sprites.credits]
        arrays["credits"] = np.asarray(rows, np.str_)
    return arrays


def save_samples(
    path: str | Path,
    rgba: NDArray[np.uint8],
    labels: NDArray[np.int64],
    class_names: Sequence[str] = (),
    configs: Sequence[SampleConfig] = (),
    *,
    words: Sequence[str] = (),
    source: Sequence[str] = (),
) -> None:
    """Write generated sprites and, if given, the settings that made them.

    Parameters
    ----------
    rgba : uint8 (N, H, W, 4); labels : int64 (N,), -1 = none.
    configs : the settings of all samples, or of each.
    words, source : the words and the style requested for each; () = unknown.
    """
    arrays = {
        "images": np.ascontiguousarray(rgba[..., :3]),
        "alpha": np.ascontiguousarray(rgba[..., 3]),
        "labels": np.asarray(labels, np.int64),
    }
    if class_names:
        arrays["class_names"] = np.asarray(tuple(class_names), np.str_)
    if any(words):
        arrays["words"] = np.asarray(tuple(words), np.str_)
    if any(source):
        arrays["source"] = np.asarray(tuple(source), np.str_)
    if len(configs) == 1:
        arrays["config"] = np.asarray(config_text(configs[0]))
    elif configs:
        arrays["configs"] = np.asarray([config_text(config) for config in configs], np.str_)
    write_npz(path, arrays)


def sprites_in(archive: ArrayArchive, path: Path) -> SpriteSet:
    """The sprites of an open archive; raises FileError if it has none."""
    if "images" not in archive:
        known = ", ".join(sorted(archive.headers)) or "no arrays"
        raise FileError(
            "'{name}' has no array named 'images' (it has: {known}); choose a file with sprites.",
            name=path.name,
            known=known,
        )
    header = archive.headers["images"]
    check_images_header(header, path.name)
    rest = read_companions(archive, path)
    stored = [archive.headers[key] for key in ("images", "alpha") if key in archive]
    if any(each.fortran_order for each in stored):  # not written by us; read as a whole
        images, alpha = split_alpha(archive.read("images"))
        if "alpha" in archive:
            alpha = archive.read("alpha")
        return SpriteSet(images=images, alpha=alpha, **rest)
    images = np.empty((*header.shape[:3], 3), np.uint8)
    alpha = np.empty(header.shape[:3], np.uint8)
    start = 0
    for some, their_alpha in pixel_blocks(archive, BLOCK):
        here = slice(start, start + len(some))
        images[here], alpha[here] = some, their_alpha
        start = here.stop
    return SpriteSet(images=images, alpha=alpha, **rest)


def pixel_blocks(
    archive: ArrayArchive, rows: int, start: int = 0
) -> Iterator[tuple[NDArray[np.uint8], NDArray[np.uint8]]]:
    """RGB on white, and alpha, of the sprites from ``start`` on, ``rows`` at a time."""
    alphas = archive.blocks("alpha", rows, start) if "alpha" in archive else None
    for block in archive.blocks("images", rows, start):
        if alphas is None:
            yield split_alpha(block)
        else:
            yield composite(block) if block.shape[3] == 4 else block, next(alphas)
    if alphas is not None:
        next(alphas, None)  # read to the end, so that the checksum is verified


def read_companions(
    archive: ArrayArchive, path: Path, shape: tuple[int, ...] | None = None
) -> dict[str, Any]:
    """Everything in an archive besides pixels, as fields of a SpriteSet; ``shape``: shape of the
    images, if they are elsewhere.
    """
    shape = archive.headers["images"].shape if shape is None else shape
    _check_companions(archive, path.name, shape)
    class_names = archive.text("class_names") if "class_names" in archive else ()
    check_class_names(class_names, path.name)
    labels: NDArray[np.int64] | None = None
    if "labels" in archive:
        labels, classes = labels_from_array(archive.read("labels"), shape[0], path.name)
        class_names = class_names or default_class_names(classes)
    known = {key: archive.read(key) for key in _COMPANIONS if key in archive}
    return {
        "labels": labels,
        "class_names": class_names,
        "title": title_of(path),
        "credits": read_credits(archive, path.name),
        **known,
    }


def read_credits(archive: ArrayArchive, name: str) -> tuple[Credit, ...]:
    """The array ``credits``, one JSON object per source; () if there is none."""
    if "credits" not in archive:
        return ()
    try:
        return credits_from_json([strict_json.loads(row) for row in archive.text("credits")])
    except ValueError as error:
        raise FileError(
            "The credits in '{name}' cannot be read: {error}", name=name, error=error
        ) from error


def _check_companions(archive: ArrayArchive, name: str, images_shape: tuple[int, ...]) -> None:
    """Check the arrays beside the images by their headers, before anything is unpacked."""
    count = images_shape[0]
    for key, kinds in {**_COMPANIONS, "labels": "iubf"}.items():
        header = archive.headers.get(key)
        if header is None:
            continue
        if not header.shape or header.shape[0] != count:
            raise FileError(
                "'{key}' in '{name}' has shape {shape}, which does not fit {sprites}.",
                key=key,
                name=name,
                shape=header.shape,
                sprites=trn("{n:,} sprite", "{n:,} sprites", count),
            )
        if header.dtype.kind not in kinds or (key != "labels" and len(header.shape) != 1):
            raise FileError(
                "'{key}' in '{name}' is of the wrong kind ({dtype}).",
                key=key,
                name=name,
                dtype=header.dtype,
            )
    header = archive.headers.get("alpha")
    if header and (header.shape != images_shape[:3] or header.dtype != np.uint8):
        raise FileError(
            "'alpha' in '{name}' is {dtype} {shape}, but must be uint8 {images_shape}.",
            name=name,
            dtype=header.dtype,
            shape=header.shape,
            images_shape=images_shape[:3],
        )


def _load_pair(path: Path) -> SpriteSet:
    images_path, labels_path = find_pair(path)
    with reading(images_path, "an array of sprites"):
        check_images_header(peek_npy(images_path), images_path.name)
        array = read_npy(images_path)
    images, alpha = split_alpha(array)
    if labels_path is None:
        return SpriteSet(images=images, alpha=alpha, title=title_of(images_path))
    with reading(labels_path, "an array of labels"):
        labels, classes = labels_from_array(read_npy(labels_path), len(images), labels_path.name)
    return SpriteSet(
        images=images,
        alpha=alpha,
        labels=labels,
        class_names=default_class_names(classes),
        title=title_of(images_path),
    )


def title_of(path: Path) -> str:
    """The file's stem, limited to characters that work in every file and on every screen."""
    return path.stem.encode("utf-8", "replace").decode("utf-8")


def split_alpha(images: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """RGB on white and alpha, from RGBA or from RGB with plain white surroundings."""
    has_alpha = images.shape[3] == 4
    made = np.empty(images.shape[:3] + ((3,) if has_alpha else ()), np.uint8)
    for start in range(0, len(images), BLOCK):  # in blocks, as it takes several times their memory
        block = slice(start, start + BLOCK)
        made[block] = (composite if has_alpha else alpha_from_background)(images[block])
    return (made, images[..., 3]) if has_alpha else (images, made)
