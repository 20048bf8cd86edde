"""The look of Sprite Lab: two sets of color tokens, and the manager that applies one.

Colors are read when widgets paint, never at import time, so that the theme can change: widgets that
paint themselves read ``manager.theme``, and repaint on ``manager.changed``.
"""

from __future__ import annotations

import gc
import re
import weakref
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette, QPixmapCache
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from sprite_lab.paths import resource

ThemeMode = Literal["system", "light", "dark"]

#: Kilobytes of pictures that Qt may cache, instead of 10 MB: it would keep the icon of every
#: drawing that was ever shown. The icons of buttons draw themselves.
_PICTURES_KB = 2048


@dataclass(frozen=True)
class Curve:
    """The color of a curve and its dash in units of the pen's width (() = solid)."""

    color: str
    dash: tuple[float, ...]


@dataclass(frozen=True)
class Theme:
    """Color tokens, each ``#rrggbb``."""

    name: Literal["light", "dark"]
    background: str  #: behind everything, and the stage
    surface: str  #: panels on top of it: inspector, timeline
    raised: str  #: interactive surfaces: buttons, fields
    line: str  #: quiet separators; never the only carrier of information
    outline: str  #: borders of controls, 3:1 on ``surface``
    #: both have at least 4.5:1 on background, surface and raised
    text: str
    text_dim: str
    #: the one color for chosen or moving things, and the color for text on it
    accent: str
    accent_text: str
    focus: str  #: the ring around the keyboard focus, 3:1 on surfaces
    ring: str  #: ring of a lesson around a control, in a color that no control has; 3:1 on surfaces
    #: states; readable as text
    good: str
    warn: str
    bad: str
    selection: str  #: behind chosen rows and text
    #: the quiet checkerboard behind sprites, on which black and white are both visible
    checker_a: str
    checker_b: str
    curves: tuple[Curve, ...]  #: color-blind-safe colors, each with its own dash
    #: for other runs, beside the first four ``curves``
    beside: tuple[Curve, ...]

    def tokens(self) -> dict[str, str]:
        """Every color by name, with the mixtures used by the style sheet."""
        others = "name", "curves", "beside"
        colors = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in others}
        colors["hover"] = mix(self.raised, self.text, 0.07)
        colors["track"] = mix(self.surface, self.text, 0.15)  # what a bar can fill
        colors["pressed"] = mix(self.raised, self.text, 0.15)
        colors["accent_hover"] = mix(self.accent, "#000000", 0.14)
        colors["disabled_text"] = mix(self.surface, self.text_dim, 0.75)
        colors["marked"] = mix(self.selection, self.focus, 0.6)  # behind selected sprites
        colors["band"] = mix(self.background, self.outline, 0.35)
        colors["disabled_line"] = mix(self.surface, self.line, 0.8)
        return colors


LIGHT = Theme(
    name="light",
    background="#e9ebf0",
    surface="#f7f8fa",
    raised="#ffffff",
    line="#d5d9e1",
    outline="#7c8495",
    text="#1a1d26",
    text_dim="#555d6e",
    accent="#4a4fd0",
    accent_text="#ffffff",
    focus="#4a4fd0",
    ring="#c2500a",
    good="#19703f",
    warn="#8a5200",
    bad="#b3261e",
    selection="#dcdef8",
    checker_a="#f4f5f8",
    checker_b="#e4e7ec",
    curves=(
        Curve("#0064a8", ()),
        Curve("#c2500a", (6, 3)),
        Curve("#00755a", (2, 2)),
        Curve("#a34480", (8, 3, 2, 3)),
        Curve("#6b6200", (4, 2)),
        Curve("#2b2f3a", (8, 2, 2, 2, 2, 2)),
    ),
    beside=(
        Curve("#a02df0", (10, 3)),
        Curve("#552a00", (1, 3)),
        Curve("#14121c", (4, 2)),
        Curve("#26109a", (8, 2, 2, 2, 2, 2)),
    ),
)

#: For a projector, which washes out pale colors.
CONTRAST = replace(
    LIGHT,
    background="#ffffff",
    surface="#ffffff",
    line="#8d95a3",
    outline="#2f3540",
    text="#000000",
    text_dim="#23272f",
    selection="#c3c6f5",
)

