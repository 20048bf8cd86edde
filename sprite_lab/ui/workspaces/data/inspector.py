"""What is known of the chosen sprites and of their set, and what can be done with them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel

from sprite_lab.app import data_edits
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import push_button
from sprite_lab.ui.widgets.calm import named
from sprite_lab.ui.widgets.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.sprite_view import SpriteView


class SpriteGroup(FoldGroup):
    """Parts: ``data.large``, ``data.facts``, ``data.dissolve``, ``data.edit``, ``data.drop``,
    ``data.export``.

    Attributes
    ----------
    dissolve, edit, drop, export : its buttons.
    """

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__(theme, "Sprite", name="data.sprite")
        self.large = named(SpriteView(theme), "data.large", "The current sprite")
        self.large.setMinimumHeight(176)
        self.facts = QLabel()
        self.facts.setObjectName("data.facts")
        self.facts.setWordWrap(True)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.dissolve = push_button(
            theme,
            "See it dissolve",
            name="data.dissolve",
            icon_name="forward-process",
            tip="Watch noise destroy this sprite, step by step (Enter)",
        )
        self.edit = push_button(
            theme,
            "Edit in Draw",
            name="data.edit",
            icon_name="draw",
            tip="Put a copy into the first blank cell of the project",
        )
        self.drop = push_button(theme, "Drop", name="data.drop", icon_name="trash")
        self.export = push_button(
            theme,
            "Export…",
            name="data.export",
            icon_name="export",
            tip="The chosen sprites as single pictures or a sheet (Ctrl+E)",
        )
        buttons = QGridLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.dissolve, 0, 0, 1, 2)
        buttons.addWidget(self.edit, 1, 0, 1, 2)
        buttons.addWidget(self.export, 2, 0)
        buttons.addWidget(self.drop, 2, 1)
        self.add(self.large, self.facts)
        self.add_layout(buttons)
        self.allow_drop(True, True)

    def allow_drop(self, there: bool, small: bool) -> None:
        """Whether sprites are chosen, and the set is one that they can be dropped from."""
        self.export.setEnabled(there)
        self.drop.setEnabled(there and small)
        self.drop.setToolTip(
            "Leave the chosen sprites out of the set; the file keeps them until you save (Delete)"
            if small
            else f"Sprites can be dropped from sets of up to {data_edits.MOST_TO_DROP_FROM:,} only"
        )


class SetGroup(FoldGroup):
    """Parts: ``data.info``, ``data.open``, ``data.import``, ``data.save``.

    Signals
    -------
    open_wanted, import_wanted, save_wanted : its buttons.
    """

    open_wanted = Signal()
    import_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, theme: ThemeManager) -> None:
        super().__init__(theme, "Data set", name="data.set")
        self.info = dim_label(name="data.info")
        self._open_button = push_button(
            theme,
            "Open…",
            name="data.open",
            icon_name="open",
            tip="Open another data set (Ctrl+Shift+O)",
        )
        self._save = push_button(
            theme, "Save as…", name="data.save", icon_name="save", tip="Write the set as it is now"
        )
        self._import = push_button(
            theme,
            "Import…",
            name="data.import",
            icon_name="import",
            tip="Make a set of pictures, sheets, folders or archives (Ctrl+I)",
        )
        buttons = QGridLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self._open_button, 0, 0)
        buttons.addWidget(self._import, 0, 1)
        buttons.addWidget(self._save, 1, 0, 1, 2)
        self.add(self.info)
        self.add_layout(buttons)
        self._open_button.clicked.connect(self.open_wanted)
        self._import.clicked.connect(self.import_wanted)
        self._save.clicked.connect(self.save_wanted)

    def set_facts(self, text: str, *, there: bool, clean: bool) -> None:
        """What is said, and whether there is something to save."""
        self.info.setText(text if clean else f"{text}\nChanged, and not saved yet.")
        self._save.setEnabled(there)
        self._save.setToolTip(
            "Write the set to an .npz file" if clean else "Write the changed set to an .npz file"
        )
