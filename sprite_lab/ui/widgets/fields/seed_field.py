"""A field for a seed, with dice and lock."""

from __future__ import annotations

import random

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QValidator
from PySide6.QtWidgets import QLineEdit, QWidget

from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import tabular
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import calm
from sprite_lab.ui.widgets.keys import ENTER
from sprite_lab.words import tr

#: Maximum seed of a configuration; that of a spin box would be 2**31 - 1.
LARGEST_SEED = 2**63 - 1


class _SeedValidator(QValidator):
    """Accepts digits as long as they form a seed."""

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        if not text:
            return QValidator.State.Intermediate, text, position
        fits = text.isascii() and text.isdigit() and int(text) <= LARGEST_SEED
        return (QValidator.State.Acceptable if fits else QValidator.State.Invalid), text, position


class _SeedLine(QLineEdit):
    """A line edit in which Up and Down count, as in any number field."""

    left = Signal()  #: editing ended, whatever the line contains
    stepped = Signal(int)  #: +1 or -1

    def __init__(self) -> None:
        super().__init__()
        self.setValidator(_SeedValidator(self))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(1 if key == Qt.Key.Key_Up else -1)
            return
        super().keyPressEvent(event)
        if key in ENTER:
            self.left.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()


class SeedField(QWidget):
    """A seed with a dice and a lock: locked, the same seed gives the same sprites again.

    Typing a seed locks it, or the next run would replace it. Parts are ``<name>.field``, ``.dice``
    and ``.lock``, the last only if ``lockable``, that is, if runs roll new seeds.
    """

    changed = Signal(object)  #: the new seed, as a Python int, since Qt's is too small
    lock_changed = Signal(bool)  #: whether the seed is locked, changed by the user
    lock_toggled = Signal(bool)  #: the same, changed by user or program

    def __init__(
        self, *, name: str, seed: int = 0, locked: bool = False, lockable: bool = True
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        tip = tr("Seed: the number all the noise comes from. The same seed gives the same noise.")
        self.seed = seed  #: 0 to 2**63 - 1
        self._several = False
        self._field = calm(_SeedLine(), f"{name}.field", tr("Seed"), tip)
        self._field.setMinimumWidth(72)  # 19 digits would widen the whole panel
        self._field.setText(str(seed))
        self._field.setFont(tabular(self._field.font()))
        dice = IconButton(f"{name}.dice", "dice", tr("Roll a new seed"), do=self.throw)
        self._lock = IconButton(f"{name}.lock", "unlock", tr("Keep the seed"), checkable=True)
        hbox((self._field, 1), dice, self._lock, on=self, spacing=4)
        self._lockable = lockable
        if not lockable:
            self._lock.hide()
        self.setFocusProxy(self._field)
        self._lock.toggled.connect(self._show_lock)
        self._lock.clicked.connect(self.lock_changed)
        self._lock.toggled.connect(self.lock_toggled)
        self._field.textEdited.connect(self._on_typed)
        self._field.left.connect(self._show_seed)
        self._field.stepped.connect(self._on_stepped)
        self._lock.setChecked(locked)
        self._show_lock()

    @property
    def locked(self) -> bool:
        """Whether the seed stays the same from one run to the next."""
        return self._lock.isChecked()

    def set_locked(self, locked: bool) -> None:
        self._lock.setChecked(locked)

    def set_seed(self, seed: int) -> None:
        """Show a seed; raises ValueError if it is below 0 or above 2**63 - 1."""
        if not 0 <= seed <= LARGEST_SEED:
            raise ValueError(f"{seed} is not a seed: it must be from 0 to {LARGEST_SEED}.")
        before, self.seed = self.seed, seed
        self._show_seed()
        if seed != before:
            self.changed.emit(seed)

    def show_several(self, several: bool) -> None:
        """Set whether to show "several" instead of the seed."""
        self._several = several
        self._field.setPlaceholderText(tr("several") if several else "")
        self._show_seed()

    def throw(self) -> None:
        """Roll a new random seed, short enough to read aloud."""
        self.set_seed(random.randrange(1_000_000))

    def take(self) -> int:
        """The seed for the run starting now: a new one, unless locked."""
        if not self.locked:
            self.throw()
        return self.seed

    def _on_typed(self, text: str) -> None:
        # While nothing is typed, the previous seed is kept.
        if text and (self._several or int(text) != self.seed):
            self.seed = int(text)
            self.changed.emit(self.seed)
            self._keep()

    def _on_stepped(self, by: int) -> None:
        self.set_seed(min(max(self.seed + by, 0), LARGEST_SEED))
        self._keep()

    def _keep(self) -> None:
        if self._lockable and not self.locked:
            self.set_locked(True)
            self.lock_changed.emit(True)

    def _show_seed(self) -> None:
        text = "" if self._several else str(self.seed)
        if self._field.text() != text:
            self._field.setText(text)
            self._field.setCursorPosition(0)  # show the beginning of a long seed

    def _show_lock(self) -> None:
        self._lock.set_icon("lock" if self.locked else "unlock")
        text = (
            tr("Locked: this seed is used again, with the same result. Click to unlock.")
            if self.locked
            else tr("Unlocked: a new seed every time. Click to lock this one.")
        )
        self._lock.setToolTip(tooltip(text))
        self._lock.setAccessibleDescription(text)
