#!/usr/bin/env python3
"""Make the model of characters, which draws 2x2 cells as one picture.

``make_characters.py --data drawn.npz --work build/models``: it learns from characters that people
drew from four sides or walking, and from the same with another's head, starting from `real`.
Finally it is taught to draw beside given cells (`given_cells.py`). It writes
resources/models/characters with weights.safetensors (fp16), card.md and samples.png.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from given_cells import taught_given
from joined_halves import joined_halves
from make_models import follow, newest, save_half, write_half
from numpy.typing import NDArray

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.pixels.characters import MODEL, SIDES, WALK
from sprite_lab.core.presets import PRESETS
from sprite_lab.core.run import RunControl
from sprite_lab.core.sets.credits import attribution
from sprite_lab.core.sets.sprites import SpriteSet, composite
from sprite_lab.data.datasets import split_rows
from sprite_lab.diffusion.denoiser import Denoiser
from sprite_lab.engine.models.checkpoint import load_tensors
from sprite_lab.engine.models.model import Model, load_model
from sprite_lab.engine.models.model import describe as describe_model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.fine_tuning import fine_tuning
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.trainer import learn
from sprite_lab.engine.training.training_data import TrainingData
from sprite_lab.engine.training.training_task import sprite_task
from sprite_lab.formats.images.png import write_png
from sprite_lab.formats.images.sheet import make_sheet
from sprite_lab.formats.reports.model_card import model_card
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.paths import resource

#: Pose words; the first one that a sprite has distinguishes its poses.
POSES = ("walk", "run", "idle", "attack", "jump", "fall", "hit", "dead", "lift", "special", "duck")

#: Sides in the order of the cells.
DIRECTIONS = ("front", "back", "left", "right")

#: Steps with 64 pictures: 35 minutes of one CPU core; then two trainings with given cells and 48
#: pictures: two hours.
STEPS, GIVEN_STEPS = 4684, (2500, 6000)

#: Without color attention: over four cells it takes sixteen times as long.
CONFIG = replace(
    PRESETS["best"],
    batch_size=64,
    learning_rate=2e-3,
    flips=0.0,
    shifts=0.3,
    recolor=0.1,
    network=replace(PRESETS["best"].network, colour_attention=False, dropout=0.05, image_size=32),
)

CREDITS = """\
Trained on characters drawn by people, none of which is part of this project:

{lines}

{drawn:,} pictures of four cells are as they were drawn; {made:,} more have the head of one on the
body of another, cut at the same row in all four (`packaging/joined_halves.py`).
It began with the weights of `real`. At last it learned to draw cells beside others that it sees as
they are (`packaging/given_cells.py`).
"""

FIGURES = """\
Not measured in a report of its own; how near the sides of a character are to one another is in
`tests/benchmarks/README.md`.
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path("build/models"))
    parser.add_argument("--steps", type=int, default=STEPS)
    options = parser.parse_args()
    sprites = load_sprites(options.data).called("Drawn sprites")
    drawn = in_rows(sprites)
    training = drawn.take(split_rows(as_sheets(drawn))[0])
    made = joined_halves(training, each=60)
    run, config = options.work / MODEL, replace(CONFIG, epochs=None, max_steps=options.steps)
    latest = RunFolder(run).latest() if run.exists() else None
    if latest is None or latest < options.steps:
        start = enlarged(load_model("real"))
        task = partial(
            sprite_task,
            fine_tuning(config, start),
            as_sheets(drawn),
            start,
            None,
            as_sheets(made),
            weights(training, made),
        )
        follow(learn(task, run, RunControl(), resume=run.exists()))
    ship(run)
    teach_given(drawn, training, made)
    describe(sprites, len(drawn), len(made))


def ship(run: Path) -> None:
    """Write the newest weights of ``run``."""
    folder = resource("models", MODEL)
    folder.mkdir(parents=True, exist_ok=True)
    write_half(newest(run), folder / "weights.safetensors")


def teach_given(drawn: SpriteSet, training: SpriteSet, made: SpriteSet) -> None:
    """Replace the weights by those that see given cells."""
    path, model = resource("models", MODEL) / "weights.safetensors", load_model(MODEL)
    sheets = as_sheets(drawn), as_sheets(made)
    for steps in GIVEN_STEPS:
        config = replace(CONFIG, epochs=None, max_steps=steps, batch_size=48, learning_rate=7e-4)
        task = sprite_task(
            fine_tuning(config, model), sheets[0], model, (model.vocabulary, ()), sheets[1],
            weights(training, made),
        )  # fmt: skip
        assert isinstance(task.data, TrainingData)
        model = replace(model, denoiser=taught_given(model, task.data, task.config, steps))
    _, metadata = load_tensors(path)
    save_half(path, model.denoiser.state_dict(), metadata | {"sees_kept": True})


def describe(sprites: SpriteSet, drawn: int, made: int) -> None:
    """Write a picture and a card for the shipped weights."""
    folder = resource("models", MODEL)
    facts = describe_model(folder / "weights.safetensors")
    lines = "\n".join(f"- {line}" for line in attribution(sprites.credits).splitlines())
    text = CREDITS.format(lines=lines, drawn=drawn, made=made)
    use = f"sprite-lab character --model {MODEL} --drawing hero.png --out walk.png"
    card = model_card("Characters", use, facts, data=text, figures=FIGURES)
    (folder / "card.md").write_text(f"{card.rstrip()} Weights: MIT,\nas the project.\n", "utf-8")
    config = SampleConfig(count=40, seed=1, classes=(SIDES,))
    some = follow(sample_iter(load_model(MODEL), [config], RunControl(), record=False))
    write_png(
        folder / "samples.png", make_sheet(composite(some.rgba()), columns=10, scale=2, gap=4)
    )