DARK = Theme(
    name="dark",
    background="#14161b",
    surface="#1c1f26",
    raised="#282c36",
    line="#343a47",
    outline="#747d8f",
    text="#e7e9ef",
    text_dim="#a3abbb",
    accent="#5e65eb",
    accent_text="#ffffff",
    focus="#8f95ff",
    ring="#f59a4c",
    good="#5fcf91",
    warn="#f0b350",
    bad="#ff8a80",
    selection="#343869",
    checker_a="#6a7180",
    checker_b="#767d8d",
    curves=(
        Curve("#56b4e9", ()),
        Curve("#f59a4c", (6, 3)),
        Curve("#2fc79b", (2, 2)),
        Curve("#e08fc0", (8, 3, 2, 3)),
        Curve("#e8dc56", (4, 2)),
        Curve("#f4f5f9", (8, 2, 2, 2, 2, 2)),
    ),
    beside=(
        Curve("#9a66ff", (10, 3)),
        Curve("#ffe12d", (1, 3)),
        Curve("#f4f5f9", (4, 2)),
        Curve("#f0395f", (8, 2, 2, 2, 2, 2)),
    ),
)


def mix(first: str, second: str, share: float) -> str:
    """``first`` mixed with ``share`` (0..1) of ``second``, as ``#rrggbb``."""
    a, b = QColor(first), QColor(second)
    return QColor(
        round(a.red() + (b.red() - a.red()) * share),
        round(a.green() + (b.green() - a.green()) * share),
        round(a.blue() + (b.blue() - a.blue()) * share),
    ).name()


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colors according to WCAG 2, from 1 to 21."""

    def luminance(color: str) -> float:
        parsed = QColor(color)
        linear = [
            c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
            for c in (parsed.redF(), parsed.greenF(), parsed.blueF())
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def ink_on(ground: str) -> str:
    """Black or white, whichever is easier to read on a ground: at least 4.5:1 on any."""
    return max("#000000", "#ffffff", key=lambda ink: contrast(ink, ground))


def tabular(font: QFont) -> QFont:
    """The font with digits of equal width, so that changing numbers do not shift."""
    result = QFont(font)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result


def fixed_font() -> QFont:
    """The system's font with letters of one width; as large as other text."""
    result = QFont()
    result.setFamilies(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).families())
    return result


def style_sheet(theme: Theme, scale: float = 1.0) -> str:
    """The style sheet of windows: ``resources/theme.qss`` with the tokens inserted.

    ``scale``: size of icons and marks, relative to the usual size. Raises KeyError for an unknown
    token.
    """
    tokens = theme.tokens()
    tokens["icons"] = resource("icons").as_posix()
    template = resource("theme.qss").read_text(encoding="utf-8")

    def value(match: re.Match[str]) -> str:
        name, number, more = match.groups()
        return tokens[name] if name else str(round(int(number) * scale) + int(more or 0))

    return re.sub(r"@\{(?:([a-z]\w*)|(\d+)([+-]\d+)?)\}", value, template)


def palette(theme: Theme) -> QPalette:
    """The tokens as a palette, for controls that Qt's Fusion style draws itself."""
    tokens = theme.tokens()
    role, group = QPalette.ColorRole, QPalette.ColorGroup
    result = QPalette()
    for which, token in {
        role.Window: "surface",
        role.WindowText: "text",
        role.Base: "raised",
        role.AlternateBase: "surface",
        role.Text: "text",
        role.Button: "raised",
        role.ButtonText: "text",
        role.BrightText: "accent_text",
        role.PlaceholderText: "text_dim",
        role.Highlight: "accent",
        role.HighlightedText: "accent_text",
        role.Accent: "accent",
        role.ToolTipBase: "raised",
        role.ToolTipText: "text",
        role.Link: "focus",
        role.LinkVisited: "focus",
        role.Light: "hover",
        role.Midlight: "hover",
        role.Mid: "line",
        role.Dark: "outline",
        role.Shadow: "line",
    }.items():
        result.setColor(which, QColor(tokens[token]))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        result.setColor(group.Disabled, which, QColor(tokens["disabled_text"]))
    result.setColor(group.Disabled, role.Highlight, QColor(tokens["line"]))
    return result


