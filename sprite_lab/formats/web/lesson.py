"""Lessons for a page: their texts, questions and pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markupsafe import Markup

from sprite_lab.formats.web.recordings import Recording

#: Links into the app, of which a page shows the words alone.
_APP_LINK = re.compile(r"\[([^\]]*)\]\((?:control|source|help):[^)]*\)")


@dataclass(frozen=True, eq=False)
class WebStep:
    """A step of a lesson."""

    text: str  #: Markdown; HTML in it is shown as text
    recording: int | None = None  #: number of the recording that it shows, None = none
    #: where its slider stands: "noise", "clean" or a level t; None = where it was
    at: str | float | None = None
    ask: dict[str, Any] | None = None  #: the question, as a lesson file has it

    @property
    def html(self) -> Markup:
        plain = _APP_LINK.sub(r"\1", self.text)
        return Markup(MarkdownIt("commonmark", {"html": False}).render(plain))


@dataclass(frozen=True, eq=False)
class WebLesson:
    """A lesson with the recordings that its steps show."""

    key: str  #: tells its answers from others'
    title: str
    summary: str
    minutes: int
    steps: Sequence[WebStep]
    recordings: Sequence[Recording]
    #: each answer is taken as it is, once; a link says whether it is before or after lessons
    test: bool = False

    def to_json(self) -> dict[str, Any]:
        """What its script needs; texts are in the page already."""
        return {
            "key": self.key,
            "title": self.title,
            "test": self.test,
            "steps": [
                {"recording": step.recording, "at": step.at, "ask": step.ask} for step in self.steps
            ],
            "recordings": [recording.to_json() for recording in self.recordings],
        }
