"""Setup shared by GUI tests: a lab with its own folders, a window, and no thread left behind."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QLocale, QThread
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.exceptions import TimeoutError
from pytestqt.qtbot import QtBot
from shiboken6 import createdByPython, isValid

from sprite_lab import jobs
from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.settings import Settings
from sprite_lab.core.results.measured import Sizes
from sprite_lab.core.run import Run
from sprite_lab.core.sets.sprite_query import Copies
from sprite_lab.core.sets.sprites import SpriteSet
from sprite_lab.data import copy_kinds
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.theme import ThemeManager, theme_manager
from tests.gui.kept import KeptWindow
from tests.qt import PATIENCE_MS, PatientBot, at_work, delete_now


class WindowBot(PatientBot):
    """Styles widgets as the window styles its parts, and reports what kept a test waiting."""

    def waitUntil(self, callback: Callable[[], object], *, timeout: int = PATIENCE_MS) -> None:
        try:
            super().waitUntil(callback, timeout=timeout)
        except TimeoutError as error:
            for window in QApplication.topLevelWidgets():
                if isinstance(window, MainWindow):
                    told = [text for _, text in window.notices.kept]
                    error.add_note(f"at work: {at_work(window.lab.jobs)}; told: {told}")
            raise

    def addWidget(self, widget: QWidget, **options: Any) -> None:
        super().addWidget(widget, **options)
        theme_manager().dress(widget)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    return WindowBot(request)


@pytest.fixture(autouse=True)
def _no_thread_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a test that leaves a worker running, and say where it was started."""
    started: list[tuple[jobs.Worker, str]] = []

    def start(self: jobs.Worker, *arguments: object) -> None:
        started.append((self, "".join(traceback.format_stack(limit=8))))
        QThread.start(self, *arguments)

    monkeypatch.setattr(jobs.Worker, "start", start)
    yield
    running = [
        (worker, where) for worker, where in started if isValid(worker) and worker.isRunning()
    ]
    left = [where for _, where in running]
    for worker, _ in running:  # otherwise the interpreter would abort in the next test
        worker.leave()
        worker.wait(5000)
    assert not left, "a worker still ran at the end; it was started here:\n" + left[0]


@pytest.fixture(scope="session", autouse=True)
def _copies_found_once() -> Iterator[None]:
    """Find the copies in the built-in set once: it takes a second each time that Data lists it."""
    found: dict[bytes, Copies] = {}
    find = copy_kinds.find_copies_iter

    def once(sprites: SpriteSet) -> Run[Copies]:
        if len(sprites) < 1000:
            return (yield from find(sprites))
        pixels = sha256(sprites.images).digest() + sha256(sprites.alpha).digest()
        if pixels not in found:
            found[pixels] = yield from find(sprites)
        return found[pixels]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copy_kinds, "find_copies_iter", once)
        yield


@pytest.fixture(scope="session", autouse=True)
def _counted_once() -> Iterator[None]:
    """Measure sizes by coders once: learning from even a few sprites takes half a second."""
    from sprite_lab.engine.measuring import measuring

    found: dict[tuple[object, ...], Sizes] = {}
    count = measuring.sizes_iter

    def once(sprites: SpriteSet, among: SpriteSet | None) -> Run[Sizes]:
        key = sprites.fingerprint, among and among.fingerprint, measuring.LEARNED
        if key not in found:
            found[key] = yield from count(sprites, among)
        return found[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "sizes_iter", once)
        yield


