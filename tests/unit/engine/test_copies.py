"""Training that stops before its samples are copies."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.records import CopiesRecord, EvalRecord, Notice, StepRecord
from sprite_lab.core.results.neighbors import Augmentation, TrainingPart
from sprite_lab.core.run import Run, RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet, composite
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.data.datasets import learned_rows, settled
from sprite_lab.data.near_copies import PIXELS_IN_COMMON
from sprite_lab.engine.measuring.neighbors import copy_rule_iter, training_part
from sprite_lab.engine.models.checkpoint import load_tensors
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training import trainer
from sprite_lab.engine.training.copies import SURELY, CopyCheck, TuningCheck
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.throttle import Watch
from sprite_lab.engine.training.trainer import train_iter
from tests.made import make_sprites, short_training

#: Fractions of copies in the four draws of the final check, which passes.
FEW = [0.0, 0.0, 0.04, 0.0]

CONFIG = short_training(40, ema_decay=0.0, preview_count=1, max_copies=0.1)


def test_training_sprites_are_copies_and_new_ones_are_not() -> None:
    sprites = make_sprites(120)
    training, validation = sprites.take(np.arange(100)), sprites.take(np.arange(100, 120))
    check = CopyCheck(training, validation)
    assert check.share(training.images[:20]) == 1.0
    # Mirrored ones are copies, too; one in twenty validation sprites is, by definition.
    assert check.share(training.images[:20, :, ::-1]) == 1.0
    assert check.share(validation.images) == pytest.approx(0.05)


def test_of_a_small_set_training_sprites_say_too_what_is_near() -> None:
    """Six validation sprites, one of them almost a training sprite, do not decide it alone."""
    sprites = make_sprites(46)
    training, validation = sprites.take(np.arange(40)), sprites.take(np.arange(40, 46))
    images = validation.images.copy()
    images[0] = training.images[0]
    images[0, 0, 0] ^= 1
    near = replace(validation, images=images)
    check = CopyCheck(replace(training, group=np.arange(40)), near)
    assert check.share(near.images) == pytest.approx(1 / 6)
    assert check.share(training.images) == 1.0


@pytest.mark.parametrize("count", [1, 5])
def test_of_a_single_sprite_only_that_is_a_copy(count: int) -> None:
    sprites = make_sprites(2)
    alike = sprites.take(np.zeros(count, np.int64))
    assert CopyCheck(alike, None).copies(sprites.images).tolist() == [True, False]
    part = TrainingPart(alike, None, Augmentation(), 3)
    rule = drain(copy_rule_iter(part, RunControl()))
    assert rule.threshold == 0
    assert rule.is_copy(0.0)


def heroes(count: int, seed: int = 3) -> SpriteSet:
    """New characters on one body: the same outline and face, other hair, shirt and trousers."""
    rng = np.random.default_rng(seed)
    rgba = np.zeros((count, 16, 16, 4), np.uint8)
    rgba[:, 1:15, 3:12] = (40, 20, 50, 255)  # nine wide, so that a mirror image is at another place
    rgba[:, 2:14, 4:11] = (240, 200, 160, 255)
    rgba[:, 6, (5, 9)] = (40, 20, 50, 255)
    for one in rgba:
        for rows in (slice(2, 5), slice(8, 11), slice(11, 14)):
            one[rows, 4:11, :3] = rng.integers(60, 160, (7, 3))  # a color for each column
    return SpriteSet(composite(rgba), rgba[..., 3])


def test_what_is_a_training_sprite_again_is_a_copy_to_tuning() -> None:
    own = heroes(20)
    check = TuningCheck(own)
    assert check.share(own.images) == 1.0
    moved = np.full_like(own.images, 255)
    moved[:, 1:, 1:] = own.images[:, :-1, :-1]
    assert check.share(moved) == 1.0
    assert check.share(own.images[:, :, ::-1]) == 1.0
    # Slightly lighter all over, or with a few pixels changed.
    drawn = (own.alpha > 0)[..., None]
    lighter = np.where(drawn, np.minimum(own.images, 225) + 25, own.images)
    assert check.share(lighter) == 1.0
    changed = own.images.copy()
    changed[:, 6:8, 4:9] = (255, 0, 0)
    assert check.share(changed) == 1.0


def test_what_is_new_on_the_same_body_is_no_copy_to_tuning() -> None:
    own, new = heroes(20), heroes(20, seed=4)
    assert TuningCheck(own).share(new.images) == 0.0
    # By distance alone, all of them are copies: the other sprites of the set are very different.
    others = np.random.default_rng(0).integers(0, 256, (22, 16, 16, 3)).astype(np.uint8)
    group = np.r_[np.zeros(20, np.int64), 1 + np.arange(20)]
    mixed = SpriteSet(np.concatenate([own.images, others[2:]]), group=group)
    assert CopyCheck(mixed, SpriteSet(others[:2])).share(new.images) == 1.0
    assert TuningCheck(mixed).share(new.images) == 0.0


def test_sprites_that_are_alike_raise_what_new_ones_may_have_in_common() -> None:
    """They differ from one another only in the shirt, as new ones may."""
    own, shirts = heroes(20), np.random.default_rng(7).integers(0, 200, (40, 4, 7, 3))
    images = np.repeat(own.images[:1], 40, axis=0)
    images[:, 8:12, 4:11] = shirts
    alike, new = replace(own, images=images[:20]), images[20:]
    common = 1 - 4 * 7 / (14 * 9)
    assert PIXELS_IN_COMMON < common < SURELY
    assert TuningCheck(alike).share(new) <= 0.1
    assert TuningCheck(alike).share(images[:20]) == 1.0
    assert TuningCheck(own).share(new) == 1.0
    # Equal sprites in the set do not keep equal samples from being copies.
    twice = own.take(np.r_[np.arange(20), np.arange(20)])
    assert TuningCheck(twice).share(own.images) == 1.0


def test_samples_are_judged_in_the_colors_of_the_set() -> None:
    own = heroes(3)
    colors = {bytes(rgb) for rgb in own.images[own.alpha > 0]}
    palette = TuningCheck(own).palette
    assert palette is not None
    assert {palette[i : i + 3] for i in range(0, len(palette), 3)} <= colors
    nothing = SpriteSet(np.full((2, 16, 16, 3), 255, np.uint8), np.zeros((2, 16, 16), np.uint8))
    blank = TuningCheck(nothing)
    assert blank.palette is None
    assert blank.share(nothing.images) == 0.0
    assert TuningCheck(own.take(np.arange(1))).share(own.images) == pytest.approx(1 / 3)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[SampleConfig]:
    """The configurations that a training run samples."""
    asked: list[SampleConfig] = []

    def sampled(
        model: Model, configs: list[SampleConfig], control: RunControl, *, record: bool
    ) -> Run[Trajectory]:
        asked.extend(configs)
        return sample_iter(model, configs, control, record=record)

    monkeypatch.setattr("sprite_lab.engine.training.trainer.sample_iter", sampled)
    return asked


def test_a_training_looks_for_copies_among_samples_in_these_colors(
    tmp_path: Path, asked: list[SampleConfig]
) -> None:
    sprites = make_sprites(60)
    drain(train_iter(replace(CONFIG, max_steps=1), sprites, tmp_path / "run", RunControl()))
    palette = TuningCheck(sprites.take(learned_rows(sprites, CONFIG)[0])).palette
    assert {(config.count, config.palette) for config in asked} == {
        (trainer.COPIES_COUNT, palette),
        (1, None),
    }


def test_many_copies_by_chance_do_not_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among two or four times as many samples, there are few enough."""
    for_long = [0.15, 0.07, 0.1, 0.09]
    shares = iter([0.0, 0.15, 0.04, 0.0, 0.15, 0.07, 0.05, 0.0, *for_long, *FEW])
    monkeypatch.setattr(TuningCheck, "share", lambda self, images: next(shares))
    monkeypatch.setattr("sprite_lab.engine.training.trainer.COPIES_SHARE", 1e9)
    run = train_iter(CONFIG, make_sprites(60), tmp_path / "run", RunControl())
    seen = [record.share for record in run if isinstance(record, CopiesRecord)]
    assert seen == pytest.approx([0.0, 0.095, 0.0, 0.09, 0.0, 0.1025])
    assert RunFolder(tmp_path / "run").latest() == 5


