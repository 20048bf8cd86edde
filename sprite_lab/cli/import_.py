"""``sprite-lab import``: a set of sprites from pictures, sheets, folders, archives and arrays."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import NoReturn

import typer

from sprite_lab.cli.console import counted, print_error, print_json, print_line
from sprite_lab.cli.follow import INTERRUPTED, follow
from sprite_lab.cli.options import (
    Given,
    Json,
    argument,
    as_usage,
    check_out,
    option,
    with_request,
    with_settings,
)
from sprite_lab.core.errors import FileError
from sprite_lab.core.pixels.palette import from_hex, to_hex
from sprite_lab.core.run import RunControl
from sprite_lab.core.sets.imports import (
    CELLS,
    SURE,
    Background,
    FoundPicture,
    Grid,
    ImportChoices,
    ImportPlan,
    PictureChoices,
    Refusal,
)
from sprite_lab.core.sets.sprites import SpriteSet


@dataclass(frozen=True, kw_only=True)
class Request:
    """Options of the command."""

    paths: list[Path] = argument(
        "Pictures, sprite sheets, Aseprite files, folders, zip archives, .npy, .npz or Parquet "
        "files.",
        metavar="IN",
        show_default=False,
    )
    out: Path = option(
        "The set to write: a file, or a store for very many sprites, which can be stopped and "
        "continued with the same command.",
        metavar="FILE.npz|NAME.sprites",
    )
    given: Given
    class_patterns: list[str] | None = option(
        "The class of sprites whose name or path fits, '*sword*=item'; the first that fits "
        "decides. May be given again.",
        None,
        flag="--class-pattern",
        metavar="GLOB=CLASS",
    )
    grid: str | None = option(
        "Cut every picture by this grid, in pixels: 16, 16x24, 16+1 or 16+1+1. By default the "
        "grid of each sheet is found.",
        None,
        metavar="CELL[xHEIGHT][+MARGIN][+SPACING]",
        show_default=False,
    )
    background: str = option(
        "The color to remove around the drawings of every picture: as found in each, none, or "
        "one given as '#ff00ff'.",
        "auto",
        metavar="auto|none|#RRGGBB",
    )
    own: Given
    as_json: Json = False


@with_settings("given", ImportChoices())
@with_settings("own", PictureChoices(), "cut", "holes")
@with_request(Request)
def import_(request: Request) -> int:
    """Make a set of sprites (.npz, or a store) from any files, and report what was found, what was
    refused, and why.

    Started by torchrun, many processes share the work of making a store; all must see the files.
    """
    out, paths = request.out, request.paths
    if out.suffix.lower() == ".sprites" and out.is_dir():
        raise FileError(f"'{out}' already exists; delete it, or choose another name.")
    check_out(out, ".npz", ".sprites")
    with as_usage():
        choices = _choices(request)
    if out.suffix.lower() == ".sprites":
        return _into_store(paths, choices, out, request.as_json)
    from sprite_lab.data.datasets import with_near_copies
    from sprite_lab.engine.launch import is_launched
    from sprite_lab.formats.importing import plan_import_iter
    from sprite_lab.formats.sets.sprites import save_sprites

    if is_launched():
        raise typer.BadParameter("Several processes make a store: --out NAME.sprites.")
    control = RunControl()
    run = plan_import_iter(paths, choices, control)
    plan = follow("Importing", run, control, "stopping: nothing will be written")
    if control.stop_requested:
        print_error("interrupted: nothing was written")
        return INTERRUPTED
    written = None
    if len(plan):
        written = with_near_copies(plan.sprite_set(out.stem))
        save_sprites(out, written)
    if request.as_json:
        print_json(_facts(out, plan, written))
    else:
        _tell(out, plan, written)
    return 0 if written is not None else _fail(plan.refused, len(plan.refused))


def _into_store(paths: Sequence[Path], choices: ImportChoices, out: Path, as_json: bool) -> int:
    from sprite_lab.data.near_copies import joined_groups_iter
    from sprite_lab.engine.launch import shared_work
    from sprite_lab.formats.importing.into_store import import_store_iter

    with shared_work() as control:
        find_groups = partial(joined_groups_iter, control=control)
        run = import_store_iter(paths, choices, out, control, find_groups)
        found = follow("Importing", run, control, "stopping: what was read is kept")
    if not control.leads:
        return INTERRUPTED if control.stop_requested else 0
    written = found.sprites
    facts = {
        "out": None if written is None else out,
        "count": found.count,
        "class_names": [] if written is None else list(written.class_names),
        "as_it_is": found.as_it_is,
        "duplicates": found.duplicates,
        "refused_count": found.refused_count,
        "refused": _refusals(found.refused),
    }
    if as_json:
        print_json(facts)
    else:
        for refusal in found.refused:
            print_line(f"{refusal.path}: refused. {refusal.why}")
        if written is not None:
            note = " It was a set already and was taken as it is." if found.as_it_is else ""
            files = counted(found.refused_count, "file")
            print_line(f"{out}: {counted(found.count, 'sprite')}; {files} refused.{note}")
    if control.stop_requested and written is None:
        print_error(f"interrupted after {counted(found.count, 'sprite')}; the same command goes on")
        return INTERRUPTED
    return 0 if written is not None else _fail(found.refused, found.refused_count)


def _fail(refused: Sequence[Refusal], count: int) -> NoReturn:
    """Report why nothing was written; ``count``: the number of all refused files."""
    raise FileError(
        refused[0].why if count == 1 else "No sprites were found, so nothing was written."
    )


def _choices(request: Request) -> ImportChoices:
    if request.grid is not None and request.own["cut"] not in ("auto", "grid"):
        raise typer.BadParameter("A grid cuts by a grid; give one of --grid and --cut.")
    others = PictureChoices(
        grid=None if request.grid is None else Grid.parse(request.grid),
        background=_background(request.background),
        **request.own,
    )
    patterns = _patterns(request.class_patterns or [])
    return ImportChoices(**request.given, patterns=patterns, others=others)


def _background(text: str) -> Background:
    if text == "auto":
        return "auto"
    if text == "none":
        return "none"
    if not re.fullmatch("#?[0-9a-fA-F]{6}", text):
        raise typer.BadParameter(
            f"'{text}' is no background; give auto, none or a color such as '#ff00ff'.",
            param_hint="--background",
        )
    return from_hex(text)[:3]


def _patterns(given: list[str]) -> tuple[tuple[str, str], ...]:
    patterns = []
    for text in given:
        pattern, equals, class_name = text.rpartition("=")
        if not equals or not pattern or not class_name.strip():
            raise typer.BadParameter(
                f"'{text}' is no GLOB=CLASS, such as '*sword*=item'.", param_hint="--class-pattern"
            )
        patterns.append((pattern, class_name.strip()))
    return tuple(patterns)


def _facts(out: Path, plan: ImportPlan, written: SpriteSet | None) -> dict[str, object]:
    """The facts printed by ``--json``."""
    per_class = Counter(name for picture in plan.pictures for name in picture.classes)
    return {
        "out": None if written is None else out,
        "count": len(plan),
        "cell": plan.choices.cell,
        "class_names": list(plan.class_names),
        "classes": {name: per_class[name] for name in plan.class_names},
        "without_class": per_class[None],
        "groups": 0 if written is None else len(set(written.group.tolist())),  # type: ignore[union-attr]
        "duplicates": plan.duplicates,
        "idle_patterns": list(plan.idle_patterns),
        "found": [
            {
                "path": picture.path,
                "kind": picture.kind,
                "how": picture.how,
                "count": len(picture.sprites),
                "grid": None
                if picture.grid is None
                else {
                    "cell": list(picture.grid.cell),
                    "offset": list(picture.grid.offset),
                    "spacing": list(picture.grid.spacing),
                    "certainty": round(picture.certainty, 3),
                },
                "other_grids": [str(grid) for grid in picture.guesses],
                "larger": picture.larger,
                "warnings": list(picture.warnings),
            }
            for picture in plan.pictures
        ],
        "refused": _refusals(plan.refused),
    }


def _refusals(refused: Sequence[Refusal]) -> list[dict[str, str]]:
    return [{"path": refusal.path, "why": refusal.why} for refusal in refused]


def _sameness(picture: FoundPicture) -> tuple[str, str, tuple[str, ...]]:
    """A key for grouping: neighboring pictures with equal keys share one line."""
    return picture.path.rpartition("/")[0], picture.how, picture.warnings


def _on_ground(pictures: Sequence[FoundPicture]) -> Iterator[str]:
    """Hints about background colors that were kept around or inside drawings."""
    inside = Counter[tuple[int, int, int]]()
    for color, count in filter(None, (picture.inside for picture in pictures)):
        inside[color] += count
    for color, count in inside.items():
        filled = f"{to_hex((*color, 255))} also fills parts inside {counted(count, 'drawing')}"
        yield f"{filled}, where it stays; --holes removes it."
    for color in dict.fromkeys(filter(None, (picture.left_ground for picture in pictures))):
        ground = to_hex((*color, 255))
        yield f"the drawings stand on {ground}, which is kept; --background '{ground}' removes it."


def _on_doubt(pictures: Sequence[FoundPicture], choices: ImportChoices) -> Iterator[str]:
    """Hints about uncertain grids, and the other grids that are possible."""
    unsure = [picture for picture in pictures if picture.certainty < SURE and picture.guesses]
    if len(pictures) > 1 and unsure:
        files = "1 of these files is" if len(unsure) == 1 else f"{len(unsure)} of them are"
        yield (
            f"{files} cut with less than {SURE:.0%} certainty, such as {unsure[0].path}; import it "
            "alone to see other grids."
        )
    elif unsure and (grids := _to_try(unsure[0].guesses, choices)):
        sure = f"{unsure[0].certainty:.0%} sure"
        told = any(sure in warning for warning in unsure[0].warnings)
        cut = "if it is not as meant" if told else f"this cut is {sure}; if it is not as meant"
        yield f"{cut}, try {grids}."


def _to_try(guesses: Sequence[Grid], choices: ImportChoices) -> str:
    """The options that select one of these grids; larger cells need larger sprites."""
    options = []
    for grid in guesses:
        sides = [side for side in CELLS if side >= max(grid.cell)]
        if Grid.parse(str(grid)) != grid:
            continue  # the option cannot express it
        if choices.larger != "refuse" or max(grid.cell) <= choices.cell:
            options.append(f"--grid {grid}")
        elif sides:
            options.append(f"--cell {sides[0]} --grid {grid}")
    return " or ".join(options)


def _tell(out: Path, plan: ImportPlan, written: SpriteSet | None) -> None:
    """Print the result in words."""
    for (_, how, warnings), alike in groupby(plan.pictures, key=_sameness):
        pictures = list(alike)
        sprites = counted(sum(len(picture.sprites) for picture in pictures), "sprite")
        named = pictures[0].path
        if len(pictures) > 1:
            named += f" and {len(pictures) - 1} more like it"
        print_line(f"{named}: {sprites}. {how}")
        for note in (*warnings, *_on_ground(pictures), *_on_doubt(pictures, plan.choices)):
            print_line(f"  note: {note}")
    for refusal in plan.refused:
        print_line(f"{refusal.path}: refused. {refusal.why}")
        if grids := _to_try(refusal.guesses, plan.choices):
            print_line(f"  note: it may be meant to be cut by {grids}.")
    for pattern in plan.idle_patterns:
        print_line(f"note: no sprite has a name or path like '{pattern}' of --class-pattern.")
    if written is None:
        return
    sentence = f"{out}: {counted(len(written), 'sprite')}"
    if plan.class_names:
        noun = "class" if len(plan.class_names) == 1 else "classes"
        sentence += f" in {len(plan.class_names)} {noun}"
    sentence += f"; {counted(len(plan.refused), 'file')} refused"
    if plan.duplicates:
        sentence += f"; {counted(plan.duplicates, 'exact duplicate')} left out"
    print_line(f"{sentence}.")
