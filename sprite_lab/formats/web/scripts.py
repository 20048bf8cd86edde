"""Bundles the scripts of ``resources/web``, since a file opened from disk may not import others."""

from __future__ import annotations

import json
import re

from sprite_lab.paths import resource

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w-]+)\.mjs";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|class|function\*?) (\w+))", re.M)

_TEXT = r'"((?:[^"\\\n]|\\.)*)"'
_WORDS = re.compile(rf"\btrn?\(\s*{_TEXT}(?:,\s*{_TEXT})?")


def words_of_page(source: str) -> list[tuple[str, str]]:
    """The arguments of calls of ``tr`` and ``trn`` in a script or template: text, and its plural or
    "".
    """
    return [
        (json.loads(f'"{one}"'), json.loads(f'"{many}"')) for one, many in _WORDS.findall(source)
    ]


def bundled(entry: str) -> str:
    """A module with all of its imports, each in a scope of its own, in dependency order.

    Modules import by ``import { a, b } from "./name.mjs";`` and export at their declarations,
    which is all that this understands.
    """
    done: dict[str, str] = {}

    def add(name: str) -> None:
        if name in done:
            return
        # A circular import would leave it so, and fail at once when the page starts
        done[name] = ""
        source = resource("web", f"{name}.mjs").read_text("utf-8")
        for _, needed in _IMPORT.findall(source):
            add(needed)
        exported = ", ".join(_EXPORT.findall(source))
        body = _IMPORT.sub(lambda found: f"const {{{found[1]}}} = {_scope(found[2])};\n", source)
        body = _EXPORT.sub("", body)
        del done[name]  # after its dependencies
        done[name] = f"const {_scope(name)} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"

    add(entry)
    return '"use strict";\n' + "".join(done.values())


def _scope(name: str) -> str:
    return f"{name}_module"
