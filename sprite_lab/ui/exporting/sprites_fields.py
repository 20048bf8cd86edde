"""Settings of single pictures and sheets, in groups."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QLineEdit

from sprite_lab.app.exports import Exports
from sprite_lab.core import file_names
from sprite_lab.core.config import SpriteFilesConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.ui.exporting.fields import ExportFields
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import Option, Segmented
from sprite_lab.ui.widgets.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.number_field import NumberField


class SpritesFields(ExportFields):
    """Parts: ``export.sprites.subject``, ``.kind``, ``.background``, ``.scale``, ``.template``,
    ``.columns``, ``.padding``, ``.extrusion``, ``.power_of_two``, ``.json``."""

    def __init__(self, exports: Exports, theme: ThemeManager) -> None:
        super().__init__(
            exports, "sprites", name="export.sprites.fields", subject="export.sprites.subject"
        )
        self.kind = Segmented(
            theme,
            [
                Option("files", "Single files", tip="A PNG picture for each sprite, in a folder"),
                Option("sheet", "Sheet", tip="All sprites on one PNG picture"),
            ],
            name="export.sprites.kind",
            label="Single files or a sheet",
            stretch=True,
        )
        self._background = Segmented(
            theme,
            [
                Option("transparent", "Transparent", tip="What is around the sprites is removed"),
                Option("kept", "Kept", tip="What is around the sprites stays, as it was drawn"),
            ],
            name="export.sprites.background",
            label="Background",
            stretch=True,
        )
        self._scale = NumberField(
            "Scale",
            1,
            32,
            1,
            name="export.sprites.scale",
            unit=" ×",
            tip="Pixels of the file for each pixel of a sprite.",
        )
        what = FoldGroup(theme, "What", name="export.sprites.what")
        what.add_row("Export", self.choice)
        what.add_row("As", self.kind)
        what.add_row("Background", self._background)
        what.add_row("Scale", self._scale)
        self.add(what)
        self.add(self._make_names(theme))
        self.add(self._make_sheet(theme))
        self.show_config(exports.sprite_files)
        self._connect()

    def _make_names(self, theme: ThemeManager) -> FoldGroup:
        group = FoldGroup(theme, "Names", name="export.sprites.names")
        self._template = QLineEdit()
        self._template.setObjectName("export.sprites.template")
        self._template.setAccessibleName("Template of names")
        fields = ", ".join("{" + field + "}" for field in file_names.FIELDS)
        self._template.setToolTip(
            f"Names of the files, and of sprites in a sheet's JSON: {fields}; {{index:03}} is 007"
        )
        self._about = dim_label(f"Filled in: {fields}", name="export.sprites.template.about")
        group.add_row("Template", self._template)
        group.add(self._about)
        return group

    def _make_sheet(self, theme: ThemeManager) -> FoldGroup:
        self._sheet = FoldGroup(theme, "Sheet", name="export.sprites.sheet")
        self._columns = NumberField(
            "Columns",
            0,
            64,
            0,
            name="export.sprites.columns",
            least="auto",
            tip="Sprites in a row; auto = as they are laid out, or about as many as rows.",
        )
        self._padding = NumberField(
            "Padding",
            0,
            16,
            0,
            name="export.sprites.padding",
            unit=" px",
            tip="Transparent pixels around the sheet and between sprites.",
        )
        self._extrusion = NumberField(
            "Extrusion",
            0,
            8,
            0,
            name="export.sprites.extrusion",
            unit=" px",
            tip="How far each sprite's border is repeated outwards, against seams in engines.",
        )
        self._power = QCheckBox("Sides of 2, 4, 8, 16, …")
        self._power.setObjectName("export.sprites.power_of_two")
        self._power.setToolTip("The sheet grows to powers of two, as some engines need")
        self._json = Segmented(
            theme,
            [
                Option("none", "None", tip="No file beside the sheet"),
                Option("hash", "Hash", tip="Sprites by their names, as Aseprite writes it"),
                Option("array", "Array", tip="Sprites as a list, as Aseprite writes it"),
            ],
            name="export.sprites.json",
            label="JSON beside the sheet",
            stretch=True,
        )
        self._sheet.add_row("Columns", self._columns)
        self._sheet.add_row("Padding", self._padding)
        self._sheet.add_row("Extrusion", self._extrusion)
        self._sheet.add_row("JSON", self._json)
        self._sheet.add(self._power)
        return self._sheet

    def _connect(self) -> None:
        for choice in (self.kind, self._background, self._json):
            choice.changed.connect(self._on_changed)
        for field in (self._scale, self._columns, self._padding, self._extrusion):
            field.changed.connect(self._on_changed)
        self._power.toggled.connect(self._on_changed)
        self._template.textChanged.connect(self._on_changed)

    @property
    def problem(self) -> str:
        """Why the template cannot be filled; "" = it can."""
        try:
            file_names.check_template(self._template.text())
        except ConfigError as error:
            return str(error)
        return ""

    @property
    def config(self) -> SpriteFilesConfig:
        """What is set."""
        return SpriteFilesConfig(
            kind=self.kind.value,
            background=self._background.value,
            scale=self._scale.whole,
            template=self._template.text(),
            columns=self._columns.whole,
            padding=self._padding.whole,
            extrusion=self._extrusion.whole,
            power_of_two=self._power.isChecked(),
            json=self._json.value,
        )

    def show_config(self, config: SpriteFilesConfig) -> None:
        """Set all of it."""
        self._filling = True
        self.kind.set_value(config.kind)
        self._background.set_value(config.background)
        self._json.set_value(config.json)
        for field, value in (
            (self._scale, config.scale),
            (self._columns, config.columns),
            (self._padding, config.padding),
            (self._extrusion, config.extrusion),
        ):
            field.set_value(value)
        self._power.setChecked(config.power_of_two)
        self._template.setText(config.template)
        self._filling = False
        self._grey()

    def _grey(self) -> None:
        on_sheet = self.kind.value == "sheet"
        self._sheet.setEnabled(on_sheet)
        self._sheet.setToolTip("" if on_sheet else "Single files have none of this: choose Sheet")
