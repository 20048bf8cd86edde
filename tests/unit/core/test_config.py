"""Configurations: what they refuse, and their way to JSON and back."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sprite_lab.core import strict_json
from sprite_lab.core.config import (
    SAMPLERS,
    NetworkConfig,
    SampleConfig,
    ScheduleConfig,
    TrainConfig,
)
from sprite_lab.core.config.base import Choice, Config, setting, settings_of
from sprite_lab.core.config.share import ShareConfig
from sprite_lab.core.config_text import (
    LONGEST,
    any_config_from_text,
    config_from_text,
    config_text,
)
from sprite_lab.core.errors import ConfigError, NotFiniteError, SpriteLabError
from sprite_lab.core.presets import DEFAULT_PRESET, PRESETS, usual_preset
from sprite_lab.core.records import sample_notice
from sprite_lab.core.schemas import NewerFileError

rates = st.floats(min_value=1e-7, max_value=1.0)
schedules = st.builds(
    ScheduleConfig,
    name=st.sampled_from(["linear", "cosine", "karras"]),
    timesteps=st.integers(2, 10_000),
)
networks = st.builds(
    NetworkConfig,
    name=st.sampled_from(["context_unet", "patch_unet"]),
    width=st.integers(1, 32).map(lambda n: 16 * n),
    image_size=st.integers(1, 8).map(lambda n: 8 * n),
    num_classes=st.integers(0, 20),
)
train_configs = st.builds(
    TrainConfig,
    epochs=st.none() | st.integers(1, 1000),
    max_steps=st.integers(1, 10**9),
    max_seconds=st.none() | st.floats(0.1, 1e6),
    batch_size=st.integers(1, 65_536),
    learning_rate=rates,
    weight_decay=st.floats(0, 10),
    prediction_type=st.sampled_from(["epsilon", "x0", "v"]),
    flips=st.floats(0, 1),
    loss_weighting=st.sampled_from(["uniform", "min_snr", "edm"]),
    schedule=schedules,
    network=networks,
    seed=st.integers(0, 2**63 - 1),
)
drawings = st.sampled_from([8, 16]).flatmap(
    lambda side: st.tuples(
        st.binary(min_size=side * side * 4, max_size=side * side * 4),
        st.none() | st.binary(min_size=side * side, max_size=side * side),
        st.none() | st.binary(min_size=side * side, max_size=side * side),
    )
)
sample_configs = st.builds(
    lambda drawn, **rest: SampleConfig(
        drawing=drawn[0], known_mask=drawn[1], redraw_strength=drawn[2], **rest
    ),
    drawings,
    count=st.integers(1, 100_000),
    seed=st.integers(0, 2**63 - 1),
    sampler=st.sampled_from(list(SAMPLERS)),
    steps=st.none() | st.integers(1, 1000),
    eta=st.floats(0, 1),
    classes=st.lists(st.text(max_size=12), max_size=6).map(tuple),
    guidance_scale=st.floats(0, 100),
    start_t=st.none() | st.integers(1, 500),
    keep_alpha=st.booleans(),
    colors=st.sampled_from([0, 2, 256]),
    palette=st.none() | st.binary(min_size=2, max_size=256).map(lambda b: b * 3),
    symmetric=st.booleans(),
    tile=st.booleans(),
)


@given(st.one_of(schedules, networks, train_configs, sample_configs))
def test_json_text_gives_back_an_equal_configuration(config: Any) -> None:
    text = strict_json.dumps(config.to_json())
    again = type(config).from_json(strict_json.loads(text))
    assert again == config
    assert hash(again) == hash(config)


@pytest.mark.parametrize("kind", [ScheduleConfig, NetworkConfig, TrainConfig, SampleConfig])
class TestEveryKind:
    def test_left_out_fields_take_their_defaults(self, kind: Any) -> None:
        assert kind.from_json({}) == kind()

    def test_unknown_fields_are_named(self, kind: Any) -> None:
        with pytest.raises(ConfigError, match="'color'"):
            kind.from_json({"color": 1})

    @pytest.mark.parametrize("value", [None, [], "text", 3])
    def test_only_an_object_will_do(self, kind: Any, value: Any) -> None:
        with pytest.raises(ConfigError, match="JSON object"):
            kind.from_json(value)

    def test_it_cannot_be_changed(self, kind: Any) -> None:
        name = dataclasses.fields(kind)[0].name
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(kind(), name, 1)

    @given(
        st.dictionaries(
            st.text(max_size=8),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(st.text(max_size=4), inner, max_size=3)
                ),
                max_leaves=6,
            ),
            max_size=4,
        ),
        st.data(),
    )
    def test_whatever_json_comes_the_answer_is_one_sentence(
        self, kind: Any, noise: dict[str, Any], data: st.DataObject
    ) -> None:
        names = [field.name for field in dataclasses.fields(kind)]
        renamed = {data.draw(st.sampled_from([key, *names])): v for key, v in noise.items()}
        sentence = "."
        try:
            config = kind.from_json(renamed)
        except ConfigError as error:
            sentence = str(error)
        else:
            assert kind.from_json(config.to_json()) == config
        assert sentence.endswith(".")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (ScheduleConfig, {"timesteps": 1}),
        (ScheduleConfig, {"timesteps": 1.5}),
        (ScheduleConfig, {"timesteps": True}),
        (ScheduleConfig, {"name": "quadratic"}),
        (ScheduleConfig, {"beta_start": 0.5, "beta_end": 0.1}),
        (ScheduleConfig, {"name": "linear", "beta_start": 1e-10}),
        (ScheduleConfig, {"name": "linear", "beta_end": 0.9, "timesteps": 1000}),
        (NetworkConfig, {"width": 20}),
        (NetworkConfig, {"width": 0}),
        (NetworkConfig, {"image_size": 12}),
        (NetworkConfig, {"num_classes": -1}),
        (NetworkConfig, {"channels": 5}),
        (NetworkConfig, {"name": "context_unet", "augment_labels": 8}),
        (TrainConfig, {"flips": 1.5}),
        (TrainConfig, {"recolor": -0.1}),
        (TrainConfig, {"uniform_share": 2}),
        (TrainConfig, {"log_snr_std": 0}),
        (TrainConfig, {"log_snr_std": 1e300}),
        (TrainConfig, {"log_snr_mean": 1e300}),
        (TrainConfig, {"learning_rate": 0}),
        (TrainConfig, {"learning_rate": float("nan")}),
        (TrainConfig, {"learning_rate": "fast"}),
        (TrainConfig, {"max_seconds": float("inf")}),
        (TrainConfig, {"max_seconds": 10**400}),
        (TrainConfig, {"weight_decay": float("inf")}),
        (TrainConfig, {"weight_decay": float("nan")}),
        (TrainConfig, {"epochs": None}),
        (TrainConfig, {"epochs": 0}),
        (TrainConfig, {"device": "tpu"}),
        (TrainConfig, {"seed": -1}),
        (TrainConfig, {"schedule": {"timesteps": 0}}),
        (TrainConfig, {"validation_fraction": 1.0}),
        (SampleConfig, {"sampler": "magic"}),
        (SampleConfig, {"count": 0}),
        (SampleConfig, {"steps": 10**400}),
        (SampleConfig, {"guidance_scale": float("nan")}),
        (SampleConfig, {"guidance_scale": float("inf")}),
        (SampleConfig, {"eta": 1.5}),
        (SampleConfig, {"classes": "hero"}),
        (SampleConfig, {"classes": [1]}),
        (SampleConfig, {"start_t": 100}),
        (SampleConfig, {"drawing": "not base64!"}),
        (SampleConfig, {"drawing": "AAAA"}),
        (SampleConfig, {"keep_alpha": True}),
        (SampleConfig, {"redraw_strength": "AAAA"}),
        (SampleConfig, {"colors": 1}),
        (SampleConfig, {"colors": 257}),
        (SampleConfig, {"colors": -4}),
        (SampleConfig, {"palette": ""}),
        (SampleConfig, {"palette": "AAA="}),
        (SampleConfig, {"palette": "AAAA" * 257}),
        (SampleConfig, {"symmetric": 1}),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else value.__name__,
)
def test_refused(kind: Any, fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        kind.from_json(fields)


@pytest.mark.parametrize(
    "fields",
    [
        {"class_mix": {"hero": 1}},
        {"class_mix": (("hero",),)},
        {"words": (None,)},
        {"guidance_interval": (1,)},
        {"guidance_interval": "ab"},
    ],
    ids=str,
)
def test_what_is_no_pair_or_text_is_refused_in_a_sentence(fields: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"'{next(iter(fields))}' must be"):
        SampleConfig(**fields)


def test_an_error_says_what_would_do() -> None:
    with pytest.raises(SpriteLabError, match=r"dpmpp_2m, .*ddim, "):
        SampleConfig(sampler="magic")  # type: ignore[arg-type]


def test_choices_are_those_of_the_type_and_a_range_is_needed_to_offer_one() -> None:
    @dataclass(frozen=True)
    class Wrong(Config):
        kind: Literal["a", "b"] = setting("a", choices=(Choice("a", "A"), Choice("c", "C")))

    with pytest.raises(TypeError, match="The choices of 'kind' are not those of its type"):
        Wrong()

    @dataclass(frozen=True)
    class Right(Config):
        kind: Literal["a", "b"] = setting("a", choices=(Choice("a", "A"), Choice("b", "B")))
        size: int = setting(3, low=1, high=9, unset="auto")
        speed: int = setting(3, low=1)

    known = settings_of(Right)
    assert known["kind"].choice("b").label == "B"
    assert (known["size"].offered, known["size"].word_of_minimum) == ((0, 9), "auto")
    with pytest.raises(TypeError, match="'speed' has no range"):
        _ = known["speed"].offered


def test_a_mask_needs_its_drawing_and_its_size() -> None:
    with pytest.raises(ConfigError, match="needs a drawing"):
        SampleConfig(known_mask=bytes(256))
    with pytest.raises(ConfigError, match="one byte for each pixel"):
        SampleConfig(drawing=bytes(1024), known_mask=bytes(64))


def test_drawing_and_mask_as_arrays() -> None:
    rgba = np.arange(1024, dtype=np.uint32).astype(np.uint8).reshape(16, 16, 4)
    known = np.zeros((16, 16), np.uint8)
    known[3, 5] = 7
    config = SampleConfig(drawing=rgba.tobytes(), known_mask=known.tobytes())
    assert np.array_equal(config.drawing_rgba(), rgba)
    assert np.argwhere(config.known()).tolist() == [[3, 5]]
    assert SampleConfig().drawing_rgba() is None
    assert SampleConfig().known() is None
    assert SampleConfig().strength() is None


def test_a_known_pixel_is_one_whose_strength_is_nothing() -> None:
    strength = np.array([[0, 51], [255, 102]], np.uint8)
    config = SampleConfig(drawing=bytes(16), redraw_strength=strength.tobytes())
    np.testing.assert_allclose(config.strength(), [[0, 0.2], [1, 0.4]])
    assert config.known().tolist() == [[True, False], [False, False]]
    both = replace(config, known_mask=bytes([0, 0, 1, 0]))
    np.testing.assert_allclose(both.strength(), [[0, 0.2], [0, 0.4]])
    only = SampleConfig(drawing=bytes(16), known_mask=bytes([0, 9, 0, 0]))
    assert only.strength().tolist() == [[1, 0], [1, 1]]


def test_a_palette_as_an_array() -> None:
    assert SampleConfig(palette=bytes(range(6))).palette_rgb().tolist() == [[0, 1, 2], [3, 4, 5]]
    assert SampleConfig().palette_rgb() is None


def test_presets_have_their_names() -> None:
    assert DEFAULT_PRESET in PRESETS
    assert set(PRESETS) == {"quick", "best", "tune", "course", "diffusers"}
    assert all(config.preset == name for name, config in PRESETS.items())


def test_the_course_preset_is_the_course() -> None:
    course = PRESETS["course"]
    assert (course.epochs, course.batch_size, course.learning_rate) == (32, 100, 1e-3)
    assert course.schedule == ScheduleConfig("linear", 500, 1e-4, 0.02)
    assert course.prediction_type == "epsilon"


@pytest.mark.parametrize("name", ["", "heroes", "a/b/c", "ada/", "a b/c"])
def test_a_shared_model_is_named_by_its_owner(name: str) -> None:
    with pytest.raises(ConfigError, match="is not the name of a shared model"):
        ShareConfig(name)
    assert ShareConfig("ada/heroes").name == "ada/heroes"


def test_settings_are_found_in_our_texts_and_in_plain_ones() -> None:
    config = SampleConfig(seed=7)
    ours, plain = config_text(config), json.dumps(config.to_json())
    assert config_from_text(ours) == any_config_from_text(ours) == config
    assert config_from_text(plain) is None
    assert any_config_from_text(plain) == config
    for text in ("", "{", "{}", "[1]", '{"seed": "x"}', ours.replace(":7,", ':"x",')):
        assert config_from_text(text) is None
        assert any_config_from_text(text) is None
    assert any_config_from_text(plain.ljust(LONGEST + 1)) is None
    with pytest.raises(NewerFileError, match=r"^'a.png' "):
        config_from_text(ours.replace('"schema_version":1', '"schema_version":99'), "'a.png'")


def test_a_drawing_to_start_from_is_square_and_its_masks_fit() -> None:
    drawing = np.zeros((8, 8, 4), np.uint8)
    keep, redraw = np.eye(8, dtype=bool), np.full((8, 8), 9, np.uint8)
    assert SampleConfig().over(drawing, keep).known_mask == keep.tobytes()
    over = SampleConfig(seed=3).over(drawing, redraw=redraw)
    assert (over.seed, over.drawing, over.redraw_strength) == (3, bytes(256), redraw.tobytes())
    for wrong in (drawing[:4], drawing[..., :3], drawing.astype(float), np.zeros((), np.uint8)):
        with pytest.raises(ConfigError, match="A drawing must be a square of RGBA pixels"):
            SampleConfig().over(wrong)
    for masks in ({"keep": redraw}, {"redraw": keep}, {"keep": keep[:4]}):
        with pytest.raises(ConfigError, match="a value for each pixel"):
            SampleConfig().over(drawing, **masks)


def test_the_preset_of_a_training_that_names_none() -> None:
    assert usual_preset(False) == DEFAULT_PRESET
    assert usual_preset(True) in PRESETS


def test_it_says_when_only_a_sample_is_used() -> None:
    assert sample_notice(100, most=100) is None
    notice = sample_notice(2000, "colors", 1000)
    assert notice is not None
    assert notice.text == "1,000 of 2,000 colors are used, chosen at random."


def test_a_network_that_went_astray_says_what_of_it() -> None:
    error = NotFiniteError("a loss")
    assert error.what == "a loss"
    assert "no longer a number (a loss)" in str(error)


def test_guidance_is_plain_where_it_acts_at_all_levels_alone() -> None:
    def plain(**fields: Any) -> bool:
        return SampleConfig(**{"autoguidance": 0.0, **fields}).guides_plainly(1000)

    assert plain(guidance_interval=(1.0, 1000.0))
    assert not plain(guidance_interval=(2.0, 1000.0))
    assert not plain(guidance_interval=(0.0, 999.0))
    assert not plain(guidance_interval=(0.0, 1000.0), autoguidance=1.0)
    assert not plain(), "a model may be guided at some levels only"
    assert SampleConfig(autoguidance=0.0).guides_plainly(1000, everywhere=True)
    with pytest.raises(ConfigError, match="two t, the lower one first"):
        plain(guidance_interval=(3.0, 2.0))
