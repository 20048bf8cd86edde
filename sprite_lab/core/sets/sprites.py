"""Sets of sprites, and conversion between 8-bit pixels and the model's space."""

from __future__ import annotations

import copy
import hashlib
import mmap
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.errors import ConfigError, expect
from sprite_lab.core.sets.credits import Credit, check_credits
from sprite_lab.core.sets.texts import Texts, text_counts
from sprite_lab.words import marked, trn

#: The five classes of the course's Sprites 16x16 set, in its order.
COURSE_CLASSES = ("hero", "creature", "food", "item", "side_facing")

#: The name by which the built-in set is opened, and its title.
BUILTIN, BUILTIN_TITLE = "builtin", marked("Built-in sprites")

#: The same for the set of grounds.
GROUND, GROUND_TITLE = "ground", marked("Grounds")

#: The title of the set behind the models of real sprites, which does not ship.
DRAWN_TITLE = marked("Drawn sprites")

#: The color that transparent pixels are composited on before a model sees them.
BACKGROUND = (255, 255, 255)

#: Maximum number of sprites compared with each other or held as floats at once: for a map, for
#: neighbors, by the optimal denoiser. Larger sets are sampled.
MOST_STUDIED = 100_000

#: Hexadecimal digits of a fingerprint.
FINGERPRINT_LENGTH = 16

#: Sprites processed at once when going through a whole set: a few MB.
BLOCK = 8192

#: Facts about each sprite as numbers, -1 = unknown, and as texts, "" = unknown.
NUMBERS = ("labels", "pose_of", "frame")
TEXTS = ("names", "source", "words", "direction")


