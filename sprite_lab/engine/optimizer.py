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
    max_norm : that gradients are scaled down to; None = they are left as they are.
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

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    @torch.no_grad()
    def step(self, learning_rate: float) -> float:
        """Update once; gives the norm of all gradients as they were.

        Where that is not finite, nothing is updated. What had no part in the loss has a
        gradient of zero.
        """
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in self.parameters]
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(gradients)))
        found = float(norm)
        if not math.isfinite(found):
            return found
        if self.max_norm is not None:
            torch._foreach_mul_(gradients, (self.max_norm / (norm + 1e-6)).clamp_max(1.0))

        self.step_count += 1
        beta1, beta2 = self.betas
        torch._foreach_lerp_(self.exp_avg, gradients, 1 - beta1)
        torch._foreach_mul_(self.exp_avg_sq, beta2)
        torch._foreach_addcmul_(self.exp_avg_sq, gradients, gradients, 1 - beta2)
        decayed = [p for p in self.parameters if p.ndim > 1]
        if self.weight_decay and decayed:
            torch._foreach_mul_(decayed, 1 - learning_rate * self.weight_decay)
        denominator = torch._foreach_sqrt(self.exp_avg_sq)
        torch._foreach_div_(denominator, (1 - beta2**self.step_count) ** 0.5)
        torch._foreach_add_(denominator, self.eps)
        rate = learning_rate / (1 - beta1**self.step_count)
        torch._foreach_addcdiv_(self.parameters, self.exp_avg, denominator, -rate)
        return found
