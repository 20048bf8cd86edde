"""``sprite-lab sample``: draw sprites with a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from sprite_lab.cli.console import print_result
from sprite_lab.cli.follow import Reporter, follow
from sprite_lab.cli.options import (
    Classes,
    ConfigFile,
    Count,
    Device,
    Guidance,
    Json,
    Model,
    Sampler,
    Scale,
    Seed,
    Steps,
    check_out,
    sample_config,
)
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.run import RunControl
from sprite_lab.core.sprites import alpha_from_background, to_pixels

if TYPE_CHECKING:
    from sprite_lab.engine.models import Model as LoadedModel


def sample(
    model: Model,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.npz|FILE.png")],
    count: Count = None,
    seed: Seed = None,
    sampler: Sampler = None,
    steps: Steps = None,
    classes: Classes = None,
    guidance: Guidance = None,
    config_file: ConfigFile = None,
    scale: Scale = 1,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Draw sprites: as arrays (.npz: images, alpha, labels) or as a sheet (.png)."""
    check_out(out, ".npz", ".png")
    config = sample_config(
        config_file,
        count=count,
        seed=seed,
        sampler=sampler,
        steps=steps,
        classes=classes,
        guidance=guidance,
    )

    from sprite_lab.engine.models import load_model
    from sprite_lab.engine.sampling import sample_iter

    loaded = load_model(model, device)
    with Reporter("Sampling") as reporter:
        drawn = follow(sample_iter(loaded, [config], RunControl(), record=False), reporter)
    images = to_pixels(drawn.final())
    alpha = alpha_from_background(images)
    labels = dealt_labels(config, loaded)
    write_samples(out, images, alpha, labels, loaded.class_names, config, scale)
    print_result(
        {
            "out": str(out),
            "count": len(images),
            "class_names": list(loaded.class_names),
            "config": config.to_json(),
        },
        f"{out}: {len(images)} sprites",
        as_json,
    )


def dealt_labels(config: SampleConfig, model: LoadedModel) -> NDArray[np.int64]:
    """int64 (count,): the class each sprite was asked to be; -1 where none."""
    indices = range(config.first_index, config.first_index + config.count)
    if not config.classes:
        return np.full(config.count, -1, np.int64)
    known = [model.class_names.index(name) for name in config.classes]
    return np.array([known[i % len(known)] for i in indices], np.int64)


def write_samples(
    out: Path,
    images: NDArray[np.uint8],
    alpha: NDArray[np.uint8],
    labels: NDArray[np.int64],
    class_names: tuple[str, ...],
    config: SampleConfig,
    scale: int,
) -> None:
    """Write sprites as the suffix of ``out`` says; a sheet carries its SampleConfig."""
    if out.suffix.lower() == ".npz":
        from sprite_lab.formats.sprites import save_samples

        save_samples(out, images, alpha, labels, class_names, config)
        return
    from sprite_lab.formats.metadata import KEY, config_text
    from sprite_lab.formats.png import write_png
    from sprite_lab.formats.sheet import make_sheet

    sheet = make_sheet(np.concatenate([images, alpha[..., None]], axis=3), scale=scale)
    write_png(out, sheet, {KEY: config_text(config)})
