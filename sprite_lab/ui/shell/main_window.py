"""The main window: top bar, library, stage, inspector and status bar."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import (
    QActionGroup,
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QPaintEvent,
)
from PySide6.QtWidgets import QMainWindow, QPushButton, QSplitter, QWidget

from sprite_lab.app.files.library import is_shipped, opening_model
from sprite_lab.app.files.opening import WEIGHT_SUFFIXES, what_opens
from sprite_lab.app.files.recovery import Recovery
from sprite_lab.app.files.unsaved_set import UnsavedSet
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.desk import fresh
from sprite_lab.app.shell.settings import Preferences
from sprite_lab.app.shell.text_format import run_name, run_title
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.ui.exporting.opener import ExportOpener
from sprite_lab.ui.help.learning import Learning
from sprite_lab.ui.layouts import as_widget, vbox
from sprite_lab.ui.shell.closing import Closing
from sprite_lab.ui.shell.desktop import DesktopActions
from sprite_lab.ui.shell.dialogs import confirm
from sprite_lab.ui.shell.drop import DropVeil, dropped_paths
from sprite_lab.ui.shell.file_actions import FileActions
from sprite_lab.ui.shell.library_panel import LibraryPanel
from sprite_lab.ui.shell.menus import Menus
from sprite_lab.ui.shell.model_actions import ModelActions
from sprite_lab.ui.shell.navigator import WORKSPACES, Navigator
from sprite_lab.ui.shell.notices import ErrorBar, NoticeArea
from sprite_lab.ui.shell.panels import Panels
from sprite_lab.ui.shell.status_bar import StatusBar
from sprite_lab.ui.shell.top_bar import TopBar
from sprite_lab.ui.shell.window_actions import EditActions, ImportActions, RunActions, UndoActions
from sprite_lab.ui.text import tooltip
from sprite_lab.ui.theme import theme_manager
from sprite_lab.ui.widgets.fields.buttons import Option
from sprite_lab.ui.widgets.fields.calm import allow, named
from sprite_lab.ui.widgets.fields.inspector import separator
from sprite_lab.ui.widgets.welcome import Welcome
from sprite_lab.words import tr, trc, trn

if TYPE_CHECKING:
    from sprite_lab.ui.shell.navigator import Workspace


class MainWindow(QMainWindow):
    """The main window."""

    painted = Signal()  #: the window was painted for the first time
    closed = Signal()  #: the window has closed

    def __init__(self, lab: Lab) -> None:
        super().__init__()
        self.setObjectName("main")
        self.lab = lab
        self._was_painted = False
        #: whether another window, as at the first launch, should open after this one
        self.fresh_wanted = False
        self._progress = ""
        self.setAcceptDrops(True)
        self.files = FileActions(lab, self)
        self.imports = ImportActions(lab, self.files, self)
        self.navigator = Navigator(lab, self)
        self.menus = menus = Menus(self)
        self.learning = Learning(lab, self.navigator, self.files, menus, self)
        self.recovery = Recovery(lab, self)
        self.unsaved_set = UnsavedSet(lab, self)
        self.closing = Closing(lab, self.files, (self.recovery, self.unsaved_set), self)
        self._build()
        self.desktop = DesktopActions(
            lab, self.navigator, self.learning, menus, self.library, self, self.top_bar
        )
        self.runs = RunActions(lab, self.navigator, self.menus.actions)
        self.library.menu_opening.connect(ModelActions(lab, self, self.menus.actions).fill_menu)
        self.editing = EditActions(lab, self.navigator, menus, self)
        self.exporting = ExportOpener(lab, self.navigator, self.menus.actions, self)
        self._connect_menus()
        self._connect_lab()
        self.panels.restore()
        self.navigator.go(lab.settings.value.workspace)
        theme_manager().dress(self)
        self.stage.setFocus()  # not to the first tab, which would look selected

    # -- layout ----------------------------------------------------------------------------

    def _build(self) -> None:
        lab = self.lab
        tabs = [
            Option(spec.name, spec.title, spec.icon, tr("{tip} (Ctrl+{i})", tip=spec.tip, i=i))
            for i, spec in enumerate(WORKSPACES, 1)
        ]
        self.top_bar = TopBar(tabs, self.menus.actions)
        self.library = LibraryPanel(lab)
        self.stage, self.inspector = self.navigator.stage, self.navigator.inspector
        self.status = StatusBar(lab)
        self.installEventFilter(self.status)
        self.welcome = Welcome(self, with_model=opening_model() is not None)
        middle = named(QWidget(), "stage")
        middle.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        vbox((self.stage, 1), on=middle, spacing=0)

        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        for i, part in enumerate((self.learning.room, self.library, middle, self.inspector)):
            splitter.addWidget(part)
            splitter.setStretchFactor(i, 1 if part is middle else 0)
        lines = (separator(), separator())
        central = as_widget(
            vbox(self.top_bar, lines[0], (splitter, 1), lines[1], self.status, spacing=0)
        )
        self.setCentralWidget(central)
        self.error = ErrorBar(central, self.status, self.status.tip)
        self.notices = NoticeArea(central, self.status.tip, self.error)
        self.veil = DropVeil(central)
        self.panels = Panels(
            lab,
            self,
            self.menus,
            self.learning,
            (self.library, self.inspector),
            splitter,
            (self.top_bar, self.status, self.menuBar(), *lines),
        )

    # -- wiring ----------------------------------------------------------------------------

    def _connect_menus(self) -> None:
        files = self.files
        self.menus.connect_all(
            {
                "file.new": files.new_project,
                "file.open": files.open_project,
                "file.open_data": files.open_data,
                "file.open_store": files.open_store,
                "file.open_run": files.open_run,
                "file.follow": files.follow_training,
                "file.open_weights": files.open_weights,
                "file.get_model": files.get_model,
                "file.open_lesson": files.open_lesson,
                "file.open_results": files.open_results,
                "help.fresh_desk": self._clear_desk,
                "file.save_data": files.save_data,
                "file.save_data_as": files.save_data_as,
                "file.import": self.imports.open,
                "file.save": files.save,
                "file.save_as": files.save_as,
                "file.close": self.close,
                "file.quit": self.close,
                "view.notices": self._show_notices,
            }
        )
        undo, redo = self.menus.actions["edit.undo"], self.menus.actions["edit.redo"]
        self._undo = UndoActions(self.lab, undo, redo, self)
        group = QActionGroup(self)
        for spec in WORKSPACES:
            action = self.menus.actions[f"view.{spec.name}"]
            group.addAction(action)
            action.triggered.connect(lambda _checked=False, name=spec.name: self.navigator.go(name))
        self.menus.actions["view.full_screen"].toggled.connect(self._set_full_screen)
        self.menus.actions["view.projector"].toggled.connect(self._set_projector)
        for menu, fill in (
            (self.menus.submenus["file.recent.menu"], files.fill_recent),
            (self.top_bar.data.menu_shown, files.fill_data),
            (self.top_bar.model.menu_shown, files.fill_models),
        ):
            menu.aboutToShow.connect(lambda menu=menu, fill=fill: fill(menu))
        themes, settings = QActionGroup(self), self.lab.settings
        self.menus.submenus["view.theme.menu"].setToolTipsVisible(True)
        for choice in settings_of(Preferences)["theme"].choices:
            action = self.menus.submenus["view.theme.menu"].addAction(tr(choice.label))
            action.setObjectName(f"view.theme.{choice.value}")
            action.setToolTip(tooltip(tr(choice.tip)))
            action.setCheckable(True)
            action.setChecked(theme_manager().mode == choice.value)
            themes.addAction(action)
            action.triggered.connect(lambda _, mode=choice.value: settings.replace(theme=mode))

    def _connect_lab(self) -> None:
        lab = self.lab
        self.top_bar.tabs.changed.connect(self.navigator.go)
        self.navigator.went.connect(self._on_workspace)
        self.navigator.turned.connect(self.notices.leave_page)
        self.navigator.built.connect(self._on_built)
        self.navigator.room_wanted.connect(self.panels.give_room)
        self.library.page_wanted.connect(lambda *page: self.learning.guide.open_page(*page))
        lab.notice.connect(self.notices.say)
        lab.undoable.connect(lambda text: self.notices.say(text, lab.project))
        lab.failed.connect(self._on_failed)
        lab.mended.connect(self.error.hide)
        lab.data.changed.connect(self._show_open)
        lab.edits.clean_changed.connect(self._show_open)
        lab.model.changed.connect(self._show_open)
        lab.model_loading.changed.connect(self._show_open)
        lab.runs.changed.connect(self._show_open)  # the model may have a new name now
        lab.settings.changed.connect(self._on_settings)
        lab.project.title_changed.connect(self._show_title)
        lab.project.clean_changed.connect(self._show_title)
        self.status.progress_changed.connect(self._show_progress)
        self.status.notices.clicked.connect(self._show_notices)
        self.welcome.watch.clicked.connect(self._watch)
        self.welcome.train.clicked.connect(lambda: self.navigator.go("train"))
        self.welcome.draw.clicked.connect(lambda: self.navigator.go("draw"))
        self.welcome.never.clicked.connect(lambda: lab.settings.replace(welcome=False))
        self.closing.waiting.connect(self._on_waiting)
        self.closing.ready.connect(self.close)
        self.closing.stays.connect(self._stay)
        self.files.settings_found.connect(self._restore_settings)
        self.learning.opened_changed.connect(self._show_welcome)
        self.welcome.lessons.clicked.connect(lambda: self.learning.lessons.show_list())
        lab.branches.changed.connect(self._show_welcome)
        self._show_open()
        self._show_title()

    # -- workspaces ------------------------------------------------------------------------

    @property
    def current(self) -> str:
        return self.navigator.current

    def workspace(self, name: str) -> Workspace:
        """A workspace by name, built if needed."""
        return self.navigator.workspace(name)

    def show_workspace(self, name: str) -> None:
        self.navigator.go(name)

    def _on_workspace(self, name: str) -> None:
        self._undo.show_workspace(name)
        self.top_bar.tabs.set_value(name)
        self.menus.actions[f"view.{name}"].setChecked(True)
        self._show_welcome()

    def _on_built(self, name: str, workspace: QWidget, inspector: QWidget) -> None:
        """Show the welcome in Watch; show only one Generate and one Start at a time."""
        above = workspace.findChild(QWidget, "see.above")
        if above is not None:
            vbox(self.welcome, on=above)
        bar = self.top_bar
        own = {"see": "see.generate", "draw": "draw.generate", "train": "train.start"}.get(name, "")
        button = inspector.findChild(QPushButton, own) if own else None
        if button is not None:
            bar.yield_to(button, bar.train if name == "train" else bar.generate)

    def _watch(self) -> None:
        self.navigator.go("see")
        if self.lab.model.value is not None:
            self.navigator.see.generate(play=True)
        else:
            self.navigator.see.dissolve()

    def _restore_settings(self, config: SampleConfig) -> None:
        if self.lab.model.value is None:
            self.lab.notice.emit(tr("These settings need a model: open or train one first."))
            return
        self.navigator.go("see")
        self.navigator.see.restore_settings(config)
        self.lab.notice.emit(
            tr("The settings of the picture are in the panel on the right; Generate uses them.")
        )

    # -- surroundings -----------------------------------------------------------------------------

    def _show_open(self, *_: object) -> None:
        lab = self.lab
        sprites, model = lab.data.value, lab.model.value
        tip = trn("{n:,} sprite", "{n:,} sprites", len(sprites)) if sprites is not None else ""
        title = lab.data_title if lab.edits.is_clean else f"{lab.data_title}*"
        self.top_bar.data.set_choice(
            title, tr("Data set: {title}\n{tip}", title=title, tip=tip).strip()
        )
        title, short = tr("Loading…") if lab.model_loading.value else tr("No model yet"), ""
        kind = icon = ""
        if model is not None:
            title, short = run_title(model.title), run_name(model.title)
            ref = Path(lab.model_ref or "")
            if not is_shipped(ref) and ref.suffix not in WEIGHT_SUFFIXES:  # as in the library
                kind, icon = trc("noun", "Run"), "train"
        self.top_bar.model.set_choice(title, short=short, kind=kind, icon=icon)
        self._show_welcome()

    def _show_welcome(self, *_: object) -> None:
        # Users with a model of their own need no welcome; those who branch need the room.
        lab = self.lab
        own = lab.model.value is not None and not is_shipped(lab.model_ref or "")
        own |= lab.branches.tree is not None and len(lab.branches.tree) > 1
        here = self.current == WORKSPACES[0].name and not self.learning.opened
        self.welcome.setVisible(lab.settings.value.welcome and here and not own)

    def _show_progress(self, text: str) -> None:
        self._progress = text
        self._show_title()

    def _show_title(self, *_: object) -> None:
        project = self.lab.project
        state = tr(" (read-only)") if project.read_only else ""
        self.setWindowTitle(
            tr(
                "{progress}{title}[*]{state} – Sprite Lab",
                progress=self._progress,
                title=project.shown_title,
                state=state,
            )
        )
        self.setWindowModified(not project.is_clean)

    def _on_failed(self, sentence: str, details: str) -> None:
        self.error.say(sentence, details)
        self.notices.keep(sentence)

    def _on_waiting(self, sentence: str) -> None:
        self.notices.say(sentence)
        self._set_usable(False)

    def _stay(self) -> None:
        self.fresh_wanted = False
        self._set_usable(True)

    def _set_usable(self, usable: bool) -> None:
        for part in (self.top_bar, self.stage, self.inspector, self.library):
            part.setEnabled(usable)

    def _show_notices(self) -> None:
        self.notices.show_list(self.status.notices)

    def _on_settings(self, new: Preferences, old: Preferences) -> None:
        if new.theme != old.theme:
            theme_manager().set_mode(new.theme)
            for action in self.menus.submenus["view.theme.menu"].actions():
                action.setChecked(action.objectName() == f"view.theme.{new.theme}")
        if new.text_size != old.text_size:
            theme_manager().set_text_size(new.text_size)
        self._show_welcome()

    def _set_projector(self, on: bool) -> None:
        """Switch large text in high contrast on or off; not saved for the next launch."""
        theme_manager().set_contrast(on)
        theme_manager().set_text_size(150 if on else self.lab.settings.value.text_size)
        why = tr(
            "Projector sets its own theme and text size: switch it off in View to choose yours."
        )
        for action in self.menus.submenus["view.theme.menu"].actions():
            allow(action, why if on else "")

    def _clear_desk(self) -> None:
        """Ask, then close, so that ``run_app`` opens a new window."""
        if not self.files.may_leave_project(then=self._clear_desk):
            return
        if not self.files.may_leave_data(then=self._clear_desk):
            return
        text = tr(
            "For the next student: answers, pictures, drawings and settings are cleared, and "
            "Sprite Lab opens as on its first launch. Save the results first if you want them. "
            "Files, trained models, colors, text size and keys stay."
        )
        if confirm(self, tr("Reset for the next student?"), text, tr("Reset"), name="fresh"):
            self.fresh_wanted = True
            self.fresh_wanted = self.close() or self.closing.is_waiting
        else:
            self.files.keep_discarded()

    def _set_full_screen(self, on: bool) -> None:
        state = self.windowState()
        full = Qt.WindowState.WindowFullScreen
        self.setWindowState(state | full if on else state & ~full)

    def offer_report(self, crash: str) -> None:
        """Show the crash report of the last session; "" = it did not crash."""
        if crash:
            from sprite_lab.ui.help.crash import CrashWindow  # noqa: PLC0415 (few ever see it)

            CrashWindow(self.lab, crash, self).show()

    def bring_to_front(self, *_: object) -> None:
        """Show the window, in front of other windows if the desktop allows it."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.WindowStateChange:
            self.menus.actions["view.full_screen"].setChecked(self.isFullScreen())
        super().changeEvent(event)

    # -- events ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def closeEvent(self, event: QCloseEvent) -> None:
        asks = not self.closing.by_signal
        if (asks and not self.imports.may_close()) or not self.closing.may_close():
            event.ignore()
            return
        self.panels.remember()
        self.learning.close()  # first, since a lesson that ends restores settings
        if self.fresh_wanted:
            self.lab.settings.set(fresh(self.lab.settings.value))
        self.lab.settings.try_to_save()
        self.imports.close()
        self.recovery.release()
        self.unsaved_set.release()
        event.accept()
        self.closed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        paths = dropped_paths(event.mimeData())
        if not paths:
            return
        if self.veil.say(what_opens(*paths)):
            event.acceptProposedAction()
        else:
            # Accepted anyway, or the window would get no leave event.
            event.setDropAction(Qt.DropAction.IgnoreAction)
            event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.veil.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        self.veil.hide()
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.files.open_paths(paths)
