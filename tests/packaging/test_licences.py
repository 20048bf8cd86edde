"""The licences: Python's own, which lies elsewhere on each system."""

from __future__ import annotations

import sys
from pathlib import Path

import licences
import pytest


@pytest.mark.parametrize("place", ["lib", "."], ids=["beside the library", "as on Windows"])
def test_the_licence_of_python_is_found(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lib").mkdir()
    monkeypatch.setattr(licences.sysconfig, "get_path", lambda name: str(tmp_path / "lib"))
    monkeypatch.setattr(sys, "base_prefix", str(tmp_path))
    assert licences.python_itself().texts == ()
    (tmp_path / place / "LICENSE.txt").write_text("PSF LICENSE AGREEMENT\n", "utf-8")
    assert licences.python_itself().texts == ("PSF LICENSE AGREEMENT",)
