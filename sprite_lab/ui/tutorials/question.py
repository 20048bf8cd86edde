"""A question of a lesson, and the ways to answer it."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QPushButton, QSizePolicy, QWidget

from sprite_lab.formats.lessons import Ask
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import calm, named
from sprite_lab.words import tr


class ChoiceButton(QPushButton):
    """A button whose words wrap."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        named(self, name, text)
        self.setAutoDefault(False)
        self._words = Label(text, wrap=True)
        self._words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        hbox((self._words, 1), on=self, margins=(12, 6, 12, 6))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def sizeHint(self) -> QSize:
        layout = self.layout()
        assert layout is not None
        return layout.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.heightForWidth(max(80, self.width())))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        assert layout is not None
        return layout.heightForWidth(width)


class Question(QWidget):
    """Choices, a number, or a button that takes the place of the timeline as the answer."""

    #: the number of a choice, a number, or None for the place of the timeline
    answered = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._ask: Ask | None = None
        self._shown: list[QWidget] = []
        self._column = vbox(on=self, spacing=6)

    def show_ask(self, ask: Ask | None, *, open_: bool) -> None:
        """Show a question; None = none. ``open_``: whether it can still be answered."""
        if ask is not self._ask:
            self._ask = ask
            for part in self._shown:
                part.hide()  # before it is deleted, since focus and names must not find it
                part.setObjectName("")
                part.deleteLater()
            self._shown = [] if ask is None else self._parts(ask)
            for part in self._shown:
                self._column.addWidget(part)
        self.setVisible(ask is not None)
        self.setEnabled(open_)

    def _parts(self, ask: Ask) -> list[QWidget]:
        if ask.choices:
            return [self._choice(n, choice.text) for n, choice in enumerate(ask.choices)]
        if ask.by_timeline:
            here = push_button(
                "lesson.here",
                tr("It is here"),
                tip=tr("Answer with the current place on the timeline"),
            )
            here.clicked.connect(lambda: self.answered.emit(None))
            return [here]
        field = calm(QDoubleSpinBox(), "lesson.number", tr("Your answer"))
        field.setRange(-10_000, 10_000)
        field.setDecimals(1 if ask.number is not None and ask.number[1] < 10 else 0)
        field.setSuffix(f" {ask.unit}" if ask.unit else "")
        field.setKeyboardTracking(False)
        answer = push_button("lesson.answer", tr("Answer"))
        answer.clicked.connect(lambda: self.answered.emit(field.value()))
        row = QWidget()
        hbox((field, 1), answer, on=row)
        return [row]

    def _choice(self, number: int, text: str) -> QWidget:
        button = ChoiceButton(text, f"lesson.choice.{number}")
        button.clicked.connect(lambda: self.answered.emit(number))
        return button
