"""Models with words: training, dealt prompts, tuning, students, files."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from sprite_lab.core.config import SampleConfig, TrainConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Prompt, Vocabulary
from sprite_lab.data.datasets import split_rows
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.distill import distill_iter
from sprite_lab.engine.training.fine_tuning import fine_tuning
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.engine.training.training_data import TrainingData, context_probability, parts_kept
from sprite_lab.engine.training.training_task import sprite_task
from sprite_lab.formats.sets.sprites import load_sprites, save_sprites
from tests.made import make_sprites, short_training

COLORS = {"red": (200, 30, 30), "green": (30, 160, 30)}


def worded(count: int = 120) -> SpriteSet:
    """Two shapes in red or green, distinguished only by their words; two sources."""
    sprites = make_sprites(count, classes=2)
    words = np.array([("red", "green")[i // 2 % 2] for i in range(count)])
    images = sprites.images.copy()
    for image, alpha, word in zip(images, sprites.alpha, words, strict=True):
        image[alpha > 0] = COLORS[word]
    source = np.array([("one", "two")[i // 4 % 2] for i in range(count)])
    return replace(sprites, images=images, words=words, source=source, group=np.arange(count))


CONFIG = short_training(
    300, learning_rate=4e-3, batch_size=32, flips=0.0, ema_decay=0.9, preview_count=1
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Model:
    torch.manual_seed(0)
    run = tmp_path_factory.mktemp("words") / "run"
    drain(train_iter(CONFIG, worded(), run, RunControl()))
    return load_model(run, "cpu")


def draw(model: Model, **settings: object) -> np.ndarray:
    config = SampleConfig(count=8, steps=6, precision="fp32", **settings)
    return drain(sample_iter(model, [config], RunControl(), record=False)).rgba()


def redness(rgba: np.ndarray) -> float:
    """How much more red than green the drawn pixels are, on average."""
    drawn = rgba[rgba[..., 3] > 127].astype(float)
    return float((drawn[:, 0] - drawn[:, 1]).mean())


def test_words_steer(trained: Model) -> None:
    known = replace(trained.vocabulary, palettes=())
    assert known == Vocabulary(("hero", "creature"), ("green", "red"), ("one", "two"))
    red = redness(draw(trained, words=("red",)))
    green = redness(draw(trained, words=("green",)))
    assert red > 30
    assert green < -30


def test_a_style_is_drawn_in_its_colors_unless_told_otherwise(trained: Model) -> None:
    colors = {tuple(color) for color in trained.vocabulary.palette("one").tolist()}
    assert len(colors) == 2

    def found(**settings: object) -> set[tuple[int, ...]]:
        rgba = draw(trained, style="one", **settings)
        return {tuple(color) for color in rgba[rgba[..., 3] > 127][:, :3].tolist()}

    assert found() <= colors
    assert not found(style_colors=False) <= colors
    palette = bytes([0, 0, 255, 10, 10, 10])
    # the user's request has precedence
    assert found(palette=palette) <= {(0, 0, 255), (10, 10, 10)}


def test_prompts_are_dealt_and_recorded(trained: Model) -> None:
    config = SampleConfig(count=6, steps=2, classes=("hero", "creature"), precision="fp32")
    drawn = drain(sample_iter(trained, [config], RunControl()))
    assert all(len(prompt.words) == 1 and prompt.style for prompt in drawn.prompts)
    assert [prompt.class_mix[0][0] for prompt in drawn.prompts] == ["hero", "creature"] * 3
    assert drawn.one(4).prompts == drawn.prompts[4:5]
    assert drawn.take([5, 0]).prompts == (drawn.prompts[5], drawn.prompts[0])
    # The same prompts, given explicitly, draw the same sprites.
    asked = [
        replace(
            config,
            count=1,
            first_index=i,
            classes=(),
            class_mix=p.class_mix,
            words=p.words,
            style=p.style,
        )
        for i, p in enumerate(drawn.prompts)
    ]
    again = drain(sample_iter(trained, asked, RunControl()))
    np.testing.assert_allclose(again.x0.astype(float), drawn.x0.astype(float), atol=0.01)


def test_the_prompts_that_a_model_draws_best_are_dealt(trained: Model) -> None:
    best = replace(trained, dealt=1)
    config = SampleConfig(count=9, steps=1)
    drawn = drain(sample_iter(best, [config], RunControl()))
    assert set(drawn.prompts) == {trained.prompts[0]}
    style = next(p.style for p in trained.prompts if p.style != trained.prompts[0].style)
    drawn = drain(sample_iter(best, [replace(config, style=style)], RunControl()))
    assert {prompt.style for prompt in drawn.prompts} == {style}


def test_nothing_is_dealt_to_drawings_nor_where_it_is_turned_off(trained: Model) -> None:
    drawing = bytes(16 * 16 * 4)
    for settings in (
        {"deal_prompts": False},
        {"drawing": drawing, "start_t": 300},
        {"words": ("red",)},
    ):
        config = SampleConfig(count=2, steps=2, **settings)
        drawn = drain(sample_iter(trained, [config], RunControl()))
        assert set(drawn.prompts) == {Prompt(words=settings.get("words", ()))}


def test_unknown_words_are_refused_before_anything_is_drawn(trained: Model) -> None:
    with pytest.raises(ConfigError, match="no word 'reed'"):
        draw(trained, words=("reed",))


def test_any_part_of_a_prompt_may_be_left_out_in_training() -> None:
    known = Vocabulary(("a", "b"), tuple("cdefg"), ("x", "y"))
    kept = parts_kept(known, 20_000, torch.Generator().manual_seed(0)).float()
    assert kept.shape == (20_000, 9)
    assert kept[:, :2].mean() == pytest.approx(0.85, abs=0.01)
    assert (kept[:, 0] == kept[:, 1]).all()
    assert kept[:, 7:].mean() == pytest.approx(0.8, abs=0.01)
    words = kept[:, 2:7].sum(dim=1)
    counts = torch.bincount(words.long(), minlength=6) / len(words)
    # With five words: none and all have shares of their own, each number in between is equally
    # likely.
    assert (counts[1:5] > 0.05).all()
    assert counts[0] == pytest.approx(0.2 + 0.55 / 6, abs=0.01)
    assert counts[5] == pytest.approx(0.25 + 0.55 / 6, abs=0.01)


def test_how_often_a_context_is_told_is_how_often_training_tells_it() -> None:
    known = Vocabulary(("a", "b"), tuple("cde"), ("x",))
    context = torch.tensor([[1, 0, 1, 1, 0, 1], [0, 1, 0, 0, 0, 0], [0, 0, 1, 1, 1, 1]])
    generator = torch.Generator().manual_seed(0)
    for whole in context:
        kept = parts_kept(known, 40_000, generator)
        kept &= torch.rand(40_000, 1, generator=generator) >= 0.1
        told, counts = torch.unique(whole * kept, dim=0, return_counts=True)
        chance = context_probability(known, told, context, 0.1)
        mine = chance[(context == whole).all(dim=1)][0]
        assert mine.sum() == pytest.approx(1.0)
        assert (mine - counts / 40_000).abs().max() < 0.01
    # Words that are not true of a sprite never occur.
    assert (context_probability(known, context[:1], context, 0.1)[1:] == 0).all()
    only = Vocabulary(("a", "b"))
    classes = torch.tensor([[1, 0], [0, 1], [0, 0]])
    found = context_probability(only, classes, classes, 0.1)
    torch.testing.assert_close(
        found, torch.tensor([[0.9, 0, 0.1], [0, 0.9, 0.1], [0, 0, 1]], dtype=torch.float64)
    )


def test_without_words_training_takes_the_random_numbers_that_it_took() -> None:
    generator = torch.Generator().manual_seed(0)
    before = generator.get_state()
    assert parts_kept(Vocabulary(("a", "b")), 4, generator).all()
    assert torch.equal(generator.get_state(), before)


def test_batches_tell_words_and_styles() -> None:
    sprites = worded()
    vocabulary = Vocabulary(sprites.class_names, ("green", "red"), ("one", "two"))
    config = replace(CONFIG, label_dropout=0.0)
    data = TrainingData(sprites, config, torch.device("cpu"), None, vocabulary)
    context = torch.cat([data.batch(step).context for step in range(8)])
    assert context.shape == (256, 6)
    assert (context[:, 2:4].sum(dim=1) <= 1).all()
    assert (context.sum(dim=0) > 20).all()


def test_tuning_without_words_keeps_the_words_but_deals_none(
    trained: Model, tmp_path: Path
) -> None:
    """The start's prompts would lead away from what is learned now."""
    bare = replace(worded(60), words=None, source=None)
    config = replace(fine_tuning(CONFIG, trained), max_steps=1)
    drain(train_iter(config, bare, tmp_path / "run", RunControl(), init=trained))
    tuned = load_model(tmp_path / "run", "cpu")
    assert tuned.vocabulary == trained.vocabulary
    assert trained.prompts
    assert tuned.prompts == ()
    assert redness(draw(tuned, words=("red",))) > 30


