"""Kills, failing calls and signals at every system call of everything that saves.

``python -m tests.reliability.kills --count 10000`` kills commands that often (``kill -9``), each
time at one of their writing calls, and checks the result: no earlier file is damaged, a new file is
whole or absent, and the same command, with ``--resume`` for a training run, completes the work with
bit-identical results. ``--chains`` also kills the resumed command, at random calls, until one gets
through. ``--errors`` makes each call fail instead, once with each of ENOSPC, EIO and EACCES, and
``--signals`` sends SIGINT and SIGTERM: one sentence, nothing damaged, nothing left behind. A small
preloaded library counts the calls and interferes (``faults.c``; needs Linux and a C compiler).

Each trial is a forked child of a process that has done everything once. The command to be killed is
forked at its first write, and each distinct result is resumed only once, so most trials take
hundredths of a second instead of three seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import errno
import functools
import hashlib
import importlib
import itertools
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NoReturn

SOURCE = Path(__file__).with_name("faults.c")

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)

#: As faults.c expects them: Ctrl+C, and system shutdown.
SIGNALS = (-signal.SIGINT, -signal.SIGTERM)

#: Trials that are not commands: the window handles signals for all of its saves.
NO_COMMANDS = ("cancel", "project", "palette", "data", "data-store", "settings", "results")
NO_COMMANDS += ("aseprite", "measurement")

#: Commands without a trial: they write nothing, or only to the hub or the user's folder.
LEFT_OUT = ("push", "serve", "info", "selftest")

#: Commands that this process has run.
RUN: set[str] = set()

#: Training runs, and how many steps each takes.
STEPS = {"train": 6, "resume": 6, "cancel": 6, "distill": 4}

#: Modules that the commands import lazily.
IMPORTED = (
    "huggingface_hub",
    "optuna.storages.journal",
    "sprite_lab.app.data.data_tasks",
    "sprite_lab.app.shell.settings",
    "sprite_lab.cli.main",
    "sprite_lab.data.datasets",
    "sprite_lab.engine.measuring.lab_report",
    "sprite_lab.engine.models.hub",
    "sprite_lab.engine.models.model_export",
    "sprite_lab.engine.sampling.reverse",
    "sprite_lab.engine.training.distill",
    "sprite_lab.engine.training.sweep",
    "sprite_lab.formats.animation.animation_files",
    "sprite_lab.formats.aseprite.aseprite",
    "sprite_lab.formats.importing.into_store",
    "sprite_lab.formats.images.palettes",
    "sprite_lab.formats.project",
    "sprite_lab.formats.results",
    "tensorboard.backend.event_processing.event_accumulator",
    "torch.utils.tensorboard",
)

#: Exit code of a child that raised an unexpected exception.
_TRACEBACK = 70


def library(folder: Path) -> Path | None:
    """The preloaded library, compiled into ``folder``; None where that is impossible."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        return None
    built = folder / "faults.so"
    flags = ("-O2", "-shared", "-fPIC", "-o", str(built), str(SOURCE), "-ldl")
    subprocess.run([compiler, *flags], check=True, capture_output=True)
    return built


@dataclass(frozen=True)
class Trial:
    """A command, or another action, that saves.

    Parameters
    ----------
    prepare : makes the earlier files, in an empty folder.
    act : the command; True if it did its work.
    finish : what a person does after a kill; None = ``act`` again.
    made : names of the files that must equal those of an undisturbed run at the end; other files
        are temporary, or contain the time.
    kept : names of earlier files, which must be the old or the new ones at all times.
    waits : whether it can be forked at its first call, which a lock held by then would prevent.
    of : a hash of what must be equal in a made file; "" = it is absent or unreadable.
    """

    name: str
    prepare: Callable[[Path], None]
    act: Callable[[Path], bool]
    made: tuple[str, ...]
    finish: Callable[[Path], bool] | None = None
    kept: tuple[str, ...] = ()
    waits: bool = True
    of: Callable[[Path], str] = field(default=lambda path: digest(path))


def _command(*arguments: object) -> bool:
    from sprite_lab.cli.main import main

    RUN.add(str(arguments[0]))
    code = main([str(argument) for argument in arguments])
    assert code in (0, 1, 130), f"exit code {code}"
    return code == 0


