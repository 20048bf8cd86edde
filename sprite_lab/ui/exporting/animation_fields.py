"""Settings of an animation, in groups."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox

from sprite_lab import extras
from sprite_lab.app.exports import Exports
from sprite_lab.core.config import AnimationConfig
from sprite_lab.formats import video
from sprite_lab.ui.exporting.fields import ExportFields
from sprite_lab.ui.exporting.subject_choice import grey_item
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.buttons import Option, Segmented
from sprite_lab.ui.widgets.calm import calm
from sprite_lab.ui.widgets.inspector import FoldGroup, dim_label
from sprite_lab.ui.widgets.number_field import NumberField

#: Formats: name, words, and what there is to know of each.
FORMATS = (
    (
        "gif",
        "GIF",
        "Plays everywhere. 256 colours a frame; times are rounded to 1/100 s, and no more than 50 "
        "frames a second are shown.",
    ),
    ("png", "Animated PNG", "Every colour and transparency exact; plays in browsers."),
    ("webp", "Animated WebP", "Every colour and transparency exact; mostly the smallest file."),
    ("mp4", "MP4 video", "For slides and players (H.264). Colours are nearly exact; white ground."),
    ("webm", "WebM video", "For web pages (VP9). Colours are nearly exact; white ground."),
)


class AnimationFields(ExportFields):
    """Parts: ``export.subject``, ``.shown``, ``.gap``, ``.format``, ``.scale``, ``.palette``,
    ``.colors``, ``.fps``, ``.frames``, ``.hold_first``, ``.hold_last``, ``.ping_pong``, ``.loop``,
    ``.captioned``, ``.caption``, ``.slider``, ``.loss_curve``."""

    def __init__(self, exports: Exports, theme: ThemeManager) -> None:
        super().__init__(
            exports, "animation", name="export.animation.fields", subject="export.subject"
        )
        self.add(self._make_what(theme))
        self.add(self._make_file(theme))
        self.add(self._make_time(theme))
        self.add(self._make_beside(theme))
        self.show_config(exports.animation)
        self._connect()

    # -- parts -----------------------------------------------------------------------------------

    def _make_what(self, theme: ThemeManager) -> FoldGroup:
        group = FoldGroup(theme, "What", name="export.group.what")
        self._shown = Segmented(
            theme,
            [
                Option("x_t", "Noisy", tip="x_t, the noisy sprites"),
                Option("x0", "Clean", tip="x̂₀, the clean sprites that each step predicts"),
                Option("both", "Both", tip="x_t and x̂₀ side by side"),
            ],
            name="export.shown",
            label="Which of the sprites",
            stretch=True,
        )
        self._gap = NumberField(
            "Gap",
            0,
            16,
            0,
            name="export.gap",
            unit=" px",
            tip="Sprite pixels between neighbours, where See lays sprites out.",
        )
        group.add_row("Export", self.choice)
        group.add_row("Show", self._shown)
        group.add_row("Gap", self._gap)
        return group

    def _make_file(self, theme: ThemeManager) -> FoldGroup:
        group = FoldGroup(theme, "File", name="export.group.file")
        self._format = calm(
            QComboBox(), name="export.format", label="Format", tip="Kind of the file"
        )
        no_videos = extras.missing("video")
        for index, (name, words, tip) in enumerate(FORMATS):
            missing = no_videos if f".{name}" in video.SUFFIXES else ""
            self._format.addItem(f"{words} – needs ffmpeg" if missing else words, name)
            grey_item(self._format, index, missing, tip)
        self._about = dim_label(name="export.format.about")
        self._scale = NumberField(
            "Scale",
            1,
            32,
            8,
            name="export.scale",
            unit=" ×",
            tip="Pixels of the file for each pixel of a sprite.",
        )
        self._colors = NumberField(
            "Colours",
            4,
            256,
            256,
            name="export.colors",
            tip="The most colours of a frame of a GIF; fewer make a smaller file.",
        )
        group.add_row("Format", self._format)
        group.add(self._about)
        group.add_row("Scale", self._scale)
        self._palette = Segmented(
            theme,
            [
                Option("frame", "Per frame", tip="Each frame has the colours it needs"),
                Option("shared", "Shared", tip="Colours stay the same in all frames"),
            ],
            name="export.palette",
            label="Palette of a GIF",
            stretch=True,
        )
        group.add_row(
            "Palette", self._palette, "Of a GIF whose frames together have more than 255 colours."
        )
        group.add_row("Colours", self._colors)
        return group

    def _make_time(self, theme: ThemeManager) -> FoldGroup:
        group = FoldGroup(theme, "Time", name="export.group.time")
        self._fps = NumberField(
            "Speed",
            1,
            60,
            20,
            name="export.fps",
            unit=" fps",
            tip="Pictures a second. Frames of Draw keep their own durations.",
        )
        self._frames = NumberField(
            "Most frames",
            2,
            1000,
            100,
            name="export.frames",
            step=10,
            tip="Longer animations are thinned to so many pictures; the first and the last stay.",
        )
        hold = {"step": 0.1, "decimals": 1, "unit": " s"}
        self._first = NumberField(
            "Hold first",
            0,
            10,
            0,
            name="export.hold_first",
            tip="How long the first stays.",
            **hold,  # type: ignore[arg-type]
        )
        self._last = NumberField(
            "Hold last",
            0,
            10,
            1.5,
            name="export.hold_last",
            tip="How long the last stays.",
            **hold,  # type: ignore[arg-type]
        )
        self._back = QCheckBox("There and back")
        self._back.setObjectName("export.ping_pong")
        self._back.setToolTip("Goes back to the first picture by the way it came (ping-pong)")
        self._loop = calm(
            QSpinBox(),
            name="export.loop",
            label="How often it is played",
            tip="How often it is played: 0 = for ever. A video is played once.",
        )
        self._loop.setRange(0, 1000)
        self._loop.setSpecialValueText("for ever")
        self._loop.setSuffix(" ×")
        group.add_row("Speed", self._fps)
        group.add_row("Most frames", self._frames)
        group.add_row("Hold first", self._first)
        group.add_row("Hold last", self._last)
        group.add_row("Plays", self._loop)
        group.add(self._back)
        return group

    def _make_beside(self, theme: ThemeManager) -> FoldGroup:
        group = FoldGroup(theme, "Drawn in", name="export.group.beside")
        self._captioned = QCheckBox("Caption")
        self._captioned.setObjectName("export.captioned")
        self._captioned.setToolTip("A line above the sprites, and the names of rows")
        self._caption = QLineEdit()
        self._caption.setObjectName("export.caption")
        self._caption.setAccessibleName("Words of the caption")
        self._caption.setMaxLength(500)
        self._caption.setPlaceholderText("What it shows")
        self._caption.setToolTip("Words of the caption; empty = what it shows")
        self._slider = QCheckBox("Slider")
        self._slider.setObjectName("export.slider")
        self._slider.setToolTip("Where each frame is: its noise level, or training step")
        self._curve = QCheckBox("Loss curve")
        self._curve.setObjectName("export.loss_curve")
        group.add(self._captioned)
        group.add(self._caption)
        group.add(self._slider)
        group.add(self._curve)
        return group

    def _connect(self) -> None:
        self._shown.changed.connect(self._on_changed)
        self._palette.changed.connect(self._on_changed)
        self._format.currentIndexChanged.connect(self._on_changed)
        numbers = self._scale, self._gap, self._colors, self._fps, self._frames
        for field in (*numbers, self._first, self._last):
            field.changed.connect(self._on_changed)
        for box in (self._back, self._captioned, self._slider, self._curve):
            box.toggled.connect(self._on_changed)
        self._loop.valueChanged.connect(self._on_changed)
        self._caption.textChanged.connect(self._on_changed)

    # -- values ----------------------------------------------------------------------------------

    @property
    def config(self) -> AnimationConfig:
        """What is set."""
        return AnimationConfig(
            format=self._format.currentData(),
            shown=self._shown.value,
            scale=self._scale.whole,
            gap=self._gap.whole,
            fps=self._fps.value,
            hold_first_s=self._first.value,
            hold_last_s=self._last.value,
            ping_pong=self._back.isChecked(),
            loop=self._loop.value(),
            max_frames=self._frames.whole,
            slider=self._slider.isChecked(),
            loss_curve=self._curve.isEnabled() and self._curve.isChecked(),
            captioned=self._captioned.isChecked(),
            caption=self._caption.text(),
            colors=self._colors.whole,
            palette=self._palette.value,
        )

    def show_config(self, config: AnimationConfig) -> None:
        """Set all of it."""
        if config.suffix in video.SUFFIXES and extras.missing("video"):
            config = replace(config, format="gif")
        self._filling = True
        self._format.setCurrentIndex(self._format.findData(config.format))
        self._shown.set_value(config.shown)
        self._palette.set_value(config.palette)
        for field, value in (
            (self._scale, config.scale),
            (self._gap, config.gap),
            (self._colors, config.colors),
            (self._fps, config.fps),
            (self._frames, config.max_frames),
            (self._first, config.hold_first_s),
            (self._last, config.hold_last_s),
        ):
            field.set_value(value)
        self._loop.setValue(config.loop)
        for box, on in (
            (self._back, config.ping_pong),
            (self._captioned, config.captioned),
            (self._slider, config.slider),
            (self._curve, config.loss_curve),
        ):
            box.setChecked(on)
        self._caption.setText(config.caption)
        self._filling = False
        self._grey()

    def _grey(self) -> None:
        name, _, about = FORMATS[self._format.currentIndex()]
        self._about.setText(about)
        subject = self.choice.spec
        self._shown.setEnabled(subject.shows)
        self._gap.setEnabled(subject.shows)
        self._colors.setEnabled(name == "gif")
        self._palette.setEnabled(name == "gif")
        self._loop.setEnabled(f".{name}" not in video.SUFFIXES)
        frames = subject.name == "frames"
        self._fps.setEnabled(not frames)
        self._caption.setEnabled(self._captioned.isChecked())
        training = subject.name == "training"
        self._curve.setEnabled(training)
        self._curve.setToolTip(
            "The loss up to each preview" if training else "There is one of the training history"
        )
