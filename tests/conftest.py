"""Setup shared by all tests: no window, no user folders, few threads, made sprites."""

from __future__ import annotations

import gc
import os
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

# Before anything imports Qt, torch or sprite_lab.paths.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# pytest's workers share the processor: more torch threads would only be in the way.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["SPRITE_LAB_HOME"] = tempfile.mkdtemp(prefix="sprite-lab-tests-")

import hypothesis
import numpy as np
import pytest
from filelock import FileLock, Timeout

from sprite_lab.__main__ import import_qt
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.paths import resource
from sprite_lab.words import VARIABLE, language, use_language
from tests.made import make_sprites

import_qt()  # as the app does

# As in the app, no worker collects garbage (sprite_lab/jobs/collector.py): _collect does, before
# each test. While tests are being imported, there is little garbage and much to search.
gc.disable()

# English, except for what tests/gui/test_languages.py runs; before modules with texts are imported.
use_language(os.environ.get(VARIABLE, ""))

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication
    from pytestqt.qtbot import QtBot

    from sprite_lab.engine.models.model import Model
    from sprite_lab.ui.theme import ThemeManager

# How long an example takes says more about the machine than about the code.
hypothesis.settings.register_profile("no timing", deadline=None)
hypothesis.settings.load_profile("no timing")

ROOT = Path(__file__).resolve().parent.parent

OURS = (str(ROOT / "sprite_lab"), str(ROOT / "tests"))

#: Seconds that threads have to end after a test.
LEAVING = 60.0


def pytest_addoption(parser: pytest.Parser) -> None:
    words = "run files, and the tests of each, in an order that the seed decides"
    parser.addoption("--shuffle", type=int, metavar="SEED", help=words)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    seed = config.getoption("shuffle")
    if seed is not None:
        rng = random.Random(seed)
        turn = {path: rng.random() for path in dict.fromkeys(item.path for item in items)}
        rng.shuffle(items)
        # Fixtures shared by a file's tests are made once
        items.sort(key=lambda item: turn[item.path])


def pytest_collection_finish() -> None:
    """Freeze what tests and modules consist of, so that :func:`_collect` need not search it."""
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Let one worker compile the tests, which takes longer than running many of them; the others
    wait and load the result.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ or sys.dont_write_bytecode:
        return (yield)
    lock = FileLock(Path(__file__).with_name("__pycache__") / "compiling.lock")
    try:
        lock.acquire(blocking=False)
    except Timeout:
        with lock:
            pass
        return (yield)
    try:
        return (yield)
    finally:
        lock.release()


@pytest.fixture(scope="session", autouse=True)
def _home() -> Iterator[Path]:
    """The folder that stands in for the user's, removed at the end."""
    home = Path(os.environ["SPRITE_LAB_HOME"])
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session", autouse=True)
def _same_on_every_processor() -> Iterator[None]:
    """Use float32 even where bfloat16 would be chosen: its rounding gives different sprites."""
    import torch

    chosen = torch.cpu._is_avx512_bf16_supported
    torch.cpu._is_avx512_bf16_supported = lambda: False
    yield
    torch.cpu._is_avx512_bf16_supported = chosen


@pytest.fixture(scope="session", autouse=True)
def _threads_not_tried() -> Iterator[None]:
    """Skip the trial of thread counts before training: half a dozen steps beside other tests."""
    import torch

    from sprite_lab.engine.training import train_step

    def one(work: object) -> int:
        torch.set_num_threads(1)
        return 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(train_step, "choose_threads", one)
        yield


