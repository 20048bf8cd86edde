"""AdamW over many tensors at once, and the learning rate of each step.

torch.optim imports torch._dynamo and sympy, which training does not need: they cost a second at
start-up and, in an installed app, tens of megabytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor

from sprite_lab.core.config import TrainConfig


class AdamW:
    """Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019).

    Parameters
    ----------
    parameters : leaf tensors with gradients.
    weight_decay : applied to tensors of two or more dimensions, not to biases and norm layers.
    max_norm : gradients are scaled down to this norm; None = never.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        weight_decay: float = 0.0,
        betas: tuple[float, float] = (0.9, 0.99),
        eps: float = 1e-8,
        max_norm: float | None = 1.0,
    ) -> None:
        self.parameters = list(parameters)
        self.weight_decay = weight_decay
        self.betas = betas
        self.eps = eps
        self.max_norm = max_norm
        self.step_count = 0
        self.exp_avg = [torch.zeros_like(p) for p in self.parameters]
        self.exp_avg_sq = [torch.zeros_like(p) for p in self.parameters]

    def lay_out(self) -> None:
        """Adopt the memory layout of the parameters, after it has changed."""
        for moments in (self.exp_avg, self.exp_avg_sq):
            for i, parameter in enumerate(self.parameters):
                moments[i] = torch.empty_like(parameter).copy_(moments[i])

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float) -> float:
        """Update once; returns the norm of all gradients before scaling.

        If that is not finite, nothing is updated. A missing gradient counts as zero.
        """
        gradients = self._gradients()
        norm = _norm(gradients)
        found = float(norm)
        if math.isfinite(found):
            self.step_count += 1
            step = torch.full_like(norm, self.step_count)
            self._update(gradients, norm, step, learning_rate, None)
        return found

    @torch.no_grad()
    def replayed(self, step: Tensor, learning_rate: Tensor, loss: Tensor) -> tuple[Tensor, Tensor]:
        """Like :meth:`step`, without waiting for the device.

        ``step`` (counted from 1), ``learning_rate``: float32 (). ``loss``: (); if it is not finite,
        nothing is updated either.

        Returns the norm, and 1 if parameters were updated, else 0: float32 () both.
        """
        gradients = self._gradients()
        norm = _norm(gradients)
        good = (norm.isfinite() & loss.isfinite()).float()
        self._update(gradients, norm, step, learning_rate, 1.0 - good)
        return norm, good

    def _gradients(self) -> list[Tensor]:
        return [torch.zeros_like(p) if p.grad is None else p.grad for p in self.parameters]

    def _update(
        self,
        gradients: list[Tensor],
        norm: Tensor,
        step: Tensor,
        rate: float | Tensor,
        bad: Tensor | None,
    ) -> None:
        too_long = None if self.max_norm is None else (norm / self.max_norm).clamp_min(1.0)
        beta1, beta2 = self.betas
        state = self.parameters, gradients, self.exp_avg, self.exp_avg_sq
        for decays in (False, True):
            some = [i for i, p in enumerate(self.parameters) if (p.ndim > 1) == decays]
            if not some:
                continue
            weights, slopes, means, squares = ([part[i] for i in some] for part in state)
            # The same as torch.optim's AdamW with fused=True: one pass over memory. Autograd gives
            # gradients the memory layout of their parameters.
            torch._fused_adamw_(
                weights,
                slopes,
                means,
                squares,
                [],
                [step] * len(some),
                lr=rate,
                beta1=beta1,
                beta2=beta2,
                weight_decay=self.weight_decay if decays else 0.0,
                eps=self.eps,
                amsgrad=False,
                maximize=False,
                grad_scale=too_long,
                found_inf=bad,
            )


def _norm(gradients: list[Tensor]) -> Tensor:
    return torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))


def learning_rate(config: TrainConfig, step: int, total: int | None, seconds: float) -> float:
    """The rate of ``step``, counted from 0, of a run of ``total`` steps (None = no limit).

    ``seconds``: how long it has trained, which matters if ``max_seconds`` limits it.
    """
    done = step / total if total else 0.0
    if config.max_seconds:
        done = max(done, seconds / config.max_seconds)
    done = min(done, 1.0)
    if config.lr_decay == "linear":
        # The course lowers it once per epoch.
        return config.learning_rate * (1.0 - done)
    warm_up = min(1.0, (step + 1) / config.warm_up_steps)
    fall = 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * done))
    return config.learning_rate * warm_up * fall
