"""Markdown as the app shows it: line spacing, highlighted formulas, the theme's colors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontDatabase,
    QFontInfo,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFrameFormat,
    QTextTable,
)

from sprite_lab.paths import resource
from sprite_lab.ui.text import Html, RichView, held, html, own_file
from sprite_lab.ui.theme import Theme
from sprite_lab.ui.widgets.sprites.indices import set_indices
from sprite_lab.words import english_page, tr

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

#: Space above a chapter, around a formula, and inside its background, in logical pixels.
_ABOVE, _AROUND, _PADDING = 24, 4, 8
#: Minimum size, as a share of the usual, to which a formula is shrunk to fit on one line, and the
#: characters with which a second line may begin if the formula still does not fit.
_SMALLEST, _BEGIN_LINES = 0.85, "=≈∝≤≥+−"
_LINE_PERCENT = 120.0
_PROPORTIONAL = QTextBlockFormat.LineHeightTypes.ProportionalHeight.value

#: A letter with a hat, tilde or bar. Shown in italics: upright, these look wrong in some common
#: fonts, and symbols should be italic anyway.
MARKED = re.compile("[A-Za-z][\u0302-\u0304]")

#: The end of a sentence, before the next one.
_SENTENCE = re.compile(r"[a-z]{3,}[.?!] ")

#: The placeholder of a picture in a block's text, and the line separator within a block.
_PICTURE, _LINE_END = "\ufffc", "\u2028"

_RELATION = re.compile(r"[=≈∝≤≥←∼]")
#: First words of paragraphs in explanations that are not formulas, whatever they contain.
_LEAD = re.compile(rf"^({'|'.join(map(re.escape, (tr('Try'), tr('Code'), tr('Paper'))))}):")

#: Attributes that give tables the style of Qt's own Markdown.
_ATTRIBUTES: dict[str, dict[str, str | int | float]] = {
    "table_open": {
        "border": 1,
        "cellpadding": 4,
        "cellspacing": 0,
        "style": "border-collapse: collapse",
    },
    "th_open": {"align": "left"},
}


def show_markdown(
    view: RichView,
    markdown: str,
    theme: Theme,
    folder: Path | None = None,
    *,
    indices: bool = True,
) -> None:
    """Show a Markdown text in the colors of a theme; call again when the theme changes.

    HTML in it is shown as text. Pictures are named relative to ``folder`` (None = that of the
    help), and shown only if they come with the app. Without ``indices``, "game_1" is a name, not a
    base with an index.
    """
    document = view.document()
    document.setDefaultFont(view.font())
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont).family()
    document.setDefaultStyleSheet(
        f"code, pre {{ font-family: '{fixed}'; }} a {{ text-decoration: none; }}"
    )
    view.show_html(to_html(markdown, folder, indices=indices))
    apart: list[tuple[int, int]] = []  # start and end of formulas
    block = document.begin()
    while block.isValid():
        end = block.position() + block.length() - 1
        if _is_code(block) or _stands_alone(block):
            if apart and apart[-1][1] + 1 == block.position():
                apart[-1] = apart[-1][0], end  # adjacent formulas share a background
            else:
                apart.append((block.position(), end))
        _set_block(block)
        block = block.next()
    for start, end in reversed(apart):
        _set_apart(QTextCursor(document), start, end, theme)
    _wrap_code(document)
    for frame in document.rootFrame().childFrames():
        if isinstance(frame, QTextTable):
            lines = frame.format()
            lines.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
            lines.setBorderBrush(QColor(theme.line))
            frame.setFormat(lines)


def fit_formulas(document: QTextDocument) -> None:
    """Shrink formulas that are slightly too long for a line, and break longer ones. Call again when
    the width changes.
    """
    # Slightly less than is available, as letters are not exactly proportional to the font size.
    room = 0.98 * (document.textWidth() - 2 * (document.documentMargin() + _PADDING))
    usual = document.defaultFont().pointSizeF()
    for frame in document.rootFrame().childFrames():
        block = document.findBlock(frame.firstPosition())
        while not isinstance(frame, QTextTable) and block.position() <= frame.lastPosition():
            if is_formula(block.text()):
                _resize(block, usual)
                wide = _SMALLEST * _width_broken(block, None) > room
                widths = {
                    place: _width_broken(block, place)
                    for place in (None, *(_breaks(block.text()) if wide else ()))
                }
                width = _width_broken(block, min(widths, key=widths.__getitem__))
                if width > room:
                    _resize(block, usual * room / width)
            block = block.next()


def _breaks(formula: str) -> list[int]:
    """The spaces before relations and sums outside of parentheses."""
    depth, found = 0, []
    for place, (mark, following) in enumerate(pairwise(formula)):
        depth += (mark in "([") - (mark in ")]")
        if mark.isspace() and following in _BEGIN_LINES and not depth:
            found.append(place)
    return found


def _width_broken(block: QTextBlock, place: int | None) -> float:
    """Break a formula at a space (None = nowhere); returns its new width, in logical pixels."""
    style, cursor = block.blockFormat(), QTextCursor(block)
    style.setNonBreakableLines(True)
    cursor.setBlockFormat(style)
    for at, mark in enumerate(block.text()):
        wanted = _LINE_END if at == place else " "
        if mark in (_LINE_END, " ") and mark != wanted:
            cursor.setPosition(block.position() + at)
            cursor.movePosition(QTextCursor.MoveOperation.Right, QTextCursor.MoveMode.KeepAnchor)
            cursor.insertText(wanted, cursor.charFormat())
    block.document().size()  # lays the document out
    return block.layout().maximumWidth()


def _resize(block: QTextBlock, points: float) -> None:
    looks = QTextCharFormat()
    looks.setFontPointSize(points)
    _merge(block, 0, block.length() - 1, looks)


def to_html(markdown: str, folder: Path | None = None, *, indices: bool = True) -> Html:
    """HTML from Markdown, for :func:`show_markdown`."""
    parser = _parser()
    tokens = parser.parse(markdown)
    within: list[str] = []  # the enclosing blocks
    for token in tokens:
        if token.nesting == 1:
            within.append(token.type)
        elif token.nesting == -1:
            within.pop()
        elif token.type == "inline":
            children = token.children or []
            plain = "".join(
                child.content or " " * (child.type == "softbreak") for child in children
            )
            formula = within == ["paragraph_open"] and is_formula(plain)
            _set_inline(children, folder, indices=indices, formula=formula)
        else:
            token.content = token.content.rstrip("\n")  # or Qt would add an empty line
        token.attrs.update(_ATTRIBUTES.get(token.type, {}))
    return held(parser.renderer.render(tokens, parser.options, {}).rstrip())


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415 (the window is there sooner without)

    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _set_inline(
    tokens: Sequence[Token], folder: Path | None, *, indices: bool, formula: bool
) -> None:
    """Format indices, except in links and code, and replace pictures that do not come with the app
    by their descriptions.
    """
    links = 0
    for token in tokens:
        links += token.nesting if token.type.startswith("link_") else 0
        if token.type == "text" and indices and not links:
            # An "html_inline", which the parser itself never creates, is rendered verbatim.
            token.type, token.content = "html_inline", set_indices(token.content, formula=formula)
        elif token.type == "image":
            named = (folder or resource("help")) / str(token.attrs["src"])
            picture = own_file(named) or own_file(english_page(named))
            if picture is None:
                token.type, token.content = "html_inline", html("{}", token.content)
            else:
                token.attrs["src"] = QUrl.fromLocalFile(str(picture)).toString()


def is_formula(text: str) -> bool:
    """Whether a paragraph is a standalone formula rather than a sentence with one."""
    text = text.strip()
    if not text or text[-1] in ".,:;?!" or _LEAD.match(text) or _SENTENCE.search(text):
        return False
    return _RELATION.search(text) is not None


def _set_block(block: QTextBlock) -> None:
    """Give a paragraph the spacing and looks that Markdown does not specify."""
    style = block.blockFormat()
    apart = 0
    in_table = QTextCursor(block).currentTable() is not None
    if block.text() and not (style.headingLevel() or _is_code(block) or in_table):
        apart = QFontInfo(block.document().defaultFont()).pointSize() * 2 // 3
    style.setTopMargin(_ABOVE if style.headingLevel() == 2 else apart)
    style.setBottomMargin(apart)
    if block.text() != _PICTURE:  # proportional height would add a gap to a picture
        style.setLineHeight(_LINE_PERCENT, _PROPORTIONAL)
    looks = QTextCharFormat()
    lead = _LEAD.match(block.text())
    if lead is not None:
        looks.setFontWeight(QFont.Weight.DemiBold)
        _merge(block, lead.start(), lead.end(), looks)
    if _is_code(block):
        looks = QTextCharFormat()
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        looks.setFontFamilies([fixed.family()])
        _merge(block, 0, block.length() - 1, looks)
    looks = QTextCharFormat()
    looks.setFontItalic(True)
    for symbol in MARKED.finditer(block.text()):
        _merge(block, symbol.start(), symbol.end(), looks)
    QTextCursor(block).setBlockFormat(style)


def _is_code(block: QTextBlock) -> bool:
    """Whether a block is code, fenced or indented: a formula or a command."""
    return block.isValid() and block.blockFormat().nonBreakableLines()


def _wrap_code(document: QTextDocument) -> None:
    """Let long commands wrap, or the whole text would be as wide as the longest one."""
    block = document.begin()
    while block.isValid():
        if _is_code(block):
            style = block.blockFormat()
            style.setNonBreakableLines(False)
            QTextCursor(block).setBlockFormat(style)
        block = block.next()


def _stands_alone(block: QTextBlock) -> bool:
    """Whether a block is a paragraph that consists of a formula."""
    elsewhere = block.textList() or QTextCursor(block).currentTable()
    return not (elsewhere or block.blockFormat().headingLevel()) and is_formula(block.text())


def _set_apart(cursor: QTextCursor, start: int, end: int, theme: Theme) -> None:
    """Give a formula its own background."""
    frame = QTextFrameFormat()
    frame.setBackground(QColor(theme.background))
    frame.setPadding(_PADDING)
    frame.setMargin(0)
    frame.setTopMargin(_AROUND)
    frame.setBottomMargin(_AROUND)
    cursor.setPosition(start)
    cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    cursor.insertFrame(frame)
    inside = cursor.currentFrame()
    document = cursor.document()
    block = document.findBlock(inside.firstPosition())
    while block.isValid() and block.position() <= inside.lastPosition():
        style = block.blockFormat()
        for set_margin in (style.setTopMargin, style.setBottomMargin, style.setLeftMargin):
            set_margin(0)
        if block.position() > inside.firstPosition() and not _is_code(block):
            style.setTopMargin(_AROUND)
        QTextCursor(block).setBlockFormat(style)
        block = block.next()
    # Qt leaves an empty paragraph on either side, which would show as a blank line.
    after = document.findBlock(inside.lastPosition() + 1)
    _join(after, after.next())
    before = document.findBlock(inside.firstPosition() - 1)
    _join(before.previous(), before)


def _join(first: QTextBlock, second: QTextBlock) -> None:
    """Join two paragraphs, one of which is empty, if both are in the same frame."""
    if not (first.isValid() and second.isValid()) or (first.text() and second.text()):
        return
    cursor = QTextCursor(first)
    if cursor.currentFrame() != QTextCursor(second).currentFrame():
        return
    style = first.blockFormat() if first.text() else second.blockFormat()
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
    cursor.deleteChar()
    cursor.setBlockFormat(style)


def _merge(block: QTextBlock, start: int, end: int, looks: QTextCharFormat) -> None:
    cursor = QTextCursor(block)
    cursor.setPosition(block.position() + start)
    cursor.setPosition(block.position() + end, QTextCursor.MoveMode.KeepAnchor)
    cursor.mergeCharFormat(looks)
