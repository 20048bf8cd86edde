"""Mutation testing: makes small changes to modules, and checks that a test fails for each.

``python -m tests.reliability.mutants sprite_lab/diffusion --tests tests/unit/diffusion`` prints the
mutants that survive: each is a line that no test checks. ``--share 0.3`` tries a random part of
each module, and ``--again FILE`` only the mutants that an earlier run printed. Coverage tells which
tests run a changed line; those are tried, quick ones first, until one fails. Each mutant is a
forked child of a process that has collected the tests: there, existing functions get the changed
code, and modules are imported again only for changes outside of functions. Needs Linux.
"""

from __future__ import annotations

import argparse
import ast
import copy
import gc
import importlib
import importlib.machinery
import itertools
import os
import pickle
import random
import resource
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType

import coverage
import hypothesis
import pytest

#: Memory that a mutant may take beyond what was used before, in bytes.
MEMORY = 4 << 30

#: Most seconds of tests tried with a mutant; slower tests are left out.
SECONDS = 20.0

#: Marks a mutant that survives because no test runs it.
NOT_RUN = " (no test runs it)"

OPTIONS = ("-q", "-x", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:faulthandler")
#: Hypothesis is imported before pytest can rewrite it.
OPTIONS += ("-W", "ignore::pytest.PytestAssertRewriteWarning")

#: Operators and their replacements.
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or,
    ast.Or: ast.And,
}  # fmt: skip


def _skipped(tree: ast.Module) -> set[int]:
    """IDs of types, decorators and error messages, which are not mutated."""
    skipped: set[int] = set()
    for node in ast.walk(tree):
        for name in ("annotation", "returns", "decorator_list"):
            found = getattr(node, name, None)
            for each in found if isinstance(found, list) else [found] if found else []:
                skipped.update(id(inner) for inner in ast.walk(each))
        if isinstance(node, ast.Raise) or (
            isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
        ):
            skipped.update(id(inner) for inner in ast.walk(node) if inner is not node)
    return skipped


def places(tree: ast.Module) -> list[tuple[int, str]]:
    """Nodes that can be mutated: the number in ``ast.walk``, and the kind of mutation."""
    skipped = _skipped(tree)
    found = []
    for number, node in enumerate(ast.walk(tree)):
        if id(node) in skipped:
            continue
        match node:
            case ast.Compare(ops=[op]) if type(op) in SWAPS:
                found.append((number, "compare"))
            case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in SWAPS:
                found.append((number, "operator"))
            case ast.BoolOp():
                found.append((number, "and/or"))
            case ast.If() | ast.While() | ast.IfExp():
                found.append((number, "condition"))
            case ast.Constant(value=bool() | int() | float()):
                found.append((number, "number"))
            case ast.Expr(value=ast.Call()):
                found.append((number, "call"))
            case ast.UnaryOp(op=ast.USub() | ast.Not()):
                found.append((number, "sign"))
    return found


def mutant(tree: ast.Module, number: int) -> tuple[ast.Module, str]:
    """The module with one node mutated, and a description."""
    tree = copy.deepcopy(tree)
    node = list(ast.walk(tree))[number]
    before = ast.unparse(node).splitlines()[0]
    match node:
        case ast.Compare():
            node.ops = [SWAPS[type(node.ops[0])]()]  # type: ignore[list-item]
        case ast.BinOp() | ast.AugAssign() | ast.BoolOp():
            node.op = SWAPS[type(node.op)]()  # type: ignore[assignment]
        case ast.If() | ast.While() | ast.IfExp():
            node.test = ast.UnaryOp(ast.Not(), node.test)
        case ast.Constant(value=bool(value)):
            node.value = not value
        case ast.Constant(value=int() | float() as value):
            node.value = value + 1
        case ast.Expr():
            node.value = ast.Constant(None)
        case ast.UnaryOp():
            node.op = ast.UAdd() if isinstance(node.op, ast.USub) else ast.USub()
    after = ast.unparse(ast.fix_missing_locations(tree)) and ast.unparse(node).splitlines()[0]
    return tree, f"line {getattr(node, 'lineno', 0)}: {before[:70]}  ->  {after[:70]}"


