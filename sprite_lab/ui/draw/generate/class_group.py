"""Settings of the prompt of the chosen cells: classes and their mix, guidance, seed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from sprite_lab.app.draw.editor import CellEditor
from sprite_lab.app.engine_types import Model
from sprite_lab.app.shell.text_format import class_words
from sprite_lab.core.config import Conditions
from sprite_lab.core.config.base import Setting
from sprite_lab.core.config.sample import MOST_WORDS
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.trajectories import class_star
from sprite_lab.ui.draw.generate.cell_groups import CellGroup
from sprite_lab.ui.layouts import as_widget, discard, grid, hbox
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.ui.widgets.fields.calm import calm, fill, show_entry
from sprite_lab.ui.widgets.fields.class_star import ClassStar
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import label_column, label_of
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.fields.words_field import StyleChoice, WordsField
from sprite_lab.words import tr


class ClassSliders(QWidget):
    """A slider for the weight of each class."""

    changed = Signal(str, float)  #: class, and weight 0..1

    def __init__(self, *, name: str) -> None:
        super().__init__()
        self.setObjectName(name)
        self._fields: dict[str, NumberField] = {}
        self._grid = grid(on=self, down=4)
        theme_manager().on_text(self._align)
        self._grid.setColumnStretch(1, 1)

    @Slot()
    def _align(self) -> None:
        self._grid.setColumnMinimumWidth(0, label_column(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._align()

    def set_classes(self, names: Sequence[str]) -> None:
        if tuple(names) == tuple(self._fields):
            return
        while (item := self._grid.takeAt(0)) is not None:
            part = item.widget()
            if part is not None:
                discard(part)
        self._fields = {}
        for row, name in enumerate(names):
            words = class_words(name)
            field = NumberField(
                Setting(
                    words,
                    tip=tr("Share of “{words}” in the mix: 0 = none, 1 = all.", words=words),
                    low=0,
                    high=1,
                    step=0.05,
                    decimals=2,
                ),
                0,
                name=f"{self.objectName()}.{name}",
            )
            field.changed.connect(lambda value, name=name: self.changed.emit(name, value))
            self._grid.addWidget(label_of(words, field), row, 0)
            self._grid.addWidget(field, row, 1)
            self._fields[name] = field

    def show_mixes(self, mixes: Sequence[Mapping[str, float]]) -> None:
        """Show the weights of the first mix, and mark those in which others differ."""
        for name, field in self._fields.items():
            values = [mix.get(name, 0.0) for mix in mixes]
            with QSignalBlocker(field):
                field.set_value(values[0])
                field.set_several(len(set(values)) > 1)


#: Maximum numbers of classes for the star and for sliders; beyond these, the list remains.
_MOST_CORNERS, _MOST_SLIDERS = 10, 32


class ClassGroup(CellGroup):
    """The prompt of the chosen cells: class or mix, words, style, guidance, seed."""

    def __init__(self, editor: CellEditor) -> None:
        super().__init__(tr("Cell"), editor, name="cell")
        self._names: tuple[str, ...] = ()
        tip = tr("Class: what the selected cells should become")
        self._class = calm(ElidedComboBox(), "draw.class", tr("Class"), tip)
        self._mix = IconButton(
            "draw.mix", "mix", tr("Mix classes with a star and a slider for each"), checkable=True
        )
        row = as_widget(hbox((self._class, 1), self._mix, spacing=4))
        row.setFocusProxy(self._class)
        self._star = ClassStar(name="draw.star")
        self._sliders = ClassSliders(name="draw.weight")
        self.words = WordsField(name="draw.words", leaves=True)
        self._style = StyleChoice(name="draw.style")
        self._seed = SeedField(name="draw.seed")
        self.add_row(tr("Class"), row)
        self.add(self._star, self._sliders)
        self.add_row(tr("Words"), self.words)
        self.add_row(tr("Style"), self._style)
        self.add_settings()
        self.add_row(tr("Seed"), self._seed)
        self._class.activated.connect(lambda _: editor.set_class(self._class.currentData()))
        self._mix.toggled.connect(self._show_mixing)
        self._star.changed.connect(self._on_star)
        self._sliders.changed.connect(self._on_weight)
        self.words.added.connect(
            lambda new: editor.ask(tr("Add words"), None, lambda asked: _with_words(asked, new))
        )
        self.words.removed.connect(
            lambda word: editor.ask(
                tr("Remove word"), None, lambda asked: _without_word(asked, word)
            )
        )
        self._style.chosen.connect(
            lambda style: editor.ask(tr("Set style"), None, {"style": style})
        )
        self._seed.changed.connect(editor.set_seed)
        self._seed.lock_changed.connect(
            lambda locked: editor.ask(
                tr("Lock seed") if locked else tr("Unlock seed"), None, {"seed_locked": locked}
            )
        )
        self._show_mixing()

    @property
    def _has_star(self) -> bool:
        return class_star.LEAST <= len(self._names) <= _MOST_CORNERS

    # -- display ----------------------------------------------------------------------------------

    def set_model(self, model: Model | None, names: Sequence[str]) -> None:
        self.words.set_model(model)
        self._style.set_model(model)
        self._names = tuple(names)
        classes = [(class_words(name), name) for name in names]
        fill(self._class, [(tr("Any class"), None), *classes], keep=False)
        if self._has_star:
            self._star.set_classes([class_words(name) for name in names])
        self._sliders.set_classes(names if len(names) <= _MOST_SLIDERS else ())
        self._mix.setEnabled(2 <= len(names) <= _MOST_SLIDERS)
        self._show_mixing()

    def show_cells(self, chosen: Sequence[Cell]) -> None:
        count = len(chosen)
        self.set_title(
            tr("{count} cells", count=count)
            if count > 1
            else tr("Cell {order}", order=self._session.first + 1)
        )
        asked = [cell.conditions for cell in chosen]
        mixes = [dict(a.class_mix) for a in asked]
        several = any(mix != mixes[0] for mix in mixes)
        instead = tr("several") if several else tr("a mix") if _is_mix(asked[0]) else ""
        name = asked[0].class_name
        show_entry(self._class, name, class_words(name), instead)
        # Show a mix right away, since the list cannot express it.
        if any(_is_mix(a) for a in asked) and self._mix.isEnabled():
            self._mix.setChecked(True)
        if self._has_star:
            self._star.set_weights(class_star.weights_of(self._names, mixes[0]), several)
        self._sliders.show_mixes(mixes)
        counts = Counter(word for a in asked for word in a.words)
        some = {
            w: tr("used by {n} of {count} cells", n=n, count=len(asked)) for w, n in counts.items()
        }
        shared = [word for word in asked[0].words if counts[word] == len(asked)]
        self.words.set_words(shared, {w: text for w, text in some.items() if w not in shared})
        self._style.show_style(asked[0].style, several=len({a.style for a in asked}) > 1)
        session = self._session
        seeds = [session.project.cell(i).conditions.seed for i in session.chosen]
        with QSignalBlocker(self._seed):
            # Setting a seed gives the cells consecutive seeds.
            self._seed.show_several(any(seed != seeds[0] + n for n, seed in enumerate(seeds)))
            self._seed.set_seed(seeds[0])
            self._seed.set_locked(all(a.seed_locked for a in asked))

    def _show_mixing(self, *_: object) -> None:
        shown = self._mix.isChecked() and self._mix.isEnabled()
        self._star.setVisible(shown and self._has_star)
        self._sliders.setVisible(shown)

    # -- edits ------------------------------------------------------------------------------------

    def _on_star(self, weights: tuple[float, ...], drag: int) -> None:
        mix = class_star.mix_of(self._names, weights)
        self._editor.ask(tr("Mix classes"), ("star", drag), {"class_mix": mix})

    def _on_weight(self, name: str, weight: float) -> None:
        def change(asked: Conditions) -> Conditions:
            mix = {**dict(asked.class_mix), name: weight}
            # In the model's order; unknown classes are kept.
            names = [*self._names, *(n for n in mix if n not in self._names)]
            weights = class_star.weights_of(names, mix)
            return replace(asked, class_mix=class_star.mix_of(names, weights))

        self._editor.ask(tr("Mix classes"), ("weight", name), change)


def _is_mix(asked: Conditions) -> bool:
    """Whether the conditions ask for several classes, or for one with a weight other than 1."""
    return len(asked.class_mix) > 1 or any(weight != 1 for _, weight in asked.class_mix)


def _with_words(asked: Conditions, new: Sequence[str]) -> Conditions:
    return replace(asked, words=tuple(dict.fromkeys((*asked.words, *new)))[:MOST_WORDS])


def _without_word(asked: Conditions, word: str) -> Conditions:
    return replace(asked, words=tuple(other for other in asked.words if other != word))
