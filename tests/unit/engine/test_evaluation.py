"""What is measured, on which sprites, and what remains after stopping."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np
import pytest
import torch

from sprite_lab.core.config import (
    EvalConfig,
    NetworkConfig,
    SampleConfig,
    ScheduleConfig,
    TrainConfig,
)
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Progress
from sprite_lab.core.results.report import Report
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.data import split
from sprite_lab.data.datasets import learned_rows, sealed_rows
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.measuring import evaluation
from sprite_lab.engine.measuring.evaluation import evaluate_iter, sampling_config
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.training import training_data, training_task
from sprite_lab.engine.training.pictures import Pictures
from sprite_lab.engine.training.training_task import sprite_task
from sprite_lab.formats.reports.report import held_against

pytestmark = pytest.mark.usefixtures("few_threads")

FEW = EvalConfig(likelihood=None, samples=20, sampling=SampleConfig(steps=2))


@pytest.fixture(scope="module")
def model(sprites: SpriteSet) -> Model:
    torch.manual_seed(0)
    denoiser = Denoiser(NetworkConfig(width=16), "v")
    return Model(
        denoiser.eval().requires_grad_(False),
        NoiseSchedule(ScheduleConfig()),
        Vocabulary(sprites.class_names),
        "untrained",
        0,
        sprites.fingerprint,
        sprites.title,
    )


def evaluate(model: Model, sprites: SpriteSet, config: EvalConfig) -> Report:
    return drain(evaluate_iter(model, sprites, config, RunControl()))


def test_samples_have_the_class_mix_of_the_references(model: Model, sprites: SpriteSet) -> None:
    lopsided = sprites.take(np.flatnonzero((sprites.labels == 0) | (np.arange(80) < 20)))
    config = sampling_config(model, lopsided, replace(FEW, samples=40))
    assert config.count == 40
    asked = np.bincount(
        [sprites.class_names.index(config.classes[i % len(config.classes)]) for i in range(40)],
        minlength=5,
    )
    share = np.bincount(lopsided.labels, minlength=5) / len(lopsided)
    assert np.abs(asked / 40 - share).max() < 0.08


def test_a_model_that_knows_other_classes_draws_without(model: Model, sprites: SpriteSet) -> None:
    other = replace(sprites, class_names=("a", "b", "c", "d", "e"))
    assert sampling_config(model, other, FEW).classes == ()


def test_validation_sprites_are_those_that_training_sets_aside(
    model: Model, sprites: SpriteSet
) -> None:
    held_out = split(sprites, 0.15, seed=0)[1]
    report = evaluate(model, sprites, replace(FEW, split="validation"))
    assert report.data["count"] == len(held_out)
    assert {x.tobytes() for x in report.reference} == {x.tobytes() for x in held_out.images}
    assert report.quality is not None
    assert report.quality.training is not None
    assert len(report.samples) == 20
    train = {x.tobytes() for x in split(sprites, 0.15, seed=0)[0].images}
    drawn = {x.tobytes() for x in report.samples}
    assert {x.tobytes() for x in report.closest[0]} == drawn
    assert {x.tobytes() for x in report.closest[1]} <= train

    everything = evaluate(model, sprites, replace(FEW, split="all"))
    assert everything.quality is not None
    assert everything.quality.reference_count == 80
    assert everything.quality.training is None  # training sprites are among the references


def test_sealed_sprites_are_measured_alone_and_by_nothing_else(
    model: Model, sprites: SpriteSet
) -> None:
    share = {"validation_fraction": 0.3, "sealed_fraction": 0.15}
    model = replace(model, trained=TrainConfig(**share))
    sealed = sprites.take(sealed_rows(sprites, 0.15))
    report = evaluate(model, sprites, replace(FEW, split="sealed", **share))
    assert {x.tobytes() for x in report.reference} == {x.tobytes() for x in sealed.images}
    assert "kept for a last test" in held_against(report)
    others = evaluate(model, sprites, replace(FEW, **share))
    assert others.data["count"] == len(split(sprites, 0.3)[1]) - len(sealed)
    assert not {x.tobytes() for x in others.reference} & {x.tobytes() for x in sealed.images}
    with pytest.raises(ConfigError, match="give their share"):
        replace(FEW, split="sealed")


def test_training_neither_learns_from_sealed_sprites_nor_validates_on_them(
    sprites: SpriteSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[set[int]] = []

    class Watched(Pictures):
        def __init__(self, sprites, channels, device, rows, vocabulary) -> None:
            seen.append(set(rows.tolist()))
            super().__init__(sprites, channels, device, rows, vocabulary)

    for module in (training_data, training_task):
        monkeypatch.setattr(module, "Pictures", Watched)
    network = NetworkConfig(width=16)
    config = TrainConfig(network=network, validation_fraction=0.3, sealed_fraction=0.15)
    sprite_task(config, sprites)
    sealed = set(sealed_rows(sprites, 0.15).tolist())
    assert len(seen) == 2  # training and validation
    assert sealed
    assert set.union(*seen) == set(range(len(sprites))) - sealed


def test_the_frechet_distance_needs_enough_of_both(
    model: Model, sprites: SpriteSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation, "LEAST_SAMPLES", 20)
    few = evaluate(model, sprites, FEW).quality
    monkeypatch.setattr(evaluation, "LEAST_REFERENCES", 10)
    enough = evaluate(model, sprites, FEW).quality
    assert few is not None
    assert enough is not None
    assert few.samples.frechet_distance is None
    assert enough.samples.frechet_distance is not None
    # An untrained model is farther off than other sprites by the same artists.
    assert enough.training is not None
    assert enough.training.frechet_distance is not None
    assert enough.samples.frechet_distance > enough.training.frechet_distance


def test_the_limit_is_for_the_likelihood_alone(model: Model, sprites: SpriteSet) -> None:
    report = evaluate(model, sprites, replace(FEW, likelihood="bound", limit=1, split="all"))
    assert report.likelihood is not None
    assert report.likelihood["sprites"] == 1
    assert report.likelihood["bits_per_dim"] > 0
    assert report.likelihood["bits_per_dim_stderr"] is None
    assert report.quality is not None
    assert report.quality.reference_count == 80


def test_the_ode_says_how_it_was_solved(
    model: Model, sprites: SpriteSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = partial(evaluation.ode_iter, log_snr=np.linspace(9.0, -8.0, 4))
    monkeypatch.setattr(evaluation, "ode_iter", short)
    config = replace(FEW, likelihood="ode", quality=False, limit=2)
    report = evaluate(model, sprites, config)
    assert report.likelihood is not None
    assert report.likelihood["dequantization"].startswith("variational")
    assert report.to_json()["bits_per_dim"] == report.likelihood["bits_per_dim"]


def test_stopped_it_reports_on_what_there_is(model: Model, sprites: SpriteSet) -> None:
    control = RunControl()
    run = evaluate_iter(model, sprites, replace(FEW, samples=300), control)
    progress = next(record for record in run if isinstance(record, Progress) and record.total)
    assert progress.total > progress.done
    control.stop()
    report = drain(run)
    assert report.quality is None or report.quality.samples.count < 300


def test_too_few_sprites_are_refused(model: Model, sprites: SpriteSet) -> None:
    few = sprites.take(np.arange(10))
    with pytest.raises(ConfigError, match="at least 6"):
        evaluate(model, few, FEW)


def test_nothing_to_measure_is_refused() -> None:
    with pytest.raises(ConfigError, match="nothing to measure"):
        EvalConfig(likelihood=None, quality=False)


def test_classes_and_entropies_only_where_asked_for(
    model: Model, sprites: SpriteSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = partial(evaluation.thermodynamics_iter, draws=8)
    monkeypatch.setattr(evaluation, "thermodynamics_iter", few)
    plain = evaluate(model, sprites, FEW)
    assert plain.classes is None
    assert plain.thermodynamics is None
    config = replace(FEW, quality=False, classify=True, thermodynamics=True, limit=4)
    report = evaluate(model, sprites, config)
    assert report.classes is not None
    assert np.array(report.classes["probability_by_sprite"]).shape == (4, 5)
    assert report.thermodynamics is not None
    assert len(report.thermodynamics["entropy"]) == 100


def test_entropies_are_of_what_the_model_learned_from(
    model: Model, sprites: SpriteSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Entropies of the whole training part were once reported as those of the training sprites."""
    found: list[int] = []
    whole = evaluation.thermodynamics_iter

    def noted(model: Model, training: SpriteSet, control: RunControl, *, seed: int) -> object:
        found.append(len(training))
        few = np.array([4.0, -4.0])
        return whole(model, training, control, seed=seed, draws=2, log_snr=few)

    monkeypatch.setattr(evaluation, "thermodynamics_iter", noted)
    config = replace(FEW, quality=False, likelihood=None, thermodynamics=True)
    train, _ = split(sprites, 0.15)
    by_heart = replace(model, trained=TrainConfig(max_sprites=5))
    for measured in (model, by_heart, replace(by_heart, data_fingerprint="another")):
        evaluate(measured, sprites, config)
    assert found == [len(train), 5, len(train)]


