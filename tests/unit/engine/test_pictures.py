"""A set as a network sees it, in memory or mapped; training from a store gives the same."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sprite_lab.core.records import StepRecord
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet, to_model_space
from sprite_lab.data import split, split_rows
from sprite_lab.engine.models.checkpoint import load_tensors
from sprite_lab.engine.training import pictures as module
from sprite_lab.engine.training.pictures import Pictures
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.engine.training.training_data import TrainingData
from sprite_lab.formats.sets import store as store_module
from sprite_lab.formats.sets.sprites import load_sprites, save_sprites
from sprite_lab.formats.sets.store_writer import StoreWriter
from tests.made import make_sprites, short_training

CPU = torch.device("cpu")
CONFIG = short_training(3, flips=0.5, shifts=0.5, recolor=0.5, preview_steps=2)


@pytest.fixture(scope="module")
def sprites():
    return make_sprites(120)


@pytest.fixture
def store(tmp_path, sprites, monkeypatch):
    monkeypatch.setattr(store_module, "MOST_READ", 0)
    with StoreWriter(tmp_path / "made.sprites") as writer:
        writer.append(sprites.take(np.arange(70)))
        writer.append(sprites.take(np.arange(70, 120)))
        drain(writer.finish_iter())
    return load_sprites(tmp_path / "made.sprites")


@pytest.mark.parametrize("channels", [3, 4])
@pytest.mark.parametrize("rows", [None, np.array([7, 3, 99, 4])])
def test_they_are_the_sprites_of_the_set(store, sprites, channels, rows):
    shown = Pictures(store, channels, CPU, rows)
    chosen = sprites if rows is None else sprites.take(rows)
    assert len(shown) == len(chosen)
    assert shown.shape == (channels, 16, 16)
    pick = torch.tensor([2, 0, 2])
    wanted = to_model_space(chosen.rgba[[2, 0, 2], :, :, :channels]).transpose(0, 3, 1, 2)
    assert np.array_equal(shown.x0(pick).numpy(), wanted)
    assert shown.context(pick).argmax(dim=1).tolist() == chosen.labels[[2, 0, 2]].tolist()
    assert shown.context(pick).sum(dim=1).tolist() == [1, 1, 1]


def test_a_sprite_without_a_class_is_of_none(sprites):
    bare = SpriteSet(sprites.images, labels=np.full(120, -1), class_names=("a", "b"))
    assert Pictures(bare, 3, CPU).context(torch.tensor([0, 5])).tolist() == [[0, 0], [0, 0]]


def test_the_mean_is_the_same_however_it_is_taken(sprites, monkeypatch):
    shown = Pictures(sprites, 4, CPU)
    whole = shown.mean()
    monkeypatch.setattr(module, "WHOLE", 0)
    assert torch.allclose(shown.mean(), whole, atol=1e-6)
    assert shown.mean().shape == (4, 16, 16)


def test_what_is_kept_on_a_device_is_the_same(sprites):
    """A device with another name that computes like the CPU."""

    class Elsewhere(Pictures):
        def __init__(self, *args):
            super().__init__(*args)
            self._resident = torch.from_numpy(self._pixels(torch.arange(len(self))))
            self._values = torch.from_numpy(to_model_space(np.arange(256, dtype=np.uint8)))

    pick = torch.tensor([5, 1, 119])
    here, there = (kind(sprites, 4, CPU).x0(pick) for kind in (Pictures, Elsewhere))
    assert torch.equal(here, there)
    assert here.stride() == there.stride()


@pytest.mark.parametrize(("fraction", "seed"), [(0.15, 0), (0.4, 3)])
def test_rows_are_those_of_the_parts(sprites, fraction, seed):
    rows, parts = split_rows(sprites, fraction, seed), split(sprites, fraction, seed)
    for index, part in zip(rows, parts, strict=True):
        assert sprites.take(index).fingerprint == part.fingerprint


def test_batches_of_a_store_are_those_of_the_npz(tmp_path, sprites, store):
    save_sprites(tmp_path / "made.npz", sprites)
    npz = load_sprites(tmp_path / "made.npz")
    assert store.fingerprint == npz.fingerprint
    config = replace(CONFIG, network=replace(CONFIG.network, channels=4, num_classes=5))
    train = split_rows(store)[0]
    assert np.array_equal(train, split_rows(npz)[0])
    from_store, from_npz = (TrainingData(s, config, CPU, train) for s in (store, npz))
    for step in (0, 9, 4):
        one, other = from_store.batch(step), from_npz.batch(step)
        for part, same in zip(one[:-1], other[:-1], strict=True):
            assert torch.equal(part, same)


def test_a_run_is_continued_from_the_store_of_its_set(tmp_path, sprites, store):
    """Begun in memory and resumed from the store: the weights of an uninterrupted run."""
    config = replace(CONFIG, checkpoint_every=100, max_steps=6)
    drain(train_iter(config, sprites, tmp_path / "whole", RunControl()))
    begun = train_iter(config, sprites, tmp_path / "run", RunControl())
    next(record for record in begun if isinstance(record, StepRecord) and record.step == 3)
    begun.close()  # saves
    drain(train_iter(config, store, tmp_path / "run", RunControl(), resume=True))
    whole, resumed = (
        load_tensors(RunFolder(tmp_path / name).weights(6))[0] for name in ("whole", "run")
    )
    for name, value in whole.items():
        assert torch.equal(value, resumed[name]), name
