"""Lessons as pages, and a site of all lessons."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sprite_lab.core.config import SampleConfig, WebConfig
from sprite_lab.core.errors import FileError
from sprite_lab.core.records import Notice
from sprite_lab.core.run import Run, RunControl, drain
from sprite_lab.engine.models import web_lessons, web_scene
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.models.web_lessons import export_lesson_iter, export_site_iter
from sprite_lab.engine.sampling.reverse import resolved
from sprite_lab.formats.lessons import load_lesson
from sprite_lab.formats.results import Given, Results, TakenLesson, load_results
from sprite_lab.formats.web.lesson import WebFigure
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
            "text": "They dissolve. How many?",
            "set": {"dissolve": [0, 5], "controls": {"see.schedule": "linear"}, "timeline": 0},
            "ask": {"number": [2, 2.5], "low": "More.", "high": "Fewer.", "right": "Two it is."},
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
        choices = driver.find_elements("css selector", "#lesson-steps .choice")
        choices[1].click()
        assert "Look again." in driver.find_element("id", "part-lesson").text
        choices[0].click()
        assert "So it is." in driver.find_element("id", "part-lesson").text
        driver.find_element("id", "lesson-next").click()
        until(driver, lambda d: "Step 2 of 4" in d.find_element("id", "lesson-place").text)
        button = driver.find_element("css selector", "section:not([hidden]) > .ask button")
        button.click()
        assert "Too clean." in driver.find_element("id", "part-lesson").text
        driver.find_element("id", "lesson-next").click()
        box = driver.find_element("css selector", "section:not([hidden]) > .ask input")
        box.send_keys("\ue007")
        assert "Type a number." in driver.find_element("id", "part-lesson").text
        box.send_keys("2.5", "\ue007")
        assert "Two it is." in driver.find_element("id", "part-lesson").text
        driver.refresh()
        until(driver, lambda d: d.find_element("id", "lesson-place").text)
        remembered = driver.find_element("css selector", ".choice[aria-pressed=true]")
        assert remembered.text == "Yes", "answers stay in the browser"
        box = driver.find_element("css selector", "#lesson-steps .ask input")
        assert box.get_attribute("value") == "2.5"
        assert requests(driver) == []
        assert complaints(driver) == []


def test_what_a_lesson_shows_on_purpose_is_not_warned_about(tmp_path: Path) -> None:
    step = LESSON["steps"][0]
    toward_nothing = {"guidance_scale": 3.0, "deal_prompts": False}
    sample = {"count": 1, "steps": 1, **toward_nothing}
    only = {**step, "set": {**step["set"], "sample": sample}}
    (tmp_path / "mine.json").write_text(json.dumps({**LESSON, "steps": [only]}), "utf-8")
    records: list[object] = []
    run = export_lesson_iter(tmp_path / "mine.json", tmp_path / "mine.html", RunControl())
    drain(run, records.append)
    assert records
    assert not [record for record in records if isinstance(record, Notice)]


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

    monkeypatch.setattr(web_scene, "sample_iter", checked)
    monkeypatch.setattr(web_scene, "bound_iter", lambda *_: iter(()))
    monkeypatch.setattr(web_scene, "race_iter", lambda *_: iter(()))
    monkeypatch.setattr(web_scene, "Recording", SimpleNamespace(of=lambda *_: None))
    for name in ("bits_figure", "memory_figure"):
        monkeypatch.setattr(web_scene, name, lambda *_: WebFigure(()))
    for name in ("_to_measure", "_samples"):
        monkeypatch.setattr(web_scene.Scene, name, lambda *_: iter(()))
    for path in web_lessons.shipped_lessons():
        scene, pictures = web_scene.Scene(path.parent), 0
        for step in load_lesson(path).steps:
            scene.set_up(step.set)
            shown = drain(scene.recorded(RunControl())), drain(scene.figure(RunControl()))
            pictures += shown != (None, None)
            scene.do(step.check)
        assert pictures, path.name


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
    assert {"ten-questions.html#when=before", "ten-questions.html#when=after"} <= linked
    assert data_of(site / "ten-questions.html")["lesson"]["test"] is True
    assert 'href="index.html"' in (site / "01-made.html").read_text("utf-8")


def saved_results(driver: Any, folder: Path, name: str) -> Results:
    """Results saved by the page under a name, as the app reads them."""
    driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
    )
    field = driver.find_element("id", "lesson-name")
    field.clear()
    field.send_keys(name)
    driver.find_element("id", "lesson-save").click()
    path = folder / f"{name or 'sprite-lab'}.results.json"
    until(driver, lambda _: path.exists())
    return load_results(path)


def test_the_app_opens_what_a_page_saved(page: Path, tmp_path: Path) -> None:
    with chromium() as driver:
        open_page(driver, page, "#step=1")
        driver.execute_script("localStorage.clear()")
        driver.refresh()
        until(driver, lambda d: d.find_element("id", "lesson-place").text)
        # Values that another page, or a person, may have stored.
        driver.execute_script(
            "localStorage.setItem('sprite-lab lesson a', 'no JSON');"
            "localStorage.setItem('sprite-lab lesson b', '{\"0\": {\"answer\": 1}}');"
            "localStorage.setItem('sprite-lab lesson c', JSON.stringify({steps: 3, reached: 99,"
            " title: 'x'.repeat(5000), answers: [{step: 2, tries: -1, right: 1, mood: 3,"
            " answer: '😀'.repeat(500)}, {step: 2}, {step: 9}, null]}));"
        )
        choices = driver.find_elements("css selector", "#lesson-steps .choice")
        choices[1].click()
        choices[0].click()
        for _ in range(3):
            driver.find_element("id", "lesson-next").click()
        results = saved_results(driver, tmp_path, "Ann")
        assert results.name == "Ann"
        mine, other = results.lessons
        assert mine == TakenLesson(
            "mine", "Two <samplers>", 4, 4, (Given(1, "No", right=False, tries=2),)
        )
        assert other.key == "c"
        assert other.reached == 0
        (given,) = other.answers
        assert given == Given(2, "😀" * 400)
        assert saved_results(driver, tmp_path, "").name == ""
        driver.find_element("id", "lesson-forget").click()
        driver.switch_to.alert.accept()
        until(driver, lambda d: d.find_element("id", "lesson-place").text == "Step 1 of 4")
        left = driver.execute_script("return Object.keys(localStorage)")
        assert left == ["sprite-lab lesson mine"]
        assert requests(driver) == []
        assert complaints(driver) == []


def shown_level(driver: Any) -> int:
    """The level t shown by a lesson's player."""
    words = driver.find_element("css selector", "#lesson-player .readout").text
    found = re.match(r"t (\d+) ", words)
    return int(found[1]) if found else -1


