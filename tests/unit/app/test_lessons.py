"""What a lesson file may contain, and the message for each fault in it."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sprite_lab.app.files.sources import of_data, of_trajectory
from sprite_lab.core.config import MeasureConfig, SampleConfig
from sprite_lab.core.errors import FileError, SpriteLabError
from sprite_lab.core.run import RunControl, drain
from sprite_lab.data.datasets import builtin
from sprite_lab.engine.measuring.measuring import measure_iter
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.formats.lessons import (
    Answer,
    Ask,
    Check,
    LessonStep,
    Setup,
    load_lesson,
    parse_lesson,
    scene_of,
    shipped_lessons,
)
from sprite_lab.formats.results import TakenLesson
from sprite_lab.paths import resource
from sprite_lab.ui.tutorials.lesson_checks import fits, is_at
from sprite_lab.ui.tutorials.ui_driver import Level
from sprite_lab.words import LANGUAGES, use_language


def lesson(**step: Any) -> dict[str, Any]:
    return {"schema_version": 1, "title": "A", "steps": [{"text": "b", **step}]}


def test_a_lesson_is_read_as_it_is_written() -> None:
    found = parse_lesson(
        {
            **lesson(
                set={"workspace": "see", "controls": {"see.steps": 4}},
                highlight="see.steps",
                check={"trajectory": {"steps": [3, 5]}},
            ),
            "hide": ["main.train"],
        }
    )
    assert (found.title, found.summary, found.minutes, found.hide) == ("A", "", 5, ("main.train",))
    (step,) = found.steps
    assert step.text == "b"
    assert step.set == Setup(workspace="see", controls={"see.steps": 4})
    assert step.check == Check(trajectory={"steps": [3, 5]})


STRANGE = ("settings.theme", "export.replace", "import.cell", "draw.name", "see", "data.words")


@pytest.mark.parametrize("name", STRANGE)
def test_a_lesson_sets_only_controls_that_are_for_lessons(name: str) -> None:
    answer = {"number": [1, 2], "low": "a", "high": "b", "right": "c"}
    for step in (
        {"set": {"controls": {"see.steps": 4, name: True}}},
        {"ask": {**answer, "reveal": {"controls": {name: True}}}},
        {"check": {"control": {name: True}}},
        {"check": {"changed": name}},
    ):
        with pytest.raises(SpriteLabError, match=f"names '{name}', which is not for lessons"):
            parse_lesson(lesson(**step))


@pytest.mark.parametrize("name", [*STRANGE, "library.trash", "data.export"])
def test_a_lesson_presses_only_buttons_that_are_for_lessons(name: str) -> None:
    for check in ({"job": "Training"}, {"changed": "see.steps"}, {"control": {"see.steps": 3}}):
        with pytest.raises(SpriteLabError, match="steps 1 ▸ 'highlight' names"):
            parse_lesson(lesson(highlight=name, check=check))
    parse_lesson(lesson(highlight=name, check={"workspace": "see"}))  # only pointed out


@pytest.mark.parametrize("name", ["builtin", "my run", "weights/a.b.safetensors", "Größe.npz"])
def test_what_ships_or_is_beside_a_lesson_can_be_opened(name: str) -> None:
    (step,) = parse_lesson(lesson(set={"model": name, "data": name})).steps
    assert step.set == Setup(model=name, data=name)


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ([], "A JSON object in braces is needed"),
        ({**lesson(), "schema_version": 2}, "This lesson was written by a newer Sprite Lab"),
        ({**lesson(), "schema_version": "1"}, "its schema_version is '1', but"),
        ({"frames": []}, 'it lacks the "schema_version": 1 of a lesson'),
        ({**lesson(), "titel": "x"}, "no setting named 'titel'; use one of: title, "),
        ({**lesson(), "title": " "}, "'title' must say something"),
        ({**lesson(), "title": 3}, "'title' must be a text in quotes"),
        ({**lesson(), "minutes": True}, "'minutes' must be from 1 to 600"),
        ({"schema_version": 1, "title": "A"}, "'steps' is missing"),
        ({**lesson(), "steps": []}, "'steps' must be a list of 1 to 100"),
        ({**lesson(), "steps": [{"text": "x"}, {}]}, "steps 2 ▸ 'text' is missing"),
        (
            {**lesson(), "hide": "main.train"},
            "'hide' must be a list of names",
        ),
        (lesson(set={"workspace": "watch"}), "steps 1 ▸ set ▸ 'workspace' is 'watch', but must"),
        (lesson(set={"timeline": "end"}), "steps 1 ▸ set ▸ 'timeline' must be \"noise\","),
        (lesson(set={"generate": False}), "steps 1 ▸ set ▸ 'generate' can only be true"),
        (lesson(set={"dissolve": [-1]}), "steps 1 ▸ set ▸ 'dissolve' must be a list of 1 to 64"),
        (
            lesson(set={"controls": {"see.steps": [1]}}),
            "steps 1 ▸ set ▸ 'controls' must be a table of",
        ),
        (
            lesson(set={"sample": {"sampler": "eular"}}),
            "steps 1 ▸ set ▸ 'sample' is invalid: ",
        ),
        (lesson(set={"sample": {"stepz": 3}}), "no setting named 'stepz'"),
        (lesson(set={"sample": 3}), "steps 1 ▸ set ▸ 'sample' must be a table of sampling"),
        (lesson(check={"trajectory": 3}), "steps 1 ▸ check ▸ 'trajectory' must be a table of"),
        (lesson(check={"drawing": {}}), "steps 1 ▸ check ▸ 'drawing' must be a table"),
        (lesson(check={"drawing": {"kept": 1}}), "has a 'kept' that is not true"),
        (lesson(check={"timeline": [3, 1]}), "steps 1 ▸ check ▸ 'timeline' must be"),
        (
            lesson(check={"trajectory": {"stepz": 3}}),
            "steps 1 ▸ check ▸ 'trajectory' does not have",
        ),
        (lesson(check={"trajectory": {"kind": "x"}}), 'neither "forward" nor "reverse"'),
        (
            lesson(check={"control": {}}),
            "steps 1 ▸ check ▸ 'control' must be a table of controls",
        ),
        (
            lesson(check={"drawing": {"kpt": True}}),
            "steps 1 ▸ check ▸ 'drawing' does not have 'kpt'",
        ),
        (lesson(check={"log_snr": [1, 0]}), "steps 1 ▸ check ▸ 'log_snr' must be two numbers"),
        (lesson(check={"trajectory": {"other": ["sead"]}}), "has an 'other' that is not a list of"),
        (lesson(ask={}), "steps 1 ▸ ask ▸ Exactly one of 'choices', 'number', 'log_snr'"),
        (lesson(ask={"choices": [{"text": "a", "reply": "b"}]}), "must be a list of two to five"),
        (
            lesson(ask={"choices": [{"text": "a", "reply": "b"}] * 2}),
            "steps 1 ▸ ask ▸ Exactly one right choice is needed",
        ),
        (
            lesson(ask={"number": [1, 2], "low": "a", "high": "b"}),
            "steps 1 ▸ ask ▸ 'right' is missing",
        ),
        (
            lesson(ask={"at": "x", "low": "a", "high": "b", "right": "c"}),
            "steps 1 ▸ ask ▸ 'at' needs 'within', a number above 0",
        ),
        (
            lesson(
                ask={"number": [1, 2], "low": "a", "high": "b", "right": "c", "reveal": {"x": 1}}
            ),
            "steps 1 ▸ ask ▸ reveal ▸ There is no setting named 'x'; use one of: workspace",
        ),
        *(
            (lesson(set={key: path}), f"steps 1 ▸ set ▸ '{key}' must be a name that ships")
            for key in ("model", "data")
            for path in (
                "/dev/zero",
                "../a.safetensors",
                "runs/../../a",
                r"\\server\share\a.npz",
                "//server/share/a.npz",
                "C:a.npz",
                r"C:\a.npz",
                "a\0",
                "",
                3,
            )
        ),
        (lesson(check={"job": 3}), "steps 1 ▸ check ▸ 'job' must be a name in quotes"),
    ],
)
def test_a_fault_is_reported_with_its_place(document: Any, sentence: str) -> None:
    with pytest.raises(SpriteLabError) as found:
        parse_lesson(document)
    assert sentence in str(found.value)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b'{"a": 1,\n "b" 2}', "is not a lesson: line 2, column 6 is not valid JSON.$"),
        (b'{"a": NaN}', "it holds NaN"),
        (b"\xff\xfe\x00", "is not a lesson: open a lesson file"),
        (bytes(range(256)), "is not a lesson: open a lesson file"),
        (b"", "is empty; choose another file"),
        (b"[" * 100_000, "is not a lesson|nested"),
        (b" " * 2_000_001, "is 2 MB, but at most 1 MB can be opened"),
        (json.dumps({"schema_version": 1}).encode(), "is not a valid lesson: "),
    ],
)
def test_a_file_that_is_none_is_one_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "lesson.json"
    path.write_bytes(data)
    with pytest.raises(FileError, match=sentence):
        load_lesson(path)


def test_a_file_that_is_not_there_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"^There is no file '.*no\.json'; check its name"):
        load_lesson(tmp_path / "no.json")


def test_a_folder_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=f"^'{tmp_path.name}' is a folder; choose a file in it.$"):
        load_lesson(tmp_path)


def test_values_fit_when_equal_or_within() -> None:
    assert fits(2.0, 2)
    assert fits(2.9999999, 3)
    assert fits(5, [4, 6])
    assert not fits(7, [4, 6])
    assert fits("ddim", "ddim")
    assert fits(True, True)
    assert not fits(True, 1.5)
    assert fits(["food"], ["food"])
    assert fits([], [])
    assert not fits(None, 3)


def test_any_of_several_texts_fits_and_the_first_is_shown() -> None:
    either = ("karras", "model")
    assert fits("model", either)
    assert not fits("cosine", either)
    assert Check(control={"see.schedule": either}).outcome.controls == {"see.schedule": "karras"}


def test_what_must_change_in_a_trajectory_is_a_list() -> None:
    assert Check(trajectory={"other": ["seed"]}).other == ["seed"]
    assert Check(trajectory={"steps": 3}).other == Check().other == ()


def test_places_of_the_timeline() -> None:
    assert is_at(Level(500.0, 500.0, 0.0), "noise")
    assert is_at(Level(0.0, 500.0, 0.0), "clean")
    assert not is_at(Level(250.0, 500.0, 0.0), "clean")
    assert is_at(Level(250.0, 500.0, 0.0), [249, 251])
    assert not is_at(None, "noise")


def test_settings_of_the_reverse_process_leave_no_forward_one_in_the_scene() -> None:
    """Resuming lesson 10 at the step for Generate once showed sprites that dissolve."""
    path = next(path for path in shipped_lessons() if "2015" in path.stem)
    steps = load_lesson(path).steps
    at = next(i for i, step in enumerate(steps) if step.set.sample is not None)
    before, scene = scene_of(steps, at - 1), scene_of(steps, at)
    assert before.controls["see.mode"] == "forward"
    assert before.dissolve
    assert scene.controls["see.mode"] == "reverse"
    assert not scene.dissolve


def test_the_scene_of_a_step_is_what_the_steps_before_it_left() -> None:
    steps = [
        LessonStep(
            "a",
            set=Setup(
                workspace="see",
                page="watch",
                sample={"count": 9, "steps": 4, "seed": 3},
                generate=True,
                controls={"see.enlarge": False, "see.show.x0": True},
            ),
            check=Check(trajectory={"steps": [10, 20]}),
        ),
        LessonStep("b", check=Check(control={"see.show.x0": False}, timeline=(100, 300))),
        LessonStep("c", set=Setup(workspace="measure")),
        LessonStep("d", set=Setup(workspace="see", dissolve=(1,))),
    ]
    assert scene_of(steps, 0) == steps[0].set
    then = scene_of(steps, 2)
    assert then.sample == {"count": 9, "steps": 15, "seed": 3}
    assert then.controls == {"see.enlarge": False, "see.show.x0": False}
    assert (then.timeline, then.generate, then.workspace) == (200, True, "measure")
    assert then.page == "", "it was a page of See"
    last = scene_of(steps, 3)
    assert last.dissolve == (1,)
    assert not last.generate


def choices_of_all_questions() -> list[tuple[Answer, ...]]:
    """Of the lessons and the ten questions, in the chosen language."""
    files = [*shipped_lessons(), resource("ten-questions.json")]
    asks = [step.ask for file in files for step in load_lesson(file).steps]
    return [ask.choices for ask in asks if ask and ask.choices]


def test_a_question_offers_more_than_its_opposite() -> None:
    """Otherwise half of the guesses are right."""
    assert min(map(len, choices_of_all_questions())) >= 3


def test_the_right_answer_may_stand_anywhere() -> None:
    """Otherwise, students learn at which place it never is."""
    questions = choices_of_all_questions()
    for count in {len(choices) for choices in questions}:
        alike = [choices for choices in questions if len(choices) == count]
        right = [[choice.right for choice in choices].index(True) for choices in alike]
        assert min(map(right.count, range(count))) >= len(right) // (2 * count), right


def test_no_class_draws_what_guidance_0_draws_in_lesson_5() -> None:
    """Its question says so: guidance must reach the last level, unlike the model's default."""
    first, *others = load_lesson(shipped_lessons()[4]).steps
    (question,) = (s for s in others if s.check.trajectory and "classes" in s.check.trajectory)
    assert first.set.sample is not None
    settings = {**first.set.sample, "count": 2, "steps": 4}
    assert question.check.trajectory == {"classes": []}
    model = load_model("builtin", "cpu")
    at_0, without = (
        drain(sample_iter(model, [SampleConfig.from_json({**settings, **asked})], RunControl()))
        for asked in ({}, {"classes": [], "guidance_scale": 8.0})
    )
    np.testing.assert_allclose(at_0.x0[-1], without.x0[-1], atol=1e-3)