@dataclass(frozen=True, eq=False, repr=False)
class SpriteSet:
    """N sprites of one size, with facts about each.

    ``images`` are already composited on white; ``alpha`` keeps the transparency. Sprites with equal
    ``group`` are near-copies (frames, recolors) and never fall on both sides of a train/validation
    split.

    Arrays are made read-only and are not copied if their type fits: they may be memory-mapped and
    larger than RAM, so process all but small sets a few sprites at a time.

    Raises ConfigError if shapes, dtypes or label values do not fit together.

    Parameters
    ----------
    images : uint8 (N, H, W, 3), RGB on white.
    alpha : uint8 (N, H, W), 255 = opaque. Default: opaque.
    labels : int64 (N,), index into ``class_names``; -1 = no class. Default: all -1.
    class_names : names of the classes, possibly none.
    group : int64 (N,), or None where near-copies are not known yet.
    names, source : str (N,), or texts that are decoded on demand. Default: empty.
    words : str (N,), words of each sprite separated by blanks: "red slime left". Default: empty.
    pose_of : int64 (N,), shared by the directions and frames of one character; -1 = alone.
    direction : str (N,), front, back, left, right or "".
    frame : int64 (N,), number of the animation frame, from 0; -1 = none.
    title : name of the set on screen.
    credits : at most one per ``source``; some may be for sprites that were removed.
    """

    images: NDArray[np.uint8]
    alpha: NDArray[np.uint8] = field(default=None)  # type: ignore[arg-type]
    labels: NDArray[np.int64] = field(default=None)  # type: ignore[arg-type]
    class_names: tuple[str, ...] = ()
    group: NDArray[np.int64] | None = None
    names: NDArray[np.str_] | Texts = field(default=None)  # type: ignore[assignment]
    source: NDArray[np.str_] | Texts = field(default=None)  # type: ignore[assignment]
    words: NDArray[np.str_] | Texts = field(default=None)  # type: ignore[assignment]
    pose_of: NDArray[np.int64] = field(default=None)  # type: ignore[arg-type]
    direction: NDArray[np.str_] | Texts = field(default=None)  # type: ignore[assignment]
    frame: NDArray[np.int64] = field(default=None)  # type: ignore[arg-type]
    title: str = "sprites"
    credits: tuple[Credit, ...] = ()

    def __post_init__(self) -> None:
        images = self.images
        expect("images", images, np.ndarray, "uint8 (N, H, W, 3)")
        if images.ndim != 4 or images.shape[3] != 3 or images.dtype != np.uint8:
            raise ConfigError(
                "Sprites must be uint8 (N, H, W, 3), not {dtype} {shape}.",
                dtype=images.dtype,
                shape=images.shape,
            )
        n, h, w = images.shape[:3]
        if images.size == 0:
            raise ConfigError("A sprite set needs at least one sprite.")
        expect("class_names", self.class_names, (tuple, list), "tuple[str, ...]")
        for name in self.class_names:
            expect("class_names", name, str, "tuple[str, ...]")
        # Equal sets must have equal fingerprints, whatever the type of the names.
        object.__setattr__(self, "class_names", tuple(map(str, self.class_names)))

        def settle(name: str, fill: int | str, shape: tuple[int, ...], dtype: type) -> None:
            value = getattr(self, name)
            if isinstance(value, Texts) and value.shape == shape:
                return
            array = np.full(shape, fill, dtype) if value is None else np.asarray(value)
            if array.shape != shape:
                raise ConfigError(
                    "'{name}' has shape {shape}, but {count} sprites need {needed}.",
                    name=name,
                    shape=array.shape,
                    count=n,
                    needed=shape,
                )
            fits = array.dtype != bool and np.can_cast(array.dtype, dtype, "same_kind")
            if dtype is not np.str_ and not fits:
                raise ConfigError(
                    "'{name}' must be {what}, not {kind}.",
                    name=name,
                    what=np.dtype(dtype),
                    kind=array.dtype,
                )
            array = np.ascontiguousarray(array.astype(dtype, copy=False))
            array.flags.writeable = False
            object.__setattr__(self, name, array)

        check_credits(self.credits)
        settle("images", 0, (n, h, w, 3), np.uint8)
        settle("alpha", 255, (n, h, w), np.uint8)
        for name in NUMBERS:
            settle(name, -1, (n,), np.int64)
        for name in TEXTS:
            settle(name, "", (n,), np.str_)
        if self.group is not None:
            settle("group", 0, (n,), np.int64)
        if self.labels.min() < -1 or self.labels.max() >= len(self.class_names):
            raise ConfigError(
                "Labels go from {min} to {max}, which does not fit {names}.",
                min=self.labels.min(),
                max=self.labels.max(),
                names=trn("{n:,} class name", "{n:,} class names", len(self.class_names)),
            )

    def __len__(self) -> int:
        return len(self.images)

    def __repr__(self) -> str:
        (height, width), classes = self.size, ", ".join(self.class_names) or "no classes"
        return f"<SpriteSet “{self.title}”: {len(self):,} of {width}×{height}, {classes}>"

    def called(self, title: str) -> SpriteSet:
        """The same set under another title."""
        other = copy.copy(self)
        object.__setattr__(other, "title", title)
        return other

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.images.shape[1], self.images.shape[2]

    @cached_property
    def rgba(self) -> NDArray[np.uint8]:
        """uint8 (N, H, W, 4): the pixels with their alpha; for small sets only."""
        return self.rgba_of(slice(None))

    def rgba_of(self, index: int | slice | AnyArray) -> NDArray[np.uint8]:
        """uint8 (..., H, W, 4): the pixels and alpha of the sprites at ``index``."""
        return np.concatenate([self.images[index], self.alpha[index][..., None]], axis=-1)

    @cached_property
    def has_alpha(self) -> bool:
        """Whether any pixel is not opaque."""
        return any((part < 255).any() for part in in_blocks(self.alpha))

    def class_of(self, index: int) -> str | None:
        """The name of a sprite's class; None = no class."""
        label = self.labels[index]
        return self.class_names[label] if label >= 0 else None

    @property
    def classes(self) -> list[str | None]:
        """The class of each sprite, as in :meth:`class_of`."""
        return [self.class_names[label] if label >= 0 else None for label in self.labels]

    @cached_property
    def used_classes(self) -> frozenset[str]:
        """The names of the classes that any sprite has."""
        return frozenset(self.class_names[k] for k in np.unique(self.labels) if k >= 0)

    @cached_property
    def has_words(self) -> bool:
        return any(text for text in text_counts(self.words))

    @cached_property
    def group_count(self) -> int | None:
        """Number of groups; None if unknown."""
        if self.group is None:
            return None
        if self.group.min() >= 0 and self.group.max() < 4 * len(self):
            return int(np.count_nonzero(np.bincount(self.group)))  # 20 times as fast
        return len(np.unique(self.group))

    @cached_property
    def fingerprint(self) -> str:
        """A hash of pixels, labels, class names and words: equal for equal sets."""
        steps = self.fingerprint_steps()
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value

    def fingerprint_steps(self) -> Generator[float, None, str]:
        """Compute the fingerprint; yields the share done, 0..1."""
        digest = hashlib.sha256(repr((self.images.shape, self.class_names)).encode())
        arrays = self.images, self.alpha, self.labels
        done, total = 0, sum(array.nbytes for array in arrays)
        for array in arrays:
            for part in in_blocks(array):
                digest.update(part.data)
                done += part.nbytes
                yield done / total
        if self.has_words:
            for words in self.words:
                digest.update(f"{words}\n".encode())
        return digest.hexdigest()[:FINGERPRINT_LENGTH]

    def release(self) -> None:
        """Release mapped pixels from this process's memory after a pass over all of them.

        They stay in the system's file cache, and are mapped again when read.
        """
        for array in (self.images, self.alpha):
            base: object = array
            while isinstance(base, np.ndarray):
                base = base.base
            if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
                base.madvise(mmap.MADV_DONTNEED)

    def with_fingerprint(self, fingerprint: str) -> SpriteSet:
        """The same set with a known fingerprint, as in a store: computed when it was written, since
        reading all pixels again would take seconds."""
        same = replace(self)
        same.__dict__["fingerprint"] = fingerprint  # where cached_property keeps it
        return same

    def sample(self, most: int = MOST_STUDIED) -> SpriteSet:
        """At most ``most`` sprites at random, the same ones each time, in set order."""
        return self if len(self) <= most else self.take(sample_rows(np.arange(len(self)), most))

    def take(self, index: AnyArray) -> SpriteSet:
        """The sprites at ``index`` (int or bool array), in that order."""
        of_each = ("images", "alpha", *NUMBERS, *TEXTS, *(() if self.group is None else ("group",)))
        return replace(self, **{name: getattr(self, name)[index] for name in of_each})


