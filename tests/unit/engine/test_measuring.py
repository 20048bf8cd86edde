"""The bound of chosen sprites beside their file sizes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from sprite_lab.core.config import NetworkConfig, ScheduleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Progress
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.measuring.likelihood import bound_iter
from sprite_lab.engine.measuring.measuring import measure_iter, sizes_iter
from sprite_lab.engine.models.model import Model
from sprite_lab.formats.context_coder import ContextCoder
from sprite_lab.formats.reports.file_sizes import png_bits_per_dim, webp_bits_per_dim
from tests.made import make_sprites


def untrained(guided: bool = False) -> Model:
    torch.manual_seed(0)
    config = NetworkConfig(channels=3, image_size=16, num_classes=5, guided=guided)
    schedule = NoiseSchedule(ScheduleConfig())
    denoiser = Denoiser(config, "v").eval().requires_grad_(False)
    return Model(
        denoiser, schedule, Vocabulary(make_sprites(5).class_names), "untrained", 0, "", ""
    )


@pytest.fixture(scope="module")
def six() -> SpriteSet:
    return make_sprites(6)


def test_it_is_the_bound_with_the_size_of_every_file(six: SpriteSet, few_threads: None) -> None:
    model = untrained()
    got = drain(measure_iter(model, six, RunControl(), rounds=2, seed=4))
    bound = drain(bound_iter(model, six, RunControl(), rounds=2, seed=4))
    np.testing.assert_array_equal(got.bound.bits, bound.bits)
    assert got.sizes.mean().png == pytest.approx(png_bits_per_dim(six.images))
    assert got.sizes.mean().webp == pytest.approx(webp_bits_per_dim(six.images))
    assert got.sizes.mean().counted is None  # nothing was available to learn from
    back = model.schedule.log_snr(got.block_t)
    np.testing.assert_allclose(back, bound.block_log_snr, atol=1e-9)
    assert (np.diff(got.block_t) > 0).all()
    assert got.order("given").tolist() == list(range(6))
    assert got.order("least").tolist() == np.argsort(-bound.bits).tolist()
    assert got.order("most").tolist() == np.argsort(bound.bits).tolist()
    assert got.sprites.class_of(3) == "item"


def test_other_coders_learn_from_neither_the_measured_sprites_nor_their_near_copies() -> None:
    sprites = make_sprites(40)
    group = np.arange(40) // 4
    sprites = replace(sprites, group=group)
    measured, others = sprites.take(np.array([0, 21])), np.flatnonzero(~np.isin(group, (0, 5)))
    sizes = drain(sizes_iter(measured, sprites))
    assert sizes.learnt_from == len(others) == 32
    again = drain(sizes_iter(measured, sprites.take(others)))
    assert sizes.mean().counted == pytest.approx(again.mean().counted, rel=1e-12)
    coder = ContextCoder()
    coder.learn(sprites.rgba[others])
    np.testing.assert_allclose(sizes.counted * 768, coder.bits(measured.rgba))
    assert sizes.lzma is not None
    assert 0 < sizes.lzma < 32
    everything = drain(sizes_iter(sprites, sprites))
    assert everything.learnt_from == 0
    assert everything.mean().counted is everything.lzma is None


def test_stopped_it_gives_the_sprites_that_were_done(six: SpriteSet, few_threads: None) -> None:
    model, control = untrained(), RunControl()

    def hear(record: object) -> None:
        if isinstance(record, Progress) and record.done * 2 >= record.total:
            control.stop()

    got = drain(measure_iter(model, six, control, rounds=4), hear)
    assert 1 <= len(got.sprites) < 6
    assert len(got.sizes.png) == len(got.sizes.webp) == len(got.bound.bits) == len(got.sprites)
    whole = drain(bound_iter(model, six, RunControl(), rounds=4))
    np.testing.assert_allclose(got.bound.bits, whole.bits[: len(got.sprites)], rtol=1e-5)


def test_students_are_refused(six: SpriteSet) -> None:
    with pytest.raises(ConfigError, match="teacher"):
        drain(measure_iter(untrained(guided=True), six, RunControl()))
