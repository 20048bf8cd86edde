"""Contact sheets: one setting varies, everything else is as in See, from the same noise."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter, QPixmap
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QDialog, QLineEdit, QWidget

from sprite_lab.app import tasks
from sprite_lab.app.lab import Lab
from sprite_lab.app.see import see_tasks
from sprite_lab.app.see.see_tasks import MadeSheet
from sprite_lab.app.shell import desk
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config.base import Setting
from sprite_lab.core.results.contact_sheet import MOST_SPRITES, VARIED, offered, values_of
from sprite_lab.ui.first_sizes import set_first_size
from sprite_lab.ui.layouts import hbox, stack, vbox
from sprite_lab.ui.page import PageJobs, scrolling
from sprite_lab.ui.shell.dialogs import ask_save
from sprite_lab.ui.text import Label
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import allow, calm, fill, named
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import EmptyState, dim_label
from sprite_lab.ui.widgets.fields.number_field import number_box
from sprite_lab.words import tr

#: Number of words offered by default.
_SOME_WORDS = 6


class ContactSheetWindow(QDialog):
    """Makes a contact sheet with the open model; it can be kept with the results, printed and
    exported.

    ``config`` returns the settings that all columns share.
    """

    def __init__(self, lab: Lab, config: Callable[[], SampleConfig], parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("contact")
        self.setWindowTitle(tr("Contact sheet"))
        self._lab, self._config = lab, config
        self._sheet: MadeSheet | None = None
        self._jobs = PageJobs(lab, self, "contact sheet")
        self.setting = calm(ElidedComboBox(), "contact.setting", tr("What is varied"))
        fill(self.setting, [(tr(title), name) for name, title in VARIED.items()])
        self.values = named(QLineEdit(), "contact.values", tr("Values"), tr("Separated by commas"))
        count = Setting(tr("Noises"), tip=tr("Rows of the sheet"), low=1, high=MOST_SPRITES)
        self.count = number_box(count, 4, name="contact.count")
        self.make = push_button("contact.make", tr("Make sheet"), "grid", primary=True)
        self._about = dim_label(name="contact.about")
        self.picture = named(Label(), "contact.picture", tr("Contact sheet"))
        self.picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        tip = tr("Add it to the pictures of your results")
        keep = push_button("contact.keep", tr("Keep"), "camera", tip, do=self._keep)
        print_ = push_button("contact.print", tr("Print…"), do=self._print)
        tip = tr("The file keeps the settings of the first column")
        export = push_button("contact.export", tr("Export PNG…"), "export", tip, do=self._export)
        self._uses = (keep, print_, export)
        noises = dim_label(tr("Noises"), wrap=False)
        question = EmptyState(
            "grid",
            tr("What does a setting change?"),
            tr("One setting changes from column to column."),
            name="contact.empty",
        )
        place = QWidget()
        self._faces = stack(place, question, scrolling(self.picture))
        top = hbox(self.setting, (self.values, 1), noises, self.count, self.make)
        uses = hbox(keep, ..., print_, export)
        vbox(top, self._about, (place, 1), uses, on=self, margins=(16, 12, 16, 12))
        set_first_size(self, 880, 680)
        self.setting.currentIndexChanged.connect(self._offer)
        self.make.clicked.connect(self._make)
        self.values.returnPressed.connect(self._make)
        lab.model.changed.connect(self._offer)
        self._offer()

    # -- making a sheet ---------------------------------------------------------------------------

    def _offer(self, *_: object) -> None:
        """Offer values of the varied setting that suit the open model."""
        model, setting = self._lab.model.value, str(self.setting.currentData())
        self._say()
        if model is None:
            self.values.clear()
            return
        words = model.vocabulary.words[:_SOME_WORDS]
        self.values.setText(
            offered(setting, student=model.is_student, classes=model.class_names, words=words)
        )
        hint = tr("Training steps; empty = a selection") if setting == "checkpoint" else "A, B, …"
        self.values.setPlaceholderText(hint)

    def _say(self, *_: object) -> None:
        if self._lab.model.value is None:
            why = tr("There is no model yet.")
            text = tr("Open a model first: it draws the contact sheet.")
        elif self._drawing:
            why, text = tr("It is being drawn."), tr("Drawing…")
        else:
            why = ""
            text = tr("Other settings come from See ▸ Reverse. Each row starts from one noise.")
        allow(self.make, why)
        self._about.setText(text)
        for button in self._uses:
            allow(button, "" if self._sheet is not None else tr("Make a sheet first."))

    def _make(self) -> None:
        model = self._lab.model.value
        if model is None or self._drawing:
            return
        setting, ref = str(self.setting.currentData()), self._lab.model_ref
        run = None if ref is None else Path(ref)
        config = self._config().having({"count": self.count.value(), "picked": ()})
        values = values_of(self.values.text())
        task = see_tasks.contact_sheet(model, config, setting, values, run)
        self._jobs.do("sheet", task, self._take).ended.connect(self._say)
        self._say()

    @property
    def _drawing(self) -> bool:
        return self._jobs.is_active("sheet")

    def _take(self, sheet: MadeSheet | None) -> None:
        if sheet is not None:
            self._sheet = sheet
            self._faces.setCurrentIndex(1)
            self.picture.setPixmap(QPixmap.fromImage(self._image()))
            self.picture.setAccessibleDescription(sheet.title)

    def _image(self) -> QImage:
        assert self._sheet is not None
        image = QImage()
        image.loadFromData(self._sheet.png, "PNG")
        return image

    # -- using it ---------------------------------------------------------------------------------

    def _keep(self) -> None:
        assert self._sheet is not None

        def notify(count: int) -> None:
            self._lab.notice.emit(tr("Picture {count} was added to your results.", count=count))

        task = desk.take_picture(self._image(), self._sheet.title)
        self._lab.do(task, self, name=tr("Keeping the contact sheet"), then=notify)

    def _export(self) -> None:
        assert self._sheet is not None
        name, kinds = "contact-sheet.png", tr("PNG pictures (*.png)")
        settings = self._lab.settings
        path = ask_save(self, settings, tr("Export contact sheet"), name, kinds, export=True)
        if path is not None:
            self._lab.exports.write(tasks.write_bytes(path, self._sheet.png), path)

    def _print(self) -> None:
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        if dialog.exec():
            paint(self._image(), printer)


def paint(image: QImage, printer: QPrinter) -> None:
    """Paint a sheet on a printed page, as large as possible, with sharp pixels."""
    painter = QPainter(printer)
    page = painter.viewport()
    size = image.size().scaled(page.size(), Qt.AspectRatioMode.KeepAspectRatio)
    painter.setViewport(page.x(), page.y(), size.width(), size.height())
    painter.setWindow(image.rect())
    painter.drawImage(0, 0, image)
    painter.end()
