"""Trains a model to draw more like those of its own samples that the critic favors.

Samples of the same class and style are paired, separately for prompts that are dealt by default and
for others, and the network learns to prefer the one with the higher score. What it already draws
well then comes out more often. Near-copies of drawings are never preferred, and others are
preferred to them. The critic was trained on the grades of strict raters (``train_critic.py``).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from own_samples import own_samples
from preference import Drawings, Pairs, Round, preferring

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.results.metrics import copy_threshold, nearest_sprites
from sprite_lab.core.sets.sprites import SpriteSet, composite, to_model_space
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.engine.measuring.features import load_critic
from sprite_lab.engine.models.model import Model

#: Samples of each class in a round, of the prompts dealt by default and as many of all prompts, and
#: samples drawn at a time. The classes that raters use least are drawn most.
SAMPLES = {"hero": 1500, "side_facing": 1200, "creature": 1100, "food": 600, "item": 400}
AT_ONCE = 200

#: Minimum difference in score of a pair, in standard deviations of all scores.
MARGIN = 0.6

#: Minimum number of samples of a kind; fewer are not paired.
FEWEST = 8

#: Reduction of a near-copy's score, in the same unit, and how much more often it is paired.
COPY_PENALTY, COPY_OFTEN = 2.0, 4.0

#: Pixels by which a sample may be moved and still be a near-copy.
SHIFT = 1


def favoring(
    model: Model,
    drawings: Drawings,
    aside: SpriteSet | None,
    config: TrainConfig,
    rounds: tuple[Round, ...],
    seed: int = 0,
) -> Iterator[Model]:
    """The model after each round.

    ``drawings``: its training sprites. ``aside``: sprites set aside, whose distances to those
    define near-copies; None = nothing counts as one. ``config``: the noise levels to learn at.
    """
    known = composite(drawings.sprites.rgba)

    def distance(rgba: NDArray[np.uint8]) -> NDArray[np.floating]:
        return nearest_sprites(composite(rgba), known, SHIFT).distance

    near = None if aside is None else copy_threshold(distance(aside.rgba))
    for number, each in enumerate(rounds):
        rgba, prompts = to_rank(model, seed + 2 * number * sum(SAMPLES.values()))
        # Kept apart from others: otherwise prompts would be preferred, rather than samples.
        usual = frozenset(model.prompts[: model.dealt])
        kinds = [(p.class_mix, p.style, p in usual) for p in prompts]
        copies = np.zeros(len(rgba), bool) if near is None else distance(rgba) <= near
        rng = np.random.default_rng(seed + number)
        scores = load_critic()(rgba)
        better, worse = ranked_pairs(kinds, scores, copies, each.pairs, rng)
        pictures = rgba if len(model.denoiser.data_mean) == 4 else composite(rgba)
        x0 = torch.from_numpy(to_model_space(pictures)).permute(0, 3, 1, 2).half()
        contexts = torch.from_numpy(model.vocabulary.context(prompts)).half()
        pairs = Pairs(x0[better], x0[worse], contexts[better], contexts[worse])
        generator = torch.Generator().manual_seed(seed + number)
        denoiser = preferring(model, pairs, drawings, config, each, generator)
        model = replace(model, denoiser=denoiser)
        yield model


def to_rank(model: Model, seed: int) -> tuple[NDArray[np.uint8], list[Prompt]]:
    """SAMPLES of dealt and of all prompts, uint8 (N, H, W, 4), and their prompts."""
    batches = [
        SampleConfig(count=min(AT_ONCE, count - first), seed=seed + first, classes=(name,))
        for name, count in SAMPLES.items()
        for first in range(0, count, AT_ONCE)
    ]
    others = [replace(each, seed=each.seed + sum(SAMPLES.values())) for each in batches]
    of_dealt, dealt = own_samples(model, batches)
    of_all, every = own_samples(replace(model, dealt=None), others)
    return np.concatenate([of_dealt, of_all]), dealt + every


def ranked_pairs(
    kinds: Sequence[Hashable],
    scores: NDArray[np.floating],
    copies: NDArray[np.bool_],
    count: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """``count`` better and worse samples of the same kind, as rows.

    The better one is in the upper half of its kind and no copy. ``scores`` (N,): the critic's.
    """
    rows_of: dict[Hashable, list[int]] = {}
    for row, kind in enumerate(kinds):
        rows_of.setdefault(kind, []).append(row)
    groups = [np.array(rows) for rows in rows_of.values() if len(rows) >= FEWEST]
    scores = scores / scores.std() - COPY_PENALTY * copies
    often = np.where(copies, COPY_OFTEN, 1.0)
    chances = np.sqrt([len(rows) for rows in groups])
    chances /= chances.sum()
    found: list[tuple[int, int]] = []
    while len(found) < count:
        rows = groups[rng.choice(len(groups), p=chances)]
        shares = often[rows] / often[rows].sum()
        better, worse = rng.choice(rows, 2, replace=False, p=shares)
        if scores[better] < scores[worse]:
            better, worse = worse, better
        fits = scores[better] - scores[worse] >= MARGIN and not copies[better]
        if fits and scores[better] >= np.median(scores[rows]):
            found.append((better, worse))
    return tuple(np.array(found).T)  # type: ignore[return-value]
