"""The list of sampling methods in See and Draw."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from sprite_lab.core.config import DEFAULT_SAMPLER, SAMPLERS, SEGMENTS, SampleConfig
from sprite_lab.ui.forms import Form
from sprite_lab.ui.widgets.fields.inspector import FoldGroup
from sprite_lab.ui.widgets.fields.sampler_choice import SamplerChoice, SamplerFields
from tests.gui.stand_ins import StandInModel

STUDENT = StandInModel(is_student=True)


@pytest.fixture
def choice(qtbot) -> SamplerChoice:
    widget = SamplerChoice()
    qtbot.addWidget(widget)
    return widget


def offered(choice: SamplerChoice) -> list[str]:
    return [choice.itemData(i) for i in range(choice.count())]


def test_every_method_but_the_students_is_offered_the_usual_one_first(choice) -> None:
    assert offered(choice)[0] == choice.sampler == DEFAULT_SAMPLER
    assert set(offered(choice)) == set(SAMPLERS) - {"student"}
    for i in range(choice.count()):
        tip = choice.itemData(i, Qt.ItemDataRole.ToolTipRole)
        assert tip.startswith(f"{choice.itemText(i)}: ")


def test_a_student_brings_its_own_method_and_takes_it_away(choice, qtbot) -> None:
    choice.set_model(StandInModel())
    choice.set_sampler("ddim")
    with qtbot.waitSignal(choice.currentIndexChanged):
        choice.set_model(STUDENT)
    assert offered(choice)[0] == choice.sampler == "student"
    assert set(offered(choice)) == set(SAMPLERS)
    with qtbot.waitSignal(choice.currentIndexChanged):
        choice.set_model(StandInModel())
    assert choice.sampler == DEFAULT_SAMPLER


def test_what_was_chosen_stays_with_another_model_of_the_kind(choice, qtbot) -> None:
    choice.set_model(StandInModel())
    choice.set_sampler("heun")
    with qtbot.assertNotEmitted(choice.currentIndexChanged):
        choice.set_model(StandInModel(title="other"))
    assert choice.sampler == "heun"


def test_what_is_not_offered_is_the_usual_one(choice) -> None:
    choice.set_sampler("ddpm")
    choice.set_sampler("student")
    assert choice.sampler == DEFAULT_SAMPLER
    choice.set_sampler("ddpm")
    choice.set_sampler(None)
    assert choice.sampler == DEFAULT_SAMPLER


@pytest.mark.parametrize(("name", "steps"), [("ddpm", 200), ("ddim", 50), ("dpmpp_2m", 12)])
def test_each_has_its_own_number_of_steps(qtbot, name, steps) -> None:
    fields = SamplerFields("see", "Steps")
    qtbot.addWidget(fields.choice)
    for timesteps, count in ((200, steps), (10, 10)):
        fields.set_model(StandInModel(timesteps=timesteps))
        fields.choice.set_sampler("unipc")
        fields.choice.set_sampler(name)
        assert fields.steps == count


def test_a_student_takes_no_more_steps_than_its_way_has_segments(qtbot) -> None:
    fields = SamplerFields("see", "Steps")
    group = FoldGroup("Sampler", name="see.group")
    qtbot.addWidget(group)
    form = Form(SampleConfig(), name="see", lists=("spacing",))
    form.setParent(group)
    fields.bind_to(form, group)
    fields.set_model(StandInModel())
    form.set_value(SampleConfig(sampler="ddim", steps=50))
    fields.set_model(STUDENT)
    assert (fields.sampler, fields.steps) == ("student", SEGMENTS)
    form.set_value(SampleConfig(sampler="student", steps=12))
    assert fields.steps == SEGMENTS
    form.set_value(SampleConfig(sampler="ddim", steps=50))
    assert fields.steps == 50


def test_the_steps_of_a_student_are_spread_in_one_way(qtbot) -> None:
    """A lane of a race was once called “Student, Karras, 4 steps”."""
    fields = SamplerFields("see", "Steps")
    group = FoldGroup("Sampler", name="see.group")
    qtbot.addWidget(group)
    form = Form(SampleConfig(spacing="karras"), name="see", lists=("spacing",))
    form.setParent(group)
    fields.bind_to(form, group, spacing=True)
    fields.set_model(StandInModel())
    assert fields.spacing == "karras"
    fields.set_model(STUDENT)
    assert (fields.sampler, fields.spacing) == ("student", "shape")
    fields.choice.set_sampler("ddim")
    assert fields.spacing == "karras"
