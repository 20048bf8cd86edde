"""The Python library: the functions of ``import sprite_lab``. NumPy in, NumPy out; no Qt.

:func:`sample`, :func:`trajectory`, :func:`train` and :func:`evaluate` do the same as the commands
of those names. ``show`` receives each record of the run (:mod:`sprite_lab.core.records`), such as
progress or the loss of a step. Ctrl+C ends a run; a training run then saves its state.

Safe to call from any thread; the first call loads torch.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import NoneType
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import EvalConfig, SampleConfig, TrainConfig
from sprite_lab.core.errors import expect, require
from sprite_lab.core.presets import PRESETS, usual_preset
from sprite_lab.core.records import Record, StepRecord
from sprite_lab.core.results.report import Report
from sprite_lab.core.run import Run, RunControl, drain
from sprite_lab.core.sets.imports import ImportChoices
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.engine.measuring.evaluation import evaluate_iter, usual_likelihood
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.open_set import open_set
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.fine_tuning import fine_tuning
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.trainer import TrainResult, train_iter
from sprite_lab.words import tr

__all__ = [
    "PRESETS",
    "EvalConfig",
    "ImportChoices",
    "Model",
    "SampleConfig",
    "SpriteSet",
    "StepRecord",
    "TrainConfig",
    "TrainResult",
    "Trajectory",
    "evaluate",
    "load_model",
    "open_set",
    "sample",
    "train",
    "trajectory",
]

Show = Callable[[Record], None]

T = TypeVar("T")
C = TypeVar("C", SampleConfig, TrainConfig, EvalConfig)


def sample(
    model: Model,
    config: SampleConfig | None = None,
    *,
    drawing: NDArray[np.uint8] | None = None,
    keep: NDArray[np.bool_] | None = None,
    show: Show | None = None,
) -> NDArray[np.uint8]:
    """Draw sprites.

    Parameters
    ----------
    config : what to draw and how; None = 16 sprites, the model's classes in turn.
    drawing : uint8 (H, H, 4), RGBA, of the size of the model's sprites, to start from.
    keep : bool (H, H), True = keep this pixel of the drawing; the rest is redrawn.

    Returns
    -------
    uint8 (N, H, H, 4), RGBA. If the model draws no alpha, white connected to the border is
    transparent.

    Raises
    ------
    ConfigError
        If the model cannot draw what is requested, or an argument has a wrong type.
    """
    asked = _asked(model, config, drawing, keep)
    return _shown(sample_iter(model, [asked], RunControl(), record=False), show).rgba()


def trajectory(
    model: Model,
    config: SampleConfig | None = None,
    *,
    drawing: NDArray[np.uint8] | None = None,
    keep: NDArray[np.bool_] | None = None,
    show: Show | None = None,
) -> Trajectory:
    """Like :func:`sample`, with every intermediate step: x_t, the predicted x0, t and log-SNR."""
    asked = _asked(model, config, drawing, keep)
    return _shown(sample_iter(model, [asked], RunControl()), show)


def _asked(
    model: Model,
    config: SampleConfig | None,
    drawing: NDArray[np.uint8] | None,
    keep: NDArray[np.bool_] | None,
) -> SampleConfig:
    _expect_model("model", model)
    if config is None:
        asked = SampleConfig(classes=model.class_names)
    else:
        asked = _checked(config, SampleConfig, "SampleConfig(count=4)").spelled(model.class_names)
    if drawing is None:
        require(keep is None, "'keep' marks the pixels of a drawing to keep: give 'drawing', too.")
        return asked
    expect("drawing", drawing, np.ndarray, tr("an array, uint8 (H, H, 4)"))
    expect("keep", keep, (np.ndarray, NoneType), tr("an array, bool (H, H)"))
    return asked.over(drawing, keep)


def _expect_model(name: str, value: object) -> None:
    expect(name, value, Model, tr("a model, from load_model"))


def _expect_sprites(value: object) -> None:
    expect("sprites", value, SpriteSet, tr("a set of sprites, from open_set"))


def _checked(config: C, kind: type[C], such_as: str) -> C:
    """The configuration, with its fields checked as strictly as those of a file."""
    what = tr("settings, such as {such_as}", such_as=such_as)
    expect("config", config, kind, what)
    return kind.from_json(_plain(config.to_json()))


def _plain(value: object) -> object:
    """NumPy numbers as Python numbers."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.item() if isinstance(value, np.generic) else value


def _shown(run: Run[T], show: Show | None) -> T:
    """Run to completion, passing each record to ``show``."""
    require(show is None or callable(show), "'show' must be a function that takes each record.")
    return drain(run, show)


def train(
    sprites: SpriteSet,
    out: str | Path,
    config: TrainConfig | None = None,
    *,
    init: Model | None = None,
    resume: bool = False,
    show: Show | None = None,
) -> TrainResult:
    """Train a model and keep the run in a folder, which :func:`load_model` opens.

    Parameters
    ----------
    out : the folder; it must be new or empty, unless the run in it is resumed.
    config : None = the preset "quick", "tune" with ``init``, or the settings of a resumed run.
        ``replace(PRESETS["quick"], max_steps=200, max_seconds=None)`` changes some settings.
    init : a model on the CPU to start from (fine-tuning).

    Raises
    ------
    RunError
        If the folder already holds a run, there is none to resume, or ``init`` does not fit.
    ConfigError
        If an argument has a wrong type.
    """
    _expect_sprites(sprites)
    expect("out", out, (str, Path), tr("the path of a folder"))
    expect("resume", resume, bool, "True or False")
    if init is not None:
        _expect_model("init", init)
    folder = RunFolder(Path(out))
    if config is not None:
        config = _checked(config, TrainConfig, 'PRESETS["quick"]')
    else:
        going_on = resume and folder.exists
        config = folder.read_config() if going_on else PRESETS[usual_preset(init is not None)]
    if init is not None:
        config = fine_tuning(config, init)
    run = train_iter(config, sprites, Path(out), RunControl(), resume=resume, init=init)
    return _shown(run, show)


def evaluate(
    model: Model,
    sprites: SpriteSet,
    config: EvalConfig | None = None,
    *,
    show: Show | None = None,
) -> Report:
    """Measure a model on sprites: likelihood, quality of its samples, copies.

    ``Report.to_json()`` returns the figures as plain values.

    Parameters
    ----------
    config : None = likelihood (the bound) and quality; for a student, only quality. Both take
        minutes; ``EvalConfig.quick()`` is a first look.

    Raises
    ------
    ConfigError
        If the sprites are too few or of another size than the model's, or an argument has a wrong
        type.
    """
    _expect_model("model", model)
    _expect_sprites(sprites)
    if config is None:
        config = EvalConfig(likelihood=usual_likelihood(model))
    config = _checked(config, EvalConfig, "EvalConfig.quick()")
    return _shown(evaluate_iter(model, sprites, config, RunControl()), show)
