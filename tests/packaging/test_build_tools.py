"""Versions as numbers, which is all that other installers know; and the output of checks."""

from __future__ import annotations

import itertools

import build_tools
import pytest
from packaging.version import Version  # the library, which the scripts' folder does not hide


def test_numbers_sort_as_versions_do():
    written = [
        *("0.9.0", "1.0.0.dev1", "1.0.0.dev12", "1.0.0a1", "1.0.0b1", "1.0.0rc1", "1.0.0rc2"),
        *("1.0.0", "1.0.0.post1", "1.0.1.dev3", "1.0.1", "1.2", "1.10.0", "2"),
    ]
    assert written == sorted(written, key=Version)
    numbers = [tuple(map(int, build_tools.four_numbers(each).split("."))) for each in written]
    assert all(a < b for a, b in itertools.pairwise(numbers))
    assert all(len(each) == 4 and max(each) < 65_536 for each in numbers)


def test_a_commit_in_the_version_does_not_count():
    assert build_tools.four_numbers("1.2.0.dev7+g1a2b3c4.d20260101") == "1.2.0.7"
    assert build_tools.four_numbers("v1.2.0") == "1.2.0.40000"


def test_what_is_no_version_is_refused():
    with pytest.raises(build_tools.BuildError, match=r"no version such as 1\.2\.0"):
        build_tools.four_numbers("next")


def test_checks_tell_each_thing_and_fail_for_any(capsys: pytest.CaptureFixture[str]) -> None:
    def breaks() -> None:
        raise build_tools.BuildError("it is gone")

    check = build_tools.Checks("look")
    check("is so", True)
    check("says more", lambda: "3 files")
    assert check.end() == 0
    check("is not so", "")
    check("is found not so", lambda: False)
    check("breaks", breaks)
    assert check.end() == 1
    assert capsys.readouterr().out.splitlines() == [
        "ok   is so",
        "ok   says more (3 files)",
        "look: 2 of 2 are so",
        "FAIL is not so",
        "FAIL is found not so",
        "FAIL breaks: it is gone",
        "look: 2 of 5 are so; not: is not so; is found not so; breaks",
    ]
