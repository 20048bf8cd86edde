"""A question of a lesson, and the ways to answer it."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QDoubleSpinBox, QPushButton, QSizePolicy, QWidget

from sprite_lab.app.shell.text_format import unbroken
from sprite_lab.formats.lessons import Ask
from sprite_lab.ui.layouts import as_widget, discard, hbox, keep_place, vbox
from sprite_lab.ui.text import Label, held
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import calm, named
from sprite_lab.ui.widgets.fields.markdown import MARKED
from sprite_lab.ui.widgets.sprites.indices import set_indices
from sprite_lab.words import tr

#: A link of a reply, which leads to a step of a lesson, and nowhere else: lessons may be a
#: stranger's.
_LINK = re.compile(r"\[([^\]]+)\]\((step:[\w-]+/\d+)\)")


def marked_up(text: str) -> str:
    """A reply or a choice for a label, with symbols formatted as in the step's text, and links."""
    text = unbroken(text)
    found = MARKED.sub(r"<i>\g<0></i>", set_indices(text, formula=False))
    found = _LINK.sub(r'<a href="\2">\1</a>', found)
    return held(found) if re.search("<su|<i>|<a ", found) else text


class ChoiceButton(QPushButton):
    """A button whose text wraps."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        named(self, name, text)
        self.setAutoDefault(False)
        self._text = text
        words = Label(marked_up(text), wrap=True)
        words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._mark = Label("✓")
        keep_place(self._mark)  # otherwise the text would be wrapped anew
        self._mark.hide()
        hbox((words, 1), self._mark, on=self, margins=(12, 6, 12, 6))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def mark_right(self) -> None:
        """Show, and tell screen readers, that it is the right answer."""
        self._show_mark("✓", "right", tr("{answer} (right answer)", answer=self._text))

    def mark_given(self, *, wrong: bool) -> None:
        """Show that it is the given answer; ``wrong``: also show that it is wrong."""
        mark, look = ("✗", "wrong") if wrong else ("●", "given")
        self._show_mark(mark, look, tr("{answer} (your answer)", answer=self._text))

    def _show_mark(self, mark: str, look: str, name: str) -> None:
        self._mark.setText(mark)
        self._mark.show()
        self.setProperty("marked", look)
        self._mark.setProperty("marked", look)
        self.setAccessibleName(name)
        for part in (self, *self.findChildren(Label)):
            part.style().polish(part)

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


@dataclass(frozen=True)
class _Marks:
    """The marked choices: the right one, the one given in a test, wrong ones."""

    solved: bool = False
    given: str = ""
    wrong: frozenset[str] = frozenset()

    def are_within(self, later: _Marks) -> bool:
        """Whether the ``later`` marks include all of these."""
        given = self.given in ("", later.given)
        return self.solved <= later.solved and given and self.wrong <= later.wrong


class Question(QWidget):
    """Choices, a number, or a button that submits the timeline's position as the answer.

    ``after``: the widget before it in the tab order; otherwise it would come last.
    """

    #: the index of a choice, a number, or None for the timeline's position
    answered = Signal(object)

    def __init__(self, after: QWidget) -> None:
        super().__init__()
        self._after = after
        self._ask: Ask | None = None
        self._marks = _Marks()
        self._shown: list[QWidget] = []
        self._column = vbox(on=self, spacing=6)

    def show_ask(
        self, ask: Ask | None, *, open_: bool, solved: bool, given: str, wrong: Collection[str]
    ) -> None:
        """Show a question; None = none.

        ``open_``: whether it can still be answered. ``solved``: whether to show the right answer.
        ``given``: the choice to mark as the one that was made, "" = none. ``wrong``: those to mark
        as wrong.
        """
        marks = _Marks(solved, given, frozenset(wrong))
        if ask is not self._ask or not self._marks.are_within(marks):
            self._ask, self._marks = ask, _Marks()
            for part in self._shown:
                discard(part)
            self._shown = [] if ask is None else self._parts(ask)
            for part in self._shown:
                self._column.addWidget(part)
            self._order_tabs()
        if ask is not None and marks != self._marks:
            self._marks = marks
            self._mark(ask, marks)
        self.setVisible(ask is not None)
        self.setEnabled(open_)

    @property
    def has_choices(self) -> bool:
        return self._ask is not None and bool(self._ask.choices)

    def _mark(self, ask: Ask, marks: _Marks) -> None:
        """Mark the right choice and those given, or show a right number."""
        for choice, part in zip(ask.choices, self._shown, strict=False):
            assert isinstance(part, ChoiceButton)
            if choice.right and marks.solved:
                part.mark_right()
            elif choice.text in marks.wrong or choice.text == marks.given:
                part.mark_given(wrong=marks.solved or choice.text in marks.wrong)
        field = self.findChild(QDoubleSpinBox)
        if ask.number is not None and field is not None and marks.solved:
            low, high = ask.number
            if not low <= field.value() <= high:  # it was shown, not answered
                field.setValue((low + high) / 2)

    def _order_tabs(self) -> None:
        before = self._after
        for part in self._shown:
            for widget in (part, *part.findChildren(QWidget)):
                if widget.focusPolicy() != Qt.FocusPolicy.NoFocus:
                    QWidget.setTabOrder(before, widget)
                    before = widget

    def _parts(self, ask: Ask) -> list[QWidget]:
        if ask.choices:
            return [self._choice(n, choice.text) for n, choice in enumerate(ask.choices)]
        if ask.by_timeline:
            here = push_button(
                "lesson.here",
                tr("It is here"),
                tip=tr("Answer with the current place on the timeline"),
                do=lambda: self.answered.emit(None),
            )
            return [here]
        field = calm(QDoubleSpinBox(), "lesson.number", tr("Your answer"))
        field.setRange(-10_000, 10_000)
        field.setDecimals(1 if ask.number is not None and ask.number[1] < 10 else 0)
        field.setSuffix(f" {ask.unit}" if ask.unit else "")
        field.setKeyboardTracking(False)
        # Otherwise it would reserve room for −10,000, and large text would leave none for the
        # button.
        field.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        answer = push_button("lesson.answer", tr("Answer"))
        answer.clicked.connect(lambda: self.answered.emit(field.value()))
        field.lineEdit().returnPressed.connect(answer.click)
        return [as_widget(hbox((field, 1), answer))]

    def _choice(self, number: int, text: str) -> QWidget:
        button = ChoiceButton(text, f"lesson.choice.{number}")
        button.clicked.connect(lambda: self.answered.emit(number))
        return button
