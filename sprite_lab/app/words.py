"""Quantities as a person reads them."""

from __future__ import annotations


def time_text(seconds: float) -> str:
    """A duration: 42 s, 3:07, 1:02:30."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, second = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes}:{second:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{second:02d}"


def size_text(count: float) -> str:
    """Bytes: 12 KB, 3.4 MB."""
    for unit in ("bytes", "KB", "MB"):
        if count < 1000:
            digits = 0 if unit == "bytes" or count >= 10 else 1
            return f"{count:.{digits}f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
