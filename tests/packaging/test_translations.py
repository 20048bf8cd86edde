"""Texts in other languages: catalogs, plurals, numbers, pages and lessons."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import translations

from sprite_lab import words
from sprite_lab.formats.lessons import load_lesson
from sprite_lab.paths import resource
from sprite_lab.words import Entry, number_text, read_po, tr, trc, trn, use_language

#: All modules are read once.
words_in_code = cache(translations.words_in_code)

WORDS = r"""
msgid ""
msgstr ""
"Language: de\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"
"X-Number: 1.234,5 %\n"

#: sprite_lab/ui/some.py
msgid "{count:,} of “{name}”"
msgstr "„{name}“: {count:,}"

msgctxt "verb"
msgid "Open"
msgstr "Öffnen"

msgid "Open"
msgstr "Offen"

msgid "{n:,} sprite"
msgid_plural "{n:,} sprites"
msgstr[0] "{n:,} Figur"
msgstr[1] "{n:,} Figuren"

#, fuzzy
#| msgid "Stop"
msgid "Stop it"
msgstr "Halt"

msgid ""
"Two\n"
"lines"
msgstr ""
"Zwei\n"
"Zeilen"

msgid "Not yet"
msgstr ""
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a chosen language."""
    (tmp_path / "words.po").write_text(WORDS, encoding="utf-8")
    use_language(str(tmp_path))
    return tmp_path


def test_words_are_shown_in_the_language(folder: Path) -> None:
    assert words.language() == "de"
    assert tr("Open") == "Offen"
    assert trc("verb", "Open") == "Öffnen"
    assert tr("Two\nlines") == "Zwei\nZeilen"
    assert tr("{count:,} of “{name}”", count=2000, name="1,5") == "„1,5“: 2.000"


def test_what_is_not_translated_is_english(folder: Path) -> None:
    assert tr("Not yet") == "Not yet"
    assert tr("Stop it") == "Stop it", "a guess is not used"
    assert tr("{n:.2f} MB", n=1.5) == "1,50 MB"
    assert trn("{n} run", "{n} runs", 2) == "2 runs"
    assert trc("noun", "Open") == "Open"


def test_plurals_and_numbers(folder: Path) -> None:
    assert trn("{n:,} sprite", "{n:,} sprites", 1) == "1 Figur"
    assert trn("{n:,} sprite", "{n:,} sprites", 1000) == "1.000 Figuren"
    assert number_text(1234567.25, ",.1f") == "1.234.567,2"
    assert tr("{share:.1%} of {name}", share=0.125, name="5%") == "12,5 % of 5%"
    use_language("")
    assert number_text(1234567.25, ",.1f") == "1,234,567.2"


def test_languages_that_we_lack_are_english() -> None:
    for wanted in ("", "en", "en_GB", "xx", "../de", "C"):
        use_language(wanted)
        assert words.language() == "en"
    use_language("de_AT")
    assert words.language() == "de"


def test_every_language_has_its_catalogs_and_its_name() -> None:
    folders = {path.parent.name for path in resource("translations").glob("*/words.po")}
    assert folders | {"en"} == set(words.LANGUAGES)
    for code in folders:
        assert (resource("translations", code) / "lessons.po").is_file()


def test_pages_are_english_where_the_language_has_none(folder: Path) -> None:
    (folder / "help").mkdir()
    own = folder / "help" / "guide.md"
    own.write_text("# Handbuch\n", encoding="utf-8")
    assert words.page_in_language("help", "guide.md") == own
    assert words.english_page(own) == resource("help", "guide.md")
    assert words.page_in_language("help", "gpu.md") == resource("help", "gpu.md")


def test_a_lesson_changes_its_words_alone(folder: Path) -> None:
    path = resource("lessons", "02-what-the-network-predicts.json")
    english = load_lesson(path)
    head = WORDS.partition("\n\n#:")[0].strip()
    text = json.dumps(english.steps[0].text)
    said = f'{head}\n\nmsgid {text}\nmsgstr "Neun Figuren"\n'
    (folder / "lessons.po").write_text(said, encoding="utf-8")
    lesson = load_lesson(path)
    assert lesson.steps[0].text == "Neun Figuren"
    assert lesson.steps[0].set == english.steps[0].set
    assert lesson.steps[1:] == english.steps[1:]


def test_a_lesson_of_ones_own_stays_as_it_is(folder: Path, tmp_path: Path) -> None:
    (folder / "lessons.po").write_text(f"{WORDS}\n", encoding="utf-8")
    path = tmp_path / "mine.json"
    steps = [{"text": "Open"}]
    path.write_text(json.dumps({"schema_version": 1, "title": "Open", "steps": steps}))
    assert load_lesson(path).title == "Open"


def test_titles_of_models_are_words_before_the_models_are_made() -> None:
    _, places = words_in_code()[Entry("Characters", "model").key]
    assert "packaging/make_characters.py" in places


def test_what_is_collected_keeps_its_translation() -> None:
    found = {
        "Open": (Entry("Open"), ["a.py"]),
        "Stop it now": (Entry("Stop it now"), ["a.py"]),
        "Other": (Entry("Other"), ["b.py"]),
    }
    before = [
        Entry("", said=("Language: de\n",)),
        Entry("Open", said=("Offen",)),
        Entry("Stop it", said=("Halt",)),
    ]
    head, opened, stop, other = read_po(translations.updated(found, before))
    assert head.said == ("Language: de\n",)
    assert opened == Entry("Open", said=("Offen",))
    assert stop == Entry("Stop it now", said=("Halt",), fuzzy=True)
    assert other.said == ("",)


def test_values_in_texts_are_named_for_translators() -> None:
    """“{size3}×{size4}” said nothing of what they are; x0 is a symbol."""
    numbered = re.compile(r"\{(?!x0\b)\w*[0-9][}:!]")
    assert not [key for key in words_in_code() if numbered.search(key)]


@pytest.mark.parametrize(
    ("english", "said", "fault"),
    [
        (Entry("{count} of {all}"), ("{all}: {count}",), ""),
        (Entry("{count} of {all}"), ("{count}",), "other values"),
        (Entry("{count}"), ("{count",), "cannot be filled in"),
        (Entry("&File"), ("Datei",), "other mnemonics"),
        (Entry("See [it](control:see)"), ("Siehe [es](control:draw)",), "other links"),
        (Entry("<b>Now</b>"), ("Jetzt",), "other tags"),
        (Entry("Open…"), ("Öffnen",), "another end"),
        (Entry(" px"), ("px",), "another space"),
        (Entry("One run", many="{n} runs"), ("Ein Lauf", "{n} Läufe"), ""),
        (Entry("One run", many="{n} runs"), ("Ein Lauf", ""), "not translated"),
        (Entry("Open"), ("",), "not translated"),
        (Entry("No '{name}'."), ("Kein '{name}'.",), "English quotation marks"),
        (Entry("No '{name}'."), ("Kein „{name}“.",), ""),
    ],
)
def test_faults_of_a_translation_are_found(
    english: Entry, said: tuple[str, ...], fault: str
) -> None:
    found = {english.key: (english, ["a.py"])}
    told = translations.faults(found, [english._replace(said=said)])
    assert [fault in one for one in told] == [True] * bool(fault), told


@pytest.mark.parametrize("language", [code for code in words.LANGUAGES if code != words.ENGLISH])
@pytest.mark.parametrize(
    ("name", "found"),
    [("words", words_in_code), ("lessons", translations.words_in_lessons)],
    ids=["words", "lessons"],
)
def test_the_catalogs_are_complete(
    language: str, name: str, found: Callable[[], translations.Found]
) -> None:
    """Every text is there and translated, with the same values, links, tags and mnemonics."""
    path = resource("translations", language, f"{name}.po")
    faults = translations.faults(found(), read_po(path.read_text("utf-8")))
    assert not faults, "python packaging/translations.py extract, then:\n" + "\n".join(faults)


#: What German asks for in the imperative, at the beginning of a sentence or after a colon.
ASKED = re.compile(
    r"(?:^|[.:;!?] |\n)(?:Ändere|Beende|Beginne|Blende|Bring|Destilliere|Drücke?|Entferne|"
    r"Entsperre|Füge|Gehe?|Gib|Importiere|Installiere|Klicke|Lade|Lass|Lege?|Nimm|Öffne|Prüfe|Schalte|Setze|"
    r"Sieh|Speichere|Starte|Trainiere|Wähle?|Zeichne|Zeige?|Ziehe?) ",
    re.IGNORECASE,
)


def test_the_german_window_asks_in_the_infinitive() -> None:
    """Some messages said “wähle” and others “wählen”; lessons and web pages address the reader."""
    path = resource("translations", "de", "words.po")
    said = {entry.key: entry.said for entry in read_po(path.read_text("utf-8"))}
    amiss = [
        text
        for key, (_, places) in words_in_code().items()
        if not all("lesson" in place or "web" in place for place in places)
        for text in said.get(key, ())  # other tests say what is not extracted yet
        if ASKED.search(text)
    ]
    assert not amiss, "\n".join(amiss)


#: What says something to people; the class translates the first kind itself.
ERRORS = {name for name in translations.WORDS_OF if name.endswith("Error")} | {"NotFiniteError"}
NOTICES = {"Notice", "Paused", "LostError"}


def _is_put_together(part: ast.expr) -> bool:
    """Whether words of a text stand beside values in the code, so that no catalog has it."""
    if isinstance(part, ast.JoinedStr):
        pieces = (one.value for one in part.values if isinstance(one, ast.Constant))
        return any(letter.isalpha() for piece in pieces for letter in str(piece))
    if isinstance(part, ast.BinOp):
        return _is_put_together(part.left) or _is_put_together(part.right)
    return isinstance(part, ast.IfExp) and (
        _is_put_together(part.body) or _is_put_together(part.orelse)
    )


def test_no_error_or_notice_is_put_together_in_english() -> None:
    """Notices of sweeps, of following a run, and of time limits once were."""
    root, found = Path(translations.ROOT, "sprite_lab"), []
    for path in sorted(root.rglob("*.py")):
        place = path.relative_to(root).as_posix()
        # Commands and the server speak English to programs.
        if place.startswith(("cli/", "engine/serving/")):
            continue
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            name, text = getattr(call.func, "id", ""), call.args[0]
            bare = isinstance(text, ast.Constant) and name in NOTICES
            if name in ERRORS | NOTICES and (bare or _is_put_together(text)):
                found.append(f"{place}:{call.lineno}: {ast.unparse(text)}")
    assert not found, "\n".join(found)


def test_every_fixed_key_of_the_list_of_keys_says_what_it_does_in_words_of_the_language() -> None:
    """Zoom and pan of the canvas were English in every language."""
    source = Path(translations.ROOT, "sprite_lab/app/shell/actions.py").read_text("utf-8")
    assigned = (node for node in ast.parse(source).body if isinstance(node, ast.AnnAssign))
    (table,) = (node.value for node in assigned if ast.unparse(node.target) == "PLACES")
    assert table is not None
    rows = [node.elts for node in ast.walk(table) if isinstance(node, ast.Tuple)]
    pairs = [row for row in rows if len(row) == 2 and not isinstance(row[0], ast.Tuple)]
    meanings = [text for _, text in pairs]
    assert len(meanings) > 20
    bare = [ast.unparse(text) for text in meanings if not isinstance(text, ast.Call)]
    assert not bare