def test_a_link_leads_to_a_step_and_a_level(page: Path) -> None:
    with chromium() as driver:
        open_page(driver, page, "#step=3&t=200")
        until(driver, lambda d: "Step 3 of 4" in d.find_element("id", "lesson-place").text)
        until(driver, lambda d: 190 <= shown_level(d) <= 210)
        driver.find_element("id", "link").click()
        until(driver, lambda d: f"t={shown_level(d)}" in d.current_url)
        assert "step=3" in driver.current_url
        assert complaints(driver) == []


def test_the_ten_questions_are_answered_once_in_a_browser(tmp_path: Path) -> None:
    file = tmp_path / "test.html"
    drain(export_lesson_iter("ten-questions", file, RunControl()))
    with chromium(390, 844, touch=True) as driver:
        open_page(driver, file)
        for when, told in (("before", ""), ("after", "No. The answer is")):
            driver.execute_script(f"location.hash = '#when={when}'")  # without reloading the page
            driver.find_element("id", "link").click()
            until(driver, lambda d, when=when: f"when={when}" in d.current_url)
            shown = "#lesson-steps > section:not([hidden]) "
            boxes = driver.find_elements("css selector", f"{shown}.choice")
            assert all(box.is_enabled() for box in boxes)
            boxes[0].send_keys("\ue015")  # moving through the answers is not answering
            assert all(box.is_enabled() for box in boxes)
            boxes[0].send_keys(" ")
            reply = driver.find_element("css selector", f"{shown}.reply")
            assert reply.text.startswith(told)
            assert (reply.text == "") == (told == "")
            assert not any(box.is_enabled() for box in boxes)
        results = saved_results(driver, tmp_path, "")
        assert {lesson.key for lesson in results.lessons} == {
            "ten-questions.before",
            "ten-questions.after",
        }
        assert complaints(driver) == []
