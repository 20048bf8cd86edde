"""Buttons with themed icons, and a row of buttons for choosing among a few values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, QSize, Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import (
    QCursor,
    QEnterEvent,
    QFont,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QButtonGroup,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyleOptionButton,
    QStyleOptionToolButton,
    QToolButton,
    QWidget,
)

from sprite_lab.ui.flow import Flow
from sprite_lab.ui.icons import icon
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import Theme, current_theme, theme_manager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.tips import tip_beside
from sprite_lab.ui.widgets.keys import ENTER

#: What a button does.
Action = Callable[[], object] | SignalInstance


class _ThemedIcon(QObject):
    """Keeps a button's icon in the theme's colors; owned by the button."""

    def __init__(self, button: QAbstractButton) -> None:
        super().__init__(button)
        self._button = button
        self._look: tuple[str, str, str | None] = ("", "text", None)
        self.is_shown = True
        theme_manager().changed.connect(self.paint)

    def set_look(self, name: str, token: str, on_token: str | None) -> None:
        self._look = (name, token, on_token)
        self.paint(current_theme())

    def set_token(self, token: str) -> None:
        self.set_look(self._look[0], token, self._look[2])

    def show(self, shown: bool) -> None:
        if shown != self.is_shown:
            self.is_shown = shown
            self.paint(current_theme())

    @Slot(object)
    def paint(self, theme: Theme) -> None:
        name, token, on_token = self._look
        self._button.setIcon(icon(name, theme, token, on_token) if self.is_shown else QIcon())


def theme_icon(
    button: QAbstractButton, name: str, token: str = "text", on_token: str | None = None
) -> None:
    """Give a button an icon that follows the theme; call again to change the icon."""
    keeper = _icon_of(button)
    if keeper is None:
        keeper = _ThemedIcon(button)
    keeper.set_look(name, token, on_token)


def _icon_of(button: QAbstractButton) -> _ThemedIcon | None:
    return button.findChild(_ThemedIcon, options=Qt.FindChildOption.FindDirectChildrenOnly)


def gap_beside(icon_side: int) -> int:
    """Extra space between icon and text, in logical pixels: large icons need more than Qt's 4."""
    return icon_side // 6


def icon_room(button: QAbstractButton) -> int:
    """The width of an icon beside text, including the gap, in logical pixels."""
    side = button.iconSize().width()
    return side + gap_beside(side) + 4


class PushButton(QPushButton):
    """A button that Enter presses (in Qt, only in dialogs), with a gap that grows with its icon.

    It has room for bold text, and for the longest of its possible texts, so that nothing moves when
    the text changes.
    """

    #: other texts that the button shows at times
    at_times: tuple[str, ...] = ()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in ENTER:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            (self.showMenu if self.menu() else self.click)()

    def sizeHint(self) -> QSize:
        font = QFont(self.font())
        if self.property("primary") is False:
            font.setWeight(QFont.Weight.DemiBold)

        def width(words: str, font: QFont) -> int:
            return QFontMetrics(font).size(Qt.TextFlag.TextShowMnemonic.value, words).width()

        wide = max(width(words, font) for words in (self.text(), *self.at_times))
        return super().sizeHint() + QSize(max(0, wide - width(self.text(), self.font())), 0)

    def enterEvent(self, event: QEnterEvent) -> None:
        tip_beside(self)
        super().enterEvent(event)

    def wanted(self, *, icons: bool) -> int:
        """The button's width with or without its icon, in logical pixels."""
        width, keeper = self.sizeHint().width(), _icon_of(self)
        if keeper is None or icons == keeper.is_shown:
            return width
        return width + (icon_room(self) if icons else -icon_room(self))

    def set_icons(self, shown: bool) -> None:
        """Set whether the icon is shown."""
        keeper = _icon_of(self)
        if keeper is not None:
            keeper.show(shown)

    def initStyleOption(self, option: QStyleOptionButton) -> None:
        super().initStyleOption(option)
        if option.text and not option.icon.isNull():
            side = option.iconSize.width()
            option.iconSize = QSize(side + gap_beside(side), side)


