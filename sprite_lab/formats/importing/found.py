"""One file and its sprites, before the names and classes of the whole import are settled."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.core.records import Progress
from sprite_lab.core.sets.imports import (
    FileContents,
    Grid,
    ImportChoices,
    Kind,
    Larger,
    PictureChoices,
)
from sprite_lab.core.sets.sprites import BACKGROUND, alpha_from_background
from sprite_lab.formats.importing.arrays import ArraySprites, read_arrays
from sprite_lab.formats.importing.background import LOSSY_TOLERANCE, find_background, has_color
from sprite_lab.formats.importing.cutting import (
    UNSURE_COST,
    Pieces,
    cut_by_text,
    cut_picture,
)
from sprite_lab.formats.importing.decode import Decoded, decode
from sprite_lab.formats.importing.fitting import MOST_REDUCTION, Fitted, fit
from sprite_lab.formats.importing.pixel_size import at_pixel_size, find_pixel_size
from sprite_lab.formats.importing.sheet_json import SheetText
from sprite_lab.formats.importing.sources import Entry
from sprite_lab.formats.importing.tables import read_table
from sprite_lab.words import marked, tr, trn

#: Number of sprites examined for a background, and of those that it is removed from at once, which
#: takes several times their memory.
_LOOKED_AT, _BLOCK = 256, 8192


class UncutError(FileError):
    """The cut of a picture yielded no sprites, but another cut might.

    Parameters
    ----------
    left_out : the longest side of what was left out as larger than a sprite, in pixels.
    guesses : other possible grids, the likeliest first.
    preview : uint8 (H, W, 4), the picture's first frame.
    """

    def __init__(
        self, text: str, left_out: int, guesses: tuple[Grid, ...], preview: NDArray[np.uint8]
    ) -> None:
        super().__init__(text)
        self.left_out = left_out
        self.guesses = guesses
        self.preview = preview


@dataclass(frozen=True, eq=False, kw_only=True)
class Found(FileContents):
    """What one file contains: a :class:`FoundPicture` before names and classes are settled."""

    places: tuple[str, ...]  #: (M), the part of each name that distinguishes it; "" if alone
    #: whether the places are complete names, without the file name before them
    named: bool = False
    frames: tuple[int, ...] = ()  #: frame number of each sprite, from 0; () = none
    words: tuple[str, ...] = ()  #: words from the file itself, for each sprite; () = none
    #: classes from the file itself, for each sprite; None = none
    classes: tuple[str | None, ...] | None = None
    class_names: tuple[str, ...] = ()  #: all class names of the file, in its order


def find_in_picture(
    entry: Entry, text: SheetText | None, choices: ImportChoices, own: PictureChoices
) -> Found:
    """The sprites of a picture file; ``text``: the description in a file beside it.

    Raises FileError if there are none, with the reason.
    """
    decoded = decode(entry.read(), entry.name)
    if text is not None:
        text = text.on(*decoded.frames.shape[1:3])
        text = text if _is_asked(text, own, decoded) else None
    by_text = text is not None and text.grid is None
    if text is not None and text.grid is None:
        pieces = cut_by_text(decoded, text, entry.name, own)
    else:
        grid = None if text is None else text.grid
        pieces = cut_picture(decoded, entry.name, choices.cell, own, grid, entry.nearest_folders)
    larger = own.larger or choices.larger
    fitted = fit(pieces.arts, choices.cell, larger, alike=pieces.cut == "grid" or pieces.frames > 1)
    if not (own.by_hand and fitted.left_out):
        # A manual cut stays visible, so that it can be corrected.
        _check_any(entry.name, pieces, fitted)
    places = _named_by_tag(decoded, pieces)
    return Found(
        kind=_kind(decoded, pieces),
        how=_how(pieces, fitted, text),
        preview=pieces.preview,
        grid=pieces.grid,
        boxes=pieces.boxes[fitted.index],
        sprites=fitted.sprites,
        places=tuple(places[i] for i in fitted.index),
        named=by_text,
        frames=_frames(pieces, fitted.index),
        groups=pieces.group[fitted.index] if pieces.frames > 1 or by_text else None,
        warnings=(
            *_warnings(pieces, fitted),
            *_absent(decoded.frames, own, LOSSY_TOLERANCE if decoded.lossy else 0),
            *decoded.notes,
        ),
        larger=fitted.larger > 0,
        left_out=fitted.left_out,
        certainty=float(max(0.0, 1.0 - pieces.cost)),
        guesses=pieces.guesses,
        left_ground=pieces.left_ground,
        background=pieces.background,
        with_background=pieces.with_background[fitted.index],
    )


def _is_asked(text: SheetText, own: PictureChoices, decoded: Decoded) -> bool:
    """Whether a description of a picture should and can be followed."""
    height, width = decoded.frames.shape[1:3]
    if text.grid is not None:
        return not own.by_hand and min(text.grid.counts(height, width)) > 0
    fits = text.named or all(text.box_of(frame, width, height) for frame in text.frames)
    return fits and own.cut in ("auto", "frames") and own.grid is None


def find_in_arrays(
    entry: Entry, labels: Entry | None, choices: ImportChoices, own: PictureChoices
) -> Found:
    """The sprites of an array file with their labels.

    Raises FileError if there are none, with the reason.
    """
    read = read_arrays(entry, labels)
    absent = _absent(read.rgba, own)
    rgba, background = _without_ground(read, own)
    larger = own.larger or choices.larger
    size = find_pixel_size(rgba) if max(rgba.shape[1:3]) > choices.cell else None
    how = f"{read.layout[0].upper()}{read.layout[1:]}"
    if size is not None and size.scale > 1:
        rgba = at_pixel_size(rgba, size)
        how += tr(", enlarged {scale} times and reduced to its own size", scale=size.scale)
    drawn = np.flatnonzero(rgba[..., 3].any(axis=(1, 2)))
    fitted = _fit_all(rgba[drawn], choices.cell, larger)
    kept = drawn[fitted.index]
    if not len(kept):
        raise FileError(_nothing_left(entry.name, len(drawn), fitted))
    if labels is not None:
        how += tr(", with the labels of '{name}'", name=labels.name)
    if background is not None:
        how += tr("; {color} was treated as background", color=_color(background))
    if len(drawn) < len(rgba):
        how += tr(
            "; {counted} left out",
            counted=trn("{n:,} empty one", "{n:,} empty ones", len(rgba) - len(drawn)),
        )
    classes = None
    if read.labels is not None:
        named = (*read.class_names, None)  # -1 is the last: none
        classes = tuple(named[read.labels[i]] for i in kept)
    return Found(
        kind="array",
        how=f"{how}.",
        sprites=fitted.sprites,
        places=tuple(read.names[i] or str(i + 1) if read.names else str(i + 1) for i in kept),
        named=bool(read.names),
        classes=classes,
        class_names=read.class_names,
        sources=tuple(read.source[i] for i in kept) if read.source else (),
        words=tuple(read.words[i] for i in kept) if read.words else (),
        groups=None if read.group is None else read.group[kept],
        credits=read.credits,
        warnings=(*read.warnings, *absent, *_size_warnings(fitted)),
        larger=fitted.larger > 0,
        left_out=fitted.left_out,
    )


def find_in_table(
    entry: Entry, choices: ImportChoices, own: PictureChoices
) -> Generator[Progress, None, Found]:
    """The sprites of a table, one per row, with their labels.

    Raises FileError if there are none, with the reason.
    """
    larger = own.larger or choices.larger
    whole = replace(own, cut="whole", grid=None)
    sprites, places, classes, refused, absent = [], [], [], [], []
    large = total = 0
    for number, total, row in read_table(entry):
        if number % 64 == 0:
            yield Progress(number, total, tr("Reading {name}", name=entry.name))
        if row.picture is None:
            refused.append(tr("row {number}: {why}", number=number + 1, why=row.why))
            continue
        still = replace(row.picture, frames=row.picture.frames[:1])
        absent.append(_absent(still.frames, own, LOSSY_TOLERANCE if still.lossy else 0))
        pieces = cut_picture(still, entry.name, choices.cell, whole)
        fitted = fit(pieces.arts, choices.cell, larger, alike=False)
        large += fitted.larger
        if not len(fitted.sprites):
            why = tr("it is too large") if fitted.larger else tr("nothing is drawn on it")
            refused.append(tr("row {number}: {why}", number=number + 1, why=why))
            continue
        sprites.append(fitted.sprites[0])
        places.append(row.name or str(number + 1))
        classes.append(row.class_name)
    if not sprites:
        reason = f" ({refused[0]})" if refused else ""
        raise FileError(
            "'{name}' has no rows with a sprite{reason}; choose another file.",
            name=entry.name,
            reason=reason,
        )
    together = Fitted(
        np.stack(sprites), np.arange(len(sprites)), choices.cell, larger, larger=large
    )
    warnings = _size_warnings(together)
    if all(absent):
        warnings += absent[0]
    if refused:
        warnings += (
            tr(
                "{counted} left out ({refused}{count}).",
                counted=trn("{n:,} row", "{n:,} rows", len(refused)),
                refused="; ".join(refused[:3]),
                count="; ..." if len(refused) > 3 else "",
            ),
        )
    return Found(
        kind="table",
        how=trn(
            "A table of {n:,} row with pictures.", "A table of {n:,} rows with pictures.", total
        ),
        sprites=together.sprites,
        places=tuple(places),
        classes=tuple(classes) if any(classes) else None,
        warnings=warnings,
        larger=large > 0,
    )


def _without_ground(
    read: ArraySprites, own: PictureChoices
) -> tuple[NDArray[np.uint8], tuple[int, int, int] | None]:
    """The pictures without their background, and its color; None = it is white, or was kept."""
    rgba, shown = read.rgba, None
    if own.background != "none" and (read.opaque or own.background != "auto"):
        sample = rgba[:_LOOKED_AT]
        ground = find_background(sample.reshape(1, -1, *sample.shape[2:]), own.background)
        ground = ground or BACKGROUND
        shown = None if ground == BACKGROUND else ground
        for start in range(0, len(rgba), _BLOCK):
            block = rgba[start : start + _BLOCK]
            around = alpha_from_background(block[..., :3], ground)
            np.minimum(block[..., 3], around, out=block[..., 3])
    rgba[rgba[..., 3] == 0] = 0
    return rgba, shown


def _fit_all(rgba: NDArray[np.uint8], cell: int, larger: Larger) -> Fitted:
    """Like :func:`fit`, but all at once if none is larger than a cell: there may be a million."""
    count, height, width = rgba.shape[:3]
    if max(height, width) > cell:
        return fit(list(rgba), cell, larger, alike=True)
    sprites = np.zeros((count, cell, cell, 4), np.uint8)
    top, left = (cell - height) // 2, (cell - width) // 2
    sprites[:, top : top + height, left : left + width] = rgba
    smaller = count if max(height, width) < cell else 0
    return Fitted(sprites, np.arange(count), cell, larger, smaller=smaller)


def _check_any(name: str, pieces: Pieces, fitted: Fitted) -> None:
    if not len(fitted.sprites):
        why = _nothing_left(name, len(pieces.arts), fitted)
        if not pieces.arts:
            raise FileError(why)
        grids = (pieces.grid, *pieces.guesses) if pieces.grid else pieces.guesses
        raise UncutError(why, fitted.left_out, grids, pieces.preview)


def _nothing_left(name: str, drawn: int, fitted: Fitted) -> str:
    """A sentence on why a file has no sprites."""
    if not drawn:
        return tr("Nothing is drawn on '{name}'; choose another file.", name=name)
    if fitted.how == "refuse":
        return tr(
            "'{name}' is larger than {cell}×{cell} pixels at its own pixel size; choose larger "
            "sprites, or let it be cropped or reduced.",
            name=name,
            cell=fitted.cell,
        )
    return tr(
        "'{name}' is over {most_reduction} times as large as sprites of {cell}×{cell} pixels at "
        "its own pixel size, and no grid or separate drawings were found on it; cut it by a grid "
        "or shrink it first.",
        name=name,
        most_reduction=MOST_REDUCTION,
        cell=fitted.cell,
    )


def _kind(decoded: Decoded, pieces: Pieces) -> Kind:
    if decoded.kind != "picture":
        return decoded.kind
    return "picture" if pieces.cut == "whole" else "sheet"


def _named_by_tag(decoded: Decoded, pieces: Pieces) -> tuple[str, ...]:
    """The places, preceded by their frame's tag if there is one."""
    if not decoded.tags or pieces.frames == 1:
        return pieces.places
    frames = (int(place.split()[0]) for place in pieces.places)
    return tuple(
        f"{decoded.tags[frame - 1]} {place}".strip()
        for frame, place in zip(frames, pieces.places, strict=True)
    )


