"""Schema versions: files written by a newer Sprite Lab are refused."""

from __future__ import annotations

from sprite_lab.core.errors import FileError
from sprite_lab.words import tr

#: Maximum version: more than there will ever be.
MOST = 999_999


class NewerFileError(FileError):
    """A file was written by a newer Sprite Lab; it is left unchanged.

    ``what``: the file, as it starts the message: "'a.spritelab'". ``schema``: the file's schema
    version.
    """

    def __init__(self, what: str, schema: int) -> None:
        self.schema = schema
        super().__init__(
            tr(
                "{what} was written by a newer Sprite Lab (schema {schema}): update Sprite Lab to "
                "open it.",
                what=what,
                schema=schema,
            )
        )


def check_schema(found: object, newest: int, what: str) -> None:
    """Refuse a file whose schema, ``found``, is above ``newest``, by a NewerFileError.

    Raises ValueError if ``found`` is no schema version: the file is damaged.
    """
    if type(found) is not int or not 1 <= found <= MOST:
        raise ValueError("its schema is not a version number")
    if found > newest:
        raise NewerFileError(what, found)
