"""``sprite-lab sweep``: many training runs, varying seeds and settings: here, by SSH or Slurm."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

import typer

from sprite_lab.cli.console import (
    counted,
    print_error,
    print_json,
    print_line,
    print_result,
    print_text,
)
from sprite_lab.cli.follow import INTERRUPTED, REQUEUE, Reporter, stopping_on_signals
from sprite_lab.cli.options import (
    Given,
    Json,
    as_usage,
    load_data,
    option,
    with_request,
    with_settings,
)
from sprite_lab.cli.train import PresetName, new_config
from sprite_lab.core.command_lines import TRAIN_OPTIONS
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.presets import DEFAULT_PRESET
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import BUILTIN
from sprite_lab.core.sweep import SweepPlan
from sprite_lab.formats.atomic import write_whole

if TYPE_CHECKING:
    from sprite_lab.engine.following.connection import Place
    from sprite_lab.engine.training.sweep import Sweep, Trial

_SLURM = """#!/bin/bash
#SBATCH --job-name={name} --array=1-{workers} --cpus-per-task=4
#SBATCH --time=24:00:00 --signal=USR1@90 --requeue --open-mode=append
# Each of these jobs trains until every trial is taken; add --gpus=1 for a GPU each.
srun sprite-lab sweep --out {folder}
code=$?
[ $code = {requeue} ] && [ "${{SLURM_RESTART_COUNT:-0}}" -lt 3 ] && scontrol requeue "$SLURM_JOB_ID"
exit $code
"""


@dataclass(frozen=True, kw_only=True)
class Request:
    """Options of the command."""

    out: str = option(
        "The folder of all runs, here or on a machine that ssh reaches, or a repository.",
        metavar="FOLDER|HOST:FOLDER|hf://OWNER/NAME",
    )
    tried: list[str] | None = option(
        "What to vary, such as learning-rate=1e-4..1e-2 or seed=0,1,2; may be given several times.",
        None,
        flag="--try",
        metavar="SETTING=VALUE,...|LOW..HIGH",
    )
    trials: int = option("How many runs.", 0, min=0, show_default="all or 20")
    data: str = option("Sprites to learn from.", BUILTIN, metavar="FILE|STORE|builtin")
    preset: PresetName | None = option("The recipe.", None, show_default=DEFAULT_PRESET)
    given: Given
    workers: int = option("Runs at the same time.", 1, min=1, max=256)
    slurm: bool = option("Only write a job script, FOLDER/sweep.sbatch.", False)
    status: bool = option("Only show its progress.", False)
    fetch: Path | None = option("Only copy it from HOST into this folder.", None, metavar="FOLDER")
    there: str = option("What starts Sprite Lab on HOST.", "sprite-lab", flag="--command")
    flavor: str = option("The kind of machine of a job at Hugging Face.", "cpu-upgrade")
    as_json: Json = False

    def plan(self) -> SweepPlan | None:
        """The requested new sweep; None = continue the existing one."""
        if self.tried:
            with as_usage():
                config = new_config(self.preset or DEFAULT_PRESET, self.given)
                return SweepPlan(config, self.data, tuple(self.tried), self.trials)
        if self.given or self.trials or self.preset:
            raise typer.BadParameter("settings belong to a new sweep: say with --try what differs.")
        return None

    @property
    def options(self) -> list[str]:
        """The options for the same command on another machine."""
        return [] if self.workers == 1 else ["--workers", str(self.workers)]


@with_settings("given", TrainConfig(), *TRAIN_OPTIONS, given=True)
@with_request(Request)
def sweep(request: Request) -> int:
    """Train many models that differ in seeds and settings, and report which is best.

    Every combination of values is tried; a range is searched by Optuna, for the lowest noise error
    on sprites set aside, which is comparable between any two runs. Without --try it continues what
    is in the folder; several computers that share the folder may do so at once. On HOST it
    continues by itself when the connection ends: ask with --status, watch a run with File > Follow
    training, copy all of it with --fetch. With hf:// it is a job at Hugging Face, paid by the hour,
    that keeps everything in a private repository of that name; --status and --fetch show what it
    has put there. This needs the package: pip install 'sprite-lab[sweep]'.
    """
    from sprite_lab.engine.following.connection import parse_place
    from sprite_lab.engine.following.hub_sweep import HUB
    from sprite_lab.engine.training.sweep import Sweep, plan_text, write_plan

    plan, as_json = request.plan(), request.as_json
    if request.out.startswith(HUB):
        return _on_hub(request, plan)
    place = parse_place(request.out)
    if request.fetch is not None or place.host:
        return _over_ssh(request, place, plan)
    folder = Path(place.folder)
    if plan is not None:
        plan_text(plan)  # refuses a name that a plan cannot store
        load_data(plan.data)  # checked now, because a written plan cannot be changed
        write_plan(folder, plan)
    if request.slurm:
        return _write_script(folder, request.workers, as_json)
    begun = Sweep(folder)
    if not request.status:
        many = request.workers > 1
        code = _work_together(folder, request.workers) if many else _work(begun)
        if code:
            return code
    show_trials(begun.trials(), begun.plan.count, as_json)
    return 0


def _on_hub(asked: Request, plan: SweepPlan | None) -> int:
    from sprite_lab.engine.following import hub_sweep

    name, as_json = asked.out.removeprefix(hub_sweep.HUB), asked.as_json
    if asked.fetch is not None:
        _tell_fetched(asked.fetch, hub_sweep.fetch(name, asked.fetch), as_json)
    elif asked.status:
        stage, expected, trials = hub_sweep.status(name)
        if not as_json:
            print_line(f"The job is {stage}")
        show_trials(trials, expected, as_json)
    else:
        job = hub_sweep.begin(name, plan, asked.flavor, asked.options)
        print_result({"out": asked.out, "job": job}, f"{asked.out}: started, see {job}", as_json)
    return 0


def _over_ssh(asked: Request, place: Place, plan: SweepPlan | None) -> int:
    from sprite_lab.engine.following import remote_sweep
    from sprite_lab.engine.training.sweep import plan_text

    command, as_json = asked.there, asked.as_json
    if asked.fetch is not None:
        _tell_fetched(asked.fetch, remote_sweep.fetch(place, asked.fetch), as_json)
    elif asked.status:
        said = remote_sweep.status(place, command, ["--json"] if as_json else [])
        print_text(said.rstrip()) if not as_json else print(said, end="")
    else:
        text = "" if plan is None else plan_text(plan)
        remote_sweep.begin(place, text, command, asked.options)
        print_result({"out": str(place)}, f"{place}: started; --status says how it goes", as_json)
    return 0


def _tell_fetched(folder: Path, count: int, as_json: bool) -> None:
    print_result({"out": folder, "files": count}, f"{folder}: {counted(count, 'file')}", as_json)


def _work(begun: Sweep) -> int:
    control = RunControl()
    with Reporter("Training") as reporter, stopping_on_signals(control, reporter) as stopped:
        drain(begun.iter(lambda: load_data(begun.plan.data), control), reporter.show)
    if control.stop_requested:
        print_error("interrupted; go on with the same --out, without --try")
        return REQUEUE if stopped.requeue else INTERRUPTED
    return 0


def _work_together(folder: Path, workers: int) -> int:
    """Run several processes that take trials until none is left; returns the exit code."""
    words = (
        [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "sprite_lab"]
    )
    threads = str(max(1, (os.cpu_count() or 1) // workers))
    processes = [
        subprocess.Popen(
            [*words, "sweep", "--out", str(folder)],
            env={"OMP_NUM_THREADS": threads, **os.environ},
            stdout=subprocess.DEVNULL,
        )
        for _ in range(workers)
    ]
    try:
        return max(process.wait() for process in processes)
    except BaseException:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
        raise


def _write_script(folder: Path, workers: int, as_json: bool) -> int:
    path = folder / "sweep.sbatch"
    where = folder.absolute()
    text = _SLURM.format(
        name=shlex.quote(where.name),
        workers=workers,
        folder=shlex.quote(str(where)),
        requeue=REQUEUE,
    )
    write_whole(path, text)
    begin = shlex.join(["sbatch", str(path)])
    print_result({"script": path}, f"{path}: look at its first lines, then: {begin}", as_json)
    return 0


def show_trials(trials: list[Trial], count: int, as_json: bool) -> None:
    """Print the progress of a sweep, and the noise error of each run and each setting."""
    from sprite_lab.engine.training.sweep import ranked

    if as_json:
        print_json({"count": count, "trials": [asdict(trial) for trial in ranked(trials)]})
        return
    finished = sum(trial.state == "complete" for trial in trials)
    print_line(f"{counted(finished, 'run')} of {count} done")
    if trials:
        print_line("By noise error:")
    for trial in ranked(trials):
        error = "–" if trial.error is None else f"{trial.error:.4f}"
        print_line(f"{error}  {trial.state:8}  {trial.run}  {_settings(trial)}")
    # The best of many runs may only have had a lucky seed.
    by_settings: dict[str, list[float]] = {}
    for trial in trials:
        if trial.state == "complete" and trial.error is not None:
            by_settings.setdefault(_settings(trial, without="seed"), []).append(trial.error)
    if any(len(errors) > 1 for errors in by_settings.values()):
        print_line("Over seeds, mean and range:")
        for settings, errors in sorted(by_settings.items(), key=lambda one: fmean(one[1])):
            spread = f"{fmean(errors):.4f}  {min(errors):.4f}–{max(errors):.4f}"
            print_line(f"{spread}  {counted(len(errors), 'seed')}  {settings}".rstrip())


def _settings(trial: Trial, without: str = "") -> str:
    return " ".join(
        f"{name}={value:.4g}" if isinstance(value, float) else f"{name}={value}"
        for name, value in trial.params.items()
        if name != without
    )
