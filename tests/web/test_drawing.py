"""The page draws what the app draws: its network, its samplers, its rules."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from sprite_lab.core.config import SEGMENTS, NetworkConfig, SampleConfig, ScheduleConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import to_pixels
from sprite_lab.core.sets.vocabulary import Prompt, Vocabulary
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.schedule import NoiseSchedule
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.models.web_export import web_model
from sprite_lab.engine.sampling.reverse import sample_iter
from tests.made import make_sprites
from tests.node import ask

#: Rounding differences only, in [-1, 1].
ROUNDING = 2e-5


def for_page(model: Model, folder: Path, *, exact: bool) -> Path:
    made = web_model(model, exact=exact)
    facts = {"facts": made.facts, "table": made.weights.table}
    (folder / "model.json").write_text(json.dumps(facts))
    (folder / "weights.bin").write_bytes(made.weights.data)
    return folder


def random_model(network: NetworkConfig, prediction: str = "v") -> Model:
    """Untrained, but without zero weights."""
    torch.manual_seed(0)
    denoiser = Denoiser(network, prediction)  # type: ignore[arg-type]
    with torch.no_grad():
        for name, value in denoiser.named_parameters():
            if not name.startswith("colour_attention"):
                wide = max(value[0].numel(), 1) if value.ndim > 1 else 10
                noise = torch.randn_like(value) / wide**0.5
                value.copy_((noise + ("norm" in name and name.endswith("weight"))).half().float())
    words, styles = network.num_words, network.num_styles
    vocabulary = Vocabulary(
        tuple(f"class {i}" for i in range(network.num_classes)),
        tuple(f"word{i}" for i in range(words)),
        tuple(f"style{i}" for i in range(styles)),
        tuple(bytes(range(30, 30 + 45 * i)) for i in range(styles)),
    )
    return Model(
        denoiser.eval().requires_grad_(False),
        NoiseSchedule(ScheduleConfig(name="cosine")),
        vocabulary,
        "made",
        1,
        "0" * 16,
        "made sprites",
    )


@pytest.mark.parametrize("wasm", [True, False], ids=["wasm", "javascript"])
@pytest.mark.parametrize(
    ("network", "prediction"),
    [
        (NetworkConfig(width=32, channels=3, colour_attention=False), "epsilon"),
        (NetworkConfig(width=16, channels=4, num_classes=3, image_size=8), "x0"),
        (
            NetworkConfig(
                width=48, channels=4, num_classes=2, num_words=5, num_styles=3, guided=True
            ),
            "v",
        ),
    ],
    ids=["plain", "small", "words"],
)
def test_a_prediction_is_that_of_the_engine(
    network: NetworkConfig, prediction: str, wasm: bool, tmp_path: Path
) -> None:
    model = random_model(network, prediction)
    folder = for_page(model, tmp_path, exact=True)
    rng = np.random.default_rng(1)
    shape = (1, network.channels, network.image_size, network.image_size)
    asked, expected = [], []
    for log_snr in (-5.0, -1.2, 0.5, 6.3):
        x = rng.standard_normal(shape, np.float32)
        context = (rng.random((1, network.context_size)) < 0.4).astype(np.float32)
        x0 = model.denoiser(
            torch.from_numpy(x),
            torch.tensor([log_snr]),
            torch.from_numpy(context),
            guidance_scale=torch.tensor([2.5]),
        ).x0.numpy()
        expected.append(x0)
        predict = {"x": x.ravel().tolist(), "log_snr": log_snr, "context": context[0].tolist()}
        asked.append(predict | {"scale": 2.5})
    answer = ask("draw.mjs", {"wasm": wasm, "predict": asked}, str(folder))
    assert answer["fast"] == wasm
    for x0, pixels in zip(expected, answer["x0"], strict=True):
        found = np.array(pixels, np.float32).reshape(shape)
        assert np.abs(x0).max() > 0.1
        assert np.abs(found - x0).max() <= ROUNDING * max(1, np.abs(x0).max())


def drawn_by_both(
    model: Model, folder: Path, config: SampleConfig, **settings: Any
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The pixels that the app and the page draw, (N, C, H, W)."""
    trajectory = drain(sample_iter(model, [config], RunControl(), record=False))
    clean = np.concatenate([trajectory.x0[-1], trajectory.alpha[-1][..., None]], axis=3)  # type: ignore[index]
    asked = {
        "seed": config.seed,
        "classes": list(config.classes),
        "words": list(config.words),
        "style": config.style,
        "guidance": config.guidance_scale,
        "steps": trajectory.config.steps,  # type: ignore[union-attr]
        "colors": config.colors,
        "visits": config.visits,
        **settings,
    }
    request = {"wasm": True, "settings": asked, "indices": list(config.indices)}
    answer = ask("draw.mjs", request, str(folder))
    expected = to_pixels(clean.transpose(0, 3, 1, 2))
    return expected, to_pixels(np.array(answer["sprites"]).reshape(expected.shape))


def alike(one: NDArray[np.uint8], other: NDArray[np.uint8], within: int) -> float:
    """Share of the pixels that differ by at most ``within`` in any channel."""
    return float((np.abs(one.astype(int) - other).max(axis=1) <= within).mean())


@pytest.fixture(scope="module")
def student() -> Model:
    return load_model("builtin-student", "cpu")


def test_with_exact_weights_sprites_are_the_same_but_for_rounding(
    student: Model, tmp_path: Path
) -> None:
    config = SampleConfig(count=6, seed=5, classes=("hero", "food"), guidance_scale=2.5)
    expected, found = drawn_by_both(student, for_page(student, tmp_path, exact=True), config)
    assert alike(expected, found, 1) > 0.995


