"""One training step: in parts if memory is short, compiled only on request."""

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch

from sprite_lab.core.config import NetworkConfig
from sprite_lab.core.errors import RunError
from sprite_lab.core.records import Notice, StepRecord
from sprite_lab.core.run import RunControl, drain
from sprite_lab.engine import runtime
from sprite_lab.engine.runtime import is_out_of_memory
from sprite_lab.engine.training import batch_trial
from sprite_lab.engine.training import train_step as learner_module
from sprite_lab.engine.training.batch_trial import choose_batch
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.train_step import Arithmetic, Learner
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.engine.training.training_task import sprite_task
from tests.made import make_sprites, short_training

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(autouse=True)
def _no_trials(monkeypatch):
    def once(work):
        work()
        return 1

    monkeypatch.setattr(learner_module, "choose_threads", once)


@pytest.fixture
def config():
    return short_training(3, shifts=0.5)


class ShortOfMemory:
    """A network on a device that has room for ``room`` sprites."""

    def __init__(self, network, room, error):
        self.room, self.error, self.sizes = room, error, []
        self._forward = network.forward
        network.forward = self

    def __call__(self, x_t, *rest):
        self.sizes.append(len(x_t))
        if len(x_t) > self.room:
            raise self.error
        return self._forward(x_t, *rest)


def out_of_memory():
    return torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def test_in_parts_a_step_is_the_same(config):
    whole, parts = (Learner(sprite_task(config, make_sprites())) for _ in range(2))
    memory = ShortOfMemory(parts.denoiser.network, 5, out_of_memory())
    data = sprite_task(config, make_sprites()).data
    for step in range(2):
        batch = data.batch(step)
        one, other = (learner.learn(batch, step + 1, 1e-3) for learner in (whole, parts))
        assert one == pytest.approx(other, rel=1e-4)
    assert (whole.part_size, parts.part_size) == (16, 4)
    assert memory.sizes == [16, 8, 4, 4, 4, 4, 4, 4, 4, 4]
    pairs = zip(whole.ema.module.parameters(), parts.ema.module.parameters(), strict=True)
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=1e-3, atol=2e-5)


def test_a_run_short_of_memory_continues_and_says_so_once(tmp_path, config, monkeypatch):
    made = []

    class Short(Learner):
        def __init__(self, task):
            super().__init__(task)
            error = RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: ...")
            self.threads = 1  # the trial comes before the first step
            made.append(ShortOfMemory(self.denoiser.network, 8, error))

    monkeypatch.setattr("sprite_lab.engine.training.trainer.lone_learner", Short)
    records = list(train_iter(config, make_sprites(), tmp_path / "run", RunControl()))
    assert [r.step for r in records if isinstance(r, StepRecord)] == [1, 2, 3]
    assert made[0].sizes == [16, 8, 8, 8, 8, 8, 8]
    (notice,) = (r.text for r in records if isinstance(r, Notice) and "Memory" in r.text)
    assert "16 sprites of a step are now learned 8 at a time" in notice


def test_the_trial_is_halved_as_well(tmp_path, config, monkeypatch):
    """Memory may run out before the first step: the run continues and says so, compiled or not."""
    lesson = sprite_task(config, make_sprites())
    learner = Learner(lesson)
    memory = ShortOfMemory(learner.denoiser.network, 8, out_of_memory())
    learner.prepare(lesson.data)
    assert (learner.part_size, memory.sizes[0]) == (8, 16)

    class Short(Learner):
        def __init__(self, task):
            super().__init__(task)
            ShortOfMemory(self.denoiser.network, 8, out_of_memory())

    monkeypatch.setattr("sprite_lab.engine.training.trainer.lone_learner", Short)
    records = list(train_iter(config, make_sprites(), tmp_path / "run", RunControl()))
    (notice,) = (r.text for r in records if isinstance(r, Notice) and "Memory" in r.text)
    assert "8 at a time" in notice


def test_no_room_in_the_trial_is_a_sentence(config):
    lesson = sprite_task(config, make_sprites())
    learner = Learner(lesson)
    ShortOfMemory(learner.denoiser.network, 0, out_of_memory())
    with pytest.raises(RunError, match="narrower network"):
        learner.prepare(lesson.data)


def test_without_room_for_one_sprite_it_ends_in_a_sentence(config):
    learner = Learner(sprite_task(config, make_sprites()))
    ShortOfMemory(learner.denoiser.network, 0, out_of_memory())
    batch = sprite_task(config, make_sprites()).data.batch(0)
    with pytest.raises(RunError, match="narrower network"):
        learner.learn(batch, 1, 1e-3)


