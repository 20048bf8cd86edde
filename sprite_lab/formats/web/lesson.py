"""Lessons for a page: their texts, questions and pictures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from markdown_it import MarkdownIt
from markupsafe import Markup

from sprite_lab.formats.web.recordings import Recording

#: Links into the app, of which a page shows only the text.
_APP_LINK = re.compile(r"\[([^\]]*)\]\((?:control|source|help|step):[^)]*\)")


def without_links(text: str) -> str:
    """Markdown in which links into the app are their words."""
    return _APP_LINK.sub(r"\1", text)


def html_of(text: str) -> Markup:
    """Markdown as HTML. HTML in it is shown as text, and pictures are left out, since they would be
    requests.
    """
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
    #: position of its slider: "noise", "clean" or a level t; None = unchanged
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

    key: str  #: distinguishes its answers from those of other lessons
    title: str
    summary: str
    minutes: int
    steps: Sequence[WebStep]
    recordings: Sequence[Recording]
    figures: Sequence[WebFigure] = ()
    #: each answer counts as given, once; a link says whether it is before or after lessons
    test: bool = False

    def to_json(self) -> dict[str, object]:
        """The data for its script; texts and figures are already in the page."""
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
