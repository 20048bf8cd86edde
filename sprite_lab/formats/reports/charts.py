"""Small charts as SVG, for pages that need no other file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

import numpy as np

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
    """Curves over evenly spaced places, with a legend; each has its own dash."""
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
