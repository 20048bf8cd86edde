"""Where samples of a training run come from: run, what was asked for, sampler, steps and seed."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.app.shell.text_format import DOT, in_whole_parts, run_title, sampling_words
from sprite_lab.core.config import SampleConfig
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.elided import HintLabel


class RunOrigin(HintLabel):
    """The origin in one line. Beside large text the pictures need the row that the run's name
    would take, which is then in the tooltip.
    """

    def say(self, run: Path, which: str, config: SampleConfig) -> None:
        """Say where a run came from; ``which``: its samples."""
        words = which, *sampling_words(config)
        whole, short = (
            in_whole_parts(DOT.join(parts)) for parts in ((run_title(run.name), *words), words)
        )
        self.setText(short if theme_manager().text_is_large else whole)
        self.setToolTip(tooltip(whole))
