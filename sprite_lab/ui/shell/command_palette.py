"""The command palette: actions found by typing a few letters."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Container, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QSlider,
    QTreeWidget,
    QTreeWidgetItem,
    QWidget,
)

from sprite_lab.app.shell.fuzzy import fit
from sprite_lab.ui.layouts import around, vbox
from sprite_lab.ui.shell.key_bindings import native
from sprite_lab.ui.text import tooltip, words_of
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import Segmented
from sprite_lab.ui.widgets.fields.calm import named, says_why, usual_tip, why_not_allowed
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.keys import is_press
from sprite_lab.words import tr

_WIDTH, _HEIGHT = 680, 400
#: Space around the words of a column, in logical pixels.
_AROUND = 24
#: From this many letters on, tooltips are searched, too.
_ABOUT = 3
#: Scores of a whole name or tooltip, of each letter of words found in a name, and in a place.
_EXACT, _A_LETTER, _OF_PLACE = 1000.0, 3.0, 2.0
#: Field types.
_FIELDS = (NumberField, QComboBox, QAbstractSpinBox, QSlider, QLineEdit)
_LIST_KEYS = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
#: Reasons for disabled commands whose tooltips give none.
_REASONS = {
    "edit.undo": tr("nothing to undo"),
    "edit.redo": tr("nothing to redo"),
    "run.train": tr("a training run is in progress, or there are no sprites"),
    "run.pause": tr("no training run is in progress"),
    "run.stop": tr("no training run is in progress"),
}


@dataclass(frozen=True)
class Entry:
    """One command."""

    name: str
    text: str
    place: str
    keys: str
    reason: str  #: why it cannot run now; "" = it can
    run: Callable[[], object]
    about: str = ""  #: its tooltip, which is searched as well
    #: listed only when something is typed, below equally good matches
    elsewhere: bool = False

    @property
    def said(self) -> str:
        """The words that are searched, in lower case."""
        return f"{self.text} {self.place} {self.about}".casefold()


def of_action(action: QAction, place: str) -> Entry:
    text = action.text().replace("&", "").rstrip("…")
    tip, name = words_of(action.toolTip()), action.objectName()
    reason = ""
    if not action.isEnabled():
        said = tip if tip and tip.replace("&", "").rstrip("….") != text else ""
        reason = _REASONS.get(name) or said or tr("not possible right now")
    keys = native(k.toString(QKeySequence.SequenceFormat.PortableText) for k in action.shortcuts())
    if action.isCheckable() and action.isChecked():
        text += " ✓"
    about = action.statusTip() or words_of(usual_tip(action))
    return Entry(name, text, place, keys, reason, action.trigger, about)


def of_button(button: QAbstractButton, place: str) -> Entry:
    """The command of a button; its key is read from its tooltip."""
    tip = words_of(usual_tip(button))
    text = (button.accessibleName() or button.text()).replace("&", "")
    text = re.sub(r" \([^()]*\)$", "", text.split("\n")[0]).rstrip("….")
    choice = around(button, Segmented)
    if choice is not None and around(button, Inspector) is not None:
        # In a panel, a label stands beside the choice; without it, the choice would mean nothing.
        text = tr("{label}: {choice}", label=choice.accessibleName(), choice=text)
    if not button.text():  # named by its tip, which may explain it as well
        text = re.split(r"[.:;] ", text)[0]
    key = re.search(r"\(([^()]*)\)", tip)
    keys = key[1] if key and QKeySequence(key[1].split(", ")[0]).toString() else ""
    return Entry(button.objectName(), text, place, keys, _why_not(button), button.click, tip)


def entries_of(
    place: str, *widgets: QWidget, reveal: Callable[[QWidget], object] | None = None
) -> list[Entry]:
    """The commands of some widgets: their named actions, and their buttons that are visible, in a
    collapsed group (which ``reveal`` opens), or disabled with a reason.
    """
    entries: list[Entry] = []
    unseen: list[Entry] = []
    for widget in widgets:
        for action in widget.findChildren(QAction):
            if action.objectName() and action.text():
                entries.append(of_action(action, place))
        for button in widget.findChildren(QAbstractButton):
            # Collapsible headings, and buttons inside other controls, are not commands.
            folds = button.property("foldHeader")
            there = isinstance(widget, Inspector) and widget.offers(button)
            if button.objectName() and not folds and (there or button.isVisibleTo(widget)):
                entry, group = of_button(button, place), around(button, FoldGroup)
                if reveal is not None and group is not None and not group.is_open:
                    entry = replace(entry, run=partial(_open_and_press, button, reveal))
                entries.append(entry)
            elif button.objectName() and not folds and says_why(button):
                unseen.append(of_button(button, place))
    return entries + unseen


def settings_of(place: str, reveal: Callable[[QWidget], object], *widgets: QWidget) -> list[Entry]:
    """The settings of some widgets, by label, and other fields by name: Enter goes to the field.

    ``reveal`` unfolds and scrolls to a field.
    """
    parts = [part for widget in widgets for part in widget.findChildren(QWidget)]
    named_by: dict[QWidget, str] = {}
    for part in parts:
        field = part.buddy() if isinstance(part, QLabel) else None
        if field is not None and isinstance(part, QLabel) and part.text():
            named_by.setdefault(field, part.text())
    for field in parts:
        if isinstance(field, _FIELDS) and not _is_within(field, named_by):
            named_by.setdefault(field, field.accessibleName())
    entries: dict[str, Entry] = {}
    for field, text in named_by.items():
        if field.objectName() and text:
            go = partial(_go_to, field, reveal)
            where = tr("{place}: setting", place=place)
            about = f"{field.accessibleName()}. {words_of(usual_tip(field))}"
            entries.setdefault(
                text, Entry(field.objectName(), text, where, "", _why_not(field), go, about)
            )
    return list(entries.values())


def _why_not(control: QWidget) -> str:
    """Why a control is disabled, from its tooltip; "" = it is enabled."""
    if control.isEnabled():
        return ""
    nothing = isinstance(control, QComboBox) and not control.count()
    usual = tr("there is nothing to choose from yet") if nothing else tr("not possible right now")
    return why_not_allowed(control) or usual


def _is_within(part: QWidget, fields: Container[QWidget]) -> bool:
    """Whether ``part`` is within one of ``fields``."""
    above = part.parentWidget()
    while above is not None and above not in fields:
        above = above.parentWidget()
    return above is not None


def _open_and_press(button: QAbstractButton, reveal: Callable[[QWidget], object]) -> None:
    reveal(button)
    button.click()


def _go_to(field: QWidget, reveal: Callable[[QWidget], object]) -> None:
    reveal(field)
    field.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _scores(typed: str, entries: Collection[Entry]) -> list[tuple[float, Entry]]:
    """The commands that match the typed text, and how well: those with all its words or, if there
    are none, with its letters or, if there are none, with any of its words.
    """
    words = typed.casefold().split()
    by_letters = [(score, e) for e in entries if (score := fit(typed, e.text)) is not None]
    if len("".join(words)) < _ABOUT:
        return by_letters
    by_words = [(_worth(words, e), e) for e in entries if _begun(words, e.said) == words]
    if by_words or by_letters:
        return by_words or by_letters
    found = [([word for word in words if word in entry.said], entry) for entry in entries]
    # A word that few commands have says most about what is meant, above all in a name.
    many = Counter(word for has, _ in found for word in has)
    return [
        (sum((1 + (word in entry.text.casefold())) / many[word] for word in has), entry)
        for has, entry in found
        if has
    ]


def _begun(words: Iterable[str], text: str) -> list[str]:
    """Those of ``words`` that are the beginning of a word of ``text``."""
    return [word for word in words if re.search(rf"\b{re.escape(word)}", text)]


def _worth(words: Sequence[str], entry: Entry) -> float:
    """How well a command that has all ``words`` fits; words in its name count most."""
    text = entry.text.casefold()
    if " ".join(words) in (text, entry.about.casefold()):
        return _EXACT
    named, placed = (len("".join(_begun(words, there))) for there in (text, entry.place.casefold()))
    return _A_LETTER * named + _OF_PLACE * placed - 0.01 * len(text)


class CommandPalette(QDialog):
    """Finds an action by a few letters; Enter runs it, Esc closes."""

    searched = Signal()  #: something was typed for the first time

    def __init__(self, entries: Iterable[Entry], parent: QWidget) -> None:
        super().__init__(parent)
        self._owner = parent
        self.setObjectName("commands")
        self.setWindowTitle(tr("Command palette"))
        self._entries: dict[tuple[str, str], Entry] = {}
        self._searched = False
        self._take(entries)
        self._focus_before = QApplication.focusWidget()
        self.search = named(QLineEdit(), "commands.search", tr("Command"))
        self.search.setPlaceholderText(tr("Type what you want to do"))
        self.search.setToolTip(tooltip(tr("A few of its letters, in order")))
        self.search.installEventFilter(self)
        self.list = named(QTreeWidget(), "commands.list", tr("Matching commands"))
        self.list.setToolTip(tooltip(tr("Enter runs the selected command")))
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setHeaderHidden(True)
        # Names differ at their ends: turn left, or right.
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.list.setColumnCount(3)
        self.list.setProperty("padded", True)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._why = dim_label(name="commands.reason")
        vbox(self.search, self.list, self._why, on=self, margins=(12, 12, 12, 12))
        scale = theme_manager().text_scale
        self.resize(round(_WIDTH * scale), round(_HEIGHT * scale))
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._run)
        self.list.itemClicked.connect(lambda *_: self._run())
        self.list.currentItemChanged.connect(self._show_reason)
        theme_manager().changed.connect(self._follow_theme)
        self._fill("")

    def add(self, entries: Iterable[Entry]) -> None:
        self._take(entries)
        chosen = self._chosen()
        self._fill(self.search.text())
        if chosen is None or chosen.reason:
            return
        for row in range(self.list.topLevelItemCount()):
            item = self.list.topLevelItem(row)
            if item is not None and item.data(0, Qt.ItemDataRole.UserRole) is chosen:
                # The entry that Enter runs does not change by itself
                self.list.setCurrentItem(item)

    @Slot()
    def _follow_theme(self) -> None:
        self.add(())

    def _take(self, entries: Iterable[Entry]) -> None:
        # Of commands with the same name in one place, only the first is listed.
        for entry in entries:
            if entry.text.strip():
                self._entries.setdefault((entry.place, entry.text.casefold()), entry)

    def _fill(self, typed: str) -> None:
        searches = bool(typed.strip())
        if searches and not self._searched:
            self._searched = True
            self.searched.emit()
        listed = [e for e in self._entries.values() if searches or not e.elsewhere]
        scored = _scores(typed, listed)
        if searches:
            # Among equal matches, enabled and nearby commands come first.
            scored.sort(key=lambda pair: (-pair[0], bool(pair[1].reason), pair[1].elsewhere))
        self.list.clear()
        for _, entry in scored:
            item = QTreeWidgetItem([entry.text, entry.place, entry.keys])
            item.setData(0, Qt.ItemDataRole.UserRole, entry)
            dim = self.palette().placeholderText()
            item.setForeground(1, dim)
            item.setForeground(2, dim)
            item.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            for column, text in enumerate((entry.reason or entry.text, entry.place, entry.keys)):
                item.setToolTip(column, tooltip(text))  # the text may be cut off in the list
            if entry.reason:
                item.setForeground(0, dim)
            spoken = f"{entry.text}, {entry.place}"
            spoken += f", {entry.keys}" if entry.keys else ""
            spoken += tr(", not possible: {reason}", reason=entry.reason) if entry.reason else ""
            item.setData(0, Qt.ItemDataRole.AccessibleTextRole, spoken)
            self.list.addTopLevelItem(item)
        self._share_out()
        first = self.list.topLevelItem(0)
        if first is not None:
            self.list.setCurrentItem(first)
        else:
            self._show_reason()

    def _share_out(self) -> None:
        """Give keys and places the width of their words, and the rest to names."""
        room, words = self.width() - 60, self.list.fontMetrics().horizontalAdvance
        items = [self.list.topLevelItem(row) for row in range(self.list.topLevelItemCount())]
        for column, most in ((2, 0.3), (1, 0.4)):
            needed = max(
                (words(item.text(column)) for item in items if item is not None), default=0
            )
            width = min(needed + _AROUND, round(most * room))
            self.list.setColumnWidth(column, width)
            room -= width
        self.list.setColumnWidth(0, room)

    def _chosen(self) -> Entry | None:
        item = self.list.currentItem()
        entry = None if item is None else item.data(0, Qt.ItemDataRole.UserRole)
        return entry if isinstance(entry, Entry) else None

    def _show_reason(self, *_: object) -> None:
        entry = self._chosen()
        if entry is None:
            self._why.setText(tr("Nothing matches; try fewer letters."))
        elif entry.reason:
            self._why.setText(tr("Not possible now: {reason}", reason=entry.reason))
        else:
            self._why.setText(tr("Enter runs it, Esc closes."))

    def _run(self) -> None:
        entry = self._chosen()
        if entry is None or entry.reason:
            return
        self.accept()
        before = self._focus_before
        if before is not None:
            before.window().activateWindow()
            before.setFocus()
        _run_with_focus(entry.run, before, self._owner)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.search and isinstance(event, QKeyEvent) and is_press(event, _LIST_KEYS):
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)


def _run_with_focus(
    run: Callable[[], object], focus: QWidget | None, context: QWidget, tries: int = 20
) -> None:
    """Call ``run``, which may depend on the focus, once ``focus`` has it, or after ``tries``."""

    def look() -> None:
        if focus is None or tries == 0 or focus.hasFocus():
            run()
        else:
            _run_with_focus(run, focus, context, tries - 1)

    QTimer.singleShot(10 if tries < 20 else 0, context, look)
