"""Training in the page: its gradients and steps equal PyTorch's, and it learns a style."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from sprite_lab.core.config import NetworkConfig, PredictionType
from sprite_lab.diffusion.parameterization import level, q_sample, target
from sprite_lab.engine.models.model import load_model
from tests.made import make_sprites
from tests.node import ask
from tests.web.test_drawing import for_page, random_model

#: The trained part in the page: the half of the network that draws.
TAUGHT = re.compile(r"network\.(coarse_out|up|fine_out|norm|head)\b")

#: Rounding differences only, relative to the largest number.
ROUNDING = 1e-4


@pytest.mark.parametrize("wasm", [True, False], ids=["wasm", "javascript"])
@pytest.mark.parametrize(
    ("network", "prediction"),
    [
        (NetworkConfig(width=32, channels=3, colour_attention=False), "epsilon"),
        (NetworkConfig(width=16, channels=4, num_classes=3, image_size=8), "x0"),
        (NetworkConfig(width=48, channels=4, num_classes=2, num_words=5, guided=True), "v"),
    ],
    ids=["plain", "small", "words"],
)
def test_gradients_and_steps_are_those_of_autograd(
    network: NetworkConfig, prediction: PredictionType, wasm: bool, tmp_path: Path
) -> None:
    model = random_model(network, prediction)
    rng = np.random.default_rng(2)
    shape = (2, network.channels, network.image_size, network.image_size)

    def batch() -> tuple[NDArray[np.float32], ...]:
        x0 = rng.uniform(-1, 1, shape).astype(np.float32)
        context = (rng.random((2, network.context_size)) < 0.4).astype(np.float32)
        return x0, rng.standard_normal(shape, np.float32), np.float32([-2.5, 0.75]), context

    steps = [batch() for _ in range(3)]
    x, _, log_snr, context = batch()
    names = ("x0", "epsilon", "log_snr", "context")
    request = {
        "wasm": wasm,
        "rate": 1e-3,
        "steps": [
            [
                {name: value[n].ravel().tolist() for name, value in zip(names, step, strict=True)}
                | {"log_snr": float(step[2][n])}
                for n in range(2)
            ]
            for step in steps
        ],
        "test": {"x": x[0].ravel().tolist(), "log_snr": -2.5, "context": context[0].tolist()},
    }
    answer = ask("learn.mjs", request, str(for_page(model, tmp_path, exact=True)))
    assert answer["fast"] == wasm

    taught = {n: p for n, p in model.denoiser.named_parameters() if TAUGHT.match(n)}
    for value in taught.values():
        value.requires_grad_(True)
    optimizer = torch.optim.Adam(taught.values(), lr=1e-3, betas=(0.9, 0.99))
    losses, gradients = [], {}
    for step in steps:
        x0, epsilon, levels, asked = map(torch.from_numpy, step)
        alpha, std = level(levels)
        out = model.denoiser.network(
            q_sample(x0, epsilon, alpha, std), levels, asked, None, torch.ones(2)
        )[:, : network.channels]
        wanted = target(prediction, x0, epsilon, alpha, std)
        each = (out - wanted).square().mean(dim=(1, 2, 3))
        optimizer.zero_grad()
        each.mean().backward()  # type: ignore[no-untyped-call]
        if not gradients:
            gradients = {n: (2 * p.grad).numpy() for n, p in taught.items() if p.grad is not None}
        optimizer.step()
        losses += each.tolist()
    assert answer["losses"] == pytest.approx(losses, rel=1e-4)
    assert set(gradients) == set(taught)
    for name, expected in gradients.items():
        layer, _, kind = name.removeprefix("network.").rpartition(".")
        rows = np.array(answer["gradients"][layer][kind], np.float32).reshape(
            -1, *expected.shape[1:]
        )
        found = rows[: len(expected)]  # the rest belongs to color attention
        assert np.abs(expected).max() > 0, name
        assert np.abs(found - expected).max() <= ROUNDING * np.abs(expected).max(), name
    after = predicted(model, x[:1], float(log_snr[0]), context[:1])
    assert np.abs(np.array(answer["x0"]) - after).max() <= 1e-3 * max(1, np.abs(after).max())


@torch.no_grad()
def predicted(model: Any, x: NDArray[np.float32], log_snr: float, context: Any) -> Any:
    out = model.denoiser(
        torch.from_numpy(x),
        torch.tensor([log_snr]),
        torch.from_numpy(context),
        guidance_scale=torch.ones(1),
    )
    return out.x0.numpy().ravel()


def made_picture(*sprites: NDArray[np.uint8], scale: int = 1, gap: int = 0) -> dict[str, Any]:
    """A picture with sprites side by side, as the browser decodes a file."""
    apart = [np.pad(sprite, ((0, 0), (0, gap), (0, 0))) for sprite in sprites]
    row = np.concatenate(apart, axis=1)[:, : len(sprites) * (16 + gap) - gap]
    rgba = row.repeat(scale, axis=0).repeat(scale, axis=1)
    return {"data": rgba.ravel().tolist(), "width": rgba.shape[1], "height": rgba.shape[0]}


def test_a_model_takes_the_manner_of_a_few_sprites(tmp_path: Path) -> None:
    """After learning sprites of one color, it draws in that color."""
    folder = for_page(load_model("builtin", "cpu"), tmp_path, exact=False)
    shapes = make_sprites(12, seed=4).rgba[..., 3] > 0
    ink = np.array([200, 40, 160, 255], np.uint8)
    sprites = np.where(shapes[..., None], ink, 0).astype(np.uint8)
    request = {"pictures": [made_picture(*sprites)], "samples": [], "learn": 24}
    answer = ask("tune.mjs", request, str(folder))
    losses = answer["losses"]
    assert len(losses) == 24
    assert np.mean(losses[-10:]) < 0.8 * np.mean(losses[:10])

    def away_from_ink(drawn: list[list[int]]) -> float:
        rgba = np.array(drawn, np.float64).reshape(-1, 4)
        return float(np.abs(rgba[rgba[:, 3] > 0, :3] - ink[:3]).mean())

    assert away_from_ink(answer["after"]) < 0.6 * away_from_ink(answer["before"])


def test_sprites_are_cut_from_files_and_copies_are_counted(tmp_path: Path) -> None:
    folder = for_page(random_model(NetworkConfig(width=16)), tmp_path, exact=True)
    sprites = make_sprites(6).rgba
    far = np.zeros_like(sprites[0])
    far[4:12, 4:12] = (250, 0, 250, 255)
    near = sprites[1, :, ::-1].copy()
    near[8, 8] = (9, 9, 9, 255)
    pictures = [
        made_picture(sprites[0]),
        made_picture(sprites[1], scale=8),
        made_picture(*sprites[2:4]),
        made_picture(*sprites[4:], scale=3, gap=1),
        made_picture(np.zeros_like(sprites[0])),  # blank
        {"data": [1, 2, 3, 255] * 17 * 20, "width": 17, "height": 20},  # of another size
    ]
    samples = [near.ravel().tolist(), far.ravel().tolist()]
    answer = ask("tune.mjs", {"pictures": pictures, "samples": samples}, str(folder))
    assert np.array_equal(np.array(answer["sprites"], np.uint8).reshape(-1, 16, 16, 4), sprites)
    assert answer["copies"] == 1
    pictures.append(made_picture(sprites[0, :, ::-1]))
    answer = ask("tune.mjs", {"pictures": pictures, "samples": samples}, str(folder))
    assert answer["copies"] == 1, "with a sprite there twice, nothing was a copy"
