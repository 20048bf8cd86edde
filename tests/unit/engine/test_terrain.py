"""Tile sets from a small network: matching edges, kept sketches, prompts for both grounds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from sprite_lab.core.config import NetworkConfig, SampleConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels.tile_sets import CODES, WHOLE
from sprite_lab.core.records import Preview, Progress
from sprite_lab.core.run import Run, RunControl, drain
from sprite_lab.diffusion.constraints import joined, windows
from sprite_lab.diffusion.sampler import walk
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.sampling import terrain
from sprite_lab.engine.sampling.denoise_loop import strengths
from sprite_lab.engine.sampling.terrain import Terrain, terrain_iter
from tests.made_model import made_denoiser, model_of
from tests.unit.core.test_tile_sets import edges_agree

PALETTE = bytes([20, 30, 40, 200, 60, 10, 240, 220, 90])
ASKED = SampleConfig(count=1, seed=3, steps=3, deal_prompts=False)


@pytest.fixture(scope="module", params=[3, 4])
def model(request: pytest.FixtureRequest) -> Model:
    network = NetworkConfig(width=16, num_classes=2, channels=request.param)
    return model_of(made_denoiser(network), ("mud", "grass"))


def draw(model: Model, first: SampleConfig, second: SampleConfig) -> Terrain:
    return drain(terrain_iter(model, (first, second), RunControl()))


@pytest.mark.parametrize("change", [{}, {"sampler": "dpmpp_2m_sde"}, {"palette": PALETTE}])
def test_edges_agree_to_the_pixel(model: Model, change: dict[str, object]) -> None:
    asked = replace(ASKED, **change)  # type: ignore[arg-type]
    drawn = draw(model, replace(asked, classes=("mud",)), replace(asked, classes=("grass",)))
    assert drawn.tiles.shape == (16, 16, 16, 4)
    assert drawn.whole
    assert (drawn.tiles[..., 3] == 255).all()
    edges_agree(drawn.tiles)
    if asked.palette is not None:
        colors = np.unique(drawn.tiles[..., :3].reshape(-1, 3), axis=0)
        assert {tuple(c) for c in colors.tolist()} <= {(20, 30, 40), (200, 60, 10), (240, 220, 90)}
    # Apart from the shared edges, each tile differs.
    assert len({tile[4:12, 4:12].tobytes() for tile in drawn.tiles}) > 8
    assert [prompt.class_mix for prompt in drawn.prompts] == [(("mud", 1.0),), (("grass", 1.0),)]


def test_the_same_seed_draws_the_same_and_each_ground_counts(model: Model) -> None:
    mud, grass = (replace(ASKED, classes=(name,)) for name in ("mud", "grass"))
    once = draw(model, mud, grass).tiles
    assert np.array_equal(once, draw(model, mud, grass).tiles)
    assert not np.array_equal(once, draw(model, mud, mud).tiles)
    assert not np.array_equal(once, draw(model, replace(mud, seed=4), grass).tiles)


def test_a_map_starts_around_the_mean_sprite_where_signal_is_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = model_of(made_denoiser(NetworkConfig(width=16, num_classes=2)), ("mud", "grass"))
    model.denoiser.data_mean.fill_(0.5)
    starts: list[tuple[torch.Tensor, float]] = []

    def noted(
        look: object, x: torch.Tensor, log_snrs: list[float], *others: Any, **how: Any
    ) -> Any:
        starts.append((x, log_snrs[0]))
        return walk(look, x, log_snrs, *others, **how)

    monkeypatch.setattr(terrain, "walk", noted)
    for spacing in ("shape", "linear"):
        asked = replace(ASKED, spacing=spacing)
        draw(model, asked, asked)
    (usual, _), (x, level) = starts
    alpha, std = strengths(level)
    assert alpha > 0.005
    np.testing.assert_allclose((x - alpha * 0.5) / std, usual, atol=0.01)


def test_a_little_noise_leaves_the_drawings_where_they_belong(model: Model) -> None:
    red, blue = (bytes((*rgb, 255)) * 256 for rgb in ((200, 40, 30), (20, 60, 190)))
    asked = replace(ASKED, drawing=red, start_t=1, steps=1, colors=0)
    tiles = draw(model, asked, replace(asked, drawing=blue)).tiles
    middle = tiles[:, 6:10, 6:10, :3].reshape(16, -1, 3).mean(axis=1)
    assert middle[WHOLE[0], 0] > middle[WHOLE[0], 2] + 60
    assert middle[WHOLE[1], 2] > middle[WHOLE[1], 0] + 60
    corner = tiles[CODES.index("0001"), -2:, -2:, :3].reshape(-1, 3).mean(axis=0)
    assert corner[2] > corner[0] + 60
    with pytest.raises(ConfigError, match="all or none"):
        draw(model, asked, replace(ASKED, steps=1))


def test_drawn_grounds_stay_to_the_pixel_and_only_their_edge_is_drawn(model: Model) -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 4), np.uint8)
    rgba[..., 3] = 255
    rgba[0, 8, 8] = 0  # a hole, which is filled
    first, second = (replace(ASKED, drawing=one.tobytes(), start_t=500) for one in rgba)
    tiles = draw(model, first, second).tiles
    edges_agree(tiles)
    for place, drawing in zip(WHOLE, rgba, strict=True):
        changed = (tiles[place] != drawing).any(axis=-1)
        assert np.argwhere(changed).tolist() == ([[8, 8]] if place == WHOLE[0] else [])
    between = tiles[CODES.index("0011")]
    assert np.array_equal(between[0], rgba[0, 0])
    assert not (between[8] == rgba[:, 8]).all(axis=-1).any(axis=0).all()


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("locked", [None, PALETTE])
def test_drawings_of_few_colors_are_all_that_tiles_are_made_of(
    model: Model, few: bool, locked: bytes | None
) -> None:
    rng = np.random.default_rng(1)
    palette = rng.integers(0, 256, (8 if few else 40, 4), np.uint8) | np.array([0, 0, 0, 255], "u1")
    first, second = (palette[rng.integers(0, len(palette), (16, 16))] for _ in range(2))
    asked = [
        replace(ASKED, drawing=rgba.tobytes(), start_t=500, colors=10, palette=locked)
        for rgba in (first, second)
    ]
    drawn = np.unique(draw(model, asked[0], asked[1]).tiles.reshape(-1, 4), axis=0)
    assert ({*map(bytes, drawn)} <= {*map(bytes, palette)}) is few


def test_progress_previews_and_a_stop(model: Model) -> None:
    control, records = RunControl(), []
    control.want_preview()
    stopped: list[Terrain] = []

    def run() -> Run[None]:
        stopped.append((yield from terrain_iter(model, (ASKED, ASKED), control)))

    for record in run():
        records.append(record)
        control.stop()
    assert not stopped[0].whole
    edges_agree(stopped[0].tiles)
    assert records[0] == Progress(1, 3, "Drawing the tiles")
    (preview,) = (record for record in records if isinstance(record, Preview))
    assert preview.images.shape == (16, 16, 16, 3)


def test_windows_cover_the_map_alike() -> None:
    x = torch.randn(1, 2, 12, 8)
    moves = [(1, 3), (0, 0), (5, 2)]
    pictures = windows(x, 4, moves)
    assert pictures.shape == (18, 2, 4, 4)
    assert torch.equal(pictures[6], x[0, :, :4, :4])
    assert torch.allclose(joined(pictures, x.shape, moves), 3 * x, atol=1e-5)


def test_a_training_may_run_between_its_steps(model: Model) -> None:
    run = terrain_iter(model, (ASKED, ASKED), RunControl())
    for _ in range(2):
        next(run)
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
    run.close()
