"""The widgets shared by workspaces, used like a person would."""

from __future__ import annotations

import gc
import itertools
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QCursor,
    QHelpEvent,
    QIcon,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPixmap,
)
from PySide6.QtWidgets import (
    QApplication,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSlider,
    QSpinBox,
    QToolButton,
    QToolTip,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.timeline import Axis, TimelineModel
from sprite_lab.core.config.base import Setting
from sprite_lab.paths import resource
from sprite_lab.ui import icons
from sprite_lab.ui.layouts import as_widget, vbox
from sprite_lab.ui.theme import (
    CONTRAST,
    DARK,
    LIGHT,
    Theme,
    ThemeManager,
    contrast,
    style_sheet,
)
from sprite_lab.ui.widgets.canvas.canvas_stage import CanvasStage
from sprite_lab.ui.widgets.fields.buttons import (
    IconButton,
    Option,
    Segmented,
    push_button,
    set_primary,
)
from sprite_lab.ui.widgets.fields.calm import calm, fill
from sprite_lab.ui.widgets.fields.elided import ElidedComboBox
from sprite_lab.ui.widgets.fields.inspector import FoldGroup, ScrollsDown, dim_label
from sprite_lab.ui.widgets.fields.number_field import NumberField, number_box
from sprite_lab.ui.widgets.fields.seed_field import SeedField
from sprite_lab.ui.widgets.fields.table import Table
from sprite_lab.ui.widgets.fields.tips import place_beside
from sprite_lab.ui.widgets.sprites.pixel_paint import fitting_words
from sprite_lab.ui.widgets.sprites.sprite_browser import SpriteBrowser
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid, scrolled
from sprite_lab.ui.widgets.sprites.sprite_row import SpriteRow
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from sprite_lab.ui.widgets.sprites.timeline import Timeline
from sprite_lab.ui.widgets.welcome import Welcome
from tests.qt import Resizes, settle, turn_wheel

LEFT = Qt.MouseButton.LeftButton


def pixels(image: QImage) -> np.ndarray:
    """uint8 (H, W, 3) of a grabbed widget."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : image.width() * 3].reshape(image.height(), image.width(), 3).copy()


# -- theme and icons -------------------------------------------------------------------------


@pytest.mark.parametrize("theme", [LIGHT, DARK, CONTRAST], ids=["light", "dark", "contrast"])
def test_other_runs_have_no_color_or_dash_of_the_curves_beside_them(theme: Theme) -> None:
    drawn = *theme.curves[:4], *theme.beside
    assert all(contrast(curve.color, theme.surface) >= 3 for curve in drawn)
    assert len({curve.dash for curve in drawn}) == len(drawn)
    colors = [QColor(curve.color) for curve in drawn]
    for one, other in itertools.combinations(colors, 2):
        steps = (one.red() - other.red(), one.green() - other.green(), one.blue() - other.blue())
        assert max(map(abs, steps)) >= 64


@pytest.mark.parametrize("theme", [LIGHT, DARK, CONTRAST], ids=["light", "dark", "contrast"])
def test_an_empty_track_is_paler_than_a_bar(theme: Theme) -> None:
    track = theme.tokens()["track"]
    assert contrast(track, theme.surface) < 1.6
    assert contrast(theme.outline, track) > 2
    assert contrast(theme.accent, track) > 2


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_colors_can_be_distinguished(theme: Theme) -> None:
    tokens = theme.tokens()
    for ground in ("background", "surface", "raised", "hover", "selection"):
        for token in ("text", "text_dim", "good", "warn", "bad"):
            assert contrast(tokens[token], tokens[ground]) >= 4.5, (token, ground)
    for ground in ("background", "surface", "raised"):
        for token in ("outline", "accent", "focus", "ring"):
            assert contrast(tokens[token], tokens[ground]) >= 3, (token, ground)
    for ground in ("accent", "accent_hover"):
        assert contrast(theme.accent_text, tokens[ground]) >= 4.5
    for board in (theme.checker_a, theme.checker_b):
        # Outlines are mostly black, and must be visible on the board of either theme.
        assert contrast("#000000", board) >= 4
    for curve in theme.curves:
        assert contrast(curve.color, theme.surface) >= 3
    assert len({curve.dash for curve in theme.curves}) == len(theme.curves)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_style_sheet_knows_all_its_tokens(theme: Theme) -> None:
    sheet = style_sheet(theme)
    assert "@{" not in sheet
    assert theme.accent in sheet


def test_a_double_click_on_another_button_presses_no_button_in_its_place(
    qtbot: QtBot, theme: ThemeManager
) -> None:
    button = IconButton("undo", "undo", "Undo")
    qtbot.addWidget(button)
    button.show()
    clicks: list[bool] = []
    button.clicked.connect(lambda: clicks.append(True))

    def send(kind: QEvent.Type, ms: int) -> None:
        event = QMouseEvent(
            kind, QPointF(3, 3), QPointF(3, 3), LEFT, LEFT, Qt.KeyboardModifier.NoModifier
        )
        event.setTimestamp(ms)
        QApplication.sendEvent(button, event)

    down, up, again = (
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
        QEvent.Type.MouseButtonDblClick,
    )
    send(again, 1000)  # the first click was on what had been at this place
    send(up, 1010)
    assert clicks == []
    for ms in (2000, 2200):  # all quick clicks count
        send(down if ms == 2000 else again, ms)
        send(up, ms + 20)
    assert len(clicks) == 2
    send(again, 9000)  # an earlier press is not part of this click
    send(up, 9010)
    assert len(clicks) == 2


def test_the_theme_changes_while_the_app_runs(qtbot: QtBot, theme: ThemeManager) -> None:
    with qtbot.waitSignal(theme.changed) as caught:
        theme.set_mode("dark")
    assert caught.args == [DARK]
    assert QApplication.palette().window().color().name() == DARK.surface
    with qtbot.assertNotEmitted(theme.changed):
        theme.set_mode("dark")


def test_what_is_in_sight_is_repainted_in_another_theme(qtbot: QtBot, theme: ThemeManager) -> None:
    window = QWidget()
    views = SpriteView(), SpriteGrid(), SpriteBrowser()
    vbox(*views, on=window)
    for view in views:
        view.setMinimumSize(80, 80)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    painted: set[QWidget] = set()

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and isinstance(watched, QWidget):
                painted.add(watched)
            return False

    watch = Watch()
    parts = views[0], views[1], views[2].viewport()
    for part in parts:
        part.installEventFilter(watch)
    theme.set_mode("dark")
    qtbot.waitUntil(lambda: painted == set(parts))


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_arrows_that_do_nothing_are_fainter(qtbot: QtBot, theme: ThemeManager, mode: str) -> None:
    """If disabled, or at the end of the range."""
    theme.set_mode(mode)
    field = QSpinBox()
    qtbot.addWidget(field)
    field.setRange(0, 10)
    field.resize(100, 26)
    field.show()

    def strength() -> tuple[int, int]:
        """The contrast of the upper and the lower arrow with their background."""
        arrows = pixels(field.grab().toImage()).astype(int)[4:-4, -16:-4]
        return tuple(int(np.ptp(half)) for half in np.array_split(arrows, 2))  # type: ignore[return-value]

    field.setValue(5)
    usable = strength()
    field.setValue(10)
    assert strength()[0] < 0.7 * usable[0]
    assert strength()[1] == usable[1]
    field.setValue(0)
    assert strength()[0] == usable[0]
    assert strength()[1] < 0.7 * usable[1]
    field.setValue(5)
    field.setEnabled(False)
    assert all(off < 0.7 * on for off, on in zip(strength(), usable, strict=True))


def test_every_icon_draws_something_in_the_color_of_the_theme(qapp: QApplication) -> None:
    names = sorted(path.stem for path in resource("icons").glob("*.svg"))
    assert {"play", "pause", "stop", "dice", "lock", "pencil", "bucket", "app"} <= set(names)
    for name in names:
        image = icons.pixmap(name, "#ff0000", 24).toImage()
        opaque = [
            image.pixelColor(x, y)
            for x in range(24)
            for y in range(24)
            if image.pixelColor(x, y).alpha() > 100
        ]
        assert opaque, name
        if "currentColor" in icons.icon_path(name).read_text():
            assert all(color.red() > 200 and color.green() < 60 for color in opaque), name


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_an_icon_is_drawn_in_the_pixels_of_the_screen(qapp: QApplication, ratio: float) -> None:
    icon, size = icons.icon("stop", LIGHT, "text", "accent"), QSize(16, 16)
    modes, states = QIcon.Mode, QIcon.State
    for mode, state, color in (
        (modes.Normal, states.Off, LIGHT.text),
        (modes.Normal, states.On, LIGHT.accent),
        (modes.Disabled, states.Off, LIGHT.tokens()["disabled_text"]),
    ):
        drawn = icon.pixmap(size, ratio, mode, state).toImage()
        assert np.array_equal(
            pixels(drawn), pixels(icons.pixmap("stop", color, round(16 * ratio)).toImage())
        )


def test_an_icon_without_room_is_drawn_without_warnings(qapp: QApplication, qtlog) -> None:
    """A button squeezed to nothing once filled the log with "Painter not active"."""
    icons.pixmap.cache_clear()
    canvas = QPixmap(8, 8)
    painter = QPainter(canvas)
    icons.icon("copy", LIGHT).paint(painter, QRect(0, 0, 0, 5))
    painter.end()
    assert icons.icon("copy", LIGHT).pixmap(QSize(0, 0)).isNull()
    assert not [record for record in qtlog.records if "QPainter" in str(record.message)]


def test_an_icon_that_qt_copies_outlives_the_first(qapp: QApplication) -> None:
    icon = icons.icon.__wrapped__("stop", LIGHT)
    copy = QIcon(icon)
    copy.addPixmap(QPixmap(8, 8))  # a changed icon gets its own engine
    before = copy.pixmap(16, 16).toImage()
    del icon
    gc.collect()
    assert copy.pixmap(16, 16).toImage() == before


# -- sprites ---------------------------------------------------------------------------------

DPR_SCRIPT = """
import sys
import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget
from sprite_lab.ui.layouts import vbox
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.sprites.sprite_grid import SpriteGrid
from sprite_lab.ui.widgets.sprites.sprite_view import SpriteView
from tests.gui.test_widgets import pixels

app = QApplication([])
ThemeManager(app, "light")
# No two pixels alike, and none like the theme's grays.
n = np.arange(3 * 16 * 16)
sprites = np.stack([n % 256, n // 256 * 80, 255 - n % 256], 1).astype(np.uint8)
sprites = sprites.reshape(3, 16, 16, 3)
window = QWidget()
window.resize(483, 257)
row = QHBoxLayout(window)
row.setContentsMargins(7, 5, 3, 1)
view, grid = SpriteView(), SpriteGrid()
view.set_image(sprites[0])
grid.set_sprites(sprites)
for widget in (view, grid):
    row.addWidget(widget, 1)
window.show()
app.processEvents()
grabbed = window.grab()
assert abs(grabbed.devicePixelRatio() - float(sys.argv[1])) < 1e-6, grabbed.devicePixelRatio()
screen = pixels(grabbed.toImage())

def find(sprite, screen, least):
    'The scale at which the sprite is on the screen, pixel for pixel.'
    for y, x in np.argwhere((screen == sprite[0, 0]).all(2)):
        run = (screen[y, x:] == sprite[0, 0]).all(1)
        scale = len(run) if run.all() else int(run.argmin())
        block = screen[y:y + 16 * scale, x:x + 16 * scale]
        wanted = sprite.repeat(scale, 0).repeat(scale, 1)
        if scale >= least and block.shape == wanted.shape and (block == wanted).all():
            return scale
    raise AssertionError("the sprite is not there, or is blurred")

ratio = float(sys.argv[1])
half = screen.shape[1] * 242 // 483
print(find(sprites[0], screen[:, :half], 4))
for sprite in sprites:
    print(find(sprite, screen[:, half:], 2))
"""


@pytest.mark.parametrize("ratio", ["1", "1.25", "1.5", "2"])
def test_a_sprite_is_drawn_pixel_for_pixel_at_any_device_pixel_ratio(ratio: str) -> None:
    environment = {**os.environ, "QT_SCALE_FACTOR": ratio, "QT_QPA_PLATFORM": "offscreen"}
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", DPR_SCRIPT, ratio],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    large = int(done.stdout.split()[0])
    assert large == int(233 * float(ratio) / 16), "as large as fits"


def test_transparent_pixels_show_the_checkerboard(qtbot: QtBot) -> None:
    view = SpriteView()
    qtbot.addWidget(view)
    view.resize(160, 160)
    sprite = np.zeros((16, 16, 4), np.uint8)
    sprite[:, 8:] = (200, 30, 40, 255)
    view.set_image(sprite)
    shown = pixels(view.grab().toImage())
    left = {"#{:02x}{:02x}{:02x}".format(*c) for c in shown[:, :80].reshape(-1, 3)}
    assert left == {LIGHT.checker_a, LIGHT.checker_b}
    assert (shown[:, 80:] == (200, 30, 40)).all()


@pytest.mark.parametrize("scale", [1, 3, 5, 8, 24, 49])
def test_the_board_of_a_canvas_does_not_slide_against_its_pixels(qtbot: QtBot, scale: int) -> None:
    canvas = CanvasStage()
    qtbot.addWidget(canvas)
    canvas.show_grid(False)
    side = 16 * scale
    image = QImage(side, side, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    canvas.paint_sprite(painter, (0, 0, scale), image.rect(), LIGHT)
    painter.end()
    shown = pixels(image)
    two = scale if scale >= 8 else next(n * scale for n in (2, 4, 8) if n * scale >= 8)
    whole = side - side % two
    alike = shown[:whole, :whole].reshape(whole // two, two, whole // two, two, 3)
    assert (alike == alike[:1, :, :1]).all(), "alike in each pixel, or in each few"
    assert not np.array_equal(shown[0, 0], shown[0, two // 2])


@pytest.fixture
def grid(qtbot: QtBot) -> SpriteGrid:
    grid = SpriteGrid(multiple=True)
    qtbot.addWidget(grid)
    grid.resize(300, 300)
    grid.set_sprites(np.full((9, 16, 16, 3), 90, np.uint8))
    grid.show()
    return grid


def center(grid: SpriteGrid, index: int) -> QPoint:
    return grid.cell_rect(index).center().toPoint()


def test_sprites_are_chosen_by_mouse(qtbot: QtBot, grid: SpriteGrid) -> None:
    with qtbot.waitSignal(grid.clicked) as clicked:
        qtbot.mouseClick(grid, LEFT, pos=center(grid, 4))
    assert clicked.args == [4]
    assert grid.selection == (4,)
    qtbot.mouseClick(grid, LEFT, Qt.KeyboardModifier.ControlModifier, center(grid, 0))
    assert grid.selection == (0, 4)
    qtbot.mouseClick(grid, LEFT, Qt.KeyboardModifier.ShiftModifier, center(grid, 2))
    assert grid.selection == (0, 1, 2)
    with qtbot.waitSignal(grid.double_clicked) as opened:
        qtbot.mouseDClick(grid, LEFT, pos=center(grid, 8))
    assert opened.args == [8]


def test_sprites_are_chosen_by_keys(qtbot: QtBot, grid: SpriteGrid) -> None:
    grid.set_current(0)
    for key, where in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 4),
        (Qt.Key.Key_Left, 3),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_Up, 0),
        (Qt.Key.Key_End, 8),
    ):
        qtbot.keyClick(grid, key)
        assert grid.current == where
    qtbot.keyClick(grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert grid.selection == tuple(range(9))
    with qtbot.waitSignal(grid.double_clicked):
        qtbot.keyClick(grid, Qt.Key.Key_Return)


def test_a_full_rectangle_is_preferred(grid: SpriteGrid) -> None:
    assert len({grid.cell_rect(i).top() for i in range(9)}) == 3
    assert grid.index_at(QPointF(0, 0)) == -1


# -- fields ----------------------------------------------------------------------------------


def test_a_number_is_set_by_slider_by_field_and_by_double_click(qtbot: QtBot) -> None:
    field = NumberField(Setting("Guidance", low=0, high=8, decimals=1, step=0.5), 2, name="g")
    qtbot.addWidget(field)
    field.resize(260, 30)
    field.show()
    slider, box = field.findChild(QSlider, "g.slider"), field.findChild(QDoubleSpinBox, "g.field")
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert field.value == 8
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "3.5")
    with qtbot.waitSignal(field.changed) as changed:
        qtbot.keyClick(box, Qt.Key.Key_Return)
    assert changed.args == [3.5]
    assert slider.value() == round(3.5 / 8 * slider.maximum())
    qtbot.mouseDClick(slider, LEFT)
    assert field.value == 2


def test_a_number_beyond_the_limits_becomes_the_nearest(qtbot: QtBot) -> None:
    """An 8 typed as the brush size was once dropped without a word: the maximum is 5."""
    field = NumberField(Setting("Guidance", low=1, high=8, unit=" ×", decimals=1), 2, name="g")
    whole = number_box(Setting("Size", low=2, high=5, unit=" px"), 3, name="n")
    for part, box in ((field, field.findChild(QDoubleSpinBox, "g.field")), (whole, whole)):
        qtbot.addWidget(part)
        part.show()
        for typed, nearest in (("64", box.maximum()), ("0", box.minimum())):
            box.selectAll()
            qtbot.keyClicks(box, typed)
            assert box.text().startswith(typed)
            qtbot.keyClick(box, Qt.Key.Key_Return)
            assert box.value() == nearest
        before = box.value()
        QApplication.clipboard().setText("nan")
        box.selectAll()
        box.lineEdit().paste()
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert box.value() == before
        box.setSpecialValueText("all")  # the text for the minimum can be typed, too
        box.setValue(box.maximum())
        box.selectAll()
        qtbot.keyClicks(box, "all")
        qtbot.keyClick(box, Qt.Key.Key_Return)
        assert box.value() == box.minimum()


@pytest.mark.parametrize("slider", [True, False])
def test_number_fields_leave_ctrl_e_to_the_menu(qtbot: QtBot, slider: bool) -> None:
    setting = Setting("Speed", low=1, high=8)
    page = QWidget()
    qtbot.addWidget(page)
    if slider:
        vbox(NumberField(setting, 2, name="s"), on=page)
        field: QWidget = page.findChild(QWidget, "s.field")
    else:
        field = number_box(setting, 2, name="s")
        vbox(field, on=page)
    control = Qt.KeyboardModifier.ControlModifier
    for key, taken in ((Qt.Key.Key_E, False), (Qt.Key.Key_A, True)):
        asked = QKeyEvent(QEvent.Type.ShortcutOverride, key, control)
        asked.ignore()  # as Qt sends it
        QApplication.sendEvent(field, asked)
        assert asked.isAccepted() is taken


@pytest.mark.parametrize("logarithmic", [False, True])
def test_a_number_whose_range_is_a_single_one(qtbot: QtBot, logarithmic: bool) -> None:
    field = NumberField(Setting("Count", low=1, high=64, logarithmic=logarithmic), 16, name="c")
    qtbot.addWidget(field)
    field.show()
    field.set_range(1, 1)
    assert field.value == 1
    field.findChild(QSlider, "c.slider").setFocus()
    qtbot.keyClick(field.findChild(QSlider, "c.slider"), Qt.Key.Key_End)
    assert field.value == 1


def test_a_long_name_keeps_its_ends(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["sprites-of-last-winter, 25 Nov 12:00", "Short"]
    box = ElidedComboBox()
    qtbot.addWidget(box)
    box.setToolTip("Which one.")
    box.addItems(names)
    box.resize(180, 26)
    box.show()
    start, _, end = box.shown_text().partition("…")
    assert len(start) > 3
    assert names[0].startswith(start)
    assert len(end) > 3
    assert names[0].endswith(end)
    tips: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _place, text, *_: tips.append(text))
    spot = box.rect().center()
    QApplication.sendEvent(box, QHelpEvent(QEvent.Type.ToolTip, spot, box.mapToGlobal(spot)))
    assert tips == [f"{names[0]}\nWhich one."]
    box.setCurrentIndex(1)
    assert box.shown_text() == names[1]


def test_the_wheel_scrolls_a_panel_even_over_the_field_with_the_focus(qtbot: QtBot) -> None:
    """It once changed the number of sprites to train on, unnoticed, while the panel scrolled."""
    field = NumberField(Setting("Count", low=1, high=64), 16, name="c")
    choice = calm(ElidedComboBox(), "some", "Some")
    choice.addItems(["a", "b"])
    panel = as_widget(vbox(field, choice))
    qtbot.addWidget(panel)
    panel.show()
    box = field.findChild(QDoubleSpinBox, "c.field")
    for part in (box, box.lineEdit(), field.findChild(QSlider, "c.slider"), choice):
        part.setFocus()
        qtbot.waitUntil(lambda part=part: part.hasFocus() or part is box.lineEdit())
        assert not turn_wheel(part, -1)
    assert (field.value, choice.currentIndex()) == (16, 0)


def test_a_shortcut_with_enter_takes_the_number_being_typed(qtbot: QtBot) -> None:
    box = number_box(Setting("Count", low=1, high=64), 16, name="c")
    qtbot.addWidget(box)
    box.show()
    box.selectAll()
    qtbot.keyClicks(box, "20")
    assert box.value() == 16  # not 2 in between
    over = QKeyEvent(
        QEvent.Type.ShortcutOverride, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier
    )
    QApplication.sendEvent(box, over)
    assert box.value() == 20


def test_a_locked_seed_stays(qtbot: QtBot) -> None:
    seed = SeedField(name="s", seed=7)
    qtbot.addWidget(seed)
    qtbot.mouseClick(seed.findChild(QToolButton, "s.lock"), LEFT)
    assert [seed.take() for _ in range(3)] == [7, 7, 7]
    qtbot.mouseClick(seed.findChild(QToolButton, "s.lock"), LEFT)
    assert len({seed.take() for _ in range(5)}) > 1
    before = seed.seed
    qtbot.mouseClick(seed.findChild(QToolButton, "s.dice"), LEFT)
    assert seed.seed != before


def test_a_seed_is_shown_whole(qtbot: QtBot) -> None:
    seed = SeedField(name="s", seed=7, locked=True)
    qtbot.addWidget(seed)
    seed.show()
    line = seed.findChild(QLineEdit, "s.field")
    largest = 2**63 - 1
    with qtbot.waitSignal(seed.changed) as changed:
        seed.set_seed(largest)
    assert changed.args == [largest]
    assert (seed.seed, line.text()) == (largest, str(largest))
    for wrong in (-1, 2**63):
        with pytest.raises(ValueError, match="is not a seed"):
            seed.set_seed(wrong)
    assert seed.seed == largest


def test_a_seed_is_typed(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    seed = SeedField(name="s", seed=7, locked=True)
    seed.setParent(window)
    window.show()
    line = seed.findChild(QLineEdit, "s.field")
    line.selectAll()
    qtbot.keyClicks(line, "-9223372036854775808x")
    # The last digit would be one too many; - and x are not digits.
    assert (seed.seed, line.text()) == (922337203685477580, "922337203685477580")
    qtbot.keyClicks(line, "7")
    assert seed.take() == 2**63 - 1
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert seed.seed == 2**63 - 1, "there is none above"
    qtbot.keyClick(line, Qt.Key.Key_Down)
    assert line.text() == str(2**63 - 2)
    # If left empty, it keeps the previous seed.
    line.selectAll()
    qtbot.keyClick(line, Qt.Key.Key_Delete)
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert (seed.seed, line.text()) == (2**63 - 2, str(2**63 - 2))


@pytest.mark.parametrize("lockable", [True, False])
def test_a_typed_seed_is_kept(qtbot: QtBot, lockable: bool) -> None:
    """The next run once used another seed than the typed one."""
    seed = SeedField(name="s", seed=7, lockable=lockable)
    qtbot.addWidget(seed)
    locked: list[bool] = []
    seed.lock_changed.connect(locked.append)
    line = seed.findChild(QLineEdit, "s.field")
    line.selectAll()
    qtbot.keyClicks(line, "77")
    assert locked == [True] * lockable
    assert not lockable or seed.take() == 77
    seed.set_locked(False)
    qtbot.keyClick(line, Qt.Key.Key_Up)
    assert not lockable or seed.take() == 78
    seed.set_locked(False)
    seed.throw()
    assert not seed.locked


def test_one_of_several_is_chosen(qtbot: QtBot) -> None:
    choice = Segmented("x", "Which", Option("a", "A"), Option("b", "B"))
    qtbot.addWidget(choice)
    assert choice.value == "a"
    with qtbot.waitSignal(choice.changed) as changed:
        qtbot.mouseClick(choice.findChild(QToolButton, "x.b"), LEFT)
    assert changed.args == ["b"]
    with qtbot.assertNotEmitted(choice.changed):
        qtbot.mouseClick(choice.findChild(QToolButton, "x.b"), LEFT)
    with pytest.raises(ValueError, match="no choice"):
        choice.set_value("c")


def test_the_focus_goes_with_the_choice(qtbot: QtBot) -> None:
    choice = Segmented("x", "Which", Option("a", "A"), Option("b", "B"))
    first, second = (choice.findChild(QToolButton, f"x.{value}") for value in "ab")
    qtbot.addWidget(choice)
    choice.show()
    # A click on a widget that cannot be focused does not move the focus.
    qtbot.mouseClick(second, LEFT)
    assert not first.hasFocus()
    assert not second.hasFocus()
    second.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(second.hasFocus)
    qtbot.mouseClick(first, LEFT)
    assert first.hasFocus()
    choice.set_value("b")
    assert second.hasFocus()


def test_tab_goes_to_the_chosen_one(qtbot: QtBot) -> None:
    """When Settings opened, the focus was once on another theme than the chosen one."""
    window = QWidget()
    qtbot.addWidget(window)
    before, after = QLineEdit(), QLineEdit()
    choice = Segmented("x", "Which", *(Option(value, value) for value in "abc"))
    choice.set_value("b")
    vbox(before, choice, after, on=window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    before.setFocus()
    qtbot.keyClick(before, Qt.Key.Key_Tab)
    chosen = choice.findChild(QToolButton, "x.b")
    assert chosen.hasFocus()
    qtbot.keyClick(chosen, Qt.Key.Key_Right)
    assert choice.value == "c"
    assert choice.findChild(QToolButton, "x.c").hasFocus()
    qtbot.keyClick(choice.findChild(QToolButton, "x.c"), Qt.Key.Key_Tab)
    assert after.hasFocus()


def test_a_group_folds(qtbot: QtBot) -> None:
    group = FoldGroup("Group", name="g")
    qtbot.addWidget(group)
    inside = dim_label("inside")
    group.add(inside)
    group.show()
    qtbot.mouseClick(group.findChild(QToolButton, "g.header"), LEFT)
    assert not inside.isVisible()
    qtbot.mouseClick(group.findChild(QToolButton, "g.header"), LEFT)
    assert inside.isVisible()


# -- timeline --------------------------------------------------------------------------------

LAST = 10


def noise_axis(direction: int = 1) -> Axis:
    levels = np.linspace(500, 0, LAST + 1).astype(np.float32)
    log_snr = np.linspace(-8, 8, LAST + 1).astype(np.float32)
    return Axis("noise", levels, log_snr, direction, "noise", "clean")


@pytest.fixture
def timeline(qtbot: QtBot) -> Timeline:
    model = TimelineModel()
    widget = Timeline(model)
    model.setParent(widget)
    qtbot.addWidget(widget)
    widget.resize(900, 130)
    model.set_axis(noise_axis())
    widget.set_thumbnails(lambda frame: np.full((16, 16, 3), 20 * frame, np.uint8))
    widget.show()
    widget.activateWindow()
    widget.slider.setFocus()
    qtbot.waitUntil(widget.slider.hasFocus)
    return widget


def test_frames_that_are_left_out_are_reported(qtbot: QtBot, timeline: Timeline) -> None:
    timeline.show()
    model = timeline.model
    model.set_loop("loop")
    readout = timeline.findChild(QLabel, "timeline.readout")
    play = timeline.findChild(QToolButton, "timeline.play")
    model.set_fps(100)
    model.frame_changed.connect(lambda _frame: time.sleep(0.05))  # a slow machine
    qtbot.mouseClick(play, LEFT)
    assert "fps" not in readout.text()
    qtbot.waitUntil(lambda: " of 100 fps" in readout.text(), timeout=10_000)
    assert 1 <= int(readout.text().split(" of ")[0]) <= 20
    qtbot.mouseClick(play, LEFT)
    assert "fps" not in readout.text()


def test_nothing_is_reported_about_a_pace_that_is_kept(qtbot: QtBot, timeline: Timeline) -> None:
    timeline.show()
    model = timeline.model
    model.set_loop("loop")
    model.set_fps(5)
    qtbot.mouseClick(timeline.findChild(QToolButton, "timeline.play"), LEFT)
    qtbot.waitUntil(lambda: model.pace is not None, timeout=10_000)
    assert 4 <= model.pace <= 6
    assert "fps" not in timeline.findChild(QLabel, "timeline.readout").text()


def part(timeline: Timeline, kind: type, name: str) -> QWidget:
    found = timeline.findChild(kind, f"timeline.{name}")
    assert found is not None
    assert found.isVisible()
    return found


def test_keys_move_the_frame(qtbot: QtBot, timeline: Timeline) -> None:
    slider = part(timeline, QSlider, "slider")
    for key, frame in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Right, 2),
        (Qt.Key.Key_Left, 1),
        (Qt.Key.Key_End, LAST),
        (Qt.Key.Key_Right, LAST),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_Left, 0),
        (Qt.Key.Key_PageDown, 10),
        (Qt.Key.Key_Comma, 9),
        (Qt.Key.Key_Period, 10),
    ):
        qtbot.keyClick(slider, key)
        assert slider.value() == frame


def test_the_mouse_jumps_and_drags(qtbot: QtBot, timeline: Timeline) -> None:
    slider = timeline.slider
    at = [QPoint(round(slider.frame_x(frame)), 20) for frame in range(LAST + 1)]
    qtbot.mousePress(slider, LEFT, pos=at[4])
    assert slider.value() == 4
    qtbot.mouseMove(slider, at[7])
    assert slider.value() == 7
    qtbot.mouseRelease(slider, LEFT, pos=at[7])
    qtbot.mouseMove(slider, at[1])
    assert slider.value() == 7


def test_the_wheel_steps_only_with_the_focus(qtbot: QtBot, timeline: Timeline) -> None:
    turn_wheel(timeline.slider)
    assert timeline.slider.value() == 1
    part(timeline, QSpinBox, "fps").setFocus()
    turn_wheel(timeline.slider)
    assert timeline.slider.value() == 1


def test_a_typed_level_goes_to_the_nearest_frame(qtbot: QtBot, timeline: Timeline) -> None:
    box = part(timeline, QDoubleSpinBox, "t")
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "215")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert timeline.slider.value() == 6
    assert box.value() == 200, "the level that is shown is the one that was recorded"


def test_the_numbers_follow(qtbot: QtBot, timeline: Timeline) -> None:
    readout = part(timeline, QWidget, "readout")
    qtbot.keyClick(timeline.slider, Qt.Key.Key_Home)
    assert "log-SNR −8.00" in readout.text()
    assert "signal 0.034%" in readout.text()
    for _ in range(LAST // 2):
        qtbot.keyClick(timeline.slider, Qt.Key.Key_Right)
    assert "log-SNR 0.00" in readout.text()
    assert "signal 50.0%" in readout.text()
    assert f"frame {LAST // 2 + 1} of {LAST + 1}" in readout.text()


def frames_played(qtbot: QtBot, timeline: Timeline, count: int) -> list[int]:
    """Press Space and return the first ``count`` frames shown."""
    box = part(timeline, QSpinBox, "fps")
    box.setValue(60)
    seen: list[int] = []
    timeline.slider.setFocus()
    timeline.model.frame_changed.connect(seen.append)
    qtbot.keyClick(timeline.slider, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len(seen) >= count or not timeline.model.state.playing, timeout=5000)
    return seen


def test_play_once_ends_at_the_clean_end(qtbot: QtBot, timeline: Timeline) -> None:
    seen = frames_played(qtbot, timeline, 99)
    assert seen[-1] == LAST
    assert seen == sorted(seen)
    assert not timeline.model.state.playing
    # It starts again.
    assert frames_played(qtbot, timeline, 99)[0] == 0


def test_forward_plays_from_clean_to_noise(qtbot: QtBot, timeline: Timeline) -> None:
    timeline.model.set_axis(noise_axis(-1))
    assert timeline.slider.value() == LAST
    seen = frames_played(qtbot, timeline, 99)
    assert seen[-1] == 0
    assert seen == sorted(seen, reverse=True)


def test_loop_starts_again(qtbot: QtBot, timeline: Timeline) -> None:
    qtbot.mouseClick(part(timeline, QToolButton, "loop.loop"), LEFT)
    # more frames than there are, even if some are skipped
    seen = frames_played(qtbot, timeline, LAST + 2)
    assert any(b < a for a, b in itertools.pairwise(seen))
    qtbot.keyClick(timeline.slider, Qt.Key.Key_Space)
    model = timeline.model
    assert not model.state.playing
    model.set_frame(LAST - 1)
    seen = []
    model.frame_changed.connect(seen.append)
    for _ in range(LAST + 2):
        model.advance(1)
    assert seen == [LAST, *range(LAST + 1)]
    model.advance(LAST)
    assert model.frame == LAST - 1, "what is skipped counts"


def test_ping_pong_turns_round(qtbot: QtBot, timeline: Timeline) -> None:
    qtbot.mouseClick(part(timeline, QToolButton, "loop.pingpong"), LEFT)
    model = timeline.model
    seen: list[int] = []
    model.frame_changed.connect(seen.append)
    for _ in range(2 * LAST + 1):
        model.advance(1)
    assert seen == [*range(1, LAST + 1), *range(LAST - 1, -1, -1), 1]
    model.advance(2 * LAST)
    assert model.frame == 1, "a whole round leads back"


def test_play_and_pause_by_button(qtbot: QtBot, timeline: Timeline) -> None:
    play = part(timeline, QToolButton, "play")
    qtbot.mouseClick(play, LEFT)
    assert play.toolTip() == "Pause (Space)"
    qtbot.mouseClick(play, LEFT)
    assert play.toolTip() == "Play (Space)"
    assert timeline.slider.hasFocus(), "a click on Play leaves the keys with the slider"


def test_an_empty_timeline_is_gray(qtbot: QtBot, timeline: Timeline) -> None:
    timeline.model.set_axis(Axis("noise", np.zeros(0, np.float32)))
    assert not part(timeline, QSlider, "slider").isEnabled()
    assert not part(timeline, QToolButton, "play").isEnabled()
    timeline.model.play()
    assert not timeline.model.state.playing


def test_a_narrow_timeline_says_as_much(qtbot: QtBot, timeline: Timeline) -> None:
    """Without room for the readout, signal was once left out, though a lesson asked for it."""
    readout = part(timeline, QLabel, "readout")
    assert "frame 1 of 11" in readout.text()
    timeline.resize(600, 130)
    fps = part(timeline, QSpinBox, "fps")
    qtbot.waitUntil(lambda: readout.geometry().bottom() < fps.geometry().top())
    assert "log-SNR" in readout.text()
    assert "signal" in readout.text()
    assert readout.fontMetrics().horizontalAdvance(readout.text()) <= readout.width()
    assert timeline.minimumSizeHint().width() < 600


def test_the_icon_of_a_button_follows_whether_it_stands_out(
    theme: ThemeManager, qtbot: QtBot
) -> None:
    """Otherwise, the icon of a button that is no longer emphasized would be white on white."""

    def picture(button: QPushButton) -> QImage:
        return button.icon().pixmap(16, 16).toImage()

    first, second = (push_button("b", "B", "generate", primary=p) for p in (True, False))
    for button in (first, second):
        qtbot.addWidget(button)
    before = picture(first), picture(second)
    assert before[0] != before[1]
    set_primary(first, False)
    set_primary(second, True)
    assert (picture(second), picture(first)) == before


def test_choices_without_their_icons_fill_their_frame(theme: ThemeManager, qtbot: QtBot) -> None:
    options = [Option(word, word, "see") for word in ("Curves", "Runs", "By noise level")]
    choice = Segmented("choice", "Choice", *options)
    qtbot.addWidget(choice)
    wide, narrow = choice.sizeHint().width(), choice.minimumSizeHint().width()
    choice.show()
    for width in (wide, (wide + narrow) // 2, narrow):
        choice.resize(width, choice.sizeHint().height())
        settle(choice)
        buttons = choice.findChildren(QToolButton)
        assert sum(button.width() for button in buttons) == width - 2
    for button in buttons:  # otherwise a text that just fits would be shortened
        words = button.fontMetrics().horizontalAdvance(button.text())
        assert button.width() >= words + 8, button.text()


def test_choices_without_their_icons_show_their_words_whole(
    theme: ThemeManager, qtbot: QtBot
) -> None:
    options = [Option(word, word, "see") for word in ("See", "Train", "Draw", "Measure", "Data")]
    choice = Segmented("choice", "Choice", *options)
    qtbot.addWidget(choice)
    choice.resize(choice.sizeHint())
    choice.show()
    settle(choice)
    choice.resize(choice.minimumSizeHint())
    settle(choice)
    around = 2 * (1 + 1 + 2)  # margin, border and padding in theme.qss
    for button in choice.findChildren(QToolButton):
        assert button.fontMetrics().horizontalAdvance(button.text()) + around <= button.width()


# -- no more room than is needed -----------------------------------------------------------------


@pytest.mark.parametrize("percent", [100, 150])
def test_rows_of_a_menu_are_equally_high_with_an_icon_and_without(
    qtbot: QtBot, theme: ThemeManager, percent: int
) -> None:
    theme.set_text_size(percent)
    menu = QMenu()
    qtbot.addWidget(menu)
    with_icon = menu.addAction(icons.icon("copy", LIGHT), "Copy")
    rows = with_icon, menu.addAction("Select all"), menu.addAction("Shown")
    rows[2].setCheckable(True)
    menu.popup(QPoint(0, 0))
    assert len({menu.actionGeometry(row).height() for row in rows}) == 1


def test_a_table_of_a_few_rows_needs_no_scroll_bar(qtbot: QtBot, theme: ThemeManager) -> None:
    table = Table(("Class", "Sprites"), name="table", label="Table", tip="", row_height=24)
    qtbot.addWidget(table)
    table.setRowCount(6)
    table.fit_rows(10)  # before its header is styled
    table.show()
    qtbot.waitUntil(lambda: table.viewport().height() >= 6 * table.rowHeight(0))
    assert not table.verticalScrollBar().maximum()


def test_a_table_keeps_room_for_rows_when_it_is_shown_again(qtbot: QtBot) -> None:
    table = Table(("Class", "Sprites"), name="table", label="Table", tip="", row_height=24)
    qtbot.addWidget(table)
    table.fit_rows(10, 4)
    table.show()
    before = table.height()
    table.hide()
    table.show()
    assert table.height() == before >= 4 * 24


@pytest.mark.parametrize(
    "words", ["Available once every step is there", "so many words " * 9 + "end."]
)
def test_lines_in_place_of_sprites_are_whole(qtbot: QtBot, words: str) -> None:
    """Both lines of a note were once cut, although 48 pixels were enough for them."""
    grid = SpriteGrid()
    qtbot.addWidget(grid)
    line = grid.fontMetrics().lineSpacing()
    grid.resize(200, 2 * line + 4)
    grid.set_placeholder(words)
    shown = fitting_words(grid.fontMetrics(), grid.rect(), words)

    def ink() -> int:
        image = pixels(grid.grab().toImage()).astype(int)
        return int(abs(image - image[0, 0]).sum())

    low = ink()
    grid.set_placeholder(shown)
    grid.resize(200, 2 * line + 104)
    assert low == ink() > 0
    # A text without room is shown as a tooltip when the pointer rests there.
    grid.set_placeholder(words)
    grid.resize(200, 2 * line + 4)
    assert (shown == words) != shown.endswith("…")
    QApplication.sendEvent(
        grid, QHelpEvent(QEvent.Type.ToolTip, QPoint(9, 9), grid.mapToGlobal(QPoint(9, 9)))
    )
    assert QToolTip.text().endswith(" end.") == shown.endswith("…")
    QToolTip.hideText()


def test_scrolled_sprites_are_no_higher_than_their_rows(qtbot: QtBot) -> None:
    grid = SpriteGrid(scale=2, gap=4)
    area = scrolled(grid, 240)
    qtbot.addWidget(area)
    area.resize(300, 240)
    area.show()
    assert area.height() == 240, "room for sprites that are yet to come"
    grid.set_sprites(np.zeros((16, 16, 16, 4), np.uint8))
    qtbot.waitUntil(lambda: area.height() == grid.minimumHeight() < 240)
    assert not area.verticalScrollBar().maximum()
    grid.set_sprites(np.zeros((400, 16, 16, 4), np.uint8))
    qtbot.waitUntil(lambda: area.height() == 240 < grid.minimumHeight())


def test_the_welcome_is_one_row_of_whole_cards(qtbot: QtBot, theme: ThemeManager) -> None:
    theme.set_text_size(125)
    welcome = Welcome(with_model=True)
    qtbot.addWidget(welcome)
    welcome.resize(2000, 200)
    welcome.show()
    cards = welcome.watch, welcome.train, welcome.draw, welcome.lessons
    least = welcome.minimumSizeHint().width()
    rooms = (sum(card.sizeHint().width() + 8 for card in cards) + 80, least)
    for room in rooms:  # too narrow for the title as well
        welcome.resize(room, 200)
        settle(welcome)
        shown = [card for card in cards if card.isVisible()]
        assert len({card.y() for card in shown}) == 1
        assert all(card.width() >= card.wanted(icons=False) for card in shown)
        assert welcome.rect().contains(welcome.never.geometry())
        assert welcome.minimumSizeHint().width() <= least, "the stage may be narrower"


def test_an_empty_choice_says_what_belongs_there(qtbot: QtBot) -> None:
    box = ElidedComboBox()
    qtbot.addWidget(box)
    box.setPlaceholderText("Earlier results")
    box.resize(200, 26)
    box.show()
    assert box.shown_text() == "Earlier results"
    box.addItem("First")
    box.setCurrentIndex(0)
    assert box.shown_text() == "First"


def test_choices_that_wrap_fill_even_columns(qtbot: QtBot) -> None:
    options = [Option(text, text) for text in ("Best", "Typical", "Novelty", "Palette", "As drawn")]
    choice = Segmented("choice", "Choice", *options, wraps=True)
    qtbot.addWidget(choice)
    choice.show()
    row = choice.sizeHint().width()
    choice.resize(row - 10, 80)
    buttons = [choice.findChild(QToolButton, f"choice.{option.value}") for option in options]
    assert len({button.width() for button in buttons}) == 1
    assert [button.y() for button in buttons] == [buttons[0].y()] * 3 + [buttons[3].y()] * 2
    choice.resize(row, 80)
    assert len({button.y() for button in buttons}) == 1


def test_an_open_list_shows_the_entries_that_come_to_it(qtbot: QtBot) -> None:
    box = calm(ElidedComboBox(), "some", "Some")
    qtbot.addWidget(box)
    fill(box, [(str(n), n) for n in range(3)])
    box.show()
    box.showPopup()
    few = box.view().height()
    fill(box, [(str(n), n) for n in range(6)])
    assert box.view().isVisible()
    assert box.view().height() > few
    assert box.view().verticalScrollBar().maximum() == 0
    box.hidePopup()


def test_an_open_list_in_a_close_panel_shows_its_last_entry(
    qtbot: QtBot, theme: ThemeManager
) -> None:
    """In place of the last class in Draw there was once half of it, and an arrow for scrolling."""
    panel = QWidget()
    panel.setProperty("dense", True)
    qtbot.addWidget(panel)
    box = calm(ElidedComboBox(), "some", "Some")
    fill(box, [(name, name) for name in ("any class", "hero", "item")])
    vbox(box, on=panel)
    theme.dress(panel)
    panel.show()
    box.showPopup()
    rows = sum(box.view().sizeHintForRow(row) for row in range(3))
    assert box.view().viewport().height() >= rows
    assert box.view().verticalScrollBar().maximum() == 0
    box.hidePopup()


def test_long_entries_that_can_be_edited_are_read_whole_in_tip_and_list(qtbot: QtBot) -> None:
    """The texts of variants were once cut in the middle of one, and nothing showed the rest."""
    long = ", ".join(["red", "orange", "yellow", "green"] * 4)
    box = calm(ElidedComboBox(), "some", "Some")
    box.setEditable(True)
    fill(box, [(long, 0)])
    qtbot.addWidget(box)
    box.resize(120, box.sizeHint().height())
    box.show()
    line = box.lineEdit()
    assert line is not None
    QApplication.sendEvent(line, QHelpEvent(QEvent.Type.ToolTip, QPoint(5, 5), QPoint(5, 5)))
    assert long in QToolTip.text().replace("\n", " ")
    QToolTip.hideText()
    box.showPopup()
    assert box.view().viewport().width() >= box.view().sizeHintForColumn(0)
    box.hidePopup()


@pytest.mark.parametrize("percent", [100, 125, 150])
def test_a_button_that_stands_out_moves_none_beside_it(
    theme: ThemeManager, qtbot: QtBot, percent: int
) -> None:
    """Bold text is wider: in Terrain it once moved the button to the next line."""
    theme.set_text_size(percent)
    button = push_button("canvas", "Go to canvas", "draw")
    qtbot.addWidget(button)
    widths = set()
    for primary in (False, True, False):
        set_primary(button, primary)
        settle(button)
        widths.add(button.sizeHint().width())
    assert len(widths) == 1


def test_the_tip_of_a_button_covers_neither_it_nor_its_row(qtbot: QtBot) -> None:
    button, tip = push_button("b", "Draw", tip="Draw all of them"), QWidget()
    qtbot.addWidget(button)
    qtbot.addWidget(tip)
    screen = button.screen().availableGeometry()
    tip.resize(200, 40)
    button.resize(100, 30)
    for top, above in ((100, False), (screen.bottom() - 40, True)):
        button.move(screen.right() - 120, top)
        tip.move(screen.right() - 60, top + 10)
        place = place_beside(button, tip)
        covered = QRect(place, tip.size())
        assert screen.contains(covered)
        assert (covered.bottom() < button.y()) == above
        assert (covered.top() > button.y() + button.height() - 1) != above


def test_numbers_of_a_table_are_whole_once_it_has_its_style(
    qtbot: QtBot, theme: ThemeManager
) -> None:
    """In large text they were once cut off; the first column takes the rest, for
    names of any length.
    """
    table = Table(("Class", "Training"), name="t", label="a", tip="b")
    table.setRowCount(1)
    table.put(0, 0, "side facing, and more")
    table.put(0, 1, "1,234,567,890,123,456", number=True)
    table.fit_columns()
    window = QWidget()
    qtbot.addWidget(window)
    vbox(table, on=window)
    theme.dress(window)
    window.resize(1, 200)
    window.show()
    settle(window)
    assert table.columnWidth(1) >= table.sizeHintForColumn(1)


@pytest.mark.parametrize("places", [4, 6])
def test_sprites_in_a_row_fit_their_panel_once(
    theme: ThemeManager, qtbot: QtBot, places: int
) -> None:
    """The scroll bar once appeared and disappeared endlessly, as the sprites
    needed less room beside it.
    """
    content = as_widget(vbox(QLabel("x"), SpriteRow(name="row", label="Row", places=places), ...))
    panel = ScrollsDown(content)
    qtbot.addWidget(panel)
    theme.dress(panel)
    panel.show()
    for width in range(places * 40 + 20, places * 40 + 240, 3):
        row = content.findChild(SpriteRow)
        for height in range(row.height(), row.height() + 60, 6):
            resizes = Resizes(content)
            panel.resize(width, height)
            QApplication.processEvents()
            content.removeEventFilter(resizes)
            assert resizes.count <= Resizes.MOST, (width, height)


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
@pytest.mark.parametrize("kind", ["icon", "words"])
def test_enter_presses_a_button_as_space_does(qtbot: QtBot, key: Qt.Key, kind: str) -> None:
    """On Tune, which has the focus after an import, Enter once did nothing."""
    icon, words = IconButton("add", "open", "Add files"), push_button("tune", "Tune")
    button, heard = icon if kind == "icon" else words, []
    qtbot.addWidget(icon)
    qtbot.addWidget(words)
    button.clicked.connect(lambda: heard.append(key))
    button.show()
    qtbot.keyClick(button, key)
    assert heard == [key]


def test_a_button_is_not_hovered_once_its_menu_closed_elsewhere(qtbot: QtBot) -> None:
    """It once stayed gray until the pointer passed it again."""
    button = IconButton("more", "more", "More")
    qtbot.addWidget(button)
    menu = QMenu(button)
    button.setMenu(menu)
    # Move the pointer first: below it, the menu would be entered, maybe after it has closed.
    QCursor.setPos(button.mapToGlobal(button.rect().bottomRight()) + QPoint(50, 50))
    button.show()
    button.setAttribute(Qt.WidgetAttribute.WA_UnderMouse)
    menu.aboutToHide.emit()
    qtbot.waitUntil(lambda: not button.underMouse())
