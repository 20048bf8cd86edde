"""The learning speed of a network on this device and its fastest batch size, by short trials."""

from __future__ import annotations

import copy
import time

import torch

from sprite_lab.core.config import TrainConfig
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.diffusion.loss import squared_errors
from sprite_lab.engine.runtime import (
    autocast,
    flushed_denormals,
    free_memory,
    is_out_of_memory,
    memory_format,
    use_bf16,
)
from sprite_lab.words import tr

#: The range of batch sizes tried; each is twice the previous one.
FEWEST, MOST = 16, 8192

#: How many times faster a doubled batch must process sprites to make up for fewer steps.
GAIN = 1.1

#: Seconds after which no larger batch is tried.
LONGEST = 20.0


#: Maximum number of sprites used to measure speed: with more, a trial takes longer, but the time
#: per sprite stays the same.
TIMED = 64


def learning_speed(denoiser: Denoiser, config: TrainConfig) -> float:
    """Approximate number of sprites per second that a denoiser learns from; 0 = out of memory.

    The trial takes about two seconds, and spoils the running means of batch norm.
    """
    count = min(config.batch_size, TIMED)
    try:
        return count / gradient_seconds(denoiser.train(), config, count)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        return 0.0


def choose_batch(denoiser: Denoiser, config: TrainConfig, most: int = MOST) -> int:
    """The batch size that processes the most sprites per second on this device.

    It is FEWEST times a power of two and at most ``most``, or ``most`` if that is below FEWEST.
    """
    trial = copy.deepcopy(denoiser).train()  # a copy: gradients and running means are discarded
    count, best, speed, start = FEWEST, min(FEWEST, most), 0.0, time.perf_counter()
    while count <= min(most, MOST) and time.perf_counter() - start < LONGEST:
        try:
            found = count / gradient_seconds(trial, config, count)
        except (RuntimeError, MemoryError) as error:
            if not is_out_of_memory(error):
                raise
            break
        if found < GAIN * speed:
            break
        best, speed, count = count, found, 2 * count
    free_memory(denoiser.data_mean.device)
    return best


def batch_notice(config: TrainConfig) -> str:
    """A notice about the chosen batch size."""
    return tr("Batches of {count:,} sprites are learned fastest here.", count=config.batch_size)


def gradient_seconds(denoiser: Denoiser, config: TrainConfig, count: int) -> float:
    """The seconds that a gradient of ``count`` sprites takes: the best of three runs."""
    network, device = config.network, denoiser.data_mean.device
    shape = (count, network.channels, network.image_size, network.image_size)
    generator = torch.Generator().manual_seed(0)
    x0, epsilon = (
        torch.randn(shape, generator=generator)
        .to(device)
        .contiguous(memory_format=memory_format(device))
        for _ in range(2)
    )
    log_snr = torch.linspace(-6.0, 10.0, count, device=device)
    context = torch.zeros(count, network.context_size, device=device)
    augment = torch.zeros(count, network.augment_labels, device=device)
    scale = torch.ones(count, device=device) if network.guided else None
    bf16, best = use_bf16(config.precision, device), float("inf")
    for _ in range(3):  # the first warms up
        start = time.perf_counter()
        with flushed_denormals():
            with autocast(device, bf16):
                errors = squared_errors(denoiser, x0, epsilon, log_snr, context, augment, scale)
            errors.mean().backward()  # type: ignore[no-untyped-call]
            for parameter in denoiser.parameters():
                parameter.grad = None
        float(errors.detach().sum())  # waits for the device
        best = min(best, time.perf_counter() - start)
    return best
