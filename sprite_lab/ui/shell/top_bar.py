"""The top bar: workspaces, choosers of model and data set, Train and Generate."""

from __future__ import annotations

from collections.abc import Sequence

import shiboken6
from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QMenu, QScrollArea, QSizePolicy, QToolButton, QWidget

from sprite_lab.core.sets.sprites import BUILTIN_TITLE
from sprite_lab.ui.flow import Arranged
from sprite_lab.ui.layouts import around, as_widget, hbox, keep_place
from sprite_lab.ui.text import LONGEST_NAME, shorten, tooltip
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import (
    IconButton,
    Option,
    Segmented,
    ToolButton,
    icon_room,
    push_button,
    theme_icon,
)
from sprite_lab.ui.widgets.fields.calm import allow, panel, why_not_allowed
from sprite_lab.words import tr

#: Maximum lengths of a name to try, as space shrinks.
_SHORTER = range(20, 8, -1)
#: Gap between the choosers, in logical pixels.
_GAP = 8
#: Space beside the words of a tab, in logical pixels at the usual text size. To keep it, the
#: choosers drop their labels.
_BESIDE_WORDS = 10
_WITH_ICON = Qt.ToolButtonStyle.ToolButtonTextBesideIcon


class Chooser(ToolButton):
    """Shows what is open; its menu opens something else.

    If space is short, the icon replaces the label, and then letters of the name are cut off.
    """

    def __init__(self, icon_name: str, label: str, *, name: str) -> None:
        super().__init__()
        self._label, self._choice, self._short, self._kind = label, "", "", label
        self.setObjectName(name)
        self.setProperty("chooser", True)
        self.setToolButtonStyle(_WITH_ICON)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.menu_shown = QMenu(self)
        self.menu_shown.setToolTipsVisible(True)
        self.setMenu(self.menu_shown)
        theme_icon(self, icon_name, "text_dim")
        self._icon = icon_name
        self._has_icon = True  # whether the size hint has room for the icon beside the words
        self._parts = True, True  # whether icon and label may be beside the name
        #: The texts it can show, the longest first: each with its width beside the icon, and
        #: whether it begins with the label. Without the label, the icon is always shown.
        self._texts: list[tuple[str, int, bool]] = []
        #: the widths of the usual name beside the icon, with its label and without
        self._labeled, self._bare = 0, 0
        self._show_text()

    def set_choice(
        self, text: str, tip: str = "", *, short: str = "", kind: str = "", icon: str = ""
    ) -> None:
        """Show the name of the open item; ``short``: without what can be dropped first, such as a
        date; ``kind``, ``icon``: those of the item, if they differ from the label's.
        """
        self._choice, self._short, self._kind = text, short or text, kind or self._label
        theme_icon(self, icon or self._icon, "text_dim")
        self._show_text()
        self.setToolTip(tooltip(tip or f"{self._label}: {text}"))
        self.setAccessibleName(f"{self._label}: {text}")

    def _show_text(self) -> None:
        # Otherwise a date is dropped before letters of a name
        fits = len(self._choice) <= LONGEST_NAME
        whole = shorten(self._choice if fits else self._short)
        names = [shorten(self._short, most) for most in (LONGEST_NAME, *_SHORTER)]
        self.setToolButtonStyle(_WITH_ICON)

        def width(text: str) -> int:
            self.setText(text)
            return super(Chooser, self).sizeHint().width()

        # If a name would still be cut off, replacing the label by an icon saves too little.
        cut = len(self._short) > _SHORTER[0]
        labeled = [f"{self._kind}: {name}" for name in (whole, *(names if cut else names[:1]))]
        self._texts = [(text, width(text), True) for text in labeled]
        self._texts += [(text, width(text), False) for text in (*names, "")]
        usual = tr(BUILTIN_TITLE)
        self._labeled, self._bare = width(f"{self._label}: {usual}"), width(usual)
        self._fit()
        self.updateGeometry()

    def _width(self, width: int, labeled: bool, icon: bool) -> int:
        if icon or not labeled:
            return width
        # Words alone are centered, and would touch the arrow.
        return width - icon_room(self) + self.iconSize().width() // 2

    def _fitting(self, room: int) -> tuple[str, int, bool]:
        """The longest text that fits, its width in logical pixels, and whether it has the label.

        ``room``: the available width, which is also returned if no text fits ("").
        """
        icon, label = self._parts
        for text, beside, labeled in self._texts:
            width = self._width(beside, labeled, icon)
            if width <= room and label >= labeled:
                return text, width, labeled
        return "", room, False

    def _fit(self) -> None:
        text, _, labeled = self._fitting(self.width())
        self.setText(text)
        alone = labeled and not self._parts[0]
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly if alone else _WITH_ICON)

    def fits_label(self, room: int, *, icon: bool) -> bool:
        """Whether there is room for the label before the name, and the icon before both."""
        return any(
            labeled and self._width(width, labeled, icon) <= room
            for _, width, labeled in self._texts
        )

    def show_parts(self, icon: bool, label: bool) -> None:
        """Set whether icon and label may be beside the name."""
        if self._parts != (icon, label):
            self._parts = icon, label
            self._fit()

    def usual(self, *, icons: bool, label: bool = True) -> int:
        """The width with a name of the usual length, in logical pixels."""
        return self._width(self._labeled if label else self._bare, label, icons)

    def taken(self, room: int) -> int:
        """The width that it takes of the available room, in logical pixels."""
        return self._fitting(room)[1]

    def set_icons(self, shown: bool) -> None:
        """Set whether the size hint has room for the icon beside the words."""
        if shown != self._has_icon:
            self._has_icon = shown
            self.updateGeometry()

    def sizeHint(self) -> QSize:
        _, width, labeled = self._texts[0]
        return QSize(self._width(width, labeled, self._has_icon), super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(self._texts[-1][1], super().sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._show_text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class Choosers(QWidget):
    """Choosers side by side. If there is too little space for all, the widest shrinks first."""

    def __init__(self, *choosers: Chooser) -> None:
        super().__init__()
        self._choosers, self._has_icons = choosers, True
        for chooser in choosers:
            chooser.setParent(self)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def _around(self, sizes: list[QSize]) -> QSize:
        gaps = _GAP * (len(sizes) - 1)
        return QSize(sum(s.width() for s in sizes) + gaps, max(s.height() for s in sizes))

    def usual(self, *, icons: bool, labels: bool = True) -> int:
        """The width with names of the usual length, in logical pixels."""
        gaps = _GAP * (len(self._choosers) - 1)
        return sum(chooser.usual(icons=icons, label=labels) for chooser in self._choosers) + gaps

    def set_icons(self, shown: bool) -> None:
        """Set whether there may be icons beside the words."""
        self._has_icons = shown
        for chooser in self._choosers:
            chooser.set_icons(shown)

    def sizeHint(self) -> QSize:
        return self._around([chooser.sizeHint() for chooser in self._choosers])

    def minimumSizeHint(self) -> QSize:
        return self._around([chooser.minimumSizeHint() for chooser in self._choosers])

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a chooser wants another width
            self.updateGeometry()
            self._share_out()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_out()

    def _share_out(self) -> None:
        wanted = {chooser: chooser.sizeHint().width() for chooser in self._choosers}
        left = self.width() - _GAP * (len(wanted) - 1)
        widths = {}
        for others, chooser in enumerate(sorted(wanted, key=wanted.__getitem__)):
            widths[chooser] = min(wanted[chooser], left // (len(wanted) - others))
            left -= widths[chooser]
        # Show all labels or none: a single one would look like the name of something else.
        icon = next(
            (
                icon
                for icon in (self._has_icons, False)
                if all(chooser.fits_label(widths[chooser], icon=icon) for chooser in widths)
            ),
            None,
        )
        for chooser in self._choosers:
            chooser.show_parts(icon is not False, label=icon is not None)
            widths[chooser] = chooser.taken(widths[chooser])
        x = max(0, self.width() - sum(widths.values()) - _GAP * (len(widths) - 1)) // 2
        for chooser in self._choosers:
            chooser.setGeometry(x, 0, widths[chooser], self.height())
            x += widths[chooser] + _GAP


class TopBar(Arranged):
    """Drops icons beside words in a narrow window, then labels, then letters of names."""

    def __init__(self, workspaces: Sequence[Option[str]], actions: dict[str, QAction]) -> None:
        super().__init__()
        panel(self, "top_bar")
        self.tabs = Segmented("workspace", tr("Workspace"), *workspaces)
        self._beside_words = _BESIDE_WORDS * len(workspaces)
        self.model = Chooser("star", tr("Model"), name="chooser.model")
        self.data = Chooser("data", tr("Data"), name="chooser.data")
        self._choosers = Choosers(self.model, self.data)
        self.train = push_button(
            "main.train",
            tr("Start training"),
            "train",
            tr("Train on the open data set, with the settings in Train"),
        )
        self.pause = IconButton("main.pause", "pause", tr("Pause training"), checkable=True)
        self.stop = IconButton("main.stop", "stop", tr("Stop training and keep the model"))
        self.generate = push_button(
            "main.generate",
            tr("Generate"),
            "generate",
            tr("Draw new sprites with the model (Ctrl+Enter)"),
        )
        self._steering = as_widget(hbox(self.pause, self.stop, spacing=0))
        self._row = hbox(
            self.tabs,
            ...,
            self._choosers,
            ...,
            self.generate,
            self.train,
            self._steering,
            on=self,
            margins=(8, 6, 8, 6),
        )
        for button, name in (
            (self.train, "run.train"),
            (self.pause, "run.pause"),
            (self.stop, "run.stop"),
            (self.generate, "run.generate"),
        ):
            follow(button, actions[name])
        #: equivalent buttons of a panel and of the bar, by the widget around the panel's button
        self._twins: dict[QWidget, tuple[QWidget, QWidget]] = {}

    def yield_to(self, own: QWidget, button: QWidget) -> None:
        """Hide ``button`` while ``own``, its equivalent in a panel, or what replaces it is in
        sight.
        """
        place = own.parentWidget()
        if place is None:
            return
        keep_place(button)
        self._twins[place] = own, button
        place.installEventFilter(self)
        panel = around(place, QScrollArea)
        if panel is not None:
            for moved in (
                panel.verticalScrollBar().valueChanged,
                panel.verticalScrollBar().rangeChanged,
            ):
                moved.connect(self._show_twins)
        self._show_twins()

    def _beside(self, *, icons: bool) -> int:
        """The width of all but tabs and names, in logical pixels."""
        margins, buttons = self._row.contentsMargins(), (self.generate, self.train)
        parts = (self.tabs, self._choosers, *buttons, self._steering)
        width = margins.left() + margins.right() + self._row.spacing() * (len(parts) - 1)
        width += sum(button.wanted(icons=icons) for button in buttons)
        return width + self._steering.sizeHint().width()

    def _arrange(self) -> None:
        """Divide the width between tabs and names as names of usual length need it, so that nothing
        moves when another item or page is opened.
        """
        tabs, least = self.tabs.sizeHint().width(), self.tabs.minimumSizeHint().width()
        usual = self._beside(icons=True) + self._choosers.usual(icons=True)
        icons = tabs + usual <= self.width()
        for part in (self._choosers, self.generate, self.train):
            part.set_icons(icons)
        room, names = self.width() - self._beside(icons=False), self._choosers.usual
        if not icons:  # keep tabs too narrow for icons, which would be the only ones
            apart = least + round(self._beside_words * theme_manager().text_scale)
            apart = min(apart, room - names(icons=False, labels=False))
            tabs = min(tabs - 1, max(least, room - names(icons=False), apart))
        if tabs != self.tabs.maximumWidth():
            self.tabs.setFixedWidth(tabs)

    def minimumSizeHint(self) -> QSize:
        width = self._beside(icons=False) + self.tabs.minimumSizeHint().width()
        width += self._choosers.minimumSizeHint().width()
        return QSize(width, super().minimumSizeHint().height())

    def _show_twins(self, *_: int) -> None:
        seen: dict[QWidget, bool] = {}
        for own, button in self._twins.values():
            # A panel may scroll while it is being deleted.
            if shiboken6.isValid(button):
                in_sight = shiboken6.isValid(own) and _is_in_sight(own)
                seen[button] = seen.get(button, False) or in_sight
        for button, there in seen.items():
            button.setVisible(not there)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide) and watched in self._twins:
            self._show_twins()
        return super().eventFilter(watched, event)


def _is_in_sight(own: QWidget) -> bool:
    """Whether a button of a panel, or its replacement, is shown and not scrolled away."""
    place = own.parentWidget()
    if place is None or not place.isVisible():
        return False
    panel, part = around(place, QScrollArea), own if own.isVisible() else place
    if panel is None:
        return True
    middle = part.mapTo(panel.viewport(), part.rect().center())
    return panel.viewport().rect().contains(middle)


def follow(button: QAbstractButton, action: QAction) -> None:
    """Tie a button to an action: the button triggers it, and is enabled and checked with it."""

    def show() -> None:
        if button.window().focusWidget() is button and not action.isEnabled():
            button.clearFocus()  # or the next button would get the focus, and be pressed next
        allow(button, why_not_allowed(action))
        button.setChecked(action.isChecked())

    button.clicked.connect(action.trigger)
    action.changed.connect(show)
    show()