class Acts:
    """The commands. ``shared`` has sprites.npz, pictures/ and half/, a run of 3 steps."""

    def __init__(self, shared: Path) -> None:
        self._shared = shared

    def train(self, folder: Path, *more: str) -> bool:
        data = ("--data", self._shared / "sprites.npz", "--batch-size", 8, "--device", "cpu")
        return _command("train", *data, "--max-steps", 6, "--out", folder / "run", *more)

    def go_on(self, folder: Path) -> bool:
        return self.train(folder, *(["--resume"] if (folder / "run").exists() else []))

    def half_way(self, folder: Path) -> None:
        shutil.copytree(self._shared / "half", folder / "run")

    def call_off(self, folder: Path) -> bool:
        from sprite_lab.core.records import StepRecord
        from sprite_lab.core.run import RunControl
        from sprite_lab.engine.training.trainer import train_iter
        from sprite_lab.formats.sets.sprites import load_sprites

        control, config = RunControl(), replace(_quick(), max_steps=6)
        sprites = load_sprites(self._shared / "sprites.npz")
        for record in train_iter(config, sprites, folder / "run", control):
            if isinstance(record, StepRecord) and record.step == 4:
                control.cancel()
        # a folder that cannot be removed is empty at least
        return not any((folder / "run").rglob("*"))

    def importing(self, name: str) -> Callable[[Path], bool]:
        def act(folder: Path) -> bool:
            if name.endswith(".sprites") and (folder / name).exists():
                return True
            return _command("import", self._shared / "pictures", "--out", folder / name)

        return act

    def sample(self, name: str, *more: object) -> Callable[[Path], bool]:
        asked = ("--count", 3, "--steps", 2, "--device", "cpu", *more)
        model = ("--model", self._shared / "half")
        return lambda folder: _command("sample", *model, "--out", folder / name, *asked)

    def drawn(self, command: str, name: str, *more: object) -> Callable[[Path], bool]:
        """Another command that draws with a model."""
        asked = ("--model", self._shared / "half", "--steps", 2, "--device", "cpu", *more)
        return lambda folder: _command(command, *asked, "--out", folder / name)

    def export(self, folder: Path) -> bool:
        asked = ("--kind", "reverse", "--count", 2, "--steps", 3, "--device", "cpu")
        return _command("export", self._shared / "half", "--out", folder / "a.gif", *asked)

    def export_model(self, name: str) -> Callable[[Path], bool]:
        def act(folder: Path) -> bool:
            out = folder / name
            done = out.is_dir()  # a folder appears as a whole
            return done or _command("export-model", self._shared / "half", "--out", out)

        return act

    def page(self, folder: Path) -> bool:
        asked = ("--count", 2, "--no-reverse", "--no-forward", "--no-history")
        return _command("export-web", self._shared / "half", "--out", folder / "a.html", *asked)

    def compress(self, folder: Path) -> bool:
        asked = ("--model", self._shared / "half", "--limit", 1)
        file = self._shared / "sprites.npz"
        return _command("compress", file, *asked, "--out", folder / "a.spritez")

    def decompress(self, folder: Path) -> bool:
        file, model = self._shared / "a.spritez", self._shared / "half"
        return _command("decompress", file, "--model", model, "--out", folder / "a.npz")

    def distill(self, folder: Path) -> bool:
        asked = ("--max-steps", 4, "--batch-size", 4, "--device", "cpu")
        more = ["--resume"] if (folder / "run").exists() else []
        model = ("--model", self._shared / "half")
        return _command("distill", *model, "--out", folder / "run", *asked, *more)

    def evaluate(self, folder: Path) -> bool:
        data = ("--data", self._shared / "sprites.npz", "--split", "all", "--limit", 4)
        asked = ("--classify", *data, "--device", "cpu")
        return _command("evaluate", "--model", folder / "run", "--out", folder / "a.json", *asked)

    def report(self, folder: Path) -> bool:
        return _command(
            "report", self._shared / "half", "--out", folder / "a.html", "--device", "cpu"
        )

    def events(self, folder: Path) -> bool:
        done = (folder / "events" / "half").exists()
        return done or _command("export-events", self._shared / "half", "--out", folder / "events")

    def sweep(self, folder: Path) -> bool:
        begun = (folder / "sweep" / "sweep.json").exists()
        small = ("--width", 16, "--batch-size", 8, "--device", "cpu", "--max-steps", 2)
        data = ("--data", self._shared / "sprites.npz")
        new = () if begun else (*data, "--try", "seed=3,4", *small)
        return _command("sweep", "--out", folder / "sweep", *new)

    def pull(self, folder: Path) -> bool:
        done = (folder / "heroes").exists()
        return done or _command("pull", "ada/heroes", "--out", folder / "heroes")

    def save_data(self, name: str) -> Callable[[Path], bool]:
        """Save an edited set, like the window."""

        def act(folder: Path) -> bool:
            from sprite_lab.app.data.data_tasks import save_data
            from sprite_lab.core.run import RunControl, drain
            from sprite_lab.formats.sets.sprites import load_sprites

            if name.endswith(".sprites") and (folder / name / "set.json").exists():
                return True
            sprites = load_sprites(self._shared / "sprites.npz")
            drain(save_data(folder / name, sprites)(RunControl()))
            return True

        return act


