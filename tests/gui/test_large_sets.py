"""The window with a set that is too large to be shown or studied as a whole."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QLabel

from sprite_lab.core.run import drain
from sprite_lab.formats.sets.store_writer import StoreWriter
from sprite_lab.ui.see.watch import forward_panel
from sprite_lab.ui.see.watch.forward_panel import ForwardPanel
from sprite_lab.ui.see.watch.schedule_plot import SchedulePlot
from sprite_lab.ui.see.watch.schedule_use_plot import ScheduleUsePlot
from tests.made import make_sprites


def test_some_of_a_large_set_are_offered_and_any_can_be_dissolved(
    lab, theme, qtbot, monkeypatch
) -> None:
    monkeypatch.setattr(forward_panel, "MOST_OFFERED", 10)
    made = make_sprites(60)
    panel = ForwardPanel(SchedulePlot(lab), ScheduleUsePlot(lab))
    qtbot.addWidget(panel)
    panel.resize(360, 800)
    panel.show()
    asked: list[np.ndarray] = []
    panel.wanted.connect(lambda images, *_: asked.append(images))
    panel.set_data(made)
    count = panel.findChild(QLabel, "see.picked")
    assert count is not None
    assert count.text().startswith("Showing 10 at random.")
    random = panel.findChild(QAbstractButton, "see.random")
    assert random is not None
    qtbot.mouseClick(random, Qt.MouseButton.LeftButton)
    offered = {image.tobytes() for image in made.sample(10).images}
    assert {image.tobytes() for image in asked[-1]} == offered
    for wanted in ([0, 31, 59], [7]):
        panel.dissolve(wanted)
        assert np.array_equal(asked[-1], made.images[wanted])
    panel.set_data(made.take(np.arange(10)))
    assert "offered" not in count.text()
    assert random.text() == "Random 10"
    panel.set_data(made)
    monkeypatch.setattr(forward_panel, "MOST_OFFERED", 5_000)
    panel.set_data(made)
    assert random.text() == "Random 16"


def test_a_store_opens_as_the_data_set_and_comes_back(lab, qtbot, tmp_path) -> None:
    with StoreWriter(tmp_path / "many.sprites") as writer:
        writer.append(make_sprites(60))
        drain(writer.finish_iter())
    with qtbot.waitSignal(lab.data.changed, timeout=20_000):
        lab.open_data(tmp_path / "many.sprites")
    assert lab.data.value.fingerprint == make_sprites(60).fingerprint
    assert lab.data_title == "many.sprites"
    assert lab.settings.value.data == str(tmp_path / "many.sprites")
    assert lab.settings.value.recent_data[0] == str(tmp_path / "many.sprites")
