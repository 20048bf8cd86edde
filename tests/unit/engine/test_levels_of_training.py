"""Training statistics by noise level: bins, windows, the floor, the distance to the average."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from sprite_lab.core.config import NetworkConfig, ScheduleConfig, TrainConfig
from sprite_lab.core.errors import RunError
from sprite_lab.core.records import EvalRecord, StepRecord, WindowRecord
from sprite_lab.core.results.level_errors import BINS, Floor, LevelErrors
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.data.datasets import split
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.ema import Ema
from sprite_lab.diffusion.loss import draw_log_snr, loss_weight
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.measuring.optimal_loss import both_floors_iter, floor_iter
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.training.level_window import WINDOW, binned, level_bins
from sprite_lab.engine.training.metrics_rows import records_of
from sprite_lab.engine.training.run_folder import RunFolder, is_early
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.engine.training.training_data import ALL_WORDS, NO_WORDS, tensors
from sprite_lab.engine.training.training_task import sprite_task
from tests.made import make_sprites, short_training

pytestmark = pytest.mark.usefixtures("every_level", "one_thread")


CONFIG = short_training(2 * WINDOW + 3, batch_size=8, checkpoint_every=30)


@pytest.mark.parametrize("name", ["linear", "cosine", "karras"])
def test_bins_cover_what_is_trained_and_know_their_t(name):
    schedule = ScheduleConfig(name=name)
    bins = level_bins(TrainConfig(schedule=schedule))
    noise = NoiseSchedule(schedule)
    assert len(bins) == BINS
    assert np.allclose(np.diff(bins.log_snr), bins.log_snr[1] - bins.log_snr[0])
    assert bins.t[[0, -1]] == pytest.approx([noise.timesteps, 1])
    every = noise.log_snr(np.arange(1, noise.timesteps + 1))
    index = bins.index(every)
    assert (bins.log_snr[index] <= every + 1e-9).all()
    assert (every <= bins.log_snr[index + 1] + 1e-9).all()
    assert bins.index([-1e3, 1e3]).tolist() == [0, BINS - 1]
    for t in (1.0, 40.0, 499.0):
        assert bins.t_at(bins.log_snr_at(t)) == pytest.approx(t)


def test_errors_are_added_up_where_they_belong():
    bins = level_bins(CONFIG)
    rng = np.random.default_rng(0)
    log_snr, errors = rng.uniform(-8, 12, 500), rng.uniform(size=500)
    found = LevelErrors.of(bins, log_snr, errors)
    for i in range(BINS):
        inside = (log_snr >= bins.log_snr[i]) & (log_snr < bins.log_snr[i + 1])
        assert found.counts[i] == inside.sum()
        if inside.any():
            assert found.mean[i] == pytest.approx(errors[inside].mean())
        else:
            assert np.isnan(found.mean[i])
    again = LevelErrors.from_json(bins, json.loads(json.dumps(found.to_json())))
    np.testing.assert_allclose(again.sums, found.sums, rtol=1e-5)
    assert again.counts.tolist() == found.counts.tolist()
    for damaged in (None, 3, [], [[1.0], [1]], ["a", "b"], [[1.0] * BINS, [None] * BINS]):
        assert LevelErrors.from_json(bins, damaged) is None
    assert len(json.dumps(found.to_json())) / WINDOW < 40  # bytes per step


@pytest.mark.parametrize("weighting", ["uniform", "min_snr", "edm"])
@pytest.mark.parametrize("prediction", ["epsilon", "x0", "v"])
def test_the_weighting_of_the_loss_is_taken_out(weighting, prediction):
    config = replace(CONFIG, loss_weighting=weighting, prediction_type=prediction)
    from sprite_lab.diffusion.loss import loss_weight

    log_snr = torch.linspace(-8, 12, 64)
    errors = torch.rand(64, generator=torch.Generator().manual_seed(0))
    losses = errors * loss_weight(weighting, prediction, log_snr)
    bins = level_bins(config)
    plain = LevelErrors.of(bins, log_snr.numpy(), errors.numpy())
    np.testing.assert_allclose(binned(bins, config, log_snr, losses).sums, plain.sums, rtol=1e-5)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("levels") / "run"
    return path, list(train_iter(CONFIG, make_sprites(), path, RunControl()))


def test_a_training_tells_its_errors_by_level(run):
    _, records = run
    windows = [r for r in records if isinstance(r, WindowRecord)]
    last = CONFIG.max_steps
    ends = [WINDOW, 2 * WINDOW, last]
    assert [(w.first, w.step) for w in windows] == [(1, ends[0]), (21, ends[1]), (41, ends[2])]
    losses = {r.step: r.loss for r in records if isinstance(r, StepRecord)}
    for window in windows:
        steps = range(window.first, window.step + 1)
        assert window.levels.counts.sum() == CONFIG.batch_size * len(steps)
        # With the weighting "uniform" the loss is the mean of the errors.
        mean = window.levels.sums.sum() / window.levels.counts.sum()
        assert mean == pytest.approx(np.mean([losses[s] for s in steps]), rel=1e-4)
    # The levels are those drawn for these very steps.
    data = sprite_task(CONFIG, make_sprites()).data
    drawn = torch.cat([data.batch(step).log_snr for step in range(WINDOW)]).numpy()
    bins = level_bins(CONFIG)
    expected = np.bincount(bins.index(drawn), minlength=BINS)
    assert windows[0].levels.counts.tolist() == expected.tolist()
    evals = [r for r in records if isinstance(r, EvalRecord)]
    for record in evals:
        mean = record.levels.sums.sum() / record.levels.counts.sum()
        assert mean == pytest.approx(record.val_loss, rel=1e-4)


def test_they_are_read_back_from_the_run_folder(run):
    path, records = run
    rows = list(RunFolder(path).read_metrics())
    again = [r for row in rows for r in records_of(row, level_bins(CONFIG))]
    for kind in (StepRecord, WindowRecord, EvalRecord):
        first = [r for r in records if isinstance(r, kind)]
        second = [r for r in again if isinstance(r, kind)]
        assert [r.step for r in first] == [r.step for r in second]
        if kind is StepRecord:
            continue
        for one, other in zip(first, second, strict=True):
            np.testing.assert_allclose(one.levels.sums, other.levels.sums, rtol=1e-5)
    assert [w.ema_distance for w in again if isinstance(w, WindowRecord)] == [
        w.ema_distance for w in records if isinstance(w, WindowRecord)
    ]


def test_weights_of_the_first_steps_are_kept_to_look_back_at(run):
    path, _ = run
    folder = RunFolder(path)
    assert folder.steps("early") == [1, 2, 4, 8, 16]
    assert folder.steps() == [30, CONFIG.max_steps]
    assert [s for s, _ in folder.all_weights()] == [1, 2, 4, 8, 16, 30, 43]
    half, whole = (p.stat().st_size for p in (folder.early_weights(1), folder.weights(30)))
    assert half < 0.6 * whole
    model = load_model(folder.early_weights(4), "cpu")
    assert model.step == 4
    assert all(p.dtype == torch.float32 for p in model.denoiser.parameters())
    assert [s for s in range(1, 50) if is_early(s, 30)] == [1, 2, 4, 8, 16]
    folder.early_weights(64).write_bytes(b"")
    folder.trim(43)
    assert folder.steps("early") == [1, 2, 4, 8, 16]


def test_the_distance_of_the_average_is_its_definition(run):
    denoiser = Denoiser(NetworkConfig(width=16), "v")
    ema = Ema(denoiser, 0.9)
    assert ema.distance() == 0.0
    with torch.no_grad():
        for p in denoiser.parameters():
            p.add_(torch.randn(p.shape, generator=torch.Generator().manual_seed(1)))
    flat = [torch.cat([p.flatten() for p in m.parameters()]) for m in (ema.module, denoiser)]
    wanted = ((flat[0] - flat[1]).norm() / flat[1].norm()).item()
    assert ema.distance() == pytest.approx(wanted, rel=1e-5)
    assert all(0 < r.ema_distance < 1 for r in run[1] if isinstance(r, WindowRecord))


# -- the floor -------------------------------------------------------------------------------


def floor_of(config: TrainConfig, sprites: SpriteSet, draws: int = 64) -> Floor:
    return drain(floor_iter(config, sprites, RunControl(), draws=draws))


def test_the_floor_of_one_sprite_is_nothing_and_of_two_a_known_integral():
    """Two pictures without classes are one normal mixture along the line between them."""
    from sprite_lab.engine.measuring import optimal_loss as module

    sprites = make_sprites(2, classes=0, size=8)
    config = replace(CONFIG, flips=0.0, prediction_type="x0")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            module, "learned_rows", lambda sprites, *_, **__: (np.arange(len(sprites)),) * 2
        )
        patch.setattr(module, "_BATCH", 250)  # no other job waits meanwhile
        found = floor_of(config, sprites, draws=4000)
        alone = floor_of(config, sprites.take(np.array([0])), draws=8)
    assert np.abs(alone.error).max() < 1e-12
    x0, _ = tensors(sprites, 4, torch.device("cpu"))
    apart = float((x0[0] - x0[1]).double().square().sum())
    # x0 = m ± d/2 is a sign ±1 in noise: with s = alpha |d| / (2 std) and z normal, its mean given
    # x_t is tanh(s^2 + s z) if the sign is +1, so the error is (|d|/2)^2 E (1 - tanh(s^2 + s z))^2.
    z, weight = np.polynomial.hermite_e.hermegauss(80)
    weight = weight / weight.sum()
    wanted = []
    for log_snr in found.log_snr:
        s = math.exp(log_snr / 2) * math.sqrt(apart) / 2
        wanted.append(apart / 4 * (weight * (1 - np.tanh(s * s + s * z)) ** 2).sum())
    wanted = np.array(wanted) / x0[0].numel()
    clear = wanted > 5e-3  # below that, a few draws make up all of the error
    assert clear.sum() > 8
    assert (np.abs(found.error - wanted)[clear] < 4 * found.stderr[clear]).all()
    assert (found.error[found.log_snr > 4] < 1e-6).all()


@pytest.mark.parametrize("prediction", ["epsilon", "x0", "v"])
def test_the_floor_against_brute_force(prediction):
    """The mean over a small set, computed picture by picture with the same noise."""
    sprites = make_sprites(40)
    config = replace(CONFIG, prediction_type=prediction, label_dropout=0.0)
    found = floor_of(config, sprites, draws=16)
    training, _ = split(sprites, config.validation_fraction, seed=0)
    x0, context = (t.double() for t in tensors(training, 4, torch.device("cpu")))
    generator = torch.Generator().manual_seed(0)
    pick = torch.multinomial(torch.ones(len(x0)), 16, replacement=True, generator=generator)
    epsilon = torch.randn((16, *x0.shape[1:]), generator=generator, dtype=torch.float64)
    for k in (5, 12, 18, 25):
        alpha = (1 / (1 + math.exp(-found.log_snr[k]))) ** 0.5
        std = (1 - alpha**2) ** 0.5
        errors = []
        for i, e in zip(pick.tolist(), epsilon, strict=True):
            mine = x0[(context == context[i]).all(dim=1)]
            x_t = alpha * x0[i] + std * e
            logit = -(x_t - alpha * mine).square().sum(dim=(1, 2, 3)) / (2 * std**2)
            best = (torch.softmax(logit, 0)[:, None, None, None] * mine).sum(dim=0)
            noise = (x_t - alpha * best) / std
            gap = {
                "x0": best - x0[i],
                "epsilon": noise - e,
                "v": (alpha * noise - std * best) - (alpha * e - std * x0[i]),
            }[prediction]
            errors.append(float(gap.square().mean()))
        assert found.error[k] == pytest.approx(np.mean(errors), rel=1e-3, abs=1e-9)
        assert found.stderr[k] == pytest.approx(np.std(errors, ddof=1) / 4, rel=1e-3, abs=1e-9)


def test_the_floor_counts_sprites_as_often_as_training_draws_them():
    """Three copies and one other sprite: at full noise, only the frequencies matter."""
    two = make_sprites(2, classes=0)
    sprites = replace(two.take(np.array([0, 0, 0, 1])), group=np.array([0, 0, 0, 1]))
    x0, _ = tensors(two, 4, torch.device("cpu"))
    apart = float((x0[0] - x0[1]).double().square().mean())
    from sprite_lab.engine.measuring import optimal_loss as module

    for balance, share in ((0.0, 3 / 4), (1.0, 1 / 2), (0.5, 3 / (3 + 3**0.5))):
        config = replace(CONFIG, flips=0.0, prediction_type="x0", group_balance=balance)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "learned_rows", lambda *_, **__: (np.arange(4), np.arange(4)))
            found = floor_of(config, sprites, draws=300)
        near = found.log_snr.argmin()
        # A sign known only with probability p has the variance p (1 - p).
        wanted = share * (1 - share) * apart
        assert abs(found.error[near] - wanted) < 4 * found.stderr[near] + 0.03 * wanted


def test_the_floor_of_words_is_that_of_whoever_is_told_them():
    """Sprites distinguished by words have no error if all words are given, and otherwise that of
    the mean over sprites with the given words, computed sprite by sprite.
    """
    plain = make_sprites(40, classes=0)
    words = np.array([("red", "red big", "big", "")[i % 4] for i in range(40)])
    sprites = replace(plain, words=words)
    vocabulary = Vocabulary((), ("big", "red"), ())
    config = replace(CONFIG, flips=0.0, label_dropout=0.25, prediction_type="x0")
    training, _ = split(sprites, config.validation_fraction, seed=0)
    found = drain(floor_iter(config, sprites, RunControl(), vocabulary, draws=400))
    x0, _ = tensors(training, 4, torch.device("cpu"))
    pictures = x0.double().flatten(1)
    # At full noise only words count: E |x0 - mean of those with the same words|^2.
    asked = [frozenset(str(text).split()) for text in training.words]
    wanted = 0.0
    for told in map(frozenset, ((), ("red",), ("big",), ("red", "big"))):
        chance = torch.tensor([_chance(told, of, 0.25) for of in asked], dtype=torch.float64)
        mean = (chance[:, None] * pictures).sum(0) / chance.sum()
        wanted += float((chance * (pictures - mean).square().mean(1)).sum() / len(asked))
    near = found.log_snr.argmin()
    assert abs(found.error[near] - wanted) < 4 * found.stderr[near]
    classes_only = floor_of(config, sprites, draws=400)
    assert found.error[near] < classes_only.error[near]


def _chance(told: frozenset, of: frozenset, dropout: float) -> float:
    """The probability of being given these words of a sprite, integrated over the share given."""
    if not told <= of:
        return 0.0
    share = (np.arange(10_000) + 0.5) / 10_000
    some = (share ** len(told) * (1 - share) ** (len(of) - len(told))).mean()
    chance = NO_WORDS * (not told) + ALL_WORDS * (told == of) + (1 - NO_WORDS - ALL_WORDS) * some
    return (1 - dropout) * chance + dropout * (not told)


def test_no_training_is_below_its_floor(run):
    """An untrained network is above it everywhere; and a student has no floor."""
    floor = floor_of(CONFIG, make_sprites())
    windows = [r for r in run[1] if isinstance(r, WindowRecord)]
    mean = windows[-1].levels.mean
    there = np.isfinite(mean) & (windows[-1].levels.counts > 3)
    assert (mean[there] > floor.error[there] - 4 * floor.stderr[there]).all()
    again = Floor.from_json(json.loads(json.dumps(floor.to_json())))
    assert again.error.tolist() == floor.error.tolist()
    assert Floor.from_json({"log_snr": [1.0]}) is None
    student = replace(CONFIG, network=replace(CONFIG.network, guided=True))
    with pytest.raises(RunError, match="teacher"):
        floor_of(student, make_sprites())


def test_where_the_network_is_not_told_the_floor_knows_the_augmented_set():
    """Unlabeled mirror images are more pictures to distinguish."""
    network = NetworkConfig(name="context_unet", width=16)
    plain = replace(CONFIG, network=network, flips=0.0, label_dropout=0.0)
    sprites = make_sprites(60)
    still = floor_of(plain, sprites).error
    mirrored = floor_of(replace(plain, flips=0.5), sprites).error
    middle = slice(6, 11)
    assert (mirrored[middle] > still[middle]).all()


def test_of_more_sprites_than_are_studied_there_is_no_floor(monkeypatch):
    from sprite_lab.engine.measuring import optimal_loss as module

    monkeypatch.setattr(module, "MOST_STUDIED", 20)
    with pytest.raises(RunError, match="all 30 training sprites by heart"):
        floor_of(replace(CONFIG, max_sprites=30), make_sprites(40), draws=2)


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"levels": "uniform", "prediction_type": "epsilon"},
        {"loss_weighting": "min_snr", "prediction_type": "x0"},
    ],
)
def test_the_mean_of_the_floor_is_what_training_would_record(settings):
    """At the levels that training draws and with its weights, also in the middle
    between two bins.
    """
    config = replace(CONFIG, **settings)
    floor = floor_of(config, make_sprites(40), draws=8)
    schedule = NoiseSchedule(config.schedule)
    drawn = draw_log_snr(config, schedule, 50_000, torch.Generator().manual_seed(0))
    levels = torch.from_numpy(floor.log_snr)
    weight = loss_weight(config.loss_weighting, config.prediction_type, levels).numpy()
    wanted = np.interp(drawn.numpy(), floor.log_snr, weight * floor.error).mean()
    assert floor.loss == pytest.approx(wanted, rel=0.03)


def test_what_is_predicted_does_not_change_the_mean_with_weights_that_make_up_for_it():
    """The best denoiser is the same, and the weighting "edm" weights its x0 error equally."""
    config, sprites = replace(CONFIG, loss_weighting="edm"), make_sprites(40)
    of_v, *others = (
        floor_of(replace(config, prediction_type=kind), sprites, draws=4).loss
        for kind in ("v", "epsilon", "x0")
    )
    assert others == pytest.approx([of_v] * 2, rel=1e-6)


def test_a_run_on_some_sprites_has_the_floor_of_all_beside_its_own(monkeypatch):
    from sprite_lab.engine.measuring import optimal_loss as module

    some = replace(CONFIG, max_sprites=5)
    sprites = make_sprites(40)
    found = drain(both_floors_iter(some, sprites, RunControl()))
    every = floor_of(CONFIG, sprites)
    assert found.sprites == 5
    assert found.whole is not None
    assert found.whole.sprites == every.sprites > 25
    assert found.whole.error.tolist() == every.error.tolist()
    assert found.error.tolist() == floor_of(some, sprites).error.tolist()
    assert found.loss < found.whole.loss
    assert drain(both_floors_iter(CONFIG, sprites, RunControl())).whole is None
    monkeypatch.setattr(module, "MOST_STUDIED", 20)
    assert drain(both_floors_iter(some, sprites, RunControl())).whole is None, "too many"