@pytest.fixture(autouse=True)
def models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in place of the shipped models."""
    folder = tmp_path / "resources"
    monkeypatch.setattr("sprite_lab.app.files.library.resource", folder.joinpath)
    return folder / "models"


@pytest.fixture(scope="module")
def _kept(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[KeptWindow]:
    kept = KeptWindow(tmp_path_factory)
    yield kept
    kept.close()


@pytest.fixture(scope="module", autouse=True)
def _no_window_is_left(qapp: QApplication) -> Iterator[None]:
    """Remove windows that a file leaves: each would be restyled at each change of theme or text
    size in every file after it.
    """
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    assert not [each for each in qapp.topLevelWidgets() if isinstance(each, MainWindow)]


@pytest.fixture
def shared(request: pytest.FixtureRequest) -> Iterator[KeptWindow | None]:
    """The window shared by the file's tests; None for tests that have their own."""
    mark = request.node.get_closest_marker("opens")
    if mark is None or not mark.kwargs.get("shared"):
        yield None
        return
    kept: KeptWindow = request.getfixturevalue("_kept")
    kept.open()
    yield kept
    kept.give_back()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: KeptWindow | None) -> Path:
    """An empty folder in place of the user's."""
    folder = shared.home if shared else tmp_path / "home"
    monkeypatch.setenv("SPRITE_LAB_HOME", str(folder))
    return folder


@pytest.fixture
def lab(qapp: QApplication, home: Path, shared: KeptWindow | None) -> Iterator[Lab]:
    """A lab with its own settings, shut down at the end.

    Windows, menus of plots and anything else without a parent are deleted with it: the more of them
    there are, the longer a change of the text size takes.
    """
    if shared:
        yield shared.window.lab
        return
    before = set(qapp.topLevelWidgets())
    lab = Lab(Settings())
    yield lab
    assert lab.jobs.shut_down(60)
    ours = [w for w in qapp.topLevelWidgets() if w not in before and createdByPython(w)]
    for each in (*ours, lab):
        if isValid(each):  # it may be deleted with another
            delete_now(each)


@pytest.fixture(scope="session", autouse=True)
def _empty_clipboard(qapp: QApplication) -> Iterator[None]:
    """Clear the clipboard: offscreen, its contents from Python would be destroyed
    after Python itself.
    """
    yield
    qapp.clipboard().clear()


@pytest.fixture(autouse=True)
def _application_as_it_was(qapp: QApplication) -> Iterator[None]:
    """Restore process-wide settings of ``run_app`` after each test."""
    interval, quits, locale = sys.getswitchinterval(), qapp.quitOnLastWindowClosed(), QLocale()
    name, icon = qapp.applicationName(), qapp.windowIcon()
    yield
    sys.setswitchinterval(interval)
    qapp.setQuitOnLastWindowClosed(quits)
    QLocale.setDefault(locale)
    if qapp.applicationName() != name:
        qapp.setApplicationName(name)
        qapp.setWindowIcon(icon)


@pytest.fixture(autouse=True)
def theme(_theme: ThemeManager) -> Iterator[ThemeManager]:
    """The light theme, at the usual text size, restored after each test."""
    _theme.set_mode("light")
    yield _theme
    _theme.set_text_size(100)
    _theme.set_contrast(False)


@pytest.fixture
def window(  # type: ignore[no-untyped-def]
    lab: Lab, qtbot, request: pytest.FixtureRequest, shared: KeptWindow | None
) -> Iterator[MainWindow]:
    """The main window, shown; closing it after the test asks nothing.

    It opens with the workspace that the mark ``opens`` names, and builds no other. Data is the
    quickest to build, for tests that need none; the default is See, as on a first launch. With
    ``opens("draw", shared=True)``, the tests of a file share one window.
    """
    if shared:
        yield shared.window
        return
    if mark := request.node.get_closest_marker("opens"):
        lab.settings.replace(workspace=mark.args[0])
    window = MainWindow(lab)
    window.show()
    qtbot.waitExposed(window)
    yield window
    window.closing.safe = True
    window.close()
    delete_now(window)


@pytest.fixture
def visible(window: MainWindow) -> Callable[[type, str], object]:
    """Finds a visible widget by objectName."""

    def find(kind: type, name: str) -> object:
        found = [w for w in window.findChildren(kind, name) if w.isVisible()]
        assert found, f"no visible {kind.__name__} named '{name}'"
        return found[0]

    return find
