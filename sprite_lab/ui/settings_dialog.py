"""What holds for the whole app: colours, sizes, motion. All of it takes effect at once but one."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from sprite_lab.app.settings import RECORDED_MB, Settings
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.inspector import dim_label

TEXT_SIZES = (90, 100, 115, 130, 150)
SCALES = (75, 100, 125, 150, 175, 200, 250, 300)


class SettingsDialog(QDialog):
    """Parts: ``settings.theme``, ``.text_size``, ``.ui_scale``, ``.motion``,
    ``.recorded_mb``, ``.keys``."""

    def __init__(self, settings: Settings, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._settings = settings
        known = settings.value
        self.setObjectName("settings")
        self.setWindowTitle("Settings")
        self.mode = Segmented(
            theme,
            [
                Option("system", "Like the system", tip="Light or dark, as the system is"),
                Option("light", "Light", tip="Dark text on light ground"),
                Option("dark", "Dark", tip="Light text on dark ground"),
            ],
            name="settings.theme",
            label="Theme",
        )
        self.mode.set_value(theme.mode)
        self.text_size = self._choice("text_size", "Text size", "Of all text", TEXT_SIZES)
        self.ui_scale = self._choice(
            "ui_scale", "Interface scale", "Of everything, from the next start on", SCALES
        )
        self._next = dim_label("Takes effect at the next start.")
        self._next.setObjectName("settings.next_start")
        self.motion = QCheckBox("Things may move by themselves")
        self.motion.setObjectName("settings.motion")
        self.motion.setAccessibleName("Things may move by themselves")
        self.motion.setToolTip(
            "Off: animations wait until you press Play, and nothing pulses or glides"
        )
        self.motion.setChecked(known.motion)
        self._form = form = QFormLayout()
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow("Theme", self.mode)
        form.addRow("Text size", self.text_size)
        form.addRow("Interface scale", self.ui_scale)
        form.addRow("", self._next)
        form.addRow("Motion", self.motion)
        self.recorded = self._choice(
            "recorded_mb",
            "Memory for recorded steps",
            "See keeps every step that the model takes. Where all of them would take more than "
            "this, it keeps fewer,\nevenly spread, and says so. 400 MB are 64 sprites in 1,000 "
            "steps. It holds for the next sprites.",
            RECORDED_MB,
            unit="MB",
        )
        form.addRow("Memory for recorded steps", self.recorded)
        self.keys = push_button(
            theme, "Change keys…", name="settings.keys", tip="Give actions other keys"
        )
        form.addRow("Keys", self.keys)
        close = push_button(theme, "Close", name="settings.close", tip="Changes are kept (Esc)")
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 12)
        column.setSpacing(16)
        column.addLayout(form)
        column.addStretch(1)
        column.addLayout(last)
        for label in self.findChildren(QLabel):
            label.setMinimumHeight(24)
        self._scale_at_start = known.ui_scale
        self.text_size.currentIndexChanged.connect(
            lambda *_: self._set_text_size(theme, self.text_size.currentData())
        )
        self.ui_scale.currentIndexChanged.connect(
            lambda *_: self._set_scale(self.ui_scale.currentData())
        )
        self.recorded.currentIndexChanged.connect(
            lambda *_: settings.replace(recorded_mb=self.recorded.currentData())
        )
        self.motion.toggled.connect(lambda on: settings.replace(motion=on))
        close.clicked.connect(self.accept)
        self._set_scale(known.ui_scale)

    def _choice(
        self, field: str, label: str, tip: str, choices: Sequence[int], unit: str = "%"
    ) -> QComboBox:
        box = calm(QComboBox(), name=f"settings.{field}", label=label, tip=tip)
        now = getattr(self._settings.value, field)
        for value in sorted({*choices, now}):
            box.addItem(f"{value:,} {unit}", value)
        box.setCurrentIndex(box.findData(now))
        return box

    def _set_text_size(self, theme: ThemeManager, percent: int) -> None:
        theme.set_text_size(percent)
        self._settings.replace(text_size=percent)

    def _set_scale(self, percent: int) -> None:
        self._settings.replace(ui_scale=percent)
        other = percent != self._scale_at_start
        self._form.setRowVisible(self._next, other)
