"""From a mouse move over the canvas to the end of the paint that shows the new pixel.

Real mouse events on the real window with a grid of 16 drawn cells, one pixel every 8 ms; with a
model open and Live on, if there is that switch, so that strokes and the model share the machine.
"""

import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton

from sprite_lab.ui.draw.workspace import DrawWorkspace
from tests.benchmarks.app import find, real_window, throwaway_home, wait, wait_for
from tests.benchmarks.report import percentile, report

RUNS, MOVES, STROKE, PAUSE = 3, 320, 40, 0.008
LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


class Paints(QObject):
    """Notes whether the canvas was painted."""

    seen = False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.seen = self.seen or event.type() == QEvent.Type.Paint
        return False


def main() -> None:
    with throwaway_home(), real_window() as (lab, window):
        lab.open_model("real")
        wait_for(lambda: lab.model.value is not None)
        window.show_workspace("draw")
        wait(0.2)
        (draw,) = window.findChildren(DrawWorkspace)
        draw.editor.take_sprites(range(len(lab.project.cells)))
        canvas = find(window, "draw.canvas")
        canvas.setFocus()
        live = window.findChild(QAbstractButton, "draw.live")
        if live is not None and not live.isChecked():
            live.click()
        wait(1)
        side = lab.project.side
        # Row by row, back and forth, so that each move is one pixel.
        way = [(x if y % 2 == 0 else side - 1 - x, y) for y in range(side) for x in range(side)]
        paints = Paints()
        canvas.installEventFilter(paints)

        def at(step: int):
            return canvas.pixel_rect(*way[step]).center().toPoint()

        def move(step: int) -> float:
            paints.seen = False
            before = lab.project.cell(0).pixels
            start = time.perf_counter()
            QTest.mouseMove(canvas, at(step))
            while not paints.seen or lab.project.cell(0).pixels == before:
                # Everything dirty is painted within one event of the window, so when this call
                # returns and the canvas was seen, the pixel is on the screen.
                QCoreApplication.processEvents()
                if time.perf_counter() - start > 5:
                    raise TimeoutError("the move painted nothing")
            return (time.perf_counter() - start) * 1000

        strokes = (len(way) - 1) // STROKE
        p99, medians, worst = [], [], []
        for run in range(RUNS):
            times = []
            for number in range(MOVES // STROKE):
                # Another color each time, so that each pixel changes.
                draw.tools.set_color(0, (10 * run, 10 * number, 90, 255))
                start = STROKE * (number % strokes)
                QTest.mousePress(canvas, LEFT, NONE, at(start))
                for step in range(start + 1, start + STROKE + 1):
                    times.append(move(step))
                    wait(PAUSE)
                QTest.mouseRelease(canvas, LEFT, NONE, at(start + STROKE))
            p99.append(percentile(times, 0.99))
            medians.append(round(percentile(times, 0.5), 2))
            worst.append(round(max(times), 2))
        detail = {
            "median_ms": sorted(medians)[RUNS // 2],
            "worst_ms": max(worst),
            "moves_each": MOVES,
            "live": live is not None and live.isChecked(),
        }
        report("stroke_paint_p99_ms", p99, "ms", 8, detail)


if __name__ == "__main__":
    main()
