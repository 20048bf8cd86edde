#!/usr/bin/env python3
"""Calibrate the classes of a shipped model: ``calibrate.py NAME [--data FILE.npz]``.

Writes ``classes.json`` beside its weights, from sprites that training set aside. Run it again
whenever the weights change, since a calibration belongs to one step.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from sprite_lab.core.config import EvalConfig
from sprite_lab.core.results.calibration import Calibration
from sprite_lab.core.run import RunControl, drain
from sprite_lab.data import builtin, split
from sprite_lab.data.datasets import SEALED, groups_of
from sprite_lab.engine.measuring.evaluation import labels_of
from sprite_lab.engine.measuring.likelihood import class_probabilities_iter
from sprite_lab.engine.models.calibration_file import save_calibration
from sprite_lab.engine.models.model import load_model, weights_path
from sprite_lab.formats.sets.sprites import load_sprites

#: Number of sprites to fit to: five minutes of one CPU core.
SPRITES = 600


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name")
    parser.add_argument("--data", type=Path, help="the set that it was trained on; or our own")
    parser.add_argument("--sprites", type=int, default=SPRITES)
    options = parser.parse_args()
    model = load_model(options.name)
    sprites = builtin() if options.data is None else load_sprites(options.data)
    _, aside = split(sprites, EvalConfig().validation_fraction, sealed=SEALED)
    some = np.random.default_rng(0).permutation(len(aside))[: options.sprites]
    measured = aside.take(some)
    labels = labels_of(model, measured)
    found = drain(class_probabilities_iter(model, measured, RunControl(), rounds=2))
    found = found.calibrated(labels, groups_of(measured))
    keep(options.name, model.step, found.calibration)


def keep(name: str, step: int, calibration: Calibration) -> None:
    """Save it, and print its result."""
    save_calibration(weights_path(name), step, calibration)
    told = calibration.reliability
    assert told is not None
    print(
        f"{name}, step {step}: of {told.sprites} sprites {told.accuracy:.1%} right, expected "
        f"calibration error {told.expected_error:.1%}, log loss {told.log_loss:.3f} nats"
    )


if __name__ == "__main__":
    main()
