"""Errors shown to users, one clear sentence each."""

from __future__ import annotations

from sprite_lab.words import marked, tr


class SpriteLabError(Exception):
    """An error that the user can fix. The message says what is wrong and what to do.

    It is passed in English, and translated here with ``values`` filled in, as by :func:`.tr`.
    """

    def __init__(self, sentence: str, /, **values: object) -> None:
        super().__init__(tr(sentence, **values))


class ConfigError(SpriteLabError, ValueError):
    """A setting is invalid or out of range."""


class FileError(SpriteLabError):
    """A file cannot be read or written, or does not hold what was expected."""


class WriteError(FileError):
    """The system refused to write, for instance because the disk is full."""


class RunError(SpriteLabError):
    """A run cannot start, continue or be resumed."""


class NotFiniteError(RunError):
    """A network's output is infinite or undefined. ``what``: its name, with an article."""

    def __init__(self, what: str) -> None:
        sentence = marked(
            "What the network computes is no longer a number ({what}): its training diverged. "
            "Use an earlier checkpoint, or train again with a lower learning rate."
        )
        super().__init__(sentence, what=what)
        self.what = what


def expect(name: str, value: object, kinds: type | tuple[type, ...], what: str) -> None:
    """Raise ConfigError saying that ``name`` must be ``what``, unless ``value`` is of ``kinds``."""
    require(
        isinstance(value, kinds),
        "'{name}' must be {what}, not {kind}.",
        name=name,
        what=what,
        kind=_kind(value),
    )


def _kind(value: object) -> str:
    return repr(value) if value is None else type(value).__name__


def require(condition: bool, sentence: str, /, **values: object) -> None:
    """Raise ConfigError with this sentence unless ``condition`` holds."""
    if not condition:
        raise ConfigError(sentence, **values)
