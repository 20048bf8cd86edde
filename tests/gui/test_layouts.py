"""Rows and columns keep their parts in order, with the requested spacing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton, QStackedWidget, QWidget
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.ui.flow import Flow, WholeHeight, button_row
from sprite_lab.ui.layouts import as_widget, hbox, vbox
from sprite_lab.ui.page import heading_row
from sprite_lab.ui.theme import ThemeManager
from sprite_lab.ui.widgets.fields.buttons import Option, Segmented, ShrinkingButton
from sprite_lab.ui.widgets.fields.inspector import Inspector, dim_label
from tests.qt import settle


def test_parts_stretches_and_gaps(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    left, middle, right = (QLabel("x") for _ in range(3))
    box = hbox(left, 12, (middle, 2), ..., right, on=whole, spacing=4, margins=(1, 2, 3, 5))
    assert whole.layout() is box
    assert [box.itemAt(i).widget() for i in range(box.count())] == [left, None, middle, None, right]
    assert [box.stretch(i) for i in range(box.count())] == [0, 0, 2, 1, 0]
    assert box.itemAt(1).sizeHint().width() == 12
    margins = box.contentsMargins()
    assert (margins.left(), margins.top(), margins.right(), margins.bottom()) == (1, 2, 3, 5)
    assert box.spacing() == 4


def test_layouts_nest(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    row = hbox(QLabel("a"), QLabel("b"))
    column = vbox((row, 1), QLabel("c"), on=whole)
    assert column.itemAt(0).layout() is row
    assert column.stretch(0) == 1
    assert row.contentsMargins().isNull()
    assert row.spacing() == column.spacing() == 8


def test_rows_that_wrap_are_as_high_as_what_they_hold_now(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    labels = [QLabel(text) for text in "abcdef"]
    for label in labels:
        label.setFixedSize(100, 20)
    flow = Flow(whole, *labels, spacing=0)
    whole.show()
    assert [flow.heightForWidth(width) for width in (600, 599, 200)] == [20, 40, 60]
    labels[0].hide()
    labels[1].setFixedHeight(30)
    assert [flow.heightForWidth(width) for width in (600, 599, 200)] == [30, 30, 70]
    flow.setSpacing(10)
    assert flow.heightForWidth(210) == 30 + 20 + 20 + 20
    flow.takeAt(5)
    assert flow.heightForWidth(210) == 30 + 20 + 10


def test_buttons_fill_their_row_and_never_widen_a_panel(qtbot: QtBot) -> None:
    """Two Spanish labels once made the panel of one page wider, so that the tabs moved."""
    whole = as_widget(button_row(*(QPushButton(text) for text in ("Watch", "Send it elsewhere"))))
    qtbot.addWidget(whole)
    first, second = whole.findChildren(QPushButton)
    wide = first.sizeHint().width() + second.sizeHint().width() + 8
    whole.show()
    for room, below in ((wide + 41, False), (wide - 1, True)):
        whole.resize(room, 100)
        settle(whole)
        assert (second.y() > first.y()) == below
        assert second.geometry().right() == room - 1
        assert (first.width() == room) == below
    assert whole.minimumSizeHint().width() == second.minimumSizeHint().width()


def test_what_is_at_the_right_of_a_heading_is_below_it_without_room(qtbot: QtBot, lab: Lab) -> None:
    switch = Segmented("x.view", "View", Option(0, "Noisy"), Option(1, "Clean"))
    about = dim_label("Sprites of a set, by likeness", name="x.about", wrap=False)
    whole = as_widget(vbox(heading_row(lab, "Race", "race", left=(switch,), right=(about,)), ...))
    qtbot.addWidget(whole)
    whole.show()
    beside = whole.sizeHint().width()
    for room, below in ((beside, False), (beside - 10, True)):
        whole.resize(room, 200)
        settle(whole)
        assert switch.width() == switch.sizeHint().width()
        place = about.mapTo(whole, about.rect().topRight())
        assert (place.y() > switch.mapTo(whole, switch.rect().bottomLeft()).y()) == below
        assert place.x() == room - 1
        assert about.width() == about.sizeHint().width()


def test_the_last_of_a_row_gives_up_width_before_it_wraps(
    theme: ThemeManager, qtbot: QtBot
) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    first = QLabel()
    first.setFixedSize(100, 20)
    last = ShrinkingButton("last", "add", "", "Some words")
    flow = Flow(whole, first, last, spacing=10)
    whole.show()
    wide, narrow = last.sizeHint().width(), last.minimumSizeHint().width()
    whole.resize(110 + wide, 100)
    assert last.width() == wide
    whole.resize(110 + narrow, 100)
    assert last.geometry().right() == whole.rect().right()
    assert last.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly
    row, rows = (flow.heightForWidth(width + narrow) for width in (110, 100))
    assert rows > row
    assert flow.height_without(first, 100 + narrow) == row


def test_even_rows_are_columns_with_none_left_over(qtbot: QtBot) -> None:
    whole = QWidget()
    qtbot.addWidget(whole)
    labels = [QLabel(text) for text in "abcde"]
    for label, width in zip(labels, (60, 80, 100, 90, 70), strict=True):
        label.setMinimumSize(width, 20)
    Flow(whole, *labels, spacing=10, even=True, last_right=False)

    def placed(width: int) -> list[tuple[int, int, int]]:
        whole.resize(width, 200)
        return [(label.x(), label.y(), label.width()) for label in labels]

    whole.show()
    # If they fit in a row, each has its own width.
    assert [width for _, _, width in placed(440)] == [60, 80, 100, 90, 70]
    # Four would fit in the first row, but leave one alone in the next.
    thirds = [(0, 0, 139), (149, 0, 139), (298, 0, 139), (0, 30, 139), (149, 30, 139)]
    assert placed(439) == thirds
    assert [y for _, y, _ in placed(90)] == [0, 30, 60, 90, 120]


def test_a_hidden_part_that_needs_more_height_is_laid_out_for_it(qtbot: QtBot) -> None:
    whole, part = QWidget(), WholeHeight()
    qtbot.addWidget(whole)
    upper, lower = QLabel("x"), QLabel("y")
    part.setParent(whole)
    vbox((upper, 1), lower, on=part)
    upper.setMinimumHeight(88)
    part.resize(200, 40)
    whole.show()
    assert part.height() >= 88
    assert upper.geometry().bottom() < lower.geometry().top()


def test_a_panel_shows_its_top_when_its_page_is_opened(qtbot: QtBot) -> None:
    pages, tall = QStackedWidget(), QWidget()
    qtbot.addWidget(pages)
    tall.setFixedHeight(2000)
    settings = Inspector(name="settings")
    settings.add(tall)
    for page in (settings, QWidget()):
        pages.addWidget(page)
    pages.resize(320, 300)
    pages.show()
    bar = settings.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 1000)
    bar.setValue(900)
    assert bar.value() == 900
    pages.setCurrentIndex(1)
    pages.setCurrentIndex(0)
    assert bar.value() == 0
