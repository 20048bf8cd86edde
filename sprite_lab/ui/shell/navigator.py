"""The workspaces of a window: each is built on first use, and one is shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QScrollArea, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.ui.parts import Parts
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, Inspector
from sprite_lab.ui.widgets.pages import CurrentStack, Paged, Pages, keep_focus
from sprite_lab.words import tr

if TYPE_CHECKING:
    from sprite_lab.ui.data.workspace import DataWorkspace
    from sprite_lab.ui.draw.workspace import DrawWorkspace
    from sprite_lab.ui.measure.workspace import MeasureWorkspace
    from sprite_lab.ui.see.workspace import SeeWorkspace
    from sprite_lab.ui.train.workspace import TrainWorkspace

    Workspace: TypeAlias = (
        SeeWorkspace | TrainWorkspace | DrawWorkspace | MeasureWorkspace | DataWorkspace
    )

W = TypeVar("W", bound="Workspace")

# ruff: noqa: PLC0415 (pyqtgraph alone takes longer to import than the window may take to open)


@dataclass(frozen=True)
class WorkspaceSpec:
    """The tab of a workspace."""

    name: str
    title: str
    icon: str
    tip: str


WORKSPACES = (
    WorkspaceSpec("see", tr("See"), "see", tr("Watch noise and sprites turn into each other")),
    WorkspaceSpec("train", tr("Train"), "train", tr("Teach a network to undo the noise")),
    WorkspaceSpec("draw", tr("Draw"), "draw", tr("Draw sprites and let a model finish them")),
    WorkspaceSpec(
        "measure", tr("Measure"), "measure", tr("Measure how probable sprites are to a model")
    ),
    WorkspaceSpec("data", tr("Data"), "data", tr("Look through the open data set")),
)

_NAMES = {spec.name for spec in WORKSPACES}


class Navigator(QObject):
    """Builds workspaces and shows one of them. UI thread."""

    went = Signal(str)  #: name of the current workspace
    turned = Signal()  #: another workspace or page is shown
    room_wanted = Signal(bool)  #: whether the stage may use the space of library and inspector
    built = Signal(str, QWidget, QWidget)  #: name of a workspace, the workspace, its inspector

    def __init__(self, lab: Lab, parent: QObject) -> None:
        super().__init__(parent)
        self._lab = lab
        self.current = ""  #: name of the current workspace
        #: show the current workspace and its inspector
        self.stage, self.inspector = CurrentStack(), CurrentStack()
        lab.workspace_wanted.connect(self.go)
        lab.style_wanted.connect(self._show_style)
        lab.sprites_wanted.connect(self._show_sprites)

    @Slot()
    def _show_style(self) -> None:
        self.go("draw")
        self.draw.show_set("style")

    @Slot()
    def _show_sprites(self) -> None:
        self.go("data", "browse")

    # Each workspace has its parent from the start: reparenting would restyle everything inside it.

    @cached_property
    def see(self) -> SeeWorkspace:
        from sprite_lab.ui.see.workspace import SeeWorkspace

        see = self._adopt("see", SeeWorkspace(self._lab, self.stage))
        see.watch.stage.room_wanted.connect(self.room_wanted)
        return see

    @cached_property
    def train(self) -> TrainWorkspace:
        from sprite_lab.ui.train.workspace import TrainWorkspace

        return self._adopt("train", TrainWorkspace(self._lab, self.stage))

    @cached_property
    def draw(self) -> DrawWorkspace:
        from sprite_lab.ui.draw.workspace import DrawWorkspace

        return self._adopt("draw", DrawWorkspace(self._lab, self.stage))

    @cached_property
    def measure(self) -> MeasureWorkspace:
        from sprite_lab.ui.measure.workspace import MeasureWorkspace

        return self._adopt("measure", MeasureWorkspace(self._lab, self.stage))

    @cached_property
    def data(self) -> DataWorkspace:
        from sprite_lab.ui.data.workspace import DataWorkspace

        return self._adopt("data", DataWorkspace(self._lab, self.stage))

    def _adopt(self, name: str, workspace: W) -> W:
        # At the size that Qt gives new widgets, rows would wrap, and make the window higher.
        workspace.resize(self.stage.size())
        self.stage.addWidget(workspace)
        self.inspector.addWidget(workspace.inspector)
        if isinstance(workspace, Pages):
            self._keep_page(name, workspace)
        self.built.emit(name, workspace, workspace.inspector)
        return workspace

    def _keep_page(self, name: str, pages: Pages) -> None:
        """Show the page that was open last, and remember changes."""
        settings = self._lab.settings
        last = settings.value.pages.get(name)
        if last in pages.names:
            pages.show_page(last)
        pages.shown.connect(
            lambda page: settings.replace(pages=settings.value.pages | {name: page})
        )
        pages.shown.connect(self.turned)

    def workspace(self, name: str) -> Workspace:
        """A workspace by name; See for unknown names."""
        found: Workspace = getattr(self, name if name in _NAMES else "see")
        return found

    # -- navigation -------------------------------------------------------------------------------

    @property
    def page(self) -> str:
        """Name of the current workspace's current page; "" = it has no pages."""
        shown = self.workspace(self.current)
        return shown.current if isinstance(shown, Paged) else ""

    def go(self, workspace: str, page: str = "") -> None:
        """Show a workspace and a page of it; "" = stay."""
        if workspace or not self.current:
            self._show(workspace)
        shown = self.workspace(self.current)
        if page in shown.names:
            shown.show_page(page)

    def _show(self, name: str) -> None:
        if name not in _NAMES:
            name = WORKSPACES[0].name
        shown = self.workspace(name)
        self.current = name
        turned = shown is not self.stage.currentWidget()
        if turned:
            keep_focus(shown, self.stage, self.inspector)
        self.stage.setCurrentWidget(shown)
        self.inspector.setCurrentWidget(shown.inspector)
        self._lab.settings.replace(workspace=name)
        self.went.emit(name)
        if turned:
            self.turned.emit()

    def reveal(self, control: QWidget) -> None:
        """Open the panels that contain a control, and scroll to it."""
        if self.inspector.isAncestorOf(control):
            self._lab.settings.replace(inspector_open=True)
        unfold(control)


def unfold(control: QWidget) -> None:
    """Expand the groups and scroll the panels that contain a control."""
    parent = control.parentWidget()
    while parent is not None:
        if isinstance(parent, FoldGroup) and not parent.is_open:
            parent.set_open(True)
        if isinstance(parent, Inspector):
            parent.reveal(control)
        if isinstance(parent, Parts):
            parent.show_part_of(control)
        if isinstance(parent, QScrollArea):
            parent.ensureWidgetVisible(control, 8, 16)
        parent = parent.parentWidget()
