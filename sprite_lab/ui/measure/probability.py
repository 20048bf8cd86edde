"""How probable the model finds sprites, by sprite, pixel and noise level."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QComboBox, QWidget

from sprite_lab.app.engine_types import Model
from sprite_lab.app.lab import Lab
from sprite_lab.app.measure import measure_tasks
from sprite_lab.app.shell.text_format import (
    class_words,
    name_or_number,
    odds_text,
    power_text,
    run_title,
    source_words,
    sprite_class,
)
from sprite_lab.app.task import Task
from sprite_lab.core.results.measured import Measured
from sprite_lab.core.results.probability import BOUND_LEVELS, ClassProbabilities
from sprite_lab.ui.flow import BesideOrBelow, Flow, WholeHeight
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.measure.bits_plot import BitsPlot
from sprite_lab.ui.measure.choice import ChoiceGroup
from sprite_lab.ui.measure.page import MeasurePage, levels_words
from sprite_lab.ui.page import heading_row, stage_of
from sprite_lab.ui.parts import Parts, PartSpec
from sprite_lab.ui.text import Html, Label, html, joined, tooltip
from sprite_lab.ui.theme import tabular, theme_manager
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.fields.calm import calm, named, set_lesson_value
from sprite_lab.ui.widgets.fields.class_bars import ClassBars
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox, ElidedLabel, HintLabel
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector, dim_label
from sprite_lab.ui.widgets.fields.reliability import ReliabilityView
from sprite_lab.ui.widgets.plots.color_map import viridis
from sprite_lab.ui.widgets.plots.pixel_map import PixelMap
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from sprite_lab.words import number_text, tr, trn

#: Blocks of t for estimating the class of the chosen sprite.
CLASS_BLOCKS = 11

#: Numbers of repeats; the next one is tried while a standard error is above CLASS_ERROR.
CLASS_ROUNDS, CLASS_ERROR = (6, 24, 96), 0.05

#: Minimum height of the ranking and of the map, in logical pixels; below that, the page scrolls.
_LEAST = 104

#: Size from which on all parts fit at the usual text size, in logical pixels.
LEAST = QSize(600, 560)

#: Size of a sprite pixel in the ranking, in logical pixels at the usual text size.
SCALE = 4

#: Gap between figures, at which the line may be broken.
_GAP = "    "

#: Maximum number of sprites of a first look.
FIRST = 8

#: The reason for a sprite's bits is given if they differ from the set's mean by more than this
#: factor; exact colors are the reason if they make up more than this share of the bits.
_FAR, _COLORS = 1.5, 0.25

#: Kind of the job that finds the class of the chosen sprite.
_CLASS = "measure.class"

#: Description of the map.
_WHAT = tr(
    "Bits of each pixel, on one scale for all sprites. The brightest color is what a pixel of any "
    "color takes, or more"
)


class Ranking(QWidget):
    """The measured sprites, ordered by bits/dim."""

    chosen = Signal(int)  #: index among the measured sprites

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._measured: Measured | None = None
        self._shown: NDArray[np.intp] = np.zeros(0, np.intp)
        tip = tr("Wrong labels and odd drawings show up among the least probable")
        self.order = calm(ElidedComboBox(), "measure.order", tr("Order"), tip)
        #: whether the sprites are listed as maps of their bits
        self.mapped = Segmented(
            "measure.mapped",
            tr("Show as"),
            Option(False, tr("Sprites"), tip=tr("The sprites as they are")),
            Option(
                True, tr("Bits"), tip=tr("The bits of each pixel, on one scale for all sprites")
            ),
        )
        self.order.addItem(tr("Least probable first"), "least")
        self.order.addItem(tr("Most probable first"), "most")
        self.order.addItem(tr("Original order"), "given")
        self.order.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.browser = named(
            SpriteBrowser(caption_lines=2), "measure.ranking", tr("Measured sprites")
        )
        self.browser.setMinimumHeight(_LEAST)
        theme_manager().on_text(self._fit)
        order = as_widget(hbox(self.order, HelpButton(lab, "least-probable")))
        bar = Flow(None, order, self.mapped)
        vbox(bar, (self.browser, 1), on=self, spacing=4)
        self.order.currentIndexChanged.connect(self._show)
        self.mapped.changed.connect(self._list)
        self.browser.current_changed.connect(self._on_current)

    def _fit(self) -> None:
        """Let sprites grow with the text, so that names of classes fit below them."""
        self.browser.set_scale(round(SCALE * theme_manager().text_scale))

    def show_measured(self, measured: Measured) -> None:
        """List these sprites, and choose the first in order."""
        self._measured = measured
        self._show()

    def index_of(self, place: int) -> int:
        """Index of the measured sprite at a place in the browser."""
        return int(self._shown[place])

    def _show(self, *_: object) -> None:
        measured = self._measured
        if measured is None:
            return
        self._shown = measured.order(self.order.currentData())
        self._list()

    def _list(self, *_: object) -> None:
        measured = self._measured
        if measured is None:
            return
        rgba = measured.sprites.rgba_of(self._shown)
        if self.mapped.value:
            rgba = viridis(measured.bound.pixels[self._shown] / color_top(measured))
        self.browser.keep_whole(list(map(class_words, measured.sprites.class_names)))
        self.browser.set_sprites(
            rgba,
            lambda place: _facts(measured, self.index_of(place)),
            [_caption(measured, index) for index in self._shown.tolist()],
        )

    def _on_current(self, place: int) -> None:
        if place >= 0:
            self.chosen.emit(self.index_of(place))


def color_top(measured: Measured) -> float:
    """Bits of the brightest color in all maps: those of a pixel about which nothing is known."""
    height, width = measured.bound.pixels.shape[1:]
    return measured.bound.uniform_bits / (height * width)


def _row(*cells: str) -> Html:
    """A row of a table: its first cell is left-aligned, the others are numbers."""
    numbers = joined("", [html("<td align='right'>&nbsp;&nbsp;{}</td>", c) for c in cells[1:]])
    return html("<tr><td>{}</td>{}</tr>", cells[0], numbers)


def _title(measured: Measured, index: int) -> str:
    name = name_or_number(measured.sprites, index)
    return name[:1].upper() + name[1:]


def _caption(measured: Measured, index: int) -> str:
    """Two lines: bits/dim, and the class."""
    bound = measured.bound
    name = sprite_class(measured.sprites, index) or tr("no class")
    return f"{number_text(bound.bits[index] / bound.dims, '.3f')}\n{name}"


def _total(measured: Measured, index: int) -> Html:
    """The bits of one sprite as a probability, with a comparison."""
    bits, bound = float(measured.bound.bits[index]), measured.bound
    probability = tr(
        "{bits:,.0f} ± {stderr:,.0f} bits in all: a probability of at least {power}, {odds}",
        bits=bits,
        stderr=bound.bits_stderr[index],
        power=power_text(2, -bits),
        odds=odds_text(bits),
    )
    compared = tr(
        "As rare as {bits:,.0f} coin tosses that all show heads. If all pictures were equally "
        "probable, it would take {uniform:,.0f}.",
        bits=bits,
        uniform=bound.uniform_bits,
    )
    return html("<b>{}</b><br>{}", probability, compared)


def _facts(measured: Measured, index: int) -> str:
    """Describe one sprite, in lines."""
    bound, sprites = measured.bound, measured.sprites
    bits, stderr = bound.bits[index], bound.bits_stderr[index]
    lines = [
        _title(measured, index),
        tr("Class: {class_of}", class_of=sprite_class(sprites, index) or tr("no class")),
        tr("{bits:,.0f} ± {bits_stderr:,.0f} bits", bits=bits, bits_stderr=stderr),
    ]
    if sprites.source[index]:
        lines.append(tr("From: {source}", source=source_words(str(sprites.source[index]))))
    return "\n".join(lines)


def reason(measured: Measured, index: int, mean: float) -> str:
    """Why a sprite takes far more or fewer bits/dim than the set's mean; "" = it does not."""
    bound = measured.bound
    bits, per_dim = float(bound.bits[index]), float(bound.bits[index] / bound.dims)
    if mean / _FAR <= per_dim <= mean * _FAR:
        return ""
    head = tr(
        "{name}: {per_dim:.3f} bits/dim, the mean of the set {mean:.3f}.",
        name=_title(measured, index),
        per_dim=per_dim,
        mean=mean,
    )
    exact = bound.bits_of_colors(index)
    if per_dim < mean:
        why = tr("Flat areas take few bits: probable is not the same as good.")
    elif exact > _COLORS * bits:
        why = tr(
            "{exact:,.0f} of its {bits:,.0f} bits only fix exact colors (L_0 and the noise levels "
            "next to it): those colors are rare in the set.",
            exact=exact,
            bits=bits,
        )
    else:
        why = tr("Unexpected shapes and lone pixels take many bits: rare is not the same as bad.")
    return f"{head} {why}"


