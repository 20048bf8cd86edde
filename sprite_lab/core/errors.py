"""The errors that a person is shown, one clear sentence each."""


class SpriteLabError(Exception):
    """Something a person can mend. The message says what is wrong and what to do."""


class ConfigError(SpriteLabError, ValueError):
    """A setting is outside of what it may be."""


class FileError(SpriteLabError):
    """A file cannot be read or written, or does not hold what was expected."""


class RunError(SpriteLabError):
    """A run cannot start, go on or be resumed."""