def _settings(folder: Path, **changed: object) -> bool:
    from sprite_lab.app.shell.settings import Settings

    settings = Settings(folder / "settings.json")
    assert not settings.problem, settings.problem
    settings.replace(**(changed or {"text_size": 125}))
    settings.save()
    return True


def _old_settings(folder: Path) -> None:
    _settings(folder, theme="dark")


def _results(folder: Path) -> bool:
    from sprite_lab.formats.results import Results, TakenLesson, save_results

    save_results(folder / "b.results.json", Results("Ben", (TakenLesson("a", "A", 3),)))
    return True


def _aseprite(folder: Path) -> bool:
    import numpy as np

    from sprite_lab.formats.aseprite.aseprite import write_aseprite

    write_aseprite(folder / "a.ase", np.full((2, 16, 16, 4), 255, np.uint8), [100, 100])
    return True


def _measurement(folder: Path) -> bool:
    from sprite_lab.formats.measurements import save_measured
    from tests.unit.formats.test_measurements import MODEL, measured

    save_measured(folder / "m.npz", measured(), MODEL)
    return True


def _project(folder: Path, title: str = "new") -> bool:
    from sprite_lab.core.pixels.cells import CellSheet
    from sprite_lab.formats.project import save_project

    save_project(folder / "a.spritelab", CellSheet(rows=2, columns=2, title=title))
    return True


def _palette(folder: Path) -> bool:
    from sprite_lab.core.pixels.palette import NamedPalette
    from sprite_lab.formats.images.palettes import save_palette

    save_palette(folder / "a.gpl", NamedPalette("mine", ((0, 0, 0, 255), (9, 0, 0, 255))))
    return True


def _nothing(folder: Path) -> None:
    pass


def _old_project(folder: Path) -> None:
    _project(folder, "old")


def _older(*names: str) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        for name in names:
            (folder / name).write_bytes(b"from before")

    return prepare


def _both(*each: Callable[[Path], None]) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        for one in each:
            one(folder)

    return prepare


def _over(name: str, act: Callable[[Path], bool], *files: str) -> Trial:
    """A command that replaces files; at any time, either the old or the new ones exist."""
    return Trial(name, _older(*files), act, files, kept=files)


