"""A bar that shows how far something is."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar

from sprite_lab.ui.widgets.fields.calm import named

#: Resolution of a share.
_STEPS = 1000


class ProgressBar(QProgressBar):
    """Shows progress as jobs report it.

    ``width``: in logical pixels; 0 = all available.
    """

    def __init__(self, name: str, label: str, *, width: int = 0, percent: bool = True) -> None:
        super().__init__()
        named(self, name, label)
        self.setTextVisible(percent)
        if width:
            self.setFixedWidth(width)

    def show_progress(self, done: int, total: int, _text: str = "") -> None:
        """Show how many of ``total`` steps are done; ``total`` 0 = unknown."""
        self.setRange(0, total)
        self.setValue(done)

    def show_share(self, share: float | None) -> None:
        """Show a share, 0 to 1; None = unknown."""
        self.show_progress(round(_STEPS * (share or 0)), 0 if share is None else _STEPS)
