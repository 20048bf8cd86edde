"""Model cards in Markdown: description, training data, quality and limits."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sprite_lab.core.model_facts import DataFacts, ModelFacts

#: Characters that start Markdown markup; an underscore only unless it is between letters.
_MARKS = re.compile(r"[\\`*\[\]<>!|~&#]|(?<![^\W_])_|_(?![^\W_])|^[-+=]")

LIMITS = """\
It knows small sprites on plain ground, and only such classes. What it draws can come close to a
sprite that it was trained on."""


def as_text(text: object) -> str:
    """Markdown that shows a text verbatim, on one line."""
    marked = _MARKS.sub(r"\\\g<0>", " ".join(str(text).split()))
    return re.sub(r"^(\d+)([.)])", r"\1\\\2", marked)  # otherwise it would start a list


def as_code(text: object) -> str:
    """Markdown that shows a text as code; backticks become apostrophes."""
    return f"`{' '.join(str(text).split()).replace('`', chr(39))}`"


def model_card(title: str, use: str, facts: ModelFacts, *, data: str, figures: str) -> str:
    """The card of a model, as Markdown.

    Parameters
    ----------
    use : the command that draws with it.
    data, figures : the chapters of these names, as Markdown.
    """
    config, network = facts.config, facts.config.network
    side, vocabulary, teacher = network.image_size, facts.data.vocabulary, facts.data.student_of
    ground = "with transparency" if network.channels == 4 else "on white"
    names = ", ".join(map(as_code, vocabulary.classes))
    classes = f"in the classes\n{names}" if names else "of no\nclasses"
    if vocabulary.words:
        styles = f" and {len(vocabulary.styles)} styles" if vocabulary.styles else ""
        classes += f",\nasked for in {len(vocabulary.words)} words{styles}"
    if teacher:
        made = (
            f"Distilled from {as_code(teacher)} in {facts.step:,} steps: it draws "
            "in 4 evaluations,\n2 or 1, and takes the strength of guidance as an input."
        )
    else:
        made = (
            f"Trained for {facts.step:,} steps of {config.batch_size} sprites with the\n"
            f"preset {as_code(config.preset)}{_start(title, facts.data)}. {_unseen(facts)}"
        )
    return f"""# {as_text(title)}

{as_code(use)}

A diffusion model of {side}x{side} sprites {ground}, {classes}.
{made}

## Data

{data.strip()}

## Figures

{figures.strip()}

## Limits

{LIMITS}
"""


def _start(title: str, data: DataFacts) -> str:
    """Which weights it started from."""
    if data.init is None:
        return ""
    own = data.init.title == title
    start = "an earlier version of it" if own else f"the model {as_code(data.init.title)}"
    return f", starting from {start}"


def _unseen(facts: ModelFacts) -> str:
    """Which sprites of the set were not trained on, and since when."""
    if not facts.config.validation_fraction:
        return "It learned from all sprites of the\nset: none was set aside."
    when = "It was never" if facts.data.init is None else "Since then it was not"
    return f"{when}\ntrained on the sprites that are set aside for measuring it."


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
    """The newest figures of a run, if any."""
    names = {
        "loss": "training loss",
        "val_loss": "training loss on sprites set aside",
        "epsilon_error": "squared error of the predicted noise on sprites set aside",
    }
    known = ((words, figures.get(name)) for name, words in names.items())
    rows = [f"- {words}: {value:.4f}" for words, value in known if value is not None]
    advice = "`sprite-lab evaluate` and `sprite-lab report` measure likelihood, quality and copies."
    return "\n".join([*rows, "", advice])