def test_few_copies_by_chance_do_not_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of 64 samples saw 5% and kept a state in which a tenth of the samples were copies."""
    shares = iter([0.0, 0.06, 0.16, 0.1, 0.12, *FEW])
    monkeypatch.setattr(TuningCheck, "share", lambda self, images: next(shares))
    monkeypatch.setattr("sprite_lab.engine.training.trainer.COPIES_SHARE", 1e9)
    run = train_iter(CONFIG, make_sprites(60), tmp_path / "run", RunControl())
    seen = [record.share for record in run if isinstance(record, CopiesRecord)]
    assert seen == pytest.approx([0.0, 0.11])
    assert RunFolder(tmp_path / "run").latest() == 1


def test_it_goes_back_until_other_samples_have_few_copies_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A state kept because few copies were seen, by luck, is not kept in the end."""
    shares = iter([0.0, 0.02, 0.03, *[0.5] * 4, *[0.2] * 4, *[0.3] * 4, *[0.2] * 4])
    monkeypatch.setattr(TuningCheck, "share", lambda self, images: next(shares))
    monkeypatch.setattr("sprite_lab.engine.training.trainer.COPIES_SHARE", 1e9)
    run = train_iter(CONFIG, make_sprites(60), tmp_path / "run", RunControl())
    told = [record.text for record in run if isinstance(record, Notice)]
    assert RunFolder(tmp_path / "run").steps() == [1], "the oldest, as there is none with few"
    assert (
        told[-1]
        == f"Of {4 * trainer.COPIES_COUNT} other samples of these weights, 20.0% are copies."
    )


