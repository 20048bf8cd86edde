"""A comparison of runs: their figures, the settings in which they differ, and the best run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.shell.text_format import run_title, run_words
from sprite_lab.app.task import task
from sprite_lab.app.train.example_run import is_example
from sprite_lab.app.train.run_differences import all_settings, value_text
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.words import marked, number_text, tr

# ruff: noqa: PLC0415 (as in ``tasks``)


@dataclass(frozen=True)
class RunFigures:
    """The figures of a run."""

    path: Path
    title: str
    settings: Mapping[str, object]  #: as in :func:`all_settings`
    #: runs with equal values can be compared by noise error: they have the same sprites, number of
    #: channels and share of validation sprites
    comparable: str
    #: last step
    step: int
    seconds: float
    error: float | None  #: its newest noise error; None = never measured


@task("files", marked("Reading runs"))
def read_figures(control: RunControl, folders: Sequence[Path]) -> Run[tuple[RunFigures, ...]]:
    """Read every run in some folders; each folder is a run, a sweep, or contains both."""
    found = list(dict.fromkeys(path for folder in folders for path in _runs(folder)))
    figures = []
    for done, path in enumerate(found):
        yield Progress(done, len(found), tr("Reading runs"))
        with suppress(SpriteLabError, KeyError, TypeError, ValueError):  # the run is damaged
            figures.append(_figures(path))
    return tuple(figures)


def _runs(folder: Path) -> Iterator[Path]:
    """The folder itself if it is a run, otherwise the runs in it and in its sweeps."""
    if (folder / "run.json").is_file():
        yield folder
        return
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if (path / "run.json").is_file():
            yield path
        elif (path / "sweep.json").is_file():
            yield from (run.parent for run in sorted(path.glob("*/run.json")))


def _figures(path: Path) -> RunFigures:
    from sprite_lab.engine.training.run_folder import RunFolder

    folder = RunFolder(path)
    config, data = folder.read_config(), folder.read_data(prompts=False)
    newest = folder.newest("step", "seconds", "epsilon_error")
    title = run_title(path.name) if is_example(path) else folder.read_name()
    if not title and (path.parent / "sweep.json").is_file():
        title = f"{path.parent.name} {path.name}"
    title = title or ", ".join(filter(None, run_words(path.name)))
    return RunFigures(
        path,
        title,
        all_settings(config, data.title),
        f"{data.fingerprint} {config.network.channels} {config.validation_fraction}",
        int(newest["step"] or 0),
        float(newest["seconds"] or 0.0),
        newest["epsilon_error"],
    )


def differing(runs: Sequence[RunFigures]) -> list[str]:
    """The settings in which runs differ, starting with those in which the fewest runs deviate."""
    names = dict.fromkeys(name for run in runs for name in run.settings)
    usual = {
        name: Counter(run.settings.get(name) for run in runs).most_common(1)[0][1] for name in names
    }
    return sorted((n for n in names if usual[n] < len(runs)), key=lambda name: usual[name])


def best(runs: Sequence[RunFigures]) -> set[Path]:
    """The runs with the lowest noise error, each among at least two comparable runs."""
    groups: dict[str, list[RunFigures]] = {}
    for run in runs:
        if run.error is not None:
            groups.setdefault(run.comparable, []).append(run)
    several = (group for group in groups.values() if len(group) > 1)
    return {min(group, key=lambda run: run.error or 0.0).path for group in several}


@dataclass(frozen=True, eq=False)
class Axis:
    """An axis of parallel coordinates."""

    name: str
    places: NDArray[np.float64]  #: float64 (runs,), in [0, 1]; NaN = the run has no value
    #: labels of the ends; the upper one is empty if all values are equal
    low: str
    high: str


def axis_of(title: str, values: Sequence[object], name: str = "", *, spec: str = ".4g") -> Axis:
    """An axis for ``values``, one for each run, of a figure or of the setting ``name``.

    None among the values = the run has none. Numbers are placed by size, on a log scale if they
    span more than a factor of ten; other values in alphabetical order. ``spec``: format of
    fractions.
    """
    known = [value for value in values if value is not None]
    numbers = [v for v in known if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if numbers and len(numbers) == len(known):
        low, high = min(numbers), max(numbers)
        at = np.array([np.nan if v is None else v for v in values], np.float64)
        if low > 0 and high > 10 * low:
            at, ends = np.log(at), (np.log(low), np.log(high))
        else:
            ends = float(low), float(high)
        places = (at - ends[0]) / (ends[1] - ends[0]) if high > low else at * 0 + 0.5
        first, last = (
            value_text(name, end) if isinstance(end, int) else number_text(end, spec)
            for end in (low, high)
        )
        return Axis(title, places, first, last if high > low else "")
    words = [None if value is None else value_text(name, value) for value in values]
    names = sorted(filter(None, set(words)))
    place = {text: i / max(1, len(names) - 1) for i, text in enumerate(names)}
    places = np.array([np.nan if text is None else place[text] for text in words], np.float64)
    return Axis(title, places, names[0] if names else "", names[-1] if len(names) > 1 else "")
