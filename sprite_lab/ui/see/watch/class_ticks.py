"""The classes to draw, with a check box each."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QScrollArea, QToolButton, QWidget

from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.model_info import ModelInfo
from sprite_lab.ui.layouts import discard, hbox, vbox
from sprite_lab.ui.page import scrolling
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.words import tr, trc

#: Rows of classes visible without scrolling; and the height of each in text of the usual size, in
#: logical pixels.
_MOST_ROWS, _ROW = 5, 26


class ClassTicks(QWidget):
    """Boxes ``see.class.<name>`` in two columns, All and None, and what the choice means.

    At first every class is ticked, so that guidance works and there is one of each to see.
    """

    changed = Signal()  #: the choice of classes changed

    def __init__(self) -> None:
        super().__init__()
        self._boxes: dict[str, QCheckBox] = {}
        content = named(QWidget(), "scrolled")
        self._grid = QGridLayout(content)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(0)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
        self._area: QScrollArea = scrolling(content)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._meaning = dim_label(name="see.classes_dealt")
        self._all = _word_button("see.classes.all", trc("classes", "All"), tr("Select every class"))
        self._none = _word_button(
            "see.classes.none",
            trc("classes", "None"),
            tr("Deselect all classes: any class may be drawn"),
        )
        row = hbox((self._meaning, 1), self._all, self._none, spacing=4)
        vbox(self._area, row, on=self)
        self._all.clicked.connect(lambda: self.tick(self._boxes))
        self._none.clicked.connect(lambda: self.tick(()))
        theme_manager().text_resized.connect(self._fit_height)

    def set_model(self, model: ModelInfo | None) -> None:
        """Offer the classes of a model; unchecked ones stay unchecked."""
        before = {name: box.isChecked() for name, box in self._boxes.items()}
        for box in self._boxes.values():
            self._grid.removeWidget(box)
            discard(box)
        names = () if model is None else model.class_names
        self._boxes = {name: QCheckBox(class_words(name)) for name in names}
        for index, (name, box) in enumerate(self._boxes.items()):
            box.setObjectName(f"see.class.{name}")
            box.setChecked(before.get(name, True))
            box.toggled.connect(self._on_toggled)
            self._grid.addWidget(box, index // 2, index % 2, Qt.AlignmentFlag.AlignLeft)
        self._fit_height()
        self._area.setVisible(bool(names))
        for button in (self._all, self._none):
            button.setVisible(len(names) > 1)
        self.setVisible(model is not None)
        self._on_toggled()

    def _fit_height(self) -> None:
        rows = min((len(self._boxes) + 1) // 2, _MOST_ROWS)
        self._area.setFixedHeight(round(rows * _ROW * theme_manager().text_scale))

    @property
    def chosen(self) -> tuple[str, ...]:
        """The checked classes."""
        return tuple(name for name, box in self._boxes.items() if box.isChecked())

    def tick(self, names: Collection[str]) -> None:
        """Check these classes and no others."""
        for name, box in self._boxes.items():
            box.setChecked(name in names)

    def _on_toggled(self, *_: object) -> None:
        chosen = self.chosen
        if not self._boxes:
            text = tr("This model knows no classes.")
        elif not chosen:
            text = tr("None selected: any class.")
        elif len(chosen) == 1:
            text = tr("Every sprite: {chosen}.", chosen=class_words(chosen[0]))
        else:
            text = tr("Classes alternate across sprites.")
        self._meaning.setText(text)
        every = tr("Every class is selected.") if len(chosen) == len(self._boxes) else ""
        allow(self._all, every, tr("Select every class"))
        allow(
            self._none,
            "" if chosen else tr("No class is selected."),
            tr("Deselect all classes: any class may be drawn"),
        )
        self.changed.emit()


def _word_button(name: str, text: str, label: str) -> QToolButton:
    """A small button with only a word."""
    button = named(QToolButton(), name, label)
    button.setText(text)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