def test_each_look_draws_other_noise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[SampleConfig]
) -> None:
    """Otherwise weights would be chosen by the same samples that measure their copies."""
    monkeypatch.setattr("sprite_lab.engine.training.trainer.COPIES_SHARE", 1e9)
    monkeypatch.setattr(TuningCheck, "share", lambda self, images: 0.0)
    config = replace(CONFIG, max_steps=3)
    drain(train_iter(config, make_sprites(60), tmp_path / "run", RunControl()))
    count = trainer.COPIES_COUNT
    looks = [one.indices for one in asked if one.count == count]
    assert len(looks) == 6, "one at each step, and four at the last"
    assert len({index for look in looks for index in look}) == 6 * count


def test_a_tuning_learns_from_all_of_a_few_sprites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of 24 sprites, four once were set aside, so their style was never learned."""
    monkeypatch.setattr(TuningCheck, "share", lambda self, images: 0.0)
    few, config = make_sprites(30), replace(CONFIG, max_steps=2)
    records = list(train_iter(config, few, tmp_path / "run", RunControl()))
    assert not any(isinstance(record, EvalRecord) for record in records)
    told = [record.text for record in records if isinstance(record, Notice)]
    assert any("(30, none is set aside)" in text for text in told)
    assert RunFolder(tmp_path / "run").read_config().validation_fraction == 0
    assert not load_model(tmp_path / "run", "cpu").trained.validation_fraction
    # Later measurements know that, too, such as whether it knows sprites by heart.
    part = training_part(few, tmp_path / "run")
    assert (len(part.train), part.validation) == (30, None)
    assert drain(copy_rule_iter(part, RunControl())).threshold > 0
    assert CopyCheck.of(few, RunFolder(tmp_path / "run").read_config()).share(few.images) == 1.0
    # With more sprites, and in other training runs, some are set aside.
    assert settled(config, make_sprites(60)) == config
    assert settled(replace(config, max_copies=0.0), few).validation_fraction > 0


def test_copies_at_the_start_are_none_to_go_back_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = [0.45] * 4
    shares = iter([*many, *many, 0.05, *many, *FEW])
    monkeypatch.setattr(TuningCheck, "share", lambda self, images: next(shares))
    monkeypatch.setattr("sprite_lab.engine.training.trainer.COPIES_SHARE", 1e9)
    run = train_iter(CONFIG, make_sprites(60), tmp_path / "run", RunControl())
    seen = [record for record in run if isinstance(record, CopiesRecord)]
    assert [record.step for record in seen] == [1, 2, 3, 4]
    assert RunFolder(tmp_path / "run").latest() == 3


def test_it_is_looked_for_again_when_the_steps_have_grown() -> None:
    watch = Watch(share=1e-9, early=1e9, growth=1.5)
    assert watch.due(1, 0.0, last=False)
    list(watch.look(10, 5.0, iter_of_none()))
    assert [step for step in range(11, 18) if watch.due(step, 6.0, last=False)] == [15, 16, 17]


def test_training_has_as_long_as_a_slow_look_took() -> None:
    def slow() -> Iterator[None]:
        time.sleep(0.2)
        yield None

    for watch in (Watch(early=0.0), Watch(share=1e-9, early=1e9, growth=1.5)):
        list(watch.look(10, 0.0, slow()))
        assert watch.spent >= 0.2
        assert not watch.due(20, 0.9 * watch.spent, last=False)
        assert watch.due(20, watch.spent, last=False)


def test_a_sleep_of_hours_while_it_looks_puts_off_the_next_look_by_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On Windows the clock runs on during sleep."""
    times = iter([0.0, 8 * 3600.0, 8 * 3600.0, 8 * 3600.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(times))
    watch = Watch()
    list(watch.look(10, 5.0, iter_of_none()))
    assert watch.due(20, 5.0 + 60.0, last=False)


def iter_of_none() -> Iterator[None]:
    yield None


def test_a_training_that_had_time_for_few_steps_says_so(tmp_path: Path) -> None:
    config = replace(CONFIG, max_seconds=1e-6, max_copies=0.0)
    run = train_iter(config, make_sprites(60), tmp_path / "run", RunControl())
    told = [record.text for record in run if isinstance(record, Notice)]
    assert any("at step 1, so it learned little" in text for text in told)


def test_it_ends_with_the_weights_from_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = iter([0.0, 0.05, 0.5, 0.5, 0.5, 0.5, *FEW])
    seen = []
    monkeypatch.setattr(TuningCheck, "share", lambda self, images: next(shares))
    # Every check is due, as if sampling took no time.
    monkeypatch.setattr("sprite_lab.engine.training.trainer.COPIES_SHARE", 1e9)
    run = train_iter(CONFIG, make_sprites(60), tmp_path / "run", RunControl())
    for record in run:
        if isinstance(record, CopiesRecord | Notice):
            seen.append(record)
    assert [r for r in seen if isinstance(r, CopiesRecord)] == [
        CopiesRecord(1, 0.0),
        CopiesRecord(2, 0.05),
        CopiesRecord(3, 0.5),
    ]
    told = [record.text for record in seen if isinstance(record, Notice)]
    assert any("of its samples were copies" in text for text in told)
    assert (
        told[-1]
        == f"Of {4 * trainer.COPIES_COUNT} other samples of these weights, 1.0% are copies."
    )

    # The kept state is that of step 2; without averaging, it has the raw weights.
    control = RunControl()
    two = replace(CONFIG, max_copies=0.0)
    for record in train_iter(two, make_sprites(60), tmp_path / "two", control):
        if isinstance(record, StepRecord) and record.step == 2:
            control.stop()
    kept = load_model(tmp_path / "run", "cpu").denoiser.state_dict()
    for name, tensor in load_model(tmp_path / "two", "cpu").denoiser.state_dict().items():
        assert torch.allclose(kept[name], tensor, atol=1e-6), name
    rows = list(RunFolder(tmp_path / "run").read_metrics())
    assert [row.get("copies") for row in rows] == [0.0, 0.05, 0.5]
    # The run folder counts as complete, until it is continued.
    assert RunFolder(tmp_path / "run").read_is_complete()
    assert not RunFolder(tmp_path / "two").read_is_complete()
    # The full state is kept, not only the averaged weights, so that training can continue.
    assert RunFolder(tmp_path / "run").steps() == [2]
    states = [load_tensors(RunFolder(tmp_path / name).state(2)) for name in ("run", "two")]
    for name, tensor in states[1][0].items():
        assert torch.allclose(states[0][0][name], tensor, atol=1e-6), name
    monkeypatch.setattr(TuningCheck, "share", lambda self, images: 0.0)
    longer = replace(CONFIG, max_steps=4)
    more = train_iter(longer, make_sprites(60), tmp_path / "run", RunControl(), resume=True)
    assert [r.step for r in more if isinstance(r, StepRecord)] == [3, 4]
    assert not RunFolder(tmp_path / "run").read_is_complete()


def test_what_ended_for_copies_does_not_blame_the_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shares = iter([0.0, *[0.5] * 4, *FEW])
    monkeypatch.setattr(TuningCheck, "share", lambda self, images: next(shares))
    monkeypatch.setattr("sprite_lab.engine.training.trainer.COPIES_SHARE", 1e9)
    sprites = make_sprites(60)
    told = []
    trainer = train_iter(replace(CONFIG, max_seconds=600.0), sprites, tmp_path / "r", RunControl())
    monkeypatch.setattr(
        "sprite_lab.engine.training.trainer._Trainer._out_of_time",
        property(lambda self: self.step == 2 or self._copies_too_many),
    )
    for record in trainer:
        if isinstance(record, Notice):
            told.append(record.text)
    assert any("were copies" in text for text in told)
    assert not any("learned little" in text for text in told)


def test_a_stop_does_not_wait_for_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = RunControl()

    def asked(self: TuningCheck) -> Iterator[None]:
        control.stop()
        yield

    def never(self: TuningCheck, images: object) -> float:
        raise AssertionError("The check went on.")

    monkeypatch.setattr(TuningCheck, "prepare", asked)
    monkeypatch.setattr(TuningCheck, "share", never)
    records = list(train_iter(CONFIG, make_sprites(60), tmp_path / "run", control))
    assert not any(isinstance(r, CopiesRecord) for r in records)
    assert RunFolder(tmp_path / "run").latest() == 1


def test_copies_from_the_start_do_not_end_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If samples are copies before anything is learned, there is no state to return to."""
    monkeypatch.setattr(TuningCheck, "share", lambda self, images: 1.0)
    run = train_iter(replace(CONFIG, max_steps=3), make_sprites(60), tmp_path / "r", RunControl())
    for _ in run:
        pass
    assert RunFolder(tmp_path / "r").latest() == 3
