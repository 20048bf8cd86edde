"""Small charts as SVG, for pages that need no other file."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 1000, 220


def bars(heights: Sequence[float], words: str) -> str:
    """Bars side by side, the highest as high as the chart; values below 0 are not drawn."""
    values = np.asarray(heights, np.float64).clip(0)
    values = 100 * values / max(values.max(), 1e-9)
    width = WIDTH / len(values)
    body = "".join(
        f'<rect x="{i * width:.1f}" y="{100 - h:.1f}" width="{width - 4:.1f}" height="{h:.1f}"/>'
        for i, h in enumerate(values)
    )
    return _svg("bars-chart", 100, words, body)


def lines(series: Mapping[str, Sequence[float]], words: str) -> str:
    """Curves over evenly spaced positions, with a legend; each has its own dash pattern."""
    ends = np.array([[np.min(values), np.max(values)] for values in series.values()])
    low, high = float(ends.min()), float(ends.max())
    unit = (HEIGHT - 10) / max(high - low, 1e-9)
    body = ""
    for number, values in enumerate(series.values()):
        x = np.linspace(0, WIDTH, len(values))
        y = HEIGHT - 5 - (np.asarray(values) - low) * unit
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))
        body += f'<polyline class="line{number}" points="{points}"/>'
    return (
        f'<div class="chart"><div class="scale faint"><span>{high:.3g}</span>'
        f"<span>{low:.3g}</span></div>{_svg('lines', HEIGHT, words, body)}</div>"
        f"{legend(series)}"
    )


def legend(names: Iterable[str]) -> str:
    """The names of the lines, in order."""
    spans = (
        f'<span><svg viewBox="0 0 36 8"><polyline class="line{number}" points="0,4 36,4"/>'
        f"</svg>{escape(name)}</span>"
        for number, name in enumerate(names)
    )
    return f'<div class="legend faint">{"".join(spans)}</div>'


def _svg(kind: str, height: int, words: str, body: str) -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {WIDTH} {height}" preserveAspectRatio="none" '
        f'role="img" aria-label="{escape(words)}">{body}</svg>'
    )


Curve = tuple[NDArray[np.float64], NDArray[np.float64]]

#: Size of a chart with axes, and the margins in it.
_WIDTH, _HEIGHT = 1000, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 88, 12, 10, 48


def axis_chart(
    curves: Mapping[str, Curve], words: str, *, x: str, y: str, log: bool = False
) -> str:
    """A chart of named curves, each with its own dash pattern.

    Parameters
    ----------
    curves : positions and values, (K,) each; values that are not finite (or, with ``log``, not
        positive) are left out, and so are curves without any values left.
    words : description of the chart, for screen readers.
    x, y : labels of the axes.
    """
    shown = {name: _drawable(curve, log) for name, curve in curves.items()}
    shown = {name: curve for name, curve in shown.items() if len(curve[0])}
    if not shown:
        return '<p class="faint">There are no numbers to draw.</p>'
    low_x, high_x = _range([places for places, _ in shown.values()])
    low_y, high_y = _range([np.log10(v) if log else v for _, v in shown.values()])
    room = 0.04 * (high_y - low_y)
    low_y, high_y = low_y - room, high_y + room

    def across(value: float) -> float:
        return _LEFT + (value - low_x) / (high_x - low_x) * (_WIDTH - _LEFT - _RIGHT)

    def down(value: float) -> float:
        share = (value - low_y) / (high_y - low_y)
        return _HEIGHT - _BOTTOM - share * (_HEIGHT - _TOP - _BOTTOM)

    body = ""
    for value in ticks(low_x, high_x):
        below = f'x="{across(value):.1f}" y="{_HEIGHT - _BOTTOM + 18}"'
        body += f'<text class="below" {below}>{value:,.6g}</text>'
    values = _powers(low_y, high_y) if log else [(v, v) for v in ticks(low_y, high_y)]
    for place, value in values:
        height = f"{down(place):.1f}"
        body += f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{height}" y2="{height}"/>'
        body += f'<text class="beside" x="{_LEFT - 8}" y="{height}" dy="4">{value:.6g}</text>'
    middle = (_WIDTH + _LEFT) / 2
    body += f'<text class="below" x="{middle}" y="{_HEIGHT - 6}">{escape(x)}</text>'
    body += (
        f'<text class="below" transform="translate(14 {(_HEIGHT - _BOTTOM) / 2}) rotate(-90)">'
        f"{escape(y)}</text>"
    )
    for number, (places, heights) in enumerate(shown.values()):
        pairs = zip(places, np.log10(heights) if log else heights, strict=True)
        points = " ".join(f"{across(a):.1f},{down(b):.1f}" for a, b in pairs)
        body += f'<polyline class="line{number}" points="{points}"/>'
    chart = (
        f'<svg class="axes" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(words)}">{body}</svg>'
    )
    # The label of the axis is enough to name a single curve.
    return chart if len(shown) == 1 else chart + legend(shown)


def ticks(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from ``low`` to ``high``, at most ``most`` + 1, evenly spaced.

    >>> ticks(0, 1000)
    [0.0, 200.0, 400.0, 600.0, 800.0, 1000.0]
    """
    apart = (high - low) / most
    power = 10.0 ** math.floor(math.log10(apart))
    apart = next(power * m for m in (1, 2, 5, 10) if power * m >= apart * (1 - 1e-9))
    first, last = math.ceil(low / apart - 1e-9), math.floor(high / apart + 1e-9)
    return [float(f"{k * apart:.12g}") for k in range(first, last + 1)]


def thinned(curve: Curve, most: int = 400) -> tuple[Curve, int]:
    """A curve of at most ``most`` points, each the mean of n neighboring points, and n."""
    places, values = curve
    each = max(1, math.ceil(len(places) / most))
    starts = range(0, len(places), each)
    found = [np.array([part[i : i + each].mean() for i in starts]) for part in (places, values)]
    return (found[0], found[1]), each


def _drawable(curve: Curve, log: bool) -> Curve:
    places, values = (np.asarray(part, np.float64) for part in curve)
    good = np.isfinite(values) & (values > 0 if log else True)
    return places[good], values[good]


def _range(parts: list[NDArray[np.float64]]) -> tuple[float, float]:
    """The range of all values, never empty."""
    low, high = min(float(p.min()) for p in parts), max(float(p.max()) for p in parts)
    if high - low > 1e-12 * max(abs(low), abs(high), 1e-300):
        return low, high
    half = abs(low) / 2 or 0.5
    return low - half, high + half


def _powers(low: float, high: float) -> list[tuple[float, float]]:
    """Positions (log10) and values of the ticks of a logarithmic axis."""
    steps = (1,) if high - low > 4 else (1, 2, 5) if high - low > 0.7 else range(1, 10)
    found = [
        (power + math.log10(m), float(f"{m}e{power}"))
        for power in range(math.floor(low), math.ceil(high) + 1)
        for m in steps
    ]
    found = [(place, value) for place, value in found if low <= place <= high]
    if len(found) >= 2:
        return found
    return [(math.log10(v), v) for v in ticks(10**low, 10**high) if v > 0]
