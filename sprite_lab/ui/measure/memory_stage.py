"""The stage of Memorization: one sprite along its trajectory, and the training sprites near it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QTextDocumentFragment
from PySide6.QtWidgets import QSizePolicy, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.text_format import UNTOLD, share_text, sprite_name, x_t_words
from sprite_lab.app.timeline import TimelineModel
from sprite_lab.app.train.training_set import MissingSet
from sprite_lab.core.results.metrics import TOLERANCE, Neighbors, settling_frames
from sprite_lab.core.results.neighbors import Becoming, CopyRule, Remembered, TrainingPart
from sprite_lab.core.sets.sprites import SpriteSet, to_pixels
from sprite_lab.core.trajectories.frame_views import has_noise
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.ui.flow import BesideOrBelow, WholeHeight
from sprite_lab.ui.layouts import as_widget, hbox, keep_place, stack, vbox
from sprite_lab.ui.measure.perplexity_plot import PerplexityPlot, count_text, t_text
from sprite_lab.ui.page import heading_row
from sprite_lab.ui.parts import PartSpec
from sprite_lab.ui.text import Html, Label, html, tooltip
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import push_button
from sprite_lab.ui.widgets.fields.calm import named, set_lesson_value
from sprite_lab.ui.widgets.fields.elided import HintLabel
from sprite_lab.ui.widgets.fields.inspector import dim_label
from sprite_lab.ui.widgets.fields.set_needed import SetNeeded
from sprite_lab.ui.widgets.plots.pixel_map import PixelMap
from sprite_lab.ui.widgets.sprites.caption import TrajectoryCaption
from sprite_lab.ui.widgets.sprites.sprite_row import SpriteRow
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.words import number_text, tr

#: Sprites per row.
SHOWN = 8

#: Size from which on all parts fit at the usual text size, in logical pixels.
LEAST = QSize(600, 444)

#: Minimum heights of the plot, and of the map below it, in logical pixels.
_LEAST_PLOT, _LEAST_MAP = 152, 88

_DECIDED = tr(
    "Over half: here one training sprite has more than half of the weight for the first time, so "
    "the optimal denoiser would most likely end there."
)

#: The control that a lesson's question about what counts as a copy points at.
_ASKS_FOR_COPIES = "memory.sprites"

#: The verdict on a sprite that is nearer to training sprites than unseen ones are.
_CLOSE = tr("Counts as a copy, though not pixel for pixel")

#: A name at least as long as nearly all names of sprites.
_NAME = "great-helmed in overalls with tower shield (creature)"

_PREDICTED = html(tr("<i>x̂<sub>0</sub></i>&nbsp; of the model"))
_CLEAN = html(tr("<i>x<sub>0</sub></i>&nbsp; clean sprite"))


class MemoryStage(QWidget):
    """The model's prediction at a noise level, and training sprites near the finished sprite."""

    def __init__(self, lab: Lab, timeline: TimelineModel) -> None:
        super().__init__()
        self.setObjectName("memory.stage")
        self._timeline = timeline
        self._lab = lab
        self._trajectory: Trajectory | None = None
        self._sprite = 0
        self._single = False
        self._becoming: Becoming | None = None
        self._titles: dict[str, Label] = {}
        self.x_t, self.x0, self.optimal = (SpriteView() for _ in range(3))
        row = hbox()
        mean = html(tr("E[<i>x<sub>0</sub></i> | <i>x<sub>t</sub></i>]&nbsp; of the set"))
        weighted = tr(
            "Mean of the training sprites, each weighted by how likely it is to have become x_t: "
            "the prediction of a network that knew nothing else"
        )
        for view, name, label, tip in (
            (self.x_t, "x_t", "", tr("The noisy sprite of this level")),  # title: show_frame
            (self.x0, "x0", _PREDICTED, tr("The network's estimate of the clean sprite")),
            (self.optimal, "optimal", mean, weighted),
        ):
            named(view, f"memory.{name}", tip, tip)
            view.setMinimumSize(64, 64)
            # The views yield to the rows of sprites below.
            view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
            title = self._titles[name] = named(Label(label), f"memory.heading.{name}")
            title.setAlignment(Qt.AlignmentFlag.AlignCenter)
            row.addLayout(vbox(title, (view, 1)), 1)

        self.becoming = SpriteRow(
            name="memory.becoming", label=tr("What x_t could still become"), places=SHOWN
        )
        self.others = HintLabel(name="memory.others")
        self.nearest = SpriteRow(
            name="memory.nearest", label=tr("Nearest training sprites"), places=SHOWN
        )
        self._verdicts = "", ""  # the verdict, and the text while a lesson asks for it
        self.verdict = _Steady(
            "memory.verdict",
            _judged_text(_CLOSE, _distance_text(188.8, 188, 256), 88.8, 8888, of_training=True),
        )
        known, self._becoming_part, self._nearest_part = QWidget(), QWidget(), QWidget()
        could = html(tr("What this x<sub>t</sub> could still become"))
        head = heading_row(lab, could, "become", spacing=4)
        vbox(head, self.others, self.becoming, on=self._becoming_part)
        head = heading_row(lab, tr("Nearest to the finished sprite"), "nearest", spacing=4)
        vbox(head, self.verdict, self.nearest, on=self._nearest_part)
        vbox(self._becoming_part, self._nearest_part, ..., on=known, spacing=16)
        self._needed = SetNeeded(
            lab, tr("which of its sprites this one resembles"), name="memory.set"
        )
        place = QWidget()
        self._known = stack(place, known, self._needed)

        # The caption is below the pictures, where there is room.
        self._pictures = QWidget()
        caption = TrajectoryCaption(lab, name="memory.caption")
        vbox((row, 1), caption, on=self._pictures, spacing=4)
        self._left = as_widget(vbox((self._pictures, 1), place, spacing=16))

        self.plot = PerplexityPlot(lab)
        self.commits = _Steady("memory.commits", _decided_text("188.8", _NAME), "dim")
        self.commits.setToolTip(tooltip(_DECIDED))
        self._go = push_button(
            "memory.commits.go",
            tr("Go to frame"),
            tip=tr("Go to the first frame in which one sprite has over half of the weight"),
            do=self._go_to_commitment,
        )
        keep_place(self._go)
        self.settling = PixelMap(
            name="memory.settling",
            label=tr("When each pixel settles"),
            top=lambda number: f"t = {number}",
        )
        tip = tr(
            "From there on every channel stays within {tolerance} of 255 of its final value",
            tolerance=TOLERANCE,
        )
        self.settling.setToolTip(tooltip(tip))
        for part, least in ((self.plot, _LEAST_PLOT), (self.settling, _LEAST_MAP)):
            # Otherwise a column with wrapped text would give each part at least the height of its
            # hint.
            part.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
            part.setMinimumHeight(least)
        self.settled = _Steady("memory.settled", _settled_text("188.8", "88.8"), "dim")
        self.settling.pointed.connect(self._say_settled)
        self._plot_part = WholeHeight()
        head = heading_row(lab, tr("Number of candidates"), "commit", spacing=4)
        upper = vbox(head, (self.plot, 1), self.commits, self._go, on=self._plot_part)
        upper.setAlignment(self._go, Qt.AlignmentFlag.AlignRight)
        self._pixels_part = WholeHeight()
        below = heading_row(lab, tr("When each pixel settles"), "settling", spacing=4)
        vbox(below, (self.settling, 1), self.settled, on=self._pixels_part)
        # The pictures' titles align with the heading beside them, with or without "?".
        for title in self._titles.values():
            title.setWordWrap(True)
            title.setMinimumHeight(head.sizeHint().height())
        # Each part has a place of its own, and is hidden while it has nothing to show.
        self._right, self._plot_place, self._pixels_place = QWidget(), QWidget(), QWidget()
        vbox(self._plot_part, on=self._plot_place)
        self._unsettled = dim_label(
            tr("No pixels settle here: noise was added to this sprite."), name="memory.unsettled"
        )
        vbox(self._pixels_part, self._unsettled, on=self._pixels_place)
        self._column = vbox(
            (self._plot_place, 3), (self._pixels_place, 1), on=self._right, spacing=16
        )

        vbox(BesideOrBelow((self._left, 2), (self._right, 1), gap=12), on=self)
        theme_manager().on_text(self._make_room)
        self.plot.clicked.connect(lambda log_snr, _: timeline.go_to_log_snr(log_snr))
        for asking in (lab.is_asking, lab.asked_for):
            asking.changed.connect(self._show_commitment)
            asking.changed.connect(self._show_verdict)

    def parts(self) -> tuple[PartSpec, ...]:
        """The parts to show one at a time if they do not all fit."""
        left, right = self._left, self._right
        return (
            PartSpec("become", tr("Candidates"), (self._pictures, self._becoming_part, left)),
            PartSpec("nearest", tr("Nearest"), (self._nearest_part, left)),
            PartSpec("decided", tr("Decided"), (self._plot_place, right)),
            PartSpec("settling", tr("Settling"), (self._pixels_place, right)),
        )

    def set_single(self, single: bool) -> None:
        """Set whether one part is shown at a time."""
        self._single = single
        self._make_room()

    def _make_room(self) -> None:
        least = 0 if self._single else LEAST.height()
        self._left.setMinimumHeight(round(least * theme_manager().text_scale))

    # -- display ----------------------------------------------------------------------------------

    def set_sprite(self, trajectory: Trajectory, sprite: int) -> None:
        """Show a sprite; :meth:`set_remembered` adds the comparison with the training set."""
        self._trajectory, self._sprite, self._becoming = trajectory, sprite, None
        # When noise is added to a sprite, nothing is predicted, and nothing settles.
        predicted = trajectory.kind == "reverse"
        self._titles["x0"].setText(_PREDICTED if predicted else _CLEAN)
        self._pixels_part.setVisible(predicted)
        self._unsettled.setVisible(not predicted)
        self._column.setStretch(1, 1 if predicted else 0)
        x0 = trajectory.x0[:, sprite]
        t = trajectory.t[settling_frames(x0)]
        self.settling.show_values(trajectory.rgba()[sprite], t)
        self._say_settled(-1, -1)
        self._forget()

    def _say_settled(self, row: int, column: int) -> None:
        """Describe the hovered pixel, or all of them."""
        t = self.settling.values
        text = _settled_text(t_text(np.median(t)), t_text(t.min()))
        if row >= 0:
            text = tr(
                "Row {row}, column {column} settles at t = {when}.",
                row=row + 1,
                column=column + 1,
                when=t_text(t[row, column]),
            )
        self.settled.setText(text)

    def _forget(self) -> None:
        self.becoming.clear()
        self.nearest.clear()
        self.optimal.set_image(None)
        self.others.setText("")
        self._set_verdict("")
        self.commits.setText("")
        set_lesson_value(self.commits, None)
        self._go.setVisible(False)
        self.plot.show_becoming(None, None)

    def wait(self) -> None:
        """Show that the comparison is running."""
        self.others.setText(tr("Comparing…"))
        self._set_verdict(tr("Comparing with the training sprites…"))

    def stopped(self) -> None:
        self.others.setText("")
        stopped = tr("Stopped. Select a sprite to compare it with the training sprites.")
        self._set_verdict(stopped)
        self.plot.say_nothing(stopped)

    def need(self, missing: MissingSet | None) -> None:
        """Ask for a missing training set; None = none is missing."""
        if missing is not None:
            self._needed.ask_for(missing)
        self._known.setCurrentIndex(0 if missing is None else 1)
        self._plot_part.setVisible(missing is None)
        if missing is not None:
            self._forget()

    def set_remembered(self, found: Remembered, part: TrainingPart) -> None:
        """Show the comparison with the training set."""
        assert self._trajectory is not None
        self._becoming = found.becoming
        _show_neighbors(self.nearest, found.nearest, part.train)
        self.plot.show_becoming(found.becoming, self._trajectory)
        self._show_commitment()
        self.show_frame(self._timeline.frame)

    def _show_commitment(self, *_: object) -> None:
        """Show when one training sprite gets more than half of the weight, and which one.

        While a lesson asks when, or will ask, only say which one.
        """
        becoming, trajectory = self._becoming, self._trajectory
        if becoming is None or trajectory is None:
            return
        frame = becoming.commits_at
        asking = self._lab.is_asking.value or self.commits.objectName() in self._lab.asked_for.value
        self._go.setVisible(frame is not None and not asking)
        self.plot.show_commitment(not asking)
        if frame is None:
            self.commits.setText(tr("No training sprite ever has more than half of the weight."))
            return
        first, last = int(becoming.likeliest[frame]), int(becoming.likeliest[-1])
        name = sprite_name(becoming.sprites, first)
        when = UNTOLD if asking else t_text(trajectory.t[frame])
        end = "" if last == first else sprite_name(becoming.sprites, last)
        self.commits.setText(_decided_text(when, name, end))
        set_lesson_value(self.commits, float(trajectory.t[frame]))

    def set_verdict(self, found: Remembered, rule: CopyRule | None, near_copy: str = "") -> None:
        """Show whether the sprite is a copy, and why; only its distance if ``rule`` is not known
        yet (None).

        ``near_copy``: name of the training sprite that it is a near-copy of; "" = none.
        """
        distance = float(found.nearest.distance[0])
        pixels = self.settling.values.size
        how = _distance_text(distance, found.apart, pixels)
        self.verdict.setToolTip(tooltip(_stricter(found.nearest)))
        distance_alone = f"{how[0].upper()}{how[1:]}."
        if rule is None:
            self._set_verdict(distance_alone)
            return
        if not found.apart:
            grade = tr("Exact copy")
        elif near_copy:
            grade = tr("Near-copy of “{near_copy}”, colors aside", near_copy=near_copy)
        elif rule.is_copy(distance):
            grade = _CLOSE
        else:
            grade = tr("New")
        judged = _judged_text(
            grade, how, rule.threshold, len(rule.distances), of_training=rule.of_training
        )
        self._set_verdict(judged, distance_alone)

    def _set_verdict(self, text: str, while_asking: str | None = None) -> None:
        """Set the verdict. ``while_asking``: shown instead while a lesson asks, or is going to ask,
        what counts as a copy; None = the same.
        """
        self._verdicts = text, text if while_asking is None else while_asking
        self._show_verdict()

    def _show_verdict(self, *_: object) -> None:
        asking = self._lab.is_asking.value or _ASKS_FOR_COPIES in self._lab.asked_for.value
        self.verdict.setText(self._verdicts[asking])

    def show_frame(self, frame: int) -> None:
        """Show a recorded frame; nothing is computed."""
        trajectory = self._trajectory
        if trajectory is None or frame >= len(trajectory):
            return
        words = x_t_words(trajectory.kind, noise=has_noise(trajectory, frame))
        self._titles["x_t"].setText(html("<i>x<sub>t</sub></i>&nbsp; {}", words))
        self.x_t.set_image(to_pixels(trajectory.x_t[frame, self._sprite]))
        self.x0.set_image(to_pixels(trajectory.x0[frame, self._sprite]))
        self.plot.show_frame(float(trajectory.log_snr[frame]))
        becoming = self._becoming
        if becoming is None:
            return
        self.optimal.set_image(to_pixels(becoming.x0[frame]))
        which, weight = becoming.top(frame, SHOWN)
        sprites = becoming.sprites
        self.becoming.show_sprites(
            sprites.rgba_of(which),
            which,
            [share_text(share) for share in weight],
            shares=weight,
            tips=[sprite_name(sprites, int(i)) for i in which],
        )
        rest = max(0.0, 1.0 - float(weight.sum()))
        number = becoming.perplexity[frame]
        text = tr(
            "Optimal denoiser: about {count_text} candidates  ·  {count:,} not shown: {percent}",
            count_text=count_text(number),
            count=len(sprites) - len(which),
            percent=share_text(rest),
        )
        self.others.setText(text)
        tip = tr(
            "Candidates: exp of the entropy of the weights, the number of equally likely sprites "
            "that would be as uncertain. Not shown: the others of the {count:,} training sprites.",
            count=len(sprites),
        )
        self.others.setToolTip(tooltip(tip))

    # -- interaction ------------------------------------------------------------------------------

    def hasHeightForWidth(self) -> bool:
        """False: otherwise wrapped text would make the stage taller than the window."""
        return False

    def _go_to_commitment(self) -> None:
        if self._becoming is not None and self._becoming.commits_at is not None:
            self._timeline.pause()
            self._timeline.set_frame(self._becoming.commits_at)


