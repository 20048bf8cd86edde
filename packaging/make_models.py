#!/usr/bin/env python3
"""Make a model that Sprite Lab ships, its student, their cards and reports.

``make_models.py builtin`` starts from nothing but this checkout; ``make_models.py real`` needs
files of sprites that are not ours to ship, --data and --halved (``real_set.py`` makes them). Runs
are kept in --work, where an interrupted training is continued. It writes
resources/models/NAME and NAME-student, each with weights.safetensors (fp16; of NAME also a weak
version, for autoguidance), card.md, report.json, report.html and contact sheets: 100 uncurated
samples and, of our own set, 100 training sprites.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial, reduce
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from builtin_set import make_more
from favored_samples import favoring
from joined_halves import joined_halves
from numpy.typing import NDArray
from preference import Drawings, Round
from prompt_ratings import best_first
from self_play import self_play
from torch import Tensor
from weak_version import weak_config, weak_task

from sprite_lab.core.config import EvalConfig, SampleConfig, TrainConfig
from sprite_lab.core.model_facts import ModelFacts
from sprite_lab.core.presets import PRESETS, STUDENT
from sprite_lab.core.records import EvalRecord, Progress
from sprite_lab.core.results.metrics import copy_share, nearest_sprites
from sprite_lab.core.results.report import Report
from sprite_lab.core.run import Run, RunControl, drain
from sprite_lab.core.sets.credits import attribution
from sprite_lab.core.sets.joining import joined
from sprite_lab.core.sets.sprites import SpriteSet, composite
from sprite_lab.core.sets.vocabulary import Vocabulary, prompts_from_json, prompts_to_json
from sprite_lab.data import builtin, split
from sprite_lab.data.datasets import SEALED, split_rows
from sprite_lab.engine.measuring.evaluation import evaluate_iter, same_classes
from sprite_lab.engine.models.checkpoint import load_tensors, save_tensors
from sprite_lab.engine.models.model import describe, load_model, weak_path
from sprite_lab.engine.sampling.reverse import sample_iter
from sprite_lab.engine.training.distill import distill_iter
from sprite_lab.engine.training.fine_tuning import fine_tuning
from sprite_lab.engine.training.run_folder import RunFolder
from sprite_lab.engine.training.trainer import learn
from sprite_lab.engine.training.training_data import group_weights
from sprite_lab.engine.training.training_task import sprite_task
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.images.png import write_png
from sprite_lab.formats.images.sheet import make_sheet
from sprite_lab.formats.reports.model_card import model_card
from sprite_lab.formats.reports.report import write_report
from sprite_lab.formats.sets.sprites import load_sprites
from sprite_lab.paths import resource

T = TypeVar("T")

MOST_BYTES = 10_000_000

#: Less than an hour, and a quarter of an hour, of one CPU core.
STEPS, STUDENT_STEPS = 4500, 1800

#: Joined halves keep drawn sprites from being memorized, as dropout and more augmentation would;
#: without those, details improve (tests/benchmarks/README.md).
REAL = replace(
    PRESETS["best"],
    batch_size=256,
    sealed_fraction=SEALED,
    learning_rate=1e-3,
    flips=0.15,
    shifts=0.15,
    recolor=0.05,
    group_balance=0.5,
)

REAL_CREDITS = """\
Trained on drawings by people, none of which is part of this project:

{lines}

Changes: cut into single sprites, composited on white, small ones centered, {halved:,} of 32x32 at
half size (`packaging/halved.py`). Beside them it learned from {halves:,} that are joined from the
upper half of one and the lower half of another (`packaging/joined_halves.py`), and from {more:,}
that Sprite Lab's program draws (`packaging/builtin_set`).

Then it learned to prefer these drawings to samples of its own (`packaging/self_play.py`), and at
last those of its samples that strict raters would use, none of them a near-copy, to others
(`packaging/favored_samples.py`).

