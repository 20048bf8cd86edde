"""A training run beside a window in use, for hours: nothing may grow.

``python -m tests.reliability.soak --minutes 120`` trains, and meanwhile does in turn what a person
does: scrubs over recorded steps, generates again, draws with Live on and on layers, animates
frames, draws a terrain and a character, undoes, and visits all workspaces and pages. Each minute it
notes memory (resident and allocated), threads, open files, widgets, objects and timers; finally it
compares the last quarter with the state after ten minutes (or after a third of a shorter time).
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import itertools
import json
import os
import random
import statistics
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from sprite_lab.app.lab import Lab
from sprite_lab.core.config import NetworkConfig
from sprite_lab.core.presets import PRESETS
from sprite_lab.jobs.collector import give_back
from sprite_lab.ui.draw.workspace import DrawWorkspace
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import WORKSPACES
from sprite_lab.ui.widgets.pages import Pages
from tests.benchmarks.app import find, real_window, throwaway_home, wait, wait_for

#: The allowed growth of memory, as a fraction.
MOST_GROWTH = 0.02
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class _Mallinfo(ctypes.Structure):
    """glibc's ``struct mallinfo2``."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks",
            "fordblks", "keepcost",
        )
    ]  # fmt: skip


def _allocated() -> int:
    """Bytes that the process has allocated and not freed.

    Resident memory also counts freed memory that the allocator keeps, which varies by a tenth.
    """
    mallinfo = ctypes.CDLL(None).mallinfo2
    mallinfo.restype = _Mallinfo
    now = mallinfo()
    return int(now.uordblks + now.hblkhd)


def measure(window: QWidget, lab: QObject) -> dict[str, int]:
    """Current counts, after a garbage collection, and after returning freed memory to the system,
    as the app does each minute.
    """
    wait(0.2)
    gc.collect()
    give_back()
    with open("/proc/self/statm") as status:
        pages = int(status.read().split()[1])
    return {
        "kB": pages * os.sysconf("SC_PAGE_SIZE") // 1024,
        "allocated kB": _allocated() // 1024,
        "threads": len(os.listdir("/proc/self/task")),
        "files": len(os.listdir("/proc/self/fd")),
        "widgets": len(QApplication.allWidgets()),
        "objects": sum(len(owner.findChildren(QObject)) for owner in (window, lab)),
        "timers": sum(len(owner.findChildren(QTimer)) for owner in (window, lab)),
    }


class Person:
    """Uses the app; each action ends when the app has done it."""

    def __init__(
        self, lab: Lab, window: MainWindow, rng: random.Random, failures: list[str]
    ) -> None:
        self._lab, self._window, self._rng, self._failures = lab, window, rng, failures
        (self._draw,) = window.findChildren(DrawWorkspace)
        self._answering = QTimer()
        self._answering.timeout.connect(self._answer)
        self._answering.start(300)

    def actions(self) -> Iterator[str]:
        """Do everything in turn, forever; yields what was done."""
        for turn in itertools.count():
            self._generate()
            yield "generated"
            self._scrub()
            yield "scrubbed"
            self._draw_live(turn)
            yield "drew"
            self._use_layers()
            yield "used layers"
            self._animate(first=turn == 0)
            yield "animated frames"
            for kind in ("terrain", "character"):
                self._draw_set(kind, first=turn == 0)
                yield f"drew a {kind}"
            self._go_through_pages()
            yield "went through all pages"

    def _answer(self) -> None:
        """Answer a question, which would otherwise wait forever."""
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            return
        for name in ("draw.over.over", "draw.no_ground.noise"):
            button = dialog.findChild(QAbstractButton, name)
            if button is not None:
                button.click()
                return
        dialog.close()
        self._failures.append(f"The question {dialog.objectName()!r} has no answer here.")

    def _press(self, name: str) -> None:
        button = find(self._window, name)
        assert isinstance(button, QAbstractButton)
        button.click()

    def _trigger(self, action: str) -> None:
        self._window.menus.actions[action].trigger()

    def _stroke(self) -> None:
        """Draw a row in a random color."""
        canvas, row = find(self._window, "draw.canvas"), self._rng.randrange(16)
        color = (self._rng.randrange(256), self._rng.randrange(256), 90, 255)
        self._draw.tools.set_color(0, color)
        QTest.mousePress(canvas, LEFT, NONE, canvas.pixel_rect(0, row).center().toPoint())
        for x in range(1, 16):
            QTest.mouseMove(canvas, canvas.pixel_rect(x, row).center().toPoint())
            wait(0.02)
        QTest.mouseRelease(canvas, LEFT, NONE, canvas.pixel_rect(15, row).center().toPoint())

    def _wait_for_cells(self) -> None:
        wait_for(lambda: not self._draw.generation.running, 600)

    def _generate(self) -> None:
        self._window.navigator.go("see")
        find(self._window, "main.generate").click()
        jobs = self._lab.jobs
        wait_for(lambda: not any(h.name.startswith("Draw") for h in jobs.handles), 600)

    def _scrub(self) -> None:
        slider = find(self._window, "timeline.slider")
        for _ in range(60):
            QTest.keyClick(slider, self._rng.choice((Qt.Key.Key_Left, Qt.Key.Key_Right)))
            wait(0.02)

    def _draw_live(self, turn: int) -> None:
        self._window.navigator.go("draw")
        live = find(self._window, "draw.live")
        assert isinstance(live, QAbstractButton)
        if not live.isChecked():
            live.click()
        self._stroke()
        wait_for(lambda: self._draw.live.live.settled, 600)
        if turn % 3 == 0:
            live.click()
        if turn % 2:
            self._lab.project.history.undo()

    def _use_layers(self) -> None:
        for name in ("add", "duplicate", "merge_down", "lower_layer"):
            self._trigger(f"layer.{name}")
            self._stroke()
        self._trigger("layer.flatten")
        wait_for(lambda: self._draw.live.live.settled, 600)

    def _animate(self, *, first: bool) -> None:
        self._press("draw.tabs.cells")
        if first:
            self._press("draw.group.frames.header")
        self._draw.grid.set_selection((1, 2, 3))
        self._press("draw.frames.generate")
        self._wait_for_cells()
        self._press("draw.frames.play")
        wait(1)
        self._press("draw.frames.play")
        self._draw.grid.set_selection((0,))

    def _draw_set(self, kind: str, *, first: bool) -> None:
        """Draw all cells of a terrain or a character again."""
        self._trigger(f"run.{kind}")
        if first:
            self._press(f"draw.{kind}.new")
        self._press({"terrain": "draw.terrain.draw", "character": "draw.character.turn"}[kind])
        self._wait_for_cells()
        if kind == "terrain":
            self._press("draw.terrain.random")
        self._press(f"draw.{kind}.back")
        self._draw.grid.set_selection((0,))

    def _go_through_pages(self) -> None:
        navigator = self._window.navigator
        for spec in WORKSPACES:
            navigator.go(spec.name)
            shown = navigator.workspace(spec.name)
            for page in shown.names if isinstance(shown, Pages) else ():
                navigator.go(spec.name, page)
                wait(0.05)


