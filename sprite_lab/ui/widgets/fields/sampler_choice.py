"""Fields on how sprites are drawn: sampling method, number of steps, number of colors."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QCheckBox, QComboBox

from sprite_lab.app.engine_types import Model
from sprite_lab.core.config import DEFAULT_SAMPLER, SAMPLERS, SampleConfig, SamplerName, SpacingName
from sprite_lab.core.config.base import Setting
from sprite_lab.ui.forms import C, Form
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.widgets.fields.calm import allow, calm, fill, named
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import FoldGroup
from sprite_lab.ui.widgets.fields.number_field import NumberField
from sprite_lab.words import tr


class SamplerChoice(ElidedComboBox):
    """A choice of the methods that a model can be sampled with, the default first.

    ``offered``: limits the choice to these methods.
    """

    def __init__(self, offered: Collection[SamplerName] = SAMPLERS) -> None:
        super().__init__()
        self._offered = offered
        self.setToolTip(tooltip(tr("Sampler: the rule that removes the noise step by step.")))
        self.set_model(None)

    @property
    def sampler(self) -> SamplerName:
        name: SamplerName = self.currentData()
        return name

    def set_sampler(self, name: SamplerName | None) -> None:
        """Choose a method; None or an unavailable one = the model's default."""
        self.setCurrentIndex(max(0, self.findData(name)))

    def set_model(self, model: Model | None) -> None:
        """Offer a model's methods: for a student, "student" first, which is then chosen. For other
        models, "student" is left out, and the choice is kept if possible.
        """
        student = model is not None and model.is_student
        usual: SamplerName = "student" if student else DEFAULT_SAMPLER
        names = [name for name in self._offered if student or name != "student"]
        names.sort(key=lambda name: name != usual)
        offered = [self.itemData(i) for i in range(self.count())]
        if names == offered:
            return
        chosen = self.currentData()
        labels = {name: tr(SAMPLERS[name].label) for name in names}
        # A student is used for its few steps, so its own sampler is chosen along with the model,
        # and given up with it.
        fill(
            self,
            ((labels[n], n, f"{labels[n]}: {tr(SAMPLERS[n].tip)}.") for n in names),
            keep=not student,
        )
        if chosen not in (None, self.currentData()):
            self.currentIndexChanged.emit(self.currentIndex())

    def bind_to(self, form: Form[C]) -> SamplerChoice:
        """Use it as the field for the sampler in a form."""
        changed = self.currentIndexChanged
        return form.bind("sampler", self, lambda: self.sampler, self.set_sampler, changed)


class SamplerFields(QObject):
    """A method ``<name>.sampler``, and a number of steps ``<name>.steps``, which is set to the
    method's default whenever the method changes.

    ``tip``: tooltip of the steps. ``live``: if above 0, offer only methods that are fast enough to
    follow every change, and at most this many steps.
    """

    def __init__(self, name: str, tip: str, *, label: str = "", live: int = 0) -> None:
        super().__init__()
        self._timesteps, self._live = 500, live
        self._why = ""  # why the fields are disabled; "" = they are not
        self._spacing: QComboBox | None = None
        self._explain: Callable[[], None] = lambda: None
        offered = [name for name, known in SAMPLERS.items() if known.live_steps or not live]
        self.choice = calm(SamplerChoice(offered), f"{name}.sampler", label or tr("Sampler"))
        known = Setting(tr("Steps"), tip=tip, low=1, high=live or self._timesteps)
        self._steps = NumberField(known, self._usual, name=f"{name}.steps")
        self.choice.currentIndexChanged.connect(self._on_sampler)

    def bind_to(self, form: Form[C], group: FoldGroup, *, spacing: bool = False) -> None:
        """Add the fields to a group, bound to a form; ``spacing``: also the step spacing."""
        steps, self._explain = self._steps, form.refresh

        def show_steps(count: int | None) -> None:
            steps.set_value(count or self._usual)

        group.add_row(tr("Sampler"), self.choice.bind_to(form))
        group.add_row(tr("Steps"), steps)
        form.bind("steps", steps, lambda: steps.whole, show_steps, steps.changed)
        if spacing:
            group.add_row(form.label("spacing"), form.add("spacing"))
            form.gray("spacing", lambda _: self._not_spaced)
            self._spacing = form.widget("spacing", QComboBox)

    @property
    def _not_spaced(self) -> str:
        """Why the step spacing cannot be changed; "" = it can."""
        if self.sampler == "student":
            return tr("A student knows only the levels that it was taught.")
        return self._why

    @property
    def _usual(self) -> int:
        """Default number of steps of the chosen method."""
        known = SAMPLERS[self.sampler]
        return known.live_steps if self._live else known.usual_steps(self._timesteps)

    @property
    def sampler(self) -> SamplerName:
        return self.choice.sampler

    @property
    def steps(self) -> int:
        return self._steps.whole

    @property
    def spacing(self) -> SpacingName:
        """The step spacing; the usual one for a student, or if there is no field for it."""
        if self._spacing is None or self.sampler == "student":
            return SampleConfig.spacing
        asked: SpacingName = self._spacing.currentData()
        return asked

    def set_model(self, model: Model | None) -> None:
        """Offer a model's methods, and as many steps as its levels allow; None = no model."""
        self._timesteps = 500 if model is None else model.timesteps
        self.choice.set_model(model)
        if model is not None:
            self._set_range()
        self.allow("" if model is not None else tr("There is no model yet."))

    def allow(self, why: str) -> None:
        """Disable the fields for a reason; "" = enable them."""
        self._why = why
        allow(self.choice, why)
        self._steps.explain(why)
        self._explain()

    def _set_range(self) -> None:
        most = SAMPLERS[self.sampler].most_steps(self._timesteps)
        self._steps.set_range(1, min(most, self._live or most))

    def _on_sampler(self) -> None:
        self._set_range()
        self._steps.set_value(self._usual)


class CleanColors(QCheckBox):
    """Whether sprites are drawn in few flat colors; ``off``: what they look like otherwise."""

    def __init__(self, name: str, off: str = "") -> None:
        super().__init__(tr("Clean colors"))
        self._count = SampleConfig.colors
        off = off or tr("with slightly different shades all over")
        few = tr("Draw every sprite in a few flat colors, like pixel art.")
        named(self, name, tip=tr("{few}\nOff: as the model predicts it, {off}.", few=few, off=off))
        self.setChecked(True)

    @property
    def colors(self) -> int:
        """Maximum number of colors in a sprite, as in a SampleConfig; 0 = any."""
        return self._count if self.isChecked() else 0

    def bind_to(self, form: Form[C]) -> CleanColors:
        """Use it as the field for the colors in a form."""
        return form.bind("colors", self, lambda: self.colors, self.set_colors, self.toggled)

    def set_colors(self, colors: int) -> None:
        self.setChecked(colors > 0)
        self._count = colors or SampleConfig.colors