def enlarged(model: Model) -> Model:
    """The model for pictures of twice the size; its network does not depend on it."""
    config = replace(model.denoiser.config, image_size=2 * model.image_size, colour_attention=False)
    denoiser = Denoiser(config, model.denoiser.prediction_type)
    known = model.denoiser.state_dict()
    mine = denoiser.state_dict()
    denoiser.load_state_dict(
        {n: known[n] if n in known and n != "data_mean" else mine[n] for n in mine}
    )
    return replace(model, denoiser=denoiser)


def weights(training: SpriteSet, made: SpriteSet) -> NDArray[np.float64]:
    """Sampling weights: sides as often as walks, and joined ones slightly more often than drawn
    ones.
    """
    found = []
    for share, rows in ((0.45, training), (0.55, made)):
        sides = np.array([direction == "" for direction in rows.direction])
        part = np.where(sides, 1 / max(1, sides.sum()), 1 / max(1, (~sides).sum()))
        found.append(share * part / part.sum())
    return np.concatenate(found)


def as_sheets(rows: SpriteSet) -> SpriteSet:
    """Four cells in a row, (H, 4H), as two by two, (2H, 2H); classes are sides and walks."""
    side = rows.size[0]

    def laid_out(pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
        cells = pictures.reshape(len(pictures), side, 2, 2, side, -1)
        return cells.transpose(0, 2, 1, 3, 4, 5).reshape(len(pictures), 2 * side, 2 * side, -1)

    return replace(
        rows,
        images=laid_out(rows.images),
        alpha=laid_out(rows.alpha)[..., 0],
        labels=(rows.direction != "").astype(np.int64),
        class_names=(SIDES, WALK),
    )


def in_rows(sprites: SpriteSet) -> SpriteSet:
    """Every character from four sides, one pose each, and its walks, as four cells in a row.

    ``direction`` is that of a walk, "" for sides. There is a class for each direction and pose, so
    that only matching ones are joined.
    """
    found: list[tuple[list[NDArray[np.uint8]], str, str, int]] = []  # cells, direction, pose, row
    for pose_of in np.unique(sprites.pose_of[sprites.pose_of >= 0]):
        rows = np.flatnonzero(sprites.pose_of == pose_of)
        found += [(cells, "", pose, first) for cells, pose, first in _sides(sprites, rows)]
        found += [(cells, way, "walk", first) for cells, way, first in _walks(sprites, rows)]
    pictures = np.array([np.concatenate(cells, axis=1) for cells, *_ in found])
    first = np.array([row for *_, row in found])
    kinds = [f"{direction} {pose}" for _, direction, pose, _ in found]
    names, labels = np.unique(kinds, return_inverse=True)
    words = [
        " ".join((*_nouns(str(sprites.words[row])), *filter(None, (direction, pose))))
        for _, direction, pose, row in found
    ]
    return replace(
        sprites.take(first),
        images=composite(pictures),
        alpha=pictures[..., 3],
        labels=labels,
        class_names=tuple(map(str, names)),
        group=sprites.pose_of[first],
        words=np.array(words),
        direction=np.array([direction for _, direction, *_ in found]),
        frame=None,
        names=None,
    )


def _sides(
    sprites: SpriteSet, rows: NDArray[np.int64]
) -> Iterator[tuple[list[NDArray[np.uint8]], str, int]]:
    """Front, back, left and right of each pose; a missing side is the other one mirrored."""
    poses: defaultdict[tuple[str, int], dict[str, int]] = defaultdict(dict)
    for row in rows:
        pose = next((word for word in POSES if word in sprites.words[row].split()), "")
        poses[pose, int(sprites.frame[row])].setdefault(str(sprites.direction[row]), int(row))
    for (pose, _), at in poses.items():
        if {"front", "back"} <= at.keys() and at.keys() & {"left", "right"}:
            yield [_side(sprites, at, name) for name in DIRECTIONS], pose, at["front"]


def _side(sprites: SpriteSet, at: Mapping[str, int], name: str) -> NDArray[np.uint8]:
    if name in at:
        return sprites.rgba_of(at[name])
    return sprites.rgba_of(at[{"left": "right", "right": "left"}[name]])[:, ::-1]


def _walks(
    sprites: SpriteSet, rows: NDArray[np.int64]
) -> Iterator[tuple[list[NDArray[np.uint8]], str, int]]:
    """Four frames of a walk in each direction; with three, the standing one is repeated."""
    ways: defaultdict[str, dict[int, int]] = defaultdict(dict)
    for row in rows:
        if "walk" in sprites.words[row].split() and sprites.frame[row] >= 0:
            ways[str(sprites.direction[row])].setdefault(int(sprites.frame[row]), int(row))
    for way, at in ways.items():
        frames = sorted(at)
        if len(frames) == 3 and way:
            frames = [frames[0], frames[1], frames[0], frames[2]]
        if len(frames) >= 4 and way:
            yield [sprites.rgba_of(at[frame]) for frame in frames[:4]], way, at[frames[0]]


def _nouns(words: str) -> list[str]:
    """The subject of a sprite, without its direction, pose and frame."""
    known = (*DIRECTIONS, *POSES, "frame")
    return [word for word in words.split() if word not in known and not word.isdigit()]


if __name__ == "__main__":
    main()
