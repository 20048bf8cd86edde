"""The group that starts a generation: shared settings and progress."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QApplication, QCheckBox, QWidget

from sprite_lab.app.draw.generate.generation import CellGeneration
from sprite_lab.app.draw.generate.in_see import keeps_some, show_inpainting
from sprite_lab.app.engine_types import Model
from sprite_lab.core.config import DrawSettings
from sprite_lab.core.drawing.selection import Region
from sprite_lab.ui.forms import Form
from sprite_lab.ui.layouts import as_widget, hbox
from sprite_lab.ui.widgets.fields.busy_row import BusyRow
from sprite_lab.ui.widgets.fields.buttons import (
    IconButton,
    Option,
    Segmented,
    push_button,
    set_primary,
)
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.fields.sampler_choice import CleanColors, SamplerFields
from sprite_lab.ui.widgets.fields.words_field import DealtWords
from sprite_lab.words import tr

_TIP = tr(
    "Draw the cells with their own settings: their class, their drawing if they start from it, "
    "around the pixels they keep (Ctrl+Enter)."
)

_INPAINT_TIP = tr("See how it is completed: how the kept pixels lead the others, step by step")


class GenerateGroup(FoldGroup):
    """Settings shared by all cells of a generation (in ``form``), and its progress."""

    wanted = Signal()  #: Generate was pressed

    def __init__(self, generation: CellGeneration) -> None:
        super().__init__(tr("Generate"), name="draw.group.generate")
        self._session, self._generation = generation.session, generation
        self._pressed: QWidget | None = None
        self._apply = Segmented(
            "draw.apply",
            tr("Cells to generate"),
            Option(
                "chosen", tr("Selected cells"), tip=tr("Ctrl or Shift and click selects several")
            ),
            Option("all", tr("All cells")),
            stretch=True,
        )
        self.form = Form(DrawSettings(), self, name="draw")
        self._how = SamplerFields(
            "draw", tr("Noise levels visited on the way to a clean sprite. More is slower.")
        )
        self._deal = DealtWords(
            tr("Cells with words, or with a drawing to start from, get none."),
            name="draw.deal_prompts",
        )
        self._inside = named(QCheckBox(tr("Only inside the selection")), "draw.only_selection")
        self._inside.setChecked(True)
        self._reason = dim_label(name="draw.reason")
        self._generate = push_button(
            "draw.generate", tr("Generate"), "generate", _TIP, primary=True, do=self.wanted
        )
        self._generate.setAccessibleName(tr("Generate cells"))
        self._inpaint = IconButton("draw.inpaint", "see", _INPAINT_TIP)
        self._start = as_widget(hbox((self._generate, 1), self._inpaint, spacing=4))
        stop = IconButton(
            "draw.stop", "stop", tr("Stop now and keep the result so far"), do=generation.stop
        )
        leave = tr("Cancel and leave the cells unchanged (Esc)")
        self._busy = BusyRow(name="draw", doing=tr("Generating"), tip=leave, stop=stop)
        self.add(self._apply)
        self._how.bind_to(self.form, self)
        clean = CleanColors("draw.clean_colors").bind_to(self.form)
        self.add(self._deal.bind_to(self.form), clean, self._inside)
        self.form.fill(self)
        self.add(self._start, self._reason, self._busy)
        self._apply.changed.connect(self.refresh)
        for changed in (self.form.changed, self._inside.toggled):
            changed.connect(self._tell)
        self._inpaint.clicked.connect(lambda: show_inpainting(self._session))
        self._busy.canceled.connect(generation.cancel)
        generation.running_changed.connect(self._on_running)
        generation.progressed.connect(self._busy.show_progress)
        self._session.tools.selection_changed.connect(self._on_selection)
        self._session.project.grid_changed.connect(self.refresh)
        self._on_selection(self._session.tools.selection)
        self._on_running(False)
        self._tell()

    # -- settings ---------------------------------------------------------------------------------

    @property
    def all_cells(self) -> bool:
        """Whether to generate all cells, not only the chosen ones."""
        return bool(self._apply.value == "all")

    def _tell(self, *_: object) -> None:
        self._session.set_settings(self.form.value, only_selection=self._inside.isChecked())

    # -- display ----------------------------------------------------------------------------------

    def set_primary(self, on: bool) -> None:
        """Set whether Generate is the main button; False beside a page that has its own."""
        set_primary(self._generate, on)

    def _on_selection(self, selection: Region | None) -> None:
        there = selection is not None
        none = tr("Nothing is selected: use the marquee (M) or the wand (W) on the canvas")
        tip = tr("Keep everything outside the canvas selection, in every generated cell")
        allow(self._inside, "" if there else none, tip)
        self.refresh()

    def set_model(self, model: Model | None) -> None:
        """Offer the noise levels of a model; None = no model."""
        self._how.set_model(model)
        self._deal.setVisible(model is not None and bool(model.prompts))
        self._tell()
        self.refresh()

    def _on_running(self, running: bool) -> None:
        """Show progress in place of the buttons, or the buttons again, and move the focus along."""
        if running:
            self._pressed = QApplication.focusWidget()
            self._busy.set_running(True)
            self._busy.take_focus_of(self._generate)
        self._start.setVisible(not running)
        if not running:
            if self._busy.has_focus and self._pressed is not None:
                self._pressed.setFocus()
            self._busy.set_running(False)
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Gray out what is not possible, with the reason."""
        problem = self._session.problem
        allow(self._generate, problem, _TIP)
        none = tr("Mark pixels to keep first, but not all, with the mask brush (K).")
        allow(self._inpaint, problem or ("" if keeps_some(self._session) else none), _INPAINT_TIP)
        self._reason.setText(problem)
        self._reason.setVisible(bool(problem) and not self._generation.running)
