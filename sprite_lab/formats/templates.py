"""The templates of pages."""

from __future__ import annotations

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sprite_lab.paths import resource


def templates_in(folder: str) -> Environment:
    """The templates in a folder of the resources: escaped, and strict about names."""
    return Environment(
        loader=FileSystemLoader(resource(folder)),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
