"""The placeholder of a view that needs the model's training set, while it is not open."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.train.training_set import MissingSet
from sprite_lab.core.sets.sprites import BUILTIN_TITLE
from sprite_lab.ui.shell.dialogs import DATA_FILES, ask_open
from sprite_lab.ui.text import shorten
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.inspector import EmptyState
from sprite_lab.words import tr


class SetNeeded(EmptyState):
    """Names the missing set, and opens it: the built-in one right away, others by a dialog.

    ``what``: what the view would show, as in "see <what>". ``any_set``: whether the view can show
    any set. If it can, or no particular set is missing, ``<name>.builtin`` opens the built-in set.
    Otherwise, it opens the built-in model, if the open model came with the app but its set did not.
    """

    def __init__(self, lab: Lab, what: str, *, name: str, any_set: bool = False) -> None:
        super().__init__("data", name=name)
        self._lab, self._what, self._any_set = lab, what, any_set
        self._missing = MissingSet("")
        self._other = push_button(f"{name}.builtin", "", "star")
        above = self._column.count() - 1  # before the last stretch
        self._column.insertWidget(above, self._other, 0, Qt.AlignmentFlag.AlignCenter)
        self._other.hide()
        self._other.clicked.connect(self._other.clearFocus)  # it may be hidden right away
        self._other.clicked.connect(self._take_builtin)
        lab.shipped.changed.connect(self._show)

    def ask_for(self, missing: MissingSet) -> None:
        self._missing = missing
        self._show()

    def _show(self, *_: object) -> None:
        missing = self._missing
        other = None if self._takes_any else self.builtin_model()
        self._other.setVisible(other is not None or self._takes_any)
        self._other.setText(
            tr("Open “{builtin_title}”", builtin_title=tr(BUILTIN_TITLE))
            if self._takes_any
            else tr("Use the built-in model instead")
        )
        self._other.setAccessibleName(self._other.text())
        if not missing.title:
            title = tr("No sprites are open")
            text = tr("Open a data set to see {what}.", what=self._what)
            action = tr("Open a data set…")
        else:
            name = shorten(missing.shown_title)
            title = tr("“{title}” is not open", title=name)
            text = tr("The model was trained on it. Open it to see {what}.", what=self._what)
            if other:
                text += tr(" It does not come with Sprite Lab, but another model's set does.")
            action = tr("Open “{title}”", title=name)
            action += "" if missing.builtin else "…"
        self.offer(title, text, action, "open", self.open_set)

    @property
    def _takes_any(self) -> bool:
        """Whether the built-in set is suitable, and not already opened by the action."""
        return not self._missing.builtin and (self._any_set or not self._missing.title)

    def builtin_model(self) -> str | None:
        """Name of the model trained on the built-in set, if the missing set does not come with the
        app though the open model does; otherwise None.
        """
        if not is_out_of_reach(self._lab, self._missing):
            return None
        of_builtin = (
            model.name
            for model in self._lab.shipped.value
            if model.teacher is None and model.data_title == BUILTIN_TITLE
        )
        return next(of_builtin, None)

    def _take_builtin(self) -> None:
        if self._takes_any:
            self._lab.open_data(None)
        else:
            self.take_builtin_model()

    def take_builtin_model(self) -> None:
        """Open the model of :meth:`builtin_model`, and its set."""
        name = self.builtin_model()
        if name is not None:
            self._lab.want_data("")
            self._lab.open_model(name)

    def open_set(self) -> None:
        open_missing(self._lab, self._missing, self)


def is_out_of_reach(lab: Lab, missing: MissingSet) -> bool:
    """Whether the open model comes with the app but its set does not."""
    ships = any(model.name == str(lab.model_ref) for model in lab.shipped.value)
    return ships and bool(missing.title) and not missing.builtin


def open_missing(lab: Lab, missing: MissingSet, asked_by: QWidget) -> None:
    """Open a missing set: the built-in one right away, others with a dialog."""
    if missing.builtin:
        lab.want_data("")
        return
    path = ask_open(asked_by.window(), lab.settings, tr("Open data set"), DATA_FILES)
    if path is not None:
        lab.want_data(path)
