"""Words to request from a model, as chips with a completing input line, and a choice of style."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QObject,
    QPointF,
    QSize,
    QStringListModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QCheckBox, QCompleter, QLineEdit, QPushButton, QSizePolicy, QWidget

from sprite_lab.app.engine_types import Model
from sprite_lab.app.shell.text_format import source_words
from sprite_lab.core.config.sample import MOST_LETTERS, MOST_WORDS, SampleConfig
from sprite_lab.core.sets.credits import credits_of
from sprite_lab.core.sets.vocabulary import Vocabulary, split_words
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.forms import C, Form
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.text import plain, tooltip
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import theme_icon
from sprite_lab.ui.widgets.fields.calm import allow, calm, fill, named, show_entry
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.keys import ENTER, claims
from sprite_lab.words import tr

#: Maximum number of letters on a chip; longer words end in an ellipsis.
_SHOWN_LETTERS = 24

#: Maximum number of chips for words that only some of the chosen cells have, as more would take too
#: much room.
_MOST_PARTLY = 12

_GAP = 4

_TIP = tr(
    "What to draw, such as “red slime left”. Enter, a comma or a space ends a word, Down lists "
    "words the model knows, Backspace removes the last one."
)


class _Chips(Flow):
    """Chips in as many rows as they need, which can be as narrow as necessary."""

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        return QSize(0, super().sizeHint().height())


class _Line(QLineEdit):
    """A line edit: Enter ends a word, Down lists words, Backspace removes the last word if nothing
    is typed.
    """

    ended = Signal()
    taken_back = Signal()
    listed = Signal()
    left = Signal()

    def __init__(self, completer: QCompleter, *, leaves: bool) -> None:
        super().__init__()
        self._leaves = leaves
        self.own_completer = completer
        completer.setWidget(self)

    def event(self, event: QEvent) -> bool:
        escape = self._leaves and claims(event, (Qt.Key.Key_Escape,))
        return escape or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, popup = event.key(), self.own_completer.popup()
        assert popup is not None
        if key in ENTER:
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier or (
                popup.isVisible() and popup.currentIndex().isValid()
            ):
                # Left to others: Ctrl+Enter generates, and the completer takes a highlighted word.
                event.ignore()
                return
            popup.hide()
            if self._leaves and not self.text():
                self.left.emit()
            else:
                self.ended.emit()
        elif key == Qt.Key.Key_Escape and self._leaves:
            self.setText("")  # discard what was typed
            self.left.emit()
        elif key == Qt.Key.Key_Backspace and not self.text():
            self.taken_back.emit()
        elif key == Qt.Key.Key_Down and not popup.isVisible():
            self.listed.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.ended.emit()


class _Chip(QPushButton):
    """A word; a click, Enter, Delete or Backspace removes it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace, *ENTER):
            self.click()
        else:
            super().keyPressEvent(event)


def _button_is_down() -> bool:
    return QGuiApplication.mouseButtons() != Qt.MouseButton.NoButton


def _application() -> QCoreApplication:
    application = QCoreApplication.instance()
    assert application is not None
    return application


