"""What a dropped or chosen path is, and what opening it would do."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Opening:
    """A kind of thing to open, and a sentence on what that will do."""

    kind: Literal["data", "model", "project", "picture", "lesson", "unknown"]
    sentence: str


def what_opens(path: Path) -> Opening:
    """Judged by name alone, while the pointer still hovers; nothing is read."""
    name = path.name
    suffix = path.suffix.lower()
    if path.is_dir():
        if (path / "run.json").is_file():
            return Opening("model", f"Open the training run “{name}” as the model")
        return Opening("unknown", f"“{name}” is a folder, but not a training run")
    if suffix in (".npz", ".npy"):
        return Opening("data", f"Open “{name}” as the data set")
    if suffix == ".safetensors":
        return Opening("model", f"Open “{name}” as the model")
    if suffix == ".spritelab":
        return Opening("project", f"Open the project “{name}”")
    if suffix in (".png", ".gif"):
        return Opening("picture", f"Restore the settings that “{name}” was made with")
    if suffix == ".json":
        return Opening("lesson", f"Take the lesson “{name}”")
    return Opening(
        "unknown",
        f"“{name}” cannot be opened: drop sprites (.npz, .npy), a project (.spritelab), "
        "a picture that was exported here (.png, .gif), weights (.safetensors), a run folder "
        "or a lesson (.json)",
    )
