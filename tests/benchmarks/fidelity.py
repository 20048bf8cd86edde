"""Correctness of the figures: all tests against independent oracles, as a table.

Oracles are diffusers, scipy, mpmath, closed forms for Gaussian data and mixtures, and enumeration
of small sets. These tests are part of the suite; here they are listed with their oracles and
tolerances. The exit code is 1 if any fails.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import NamedTuple

from tests.benchmarks.report import report

ROOT = Path(__file__).parents[2]


class Check(NamedTuple):
    """A property, its oracle and tolerance, and its tests."""

    what: str
    oracle: str
    tolerance: str
    tests: tuple[str, ...]


CHECKS = (
    Check(
        "every sampler, step by step",
        "diffusers, and the papers' formulas",
        "1e-5 of x_t (diffusers in float32), 1e-10 (in double)",
        ("diffusion/test_methods_against_peers.py",),
    ),
    Check(
        "limits and orders of convergence of samplers",
        "Gaussian data in closed form",
        "1e-10; order within 0.2",
        ("diffusion/test_methods_in_theory.py",),
    ),
    Check(
        "the bound, term by term",
        "scipy, mpmath; Gaussian and discrete data",
        "1e-7 (1e-3 in float32)",
        ("diffusion/test_likelihood.py",),
    ),
    Check(
        "coders: lossless round trips, and sizes",
        "enumeration of all 2x2 pictures (Kraft); entropies",
        "exact; 0.2% of the bits",
        (
            "formats/test_arithmetic_coder.py",
            "formats/test_context_coder.py",
            "formats/test_pixel_coder.py",
        ),
    ),
    Check(
        "the ODE's density",
        "Gaussian data and mixtures in closed form",
        "0.005 bits/dim",
        ("diffusion/test_probability_flow.py",),
    ),
    Check(
        "bound, ODE and classes of sprites; their stated errors",
        "closed forms; enumeration of three sprites; 60 repeated estimates",
        "0.005 bits/dim; errors within 15%",
        ("engine/test_likelihood.py",),
    ),
    Check(
        "probabilities of classes",
        "labels drawn from known probabilities",
        "0.03 expected calibration error",
        ("core/test_calibration.py",),
    ),
    Check(
        "the optimal denoiser",
        "sums over all sprites of a set",
        "1e-9",
        ("diffusion/test_optimal_denoiser.py",),
    ),
    Check(
        "entropies of the forward process",
        "identities, scipy, Gaussian data",
        "1e-7",
        ("diffusion/test_thermodynamics.py",),
    ),
    Check(
        "inpainting",
        "Gaussian data in closed form",
        "12 steps: 0.12 standard deviations, 6% of the spread; RePaint 0.4, 17%",
        ("diffusion/test_posterior.py",),
    ),
    Check(
        "Fréchet and kernel distance, precision, recall",
        "closed forms, brute force",
        "1e-8",
        ("core/test_metrics.py",),
    ),
    Check(
        "near-copies",
        "made copies of every kind; the groups of real sprites",
        "all of them, nothing else",
        ("data/test_near_copies.py",),
    ),
)


def outcome(check: Check) -> tuple[int, int, int]:
    """The numbers of tests that passed, failed and were skipped."""
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.xml"
        files = [str(ROOT / "tests/unit" / name) for name in check.tests]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
        subprocess.run(
            [*command, f"--junitxml={found}", *files], cwd=ROOT, stdout=subprocess.DEVNULL
        )
        if not found.is_file():
            return 0, 1, 0
        suites = list(ET.parse(found).iter("testsuite"))
    names = ("tests", "failures", "errors", "skipped")
    tests, wrong, errors, skipped = (
        sum(int(suite.get(name, 0)) for suite in suites) for name in names
    )
    failed = wrong + errors
    if not tests:
        return 0, 1, 0
    return tests - failed - skipped, failed, skipped


def main() -> int:
    print("| property | oracle | tolerance | tests | |\n| --- | --- | --- | --- | --- |")
    passed = failed = 0
    for check in CHECKS:
        good, bad, left = outcome(check)
        passed, failed = passed + good, failed + bad
        verdict = f"**{bad} failed**" if bad else "ok"
        aside = f" ({left} skipped)" if left else ""
        print(
            f"| {check.what} | {check.oracle} | {check.tolerance} | {good}{aside} | {verdict} |",
            flush=True,
        )
    share = passed / max(1, passed + failed)
    report("fidelity", [share], "of the tests", 1.0, {"passed": passed, "failed": failed},
           more_is_better=True)  # fmt: skip
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