def test_other_errors_stay_what_they_are(config):
    learner = Learner(sprite_task(config, make_sprites()))
    ShortOfMemory(learner.denoiser.network, 0, RuntimeError("shapes do not fit"))
    batch = sprite_task(config, make_sprites()).data.batch(0)
    with pytest.raises(RuntimeError, match="shapes do not fit"):
        learner.learn(batch, 1, 1e-3)
    assert learner.part_size == 16


@pytest.mark.parametrize(
    ("error", "is_memory"),
    [
        (torch.OutOfMemoryError("CUDA out of memory."), True),
        (MemoryError(), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 8 GB)"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), True),
        (RuntimeError("CUDA error: device-side assert triggered"), False),
        (ValueError("out of memory"), False),
    ],
)
def test_what_means_that_memory_ran_out(error, is_memory):
    assert is_out_of_memory(error) is is_memory


def test_the_trial_leaves_the_network_as_it_was(config):
    network = NetworkConfig(name="context_unet", width=16)  # with batch norm's running means
    task = sprite_task(replace(config, network=network), make_sprites())
    learner = Learner(task)
    before = {name: value.clone() for name, value in learner.denoiser.state_dict().items()}
    learner.prepare(task.data)
    assert learner.threads == 1
    assert all(p.grad is None for p in learner.denoiser.parameters())
    after = learner.denoiser.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)


class TestCompiling:
    @pytest.fixture
    def calls(self, monkeypatch):
        """Calls of torch.compile, which is replaced by a counter: the real one
        takes most of a minute.
        """
        calls = []

        def fake(forward, *, mode):
            def compiled(*arguments):
                calls.append(mode)
                return forward(*arguments)

            return compiled

        monkeypatch.setattr(torch, "compile", fake)
        return calls

    def test_only_where_asked_for(self, config, calls):
        task = sprite_task(config, make_sprites())
        learner = Learner(task)
        learner.learn(task.data.batch(0), 1, 1e-3)
        assert calls == []
        task = sprite_task(replace(config, compile=True), make_sprites())
        learner = Learner(task)
        learner.prepare(task.data)
        learner.learn(task.data.batch(0), 1, 1e-3)
        assert len(calls) >= 2
        assert set(calls) == {"default"}
        before = len(calls)
        next(task.validation.run(learner.ema.module))
        assert len(calls) == before  # the average stays as it is
        assert learner.denoiser.state_dict().keys() == learner.ema.module.state_dict().keys()

    def test_without_a_compiler_it_ends_in_a_sentence(self, tmp_path, config, monkeypatch):
        def fake(forward, *, mode):
            def compiled(*arguments):
                raise RuntimeError("InvalidCxxCompiler: no working C++ compiler\nand much more")

            return compiled

        monkeypatch.setattr(torch, "compile", fake)
        config = replace(config, compile=True)
        with pytest.raises(RunError, match="cannot be compiled") as caught:
            list(train_iter(config, make_sprites(), tmp_path / "run", RunControl()))
        assert "\n" not in str(caught.value)
        assert not (tmp_path / "run").exists()


def test_state_and_back(config):
    task = sprite_task(config, make_sprites())
    one, other = Learner(task), Learner(sprite_task(config, make_sprites()))
    for step in range(2):
        one.learn(task.data.batch(step), step + 1, 1e-3)
    state = {name: value.clone() for name, value in one.state().items()}
    other.restore(one.ema.module.state_dict(), state, 2)
    batch = task.data.batch(2)
    assert one.learn(batch, 3, 1e-3) == other.learn(batch, 3, 1e-3)
    pairs = zip(one.ema.module.parameters(), other.ema.module.parameters(), strict=True)
    assert all(torch.equal(a, b) for a, b in pairs)
    with pytest.raises(KeyError):
        other.restore(
            one.ema.module.state_dict(), {k: v for k, v in state.items() if "avg" not in k}, 2
        )


def test_a_batch_comes_apart_without_loss(config):
    batch = sprite_task(config, make_sprites()).data.batch(0)
    parts = list(batch.parts(5))
    assert [len(part.x0) for part in parts] == [5, 5, 5, 1]
    assert torch.equal(torch.cat([part.augment for part in parts]), batch.augment)
    assert all(part.guidance_scale is None for part in parts)
    np.testing.assert_array_equal(torch.cat([part.x0 for part in parts]), batch.x0)


class Costs:
    """A stand-in for the clock: seconds that a gradient takes in each arithmetic."""

    def __init__(self, monkeypatch, learner, **costs):
        self.now, self.seen = 0.0, []
        monkeypatch.setattr(runtime.time, "perf_counter", lambda: self.now)
        inner = learner._gradient

        def gradient(batch):
            layout = "last" if learner.arithmetic.channels_last else "first"
            name = f"{'bf16' if learner.arithmetic.bf16 else 'fp32'}_{layout}"
            self.seen.append(name)
            self.now += costs[name]
            return inner(batch)

        monkeypatch.setattr(learner, "_gradient", gradient)


