"""The plots of a race, one at a time: distance by noise level, path, and distance by steps."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedLayout, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.see.race_run import RaceRun
from sprite_lab.ui.layouts import hbox, keep_place, stack, vbox
from sprite_lab.ui.see.race.path_plot import PathPlot
from sprite_lab.ui.see.race.plot import RacePlot, StepsPlot
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.words import tr

#: Minimum height of path and steps, in logical pixels at the usual text size.
_LEAST = 112

PlotName = Literal["distance", "path", "steps"]


class _Words(QStackedLayout):
    """A stack of readouts, as high as the current one."""

    def heightForWidth(self, width: int) -> int:
        shown = self.currentWidget()
        return 0 if shown is None else max(0, shown.heightForWidth(width))

    def hasHeightForWidth(self) -> bool:
        return True  # with height 0 if no plot has a text

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), 0)


class RacePlots(QWidget):
    """The chosen plot, below the switch between plots and the readout of the chosen one."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self.distance, self.path, self.steps = RacePlot(lab), PathPlot(lab), StepsPlot(lab)
        self.choice: Segmented[PlotName] = Segmented(
            "race.plots",
            tr("What to plot"),
            Option(
                "distance", tr("Distance"), None, tr("Distance to the reference by noise level")
            ),
            Option("path", tr("Path"), None, tr("The path of a sprite along the curve")),
            Option("steps", tr("Steps"), None, tr("Distance at the end by number of steps")),
        )
        self._all = (self.distance, self.path, self.steps)
        words, plots = QWidget(), QWidget()
        pages = [QWidget() for _ in self._all]  # as plots show and hide their readouts
        for page, plot in zip(pages, self._all, strict=True):
            vbox(plot.readout, on=page)
            keep_place(plot.readout)
        self._words, self._plots = _Words(words), stack(plots, *self._all)
        for page in pages:
            self._words.addWidget(page)
        plots.setMinimumHeight(1)  # or it would be as high as the highest plot
        row = self._row = hbox(self.choice, (words, 1))
        vbox(row, (plots, 1), on=self, spacing=0)
        self.choice.changed.connect(self._show_chosen)
        self.hide()

    def minimumSizeHint(self) -> QSize:
        """Just enough to read the distance plot below all lanes; another plot gets more, and the
        lanes scroll.
        """
        least = self.distance.minimumSizeHint().height()
        if self.choice.value != "distance":
            least = max(least, round(_LEAST * theme_manager().text_scale))
        head = max(self.choice.sizeHint().height(), self._row.heightForWidth(self.width()))
        return QSize(super().minimumSizeHint().width(), head + least)

    def hasHeightForWidth(self) -> bool:
        return False  # a second line of text takes room from the plot, not from the lanes

    def _show_chosen(self, name: PlotName) -> None:
        index = ("distance", "path", "steps").index(name)
        self._words.setCurrentIndex(index)
        self._plots.setCurrentIndex(index)

    def show_race(self, run: RaceRun, sprite: int) -> None:
        """Draw the finished lanes; ``sprite``: index of the sprite whose path is drawn."""
        self.distance.show_race(run)
        self.path.show_race(run, sprite)
        self.steps.show_race(run)
        self.setVisible(run.any_done)

    def show_level(self, log_snr: float | None) -> None:
        """Mark the current noise level, None = none."""
        self.distance.show_level(log_snr)
        self.path.show_level(log_snr)
