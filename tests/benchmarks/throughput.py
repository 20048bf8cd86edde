"""Training throughput of our network compared with a peer's, at the same precision, per GFLOP."""

from __future__ import annotations

import statistics
from collections.abc import Callable

import torch

import sprite_lab.engine  # noqa: F401  (sets how threads wait, before torch computes)
from tests.benchmarks.peers import Contender, matrix_product, median_rates, ours
from tests.benchmarks.report import report

ROUNDS, REPEATS = 12, 3


def compare(name: str, peer: Callable[[], Contender]) -> None:
    """Report our GFLOP/s relative to the peer's, both in fp32; ``detail`` has
    bf16 and the machine's maximum.
    """
    torch.manual_seed(0)
    fp32, bf16, other = ours("quick", bf16=False), ours("quick", bf16=True), peer()
    best32, best16 = matrix_product(torch.float32), matrix_product(torch.bfloat16)
    runs = [median_rates([fp32, bf16, other, best32, best16], ROUNDS) for _ in range(REPEATS)]

    def middle(of: Contender, which: int) -> float:
        return statistics.median(run[of.name][which] for run in runs)

    ratios = [run[fp32.name][1] / run[other.name][1] for run in runs]
    detail = {
        "sprites_per_second": {c.name: round(middle(c, 0)) for c in (fp32, bf16, other)},
        "gflops": {c.name: round(middle(c, 1)) for c in (fp32, bf16, other, best32, best16)},
        "mflop_per_sprite": {c.name: round(c.flops / 1e8) for c in (fp32, other)},
        "share_of_fp32_product": round(middle(fp32, 1) / middle(best32, 1), 2),
        "share_of_bf16_product": round(middle(bf16, 1) / middle(best16, 1), 2),
        "sprites_ratio": round(middle(fp32, 0) / middle(other, 0), 2),
        "threads": torch.get_num_threads(),
    }
    report(name, ratios, "x", 1.1, detail, more_is_better=True)
