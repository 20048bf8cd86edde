"""Settings of the whole app: colors, sizes, motion. All but two take effect immediately."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QLayout, QWidget

from sprite_lab.app.shell.settings import Settings
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import hbox, keep_place, vbox
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.words import tr


class SettingsDialog(QDialog):
    """Appearance, memory and keys.

    ``looks_fixed``: why theme and text size cannot be chosen now; "" = they can.
    """

    def __init__(self, settings: Settings, parent: QWidget, looks_fixed: str = "") -> None:
        super().__init__(parent)
        self._settings = settings
        self.setObjectName("settings")
        self.setWindowTitle(tr("Settings"))
        form = self._form = Form(settings.value, self, name="settings")
        said = tr("Language and interface scale change at the next start.")
        self._next = named(dim_label(said), "settings.next_start")
        keep_place(self._next)  # otherwise rows would move under the pointer
        rows = QFormLayout()
        rows.setHorizontalSpacing(16)
        rows.setVerticalSpacing(8)
        for path in ("theme", "language", "text_size", "ui_scale"):
            rows.addRow(form.label(path), form.add(path))
        rows.addRow(tr("Motion"), form.add("motion"))
        rows.addRow(form.label("recorded_mb"), form.add("recorded_mb"))
        form.gray(("theme", "text_size"), lambda _: looks_fixed)
        fixed = named(dim_label(looks_fixed), "settings.looks_fixed")
        fixed.setVisible(bool(looks_fixed))
        self.keys = push_button(
            "settings.keys", tr("Change keys…"), tip=tr("Change the keys of actions")
        )
        rows.addRow(tr("Keys"), self.keys)
        close = push_button("settings.close", tr("Close"), tip=tr("Changes are saved (Esc)"))
        last = hbox(..., close, spacing=-1)
        column = vbox(fixed, rows, self._next, last, on=self, spacing=16, margins=(16, 16, 16, 12))
        # Text may grow while it is open.
        column.setSizeConstraint(QLayout.SizeConstraint.SetFixedSize)
        for label in self.findChildren(QLabel):
            label.setMinimumHeight(24)
        self._at_start = settings.value.ui_scale, settings.value.language
        form.changed.connect(self._keep)
        close.clicked.connect(self.accept)
        self._show_next()

    def _keep(self) -> None:
        self._settings.replace(**self._form.values)
        self._show_next()

    def _show_next(self) -> None:
        now = self._form.value.ui_scale, self._form.value.language
        self._next.setVisible(now != self._at_start)
