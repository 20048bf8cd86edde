"""The batch of each step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.data.datasets import groups_of
from sprite_lab.diffusion.loss import draw_log_snr
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.runtime import memory_format
from sprite_lab.engine.training.augment import Augment
from sprite_lab.engine.training.pictures import Pictures


class Batch(NamedTuple):
    """The batch of one step: pictures (N, C, H, W), levels (N,), contexts (N, context_size).

    ``augment`` (N, labels): augmentation labels. ``guidance_scale`` (N,): for students.
    """

    x0: Tensor
    epsilon: Tensor
    log_snr: Tensor
    context: Tensor
    augment: Tensor | None = None
    guidance_scale: Tensor | None = None

    def laid_out(self, form: torch.memory_format) -> Batch:
        """A copy with the pictures in the given memory format."""
        x0, epsilon = (part.contiguous(memory_format=form) for part in (self.x0, self.epsilon))
        return self._replace(x0=x0, epsilon=epsilon)

    def parts(self, most: int) -> Iterator[Batch]:
        """The batch in parts of at most ``most`` sprites."""
        for start in range(0, len(self.x0), most):
            yield self.rows(slice(start, start + most))

    def rows(self, rows: slice) -> Batch:
        return Batch._make(None if tensor is None else tensor[rows] for tensor in self)


class Drawn(NamedTuple):
    """The random numbers of a step.

    ``pick`` int64 (N,): indices of the sprites. ``log_snr`` (N,). ``chance`` (6, N): for
    augmentation. ``keep`` bool (N, context_size): the entries of the context that are not dropped.
    All but ``epsilon`` (N, C, H, W) are on the CPU at first.
    """

    pick: Tensor
    epsilon: Tensor
    log_snr: Tensor
    chance: Tensor
    keep: Tensor


#: Number of rows whose noise comes from the same generator.
NOISE_BLOCK = 512


class TrainingData:
    """Batches as a function of (seed, step) alone, so that a resumed run needs no random state.

    ``rows``: int64 (N,), the training sprites of the set; None = all. ``vocabulary``: the meaning
    of the contexts; None = the classes of the set. ``weights``: float64 (N,), how often each sprite
    is seen; None = according to ``config.group_balance``.
    """

    def __init__(
        self,
        sprites: SpriteSet,
        config: TrainConfig,
        device: torch.device,
        rows: NDArray[np.int64] | None = None,
        vocabulary: Vocabulary | None = None,
        weights: NDArray[np.float64] | None = None,
    ) -> None:
        self.config, self.device = config, device
        self._format = memory_format(device)
        self.pictures = Pictures(sprites, config.network.channels, device, rows, vocabulary)
        self.augment = Augment(config, config.network.channels, device)
        self.schedule = NoiseSchedule(config.schedule)
        if weights is None:
            weights = group_weights(sprites, rows, config.group_balance)
        self._weights = None if weights is None else torch.from_numpy(weights)
        self.steps_per_epoch = max(1, len(self.pictures) // config.batch_size)
        self._epoch, self._order = -1, torch.empty(0, dtype=torch.int64)

    def batch(self, step: int) -> Batch:
        """The batch of a step, counted from 0; an epoch's incomplete last batch is skipped."""
        return self.made(self.drawn(step))

    def share(self, step: int, rank: int, size: int) -> tuple[Batch, slice, Tensor]:
        """The part of a batch for one of ``size`` processes, the slice of its rows, and the levels
        of all rows (N,)."""
        drawn, levels = self._drawn(step, rank, size)
        return self.made(drawn), _rows(len(levels), rank, size), levels.to(self.device)

    def catch_up(self, step: int) -> Iterator[tuple[int, int]]:
        """Do nothing: batches do not depend on earlier ones."""
        yield from ()

    def drawn(self, step: int) -> Drawn:
        """The random numbers of a step."""
        return self._drawn(step, 0, 1)[0]

    def _drawn(self, step: int, rank: int, size: int) -> tuple[Drawn, Tensor]:
        """The random numbers of a process's rows, and the levels of all rows."""
        config, count = self.config, self.config.batch_size
        epoch, position = divmod(step, self.steps_per_epoch)
        if epoch != self._epoch:
            generator = generator_for(config.seed, 0, epoch)
            self._order, self._epoch = self._shuffled(generator), epoch
        pick = self._order[position * count : (position + 1) * count]
        rows = _rows(len(pick), rank, size)
        epsilon = self._noise(step, len(pick), rows)
        generator = generator_for(config.seed, 1, step)
        log_snr = draw_log_snr(config, self.schedule, len(pick), generator)
        keep = torch.rand(len(pick), 1, generator=generator) >= config.label_dropout
        chance = self.augment.drawn(len(pick), generator)
        keep = keep & parts_kept(self.pictures.vocabulary, len(pick), generator)
        mine = Drawn(pick[rows], epsilon, log_snr[rows], chance[:, rows], keep[rows])
        return mine, log_snr

    def _noise(self, step: int, count: int, rows: slice) -> Tensor:
        """Draw some rows of a step's noise, in blocks: (n, C, H, W).

        Most random numbers of a step are noise, so noise is drawn on the device, and only by the
        processes that need it.
        """
        first = rows.start // NOISE_BLOCK
        parts = [torch.empty(0, *self.pictures.shape, device=self.device)]
        for block in range(first, -(-rows.stop // NOISE_BLOCK)):
            generator = generator_for(self.config.seed, 2 + 3 * block, step, self.device)
            height = min(NOISE_BLOCK, count - block * NOISE_BLOCK)
            shape = (height, *self.pictures.shape)
            parts.append(torch.randn(shape, generator=generator, device=self.device))
        before = first * NOISE_BLOCK
        return torch.cat(parts)[rows.start - before : rows.stop - before]

    @property
    def on_device(self) -> bool:
        return self.pictures.resident

    def made(self, drawn: tuple[Tensor, ...]) -> Batch:
        """Make the batch from its random numbers, without waiting for the device."""
        drawn = Drawn(*drawn)
        x0, augment = self.augment.changed(
            self.pictures.x0(drawn.pick), drawn.chance.to(self.device)
        )
        return Batch(
            x0.to(memory_format=self._format),
            drawn.epsilon.to(memory_format=self._format),
            drawn.log_snr.to(self.device),
            self.pictures.context(drawn.pick) * drawn.keep.to(self.device),
            augment,
        )

    def _shuffled(self, generator: torch.Generator) -> Tensor:
        """The order of sprites in an epoch, int64: each one once, or drawn by weight."""
        count = len(self.pictures)
        if self._weights is None:
            return torch.randperm(count, generator=generator)
        return torch.multinomial(self._weights, count, replacement=True, generator=generator)


def _rows(count: int, rank: int, size: int) -> slice:
    """The rows of a process, out of ``count``."""
    return slice(count * rank // size, count * (rank + 1) // size)


def group_weights(
    sprites: SpriteSet, rows: NDArray[np.int64] | None, balance: float
) -> NDArray[np.float64] | None:
    """Sampling weights: the size of each sprite's group to the power of ``-balance``, (N,) float64.

    None if ``balance`` is 0: all are equal.
    """
    if not balance:
        return None
    group = groups_of(sprites)
    group = group if rows is None else group[rows]
    _, which, sizes = np.unique(group, return_inverse=True, return_counts=True)
    return sizes[which.reshape(-1)].astype(np.float64) ** -balance


#: The shares of sprites trained without their class or style, so that words alone suffice.
CLASS_DROPOUT, STYLE_DROPOUT = 0.15, 0.2

#: The shares trained with none and with all of their words; the others keep each word with a
#: probability drawn per sprite, so that any subset is understood.
NO_WORDS, ALL_WORDS = 0.2, 0.25


def parts_kept(vocabulary: Vocabulary, count: int, generator: torch.Generator) -> Tensor:
    """The columns of the contexts that are not dropped, bool (count, len(vocabulary)).

    All of them if there are only classes.
    """
    classes, words, styles = (
        len(part) for part in (vocabulary.classes, vocabulary.words, vocabulary.styles)
    )
    if not words and not styles:
        return torch.ones(count, classes, dtype=torch.bool)
    of_class, of_style, of_words = torch.rand(3, count, 1, generator=generator)
    share = ((of_words - NO_WORDS) / (1.0 - NO_WORDS - ALL_WORDS)).clamp(0.0, 1.0)
    return torch.cat(
        [
            (of_class >= CLASS_DROPOUT).expand(-1, classes),
            torch.rand(count, words, generator=generator) < share,
            (of_style >= STYLE_DROPOUT).expand(-1, styles),
        ],
        dim=1,
    )


def context_probability(
    vocabulary: Vocabulary, told: Tensor, context: Tensor, label_dropout: float
) -> Tensor:
    """The probability that training gives the network each of these contexts for each sprite.

    ``told``: (N, len(vocabulary)), zeros and ones, the contexts after dropping parts. ``context``:
    (M, len(vocabulary)), the full contexts of the sprites.

    Returns
    -------
    float64 (M, N): with probability ``label_dropout`` everything is dropped, otherwise the parts
    that :func:`parts_kept` does not keep.
    """
    parts = (vocabulary.classes, vocabulary.words, vocabulary.styles)
    sizes = [len(names) for names in parts]
    # For each part: how often none of it and all of it is given; otherwise a random share is.
    shares = [(CLASS_DROPOUT, 1.0 - CLASS_DROPOUT), (NO_WORDS, ALL_WORDS)]
    shares += [(STYLE_DROPOUT, 1.0 - STYLE_DROPOUT)]
    if not vocabulary.words and not vocabulary.styles:
        shares = [(0.0, 1.0)] * 3
    chance = torch.ones(len(context), len(told), dtype=torch.float64)
    for (none, every), some, whole in zip(
        shares,
        torch.split(told.double(), sizes, 1),
        torch.split(context.double(), sizes, 1),
        strict=True,
    ):
        k, n = some.sum(dim=1)[None], whole.sum(dim=1)[:, None]
        # Exactly k particular ones of n, each with probability s: the integral of s^k (1 - s)^(n -
        # k).
        certain = (torch.lgamma(k + 1) + torch.lgamma(n - k + 1) - torch.lgamma(n + 2)).exp()
        told_so = none * (k == 0) + every * (k == n) + (1.0 - none - every) * certain
        chance *= torch.where(whole @ some.T == k, told_so, 0.0)
    nothing = (told == 0).all(dim=1)[None]
    return (1.0 - label_dropout) * chance + label_dropout * nothing


def tensors(sprites: SpriteSet, channels: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """x0 float32 (N, channels, H, W) in [-1, 1], and one-hot classes (N, num_classes).

    RGB on white, with 4 channels also alpha. The row of a sprite without a class is zero.
    """
    every = torch.arange(len(sprites))
    pictures = Pictures(sprites, channels, torch.device("cpu"))
    return pictures.x0(every).to(device), pictures.context(every).to(device)


def generator_for(
    seed: int, stream: int, index: int, device: torch.device | str = "cpu"
) -> torch.Generator:
    """A generator for one purpose at one step, seeded so that neighboring steps are unrelated."""
    mixed = (seed * 1_000_003 + stream * 7_919 + index * 2_654_435_761) % (2**63)
    return torch.Generator(device).manual_seed(mixed)
