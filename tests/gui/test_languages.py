"""The window in other languages; in a pseudo-language, no word may look English."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sprite_lab.words import LANGUAGES, VARIABLE

ROOT = Path(__file__).resolve().parents[2]
IN_LANGUAGE = "tests/gui/in_language.py"
OTHERS = [code for code in LANGUAGES if code != "en"]


def run(language: str | Path, *what: str) -> subprocess.CompletedProcess[str]:
    """Run tests in a language, in a separate process."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:xdist", *what],
        cwd=ROOT,
        env=os.environ | {VARIABLE: str(language)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def pseudo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pseudo")
    script = ROOT / "packaging" / "translations.py"
    subprocess.run([sys.executable, str(script), "pseudo", str(folder)], check=True)
    return folder


def test_every_word_of_the_window_is_translated_and_fits(pseudo: Path) -> None:
    # Its words are longer than those of any language.
    done = run(pseudo, "-k=not beside_a_lesson", IN_LANGUAGE)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("language", OTHERS)
def test_lessons_can_be_taken_and_the_window_has_room_for_the_words(language: str) -> None:
    """The texts of lessons name visible controls, and their checks notice each completed task."""
    lessons = "taken_from and (02 or 08)"
    room = "beside_a_lesson or are_read_whole or whole_in_the_top_bar or look_alike or beside_tries"
    some = f"{lessons} or cut_at or keys_of_the_canvas or {room}"
    done = run(language, f"-k={some}", "tests/gui/test_lessons.py", IN_LANGUAGE)
    assert done.returncode == 0, done.stdout
    assert "11 passed" in done.stdout


START = """
import os
from sprite_lab.words import VARIABLE, use_language
use_language(os.environ[VARIABLE])
from sprite_lab.__main__ import _settings_and_language
settings = _settings_and_language()
from PySide6.QtWidgets import QApplication, QDoubleSpinBox
from sprite_lab.ui.shell.app import translate_qt
from sprite_lab.ui.shell.navigator import WORKSPACES
app = QApplication([])
translate_qt(app)
box = QDoubleSpinBox()
box.setValue(2.5)
cancel = QApplication.translate("QPlatformTheme", "Cancel")
from sprite_lab.ui.shell.key_bindings import native
keys = native(["Ctrl+Shift+Z", "Ctrl+Return"])
print(settings.value.language, cancel, box.text(), WORKSPACES[2].title, keys, sep="|")
"""


@pytest.mark.parametrize(
    ("chosen", "system", "variable", "said"),
    [
        ("de", "en_US", "", "de|Abbrechen|2,50|Zeichnen|Strg+Umschalt+Z, Strg+Enter"),
        ("system", "es_MX", "", "system|Cancelar|2,50|Dibujar|Ctrl+Mayús+Z, Ctrl+Intro"),
        ("system", "fr_FR", "", "system|Cancel|2.50|Draw|Ctrl+Shift+Z, Ctrl+Enter"),
        ("en", "de_DE", "", "en|Cancel|2.50|Draw|Ctrl+Shift+Z, Ctrl+Enter"),
        ("en", "de_DE", "es", "en|Cancelar|2,50|Dibujar|Ctrl+Mayús+Z, Ctrl+Intro"),
    ],
)
def test_the_language_is_chosen_before_there_are_words(
    chosen: str, system: str, variable: str, said: str, tmp_path: Path
) -> None:
    config = tmp_path / "config"
    config.mkdir()
    settings = {"schema_version": 1, "language": chosen}
    (config / "settings.json").write_text(json.dumps(settings), encoding="utf-8")
    own = {"SPRITE_LAB_HOME": str(tmp_path), "LC_ALL": f"{system}.UTF-8", "LANGUAGE": ""}
    done = subprocess.run(
        [sys.executable, "-c", START],
        cwd=ROOT,
        env=os.environ | own | {VARIABLE: variable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.strip() == said, done.stderr
