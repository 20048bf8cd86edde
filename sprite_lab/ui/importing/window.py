"""The import window: files on the left, their sprites in the middle, choices on the right."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QDialog, QWidget

from sprite_lab.app.files.importing import Importing, refused_files
from sprite_lab.app.files.opening import Opening
from sprite_lab.app.lab import Lab
from sprite_lab.core.sets.imports import ImportPlan, Refusal
from sprite_lab.ui.first_sizes import set_first_size
from sprite_lab.ui.importing.end_bar import EndBar
from sprite_lab.ui.importing.file_group import AllFilesGroup, FileGroup
from sprite_lab.ui.importing.file_list import FileList
from sprite_lab.ui.importing.preview import Preview
from sprite_lab.ui.layouts import hbox, split, vbox
from sprite_lab.ui.shell.dialogs import IMPORT_FILES, ask_folder, ask_open_several, confirm
from sprite_lab.ui.shell.drop import DropVeil, dropped_paths
from sprite_lab.ui.text import RichView, html, joined
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import named, panel
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import Inspector, heading, separator
from sprite_lab.ui.widgets.keys import add_action
from sprite_lab.words import number_text, tr

SIZE = (1200, 800)
#: Widths of files and choices with text of the usual size, in logical pixels, and their maximum
#: shares of the window with larger text.
_LEFT, _RIGHT = 264, 312
_LEFT_SHARE, _RIGHT_SHARE = 0.235, 0.33

#: Number of refused files listed; the others are only counted.
_LISTED = 200


class ImportWindow(QDialog):
    """The import window: files, preview, settings."""

    closed = Signal()  #: the window was closed; anything not imported is lost

    def __init__(self, lab: Lab, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("import.window")
        self.setWindowTitle(tr("Import sprites – Sprite Lab"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAcceptDrops(True)
        self._lab = lab
        self._shown_plan: ImportPlan | None = None
        self._dragged = False  # whether the user set the widths of the sides
        self._is_done = False  # whether closing loses nothing, since the set is written
        self.importing = Importing(lab, self)
        self.files = FileList(name="import.files")
        self.preview = Preview(self.importing)
        self._file = FileGroup(self.importing)
        self._all = AllFilesGroup(self.importing)
        self._end = EndBar(lab, self.importing)
        self._build()
        self.veil = DropVeil(self)
        self._show_refused(())
        self._connect()
        self.setMinimumSize(960, 560)
        set_first_size(self, *SIZE)
        self._refresh()

    # -- layout ----------------------------------------------------------------------------

    def _build(self) -> None:
        add_files = IconButton(
            "import.add_files",
            "open",
            tr("Add pictures, sheets, archives or arrays (Ctrl+O)"),
            tr("Add files…"),
            do=self.ask_files,
        )
        add_folder = IconButton(
            "import.add_folder",
            "folder",
            tr("Add a folder and everything in it: each folder can be a class"),
            tr("Add folder…"),
            do=self.ask_folder,
        )
        self._undo = IconButton("import.undo", "undo", tr("Undo the last choice (Ctrl+Z)"))
        self._redo = IconButton("import.redo", "redo", tr("Redo the choice (Ctrl+Shift+Z)"))
        strip = panel(QWidget())
        buttons = add_files, add_folder, 8, self._undo, self._redo
        hbox(
            *buttons,
            ...,
            HelpButton(self._lab, "import"),
            on=strip,
            spacing=4,
            margins=(8, 4, 8, 4),
        )

        self._refused_title = heading("")
        # Unlike a label, it breaks long file names.
        self._refused_text = named(RichView(), "import.refused", tr("Refused"))
        self._refused_text.setProperty("bare", True)
        self._refused_text.setProperty("dim", True)
        self._refused_text.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # selectable, like a label
        self._refused_text.document().setDocumentMargin(12)
        self._refused = panel(QWidget())
        title_row = hbox(self._refused_title, spacing=-1, margins=(12, 8, 8, 0))
        vbox(title_row, (self._refused_text, 1), on=self._refused, spacing=0)
        left = split(Qt.Orientation.Vertical, self.files, self._refused, sizes=(440, 200))
        left.setStretchFactor(0, 1)
        left.setMinimumWidth(200)

        self._inspector = Inspector(name="import.inspector")
        self._inspector.add(self._file)
        self._inspector.add_separator()
        self._inspector.add(self._all)
        sizes = (_LEFT, SIZE[0] - _LEFT - _RIGHT, _RIGHT)
        parts = split(Qt.Orientation.Horizontal, left, self.preview, self._inspector, sizes=sizes)
        parts.setStretchFactor(1, 1)
        parts.splitterMoved.connect(self._on_dragged)
        self._parts = parts
        for each in (left, parts):
            each.setHandleWidth(1)
        vbox(strip, separator(), (parts, 1), separator(), self._end, on=self, spacing=0)

    @Slot()
    def _on_dragged(self) -> None:
        self._dragged = True

    @Slot()
    def _fit_sides(self) -> None:
        """Let both sides grow with the text if there is room, unless the user set their widths."""
        if self._dragged:
            return
        width, scale = self.width(), theme_manager().text_scale
        left, right = (
            max(least, min(round(least * scale), round(share * width)))
            for least, share in ((_LEFT, _LEFT_SHARE), (_RIGHT, _RIGHT_SHARE))
        )
        self._parts.setSizes([left, width - left - right, right])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_sides()

    def _connect(self) -> None:
        theme_manager().text_resized.connect(self._fit_sides)
        importing, sheet = self.importing, self.preview.sheet
        importing.changed.connect(self._refresh)
        importing.written.connect(self._on_written)
        self.files.shown.connect(self._show_file)
        self.files.included.connect(
            lambda path, included: importing.change_for(path, {"include": included})
        )
        self.preview.files_wanted.connect(self.ask_files)
        sheet.dragging.connect(self._file.show_grid)
        sheet.grid_changed.connect(self._file.set_grid)
        sheet.picked.connect(self._file.set_background)
        self._file.picking.connect(self._on_picking)
        self._end.canceled.connect(self.close)
        self._undo.clicked.connect(importing.undo)
        self._redo.clicked.connect(importing.redo)
        for name, text, keys, slot in (
            ("import.keys.undo", tr("Undo"), "Ctrl+Z", importing.undo),
            ("import.keys.redo", tr("Redo"), "Ctrl+Shift+Z; Ctrl+Y", importing.redo),
            ("import.keys.open", tr("Add files"), "Ctrl+O", self.ask_files),
            ("import.keys.close", tr("Close"), "Ctrl+W", self.close),
        ):
            add_action(self, name, text, keys, slot, Qt.ShortcutContext.WindowShortcut)

    # -- files -----------------------------------------------------------------------------

    def add(self, files: Iterable[Path]) -> None:
        self.importing.add(files)
        self.files.setFocus()

    def ask_files(self) -> None:
        self.add(ask_open_several(self, self._lab.settings, tr("Import sprites"), IMPORT_FILES))

    def ask_folder(self) -> None:
        folder = ask_folder(self, self._lab.settings, tr("Import the sprites in a folder"))
        if folder is not None:
            self.add([folder])

    # -- display ----------------------------------------------------------------------------------

    def _refresh(self) -> None:
        importing = self.importing
        plan = importing.plan
        if plan is not None and plan is not self._shown_plan:
            self._shown_plan = plan
            first = not self.files.rows
            self.files.set_plan(plan)
            found = [picture.path for picture in plan.pictures]
            refused = [refusal.path for refusal in plan.refused]
            if first and (len(found) == 1 or len(found + refused) == 1):
                self.files.show_path((found or refused)[0])
            self._show_refused(refused_files(plan))
        self._show_file()
        self._all.show_choices()
        self._undo.setEnabled(importing.can_undo)
        self._redo.setEnabled(importing.can_redo)
        for part in (self.files, self.preview, self._inspector):
            part.setEnabled(not importing.is_writing)

    def _show_file(self, *_: object) -> None:
        self.importing.show(self.files.path)
        self._file.refresh()
        self.preview.refresh()

    def _show_refused(self, refused: tuple[Refusal, ...]) -> None:
        self._refused.setVisible(bool(refused))
        self._refused_title.setText(tr("Refused: {count:,}", count=len(refused)))
        lines = [
            html("<p style='margin:0 0 8px 0'><b>{}</b><br>{}</p>", entry.path, entry.why)
            for entry in refused[:_LISTED]
        ]
        if len(refused) > _LISTED:
            lines.append(html(tr("<p>And {} more.</p>"), number_text(len(refused) - _LISTED)))
        self._refused_text.show_html(joined("", lines))

    def _on_picking(self, picking: bool) -> None:
        if picking and self.preview.shows != "sheet":
            self.preview.show_kind("sheet")
        self.preview.sheet.pick_color(picking)

    # -- closing ----------------------------------------------------------------------------------

    def _on_written(self, path: Path) -> None:
        self._lab.notice.emit(
            tr(
                "The sprites were saved as “{name}” in {parent}.",
                name=path.name,
                parent=path.parent,
            )
        )
        if not self._lab.on_style_path:
            self._lab.workspace_wanted.emit("data", "")
        self.forget()

    def forget(self) -> None:
        """Close without asking."""
        self._is_done = True
        self.close()

    def may_leave(self) -> bool:
        """Whether the window may close: nothing would be lost, or the user agreed and it closed."""
        if not self._has_to_lose:
            return True
        if self._may_forget():
            self.forget()
        return self._is_done

    def reject(self) -> None:
        """Esc: stop picking the background, or else close."""
        if self._file.is_picking:
            self._file.stop_picking()
        else:
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._is_done and self._has_to_lose and not self._may_forget():
            event.ignore()
            return
        self.importing.stop()
        self.closed.emit()
        event.accept()

    @property
    def _has_to_lose(self) -> bool:
        return self.importing.by_hand or self.importing.is_writing

    def _may_forget(self) -> bool:
        lost = tr("The grids and classes you assigned, and what you removed, will be forgotten.")
        return confirm(
            self,
            tr("Close without importing?"),
            tr("The set is being written.") if self.importing.is_writing else lost,
            tr("Close"),
            name="import.forget",
            no=tr("Continue importing"),
        )

    # -- dropping --------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        files = dropped_paths(event.mimeData())
        if files:
            what = (
                f"“{files[0].name}”" if len(files) == 1 else tr("{count:,} files", count=len(files))
            )
            self.veil.say(Opening("import", tr("Also scan {what}", what=what)))
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.veil.hide()
        files = dropped_paths(event.mimeData())
        if files:
            event.acceptProposedAction()
            self.add(files)
