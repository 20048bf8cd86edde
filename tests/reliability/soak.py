"""A training beside a window in use, for hours: nothing may grow.

``python -m tests.reliability.soak --minutes 120`` trains, and meanwhile does in turn what a person
does: scrubs over recorded steps, generates anew, draws with Live on, undoes, and goes through all
workspaces and pages. Each minute it notes memory, threads, open files, widgets, objects and timers;
in the end it compares the last quarter with what there was after ten minutes (or a tenth of a
shorter time).
"""

from __future__ import annotations

import argparse
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
from sprite_lab.ui.draw.workspace import DrawWorkspace
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.shell.navigator import WORKSPACES
from sprite_lab.ui.widgets.pages import Pages
from tests.benchmarks.app import find, real_window, throwaway_home, wait, wait_for

#: The allowed growth of memory, as a share.
MOST_GROWTH = 0.02
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def measure(window: QWidget, lab: QObject) -> dict[str, int]:
    """Current counts, after a garbage collection."""
    wait(0.2)
    gc.collect()
    with open("/proc/self/statm") as status:
        pages = int(status.read().split()[1])
    return {
        "kB": pages * os.sysconf("SC_PAGE_SIZE") // 1024,
        "threads": len(os.listdir("/proc/self/task")),
        "files": len(os.listdir("/proc/self/fd")),
        "widgets": len(QApplication.allWidgets()),
        "objects": sum(len(owner.findChildren(QObject)) for owner in (window, lab)),
        "timers": sum(len(owner.findChildren(QTimer)) for owner in (window, lab)),
    }


def uses(lab: Lab, window: MainWindow, rng: random.Random) -> Iterator[str]:
    """Use the app as a person does; yields the name of each action when it is done."""
    (draw,) = window.findChildren(DrawWorkspace)
    for turn in itertools.count():
        window.navigator.go("see")
        find(window, "main.generate").click()
        wait_for(lambda: not any(h.name.startswith("Draw") for h in lab.jobs.handles), 600)
        yield "generated"
        slider = find(window, "timeline.slider")
        for _ in range(60):
            QTest.keyClick(slider, rng.choice((Qt.Key.Key_Left, Qt.Key.Key_Right)))
            wait(0.02)
        yield "scrubbed"
        window.navigator.go("draw")
        live = find(window, "draw.live")
        assert isinstance(live, QAbstractButton)
        if not live.isChecked():
            live.click()
        canvas = find(window, "draw.canvas")
        draw.tools.set_color(0, (rng.randrange(256), rng.randrange(256), 90, 255))
        row = rng.randrange(16)
        QTest.mousePress(canvas, LEFT, NONE, canvas.pixel_rect(0, row).center().toPoint())
        for x in range(1, 16):
            QTest.mouseMove(canvas, canvas.pixel_rect(x, row).center().toPoint())
            wait(0.02)
        QTest.mouseRelease(canvas, LEFT, NONE, canvas.pixel_rect(15, row).center().toPoint())
        wait_for(lambda: draw.live.live.settled, 600)
        if turn % 3 == 0:
            live.click()
        if turn % 2:
            lab.project.history.undo()
        yield "drew"
        for spec in WORKSPACES:
            window.navigator.go(spec.name)
            shown = window.navigator.workspace(spec.name)
            for page in shown.names if isinstance(shown, Pages) else ():
                window.navigator.go(spec.name, page)
                wait(0.05)
        yield "went through all pages"


def soak(minutes: float, seed: int) -> dict[str, Any]:
    """Use the app for that long; returns the measurements, and what grew."""
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
        for what in uses(lab, window, random.Random(seed)):
            done[what] = done.get(what, 0) + 1
            now = time.monotonic() - begun
            if now >= len(notes) * every:
                notes.append({"s": round(now), **measure(window, lab)})
                print(json.dumps(notes[-1] | {"steps": steps[0]}), file=sys.stderr, flush=True)
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
        **_compared(notes, min(600.0, minutes * 6)),
    }


def _compared(notes: list[dict[str, int]], settled: float) -> dict[str, Any]:
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