def test_it_says_whether_training_has_seen_the_sprites(model: Model, sprites: SpriteSet) -> None:
    other = replace(model, data_fingerprint="another")
    assert evaluate(model, sprites, FEW).data["seen_in_training"] is False
    assert evaluate(model, sprites, replace(FEW, split="all")).data["seen_in_training"] is True
    assert evaluate(other, sprites, FEW).data["seen_in_training"] is None
    # Trained on few sprites, none of which was set aside.
    tuned = replace(model, trained=TrainConfig(validation_fraction=0.0))
    assert evaluate(tuned, sprites, FEW).data["seen_in_training"] is True


def test_sprites_are_measured_that_training_set_aside(model: Model, sprites: SpriteSet) -> None:
    """With another share, it once said of learned sprites that training had not seen them."""
    few = replace(model, trained=TrainConfig(validation_fraction=0.3))
    report = evaluate(few, sprites, FEW)
    _, aside = learned_rows(sprites, few.trained)
    assert sorted(report.data["rows"]) == aside.tolist()
    assert report.config.validation_fraction == 0.3
    other = replace(few, data_fingerprint="another")
    assert evaluate(other, sprites, FEW).config.validation_fraction == 0.15


def test_it_says_whether_samples_were_asked_for_the_classes_of_the_sprites(
    model: Model, sprites: SpriteSet
) -> None:
    few = replace(FEW, likelihood=None)
    assert evaluate(model, sprites, few).data["classes_asked_for"] is True
    named = (*sprites.class_names[:-1], "a class of which the model knows nothing")
    strange = replace(sprites, class_names=named)
    assert evaluate(model, strange, few).data["classes_asked_for"] is False


