"""Lessons for a page: their texts, questions and pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from markdown_it import MarkdownIt
from markupsafe import Markup

from sprite_lab.formats.web.recordings import Recording

#: Links into the app; a page shows only their text.
_APP_LINK = re.compile(r"\[([^\]]*)\]\((?:control|source|help|step):[^)]*\)")


def without_links(text: str) -> str:
    """Markdown with links into the app replaced by their text."""
    return _APP_LINK.sub(r"\1", text)


def html_of(text: str) -> Markup:
    """Markdown as HTML, with HTML in it as text, and without pictures, which cause requests."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    return Markup(markdown.render(without_links(text)))


@dataclass(frozen=True, eq=False)
class WebFigure:
    """Pictures side by side, each with its caption."""

    parts: Sequence[tuple[Markup, str]]

    @property
    def html(self) -> Markup:
        part = Markup("<div>{}<p>{}</p></div>")
        return Markup("").join(part.format(picture, caption) for picture, caption in self.parts)


@dataclass(frozen=True, eq=False)
class WebStep:
    """A step of a lesson."""

    text: str  #: Markdown
    recording: int | None = None  #: index of the recording it shows, None = none
    #: position of the recording's slider: "noise", "clean" or a level t; None = unchanged
    at: str | float | None = None
    hidden: Sequence[str] = ()  #: views of the recording that it hides: "x_t", "x0", "epsilon"
    figure: int | None = None  #: index of the figure it shows, None = none
    #: the question, as in a lesson file, except that ``reveal`` names the views shown after the
    #: answer
    ask: dict[str, object] | None = None

    @property
    def html(self) -> Markup:
        return html_of(self.text)


@dataclass(frozen=True, eq=False)
class WebLesson:
    """A lesson with the recordings and figures that its steps show."""

    key: str  #: identifies the lesson's answers
    title: str
    summary: str
    minutes: int
    steps: Sequence[WebStep]
    recordings: Sequence[Recording]
    figures: Sequence[WebFigure] = ()
    #: whether it is a test: each question can be answered once, and the link to the page says
    #: whether it comes before or after the lessons
    test: bool = False

    def to_json(self) -> dict[str, object]:
        """The data for the page's script; texts and figures are already in the page."""
        return {
            "key": self.key,
            "title": self.title,
            "test": self.test,
            "steps": [
                {key: value for key, value in asdict(step).items() if key != "text"}
                for step in self.steps
            ],
            "recordings": [recording.to_json() for recording in self.recordings],
        }