class _Steady(Label):
    """Wrapped text with room for ``usual`` words, so that nothing moves when they come or go."""

    def __init__(self, name: str, usual: str, look: str = "") -> None:
        super().__init__(wrap=True, look=look)
        self.setObjectName(name)
        fragment = QTextDocumentFragment.fromHtml(usual)
        self._usual = fragment.toPlainText() if isinstance(usual, Html) else usual

    def heightForWidth(self, width: int) -> int:
        wrap, room = Qt.TextFlag.TextWordWrap, QRect(0, 0, width, 10_000)
        usual = self.fontMetrics().boundingRect(room, wrap, self._usual).height()
        return max(super().heightForWidth(width), usual)


def _judged_text(
    verdict: str, how: str, threshold: float, others: int, *, of_training: bool
) -> Html:
    if not threshold:  # a single sprite, or many identical ones
        return html("<b>{}</b>: {}.", verdict, how)
    return html(
        tr(
            "<b>{}</b>: {}. Statistics count what is below {} as copies; 5% of {} random "
            "training sprites are that close to others."
        )
        if of_training
        else tr(
            "<b>{}</b>: {}. Statistics count what is below {} as copies; 5% of {} random "
            "validation sprites are that close."
        ),
        verdict,
        how,
        number_text(threshold, ".1f"),
        number_text(others),
    )


