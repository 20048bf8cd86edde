"""Errors shown to users, one clear sentence each."""


class SpriteLabError(Exception):
    """An error that the user can fix. The message says what is wrong and what to do."""


class ConfigError(SpriteLabError, ValueError):
    """A setting is invalid or out of range."""


class FileError(SpriteLabError):
    """A file cannot be read or written, or does not hold what was expected."""


class RunError(SpriteLabError):
    """A run cannot start, continue or be resumed."""


class NotFiniteError(RunError):
    """What a network computes has become infinite or undefined. ``what``: with its article."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"What the network computes is no longer a number ({what}): its training went astray. "
            "Use an earlier checkpoint, or train again with a lower learning rate."
        )
        self.what = what


def require(condition: bool, message: str) -> None:
    """Raise ConfigError with ``message`` unless ``condition`` holds."""
    if not condition:
        raise ConfigError(message)
