"""Cells that differ in shared settings are drawn as if each were alone; parts of a character."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from sprite_lab.app.draw.drawing import Drawn
from sprite_lab.app.draw.drawing_tasks import CellsPreview, draw_cells, draw_turned, together
from sprite_lab.core.config import NetworkConfig, SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.characters import LEADER, TURNS
from sprite_lab.core.records import Progress
from sprite_lab.core.run import RunControl, drain
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling.reverse import sample_iter
from tests.made_model import made_denoiser, model_of

PALETTE = bytes([20, 30, 40, 200, 60, 10, 240, 220, 90])


@pytest.fixture(scope="module")
def model() -> Model:
    return model_of(made_denoiser(NetworkConfig(width=16, num_classes=2, channels=4)))


def configs() -> list[SampleConfig]:
    rng = np.random.default_rng(0)
    drawing = rng.integers(0, 256, (16, 16, 4)).astype(np.uint8)
    drawing[..., 3] = np.where(drawing[..., 3] > 128, 255, 0)
    kept = np.where(rng.random((16, 16)) < 0.3, 0, 255).astype(np.uint8).tobytes()
    plain = SampleConfig(count=1, seed=5, steps=3, guidance_scale=1.0)
    return [
        plain,
        replace(plain, palette=PALETTE),
        replace(plain, seed=6),
        replace(plain, symmetric=True),
        replace(plain, drawing=drawing.tobytes(), start_t=250),
        replace(plain, drawing=drawing.tobytes(), redraw_strength=kept),
        replace(plain, seed=8, palette=PALETTE),
    ]


def test_only_what_is_alike_in_all_that_must_be_shared_is_drawn_together() -> None:
    asked = configs()
    groups = together(asked, 128)
    assert groups == [[0, 2], [1, 6], [3], [4], [5]]
    assert together(asked, 1) == [[0], [2], [1], [6], [3], [4], [5]]
    # The others cannot even be passed in one request.
    assert asked[0].manner != asked[1].manner


def test_each_comes_out_as_it_does_alone(model: Model) -> None:
    asked = configs()
    together_drawn = drain(draw_cells(model, asked)(RunControl()))
    for config, drawn in zip(asked, together_drawn, strict=True):
        alone = drain(sample_iter(model, [config], RunControl())).rgba()[0]
        assert drawn.whole
        assert np.abs(drawn.rgba.astype(int) - alone).max() <= 1


def test_progress_goes_up_to_the_end_and_previews_say_whose_they_are(model: Model) -> None:
    control = RunControl()
    progress, previews = [], []

    def hear(record: object) -> None:
        if isinstance(record, Progress):
            progress.append(record)
        if isinstance(record, CellsPreview):
            previews.append(record)
            control.want_preview()

    drawn = drain(draw_cells(model, configs())(control), hear)
    done = [p.done for p in progress]
    assert done == sorted(done)
    assert len({p.total for p in progress}) == 1
    assert done[-1] == progress[-1].total
    assert set(previews[0].rows) == {0, 2}
    assert set(previews[-1].rows) == set(range(7))
    # Finished cells are shown in their final form.
    shown = dict(zip(previews[-1].rows, previews[-1].images, strict=True))
    assert np.array_equal(shown[0], drawn[0].rgba[..., :3])


def test_stopped_it_gives_what_there_is(model: Model) -> None:
    control = RunControl()
    run = draw_cells(model, configs())(control)
    for record in run:
        if isinstance(record, Progress) and record.done > 6:
            break  # in the second group
    control.stop()
    result = drain(run)
    kinds = [None if d is None else d.whole for d in result]
    assert kinds == [True, False, True, None, None, None, False]


def test_what_cannot_be_drawn_is_reported_before_anything_is_drawn(model: Model) -> None:
    asked = [*configs(), replace(configs()[0], start_t=900, drawing=bytes(1024))]
    control = RunControl()
    run = draw_cells(model, asked)(control)
    with pytest.raises(ConfigError, match="noise level 900"):
        next(run)


def test_the_result_is_not_of_a_smaller_kind(model: Model) -> None:
    (drawn,) = drain(draw_cells(model, configs()[:1])(RunControl()))
    assert isinstance(drawn, Drawn)
    assert drawn.rgba.shape == (16, 16, 4)
    assert drawn.rgba.dtype == np.uint8


def test_turning_ends_between_parts_and_shows_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[str, int | None]] = []

    class Turner:
        title, credits = "Characters", ()

        def draw(
            self, views: dict[str, np.ndarray], parts: list[str], seed: int | None
        ) -> dict[str, np.ndarray]:
            asked.extend((part, seed) for part in parts)
            return {part: np.full((16, 16, 4), 0 if seed is None else seed) for part in parts}

        def best_first(
            self, views: dict[str, np.ndarray], tries: list[dict[str, np.ndarray]]
        ) -> list[dict[str, np.ndarray]]:
            return tries[::-1]

        def with_ruled(
            self, views: dict[str, np.ndarray], tries: list[dict[str, np.ndarray]]
        ) -> list[dict[str, np.ndarray]]:
            if not set(tries[0]) <= set(TURNS):
                return [tries[0], dict.fromkeys(tries[0], np.full((16, 16, 4), 99)), *tries[1:]]
            (part,) = tries[0]
            return [{part: np.full((16, 16, 4), 88)}, *tries] if part == "right 0" else tries

    monkeypatch.setattr("sprite_lab.engine.sampling.turning.load_turner", Turner)
    blank = np.zeros((16, 16, 4), np.uint8)
    views = dict.fromkeys((LEADER, *TURNS), blank)
    run = draw_turned(views, TURNS, 3, False)(RunControl())
    records = [next(run) for _ in range(2)]
    assert [record.done for record in records if isinstance(record, Progress)] == [0, 0]
    assert not asked
    next(run)
    run.close()
    assert asked == [("up 0", None)]

    # Several tries; each direction orders its own.
    def colors(parts: tuple[str, ...], again: bool) -> list[list[int]]:
        drawn = drain(draw_turned(views, parts, 3, again)(RunControl()))
        return [[int(rgba[0, 0, 0]) for rgba in (one.rgba, *one.others)] for one in drawn]

    asked.clear()
    assert colors(TURNS, again=False) == [[7, 6, 5, 4, 3, 0], [88, 7, 6, 5, 4, 3, 0]]
    assert asked == [(part, seed) for seed in (None, 3, 4, 5, 6, 7) for part in TURNS]
    by_chance = [8, 7, 6, 5, 4, 3]
    assert colors(TURNS, again=True) == [by_chance, [88, *by_chance]]
    # The steps of a direction are tried together; the second try is by rule.
    assert colors(("up 1", "up 3"), again=False) == [[6, 99, 5, 4, 3, 0]] * 2
