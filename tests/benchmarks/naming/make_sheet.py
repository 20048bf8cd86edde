"""Make a sheet for blind raters: ``python -m tests.benchmarks.naming.make_sheet NAME MODEL ...``.

The sheet shuffles unselected sprites of each model, with its defaults and its classes in turn, and
held-out ones: drawn by people, and, for models of the built-in set, by its program. Two files are
written beside this one. NAME.json is the key; for sprites drawn by people, it has their rows in the
joined set, never their pixels. NAME-generated.png has the others, at the positions given by the
key. The sheet itself, which also shows drawn sprites, goes to --sheet, outside of the repository.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sprite_lab.core.config import SampleConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.sprites import composite
from sprite_lab.data import builtin
from sprite_lab.data.datasets import split_rows
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.sampling.selection import pick_best_iter
from sprite_lab.formats.images.sheet import make_sheet
from tests.benchmarks.recognizability import drawn_sprites

HERE = Path(__file__).parent
SCALE, COLUMNS, MARGIN = 6, 12, 14

#: Sprites in a row of NAME-generated.png.
GENERATED = 15


def generated(name: str, count: int, seed: int, of: int) -> tuple[NDArray[np.uint8], list[str]]:
    """uint8 (count, H, W, 3) on white, and the class of each."""
    model = load_model(name)
    config = SampleConfig(count=count, seed=seed, classes=model.class_names)
    if of > 1:
        config = drain(pick_best_iter(model, config, count * of, RunControl()))
    drawn = drain(sample_iter(model, [config], RunControl(), record=False))
    classes = [prompt.class_mix[0][0] for prompt in drawn.prompts]
    return composite(drawn.rgba()), classes


def numbered(images: NDArray[np.uint8]) -> Image.Image:
    """A sheet with each sprite's number above it."""
    side = images.shape[1] * SCALE
    rows = -(-len(images) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (side + MARGIN), rows * (side + 2 * MARGIN)), "white")
    draw = ImageDraw.Draw(sheet)
    for i, image in enumerate(images):
        x = i % COLUMNS * (side + MARGIN) + MARGIN // 2
        y = i // COLUMNS * (side + 2 * MARGIN)
        draw.text((x, y), str(i), fill="black")
        sheet.paste(
            Image.fromarray(image).resize((side, side), Image.Resampling.NEAREST), (x, y + MARGIN)
        )
    return sheet


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name")
    parser.add_argument("models", nargs="+", help="NAME, or NAME:K for the best of K times as many")
    parser.add_argument("--count", type=int, default=60, help="sprites of each model")
    parser.add_argument("--drawn", type=int, default=53, help="held-out drawn sprites")
    parser.add_argument("--program", type=int, default=0, help="held-out built-in sprites")
    parser.add_argument("--seed", type=int, default=1000)
    parser.add_argument("--sheet", type=Path, required=True)
    options = parser.parse_args()
    names = [Path(model).name for model in options.models]
    if len(set(names)) < len(names):
        parser.error("The key tells models apart by the names of their files: rename some.")

    rng = np.random.default_rng(options.seed)
    images, facts = [], []
    for of, count, sprites in (
        ("drawn", options.drawn, drawn_sprites),
        ("program", options.program, builtin),
    ):
        if count:
            _, aside = split_rows(sprites())
            rows = rng.choice(aside, count, replace=False)
            found = sprites().take(rows)
            images.append(found.images)
            facts += [
                {"of": of, "row": int(row), "class": found.class_names[label]}
                for row, label in zip(rows, found.labels, strict=True)
            ]
    made = []
    for model, name in zip(options.models, names, strict=True):
        ref, _, of = model.partition(":")
        found, classes = generated(ref, options.count, options.seed, int(of or 1))
        made.append(found)
        facts += [{"of": name, "class": kind} for kind in classes]
    for row, fact in enumerate(fact for fact in facts if "row" not in fact):
        fact["sprite"] = row
    every = np.concatenate([*images, *made])
    order = rng.permutation(len(every))
    numbered(every[order]).save(options.sheet)
    key = [facts[i] for i in order]
    (HERE / f"{options.name}.json").write_text(json.dumps(key, indent=0), "utf-8")
    sheet = make_sheet(np.concatenate(made), columns=GENERATED, scale=2, gap=2)
    Image.fromarray(sheet).save(HERE / f"{options.name}-generated.png", optimize=True)


if __name__ == "__main__":
    main()
