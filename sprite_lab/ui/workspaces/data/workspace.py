"""The Data workspace: the browser, the chosen sprite, and what is known of the set."""

from __future__ import annotations

import collections

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from sprite_lab.app import tasks
from sprite_lab.app.lab import Lab
from sprite_lab.core.config import TrainConfig
from sprite_lab.core.errors import SpriteLabError
from sprite_lab.core.sprites import SpriteSet
from sprite_lab.ui.dialogs import DATA_FILES, ask_open
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import push_button
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.help_button import HelpButton
from sprite_lab.ui.widgets.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.number_field import NumberField
from sprite_lab.ui.widgets.sprite_browser import SpriteBrowser
from sprite_lab.ui.widgets.sprite_view import SpriteView

ALL = "All classes"
NONE = "No class"

#: Sources that are named; the others are summed up.
NAMED_SOURCES = 6


class DataWorkspace(QWidget):
    """Parts: ``data.browser``, ``data.class``, ``data.zoom``, ``data.open``, ``data.import``,
    ``data.large``, ``data.dissolve``, ``data.edit``, ``data.info``, ``data.facts``."""

    def __init__(self, lab: Lab, theme: ThemeManager) -> None:
        super().__init__()
        self.title, self.icon = "Data", "data"
        self.setObjectName("data")
        self._lab = lab
        #: Which sprites of the set the browser shows, int (M,).
        self._shown: NDArray[np.intp] = np.zeros(0, np.intp)
        self.browser = SpriteBrowser(theme)
        self.browser.setObjectName("data.browser")
        self.browser.setAccessibleName("Sprites of the data set")
        self.classes = calm(
            QComboBox(), name="data.class", label="Class", tip="Show sprites of one class only"
        )
        self.classes.setMinimumWidth(180)
        self._zoom = NumberField(
            "Size",
            1,
            8,
            3,
            name="data.zoom",
            unit=" ×",
            tip="Screen pixels for each pixel.",
            field_width=64,
        )
        self._zoom.setFixedWidth(180)
        self._open = push_button(
            theme,
            "Open…",
            name="data.open",
            icon_name="open",
            tip="Open another data set (Ctrl+Shift+O)",
        )
        self._import = push_button(
            theme,
            "Import…",
            name="data.import",
            icon_name="import",
            tip="Make a set of pictures, sheets, folders or archives (Ctrl+I)",
        )
        self._count = dim_label(name="data.count", wrap=False)
        bar = QHBoxLayout()
        bar.setContentsMargins(16, 8, 16, 8)
        bar.setSpacing(8)
        bar.addWidget(self.classes)
        bar.addWidget(self._count)
        bar.addWidget(HelpButton(lab, theme, "data"))
        bar.addStretch(1)
        bar.addWidget(dim_label("Size", wrap=False))
        bar.addWidget(self._zoom)
        bar.addSpacing(8)
        bar.addWidget(self._open)
        bar.addWidget(self._import)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(bar)
        column.addWidget(self.browser, 1)
        self.inspector: QWidget = self._build_inspector(theme)

        self.classes.currentIndexChanged.connect(self._filter)
        self._zoom.changed.connect(lambda value: self.browser.set_scale(round(value)))
        self._open.clicked.connect(self._ask)
        self._import.clicked.connect(lambda: lab.import_wanted.emit())
        self.browser.current_changed.connect(self._show_current)
        self.browser.double_clicked.connect(lambda _index: self.dissolve())
        lab.data.changed.connect(self._on_data)
        self._on_data()

    def _build_inspector(self, theme: ThemeManager) -> QWidget:
        self._large = SpriteView(theme)
        self._large.setObjectName("data.large")
        self._large.setAccessibleName("The chosen sprite")
        self._large.setMinimumHeight(208)
        self._facts = QLabel()
        self._facts.setObjectName("data.facts")
        self._facts.setWordWrap(True)
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._dissolve = push_button(
            theme,
            "See it dissolve",
            name="data.dissolve",
            icon_name="forward-process",
            tip="Watch noise destroy this sprite, step by step (Enter)",
        )
        self._edit = push_button(
            theme,
            "Edit in Draw",
            name="data.edit",
            icon_name="draw",
            tip="Put a copy into the first blank cell of the project",
        )
        sprite = FoldGroup(theme, "Sprite", name="data.sprite")
        for widget in (self._large, self._facts, self._dissolve, self._edit):
            sprite.add(widget)
        self._info = dim_label(name="data.info")
        whole = FoldGroup(theme, "Data set", name="data.set")
        whole.add(self._info)
        inspector = Inspector(name="data.inspector")
        inspector.add(sprite)
        inspector.add(whole)
        self._dissolve.clicked.connect(self.dissolve)
        self._edit.clicked.connect(self.edit)
        return inspector

    # -- the set ---------------------------------------------------------------------------

    def _on_data(self, *_: object) -> None:
        sprites = self._lab.data.value
        self.classes.blockSignals(True)
        self.classes.clear()
        if sprites is not None:
            for text, value, count in class_counts(sprites):
                self.classes.addItem(f"{text} ({count:,})", value)
        self.classes.blockSignals(False)
        self._filter()
        self._info.setText("" if sprites is None else set_facts(sprites, self._lab.data_title))
        if sprites is not None:
            self._lab.do(
                tasks.measure_split(sprites, TrainConfig().validation_fraction),
                name="Looking for near-copies",
                then=self._show_split,
                io=True,
                newest="split",
                quiet=True,
            )

    def _show_split(self, sizes: tuple[int, int]) -> None:
        sprites = self._lab.data.value
        if sprites is not None and sum(sizes) == len(sprites):
            self._info.setText(
                set_facts(sprites, self._lab.data_title)
                + f"\nTraining: {sizes[0]:,}, kept aside for validation: {sizes[1]:,}"
            )

    def _filter(self, *_: object) -> None:
        sprites = self._lab.data.value
        if sprites is None:
            self._shown = np.zeros(0, np.intp)
            self.browser.set_sprites(np.zeros((0, 16, 16, 4), np.uint8), lambda _i: "")
        else:
            value = self.classes.currentData()
            every = np.arange(len(sprites))
            self._shown = every if value is None else np.flatnonzero(sprites.labels == value)
            self.browser.set_sprites(
                sprites.rgba[self._shown], lambda i: sprite_facts(sprites, int(self._shown[i]))
            )
        self._count.setText(f"{len(self._shown):,} sprites" if sprites is not None else "")
        self._show_current(self.browser.current)

    def _ask(self) -> None:
        path = ask_open(self, self._lab.settings, "Open data set", DATA_FILES)
        if path is not None:
            self._lab.open_data(path)

    # -- the chosen sprite -----------------------------------------------------------------

    def _chosen(self) -> int | None:
        """Index of the chosen sprite in the set."""
        current = self.browser.current
        if self._lab.data.value is None or not 0 <= current < len(self._shown):
            return None
        return int(self._shown[current])

    def _show_current(self, _index: int) -> None:
        sprites, chosen = self._lab.data.value, self._chosen()
        there = sprites is not None and chosen is not None
        for button in (self._dissolve, self._edit):
            button.setEnabled(there)
        if sprites is None or chosen is None:
            self._large.set_image(None)
            self._facts.setText("")
        else:
            self._large.set_image(sprites.rgba[chosen])
            self._facts.setText(sprite_facts(sprites, chosen))

    def dissolve(self) -> None:
        """Show in See how noise destroys the chosen sprite."""
        sprites, chosen = self._lab.data.value, self._chosen()
        if sprites is not None and chosen is not None:
            self._lab.forward(sprites.images[chosen : chosen + 1])
            self._lab.workspace_wanted.emit("see")

    def edit(self) -> None:
        """Put a copy of the chosen sprite into the project."""
        sprites, chosen = self._lab.data.value, self._chosen()
        if sprites is None or chosen is None:
            return
        label = int(sprites.labels[chosen])
        name = sprites.class_names[label] if label >= 0 else None
        try:
            self._lab.workbench.take(sprites.rgba[chosen], name)
        except SpriteLabError as error:
            self._lab.failed.emit(str(error), "")


