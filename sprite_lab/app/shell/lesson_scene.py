"""The state of the app at a step of a lesson, derived from its steps alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sprite_lab.app.shell.lesson_checks import middle
from sprite_lab.app.shell.lessons import LessonStep


def scene_of(steps: Sequence[LessonStep], index: int) -> dict[str, Any]:
    """What to set up for a step that is gone to directly, by the names of ``set``.

    That is what the steps up to it set up, and what those before it asked for and revealed.
    """
    scene: dict[str, Any] = {}
    for number, step in enumerate(steps[: index + 1]):
        _add(scene, step.set)
        if number < index:
            if step.ask is not None:
                _add(scene, step.ask.reveal)
            _add(scene, outcome_of(step.check))
    return scene


def outcome_of(check: Mapping[str, Any]) -> dict[str, Any]:
    """What can be set up of what a step asks for, by the names of ``set``."""
    found: dict[str, Any] = {name: check[name] for name in ("workspace", "page") if name in check}
    if "control" in check:
        found["controls"] = {name: middle(value) for name, value in check["control"].items()}
    wanted = dict(check.get("trajectory", {}))
    if "trajectory" in check and wanted.pop("kind", "reverse") == "reverse":
        wanted.pop("other", None)
        found["sample"] = {name: middle(value) for name, value in wanted.items()}
        found["generate"] = True
    if "timeline" in check:
        found["timeline"] = middle(check["timeline"])
    return found


def _add(scene: dict[str, Any], more: Mapping[str, Any]) -> None:
    """Set up more on top; sprites that dissolve take the place of generated ones, and so on."""
    if "dissolve" in more:
        scene.pop("generate", None)
    if "generate" in more:
        scene.pop("dissolve", None)
    if "workspace" in more and more["workspace"] != scene.get("workspace"):
        scene.pop("page", None)
    for name, value in more.items():
        known = scene.get(name)
        # Settings of a step replace all, but those that a check names change only these.
        if isinstance(known, dict) and (
            name == "controls" or (name == "sample" and "count" not in value)
        ):
            scene[name] = {**known, **value}
        else:
            scene[name] = value