def _frames(pieces: Pieces, index: NDArray[np.intp]) -> tuple[int, ...]:
    """The frame number of each sprite, from 0; () = the file has a single frame."""
    if pieces.frames == 1:
        return ()
    return tuple(int(pieces.places[i].split()[0]) - 1 for i in index)


def _how(pieces: Pieces, fitted: Fitted, text: SheetText | None) -> str:
    height, width = pieces.preview.shape[:2]
    size = tr("{width}×{height} pixels", width=width, height=height)
    if text is not None and text.grid is None:
        what = tr(
            "A sheet of {counted}, as '{file}' says",
            counted=trn("{n:,} frame", "{n:,} frames", len(pieces.arts)),
            file=text.file,
        )
    elif pieces.grid is not None:
        what = _cells_in_words(pieces, pieces.grid, text)
    elif pieces.cut == "drawings":
        what = trn(
            "{n:,} drawing not on a grid",
            "{n:,} drawings not on a grid",
            len(pieces.arts),
        )
    elif pieces.frames > 1:
        what = tr("An animation of {frames} frames of {size}", frames=pieces.frames, size=size)
    else:
        what = tr("One picture of {size}", size=size)
    if pieces.scale > 1:
        what += tr(", enlarged {scale} times and reduced to its own size", scale=pieces.scale)
    if pieces.background is not None:
        what += tr(", on {color}", color=_color(pieces.background))
    if fitted.larger == len(pieces.arts) and fitted.how != "refuse":
        how = (
            marked("; cropped to {n}×{n}")
            if fitted.how == "crop"
            else marked("; reduced to {n}×{n}")
        )
        what += tr(how, n=fitted.cell)
    elif fitted.smaller == len(pieces.arts) and not fitted.larger:
        what += tr("; centered in {cell}×{cell}", cell=fitted.cell)
    if pieces.empty:
        what += (
            trn("; {n:,} empty cell left out", "; {n:,} empty cells left out", pieces.empty)
            if pieces.cut != "whole"
            else trn("; {n:,} empty frame left out", "; {n:,} empty frames left out", pieces.empty)
        )
    if pieces.titled:
        what += tr("; text beside the drawings left out")
    return f"{what}."