def test_the_two_means_of_lesson_8_differ() -> None:
    """The means of real sprites and of sixteen steps once differed by less than their errors."""
    steps = load_lesson(shipped_lessons()[7]).steps
    (settings,) = (step.set.sample for step in steps if step.set.sample is not None)
    model = load_model("builtin", "cpu")
    config = SampleConfig.from_json({**settings, "count": 4})
    drawn = drain(sample_iter(model, [config], RunControl()))
    real = of_data(builtin(), MeasureConfig(take="random", count=4))
    few, usual = (
        drain(measure_iter(model, sprites, RunControl(), rounds=2)).bound
        for sprites in (of_trajectory(drawn, model.class_names), real)
    )
    assert few.bits_per_dim > 1.3 * usual.bits_per_dim


def test_the_number_that_is_shown_is_the_one_that_is_told() -> None:
    """Show me once entered 34% in the field of lesson 4, and the reply said 33%."""
    asks = [step.ask for path in shipped_lessons() for step in load_lesson(path).steps if step.ask]
    numbers = [ask for ask in asks if ask.number is not None]
    assert numbers
    for ask in numbers:
        low, high = ask.number
        assert re.search(rf"\b{(low + high) / 2:g}\b", ask.right), ask.right


def test_half_noise_is_about_half() -> None:
    """Applies to the questions at which noise level sprite and noise weigh the same."""
    ranges = [
        step.ask.log_snr
        for path in shipped_lessons()
        for step in load_lesson(path).steps
        if step.ask is not None and step.ask.log_snr is not None
    ]
    halves = [(low, high) for low, high in ranges if low < 0 < high]
    assert len(halves) >= 2
    for log_snr in (end for ends in halves for end in ends):
        assert 0.4 < 1 / (1 + math.exp(-log_snr)) < 0.6


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_right_answer_may_be_of_any_length(language: str) -> None:
    """If the longest choice is usually right, nobody needs to understand it."""
    use_language(language)
    longest = shortest = 0
    questions = choices_of_all_questions()
    for choices in questions:
        lengths = [len(choice.text) for choice in choices]
        (right,) = (len(choice.text) for choice in choices if choice.right)
        longest += right == max(lengths)
        shortest += right == min(lengths)
    for share in (longest / len(questions), shortest / len(questions)):
        assert 0.2 < share < 0.4, (longest, shortest)