class SpriteBits(WholeHeight):
    """Bits of one sprite: a figure, a map of its pixels and a readout."""

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self._measured: Measured | None = None
        self._index = -1
        self._title = ElidedLabel(name="measure.sprite.title", look="heading")
        self._total = named(Label(wrap=True), "measure.sprite.total")
        self._bits = dim_label(name="measure.sprite.bits")
        for label in (self._total, self._bits):
            label.setFont(tabular(label.font()))
        self.map = PixelMap(
            name="measure.sprite.map",
            label=tr("Bits of each pixel"),
            top=lambda number: tr("≥ {number} bits", number=number),
        )
        self.map.setMinimumHeight(_LEAST)
        self._readout = HintLabel(_WHAT, name="measure.sprite.readout", steady=True)
        self._readout.setFont(tabular(self._readout.font()))
        # The title gets all the available room, up to the length of its text.
        bar = hbox((self._title, 1000), HelpButton(lab, "probability"), ...)
        vbox(bar, self._total, self._bits, (self.map, 1), self._readout, on=self, spacing=4)
        self.map.pointed.connect(self._on_pointed)
        theme_manager().text_resized.connect(self._fit_title)

    def show_sprite(self, measured: Measured, index: int) -> None:
        self._measured, self._index = measured, index
        bound, sprites = measured.bound, measured.sprites
        self._title.setText(_title(measured, index))
        self._fit_title()
        self._total.setText(_total(measured, index))
        per_dim, stderr = bound.bits[index] / bound.dims, bound.bits_stderr[index] / bound.dims
        sizes = measured.sizes
        figures = tr(
            "{per_dim:.3f} ± {stderr:.3f} bits/dim    PNG {png:.3f}    WebP {webp:.3f}",
            per_dim=per_dim,
            stderr=stderr,
            png=sizes.png[index],
            webp=sizes.webp[index],
        )
        if sizes.learnt_from:
            figures += tr("    context coder {counted:.3f}", counted=sizes.counted[index])
        whole = (figure.replace(" ", "\N{NO-BREAK SPACE}") for figure in figures.split(_GAP))
        self._bits.setText(_GAP.join(whole))
        tip = tr(
            "{bits:,.0f} bits for {dims} values, with the uncertainty of the estimate. For "
            "comparison: bits of the pixels as image files, and by a context coder that counts "
            "repeats in other sprites of the set.",
            bits=bound.bits[index],
            dims=bound.dims,
        )
        self._bits.setToolTip(tooltip(tip))
        self.map.show_values(sprites.rgba_of(index), bound.pixels[index], color_top(measured))
        self._on_pointed(-1, -1)

    def _fit_title(self) -> None:
        """Place the help button after the text."""
        self._title.ensurePolished()
        self._title.setMaximumWidth(self._title.sizeHint().width() + 4)

    def _on_pointed(self, row: int, column: int) -> None:
        if self._measured is None:
            return
        text = _WHAT
        if row >= 0:
            value = self.map.values[row, column]
            text = tr(
                "Column {column}, row {row}: {bits:.1f} bits, {share:.1%} of the total",
                column=column + 1,
                row=row + 1,
                bits=value,
                share=value / self.map.values.sum(),
            )
        self._readout.setText(text)