@pytest.fixture(scope="session", autouse=True)
def _disk_not_awaited() -> Iterator[None]:
    """Skip fsync: files need not survive a power loss
    (tests/reliability/power_loss.py tries it).
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _briefly_validated() -> Iterator[None]:
    """Shorten validation, on which trainings of a few steps would spend half of their time: 64
    sprites at 512 levels, or 8 batches of the teacher for a student.
    """
    from sprite_lab.engine.training import distill

    with _validated(sprites=16, levels=2), pytest.MonkeyPatch.context() as patch:
        patch.setattr(distill, "_VALIDATION_BATCHES", 1)
        yield


@pytest.fixture(scope="session", autouse=True)
def _few_samples_for_copies() -> Iterator[None]:
    """Draw few samples when a training run counts copies: tests choose those samples themselves."""
    from sprite_lab.engine.training import trainer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(trainer, "COPIES_COUNT", 8)
        patch.setattr(trainer, "COPIES_STEPS", 1)
        yield


@pytest.fixture(scope="module")
def every_level() -> Iterator[None]:
    """Validation as in the app, for tests of losses by level."""
    with _validated(sprites=64, levels=8):
        yield


@contextmanager
def _validated(sprites: int, levels: int) -> Iterator[None]:
    """Validate on ``sprites`` sprites, each at ``levels`` noise levels."""
    from sprite_lab.engine.training import validation

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(validation, "SPRITES", sprites)
        patch.setattr(validation, "_LEVELS_PER_SPRITE", levels)
        yield


@pytest.fixture(scope="session", autouse=True)
def _measured_everywhere() -> None:
    """Trace Qt's threads, too: before Python 3.12, coverage sees only those that Python started."""
    if threading.gettrace() is None:
        return
    from sprite_lab.jobs import Worker

    run = Worker.run

    def traced(self: Worker) -> None:
        sys.settrace(threading.gettrace())
        run(self)

    Worker.run = traced  # type: ignore[method-assign]


def _our_threads() -> dict[int, traceback.StackSummary]:
    """The stacks of all threads, including Qt's, that run our code."""
    stacks = {i: traceback.extract_stack(f) for i, f in sys._current_frames().items()}
    return {i: s for i, s in stacks.items() if any(each.filename.startswith(OURS) for each in s)}


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    """Check that threads end with the test that started them."""
    before = set(sys._current_frames())
    yield
    if not sys._current_frames().keys() - before:
        return
    deadline = time.monotonic() + LEAVING
    while left := [stack for i, stack in _our_threads().items() if i not in before]:
        if time.monotonic() > deadline:
            pytest.fail("left running:\n" + "\n".join("".join(stack.format()) for stack in left))
        time.sleep(0.01)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    """Give a test the same random numbers whichever test ran before it."""
    import torch

    random.seed(0)
    np.random.seed(0)
    # torch.manual_seed would also look for accelerators to seed.
    torch.default_generator.manual_seed(0)


@pytest.fixture(autouse=True)
def _language_as_it_was() -> Iterator[None]:
    before = language()
    yield
    if language() != before:
        use_language(os.environ.get(VARIABLE, ""))


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    from tests.qt import PatientBot

    return PatientBot(request)


@pytest.fixture(scope="session")
def _theme(qapp: QApplication) -> ThemeManager:
    """One theme manager, as in the app: each applies its style to every widget."""
    from sprite_lab.ui.theme import ThemeManager

    return ThemeManager(qapp, "light")


@pytest.fixture(autouse=True)
def _collect() -> None:
    """Collect the garbage of the previous test, which is held until its very end.

    The remaining objects live as long as the session, so later collections skip them.
    """
    while gc.collect():
        pass  # what some objects held becomes garbage only once they are gone
    gc.freeze()


@pytest.fixture(scope="session")
def diffusers() -> ModuleType:
    """The package, which takes seconds to load: only workers that run its tests need it."""
    return pytest.importorskip("diffusers")  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real sprites, which are not ours to ship; skips if it is missing."""
    folder = Path(os.environ.get("SPRITE_LAB_SHARED", ROOT.parent / "shared" / "data"))
    if not (folder / "real_sprites.npz").is_file():
        pytest.skip("real sprites are not here (set SPRITE_LAB_SHARED to their folder)")
    return folder


@pytest.fixture(scope="session")
def _small_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The models that come with the app, with the smallest possible networks and without color
    attention, which takes half the time of such a network.
    """
    import torch

    from sprite_lab.core.config import TrainConfig
    from sprite_lab.diffusion.denoiser import Denoiser
    from sprite_lab.engine.models.checkpoint import read_metadata, save_tensors

    models = tmp_path_factory.mktemp("resources") / "models"
    # they belong to the full-size networks
    without_weak = shutil.ignore_patterns("*.weak.safetensors")
    for shipped in resource("models").iterdir():
        shutil.copytree(shipped, models / shipped.name, ignore=without_weak)
        weights = models / shipped.name / "weights.safetensors"
        metadata = read_metadata(weights)
        if "prediction_type" in metadata.get("config", {}):
            config = TrainConfig.from_json(metadata["config"])
            network = replace(config.network, width=16, colour_attention=False)
            config = replace(config, network=network)
            torch.manual_seed(0)
            denoiser = Denoiser(network, config.prediction_type)
            facts = metadata | {"config": config.to_json()}
            save_tensors(weights, denoiser.state_dict(), facts)
    return models


