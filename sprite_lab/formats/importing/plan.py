"""Reads the named files, and plans what importing them would give."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Generator, Mapping, Sequence, Set
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.errors import FileError
from sprite_lab.core.records import Progress
from sprite_lab.core.run import Run, RunControl
from sprite_lab.core.sets.imports import (
    Background,
    FileContents,
    FoundPicture,
    ImportChoices,
    ImportPlan,
    Refusal,
)
from sprite_lab.core.shares import any_stopped, group_of
from sprite_lab.formats.importing.arrays import is_array
from sprite_lab.formats.importing.background import rim_color
from sprite_lab.formats.importing.companions import Companions, companions_of
from sprite_lab.formats.importing.decode import is_picture
from sprite_lab.formats.importing.fitting import content_box
from sprite_lab.formats.importing.found import (
    Found,
    UncutError,
    find_in_arrays,
    find_in_picture,
    find_in_table,
)
from sprite_lab.formats.importing.naming import (
    Names,
    class_folders,
    classes_of,
    order_of_classes,
    printable,
    wording_of,
)
from sprite_lab.formats.importing.sources import Archives, Entry, walk
from sprite_lab.formats.importing.tables import is_table
from sprite_lab.words import tr, trn

Read = TypeVar("Read", bound=Found | Refusal)

#: Size limit of all previews in a plan, in bytes; pictures beyond it have no preview.
MOST_PREVIEWS = 256_000_000

#: If there may be more sprites than fit into memory: maximum number of files planned together, and
#: their maximum size in bytes, unless a single file is larger.
PART_FILES, PART_BYTES = 256, 64_000_000

#: Usual suffixes of supported files; their contents decide what they are.
_SUFFIXES = {
    *(".png", ".apng", ".gif", ".webp", ".bmp", ".jpg", ".jpeg", ".ase", ".aseprite"),
    *(".npy", ".npz", ".parquet", ".zip"),
}


#: What was found in each file, by path, with the choices used, so that after a changed choice only
#: the files that it concerns are read again. Used by one plan at a time.
ImportCache = dict[str, tuple[object, Found | Refusal]]


@dataclass(frozen=True, eq=False)
class PlanPart:
    """The plan for some of many files, and the path of the last one."""

    plan: ImportPlan
    last: str | None


def plan_import_iter(
    paths: Sequence[str | Path],
    choices: ImportChoices,
    control: RunControl,
    cache: ImportCache | None = None,
) -> Run[ImportPlan]:
    """Read files, folders and zip archives one by one, and plan their import.

    If stopped, the run returns the plan of what was read until then.

    ``cache``: the cache of an earlier plan for the same files, to be reused.

    Returns the plan.
    """
    cache = {} if cache is None else cache
    yield Progress(0, 0, tr("Looking through the files"))
    with Archives() as archives:
        entries, refused = _entries(paths, archives, control)
        companions = companions_of(entries)
        found = yield from _read(
            entries, range(len(entries)), refused, companions, choices, control, cache
        )
    yield Progress(len(entries), len(entries), tr("Comparing"))
    found, shown_twice = _without_contact_sheets(found, choices)
    folders = class_folders(entry for entry, _ in found)
    return _settled(found, [*refused, *shown_twice], choices, folders)


def plan_parts_iter(
    paths: Sequence[str | Path],
    choices: ImportChoices,
    control: RunControl,
    after: str | None = None,
) -> Generator[Progress | PlanPart, None, None]:
    """Like :func:`plan_import_iter`, for more sprites than fit into memory: yields a plan for each
    part, of up to PART_FILES files, to be dropped before the next. Plans have no previews.

    Equal sprites, and sheets of other files in the import, are detected only within a part. Each of
    n processes reads every n-th part, and the first one receives all of them.

    ``after``: the path of the last file of an earlier part, to continue after it.

    Raises FileError if that file no longer exists, and RunError if another process fails or finds
    other files.
    """
    yield Progress(0, 0, tr("Looking through the files"))
    group = group_of(control)
    rank, size = (0, 1) if group is None else (group.rank, group.size)
    with Archives() as archives:
        entries, refused = _entries(paths, archives, control)
        if any_stopped(control):
            return
        if group is not None:
            listed = repr([(entry.path, entry.size) for entry in entries])
            group.agree(hashlib.sha256(listed.encode("utf-8", "replace")).hexdigest())
        companions = companions_of(entries)
        folders = class_folders(entry for entry in entries if entry.suffix in _SUFFIXES)
        start = 0
        if after is not None:
            refused = []  # report them only once
            start = 1 + next((i for i, entry in enumerate(entries) if _marked(entry) == after), -1)
            if not start:
                raise FileError(
                    "'{after}', which was imported last, is gone; put it back, or delete the "
                    "unfinished store.",
                    after=after,
                )
        if refused:
            yield PlanPart(_settled([], refused, choices, {}), after)
        parts = _parts(entries, start)
        for first in range(0, len(parts), size):
            read = []
            for part in parts[first + rank : first + rank + 1]:
                refused = []
                found = yield from _read(entries, part, refused, companions, choices, control, {})
                found = [(entry, _without_preview(one)) for entry, one in found]
                refused = [_without_preview(one) for one in refused]
                found, shown_twice = _without_contact_sheets(found, choices)
                plan = _settled(found, [*refused, *shown_twice], choices, folders)
                read.append(PlanPart(plan, _marked(entries[part[-1]])))
            if any_stopped(control):
                return
            for some in [read] if group is None else group.gather(read, everywhere=False):
                yield from some


def _marked(entry: Entry) -> str:
    """The path of a file as valid Unicode, which on Linux it need not be."""
    return entry.path.encode("utf-8", "backslashreplace").decode()


def _parts(entries: Sequence[Entry], start: int) -> list[range]:
    """The indices of the files from ``start`` on, in parts that are planned together."""
    parts = []
    while start < len(entries):
        end, size = start + 1, entries[start].size
        while end < min(start + PART_FILES, len(entries)):
            size += entries[end].size
            if size > PART_BYTES:
                break
            end += 1
        parts.append(range(start, end))
        start = end
    return parts


def _entries(
    paths: Sequence[str | Path], archives: Archives, control: RunControl
) -> tuple[list[Entry], list[Refusal]]:
    entries: list[Entry] = []
    refused: list[Refusal] = []
    for item in walk(paths, archives):
        (entries if isinstance(item, Entry) else refused).append(item)  # type: ignore[arg-type]
        if control.stop_requested:
            break
    return entries, refused


def _read(
    entries: Sequence[Entry],
    part: range,
    refused: list[Refusal],
    companions: Companions,
    choices: ImportChoices,
    control: RunControl,
    cache: ImportCache,
) -> Generator[Progress, None, list[tuple[Entry, Found]]]:
    """Read some of the entries; refusals are added to ``refused``."""
    found: list[tuple[Entry, Found]] = []
    budget = MOST_PREVIEWS
    for i in part:
        entry = entries[i]
        if control.stop_requested:
            break
        if entry.path in companions.taken:
            continue
        yield Progress(i, len(entries), tr("Reading {name}", name=entry.name))
        if not choices.of(entry.path).include:
            refused.append(
                Refusal(entry.path, tr("'{name}' was left out by hand.", name=entry.name))
            )
            continue
        one = yield from _find(entry, companions, choices, cache)
        if one.preview is not None:
            budget -= one.preview.nbytes
            if budget < 0:
                one = _without_preview(one)
        if isinstance(one, Refusal):
            refused.append(one)
        else:
            found.append((entry, one))
    for i, ground in _grounds_beside(found, choices).items():
        entry, before = found[i]
        own = replace(choices.of(entry.path), background=ground)
        again = yield from _find(entry, companions, replace(choices, others=own, pictures={}), {})
        if isinstance(again, Found):
            left = before.background if ground == "none" else None
            found[i] = entry, replace(again, left_ground=left)
    return found


def _grounds_beside(
    found: Sequence[tuple[Entry, Found]], choices: ImportChoices
) -> dict[int, Background]:
    """The backgrounds of pictures, by index, that differ from those found in each picture alone.

    What at least half of the opaque pictures in a folder have applies to all: a background color,
    for pictures in which it is the most common one on the rim; or no background, as a tile's ground
    is part of it.
    """
    beside: dict[str, list[tuple[int, Found, NDArray[np.uint8]]]] = {}
    for i, (entry, one) in enumerate(found):
        automatic = one.kind == "picture" and choices.of(entry.path).background == "auto"
        if automatic and one.preview is not None and (one.preview[..., 3] == 255).all():
            beside.setdefault(entry.place, []).append((i, one, one.preview))
    grounds: dict[int, Background] = {}
    for pictures in beside.values():
        ((usual, count),) = Counter(one.background for _, one, _ in pictures).most_common(1)
        for i, one, preview in pictures if count >= max(2, len(pictures) / 2) else ():
            if usual is None and one.background is not None:
                grounds[i] = "none"
            elif one.background is None and usual == rim_color(preview):
                grounds[i] = usual
    return grounds


def _without_preview(one: Read) -> Read:
    if isinstance(one, Refusal):
        return replace(one, preview=None)
    return replace(one, preview=None, boxes=np.empty((0, 4), np.int64))


def _find(
    entry: Entry, companions: Companions, choices: ImportChoices, cache: ImportCache
) -> Generator[Progress, None, Found | Refusal]:
    """What a file contains, or why it is refused."""
    if entry.path in companions.refused:
        return companions.refused[entry.path]
    own = choices.of(entry.path)
    text, text_stamp = companions.texts.get(entry.path, (None, ()))
    labels = companions.labels.get(entry.path)
    key = (
        entry.stamp,
        text_stamp,
        labels and (labels.path, labels.stamp),
        choices.cell,
        own.larger or choices.larger,
        replace(own, class_name=None, larger=None),
    )
    before, known = cache.get(entry.path, (None, None))
    if known is not None and before == key:
        return known
    result: Found | Refusal
    try:
        head = entry.head()
        if is_picture(head):
            result = find_in_picture(entry, text, choices, own)
        elif is_array(head, entry.name):
            result = find_in_arrays(entry, labels, choices, own)
        elif is_table(head):
            result = yield from find_in_table(entry, choices, own)
        else:
            raise FileError(_unknown(entry))
    except UncutError as error:
        result = Refusal(
            entry.path,
            str(error),
            may_be_cut=True,
            left_out=error.left_out,
            guesses=error.guesses,
            preview=error.preview,
        )
    except FileError as error:
        result = Refusal(entry.path, str(error))
    except MemoryError:
        result = Refusal(
            entry.path,
            tr(
                "'{name}' needs more memory than is available; use a smaller file.", name=entry.name
            ),
        )
    cache[entry.path] = key, result
    return result


def _unknown(entry: Entry) -> str:
    if entry.suffix in _SUFFIXES:
        return tr("'{name}' is damaged, or not what its name says; save it again.", name=entry.name)
    return tr(
        "'{name}' is not a picture, array, table or archive that can be read; leave it out.",
        name=entry.name,
    )


def _without_contact_sheets(
    found: list[tuple[Entry, Found]], choices: ImportChoices
) -> tuple[list[tuple[Entry, Found]], list[Refusal]]:
    """Leave out sheets whose sprites are all beside them as single files, unless cut by hand.

    Returns what is kept, and refusals of the others.
    """
    singles: dict[str, set[bytes]] = {}
    for entry, one in found:
        if one.kind == "picture" and len(one.sprites) == 1:
            singles.setdefault(entry.place, set()).add(_form(one.sprites[0]))
    kept, refused = [], []
    for entry, one in found:
        beside = singles.get(entry.place, set())
        if one.kind == "sheet" and beside and not choices.of(entry.path).by_hand:
            forms = [_form(sprite) for sprite in one.sprites]
            if len(forms) > 1 and all(form in beside for form in forms):
                refused.append(
                    Refusal(
                        entry.path,
                        tr(
                            "'{name}' shows {count} sprites that are beside it as single files; "
                            "those were used.",
                            name=entry.name,
                            count=len(forms),
                        ),
                    )
                )
                continue
        kept.append((entry, one))
    return kept, refused


def _form(sprite: NDArray[np.uint8]) -> bytes:
    """The drawing, regardless of its place in the cell."""
    x, y, w, h = content_box(sprite)
    return bytes((w, h)) + sprite[y : y + h, x : x + w].tobytes()


def _settled(
    found: list[tuple[Entry, Found]],
    refused: list[Refusal],
    choices: ImportChoices,
    folders: Mapping[tuple[str, str], str],
) -> ImportPlan:
    """The plan: with names and classes, without what was left out by hand or as a duplicate."""
    names = Names()
    all_names = [names.of(entry, one) for entry, one in found]
    kept = _kept(found, all_names, choices)
    pictures: list[FoundPicture] = []
    duplicates = 0
    for (entry, one), its_names, keep in zip(found, all_names, kept, strict=True):
        own = choices.of(entry.path)
        classes = classes_of(entry, one, its_names, choices, own, folders)
        left_out = len(its_names) - len(keep) - sum(n in choices.dropped for n in its_names)
        duplicates += left_out
        picture = _picture(entry, one, its_names, classes, keep, left_out)
        if choices.words_from_names or one.words:
            picture = _worded(picture, entry, one, keep, every=choices.sheet_words)
        pictures.append(picture)
    if choices.words_from_names and not choices.sheet_words:
        pictures = _without_shared_words(pictures, [bool(one.words) for _, one in found])
    by_hand = choices.sprite_classes
    otherwise = {
        class_name
        for picture in pictures
        for name, class_name in zip(picture.names, picture.classes, strict=True)
        if name not in by_hand
    }
    given = [
        name for name in dict.fromkeys(map(printable, by_hand.values())) if name not in otherwise
    ]
    declared = [one.class_names for _, one in found] if choices.classes == "auto" else []
    used = [name for picture in pictures for name in picture.classes]
    return ImportPlan(
        choices=choices,
        pictures=tuple(pictures),
        refused=tuple(refused),
        class_names=order_of_classes(declared, used, given),
        duplicates=duplicates,
    )


def _kept(
    found: Sequence[tuple[Entry, Found]], names: Sequence[Sequence[str]], choices: ImportChoices
) -> list[list[int]]:
    """Which sprites of each file are kept: those not dropped by hand, and only one of equal ones.

    Of equal sprites, the first whose file states its class is kept; if there is none, the first
    that has its own file, and so a name; otherwise the first.
    """
    seen: set[bytes] = set()
    kept: list[list[int]] = [[] for _ in found]
    each = [(i, one) for i, (_, one) in enumerate(found)]
    for i, one in sorted(each, key=lambda e: (e[1].classes is None, e[1].kind != "picture")):
        tagged = _tagged_frames(one)
        for j, (name, sprite) in enumerate(zip(names[i], one.sprites, strict=True)):
            if name in choices.dropped:
                continue
            # A frame that repeats within an animation belongs to the movement.
            moves = (j and one.frames) or j in tagged
            if not choices.keep_duplicates:
                digest = hashlib.blake2b(sprite.tobytes(), digest_size=16).digest()
                if digest in seen and not moves:
                    continue
                seen.add(digest)
            kept[i].append(j)
    return kept


def _tagged_frames(one: Found) -> frozenset[int]:
    """The sprites of a sheet that are frames of an animation, according to a file beside it."""
    if one.kind != "sheet" or one.groups is None:
        return frozenset()
    groups = one.groups.tolist()
    count = Counter(groups)
    return frozenset(j for j, group in enumerate(groups) if count[group] > 1)


def _picture(
    entry: Entry,
    one: Found,
    names: Sequence[str],
    classes: Sequence[str | None],
    keep: Sequence[int],
    duplicates: int,
) -> FoundPicture:
    index = np.array(keep, np.intp)
    kept = {field.name: getattr(one, field.name) for field in fields(FileContents)}
    if len(index) < len(one.sprites):
        kept["sprites"] = one.sprites[index]
    if duplicates:
        kept["how"] = trn(
            "{how}; {n:,} duplicate left out.",
            "{how}; {n:,} duplicates left out.",
            duplicates,
            how=one.how.rstrip("."),
        )
    if len(one.boxes):
        kept["boxes"] = one.boxes[index]
    if len(one.with_background):
        kept["with_background"] = one.with_background[index]
    if one.sources:
        kept["sources"] = tuple(one.sources[i] for i in keep)
    if one.groups is not None:
        kept["groups"] = one.groups[index]
    return FoundPicture(
        **kept,
        path=entry.path,
        names=tuple(names[i] for i in keep),
        classes=tuple(classes[i] for i in keep),
        source=printable(entry.root or entry.stem),
    )


def _without_shared_words(
    pictures: Sequence[FoundPicture], of_files: Sequence[bool]
) -> list[FoundPicture]:
    """Pictures without the words that all sprite names share, as these distinguish nothing.

    ``of_files``: whether each picture has words from its own file; if any has, all pictures stay
    unchanged.
    """
    named = [one for one, own in zip(pictures, of_files, strict=True) if not own]
    texts = [text for one in named for text in one.words]
    if len(texts) < 2 or len(named) < len(pictures):
        return list(pictures)
    shared = set.intersection(*({*text.split()} for text in texts))
    return [
        replace(
            one,
            words=tuple(" ".join(w for w in t.split() if w not in shared) for t in one.words),
            offered=tuple(dict.fromkeys((*one.offered, *_ordered(one.words, shared)))),
        )
        for one in pictures
    ]


def _ordered(texts: Sequence[str], words: Set[str]) -> list[str]:
    """Those of ``words`` that are in the first text, in its order; [] if there are no texts."""
    return [word for word in texts[0].split() if word in words] if texts else []


def _worded(
    picture: FoundPicture, entry: Entry, one: Found, keep: Sequence[int], *, every: bool
) -> FoundPicture:
    """The picture with words from its file, or else from its names.

    ``every``: whether all drawings of a sheet get the words in the sheet's name.
    """
    if one.words:
        return replace(picture, words=tuple(one.words[i] for i in keep))
    read = [
        wording_of(
            entry.folder,
            one.places[i] if one.named else f"{entry.stem} {one.places[i]}",
            frame=one.frames[i] if one.frames else -1,
        )
        for i in keep
    ]
    offered: tuple[str, ...] = ()
    if not every and not one.named and not one.frames and len(one.sprites) > 1:
        outer = wording_of(entry.folder, "").words
        offered = tuple(w for w in wording_of("", entry.stem).words if w not in outer)
    words = []
    for i, wording in zip(keep, read, strict=True):
        left = {*offered} - {*wording_of("", one.places[i]).words}
        words.append(" ".join(each for each in wording.words if each not in left))
    characters = [wording.character for wording in read]
    if one.frames and one.groups is not None:  # the frames of one drawing, whatever their tags
        own = wording_of(entry.folder, entry.stem, frame=0).character
        characters = [f"{own} {one.groups[i]}" for i in keep]
    return replace(
        picture,
        words=tuple(words),
        directions=tuple(wording.direction for wording in read),
        frames=tuple(wording.frame for wording in read),
        characters=tuple(characters),
        offered=offered,
    )