class WordsField(QWidget):
    """Words as chips, ``<name>.<word>``, above a line to type into, ``<name>``.

    Words unknown to the model have a red frame and suggest similar ones; they are not among
    :attr:`known_words`. ``leaves``: whether Esc, or Enter with nothing typed, emits :attr:`left`.
    """

    added = Signal(object)  #: a tuple of words that the user added
    removed = Signal(str)  #: the word that the user removed
    changed = Signal()  #: the user added or removed words
    left = Signal()  #: Esc was pressed, or Enter with nothing typed; see ``leaves``

    def __init__(self, *, name: str, tip: str = _TIP, leaves: bool = False) -> None:
        super().__init__()
        self._name, self._tip = name, tip
        self._vocabulary: Vocabulary | None = None
        self._known: frozenset[str] = frozenset()
        self.words: tuple[str, ...] = ()  #: all words, including those that the model does not know
        self._partly: dict[str, str] = {}
        self._chips: dict[str, _Chip] = {}
        self._offered = QStringListModel(self)
        self._completer = QCompleter(self._offered, self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setMaxVisibleItems(10)
        popup = self._completer.popup()
        assert popup is not None
        self._popup = popup
        theme_manager().dress(popup)  # a completer's list has no parent
        popup.installEventFilter(self)
        self._awaits_release = False
        named(self._popup, f"{name}.list", tr("Words that start this way"))
        self.line = named(_Line(self._completer, leaves=leaves), name, tr("Words"))
        self.line.setMaxLength(MOST_WORDS * MOST_LETTERS)
        self._box = QWidget()
        self._flow = _Chips(None, spacing=_GAP, last_right=False)
        self._box.setLayout(self._flow)
        self._box.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        self._box.hide()
        vbox(self._box, self.line, on=self, spacing=_GAP)
        self.setFocusProxy(self.line)
        self._typed = ""
        self.line.textEdited.connect(self._on_typed)
        self.line.ended.connect(self.commit)
        self.line.left.connect(self.left)
        self.line.taken_back.connect(self._take_back)
        self.line.listed.connect(self._list_all)
        self._completer.activated.connect(self._take)
        self.set_offered((), "")

    # -- suggestions ------------------------------------------------------------------------------

    def set_model(self, model: Model | None) -> None:
        """Offer a model's words, the most frequent first; None = no model."""
        self._vocabulary = Vocabulary() if model is None else model.vocabulary
        words = self._vocabulary.words
        self._known = frozenset(words)
        prompts = () if model is None else model.prompts
        counts = Counter(word for prompt in prompts for word in prompt.words)
        offered = sorted(words, key=lambda word: (-counts[word], word))
        why = tr("There is no model yet.") if model is None else tr("This model knows no words.")
        telling = [word for word in offered if not word.isdecimal()]  # numbers are no good examples
        telling = [w for w in telling if w not in self._vocabulary.classes]  # offered as classes
        pairs = (p.words for p in prompts if len(p.words) == 2 and {*p.words} <= {*telling})
        # Words without sprites, as inherited by fine-tuning, are no good examples.
        pair = next(pairs, [word for word in telling if counts[word]][:2])
        # A color comes before a noun, as more sprites have it.
        example = " ".join(sorted(pair, key=lambda word: -counts[word]))
        hint = tr("Try {example}", example=example) if example else ""
        self.set_offered(offered, "" if words else why, hint)
        self._show()

    def set_offered(self, words: Sequence[str], why: str, hint: str = "") -> None:
        """Offer words in this order; ``why``: why words have no effect, which disables the line."""
        self._offered.setStringList(list(words))
        self.line.setPlaceholderText(why or hint or tr("Type a word"))
        allow(self.line, why, self._tip)

    # -- words ------------------------------------------------------------------------------------

    @property
    def known_words(self) -> tuple[str, ...]:
        return tuple(word for word in self.words if word in self._known)

    def set_words(self, words: Iterable[str], partly: dict[str, str] | None = None) -> None:
        """Show words; ``partly``: words that only some of the chosen cells have, and how many."""
        words = tuple(dict.fromkeys(words))[:MOST_WORDS]
        partly = dict(islice((partly or {}).items(), _MOST_PARTLY))
        if (words, partly) != (self.words, self._partly):
            self.words, self._partly = words, partly
            self._show()

    def commit(self) -> None:
        """Add the typed text as words."""
        text = self.line.text()
        if text:
            self._empty()
            self._popup.hide()
            if _button_is_down():
                # New chips would move the pressed button away.
                self._awaits_release = True
                _application().installEventFilter(self)
            self._add(split_words(text))

    def _on_typed(self, text: str) -> None:
        pasted = len(text) > len(self._typed) + 1
        self._typed = text
        if "," in text or " " in text:
            head, _, rest = text.replace(",", " ").rpartition(" ")
            if pasted:
                head, rest = text, ""
            self.line.setText(rest)
            self._typed = rest
            self._popup.hide()
            self._add(split_words(head))
        elif text:
            self._list_all()
        else:
            self._popup.hide()

    def _take(self, word: str) -> None:
        self._empty()
        self._add((word,))

    def _empty(self) -> None:
        """Clear the line, including its undo history."""
        self.line.setText("")
        self._typed = ""

    def _list_all(self) -> None:
        self._completer.setCompletionPrefix(self.line.text())
        self._completer.complete()

    def _add(self, words: Sequence[str]) -> None:
        room = MOST_WORDS - len(self.words)
        new = tuple(w[:MOST_LETTERS] for w in words if w not in self.words)[: max(0, room)]
        if new:
            left = {word: text for word, text in self._partly.items() if word not in new}
            self.set_words((*self.words, *new), left)
            self.added.emit(new)
            self.changed.emit()

    def _take_back(self) -> None:
        shown = list(self._chips)
        if shown:
            self._remove(shown[-1])

    def _remove(self, word: str) -> None:
        shown = list(self._chips)
        place, focused = shown.index(word), self._chips[word].hasFocus()
        partly = {w: text for w, text in self._partly.items() if w != word}
        self.set_words((w for w in self.words if w != word), partly)
        if focused:
            left = list(self._chips.values())
            (left[min(place, len(left) - 1)] if left else self.line).setFocus()
        self.removed.emit(word)
        self.changed.emit()

    # -- display ----------------------------------------------------------------------------------

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Pass a press outside the list on to the widget there, as Qt would only close the list;
        show new chips once the button is released.
        """
        if self._awaits_release and not _button_is_down():
            self._awaits_release = False
            _application().removeEventFilter(self)
            QTimer.singleShot(0, self, self._show)  # after the effects of the release
        if (
            isinstance(event, QMouseEvent)
            and event.type() == QEvent.Type.MouseButtonPress
            and watched is self._popup
            and not self._popup.rect().contains(event.position().toPoint())
        ):
            window, at = self.window().windowHandle(), event.globalPosition()
            self._popup.hide()
            if not self.rect().contains(self.mapFromGlobal(at).toPoint()):
                self.commit()
            press = QMouseEvent(
                event.type(),
                QPointF(window.mapFromGlobal(at)),
                at,
                event.button(),
                event.buttons(),
                event.modifiers(),
                event.pointingDevice(),
            )
            QCoreApplication.sendEvent(window, press)  # so that it comes before the release
            return True
        return super().eventFilter(watched, event)

    def _show(self) -> None:
        if self._awaits_release:
            return
        for chip in self._chips.values():
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = {word: self._chip(word) for word in (*self.words, *self._partly)}
        before: QWidget = self.line
        for chip in self._chips.values():
            self._flow.addWidget(chip)
            chip.show()
            self.setTabOrder(before, chip)
            before = chip
        self.setTabOrder(before, self.line)
        self._box.setVisible(bool(self._chips))
        self._box.updateGeometry()

    def _chip(self, word: str) -> _Chip:
        short = word if len(word) <= _SHOWN_LETTERS else word[: _SHOWN_LETTERS - 1] + "…"
        chip = _Chip(short.replace("&", "&&"), self._box)
        chip.setObjectName(f"{self._name}.{word}")
        chip.setProperty("chip", True)
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # puts the cross after the word
        chip.setAutoDefault(False)
        theme_icon(chip, "close", "text_dim")
        about = self._about(word)
        chip.setProperty("unknown", bool(about) and word not in self._partly)
        chip.setProperty("partly", word in self._partly)
        chip.setToolTip(tooltip(about or tr("Remove {word}", word=word)))
        chip.setAccessibleName(tr("Remove {word}", word=word))
        chip.setAccessibleDescription(about)
        chip.clicked.connect(lambda: self._remove(word))
        return chip

    def _about(self, word: str) -> str:
        if word in self._partly:
            return tr(
                "{word}: {partly}. Type it to assign it to all.",
                word=word,
                partly=self._partly[word],
            )
        if self._vocabulary is None or word in self._known:
            return ""
        near = self._vocabulary.similar(word)
        hint = tr(". Similar: {near}", near=", ".join(near)) if near else "."
        return tr("The model does not know “{word}”{hint}", word=word, hint=hint)


class StyleChoice(ElidedComboBox):
    """A choice of the style to request: a source of the model's training set, or any.

    Tooltip and What's This show the credit of a style.
    """

    chosen = Signal(str)  #: the style that the user chose, "" = any

    def __init__(self, *, name: str) -> None:
        super().__init__()
        calm(self, name, tr("Style"))
        self._credits: dict[str, str] = {}
        self._why = ""
        self.activated.connect(lambda _: self.chosen.emit(self.style_name))
        self.currentIndexChanged.connect(self._explain)
        self.set_model(None)

    @property
    def style_name(self) -> str:
        """The chosen style, "" = any."""
        return str(self.currentData() or "")

    def bind_to(self, form: Form[SampleConfig]) -> StyleChoice:
        """Use it as the field for the style in a form."""

        def style() -> str:
            return self.style_name if self.isEnabled() else ""

        return form.bind("style", self, style, self.show_style, self.currentIndexChanged)

    def set_model(self, model: Model | None) -> None:
        """Offer a model's styles; keeps the choice if possible."""
        styles = () if model is None else model.vocabulary.styles
        lines = credits_of(() if model is None else model.credits, styles)
        self._credits = {credit.source: credit.line for credit in lines}
        known = ((source_words(style), style, self._credits[style]) for style in styles)
        fill(self, [(tr("Any style"), ""), *known])
        self._why = "" if styles else tr("This model knows no styles.")
        allow(self, self._why)
        self._explain()

    def show_style(self, style: str, *, several: bool = False) -> None:
        """Show a style, even one that the model does not know; ``several``: show "several"."""
        show_entry(self, style, source_words(style), tr("several") if several else "")
        self._explain()

    def _explain(self, *_: object) -> None:
        style = self.style_name
        text = self._why or tr("Draw like one source of the training set.")
        if style and not self._why:
            text = self._credits.get(style, tr("The model does not know “{style}”.", style=style))
        self.setToolTip(tooltip(text))  # shown as plain text
        self.setWhatsThis(plain(text))


class DealtWords(QCheckBox):
    """A check box: whether sprites without words get those of training sprites.

    ``told``: a sentence on where the dealt words are shown.
    """

    def __init__(self, told: str, *, name: str) -> None:
        super().__init__(tr("Words of training sprites"))
        tip = tr("Each sprite gets those of another training sprite of its class and style.")
        named(self, name, tip=f"{tip}\n{told}")
        self.setChecked(SampleConfig.deal_prompts)

    def bind_to(self, form: Form[C]) -> DealtWords:
        """Use it as the field for dealt prompts in a form."""
        return form.bind("deal_prompts", self, self.isChecked, self.setChecked, self.toggled)

    @staticmethod
    def problem(model: Model | None) -> str:
        """Why dealing words has no effect; "" = it has."""
        known = model is not None and model.prompts
        return "" if known else tr("This model has not learned any words.")