def _distance_text(distance: float, apart: int, pixels: int) -> str:
    return tr(
        "{distance:.1f} from the training sprite nearest by pixels (RMS of 255), and {apart} of "
        "{pixels} pixels differ visibly in color",
        distance=distance,
        apart=apart,
        pixels=pixels,
    )


def _stricter(nearest: Neighbors) -> str:
    """The verdict of a rule that requires one training sprite much nearer than all others."""
    rule = tr(
        "A stricter rule (Yoon et al. 2023): a sprite is memorized if its nearest training sprite "
        "is less than a third as far away as the second nearest."
    )
    if len(nearest.distance) < 2 or not nearest.distance[1]:
        return rule
    share = float(nearest.distance[0] / nearest.distance[1])
    return rule + tr(" Here it is {share} as far.", share=share_text(share))


def _decided_text(t: str, name: str, end: str = "") -> str:
    """Text on when a sprite was decided. ``end``: the likeliest at the end, "" = still ``name``."""
    if end:
        return tr(
            "From t = {t_text}, a network that can only repeat training sprites would most likely "
            "end at “{sprite_name}”; later, at “{end}”.",
            t_text=t,
            sprite_name=name,
            end=end,
        )
    return tr(
        "From t = {t_text}, a network that can only repeat training sprites would most likely end "
        "at “{sprite_name}”. Whether this one did: see the nearest sprites.",
        t_text=t,
        sprite_name=name,
    )


