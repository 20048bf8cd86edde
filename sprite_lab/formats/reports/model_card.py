"""Model cards in Markdown: description, training data, quality and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from jinja2 import Template

from sprite_lab.core.model_facts import DataFacts, ModelFacts
from sprite_lab.formats.templates import templates_in

#: Characters that start Markdown markup; an underscore only unless it is between letters.
_MARKS = re.compile(r"[\\`*\[\]<>!|~&#]|(?<![^\W_])_|_(?![^\W_])|^[-+=]")


def as_text(text: object) -> str:
    """Escape a text, so that Markdown shows it verbatim, on one line."""
    marked = _MARKS.sub(r"\\\g<0>", " ".join(str(text).split()))
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", marked)  # otherwise it would start a list


def as_code(text: object) -> str:
    """Format a text as code in Markdown; backticks become apostrophes."""
    return f"`{' '.join(str(text).split()).replace('`', chr(39))}`"


def model_card(title: str, use: str, facts: ModelFacts, *, data: str, figures: str) -> str:
    """The card of a model, as Markdown.

    ``use``: the command that draws with it. ``data``, ``figures``: from :func:`data_chapter` and
    :func:`figures_chapter`.
    """
    return _card().render(title=title, use=use, facts=facts, data=data, figures=figures)


@cache
def _card() -> Template:
    templates = templates_in("reports", html=False)
    templates.filters |= {"text": as_text, "code": as_code}
    return templates.get_template("card.md")


def data_chapter(data: DataFacts) -> str:
    """The section on the training data, with its attribution."""
    fingerprint = as_code(data.fingerprint)
    text = f"Trained on “{as_text(data.title)}”, fingerprint {fingerprint}."
    if data.credits:
        lines = "\n".join(f"- {as_text(credit.line)}" for credit in data.credits)
        return f"{text} These drew it:\n\n{lines}"
    return (
        f"{text}\nThe set says nothing of who drew it; if people did, their license may bind this "
        "model and\nwhat it draws: name them here."
    )


def figures_chapter(figures: Mapping[str, float | None]) -> str:
    """The section on quality: the latest figures of a run, if any, and how to measure more."""
    names = {
        "loss": "training loss",
        "val_loss": "training loss on sprites set aside",
        "epsilon_error": "squared error of the predicted noise on sprites set aside",
    }
    known = ((words, figures.get(name)) for name, words in names.items())
    rows = [f"- {words}: {value:.4f}" for words, value in known if value is not None]
    advice = "`sprite-lab evaluate` and `sprite-lab report` measure likelihood, quality and copies."
    return "\n".join([*rows, "", advice])