def trials(shared: Path) -> list[Trial]:
    """A trial for everything that saves."""
    acts = Acts(shared)
    last, first = (f"run/checkpoints/step-000000{n}.safetensors" for n in (6, 3))
    store = tuple(f"s.sprites/{name}" for name in ("set.json", "images.npy", "words.npy"))
    project, settings = ("a.spritelab",), ("settings.json",)
    sheet = ("a.png", "a.json")
    reports, student = ("a.json", "a.html"), "run/checkpoints/step-0000004.safetensors"
    folder_files = ("m.diffusers/model_index.json", "m.diffusers/denoiser/model.safetensors")
    swept = tuple(f"sweep/trial-000{n}/checkpoints/step-0000002.safetensors" for n in (0, 1))
    grounds = ("--first", "hero", "--second", "food")
    drawing = ("--drawing", shared / "pictures" / "red slime 0.png")
    return [
        Trial("train", _nothing, acts.train, (first, last), acts.go_on),
        Trial("resume", acts.half_way, acts.go_on, (first, last), kept=("run/run.json", first)),
        Trial("cancel", _nothing, acts.call_off, (last,), acts.go_on),
        _over("import", acts.importing("a.npz"), "a.npz"),
        Trial("store", _nothing, acts.importing("s.sprites"), store, waits=False),
        _over("sample", acts.sample("a.npz"), "a.npz"),
        _over("sheet", acts.sample("a.png", "--json-layout", "hash"), "a.png", "a.json"),
        Trial("pictures", _nothing, acts.sample("many"), ("many/hero-1.png",)),
        _over("animation", acts.export, "a.gif"),
        _over("model", acts.export_model("m.safetensors"), "m.safetensors"),
        Trial("model-folder", _nothing, acts.export_model("m.diffusers"), folder_files),
        Trial("project", _old_project, _project, project, kept=project),
        _over("palette", _palette, "a.gpl"),
        _over("trajectory", acts.drawn("trajectory", "a.npz", "--count", 2), "a.npz"),
        _over("film", acts.drawn("trajectory", "a.gif", "--count", 2), "a.gif"),
        _over("terrain", acts.drawn("terrain", "a.png", *grounds, "--engine", "tiled"), *sheet),
        _over("character", acts.drawn("character", "a.png", *drawing), *sheet),
        _over("page", acts.page, "a.html"),
        _over("compress", acts.compress, "a.spritez"),
        _over("decompress", acts.decompress, "a.npz"),
        Trial("distill", _nothing, acts.distill, (student,)),
        Trial(
            "evaluate",
            _both(acts.half_way, _older(*reports)),
            acts.evaluate,
            (*reports, "run/classes.json"),
            kept=(*reports, "run/run.json", first),
            of=_untimed,
        ),
        _over("report", acts.report, "a.html"),
        Trial("events", _nothing, acts.events, ("events/half",), of=_events),
        Trial("sweep", _nothing, acts.sweep, swept),
        Trial("pull", _nothing, acts.pull, ("heroes/heroes.safetensors",), waits=False),
        _over("data", acts.save_data("a.npz"), "a.npz"),
        Trial("data-store", _nothing, acts.save_data("s.sprites"), store[:2], waits=False),
        Trial("settings", _old_settings, _settings, settings, kept=settings),
        _over("results", _results, "b.results.json"),
        _over("aseprite", _aseprite, "a.ase"),
        _over("measurement", _measurement, "m.npz"),
    ]


def _quick() -> Any:
    from sprite_lab.core.presets import PRESETS

    return PRESETS["quick"]


