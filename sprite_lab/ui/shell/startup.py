"""Restores data, model and project of the last session once the window is shown."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer

from sprite_lab.app.engine_types import Model
from sprite_lab.app.files import library
from sprite_lab.app.files.opening import find_gone, what_opens
from sprite_lab.app.lab import Lab
from sprite_lab.app.see.last_sprites import LastSprites
from sprite_lab.app.shell.first_sprites import (
    COUNT,
    DISSOLVED,
    DISSOLVING,
    PROCESS,
    SHOWN,
    first_config,
    first_noise,
    last_dissolving,
)
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.records import Outcome
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.jobs import JobHandle
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.words import tr

#: Name of the built-in set on the command line.
BUILTIN = "builtin"


class Startup(QObject):
    """Restores the last session; a first launch shows sprites coming out of noise.

    Without a shipped model, a first launch shows the forward process of the data set.

    ``data``: a data set from the command line, or "builtin"; None = that of the last session.
    ``model``: a model from the command line; None = that of the last session, or one that comes
    with the app, or the newest run. ``paths``: files and folders from the command line, opened as
    if they had been dropped.
    """

    def __init__(
        self,
        lab: Lab,
        window: MainWindow,
        data: str | None = None,
        model: str | None = None,
        paths: Sequence[Path] = (),
    ) -> None:
        super().__init__(window)
        self._lab, self._navigator = lab, window.navigator
        self._files, self._recovery = window.files, window.recovery
        self._unsaved_set = window.unsaved_set
        kind = what_opens(*paths).kind if paths else None
        if kind == "data" or kind == "model":
            # Instead of the one of the last session, not after it.
            data, model = (str(paths[0]), model) if kind == "data" else (data, str(paths[0]))
            paths = ()
        #: Paths to open once the last session is restored.
        self._waiting: list[Sequence[Path]] = [paths] if paths else []
        self._restored = False
        self._data, self._model = data, model or lab.settings.value.model or None
        self._named = model is not None
        self._first_time = not lab.settings.value.launched
        self._shipped = library.opening_model()
        #: Keeps sprites for the next start.
        self._last_sprites = LastSprites(lab, lab.branches, self)
        #: Sprites that the last session had drawn, shown until some of the data set dissolve; None
        #: = none.
        self._below: Trajectory | None = None
        #: Whether to draw sprites as in the last session, once its model is loaded.
        self._draws_again = self._showed_sprites()
        self._process = ""  # See's process when the app was left; "" = See was not shown
        self._again: JobHandle | None = None
        #: Noise shown until the first sprites are ready; None = not used.
        self._noise: Trajectory | None = None
        if self._model is None and self._shipped and window.navigator.current == "see":
            self._noise = first_noise()
            lab.trajectory.set(self._noise)
        window.painted.connect(self._begin)

    def open(self, paths: Sequence[Path]) -> None:
        """Open files as if they had been dropped, after restoring unsaved drawings, which they may
        replace.
        """
        self._waiting.append(paths)
        if self._restored:
            self._open_waiting()

    def _begin(self) -> None:
        # After the first paint, not within it.
        QTimer.singleShot(0, self, self._restore)

    def _restore(self) -> None:
        lab = self._lab
        if lab.settings.problem:
            lab.notice.emit(lab.settings.problem)
        # Loads torch, which takes a moment and is needed next.
        lab.look_at_machine()
        if self._navigator.current == "see":
            self._process = self._navigator.see.watch.mode.value
        # A model from the command line draws its own sprites.
        kept = None if self._named or self._noise is not None else self._last_sprites.bring_back()
        if kept is None:
            self._restore_more()
        else:
            kept.ended.connect(self._on_last_sprites)

    def _on_last_sprites(self, _outcome: Outcome) -> None:
        """Continue with the sprites of the last session, or draw them again if they are lost."""
        sprites = self._lab.trajectory.value
        if sprites is not None:
            self._below = None if self._draws_again else sprites
            self._draws_again = False
            if self._process:  # bringing the sprites back chose their process
                self._navigator.see.watch.mode.set_value(self._process)
        self._restore_more()

    def _restore_more(self) -> None:
        lab = self._lab
        if self._model is not None:
            job = lab.open_model(self._model, quiet=not self._named)
            job.ended.connect(self._on_last_model)
        elif self._shipped is not None:
            self._open_shipped(self._shipped)
        else:
            lab.runs.changed.connect(self._on_runs)
        if self._noise is None:  # otherwise later: it would delay the sprites
            self._open_data()
        self._unsaved_set.take_over()
        unsaved = self._recovery.restore()
        lab.restoring.set(True)
        if unsaved is None:
            self._open_last_project()
        else:
            unsaved.ended.connect(self._on_unsaved)
        lab.refresh_library()

    # -- the project -----------------------------------------------------------------------

    def _on_unsaved(self, outcome: Outcome) -> None:
        if outcome.kind == "completed" and outcome.result is not None:
            self._open_waiting()
        else:
            self._open_last_project()

    def _open_last_project(self) -> None:
        last = self._lab.settings.value.project
        if any(what_opens(*paths).kind == "project" for paths in self._waiting):
            last = ""  # another project was requested
        if not last:
            self._open_waiting()
            return

        def take(gone: frozenset[str]) -> None:
            lab = self._lab
            if lab.settings.value.project != last or lab.newest("project"):
                self._open_waiting()  # another one is open by now
            elif gone:
                lab.notice.emit(tr("The last project no longer exists ({last}).", last=last))
                lab.settings.replace(project="")
                self._open_waiting()
            else:
                job = lab.project_io.open(last, at_start=True)
                job.ended.connect(self._on_last_project)

        self._lab.do(find_gone([last]), self, then=take, quiet=True)

    def _on_last_project(self, outcome: Outcome) -> None:
        if outcome.kind == "failed":
            self._lab.notice.emit(
                tr("The last project cannot be opened. {error}", error=outcome.error)
            )
        self._open_waiting()

    def _open_waiting(self) -> None:
        self._restored = True
        self._lab.restoring.set(False)
        waiting, self._waiting = self._waiting, []
        for paths in waiting:
            self._files.open_paths(paths)

    # -- the model -------------------------------------------------------------------------

    def _showed_sprites(self) -> bool:
        """Whether the last session ended with sprites of the reverse process in See."""
        settings = self._lab.settings.value
        usual = settings.pages.get(PROCESS, "reverse" if settings.sample else "forward")
        return self._model is not None and settings.pages.get(SHOWN, usual) != "forward"

    def _last_sample(self, model: Model) -> SampleConfig:
        """The settings of the last sprites drawn, or else those for a first launch."""
        stored = self._lab.settings.value.sample
        with suppress(ConfigError):  # of another version
            if stored:
                return SampleConfig.from_json(stored)
        return first_config(model.class_names)

    def _draw_again(self) -> None:
        """Draw the sprites of the last session, or else dissolve some sprites of the data set."""
        model, wanted, self._draws_again = self._lab.model.value, self._draws_again, False
        if wanted and model is not None and self._lab.trajectory.value is None:
            last = self._last_sample(model)
            if _can_draw(model, last):
                self._again = self._lab.generate([last])
                if self._navigator.current == "see":
                    self._navigator.see.watch.await_sprites(self._again, keep_mode=True)
                self._again.ended.connect(self._dissolve)
                return
        self._dissolve()

    def _on_last_model(self, outcome: Outcome) -> None:
        if self._draws_again:
            self._draw_again()
        if self._named or outcome.kind != "failed":
            return
        self._lab.notice.emit(tr("The last model cannot be opened. {error}", error=outcome.error))
        if self._shipped is not None:
            self._open_shipped(self._shipped)

    def _on_runs(self, *_: object) -> None:
        """Open the newest run if there is no other model."""
        self._lab.runs.changed.disconnect(self._on_runs)
        for run in self._lab.runs.value:
            if run.step is not None:
                self._lab.open_model(run.path, quiet=True)
                return

    def _open_shipped(self, name: str) -> None:
        job = self._lab.open_model(name)
        if self._noise is not None:
            self._navigator.see.watch.await_sprites(job)
            job.ended.connect(self._on_shipped)

    def _on_shipped(self, outcome: Outcome) -> None:
        if outcome.kind != "completed" or self._lab.trajectory.value is not self._noise:
            self._on_first_sprites()
            return
        model = self._lab.model.value
        assert model is not None
        job = self._lab.generate([first_config(model.class_names)])
        self._navigator.see.watch.await_sprites(job, play=self._lab.settings.value.motion)
        job.ended.connect(self._on_first_sprites)

    def _on_first_sprites(self, *_: object) -> None:
        if self._lab.trajectory.value is self._noise:  # the sprites failed
            self._lab.trajectory.set(None)
        self._open_data()

    # -- the data --------------------------------------------------------------------------

    def _open_data(self) -> None:
        if self._lab.data.value is not None:  # a project has opened its own set
            self._dissolve()
            return
        lab, last = self._lab, self._lab.settings.value.data
        lab.data.changed.connect(self._on_first_data)
        if lab.newest("data"):
            return
        if self._data is not None or not last:
            self._open_first(None if self._data == BUILTIN else self._data)
            return

        def take(gone: frozenset[str]) -> None:
            if lab.data.value is not None or lab.newest("data"):
                return  # another one is open by now
            if gone:
                lab.notice.emit(tr("The last data set no longer exists ({last}).", last=last))
            self._open_first(None if gone else last)

        lab.data_loading.set(True)
        lab.do(find_gone([last]), self, then=take, quiet=True)

    def _open_first(self, path: str | None) -> None:
        self._lab.open_data(path).ended.connect(self._fall_back)

    def _fall_back(self, outcome: Outcome) -> None:
        lab = self._lab
        if outcome.kind != "completed" and lab.data.value is None and not lab.newest("data"):
            lab.open_data(None, quiet=True)  # the error about the other one stays visible

    def _on_first_data(self, *_: object) -> None:
        self._lab.data.changed.disconnect(self._on_first_data)
        self._dissolve()

    def _dissolve(self, *_: object) -> None:
        """Dissolve some sprites of the set, unless others are shown or being drawn."""
        sprites, drawn = self._lab.data.value, self._lab.trajectory.value is not self._below
        waits = self._draws_again or (self._again is not None and self._again.active)
        if sprites is None or drawn or waits:
            return
        some = self._last_dissolved(len(sprites))
        if not some:
            # Neighbors are often alike, so take sprites from all over the set.
            some = np.linspace(0, len(sprites) - 1, min(COUNT, len(sprites))).astype(int).tolist()
        self._lab.trajectory.changed.connect(self._on_first_trajectory)
        if self._navigator.current == "see":  # See also selects them
            self._navigator.see.watch.forward.dissolve(some)
        else:
            forms = self._lab.settings.value.forms
            config = last_dissolving(forms).config if DISSOLVING in forms else None
            self._lab.forward(sprites.images[some], config)

    def _last_dissolved(self, count: int) -> list[int]:
        """Rows of the sprites dissolved last, if a set of ``count`` sprites has them; [] = none."""
        kept = self._lab.settings.value.forms.get(DISSOLVED)
        if self._data is not None or not isinstance(kept, list):
            return []
        return [index for index in kept if isinstance(index, int) and 0 <= index < count]

    def _on_first_trajectory(self, *_: object) -> None:
        self._lab.trajectory.changed.disconnect(self._on_first_trajectory)
        may_move = self._lab.settings.value.motion
        if self._first_time and may_move and self._navigator.current == "see":
            self._navigator.see.watch.timeline_model.play()


def _can_draw(model: Model, asked: SampleConfig) -> bool:
    """Whether ``model`` can draw what ``asked`` says; these settings may be for another model."""
    known = model.vocabulary
    classes = {*asked.classes, *dict(asked.class_mix), asked.negative_class} - {None}
    return (
        classes <= {*known.classes}
        and set(asked.words) <= set(known.words)
        and asked.style in ("", *known.styles)
        and (not asked.negative_class if model.is_student else asked.sampler != "student")
    )
