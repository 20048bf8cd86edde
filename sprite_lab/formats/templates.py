"""Templates of pages and other texts."""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sprite_lab.paths import resource


def templates_in(folder: str, *, html: bool = True) -> Environment:
    """The templates in a folder of the resources; undefined names are errors.

    ``html``: whether to escape values for HTML, and to drop the final newline.
    """
    return Environment(
        loader=FileSystemLoader(resource(folder)),
        autoescape=html,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=not html,
    )