class Bench:
    """Runs trials, or only those with some names, in a process with the library.

    ``folder`` holds their shared files.
    """

    def __init__(self, folder: Path, kinds: list[str]) -> None:
        self.folder = folder
        self.faults = ctypes.CDLL(None)
        self.faults.faults_seen.restype = ctypes.c_long
        #: For each command: pipes to and from a process that waits to be killed.
        self._waiting: dict[str, tuple[int, int]] = {}
        #: States left behind by each command from which work was resumed.
        self.states: set[tuple[str, str]] = set()
        self._references: dict[str, tuple[int, dict[str, str]]] = {}
        os.environ |= {"HF_HOME": str(folder / "hub"), "HF_HUB_DISABLE_XET": "1"}
        _settle()
        shared = folder / "shared"
        shared.mkdir()
        self.trials = [one for one in trials(shared) if not kinds or one.name in kinds]
        code, said = self.child(lambda: _share(shared))
        assert code == 0, said
        os.environ["HF_ENDPOINT"] = _hub(shared / "heroes.safetensors")
        self._warm()

    def _warm(self) -> None:
        """Run every command once, undisturbed, so that no child has to import anything; record its
        number of calls and its files.
        """
        out, err = contextlib.redirect_stdout, contextlib.redirect_stderr
        with open(os.devnull, "w") as nowhere, out(nowhere), err(nowhere):
            for trial in self.trials:
                at = self.fresh(trial)
                self.faults.faults_arm(os.fsencode(at), ctypes.c_long(0), 0)
                done, calls = trial.act(at), self.faults.faults_seen()
                assert done, trial.name
                if trial.finish is not None:
                    assert trial.finish(at), trial.name
                files = {name: trial.of(at / name) for name in trial.made}
                assert "" not in files.values(), (trial.name, files, sorted(at.rglob("*")))
                self._references[trial.name] = calls, files
        # A lock held by another thread would stay held in a child forever.
        assert len(os.listdir("/proc/self/task")) == 1

    def child(
        self, work: Callable[[], object], armed: tuple[Path, int, int] | None = None
    ) -> tuple[int, str]:
        """Run ``work`` in a child; returns its exit code and output.

        The code is 0 if ``work`` returned something true, else 1; a signal is negative.
        """
        child = os.fork()
        if child == 0:
            self._work(work, armed)
        status = os.waitpid(child, 0)[1]
        return os.waitstatus_to_exitcode(status), self._said()

    def _work(
        self, work: Callable[[], object], armed: tuple[Path, int, int] | None = None
    ) -> NoReturn:
        """The work of a child."""
        code = _TRACEBACK
        try:
            new = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_APPEND
            out = os.open(self.folder / "said.txt", new)
            os.dup2(out, 1)
            os.dup2(out, 2)
            if armed is not None:
                at, nth, error = armed
                self.faults.faults_arm(os.fsencode(at), ctypes.c_long(nth), error)
            code = 0 if work() else 1
        except BaseException as failure:
            from sprite_lab.core.errors import SpriteLabError

            if isinstance(failure, SpriteLabError):  # from a trial that is not a command
                code = 1
                print(f"sprite-lab: {failure}", file=sys.stderr)
            else:
                traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)

    def reference(self, trial: Trial) -> tuple[int, dict[str, str]]:
        """The number of calls of an undisturbed run, and hashes of its files."""
        return self._references[trial.name]

    def fresh(self, trial: Trial, *, empty: bool = False) -> Path:
        """A folder in the initial state of a trial."""
        at = self.folder / "trial"
        shutil.rmtree(at, ignore_errors=True)
        at.mkdir()
        if not empty:
            trial.prepare(at)
        return at

    def kill(self, trial: Trial, nth: int, part: float = 0.5) -> str:
        """Kill a command at that call and resume it; returns the fault, or "".

        Parameters
        ----------
        part : the share of bytes written, 0..1, if the call is a write.
        """
        reference = self.reference(trial)[1]
        at = self.fresh(trial)
        before = {name: trial.of(at / name) for name in trial.kept}
        code, said = self._strike(trial, at, nth, 0, part)
        if code != -signal.SIGKILL:
            return f"it was not killed: {said}"
        return self.damage(at, before, reference, trial) or self.gone_on(at, trial, reference)

    def _strike(
        self, trial: Trial, at: Path, nth: int, error: int, part: float = 0.5
    ) -> tuple[int, str]:
        """Run a command in which that call fails, like ``child``."""
        if not trial.waits:
            return self.child(lambda: trial.act(at), (at, nth, error))
        orders, answers = self._wait(trial, at)
        os.truncate(self.folder / "said.txt", 0)
        os.write(orders, struct.pack("ddd", nth, part, error))
        (status,) = struct.unpack("i", os.read(answers, 4))
        return os.waitstatus_to_exitcode(status), self._said()

    def gone_on(self, at: Path, trial: Trial, reference: dict[str, str]) -> str:
        """Complete the work, once from each distinct state; returns the fault, or ""."""
        state = trial.name, state_of(at)
        if state in self.states:
            return ""
        self.states.add(state)
        return self.finished(at, trial, reference)

    def _said(self) -> str:
        return (self.folder / "said.txt").read_text("utf-8", "replace")

    def _wait(self, trial: Trial, at: Path) -> tuple[int, int]:
        """Run a command up to its first call, where it waits to be forked."""
        if trial.name not in self._waiting:
            there, orders = os.pipe()
            answers, back = os.pipe()
            if os.fork() == 0:
                os.close(orders)  # it ends when this process does
                for others in self._waiting.values():
                    os.close(others[0])
                self.faults.faults_serve(there, back)
                self._work(lambda: trial.act(at), (at, 0, 0))
            os.close(there)
            os.close(back)
            self._waiting[trial.name] = orders, answers
        return self._waiting[trial.name]

    def chain(self, trial: Trial, calls: Iterable[int]) -> tuple[int, str]:
        """Kill a command at the first call, the resumed one at the next, until one completes.

        Returns the number of kills, and the fault, or "".
        """
        reference = self.reference(trial)[1]
        at = self.fresh(trial)
        before = {name: trial.of(at / name) for name in trial.kept}
        killed, act = 0, trial.act
        for nth in calls:
            code, said = self.child(lambda act=act: act(at), (at, nth, 0))  # type: ignore[misc]
            if code == 0:
                break
            if code != -signal.SIGKILL:
                return killed, f"it cannot be gone on with: {code} {said}"
            killed, act = killed + 1, trial.finish or trial.act
            if wrong := self.damage(at, before, reference, trial):
                return killed, wrong
        return killed, self.finished(at, trial, reference)

    def refuse(self, trial: Trial, nth: int, error: int) -> str:
        """Make that call fail, or send that signal at it; returns the fault, or ""."""
        reference = self.reference(trial)[1]
        at = self.fresh(trial)
        before = {name: trial.of(at / name) for name in trial.kept}
        code, said = self._strike(trial, at, nth, error)
        told = [line for line in said.splitlines() if line.startswith("sprite-lab: ")]
        if code not in (0, 1) or "Traceback" in said:
            return f"no sentence: {code} {said}"
        if code == 1 and len(told) != 1:
            return f"not one sentence: {said}"
        left = [str(path) for path in at.rglob(".*.tmp")]
        if left and not (code == 1 and "unlink" in said):
            return f"left behind: {left}"
        # A canceled training matches the reference only once it is resumed, below.
        done = code == 0 and trial.name != "cancel"
        if done and (lost := [n for n, d in reference.items() if trial.of(at / n) != d]):
            return f"it said that it was done, but {lost} are not what they are to be"
        return self.damage(at, before, reference, trial) or self.gone_on(at, trial, reference)

    def damage(
        self, at: Path, before: dict[str, str], reference: dict[str, str], trial: Trial
    ) -> str:
        for name, old in before.items():
            allowed = {old, reference.get(name, old)}
            if name.endswith("run.json"):  # a resumed run may describe itself differently
                try:
                    json.loads((at / name).read_text())
                except (OSError, ValueError) as error:
                    return f"'{name}' is damaged: {error}"
            elif trial.of(at / name) not in allowed:
                return f"'{name}' is neither what it was nor what it was to be"
        return ""

    def finished(self, at: Path, trial: Trial, reference: dict[str, str]) -> str:
        """Complete the work; returns the fault, or ""."""
        code, said = self.child(lambda: (trial.finish or trial.act)(at))
        if code != 0:
            return f"it cannot be gone on with: {said}"
        for name, wanted in reference.items():
            if trial.of(at / name) != wanted:
                return f"'{name}' is not what an undisturbed run makes"
        if trial.name in STEPS:
            if left := list(at.rglob(".*.tmp")):
                return f"never removed: {left}"
            lines = (at / "run" / "metrics.jsonl").read_text().splitlines()
            steps = [json.loads(line)["step"] for line in lines]
            if steps != list(range(1, STEPS[trial.name] + 1)):
                return f"its metrics are of steps {steps}"
        return ""


