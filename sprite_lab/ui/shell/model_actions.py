"""Exporting models and writing lab reports, from the File menu and the library."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from sprite_lab import extras
from sprite_lab.app import model_tasks
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import run_title, set_title
from sprite_lab.core.config import EvalConfig
from sprite_lab.core.sets.sprites import BUILTIN_TITLE
from sprite_lab.ui.shell.dialogs import ACCEPT, CANCEL, ask_save, question
from sprite_lab.ui.text import held, words_of
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.words import tr

#: Model files by action: title, suffix and description.
_KINDS = {
    "file.export_model": (tr("Export model"), ".safetensors", tr("Weights with their card")),
    "file.export_onnx": (
        tr("Export model as ONNX"),
        ".onnx",
        tr("ONNX with a script that samples"),
    ),
}

_EXTRAS = {"file.export_onnx": "onnx", "file.share": "hub"}

NO_MODEL = tr("There is no model yet: train one or open one")
NO_CHECKPOINT = tr("This run has no checkpoint yet")


class ModelActions(QObject):
    """Actions on the open model in the File menu, and on the selected one in the library."""

    def __init__(self, lab: Lab, window: QWidget, actions: dict[str, QAction]) -> None:
        super().__init__(window)
        self._lab, self._window = lab, window
        self._actions = {name: actions[name] for name in (*_KINDS, "file.share", "file.report")}
        self._tips = {name: held(action.toolTip()) for name, action in self._actions.items()}
        for name, action in self._actions.items():
            action.triggered.connect(lambda _=False, name=name: self._do(name, lab.model_ref))
        lab.model.changed.connect(self._refresh)
        self._refresh()

    def fill_menu(self, menu: QMenu, kind: str, ref: str) -> None:
        """Add the actions for a model of the library, if ``kind`` is "shipped" or "run"."""
        if kind not in ("shipped", "run"):
            return
        steps = {str(run.path): run.step for run in self._lab.runs.value}
        empty = kind == "run" and steps.get(ref) is None
        menu.addSeparator()
        menu.setToolTipsVisible(True)
        for name, action in self._actions.items():
            added = named(menu.addAction(action.text()), f"library.{name.partition('.')[2]}")
            self._show(added, name, NO_CHECKPOINT if empty else "")
            added.triggered.connect(lambda _=False, name=name: self._do(name, ref))

    def _refresh(self, *_: object) -> None:
        missing = tr("The model is still loading") if self._lab.model_loading.value else NO_MODEL
        if self._lab.model.value is not None:
            missing = ""
        for name, action in self._actions.items():
            self._show(action, name, missing)

    def _show(self, action: QAction, name: str, missing: str) -> None:
        """Disable an action if something is missing, and explain it in the tooltip."""
        if not missing and name in _EXTRAS:
            missing = extras.missing(_EXTRAS[name])
        allow(action, missing, self._tips[name])
        action.setStatusTip(words_of(action.toolTip()))

    def _do(self, name: str, ref: str | Path | None) -> None:
        if ref is not None:
            own = {"file.report": self._report, "file.share": self._share}
            own.get(name, partial(self._export, name))(ref)

    # -- models ----------------------------------------------------------------------------

    def _export(self, name: str, ref: str | Path) -> None:
        title, suffix, words = _KINDS[name]
        lab, name = self._lab, f"{_file_name(ref)}{suffix}"
        kinds = f"{words} (*{suffix})"
        path = ask_save(self._window, lab.settings, title, name, kinds, export=True)
        if path is not None:
            lab.exports.write(model_tasks.export_model(ref, path), path)

    def _share(self, ref: str | Path) -> None:
        lab = self._lab

        def tell(address: str) -> None:
            if address:
                lab.notice.emit(tr("Shared: {address}", address=address))

        from sprite_lab.ui.shell.share_dialog import ShareDialog  # noqa: PLC0415 (when wanted)

        dialog = ShareDialog(f"“{self._shown(ref)}”", self._window)
        if dialog.exec():
            task = model_tasks.share_model(ref, dialog.form.value)
            name = tr("Sharing {shown}", shown=self._shown(ref))
            lab.exports.follow(lab.do(task, self, name=name, then=tell))
        dialog.deleteLater()

    # -- reports ---------------------------------------------------------------------------

    def _report(self, ref: str | Path) -> None:
        answer = question(
            self._window,
            tr("Write a lab report on “{shown}”?", shown=self._shown(ref)),
            tr(
                "One page with settings, data and credits, curves, samples, likelihood and "
                "copies.\n\n"
                "Quick measures a few sprites and takes a minute or two; Thorough takes ten times "
                "as long. You can keep working meanwhile."
            )
            + self._missing(ref),
            [
                ("quick", tr("Quick"), ACCEPT),
                ("thorough", tr("Thorough"), ACCEPT),
                ("cancel", tr("Cancel"), CANCEL),
            ],
            name="report",
        )
        if answer == "cancel":
            return
        lab, name = self._lab, f"{_file_name(ref)}-report.html"
        kinds = tr("Web page (*.html)")
        path = ask_save(self._window, lab.settings, tr("Lab report"), name, kinds, export=True)
        if path is None:
            return
        config = EvalConfig.quick() if answer == "quick" else EvalConfig()
        data = str(lab.data_path) if lab.data_path else "builtin"
        lab.exports.write(model_tasks.lab_report(ref, lab.data.value, data, config, path), path)

    def _shown(self, ref: str | Path) -> str:
        """The title of a model."""
        titles = {model.name: model.title for model in self._lab.shipped.value}
        return titles.get(str(ref)) or run_title(_file_name(ref))

    def _data_title(self, ref: str | Path) -> str:
        """The title of a model's training set; "" = not known without reading the model."""
        if str(ref) == str(self._lab.model_ref) and self._lab.model.value is not None:
            return str(self._lab.model.value.data_title)
        titles = {str(run.path): run.data_title for run in self._lab.runs.value}
        titles |= {model.name: model.data_title for model in self._lab.shipped.value}
        return titles.get(str(ref), "")

    def _missing(self, ref: str | Path) -> str:
        """A note if the training set of the model seems not to be open, otherwise ""."""
        title, sprites = self._data_title(ref), self._lab.data.value
        is_builtin = title == BUILTIN_TITLE  # the built-in set always exists
        if is_builtin or (sprites is not None and sprites.title == title):
            return ""
        wanted = set_title(title) or tr("the set it was trained on")
        return tr(
            "\n\nLikelihood and copies are only included if {wanted} is the open data set.",
            wanted=wanted,
        )


def _file_name(ref: str | Path) -> str:
    return Path(str(ref).removesuffix(".safetensors")).name
