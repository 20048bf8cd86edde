"""Configurations for cells, cells from their results, and conditions from configurations."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from sprite_lab.app.draw.config_words import explained
from sprite_lab.app.draw.drawing import (
    Drawn,
    asked_by,
    config_for,
    draw_settings,
    finished_cell,
    left_out,
    not_asked_for,
    seeded,
    varied,
)
from sprite_lab.app.draw.noise_levels import NoiseLevels
from sprite_lab.core.config import SHARED_SETTINGS, Conditions, DrawSettings, SampleConfig
from sprite_lab.core.config.base import settings_of
from sprite_lab.core.config_text import any_config_from_text, config_from_text, config_text
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.palette import DEFAULT_PALETTE, palette_bytes
from sprite_lab.core.sets.sprites import to_model_space
from sprite_lab.core.sets.vocabulary import Prompt, Vocabulary
from sprite_lab.core.trajectories.trajectory import Trajectory

MASK = bytes([0] * 20 + [128] * 12 + [255] * 224)


@dataclass
class Facts:
    """The facts about itself that a model states."""

    class_names: tuple[str, ...] = ("hero", "food")
    timesteps: int = 500
    is_student: bool = False
    draws_alpha: bool = True
    words: tuple[str, ...] = ()
    styles: tuple[str, ...] = ()

    @property
    def vocabulary(self) -> Vocabulary:
        return Vocabulary(self.class_names, self.words, self.styles)


def drawn(seed: int = 3, **asked: object) -> Cell:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (16, 16, 4)).astype(np.uint8)
    pixels[0, :3, 3] = (255, 0, 7)
    return Cell(pixels.tobytes(), Conditions(seed=seed, **asked), MASK)


def test_a_blank_cell_asks_for_its_class_and_seed_alone() -> None:
    cell = Cell(conditions=Conditions.of_class("hero", 7))
    settings = DrawSettings(steps=9)
    expected = SampleConfig(
        count=1, seed=7, sampler="dpmpp_2m", steps=9, classes=("hero",), guidance_scale=2.0
    )
    assert config_for(cell, settings, Facts()) == expected


def test_the_silhouette_of_an_outline_has_its_inside() -> None:
    rgba = np.zeros((16, 16, 4), np.uint8)
    rgba[3:12, 3:12] = (10, 20, 30, 255)
    rgba[4:11, 4:11] = 0
    cell = Cell(rgba.tobytes(), Conditions(keep_alpha=True))
    asked = config_for(cell, DrawSettings(), Facts()).drawing_rgba()
    assert asked is not None
    assert (asked[3:12, 3:12, 3] == 255).all()
    assert asked[..., 3].sum() == 255 * 81
    # Kept pixels stay empty, even inside the outline; without the limit nothing is filled.
    mask = np.full((16, 16), 255, np.uint8)
    mask[5, 5] = 0
    kept = config_for(replace(cell, redraw_strength=mask.tobytes()), DrawSettings(), Facts())
    assert kept.drawing_rgba()[5, 5, 3] == 0  # type: ignore[index]
    free = config_for(cell.asking(keep_alpha=False, strength=0.5), DrawSettings(), Facts())
    assert free.drawing == cell.pixels


def test_everything_that_is_asked_for_arrives_in_the_configuration() -> None:
    cell = drawn(
        class_mix=(("hero", 0.5), ("food", 0.25)),
        negative_class="food",
        guidance_scale=3.5,
        guidance_interval=(0.1, 0.8),
        strength=0.4,
        lock_palette=True,
        symmetric=True,
        tile=True,
        keep_alpha=True,
        variations=((5, 0.25),),
    )
    config = config_for(cell, DrawSettings("unipc", 7, 0), Facts(), DEFAULT_PALETTE)
    assert config == SampleConfig(
        count=1,
        seed=3,
        sampler="unipc",
        steps=7,
        class_mix=(("hero", 0.5), ("food", 0.25)),
        negative_class="food",
        guidance_scale=3.5,
        guidance_interval=(50.0, 400.0),
        start_t=200,
        drawing=cell.pixels,
        redraw_strength=MASK,
        inpainting="repaint",  # as a few pixels are kept
        keep_alpha=True,
        colors=0,
        palette=palette_bytes(DEFAULT_PALETTE),
        symmetric=True,
        tile=True,
        variations=((5, 0.25),),
    )


def test_a_class_of_less_than_all_is_a_mix() -> None:
    cell = Cell(conditions=Conditions(class_mix=(("hero", 0.5),)))
    config = config_for(cell, DrawSettings(), Facts())
    assert (config.classes, config.class_mix) == ((), (("hero", 0.5),))


def test_outside_of_the_selection_everything_is_kept_and_inside_the_mask_holds() -> None:
    selection = np.zeros((16, 16), bool)
    selection[:2, :] = True
    cell = drawn()
    config = config_for(cell, DrawSettings(), Facts(), selection=selection)
    assert config.drawing == cell.pixels
    redraw = np.frombuffer(config.redraw_strength or b"", np.uint8).reshape(16, 16)
    assert np.array_equal(redraw[:2], cell.redraw[:2])
    assert not redraw[2:].any()
    everywhere = config_for(
        replace(cell, redraw_strength=None), DrawSettings(), Facts(), selection=selection | True
    )
    assert (everywhere.drawing, everywhere.redraw_strength) == (None, None)


@pytest.mark.parametrize(("kept", "way"), [(0, "posterior"), (9, "repaint"), (128, "posterior")])
def test_few_kept_pixels_are_strokes_not_a_sample_of_the_sprite(kept: int, way: str) -> None:
    mask = bytes([0] * kept + [200] * (256 - kept))
    config = config_for(replace(drawn(), redraw_strength=mask), DrawSettings(), Facts())
    assert config.inpainting == way
    assert config.visits == SampleConfig.visits


def test_what_a_model_cannot_do_is_left_out_and_said() -> None:
    cell = drawn(class_mix=(("ghost", 1.0),), negative_class="food", keep_alpha=True)
    model = Facts(is_student=True, draws_alpha=False)
    config = config_for(replace(cell, redraw_strength=None), DrawSettings(), model)
    assert (config.classes, config.class_mix, config.negative_class) == ((), (), None)
    assert (config.keep_alpha, config.drawing) == (False, None)
    said = " ".join(left_out([cell], model))
    for word in ("ghost", "student", "alpha"):
        assert word in said
    assert left_out([drawn(class_mix=(("hero", 1.0),), keep_alpha=True)], Facts()) == []


def test_nothing_starts_from_a_blank_drawing() -> None:
    cell = Cell(conditions=Conditions(strength=0.5, keep_alpha=True))
    config = config_for(cell, DrawSettings(), Facts())
    assert (config.start_t, config.drawing, config.keep_alpha) == (None, None, False)


def test_locked_seeds_stay_and_others_take_the_new_one_without_variations() -> None:
    asked = Conditions(seed=5, variations=((9, 0.1),))
    assert seeded(Cell(conditions=asked), 77).conditions == Conditions(seed=77)
    locked = Cell(conditions=replace(asked, seed_locked=True))
    assert seeded(locked, 77) == locked


def test_variations_of_variations_keep_the_earlier_ones() -> None:
    asked = Conditions(seed=5, variations=((9, 0.1),))
    found = varied(asked, 0.2, [1, 2])
    assert [c.variations for c in found] == [((9, 0.1), (1, 0.2)), ((9, 0.1), (2, 0.2))]
    assert {replace(c, variations=()) for c in found} == {replace(asked, variations=())}


def test_kept_pixels_are_the_drawing_byte_for_byte_and_the_ground_is_empty() -> None:
    cell = drawn()
    image = np.full((1, 16, 16, 3), 255, np.uint8)
    image[0, 5:11, 5:11] = (40, 80, 120)
    config = config_for(cell, DrawSettings(), Facts())
    made = finished_cell(cell, config, Drawn(trajectory(image).rgba()[0]))
    assert made.pixels[: 20 * 4] == cell.pixels[: 20 * 4]
    assert made.rgba[7, 7].tolist() == [40, 80, 120, 255]
    assert made.rgba[15, 15].tolist() == [0, 0, 0, 0]
    assert (made.conditions, made.redraw_strength) == (cell.conditions, MASK)
    assert made.made_by == config
    assert finished_cell(cell, config, Drawn(trajectory(image).rgba()[0], False)).made_by is None


def test_what_was_drawn_by_hand_and_only_kept_stays_so() -> None:
    """For example, the grounds that a terrain starts from."""
    cell = replace(drawn(), redraw_strength=bytes(256))
    config = config_for(cell, DrawSettings(), Facts())
    generated = Drawn(np.zeros((16, 16, 4), np.uint8), whole=False, model="builtin", thanks="We")
    assert finished_cell(cell, config, generated) == cell


def test_a_cell_thanks_who_drew_it_and_who_drew_what_it_was_made_from() -> None:
    rgba = np.full((16, 16, 4), 200, np.uint8)
    cell = replace(drawn(), thanks="“First”")
    kept = config_for(cell, DrawSettings(), Facts())
    assert kept.drawing is not None
    made = finished_cell(cell, kept, Drawn(rgba, thanks="“Second”\n“First”"))
    assert made.thanks == "“First”\n“Second”"
    anew = replace(kept, drawing=None, redraw_strength=None, start_t=None)
    assert finished_cell(cell, anew, Drawn(rgba, thanks="“Second”")).thanks == "“Second”"


def test_the_name_of_a_taken_sprite_goes_when_another_takes_its_place() -> None:
    rgba = np.full((16, 16, 4), 200, np.uint8)
    knight = replace(drawn(), name="knight", name_is_taken=True)
    kept = config_for(knight, DrawSettings(), Facts())
    assert finished_cell(knight, kept, Drawn(rgba)).name == "knight"
    anew = replace(kept, drawing=None, redraw_strength=None, start_t=None)
    assert finished_cell(knight, anew, Drawn(rgba)).name == ""
    chosen = replace(knight, name_is_taken=False)
    assert finished_cell(chosen, anew, Drawn(rgba)).name == "knight"


@pytest.mark.parametrize(
    "asked",
    [
        Conditions(),
        Conditions.of_class("food", 12),
        Conditions(class_mix=(("hero", 0.3), ("food", 0.7)), negative_class="food"),
        Conditions(
            guidance_scale=5,
            guidance_interval=(0.2, 0.6),
            strength=0.5,
            lock_palette=True,
            symmetric=True,
            tile=True,
            keep_alpha=True,
            seed=2**62,
            variations=((5, 0.25), (6, 0.5)),
        ),
    ],
)
def test_from_conditions_to_a_configuration_and_back(asked: Conditions) -> None:
    cell = replace(drawn(), conditions=asked)
    settings = DrawSettings("heun", 9, 6, deal_prompts=False)
    config = config_for(cell, settings, Facts(), DEFAULT_PALETTE)
    assert draw_settings(config) == settings
    back = asked_by(config, Conditions(seed_locked=True), 500)
    assert replace(back, seed_locked=False) == asked
    assert not_asked_for(config, DEFAULT_PALETTE) == []
    # On the clipboard and back, field by field.
    for text in (config_text(config), config_text(config, indent=2)):
        assert config_from_text(text) == any_config_from_text(text) == config


def test_what_cells_cannot_ask_for_is_named() -> None:
    config = SampleConfig(count=1, eta=0.5, churn=3, first_index=2, palette=bytes(6))
    said = ", ".join(not_asked_for(config, DEFAULT_PALETTE))
    for word in ("Eta 0.5", "Churn 3", "sprite 3", "palette"):
        assert word in said
    several = SampleConfig(classes=("hero", "food"), first_index=3)
    assert asked_by(several, Conditions(), 500).class_name == "food"


def test_what_is_recorded_where_nothing_was_asked_for_is_not_named() -> None:
    """A picture records what "auto" meant, and how a student would inpaint."""
    recorded = SampleConfig(
        sampler="student", precision="fp32", autoguidance=0, inpainting="repaint", visits=2
    )
    assert not_asked_for(recorded, ()) == []
    names = {name for name, _ in explained(recorded, NoiseLevels(None))}
    assert names == {"Class", "Seed", "Sampler"}
    kept = replace(recorded, drawing=bytes(1024), known_mask=b"\1" * 128 + bytes(128))
    assert not_asked_for(kept, ()) == ["Inpainting RePaint", "Visits 2"]
    assert dict(explained(kept, NoiseLevels(None)))["Inpainting"] == "RePaint"


def test_a_single_step_or_pixel_is_one() -> None:
    mask = b"\1" + bytes(255)
    asked = SampleConfig(sampler="student", steps=1, drawing=bytes(1024), known_mask=mask)
    told = dict(explained(asked, NoiseLevels(None)))
    assert told["Sampler"] == "Student, 1 step"
    assert told["Mask"] == "1 pixel kept, 255 redrawn"


def test_every_setting_that_cells_share_is_told() -> None:
    known = settings_of(SampleConfig)
    assert [name for name in SHARED_SETTINGS if not known[name].label] == ["start_t"]
    asked = SampleConfig(autoguidance=3, churn=2, symmetric=True, palette=bytes(6), colors=0)
    told = dict(explained(asked, NoiseLevels(None)))
    assert [told[name] for name in ("Autoguidance", "Churn", "Mirror symmetry", "Palette")] == [
        *("3", "2", "on", "only these 2 colors")
    ]
    assert "Colors" not in told
    assert not_asked_for(asked, ((0, 0, 0, 255),)) == [
        "Churn 2",
        "Autoguidance 3",
        "its palette, since the project has a different one",
    ]


def test_pasted_colors_beyond_those_of_the_style_are_told_though_sprites_may_differ_in_them() -> (
    None
):
    asked = SampleConfig(count=1, style_colors=False)
    assert not_asked_for(asked, ()) == ["Colors of the style not limited"]
    assert dict(explained(asked, NoiseLevels(None)))["Colors of the style"] == "not limited"


def test_levels_of_a_model_with_more_of_them_are_the_same_shares_or_the_highest() -> None:
    config = SampleConfig(start_t=800, drawing=bytes(1024), guidance_interval=(100, 900))
    asked = asked_by(config, Conditions(), 1000)
    assert (asked.strength, asked.guidance_interval) == (0.8, (0.1, 0.9))
    assert asked_by(config, Conditions(), 500).strength == 1.0


@pytest.mark.parametrize("text", ["", "{}", "[1]", "null", '{"seed": "x"}', '{"wings": 2}', "NaN"])
def test_other_texts_are_no_settings(text: str) -> None:
    assert any_config_from_text(text) is None


def test_a_plain_object_is_one_too() -> None:
    assert any_config_from_text('{"seed": 5}') == SampleConfig(seed=5)


def trajectory(images: np.ndarray) -> Trajectory:
    x0 = np.stack([to_model_space(images)] * 2).astype(np.float16)
    return Trajectory(
        "reverse", np.array([500, 0], np.float32), np.array([-8, 12], np.float32), x0.copy(), x0
    )


def test_a_part_of_a_trajectory() -> None:
    images = np.stack([np.full((16, 16, 3), i, np.uint8) for i in range(4)])
    part = trajectory(images).take([2, 0])
    assert part.count == 2
    assert np.allclose(part.final()[:, 0, 0, 0], [2 / 127.5 - 1, -1], atol=1e-3)


def test_words_and_style_that_the_model_knows_are_asked_for_and_others_are_named() -> None:
    model = Facts(words=("red", "slime"), styles=("nes", "gb"))
    cell = Cell(conditions=Conditions(words=("red", "slim", "zzz"), style="snes"))
    config = config_for(cell, DrawSettings(), model)
    assert (config.words, config.style) == (("red",), "")
    assert left_out([cell, cell], model) == [
        "This model does not know these words, so they are ignored: slim, zzz.",
        "This model does not know the style “snes”, so it is ignored.",
    ]
    slim = Cell(conditions=Conditions(words=("red", "slim")))
    said = "This model does not know “slim”, so it is ignored. Similar: slime."
    assert left_out([slim], model) == [said]
    known = Cell(conditions=Conditions(words=("red",), style="gb"))
    config = config_for(known, DrawSettings(), model)
    assert (config.words, config.style) == (("red",), "gb")
    assert left_out([known], model) == []
    assert asked_by(config, Conditions(), 500).words == ("red",)
    assert asked_by(config, Conditions(), 500).style == "gb"
    assert left_out([known], Facts())[0] == "This model does not know “red”, so it is ignored."


def test_what_a_cell_was_dealt_is_what_made_it() -> None:
    cell = Cell(conditions=Conditions.of_class("hero", 7))
    config = config_for(cell, DrawSettings(), Facts())
    rgba = np.full((16, 16, 4), 255, np.uint8)
    dealt = Prompt((("hero", 1.0),), ("red",), "nes")
    made = finished_cell(cell, config, Drawn(rgba, prompt=dealt))
    assert made.made_by == replace(config, words=("red",), style="nes")
    assert made.conditions == cell.conditions
    anything = replace(config, classes=())
    made = finished_cell(cell, anything, Drawn(rgba, prompt=dealt))
    assert made.made_by == replace(anything, class_mix=dealt.class_mix, words=("red",), style="nes")
    plain = Drawn(rgba, prompt=Prompt((("hero", 1.0),)))
    assert finished_cell(cell, config, plain).made_by == config


def test_a_cell_asks_for_no_more_words_than_a_sprite_may_be_asked_for() -> None:
    with pytest.raises(ConfigError, match="at most 64 words"):
        Conditions(words=tuple(f"w{i}" for i in range(65)))
    with pytest.raises(ConfigError, match="at most 64 words"):
        Conditions(words=("",))
