"""Translations of the app's texts, read from gettext's ``.po`` files.

The texts in the code are English, which needs no lookup. Other languages are in
``resources/translations``, each in a folder with ``words.po`` (the window), ``lessons.po`` and the
pages of ``help``. Missing translations are shown in English. CONTRIBUTING.md ("Translations")
explains how to wrap texts and how to add a language; ``packaging/translations.py`` collects the
texts from the code.

The language is chosen once, when the program starts, before modules with tables of texts are
imported. May import only the standard library. Safe to call from any thread.
"""

from __future__ import annotations

import json
import numbers
import os
import re
import string
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple, TypeGuard, TypeVar

from sprite_lab.paths import resource

#: The environment variable for a language: its code, or the folder of a translation in progress. ""
#: or unset = English or, in the window, the language in the settings.
VARIABLE = "SPRITE_LAB_LANGUAGE"

ENGLISH = "en"
#: The available languages by code, each under its own name.
LANGUAGES = {ENGLISH: "English", "de": "Deutsch", "es": "Español"}
#: Headers of a catalog: how the language writes 1,234.5%, whether names keep their capital letter
#: within a sentence ("kept"), and the language of Qt's own texts.
NUMBER_HEADER, CAPITALS_HEADER, CODE_HEADER = "X-Number", "X-Capitals", "Language"

#: Keys of texts in a lesson's file. Other strings are names.
LESSON_TEXTS = ("title", "summary", "text", "reply", "low", "high", "right", "unit", "where")

#: Placeholders whose integers are identifiers, and so are written without thousands separators. A
#: digit may follow ("seed2").
NAMES = ("seed", "port")

_ENGLISH_NUMBER = "1,234.5%"
_CONTEXT = "\4"  # separates a context and the text, as in gettext

T = TypeVar("T")


class Entry(NamedTuple):
    """An entry of a catalog: an English text, its context, and its translation."""

    words: str
    context: str = ""
    many: str = ""  #: the English plural; "" = none
    #: one text, or one for each plural form; () or "" = not translated
    said: tuple[str, ...] = ()
    fuzzy: bool = False  #: whether the translation is a guess, which is not used

    @property
    def key(self) -> str:
        return f"{self.context}{_CONTEXT}{self.words}" if self.context else self.words


class _Catalog(NamedTuple):
    code: str = ENGLISH
    folder: Path | None = None
    words: Mapping[str, tuple[str, ...]] = {}
    plural: Callable[[int], int] = lambda n: int(n != 1)
    marks: dict[int, str] = {}  #: replacements of ",", "." and "%" in numbers
    keeps_capitals: bool = False  #: whether names keep their capital letter within a sentence


_catalog = _Catalog()


def tr(text: str, /, **values: object) -> str:
    """A text in the chosen language, with ``values`` inserted for ``{name}``.

    The text must be a literal, because texts are collected from the code. Numbers are formatted for
    the language, integers with a mark at each thousand, except those in :data:`NAMES`.

    >>> tr("{count} of “{name}”, seed {seed}", count=2000, name="hero", seed=2000)
    '2,000 of “hero”, seed 2000'
    """
    said = _catalog.words.get(text)
    return _filled(said[0] if said else text, values)


def trc(context: str, text: str, /, **values: object) -> str:
    """Like :func:`tr`; ``context`` distinguishes the meanings of an English word."""
    said = _catalog.words.get(f"{context}{_CONTEXT}{text}")
    return _filled(said[0] if said else text, values)


def trn(one: str, many: str, n: int, /, **values: object) -> str:
    """Like :func:`tr`, for ``n`` things; both texts may contain ``{n}``.

    >>> trn("{n} sprite", "{n:,} sprites", 1), trn("{n} sprite", "{n:,} sprites", 5000)
    ('1 sprite', '5,000 sprites')
    """
    said = _catalog.words.get(one)
    form = _catalog.plural(n)
    text = said[min(form, len(said) - 1)] if said else many if form else one
    return _filled(text, {"n": n, **values})


def translations(text: str, /) -> tuple[str, ...]:
    """The translations of a text, one for each plural form; () = none."""
    return _catalog.words.get(text, ())


def marked(text: str) -> str:
    """The text itself, marked for the catalog; :func:`tr` is called where it is shown."""
    return text


def within(text: str) -> str:
    """A name within a sentence: in lower case, if the language writes it so.

    >>> within("Training set"), within("GIF")
    ('training set', 'GIF')
    """
    keeps = _catalog.keeps_capitals or not text[1:2].islower()
    return text if keeps else text[:1].lower() + text[1:]


def number_text(value: float, spec: str = ",") -> str:
    """A number in the language's format: "1,234.5".

    >>> number_text(1234), number_text(0.5, ".2f")
    ('1,234', '0.50')
    """
    return with_marks(format(value, spec))


def with_marks(number: str) -> str:
    """Convert a number from Python's format to the language's."""
    return number.translate(_catalog.marks)