def test_a_tuning_on_other_classes_is_resumed_with_its_words(
    trained: Model, tmp_path: Path
) -> None:
    other = replace(worded(60), words=None, source=None, class_names=("a", "b"))
    config = replace(fine_tuning(CONFIG, trained), max_steps=1)
    drain(train_iter(config, other, tmp_path / "run", RunControl(), init=trained))
    drain(
        train_iter(replace(config, max_steps=2), other, tmp_path / "run", RunControl(), resume=True)
    )
    tuned = load_model(tmp_path / "run", "cpu")
    assert tuned.step == 2
    assert tuned.vocabulary == replace(trained.vocabulary, classes=("a", "b"))
    assert tuned.prompts == ()
    assert tuned.weak is None


def test_early_weights_are_taken_of_the_same_training_alone(trained: Model, tmp_path: Path) -> None:
    config = replace(fine_tuning(CONFIG, trained), max_steps=2, checkpoint_every=1)
    drain(train_iter(config, worded(60), tmp_path / "run", RunControl(), init=trained))
    first, last = (tmp_path / "run" / "checkpoints" / f"step-000000{k}.safetensors" for k in (1, 2))
    shutil.copy(last, tmp_path / "m.safetensors")
    shutil.copy(first, tmp_path / "m.weak.safetensors")
    model = load_model(tmp_path / "m.safetensors", "cpu")
    assert model.weak is not None
    plain, led = draw(model, autoguidance=0.0), draw(model, autoguidance=3.0)
    assert (plain != led).any()
    drain(train_iter(replace(config, seed=1), worded(60), tmp_path / "o", RunControl()))
    other = tmp_path / "o" / "checkpoints" / "step-0000001.safetensors"
    shutil.copy(other, tmp_path / "m.weak.safetensors")
    assert load_model(tmp_path / "m.safetensors", "cpu").weak is None


