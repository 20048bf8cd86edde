"""Networks to compare: ours, the course's, and those of diffusers and denoising-diffusion-pytorch.

All take 16x16 RGB sprites in batches of 100 and train with a mean squared error.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode, sdpa_backward_flop_count, sdpa_flop_count

from sprite_lab.core.config import NetworkConfig
from sprite_lab.core.presets import PRESETS
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.loss import squared_errors
from sprite_lab.engine.runtime import autocast, memory_format
from sprite_lab.engine.training.optimizer import AdamW

BATCH = 100
CPU = torch.device("cpu")


#: torch's counter lacks the fused attention on a CPU that ours and diffusers' use.
_FUSED = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
_FUSED_BACKWARD = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward
_ATTENTION_ON_CPU = {
    _FUSED: lambda q, k, v, *_, **__: sdpa_flop_count(q, k, v),
    _FUSED_BACKWARD: lambda grad, q, k, v, *_, **__: sdpa_backward_flop_count(grad, q, k, v),
}


@dataclass
class Contender:
    """A candidate: ``work`` processes BATCH sprites at a cost of ``flops``."""

    name: str
    work: Callable[[], object]
    flops: int = 0

    def __post_init__(self) -> None:
        with FlopCounterMode(display=False, custom_mapping=_ATTENTION_ON_CPU) as counter:
            self.work()
        self.flops = counter.get_total_flops()


def ours(preset: str, bf16: bool, train: bool = True) -> Contender:
    """A step of our trainer's inner part, or a forward pass, with a preset's network."""
    config = PRESETS[preset]
    denoiser = Denoiser(config.network, config.prediction_type)
    denoiser.to(memory_format=memory_format(CPU))  # type: ignore[call-overload]
    x0, epsilon = (_pictures(config.network).to(memory_format=memory_format(CPU)) for _ in "01")
    log_snr, context = torch.randn(BATCH), torch.zeros(BATCH, config.network.num_classes)
    optimizer = AdamW(denoiser.parameters())

    def step() -> None:
        with autocast(CPU, bf16):
            loss = squared_errors(denoiser, x0, epsilon, log_snr, context).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step(1e-4)

    @torch.inference_mode()
    def infer() -> None:
        with autocast(CPU, bf16):
            denoiser(x0, log_snr, context)

    return Contender(f"{preset} {'bf16' if bf16 else 'fp32'}", step if train else infer)


def diffusers_unet() -> Contender:
    """A training step of diffusers' UNet2DModel in fp32, as its users write it."""
    from diffusers import UNet2DModel

    net = UNet2DModel(
        sample_size=16,
        in_channels=3,
        out_channels=3,
        block_out_channels=(64, 128, 128),
        layers_per_block=2,
        down_block_types=("DownBlock2D", "AttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
        norm_num_groups=32,
    )
    return _peer("diffusers UNet2DModel", net, lambda x, t: net(x, t).sample)


def ddpm_pytorch_unet() -> Contender:
    """A training step of denoising-diffusion-pytorch's Unet in fp32, as its users write it."""
    from denoising_diffusion_pytorch import Unet

    net = Unet(dim=64, dim_mults=(1, 2, 4), flash_attn=False)
    return _peer("denoising-diffusion-pytorch Unet", net, net)


def _peer(name: str, net: nn.Module, forward: Callable[[Tensor, Tensor], Tensor]) -> Contender:
    x, target = _pictures(NetworkConfig(channels=3)), _pictures(NetworkConfig(channels=3))
    t = torch.randint(0, 500, (BATCH,))
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-4)

    def step() -> None:
        loss = F.mse_loss(forward(x, t), target)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    return Contender(name, step)


def _pictures(network: NetworkConfig) -> Tensor:
    return torch.randn(BATCH, network.channels, network.image_size, network.image_size)


def matrix_product(dtype: torch.dtype, side: int = 2048) -> Contender:
    """The machine's peak: a matrix product."""
    a, b = torch.randn(side, side).to(dtype), torch.randn(side, side).to(dtype)
    return Contender(f"matrix product {dtype}", lambda: a @ b)


def seconds_in_turn(contenders: list[Contender], rounds: int) -> dict[str, list[float]]:
    """Seconds per run of each, measured in turn, so that other load affects all equally."""
    for contender in contenders:
        contender.work()
    seconds: dict[str, list[float]] = {contender.name: [] for contender in contenders}
    for _ in range(rounds):
        for contender in contenders:
            start = time.perf_counter()
            contender.work()
            seconds[contender.name].append(time.perf_counter() - start)
    return seconds


def median_rates(contenders: list[Contender], rounds: int) -> dict[str, tuple[float, float]]:
    """Sprites per second and GFLOP/s of each, by name, from its median time."""
    seconds = seconds_in_turn(contenders, rounds)
    rates = {}
    for contender in contenders:
        middle = statistics.median(seconds[contender.name])
        rates[contender.name] = BATCH / middle, contender.flops / middle / 1e9
    return rates
