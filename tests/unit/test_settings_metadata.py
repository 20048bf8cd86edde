"""The metadata of a configuration field appear in its form, options, checks and JSON."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
import typer
from PySide6.QtWidgets import QAbstractSpinBox, QLabel, QLineEdit
from typer.testing import CliRunner

from sprite_lab.app.shell.settings import Settings
from sprite_lab.cli.options import with_settings
from sprite_lab.core.config import AnimationConfig, SampleConfig, SpriteFilesConfig, TrainConfig
from sprite_lab.core.config.base import Choice, Config, Setting, setting, settings_of
from sprite_lab.core.errors import ConfigError
from sprite_lab.ui.forms import Form
from sprite_lab.ui.widgets.fields.buttons import Segmented
from sprite_lab.ui.widgets.fields.number_field import NumberField


@dataclass(frozen=True)
class Sparkling(AnimationConfig):
    """An animation's configuration with one more field."""

    sparkle: int = setting(3, label="Sparkle", tip="How it sparkles.", group="Time", low=1, high=9)


@dataclass(frozen=True)
class Nest(Config):
    """A configuration that contains another one."""

    inner: Sparkling = Sparkling()
    colors: int = setting(10, low=2, high=256, unset="any number")
    width: int = setting(32, label="Width", low=16, high=64, multiple=16)
    share: float | None = setting(None, above=0, below=1)


pytestmark = pytest.mark.usefixtures("_theme")


def run(*arguments: str) -> Any:
    """The result of a command that has an option for the new setting."""
    app, got = typer.Typer(rich_markup_mode=None, add_completion=False), []

    @app.command()
    @with_settings("given", Sparkling())
    def command(given: dict[str, Any]) -> None:
        got.append(Sparkling(**given))

    result = CliRunner().invoke(app, arguments)
    return got[0] if got else result


def test_a_new_field_is_in_the_form() -> None:
    form = Form(Sparkling(sparkle=5, loop=7), name="some", names={"sparkle": "shine"})
    group = form.group("Time", name="some.time")
    field = form.widget("sparkle", NumberField)
    assert field.objectName() == "some.shine"
    assert field.accessibleName() == "Sparkle"
    (spin,) = field.findChildren(QAbstractSpinBox)
    assert spin.toolTip().startswith("How it sparkles.")
    assert "Sparkle" in [label.text() for label in group.findChildren(QLabel)]
    heard: list[Sparkling] = []
    form.changed.connect(lambda: heard.append(form.value))
    field.set_value(12)
    assert heard == [Sparkling(sparkle=9, loop=7)]
    form.set_value(Sparkling(sparkle=2))
    assert (field.whole, len(heard)) == (2, 2)


def test_a_new_field_is_on_the_command_line() -> None:
    assert run("--sparkle", "8") == Sparkling(sparkle=8)
    assert run() == Sparkling()
    refused = run("--sparkle", "10")
    assert refused.exit_code == 2
    assert "--sparkle" in refused.output
    told = run("--help").output
    assert "1<=x<=9" in told
    assert "--sparkle" in told
    assert "How it sparkles." in told


def test_a_new_field_is_in_the_json_and_checked() -> None:
    config = Sparkling(sparkle=8)
    assert config.to_json()["sparkle"] == 8
    assert Sparkling.from_json(config.to_json()) == config
    with pytest.raises(ConfigError, match="'sparkle' is 10, but must be from 1 to 9"):
        Sparkling(sparkle=10)


def test_nested_settings_go_by_a_dot() -> None:
    assert "inner.sparkle" in settings_of(Nest)
    nest = Nest().having({"inner.sparkle": 4, "inner.gap": 2, "width": 48})
    assert nest == Nest(Sparkling(sparkle=4, gap=2), width=48)
    assert nest.at("inner.sparkle") == 4


@pytest.mark.parametrize(
    ("wrong", "allowed"),
    [
        ({"colors": 1}, "from 2 to 256, or 0 for any number"),
        ({"width": 40}, "a multiple of 16 from 16 to 64"),
        ({"share": 0.0}, "above 0 and below 1"),
        ({"share": float("nan")}, "above 0 and below 1"),
    ],
)
def test_what_is_allowed_is_reported(wrong: dict[str, Any], allowed: str) -> None:
    Nest(colors=0, share=None)
    (name,) = wrong
    with pytest.raises(ConfigError, match=f"'{name}' is .*, but must be {allowed}"):
        Nest(**wrong)


def test_choices_are_those_of_the_type() -> None:
    @dataclass(frozen=True)
    class Odd(Config):
        how: Literal["a", "b"] = setting("a", choices=(Choice("a", "A"),))

    with pytest.raises(TypeError, match="'how'"):
        settings_of(Odd)


def test_fields_are_grayed_by_rules_and_say_why() -> None:
    form = Form(AnimationConfig(), name="some")
    group = form.group("File", name="some.file")
    form.gray("palette", lambda config: "" if config.format == "gif" else "No GIF")
    palette = form.widget("palette", Segmented)
    before = palette.toolTip()
    form.set_value(AnimationConfig(format="png"))
    assert (palette.isEnabled(), palette.toolTip()) == (False, "No GIF")
    form.set_value(AnimationConfig())
    assert (palette.isEnabled(), palette.toolTip()) == (True, before)
    assert group.isEnabled()


def test_labels_and_tips_are_translated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sprite_lab.ui.forms.tr", str.upper)
    form = Form(Sparkling(), name="some")
    group = form.group("TIME", name="some.time")
    assert "SPARKLE" in [label.text() for label in group.findChildren(QLabel)]
    (spin,) = form.widget("sparkle", NumberField).findChildren(QAbstractSpinBox)
    assert spin.toolTip().startswith("HOW IT SPARKLES.")


@pytest.mark.parametrize("kind", [AnimationConfig, SpriteFilesConfig, TrainConfig, SampleConfig])
def test_defaults_are_offered_and_settings_are_labeled(kind: type[Config]) -> None:
    def fits(known: Setting) -> bool:
        low, high = known.offered
        return low <= (kind().at(known.name) or low) <= high

    for known in settings_of(kind).values():
        if known.group:
            assert known.label or known.title
            assert known.tip
            if known.kind in (int, float):
                assert fits(known), known.name


def test_a_widget_of_another_kind_is_bound_both_ways() -> None:
    form, line = Form(Sparkling(loop=4), name="some"), QLineEdit()
    show = line.setText
    form.bind("loop", line, lambda: int(line.text()), lambda n: show(f"{n}"), line.textChanged)
    assert line.text() == "4"
    heard: list[Sparkling] = []
    form.changed.connect(lambda: heard.append(form.value))
    line.setText("6")
    form.set_value(Sparkling(loop=2))
    assert (line.text(), [each.loop for each in heard]) == ("2", [6, 2])


def test_a_form_remembers_what_it_showed_last(tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.json")

    def open_form() -> tuple[Form[Sparkling], NumberField]:
        form = Form(Sparkling(), name="some")
        form.add("sparkle")
        form.remember(settings)
        return form, form.widget("sparkle", NumberField)

    _form, field = open_form()
    assert field.whole == 3
    field.set_value(8)
    settings.save()
    settings = Settings(tmp_path / "settings.json")
    assert open_form()[1].whole == 8
    settings.replace(forms={"some": {"sparkle": "of another version"}})
    assert open_form()[1].whole == 3
