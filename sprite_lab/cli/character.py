"""``sprite-lab character``: the other directions and a walk from one drawing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import typer

from sprite_lab.cli.console import print_result
from sprite_lab.cli.follow import Reporter, follow
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
from sprite_lab.core.config import SampleConfig, SpriteFilesConfig
from sprite_lab.core.errors import ConfigError
from sprite_lab.core.pixels import characters
from sprite_lab.core.pixels.cells import Cell
from sprite_lab.core.run import RunControl, drain
from sprite_lab.core.sets.credits import attribution
from sprite_lab.core.sets.sprite_batch import character_batch
from sprite_lab.core.sets.vocabulary import split_words


@with_settings(
    "drawn", SampleConfig(), "seed", "sampler", "steps", "guidance_scale", "colors", given=True
)
@with_settings("given", SpriteFilesConfig(), "scale", "padding", "extrusion", "json", "engine")
def character(
    *,
    model: Model,
    drawing: Path = option("The character, facing you.", metavar="FILE"),
    out: Path = option("A sheet or an Aseprite file.", metavar="FILE.png|FILE.aseprite"),
    drawn: Given,
    given: Given,
    class_name: str = option("Its class, such as hero.", "", flag="--class", metavar="NAME"),
    words: str = option("What it is, such as 'red wizard'.", "", metavar="TEXT"),
    device: Device = "auto",
    as_json: Json = False,
) -> None:
    """Draw a character from one drawing: four directions (down, left, right, up) of four frames.

    They come as a sheet, a direction in each row; for --engine godot as animations; or in an
    Aseprite file, with a tag for each direction. The model 'characters' draws them with the
    drawing's own pixels: the likeliest ones, or random ones with a --seed. Other models redraw
    parts of the drawing.
    """
    check_out(out, ".png", ".aseprite")
    rgba = square_picture(drawing)
    if not rgba[..., 3].any():
        raise typer.BadParameter(f"'{drawing}' is blank: draw the character, facing you.")

    from sprite_lab.engine.models.model import load_model
    from sprite_lab.engine.sampling.reverse import sample_iter
    from sprite_lab.engine.sampling.turning import load_turner
    from sprite_lab.formats.aseprite.aseprite import write_aseprite
    from sprite_lab.formats.credits_file import writing_credits
    from sprite_lab.formats.images.sprite_files import write_sprites

    loaded = load_model(model, device)
    with as_usage():
        usual = SpriteFilesConfig(kind="sheet")
        files = replace(usual, **given)
        for_aseprite = out.suffix.lower() == ".aseprite"
        if for_aseprite and files != usual:
            raise ConfigError(
                "An Aseprite file is not a sheet: leave out the options that only sheets have."
            )
        classes = (class_name,) if class_name else ()
        said = split_words(words)
        base = SampleConfig(count=1, classes=classes, words=said, **drawn)
        in_sheets = characters.draws_sheets(loaded.vocabulary)
        if in_sheets and not characters.turned_by(len(rgba)):
            raise ConfigError(f"It draws 12 to 16 pixels a side, or twice as many: {drawing}.")
        if not in_sheets and len(rgba) != loaded.image_size:
            raise ConfigError(f"The model draws {loaded.image_size} pixels a side: {drawing}.")
        if in_sheets and (classes or said or drawn.keys() - {"seed"}):
            raise ConfigError(
                "This model takes nothing but the drawing: leave out class, words and sampling "
                "settings, except the seed."
            )
    parts, credits = {characters.LEADER: rgba}, loaded.credits
    with Reporter("Drawing the character") as reporter:

        def draw(asked: Mapping[str, SampleConfig]) -> None:
            for part, config in asked.items():
                run = sample_iter(loaded, [config], RunControl(), record=False)
                parts[part] = drain(run, reporter.show).rgba()[0]
            parts.update(characters.follow(parts))

        if in_sheets:
            turner, seed = load_turner(), base.seed if "seed" in drawn else None
            for wanted in (characters.TURNS, characters.STEPS):
                for part, view in turner.draw(parts, wanted, seed).items():
                    # With a seed, the random view is wanted, not one by rule.
                    one = {part: view}
                    parts.update(one if seed is not None else turner.with_ruled(parts, [one])[0])
                parts.update(characters.follow(parts))
            credits = turner.credits
        else:
            draw(characters.turns(rgba, base, loaded.vocabulary, loaded.timesteps))
            draw(characters.steps(parts, characters.STEPS, base, loaded.vocabulary))
    cells = tuple(Cell(parts[part].tobytes()) for part in characters.PARTS)
    batch = replace(character_batch(cells), attribution=attribution(credits))
    if for_aseprite:
        with writing_credits(out, batch.attribution) as beside:
            write_aseprite(out, batch.rgba, batch.durations_ms, tags=batch.frame_tags)
        written = [out, *beside]
    else:
        written = follow("Writing", write_sprites(out, batch, files))
    print_result(
        {"out": out, "files": written, "parts": characters.PARTS},
        f"{out}: a character in {len(characters.DIRECTIONS)} directions",
        as_json,
    )