def test_where_an_answer_is_shown_can_be_opened() -> None:
    """Each of the ten questions leads to a step that opens the place that it names."""
    lessons = {path.stem: load_lesson(path) for path in shipped_lessons()}
    pages = {
        "See ▸ Watch": ("see", "watch"),
        "See ▸ Race": ("see", "race"),
        "See ▸ Class": ("see", "class"),
        "See ▸ Inpaint": ("see", "inpaint"),
        "Train ▸ By noise level": ("train", "levels"),
        "Train ▸ Memorization": ("train", "memory"),
        "Measure ▸ Probability": ("measure", "probability"),
        "Measure ▸ Memorization": ("measure", "memory"),
        "Measure ▸ Thermodynamics": ("measure", "thermodynamics"),
    }
    for question in load_lesson(resource("ten-questions.json")).steps:
        assert question.ask is not None
        links = re.findall(r"\[([^]]+)\]\(step:([\w-]+)/(\d+)\)", question.ask.where)
        assert links, question.text
        for words, name, number in links:
            steps, at = lessons[name].steps, int(number) - 1
            asked = steps[at].ask
            scene = scene_of(steps, at).then(Setup() if asked is None else asked.reveal)
            assert (scene.workspace, scene.page) == pages[words], question.text
            assert f"lesson {int(name[:2])}" in question.ask.where


