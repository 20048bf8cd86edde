"""Lossless compression of sprites, by counts and by the predictions of a model.

Pixels are coded in reading order by :class:`.PixelCoder`. Before each row, the model is given the
known part of the sprite, with its own last prediction below it, noised to log-SNR 1. Its x̂0 is one
of the four predictions of the next row that the coder mixes. (On the built-in set it saves nothing
beyond the other three: tests/benchmarks/README.md.) The decoder makes the same predictions, so no
noise has to be coded. Bits back (Hinton & van Camp 1993) would have to, at hundreds of bytes for
each of the first sprites.

Encoder and decoder may first learn from sprites that both have, as from a dictionary.

Predictions must agree to the last bit, so they are made in batches of a fixed size on one CPU
thread. They are identical on the same machine with the same PyTorch, but not always on another
machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run
from sprite_lab.core.sets.sprites import MOST_STUDIED, SpriteSet
from sprite_lab.data import split
from sprite_lab.diffusion.parameterization import level, q_sample
from sprite_lab.engine.measuring.measuring import LEARNED
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.runtime import threads
from sprite_lab.formats.arithmetic_coder import Decoder, Encoder
from sprite_lab.formats.context_coder import Drawn, packed, unpacked
from sprite_lab.formats.pixel_coder import PixelCoder, Unwritten
from sprite_lab.words import tr

#: log-SNR of the model's input. Found by trial: -1 takes 1% more.
LOG_SNR = 1.0

#: Sprites per batch; the last batch is padded.
BATCH = 32


class Known(NamedTuple):
    """Sprites that encoder and decoder both have: uint8 (N, H, W, 4), and the class of each."""

    rgba: NDArray[np.uint8]
    classes: Sequence[str | None]


def known_of(sprites: SpriteSet) -> Known:
    """At most LEARNED random training sprites of a set, the same ones each time."""
    train, _ = split(sprites, most=MOST_STUDIED)
    some = train.take(np.random.default_rng(0).permutation(len(train))[:LEARNED])
    return Known(some.rgba, some.classes)


def compress_iter(
    model: Model,
    rgba: NDArray[np.uint8],
    classes: Sequence[str | None],
    known: Known | None = None,
) -> Run[bytes]:
    """Compress the pixels of sprites, uint8 (N, H, W, 4); yields Progress.

    Raises ConfigError if the model is a student, or the sprites are of another size than the
    model's.

    ``classes``: the class of each sprite; None or an unknown class counts as no class. ``known``:
    sprites of the same size to learn from first.
    """
    _check(model, rgba.shape[1:3])
    coder = yield from _learned(model, known)
    coder.answers = encoder = Encoder()
    yield from _code(model, classes, coder, rgba, rgba)
    return encoder.finish()


def decompress_iter(
    model: Model, data: bytes, classes: Sequence[str | None], known: Known | None
) -> Run[NDArray[np.uint8]]:
    """Undo :func:`compress_iter`: uint8 (N, H, W, 4).

    The result is garbage unless ``model``, ``classes`` and ``known`` are those of compression.
    """
    size = model.image_size
    _check(model, (size, size))
    rgba = np.zeros((len(classes), size, size, 4), np.uint8)
    coder = yield from _learned(model, known)
    coder.answers = Decoder(data)
    yield from _code(model, classes, coder, None, rgba)
    return rgba


def _learned(model: Model, known: Known | None) -> Run[PixelCoder]:
    """A coder that has learned from these sprites."""
    coder = PixelCoder(Unwritten())
    if known is not None:
        _check(model, known.rgba.shape[1:3])
        yield from _code(model, known.classes, coder, known.rgba, known.rgba)
    return coder


def _check(model: Model, size: tuple[int, ...]) -> None:
    if model.is_student:
        raise ConfigError("A student cannot predict the rest of a sprite: name its teacher.")
    model.check_size(size)


def _code(
    model: Model,
    classes: Sequence[str | None],
    coder: PixelCoder,
    wanted: NDArray[np.uint8] | None,
    found: NDArray[np.uint8],
) -> Run[None]:
    """Encode ``wanted``, or decode if that is None; fills ``found`` with the pixels."""
    size = found.shape[1]
    for start in range(0, len(classes), BATCH):
        names = [*classes[start : start + BATCH], *[None] * BATCH][:BATCH]
        expected = _Expected(model, names)
        rows = range(start, min(start + BATCH, len(classes)))
        labels = (model.class_names.index(n) if n in model.class_names else -1 for n in names)
        drawn = [Drawn(size, label) for label, _ in zip(labels, rows, strict=False)]
        for y in range(size):
            yield Progress(start * size + len(rows) * y, len(classes) * size, tr("Pixels"))
            predicted = expected.row(found[rows.start : rows.stop], y)
            for i, sprite in zip(rows, drawn, strict=True):
                line: list[int | None] = [None] * size
                if wanted is not None:
                    line = [*packed(wanted[i : i + 1, y : y + 1])[0][0]]
                line = [
                    coder.pixel(sprite, predicted[i - start, x], color)
                    for x, color in enumerate(line)
                ]
                found[i, y] = unpacked([color for color in line if color is not None])


class _Expected:
    """A model's predictions of the next rows of a batch of sprites.

    On one thread, so that sums are always computed in the same order.
    """

    @threads(1)
    def __init__(self, model: Model, classes: Sequence[str | None]) -> None:
        self._context = model.class_context(classes).cpu()
        self._denoiser = model.denoiser
        mean = self._denoiser.data_mean
        self._x0 = mean.expand(len(classes), *mean.shape).clone()
        noise = torch.Generator().manual_seed(0)
        self._epsilon = torch.randn(self._x0.shape, generator=noise)
        self._log_snr = torch.full((len(classes),), LOG_SNR)

    @threads(1)
    def row(self, rgba: NDArray[np.uint8], y: int) -> NDArray[np.int64]:
        """Row ``y`` of n sprites, (n, W, channels) within 0..255, given their rows above it."""
        channels = self._x0.shape[1]
        above = torch.from_numpy(rgba[:, :y, :, :channels].copy()).permute(0, 3, 1, 2)
        x0: Tensor = self._x0
        x0[: len(rgba), :, :y] = above.float() / 127.5 - 1.0
        x_t = q_sample(x0, self._epsilon, *level(self._log_snr))
        with torch.inference_mode():
            predicted = self._denoiser(x_t, self._log_snr, self._context).x0.clamp(-1.0, 1.0)
        self._x0 = predicted.clone()
        row = predicted[: len(rgba), :, y].permute(0, 2, 1)
        return torch.round((row + 1.0) * 127.5).long().numpy()
