"""Memorization: neighbors, copies, and the posterior over training sprites."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Progress
from sprite_lab.core.results.metrics import nearest_sprites
from sprite_lab.core.results.neighbors import Augmentation, Becoming, CopyRule, TrainingPart
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import MOST_STUDIED, SpriteSet, sample_rows, to_model_space
from sprite_lab.data.datasets import apart_from, groups_of, learned_rows
from sprite_lab.diffusion.optimal_denoiser import OptimalDenoiser
from sprite_lab.engine.models.model import describe
from sprite_lab.engine.training.augment import MAX_SHIFT, margins, views_of
from sprite_lab.words import tr

#: Maximum number of validation sprites from which the copy distance is derived: enough for a
#: percentile, few enough to take a second.
MOST_VALIDATION = 150

#: Number of pictures looked up between two chances to cancel.
_BLOCK = 25

#: Number of frames weighted at once: few enough to stay in the processor's cache.
_FRAMES = 64


def training_part(sprites: SpriteSet, ref: str | Path | None) -> TrainingPart:
    """The training part of the set that a model was trained on.

    For a large set, only MOST_STUDIED random sprites of each part.

    ``ref``: the model, as in :func:`load_model`; None = the default split.
    """
    config = TrainConfig() if ref is None else describe(ref).config
    sprites = replace(sprites, group=groups_of(sprites))
    train, validation = (
        sprites.take(sample_rows(rows, MOST_STUDIED)) if len(rows) else None
        for rows in learned_rows(sprites, config)
    )
    assert train is not None
    augmentation = Augmentation()
    if ref is not None:
        told = config.network.augment_labels > 0
        augmentation = Augmentation(config.flips, config.shifts, config.recolor, told)
    return TrainingPart(train, validation, augmentation, config.network.channels)


def copy_rule_iter(part: TrainingPart, control: RunControl) -> Run[CopyRule]:
    """Distances of at most MOST_VALIDATION random validation sprites from training sprites.

    Without validation sprites, distances of training sprites from those of other groups.
    """
    learned, aside = part.train, part.validation or part.train
    order = np.random.default_rng(0).permutation(len(aside))[:MOST_VALIDATION]
    found = [np.empty(0)]
    for start in range(0, len(order), _BLOCK):
        yield Progress(start, len(order), tr("Looking for what counts as a copy"))
        rows = order[start : start + _BLOCK]
        if aside is not learned:
            found.append(nearest_sprites(aside.images[rows], learned.images).distance)
            continue
        for row in rows:
            others = learned.images[apart_from(groups_of(learned), row)]
            if len(others):
                found.append(nearest_sprites(learned.images[[row]], others).distance)
    return CopyRule(np.sort(np.concatenate(found)), of_training=aside is learned)


def becoming_iter(
    x_t: NDArray[np.floating],
    log_snr: NDArray[np.floating],
    sprites: SpriteSet,
    control: RunControl,
    augmentation: Augmentation | None = None,
    channels: int = 4,
) -> Run[Becoming]:
    """The posterior over training sprites for each frame of one sprite, computed from its colors.

    With augmentation, each training sprite stands for all its augmented pictures, weighted by their
    frequency in training (:class:`sprite_lab.engine.training.augment.Augment`).

    Raises ConfigError if the sprites are of another size.

    Parameters
    ----------
    x_t : (K, H, W, 3).
    log_snr : (K,).
    channels : number of channels in training; sprites are shifted only with alpha (4).
    """
    if x_t.shape[1:3] != sprites.size:
        height, width = sprites.size
        raise ConfigError(
            "The sprite is {width}×{height}, but those of the set are "
            "{set_width}×{set_height}: open a set of its size.",
            width=x_t.shape[2],
            height=x_t.shape[1],
            set_width=width,
            set_height=height,
        )
    levels = torch.from_numpy(np.asarray(log_snr, np.float64))
    seen = torch.from_numpy(np.asarray(x_t, np.float64)).permute(0, 3, 1, 2)  # (K, 3, H, W)
    rgba = torch.from_numpy(to_model_space(sprites.rgba)).permute(0, 3, 1, 2)
    room = margins(rgba[:, :channels]).clamp_max(MAX_SHIFT)
    views = list(views_of(augmentation or Augmentation(), room))
    frames = len(seen)

    log_weight = torch.full((frames, len(sprites)), -torch.inf, dtype=torch.float64)
    peak = torch.full((frames,), -torch.inf, dtype=torch.float64)
    mean = torch.zeros_like(seen)
    for done, view in enumerate(views):
        yield Progress(done, len(views), tr("Weighing the training sprites"))
        pictures = view.apply(rgba[view.which, :3])
        flat = pictures.flatten(1).double()
        known = OptimalDenoiser(pictures, torch.zeros(len(pictures), 0), view.share)
        for order, chance in view.orders:
            # A recolored picture is as far from x_t as the original is from x_t with the recoloring
            # undone.
            back = [order.index(channel) for channel in range(3)]
            for start in range(0, frames, _FRAMES):
                part = slice(start, start + _FRAMES)
                joint = known.log_joint(seen[part][:, back], levels[part])
                joint += float(np.log(float(view.share.sum()) * chance))
                known_so_far = log_weight[part][:, view.which]
                log_weight[part, view.which] = torch.logaddexp(known_so_far, joint)
                # As in flash attention, running sums are rescaled to the largest term so far.
                higher = torch.maximum(peak[part], joint.amax(dim=1))
                share = torch.exp(joint - higher[:, None])
                sums = (share @ flat).view(-1, *seen.shape[1:])[:, list(order)]
                kept = torch.exp(peak[part] - higher)[:, None, None, None]
                mean[part] = kept * mean[part] + sums
                peak[part] = higher
                yield None
    total = log_weight.logsumexp(dim=1)
    x0 = mean / torch.exp(total - peak)[:, None, None, None]
    return Becoming(
        sprites,
        (log_weight - total[:, None]).float().numpy(),
        x0.permute(0, 2, 3, 1).float().numpy(),
    )
