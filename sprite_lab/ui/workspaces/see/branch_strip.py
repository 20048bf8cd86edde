"""The strip above the timeline: the tree of branches, and what can be done with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from sprite_lab.core.branches import Branch
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import IconButton
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.elided_label import ElidedLabel
from sprite_lab.ui.widgets.help_button import HelpButton
from sprite_lab.ui.widgets.timeline import Timeline
from sprite_lab.ui.workspaces.see.branch_tree import ROW, BranchTreeView

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab

#: Rows that are to be seen at once; more are scrolled to.
_MOST_ROWS = 5


class BranchStrip(QWidget):
    """Heading and buttons over the tree.

    Parts: ``see.tree.undo``, ``.redo``, ``.rename_shown``, ``.remove_shown``, ``.comparing``,
    ``.with``, and those of :class:`BranchTreeView`.

    Signals
    -------
    pair_changed : the two branches to compare; (None, None) = none.
    """

    pair_changed = Signal(object, object)

    def __init__(self, lab: Lab, theme: ThemeManager, timeline: Timeline) -> None:
        super().__init__()
        self.setObjectName("see.branches")
        self.setProperty("panel", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._branches = branches = lab.branches
        self._pair: tuple[Branch | None, Branch | None] = (None, None)
        self.tree = BranchTreeView(theme, branches, timeline)
        title = QLabel("Branches")
        title.setProperty("heading", True)
        self._hint = ElidedLabel(name="see.tree.hint")  # or it would decide how wide the window is
        self._undo = IconButton(theme, "undo", "Undo", name="see.tree.undo")
        self._redo = IconButton(theme, "redo", "Redo", name="see.tree.redo")
        self._rename = IconButton(
            theme, "pencil", "Rename the branch (F2, or double click)", name="see.tree.rename_shown"
        )
        self._remove = IconButton(theme, "trash", "", name="see.tree.remove_shown")
        self._compare = IconButton(
            theme,
            "compare",
            "Show the branch beside another one, and how they differ",
            name="see.tree.comparing",
            text="Compare",
            checkable=True,
        )
        self._with = calm(QComboBox(), name="see.tree.with", label="Branch to compare with")
        self._with.setToolTip("The branch to compare with")
        self._with.setMinimumWidth(140)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(title)
        row.addWidget(HelpButton(lab, theme, "branch_tree"))
        row.addSpacing(4)
        row.addWidget(self._hint, 1)
        for part in (self._undo, self._redo, self._rename, self._remove):
            row.addWidget(part)
        row.addSpacing(8)
        row.addWidget(self._compare)
        row.addWidget(self._with)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tree.setProperty("panel", True)
        self._area.setWidget(self.tree)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 4, 16, 4)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self._area)

        self._undo.clicked.connect(branches.undo)
        self._redo.clicked.connect(branches.redo)
        self._rename.clicked.connect(lambda: self._with_shown(self.tree.rename))
        self._remove.clicked.connect(lambda: self._with_shown(branches.remove))
        self._compare.toggled.connect(self._on_compare)
        self._with.currentIndexChanged.connect(self._on_compare)
        self.tree.compare_wanted.connect(self.compare_with)
        branches.changed.connect(self.refresh)
        self.refresh()

    def _with_shown(self, act: object) -> None:
        shown = self._branches.shown
        if shown is not None and callable(act):
            act(shown.number)

    def refresh(self) -> None:
        """Show the tree, and what can be done with it now."""
        branches, tree, shown = self._branches, self._branches.tree, self._branches.shown
        count = 0 if tree is None else len(tree)
        self._area.setVisible(count > 1)
        self._area.setFixedHeight(ROW * min(max(count, 1), _MOST_ROWS))
        if shown is not None:
            place = self.tree.row_rect(shown.number).center()
            self._area.ensureVisible(0, round(place.y()), 0, ROW // 2)
        hints = ("Undo brings them back", "None yet: change something at the right")
        self._hint.setText(hints[count] if count < 2 else "")
        for button, word, text, key in (
            (self._undo, "Undo", branches.undo_text, "Ctrl+Z"),
            (self._redo, "Redo", branches.redo_text, "Ctrl+Y"),
        ):
            button.setEnabled(bool(text))
            button.setToolTip(f"{word}: {text} ({key} in the tree)" if text else f"{word}: nothing")
        root = shown is None or shown.parent is None
        for part in (self._rename, self._compare, self._with):
            part.setEnabled(shown is not None and count > 1)
        self._remove.setEnabled(not root)
        self._remove.setToolTip(
            "The original stays: all others branched off it"
            if root
            else "Remove the branch and all that left it (Delete)"
        )
        self._fill_others(shown)
        if count < 2:
            self._compare.setChecked(False)
        self._on_compare()

    def _fill_others(self, shown: Branch | None) -> None:
        """The branches that the shown one can be held against, its parent first of all."""
        tree = self._branches.tree
        others = [] if tree is None or shown is None else [b for b in tree.rows() if b is not shown]
        # What was chosen stays while one compares; else it is the parent, or the newest.
        before = self._with.currentData() if self._compare.isChecked() else None
        with QSignalBlocker(self._with):
            self._with.clear()
            for branch in others:
                self._with.addItem(branch.name, branch.number)
            index = self._with.findData(before)
            if index < 0 and shown is not None and others:
                newest = max(branch.number for branch in others)
                index = self._with.findData(newest if shown.parent is None else shown.parent)
            self._with.setCurrentIndex(index)

    def compare_with(self, number: int) -> None:
        """Hold a branch against the one that is shown."""
        with QSignalBlocker(self._with):
            self._with.setCurrentIndex(self._with.findData(number))
        self._compare.setChecked(True)
        self._on_compare()

    def stop_comparing(self) -> None:
        """Back to the stage."""
        self._compare.setChecked(False)

    def _on_compare(self, *_: object) -> None:
        tree, number = self._branches.tree, self._with.currentData()
        pair: tuple[Branch | None, Branch | None] = (None, None)
        if self._compare.isChecked() and tree is not None and number is not None:
            pair = (self._branches.shown, tree[number])
        if pair != self._pair:
            self._pair = pair
            self.pair_changed.emit(*pair)
