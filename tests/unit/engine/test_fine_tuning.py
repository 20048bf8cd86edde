"""Starting from a model: at first, the new network computes what the model does."""

import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch

from sprite_lab.core.config import NetworkConfig, ScheduleConfig
from sprite_lab.core.errors import RunError
from sprite_lab.core.records import EvalRecord, StepRecord
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.credits import Credit
from sprite_lab.core.sets.vocabulary import Vocabulary
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.training import train_step as learner
from sprite_lab.engine.training.fine_tuning import WARM_UP_STEPS, fine_tuning, take_weights
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.engine.training.training_task import sprite_task
from tests.made import make_sprites, short_training
from tests.made_model import made_denoiser

NAMES = ("hero", "creature", "food")


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch):
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(learner, "choose_threads", lambda work: 1)
    yield
    torch.set_num_threads(before)


def make_denoiser(seed=0, **network):
    """A network with only non-zero weights."""
    network = {"width": 16, "num_classes": 3, **network}
    return made_denoiser(NetworkConfig(**network), seed=seed)


def make_model(names=NAMES, **network):
    return Model(
        denoiser=make_denoiser(num_classes=len(names), **network),
        schedule=NoiseSchedule(ScheduleConfig()),
        vocabulary=Vocabulary(names),
        title="old",
        step=7,
        data_fingerprint="",
        data_title="",
    )


def inputs(channels=3):
    generator = torch.Generator().manual_seed(1)
    return torch.randn(4, channels, 16, 16, generator=generator), torch.linspace(-3, 3, 4)


def begun(start, names, **network):
    """A fresh network, as created for training, with the weights of ``start``."""
    torch.manual_seed(5)
    network = replace(start.denoiser.config, num_classes=len(names), **network)
    denoiser = Denoiser(network, "v").eval().requires_grad_(False)
    take_weights(denoiser, Vocabulary(names), start)
    return denoiser


@pytest.mark.parametrize("name", ["patch_unet", "context_unet"])
def test_classes_go_by_their_names(name):
    start = make_model(name=name)
    new = begun(start, ("food", "tree", "hero"))
    x_t, log_snr = inputs()
    for column, old in ((0, 2), (2, 0)):
        before = torch.zeros(4, 3)
        after = torch.zeros(4, 3)
        before[:, old] = after[:, column] = 1.0
        one = start.denoiser.predict(x_t, log_snr, before)
        torch.testing.assert_close(new.predict(x_t, log_snr, after), one)
    # A new class starts as no class.
    tree = torch.zeros(4, 3)
    tree[:, 1] = 1.0
    none = start.denoiser.predict(x_t, log_snr, torch.zeros(4, 3))
    torch.testing.assert_close(new.predict(x_t, log_snr, tree), none)


@pytest.mark.parametrize(("old", "new"), [(NAMES, ()), ((), NAMES), ((), ())])
def test_with_classes_or_without(old, new):
    start = make_model(old)
    denoiser = begun(start, new)
    x_t, log_snr = inputs()
    before = start.denoiser.predict(x_t, log_snr, torch.zeros(4, len(old)))
    for context in (torch.zeros(4, len(new)), torch.ones(4, len(new))):
        torch.testing.assert_close(denoiser.predict(x_t, log_snr, context), before)


def test_alpha_is_added_and_means_nothing_at_first():
    start = make_model()
    denoiser = begun(start, NAMES, channels=4, augment_labels=8)
    x_t, log_snr = inputs(4)
    context = torch.eye(4, 3)
    before = start.denoiser.predict(x_t[:, :3], log_snr, context)
    after = denoiser.predict(x_t, log_snr, context, torch.ones(4, 8))
    torch.testing.assert_close(after[:, :3], before)
    assert not after[:, 3].any()


def test_alpha_is_taken_away():
    start = make_model(channels=4, augment_labels=8)
    denoiser = begun(start, NAMES, channels=3, augment_labels=0)
    for name, value in denoiser.state_dict().items():
        if name not in ("network.stem.weight", "data_mean") and "head" not in name:
            assert torch.equal(value, start.denoiser.state_dict()[name]), name
    assert torch.equal(denoiser.network.head.weight, start.denoiser.network.head.weight[:12])
    assert torch.equal(denoiser.network.stem.weight, start.denoiser.network.stem.weight[:, :12])


