"""The panel of settings on the right: collapsible groups, aligned labels, empty states."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFrame,
    QGridLayout,
    QLabel,
    QLayout,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from sprite_lab.ui.icons import pixmap
from sprite_lab.ui.layouts import around, hbox, vbox
from sprite_lab.ui.text import Label, RoomyLabel, held, plain, tooltip
from sprite_lab.ui.theme import Theme, current_theme, theme_manager
from sprite_lab.ui.widgets.fields.buttons import push_button, theme_icon
from sprite_lab.ui.widgets.fields.calm import named, panel
from sprite_lab.words import tr

#: Minimum width of the panel, in logical pixels.
INSPECTOR_WIDTH = 320

#: Margin around its groups, in logical pixels.
MARGIN = 8

#: At the usual text size, in logical pixels: the minimum width of the label column, the width of a
#: common label, and the minimum width of a group whose label column grows with the text.
_LABELS, _LABEL, _ROOMY = 80, 60, 260

#: Qt's default maximum width of a widget, in logical pixels.
_UNLIMITED = (1 << 24) - 1


def label_column(width: int) -> int:
    """Minimum width of the label column in a group of this width, in logical pixels: the same for
    all groups whose labels fit, so that fields line up.
    """
    least = _LABELS if _is_roomy(width) else _LABEL
    return max(_LABELS, round(least * theme_manager().text_scale))


def _is_roomy(width: int) -> bool:
    return width >= _ROOMY * theme_manager().text_scale


def separator() -> QFrame:
    line = QFrame()
    line.setProperty("line", True)
    return line


def dim_label(text: str = "", *, name: str = "", wrap: bool = True, lines: int = 0) -> QLabel:
    """A label with secondary text; with ``lines``, a :class:`~sprite_lab.ui.text.RoomyLabel`."""
    if lines:
        return named(RoomyLabel(text, lines=lines, look="dim"), name)
    return named(Label(text, wrap=wrap, look="dim"), name)


def heading(text: str, *, wrap: bool = False) -> QLabel:
    """The title of a page or of a part of one."""
    return Label(text, wrap=wrap, look="heading")


def label_of(text: str, field: QWidget, tip: str = "") -> QLabel:
    """The label before a field. It has the tooltip ``tip``, and so has the field if it has none;
    without ``tip``, the label has the field's tooltip.
    """
    label = Label(text)
    label.setBuddy(field)
    label.setToolTip(tooltip(plain(tip) if tip else held(field.toolTip())))
    if tip and not field.toolTip():
        field.setToolTip(tooltip(tip))
    return label


class FoldGroup(QWidget):
    """A titled, collapsible group of settings; its header is ``<name>.header``.

    ``add`` adds parts that span both columns, like ``parts``; ``add_row`` adds a field after a
    label, which fills the row.
    """

    folded = Signal()  #: the group was opened or collapsed

    def __init__(
        self, title: str, *parts: QWidget | QLayout, name: str, opened: bool = True
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self.title = title  #: initial title
        self._labels: dict[QObject, QLabel] = {}
        self._header = named(QToolButton(self), f"{name}.header", tr("{title}, group", title=title))
        self._header.setText(title)
        self._header.setProperty("foldHeader", True)
        self._header.setCheckable(False)
        self._header.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._header.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._header.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._content = QWidget(self)
        self._grid = QGridLayout(self._content)
        self._grid.setContentsMargins(8, 0, 8, 4)
        self._grid.setHorizontalSpacing(8)
        self.set_close(False)
        theme_manager().on_text(self._align)
        self._grid.setColumnStretch(1, 1)
        self._head = hbox((self._header, 1), spacing=0)
        vbox(self._head, self._content, on=self, spacing=4)
        self._header.clicked.connect(self.toggle)
        self.is_open = not opened
        self.set_open(opened)
        self.add(*parts)

    @Slot()
    def _align(self) -> None:
        """Line fields up with those of neighboring groups, wrapping long labels if necessary."""
        width, column = self.width(), label_column(self.width())
        wraps = not _is_roomy(width)
        widths = [group.label_width(column, wraps) for group in self._neighbors()]
        column = max(column, *widths)
        for label in self._labels.values():
            label.setMaximumWidth(column if wraps else _UNLIMITED)
        self._grid.setColumnMinimumWidth(0, column)

    def label_width(self, column: int, wraps: bool) -> int:
        """The width that the group's labels need, in logical pixels. Labels much wider than
        ``column`` are wrapped if ``wraps``; otherwise they are ignored, and widen the column of
        this group alone.
        """
        widths = [0]
        for label in self._labels.values():
            whole = label.fontMetrics().horizontalAdvance(label.text()) + 1
            if whole <= 1.1 * column:
                widths.append(whole)
            elif wraps:
                widths.append(label.minimumSizeHint().width())
        return max(widths)

    def _neighbors(self) -> Sequence[FoldGroup]:
        """All groups of the panel, including this one."""
        panel = around(self, Inspector)
        return [self] if panel is None else panel.findChildren(FoldGroup)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._align()

    def set_close(self, close: bool) -> None:
        """Set whether rows are closer than usual, as for large rows on a small screen."""
        self._grid.setVerticalSpacing(5 if close else 8)

    def set_open(self, opened: bool) -> None:
        changed, self.is_open = opened != self.is_open, opened
        self._content.setVisible(opened)
        theme_icon(self._header, "chevron-down" if opened else "chevron-right", "text_dim")
        if changed:
            self.folded.emit()

    def toggle(self) -> None:
        self.set_open(not self.is_open)

    def offers(self, button: QAbstractButton) -> bool:
        """Whether a button in the group is visible once the group is open."""
        within = self._content if self._content.isAncestorOf(button) else self
        return button.isVisibleTo(within)

    def set_title(self, title: str) -> None:
        self._header.setText(title)
        self._header.setAccessibleName(tr("{title}, group", title=title))

    def add_help(self, button: QWidget) -> None:
        """Add the "?" of the group beside its heading."""
        self._head.addWidget(button)

    def add(self, *parts: QWidget | QLayout) -> None:
        """Add parts that span both columns, one below the other."""
        for part in parts:
            if isinstance(part, QWidget):
                self._grid.addWidget(part, self._grid.rowCount(), 0, 1, 2)
            else:
                self._grid.addLayout(part, self._grid.rowCount(), 0, 1, 2)

    def add_row(self, text: str, field: QWidget, tip: str = "", *, below: bool = False) -> QLabel:
        """Add a label (see :func:`label_of`) and its field; ``below``: the field is below the
        label, and as wide as the group.
        """
        label = self._labels[field] = label_of(text, field, tip)
        label.setWordWrap(True)  # texts are longer in some languages
        field.installEventFilter(self)
        label.setEnabled(field.isEnabled())
        row = self._grid.rowCount()
        if below:
            self._grid.addLayout(vbox(label, field, spacing=4), row, 0, 1, 2)
        else:
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(field, row, 1)
        return label

    def show_row(self, field: QWidget, shown: bool) -> None:
        """Show or hide a field with its label."""
        for part in (self._labels[field], field):
            part.setVisible(shown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.EnabledChange and watched in self._labels:
            assert isinstance(watched, QWidget)
            self._labels[watched].setEnabled(watched.isEnabled())
        return False


class ScrollsDown(QScrollArea):
    """An area that scrolls vertically if its content is too high, and never horizontally."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)

    def minimumSizeHint(self) -> QSize:
        least, content = super().minimumSizeHint(), self.widget()
        across = 0 if content is None else content.minimumSizeHint().width()
        return QSize(across + self.verticalScrollBar().sizeHint().width(), least.height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
            # Qt requested the height while inner layouts were outdated, and may not request it
            # again.
            QApplication.postEvent(self.viewport(), QEvent(QEvent.Type.LayoutRequest))
        return super().eventFilter(watched, event)


class ScrollsAcross(QScrollArea):
    """An area as high as its content, which scrolls horizontally if the content is too wide."""

    def __init__(self, content: QWidget) -> None:
        super().__init__()
        self._content = content
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(content)

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        content, least = self._content, self._content.minimumSizeHint().width()
        wraps, wide = content.hasHeightForWidth(), max(width, least)
        height = content.heightForWidth(wide) if wraps else content.sizeHint().height()
        return height + (self.horizontalScrollBar().sizeHint().height() if width < least else 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self.widget() and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)


class Inspector(ScrollsDown):
    """A column of groups that scrolls vertically if they do not fit."""

    def __init__(self, *groups: QWidget, name: str) -> None:
        content = panel(QWidget())
        super().__init__(content)
        self._column = vbox(..., on=content, margins=(MARGIN, MARGIN, 0, 2 * MARGIN))
        # Always shown, in place of a margin, so that nothing moves once there is something to
        # scroll.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setObjectName(name)
        self.setProperty("panel", True)
        self.add(*groups)

    def sizeHint(self) -> QSize:
        return QSize(round(312 * theme_manager().text_scale), 600)

    def minimumSizeHint(self) -> QSize:
        content = self.widget()
        return self.least(0 if content is None else content.minimumSizeHint().width() - MARGIN)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not event.spontaneous():  # the page was opened, not the window restored
            self.verticalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        content = self.widget()
        layout = None if content is None else content.layout()
        if layout is not None:
            layout.invalidate()  # or wrapped text would keep its previous height

    def least(self, row: int) -> QSize:
        """The minimum size if the widest row needs ``row`` logical pixels."""
        needed = row + MARGIN + self.verticalScrollBar().sizeHint().width() + 2
        return QSize(max(INSPECTOR_WIDTH, needed), super().minimumSizeHint().height())

    def add(self, *groups: QWidget) -> None:
        for group in groups:
            self._column.insertWidget(self._column.count() - 1, group)

    def add_switch(self, switch: QWidget) -> None:
        """Add a switch between pages, with the margins of groups."""
        row = hbox(switch, margins=(MARGIN, 0, MARGIN, 0))
        self._column.insertLayout(self._column.count() - 1, row)

    def reveal(self, control: QWidget) -> None:
        """Show the tab with a control, if there are tabs."""

    def offers(self, button: QAbstractButton) -> bool:
        """Whether a button is visible, or would be on another tab or in a collapsed group."""
        group = around(button, FoldGroup)
        if group is None:
            return button.isVisibleTo(self)
        return group.isVisibleTo(self) and group.offers(button)

    def add_separator(self) -> None:
        self._column.insertWidget(self._column.count() - 1, separator())


#: Minimum and maximum width of the text of a placeholder, in logical pixels at the usual text size.
_EMPTY_WIDTHS = 280, 400


class EmptyState(QWidget):
    """A placeholder: what belongs here, and optionally an action, with the button
    ``<name>.action``.

    ``primary``: whether the button is the page's main one, in the accent color.
    """

    def __init__(
        self, icon_name: str, title: str = "", text: str = "", *, name: str, primary: bool = True
    ) -> None:
        super().__init__()
        self.setObjectName(name)
        self._icon_name = icon_name
        self._do: Callable[[], object] = lambda: None
        self._picture = Label()
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = heading(title)
        self._text = dim_label(text)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = push_button(f"{name}.action", "", primary=primary)
        self._button.clicked.connect(self._button.clearFocus)  # it may be deleted right away
        self._button.clicked.connect(lambda: self._do())
        column = self._column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(self._picture)
        column.addWidget(self._title)
        centered = hbox(..., self._text, ..., spacing=-1)
        column.addLayout(centered)
        column.addSpacing(8)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignCenter)
        column.addStretch(1)
        self._button.hide()
        theme_manager().changed.connect(self._paint_icon)
        self._paint_icon(current_theme())
        theme_manager().on_text(self._fit_text)

    def _fit_text(self) -> None:
        """Keep the usual number of words in a line."""
        least, most = (round(width * theme_manager().text_scale) for width in _EMPTY_WIDTHS)
        self._text.setMinimumWidth(least)
        self._text.setMaximumWidth(most)

    def set_content(self, title: str, text: str) -> None:
        """Change the text, without an action."""
        self.offer(title, text, "", "", lambda: None)

    def offer(
        self, title: str, text: str, action: str, action_icon: str, do: Callable[[], object]
    ) -> None:
        """Change the text, and show a button ``action`` that calls ``do``; "" = no button."""
        self._do = do
        self._title.setText(title)
        self._text.setText(text)
        self._button.setText(action)
        self._button.setAccessibleName(action)
        if action_icon:
            primary = self._button.property("primary")
            theme_icon(self._button, action_icon, "accent_text" if primary else "text")
        self._button.setVisible(bool(action))

    def _paint_icon(self, theme: Theme) -> None:
        ratio = self.devicePixelRatioF()
        picture = pixmap(self._icon_name, theme.text_dim, round(48 * ratio))
        picture.setDevicePixelRatio(ratio)
        self._picture.setPixmap(picture)
