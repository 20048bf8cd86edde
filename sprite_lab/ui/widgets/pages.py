"""Pages of a workspace, each built when it is first shown."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from sprite_lab.ui.layouts import hbox, vbox
from sprite_lab.ui.page import Page
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented
from sprite_lab.ui.widgets.fields.calm import panel
from sprite_lab.ui.widgets.fields.inspector import separator
from sprite_lab.words import tr


@dataclass(frozen=True)
class PageSpec:
    """A page before it is built."""

    name: str
    title: str
    icon: str
    tip: str
    make: Callable[[], Page]


class CurrentStack(QStackedWidget):
    """A stack whose minimum size is that of the current page, not of the largest."""

    def __init__(self) -> None:
        super().__init__()
        self.currentChanged.connect(self.updateGeometry)

    def minimumSizeHint(self) -> QSize:
        page = self.currentWidget()
        return super().minimumSizeHint() if page is None else page.minimumSizeHint()


def keep_focus(page: QWidget, *leaving: QWidget) -> None:
    """If the focus is in a part that is ``leaving``, pass it to ``page``.

    Qt would move it to an arbitrary control, which would look chosen.
    """
    focused = QApplication.focusWidget()
    if focused is not None and any(part.isAncestorOf(focused) for part in leaving):
        page.setFocus()


class Paged(Page):
    """A page with subpages, of which :attr:`stack` shows one; ``makers``: functions that build
    them, by name.
    """

    def __init__(
        self, name: str, makers: Mapping[str, Callable[[], Page]], parent: QWidget | None = None
    ) -> None:
        super().__init__(name, parent)
        self._makers = makers
        self._built: dict[str, Page] = {}
        self.stack = CurrentStack()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all pages, built or not."""
        return tuple(self._makers)

    def page(self, name: str) -> Page:
        """A page, built on first use; raises KeyError if there is none of this name."""
        page = self._built.get(name)
        if page is None:
            page = self._built[name] = self._makers[name]()
            self.stack.addWidget(page)
        return page

    def show_page_of(self, control: QWidget) -> None:
        """Show the page with a control, if it has been built."""
        for name, page in self._built.items():
            beside = page.inspector is not None and page.inspector.isAncestorOf(control)
            if page.isAncestorOf(control) or beside:
                self.show_page(name)
                return

    @property
    @abstractmethod
    def current(self) -> str:
        """Name of the current page."""

    @abstractmethod
    def show_page(self, name: str) -> None:
        """Show a page."""


class Pages(Paged):
    """Pages with tabs ``<tabs>.<page>`` above; ``inspector`` is that of the current page.

    ``tabs``: ``<name>.tabs`` by default; ``above``: a widget above all tabs; ``beside``: the
    inspector for pages without their own.
    """

    inspector: QWidget
    shown = Signal(str)  #: name of the new current page

    def __init__(
        self,
        specs: Sequence[PageSpec],
        *,
        name: str,
        tabs: str = "",
        above: QWidget | None = None,
        beside: QWidget | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(name, {spec.name: spec.make for spec in specs}, parent)
        self._inspectors = CurrentStack()
        self.inspector = self._inspectors
        options = [Option(spec.name, spec.title, spec.icon, spec.tip) for spec in specs]
        self._tabs = Segmented(tabs or f"{name}.tabs", tr("Pages"), *options)
        strip = panel(QWidget())
        hbox(self._tabs, ..., on=strip, spacing=-1, margins=(16, 4, 16, 4))
        head = () if above is None else (above, separator())
        vbox(*head, strip, separator(), (self.stack, 1), on=self, spacing=0)
        if beside is not None:
            self._inspectors.addWidget(beside)
        self._tabs.changed.connect(self.show_page)
        self.show_page(specs[0].name)

    @property
    def current(self) -> str:
        return self._tabs.value

    def page(self, name: str) -> Page:
        first = name not in self._built
        page = super().page(name)
        if first and page.inspector is not None:
            self._inspectors.addWidget(page.inspector)
        return page

    def show_page(self, name: str) -> None:
        page = self.page(name)
        self._tabs.set_value(name)
        beside = () if page.inspector is None else (self._inspectors,)
        keep_focus(page, self.stack, *beside)
        self.stack.setCurrentWidget(page)
        if page.inspector is not None:
            self._inspectors.setCurrentWidget(page.inspector)
        self.shown.emit(name)