class ThemeManager(QObject):
    """Applies a theme to the application, and optionally follows the system's light or dark mode.

    Make one, after the QApplication and before widgets; see :func:`theme_manager`. UI thread.
    """

    changed = Signal(object)  #: the new Theme, after palette and style sheet are in place
    #: all widgets have the application's font again: :attr:`text_scale` changed, or a style sheet
    #: was applied, with which Qt drops the font sizes that widgets had set themselves
    text_resized = Signal()

    def __init__(self, app: QApplication, mode: ThemeMode = "system") -> None:
        super().__init__(app)
        global _manager  # one per application, like its palette and style sheet
        _manager = self
        self._app = app
        self.mode: ThemeMode = mode  #: the requested mode: "system", "light" or "dark"
        self._theme: Theme | None = None
        self._contrast = False
        self._style_sheet = ""
        self._windows: weakref.WeakSet[QWidget] = weakref.WeakSet()
        self._usual_font = QFont(app.font())
        self.text_scale = 1.0  #: text size relative to the system's
        app.setStyle("Fusion")
        QPixmapCache.setCacheLimit(_PICTURES_KB)
        app.styleHints().colorSchemeChanged.connect(self._follow_system)
        self.set_mode(mode)

    @property
    def theme(self) -> Theme:
        assert self._theme is not None
        return self._theme

    def set_mode(self, mode: ThemeMode) -> None:
        """Choose a theme, or follow the system's."""
        self.mode = mode
        scheme = {
            "system": Qt.ColorScheme.Unknown,
            "light": Qt.ColorScheme.Light,
            "dark": Qt.ColorScheme.Dark,
        }[mode]
        # Also requests a matching window frame from the platform.
        self._app.styleHints().setColorScheme(scheme)
        self._put_on()

    def set_contrast(self, on: bool) -> None:
        """Switch high contrast on or off, whatever the theme."""
        self._contrast = on
        self._put_on()

    @property
    def text_is_large(self) -> bool:
        """Whether text needs space that other parts of a page usually take."""
        return self.text_scale > 1.25

    def set_text_size(self, percent: int) -> None:
        """Set the text size, in percent of the system's; 50 to 300."""
        usual, font = self._usual_font, QFont(self._usual_font)
        share = min(max(percent, 50), 300) / 100
        if usual.pointSizeF() > 0:
            font.setPointSizeF(usual.pointSizeF() * share)
            scale = font.pointSizeF() / usual.pointSizeF()
        else:
            font.setPixelSize(round(usual.pixelSize() * share))
            scale = font.pixelSize() / usual.pixelSize()
        if font == self._app.font():
            return
        self.text_scale = scale
        gc.collect()  # as in ``_put_on``
        for widget in QApplication.allWidgets():
            widget.ensurePolished()  # otherwise what was never shown would keep its font for good
        self._app.setFont(font)
        # With an unchanged style sheet, widgets would keep their fonts.
        for window in self._dressed():
            window.setStyleSheet("")
        self._dress_all()
        self.text_resized.emit()

    def on_text(self, fit: Callable[[], object]) -> None:
        """Call ``fit`` now and at each :attr:`text_resized`."""
        self.text_resized.connect(fit)
        fit()

    def dress(self, window: QWidget) -> None:
        """Give a window without a parent the style sheet, now and whenever it changes.

        If the application had the style sheet, Qt would go through all of a widget's children each
        time it gets a parent, which takes a third of the time to build a page.
        """
        self._windows.add(window)
        window.setStyleSheet(self._style_sheet)

    def _dressed(self) -> list[QWidget]:
        return [window for window in self._windows if isValid(window)]

    def _dress_all(self) -> None:
        self._style_sheet = style_sheet(self.theme, self.text_scale)
        for window in self._dressed():
            window.setStyleSheet(self._style_sheet)

    def _follow_system(self) -> None:
        if self.mode == "system":
            self._put_on()

    def _put_on(self) -> None:
        if self.mode == "system":
            dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        else:
            dark = self.mode == "dark"
        theme = CONTRAST if self._contrast else DARK if dark else LIGHT
        if theme is self._theme:
            return
        first = self._theme is None
        # This visits every widget, including Python overrides: if garbage were collected meanwhile,
        # Qt would visit widgets that no longer exist. At startup there are none.
        if not first:
            gc.collect()
        self._theme = theme
        self._app.setPalette(palette(theme))
        self._dress_all()
        if not first:
            self.text_resized.emit()
        self.changed.emit(theme)


_manager: ThemeManager | None = None


def theme_manager() -> ThemeManager:
    """The application's theme manager. Widgets repaint by themselves; its ``changed`` is for
    everything else.
    """
    assert _manager is not None, "Make a ThemeManager before any widget."
    return _manager


def current_theme() -> Theme:
    return theme_manager().theme
