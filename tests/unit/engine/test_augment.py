"""Augmentation loses nothing of a sprite, and reports what it did."""

import numpy as np
import pytest
import torch

from sprite_lab.core.config import NetworkConfig, TrainConfig
from sprite_lab.engine.training.augment import (
    COLOR_ORDERS,
    LABELS,
    MAX_SHIFT,
    Augment,
    label_count,
)
from sprite_lab.engine.training.training_data import TrainingData, tensors
from tests.made import make_sprites

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def x0():
    """float32 (60, 4, 16, 16), each with color noise inside its outline."""
    x0 = tensors(make_sprites(60), 4, CPU)[0]
    noise = torch.rand(x0[:, :3].shape, generator=torch.Generator().manual_seed(3)) * 2 - 1
    seen = x0[:, 3:] > -1
    return torch.cat([torch.where(seen, noise, x0[:, :3]), x0[:, 3:]], dim=1)


def augmented(x0, seed=0, **shares):
    augment = Augment(TrainConfig(**{"flips": 0.0, **shares}), x0.shape[1])
    return augment(x0, torch.Generator().manual_seed(seed))


def test_nothing_is_done_or_sent_unasked(x0):
    pictures, labels = augmented(x0)
    assert torch.equal(pictures, x0)
    assert labels.shape == (60, LABELS)
    assert not labels.any()


def test_mirrored(x0):
    pictures, labels = augmented(x0, flips=1.0)
    assert torch.equal(pictures, x0.flip(3))
    assert (labels[:, 0] == 1).all()
    assert not labels[:, 1:].any()


@pytest.mark.parametrize("flips", [0.0, 1.0])
def test_shifts_move_and_never_crop(x0, flips):
    pictures, labels = augmented(x0, shifts=1.0, flips=flips)
    moves = (labels[:, 1:3] * MAX_SHIFT).round().int()
    assert (moves.abs() <= MAX_SHIFT).all()
    assert len(moves.unique(dim=0)) > 20
    start = x0.flip(3) if flips else x0
    for before, after, (dx, dy) in zip(start, pictures, moves.tolist(), strict=True):
        # Onto a larger white canvas, where nothing wraps around to the other side.
        canvas = torch.ones(4, 24, 24)
        canvas[3] = -1
        canvas[:, 4 + dy : 20 + dy, 4 + dx : 20 + dx] = before
        assert torch.equal(after, canvas[:, 4:20, 4:20])
        assert (after[3] > -1).sum() == (before[3] > -1).sum()


def test_without_alpha_nothing_is_moved(x0):
    pictures, labels = augmented(x0[:, :3].contiguous(), shifts=1.0)
    assert torch.equal(pictures, x0[:, :3])
    assert not labels.any()


def test_an_empty_picture_stays_one():
    empty = torch.ones(2, 4, 16, 16)
    empty[:, 3] = -1
    pictures, labels = augmented(empty, shifts=1.0, recolor=1.0)
    assert torch.equal(pictures, empty)
    assert not labels[:, 1:3].any()


def test_recoloring_swaps_channels_and_keeps_alpha_white_and_gray(x0):
    pictures, labels = augmented(x0, recolor=1.0)
    assert (labels[:, 3:].sum(dim=1) == 1).all()
    used = labels[:, 3:].argmax(dim=1) + 1
    assert set(used.tolist()) == {1, 2, 3, 4, 5}
    for before, after, order in zip(x0, pictures, used.tolist(), strict=True):
        assert torch.equal(after, before[[*COLOR_ORDERS[order], 3]])
    gray = x0[:, 3:].expand(-1, 4, -1, -1).contiguous()
    assert torch.equal(augmented(gray, recolor=1.0)[0], gray)


def test_each_happens_to_its_share_and_apart_from_the_others():
    dots = torch.full((6000, 4, 16, 16), -1.0)
    dots[:, :, 8, 8] = 1.0
    _, labels = augmented(dots, flips=0.5, shifts=0.25, recolor=0.125)
    done = torch.stack([labels[:, 0], labels[:, 1:3].any(dim=1), labels[:, 3:].any(dim=1)]).float()
    shares = done.mean(dim=1)
    assert shares.tolist() == pytest.approx([0.5, 0.25, 0.125], abs=0.03)
    assert np.abs(np.corrcoef(done.numpy()) - np.eye(3)).max() < 0.05


def test_a_batch_depends_on_seed_and_step_alone():
    settings = {"shifts": 0.5, "recolor": 0.5, "batch_size": 16}
    config = TrainConfig(**settings, network=NetworkConfig(channels=4))
    first, again = (TrainingData(make_sprites(60), config, CPU) for _ in range(2))
    for step in (5, 0):
        one, other = first.batch(step), again.batch(step)
        assert one.guidance_scale is None  # an input for students only
        for part, same in zip(one[:-1], other[:-1], strict=True):
            assert torch.equal(part, same)
    assert not torch.equal(first.batch(1).x0, first.batch(2).x0)
    assert not torch.equal(first.batch(1).augment, first.batch(2).augment)


def test_only_our_network_is_told_and_only_of_what_is_done():
    course = NetworkConfig(name="context_unet")
    assert label_count(TrainConfig(flips=0.5)) == LABELS
    assert label_count(TrainConfig(flips=0.0, recolor=0.1)) == LABELS
    assert label_count(TrainConfig(flips=0.0)) == 0
    assert label_count(TrainConfig(flips=0.5, network=course)) == 0
