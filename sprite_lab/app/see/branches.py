"""The branches of the trajectory in See, and their history."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QObject, Signal

from sprite_lab.app.context import AppContext
from sprite_lab.app.see import see_tasks
from sprite_lab.core.history import History
from sprite_lab.core.trajectories.branches import Branch, BranchTree, Change
from sprite_lab.core.trajectories.trajectory import Trajectory
from sprite_lab.jobs import JobHandle
from sprite_lab.words import tr

#: Memory limit for all trajectories in the tree and its history, as a multiple of the limit for
#: one.
SHARE = 2.5

#: Maximum number of undo steps; each keeps a trajectory of some hundred KB to many MB.
MOST_STEPS = 20


@dataclass(frozen=True, eq=False)
class _State:
    """The trajectory shown (None = nothing), and its tree (None for a forward process)."""

    trajectory: Trajectory | None = None
    tree: BranchTree | None = None

    @property
    def has_branches(self) -> bool:
        return self.tree is not None and len(self.tree) > 1

    def parts(self) -> dict[int, int]:
        """The size in bytes of each trajectory, by its id."""
        found = [branch.trajectory for branch in self.tree.branches] if self.tree else []
        if self.trajectory is not None:
            found.append(self.trajectory)
        return {id(trajectory): trajectory.nbytes for trajectory in found}


class Branches(QObject):
    """The tree of which ``context.trajectory`` is a branch. UI thread.

    A trajectory from elsewhere starts a new tree; undo brings back the old one.
    """

    changed = Signal()  #: the tree, the branch shown or the history changed

    def __init__(self, context: AppContext, *, budget: int | None = None) -> None:
        super().__init__(context)
        self._context, self._own_budget = context, budget
        #: history of the trajectories shown, with their trees
        self.history = History(_State(), self._on_history, parts=_State.parts, limit=MOST_STEPS)
        context.trajectory.changed.connect(self._on_trajectory)

    # -- state ------------------------------------------------------------------------------------

    @property
    def _now(self) -> _State:
        return self.history.value

    @property
    def tree(self) -> BranchTree | None:
        """The tree of the trajectory shown; None = a forward process, or nothing."""
        return self._now.tree

    @property
    def shown(self) -> Branch | None:
        return None if self._now.tree is None else self._now.tree.find(self._now.trajectory)

    @property
    def way_to_branches(self) -> Literal["undo", "redo", ""]:
        """Whether undo or redo leads to a tree with branches; "" = neither."""
        steps, here = self.history.steps, self.history.index
        if any(step.value.has_branches for step in steps[:here]):
            return "undo"
        return "redo" if any(step.value.has_branches for step in steps[here + 1 :]) else ""

    def why_not(self, frame: int) -> str:
        """Why no branch can start at a frame of the trajectory shown, or ""."""
        trajectory, model = self._now.trajectory, self._context.model.value
        if trajectory is None:
            return tr("There are no sprites yet: generate some, then change how they are drawn.")
        if trajectory.kind == "forward":
            return tr(
                "This is the forward process, which uses no model: generate sprites, then "
                "branch while they emerge from the noise."
            )
        if trajectory.config is None or not trajectory.model:
            return tr("How these sprites were drawn is not fully known: generate some here.")
        if model is None:
            return tr("There is no model to continue with: open the one that drew these sprites.")
        if model.key != trajectory.model:
            name = trajectory.model.partition(", step ")[0]
            return tr(
                "Another model drew these sprites ({name}): open it, or generate new ones.",
                name=name,
            )
        if frame >= len(trajectory) - 1:
            return tr("Nothing is left to draw at the clean end: move the slider left.")
        return ""

    # -- edits ------------------------------------------------------------------------------------

    def continue_from(self, frame: int, change: Change, sprite: int | None) -> JobHandle:
        """Redraw the trajectory shown from a frame on, with a change, and show the new branch.

        ``sprite``: index of the only sprite to draw; None = all.
        """
        parent, model = self.shown, self._context.model.value
        assert parent is not None
        assert model is not None
        trajectory, sprites = parent.trajectory, parent.sprites
        if sprite is not None:
            trajectory, sprites = trajectory.one(sprite), (sprites[sprite],)
        words = change.words(trajectory, frame)

        def take(made: Trajectory) -> None:
            tree = self._now.tree
            if tree is None or tree.find(parent.trajectory) is None:
                self._context.notice.emit(
                    tr("The branch was discarded because its parent was removed meanwhile.")
                )
                return
            self._step(
                _State(made, tree.add(parent.number, made, words, sprites)), tr("new branch")
            )

        task = see_tasks.branch(
            model, trajectory, frame, change, self._context.settings.value.recorded_bytes
        )
        return self._context.do(task, self, then=take, newest="generate")

    def bring_back(self, tree: BranchTree, shown: int) -> None:
        """Show a branch of the last session's tree; call this before anything else is shown."""
        self.history.amend(_State(tree[shown].trajectory, tree))

    def show(self, number: int) -> None:
        """Show a branch; this is not an undo step."""
        tree = self._now.tree
        if tree is not None and number in tree:
            self.history.amend(replace(self._now, trajectory=tree[number].trajectory))

    def rename(self, number: int, name: str) -> None:
        tree = self._now.tree
        if tree is not None and tree.rename(number, name) is not tree:
            self._step(replace(self._now, tree=tree.rename(number, name)), tr("rename branch"))

    def remove(self, number: int) -> None:
        """Remove a branch with its descendants; the root stays."""
        tree = self._now.tree
        parent = None if tree is None else tree[number].parent
        if tree is None or parent is None:
            return
        left, trajectory = tree.remove(number), self._now.trajectory
        if left.find(trajectory) is None:
            trajectory = left[parent].trajectory
        self._step(_State(trajectory, left), tr("remove branch"))

    # -- states --------------------------------------------------------------------------

    def _on_trajectory(self, trajectory: Trajectory | None, _old: object) -> None:
        """Find the new trajectory in the tree, or start a new tree."""
        if trajectory is self._now.trajectory:
            return
        if self._now.tree is not None and self._now.tree.find(trajectory) is not None:
            self.history.amend(replace(self._now, trajectory=trajectory))
            return
        tree = None
        if trajectory is not None and trajectory.kind == "reverse":
            tree = BranchTree.of(trajectory, tr("Original"))
        self._step(_State(trajectory, tree), tr("new sprites"))

    def _step(self, state: _State, text: str) -> None:
        now = self._now.trajectory
        if now is not None and len(now) > 1:
            self.history.push(state, text)
        else:
            # Undo does not lead back to a single frame, which a first launch shows before a model
            # is loaded.
            self.history.amend(state, text)
        self._limit_memory()

    def _on_history(self) -> None:
        self._context.trajectory.set(self._now.trajectory)
        self.changed.emit()

    @property
    def nbytes(self) -> int:
        """Memory of all trajectories in the tree and its history, in bytes."""
        return self.history.nbytes + sum(self._now.parts().values())

    @property
    def _budget(self) -> int:
        """The limit of ``nbytes``."""
        if self._own_budget is not None:
            return self._own_budget
        return round(SHARE * self._context.settings.value.recorded_bytes)

    def _limit_memory(self) -> None:
        """Forget the oldest steps, then the oldest branches without descendants."""
        dropped = []
        forgot = False
        while self.nbytes > self._budget:
            if self.history.forget_oldest():
                forgot = True
                continue
            tree, shown = self._now.tree, self.shown
            leaf = tree.oldest_leaf(but=shown.number) if tree and shown else None
            if tree is None or leaf is None:
                break
            dropped.append(leaf.name)
            self.history.amend(replace(self._now, tree=tree.remove(leaf.number)))
        limit = tr("all sprites together may take {budget:.1f} GB", budget=self._budget / 1e9)
        if dropped:
            self._context.notice.emit(
                tr(
                    "Discarded the oldest branches ({dropped}): {limit}.",
                    dropped=", ".join(dropped),
                    limit=limit,
                )
            )
        elif forgot:
            self._context.notice.emit(
                tr("The oldest steps can no longer be undone: {limit}.", limit=limit)
            )
