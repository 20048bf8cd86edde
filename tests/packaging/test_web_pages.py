"""The pages linked from the README have the shipped weights."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import web_pages

from sprite_lab.core.config import WebConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.engine.models.model import load_model, shipped_models
from sprite_lab.engine.models.web_export import export_web_iter, fingerprint

ROOT = Path(__file__).resolve().parents[2]


def test_each_shipped_model_has_its_page_and_the_readme_links_it() -> None:
    linked = set(re.findall(r"docs/pages/([\w-]+)\.html", (ROOT / "README.md").read_text("utf-8")))
    if not web_pages.PAGES.is_dir():
        assert not linked
        pytest.skip("no pages were made yet: python packaging/web_pages.py")
    assert web_pages.faults(web_pages.PAGES) == []
    assert linked == {model.name for model in shipped_models()}


def test_a_page_tells_what_weights_are_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "builtin-student.html"
    nothing = WebConfig(reverse=False, forward=False)
    drain(export_web_iter("builtin-student", page, nothing, RunControl()))
    student = load_model("builtin-student", "cpu")
    assert web_pages.fingerprint_of(page) == fingerprint(student)
    shipped = shipped_models()
    monkeypatch.setattr(
        web_pages,
        "shipped_models",
        lambda: [m for m in shipped if m.name in ("builtin", "builtin-student")],
    )
    assert web_pages.faults(tmp_path) == ["builtin.html is missing"]
    page.rename(tmp_path / "builtin.html")
    assert web_pages.faults(tmp_path) == [
        "builtin.html is of other weights",
        "builtin-student.html is missing",
    ]
