"""Many training runs in one folder, by any number of processes, here or on a cluster.

Optuna proposes trials and records them in a journal to which all processes append. A process locks
the trial that it trains. An unfinished trial without a lock was killed; the next free process
resumes it from its last checkpoint.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Generator, Set
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from sprite_lab.core import strict_json
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.errors import FileError, RunError, SpriteLabError, WriteError
from sprite_lab.core.file_names import check_text
from sprite_lab.core.plain import from_plain, to_plain
from sprite_lab.core.records import Notice, Paused, Record
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.sweep import SweepPlan, Tried
from sprite_lab.engine.training.run_folder import LARGEST_MANIFEST, RunFolder
from sprite_lab.engine.training.trainer import train_iter
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.json_files import read_object
from sprite_lab.formats.reading import check_extra
from sprite_lab.words import tr

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.samplers import BaseSampler
    from optuna.trial import FrozenTrial

SCHEMA_VERSION = 1

PLAN, JOURNAL = "sweep.json", "sweep.journal"


class _JournalLock:
    """A lock for Optuna to hold while it appends to the journal; its own locks outlive a killed
    process.

    Drops a line left half written by a killed process, because Optuna would read none after it.
    """

    def __init__(self, journal: Path, lock: FileLock) -> None:
        self._journal, self._lock = journal, lock

    def acquire(self) -> bool:
        self._lock.acquire()
        with self._journal.open("r+b") as file:
            written = file.read()
            if not written.endswith(b"\n"):
                file.truncate(written.rfind(b"\n") + 1)
        return True

    def release(self) -> None:
        self._lock.release()


@dataclass(frozen=True)
class Trial:
    """One training of a sweep.

    ``state``: "running", "complete" or "fail". ``error``: the noise error on validation sprites,
    which is comparable between runs with any settings.
    """

    number: int
    state: str
    params: dict[str, object]
    error: float | None
    run: str


class Sweep:
    """A folder with a plan, a journal and a run folder for each trial.

    Raises FileError if it holds no plan, or Optuna is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.plan = read_plan(folder)
        check_extra("sweep")
        import optuna  # noqa: PLC0415 (an extra)
        from optuna.storages import JournalStorage  # noqa: PLC0415
        from optuna.storages.journal import JournalFileBackend  # noqa: PLC0415

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._optuna = optuna
        self._lock = FileLock(folder / ".lock")
        journal: Any = _JournalLock(folder / JOURNAL, self._lock)
        backend = JournalFileBackend(str(folder / JOURNAL), lock_obj=journal)
        with self._lock:
            self._study = optuna.create_study(
                study_name="sweep", storage=JournalStorage(backend), load_if_exists=True
            )

    def trials(self) -> list[Trial]:
        """All trials that were started."""
        return [
            Trial(
                trial.number,
                trial.state.name.lower(),
                trial.params,
                self._error_of(trial.number),
                str(self._run(trial.number)),
            )
            for trial in self._study.get_trials(deepcopy=False)
        ]

    def iter(self, load: Callable[[], SpriteSet], control: RunControl) -> Run[int]:
        """Train until no trial is left; returns the number of trials completed by this process.

        Yields the records of all trials. A trial that cannot be trained is marked as failed, and
        the next one starts. A trial with a damaged folder is skipped, and can be resumed once the
        folder is repaired. If stopped, or if a file cannot be written (WriteError), the current
        trial can be resumed.

        Raises
        ------
        FileError
            At the end, if folders of trials are damaged.
        """
        done, sprites = 0, None
        damaged: dict[int, FileError] = {}
        while not control.stop_requested:
            taken = self._take(damaged.keys())
            if taken is None:
                break
            number, params, lock = taken
            try:
                sprites = sprites or load()
                yield Notice(
                    tr(
                        "Trial {number} of {count}: {settings}",
                        number=number + 1,
                        count=self.plan.count,
                        settings=_described(params),
                    )
                )
                try:
                    error = yield from self._train(number, params, sprites, control)
                except WriteError:  # a full disk would end all other trials as well
                    raise
                except FileError as fault:
                    damaged[number] = fault
                    yield Notice(
                        tr(
                            "Trial {number} is skipped: {fault}",
                            number=number + 1,
                            fault=fault,
                        )
                    )
                    continue
                if control.stop_requested:
                    break
                state = self._optuna.trial.TrialState
                with self._lock:
                    self._study.tell(number, error, None if error is not None else state.FAIL)
                done += 1
            finally:
                lock.release()
        if damaged and not control.stop_requested:
            names = ", ".join(self._run(number).name for number in sorted(damaged))
            raise FileError(
                "No other trial is left to train, and {names} cannot be trained ({error}): "
                "repair or delete what is damaged, and run the command again.",
                names=names,
                error=str(damaged[min(damaged)]).rstrip("."),
            )
        return done

    def _error_of(self, number: int) -> float | None:
        """The noise error of a trial; None = not yet measured, or its folder is damaged."""
        with contextlib.suppress(FileError):
            return RunFolder(self._run(number)).newest("epsilon_error")["epsilon_error"]
        return None

    def _run(self, number: int) -> Path:
        return self.folder / f"trial-{number:04d}"

    def _take(self, without: Set[int]) -> tuple[int, dict[str, object], FileLock] | None:
        """An unfinished trial that no process is training, or a new one: its number, settings and
        lock; None if there is none.

        ``without``: the numbers of trials to skip.
        """
        with self._lock:
            trials = self._study.get_trials(deepcopy=False)
            for trial in trials:
                if trial.state.is_finished() or trial.number in without:
                    continue
                if lock := self._held(trial.number):
                    return trial.number, trial.params, lock
            if len(trials) >= self.plan.count:
                return None
            number, params = len(trials), self._proposed(trials)
            lock = self._held(number)
            assert lock is not None
            return number, params, lock

    def _proposed(self, trials: list[FrozenTrial]) -> dict[str, object]:
        """Add a trial; returns its settings.

        It is proposed in a copy of the study and then added as a whole, so a killed process leaves
        either all of it in the journal or nothing.
        """
        optuna = self._optuna
        space = {one.name: self._distribution(one) for one in self.plan.parsed}
        if self.plan.is_grid:
            params: dict[str, object] = dict(self.plan.combination(len(trials)))
        else:
            copied = optuna.create_study(sampler=self._sampler(len(trials)))
            copied.add_trials(trials)
            params = copied.ask(space).params
        self._study.add_trial(
            optuna.trial.create_trial(
                state=optuna.trial.TrialState.RUNNING, params=params, distributions=space
            )
        )
        return params

    def _held(self, number: int) -> FileLock | None:
        lock = FileLock(self.folder / f".trial-{number:04d}.lock", timeout=0, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            return None
        return lock

    def _sampler(self, drawn: int) -> BaseSampler:
        """The sampler that proposes the next trial, seeded with the number of trials so far."""
        seed = (self.plan.config.seed + drawn) % 2**32
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", self._optuna.exceptions.ExperimentalWarning)
            return self._optuna.samplers.TPESampler(seed=seed, constant_liar=True)

    def _distribution(self, one: Tried) -> BaseDistribution:
        kinds, kind = self._optuna.distributions, settings_of(type(self.plan.config))[one.name].kind
        if not one.is_range:
            return kinds.CategoricalDistribution(tuple(dict.fromkeys(one.values)))
        low, high = one.values
        if kind is int:
            return kinds.IntDistribution(low, high, one.logarithmic, one.step)
        return kinds.FloatDistribution(low, high, one.logarithmic)

    def _train(
        self, number: int, params: dict[str, object], sprites: SpriteSet, control: RunControl
    ) -> Generator[Record | None, None, float | None]:
        """Train a trial; returns its noise error, or None if it failed."""
        out = self._run(number)
        try:
            config = self.plan.config.having(params)
            run = train_iter(config, sprites, out, control, resume=RunFolder(out).begun)
            for record in run:
                if isinstance(record, Paused):  # it has diverged repeatedly
                    run.close()
                    control.resume()
                    raise RunError(record.text)
                yield record
        except FileError:
            raise
        except SpriteLabError as error:
            yield Notice(tr("Trial {number} failed: {error}", number=number + 1, error=error))
            return None
        return self._error_of(number)


def _described(params: dict[str, object]) -> str:
    return ", ".join(f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}"
                     for name, value in params.items())  # fmt: skip


