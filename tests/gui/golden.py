"""Golden images: a view compared with a picture that a person has approved.

``SPRITE_LAB_GOLDEN=write pytest tests/gui/test_goldens.py`` writes the pictures again, into
``tests/golden/``; look at each before committing it.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QTextEdit,
    QWidget,
)

from sprite_lab.ui.widgets.plots.plot import Plot
from tests.qt import settle

FOLDER = Path(__file__).resolve().parent.parent / "golden"

#: Set to "write" to write pictures instead of comparing with them.
VARIABLE = "SPRITE_LAB_GOLDEN"

#: Tolerances (of 255): for the mean, and for the 99th percentile of pixels.
MEAN, PERCENTILE_99 = 2.0, 24.0

#: If less than this fraction of a picture is compared, the comparison proves nothing.
LEAST_SHARE = 0.25

#: Fonts differ between machines, so text is left out, including some pixels around it, since its
#: width moves edges.
_WORDS = (QLabel, QAbstractButton, QAbstractSpinBox, QComboBox, QLineEdit, QTextEdit)
_AROUND = 2

Area = QRect | QWidget


def assert_golden(
    view: QWidget | QImage | NDArray[np.uint8],
    name: str,
    *,
    size: tuple[int, int] | None = None,
    area: QRect | None = None,
    leave_out: Sequence[Area] = (),
) -> None:
    """Fail unless a view looks like ``tests/golden/<name>.png``, except for its text.

    Labels, buttons and fields are left out by themselves; what else paints words of its own (the
    numbers of an axis) is given by ``leave_out``. Both pictures are blurred over 2x2 pixels
    before they are compared, where neither leaves a pixel out.

    Parameters
    ----------
    view : a widget, a picture, or uint8 (H, W, 3).
    size : (width, height) that a widget is given before; logical pixels.
    area : the part of the view that is compared; None = all of it.
    leave_out : rectangles of the view, or widgets in it.
    """
    picture = _picture(view, size)
    seen = np.ones(picture.shape[:2], bool)
    outs = list(leave_out)
    if isinstance(view, QWidget):
        outs += [part for part in view.findChildren(QWidget) if isinstance(part, _WORDS)]
    for out in outs:
        rect = out if isinstance(out, QRect) else _place(out, view)
        if rect is not None:
            rect = rect.adjusted(-_AROUND, -_AROUND, _AROUND, _AROUND)
            top, left = max(0, rect.top()), max(0, rect.left())
            seen[top : rect.bottom() + 1, left : rect.right() + 1] = False
    if area is not None:
        rows = slice(area.top(), area.bottom() + 1)
        columns = slice(area.left(), area.right() + 1)
        picture, seen = picture[rows, columns], seen[rows, columns]
    file = FOLDER / f"{name}.png"
    if os.environ.get(VARIABLE) == "write":
        file.parent.mkdir(parents=True, exist_ok=True)
        _save(file, picture, seen)
        return
    assert file.is_file(), f"there is no {file.name} yet: write it with {VARIABLE}=write"
    expected, expected_seen = _load(file)
    problem = _compare(picture, seen, expected, expected_seen)
    if problem:
        folder = Path(tempfile.mkdtemp(prefix="sprite-lab-golden-"))
        _save(folder / f"{name}-actual.png", picture, seen)
        if picture.shape == expected.shape:
            both = seen & expected_seen
            difference = 255 - np.abs(picture.astype(np.int16) - expected).astype(np.uint8)
            _save(folder / f"{name}-difference.png", difference, both)
        raise AssertionError(f"{name} does not look as it did: {problem}. See {folder}")


def settle_plot(plot: Plot, size: tuple[int, int] = (400, 220)) -> None:
    """Give a plot a size independent of fonts, and let it be painted."""
    plot.item.getAxis("left").setWidth(64)
    plot.item.getAxis("bottom").setHeight(44)
    plot.view.setFixedSize(*size)
    settle(plot.view)
    plot.show_all()
    settle(plot.view)


def assert_golden_plot(plot: Plot, name: str, leave_out: Sequence[QRect] = ()) -> None:
    """Like :func:`assert_golden`, for the area between the axes of a settled plot."""
    inside = plot.item.getViewBox().sceneBoundingRect().toRect().adjusted(2, 2, -2, -2)
    assert_golden(plot.view.viewport(), name, area=inside, leave_out=leave_out)


def _compare(
    picture: NDArray[np.uint8],
    seen: NDArray[np.bool_],
    expected: NDArray[np.uint8],
    expected_seen: NDArray[np.bool_],
) -> str:
    """The fault, or ""."""
    if picture.shape != expected.shape:
        return f"it is {_size(picture)} pixels and was {_size(expected)}"
    both = _all_of_four(seen & expected_seen)
    share = float(both.mean())
    if share < LEAST_SHARE:
        return f"only {share:.0%} of it is compared"
    off = np.abs(_blur(picture) - _blur(expected)).max(axis=2)[both]
    mean, worst = float(off.mean()), float(np.percentile(off, 99))
    if mean <= MEAN and worst <= PERCENTILE_99:
        return ""
    return (
        f"it differs by {mean:.2f} of 255 in the mean (at most {MEAN}) and by {worst:.1f} in one "
        f"of a hundred pixels (at most {PERCENTILE_99})"
    )


def _size(picture: NDArray[np.uint8]) -> str:
    return f"{picture.shape[1]}x{picture.shape[0]}"


def _blur(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    p = picture.astype(np.float32)
    return (p[1:, 1:] + p[1:, :-1] + p[:-1, 1:] + p[:-1, :-1]) / 4


def _all_of_four(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    return seen[1:, 1:] & seen[1:, :-1] & seen[:-1, 1:] & seen[:-1, :-1]


def _place(part: QWidget, view: object) -> QRect | None:
    """The rectangle of a part in the view; None = not visible."""
    if not isinstance(view, QWidget) or not part.isVisibleTo(view):
        return None
    return QRect(part.mapTo(view, QPoint(0, 0)), part.size())


def _picture(
    view: QWidget | QImage | NDArray[np.uint8], size: tuple[int, int] | None
) -> NDArray[np.uint8]:
    """uint8 (H, W, 3), one pixel per logical one on any screen."""
    if isinstance(view, np.ndarray):
        return view[..., :3]
    if isinstance(view, QImage):
        return _pixels(view)[..., :3]
    if size is not None:
        view.resize(*size)
    image = QImage(view.size(), QImage.Format.Format_RGBA8888)
    image.fill(QColor("white"))
    QWidget.render(view, image, QPoint(0, 0))  # not the method of a graphics view
    return _pixels(image)[..., :3]


def _pixels(image: QImage) -> NDArray[np.uint8]:
    """uint8 (H, W, 4)."""
    rgba = image.convertToFormat(QImage.Format.Format_RGBA8888)
    rows = np.frombuffer(rgba.constBits(), np.uint8).reshape(rgba.height(), rgba.bytesPerLine())
    return rows[:, : 4 * rgba.width()].reshape(rgba.height(), rgba.width(), 4).copy()


def _load(file: Path) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    pixels = _pixels(QImage(str(file)))
    return pixels[..., :3], pixels[..., 3] > 0


def _save(file: Path, picture: NDArray[np.uint8], seen: NDArray[np.bool_]) -> None:
    """Save a picture; the parts left out are transparent in the file."""
    alpha = np.where(seen, 255, 0).astype(np.uint8)[..., None]
    pixels = np.ascontiguousarray(np.concatenate([np.where(alpha > 0, picture, 0), alpha], 2))
    height, width = pixels.shape[:2]
    image = QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format.Format_RGBA8888)
    assert image.save(str(file)), f"{file} cannot be written"
