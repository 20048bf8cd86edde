"""Where samples of a training come from: run, what was asked for, sampler, steps and seed."""

from __future__ import annotations

from pathlib import Path

from sprite_lab.app.shell.text_format import DOT, in_whole_parts, run_title, sampling_words
from sprite_lab.core.config import SampleConfig
from sprite_lab.ui.theme import theme_manager


def run_origin(run: Path, which: str, config: SampleConfig) -> str:
    """The origin in one line; ``which``: samples of the run.

    Beside large text the pictures need the row that the run's name would take: the library has it.
    """
    name = () if theme_manager().text_is_large else (run_title(run.name),)
    return in_whole_parts(DOT.join((*name, which, *sampling_words(config))))
