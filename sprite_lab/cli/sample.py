"""``sprite-lab sample``: draw sprites with a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from sprite_lab.cli.console import counted, print_result
from sprite_lab.cli.follow import Reporter, follow
from sprite_lab.cli.options import (
    Device,
    Json,
    Model,
    Scale,
    check_out,
)
from sprite_lab.cli.sampling import with_sampling_options
from sprite_lab.core.config import SampleConfig
from sprite_lab.core.run import RunControl

if TYPE_CHECKING:
    from sprite_lab.engine.models import Model as LoadedModel


@with_sampling_options
def sample(
    config: SampleConfig,
    model: Model,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.npz|FILE.png")],
    scale: Scale = 1,
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Draw sprites: as arrays (.npz: images, alpha, labels) or as a sheet (.png)."""
    check_out(out, ".npz", ".png")

    from sprite_lab.engine.models import load_model
    from sprite_lab.engine.sampling import sample_iter

    loaded = load_model(model, device)
    with Reporter("Sampling") as reporter:
        drawn = follow(sample_iter(loaded, [config], RunControl(), record=False), reporter)
    config = drawn.config or config  # with what was left to the model and the machine
    labels = dealt_labels(config, loaded)
    write_samples(out, drawn.rgba(), labels, loaded.class_names, config, scale)
    print_result(
        {
            "out": str(out),
            "count": drawn.count,
            "class_names": list(loaded.class_names),
            "config": config.to_json(),
        },
        f"{out}: {counted(drawn.count, 'sprite')}",
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
    rgba: NDArray[np.uint8],
    labels: NDArray[np.int64],
    class_names: tuple[str, ...],
    config: SampleConfig,
    scale: int,
) -> None:
    """Write sprites as the suffix of ``out`` says; a sheet carries its SampleConfig."""
    if out.suffix.lower() == ".npz":
        from sprite_lab.formats.sprites import save_samples

        save_samples(out, rgba[..., :3], rgba[..., 3], labels, class_names, config)
        return
    from sprite_lab.formats.metadata import KEY, config_text
    from sprite_lab.formats.png import write_png
    from sprite_lab.formats.sheet import make_sheet

    sheet = make_sheet(rgba, scale=scale)
    write_png(out, sheet, {KEY: config_text(config)})
