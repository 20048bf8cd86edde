"""The origin of a training run's samples: run, prompt, sampler, steps and seed."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.app.shell.text_format import DOT, in_whole_parts, run_title, sampling_words
from sprite_lab.core.config import SampleConfig
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.elided import HintLabel


class RunOrigin(HintLabel):
    """The origin in one line. With large text, the run's name is only in the tooltip, since the
    pictures need the space.
    """

    def say(self, run: Path, which: str, config: SampleConfig) -> None:
        """Show the origin of samples; ``which``: names them within the run."""
        words = which, *sampling_words(config)
        whole, short = (
            in_whole_parts(DOT.join(parts)) for parts in ((run_title(run.name), *words), words)
        )
        self.setText(short if theme_manager().text_is_large else whole)
        self.setToolTip(tooltip(whole))
