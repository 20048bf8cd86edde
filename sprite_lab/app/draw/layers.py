"""Edits of the layers of cells; all can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal, Slot

from sprite_lab.app.draw.session import DrawSession
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.layers import (
    MOST_LAYERS,
    Layer,
    added,
    duplicated,
    layer_name,
    merged,
    moved,
    removed,
)
from sprite_lab.core.pixels.names import name_of
from sprite_lab.words import tr

Layers = tuple[Layer, ...]


class LayerEditor(QObject):
    """Edits the layers of the current cell, and those with the same number in the chosen cells.

    Layers are numbered from 0, the lowest. UI thread.
    """

    changed = Signal()  #: the layers changed, or another one became current

    def __init__(self, session: DrawSession) -> None:
        super().__init__(session)
        self._session, self._project, self._tools = session, session.project, session.tools
        self._project.cells_changed.connect(self.changed)
        self._project.grid_changed.connect(self._on_grid)
        session.choice_changed.connect(self.changed)
        session.tools.layer_changed.connect(self.changed)

    @Slot()
    def _on_grid(self) -> None:
        # If the grid has just shrunk, another cell is about to be chosen.
        if self._session.current < len(self._project.cells):
            self.changed.emit()

    @property
    def layers(self) -> Layers:
        """The layers of the current cell, the lowest first."""
        return self._project.cell(self._session.current).stack

    @property
    def current(self) -> int:
        """The current layer: tools draw on it."""
        return self._tools.layer

    def name(self, n: int) -> str:
        return layer_name(self.layers[n], n)

    def choose(self, n: int) -> None:
        """Draw on another layer."""
        self._tools.set_layer(min(max(n, 0), len(self.layers) - 1))

    def problems(self) -> dict[str, str]:
        """Why each method cannot edit the current layer; "" = it can."""
        return self._problems_of(self.layers, self.current)

    @staticmethod
    def _problems_of(layers: Layers, n: int) -> dict[str, str]:
        pair = layers[max(n - 1, 0) : n + 1]
        full = tr("A cell can have at most {most} layers.", most=MOST_LAYERS)
        alone = tr("A cell has at least one layer: make another one first.")
        locked = tr("This layer is locked: unlock it first.")
        lowest = tr("This is the lowest layer.")
        found = {
            "add": full if len(layers) == MOST_LAYERS else "",
            "duplicate": full if len(layers) == MOST_LAYERS else "",
            "remove": alone if len(layers) == 1 else locked if layers[n].locked else "",
            "raise_layer": tr("This is the highest layer.") if n == len(layers) - 1 else "",
            "lower_layer": "" if n else lowest,
            "merge_down": "" if n else lowest,
            "flatten": alone if len(layers) == 1 else "",
            "let_generate": tr("The model draws on this layer.") if layers[n].generated else "",
        }
        if n and not all(layer.takes_strokes for layer in pair):
            found["merge_down"] = tr("Show and unlock this layer and the one below it first.")
        if len(layers) > 1 and any(layer.locked for layer in layers):
            found["flatten"] = tr("Unlock all layers first.")
        return found

    # -- the layers ----------------------------------------------------------------------

    def add(self) -> None:
        """Add an empty layer above the current one, and draw on it."""
        if self._may("add"):
            n = self.current
            self._edit(tr("New layer"), lambda c: added(c.stack, min(n, len(c.stack) - 1)))
            self.choose(n + 1)

    def duplicate(self) -> None:
        if self._may("duplicate"):
            n = self.current
            self._edit(tr("Duplicate layer"), lambda c: duplicated(c.stack, n), n)
            self.choose(n + 1)

    def remove(self) -> None:
        if self._may("remove"):
            n = self.current
            self._edit(tr("Delete layer"), lambda c: removed(c.stack, n), n, does="remove")
            self.choose(n - 1 if n else 0)

    def merge_down(self) -> None:
        """Merge the current layer into the one below it."""
        if self._may("merge_down"):
            n = self.current
            self._edit(
                tr("Merge layers"), lambda c: merged(c.stack, n, c.limit), n, does="merge_down"
            )
            self.choose(n - 1)

    def flatten(self) -> None:
        """Merge all visible layers, and drop the hidden ones."""
        if self._may("flatten"):
            self._tools.end()
            cells = {i: self._project.cell(i) for i in self._places}
            after = {
                i: replace(cell, layers=())
                for i, cell in cells.items()
                if not self._problems_of(cell.stack, 0)["flatten"]
            }
            self._project.put(after, tr("Flatten layers"))

    def raise_layer(self) -> None:
        if self._may("raise_layer"):
            self.move(self.current, self.current + 1)

    def lower_layer(self) -> None:
        if self._may("lower_layer"):
            self.move(self.current, self.current - 1)

    def move(self, n: int, to: int) -> None:
        """Move a layer to another place."""
        if n != to:
            self._edit(tr("Move layer"), lambda c: moved(c.stack, n, to), max(n, to))
            self.choose(to)

    # -- one layer -----------------------------------------------------------------------

    def rename(self, n: int, name: str) -> None:
        """Name a layer; "" = by its number."""
        known = name_of(name)
        if known != self.name(n):
            self._set(tr("Rename layer"), n, name=known)

    def show(self, n: int, *, visible: bool) -> None:
        self._set(tr("Show layer") if visible else tr("Hide layer"), n, visible=visible)

    def lock(self, n: int, *, locked: bool) -> None:
        self._set(tr("Lock layer") if locked else tr("Unlock layer"), n, locked=locked)

    def set_opacity(self, n: int, opacity: int) -> None:
        """Set the opacity, 0..255; consecutive changes are one step."""
        key = ("opacity", n, self._session.current)
        self._set(tr("Layer opacity"), n, merge=key, opacity=opacity)

    def let_generate(self, n: int) -> None:
        """Let the model draw on a layer, and on no other."""
        self._edit(
            tr("Choose the model's layer"),
            lambda c: tuple(
                replace(layer, generated=place == n) for place, layer in enumerate(c.stack)
            ),
            n,
        )

    # -- cells ---------------------------------------------------------------------------

    @property
    def _places(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys((self._session.current, *self._session.chosen)))

    def _may(self, name: str) -> bool:
        """Whether a method can be applied; if not, tell the user why."""
        why = self.problems()[name]
        if why:
            self._session.context.notice.emit(why)
        return not why

    def _set(self, text: str, n: int, merge: object = None, **fields: object) -> None:
        def change(cell: Cell) -> Layers:
            layers = cell.stack
            changed = replace(layers[n], **fields)  # type: ignore[arg-type]
            return (*layers[:n], changed, *layers[n + 1 :])

        self._edit(text, change, n, merge)

    def _edit(
        self,
        text: str,
        change: Callable[[Cell], Layers],
        least: int = 0,
        merge: object = None,
        does: str = "",
    ) -> None:
        """Change the layers of the current and the chosen cells.

        Cells without a layer ``least`` stay as they are, and so do those with a problem with the
        method ``does`` (see :meth:`problems`; "" = ignore problems).
        """
        self._tools.end()
        after: dict[int, Cell] = {}
        for i in self._places:
            cell = self._project.cell(i)
            if least >= len(cell.stack):
                continue
            if does and self._problems_of(cell.stack, least)[does]:
                continue
            layers = change(cell)
            if len(layers) <= MOST_LAYERS:
                after[i] = cell.stacked(layers)
        self._project.put(after, text, merge)
