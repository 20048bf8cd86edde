"""Branches: changes to a trajectory from a frame on, and the tree of the results."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sprite_lab.core.config import SAMPLERS, SampleConfig, SamplerName
from sprite_lab.core.sets.sprites import composite, opaque, to_model_space, to_pixels
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.words import tr, trc, trn


@dataclass(frozen=True, eq=False)
class Change:
    """Changes to a trajectory from one frame on; None = unchanged."""

    #: float32 (N, H, W, 3) in [-1, 1], replaces the prediction of that frame; x_t follows from it
    #: and epsilon
    x0: NDArray[np.float32] | None = None
    #: float32 (N, H, W) in [-1, 1], that of ``x0``, if the model draws it
    alpha: NDArray[np.float32] | None = None
    #: bool (H, W), True = new epsilon in this pixel of every sprite
    redraw: NDArray[np.bool_] | None = None
    redraw_seed: int = 0  #: seed of that noise
    #: assigned to the sprites as in SampleConfig; () = no class
    classes: tuple[str, ...] | None = None
    guidance_scale: float | None = None
    sampler: SamplerName | None = None
    #: evaluations left, including the frame's own; None = the levels that the trajectory visits
    steps: int | None = None
    seed: int | None = None  #: of the noise added from there on; None = the same noise as before

    def settings(self, before: SampleConfig) -> SampleConfig:
        """The settings from the frame on; ``steps`` is unchanged."""
        after = before
        if self.classes is not None:
            after = replace(after, classes=self.classes, class_mix=())
        for name in ("guidance_scale", "sampler", "seed"):
            value = getattr(self, name)
            if value is not None:
                after = replace(after, **{name: value})
        return after

    def words(self, trajectory: Trajectory, frame: int) -> str:
        """The changes as text, such as "class hero → food, guidance 2 → 4"; "" = none."""
        before = trajectory.config or SampleConfig()
        after = self.settings(before)
        parts = []
        if self.x0 is not None:
            parts.append(tr("{pixels} edited", pixels=_pixels(self._edited(trajectory, frame))))
        if self.redraw is not None:
            parts.append(tr("noise of {pixels} redrawn", pixels=_pixels(self.redraw)))
        if any(after.mix_of(index) != before.mix_of(index) for index in before.indices):
            parts.append(
                tr(
                    "class {before} → {after}",
                    before=_class_words(before),
                    after=_class_words(after),
                )
            )
        if after.guidance_scale != before.guidance_scale:
            parts.append(
                tr(
                    "guidance {before:g} → {after:g}",
                    before=before.guidance_scale,
                    after=after.guidance_scale,
                )
            )
        if after.sampler != before.sampler:
            labels = [tr(SAMPLERS[s].label) if s else "–" for s in (before.sampler, after.sampler)]
            parts.append(tr("sampler {before} → {after}", before=labels[0], after=labels[1]))
        left = trajectory.steps_left(frame)
        if self.steps is not None and self.steps != left:
            parts.append(tr("remaining steps {left} → {steps}", left=left, steps=self.steps))
        if after.seed != before.seed:
            parts.append(tr("seed {seed}", seed=f"{before.seed} → {after.seed}"))
        return ", ".join(parts)

    def _edited(self, trajectory: Trajectory, frame: int) -> NDArray[np.bool_]:
        """bool (H, W): the pixels that differ from the prediction in any sprite."""
        assert self.x0 is not None
        found = (self.x0 != trajectory.x0[frame].astype(np.float32)).any(axis=(0, 3))
        if self.alpha is not None and trajectory.alpha is not None:
            alpha = trajectory.alpha[frame].astype(np.float32)
            found = found | (self.alpha != alpha).any(axis=0)
        return np.asarray(found)


def _pixels(mask: NDArray[np.bool_]) -> str:
    count = int(mask.sum())
    return trn("{n} pixel", "{n} pixels", count)


def _class_words(config: SampleConfig) -> str:
    names = tuple(dict.fromkeys(config.classes)) or tuple(name for name, _ in config.class_mix)
    if config.count == 1 and config.classes:
        names = (config.classes[config.indices[0] % len(config.classes)],)
    if not names:
        return trc("class", "any")
    return (
        names[0].replace("_", " ")
        if len(names) == 1
        else tr("{count} alternating", count=len(names))
    )


def drawable(trajectory: Trajectory, frame: int, sprite: int) -> NDArray[np.uint8]:
    """A predicted sprite to draw on: uint8 (H, W, 4), each pixel opaque or empty."""
    rgba = opaque(to_pixels(trajectory.x0[frame, sprite]))
    if trajectory.alpha is not None:
        rgba[trajectory.alpha[frame, sprite] < 0] = 0
    return rgba


def drawn_into(
    trajectory: Trajectory,
    frame: int,
    sprite: int,
    rgba: NDArray[np.uint8],
    where: NDArray[np.bool_],
) -> Change:
    """A change that draws into some pixels of one sprite's x0; valid for its trajectory only.

    ``rgba``: uint8 (H, W, 4), what was drawn; an empty pixel is white, as models see it. ``where``:
    bool (H, W), the pixels to take from it; the others stay as predicted.
    """
    x0 = trajectory.x0[frame, sprite : sprite + 1].astype(np.float32)
    x0[0, where] = to_model_space(composite(rgba))[where]
    alpha = None
    if trajectory.alpha is not None:
        alpha = trajectory.alpha[frame, sprite : sprite + 1].astype(np.float32)
        alpha[0, where] = to_model_space(rgba[..., 3])[where]
    return Change(x0=x0, alpha=alpha)


@dataclass(frozen=True, eq=False)
class Branch:
    """A trajectory and its place in the tree."""

    number: int  #: unique in its tree; the root is 0
    parent: int | None  #: number of the branch it left; None = it is the root
    #: where it left its parent; those of the first frame for the root
    t: float
    log_snr: float
    changed: str  #: what was changed there, in words; "" for the root
    trajectory: Trajectory
    name: str
    sprites: tuple[int, ...]  #: the index of each of its sprites among the root's

    @property
    def words(self) -> str:
        """The level at which it starts, and its changes: "at t = 212: class hero → food"."""
        return (
            tr("at t = {t:.0f}: {changed}", t=self.t, changed=self.changed)
            if self.parent is not None
            else ""
        )


@dataclass(frozen=True, eq=False)
class BranchTree:
    """A trajectory and all its branches; parents precede their children."""

    branches: tuple[Branch, ...]  #: the root first, in order of creation
    made: int = 1  #: number of branches ever made; the next branch's number

    @staticmethod
    def of(trajectory: Trajectory, name: str = "Original") -> BranchTree:
        t, log_snr = float(trajectory.t[0]), float(trajectory.log_snr[0])
        every = tuple(range(trajectory.count))
        return BranchTree((Branch(0, None, t, log_snr, "", trajectory, name, every),))

    def __getitem__(self, number: int) -> Branch:
        """A branch by its number; KeyError if there is none."""
        for branch in self.branches:
            if branch.number == number:
                return branch
        raise KeyError(number)

    def __contains__(self, number: int) -> bool:
        return any(branch.number == number for branch in self.branches)

    def __len__(self) -> int:
        return len(self.branches)

    @property
    def root(self) -> Branch:
        return self.branches[0]

    def find(self, trajectory: Trajectory | None) -> Branch | None:
        """The branch whose trajectory is this object, or None."""
        return next((b for b in self.branches if b.trajectory is trajectory), None)

    def children(self, number: int) -> tuple[Branch, ...]:
        """The branches that left this one, in order of creation."""
        return tuple(branch for branch in self.branches if branch.parent == number)

    def path(self, number: int) -> tuple[Branch, ...]:
        """From the root to a branch, both included."""
        branch = self[number]
        way = [branch]
        while branch.parent is not None:
            branch = self[branch.parent]
            way.append(branch)
        return tuple(reversed(way))

    def rows(self) -> tuple[Branch, ...]:
        """All branches in drawing order: each followed by those that left it."""

        def below(branch: Branch) -> Iterator[Branch]:
            yield branch
            for child in self.children(branch.number):
                yield from below(child)

        return tuple(below(self.root))

    def add(
        self,
        parent: int,
        trajectory: Trajectory,
        changed: str,
        sprites: tuple[int, ...],
        name: str = "",
    ) -> BranchTree:
        """The tree with one more branch, numbered ``made``, leaving where its own frames begin."""
        k = trajectory.branched_at or 0
        branch = Branch(
            self.made,
            self[parent].number,
            float(trajectory.t[k]),
            float(trajectory.log_snr[k]),
            changed,
            trajectory,
            name or tr("Branch {made}", made=self.made),
            sprites,
        )
        return BranchTree((*self.branches, branch), self.made + 1)

    def rename(self, number: int, name: str) -> BranchTree:
        """The tree with a branch renamed; a blank name changes nothing."""
        name = name.strip()
        if not name or name == self[number].name:
            return self
        changed = tuple(replace(b, name=name) if b.number == number else b for b in self.branches)
        return replace(self, branches=changed)

    def remove(self, number: int) -> BranchTree:
        """The tree without a branch and all that left it; raises ValueError for the root."""
        if self[number].parent is None:
            raise ValueError("The root of a tree cannot be removed.")
        kept = tuple(b for b in self.branches if self[number] not in self.path(b.number))
        return replace(self, branches=kept)

    def oldest_leaf(self, but: int) -> Branch | None:
        """The oldest branch without children, except ``but`` and the root."""
        parents = {branch.parent for branch in self.branches}
        return next(
            (b for b in self.branches[1:] if b.number not in parents and b.number != but), None
        )
