"""Lessons as pages, and all of them as a site."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from sprite_lab.core.config import SampleConfig, WebConfig
from sprite_lab.core.errors import FileError
from sprite_lab.core.run import Run, RunControl, drain
from sprite_lab.engine.models import web_lessons
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.models.web_lessons import export_lesson_iter, export_site_iter
from sprite_lab.engine.sampling.reverse import resolved
from tests.browser import chromium, complaints, open_page, requests, until

LESSON: dict[str, Any] = {
    "schema_version": 1,
    "title": "Two <samplers>",
    "summary": "Short.",
    "minutes": 3,
    "steps": [
        {
            "text": "See [the code](source:sprite_lab/diffusion/loss.py#x) and <b>this</b>.",
            "set": {
                "workspace": "see",
                "page": "watch",
                "model": "builtin-student",
                "sample": {"count": 2, "seed": 1, "steps": 2},
                "generate": True,
                "timeline": "clean",
            },
            "check": {"trajectory": {"steps": 1}},
            "ask": {
                "choices": [
                    {"text": "Yes", "reply": "So it is.", "right": True},
                    {"text": "No", "reply": "Look again."},
                ]
            },
        },
        {
            "text": "Where is half of it noise?",
            "ask": {
                "log_snr": [-0.8, 0.8],
                "low": "Too noisy.",
                "high": "Too clean.",
                "right": "There.",
            },
        },
        {
            "text": "They dissolve.",
            "set": {"dissolve": [0, 5], "controls": {"see.schedule": "linear"}, "timeline": 0},
        },
        {"text": "In Draw.", "set": {"workspace": "draw"}},
    ],
}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lesson")
    (folder / "mine.json").write_text(json.dumps(LESSON), "utf-8")
    return drain(export_lesson_iter(folder / "mine.json", folder / "mine.html", RunControl()))


def data_of(path: Path) -> Any:
    found = re.search(r'id="data">(.*?)</script>', path.read_text("utf-8"), re.S)
    assert found is not None
    return json.loads(found[1])


def test_each_step_shows_what_it_sets_up_and_what_was_asked_for_before(page: Path) -> None:
    lesson = data_of(page)["lesson"]
    assert [step["recording"] for step in lesson["steps"]] == [0, 1, 2, None]
    frames = [len(found["lanes"][0]["frames"]) for found in lesson["recordings"]]
    assert frames[:2] == [3, 2], "the step after the check has one step of sampling"
    assert lesson["recordings"][2]["kind"] == "forward"
    assert lesson["steps"][0]["at"] == "clean"


def test_texts_are_text_and_links_into_the_app_are_words(page: Path) -> None:
    html = page.read_text("utf-8")
    assert "See the code and &lt;b&gt;this&lt;/b&gt;." in html
    assert "Two &lt;samplers&gt;" in html


def test_a_lesson_is_taken_in_a_browser(page: Path) -> None:
    with chromium(390, 844, touch=True) as driver:
        open_page(driver, page, "#step=1")
        choices = driver.find_elements("css selector", "#lesson-steps .ask input")
        choices[1].click()
        assert "Look again." in driver.find_element("id", "part-lesson").text
        choices[0].click()
        assert "So it is." in driver.find_element("id", "part-lesson").text
        driver.find_element("id", "lesson-next").click()
        until(driver, lambda d: "Step 2 of 4" in d.find_element("id", "lesson-place").text)
        button = driver.find_element("css selector", "section:not([hidden]) > .ask button")
        button.click()
        assert "Too clean." in driver.find_element("id", "part-lesson").text
        driver.refresh()
        until(driver, lambda d: d.find_element("id", "lesson-place").text)
        remembered = driver.find_element("css selector", "#lesson-steps .ask input:checked")
        assert remembered.get_attribute("value") == "0", "answers stay in the browser"
        assert requests(driver) == []
        assert complaints(driver) == []


@pytest.mark.parametrize(
    "text",
    ["no JSON", "[]", '{"title": "x"}', '{"title": "x", "steps": [{"set": {"dissolve": ["a"]}}]}'],
)
def test_what_is_no_lesson_is_one_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(FileError, match=r"bad\.json"):
        drain(export_lesson_iter(path, tmp_path / "bad.html", RunControl()))
    assert not (tmp_path / "bad.html").exists()


def test_every_shipped_lesson_can_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def checked(model: Model, configs: Sequence[SampleConfig], control: RunControl) -> Run[None]:
        yield None
        resolved(configs, model)

    monkeypatch.setattr(web_lessons, "sample_iter", checked)
    monkeypatch.setattr(web_lessons, "lane_of", lambda trajectory: {})
    for path in web_lessons.shipped_lessons():
        scene = web_lessons._Scene(path.parent)
        monkeypatch.setattr(web_lessons, "race_iter", lambda *_: iter(()))
        for step in json.loads(path.read_text("utf-8"))["steps"]:
            scene.set_up(step.get("set", {}))
            drain(scene.recorded(RunControl()))
            scene.do(step.get("check", {}))


def test_a_site_links_its_pages_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lessons = []
    for number in (1, 2):
        path = tmp_path / f"0{number}-made.json"
        path.write_text(json.dumps(LESSON), "utf-8")
        lessons.append(path)
    monkeypatch.setattr(web_lessons, "shipped_lessons", lambda: lessons)
    config = WebConfig(count=1, forward=False)
    site = tmp_path / "site"
    files = drain(export_site_iter("builtin-student", site, config, RunControl()))
    assert sorted(path.name for path in site.iterdir()) == sorted(path.name for path in files)
    index = files[0].read_text("utf-8")
    linked = set(re.findall(r'href="([^"]+)"', index))
    assert {"01-made.html", "02-made.html", "model.html"} <= linked
    assert index.count("Where it is shown") == 10
    assert 'href="index.html"' in (site / "01-made.html").read_text("utf-8")


def test_the_ten_questions_point_at_lessons_that_there_are() -> None:
    names = {path.stem for path in web_lessons.shipped_lessons()}
    text = (web_lessons.resource("web", "questions.json")).read_text("utf-8")
    assert {question["lesson"] for question in json.loads(text)["questions"]} <= names
