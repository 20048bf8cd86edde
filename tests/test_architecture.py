"""The boundaries between packages, checked automatically."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
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
    """The top-level modules loaded in a fresh interpreter after ``statement``."""
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
    TopologicalSorter(imports).prepare()  # a CycleError names the cycle


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


def test_little_is_loaded_before_an_interruption_is_heeded() -> None:
    """Ctrl+C in the first tenths of a second once ended in a traceback."""
    loaded = modules_after("import sprite_lab.__main__")
    assert not loaded & {"pathlib", "typing", "sprite_lab.words", "sprite_lab.arguments"}


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_package_says_what_it_is_for(package: Path) -> None:
    tree = ast.parse((package / "__init__.py").read_text("utf-8"))
    assert ast.get_docstring(tree), f"{package}/__init__.py has no docstring"


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in MODULES}
    assert folders == set(PACKAGES)


#: Functions that Qt lets interpret HTML, and the argument with the text.
GUESSED = {
    "setToolTip": -1,
    "setInformativeText": 0,
    "setLabelText": 0,
    "setWhatsThis": 0,
    "showText": 1,
}
#: pyqtgraph's labels of axes are always HTML.
GUESSED |= {"setLabel": 1}
#: The one module that shows messages.
MESSAGES = "sprite_lab/ui/shell/dialogs.py"
#: Functions whose result may be passed there.
SAFE = {"plain", "tooltip", "html", "held", "joined", "with_indices"}


def is_literal(node: ast.expr) -> bool:
    """Whether an expression can only be our own text: strings, constants and choices among them."""
    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name.isupper()
        case ast.IfExp(body=one, orelse=other) | ast.BinOp(left=one, right=other):
            return is_literal(one) and is_literal(other)
        case ast.BoolOp(values=values):
            return all(map(is_literal, values))
        case ast.Call(func=ast.Name(id="tr"), args=[text], keywords=[]):
            return is_literal(text)  # a translation has the same tags, see translations.py
        case ast.Call(func=ast.Name(id=name)):
            return name in SAFE
    return False


def rich_text_of_strangers(source: str, path: str = "") -> list[tuple[int, str]]:
    """Lines in which text may become HTML without going through ``sprite_lab/ui/text.py``."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    found = [(call.lineno, _why_made(call, path) or _why_shown(call)) for call in calls]
    return [(line, why) for line, why in found if why]


def _why_made(call: ast.Call, path: str) -> str:
    """What is wrong with a call that makes HTML or a widget that shows it, or ""."""
    match call.func:
        case ast.Name(id="QLabel" | "QTextBrowser" | "QTextEdit" | "QTextDocument" as name):
            return f"{name}: make a Label or RichView"
        case (
            ast.Name(id="QMessageBox" | "QErrorMessage" | "QProgressDialog" as name)
            | ast.Attribute(value=ast.Name(id="QMessageBox" as name))
        ) if path != MESSAGES:
            return f"{name}: ask with question() or confirm()"
        case ast.Name(id="Html"):
            return "Html: make it with html()"
        case ast.Name(id="html" | "joined") if not is_literal(call.args[0]):
            return "its markup must stand there as a literal"
    return ""


def _why_shown(call: ast.Call) -> str:
    """What is wrong with a call that shows text, or ""."""
    match call.func:
        case ast.Attribute(attr="setHtml" | "setMarkdown" | "insertHtml") if not (
            isinstance(call.args[0], ast.Call) and is_literal(call.args[0])
        ):
            return "use RichView.show_html, or html() here"
        case ast.Attribute(value=ast.Name(id="QInputDialog"), attr="getText" | "getDouble"):
            return "QInputDialog: ask with ask_text() or ask_factor()"
        case ast.Attribute(attr="setToolTip" | "showText" as name):
            return _unwrapped(name, call.args[GUESSED[name]])
        case ast.Attribute(attr="setItemData") if "tip" in ast.unparse(call.args[-1]).lower():
            return _unwrapped("setItemData", call.args[1])
        case ast.Attribute(attr=name) if name in GUESSED and not is_literal(
            call.args[GUESSED[name]]
        ):
            return f"{name}: put plain(...) or html(...) around the text"
    return ""


def _unwrapped(name: str, tip: ast.expr) -> str:
    """What is wrong with a tooltip, or ""."""
    match tip:
        case ast.Constant(value="") | ast.Call(func=ast.Name(id="tooltip" | "html" | "held")):
            return ""
    return f"{name}: put tooltip(...) around the text"


