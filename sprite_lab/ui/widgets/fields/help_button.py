"""The "?" of a view: what it shows, what to try, the formula, and the code behind it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt, QUrl

from sprite_lab.app import tasks
from sprite_lab.app.lab import Lab
from sprite_lab.ui.widgets.fields.buttons import IconButton
from sprite_lab.words import page_in_language, topic_words, tr

# ruff: noqa: PLC0415 (every view has such a button, and few are pressed)


class HelpButton(IconButton):
    """Shows ``resources/help/views/<topic>.md``; its objectName is ``help.<topic>``."""

    def __init__(self, lab: Lab, topic: str) -> None:
        super().__init__(f"help.{topic}", "help", tr("What is this?"), do=self._ask)
        # So that screen readers distinguish it from the others.
        self.setAccessibleName(tr("What is this? {topic}", topic=tr(topic_words(topic))))
        self._lab, self._page = lab, page_in_language("help", "views", f"{topic}.md")

    def _ask(self) -> None:
        self._lab.do(tasks.read_page(self._page), self, then=self._show, newest="explanation")

    def _show(self, markdown: str) -> None:
        from sprite_lab.ui.widgets.fields.explanation import Explanation

        popup = Explanation(self, markdown)
        popup.followed.connect(self._follow)
        top_left = self.mapToGlobal(QPoint(0, 0))
        popup.place(QRect(top_left, self.size()), self.screen().availableGeometry())
        popup.show()
        popup.text.setFocus(Qt.FocusReason.PopupFocusReason)

    def _follow(self, url: QUrl) -> None:
        from sprite_lab.ui.widgets.fields.links import open_link

        open_link(url, self._lab, self.window())
