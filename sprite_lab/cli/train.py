"""``sprite-lab train``: train a model and keep the run in a folder."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import typer

from sprite_lab.cli.console import counted, print_error, print_result
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
from sprite_lab.core.command_lines import ENDS, OF_MODEL, TRAIN_OPTIONS
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.errors import RunError
from sprite_lab.core.presets import DEFAULT_PRESET, PRESETS, TUNING_PRESET, usual_preset
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import BUILTIN

if TYPE_CHECKING:
    from sprite_lab.engine.training.processes import Processes

PresetName = Literal["course", "quick", "best", "tune", "diffusers"]


@dataclass(frozen=True, kw_only=True)
class Request:
    """Options of the command."""

    out: Path = option("The folder that keeps the run.", metavar="RUN")
    data: str = option("Sprites to learn from.", BUILTIN, metavar="FILE|STORE|FOLDER|builtin")
    preset: PresetName | None = option(
        "The recipe.", None, show_default=f"{DEFAULT_PRESET}, or {TUNING_PRESET} with --init"
    )
    given: Given
    resume: bool = option("Continue the run in RUN, with its --data.", False)
    init: str | None = option("Start from this model.", None, metavar="RUN|FILE|NAME")
    as_json: Json = False


@with_settings("given", TrainConfig(), *TRAIN_OPTIONS, given=True)
@with_request(Request)
def train(request: Request) -> int:
    """Train a model on sprites.

    It ends after --epochs, --max-steps or --max-seconds, whichever comes first; with none of
    them, as the preset does: 'quick' after a minute or 32 epochs, 'tune' after 600 epochs, ten
    minutes or once more than 8% of its samples are copies, 'course' and 'diffusers' after 32
    epochs and 'best' after 400. Ctrl+C, SIGTERM and the end of the terminal save a checkpoint and
    stop.

    With --init it continues from an existing model, whose classes are matched by name: 50 to 500
    sprites are enough for more in their style.

    Started by torchrun, or by Slurm's srun, many processes learn together, each from its part of
    every step's sprites. If either starts the command again, it continues from the last checkpoint.
    SIGUSR1, and in a job of Slurm SIGTERM, end it with exit code 75: queue it again.
    """
    from sprite_lab.engine.launch import join
    from sprite_lab.engine.training.processes import follow_along

    control = RunControl()
    with join(control) or contextlib.nullcontext() as processes:
        if processes is not None and processes.rank:
            with Reporter("Training") as reporter, stopping_on_signals(control, reporter, None):
                return follow_along(lambda: load_data(request.data), processes)
        code = _train(request, control, processes)
        if processes is not None:
            processes.code = code
        return code


def _train(asked: Request, control: RunControl, processes: Processes | None) -> int:
    """Train, as the only or the first of several processes; returns the exit code."""
    from sprite_lab.engine.launch import was_restarted
    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.training.fine_tuning import fine_tuning
    from sprite_lab.engine.training.run_folder import RunFolder
    from sprite_lab.engine.training.trainer import train_iter

    out, init, resume = asked.out, asked.init, asked.resume
    if was_restarted() and RunFolder(out).begun:  # the same command, started again, continues
        init, resume = None, True
    _check_init(init, resume and RunFolder(out).begun, asked.given)
    check_out(out, resume)
    if resume and RunFolder(out).exists:
        config = resumed_config(out, asked.preset, asked.given)
    else:
        config = new_config(asked.preset or usual_preset(bool(init)), asked.given)
    sprites = load_data(asked.data)
    start = load_model(init, "cpu") if init else None
    if start is not None:
        config = fine_tuning(config, start)
    with Reporter("Training") as reporter, stopping_on_signals(control, reporter) as stopped:
        run = train_iter(
            config, sprites, out, control, resume=resume, init=start, processes=processes
        )
        result = drain(run, reporter.show)
    # From the file, not from the reporter: a run that was already finished reports nothing.
    figures = RunFolder(out).newest("loss", "val_loss", "epsilon_error")
    loss, error = figures["loss"], figures["epsilon_error"]
    print_result(
        {
            "run": result.run,
            "step": result.step,
            "seconds": round(result.seconds, 3),
            "stopped": control.stop_requested,
            **figures,
        },
        f"{result.run}: {counted(result.step, 'step')} in {result.seconds:.0f} s"
        + ("" if loss is None else f", loss {loss:.4f}")
        + ("" if error is None else f", noise error {error:.4f}"),
        asked.as_json,
    )
    if control.stop_requested:
        print_error(f"interrupted after step {result.step}; go on with --resume")
        return REQUEUE if stopped.requeue else INTERRUPTED
    return 0


def new_config(preset: str, given: Given) -> TrainConfig:
    """A preset, changed by the given options."""
    with as_usage():
        return _with_options(PRESETS[preset], given)


def resumed_config(run: Path, preset: str | None, given: Given) -> TrainConfig:
    """The configuration with which ``run`` was started, with the end that ``given`` sets.

    Raises RunError if ``given`` differs from another setting of the run.
    """
    from sprite_lab.engine.training.run_folder import RunFolder

    config = RunFolder(run).read_config()
    may_change = (*ENDS, "device")
    changed = {name: value for name, value in given.items() if name in may_change}
    others = {name: value for name, value in given.items() if name not in may_change}
    with as_usage():
        asked = _with_options(config, others)
    if asked != config or preset not in (None, config.preset):
        raise RunError(
            f"'{run}' was started with other settings: when it is resumed, only where it ends and "
            "its device may change; leave out the others."
        )
    with as_usage():
        return _with_options(config, changed)


def _with_options(config: TrainConfig, given: Given) -> TrainConfig:
    """``config`` changed by the options; a given end replaces its own."""
    ends = dict.fromkeys(ENDS) if any(name in given for name in ENDS) else {}
    return config.having(ends | given)


def _check_init(init: str | None, resume: bool, given: Given) -> None:
    """Refuse --init with --resume, and settings that are fixed by the model of --init."""
    if init and resume:
        raise typer.BadParameter("a run that is resumed has its weights already: leave out --init.")
    for name in given:
        if init and name in OF_MODEL:
            flag = settings_of(TrainConfig)[name].flag
            raise typer.BadParameter(f"the model of --init decides this itself: leave out {flag}.")


def check_out(out: Path, resume: bool) -> None:
    """Refuse to overwrite a run unasked, or to start a new one where one should be resumed."""
    from sprite_lab.engine.training.run_folder import RunFolder

    folder = RunFolder(out)
    if resume and not folder.begun and not (out.exists() and folder.free):
        raise RunError(f"There is no run in '{out}' to resume: leave out --resume to start one.")
    if resume or folder.free:
        return
    if folder.exists:
        raise RunError(
            f"There is a run in '{out}' already: add --resume to go on with it, "
            "or name another folder."
        )
    raise RunError(f"'{out}' is not an empty folder: name another one for the run.")