@pytest.mark.parametrize(
    "line",
    [
        "QLabel(name)",
        "QTextBrowser()",
        "Html(name)",
        "html(name)",
        "html(f'<b>{name}</b>')",
        "view.setHtml(page)",
        "button.setToolTip(name)",
        "button.setToolTip(plain(name))",
        "button.setToolTip(tr('Open'))",
        "button.setToolTip(tr(name))",
        "button.setToolTip(tr('Open {name}', name=name))",
        "item.setToolTip(0, f'{name}: open')",
        "QToolTip.showText(place, tips[i], self)",
        "box.setItemData(0, name, Qt.ItemDataRole.ToolTipRole)",
        "QMessageBox(parent)",
        "QMessageBox.warning(parent, title, name)",
        "QInputDialog.getText(parent, title, name)",
        "plot.setLabel('left', name)",
    ],
)
def test_the_rule_finds_rich_text_of_strangers(line: str) -> None:
    assert rich_text_of_strangers(line)


def test_no_layout_of_qts_is_asked_for_its_items() -> None:
    """Qt deletes an item with its widget, but PySide keeps the wrapper and then takes it for
    whatever Qt puts in the same place: a button without a button's methods.
    """
    asking = [path.name for path in MODULES if ".itemAt(" in path.read_text("utf-8")]
    assert asking == ["plot.py"], "its legend has a layout of ours, which keeps its items"


def test_text_is_text_unless_it_is_markup_of_ours() -> None:
    """Only ``sprite_lab/ui/text.py`` decides what may be HTML, and what HTML may load."""
    found = [
        f"{path.relative_to(ROOT)}:{line}: {what}"
        for path in MODULES
        # indices.py escapes a text and then lowers the indices in it.
        if "ui" in path.parts and path.name not in ("text.py", "indices.py")
        for line, what in rich_text_of_strangers(
            path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
        )
    ]
    assert not found, "\n".join(found)


def test_what_pops_up_has_a_border() -> None:
    for path in MODULES:
        text = path.read_text("utf-8")
        popups = text.count("WindowType.Popup")
        bordered = re.findall(r'setProperty\("(?:popup|card)", True\)', text)
        assert len(bordered) >= popups, f"{path.relative_to(ROOT)}: set the property popup"


#: Context managers that change how this thread computes, besides those of torch.
MODES = {"flushed_denormals", "threads", "precision"}


def modes_across_yields(source: str) -> list[int]:
    """Lines that set a mode of the thread across a yield, while other runs use the thread."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.With):
            continue
        modes = [ast.unparse(item.context_expr) for item in node.items]
        if not any(mode.startswith("torch.") or mode.split("(")[0] in MODES for mode in modes):
            continue
        within: list[ast.AST] = list(node.body)
        while within:
            inner = within.pop()
            if isinstance(inner, ast.Yield | ast.YieldFrom):
                found.append(node.lineno)
            if not isinstance(inner, ast.FunctionDef | ast.Lambda):
                within.extend(ast.iter_child_nodes(inner))
    return found


def test_no_run_leaves_a_mode_of_torch_to_those_that_run_between_its_steps() -> None:
    """A training run failed while a terrain was drawn beside it: it ran without gradients."""
    assert modes_across_yields("with torch.no_grad():\n  for x in y:\n    yield x") == [1]
    assert modes_across_yields("with torch.no_grad():\n  f(y)\nyield x") == []
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in MODULES
        if "yield" in (source := path.read_text("utf-8"))
        for line in modes_across_yields(source)
    ]
    assert found == []


#: Attributes with the name of a state that has a signal, but of classes without one.
OTHERS = {
    "option.text",
    "overlay.samples",
    "overlay.title",
    "self._empty.running",
    "self.tools.chosen",
}


def attributes_set(node: ast.AST) -> Iterator[ast.Attribute]:
    """Attributes that a statement sets, including those in its body."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store):
            yield part


def state_of_signals(tree: ast.AST) -> Iterator[str]:
    """Public attributes that objects with signals set after their construction."""
    for kind in (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)):
        values = [node.value for node in kind.body if isinstance(node, ast.Assign)]
        if any(isinstance(v, ast.Call) and ast.unparse(v.func) == "Signal" for v in values):
            for method in kind.body:
                if isinstance(method, ast.FunctionDef) and method.name != "__init__":
                    found = attributes_set(method)
                    yield from (a.attr for a in found if ast.unparse(a.value) == "self")


def test_state_with_a_signal_is_set_by_its_object_alone() -> None:
    """Such state is read as a plain attribute; setting it from outside would emit no signal."""
    trees = {
        path.relative_to(ROOT): ast.parse(path.read_text("utf-8"))
        for folder in ("ui", "app")
        for path in sorted((ROOT / "sprite_lab" / folder).rglob("*.py"))
    }
    state = {name for tree in trees.values() for name in state_of_signals(tree)}
    assert {"seed", "value", "mode", "opened", "read_only"} <= state, "the rule finds none"
    wrong = [
        f"{path}:{attribute.lineno} sets {ast.unparse(attribute)}: call a method of the object, "
        "or name it in OTHERS if its class has no signal"
        for path, tree in trees.items()
        for attribute in attributes_set(tree)
        if attribute.attr in state and ast.unparse(attribute.value) != "self"
        if ast.unparse(attribute) not in OTHERS
    ]
    assert not wrong, "\n".join(wrong)
