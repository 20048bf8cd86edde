"""``sprite-lab terrain``: draw the sixteen tiles between two grounds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from sprite_lab.cli.console import print_result
from sprite_lab.cli.follow import follow
from sprite_lab.cli.options import (
    Device,
    Given,
    Json,
    Model,
    as_usage,
    check_out,
    option,
    with_settings,
)
from sprite_lab.cli.sampling import square_picture
from sprite_lab.core.config import Conditions, SampleConfig, SpriteFilesConfig
from sprite_lab.core.pixels.cell_sets import GROUND_STRENGTH, tile_set_of
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.pixels.names import name_of
from sprite_lab.core.pixels.tile_sets import ACROSS, CODES
from sprite_lab.core.run import RunControl
from sprite_lab.core.sets.credits import attribution, credits_first
from sprite_lab.core.sets.sprite_batch import drawn_cells
from sprite_lab.core.sets.vocabulary import split_words, styles_of

if TYPE_CHECKING:
    from sprite_lab.engine.models.model import Model as LoadedModel

_GROUND = "A picture of the ground, or what it is, by class and words."


@with_settings("drawn", SampleConfig(), "seed", "sampler", "steps", "guidance_scale", "colors")
@with_settings("given", SpriteFilesConfig(), "scale", "padding", "extrusion", "json", "engine")
def terrain(
    *,
    model: Model,
    first: str = option(_GROUND, metavar="FILE|TEXT"),
    second: str = option(_GROUND, metavar="FILE|TEXT"),
    out: Path = option("", metavar="FILE.png"),
    drawn: Given,
    given: Given,
    strength: float = option(
        "How far pictures are noised where they meet: 1 = fully.", GROUND_STRENGTH, min=0.01, max=1
    ),
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Draw the sixteen tiles between two grounds together, so that all edges agree.

    They come as a sheet, with a terrain for --engine tiled or godot_tiles: the second ground lies
    over the first. Pictures of grounds stay as they are, except where they meet. The models that
    come with Sprite Lab were not trained on grounds: give them pictures.
    """
    texts = first, second
    check_out(out, ".png")
    # Not only existing files: a misspelled file name must not count as words
    pictures = [bool(Path(text).suffix) or Path(text).is_file() for text in texts]
    if pictures[0] != pictures[1]:
        raise typer.BadParameter("Give a picture of both grounds, or say what both are.")
    names = [name_of(Path(text).stem) for text in texts]
    if not all(names):
        raise typer.BadParameter(
            "Say what each ground is, such as 'stone', or name a picture of it."
        )

    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.terrain import terrain_iter
    from sprite_lab.formats.images.sprite_files import write_sprites

    loaded = load_model(model, device)
    with as_usage():
        files = SpriteFilesConfig(kind="sheet", **given)
        base = SampleConfig(count=1, deal_prompts=False, **drawn)
        start_t = max(1, round(strength * loaded.timesteps))
        grounds = [
            replace(base, drawing=square_picture(Path(text)).tobytes(), start_t=start_t)
            if picture
            else replace(base, **_asked(text, loaded))
            for text, picture in zip(texts, pictures, strict=True)
        ]
    found = follow(
        "Drawing the tiles", terrain_iter(loaded, (grounds[0], grounds[1]), RunControl())
    )
    cells = [
        Cell(rgba.tobytes(), Conditions(words=(names["1" in code],)))
        for rgba, code in zip(found.tiles, CODES, strict=True)
    ]
    thanks = attribution(credits_first(loaded.credits, styles_of(found.prompts)))
    batch = replace(
        drawn_cells(tuple(cells), out.stem, ACROSS),
        names=CODES,
        tile_sets=(tile_set_of(cells),),
        attribution=thanks,
    )
    written = follow("Writing", write_sprites(out, batch, files))
    print_result(
        {"out": out, "files": written, "corners": list(CODES)},
        f"{out}: 16 tiles",
        as_json,
    )


def _asked(text: str, model: LoadedModel) -> Given:
    """The class and words in a text typed by the user."""
    words = split_words(text)
    classes = tuple(word for word in words if word in model.class_names)[:1]
    return {"classes": classes, "words": tuple(word for word in words if word not in classes)}
