#!/usr/bin/env python3
"""The catalogs of translations, resources/translations/<language>/{words,lessons}.po.

    python packaging/translations.py extract           # collects the words from code and lessons
    python packaging/translations.py check             # exits with 1 where something is amiss
    python packaging/translations.py pseudo FOLDER     # a language in which nothing looks English

``extract`` keeps existing translations. Where English words were changed, the translation of
similar words stays as a guess ("fuzzy"), which the app does not use. ``check`` verifies that the
catalogs have all words, translated, with the same values (``{count}``), marks and keys.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from string import Formatter

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sprite_lab.formats.web.page import words_of_page  # noqa: E402
from sprite_lab.words import LESSON_TEXTS, Entry, read_po, topic_words  # noqa: E402

TRANSLATIONS = ROOT / "resources" / "translations"
CATALOGS = ("words", "lessons")

#: Functions whose arguments are translated, besides those of ``sprite_lab.words``: by position, or
#: by name.
WORDS_OF: dict[str, tuple[int | str, ...]] = {
    "tr": (0,),
    "marked": (0,),
    "setting": (1, "label", 2, "title", 3, "tip", 5, "group", "unset", "unit"),
    "Choice": (1, "label", 2, "tip"),
    "Sampler": (0, 1),
    "reading": (1,),
    "SpriteLabError": (0,),
    "ConfigError": (0,),
    "FileError": (0,),
    "WriteError": (0,),
    "RunError": (0,),
    "require": (1,),
}

#: Entries by their keys, with the files that have them.
Found = dict[str, tuple[Entry, list[str]]]

_ACCENTED = str.maketrans("AEIOUaeiouCcNnSsYyZz", "ÅËÎØÛåëîøûÇçÑñŠšÝýŽž")


# -- collecting -----------------------------------------------------------------------------------


def words_in_code() -> Found:
    """All texts in the code, including those of the web pages."""
    found: Found = {}
    recipes = sorted((ROOT / "packaging").glob("make_*.py"))  # they set the title of a model
    for path in [*sorted((ROOT / "sprite_lab").rglob("*.py")), *recipes]:
        if "resources" in path.parts:
            continue
        tree = ast.parse(path.read_text("utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
            for entry in _entries_of(call):
                _add(found, entry, path)
    for path in sorted((ROOT / "resources" / "help" / "views").glob("*.md")):
        _add(found, Entry(topic_words(path.stem)), path)
    for path in sorted((ROOT / "resources" / "models").glob("*/card.md")):
        title = re.search(r"^# (.*)$", path.read_text("utf-8"), re.MULTILINE)
        _add(found, Entry(title[1] if title else "", "model"), path)
    web = ROOT / "resources" / "web"
    for path in sorted([*web.glob("*.mjs"), *web.glob("*.html")]):
        for text, many in words_of_page(path.read_text("utf-8")):
            _add(found, Entry(text, many=many), path)
    return found


def words_in_lessons() -> Found:
    """All texts of the lessons and of the ten questions."""
    found: Found = {}
    resources = ROOT / "resources"
    for path in [*sorted((resources / "lessons").glob("*.json")), resources / "ten-questions.json"]:
        for text in _texts(json.loads(path.read_text("utf-8"))):
            _add(found, Entry(text), path)
    return found


def _texts(part: object) -> Iterator[str]:
    for value in part if isinstance(part, list) else ():
        yield from _texts(value)
    for key, value in part.items() if isinstance(part, dict) else ():
        if key in LESSON_TEXTS and isinstance(value, str):
            yield value
        else:
            yield from _texts(value)


def _entries_of(call: ast.Call) -> Iterator[Entry]:
    name = getattr(call.func, "id", getattr(call.func, "attr", ""))
    if name == "trc" and len(call.args) > 1:
        for context in _literals(call.args[0]):
            yield from (Entry(text, context) for text in _literals(call.args[1]))
    elif name == "model_card" and call.args:
        yield from (Entry(text, "model") for text in _literals(call.args[0]))
    elif name == "trn" and len(call.args) > 2:
        for one, many in zip(_literals(call.args[0]), _literals(call.args[1]), strict=True):
            yield Entry(one, many=many)
    for argument in WORDS_OF.get(name, ()):
        if isinstance(argument, int):
            given = call.args[argument : argument + 1]
        else:
            given = [keyword.value for keyword in call.keywords if keyword.arg == argument]
        for node in given:
            yield from (Entry(text) for text in _literals(node) if re.search(r"[^\W\d_]", text))


def _literals(node: ast.expr) -> list[str]:
    """The text of an argument, or both texts of a conditional."""
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def _add(found: Found, entry: Entry, path: Path) -> None:
    known, places = found.setdefault(entry.key, (entry, []))
    if entry.many and not known.many:
        found[entry.key] = entry, places
    place = path.relative_to(ROOT).as_posix()
    if place not in places:
        places.append(place)


# -- writing --------------------------------------------------------------------------------------


def updated(found: Found, before: Iterable[Entry]) -> str:
    """A catalog of the texts found, with existing translations; its header is kept."""
    head, *others = before
    known = {entry.key: entry for entry in others if any(entry.said)}
    gone = {key: entry for key, entry in known.items() if key not in found}
    blocks = [_block(head)]
    for key, (entry, places) in found.items():
        old = known.get(key)
        if old is None or bool(old.many) != bool(entry.many):
            alike = difflib.get_close_matches(key, gone, 1, 0.75) if gone else []
            old = gone[alike[0]] if alike else Entry("")
            old = old._replace(fuzzy=any(old.said))
        said = old.said or ("",)
        blocks.append(_block(entry._replace(said=said, fuzzy=old.fuzzy), places, old.words))
    return "\n".join(blocks)


def _block(entry: Entry, places: Iterable[str] = (), before: str = "") -> str:
    lines = [f"#: {place}" for place in places]
    if entry.fuzzy:
        lines += ["#, fuzzy", *(f"#| {line}" for line in _quoted("msgid", before))]
    if entry.context:
        lines += _quoted("msgctxt", entry.context)
    lines += _quoted("msgid", entry.words)
    if entry.many:
        lines += _quoted("msgid_plural", entry.many)
        said = entry.said if len(entry.said) > 1 else (entry.said[0], "")
        for form, text in enumerate(said):
            lines += _quoted(f"msgstr[{form}]", text)
    else:
        lines += _quoted("msgstr", entry.said[0])
    return "\n".join([*lines, ""])


def _quoted(name: str, text: str) -> list[str]:
    lines = text.splitlines(keepends=True)
    quoted = [json.dumps(line, ensure_ascii=False) for line in lines]
    return [f"{name} {quoted[0]}"] if len(quoted) == 1 else [f'{name} ""', *quoted]


def _read(path: Path) -> list[Entry]:
    return list(read_po(path.read_text("utf-8")))


# -- checking -------------------------------------------------------------------------------------


def faults(found: Found, entries: Iterable[Entry]) -> list[str]:
    """One sentence for each text that is missing, untranslated or badly translated."""
    known = {entry.key: entry for entry in entries if entry.words}
    said = [f"not in the catalog (extract): {key!r}" for key in found if key not in known]
    said += [f"no longer said (extract): {key!r}" for key in known if key not in found]
    for key, entry in known.items():
        if not all(entry.said) or entry.fuzzy:
            said.append(f"not translated: {key!r}")
            continue
        for text in entry.said:
            problem = _amiss(entry, text)
            if problem:
                said.append(f"{problem}: {key!r} → {text!r}")
    return said


def _amiss(entry: Entry, text: str) -> str:
    """A fault of a translation; "" = none."""
    try:
        # A singular may omit its number, in either language.
        wanted = _values(entry.words) | (_values(entry.many) if entry.many else Counter())
        given = _values(text)
    except ValueError as error:
        return f"cannot be filled in ({error})"
    if given - wanted or (wanted - given and not (entry.many and set(wanted - given) == {"n"})):
        return f"other values {{}}, not {sorted(wanted)}"
    for name, pattern in _KEPT.items():
        if Counter(re.findall(pattern, entry.words)) != Counter(re.findall(pattern, text)):
            return f"other {name}"
    if entry.words[:1].isspace() != text[:1].isspace():
        return "another space before it"
    if entry.words[-1:].isspace() != text[-1:].isspace():
        return "another space behind it"
    if entry.words[-1:] != text[-1:] and "…" in (entry.words[-1:], text[-1:]):
        return "another end (…)"
    if re.search(r"'\{[^{}']+\}'", text):
        return "English quotation marks"
    return ""


#: Elements that must occur as often as in the English text.
_KEPT = {"links": r"\]\([^)\s]+\)", "tags": r"</?[a-z]+\b[^>]*>", "mnemonics": r"&(?=\w)(?!\w+;)"}


def _values(text: str) -> Counter[str]:
    return Counter(str(name) for _, name, _, _ in Formatter().parse(text) if name is not None)


# -- the pseudo-language --------------------------------------------------------------------------


def pseudo(text: str) -> str:
    """Text with accents, each word a third longer; values, tags and links stay as they are.

    >>> pseudo("Start {n} runs")
    '[Štårt~ {n} rûñš~]'
    """
    kept = re.split(r"(\{[^}]*\}|</?[a-z][^>]*>|\]\([^)\s]+\)|&\w+;|&|\n)", text)
    said = "".join(p if i % 2 else re.sub(r"[^\W\d_]+", _longer, p) for i, p in enumerate(kept))
    space = text[len(text.rstrip()) :]
    lead = text[: len(text) - len(text.lstrip())]
    return f"{lead}[{said.strip()}]{space}"


def _longer(word: re.Match[str]) -> str:
    return word[0].translate(_ACCENTED) + "~" * (35 * len(word[0]) // 100)


def write_pseudo(folder: Path) -> None:
    """Write a language of :func:`pseudo`."""
    folder.mkdir(parents=True, exist_ok=True)
    head = Entry("", said=("Language: en\nPlural-Forms: plural=(n != 1);\n",))
    for name, found in _found().items():
        blocks = [_block(head)]
        for entry, _ in found.values():
            said = tuple(pseudo(text) for text in (entry.words, entry.many) if text)
            blocks.append(_block(entry._replace(said=said)))
        (folder / f"{name}.po").write_text("\n".join(blocks), encoding="utf-8")


# -- the command ----------------------------------------------------------------------------------


def _found() -> Mapping[str, Found]:
    return {"words": words_in_code(), "lessons": words_in_lessons()}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", choices=("extract", "check", "pseudo"))
    parser.add_argument("folder", nargs="?", type=Path, help="where the pseudo-language goes")
    asked = parser.parse_args()
    if asked.what == "pseudo":
        write_pseudo(asked.folder or ROOT / "build" / "pseudo")
        return 0
    amiss = 0
    for name, found in _found().items():
        for path in sorted(TRANSLATIONS.glob(f"*/{name}.po")):
            entries = _read(path)
            if asked.what == "extract":
                path.write_text(updated(found, entries), encoding="utf-8")
                continue
            wrong = faults(found, entries)
            amiss += len(wrong)
            print(f"{path.relative_to(ROOT)}: {len(wrong)} of {len(found)} amiss")
            print(*(f"  {fault}" for fault in wrong), sep="\n", end="\n" * bool(wrong))
    return 1 if amiss else 0


if __name__ == "__main__":
    sys.exit(main())