def _cells_in_words(pieces: Pieces, grid: Grid, text: SheetText | None) -> str:
    """Description of the grid that cut a picture, and where it came from."""
    height, width = pieces.preview.shape[:2]
    rows, columns = grid.counts(height, width)
    cells = tr(
        "{columns}×{rows} cells of {width}×{height} pixels",
        columns=columns,
        rows=rows,
        width=grid.cell[1],
        height=grid.cell[0],
    )
    what = (
        tr("{frames} frames of {cells}", frames=pieces.frames, cells=cells)
        if pieces.frames > 1
        else tr("A sheet of {cells}", cells=cells)
    )
    if max(grid.spacing):
        down, across = grid.spacing
        apart = (
            f"{across}"
            if down == across or rows == 1
            else tr("{across} and {down}", across=across, down=down)
        )
        apart = f"{down}" if columns == 1 else apart
        what += tr(", {apart} apart", apart=apart)
    if max(grid.offset):
        what += tr(
            ", starting at ({left},\N{NO-BREAK SPACE}{top})",
            left=grid.offset[1],
            top=grid.offset[0],
        )
    if text is not None:
        what += tr(", as '{file}' says", file=text.file)
    return what


def _warnings(pieces: Pieces, fitted: Fitted) -> tuple[str, ...]:
    warnings = []
    if pieces.grid is not None and pieces.cost > UNSURE_COST:
        warnings.append(
            tr(
                "This grid is a guess ({value:.0%} sure); check whether it fits.",
                value=max(0.0, 1 - pieces.cost),
            )
        )
    return (*warnings, *_size_warnings(fitted))


def _absent(frames: NDArray[np.uint8], own: PictureChoices, tolerance: int = 0) -> tuple[str, ...]:
    """A warning if the chosen background is nowhere in the frames, uint8 (F, H, W, 4)."""
    color = own.background
    if isinstance(color, str) or has_color(frames, color, tolerance):
        return ()
    return (
        tr("No pixel has the color {color}, so no background was removed.", color=_color(color)),
    )


def _size_warnings(fitted: Fitted) -> tuple[str, ...]:
    if not fitted.larger:
        return ()
    n = fitted.larger
    what = trn(
        "{n:,} drawing is larger than {cell}×{cell} pixels",
        "{n:,} drawings are larger than {cell}×{cell} pixels",
        n,
        cell=fitted.cell,
    )
    done: dict[Larger, str] = {
        "crop": trn("only its middle was kept", "only their middle was kept", n),
        "nearest": trn(
            "pixels were left out to make it fit", "pixels were left out to make them fit", n
        ),
        "refuse": trn("it was left out", "they were left out", n),
    }
    return (f"{what}: {done[fitted.how]}.",)


def _color(rgb: Sequence[int]) -> str:
    return f"#{rgb[0]:02x}{rgb[1]:02x}{rgb[2]:02x}"