def _settled_text(half: str, every: str) -> str:
    """A sentence on the t by which half of the pixels, and all of them, have settled."""
    text = tr("All pixels settle by t = {every}.", every=every)
    if half != every:
        text = tr("Half of the pixels settle by t = {half}. {value}", half=half, value=text)
    return text


def _show_neighbors(row: SpriteRow, found: Neighbors, train: SpriteSet) -> None:
    tips = [
        tr(
            "{sprite_name}: distance {distance:.1f} (RMS of 255){moved}",
            sprite_name=sprite_name(train, int(which)),
            distance=distance,
            moved=_moved(mirrored, move),
        )
        for which, distance, mirrored, move in zip(*found, strict=True)
    ]
    words = [number_text(distance, ".1f") for distance in found.distance]
    row.show_sprites(train.rgba_of(found.which), found.which, words, tips=tips)


def _moved(mirrored: bool, move: NDArray[np.int64]) -> str:
    """How the sample was moved to be compared, as a suffix; "" = not at all."""
    right, down = (int(v) for v in move)
    parts = [tr("mirrored")] if mirrored else []
    if right:
        words = tr("{n} px right", n=right) if right > 0 else tr("{n} px left", n=-right)
        parts.append(words)
    if down:
        parts.append(tr("{n} px down", n=down) if down > 0 else tr("{n} px up", n=-down))
    return tr(", after moving the sample: {parts}", parts=", ".join(parts)) if parts else ""
