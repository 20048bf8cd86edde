"""``sprite-lab sample``: draw sprites with a trained model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray

from sprite_lab.cli.console import counted, print_result
from sprite_lab.cli.follow import Reporter, follow
from sprite_lab.cli.options import (
    Device,
    Json,
    Model,
    as_usage,
    check_out,
    with_options,
)
from sprite_lab.cli.sampling import with_sampling_options
from sprite_lab.core.config import SampleConfig, SpriteFilesConfig
from sprite_lab.core.credits import attribution
from sprite_lab.core.file_names import check_template
from sprite_lab.core.run import RunControl

if TYPE_CHECKING:
    from sprite_lab.engine.models import Model as LoadedModel


@with_sampling_options
@with_options(
    "given",
    SpriteFilesConfig(json="none"),
    *("scale", "template", "background", "columns", "padding", "extrusion", "power_of_two"),
    "json",
)
def sample(
    model: Model,
    out: Annotated[
        Path,
        typer.Option(
            "--out",
            metavar="FILE.npz|FILE.png|DIR/",
            help="Arrays, one sheet, or a folder for a picture each.",
        ),
    ],
    given: dict[str, Any],
    device: Device = "auto",
    as_json: Json = False,
    *,
    config: SampleConfig,
) -> None:
    """Draw sprites: as arrays (.npz: images, alpha, labels), as a sheet (.png) with its JSON, or
    as single pictures in a folder."""
    single = _is_folder(out)
    if not single:
        check_out(out, ".npz", ".png")
    with as_usage():
        files = SpriteFilesConfig(kind="files" if single else "sheet", **given)
        check_template(files.template)

    from sprite_lab.engine.models import load_model
    from sprite_lab.engine.sampling import sample_iter

    loaded = load_model(model, device)
    with Reporter("Sampling") as reporter:
        drawn = follow(sample_iter(loaded, [config], RunControl(), record=False), reporter)
    config = drawn.config or config  # with what was left to the model and the machine
    if out.suffix.lower() == ".npz" and not single:
        from sprite_lab.formats.sprites import save_samples

        rgba, labels = drawn.rgba(), dealt_labels(config, loaded)
        save_samples(out, rgba[..., :3], rgba[..., 3], labels, loaded.class_names, config)
        written = [out]
    else:
        from sprite_lab.core.sprite_batch import finished_sprites
        from sprite_lab.formats.sprite_files import write_sprites

        batch = finished_sprites(drawn, attribution(loaded.credits))
        with Reporter("Writing") as reporter:
            written = follow(write_sprites(out, batch, files), reporter)
    print_result(
        {
            "out": str(out),
            "files": [str(path) for path in written],
            "count": drawn.count,
            "class_names": list(loaded.class_names),
            "config": config.to_json(),
        },
        f"{out}: {counted(drawn.count, 'sprite')}",
        as_json,
    )


def _is_folder(out: Path) -> bool:
    """Whether single pictures are asked for: a folder, or a name without an ending."""
    return out.is_dir() or (not out.suffix and not out.name.startswith("."))


def dealt_labels(config: SampleConfig, model: LoadedModel) -> NDArray[np.int64]:
    """int64 (count,): the class each sprite was asked to be; -1 where none."""
    indices = range(config.first_index, config.first_index + config.count)
    if not config.classes:
        return np.full(config.count, -1, np.int64)
    known = [model.class_names.index(name) for name in config.classes]
    return np.array([known[i % len(known)] for i in indices], np.int64)