def sample_rows(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    """At most ``most`` of ``rows`` at random, ascending; the same ones each time."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(0).choice(rows, most, replace=False, shuffle=False))


def in_blocks(array: AnyArray) -> Iterator[AnyArray]:
    """An array of N rows, :data:`BLOCK` at a time."""
    return (array[start : start + BLOCK] for start in range(0, len(array), BLOCK))


def to_model_space(images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """uint8 (..., H, W, 3) in 0..255 to float32 of the same shape in [-1, 1]."""
    return (images.astype(np.float32) / 127.5 - 1.0).astype(np.float32)


def to_pixels(x: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Model space to uint8, clipped: the inverse of :func:`to_model_space`."""
    clipped = np.clip(np.asarray(x, np.float32), -1.0, 1.0)
    return np.rint((clipped + 1.0) * 127.5).astype(np.uint8)


def composite(
    rgba: NDArray[np.uint8], background: tuple[int, int, int] = BACKGROUND
) -> NDArray[np.uint8]:
    """uint8 (..., 4) to uint8 (..., 3), on a background: as an RGB model sees it."""
    alpha = rgba[..., 3:].astype(np.float32) / 255.0
    mixed = rgba[..., :3] * alpha + np.asarray(background, np.float32) * (1.0 - alpha)
    return np.rint(mixed).astype(np.uint8)


def opaque(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 (..., 3) to uint8 (..., 4), fully opaque."""
    return np.concatenate([rgb, np.full_like(rgb[..., :1], 255)], axis=-1)


def with_alpha(images: NDArray[np.uint8], alpha: NDArray[np.uint8] | None) -> NDArray[np.uint8]:
    """uint8 (N, H, W, 4); if alpha is None, :func:`alpha_from_background` guesses it."""
    alpha = alpha_from_background(images) if alpha is None else alpha
    return np.concatenate([images, alpha[..., None]], axis=3)


def alpha_from_background(
    images: NDArray[np.uint8],
    background: tuple[int, int, int] = BACKGROUND,
    tolerance: int = 12,
) -> NDArray[np.uint8]:
    """Guess the alpha of sprites that were drawn as RGB on a plain background.

    A pixel is transparent if it is within ``tolerance`` (of 255, per channel) of the background and
    connected to the border by such pixels: white inside a drawing stays opaque.

    ``images``: uint8 (N, H, W, 3).

    Returns uint8 (N, H, W), 0 or 255.
    """
    low, high = np.add.outer((-tolerance, tolerance), background).clip(0, 255).astype(np.uint8)
    plain = np.logical_and.reduce(
        [(images[..., c] >= low[c]) & (images[..., c] <= high[c]) for c in range(3)]
    )
    reached = np.zeros_like(plain)
    reached[:, 0], reached[:, -1] = plain[:, 0], plain[:, -1]
    reached[:, :, 0] |= plain[:, :, 0]
    reached[:, :, -1] |= plain[:, :, -1]
    while True:
        grown = reached.copy()
        grown[:, 1:] |= reached[:, :-1]
        grown[:, :-1] |= reached[:, 1:]
        grown[:, :, 1:] |= reached[:, :, :-1]
        grown[:, :, :-1] |= reached[:, :, 1:]
        grown &= plain
        if np.array_equal(grown, reached):
            return np.where(reached, 0, 255).astype(np.uint8)
        reached = grown