def test_what_cannot_be_done_is_refused_before_the_work_begins(
    model: Model, sprites: SpriteSet
) -> None:
    def refused(model: Model, config: EvalConfig, says: str) -> None:
        with pytest.raises(ConfigError, match=says):
            next(evaluate_iter(model, sprites, config, RunControl()))

    wrong = replace(FEW, likelihood="bound", sampling=SampleConfig(sampler="student"))
    refused(model, wrong, "needs a student")
    student = replace(
        model, denoiser=Denoiser(NetworkConfig(width=16, guided=True), "v").requires_grad_(False)
    )
    for asked in ({"likelihood": "bound"}, {"classify": True}, {"thermodynamics": True}):
        refused(student, replace(FEW, **asked), "no likelihood")  # type: ignore[arg-type]
    refused(replace(model, vocabulary=Vocabulary()), replace(FEW, classify=True), "no classes")


def test_one_sprite_is_enough_for_its_likelihood(model: Model, sprites: SpriteSet) -> None:
    one = sprites.take(np.array([3]))
    config = EvalConfig(likelihood="bound", quality=False, split="all")
    found = evaluate(model, one, config).to_json()
    assert found["bits_per_dim"] > 0
    assert found["bits_per_dim_stderr"] is None
    assert len(found["likelihood"]["bits_per_dim_by_sprite"]) == 1


@pytest.mark.parametrize("part", ["all", "validation", "sealed"])
def test_a_report_says_which_sprites_its_figures_are_of(
    model: Model, sprites: SpriteSet, part: Literal["all", "validation", "sealed"]
) -> None:
    config = replace(FEW, quality=False, classify=True, limit=3)
    share = {"validation_fraction": 0.5, "sealed_fraction": 0.2}
    model = replace(model, trained=TrainConfig(**share))
    report = evaluate(model, sprites, replace(config, split=part, **share))
    rows = report.data["rows"]
    assert len(set(rows)) == 3
    assert np.array_equal(sprites.images[rows], report.reference[:3])
    assert report.classes is not None
    assert len(report.classes["probability_by_sprite"]) == 3


def test_training_sprites_are_taken_once_each_and_in_the_classes_of_the_references(
    sprites: SpriteSet,
) -> None:
    reference = sprites.take(np.flatnonzero(sprites.labels < 2)[:9])
    picked = evaluation.same_classes(sprites, reference, 12, seed=0)
    assert len(picked) == len(set(picked.tolist())) == 12
    wanted = np.bincount(reference.labels, minlength=5) / len(reference)
    found = np.bincount(sprites.labels[picked], minlength=5) / len(picked)
    assert np.abs(wanted - found).max() <= 0.1
    strangers = replace(reference, labels=np.full(len(reference), -1))
    assert len(evaluation.same_classes(sprites, strangers, 12, seed=0)) == 12
