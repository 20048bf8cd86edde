"""File names from a template such as ``{class}-{seed}-{index:03}``."""

from __future__ import annotations

import re
import string
import time
from collections.abc import Iterable
from pathlib import Path

from sprite_lab.core.errors import ConfigError, FileError

#: Fields of a template: the sprite's number from 1, its seed, its class and its name.
FIELDS = ("index", "seed", "class", "name")

#: Stands in for a missing class.
NOTHING = "sprite"

#: Maximum number of letters in a name, and of bytes in UTF-8. Most systems allow 255 bytes, but
#: suffixes, numbers and the name of a temporary file are added.
LONGEST, LONGEST_BYTES = 120, 200

#: Names that Windows reserves for devices, with any extension.
DEVICES = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³]) *(\.|$)", re.IGNORECASE)


def later_number(before: Iterable[Path]) -> int:
    """The time in nanoseconds, for a file name that sorts after earlier ones of that kind, even if
    the clock was set back."""
    numbers = [int(digits) for path in before for digits in re.findall(r"\d{19}", path.stem)]
    return max(time.time_ns(), 10**18, *(number + 1 for number in numbers))


def check_template(template: str) -> None:
    """Raise ConfigError if a template has an unknown field or names a folder."""
    fill(template, index=1, seed=0, class_name="", name="")


def fill(template: str, *, index: int, seed: int | None, class_name: str, name: str) -> str:
    """The name of one file without its extension, valid on every system.

    Raises ConfigError if the template cannot be filled.

    Parameters
    ----------
    index : from 1.
    seed : None = unknown, as for drawings: written as 0.
    name : "" = none: the class is written, with a number unless the template has one.
    """
    kind = class_name or NOTHING
    values: dict[str, int | str] = {
        "index": index,
        "seed": seed or 0,
        "class": kind,
        "name": name or (kind if "{index" in template else f"{kind}-{index}"),
    }
    choose = f"choose from {', '.join('{' + field + '}' for field in FIELDS)}"
    if "/" in template or "\\" in template:
        raise ConfigError(
            "'{template}' is not a file name, because it contains a folder.", template=template
        )
    filled = ""
    try:
        for text, field, how, conversion in string.Formatter().parse(template):
            filled += text
            if field is None:
                continue
            if field not in values or conversion:
                raise ConfigError(
                    "'{{{field}}}' is not a placeholder for file names: {choose}.",
                    field=field,
                    choose=choose,
                )
            if how and not re.fullmatch(r"0?\d{1,2}", how):
                raise ConfigError(
                    "'{{{field}:{how}}}' cannot be filled: write {{index:03}}.",
                    field=field,
                    how=how,
                )
            filled += format(values[field], how or "")
    except ConfigError:
        raise
    except ValueError:
        raise ConfigError(
            "'{template}' has a brace too many or too few: {choose}.",
            template=template,
            choose=choose,
        ) from None
    return safe(filled)


def safe(name: str) -> str:
    """The name made valid on every system: forbidden characters are replaced, and long names cut.

    "sprite" if nothing is left.
    """
    kept = "".join("-" if c in '<>:"/\\|?*' or not c.isprintable() else c for c in name)
    kept = kept.strip(" .")[:LONGEST].encode()[:LONGEST_BYTES].decode(errors="ignore")
    kept = kept.strip(" .") or "sprite"
    return f"_{kept}" if DEVICES.match(kept) else kept


def check_text(name: str | Path) -> None:
    """Raise FileError if a name cannot be written as text or passed to a library that takes text:
    on Linux, names are any bytes.
    """
    try:
        str(name).encode()
    except UnicodeEncodeError:
        raise FileError(
            "The name '{name}' contains bytes that are not text; choose another name.", name=name
        ) from None


def unique(names: Iterable[str]) -> list[str]:
    """The names made unique, ignoring case: repeated ones get "-2", "-3", ..."""
    taken: set[str] = set()
    found = []
    for name in names:
        number, other = 1, name
        while other.casefold() in taken:
            number += 1
            other = f"{name}-{number}"
        taken.add(other.casefold())
        found.append(other)
    return found