@dataclass(frozen=True)
class Mutant:
    """A changed module, the lines of the change, and whether they are in a function."""

    path: Path
    tree: ast.Module
    what: str
    lines: range
    in_function: bool

    def __str__(self) -> str:
        return f"{os.path.relpath(self.path)}, {self.what}"


def mutants(path: Path, share: float, rng: random.Random) -> list[Mutant]:
    """A random share of a module's mutants."""
    tree = ast.parse(path.read_text("utf-8"))
    nodes = list(ast.walk(tree))
    bodies = [node.body for node in nodes if isinstance(node, ast.FunctionDef)]
    inside = {id(node) for body in bodies for each in body for node in ast.walk(each)}
    found, made = places(tree), []
    for number, _ in sorted(rng.sample(found, round(share * len(found)))):
        changed, what = mutant(tree, number)
        # For a statement with a condition, only the condition's lines
        node = getattr(nodes[number], "test", nodes[number])
        lines = range(node.lineno, node.end_lineno + 1)
        made.append(Mutant(path, changed, what, lines, id(node) in inside))
    return made


@dataclass(frozen=True)
class Covered:
    """The tests that run each line of modules, and the seconds that each test takes."""

    tests: dict[Path, dict[int, list[str]]]
    seconds: dict[str, float]

    def tests_of(self, one: Mutant) -> list[str]:
        """The quickest tests that run a mutant; all tests of the module for code run at import."""
        by_line = self.tests[one.path]
        lines = one.lines if one.in_function else by_line
        found = {test for line in lines for test in by_line.get(line, ())}
        left, chosen = SECONDS, []
        for test in sorted(found, key=lambda test: self.seconds[test]):
            left -= self.seconds[test]
            if left < 0 and chosen:
                break
            chosen.append(test)
        return chosen

    def patience(self, tests: list[str]) -> float:
        """Processor seconds after which a mutant counts as an endless loop."""
        return 20 + 5 * sum(self.seconds[test] for test in tests)


def passes(items: list[pytest.Item]) -> bool:
    for item, following in itertools.zip_longest(items, items[1:]):
        item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
        if item.session.testsfailed:
            print(f"{item.nodeid} fails", file=sys.stderr)
            return False
    return True


def _used() -> float:
    """Processor seconds of this process and its children, unaffected by other programs."""
    return sum(os.times()[:4])


def cover(items: list[pytest.Item], paths: list[Path]) -> Covered:
    measured = coverage.Coverage(data_file=None, config_file=False, include=[str(p) for p in paths])
    measured.start()
    seconds = {}
    for item in items:
        started = _used()
        measured.switch_context(item.nodeid)
        if not passes([item]):
            raise SystemExit(f"It fails as it is: {item.nodeid}")
        seconds[item.nodeid] = _used() - started
    measured.stop()
    data = measured.get_data()
    return Covered({path: data.contexts_by_lineno(str(path)) for path in paths}, seconds)


def in_child(work: Callable[[], bool], seconds: float = 0.0) -> bool:
    """Whether ``work`` succeeds in a forked child.

    ``seconds`` of processor time also limit its memory and silence it; 0 = no limits.
    """
    child = os.fork()
    if child == 0:
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        if seconds:
            os.dup2(quiet, 2)
            signal.setitimer(signal.ITIMER_PROF, seconds)
            signal.setitimer(signal.ITIMER_REAL, 10 * seconds)  # for one that only waits
            taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
        try:
            os._exit(0 if work() else 1)
        except BaseException as error:
            print(error, file=sys.stderr, flush=True)
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def functions(code: CodeType) -> Iterator[CodeType]:
    """The code of a module's functions, methods and classes, including nested ones."""
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner
            yield from functions(inner)


