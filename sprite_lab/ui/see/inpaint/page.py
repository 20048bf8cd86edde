"""The page of See that shows how kept pixels guide the others while a model inpaints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.app.lab import Lab
from sprite_lab.app.see import see_tasks
from sprite_lab.app.shell.text_format import in_whole_parts, trajectory_words
from sprite_lab.app.timeline import trajectory_axis
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.records import Outcome
from sprite_lab.core.sets.sprites import opaque, to_pixels
from sprite_lab.core.trajectories.inpainting import Inpainted, Way
from sprite_lab.ui.page import StagePage, heading_row, stage_of
from sprite_lab.ui.see.inpaint.panel import InpaintPanel, half
from sprite_lab.ui.see.inpaint.rows import WayRows
from sprite_lab.ui.widgets.fields.calm import set_lesson_value
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.model_needed import ModelNeeded
from sprite_lab.words import tr

#: Number of noises, and so of sprites completed in each way.
COUNT = 4


class InpaintPage(StagePage):
    """A half-kept sprite, or a cell of Draw, completed in every way from the same noises."""

    def __init__(self, lab: Lab) -> None:
        super().__init__(lab, "see.inpaint")
        self._drawing: SampleConfig | None = None  # from Draw
        self._asked: tuple[object, SampleConfig] | None = None  # model and requested drawing
        #: finished results, one for each noise so far
        self.completed: list[Inpainted] = []
        self._steps: dict[Way, list[float]] = {}  # border steps of all finished sprites, by way
        self._sprite = 0  # index of the noise to show, once it is finished
        self._problem = ""
        self._stopped = False  # page left or Esc pressed before all were finished
        self.panel = self.inspector = InpaintPanel()
        self.rows = WayRows()
        why = tr(
            "A model that learned whole sprites can complete a part of one: train or open one to "
            "see how."
        )
        self._empty = ModelNeeded(lab, "keep-drawn", why, name="inpaint.empty")
        self._caption = HintLabel(name="inpaint.caption")
        head = heading_row(lab, tr("How can it inpaint?"), "inpaint", spacing=4)
        self.set_faces(self._empty, stage_of(head, self._caption, (self.rows, 1), spacing=4))
        panel = self.panel
        panel.source.changed.connect(self._on_source)
        panel.asked.connect(self._ask)
        panel.start.clicked.connect(self._ask)
        panel.busy.canceled.connect(self._jobs.cancel)
        panel.ways_changed.connect(self._show)
        panel.finished.current_changed.connect(self._choose)
        self.timeline_model.frame_changed.connect(self._show_frame)
        lab.model.changed.connect(self._ask)
        lab.data.changed.connect(self._on_data)
        self._on_data()

    # -- requests ---------------------------------------------------------------------------------

    def on_shown(self) -> None:
        self._ask()

    def show_drawing(self, config: SampleConfig) -> None:
        """Complete a cell of Draw from its kept pixels; ``config``: its settings, for 1 sprite."""
        self._drawing = config
        self.panel.has_drawing(True)
        self.panel.source.set_value("drawing")
        self._on_source()
        self._ask()

    def _on_source(self, *_: object) -> None:
        if self.panel.source.value == "drawing" and self._drawing is not None:
            self.panel.seed.set_seed(self._drawing.seed)  # the seed that drew the cell

    def _on_data(self, *_: object) -> None:
        self.panel.set_data(self._lab.data.value)
        self._ask()

    def _config(self) -> SampleConfig | None:
        """What to complete from the first noise; None = there is no sprite."""
        if self.panel.source.value == "drawing" and self._drawing is not None:
            return replace(self._drawing, seed=self.panel.seed.seed)
        data = self._lab.data.value
        if data is None or not len(data):
            return None
        rgba = np.ascontiguousarray(data.rgba_of(self.panel.sprite.value() - 1))
        config = SampleConfig(count=1, seed=self.panel.seed.seed, guidance_scale=1)
        return config.over(rgba, half(self.panel.part.value, len(rgba)))

    def _explain(self, config: SampleConfig | None) -> bool:
        """Say what is missing; True if nothing is."""
        if not self._empty.explain_model():
            return False
        model = self._lab.model.value
        assert model is not None
        side = model.image_size
        if config is None or config.drawing is None:
            self._empty.set_content(
                tr("No sprites are open"), tr("Open a data set to complete one of its sprites.")
            )
        elif len(config.drawing) != 4 * side**2:
            self._empty.explain_size()
        else:
            return True
        return False

    def _ask(self, *_: object) -> None:
        """Complete what is chosen, unless that is done or in progress."""
        if not self.isVisible():
            return  # not while the page is hidden
        config = self._config()
        possible = self._explain(config)
        self.stack.setCurrentIndex(int(possible))
        if not possible or config is None:
            self._jobs.cancel()
            return
        asked = (self._lab.model.value, config)
        if asked != self._asked:
            self._asked, self.completed, self._sprite = asked, [], 0
            self._go_on()
        elif self._stopped or not self._jobs.is_active("inpaint"):
            self._go_on()

    def _go_on(self) -> None:
        """Complete the drawing from the next noise."""
        model, asked = self._lab.model.value, self._asked
        number = len(self.completed)
        if model is None or asked is None or number == COUNT:
            self._show()
            return
        config = replace(asked[1], first_index=asked[1].first_index + number)

        def take(found: Inpainted | None) -> None:
            if found is not None and self._asked is asked:
                self.completed.append(found)
                if self.isVisible():  # unless the page was just left
                    self._go_on()

        most = self._lab.settings.value.recorded_bytes // COUNT
        task = see_tasks.inpaint(model, config, most)
        self._problem, self._stopped = "", False
        job = self._jobs.do("inpaint", task, take)
        job.progressed.connect(self._on_progress)
        job.ended.connect(self._on_ended)
        self._show()

    def _on_progress(self, done: int, total: int, _text: str) -> None:
        # Progress within this noise, as in the status bar.
        text = tr("{k} of {count}", k=len(self.completed) + 1, count=COUNT)
        self.panel.busy.show_progress(done, total, text)

    def _on_ended(self, outcome: Outcome) -> None:
        # The end of a job that another one replaced may be reported last.
        if self._jobs.is_active("inpaint"):
            return
        if outcome.kind != "completed":
            self._problem = tr("Stopped. Press Inpaint to continue.")
        self._show()

    def _on_stopped(self, kinds: set[str]) -> None:
        self._stopped = bool(kinds)

    # -- display ----------------------------------------------------------------------------------

    def _choose(self, finished: int) -> None:
        """Show the steps of a finished sprite, and of the others from the same noise."""
        if self.completed and finished >= 0:
            self._sprite = finished % COUNT
            self._tell_lesson()
            self._show_frame()
            self._show_thumbnails()

    def _show(self, *_: object) -> None:
        ways, found = self.panel.ways, self.completed
        active = self._jobs.is_active("inpaint")
        self.panel.set_running(active, missing=len(found) < COUNT)
        self.rows.show_ways(ways)
        self._steps = {}
        for each in found:
            for way in each.ways:
                self._steps.setdefault(way, []).append(each.border_step(way))
        self.panel.show_finished(self._finished(), COUNT, self._sprite)
        self._tell_lesson()
        set_lesson_value(self.rows, sum(way in self._steps for way in ways))
        drawn = bool(found) and self.panel.source.value == "drawing"
        set_lesson_value(self._caption, int(drawn))
        if not found:
            self._caption.setText("")
            self.rows.say_nothing(self._problem or tr("Running the model…"))
            if not active:  # keep the pictures until the first result
                self.clear_timeline()
            return
        trajectory = found[0].ways["repaint"]
        self._caption.setText(in_whole_parts(trajectory_words(trajectory)))
        axis, before = trajectory_axis(trajectory), self.timeline_model.axis
        if before.log_snr is None or not np.array_equal(before.log_snr, trajectory.log_snr):
            self.timeline_model.set_axis(axis, len(axis) - 1)
        self._choose(self._sprite)

    @property
    def _shown(self) -> int:
        """Index of the noise that is shown: the latest, until the chosen one is finished."""
        return min(self._sprite, len(self.completed) - 1)

    def _tell_lesson(self) -> None:
        """Tell lessons which noise is shown, whichever row was chosen."""
        set_lesson_value(self.panel.finished, self._shown if self.completed else None)

    def _finished(self) -> NDArray[np.uint8] | None:
        """Sprites, uint8 (N, H, W, 4): COUNT for each way, blank until drawn; None = none yet."""
        ways = [way for way in self.panel.ways if way in self._steps]
        if not ways:
            return None
        first = self.completed[0].drawing
        made = np.zeros((len(ways), COUNT, *first.shape), np.uint8)
        for column, found in enumerate(self.completed):
            for row, way in enumerate(ways):
                made[row, column] = opaque(to_pixels(found.ways[way].x0[-1, 0]))
        return made.reshape(-1, *first.shape)

    def _show_thumbnails(self) -> None:
        shown = self.completed[self._shown].ways
        ways = [way for way in self.panel.ways if way in shown]
        if ways:
            self.show_thumbnails(shown[ways[-1]], 0)

    def _show_frame(self, *_: object) -> None:
        log_snr, frame = self.timeline_model.axis.log_snr, self.timeline_model.frame
        if not self.completed or log_snr is None or frame >= len(log_snr):
            return
        self.rows.show_frame(self.completed[self._shown], float(log_snr[frame]), self._steps)
