"""The window in other languages: in one in which no word looks English, none may."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sprite_lab.words import LANGUAGES, VARIABLE

ROOT = Path(__file__).resolve().parents[2]


def run(language: str | Path, what: str) -> subprocess.CompletedProcess[str]:
    """Run tests of in_language.py in a language."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:xdist", "-x", "tests/gui/in_language.py", what],
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


def test_every_word_of_the_window_is_translated(pseudo: Path) -> None:
    done = run(pseudo, "-k=translated")
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_the_window_has_room_for_the_words(language: str) -> None:
    done = run(language, "-k=cut")
    assert done.returncode == 0, done.stdout
