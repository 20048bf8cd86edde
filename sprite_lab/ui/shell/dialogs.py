"""Questions, and file dialogs that remember their folder."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeDatabase, QStandardPaths, QUrl, SignalInstance
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QInputDialog,
    QMessageBox,
    QPushButton,
    QStyle,
    QWidget,
)

from sprite_lab import paths
from sprite_lab.app.files.opening import IMPORT_SUFFIXES
from sprite_lab.app.shell.settings import Settings
from sprite_lab.formats.results import SUFFIX
from sprite_lab.ui.icons import app_icon
from sprite_lab.ui.text import html, plain
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.words import tr

DATA_FILES = tr("Sprites (*.npz *.npy)")
SPRITE_FILES = tr("Sprites (*.npz)")
STORE_FILES = tr("Sprite stores (*.sprites)")
PROJECT_FILES = tr("Sprite Lab projects (*.spritelab)")
DRAWING_FILES = tr("Projects and Aseprite files (*.spritelab *.aseprite *.ase);;") + PROJECT_FILES
WEIGHT_FILES = tr("Model weights (*.safetensors *.pth)")
LESSON_FILES = tr("Lessons (*.json)")
RESULT_FILES = tr("Lesson results (*.results.json);;All files (*)")
IMPORT_FILES = tr(
    "Sprites in any form ({s});;All files (*)", s=" ".join("*" + s for s in IMPORT_SUFFIXES)
)


def _last_opened(settings: Settings) -> str:
    """The folder that a file was last opened in; at first, the documents folder."""
    return settings.value.open_folder or str(documents())


def ask_open(parent: QWidget | None, settings: Settings, title: str, kinds: str) -> Path | None:
    chosen, _ = QFileDialog.getOpenFileName(parent, title, _last_opened(settings), kinds)
    if not chosen:
        return None
    settings.replace(open_folder=str(Path(chosen).parent))
    return Path(chosen)


def ask_open_several(
    parent: QWidget | None, settings: Settings, title: str, kinds: str
) -> list[Path]:
    """Ask for files to read; [] = none."""
    chosen, _ = QFileDialog.getOpenFileNames(parent, title, _last_opened(settings), kinds)
    if chosen:
        settings.replace(open_folder=str(Path(chosen[0]).parent))
    return [Path(path) for path in chosen]


def ask_folder(
    parent: QWidget | None, settings: Settings, title: str, start: Path | None = None
) -> Path | None:
    where = str(start or _last_opened(settings))
    chosen = QFileDialog.getExistingDirectory(parent, title, where)
    return Path(chosen) if chosen else None


def ask_save(
    parent: QWidget | None,
    settings: Settings,
    title: str,
    name: str,
    kinds: str,
    *,
    export: bool = False,
    alone: bool = True,
) -> Path | None:
    """Ask for a file to write; adds the extension of ``name`` if none was typed, and refuses those
    of other kinds of files than ``kinds``. None = canceled.

    ``name`` may include its folder; otherwise the folder of the last export, or of the last other
    file, is offered. ``alone``: no other files will be written with this one, so the dialog asks
    before replacing it.
    """
    field = "export_folder" if export else "save_folder"
    start = Path(getattr(settings.value, field) or documents()) / name
    dialog = QFileDialog(parent, title, str(start.parent), kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setOption(QFileDialog.Option.DontConfirmOverwrite, not alone)
    # Makes Qt add the extension before it asks about overwriting.
    whole = SUFFIX if name.endswith(SUFFIX) else Path(name).suffix
    dialog.setDefaultSuffix(whole.lstrip("."))
    dialog.selectFile(start.name)
    dialog.filterSelected.connect(partial(_follow_kind, dialog))
    endings = _endings(kinds)
    while True:
        if not dialog.exec():
            return None
        path = Path(dialog.selectedFiles()[0])
        if path.name.lower().endswith(endings):
            break
        if _is_of_a_kind(path):
            _refuse_ending(parent, title, path, endings)
            dialog.selectFile(str(path.with_suffix(f".{dialog.defaultSuffix()}")))
            continue
        # Such as "walk-1.5": Qt adds no extension to names that seem to have one.
        path = path.with_name(f"{path.name}.{dialog.defaultSuffix()}")
        if not (alone and path.exists()):
            break
        dialog.selectFile(path.name)  # so that the dialog asks about replacing it
    if path.parent != paths.sets_dir():  # a hidden folder, for sets only
        settings.replace(**{field: str(path.parent)})
    return path


def _endings(kinds: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(re.findall(r"\*([.\w]*)", kinds)))


def _follow_kind(dialog: QFileDialog, kind: str) -> None:
    """Give the name the extension of the kind of file chosen in the dialog."""
    ending = _endings(kind)[0]
    dialog.setDefaultSuffix(ending.lstrip("."))
    name = Path(dialog.selectedFiles()[0])
    if name.name.lower().endswith(_endings(";;".join(dialog.nameFilters()))):
        dialog.selectFile(name.stem + ending)


def _is_of_a_kind(path: Path) -> bool:
    """Whether the name has the extension of some kind of file, unlike "walk-1.5" or "mr.green"."""
    ours = path.suffix.lower() in (*IMPORT_SUFFIXES, ".aseprite", ".ldtk", ".spritelab")
    return ours or bool(QMimeDatabase().suffixForFileName(path.name))


def _refuse_ending(parent: QWidget | None, title: str, path: Path, endings: Sequence[str]) -> None:
    text = tr(
        "“{name}” cannot be written as {ending}: choose a name that ends in {endings}.",
        name=path.name,
        ending=path.suffix,
        endings=" / ".join(endings),
    )
    question(parent, title, text, [("ok", tr("OK"), ACCEPT)], name="ending")


def documents() -> Path:
    """The user's documents folder; the home folder if there is none."""
    found = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(found) if found and Path(found).is_dir() else Path.home()


