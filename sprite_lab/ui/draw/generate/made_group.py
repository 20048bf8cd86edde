"""Shows how a cell was made: its whole configuration."""

from __future__ import annotations

from PySide6.QtCore import Qt

from sprite_lab.app.draw.config_words import explained
from sprite_lab.app.draw.generate.in_see import show_making
from sprite_lab.app.draw.noise_levels import NoiseLevels
from sprite_lab.app.draw.recipes import Recipes
from sprite_lab.app.draw.session import DrawSession
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import run_title
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config.animation import ANIMATION_SUFFIXES
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.ui.draw.files import patterns
from sprite_lab.ui.layouts import hbox
from sprite_lab.ui.shell.dialogs import ask_open
from sprite_lab.ui.text import Html, html, joined, tooltip
from sprite_lab.ui.theme import current_theme, theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton, Option, Segmented, push_button
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.words import tr, trn

_SHOW_TIP = tr("Show every step from noise to this sprite in See")
_COPY_TIP = tr("Copy these settings as JSON")
_PASTE_TIP = tr(
    "Paste settings from JSON or a copied Sprite Lab picture into the selected cells.\nTheir "
    "seeds are locked, so that Generate repeats the result; blank cells also get the drawing."
)
_PICTURES = tr("Pictures made by Sprite Lab ({patterns})", patterns=patterns(ANIMATION_SUFFIXES))
#: For palettes with more colors than this, only their number is shown.
_MOST_SWATCHES = 64
#: Colors per line.
_SWATCHES = 16


class MadeGroup(FoldGroup):
    """Shows the settings that made a cell, or that Generate would use now."""

    def __init__(self, lab: Lab, session: DrawSession, recipes: Recipes) -> None:
        super().__init__(tr("How it was made"), name="draw.group.made")
        self._lab, self._session, self._recipes = lab, session, recipes
        self._which = Segmented(
            "draw.made.which",
            tr("Which settings"),
            Option("made", tr("As made"), tip=tr("Settings that made the sprite in this cell")),
            Option(
                "asked", tr("Current"), tip=tr("Settings that Generate would use for this cell")
            ),
            stretch=True,
        )
        self._words = dim_label(name="draw.made_by")
        self._words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._copy = push_button("draw.made.copy", tr("Copy"), "copy", _COPY_TIP, do=self._on_copy)
        self._paste = push_button("draw.made.paste", tr("Paste"), "paste", _PASTE_TIP)
        self._picture = IconButton(
            "draw.made.open", "open", tr("Settings of a picture made by Sprite Lab…")
        )
        self._show = push_button("draw.show_made", tr("Show how it was made"), "see", _SHOW_TIP)
        row = hbox((self._copy, 1), (self._paste, 1), self._picture)
        self.add(self._which, self._words, row, self._show)
        self._which.changed.connect(self.refresh)
        self._paste.clicked.connect(recipes.paste)
        self._picture.clicked.connect(self._ask_open)
        self._show.clicked.connect(lambda: show_making(lab, self, session.chosen))
        theme_manager().changed.connect(self.refresh)
        self.refresh()

    @property
    def config(self) -> SampleConfig | None:
        cell = self._session.project.cell(self._session.first)
        return cell.made_by if self._which.value == "made" else self._session.config_of(cell)

    def refresh(self, *_: object) -> None:
        """Show how the first chosen cell was made, or what Generate would use now."""
        session = self._session
        if session.first >= len(session.project.cells):
            return  # the grid is shrinking
        cell, config = session.project.cell(session.first), self.config
        if config is not None:
            axis = NoiseLevels(self._lab.model.value)
            self._words.setText(
                _table(config, self._model_of(cell), axis, current_theme().text_dim)
            )
        elif self._which.value == "asked":
            self._words.setText(session.problem or tr("There is no model yet."))
        else:
            self._words.setText(_origin(cell))
        credited = tr("Exports credit:") if cell.thanks else ""
        self._words.setToolTip(tooltip(*filter(None, (credited, *cell.thanks.splitlines()))))
        self._words.setProperty("dim", config is None)
        self._words.style().polish(self._words)
        allow(self._copy, "" if config else tr("There are no settings to copy"), _COPY_TIP)
        why = tr("This cell was not generated.") if cell.made_by is None else session.problem
        allow(self._show, why, _SHOW_TIP)

    def _model_of(self, cell: Cell) -> str:
        """The title of the model that drew a cell, or that Generate would use; "" = unknown."""
        if self._which.value == "made":
            return cell.drawn_by.model if cell.drawn_by is not None else ""
        model = self._lab.model.value
        return "" if model is None else model.title

    def _on_copy(self) -> None:
        if self.config is not None:
            self._recipes.copy(self.config)

    def _ask_open(self) -> None:
        path = ask_open(self.window(), self._lab.settings, tr("Settings of a picture"), _PICTURES)
        if path is not None:
            self._recipes.read(path)


def _origin(cell: Cell) -> str:
    """Describes the origin of a cell that no settings reproduce."""
    by = cell.drawn_by
    if cell.is_blank:
        return tr("This cell is empty.")
    if by is None and cell.thanks:
        return tr("Taken from the work of others, whom its exports credit.")
    if by is None:
        return tr("Drawn by hand, or imported.")
    name = run_title(by.model) if by.model else tr("a model")
    said = tr("Drawn by {model}, but changed since.", model=name)
    if cell.is_as_drawn and cell.on(cell.generated_layer).pixels == cell.pixels:
        said = tr("Drawn by {model}. Settings alone cannot reproduce it.", model=name)
    if not (works := len(cell.thanks.splitlines())):
        return said
    credited = trn("Its exports credit {n} work.", "Its exports credit {n} works.", works)
    return f"{said} {credited}"


def _table(config: SampleConfig, model: str, axis: NoiseLevels, dim: str) -> Html:
    """The settings as a table, below the title of the model, unless that is "".

    ``dim``: color of the names, as #rrggbb.
    """
    by = [(tr("Model"), run_title(model))] if model else []
    rows = [
        html(
            "<tr><td style='color:{}; padding-right:12px'>{}</td><td>{}{}</td></tr>",
            dim,
            name,
            value,
            _swatches(config) if name == tr("Palette") else "",
        )
        for name, value in (*by, *explained(config, axis))
    ]
    return html("<table cellspacing='0' cellpadding='1'>{}</table>", joined("", rows))


def _swatches(config: SampleConfig) -> Html:
    palette = config.palette_rgb()
    if palette is None or len(palette) > _MOST_SWATCHES:
        return html("")
    colors = ["#{:02x}{:02x}{:02x}".format(*(int(v) for v in rgb)) for rgb in palette]
    spans = [html("<span style='color:{}'>■</span>", color) for color in colors]
    lines = [spans[i : i + _SWATCHES] for i in range(0, len(spans), _SWATCHES)]
    return joined("", [html("<br>{}", joined("", line)) for line in lines])