def long_task(config):
    return sprite_task(replace(config, max_steps=300, precision="auto"), make_sprites(count=40))


def test_the_arithmetic_is_chosen_by_the_clock(config, monkeypatch):
    task = replace(long_task(config), bf16=True)  # as if the processor supported it
    learner = Learner(task)
    Costs(monkeypatch, learner, bf16_last=3.0, fp32_last=2.0, fp32_first=1.0)
    before = {name: value.clone() for name, value in learner.state().items()}
    learner.prepare(task.data)
    assert learner.arithmetic == Arithmetic(bf16=False, channels_last=False)
    for name, value in learner.state().items():
        assert torch.equal(value, before[name]), "a trial teaches nothing"
    weight = learner.denoiser.network.stem.weight
    assert weight.is_contiguous()
    learner.learn(task.data.batch(0), 1, 1e-3)
    assert learner.optimizer.exp_avg[0].stride() == learner.optimizer.parameters[0].stride()


def test_the_usual_arithmetic_stays_where_no_other_is_clearly_faster(config, monkeypatch):
    task = replace(long_task(config), bf16=False)
    learner = Learner(task)
    costs = Costs(monkeypatch, learner, fp32_last=1.0, bf16_last=0.95, fp32_first=9.0)
    learner.prepare(task.data)
    assert learner.arithmetic == Arithmetic(bf16=False, channels_last=True)
    assert costs.seen.count("fp32_first") == 2, "what is hopeless has no second run"


@pytest.mark.parametrize(
    "changes", [{"max_steps": 299}, {"max_seconds": 29.0}, {"precision": "fp32"}]
)
def test_a_short_run_tries_nothing_and_a_given_precision_stays(config, monkeypatch, changes):
    task = long_task(config)
    task = replace(task, config=replace(task.config, **changes), bf16=False)
    learner = Learner(task)
    costs = Costs(monkeypatch, learner, fp32_last=1.0, fp32_first=2.0)
    learner.prepare(task.data)
    assert ("fp32_first" in costs.seen) == ("precision" in changes)


def test_a_resumed_run_continues_in_the_arithmetic_that_it_began_with(
    config, monkeypatch, tmp_path
):
    monkeypatch.setattr(learner_module, "WORTH_IT", (1, 0.0))
    wanted = Arithmetic(bf16=False, channels_last=False)
    monkeypatch.setattr(
        learner_module, "fastest", lambda ways, use, *_: use(wanted) if wanted in ways else None
    )
    sprites, run = make_sprites(count=40), tmp_path / "run"
    drain(train_iter(config, sprites, run, RunControl()))
    manifest = RunFolder(run).read_manifest()
    assert (manifest["bf16"], manifest["channels_last"]) == wanted

    def nothing_is_tried(*_):
        raise AssertionError

    monkeypatch.setattr(learner_module, "fastest", nothing_is_tried)
    again = replace(config, max_steps=5)
    drain(train_iter(again, sprites, run, RunControl(), resume=True))
    assert RunFolder(run).read_manifest()["channels_last"] is False
    assert [row["step"] for row in RunFolder(run).read_metrics()] == [1, 2, 3, 4, 5]


def test_the_batch_is_chosen_by_the_clock(config, monkeypatch, tmp_path):
    seconds = {16: 2.0, 32: 3.0, 64: 4.0, 128: 7.8}

    def took(denoiser, config, count):
        if count not in seconds:
            raise torch.OutOfMemoryError
        return seconds[count]

    monkeypatch.setattr(batch_trial, "gradient_seconds", took)
    denoiser = sprite_task(config, make_sprites(count=40)).denoiser
    assert choose_batch(denoiser, config) == 64, "twice 64 take nearly twice as long"
    del seconds[128]
    assert choose_batch(denoiser, config) == 64, "there is no room for more"
    assert choose_batch(denoiser, config, most=50) == 32
    assert choose_batch(denoiser, config, most=10) == 10
    run = tmp_path / "run"
    begun = train_iter(replace(config, batch_size=0), make_sprites(count=50), run, RunControl())
    notices = [record.text for record in begun if isinstance(record, Notice)]
    assert "Batches of 32 sprites" in notices[0]
    assert RunFolder(run).read_config().batch_size == 32


def test_a_trial_of_batches_leaves_the_network_as_it_was(config):
    course = replace(config, network=replace(config.network, name="context_unet"))
    denoiser = sprite_task(replace(course, flips=0.0, shifts=0.0), make_sprites()).denoiser
    before = {name: value.clone() for name, value in denoiser.state_dict().items()}
    assert batch_trial.gradient_seconds(copy.deepcopy(denoiser).train(), course, 4) > 0
    assert choose_batch(denoiser, course, most=16) == 16
    for name, value in denoiser.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(parameter.grad is None for parameter in denoiser.parameters())