It went on from earlier versions. The first had learned from 2,629 of these sprites, some of which
are among those set aside now; the six million sprites since then were all of the training groups.
"""

#: Sampling weight of a drawn sprite of each class; people accept the fewest of the figures.
OFTEN = (1.7, 1.3, 1.0, 0.9, 1.5)

#: Shares of a batch of `real`: drawn sprites, larger ones at half size, joined halves of either,
#: the program's.
SHARES = (0.40, 0.20, 0.30, 0.10)

#: Self-play. After the first round raters accept more, but likelihood drops and colors become
#: glaring; the second corrects that. The average of both ships (tests/benchmarks/README.md).
ROUNDS = (Round(12_000, 1000, 3e-5, plain=0.0), Round(12_000, 2000, 5e-5, plain=0.5))

#: Rounds of its own samples that the critic favors.
FAVORED = tuple(Round(48 * n, n, 5e-5, plain=0.3) for n in (1500, 1250, 1100, 1500))

#: Built-in sprites can be drawn in any number, so augmentation is hardly needed.
BUILTIN = replace(
    PRESETS["best"],
    batch_size=256,
    sealed_fraction=SEALED,
    learning_rate=2.5e-3,
    flips=0.1,
    shifts=0.1,
    recolor=0.05,
)

#: How many of each class are drawn in addition to those of the set; a seventh are near one held out
#: there. Figures vary most and are the hardest to draw: raters accepted 77 % of the food and no
#: figure when all classes were equal.
MORE = (40_000, 26_000, 8_000, 18_000, 40_000)

#: Rounds of its own samples that the critic favors. The mean of the weights before and after them
#: ships: half of the loss in likelihood for most of the gain (tests/benchmarks/README.md).
BUILTIN_FAVORED = (Round(60_000, 1250, 5e-5, plain=0.3), Round(72_000, 1500, 6e-5, plain=0.3))

BUILTIN_CREDITS = """\
Trained on the set of sprites that Sprite Lab generates itself (`packaging/builtin_set`), and on
{more:,} more that the same program draws, none of which has the design or the silhouette of one
that is set aside; nobody else's work is in it. Then it learned to prefer those of its samples that
strict raters would use to others (`packaging/favored_samples.py`).
"""


@dataclass(frozen=True)
class Recipe:
    """The recipe of a shipped model."""

    name: str
    title: str
    sprites: SpriteSet
    credits: str
    ours_to_show: bool  # whether the report may show pictures of the set
    config: TrainConfig
    beside: SpriteSet  # additional training sprites
    weights: NDArray[np.float64] | None = None  # sampling weights, see sprite_task
    guided_below: float | None = None  # log-SNR, see Model
    rounds: tuple[Round, ...] = ()  # of self-play, with the training sprites of the set
    favored: tuple[Round, ...] = ()  # of its own samples that the critic favors
    favored_share: float = 1.0  # of the weights after these rounds; the others are those before


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", choices=["builtin", "real"])
    parser.add_argument("--data", type=Path, help="for 'real': the file of sprites")
    parser.add_argument("--halved", type=Path, help="for 'real': larger sprites at half size")
    parser.add_argument("--work", type=Path, default=Path("build/models"))
    parser.add_argument("--steps", type=int, default=STEPS, help="of the training")
    parser.add_argument("--init", type=Path, help="weights to start from, instead of new ones")
    parser.add_argument("--early", type=int, help="step whose weights autoguidance leads away from")
    parser.add_argument("--student-steps", type=int, default=STUDENT_STEPS)
    parser.add_argument("--samples", type=int, default=2048, help="for the reports")
    parser.add_argument(
        "--measure", action="store_true", help="the weights that are shipped, and train nothing"
    )
    options = parser.parse_args()
    if (options.name == "real") != (options.data is not None):
        parser.error("'real' is trained on the files --data and --halved, 'builtin' on none.")
    sprites = builtin()
    more = make_more(MORE, seed=1, of=sprites, aside=split_rows(sprites)[1])
    if options.name == "builtin":
        text = BUILTIN_CREDITS.format(more=len(more))
        recipe = Recipe(
            "builtin", "Built-in sprites", sprites, text, True, BUILTIN, more, guided_below=0.0,
            favored=BUILTIN_FAVORED, favored_share=0.5,
        )  # fmt: skip
    else:
        sprites = load_sprites(options.data).called("Drawn sprites")
        halved = load_sprites(options.halved)
        drawn = joined(sprites.take(split_rows(sprites)[0]), halved)
        lines = "\n".join(f"- {line}" for line in attribution(drawn.credits).splitlines())
        halves = joined_halves(drawn)
        text = REAL_CREDITS.format(
            lines=lines, halved=len(halved), halves=len(halves), more=len(more)
        )
        weights = drawn_weights(sprites, halved, halves, len(more))
        beside = reduce(joined, (halved, halves, more))
        recipe = Recipe(
            "real", "Real sprites", sprites, text, False, REAL, beside, weights,
            rounds=ROUNDS, favored=FAVORED,
        )  # fmt: skip

    if options.measure:
        for name in (recipe.name, f"{recipe.name}-student"):
            measure(recipe, name, options.samples)
        return
    config = replace(recipe.config, epochs=None, max_steps=options.steps)
    run = options.work / recipe.name
    if not is_done(run, config):
        start = None if options.init is None else load_model(options.init)
        config = config if start is None else fine_tuning(config, start)
        task = partial(
            sprite_task, config, recipe.sprites, start, None, recipe.beside, recipe.weights
        )
        follow(learn(task, run, RunControl(), resume=run.exists()))
    ship(recipe, run, recipe.name)
    ship_weak(recipe, run, options)
    play(recipe)
    favor(recipe)
    measure(recipe, recipe.name, options.samples)

    config = replace(STUDENT, max_seconds=None, max_steps=options.student_steps)
    run, name = options.work / f"{recipe.name}-student", f"{recipe.name}-student"
    if not is_done(run, config):
        follow(distill_iter(load_model(recipe.name), run, config, RunControl()))
    ship(recipe, run, name)
    measure(recipe, name, options.samples)


def drawn_weights(
    drawn: SpriteSet, halved: SpriteSet, halves: SpriteSet, more: int
) -> NDArray[np.float64]:
    """Sampling weights: drawn sprites, larger ones, joined ones of the same kinds, others."""
    training, _ = split_rows(drawn)
    mine, larger = balanced(drawn.take(training)), balanced(halved)

    def kinds(sprites: SpriteSet) -> list[tuple[str, int]]:
        return list(zip(sprites.source, sprites.labels, strict=True))

    seen: Counter[tuple[str, int]] = Counter()
    for sprites, weights in ((drawn.take(training), mine), (halved, larger)):
        for kind, weight in zip(kinds(sprites), weights, strict=True):
            seen[kind] += weight
    counts = Counter(kinds(halves))
    theirs = np.array([seen[kind] ** 0.75 / counts[kind] for kind in kinds(halves)])
    theirs = np.minimum(theirs, np.quantile(theirs, 0.98))  # not the same few repeatedly
    parts = mine, larger, theirs, np.ones(more)
    return np.concatenate([s * p / p.sum() for s, p in zip(SHARES, parts, strict=True)])


def balanced(sprites: SpriteSet) -> NDArray[np.float64]:
    """Sampling weights by group and class, (N,)."""
    weights = group_weights(sprites, None, REAL.group_balance)
    assert weights is not None
    return weights * np.array(OFTEN)[sprites.labels]


def is_done(run: Path, config: TrainConfig) -> bool:
    """Whether a run has trained as long as it should."""
    latest = RunFolder(run).latest() if run.exists() else None
    return latest is not None and latest >= (config.max_steps or 0)


def ship(recipe: Recipe, run: Path, name: str) -> None:
    """Write the newest weights of ``run``."""
    folder = resource("models", name)
    folder.mkdir(parents=True, exist_ok=True)
    write_half(newest(run), folder / "weights.safetensors", recipe)


def newest(run: Path) -> Path:
    """The newest weights of a run."""
    latest = RunFolder(run).latest()
    assert latest is not None
    return RunFolder(run).weights(latest)


def measure(recipe: Recipe, name: str, samples: int) -> None:
    """Write card, report and sheets for the shipped weights."""
    folder = resource("models", name)
    facts = describe(folder / "weights.safetensors")
    is_student, title = facts.data.student_of is not None, recipe.title
    if is_student:
        title = f"{title.removesuffix(' sprites')}, 4 steps"
    (folder / "card.md").write_text(f"# {title}\n", "utf-8")  # its name in the report
    config = EvalConfig(
        samples=samples, likelihood=None if is_student else "bound", sealed_fraction=SEALED
    )
    report = follow(evaluate_iter(load_model(name), recipe.sprites, config, RunControl()))
    if not recipe.ours_to_show:
        hidden = report.reference[:0], report.closest[:, :0]
        report = replace(report, reference=hidden[0], closest=hidden[1])
    write_report(folder / "report.json", report)
    write_png(folder / "samples.png", contact_sheet(usual_samples(name, len(report.samples))))
    if recipe.ours_to_show and not is_student:
        train, _ = split(recipe.sprites)
        some = np.random.default_rng(0).permutation(len(train))[: len(report.samples)]
        write_png(folder / "training.png", contact_sheet(train.images[some]))
    with atomic_write(folder / "card.md") as file:
        file.write(card(recipe, title, name, facts, report).encode())


def ship_weak(recipe: Recipe, run: Path, options: argparse.Namespace) -> None:
    """Write the weak version: an early step of ``run``, or the model trained on its own samples."""
    path = weak_path(resource("models", recipe.name) / "weights.safetensors")
    path.unlink(missing_ok=True)
    if options.early is not None:
        write_half(RunFolder(run).weights(options.early), path)
    elif recipe.rounds:
        model = load_model(recipe.name)
        config, taught = weak_config(recipe.config, model), options.work / f"{recipe.name}-weak"
        if not is_done(taught, config):
            follow(learn(partial(weak_task, config, model), taught, RunControl()))
        _, metadata = load_tensors(path.with_name("weights.safetensors"))
        tensors, _ = load_tensors(newest(taught))
        save_half(path, tensors, metadata)


def play(recipe: Recipe) -> None:
    """Replace the weights by the mean of the results of the rounds of self-play."""
    training, _ = split_rows(recipe.sprites)
    drawn = recipe.sprites.take(training)
    path = resource("models", recipe.name) / "weights.safetensors"
    _, metadata = load_tensors(path)
    trained = load_model(recipe.name)
    drawings = Drawings(trained, drawn, balanced(drawn))
    rounds = self_play(trained, drawings, recipe.config, recipe.rounds)
    found = [played.denoiser.state_dict() for played in rounds]
    if found:
        mean = {name: torch.stack([each[name] for each in found]).mean(0) for name in found[0]}
        save_half(path, mean, metadata)


def favor(recipe: Recipe) -> None:
    """Replace the weights by those trained on the samples that the critic favors."""
    training, aside = split_rows(recipe.sprites)
    drawn = recipe.sprites.take(training)
    often = balanced(drawn)
    known: SpriteSet | None = recipe.sprites.take(aside)
    if recipe.ours_to_show:  # a program draws from few shapes, so what it draws may be copied
        drawn, known = joined(drawn, recipe.beside), None
        often = np.ones(len(drawn))
    path = resource("models", recipe.name) / "weights.safetensors"
    before, metadata = load_tensors(path)
    model = load_model(recipe.name)
    drawings = Drawings(model, drawn, often)
    for favored in favoring(model, drawings, known, recipe.config, recipe.favored):
        after = favored.denoiser.state_dict()
        mean = {key: before[key].float().lerp(after[key], recipe.favored_share) for key in after}
        save_half(path, mean, metadata)


def write_half(weights: Path, out: Path, recipe: Recipe | None = None) -> None:
    """Write weights in float16, with the recipe's sampling facts."""
    tensors, metadata = load_tensors(weights)
    if recipe is not None and not metadata.get("student_of"):
        if recipe.guided_below is not None:
            metadata["guided_below"] = recipe.guided_below
        vocabulary = Vocabulary.from_json(metadata)
        prompts, dealt = best_first(prompts_from_json(metadata["prompts"], vocabulary), recipe.name)
        metadata |= {"prompts": prompts_to_json(prompts, vocabulary), "dealt": dealt}
    save_half(out, tensors, metadata)