@pytest.fixture
def config():
    return short_training(
        2, network=NetworkConfig(width=32), schedule=ScheduleConfig(name="linear")
    )


def test_the_model_decides_what_it_must(config):
    start = make_model(augment_labels=8)
    tuned = fine_tuning(config, start)
    assert tuned.network.width == 16
    assert tuned.schedule == start.schedule_config
    assert tuned.prediction_type == "v"
    assert tuned.warm_up_steps == WARM_UP_STEPS
    assert tuned.batch_size == config.batch_size
    assert fine_tuning(replace(config, warm_up_steps=5), start).warm_up_steps == 5


def test_a_run_begins_with_the_weights_and_is_resumed_without_the_model(tmp_path, config):
    sprites = replace(make_sprites(), credits=(Credit("first", author="Ann"),))
    config = fine_tuning(replace(config, max_steps=30), make_model())
    drain(train_iter(config, sprites, tmp_path / "first", RunControl()))
    start = load_model(tmp_path / "first", "cpu")
    assert start.denoiser.config.channels == 4
    assert start.credits == sprites.credits
    sprites = replace(sprites, credits=(Credit("second", author="Bob"),))

    config = replace(fine_tuning(config, start), max_steps=2, learning_rate=1e-7)
    task = sprite_task(config, sprites, start)
    for name, value in task.denoiser.state_dict().items():
        assert torch.equal(value, start.denoiser.state_dict()[name]), name
    run = train_iter(config, sprites, tmp_path / "second", RunControl(), init=start)
    first = next(record for record in run if isinstance(record, EvalRecord))
    drain(run)
    last = list(RunFolder(tmp_path / "first").read_metrics())[-1]
    assert first.epsilon_error == pytest.approx(last["epsilon_error"], rel=1e-3)
    manifest = RunFolder(tmp_path / "second").read_manifest()
    assert manifest["data"]["init"] == {"title": "first", "step": 30}
    both = [{"source": "first", "author": "Ann"}, {"source": "second", "author": "Bob"}]
    assert manifest["data"]["credits"] == both  # for everything in the weights
    more = replace(config, max_steps=3)
    records = train_iter(more, sprites, tmp_path / "second", RunControl(), resume=True)
    assert next(r for r in records if isinstance(r, StepRecord)).step == 3
    drain(records)
    assert len(load_model(tmp_path / "second", "cpu").credits) == 2


def test_a_run_killed_right_after_it_began_goes_on_without_the_model(tmp_path, config):
    sprites = make_sprites()
    drain(train_iter(config, sprites, tmp_path / "first", RunControl()))
    start = load_model(tmp_path / "first", "cpu")
    config = replace(fine_tuning(config, start), max_steps=3)
    run = train_iter(config, sprites, tmp_path / "second", RunControl(), init=start)
    next(record for record in run if isinstance(record, StepRecord) and record.step == 2)
    shutil.copytree(tmp_path / "second", tmp_path / "killed")  # as a kill would leave it
    run.close()
    records = train_iter(config, sprites, tmp_path / "killed", RunControl(), resume=True)
    assert next(r for r in records if isinstance(r, StepRecord)).step == 2
    drain(records)
    assert load_model(tmp_path / "killed", "cpu").step == 3


def test_what_cannot_fit_is_refused_in_a_sentence(config):
    sprites = make_sprites()
    wider = replace(fine_tuning(config, make_model()), network=NetworkConfig(width=32))
    with pytest.raises(RunError, match="a different network"):
        sprite_task(wider, sprites, make_model())
    with pytest.raises(RunError, match="16×16, but these sprites are 24×24"):
        sprite_task(fine_tuning(config, make_model()), make_sprites(size=24), make_model())
    student = make_model(guided=True)
    with pytest.raises(RunError, match="is a student"):
        sprite_task(fine_tuning(config, student), sprites, student)
    course = make_model(name="context_unet")
    unclassed = replace(sprites, labels=np.full(len(sprites), -1), class_names=())
    with pytest.raises(RunError, match="both have classes, or neither"):
        sprite_task(fine_tuning(config, course), unclassed, course)
