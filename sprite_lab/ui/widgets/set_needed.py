"""What a view says that needs the training set of the model, while that is not open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sprite_lab.app.training_set import MissingSet
from sprite_lab.ui.dialogs import DATA_FILES, ask_open
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.inspector import EmptyState

if TYPE_CHECKING:
    from sprite_lab.app.lab import Lab


class SetNeeded(EmptyState):
    """Names the missing set and opens it: the built-in one at once, others by a dialog.

    Parameters
    ----------
    what : what the view would show, as in "see <what>".
    """

    def __init__(self, lab: Lab, theme: ThemeManager, what: str, *, name: str) -> None:
        super().__init__(theme, "data", "", "", "", name=name, action_icon="open")
        self._lab, self._what = lab, what
        self._missing = MissingSet("")
        self.activated.connect(self._open)

    def ask_for(self, missing: MissingSet) -> None:
        """Say which set is needed."""
        self._missing = missing
        if not missing.title:
            self.set_content(
                "No sprites are open", f"Open a data set to see {self._what}.", "Open a data set…"
            )
            return
        self.set_content(
            f"“{missing.title}” is not open",
            f"The model was trained on it. Open it to see {self._what}.",
            f"Open “{missing.title}”" + ("" if missing.builtin else "…"),
        )

    def _open(self) -> None:
        if self._missing.builtin:
            self._lab.open_data(None)
            return
        path = ask_open(self.window(), self._lab.settings, "Open data set", DATA_FILES)
        if path is not None:
            self._lab.open_data(path)