def loaded() -> list[FunctionType]:
    """Every function of this process, including those that the tests have frozen."""
    gc.unfreeze()
    return [each for each in gc.get_objects() if type(each) is FunctionType]


def change(one: Mutant, there: list[FunctionType]) -> None:
    """Give loaded functions the changed code; a module that is imported later is
    the changed one.
    """
    whole = compile(one.tree, str(one.path), "exec")
    changed = {(code.co_qualname, code.co_firstlineno): code for code in functions(whole)}
    for function in there:
        code = function.__code__
        if code.co_filename == str(one.path):
            function.__code__ = changed.get((code.co_qualname, code.co_firstlineno), code)
    loader = importlib.machinery.SourceFileLoader
    usual = loader.get_code

    def get_code(self: importlib.machinery.SourceFileLoader, name: str) -> CodeType | None:
        return whole if Path(self.path).resolve() == one.path else usual(self, name)

    loader.get_code = get_code  # type: ignore[method-assign]


def forget() -> None:
    """Make the app and its tests be imported again."""
    for name in list(sys.modules):
        if name.partition(".")[0] in ("sprite_lab", "tests"):
            del sys.modules[name]


class Trials:
    """A plugin of pytest that tries mutants where the tests would run."""

    def __init__(self, paths: list[Path], tried: list[Mutant], noted: Path) -> None:
        self._paths = paths
        self._tried = tried
        self._noted = noted
        self.survived = Counter[Path]()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        # only once: fixtures use it
        importlib.import_module("sprite_lab.engine.training.train_step")
        covered = self._covered(session.items)
        items = {item.nodeid: item for item in session.items}
        there = loaded()
        gc.freeze()
        for one in self._tried:
            tests = covered.tests_of(one)

            def survives(one: Mutant = one, tests: list[str] = tests) -> bool:
                change(one, there)
                if one.in_function:
                    return passes([items[test] for test in tests])
                forget()
                return pytest.main([*OPTIONS, *tests]) == 0

            if not tests or in_child(survives, covered.patience(tests)):
                self.survived[one.path] += 1
                how = "" if tests else NOT_RUN
                print(f"{one}{how}", flush=True)
        return True

    def _covered(self, items: list[pytest.Item]) -> Covered:
        if not self._noted.exists():

            def note() -> bool:
                return self._noted.write_bytes(pickle.dumps(cover(items, self._paths))) > 0

            if not in_child(note):
                pytest.exit("Mutants can only be tried if all tests pass.", returncode=2)
        return pickle.loads(self._noted.read_bytes())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="+", type=Path, help="modules, or folders of them")
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--share", type=float, default=1.0, help="of each module's mutants")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--again", type=Path, help="only those that an earlier run printed")
    parser.add_argument("--covered", type=Path, help="keep here which tests run which lines")
    given = parser.parse_args()
    found = [path.resolve() for each in given.modules for path in _modules(each)]
    rng = random.Random(given.seed)
    tried = [one for path in found for one in mutants(path, given.share, rng)]
    if given.again:
        survived = given.again.read_text("utf-8").replace(NOT_RUN, "").splitlines()
        tried = [one for one in tried if str(one) in survived]
    # Failing examples are neither shrunk nor stored.
    hypothesis.settings.register_profile(
        "mutants", phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate], derandomize=True
    )
    hypothesis.settings.load_profile("mutants")
    with tempfile.TemporaryDirectory() as folder:
        trials = Trials(found, tried, given.covered or Path(folder, "covered"))
        code = pytest.main([*OPTIONS, *given.tests], plugins=[trials])
    if code != 0:
        return int(code)
    for path, count in sorted(Counter(one.path for one in tried).items()):
        print(f"{os.path.relpath(path)}: {count} mutants, {trials.survived[path]} survived")
    return 0


def _modules(given: Path) -> list[Path]:
    return sorted(given.rglob("*.py")) if given.is_dir() else [given]


if __name__ == "__main__":
    sys.exit(main())