def state_of(folder: Path) -> str:
    """A hash of a folder's contents that ignores random differences: times, and the contents of
    temporary files, which nobody reads.
    """
    found = []
    for path in sorted(folder.rglob("*")):
        name = re.sub(r"\.[0-9a-f]{12}\.tmp$", ".tmp", str(path.relative_to(folder)))
        data = path.read_bytes() if path.is_file() else b"/"
        if name.endswith(".tmp"):
            data = b"some" if data else b""
        elif name.endswith((".json", ".jsonl", ".journal")):
            data = re.sub(rb"\d+\.\d+(e-?\d+)?|\d{4}-\d\d-\d\d[^\"]*", b"#", data)
            data = re.sub(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}-\d+", b"#", data)
        found.append(f"{name} {hashlib.sha256(data).hexdigest()}")
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _untimed(path: Path) -> str:
    """The hash of a file without the time taken, which a report contains."""
    if not path.is_file():
        return ""
    text = re.sub(rb'"seconds": [\d.]+|\d+ seconds', b"", path.read_bytes())
    return hashlib.sha256(text).hexdigest()


def _events(folder: Path) -> str:
    """A hash of the points that TensorBoard shows of a run."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    if not folder.is_dir():
        return ""
    found = EventAccumulator(str(folder))
    found.Reload()
    tags = found.Tags()
    shown = [(tag, [(e.step, e.value) for e in found.Scalars(tag)]) for tag in tags["scalars"]]
    shown += [(tag, [e.step for e in found.Images(tag)]) for tag in tags["images"]]
    return hashlib.sha256(repr((shown, tags["tensors"])).encode()).hexdigest()


def _settle() -> None:
    """Import what the trials need, and shorten training runs, without starting a thread."""
    import torch

    for module in IMPORTED:
        importlib.import_module(module)
    import tqdm
    import typer.main

    # Typer builds all commands at each call
    typer.main.get_command = functools.cache(typer.main.get_command)

    tqdm.tqdm.monitor_interval = 0  # otherwise the hub's client starts a thread
    import sprite_lab.engine.training.trainer as trainer
    from sprite_lab.core.config import NetworkConfig
    from sprite_lab.core.presets import PRESETS
    from sprite_lab.engine.training import train_step, validation

    torch.set_num_threads(1)
    os.environ["OMP_NUM_THREADS"] = "1"

    def one(work: object) -> int:
        torch.set_num_threads(1)
        return 1

    train_step.choose_threads = one
    trainer.SAVE_EVERY = 0.0
    trainer.COPIES_COUNT, trainer.COPIES_STEPS = 8, 1
    # More would take half of a training run's time
    validation.SPRITES, validation._LEVELS_PER_SPRITE = 16, 2
    PRESETS["quick"] = replace(
        PRESETS["quick"],
        max_seconds=None,
        checkpoint_every=3,
        preview_count=1,
        preview_steps=1,
        batch_size=8,
        device="cpu",
        precision="fp32",
        network=NetworkConfig(width=16, colour_attention=False),
    )


def _share(shared: Path) -> bool:
    """Make the shared files of all trials."""
    from sprite_lab.core.run import RunControl, drain
    from sprite_lab.engine.training.trainer import train_iter
    from sprite_lab.formats.images.png import write_png
    from sprite_lab.formats.sets.sprites import load_sprites, save_sprites
    from tests.made import make_sprites

    made = make_sprites(40)
    save_sprites(shared / "sprites.npz", made)
    sprites = load_sprites(shared / "sprites.npz")
    config = replace(_quick(), max_steps=3)
    drain(train_iter(config, sprites, shared / "half", RunControl()))
    Acts(shared).compress(shared)
    assert _command("export-model", shared / "half", "--out", shared / "heroes.safetensors")
    (shared / "pictures").mkdir()
    for i in range(3):
        write_png(shared / "pictures" / f"red slime {i}.png", made.rgba[i])
    return True


def _hub(model: Path) -> str:
    """Start a stand-in for the hub that has this model; returns its address.

    It is a separate process, because trials are forked from one without other threads, and ends
    with this one.
    """
    there, end = os.pipe()
    answers, back = os.pipe()
    if os.fork() == 0:
        os.close(end)
        from tests.hub_stand_in import running_hub

        with running_hub() as hub:
            hub.files["ada/heroes"] = {"model.safetensors": model.read_bytes()}
            os.write(back, hub.address.encode())
            os.close(back)
            os.read(there, 1)
        os._exit(0)
    os.close(there)
    os.close(back)
    with open(answers) as answer:
        return answer.read()


def run(
    bench: Bench,
    count: int,
    seed: int,
    errors: tuple[int, ...] = (),
    kinds: Container[str] = (),
    after: int = 0,
) -> dict[str, Any]:
    """Run trials; returns their results.

    Parameters
    ----------
    count : of trials; 0 = each call once. Beyond that, each command gets the same time.
    errors : make calls fail with each of these instead of killing; negative: send that signal.
    kinds : names of the trials; empty = all.
    after : how many to skip, because an earlier run made them.
    """
    chosen = [trial for trial in bench.trials if not kinds or trial.name in kinds]
    if errors == SIGNALS:
        chosen = [trial for trial in chosen if trial.name not in NO_COMMANDS]
    calls = {trial.name: bench.reference(trial)[0] for trial in chosen}
    rng = random.Random(seed)
    errors = errors or (0,)
    orders = [(one, rng.sample(range(1, n + 1), n)) for one in chosen if (n := calls[one.name])]
    rng.shuffle(orders)
    # Each call is tried once, with any of the errors, before any is tried again.
    turns = [
        [[(trial, n, errors[(n + turn) % len(errors)]) for n in order] for trial, order in orders]
        for turn in range(len(errors))
    ]
    rows = (row for turn in turns for row in itertools.zip_longest(*turn))
    once = [one for row in rows for one in row if one is not None]
    each = [list(itertools.chain(*of_one)) for of_one in zip(*turns, strict=True)]
    spent = dict.fromkeys(range(len(each)), 0.0)

    def again() -> Iterator[tuple[Trial, int, int]]:
        """The same calls again, each time for the command that has taken the least time so far."""
        calls = [itertools.cycle(of_one) for of_one in each]
        while True:
            yield next(calls[min(spent, key=lambda number: spent[number])])

    faults, made = [], Counter[str]()
    numbers = {
        trial.name: number for number, trial in enumerate(trial for [(trial, *_), *_] in each)
    }
    end = after + count if count else len(once)
    for trial, nth, error in itertools.islice(itertools.chain(once, again()), after, end):
        started = time.monotonic()
        part = rng.random()
        wrong = bench.refuse(trial, nth, error) if error else bench.kill(trial, nth, part)
        spent[numbers[trial.name]] += time.monotonic() - started
        made[trial.name] += 1
        done = made.total()
        if wrong:
            what = errno.errorcode.get(error) or signal.Signals(-error or signal.SIGKILL).name
            faults.append(f"{trial.name}, call {nth}, {what}: {wrong}")
            print(faults[-1], file=sys.stderr)
        if done % 20 == 0:  # in case somebody stops it
            print(f"{done} trials, {len(faults)} faults: {dict(made)}", file=sys.stderr)
    of_each = {"calls": calls, "made": made, "states": len(bench.states)}
    return {"trials": made.total(), **of_each, "faults": faults}


def run_short(bench: Bench) -> dict[str, Any]:
    """A few trials of each kind, as a test."""
    quick = ("import", "pictures", "sheet")
    found = {
        "kills": run(bench, 50, 0),
        "errors": run(bench, 30, 0, ERRORS),
        "signals": run(bench, 12, 0, SIGNALS, quick),
    }
    faults = [fault for each in found.values() for fault in each["faults"]]
    return {**found, "faults": faults, "commands": sorted(RUN)}


def run_chains(bench: Bench, count: int, seed: int) -> dict[str, Any]:
    """Make ``count`` kills, the same number for each command; returns the results."""
    chosen = bench.trials
    calls = {trial.name: bench.reference(trial)[0] for trial in chosen}
    rng = random.Random(seed)
    killed: Counter[str] = Counter({trial.name: 0 for trial in chosen})
    chains, faults = 0, []

    def drawn(most: int) -> Iterator[int]:
        while True:  # rarely beyond the last call, so that most commands are killed several times
            yield rng.randint(1, most + most // 6)

    while killed.total() < count:
        trial = min(chosen, key=lambda trial: killed[trial.name])
        number, wrong = bench.chain(trial, drawn(calls[trial.name]))
        killed[trial.name] += number
        chains += 1
        if wrong:
            faults.append(f"{trial.name}, chain {chains} of {number} kills: {wrong}")
            print(faults[-1], file=sys.stderr)
        if chains % 50 == 0:
            print(f"{killed.total()} kills, {len(faults)} faults", file=sys.stderr)
    return {"kills": killed, "trials": killed.total(), "chains": chains, "faults": faults}


def in_process(
    arguments: list[str], timeout: float | None = None, module: str = "tests.reliability.kills"
) -> dict[str, Any]:
    """Run this module, or a similar one, with the library loaded; returns its results."""
    with tempfile.TemporaryDirectory() as folder:
        built = library(Path(folder))
        if built is None:
            raise SystemExit("This takes Linux and a C compiler.")
        done = subprocess.run(
            [sys.executable, "-m", module, "--in", folder, *arguments],
            env={**os.environ, "LD_PRELOAD": str(built), "OMP_NUM_THREADS": "1"},
            stdout=subprocess.PIPE,
            check=True,
            timeout=timeout,
        )
        return json.loads(done.stdout)  # type: ignore[no-any-return]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=0, help="trials; 0 = each call once")
    parser.add_argument("--after", type=int, default=0, help="trials to leave out at the start")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--errors", action="store_true", help="let calls fail instead of killing")
    parser.add_argument("--signals", action="store_true", help="send SIGINT and SIGTERM instead")
    parser.add_argument("--chains", action="store_true", help="kill what goes on as well")
    parser.add_argument("--short", action="store_true", help="a few kills, errors and signals")
    parser.add_argument("--only", nargs="*", default=[], metavar="TRIAL")
    parser.add_argument("--in", dest="folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.folder is None:
        found = in_process(sys.argv[1:])
        print(json.dumps(found, indent=2))
        sys.exit(bool(found["faults"]))
    work = given.folder / "work"
    work.mkdir()
    bench = Bench(work, given.only)
    if given.short:
        found = run_short(bench)
    elif given.chains:
        found = run_chains(bench, given.count, given.seed)
    else:
        errors = ERRORS if given.errors else SIGNALS if given.signals else ()
        found = run(bench, given.count, given.seed, errors, after=given.after)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
