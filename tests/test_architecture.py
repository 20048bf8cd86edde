"""The boundaries between packages, kept by machine."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = sorted(
    path.parent
    for path in (ROOT / "sprite_lab").rglob("__init__.py")
    if "resources" not in path.parts
)
MODULES = sorted((ROOT / "sprite_lab").rglob("*.py"))


def modules_after(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after ``statement``."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_import_contracts_hold() -> None:
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [str(tool), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_modules_import_each_other_in_a_circle() -> None:
    graph = grimp.build_graph("sprite_lab", cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    TopologicalSorter(imports).prepare()  # a CycleError names the circle


def test_the_command_line_never_loads_qt() -> None:
    loaded = modules_after("import sprite_lab.cli.main")
    assert "typer" in loaded
    assert not loaded & {"PySide6", "pyqtgraph", "shiboken6"}


def test_the_command_line_starts_without_torch() -> None:
    assert "torch" not in modules_after("import sprite_lab.cli.main")


def test_the_engine_never_loads_qt() -> None:
    loaded = modules_after(
        "import sprite_lab.engine.training.trainer, sprite_lab.engine.sampling.reverse"
    )
    assert "torch" in loaded
    assert not loaded & {"PySide6", "pyqtgraph", "shiboken6"}


def test_the_window_comes_before_torch() -> None:
    loaded = modules_after("import sprite_lab.ui.shell.main_window")
    assert "PySide6" in loaded
    assert "torch" not in loaded
    assert not loaded & {"imageio", "jinja2", "markdown_it", "pygments"}, "imported where used"


def test_qt_does_not_read_the_source_of_all_that_is_imported() -> None:
    modules_after(
        "from sprite_lab.__main__ import import_qt\n"
        "import_qt()\n"
        "import linecache, sprite_lab.ui.shell.main_window\n"
        "assert not [file for file in linecache.cache if 'sprite_lab' in file]"
    )


def test_a_bare_import_is_light() -> None:
    assert not modules_after("import sprite_lab") & {"numpy", "torch", "PySide6", "typer"}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_package_says_what_it_is_for(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text("utf-8"))
    assert ast.get_docstring(tree), f"{package}/__init__.py has no docstring"


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in MODULES}
    assert folders == set(PACKAGES)
