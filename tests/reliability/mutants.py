"""Mutation testing: makes small changes to a module, and checks that a test fails for each.

``python -m tests.reliability.mutants sprite_lab/diffusion/schedule.py --tests
tests/unit/diffusion/test_schedule.py --count 50`` prints the mutants that survive: each is a line
that no test checks. Each mutant is a forked child of a process that has imported PyTorch.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.machinery
import os
import random
import signal
import sys
import time
from pathlib import Path

#: Operators and their replacements.
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or,
    ast.Or: ast.And,
}  # fmt: skip


def _skipped(tree: ast.Module) -> set[int]:
    """IDs of types, decorators and error messages, which need no tests."""
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
    """Nodes that can be mutated, by their number in ``ast.walk``, and the kind of mutation."""
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


def passes(path: Path, tree: ast.Module, tests: list[str], seconds: int) -> bool:
    """Whether the tests pass with the mutated module, within the time."""
    child = os.fork()
    if child == 0:
        signal.alarm(seconds)
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        loader = importlib.machinery.SourceFileLoader
        usual = loader.get_code

        def get_code(self: importlib.machinery.SourceFileLoader, name: str) -> object:
            if Path(self.path).resolve() == path:
                return compile(tree, str(path), "exec")
            return usual(self, name)

        loader.get_code = get_code  # type: ignore[method-assign, assignment]
        import pytest

        options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:faulthandler"]
        os._exit(int(pytest.main([*options, *tests])))
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="+", type=Path)
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--count", type=int, default=0, help="of each module, at random; 0 = all")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    import hypothesis  # noqa: F401 (all of these: once, and not in each child)
    import numpy as np  # noqa: F401
    import PIL.Image  # noqa: F401
    import torch

    torch.set_num_threads(1)
    rng = random.Random(given.seed)
    made = survived = 0
    for module in given.modules:
        path = module.resolve()
        tree = ast.parse(path.read_text("utf-8"))
        started = time.monotonic()
        if not passes(path, tree, given.tests, 600):
            print(f"{module}: its tests fail as it is", file=sys.stderr)
            return 2
        patience = 30 + round(5 * (time.monotonic() - started))
        chosen = places(tree)
        if given.count:
            chosen = rng.sample(chosen, min(given.count, len(chosen)))
        for number, _ in sorted(chosen):
            changed, what = mutant(tree, number)
            made += 1
            if passes(path, changed, given.tests, patience):
                survived += 1
                print(f"{module}, {what}", flush=True)
    print(f"{made} mutants, {survived} survived", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
