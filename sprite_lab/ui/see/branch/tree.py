"""The tree of branches, drawn along the timeline in a scrolling strip."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QLineEdit, QMenu, QScrollArea, QSizePolicy, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.see.branches import Branches
from sprite_lab.core.trajectories.branches import Branch
from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.page import scrolling
from sprite_lab.ui.theme import current_theme
from sprite_lab.ui.widgets.fields.buttons import IconButton, ShrinkingButton
from sprite_lab.ui.widgets.fields.calm import allow, calm, named, panel
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox, HintLabel
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import heading
from sprite_lab.ui.widgets.fields.tips import tells
from sprite_lab.ui.widgets.keys import claims
from sprite_lab.ui.widgets.plots.legend import curve_pen
from sprite_lab.ui.widgets.sprites.timeline import Timeline
from sprite_lab.words import tr

#: Height of a row, and corner radius of a branch, in logical pixels.
ROW, _CORNER = 24, 6

#: Maximum number of rows visible at once.
_MOST_ROWS = 5


#: Hints if the shown sprites have no branches, by what would bring some back.
_HINTS = {
    "undo": tr("None yet; Undo brings back those of earlier sprites"),
    "redo": tr("None; Redo brings them back"),
}


class BranchStrip(QWidget):
    """The tree, with a heading and buttons above."""

    pair_changed = Signal(object, object)  #: the two branches to compare; (None, None) = none

    def __init__(self, lab: Lab, timeline: Timeline) -> None:
        super().__init__()
        panel(self, "see.branches")
        self._branches = branches = lab.branches
        self._pair: tuple[Branch | None, Branch | None] = (None, None)
        self.tree = BranchTreeView(branches, timeline)
        self._hint = HintLabel(name="see.tree.hint")
        self._undo = IconButton("see.tree.undo", "undo", tr("Undo"), do=branches.history.undo)
        self._redo = IconButton("see.tree.redo", "redo", tr("Redo"), do=branches.history.redo)
        self._rename = IconButton(
            "see.tree.rename_shown", "pencil", tr("Rename the branch (F2 or double-click)")
        )
        tip = tr("Remove the branch and all branches that start from it (Delete)")
        self._remove = named(IconButton("see.tree.remove_shown", "trash", ""), tip=tip)
        tip = tr("Show the branch beside another one, and how they differ")
        self._compare = ShrinkingButton(
            "see.tree.comparing", "compare", tip, tr("Compare"), checkable=True
        )
        words = tr("Branch to compare with")
        tip = tr("The branch to compare with")
        self._with = calm(ElidedComboBox(), "see.tree.with", words, tip)
        self._with.setMinimumContentsLength(8)
        title = heading(tr("Branches")), HelpButton(lab, "branch_tree")
        edits = self._undo, self._redo, self._rename, self._remove
        row = hbox(*title, 4, ..., *edits, 8, self._compare, self._with, spacing=4)
        self.tree.setProperty("panel", True)
        self._area = scrolling(self.tree)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        vbox(row, self._hint, self._area, on=self, spacing=4, margins=(16, 4, 16, 4))

        self._rename.clicked.connect(lambda: self._with_shown(self.tree.rename))
        self._remove.clicked.connect(lambda: self._with_shown(branches.remove))
        self._compare.toggled.connect(self._on_compare)
        self._with.currentIndexChanged.connect(self._on_compare)
        self.tree.compare_wanted.connect(self.compare_with)
        branches.changed.connect(self.refresh)
        self.refresh()

    def _with_shown(self, act: Callable[[int], None]) -> None:
        shown = self._branches.shown
        if shown is not None:
            act(shown.number)

    def refresh(self) -> None:
        branches, tree, shown = self._branches, self._branches.tree, self._branches.shown
        count = 0 if tree is None else len(tree)
        self._area.setVisible(count > 1)
        self._area.setFixedHeight(ROW * min(max(count, 1), _MOST_ROWS))
        if shown is not None:
            place = self.tree.row_rect(shown.number).center()
            self._area.ensureVisible(0, round(place.y()), 0, ROW // 2)
        self._hint.setText(_HINTS.get(branches.way_to_branches, ""))
        self._hint.setVisible(count < 2)
        for button, word, text, key in (
            (self._undo, tr("Undo"), branches.history.undo_text, "Ctrl+Z"),
            (self._redo, tr("Redo"), branches.history.redo_text, "Ctrl+Y"),
        ):
            nothing = "" if text else tr("{word}: nothing", word=word)
            tip = tr("{word}: {value} ({key} in the tree)", word=word, value=text, key=key)
            allow(button, nothing, tip)
        root = shown is None or shown.parent is None
        why = "" if shown is not None and count > 1 else tr("There is no branch yet.")
        for part in (self._rename, self._compare, self._with):
            allow(part, why)
        why = tr("The original stays: all other branches start from it") if root else ""
        allow(self._remove, why)
        self._fill_others(shown)
        if count < 2:
            self._compare.setChecked(False)
        self._on_compare()

    def _fill_others(self, shown: Branch | None) -> None:
        """List the branches that the shown one can be compared with, its parent first."""
        tree = self._branches.tree
        others = [] if tree is None or shown is None else [b for b in tree.rows() if b is not shown]
        # During a comparison, the choice stays; otherwise it is the parent, or the newest branch.
        before = self._with.currentData() if self._compare.isChecked() else None
        with QSignalBlocker(self._with):
            self._with.clear()
            for branch in others:
                self._with.addItem(branch.name, branch.number)
            index = self._with.findData(before)
            if index < 0 and shown is not None and others:
                newest = max(branch.number for branch in others)
                index = self._with.findData(newest if shown.parent is None else shown.parent)
            elif shown is not None and not others:  # the first branch will be compared with it
                self._with.addItem(shown.name, shown.number)
                index = 0
            self._with.setCurrentIndex(index)

    def compare_with(self, number: int) -> None:
        """Compare a branch with the shown one."""
        with QSignalBlocker(self._with):
            self._with.setCurrentIndex(self._with.findData(number))
        self._compare.setChecked(True)
        self._on_compare()

    def stop_comparing(self) -> None:
        """Return to the stage."""
        self._compare.setChecked(False)

    def _on_compare(self, *_: object) -> None:
        tree, number = self._branches.tree, self._with.currentData()
        pair: tuple[Branch | None, Branch | None] = (None, None)
        if self._compare.isChecked() and tree is not None and number is not None:
            pair = (self._branches.shown, tree[number])
        if pair != self._pair:
            self._pair = pair
            self.pair_changed.emit(*pair)


class BranchTreeView(QWidget):
    """A row for each branch. A click shows a branch, a double click renames it.

    Up and Down go from branch to branch, Enter or F2 renames, Delete removes, Ctrl+Z and Ctrl+Y
    undo and redo; other keys go to the timeline. The field for a name is ``see.tree.name``, and the
    actions of the menu are ``see.tree.<show|rename|compare|remove>``.
    """

    compare_wanted = Signal(int)  #: number of the branch to compare with the shown one

    def __init__(self, branches: Branches, timeline: Timeline) -> None:
        super().__init__()
        named(self, "see.tree", tr("Branches"))
        self.branches, self._timeline = branches, timeline
        self._rows: tuple[Branch, ...] = ()
        self._field: QLineEdit | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        branches.changed.connect(self._on_changed)
        timeline.model.frame_changed.connect(self.update)
        timeline.model.axis_changed.connect(self.update)
        self._on_changed()

    def sizeHint(self) -> QSize:
        return QSize(400, ROW * max(1, len(self._rows)))

    def minimumSizeHint(self) -> QSize:
        return QSize(160, self.sizeHint().height())

    def _on_changed(self) -> None:
        tree = self.branches.tree
        self._rows = () if tree is None else tree.rows()
        shown = self.branches.shown
        words = "" if shown is None else f"{shown.name}, {shown.words}".removesuffix(", ")
        self.setAccessibleDescription(words)
        self.setFixedHeight(self.sizeHint().height())
        self.update()

    # -- geometry ---------------------------------------------------------------------------------

    def level_x(self, log_snr: float) -> float:
        """The logical x of a noise level, aligned with the timeline."""
        axis, slider = self._timeline.model.axis, self._timeline.slider
        if axis.log_snr is None or not len(axis):
            return 0.0
        frame = float(np.interp(log_snr, axis.log_snr, np.arange(len(axis))))
        place = slider.mapToGlobal(QPointF(slider.frame_x(frame), 0))
        return self.mapFromGlobal(place).x()

    def row_rect(self, number: int) -> QRectF:
        """The row of a branch, in logical coordinates."""
        row = next(i for i, branch in enumerate(self._rows) if branch.number == number)
        return QRectF(0, row * ROW, self.width(), ROW)

    def _at(self, y: float) -> Branch | None:
        row = int(y // ROW)
        return self._rows[row] if 0 <= row < len(self._rows) else None

    # -- painting ------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        axis = self._timeline.model.axis
        if not self._rows or axis.log_snr is None or not len(axis):
            return
        theme, shown = current_theme(), self.branches.shown
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if shown is not None:
            row = self.row_rect(shown.number).adjusted(1, 1, -1, -1)
            painter.setPen(QPen(QColor(theme.focus), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.selection))
            painter.drawRoundedRect(row, 4, 4)
        level = float(axis.log_snr[self._timeline.model.frame])
        now = self.level_x(level)
        painter.setPen(QPen(QColor(theme.line), 1))
        painter.drawLine(QPointF(now, 0), QPointF(now, self.height()))
        for branch in reversed(self._rows):  # reversed, so that labels lie above crossing lines
            self._paint_line(painter, branch)
        labels = {
            branch.number: self._paint_label(painter, branch, branch is shown)
            for branch in self._rows
        }
        if shown is not None and self.branches.tree is not None:
            # Mark the line of the ancestor to which the frame belongs.
            way = self.branches.tree.path(shown.number)
            owner = [b for b in way if b.log_snr <= level + 1e-3 or b is way[0]][-1]
            row, label = self.row_rect(owner.number), labels[owner.number]
            painter.setPen(QPen(QColor(theme.focus), 2.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            if label.left() - 6 < now < label.right() + 6:  # interrupted at words
                painter.drawLine(QPointF(now, row.top()), QPointF(now, label.top()))
                painter.drawLine(QPointF(now, label.bottom()), QPointF(now, row.bottom()))
            else:
                painter.drawEllipse(QPointF(now, row.center().y()), 6, 6)

    def _paint_line(self, painter: QPainter, branch: Branch) -> None:
        theme = current_theme()
        start, end = self.level_x(branch.log_snr), self.level_x(1e9)
        y = self.row_rect(branch.number).center().y()
        path = QPainterPath(QPointF(start, y))
        if branch.parent is not None:
            corner = min(_CORNER, end - start)
            path = QPainterPath(QPointF(start, self.row_rect(branch.parent).center().y()))
            path.lineTo(start, y - corner)
            path.quadTo(QPointF(start, y), QPointF(start + corner, y))
        path.lineTo(end, y)
        painter.setPen(curve_pen(theme.curves[branch.number % len(theme.curves)]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(path)

    def _paint_label(self, painter: QPainter, branch: Branch, shown: bool) -> QRectF:
        """Write the label of a branch; returns its rectangle."""
        theme = current_theme()
        bold = QFont(self.font())
        bold.setBold(True)
        name_metrics, metrics = QFontMetrics(bold), QFontMetrics(self.font())
        start, end = self.level_x(branch.log_snr), self.level_x(1e9)
        wanted = name_metrics.horizontalAdvance(branch.name) + 8
        wanted += metrics.horizontalAdvance(branch.words)
        # The label is after the branch's start, or before it if there is more room.
        after = end - start - 40 >= wanted or start < end / 2
        room, right = (end - start if after else start) - 40, Qt.TextElideMode.ElideRight
        name = name_metrics.elidedText(branch.name, right, max(40, int(room)))
        width = name_metrics.horizontalAdvance(name)
        beside = max(0, int(room - width - 8))
        # If there is no room for both, say only what changed, as the line shows where.
        whole_fits = metrics.horizontalAdvance(branch.words) <= beside
        words = metrics.elidedText(branch.words if whole_fits else branch.changed, right, beside)
        whole = width + (8 + metrics.horizontalAdvance(words) if words else 0)
        x = start + 16 if after else start - 16 - whole
        rect = self.row_rect(branch.number)
        place = QRectF(x - 4, rect.top() + 3, whole + 8, ROW - 6)
        painter.fillRect(place, QColor(theme.selection if shown else theme.surface))
        base = rect.top() + (ROW + metrics.ascent()) / 2 - 1
        color = theme.curves[branch.number % len(theme.curves)].color
        for font, ink, left, text in (
            (bold, color, x, name),
            (self.font(), theme.text if shown else theme.text_dim, x + width + 8, words),
        ):
            painter.setFont(font)
            painter.setPen(QColor(ink))
            painter.drawText(QPointF(left, base), text)
        return place

    # -- mouse ---------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        branch = self._at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and branch is not None:
            self.branches.show(branch.number)
        else:
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        branch = self._at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and branch is not None:
            self.rename(branch.number)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        shown = self.branches.shown
        branch = self._at(event.pos().y())
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and shown is not None:
            branch = shown
            place = self.mapToGlobal(self.row_rect(shown.number).center().toPoint())
        if branch is not None:
            self._show_menu(branch, place)

    def _show_menu(self, branch: Branch, place: QPoint) -> None:
        menu = named(QMenu(self), "see.tree.menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        number, root = branch.number, branch.parent is None
        shown = self.branches.shown
        for name, text, act, why in (
            ("show", tr("&Show"), lambda: self.branches.show(number), ""),
            ("rename", tr("&Rename…"), lambda: self.rename(number), ""),
            (
                "compare",
                tr("&Compare with the shown branch"),
                lambda: self.compare_wanted.emit(number),
                tr("This branch is already shown.") if branch is shown else "",
            ),
            (
                "remove",
                tr("Re&move"),
                lambda: self.branches.remove(number),
                tr("All other branches start from it.") if root else "",
            ),
        ):
            action = menu.addAction(text)
            action.setObjectName(f"see.tree.{name}")
            allow(action, why, action.text().replace("&", ""))
            action.triggered.connect(act)
        menu.popup(place)

    def _tip_at(self, place: QPointF) -> str:
        branch = self._at(place.y())
        return "" if branch is None else f"{branch.name}\n{branch.words}".strip()

    def event(self, event: QEvent) -> bool:
        ours = tells(self, event, self._tip_at) or claims(event, self._takes)
        return ours or super().event(event)

    @staticmethod
    def _takes(event: QKeyEvent) -> bool:
        """Whether the focused tree takes a key: undo applies to branches, not the project."""
        return undoes(event) or redoes(event) or event.key() == Qt.Key.Key_Delete

    # -- keys ----------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shown = event.key(), self.branches.shown
        if undoes(event):
            self.branches.history.undo()
        elif redoes(event):
            self.branches.history.redo()
        elif shown is not None and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            row = self._rows.index(shown) + (1 if key == Qt.Key.Key_Down else -1)
            if 0 <= row < len(self._rows):
                self.branches.show(self._rows[row].number)
        elif shown is not None and key in (Qt.Key.Key_F2, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.rename(shown.number)
        elif shown is not None and key == Qt.Key.Key_Delete:
            self.branches.remove(shown.number)
        elif not self._timeline.handle_key(event):
            super().keyPressEvent(event)

    def rename(self, number: int) -> None:
        """Edit the name of a branch in its row."""
        tree = self.branches.tree
        if tree is None or self._field is not None:
            return
        branch = tree[number]
        field = self._field = QLineEdit(branch.name, self)
        named(field, "see.tree.name", tr("Name of {name}", name=branch.name))
        field.setMaxLength(60)
        width = 200
        x = min(self.level_x(branch.log_snr) + 8, self.width() - width - 4)
        row = self.row_rect(number)
        field.setGeometry(round(max(0, x)), round(row.top()), width, ROW)

        def done() -> None:
            if self._field is not field:
                return
            self._field = None
            name, kept = field.text(), field.property("escaped") is not True
            field.deleteLater()
            self.setFocus()
            if kept:
                self.branches.rename(number, name)

        field.editingFinished.connect(done)
        field.installEventFilter(self)
        field.selectAll()
        field.show()
        field.setFocus()

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        if watched is self._field and isinstance(event, QKeyEvent):
            escape = event.key() == Qt.Key.Key_Escape
            if escape and event.type() == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if escape and event.type() == QEvent.Type.KeyPress and self._field is not None:
                self._field.setProperty("escaped", True)
                self.setFocus()  # ends editing
                return True
        return False


def undoes(event: QKeyEvent) -> bool:
    return event.matches(QKeySequence.StandardKey.Undo)


def redoes(event: QKeyEvent) -> bool:
    control = event.modifiers() == Qt.KeyboardModifier.ControlModifier
    return event.matches(QKeySequence.StandardKey.Redo) or (control and event.key() == Qt.Key.Key_Y)