@pytest.mark.parametrize("steps", range(1, SEGMENTS))
def test_a_student_takes_segments_at_once_as_in_the_app(
    student: Model, steps: int, tmp_path: Path
) -> None:
    config = SampleConfig(count=2, seed=6, classes=("creature",), steps=steps, colors=0)
    expected, found = drawn_by_both(student, for_page(student, tmp_path, exact=True), config)
    assert alike(expected, found, 1) > 0.995


def test_with_small_weights_sprites_are_nearly_the_same(student: Model, tmp_path: Path) -> None:
    config = SampleConfig(count=8, seed=5)
    expected, found = drawn_by_both(student, for_page(student, tmp_path, exact=False), config)
    assert alike(expected, found, 8) > 0.85
    unlike = np.roll(found, 1, axis=0)
    assert alike(expected, unlike, 8) < 0.7


def test_what_is_kept_of_a_drawing_stays(student: Model, tmp_path: Path) -> None:
    sprites = make_sprites(1)
    rgba = sprites.rgba[0]
    known = np.zeros((16, 16), bool)
    known[:8] = True
    config = SampleConfig(
        count=2,
        seed=3,
        classes=("item",),
        drawing=rgba.tobytes(),
        known_mask=known.astype(np.uint8).tobytes(),
    )
    pixels = rgba.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
    drawing = {"pixels": pixels.ravel().tolist(), "kept": known.ravel().tolist()}
    folder = for_page(student, tmp_path, exact=True)
    expected, found = drawn_by_both(student, folder, config, drawing=drawing)
    assert np.array_equal(found[:, :, known], np.broadcast_to(rgba[known].T, (2, 4, 128)))
    assert alike(expected, found, 1) > 0.99


def test_a_model_that_sees_what_is_kept_draws_beside_it_as_in_the_app(tmp_path: Path) -> None:
    model = replace(load_model("builtin", "cpu"), sees_kept=True)
    rgba = make_sprites(1).rgba[0]
    known = np.zeros((16, 16), bool)
    known[:, :8] = True
    config = SampleConfig(
        count=2,
        seed=3,
        classes=("item",),
        autoguidance=0,
        colors=0,
        drawing=rgba.tobytes(),
        known_mask=known.astype(np.uint8).tobytes(),
    )
    pixels = rgba.transpose(2, 0, 1).astype(np.float32) / 127.5 - 1
    drawing = {"pixels": pixels.ravel().tolist(), "kept": known.ravel().tolist()}
    folder = for_page(model, tmp_path, exact=True)
    expected, found = drawn_by_both(model, folder, config, drawing=drawing)
    assert np.array_equal(found[:, :, known], np.broadcast_to(rgba[known].T, (2, 4, 128)))
    assert alike(expected, found, 1) > 0.99


def test_a_model_that_is_no_student_is_guided_step_by_step(tmp_path: Path) -> None:
    model = load_model("builtin", "cpu")
    config = SampleConfig(count=2, seed=8, classes=("creature",), autoguidance=0, colors=0)
    expected, found = drawn_by_both(model, for_page(model, tmp_path, exact=True), config)
    assert alike(expected, found, 1) > 0.99


def test_prompts_are_dealt_as_in_the_app(tmp_path: Path) -> None:
    student = load_model("real-student", "cpu")
    assert Prompt() not in student.prompts
    config = SampleConfig(count=3, seed=21, classes=("hero", "creature"))
    expected, found = drawn_by_both(student, for_page(student, tmp_path, exact=True), config)
    assert alike(expected, found, 1) > 0.98
    few = replace(student, dealt=len(student.prompts) // 10)
    others, found = drawn_by_both(few, for_page(few, tmp_path, exact=True), config)
    assert not np.array_equal(others, expected)
    assert alike(others, found, 1) > 0.98
    # A class without any of the best prompts is dealt all of its own.
    food_last = sorted(student.prompts, key=lambda prompt: prompt.class_mix == (("food", 1.0),))
    few = replace(student, prompts=tuple(food_last), dealt=3)
    food = SampleConfig(count=2, seed=21, classes=("food",))
    expected, found = drawn_by_both(few, for_page(few, tmp_path, exact=True), food)
    undealt, _ = drawn_by_both(few, tmp_path, replace(food, deal_prompts=False))
    assert not np.array_equal(undealt, expected)
    assert alike(expected, found, 1) > 0.98
    asked = SampleConfig(count=2, seed=21, classes=("food",), words=student.vocabulary.words[:2])
    expected, found = drawn_by_both(student, tmp_path, asked)
    assert alike(expected, found, 1) > 0.98


def test_colors_of_a_style_are_kept_to_as_in_the_app(tmp_path: Path) -> None:
    student = load_model("real-student", "cpu")
    colors = np.random.default_rng(0).integers(0, 255, (9, 3), np.uint8)
    palettes = tuple(colors.tobytes() for _ in student.vocabulary.styles)
    student = replace(student, vocabulary=replace(student.vocabulary, palettes=palettes))
    config = SampleConfig(count=3, seed=2, classes=("item",), style=student.vocabulary.styles[1])
    expected, found = drawn_by_both(student, for_page(student, tmp_path, exact=True), config)
    assert alike(expected, found, 1) > 0.98
    opaque = found.transpose(0, 2, 3, 1)[found[:, 3] > 127][:, :3]
    assert {tuple(color) for color in opaque} <= {tuple(color) for color in colors}


def test_guidance_may_be_a_whole_number(student: Model) -> None:
    asked, usual = (
        SampleConfig(count=1, seed=5, classes=("food",), guidance_scale=scale) for scale in (2, 2.0)
    )
    drawn, expected = (
        drain(sample_iter(student, [config], RunControl(), record=False)).x0[-1]
        for config in (asked, usual)
    )
    assert np.array_equal(drawn, expected)
