"""Guided predictions on static buffers, captured as CUDA graphs and replayed.

A sampler evaluates the same network on batches of the same shape again and again, and launching
kernels takes a GPU longer than running them. Here an evaluation copies its inputs into fixed
buffers and launches once. Without CUDA the same function runs eagerly.
"""

from __future__ import annotations

import logging
import weakref
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, cast

import torch
from torch import Tensor

from sprite_lab.diffusion.denoiser import Denoiser, DenoiserOutput
from sprite_lab.diffusion.guidance import Guidance, guided, guided_at
from sprite_lab.diffusion.sampler import Denoise
from sprite_lab.engine.runtime import (
    autocast,
    flushed_denormals,
    free_memory,
    memory_format,
    recorded,
)

_log = logging.getLogger(__name__)

#: The type of device that captures graphs.
RECORDED_ON = "cuda"

#: Number of evaluations of a kind before it is captured, which takes as long as a few of them.
WORTH_IT = 8

#: Maximum number of graphs that are kept for a denoiser; each holds memory on the device.
MOST_KEPT = 16


class Kind(NamedTuple):
    """The properties that two evaluations must share to use the same graph."""

    shape: torch.Size
    steered: int
    acts: bool
    autoguidance: float
    weak: int
    bf16: bool


class StaticEvaluation:
    """:func:`guided` for one kind of batch, on static buffers."""

    def __init__(
        self, denoiser: Denoiser, x_t: Tensor, guidance: Guidance, *, acts: bool, bf16: bool
    ) -> None:
        # A weak reference: this object lives as long as the denoiser, and must not keep it alive.
        self._denoiser = cast(Denoiser, weakref.proxy(denoiser))
        self._acts, self._bf16 = acts, bf16
        with torch.inference_mode(False):  # so that they can be written to in any mode
            form = memory_format(x_t.device)
            self._x_t = torch.empty_like(x_t, memory_format=form)
            self._levels = x_t.new_empty(len(x_t))
            self._rows = torch.empty_like(_rows(guidance, acts))
            parts = (guidance.context, guidance.scale, guidance.negative)
            context, scale, negative = map(torch.empty_like, parts)
        self._guidance = replace(guidance, context=context, scale=scale, negative=negative)
        self._replay: Callable[[], None] | None = None
        self._found: DenoiserOutput | None = None

    def load(self, x_t: Tensor, log_snr: float, guidance: Guidance) -> None:
        """Copy the inputs into the static buffers."""
        mine = self._guidance
        self._x_t.copy_(x_t)
        self._levels.fill_(log_snr)
        self._rows.copy_(_rows(guidance, self._acts))
        mine.context.copy_(guidance.context)
        mine.scale.copy_(guidance.scale)
        mine.negative.copy_(guidance.negative)

    def record(self) -> None:
        """Capture the graph, with the loaded inputs as an example."""
        graph, self._found = recorded(self.evaluate)
        self._replay = graph.replay

    def evaluate(self) -> DenoiserOutput:
        """Like :func:`guided`, for the loaded inputs."""
        inputs = self._x_t, self._levels, self._guidance, self._rows
        precision = autocast(self._x_t.device, self._bf16)
        with torch.inference_mode(False), torch.no_grad(), flushed_denormals(), precision:
            return guided_at(self._denoiser, *inputs, acts=self._acts)

    def __call__(self, x_t: Tensor, log_snr: float, guidance: Guidance) -> DenoiserOutput:
        self.load(x_t, log_snr, guidance)
        if self._replay is None or self._found is None:
            return self.evaluate()
        self._replay()
        return DenoiserOutput._make(None if part is None else part.clone() for part in self._found)


def _rows(guidance: Guidance, acts: bool) -> Tensor:
    return guidance.steered if acts else guidance.steered[:0]


class _Kept:
    """The evaluations of a denoiser: how many of each kind, and the captured ones."""

    def __init__(self) -> None:
        self.seen: Counter[Kind] = Counter()
        self.recorded: dict[Kind, StaticEvaluation] = {}
        self.fails = False


_kept: weakref.WeakKeyDictionary[Denoiser, _Kept] = weakref.WeakKeyDictionary()


def looking(denoiser: Denoiser, guidance: Guidance, *, bf16: bool) -> Denoise:
    """(x_t, log_snr) -> the guided prediction; captured on CUDA if no gradients are needed."""

    def eager(x_t: Tensor, log_snr: float) -> DenoiserOutput:
        with autocast(x_t.device, bf16), flushed_denormals():
            x_t = x_t.contiguous(memory_format=memory_format(x_t.device))
            return guided(denoiser, x_t, log_snr, guidance)

    def look(x_t: Tensor, log_snr: float) -> DenoiserOutput:
        if x_t.device.type != RECORDED_ON or torch.is_grad_enabled():
            return eager(x_t, log_snr)
        static = _static(denoiser, x_t, log_snr, guidance, bf16)
        return eager(x_t, log_snr) if static is None else static(x_t, log_snr, guidance)

    return look


def _static(
    denoiser: Denoiser, x_t: Tensor, log_snr: float, guidance: Guidance, bf16: bool
) -> StaticEvaluation | None:
    """The captured evaluation of this kind, captured now if worthwhile; None if there is none."""
    kept, acts = _kept.setdefault(denoiser, _Kept()), guidance.acts(log_snr)
    weak = 0 if guidance.weak is None else id(guidance.weak)
    steered = len(_rows(guidance, acts))
    kind = Kind(x_t.shape, steered, acts, guidance.autoguidance, weak, bf16)
    if kind in kept.recorded or kept.fails:
        return kept.recorded.get(kind)
    kept.seen[kind] += 1
    if kept.seen[kind] < WORTH_IT:
        return None
    static = StaticEvaluation(denoiser, x_t, guidance, acts=acts, bf16=bf16)
    static.load(x_t, log_snr, guidance)
    try:
        static.record()
    except RuntimeError as error:
        _log.warning("Sampling cannot be recorded: %s", error)
        kept.fails = True
        free_memory(x_t.device)
        return None
    if len(kept.recorded) == MOST_KEPT:
        del kept.recorded[next(iter(kept.recorded))]
    kept.recorded[kind] = static
    return static
