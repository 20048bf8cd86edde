"""Training in the page: its gradients and steps are those of PyTorch."""

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
from tests.node import ask
from tests.web.test_drawing import for_page, random_model

#: What the page trains: the half of the network that draws.
TAUGHT = re.compile(r"network\.(coarse_out|up|fine_out|norm|head)\b")

#: Differences of rounding alone, of the largest number.
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
        rows = np.array(answer["gradients"][layer][kind], np.float32).reshape(-1, *expected.shape[1:])
        found = rows[: len(expected)]  # behind the head's lie those of what colors are shared by
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
