"""The "?" of a view, the code behind it, and the guide that it opens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QKeySequence, QPixmap, QShortcut, QTextDocument
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QTextBrowser,
    QToolButton,
    QWidget,
)
from pytestqt.qtbot import QtBot

from sprite_lab.app.lab import Lab
from sprite_lab.app.shell.source_code import find_source
from sprite_lab.paths import resource
from sprite_lab.ui.help.code_window import CodeWindow
from sprite_lab.ui.shell.main_window import MainWindow
from sprite_lab.ui.text import RichView
from sprite_lab.ui.theme import DARK, LIGHT, ThemeManager
from sprite_lab.ui.widgets.fields.explanation import Explanation
from sprite_lab.ui.widgets.fields.help_button import HelpButton
from sprite_lab.ui.widgets.fields.links import open_link
from sprite_lab.ui.widgets.fields.markdown import is_formula, show_markdown
from tests.qt import settle

pytestmark = pytest.mark.opens("data")

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def button(lab: Lab, qtbot) -> Iterator[HelpButton]:  # type: ignore[no-untyped-def]
    window = QWidget()
    qtbot.addWidget(window)
    row = QHBoxLayout(window)
    button = HelpButton(lab, "x_t")
    row.addWidget(button)
    window.show()
    qtbot.waitExposed(window)
    yield button
    for top in QApplication.topLevelWidgets():
        if isinstance(top, (Explanation, CodeWindow)):
            top.close()


def opened(qtbot, kind: type) -> QWidget:  # type: ignore[no-untyped-def]
    def there() -> list[QWidget]:
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]

    qtbot.waitUntil(lambda: len(there()) == 1, timeout=5000)
    return there()[0]


def test_an_open_explanation_follows_the_theme(
    window: MainWindow, theme: ThemeManager, qtbot: QtBot
) -> None:
    """In dark mode, its formula once had a light background."""
    markdown = "E(t) = ‖y − ŷ‖²\n\nA sentence with [code](source:sprite_lab/diffusion/loss.py)."
    first = Explanation(window, markdown)
    qtbot.addWidget(first)
    theme.set_mode("dark")
    second = Explanation(window, markdown)
    qtbot.addWidget(second)
    assert first.text.toHtml() == second.text.toHtml()


def test_esc_ends_the_explanation_and_not_the_page_behind_it(
    button: HelpButton,
    qtbot,  # type: ignore[no-untyped-def]
) -> None:
    left: list[str] = []
    shortcut = QShortcut(QKeySequence("Esc"), button.window())
    shortcut.activated.connect(lambda: left.append("page"))
    action = QAction(button.window(), shortcut=QKeySequence("K"))
    action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    action.triggered.connect(lambda: left.append("kept"))
    button.window().addAction(action)
    qtbot.mouseClick(button, LEFT)
    popup = opened(qtbot, Explanation)
    text = popup.findChild(QTextBrowser, "help.explanation.text")
    qtbot.keyClick(text, Qt.Key.Key_K)
    qtbot.keyClick(text, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)
    assert left == []


def test_a_click_explains_the_view_and_esc_ends_it(button: HelpButton, qtbot) -> None:  # type: ignore[no-untyped-def]
    qtbot.mouseClick(button, LEFT)
    popup = opened(qtbot, Explanation)
    text = popup.findChild(QTextBrowser, "help.explanation.text")
    assert "with noise mixed in" in text.toPlainText()
    assert "Try:" in text.toPlainText()
    assert text.verticalScrollBar().maximum() == 0  # all text is visible
    qtbot.keyClick(text, Qt.Key.Key_Escape)
    assert not popup.isVisible()


def test_keys_alone_open_it_and_follow_a_link_to_the_code(button: HelpButton, qtbot) -> None:  # type: ignore[no-untyped-def]
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    popup = opened(qtbot, Explanation)
    text = popup.findChild(QTextBrowser, "help.explanation.text")
    qtbot.keyClick(text, Qt.Key.Key_Tab)
    qtbot.keyClick(text, Qt.Key.Key_Return)
    window = opened(qtbot, CodeWindow)
    code = window.findChild(QPlainTextEdit, "code.text")
    wanted = find_source("sprite_lab/diffusion/parameterization.py#q_sample")
    assert code.toPlainText() == wanted.text
    assert code.isReadOnly()
    place = window.findChild(QLabel, "code.place").text()
    assert place == f"sprite_lab/diffusion/parameterization.py, line {wanted.line}"
    window.findChild(QWidget, "code.copy").click()
    assert QApplication.clipboard().text() == wanted.text
    # for screens on which the title bar is missing
    close = window.findChild(QToolButton, "code.close")
    assert close.isVisible()
    qtbot.mouseClick(close, Qt.MouseButton.LeftButton)
    assert not window.isVisible()


def test_words_of_python_have_colors_of_the_theme(theme: ThemeManager, qtbot) -> None:  # type: ignore[no-untyped-def]
    parent = QWidget()
    qtbot.addWidget(parent)
    source = find_source("sprite_lab/core/trajectories/levels.py#posterior")
    window = CodeWindow(source, parent)

    def color_of(word: str, after: str = "") -> str:
        document: QTextDocument = window.text.document()
        start = document.find(after).position() if after else 0
        found = document.find(word, start)
        block = found.block()
        column = found.selectionStart() - block.position()
        for span in block.layout().formats():
            if span.start <= column < span.start + span.length:
                return span.format.foreground().color().name()
        return ""

    for mode, expected in (("light", LIGHT), ("dark", DARK)):
        theme.set_mode(mode)
        curves = [curve.color for curve in expected.curves]
        assert color_of("def") == curves[3]
        assert color_of("posterior") == curves[0]
        assert color_of("weight of x_t") == curves[2]  # in a text of several lines
        assert color_of("not only adjacent ones") == curves[2]
        assert color_of("# of q(x_t | x_s)") == expected.text_dim
        assert color_of("return", after="std_s²") == curves[3]
        assert color_of("ratio", after="return (") == ""
    window.close()


@pytest.mark.parametrize("button_y", [40, 700])
def test_it_is_within_the_screen_beside_its_button(
    qtbot,  # type: ignore[no-untyped-def]
    button_y: int,
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    markdown = resource("help", "views", "draw_start.md").read_text(encoding="utf-8")
    popup = Explanation(parent, markdown)
    screen, place = QRect(0, 0, 1280, 800), QRect(1250, button_y, 22, 22)
    popup.place(place, screen)
    lies = QRect(popup.pos(), popup.size())
    assert screen.contains(lies)
    assert not lies.intersects(place)
    popup.close()


@pytest.mark.parametrize("language", ["", "translations/de/", "translations/es/"])
def test_an_explanation_is_seen_whole_on_a_small_screen(
    qtbot,  # type: ignore[no-untyped-def]
    language: str,
) -> None:
    """It gets wider before it needs to scroll."""
    parent = QWidget()
    qtbot.addWidget(parent)
    pages = sorted(resource(*f"{language}help/views".split("/")).glob("*.md"))
    scrolling, widths = [], set()
    for page in pages:
        popup = Explanation(parent, page.read_text("utf-8"))
        popup.place(QRect(260, 114, 22, 22), QRect(0, 0, 1280, 800))
        popup.show()
        if popup.text.verticalScrollBar().maximum():
            scrolling.append(page.stem)
        widths.add(popup.width())
        popup.close()
    assert not scrolling
    assert min(widths) == 432
    assert max(widths) > 432


@pytest.mark.parametrize("language", ["", "translations/de/", "translations/es/"])
def test_a_long_explanation_in_large_text_uses_the_screen(
    theme: ThemeManager, qtbot: QtBot, language: str
) -> None:
    """On a large screen, it once scrolled at three quarters of the height."""
    theme.set_text_size(150)
    parent = QWidget()
    qtbot.addWidget(parent)
    page = resource(*f"{language}help/views/draw_tools.md".split("/"))
    popup = Explanation(parent, page.read_text("utf-8"))
    popup.place(QRect(1400, 114, 22, 22), QRect(0, 0, 1920, 1080))
    popup.show()
    assert not popup.text.verticalScrollBar().maximum()
    popup.close()


def test_formulas_are_known_from_sentences() -> None:
    assert is_formula("x_t = √ᾱ_t · x0 + √(1 − ᾱ_t) · ε,  ε ~ N(0, I)")
    assert is_formula("p(x0 | kept) ∝ p(x0) · r(x0)")
    assert not is_formula("At t = 0 there is no noise.")
    assert not is_formula("Try: type t = 250")
    assert not is_formula("No relation in it")
    assert not is_formula("What was kept stayed. Here r = 1 where it agrees, 0 elsewhere,")
    assert not is_formula("It was kept. Here r = 1 where that agrees")
    assert not is_formula("")


def test_indices_and_exponents_are_set_and_names_of_code_are_not(qapp) -> None:  # type: ignore[no-untyped-def]
    view = RichView()
    text = "x\u0302_t, σ_t² and L_(t−1); q_sample, see.show.x0, Δx0, 2^(−b): [x_t](source:a), "
    show_markdown(view, text + "`x_t`\n\nc = w_hero\n\n```\nx_t\n```", LIGHT)
    plain = "x\u0302t, σt² and Lt−1; q_sample, see.show.x0, Δx0, 2−b: x_t, x_t\nc = whero\nx_t"
    assert view.toPlainText().strip() == plain
    looks = {"low": "", "high": ""}
    cursor = view.textCursor()
    for position in range(len(plain)):
        cursor.setPosition(position + 1)
        style = cursor.charFormat().verticalAlignment()
        name = {style.AlignSubScript: "low", style.AlignSuperScript: "high"}.get(style)
        if name:
            looks[name] += plain[position]
    assert looks == {"low": "ttt−10hero", "high": "−b"}
    show_markdown(view, "x_t of https://example.org/user/game_1 and x_0", LIGHT)
    assert view.toHtml().count("vertical-align:sub") == 2
    assert "game_1" in view.toHtml(), "the address in a model's card lost its underscore"


def test_a_formula_stands_on_its_own_ground_and_no_line_is_empty(qapp) -> None:  # type: ignore[no-untyped-def]
    view = RichView()
    show_markdown(view, "Words.\n\na = b\n\nMore.\n\n```\nc = 1\nd = 2\n```\n\nEnd.", LIGHT)
    assert view.toPlainText().split("\n") == ["Words.", "a = b", "More.", "c = 1", "d = 2", "End."]
    frames = view.document().rootFrame().childFrames()
    grounds = [frame.frameFormat().background().color().name() for frame in frames]
    assert grounds == [LIGHT.background] * 2


def test_a_text_brings_neither_html_nor_pictures_of_its_own(qapp, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    theirs = tmp_path / "theirs.png"
    QPixmap(4, 4).save(str(theirs))
    view = RichView()
    text = f"<b>a</b> <img src='{theirs}'>."
    pictures = f"![b]({theirs}) ![c](http://d/e.png) ![f](../../README.md)"
    show_markdown(view, f"{text}\n\n{pictures}\n\n<h1>g</h1>", LIGHT)
    assert view.toPlainText() == f"{text}\nb c f\n<h1>g</h1>"
    show_markdown(view, "![Drawing](images/draw.png)", LIGHT, resource("help"))
    assert view.toPlainText() == "\ufffc"
    view.document().setTextWidth(600)
    assert view.document().size().height() > 100


def test_a_link_to_the_guide_opens_that_chapter(window: MainWindow, lab: Lab, qtbot) -> None:  # type: ignore[no-untyped-def]
    open_link(QUrl("help:guide#timeline-and-log-snr"), lab, window)
    qtbot.waitUntil(window.learning.guide.isVisible, timeout=5000)
    item = window.learning.guide.contents.currentItem()
    assert item is not None
    assert item.text() == "Timeline and log-SNR"
    text = window.learning.guide.text
    heading = text.document().find("Timeline and log-SNR")
    # At the top of the visible area.
    qtbot.waitUntil(lambda: 0 <= text.cursorRect(heading).top() < 60, timeout=5000)
    window.learning.guide.close()


@pytest.mark.parametrize("percent", [100, 150])
def test_pages_scroll_down_alone(
    window: MainWindow, theme: ThemeManager, percent: int, qtbot: QtBot
) -> None:
    theme.set_text_size(percent)
    guide = window.learning.guide
    for page in ("guide", "lessons"):  # with long commands, and with a long example
        guide.open_help(page)
        qtbot.waitUntil(lambda: page in str(guide._page), timeout=5000)  # noqa: B023
        settle(guide)
        assert not guide.text.horizontalScrollBar().maximum()
    guide.close()


def test_the_search_tells_no_answers_while_a_lesson_asks(
    window: MainWindow, lab: Lab, qtbot
) -> None:  # type: ignore[no-untyped-def]
    guide = window.learning.guide
    guide.open_help("guide")
    qtbot.waitUntil(guide.isVisible, timeout=5000)
    guide.search.setText("memorization")
    qtbot.waitUntil(lambda: guide.found.count() > 3, timeout=5000)

    def found() -> list[str]:
        return [guide.found.item(row).text() for row in range(guide.found.count())]

    def tips() -> list[str]:
        return [guide.found.item(row).toolTip() for row in range(guide.found.count())]

    assert all("\n" in text for text in found())
    assert any(tip.startswith("Teaching") for tip in tips())
    lab.is_asking.set(True)
    assert found()
    assert not any("\n" in text for text in found()), "titles alone"
    assert not any(tip.startswith("Teaching") for tip in tips())
    lab.is_asking.set(False)
    assert all("\n" in text for text in found())
    guide.close()


def test_the_guide_is_searched_through_all_pages(window: MainWindow, lab: Lab, qtbot) -> None:  # type: ignore[no-untyped-def]
    guide = window.learning.guide
    guide.open_help("guide")
    qtbot.waitUntil(guide.isVisible, timeout=5000)
    guide.search.setText("misconceptoin")  # typed in haste
    qtbot.waitUntil(lambda: guide.found.count() > 0, timeout=5000)
    assert guide.found.isVisible()
    assert not guide.contents.isVisible()
    titles = [guide.found.item(row).text().split("\n")[0] for row in range(guide.found.count())]
    assert "Results" in titles
    guide.search.setText("probable means good-looking")
    qtbot.keyClick(guide.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Teaching" in guide.windowTitle(), timeout=5000)
    assert guide.text.textCursor().selectedText().casefold() == "probable"
    # A link to a section, on another page and on the same one.
    open_link(QUrl("guide.md#a-web-page"), lab, window)
    qtbot.waitUntil(lambda: guide.windowTitle().startswith("User guide"), timeout=5000)
    assert guide.contents.currentItem().text() == "Export"
    deep = guide.text.verticalScrollBar().value()
    guide.text.verticalScrollBar().setValue(0)
    guide.text.anchorClicked.emit(QUrl("#a-web-page"))
    assert guide.text.verticalScrollBar().value() == deep > 0
    guide.search.setText("qqqqzzzz")
    assert "Nothing found" in guide.found.item(0).text()
    qtbot.keyClick(guide.search, Qt.Key.Key_Return)
    guide.search.clear()
    assert guide.contents.isVisible()
    assert not guide.found.isVisible()
    guide.close()


def test_a_link_to_code_that_is_gone_is_one_sentence(lab: Lab, qtbot) -> None:  # type: ignore[no-untyped-def]
    parent = QWidget()
    qtbot.addWidget(parent)
    with qtbot.waitSignal(lab.failed, timeout=5000) as told:
        open_link(QUrl("source:sprite_lab/core/trajectories/levels.py#gone"), lab, parent)
    assert told.args[0] == "There is no “gone” in “sprite_lab/core/trajectories/levels.py”."


def test_a_link_to_the_web_goes_to_the_browser(
    lab: Lab, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:  # type: ignore[no-untyped-def]
    asked: list[str] = []
    monkeypatch.setattr(
        QDesktopServices, "openUrl", lambda url: asked.append(url.toString()) or True
    )
    parent = QWidget()
    qtbot.addWidget(parent)
    open_link(QUrl("https://arxiv.org/abs/1503.03585"), lab, parent)
    assert asked == ["https://arxiv.org/abs/1503.03585"]


def test_every_view_of_every_page_has_a_text_to_show(window: MainWindow, lab: Lab) -> None:
    from sprite_lab.ui.shell.navigator import WORKSPACES
    from sprite_lab.ui.widgets.pages import Pages

    for spec in WORKSPACES:
        workspace = window.workspace(spec.name)
        pages = workspace.names if isinstance(workspace, Pages) else ()
        for page in pages:
            workspace.page(page)
    buttons = window.findChildren(HelpButton)
    topics = {button.objectName().removeprefix("help.") for button in buttons}
    missing = {t for t in topics if not resource("help", "views", f"{t}.md").is_file()}
    assert not missing
    ours = {
        "x_t",
        "x0",
        "epsilon",
        "v",
        "score",
        "posterior_mean",
        "change",
        "guidance",
        "timeline",
    }
    ours |= {"loss_curve", "training_samples", "draw_tools", "sampling", "forward", "data"}
    assert ours <= topics
