"""Trajectories in an ``.npz``: a single one, with x0, x_t, t and log_snr, or a tree of branches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import numpy as np

from sprite_lab.core import strict_json
from sprite_lab.core.arrays import AnyArray
from sprite_lab.core.config_text import config_from_text, config_text
from sprite_lab.core.errors import FileError
from sprite_lab.core.plain import from_plain, to_plain
from sprite_lab.core.schemas import check_schema
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.core.trajectories.branches import Branch, BranchTree
from sprite_lab.core.trajectories.trajectory import PICTURES, Trajectory, Walk, stored_type
from sprite_lab.formats.arrays import ArrayArchive, open_npz, write_npz
from sprite_lab.formats.reading import reading

SCHEMA_VERSION = 1

_FLOATS = {*PICTURES, "t", "log_snr"}


def save_trajectory(path: str | Path, trajectory: Trajectory) -> None:
    """Write a trajectory: x0 and x_t as float32 (K, N, H, W, 3), t and log_snr as float32 (K,).

    If the model drew alpha, alpha and noisy_alpha are float32 (K, N, H, W); with guidance, there is
    x0_uncond like x0, and with a drawing, x0_free. ``kind``, ``model``, ``prompts`` and, if there
    is one, ``config`` are stored as text, ``branched_at`` as a number, and ``walk`` as ``planned``
    and ``visited``.
    """
    write_npz(path, _arrays(trajectory, np.float32))


def load_trajectory(path: str | Path) -> Trajectory:
    """Open a trajectory; raises FileError with one sentence if it is not one."""
    path = Path(path)
    with reading(path, "a trajectory (.npz)"), open_npz(path) as archive:
        return _read(archive, path.name)


# -- trees ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class _BranchFacts:
    """A :class:`.Branch` without its trajectory, whose arrays are in a folder of the archive, named
    after ``number``.
    """

    number: int
    parent: int | None
    t: float
    log_snr: float
    changed: str
    name: str
    sprites: tuple[int, ...]


@dataclass(frozen=True)
class _TreeFacts:
    """Everything in a tree but trajectories; ``shown``: number of the branch on the stage."""

    branches: tuple[_BranchFacts, ...]
    made: int
    shown: int


def save_tree(path: Path, tree: BranchTree, shown: int) -> None:
    """Write all branches of a tree, with arrays as precise as in memory.

    ``shown``: number of the branch on the stage.
    """
    facts = _TreeFacts(
        tuple(
            _BranchFacts(b.number, b.parent, b.t, b.log_snr, b.changed, b.name, b.sprites)
            for b in tree.branches
        ),
        tree.made,
        shown,
    )
    document = {"schema_version": SCHEMA_VERSION, **to_plain(facts)}

    def arrays() -> Iterator[tuple[str, object]]:
        yield "tree", np.asarray(strict_json.dumps(document))
        for branch in tree.branches:
            for name, array in _arrays(branch.trajectory):
                yield f"{branch.number}/{name}", array

    write_npz(path, arrays())


def load_tree(path: Path) -> tuple[BranchTree, int]:
    """Open a tree of branches; returns it and the number of the branch to show.

    Raises FileError if the file cannot be read.
    """
    with reading(path, "a tree of branches (.npz)"), open_npz(path) as archive:
        document = strict_json.loads(archive.text("tree")[0])
        check_schema(document.pop("schema_version", None), SCHEMA_VERSION, f"'{path.name}'")
        facts = from_plain(_TreeFacts, document)
        branches = tuple(
            Branch(trajectory=_read(archive.under(f"{b.number}/"), path.name), **vars(b))
            for b in facts.branches
        )
        _check_tree(branches, facts)
        return BranchTree(branches, facts.made), facts.shown


def _check_tree(branches: tuple[Branch, ...], facts: _TreeFacts) -> None:
    """Raise ValueError unless the first branch is the root, all others leave an earlier branch and
    hold only sprites of the root, and the numbers are valid.
    """
    numbers = [branch.number for branch in branches]
    count = branches[0].trajectory.count
    holds = branches[0].parent is None and facts.shown in numbers
    holds = holds and all(b.parent in numbers[:k] for k, b in enumerate(branches[1:], 1))
    holds = holds and len({*numbers}) == len(numbers) and max(numbers) < facts.made
    for branch in branches:
        own = branch.sprites
        holds = holds and len(own) == branch.trajectory.count and {*own} <= {*range(count)}
    if not holds:
        raise ValueError("it is no tree")


# -- arrays --------------------------------------------------------------------------------


def _arrays(
    trajectory: Trajectory, precision: type[np.float32] | None = None
) -> Iterator[tuple[str, object]]:
    """Name and value of each array; ``precision``: dtype of the pictures, None = unchanged."""
    # One by one, as a long trajectory takes hundreds of megabytes in float32.
    for name, array in trajectory.pictures.items():
        yield name, array.astype(precision or array.dtype, copy=False)
    yield "t", np.asarray(trajectory.t, np.float32)
    yield "log_snr", np.asarray(trajectory.log_snr, np.float32)
    yield "kind", np.asarray(trajectory.kind)
    if trajectory.config is not None:
        yield "config", np.asarray(config_text(trajectory.config))
    if trajectory.branched_at is not None:
        yield "branched_at", np.asarray(trajectory.branched_at)
    if trajectory.model:
        yield "model", np.asarray(trajectory.model)
    if trajectory.prompts:
        prompts = [to_plain(prompt) for prompt in trajectory.prompts]
        yield "prompts", np.asarray(strict_json.dumps(prompts))
    if trajectory.walk is not None:
        yield "planned", trajectory.walk.levels
        yield "visited", trajectory.walk.at


def _read(archive: ArrayArchive, name: str) -> Trajectory:
    """Read a trajectory; ``name``: name of its file."""
    _check_headers(archive, name)
    t = archive.read("t").astype(np.float32)
    log_snr = archive.read("log_snr").astype(np.float32)
    if not np.isfinite(log_snr).all() or (np.diff(t) > 0).any() or not np.isfinite(t).all():
        raise FileError("The noise levels in '{name}' are not in order.", name=name)
    kind = archive.text("kind")[0] if "kind" in archive else "reverse"
    if kind not in ("forward", "reverse"):
        raise FileError(
            "'{name}' is a trajectory of an unknown kind, '{kind}'.", name=name, kind=kind
        )
    text = archive.text("config")[0] if "config" in archive else ""
    fine = stored_type(log_snr)

    def optional(key: str, kind: type[np.float16 | np.float32]) -> AnyArray | None:
        return _stored(archive, key, name, kind) if key in archive else None

    x_t = _stored(archive, "x_t", name, fine)
    return Trajectory(
        kind=cast(Literal["forward", "reverse"], kind),
        t=t,
        log_snr=log_snr,
        x_t=x_t,
        x0=_stored(archive, "x0", name, fine),
        config=config_from_text(text, f"'{name}'"),
        alpha=optional("alpha", fine),
        x0_uncond=optional("x0_uncond", np.float16),
        x0_free=optional("x0_free", np.float16),
        noisy_alpha=optional("noisy_alpha", fine),
        branched_at=_branched_at(archive, len(t), name),
        model=archive.text("model")[0] if "model" in archive else "",
        walk=_walk(archive, len(t), name) if "planned" in archive else None,
        prompts=_prompts(archive, x_t.shape[1]) if "prompts" in archive else (),
    )


def _branched_at(archive: ArrayArchive, frames: int, name: str) -> int | None:
    if "branched_at" not in archive:
        return None
    found = int(archive.read("branched_at"))
    if not 0 <= found < frames:
        raise FileError("'branched_at' in '{name}' must be one of its frames.", name=name)
    return found


def _prompts(archive: ArrayArchive, count: int) -> tuple[Prompt, ...]:
    found = strict_json.loads(archive.text("prompts")[0])
    if not isinstance(found, list) or len(found) != count:
        raise ValueError("there is not one prompt for each sprite")
    return tuple(from_plain(Prompt, prompt) for prompt in found)


def _walk(archive: ArrayArchive, frames: int, name: str) -> Walk:
    """Read the planned levels, and the index of each frame among them."""
    planned, visited = archive.headers["planned"], archive.headers.get("visited")
    fits = visited is not None and visited.shape == (frames,) and visited.dtype.kind in "iu"
    if not fits or planned.dtype.kind != "f" or len(planned.shape) != 1:
        raise FileError(
            "'planned' and 'visited' in '{name}' do not belong to its frames.", name=name
        )
    levels = archive.read("planned").astype(np.float64)
    at = archive.read("visited").astype(np.int64)
    rising = (np.diff(levels) > 0).all() and (np.diff(at) > 0).all()
    if not (np.isfinite(levels).all() and rising and at[0] >= 0 and at[-1] <= len(levels)):
        raise FileError(
            "The levels in 'planned' and 'visited' of '{name}' are not in order.", name=name
        )
    return Walk(levels, at)


def _check_headers(archive: ArrayArchive, name: str) -> None:
    for key in ("x0", "x_t", "t", "log_snr"):
        if key not in archive:
            raise FileError(
                "'{name}' has no array named '{key}', so it is not a trajectory.",
                name=name,
                key=key,
            )
    for key in _FLOATS & set(archive.headers):
        if archive.headers[key].dtype.kind != "f":
            raise FileError(
                "'{key}' in '{name}' must be floating-point numbers.", key=key, name=name
            )
    shape = archive.headers["x_t"].shape
    if len(shape) != 5 or shape[4] != 3 or min(shape) == 0:
        raise FileError(
            "'x_t' in '{name}' has shape {shape}, but must be (frames, sprites, height, width, 3).",
            name=name,
            shape=shape,
        )
    for key in {"x0", "x0_uncond", "x0_free"} & set(archive.headers):
        if archive.headers[key].shape != shape:
            raise FileError("'{key}' and 'x_t' in '{name}' differ in shape.", key=key, name=name)
    for key in {"alpha", "noisy_alpha"} & set(archive.headers):
        if archive.headers[key].shape != shape[:4]:
            raise FileError(
                "'{key}' in '{name}' must have one number for each pixel.", key=key, name=name
            )
    if "branched_at" in archive:
        header = archive.headers["branched_at"]
        if header.dtype.kind not in "iu" or header.shape != ():
            raise FileError("'branched_at' in '{name}' must be one whole number.", name=name)
    for key in ("t", "log_snr"):
        if archive.headers[key].shape != shape[:1]:
            raise FileError(
                "'{key}' in '{name}' must have one number for each frame.", key=key, name=name
            )


def _stored(
    archive: ArrayArchive, key: str, name: str, kind: type[np.float16 | np.float32]
) -> AnyArray:
    """Read an array in the precision of trajectories in memory."""
    with np.errstate(over="ignore"):
        array = archive.read(key).astype(kind)
    if not np.isfinite(array).all():
        raise FileError("'{key}' in '{name}' has numbers that are not finite.", key=key, name=name)
    return array