class ToolButton(QToolButton):
    """A tool button that Enter presses, like a :class:`PushButton`.

    It ignores the second click of a double click if the first click made it appear: for example,
    Undo takes the place of "Back to the canvas", and a double click there must not undo anything.
    """

    _pressed: int | None = None  # event time of the last press, in milliseconds

    def enterEvent(self, event: QEnterEvent) -> None:
        tip_beside(self)
        super().enterEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.timestamp()
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        longest = QApplication.doubleClickInterval()
        if self._pressed is not None and event.timestamp() - self._pressed <= longest:
            super().mouseDoubleClickEvent(event)

    def setMenu(self, menu: QMenu) -> None:
        super().setMenu(menu)
        self.setPopupMode(self.ToolButtonPopupMode.InstantPopup)
        menu.aboutToHide.connect(self._look_for_pointer, Qt.ConnectionType.QueuedConnection)

    def _look_for_pointer(self) -> None:
        """Update the hover state, as Qt does not report that the pointer left for the menu."""
        inside = self.rect().contains(self.mapFromGlobal(QCursor.pos()))
        self.setAttribute(Qt.WidgetAttribute.WA_UnderMouse, inside)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in ENTER:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            (self.showMenu if self.menu() else self.click)()

    def initStyleOption(self, option: QStyleOptionToolButton) -> None:
        super().initStyleOption(option)
        if option.toolButtonStyle == Qt.ToolButtonStyle.ToolButtonTextBesideIcon:
            side = option.iconSize.width()
            option.iconSize = QSize(side + gap_beside(side), side)


class IconButton(ToolButton):
    """A flat button with an icon, and optional text beside it.

    ``tip``: also the accessible name if there is no text; it should name the key. ``do``: called
    when the button is pressed, or a signal to emit.
    """

    def __init__(
        self,
        name: str,
        icon: str,
        tip: str,
        text: str = "",
        *,
        checkable: bool = False,
        size: int = 16,
        do: Action | None = None,
    ) -> None:
        super().__init__()
        named(self, name, text or tip, tip)
        if do is not None:
            self.clicked.connect(do)
        self.setCheckable(checkable)
        self.setProperty("iconSide", size)
        # Only by Tab, so that a click on Play leaves the focus on the slider.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if text:
            self.setText(text)
            self.setProperty("labeled", True)
            self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.set_icon(icon)

    def set_icon(self, name: str) -> None:
        theme_icon(self, name)