def class_counts(sprites: SpriteSet) -> list[tuple[str, int | None, int]]:
    """(name, label, how many) for all together and for each class; None = all."""
    counts = collections.Counter(sprites.labels.tolist())
    rows: list[tuple[str, int | None, int]] = [(ALL, None, len(sprites))]
    rows += [(name, i, counts[i]) for i, name in enumerate(sprites.class_names)]
    if counts[-1] and sprites.class_names:
        rows.append((NONE, -1, counts[-1]))
    return rows


def set_facts(sprites: SpriteSet, title: str) -> str:
    """What is known of a set, in lines."""
    height, width = sprites.size
    lines = [title, f"{len(sprites):,} sprites of {width} × {height} pixels"]
    if sprites.class_names:
        lines.append(f"{len(sprites.class_names)} classes")
    else:
        lines.append("No classes")
    if sprites.group is not None:
        lines.append(f"{len(np.unique(sprites.group)):,} groups of near-copies")
    sources = collections.Counter(s for s in sprites.source.tolist() if s)
    if sources:
        named = sources.most_common(NAMED_SOURCES)
        lines.append("From:")
        lines += [f"  {source}: {count:,}" for source, count in named]
        rest = sum(sources.values()) - sum(count for _, count in named)
        if rest:
            lines.append(f"  {len(sources) - len(named)} others: {rest:,}")
    return "\n".join(lines)


def sprite_facts(sprites: SpriteSet, index: int) -> str:
    """What is known of one sprite, in lines."""
    label = int(sprites.labels[index])
    lines = [f"Sprite {index + 1:,} of {len(sprites):,}"]
    if sprites.names[index]:
        lines.append(str(sprites.names[index]))
    if label >= 0:
        lines.append(f"Class: {sprites.class_names[label]}")
    if sprites.source[index]:
        lines.append(f"From: {sprites.source[index]}")
    return "\n".join(lines)