def test_a_step_says_what_it_mentions_and_waits_for() -> None:
    look, ask, do = parse_lesson(
        {
            **lesson(),
            "steps": [
                {"text": "[a](control:see.steps) [b](control:see.seed)", "highlight": "see.steps"},
                {"text": "b", "ask": {"log_snr": [-1, 1], "low": "l", "high": "h", "right": "r"}},
                {"text": "d", "check": {"control": {"see.steps": 3}}, "highlight": "see.steps"},
            ],
        }
    ).steps
    assert (look.names, look.waits, look.presses) == (("see.steps", "see.seed"), False, False)
    assert (ask.names, ask.waits, ask.ask and ask.ask.by_timeline) == ((), True, True)
    assert (do.names, do.waits, do.presses) == (("see.steps",), True, True)


def test_a_lesson_is_known_by_its_path_or_if_it_ships_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(lesson()))
    mine, ours = load_lesson(tmp_path / "a.json"), load_lesson(shipped_lessons()[0])
    assert (mine.key, mine.name) == (str(tmp_path / "a.json"), "a")
    assert ours.path is not None
    assert ours.key == ours.name == ours.path.stem
    assert parse_lesson(lesson()).key == ""


def test_progress_counts_while_the_lesson_has_as_many_steps() -> None:
    ours = load_lesson(shipped_lessons()[0])
    begun = TakenLesson(ours.name, ours.title, len(ours.steps), 1)
    assert ours.taken({ours.key: begun.to_json()}) == begun
    nothing = TakenLesson(ours.name, ours.title, len(ours.steps))
    longer = replace(begun, steps=len(ours.steps) + 1).to_json()
    for known in ({}, {ours.key: longer}, {ours.key: "damaged"}):
        assert ours.taken(known) == nothing


def test_the_reply_to_an_answer_says_where_it_is_shown() -> None:
    right, wrong = Answer("a", "It is.", right=True), Answer("b", "It is not.")
    assert Ask((right, wrong), where="Look at 3.").reply_to(wrong) == "It is not. Look at 3."
    assert Ask((right, wrong)).reply_to(right) == "It is."


def test_the_scene_has_what_questions_revealed() -> None:
    ask = {"log_snr": [-1, 1], "low": "l", "high": "h", "right": "r"}
    ask["reveal"] = {"controls": {"see.steps": 7}}
    steps = parse_lesson({**lesson(), "steps": [{"text": "a", "ask": ask}, {"text": "b"}]}).steps
    assert scene_of(steps, 0).controls == {}
    assert scene_of(steps, 1).controls == {"see.steps": 7}


@pytest.mark.parametrize("name", ["", 7, None])
def test_a_control_has_a_name(name: object) -> None:
    with pytest.raises(SpriteLabError, match="must be a name in quotes"):
        parse_lesson(lesson(check={"changed": name}))
