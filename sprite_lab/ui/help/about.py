"""Version, system, folders and licenses."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QPlainTextEdit, QWidget

from sprite_lab import __version__, paths
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell import machine_tasks
from sprite_lab.ui.first_sizes import set_first_size
from sprite_lab.ui.icons import app_icon
from sprite_lab.ui.layouts import fit_to_words, hbox, vbox
from sprite_lab.ui.shell.dialogs import open_folder
from sprite_lab.ui.text import Label, tooltip
from sprite_lab.ui.theme import fixed_font, theme_manager
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.elided import ElidedLabel
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.words import tr, within

WIDTH = 560
ICON = 48

_WORDS = tr(
    "Trains small diffusion models on pixel-art sprites, on your own machine, and shows how they "
    "work: noise destroys a sprite step by step, and a network learns to undo it."
)

_BUILT_WITH = tr("MIT license. Built with PyTorch, Qt for Python, PyQtGraph, NumPy and Pillow.")


class AboutWindow(QDialog):
    """Version, facts, folders and licenses of the installation."""

    def __init__(self, lab: Lab, parent: QWidget) -> None:
        super().__init__(parent)
        self._lab = lab
        self._facts: dict[str, QLabel] = {}
        self.setObjectName("about")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("About Sprite Lab"))
        picture = Label()
        picture.setPixmap(app_icon().pixmap(QSize(ICON, ICON), self.devicePixelRatioF()))
        version = tr("Sprite Lab {version}", version=__version__)
        title = named(Label(version, selectable=True, look="heading"), "about.version")
        words = vbox(title, dim_label(_WORDS), dim_label(_BUILT_WITH), spacing=4)
        head = hbox((picture, 0, Qt.AlignmentFlag.AlignTop), (words, 1), spacing=16)
        self._form = QFormLayout()
        self._form.setHorizontalSpacing(16)
        self._form.setVerticalSpacing(6)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for fact in machine_tasks.FACTS:
            name = f"about.fact.{fact.lower().replace(' ', '_')}"
            self._facts[fact] = named(Label("…", wrap=True, selectable=True), name)
            self._form.addRow(tr(fact), self._facts[fact])
        drawings = tr("Runs, sets and unsaved drawings")
        self._add_folder("data", tr("Data folder"), paths.data_dir(), drawings)
        keys = tr("Settings and keys")
        self._add_folder("settings", tr("Settings folder"), paths.config_dir(), keys)
        report = tr("Log files, for a bug report")
        self._add_folder("log", tr("Log folder"), paths.log_dir(), report)
        tip = tr("Copy all of this as text, for a bug report")
        copy = push_button("about.copy", tr("Copy details"), "copy", tip, do=self._copy_details)
        tip = tr("The licenses of everything Sprite Lab is built with")
        licenses = push_button("about.licenses", tr("Licenses…"), tip=tip, do=self._show_licenses)
        close = push_button("about.close", tr("Close"), tip=tr("Close this (Esc)"), do=self.accept)
        last = hbox(copy, licenses, ..., close)
        vbox(head, self._form, ..., last, on=self, spacing=16, margins=(16, 16, 16, 12))
        theme_manager().text_resized.connect(self._fit)
        self.setMinimumWidth(WIDTH)
        close.setFocus()
        lab.do(machine_tasks.about(), self, then=self._show)

    def _add_folder(self, name: str, label: str, folder: Path, tip: str) -> None:
        path = ElidedLabel(name=f"about.{name}", elide=Qt.TextElideMode.ElideMiddle)
        path.setText(str(folder))
        path.setToolTip(tooltip(f"{tip}:\n{folder}"))
        opens = push_button(
            f"about.{name}.open", tr("Open"), "folder", tr("Show the {label}", label=within(label))
        )
        opens.setAccessibleName(tr("Open the {label}", label=within(label)))
        opens.clicked.connect(lambda: open_folder(folder, self._lab.notice))
        self._form.addRow(label, hbox((path, 1), opens))

    def _show(self, facts: dict[str, str]) -> None:
        for fact, value in facts.items():
            self._facts[fact].setText(value)
        self._fit()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit()  # otherwise rows would overlap until all is known

    def _fit(self) -> None:
        fit_to_words(self, WIDTH)

    def _copy_details(self) -> None:
        QGuiApplication.clipboard().setText(
            "\n".join(f"{fact}: {shown.text()}" for fact, shown in self._facts.items())
        )
        self._lab.notice.emit(tr("The details are on the clipboard."))

    def _show_licenses(self) -> None:
        """Show the licenses of all dependencies, in a window of their own."""
        window = named(QDialog(self), "licenses")
        window.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        window.setWindowTitle(tr("Licenses"))
        text = named(QPlainTextEdit(), "licenses.text", tr("Licenses"))
        text.setReadOnly(True)
        text.setFont(fixed_font())
        text.setPlainText(tr("Reading…"))
        vbox(text, on=window, spacing=-1, margins=(8, 8, 8, 8))
        set_first_size(window, 760, 600)
        window.open()
        self._lab.do(machine_tasks.licenses(), text, then=text.setPlainText)
