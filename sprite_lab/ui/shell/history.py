"""The list of edits to the project; a click goes back or forward to one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QSignalBlocker, Qt, Slot
from PySide6.QtWidgets import QFrame, QListWidget, QListWidgetItem, QWidget

from sprite_lab.app.files.project import UNDO_LIMIT, Project, adds_generated
from sprite_lab.ui.icons import icon
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.ui.widgets.fields.calm import named
from sprite_lab.ui.widgets.fields.inspector import dim_label, heading
from sprite_lab.ui.widgets.keys import ENTER, claims, is_press
from sprite_lab.words import tr

_WIDTH, _HEIGHT = 264, 360


class HistoryList(QFrame):
    """Floats over the window until the user clicks elsewhere, so that steps can be tried out."""

    def __init__(self, project: Project, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("history")
        self.setProperty("popup", True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._project, self._owner = project, parent
        title = heading(tr("History"))
        self.list = named(QListWidget(), "history.list", tr("History, oldest first"))
        self.list.setToolTip(tooltip(tr("Click a step to go there; later steps can be redone")))
        self.list.setUniformItemSizes(True)
        self.list.setProperty("bare", True)  # its chosen row shows the focus
        self._weight = named(dim_label(""), "history.weight")
        vbox(title, (self.list, 1), self._weight, on=self, spacing=6, margins=(8, 8, 8, 8))
        self.resize(_WIDTH, _HEIGHT)
        self.list.installEventFilter(self)
        self.list.currentRowChanged.connect(self._go)
        project.history_changed.connect(self._refresh)
        theme_manager().changed.connect(self._refresh)

    def popup(self, at: QPoint) -> None:
        """Open with the upper left corner at a global point, or where there is room."""
        self._fill()
        screen = self._owner.screen().availableGeometry()
        x = min(at.x(), screen.right() - self.width())
        y = min(at.y(), screen.bottom() - self.height())
        self.move(max(x, screen.left()), max(y, screen.top()))
        self.show()
        self.list.setFocus()

    @Slot()
    def _refresh(self) -> None:
        if self.isVisible():
            self._fill()

    def _fill(self) -> None:
        history, theme = self._project.history, current_theme()
        steps, done = history.steps, history.index
        with QSignalBlocker(self.list):
            self.list.clear()
            for row, step in enumerate(steps):
                text = step.text if row else tr("Initial state")
                if row == history.clean_index:
                    text += tr("  (saved)")
                item = QListWidgetItem(text)
                name = "draw" if row else "clock"
                if row and adds_generated(steps[row - 1].value, step.value):
                    name = "generate"
                    item.setToolTip(tooltip(tr("Drawn by the model")))
                later = row > done
                item.setIcon(icon(name, theme, "text_dim" if later else "text"))
                if later:
                    item.setForeground(self.palette().placeholderText())
                    item.setToolTip(tooltip(tr("Undone; click to redo")))
                self.list.addItem(item)
            self.list.setCurrentRow(done)
        self.list.scrollToItem(self.list.item(done))
        used, most = history.nbytes / 1e6, history.budget / 1e6
        self._weight.setText(
            tr(
                "{used:.1f} of {most:.0f} MB, at most {steps:,} steps; beyond that, the "
                "oldest are removed",
                used=used,
                most=most,
                steps=UNDO_LIMIT,
            )
        )

    @Slot(int)
    def _go(self, row: int) -> None:
        if row >= 0:
            self._project.history.go(row)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        closing = (*ENTER, Qt.Key.Key_Escape)
        if is_press(event, closing):
            self.hide()
            return True
        # The workspace below also uses Esc.
        return claims(event, closing) or super().eventFilter(watched, event)
