"""The Measure workspace: pages that measure a model."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.ui.measure.memory import MemoryPage
from sprite_lab.ui.measure.probability import ProbabilityPage
from sprite_lab.ui.measure.thermodynamics import ThermodynamicsPage
from sprite_lab.ui.widgets.pages import Pages, PageSpec
from sprite_lab.words import tr


class MeasureWorkspace(Pages):
    """How probable sprites are, and what else can be measured of a model."""

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        specs = [
            PageSpec(
                "probability",
                tr("Probability"),
                "bits",
                tr(
                    "How many bits sprites take: in which pixels, at which noise level, for "
                    "which class"
                ),
                lambda: ProbabilityPage(lab),
            ),
            PageSpec(
                "memory",
                tr("Memorization"),
                "memory",
                tr("Is a sprite new or a copy, and which training sprites could it have become?"),
                lambda: MemoryPage(lab),
            ),
            PageSpec(
                "thermodynamics",
                tr("Thermodynamics"),
                "entropy",
                tr("What noise destroys of the training set, and what the model restores"),
                lambda: ThermodynamicsPage(lab),
            ),
        ]
        super().__init__(specs, name="measure", parent=parent)