class ProbabilityPage(MeasurePage[Measured]):
    """Measures how probable sprites are, and shows their bits and the classes they look like."""

    def __init__(self, lab: Lab) -> None:
        choice = ChoiceGroup(lab)
        name, empty = "measure.probability", "measure.empty"
        super().__init__(lab, name, empty=empty, run=choice.run, newest="measure")
        self.choice = choice
        self._own: str | None = None  # the class of the chosen sprite
        #: the measured sprite whose class is still to be found, or is not certain enough
        self._unknown: int | None = None
        self._rounds = 0  # index of the next repeats in CLASS_ROUNDS
        self.ranking = Ranking(lab)
        self.sprite = SpriteBits(lab)
        self.bits = BitsPlot(lab)
        self.classes = ClassBars(name="measure.classes")
        self.reliability = ReliabilityView(name="measure.reliability")
        self._no_classes = dim_label(name="measure.classes.state")
        #: For each source measured with the model, by title: its number of sprites, their mean
        #: bits/dim, and the text of that mean.
        self._means: dict[str, tuple[int, float, str]] = {}
        self._compared = dim_label(name="measure.compared")
        self._reason = dim_label(name="measure.reason")
        self._summary = dim_label(name="measure.summary")
        self._other = dim_label(
            tr(
                "The bound in Thermodynamics differs: it is for the training sprites, over fewer "
                "noise levels."
            ),
            name="measure.summary.other",
        )
        self._other.hide()
        for label in (self._compared, self._reason, self._summary):
            label.setFont(tabular(label.font()))
        self.set_faces(self._lay_out(name))
        self._figures = FoldGroup(tr("All measured sprites"), name="measure.found")
        self._figures.add(self._compared, self._reason, self._summary, self._other)
        self.inspector = Inspector(self.choice, self._figures, name="measure.probability.inspector")
        self.choice.changed.connect(self._refresh)
        self.ranking.chosen.connect(self._on_chosen)
        lab.model.changed.connect(self._on_model)
        self._refresh()

    # -- layout --------------------------------------------------------------------------

    def _lay_out(self, name: str) -> QWidget:
        self.classes.setProperty("panel", True)
        classes = WholeHeight()
        head = heading_row(self._lab, tr("Which class is this?"), "classes")
        vbox(head, self._no_classes, self.classes, self.reliability, ..., on=classes)
        upper = BesideOrBelow((self.ranking, 4), (self.sprite, 5), gap=16)
        lower = BesideOrBelow((self.bits, 5), (classes, 3), gap=16)
        stage = as_widget(vbox((upper, 1), (lower, 1), spacing=16))
        parts = Parts(
            stage,
            PartSpec("sprites", tr("Sprites"), (upper,)),
            PartSpec("levels", tr("Noise levels and class"), (lower,)),
            least=LEAST,
            name=name,
        )
        return stage_of((parts, 1), self.caption, spacing=4)

    # -- measuring -----------------------------------------------------------------------

    def measure(self) -> None:
        model, sprites = self._lab.model.value, self.choice.sprites()
        if model is None or sprites is None or self._run.running:
            return
        config = self.choice.form.value
        task = measure_tasks.measure(
            model, sprites, among=self._lab.data.value, rounds=config.repeats, seed=config.seed
        )
        name = trn("Measuring {n:,} sprite", "Measuring {n:,} sprites", len(sprites))
        self.start(task, model, name)

    def _first_look(self, model: Model) -> Task[Measured] | None:
        sprites = self.choice.sprites()
        if sprites is None or sprites.size != (model.image_size,) * 2:
            return None
        return measure_tasks.measure(
            model, sprites.take(np.arange(min(FIRST, len(sprites)))), rounds=2
        )

    def _on_model(self, *_: object) -> None:
        self.choice.forget_pace()
        self._means.clear()
        self.reliability.show_calibration(None)  # the model's own is shown with the next classes
        self.forget()  # to another model, other sprites are probable

    def _before(self, model: Model) -> Task[Measured | None]:
        return measure_tasks.measured_before(model)

    # -- display ----------------------------------------------------------------------------------

    def on_shown(self) -> None:
        super().on_shown()
        self._find_class()

    def on_left(self) -> None:
        super().on_left()
        self._lab.drop(_CLASS)

    def _refresh(self, *_: object) -> None:
        sprites = self.choice.sprites()
        ready = self._empty.explain(sprites, self.choice.form.value.source)
        self._run.set_possible(ready)
        if ready:
            self.take_first_look()
        # What is missing for the chosen sprites matters more than a first look.
        shown = self.found is not None and (ready or not self._unasked)
        self._stack.setCurrentWidget(self._content if shown else self._empty)
        self._figures.setVisible(shown or self.found is None)  # not beside an empty stage
        if self.found is None:
            self._compared.hide()
            self._reason.hide()
            self._other.hide()
            self._summary.setText(tr("Nothing has been measured yet."))
            set_lesson_value(self._summary, None)

    def _show(self, measured: Measured) -> None:
        self.choice.learn_pace(measured)
        bound, title = measured.bound, run_title(measured.sprites.title)
        count, sizes = len(measured.sprites), measured.sizes.mean()
        error = bound.bits_per_dim_stderr
        mean = number_text(bound.bits_per_dim, ".3f")
        mean += f" ± {number_text(error, '.3f')}" if error >= 0 else ""
        self._compare(title, count, bound.bits_per_dim, mean)
        self.show_caption(
            trn("{n:,} sprite ({title})", "{n:,} sprites ({title})", count, title=title),
            trn("{n} repeat", "{n} repeats", measured.rounds),
            levels_words(BOUND_LEVELS),
        )
        text = trn(
            "{n:,} sprite ({title})\n{mean}",
            "{n:,} sprites ({title})\n{mean}",
            count,
            title=title,
            mean=mean,
        )
        text += tr(
            " bits/dim by the model\n{png:.3f} bits/dim as PNG\n"
            "{webp:.3f} bits/dim as lossless WebP",
            png=sizes.png,
            webp=sizes.webp,
        )
        if sizes.learnt_from:
            text += tr(
                "\nwith {learned_from:,} other sprites of the set:\n{lzma:.3f} bits/dim by "
                "LZMA, all in one file\n{counted:.3f} bits/dim by a context coder",
                learned_from=sizes.learnt_from,
                lzma=sizes.lzma,
                counted=sizes.counted,
            )
        self._summary.setText(text)
        set_lesson_value(self._summary, count)
        self._other.show()
        self.ranking.show_measured(measured)

    def _compare(self, title: str, count: int, mean: float, words: str) -> None:
        """Show a mean below those of other sources measured with this model."""
        self._means.pop(title, None)
        self._means[title] = count, mean, words
        rows = []
        for name, (number, _, bits) in self._means.items():
            cells = name[:1].upper() + name[1:], number_text(number), bits
            rows.append(_row(*(html("<b>{}</b>", c) if name == title else c for c in cells)))
        head = _row("", tr("Sprites"), tr("bits/dim"))
        self._compared.setText(html("<table>{}{}</table>", head, joined("", rows)))
        self._compared.setVisible(len(rows) > 1)

    def _on_chosen(self, index: int) -> None:
        measured = self.found
        if measured is None:
            return
        self.sprite.show_sprite(measured, index)
        self.bits.show_bits(measured, index)
        self._explain(measured, index)
        model = self._lab.model.value
        self._unknown = None
        names = () if model is None else model.class_names
        self.classes.keep_room(len(names) if len(names) > 1 else 0)
        self.classes.show_probabilities(None)
        if len(names) < 2:
            self.reliability.show_calibration(None)
            self._no_classes.show()
            self._no_classes.setText(tr("This model knows no classes to tell apart."))
            return
        self._no_classes.hide()
        self._own, self._unknown = measured.sprites.class_of(index), index
        self._rounds = 0
        self._find_class()

    def _explain(self, measured: Measured, index: int) -> None:
        """Say why a sprite is far from the open set's mean, if that was measured."""
        data = self._lab.data.value
        known = None if data is None else self._means.get(run_title(data.title))
        why = "" if known is None else reason(measured, index, known[1])
        self._reason.setText(why)
        self._reason.setVisible(bool(why))

    def _find_class(self) -> None:
        """Find the class of the chosen sprite while the page is visible."""
        model, measured, index = self._lab.model.value, self.found, self._unknown
        if model is None or measured is None or index is None or not self.isVisible():
            return
        task = measure_tasks.classify(
            model,
            measured.sprites.take(np.array([index])),
            blocks=CLASS_BLOCKS,
            rounds=CLASS_ROUNDS[self._rounds],
        )
        self._lab.do(task, self, then=self._show_classes, newest=_CLASS)

    def _show_classes(self, found: ClassProbabilities) -> None:
        if self.found is not None:
            self.classes.show_probabilities(found, own=self._own)
            self.reliability.show_calibration(found.calibration)
        self._rounds += 1
        if self._rounds == len(CLASS_ROUNDS) or found.stderr.max() <= CLASS_ERROR:
            self._unknown = None
        self._find_class()
