"""AdamW over many tensors at once.

torch.optim imports torch._dynamo and sympy: a second of start-up and, in an installed app,
tens of megabytes, none of which training needs.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor


class AdamW:
    """Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019).

    Parameters
    ----------
    parameters : leaf tensors with gradients.
    weight_decay : applied to tensors of two or more dimensions, not to biases and norms.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        weight_decay: float = 0.0,
        betas: tuple[float, float] = (0.9, 0.99),
        eps: float = 1e-8,
    ) -> None:
        self.parameters = list(parameters)
        self.weight_decay = weight_decay
        self.betas = betas
        self.eps = eps
        self.step_count = 0
        self.exp_avg = [torch.zeros_like(p) for p in self.parameters]
        self.exp_avg_sq = [torch.zeros_like(p) for p in self.parameters]

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float, max_norm: float = 1.0) -> float:
        """Update once; gradients are scaled down to ``max_norm``. Gives their norm before.

        Where that is not finite, nothing is updated.
        """
        gradients = [p.grad for p in self.parameters if p.grad is not None]
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        found = float(norm)
        if not math.isfinite(found):
            return found
        torch._foreach_mul_(gradients, (max_norm / (norm + 1e-6)).clamp_max(1.0))

        self.step_count += 1
        beta1, beta2 = self.betas
        torch._foreach_lerp_(self.exp_avg, gradients, 1 - beta1)
        torch._foreach_mul_(self.exp_avg_sq, beta2)
        torch._foreach_addcmul_(self.exp_avg_sq, gradients, gradients, 1 - beta2)
        if self.weight_decay:
            decayed = [p for p in self.parameters if p.ndim > 1]
            torch._foreach_mul_(decayed, 1 - learning_rate * self.weight_decay)
        denominator = torch._foreach_sqrt(self.exp_avg_sq)
        torch._foreach_div_(denominator, (1 - beta2**self.step_count) ** 0.5)
        torch._foreach_add_(denominator, self.eps)
        rate = learning_rate / (1 - beta1**self.step_count)
        torch._foreach_addcdiv_(self.parameters, self.exp_avg, denominator, -rate)
        return found