def read_plan(folder: Path) -> SweepPlan:
    """Read the plan of a sweep; FileError if there is none or it is damaged."""
    path = folder / PLAN
    try:
        return from_plain(SweepPlan, read_object(path, LARGEST_MANIFEST, SCHEMA_VERSION))
    except OSError:
        raise FileError(
            "'{folder}' contains no sweep: give the values to try with --try.", folder=folder
        ) from None
    except ValueError:
        raise FileError(
            "'{path}' is damaged; put a copy in its place, or start another sweep.", path=path
        ) from None


def plan_text(plan: SweepPlan) -> str:
    """The contents of a plan's file."""
    check_text(plan.data)
    return strict_json.dumps({"schema_version": SCHEMA_VERSION, **to_plain(plan)}, indent=2)


def write_plan(folder: Path, plan: SweepPlan) -> None:
    """Write the plan of a new sweep; FileError if the folder already holds one."""
    if (folder / PLAN).exists():
        raise FileError(
            "'{folder}' already contains a sweep: leave out --try to continue it.", folder=folder
        )
    folder.mkdir(parents=True, exist_ok=True)
    write_whole(folder / PLAN, plan_text(plan))


def ranked(trials: list[Trial]) -> list[Trial]:
    """The trials with the smallest error first; those without a measured error last."""
    return sorted(trials, key=lambda trial: (trial.error is None, trial.error))