def test_a_student_obeys_words(trained: Model, tmp_path: Path) -> None:
    config = TrainConfig(
        epochs=None,
        max_steps=20,
        batch_size=32,
        ema_decay=0.0,
        precision="fp32",
        preview_count=1,
        preview_steps=1,
    )
    drain(distill_iter(trained, tmp_path / "student", config, RunControl()))
    student = load_model(tmp_path / "student", "cpu")
    assert student.vocabulary == trained.vocabulary
    assert student.prompts == trained.prompts
    assert redness(draw(student, words=("red",))) - redness(draw(student, words=("green",))) > 60


def test_sets_keep_words_and_poses(tmp_path: Path) -> None:
    sprites = worded(8)
    pose_of = np.array([0, 0, 1, 1, -1, -1, 2, 2])
    direction = np.array(["left", "right"] * 4)
    frame = np.array([-1, 0, 1, 2] * 2)
    sprites = replace(sprites, pose_of=pose_of, direction=direction, frame=frame)
    save_sprites(tmp_path / "s.npz", sprites)
    again = load_sprites(tmp_path / "s.npz")
    for name in ("words", "pose_of", "direction", "frame", "source"):
        np.testing.assert_array_equal(getattr(again, name), getattr(sprites, name))
    assert again.fingerprint == sprites.fingerprint
    assert again.fingerprint != replace(sprites, words=None).fingerprint
    assert again.take(np.array([3, 1])).words.tolist() == [sprites.words[3], sprites.words[1]]


def test_sprites_beside_the_set_are_learned_from_but_not_asked_for() -> None:
    sprites, beside = worded(), replace(worded(40), words=np.full(40, "blue"))
    weights = np.concatenate([np.full(len(split_rows(sprites)[0]), 1e-9), np.ones(40)])
    task = sprite_task(CONFIG, sprites, beside=beside, weights=weights)
    blue = task.facts.vocabulary.words.index("blue")
    told = torch.cat([task.data.batch(step).context for step in range(4)])
    words = told[:, len(sprites.class_names) :][:, : len(task.facts.vocabulary.words)]
    assert words[:, blue].sum() == words.sum() > 0  # the weights exclude all others
    assert not any("blue" in prompt.words for prompt in task.facts.prompts)