class _Filler(string.Formatter):
    def get_value(
        self, key: int | str, args: Sequence[object], kwargs: Mapping[str, object]
    ) -> object:
        value: object = super().get_value(key, args, kwargs)
        return str(value) if str(key).rstrip(string.digits) in NAMES else value

    def format_field(self, value: object, spec: str) -> str:
        text: str = format(value, spec or ("," if _is_whole(value) else ""))
        return with_marks(text) if isinstance(value, numbers.Real) else text


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _filled(text: str, values: Mapping[str, object]) -> str:
    if not values:
        return text
    plain = not _catalog.marks and not any(_is_whole(v) and abs(v) > 999 for v in values.values())
    return text.format(**values) if plain else _Filler().vformat(text, (), values)


# -- the language ---------------------------------------------------------------------------------


def language() -> str:
    """Code of the chosen language: "en", "de"."""
    return _catalog.code


def use_language(wanted: str) -> None:
    """Choose a language: a code such as "de" or "de_AT", or the folder of a translation.

    "" or a language that is not available means English.
    """
    global _catalog
    folder = _folder_of(wanted)
    if folder is None:
        _catalog = _Catalog()
        return
    from gettext import c2py  # noqa: PLC0415 (not for English)

    head = _head(folder / "words.po")
    plural = head.get("Plural-Forms", "").partition("plural=")[2].rstrip(";")
    written = head.get(NUMBER_HEADER, _ENGLISH_NUMBER)
    _catalog = _Catalog(
        head.get(CODE_HEADER, folder.name),
        folder,
        _words(folder / "words.po"),
        c2py(plural) if plural else _Catalog().plural,
        {} if written == _ENGLISH_NUMBER else _marks(written),
        head.get(CAPITALS_HEADER) == "kept",
    )


def _marks(written: str) -> dict[int, str]:
    """Replacements of number marks, from 1,234.5% as the language writes it, as in "1.234,5 %".

    {} if ``written`` has another form.
    """
    found = re.fullmatch(r"1(\D*)234(\D)5(\D*)", written)
    return dict(zip(map(ord, ",.%"), found.groups(), strict=True)) if found else {}


def _folder_of(wanted: str) -> Path | None:
    code = wanted.replace("-", "_")
    for name in (wanted, code, code.partition("_")[0]):
        if name in ("", ENGLISH):
            return None
        folder = Path(name) if os.sep in name else resource("translations", name)
        if (folder / "words.po").is_file():
            return folder
    return None


def _words(path: Path) -> dict[str, tuple[str, ...]]:
    entries = read_po(path.read_text("utf-8")) if path.is_file() else ()
    return {e.key: e.said for e in entries if e.words and any(e.said) and not e.fuzzy}


def _head(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8") as file:
        head = next(read_po(file.read(4096)))
    lines = (line.partition(":") for line in "".join(head.said).splitlines())
    return {name.strip(): value.strip() for name, _, value in lines}


def read_po(text: str) -> Iterator[Entry]:
    """The entries of a ``.po`` file, its header (with no words) first."""
    fields: dict[str, str] = {}
    at, fuzzy = "", False
    for line in (*text.splitlines(), ""):
        if line.startswith("#"):
            fuzzy = fuzzy or (line.startswith("#,") and "fuzzy" in line)
        elif line.startswith('"'):
            fields[at] += json.loads(line, strict=False)
        elif line.strip():
            at, _, quoted = line.partition(" ")
            fields[at] = json.loads(quoted, strict=False)
        elif fields:
            said = tuple(value for name, value in fields.items() if name.startswith("msgstr"))
            context, many = fields.get("msgctxt", ""), fields.get("msgid_plural", "")
            yield Entry(fields.get("msgid", ""), context, many, said, fuzzy)
            fields, fuzzy = {}, False


# -- pages and lessons ----------------------------------------------------------------------------


def page_in_language(*parts: str) -> Path:
    """A shipped page, in the chosen language if available.

    It is named as in :func:`sprite_lab.paths.resource`.
    """
    own = _catalog.folder and _catalog.folder.joinpath(*parts)
    return own if own and own.is_file() else resource(*parts)


def topic_words(topic: str) -> str:
    """The topic of a page of ``help/views``, from its file name.

    >>> topic_words("loss_curve")
    'Loss curve'
    """
    return re.sub("[_-]", " ", topic).capitalize()


def english_page(path: Path) -> Path:
    """The English original of a translated page; any other page is returned unchanged."""
    folder = _catalog.folder
    own = folder and path.is_relative_to(folder)
    return resource(*path.relative_to(folder).parts) if folder and own else path


def lesson_in_language(document: T) -> T:
    """A shipped lesson, parsed from its file, with its texts in the chosen language."""
    if _catalog.folder is None:
        return document
    return _with_texts(document, _words(_catalog.folder / "lessons.po"))


def _with_texts(part: T, words: Mapping[str, tuple[str, ...]]) -> T:
    def said(key: str, value: object) -> object:
        if isinstance(value, str) and key in LESSON_TEXTS:
            return words.get(value, (value,))[0]
        return _with_texts(value, words)

    if isinstance(part, dict):
        return type(part)({key: said(key, value) for key, value in part.items()})
    if isinstance(part, list):
        return type(part)([_with_texts(item, words) for item in part])
    return part
