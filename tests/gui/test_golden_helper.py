"""The helper for golden images: what it accepts and what it rejects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRect
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from tests.gui import golden
from tests.gui.golden import assert_golden


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    monkeypatch.delenv(golden.VARIABLE, raising=False)
    return tmp_path


@pytest.fixture
def write(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    def write(view: object, **options: object) -> None:
        with monkeypatch.context() as context:
            context.setenv(golden.VARIABLE, "write")
            assert_golden(view, "view", **options)  # type: ignore[arg-type]

    return write


def picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (60, 80, 3)).astype(np.uint8)


def test_a_picture_equals_itself_and_a_little_noise_passes(write) -> None:  # type: ignore[no-untyped-def]
    view = picture()
    write(view)
    assert_golden(view, "view")
    noisy = view.astype(np.int16) + np.random.default_rng(1).integers(-2, 3, view.shape)
    assert_golden(noisy.clip(0, 255).astype(np.uint8), "view")


def test_a_missing_picture_says_how_to_write_it() -> None:
    with pytest.raises(AssertionError, match="SPRITE_LAB_GOLDEN=write"):
        assert_golden(picture(), "view")


def test_another_patch_fails_and_leaves_the_difference(write) -> None:  # type: ignore[no-untyped-def]
    view = np.full((60, 80, 3), 200, np.uint8)
    write(view)
    other = view.copy()
    other[10:20, 10:20] = 0  # 2 % of the pixels
    with pytest.raises(AssertionError, match="does not look as it did") as found:
        assert_golden(other, "view")
    folder = Path(str(found.value).partition("See ")[2].split("\n")[0])
    assert (folder / "view-actual.png").is_file()
    assert (folder / "view-difference.png").is_file()


def test_another_size_fails(write) -> None:  # type: ignore[no-untyped-def]
    write(picture())
    with pytest.raises(AssertionError, match="80x50 pixels and was 80x60"):
        assert_golden(picture()[:50], "view")


def test_what_is_left_out_may_differ_on_either_side(write) -> None:  # type: ignore[no-untyped-def]
    view = np.full((60, 80, 3), 200, np.uint8)
    write(view, leave_out=[QRect(10, 10, 10, 10)])
    other = view.copy()
    other[10:20, 10:20] = 0
    assert_golden(other, "view")  # the saved picture has the hole
    other[40:50, 40:60] = 0
    assert_golden(other, "view", leave_out=[QRect(40, 40, 20, 10)])
    assert_golden(other, "view", area=None, leave_out=[QRect(40, 40, 20, 10)])


def test_leaving_out_nearly_all_is_no_proof(write) -> None:  # type: ignore[no-untyped-def]
    write(picture())
    with pytest.raises(AssertionError, match="only"):
        assert_golden(picture(1), "view", leave_out=[QRect(0, 0, 80, 50)])


def test_words_of_a_widget_are_left_out(qapp, write) -> None:  # type: ignore[no-untyped-def]
    view = QWidget()
    label = QLabel("some words")
    column = QVBoxLayout(view)
    column.addWidget(label)
    column.addStretch(1)
    write(view, size=(200, 120))
    label.setText("other words here")
    assert_golden(view, "view", size=(200, 120))
    view.setStyleSheet("background: #335577")
    with pytest.raises(AssertionError):
        assert_golden(view, "view", size=(200, 120))