class ShrinkingButton(IconButton):
    """A button that drops its text if there is no room for it beside the icon."""

    def __init__(self, name: str, icon: str, tip: str, text: str, *, checkable: bool = False):
        super().__init__(name, icon, tip, text, checkable=checkable)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    @property
    def _words(self) -> int:
        # As Qt measures it: with a space on either side, and a gap to the icon.
        gap = icon_room(self) - self.iconSize().width()
        return self.fontMetrics().horizontalAdvance(f" {self.text()} ") + gap

    @property
    def _is_shrunk(self) -> bool:
        return self.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly

    def sizeHint(self) -> QSize:
        return super().sizeHint() + QSize(self._words if self._is_shrunk else 0, 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint() - QSize(self._words, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        style = Qt.ToolButtonStyle
        shrunk = self.width() < self.sizeHint().width()
        self.setToolButtonStyle(
            style.ToolButtonIconOnly if shrunk else style.ToolButtonTextBesideIcon
        )


def hand_focus(old: QWidget, new: QWidget) -> None:
    """Pass the focus of a button to the one that is about to replace it."""
    if old.hasFocus():
        new.show()  # a hidden widget takes no focus
        new.setFocus()


def set_primary(button: QPushButton, primary: bool) -> None:
    """Set whether a button stands out as the next step."""
    if button.property("primary") != primary:
        button.setProperty("primary", primary)
        keeper = _icon_of(button)
        if keeper is not None:
            keeper.set_token("accent_text" if primary else "text")
        button.style().unpolish(button)
        button.style().polish(button)
        button.updateGeometry()


def push_button(
    name: str,
    text: str,
    icon: str = "",
    tip: str = "",
    *,
    primary: bool = False,
    do: Action | None = None,
) -> PushButton:
    """A push button in our style; ``primary`` for the main action of a panel.

    ``do``: called when the button is pressed, or a signal to emit.
    """
    button = named(PushButton(text), name, text, tip)
    button.setAutoDefault(False)
    if do is not None:
        button.clicked.connect(do)
    if primary:
        button.setProperty("primary", True)
    if icon:
        theme_icon(button, icon, "accent_text" if primary else "text")
    return button


T = TypeVar("T")


@dataclass(frozen=True)
class Option(Generic[T]):
    """One choice of a :class:`Segmented`: its value and how it is shown."""

    value: T
    text: str
    icon: str | None = None
    tip: str = ""
    icon_only: bool = False


#: Width of a segment besides text and icon (margin, border and padding in theme.qss), and its
#: minimum without icons, in logical pixels.
_AROUND, _LEAST_AROUND = 22, 8

#: Width of the frame around the segments.
_FRAME = 1


class Segmented(QWidget, Generic[T]):
    """A few options, all visible, as a row of joined buttons.

    Each button has the objectName ``<name>.<value>``; Left and Right move between them. If there is
    not enough room, icons are hidden first. ``stretch``: whether the buttons share the whole width.
    ``wraps``: whether they continue in another row if there is no room.
    """

    #: the new value, chosen by the user or set by :meth:`set_value`
    changed = Signal(object)

    def __init__(
        self, name: str, label: str, *options: Option[T], stretch: bool = False, wraps: bool = False
    ) -> None:
        super().__init__()
        named(self, name, label)
        self.setProperty("segmented", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._options, self._wraps = options, wraps
        self._shrinks = stretch or any(option.icon and not option.icon_only for option in options)
        self._group = QButtonGroup(self)
        self.value = options[0].value
        row = Flow(None, spacing=0, last_right=False, even=True) if wraps else hbox(spacing=0)
        hbox(row, on=self, margins=(_FRAME, _FRAME, _FRAME, _FRAME))
        for index, option in enumerate(options):
            button = ToolButton(self)
            button.setObjectName(f"{name}.{option.value}")
            button.setAccessibleName(option.text)
            button.setToolTip(tooltip(option.tip or (option.text if option.icon_only else "")))
            button.setCheckable(True)
            # Tab is to go to the chosen button, see _on_toggled(). By itself, Qt does that only
            # once one of the buttons has had the focus.
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            if option.icon is not None:
                theme_icon(button, option.icon, "text_dim", "accent_text")
            if option.icon_only:
                button.setProperty("iconOnly", True)
            else:
                button.setText(option.text)
                if option.icon is not None:
                    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            if self._shrinks or wraps:
                # Expanding also helps between the widths with and without icons, where there would
                # be gaps.
                button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            if self._shrinks:
                button.setMinimumWidth(1)  # or its hint with the icon would be the minimum
                button.setProperty("shrinks", True)
            self._group.addButton(button, index)
            row.addWidget(button)
        if not stretch:
            down = QSizePolicy.Policy.Preferred if wraps else QSizePolicy.Policy.Fixed
            self.setSizePolicy(QSizePolicy.Policy.Maximum, down)
        self._group.idToggled.connect(self._on_toggled)
        self._group.button(0).setChecked(True)

    def _needed(self, *, icons: bool) -> int:
        """The width of all buttons in their frame, in logical pixels."""
        words = self.fontMetrics().horizontalAdvance
        side = self._group.button(0).iconSize().width()
        beside = 2 * _FRAME
        for option in self._options:
            icon = 0 if option.icon is None else side + 2 + gap_beside(side)
            beside += icon + _AROUND if icons else _LEAST_AROUND
        return beside + sum(words(option.text) for option in self._options)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        if self._shrinks:
            hint.setWidth(self._needed(icons=True))
        return hint

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        if self._shrinks:
            hint.setWidth(self._needed(icons=False))
        elif not self._wraps:  # or long text beside it would make it cut off its own
            hint.setWidth(self.sizeHint().width())
        return hint

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._shrinks:
            return
        room = self.width() >= self._needed(icons=True)
        fits = self.width() >= self._needed(icons=False)
        style, words = Qt.ToolButtonStyle, self.fontMetrics().horizontalAdvance
        for option, button in zip(self._options, self._group.buttons(), strict=True):
            # So that no word is cut off in favor of a longer one.
            button.setMinimumWidth(words(option.text) + _LEAST_AROUND if fits else 1)
            if option.icon is not None and isinstance(button, QToolButton):
                button.setToolButtonStyle(
                    style.ToolButtonTextBesideIcon if room else style.ToolButtonTextOnly
                )

    def set_value(self, value: T) -> None:
        """Choose an option by value; raises ValueError if there is none."""
        for index, option in enumerate(self._options):
            if option.value == value:
                self._group.button(index).setChecked(True)
                return
        raise ValueError(f"{self.objectName()} has no choice {value!r}.")

    def _on_toggled(self, index: int, checked: bool) -> None:
        value, button = self._options[index].value, self._group.button(index)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus if checked else Qt.FocusPolicy.NoFocus)
        if checked and any(other.hasFocus() for other in self._group.buttons()):
            # Otherwise, the focus ring would stay around the previous choice.
            button.setFocus()
        if checked and value != self.value:
            self.value = value
            self.changed.emit(value)
