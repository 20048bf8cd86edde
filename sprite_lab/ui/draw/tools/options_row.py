"""The options of the current tool, in a row above the canvas."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from sprite_lab.app.draw.tools.tool_table import (
    BY_NAME,
    LEAST_BRUSH,
    MOST_BRUSH,
    SELECTS,
    ToolOptions,
)
from sprite_lab.app.draw.tools.tools import DrawingTools
from sprite_lab.core.config.base import Setting
from sprite_lab.ui.flow import Flow
from sprite_lab.ui.layouts import as_widget, hbox
from sprite_lab.ui.text import Label
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.number_field import NumberField, field_width, number_box
from sprite_lab.words import tr, trc

#: Widths in logical pixels: of number fields, with text of the usual size, and of the slider with
#: its gap.
_SIZE, _STRENGTH, _SLIDER = 68, 66, 70

_TIPS = (
    Option("square", tr("Square brush"), "brush-square", tr("Square brush"), True),
    Option(
        "round",
        tr("Round brush"),
        "brush-round",
        tr("Round brush: differs from square at 3 px and up"),
        True,
    ),
)
_SYMMETRIES = (
    Option("none", tr("No mirroring"), "symmetry-none", tr("Strokes are not mirrored (Y)"), True),
    Option(
        "horizontal",
        tr("Left and right"),
        "symmetry",
        tr("Mirror strokes, left to right (Y)"),
        True,
    ),
    Option(
        "vertical",
        tr("Top and bottom"),
        "symmetry-vertical",
        tr("Mirror strokes, top to bottom (Y)"),
        True,
    ),
    Option("both", tr("Both ways"), "symmetry-both", tr("Mirror strokes both ways (Y)"), True),
)
#: Flags: option, text, tooltip.
_FLAGS = (
    ("filled", tr("Filled"), tr("Fill the shape, or draw its outline only")),
    ("contiguous", tr("Contiguous"), tr("Only connected pixels, or all pixels of that color")),
    (
        "along_palette",
        tr("Along the palette"),
        tr(
            "Shade to the next lighter or darker palette color with a similar hue,\nor else "
            "slightly lighter or darker regardless of the palette"
        ),
    ),
    (
        "perfect",
        tr("Perfect"),
        tr("Pixel-perfect: lines drawn by hand stay one pixel wide at turns too (1 px brush)"),
    ),
    ("all_chosen", tr("In all selected cells"), tr("Not only in the cell on the canvas")),
)


class ToolsRow(QWidget):
    """Shows the options of the current tool, in two rows if some tool needs them."""

    def __init__(self, tools: DrawingTools) -> None:
        super().__init__()
        self._tools = tools
        self._parts: dict[str, list[QWidget]] = {}
        self._flags: dict[str, QCheckBox] = {}
        self._row = Flow(self, spacing=8, last_right=False)
        self._widest = 0
        # Common options come first and stay in place from tool to tool.
        self._make_symmetry()
        self._make_size()
        self._make_flags()
        self._make_strength()
        self._make_selecting()
        tools.tool_changed.connect(self._on_tool)
        tools.options.changed.connect(self._on_options)
        tools.selection_changed.connect(self._on_selection)
        self._on_options(tools.options.value)
        self._on_selection()
        theme_manager().on_text(self._measure)

    def _measure(self) -> None:
        """Let fields grow with the text, and measure the largest width of a tool's options."""
        self._size.setFixedWidth(field_width(_SIZE))
        self._strength.setFixedWidth(_SLIDER + field_width(_STRENGTH))
        self._widest = max(self._width_for(name) for name in BY_NAME)
        self._on_tool(self._tools.tool)
        self._fit_height()

    def _width_for(self, tool: str) -> int:
        """The width of a tool's options in one row, in logical pixels."""
        self._on_tool(tool)
        return self._row.sizeHint().width()

    def _fit_height(self) -> None:
        """Use the same height for all tools, so that the canvas does not jump between tools."""
        parts = [part for parts in self._parts.values() for part in parts]
        height = max(part.sizeHint().height() for part in parts)
        rows = 1 if self.width() >= self._widest else 2
        self.setFixedHeight(rows * height + (rows - 1) * self._row.spacing())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_height()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._measure()  # its parts get their style only now

    def _add(self, option: str, *parts: QWidget) -> None:
        self._parts.setdefault(option, []).extend(parts)
        for part in parts:
            self._row.addWidget(part)

    def _make_size(self) -> None:
        known = Setting(
            tr("Size of the brush"),
            tip=tr("Size of the brush in pixels ([ and ])"),
            low=LEAST_BRUSH,
            high=MOST_BRUSH,
            unit=tr(" px"),
        )
        self._size = number_box(known, 1, name="draw.option.size")
        self._size.valueChanged.connect(lambda value: self._tools.options.replace(size=value))
        self._add("size", self._size)
        self._tip = Segmented("draw.brush", tr("Shape of the brush"), *_TIPS)
        self._tip.changed.connect(
            lambda value: self._tools.options.replace(rounded=value == "round")
        )
        self._add("rounded", self._tip)

    def _make_flags(self) -> None:
        for option, text, tip in _FLAGS:
            box = QCheckBox(text)
            named(box, f"draw.option.{option}", tip=tip)
            # A click leaves the focus on the canvas; Tab can still reach it.
            box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            box.toggled.connect(
                lambda on, option=option: self._tools.options.replace(**{option: on})
            )
            self._flags[option] = box
            self._add(option, box)

    def _make_strength(self) -> None:
        label = Label(tr("Redraw"))
        self._strength = NumberField(
            Setting(
                tr("Redraw strength"),
                tip=tr(
                    "How far to redraw the pixels you mark with the left button:\n0% = kept, "
                    "100% = redrawn, between = partly redrawn (kept until that share\nof the "
                    "noise)."
                ),
                low=0,
                high=100,
                unit="%",
            ),
            0,
            name="draw.option.strength",
            width=_STRENGTH,
        )
        self._strength.changed.connect(
            lambda value: self._tools.options.replace(strength=round(value * 255 / 100))
        )
        # in one widget, since the flow might break the row between them otherwise
        both = as_widget(hbox(label, self._strength))
        self._add("strength", both)

    def _make_symmetry(self) -> None:
        self._symmetry = Segmented("draw.symmetry", tr("Mirror strokes"), *_SYMMETRIES)
        self._symmetry.changed.connect(lambda value: self._tools.options.replace(symmetry=value))
        self._add("symmetry", self._symmetry)

    def _make_selecting(self) -> None:
        tools = self._tools
        every, nothing = tr("Select all pixels (Ctrl+A)"), tr("Deselect all (Ctrl+D, Esc)")
        others = tr("Invert selection")
        for name, text, said, tip, slot in (
            ("all", trc("pixels", "All"), tr("Select all"), every, tools.select_all),
            ("none", trc("pixels", "None"), tr("Deselect all"), nothing, tools.select_none),
            ("invert", tr("Invert"), tr("Invert"), others, tools.invert_selection),
        ):
            button = push_button(f"draw.select.{name}", text, tip=tip)
            button.setAccessibleName(said)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(lambda _=False, slot=slot: slot())
            self._add("selecting", button)
            if name == "none":
                self._none = button

    @Slot(str)
    def _on_tool(self, name: str) -> None:
        tool = BY_NAME[name]
        for option, parts in self._parts.items():
            selects = option == "selecting" and name in SELECTS
            for part in parts:
                part.setVisible(selects or option in tool.options)

    @Slot(object, object)
    def _on_options(self, options: ToolOptions, _before: object = None) -> None:
        with QSignalBlocker(self._size), QSignalBlocker(self._strength):
            self._size.setValue(options.size)
            self._strength.set_value(round(options.strength * 100 / 255))
        for option, box in self._flags.items():
            with QSignalBlocker(box):
                box.setChecked(getattr(options, option))
        self._symmetry.set_value(options.symmetry)
        self._tip.set_value("round" if options.rounded else "square")

    @Slot()
    def _on_selection(self, *_: object) -> None:
        some = self._tools.selection is not None
        allow(self._none, "" if some else tr("Nothing is selected."))