#: Margins of every dialog, in logical pixels.
_MARGINS = 16, 16, 16, 12

#: Roles: the choice that proceeds, one that loses something, and the one that changes nothing.
ACCEPT, DISCARD, CANCEL = (
    QMessageBox.ButtonRole.AcceptRole,
    QMessageBox.ButtonRole.DestructiveRole,
    QMessageBox.ButtonRole.RejectRole,
)


def in_order(do: QPushButton, cancel: QPushButton) -> tuple[QPushButton, QPushButton]:
    """The two buttons at the end of a dialog, from left to right, in the platform's order."""
    layouts = QDialogButtonBox.ButtonLayout
    hint = QStyle.StyleHint.SH_DialogButtonLayout
    first = (layouts.WinLayout.value, layouts.KdeLayout.value)
    return (do, cancel) if QApplication.style().styleHint(hint) in first else (cancel, do)


def question(
    parent: QWidget | None,
    title: str,
    text: str,
    choices: Sequence[tuple[str, str, QMessageBox.ButtonRole]],
    *,
    name: str,
    default: str = "",
    details: str = "",
) -> str:
    """Ask a question; returns the name of the choice.

    ``choices``: (name, text, role) of each; the buttons are called ``<name>.<choice>``. Esc and
    closing the dialog choose the last one, Enter chooses ``default``, "" = the first one.
    ``details``: text shown by another button; "" = none.
    """
    box = named(QMessageBox(parent), name)
    box.setIconPixmap(app_icon().pixmap(48, 48))
    box.setWindowTitle(title)
    box.setText(html("<b>{}</b>", title))
    box.setInformativeText(plain(text))
    box.setDetailedText(details)
    buttons: dict[str, QPushButton] = {}
    for choice, caption, role in choices:
        # Made here, since objects made by Qt may get the wrapper of a deleted object.
        buttons[choice] = named(QPushButton(caption), f"{name}.{choice}")
        box.addButton(buttons[choice], role)
    way_out = choices[-1][0]
    box.setDefaultButton(buttons[default or choices[0][0]])
    box.setEscapeButton(buttons[way_out])
    layout = box.layout()
    assert layout is not None
    layout.setContentsMargins(*_MARGINS)
    box.exec()
    pressed = box.clickedButton()
    box.deleteLater()
    return next((choice for choice, button in buttons.items() if button is pressed), way_out)


def confirm(
    parent: QWidget | None,
    title: str,
    text: str,
    yes: str,
    *,
    name: str,
    no: str = "",
    details: str = "",
) -> bool:
    """Ask whether to do something that cannot be undone; the default is no."""
    choices = [("yes", yes, DISCARD), ("no", no or tr("Cancel"), CANCEL)]
    return question(parent, title, text, choices, name=name, default="no", details=details) == "yes"


def open_over(dialog: QDialog) -> None:
    """Show a dialog that blocks its parent until it is closed, and is then deleted."""
    dialog.setModal(True)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def ask_text(parent: QWidget, title: str, label: str, text: str = "") -> str | None:
    """Ask for a line of text; None = canceled. ``title``: its purpose, as on the button."""
    box = _input(parent, title, label)
    box.setTextValue(text)
    return box.textValue() if _is_given(box) else None


def ask_factor(parent: QWidget, title: str, label: str) -> float | None:
    """Ask for a factor, 0.0001 to 100; None = canceled. ``title``: its purpose."""
    box = _input(parent, title, label)
    box.setInputMode(QInputDialog.InputMode.DoubleInput)
    box.setDoubleRange(0.0001, 100.0)
    box.setDoubleDecimals(4)
    box.setDoubleValue(1.0)
    return box.doubleValue() if _is_given(box) else None


def _input(parent: QWidget, title: str, label: str) -> QInputDialog:
    box = named(QInputDialog(parent), "input")
    box.setWindowTitle(title)
    box.setLabelText(plain(label))
    box.setOkButtonText(title)
    box.setCancelButtonText(tr("Cancel"))
    layout = box.layout()
    assert layout is not None, "it is made with the label"
    layout.setContentsMargins(*_MARGINS)
    return box


def _is_given(box: QInputDialog) -> bool:
    """Whether the dialog was accepted with a value."""
    given = box.exec()
    box.deleteLater()
    return bool(given)


def open_folder(folder: Path, notice: SignalInstance) -> None:
    """Show a folder in the system's file manager; without one, say where it is."""
    if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
        notice.emit(tr("No file manager was found. The folder is {folder}.", folder=folder))
