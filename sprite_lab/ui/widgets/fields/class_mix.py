"""A class to draw, or two mixed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QWidget

from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.config.base import Setting
from sprite_lab.core.trajectories.interpolation import Mix
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import allow, calm, fill
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.number_field import number_box
from sprite_lab.words import tr


class ClassMixField(QWidget):
    """A class, or two classes and the share of the second."""

    changed = Signal()  #: the mix changed

    def __init__(self, label: str, *, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._names: tuple[str, ...] = ()
        self._first = calm(ElidedComboBox(), f"{name}.first", label, tr("Class to draw"))
        self._mixed = IconButton(
            f"{name}.mixed", "add", tr("Mix in a second class"), checkable=True
        )
        self._second = calm(
            ElidedComboBox(),
            f"{name}.second",
            tr("{label}, mixed with", label=label),
            tr("Class to mix in"),
        )
        share = Setting(
            tr("{label}, share of the second", label=label),
            tip=tr("Share of the second class; the rest is the first."),
            low=1,
            high=99,
            unit="%",
        )
        self._share = number_box(share, 50, name=f"{name}.share")
        self._share.setFixedWidth(72)
        above = hbox((self._first, 1), self._mixed, spacing=4)
        self._more = as_widget(hbox((self._second, 1), self._share, spacing=4))
        vbox(above, self._more, on=self, spacing=4)
        self._more.hide()
        self.setFocusProxy(self._first)
        self._first.currentIndexChanged.connect(self._on_first)
        self._mixed.toggled.connect(self._on_mixed)
        self._second.currentIndexChanged.connect(lambda _: self.changed.emit())
        self._share.valueChanged.connect(lambda _: self.changed.emit())

    def set_classes(self, names: Sequence[str], chosen: str = "") -> None:
        """Offer a model's classes; keeps the choice if possible, otherwise chooses ``chosen``."""
        if tuple(names) == self._names:
            return
        self._names = tuple(names)
        for box, usual in ((self._first, chosen), (self._second, "")):
            before = box.currentData()
            classes = [(class_words(name), name) for name in names]
            fill(box, [(tr("Any"), ""), *classes] if box is self._first else classes)
            there = box.findData(before) if before else -1
            with QSignalBlocker(box):
                box.setCurrentIndex(there if there >= 0 else max(0, box.findData(usual)))
        self._on_first()

    @property
    def mix(self) -> Mix:
        first, second = self._first.currentData(), self._second.currentData()
        if not first:
            return ()
        if not self._mixed.isChecked() or second in (None, first):
            return ((first, 1.0),)
        share = self._share.value() / 100
        return ((first, 1 - share), (second, share))

    def _on_first(self, *_: object) -> None:
        mixable = bool(self._first.currentData()) and len(self._names) > 1
        allow(self._mixed, "" if mixable else tr("No class is selected."))
        self._more.setVisible(mixable and self._mixed.isChecked())
        self.changed.emit()

    def _on_mixed(self, mixed: bool) -> None:
        if mixed and self._second.currentData() == self._first.currentData():
            # Start with another class, as one mixed with itself is itself.
            self._second.setCurrentIndex((self._second.currentIndex() + 1) % self._second.count())
        self._more.setVisible(mixed)
        self.changed.emit()