@pytest.fixture(scope="session")
def _load_small_once(_small_models: Path) -> Callable[..., Model]:
    """Stand in for ``load_model``: read each of these models once, as most tests of the window open
    one. Each call returns a new object, as if the file were read again.
    """
    import torch

    from sprite_lab.diffusion.patch_unet import PatchUNet
    from sprite_lab.engine.models.model import load_model

    class Untrained(PatchUNet):
        """A network that predicts zeros until it learns: the weights of its last layer are zero."""

        def forward(self, x_t: torch.Tensor, *rest: torch.Tensor | None) -> torch.Tensor:
            weight = self.head.weight
            if weight.requires_grad or weight.any():
                return super().forward(x_t, *rest)  # type: ignore[arg-type]
            return torch.zeros_like(x_t)

    names = {folder.name for folder in _small_models.iterdir()}
    loaded: dict[tuple[str, str, str], Model] = {}

    def load(ref: str | Path, device: str = "auto") -> Model:
        if not isinstance(ref, str) or ref not in names:
            return load_model(ref, device)
        key = ref, device, language()  # in which its title is written
        if key not in loaded:
            loaded[key] = load_model(ref, device)
            network = loaded[key].denoiser.network
            if isinstance(network, PatchUNet):
                network.__class__ = Untrained
        return replace(loaded[key])

    return load


@pytest.fixture
def small_models(
    _small_models: Path, _load_small_once: Callable[..., Model], monkeypatch: pytest.MonkeyPatch
) -> Path:
    """Shipped models that draw ten times as fast, though nothing like sprites.

    Measuring is shortened, too: coders learn from few sprites, and few sprites are compared.
    """
    monkeypatch.setattr("sprite_lab.engine.models.model.resource", _small_models.parent.joinpath)
    monkeypatch.setattr("sprite_lab.engine.models.model.load_model", _load_small_once)
    monkeypatch.setattr("sprite_lab.engine.measuring.measuring.LEARNED", 60)
    monkeypatch.setattr("sprite_lab.engine.measuring.neighbors.MOST_VALIDATION", 25)
    monkeypatch.setattr("sprite_lab.engine.measuring.thermodynamics.MOST_STUDIED", 100)
    monkeypatch.setattr("sprite_lab.app.see.see_tasks._DRAWN", 100)
    return _small_models


@pytest.fixture
def quick_models(request: pytest.FixtureRequest) -> None:
    """Small models in place of the shipped ones, unless the test has the mark ``learned``."""
    if request.node.get_closest_marker("learned") is None:
        request.getfixturevalue("small_models")


@pytest.fixture
def signals_heeded() -> Iterator[None]:
    """Restore signals that end a program: jobs behind ``nohup`` or a shell's ``&`` ignore them."""
    from sprite_lab.cli.follow import ENDING

    usual = {signal.SIGINT: signal.default_int_handler}
    before = {number: signal.signal(number, usual.get(number, signal.SIG_DFL)) for number in ENDING}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def few_threads() -> Iterator[None]:
    """Two torch threads at most while the test runs: tests share a machine."""
    import torch

    yield from _threads(min(2, torch.get_num_threads()))


@pytest.fixture
def one_thread() -> Iterator[None]:
    """One torch thread while the test runs."""
    yield from _threads(1)


def _threads(count: int) -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def sprites() -> SpriteSet:
    """80 made sprites in five classes, 16x16."""
    return make_sprites()


@pytest.fixture(scope="session")
def sprites_file(sprites: SpriteSet, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, as an .npz file."""
    from sprite_lab.formats.sets.sprites import save_sprites

    path = tmp_path_factory.mktemp("data") / "made.npz"
    save_sprites(path, sprites)
    return path
