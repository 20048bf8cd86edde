"""No text sends commands to the terminal."""

from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core.printable import one_line, printable


@given(st.text(st.characters(codec=None)))
def test_nothing_is_obeyed_and_everything_can_be_written(text: str) -> None:
    shown = printable(text, keep="")
    shown.encode()  # no surrogates
    assert not set(shown) & {chr(code) for code in (*range(32), *range(127, 160))}
    assert not set(shown) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029")
    if text.isprintable():
        assert shown == text


def test_what_is_meant_stays() -> None:
    assert printable("épée 剣 👩‍🎨\n\tx") == "épée 剣 👩‍🎨\n\tx"
    assert printable("\x1b]0;pwned\x07") == "\\x1b]0;pwned\\x07"
    assert printable("a" * 10_000, longest=101) == "a" * 50 + "…" + "a" * 50


def test_what_a_library_says_is_cut_and_on_one_line():
    error = ValueError("invalid type:\n  " + "x" * 5000 + " at \x1b[2J line 1")
    text = one_line(error)
    assert len(text) < 220
    assert text.startswith("invalid type: xxx")
    assert text.endswith("x at \\x1b[2J line 1")