def save_half(out: Path, tensors: dict[str, Tensor], metadata: dict[str, Any]) -> None:
    """Write weights in float16."""
    save_tensors(out, {key: tensor.half() for key, tensor in tensors.items()}, metadata)
    assert out.stat().st_size < MOST_BYTES, f"{out} has {out.stat().st_size:,} bytes"


def usual_samples(name: str, count: int) -> NDArray[np.uint8]:
    """Sprites with default settings, classes in turn, uint8 (count, H, W, 3) on white."""
    model = load_model(name)
    config = SampleConfig(count=count, seed=1, classes=model.class_names)
    return composite(drain(sample_iter(model, [config], RunControl(), record=False)).rgba())


def contact_sheet(images: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return make_sheet(images, columns=10, scale=2, gap=2)


def card(recipe: Recipe, title: str, name: str, facts: ModelFacts, report: Report) -> str:
    """Markdown: what the model is, what it was trained on and how, and its quality."""
    quality = report.quality
    assert quality is not None
    mine = quality.samples
    bits = ""
    if report.likelihood:
        files = report.file_sizes
        bits = (
            f"- {report.likelihood['bits_per_dim']:.3f} bits/dim (bound); the same sprites as PNG "
            f"{files.png:.2f}, as lossless WebP {files.webp:.2f};\n  after {files.learnt_from:,} "
            f"training sprites by LZMA {files.lzma:.2f}, by counts of repeated pixels "
            f"{files.counted:.2f}\n"
        )
    distance = "" if mine.frechet_distance is None else f"{mine.frechet_distance:.2f}"
    training = quality.training.frechet_distance if quality.training else None
    beside = "" if training is None else f" (training sprites themselves: {training:.2f})"
    figures = f"""\
Against {quality.reference_count:,} sprites set aside; {mine.count:,} samples with the sampler's
own settings. The distance is in the features of our own small network and cannot be compared
with an Inception FID. More, with pictures, in `report.html`.

- Fréchet distance {distance}{beside}
- copies of training sprites: {mine.copies:.1%}{copies_of_program(recipe)}
- {mine.colors:g} colors a sprite (median; real ones {quality.colors:g}), isolated pixels
  {mine.isolated_pixel_rate:.2%} (real ones {quality.isolated_pixel_rate:.2%})
{bits}"""
    use = f"sprite-lab sample --model {name} --out sprites.png"
    data = recipe.credits
    if facts.data.student_of:
        data = f"It learned from its teacher alone, for which this holds:\n\n{data}"
    text = model_card(title, use, facts, data=data, figures=figures)
    return f"{text.rstrip()} Weights: MIT,\nas the project.\n"


def copies_of_program(recipe: Recipe) -> str:
    """Text on how many new sprites of the program would count as copies: it has few shapes."""
    if not recipe.ours_to_show:
        return ""
    train, validation = split(recipe.sprites, sealed=SEALED)
    same = same_classes(recipe.beside, validation, 1000, seed=0)
    own, new = (
        nearest_sprites(images, train.images).distance
        for images in (recipe.beside.take(same).images, validation.images)
    )
    share = copy_share(own, new)
    return f" (of the\n  program's own new sprites {share:.1%}: it draws from few shapes)"


def follow(run: Run[T]) -> T:
    """Drain a run, reporting its progress at intervals."""
    said = -1
    while True:
        try:
            record = next(run)
        except StopIteration as end:
            return end.value
        if isinstance(record, EvalRecord):
            print(f"step {record.step}: validation {record.val_loss:.4f}", flush=True)
        elif isinstance(record, Progress) and record.total:
            share = 20 * record.done // record.total
            if share != said:
                said = share
                print(f"{record.text} {5 * share} %", flush=True)


if __name__ == "__main__":
    main()
