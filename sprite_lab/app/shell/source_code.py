"""The source of a function, for reading the code behind a view."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from sprite_lab import paths
from sprite_lab.app.task import call
from sprite_lab.core.errors import FileError
from sprite_lab.words import marked

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class SourceCode:
    """The source of a function, a class or a whole file, and its place."""

    file: str  #: as in links: "sprite_lab/diffusion/likelihood.py"
    name: str  #: name of the function or class; "" = the whole file
    line: int  #: its first line in the file, from 1
    text: str


def find_source(reference: str, package: Path | None = None) -> SourceCode:
    """Read the target of a link, such as ``sprite_lab/diffusion/likelihood.py#bound_term``,
    relative to the package's parent.

    Raises FileError if there is no such file or name.
    """
    file, _, name = reference.partition("#")
    package = package or paths.package()
    path = package.parent / PurePosixPath(file)
    if not (path.suffix == ".py" and path.resolve().is_relative_to(package.resolve())):
        raise FileError("“{file}” is not a file of Sprite Lab's code.", file=file)
    try:
        text = path.read_text(encoding="utf-8")
        tree = ast.parse(text)
    except (OSError, UnicodeDecodeError, SyntaxError) as error:
        raise FileError(
            "The code in “{file}” cannot be shown, because the file is missing or damaged: look "
            "it up where Sprite Lab's source is published.",
            file=file,
        ) from error
    if not name:
        return SourceCode(file, "", 1, text)
    found = _find(tree, name.split("."))
    if found is None:
        raise FileError("There is no “{name}” in “{file}”.", name=name, file=file)
    first = min([found.lineno, *(decorator.lineno for decorator in found.decorator_list)])
    lines = text.splitlines()[first - 1 : found.end_lineno]
    indent = len(lines[0]) - len(lines[0].lstrip())
    lines = [line[indent:] if not line[:indent].strip() else line for line in lines]
    return SourceCode(file, name, first, "\n".join(lines) + "\n")


read_source = call("files", marked("Reading the source"))(find_source)


def _find(tree: ast.Module, parts: list[str]) -> _Definition | None:
    """The first definition of a dotted name, split into ``parts``; None = not found.

    Enclosing names may be left out.
    """
    within: list[ast.AST] = [tree]
    for part in parts:
        within = [
            node
            for outer in within
            for node in ast.walk(outer)
            if isinstance(node, _Definition) and node.name == part and node is not outer
        ]
    found = within[0] if within else None
    return found if isinstance(found, _Definition) else None
