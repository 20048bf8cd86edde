"""The sprites of one or all files, to be viewed, assigned classes by hand, or left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QWidget

from sprite_lab.app.files.importing import Importing
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.sets.imports import FoundPicture, ImportPlan
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.text import Html, Label, html, joined
from sprite_lab.ui.theme import current_theme, tabular, theme_manager
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, calm, editable, named
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser, in_line
from sprite_lab.words import number_text, tr


class ChosenBrowser(SpriteBrowser):
    """A browser of sprites with marks; keeps its scroll position when updated."""

    def __init__(self) -> None:
        super().__init__(several=True)
        self._marks: Sequence[str] = ()

    @property
    def chosen(self) -> frozenset[int]:
        return frozenset(self.chosen_rows.tolist())

    def show_sprites(self, images: NDArray[np.uint8], tip: Callable[[int], str]) -> None:
        """Show uint8 (N, H, W, 4) at the current scroll position; nothing is chosen."""
        place, current = self.verticalScrollBar().value(), self.current
        self.set_sprites(images, tip)
        self.verticalScrollBar().setValue(place)
        if len(images):
            self.set_current(min(max(current, 0), len(images) - 1))
        self.choose(frozenset())

    def set_marks(self, marks: Sequence[str]) -> None:
        """Set the mark of each sprite, (N,): one or two letters, "" = none."""
        self._marks = marks
        self.viewport().update()

    def choose(self, chosen: frozenset[int]) -> None:
        """Choose exactly these sprites."""
        if chosen != self.chosen:
            self.choose_rows(np.array(sorted(chosen), np.intp))

    def go_to(self, index: int) -> None:
        self.set_current(index)
        self.reveal(index)

    # -- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self.count:
            return
        theme = current_theme()
        painter = QPainter(self.viewport())
        painter.setFont(tabular(self.font()))
        metrics = painter.fontMetrics()
        area = QRectF(event.rect())
        first = max(0, self.index_at(QPointF(12, 0)))
        for index in range(first, min(self.count, len(self._marks))):
            rect = self.cell_rect(index)
            if rect.top() > area.bottom():
                break
            mark = self._marks[index]
            if mark:
                width = max(metrics.horizontalAdvance(mark) + 6, metrics.height())
                place = QRectF(0, 0, width, metrics.height())
                # Further out, it would seem to belong to the next sprite.
                place.moveBottomRight(rect.bottomRight())
                painter.setPen(QPen(QColor(theme.line), 1))
                painter.setBrush(QColor(theme.raised))
                painter.drawRoundedRect(place, 4, 4)
                painter.setPen(QColor(theme.text))
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, mark)


#: Number of classes that digits assign.
KEYS = 9


class SpritePage(QWidget):
    """The sprites found, and their classes.

    With the focus on the sprites, keys 1 to 9 assign a class, 0 removes it, and Delete leaves the
    chosen sprites out.
    """

    chosen_changed = Signal(object)  #: frozenset of the indices of the chosen sprites

    def __init__(self, importing: Importing) -> None:
        super().__init__()
        self._importing = importing
        self._pictures: tuple[FoundPicture, ...] = ()
        self._names: tuple[str, ...] = ()
        self._classes: tuple[str | None, ...] = ()
        #: The classes of the plan, then those that it had earlier, in the order of their digits.
        self._known: list[str] = []
        tip = tr(
            "Click, Ctrl+click, Shift+click or drag a frame to select. 1 to 9 assign a class, 0 "
            "removes it, Delete removes sprites."
        )
        self.browser = named(ChosenBrowser(), "import.sprites", tr("Sprites of the import"), tip)
        self.browser.installEventFilter(self)
        self._class = calm(
            ElidedComboBox(),
            "import.class",
            tr("Class for the selected sprites"),
            tr("Class to assign to the selected sprites. Type a new one or select one."),
        )
        self._class.setMinimumWidth(160)
        line = editable(self._class, tr("Class"))
        self._class.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._give = push_button(
            "import.give",
            tr("Assign class"),
            tip=tr(
                "Assign this class to the selected sprites (Enter in the field; 1 to 9 on the "
                "sprites)"
            ),
        )
        self._drop = push_button(
            "import.drop",
            tr("Remove"),
            "trash",
            tr("Remove the selected sprites from the set (Delete)"),
        )
        self._back = push_button(
            "import.bring_back", tr("Restore"), "undo", tr("Restore all sprites removed by hand")
        )
        self._count = dim_label(name="import.chosen", wrap=False)
        parts = self._class, self._give, self._drop, self._back, self._count
        bar = vbox(Flow(None, *parts, spacing=8, last_right=False), margins=(16, 8, 16, 0))
        tip = tr("Classes, their keys, and their numbers of sprites")
        self._legend = named(Label(wrap=True), "import.legend", tr("Classes"), tip)
        self._legend.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self._legend.setContentsMargins(16, 4, 16, 8)
        vbox(bar, self._legend, (in_line(self.browser), 1), on=self, spacing=0)
        self.browser.selection_changed.connect(self._on_chosen)
        self._give.clicked.connect(self._give_typed)
        line.returnPressed.connect(self._give_typed)
        self._class.activated.connect(lambda _index: self._give_typed())
        self._drop.clicked.connect(self.drop)
        self._back.clicked.connect(importing.bring_back)
        self._legend.linkActivated.connect(lambda number: self.give_known(int(number)))
        theme_manager().changed.connect(self._show_legend)

    # -- display ----------------------------------------------------------------------------------

    def show_pictures(self, plan: ImportPlan | None, pictures: tuple[FoundPicture, ...]) -> None:
        """Show the sprites of some files of a plan; the selection stays if they are unchanged."""
        cell = plan.choices.cell if plan is not None else 16
        names = tuple(name for found in pictures for name in found.names)
        self._classes = tuple(name for found in pictures for name in found.classes)
        same = names == self._names and _are_equal(pictures, self._pictures)
        self._pictures = pictures
        if not same:
            self._names = names
            parts = [found.sprites for found in pictures if len(found.sprites)]
            empty = np.zeros((0, cell, cell, 4), np.uint8)
            self.browser.show_sprites(np.concatenate(parts) if parts else empty, self._tip)
        if plan is not None:
            # Keys are the same as in the resulting set.
            gone = [name for name in self._known if name not in plan.class_names]
            self._known = [*plan.class_names, *gone]
        typed = self._class.currentText()
        with QSignalBlocker(self._class):
            self._class.clear()
            self._class.addItems(self._known)
            self._class.setEditText(typed)
        keys = {name: str(i + 1) for i, name in enumerate(self._known)}
        self.browser.set_marks([keys[name] if name else "" for name in self._classes])
        self._back.setVisible(bool(self._importing.choices.dropped))
        self._show_legend()
        self._on_chosen()

    def _tip(self, index: int) -> str:
        name = self._classes[index]
        return f"{self._names[index]}\n{class_words(name) if name else tr('No class')}"

    def _show_legend(self, *_: object) -> None:
        link = current_theme().focus
        counts = Counter(self._classes)
        parts = []
        for number, name in enumerate(self._known, 1):
            key = html("<b>{}</b>", number) if number <= KEYS else str(number)
            parts.append(_legend_entry(number, link, key, class_words(name), counts[name]))
        if counts[None] and self._known:
            parts.append(_legend_entry(0, link, html("<b>0</b>"), tr("no class"), counts[None]))
        self._legend.setText(joined(" &nbsp;&nbsp; ", parts) or tr("No classes yet."))

    def _on_chosen(self) -> None:
        chosen = self.browser.chosen
        self._count.setText(tr("{count:,} selected", count=len(chosen)) if chosen else "")
        reason = "" if chosen else tr("Select sprites first: click, Shift+click, or drag a frame")
        for button in (self._give, self._drop):
            allow(button, reason)
        self.chosen_changed.emit(chosen)

    # -- actions ----------------------------------------------------------------------------------

    def _chosen_names(self) -> list[str]:
        return [self._names[index] for index in sorted(self.browser.chosen)]

    def give(self, class_name: str) -> None:
        """Assign a class to the chosen sprites; "" = none."""
        names = self._chosen_names()
        if names:
            self._importing.classify(names, class_name)

    def give_known(self, number: int) -> None:
        """Assign the class with that number in the legend; 0 = none."""
        if number == 0:
            self.give("")
        elif number <= len(self._known):
            self.give(self._known[number - 1])

    def _give_typed(self) -> None:
        class_name = self._class.currentText().strip()
        if class_name:
            self.give(class_name)
            self.browser.setFocus()

    def drop(self) -> None:
        names = self._chosen_names()
        if names:
            self._importing.drop(names)

    def eventFilter(self, watched: object, event: object) -> bool:
        if watched is self.browser and isinstance(event, QKeyEvent):
            return event.type() == QKeyEvent.Type.KeyPress and self._on_key(event)
        return False

    def _on_key(self, event: QKeyEvent) -> bool:
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        digit = event.key() - Qt.Key.Key_0
        if not held and 0 <= digit <= KEYS:
            self.give_known(digit)
            return True
        if not held and event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.drop()
            return True
        return False


def _are_equal(first: tuple[FoundPicture, ...], second: tuple[FoundPicture, ...]) -> bool:
    return len(first) == len(second) and all(
        a.sprites is b.sprites or np.array_equal(a.sprites, b.sprites)
        for a, b in zip(first, second, strict=True)
    )


def _legend_entry(number: int, color: str, key: str, name: str, count: int) -> Html:
    """A link to a class, on one line with its number of sprites."""
    return html(
        "<a href='{}' style='color:{};text-decoration:none'>{}&nbsp;{}</a>&nbsp;{}",
        number,
        color,
        key,
        name.replace(" ", "\N{NO-BREAK SPACE}"),
        number_text(count),
    )
