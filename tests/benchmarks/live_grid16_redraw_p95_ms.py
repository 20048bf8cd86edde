"""From a mouse move over the canvas to the last of sixteen new suggestions painted.

Uses the real window, the shipped model of real sprites and its student, and a grid of 16 cells: one
is drawn, starts from its drawing and keeps a mask of some pixels or none; fifteen blank ones show
variations of it, so every stroke redraws all 16. Each move is one pixel. In ``value`` the hand
waits for the answer before it moves on. In ``moving`` it does not wait and draws a pixel every 8
ms; this measures how old a stroke is when it is first answered. Both are measured again while a
training runs on the same worker, as ``training``; the goal there is 250 ms. ``processor`` is the
processor time of this process, whatever else the machine does.
"""

import itertools
import time
from collections.abc import Callable
from dataclasses import replace

import torch
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtTest import QTest

from sprite_lab.app.lab import Lab
from sprite_lab.engine.runtime import polite_threads
from sprite_lab.ui.draw.workspace import DrawWorkspace
from sprite_lab.ui.shell.main_window import MainWindow
from tests.benchmarks.app import find, real_window, throwaway_home, wait, wait_for
from tests.benchmarks.report import percentile, report

RUNS, MOVES, STROKE, PAUSE = 3, 60, 30, 0.008
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Paints(QObject):
    """Tracks which widgets have changes that are not painted yet."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: set[str] = set()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.waiting.discard(watched.objectName())
        return False


class Training:
    """A training run with the usual settings that goes on in the background."""

    def __init__(self, lab: Lab, window: MainWindow) -> None:
        self._records: list[float] = []
        here = window.navigator.current
        window.show_workspace("train")
        QTest.mouseClick(find(window, "train.start"), LEFT)
        wait_for(lambda: lab.training_runs.current.value is not None)
        handle = lab.training_runs.current.value.handle
        handle.records_ready.connect(self._on_records)
        window.show_workspace(here)
        wait_for(lambda: len(self._records) > 20, seconds=300)

    def _on_records(self, records: tuple[object, ...]) -> None:
        now = time.perf_counter()
        self._records += [now] * len(records)

    @property
    def step_ms(self) -> float:
        """Milliseconds from one step to the next, so far."""
        first, last = self._records[0], self._records[-1]
        return 1000 * (last - first) / max(1, len(self._records) - 1)


def main() -> None:
    with throwaway_home(), real_window() as (lab, window):
        lab.open_model("real")
        wait_for(lambda: lab.model.value is not None)
        window.show_workspace("draw")
        wait(0.2)
        (draw,) = window.findChildren(DrawWorkspace)
        project, live = lab.project, draw.live.live
        draw.editor.take_sprites([0])
        canvas, grid = find(window, "draw.canvas"), find(window, "draw.cells")
        canvas.setFocus()
        find(window, "draw.live").click()
        draw.live.bar.variations.setChecked(True)
        wait_for(lambda: live.settled and len(live.ghosts) == 16)
        wait(3)  # includes the widgets for refining, on a warm machine
        way = [(x if y % 2 == 0 else 15 - x, y) for y in range(16) for x in range(16)]
        shades = itertools.count(5, 5)  # each stroke changes every pixel
        paints = Paints()
        canvas.installEventFilter(paints)
        grid.installEventFilter(paints)
        live.ghosts_changed.connect(
            lambda cells: paints.waiting.update(
                ("draw.cells", "draw.canvas") if 0 in cells else ("draw.cells",)
            )
        )

        def begin(run: int, masked: bool) -> None:
            project.put({0: project.cell(0).asking(strength=0.45 + 0.1 * run)}, "strength")
            mask = bytes([0] * 64 + [255] * 192) if masked else None
            project.put({0: replace(project.cell(0), redraw_strength=mask)}, "mask")
            wait_for(lambda: live.settled)
            wait(0.1)

        def at(step: int):
            return canvas.pixel_rect(*way[step]).center().toPoint()

        def one(step: int, clock: Callable[[], float]) -> float:
            start, begun = clock(), time.monotonic()
            QTest.mouseMove(canvas, at(step))
            while not live.settled or paints.waiting:
                # Wait like the app: a loop that never rests holds the lock that the worker needs.
                # Everything dirty is painted within one event of the window, so when this call
                # returns and nothing is waiting, the last ghost is on the screen.
                wait(0.001)
                if time.monotonic() - begun > 30:
                    raise TimeoutError("the stroke was not answered")
            return (clock() - start) * 1000

        def waiting(
            run: int, masked: bool, clock: Callable[[], float] = time.perf_counter
        ) -> list[float]:
            begin(run, masked)
            times, shade = [], next(shades)
            for number in range(MOVES // STROKE):
                draw.tools.set_color(0, (shade, 60 * number, 90, 255))
                start = STROKE * number
                QTest.mousePress(canvas, LEFT, NONE, at(start))
                wait_for(lambda: live.settled)
                times += [one(step, clock) for step in range(start + 1, start + STROKE + 1)]
                QTest.mouseRelease(canvas, LEFT, NONE, at(start + STROKE))
            return times

        def moving(run: int) -> list[float]:
            begin(run, False)
            events: list[tuple[float, bytes]] = []
            answered: dict[bytes, float] = {}

            def note(_indices: object) -> None:
                ghosts = live.ghosts
                # Oldest first: a stroke is answered once all ghosts are at least as new.
                order = {pixels: n for n, (_, pixels) in enumerate(events)}
                known = [order.get(g.wish.pixels, -1) for g in ghosts.values()]
                newest = min(known, default=-1)
                for _, pixels in events[: newest + 1]:
                    answered.setdefault(pixels, time.perf_counter())

            live.ghosts_changed.connect(note)
            draw.tools.set_color(0, (200, next(shades), 10, 255))
            QTest.mousePress(canvas, LEFT, NONE, at(0))
            for step in range(1, 161):
                begun = time.perf_counter()
                QTest.mouseMove(canvas, at(step))
                events.append((begun, project.cell(0).pixels))
                wait(PAUSE)
            QTest.mouseRelease(canvas, LEFT, NONE, at(160))
            wait_for(lambda: live.settled)
            live.ghosts_changed.disconnect(note)
            return [1000 * (answered[pixels] - begun) for begun, pixels in events]

        with polite_threads():
            threads = torch.get_num_threads()
        p95, masked95, moving95, medians = [], [], [], []
        for run in range(RUNS):
            times = waiting(run, masked=False)
            p95.append(percentile(times, 0.95))
            medians.append(round(percentile(times, 0.5), 1))
            masked95.append(round(percentile(waiting(run, masked=True), 0.95), 1))
            moving95.append(round(percentile(moving(run), 0.95), 1))
        training = Training(lab, window)
        alone_ms = training.step_ms
        of_processor = [waiting(run, False, time.process_time) for run in range(RUNS)]
        beside = [percentile(waiting(run, masked=False), 0.95) for run in range(RUNS)]
        beside_moving = [percentile(moving(run), 0.95) for run in range(RUNS)]
        detail = {
            "training_p95_ms": sorted(round(each, 1) for each in beside),
            "training_processor_p95_ms": sorted(
                round(percentile(times, 0.95), 1) for times in of_processor
            ),
            "training_moving_p95_ms": sorted(round(each, 1) for each in beside_moving),
            "training_step_ms": [round(alone_ms, 1), round(training.step_ms, 1)],
            "median_ms": sorted(medians)[RUNS // 2],
            "masked_p95_ms": sorted(masked95),
            "moving_p95_ms": sorted(moving95),
            "moves_each": MOVES,
            "cells": len(live.ghosts),
            "evaluations": live.ghosts[1].config.steps,
            "threads": threads,
        }
        report("live_grid16_redraw_p95_ms", p95, "ms", 100, detail)


if __name__ == "__main__":
    main()