def soak(minutes: float, seed: int) -> dict[str, Any]:
    """Use the app for ``minutes``; returns the measurements, and what grew."""
    every = min(60.0, minutes * 60 / 40)
    notes: list[dict[str, int]] = []
    done: dict[str, int] = {}
    steps = [0]
    failures: list[str] = []
    with throwaway_home(), real_window() as (lab, window):
        lab.failed.connect(lambda sentence, details: failures.append(f"{sentence} {details}"))
        lab.open_model("builtin-student")
        wait_for(lambda: lab.model.value is not None)
        config = replace(
            PRESETS["quick"], epochs=100_000, max_seconds=None, network=NetworkConfig(width=16),
            batch_size=32,
        )  # fmt: skip
        lab.training_runs.start(config)
        wait_for(lambda: lab.training_runs.current.value is not None)
        handle = lab.training_runs.current.value.handle
        handle.records_ready.connect(lambda records: steps.__setitem__(0, steps[0] + len(records)))
        wait_for(lambda: steps[0] > 20, 600)
        for spec in WORKSPACES:  # creates what is made on first use
            window.navigator.go(spec.name)
            wait(0.3)
        begun = time.monotonic()
        for what in Person(lab, window, random.Random(seed), failures).actions():
            done[what] = done.get(what, 0) + 1
            now = time.monotonic() - begun
            if now >= len(notes) * every:
                notes.append({"s": round(now), **measure(window, lab)})
                told = {"steps": steps[0], "turns": done["generated"]}
                print(json.dumps(notes[-1] | told), file=sys.stderr, flush=True)
            if now > minutes * 60:
                break
        handle.stop()
        wait_for(lambda: handle.outcome is not None, 600)
        assert handle.outcome is not None
        ended = handle.outcome.kind
    return {
        "minutes": minutes,
        "steps": steps[0],
        "done": done,
        "training": ended,
        "failures": failures,
        **compared(notes, min(600.0, minutes * 20)),
    }


def compared(notes: list[dict[str, int]], settled: float) -> dict[str, Any]:
    """Medians of the first quarter after the start and of the last quarter, and what grew."""
    later = [note for note in notes if note["s"] >= settled] or notes
    quarter = max(1, len(later) // 4)
    names = [name for name in notes[0] if name != "s"]
    first, last = (
        {name: statistics.median(note[name] for note in part) for name in names}
        for part in (later[:quarter], later[-quarter:])
    )
    grown = [name for name in names if last[name] > first[name] * (1 + MOST_GROWTH)]
    return {"first": first, "last": last, "grown": grown}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    found = soak(given.minutes, given.seed)
    print(json.dumps(found, indent=1), flush=True)
    return bool(found["grown"] or found["failures"] or found["training"] != "completed")


if __name__ == "__main__":
    sys.stdout.flush()
    os._exit(main())  # Qt's worker threads may outlive it
