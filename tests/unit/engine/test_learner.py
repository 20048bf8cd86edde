"""One step of learning: in parts where memory is short, compiled only where asked for."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sprite_lab.core.config import NetworkConfig, TrainConfig
from sprite_lab.core.errors import RunError
from sprite_lab.core.records import Notice, StepRecord
from sprite_lab.core.run import RunControl
from sprite_lab.engine.runtime import is_out_of_memory
from sprite_lab.engine.training import train_step as learner_module
from sprite_lab.engine.training.train_step import Learner
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.engine.training.training_task import sprite_task
from tests.made import make_sprites


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(autouse=True)
def _no_trials(monkeypatch):
    def once(work):
        work()
        return 1

    monkeypatch.setattr(learner_module, "choose_threads", once)


@pytest.fixture
def config():
    return TrainConfig(
        epochs=None,
        max_steps=3,
        batch_size=16,
        shifts=0.5,
        network=NetworkConfig(width=16),
        preview_count=2,
        preview_steps=1,
        precision="fp32",
        device="cpu",
    )


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


def test_a_run_short_of_memory_goes_on_and_says_so_once(tmp_path, config, monkeypatch):
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
    assert "16 sprites of a step are now learnt 8 at a time" in notice


def test_the_trial_is_halved_as_well(tmp_path, config, monkeypatch):
    """Memory may run out before the first step: it goes on and says so, compiled or not."""
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
        """torch.compile made to count instead: the real one takes most of a minute."""
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
