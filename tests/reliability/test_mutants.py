"""The tool that tries mutants: each one changes the loaded module."""

from __future__ import annotations

import ast
import gc
import importlib.machinery
from pathlib import Path

from sprite_lab.formats.images import godot_map
from tests.reliability.mutants import Mutant, change, loaded, mutant, places


def test_functions_that_were_frozen_are_changed_too(monkeypatch):
    path = Path(godot_map.__file__).resolve()
    tree = ast.parse(path.read_text("utf-8"))
    (added,) = (number for number, kind in places(tree) if kind == "operator")
    changed, what = mutant(tree, added)
    assert what.count("->") == 1
    function, loader = godot_map.tile_map_data, importlib.machinery.SourceFileLoader
    code = function.__code__
    # Restored at the end
    monkeypatch.setattr(function, "__code__", code)
    monkeypatch.setattr(loader, "get_code", loader.get_code)
    gc.freeze()  # as all tests do
    change(Mutant(path, changed, what, range(1, 2), True), loaded())
    gc.freeze()  # otherwise the next test's collection would search everything
    assert function.__code__ is not code
