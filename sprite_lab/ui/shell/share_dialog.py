"""The dialog to share a model: its name, and what to include."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QFormLayout, QLineEdit, QWidget

from sprite_lab.core.config import ShareConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import fit_to_words, hbox, vbox
from sprite_lab.ui.shell.dialogs import in_order
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow
from sprite_lab.words import tr

_SENT = tr(
    "This is sent to the Hugging Face Hub: the weights, the model card with settings, data, "
    "credits and figures, a sheet of samples, and a page that draws with the model. Nothing is "
    "sent until you press Share."
)


class ShareDialog(QDialog):
    """Asks for a name; the value of :attr:`form` is the result once accepted."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("share")
        self.setWindowTitle(tr("Share {title}", title=title))
        self.form = form = Form(ShareConfig(), self, name="share")
        rows = QFormLayout()
        rows.setHorizontalSpacing(16)
        rows.setVerticalSpacing(8)
        rows.addRow(form.label("name"), form.add("name"))
        rows.addRow("", form.add("private"))
        rows.addRow(form.label("token"), form.add("token"))
        form.widget("token", QLineEdit).setEchoMode(QLineEdit.EchoMode.Password)
        name = form.widget("name", QLineEdit)
        name.clear()
        name.setPlaceholderText("owner/name")
        name.setMinimumWidth(320)
        sent = Label(_SENT, wrap=True)
        cancel = push_button("share.cancel", tr("Cancel"), tip=tr("Send nothing (Esc)"))
        self._go = push_button("share.go", tr("Share"), "export", tr("Send it now"), primary=True)
        vbox(sent, rows, ..., hbox(..., *in_order(self._go, cancel)), on=self, spacing=16,
             margins=(16, 16, 16, 12))  # fmt: skip
        cancel.clicked.connect(self.reject)
        self._go.clicked.connect(self.accept)
        form.changed.connect(self._show)
        self._show()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        fit_to_words(self, 0)  # otherwise rows would touch one another beside large text

    def _show(self) -> None:
        why = ""
        try:
            self.form.value  # noqa: B018
        except ConfigError as error:
            why = str(error)
        allow(self._go, why, tr("Send it now"))
