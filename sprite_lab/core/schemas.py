"""Files of a newer Sprite Lab: all that carry a schema are refused alike by one that is older."""

from __future__ import annotations

from sprite_lab.core.errors import FileError


class NewerFileError(FileError):
    """A file was written by a newer Sprite Lab, and is left as it is.

    Parameters
    ----------
    what : the file, as a sentence begins with it: "'a.spritelab'".
    schema : the one it has.
    """

    def __init__(self, what: str, schema: int) -> None:
        self.schema = schema
        super().__init__(
            f"{what} was written by a newer Sprite Lab (schema {schema}): update Sprite Lab to "
            "open it."
        )


def check_schema(found: object, newest: int, what: str) -> None:
    """Refuse a file whose schema, ``found``, is above the newest that is known.

    Raises
    ------
    NewerFileError
        If it is.
    ValueError
        If it is no schema at all, so that the file is damaged.
    """
    if type(found) is not int or found < 1:
        raise ValueError(f"its schema is {found!r}")
    if found > newest:
        raise NewerFileError(what, found)
