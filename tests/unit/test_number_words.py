"""Numbers, percentages and classes are written in the same way everywhere in the window."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

import sprite_lab
from sprite_lab.app.shell.text_format import (
    class_words,
    mix_words,
    prompt_words,
    share_text,
    trajectory_words,
)
from sprite_lab.core.config import ForwardConfig, SampleConfig, ScheduleConfig
from sprite_lab.core.sets.vocabulary import Prompt
from sprite_lab.words import NAMES, tr, trn, use_language

PACKAGE = Path(sprite_lab.__file__).parent

#: Format specs that write numbers the English way, whatever the language.
_MARKED = re.compile(r"[,%]|\.[1-9]\d*|g$|e$")

#: Modules with text that no user reads in the window: style sheets, CSS, environment, tables.
_NOT_SHOWN = {"ui/shell/app.py", "app/shell/update_tasks.py", "ui/shell/notices.py"}


def sources(having: str) -> Iterator[tuple[str, ast.Module]]:
    """Modules of the window that contain ``having``; the others need no parsing."""
    for folder in ("ui", "app"):
        for path in sorted((PACKAGE / folder).rglob("*.py")):
            source = path.read_text("utf-8")
            if having in source:
                yield path.relative_to(PACKAGE).as_posix(), ast.parse(source)


def spec_of(value: ast.FormattedValue) -> str:
    """A format spec; a nested value counts as a digit."""
    parts = value.format_spec.values if isinstance(value.format_spec, ast.JoinedStr) else []
    return "".join(str(p.value) if isinstance(p, ast.Constant) else "9" for p in parts)


def test_numbers_are_written_by_the_language() -> None:
    """German and Spanish write 0,5 and 1.234: ``tr`` and ``number_text`` do, f-strings do not."""
    wrong = []
    for name, tree in sources("{"):
        specs = {id(p) for n in ast.walk(tree) if isinstance(n, ast.Call) for p in written(n)}
        for node in ast.walk(tree):
            if not isinstance(node, ast.FormattedValue) or id(node) in specs:
                continue
            if _MARKED.search(spec_of(node)) and name not in _NOT_SHOWN:
                wrong.append(f"{name}:{node.lineno} formats :{spec_of(node)} in an f-string")
    assert not wrong, "\n".join(wrong)


def written(call: ast.Call) -> Iterator[ast.AST]:
    """The arguments of a call of ``with_marks``."""
    if isinstance(call.func, ast.Name) and call.func.id == "with_marks":
        yield from (part for argument in call.args for part in ast.walk(argument))


def test_no_space_is_written_before_a_percent_sign() -> None:
    """Whether there is a space depends on the language: it is one of the number marks."""
    wrong = [
        f"{name}:{node.lineno} “{node.value}”"
        for name, tree in sources(" %")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if re.search(r"(^|[\d}]) %", node.value) and "\n" not in node.value
    ]
    assert not wrong, "\n".join(wrong)


def test_whole_numbers_have_a_mark_at_each_thousand_and_names_have_none() -> None:
    assert tr("{count} of {total}", count=1648, total=2_000_000) == "1,648 of 2,000,000"
    assert tr("{count}, {t:.0f}, seed {seed}", count=7, t=1648.2, seed=1648) == "7, 1648, seed 1648"
    assert tr("{seed} → {seed2}", seed=1648, seed2=2_000_000) == "1648 → 2000000"
    assert tr("{on}", on=True) == "True"
    assert trn("{n} step", "{n} steps", 1648) == "1,648 steps"
    try:
        use_language("de")
        assert tr("{count} of {total}", count=1648, total=2_000_000) == "1.648 of 2.000.000"
        assert tr("{count}, port {port}", count=1648, port=8080) == "1.648, port 8080"
    finally:
        use_language("")


#: Functions and errors that insert values into a text.
_FILLS = re.compile(r"tr|trn|trc|require|number_text|\w+Error")


def last_name(value: ast.expr) -> str:
    """The name of a variable or attribute without digits: "seed" for ``after.seeds[2].seed2``."""
    name = getattr(value, "attr", getattr(value, "id", ""))
    return str(name).rstrip("0123456789")


def marked_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Lines where a seed or the like is inserted as if it were a count."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if not _FILLS.fullmatch(getattr(call.func, "id", getattr(call.func, "attr", ""))):
            continue
        for keyword in call.keywords:
            name = last_name(keyword.value)
            if name in NAMES and (keyword.arg or "").rstrip("0123456789") not in NAMES:
                yield call.lineno, f"{keyword.arg}: call the value {name}, so that it has no marks"
        for argument in call.args:
            if last_name(argument) in NAMES:
                yield call.lineno, f"{ast.unparse(argument)} is no count"
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                for spec in re.findall(rf"{{(?:{'|'.join(NAMES)})\d*[:!][^}}]*}}", argument.value):
                    yield call.lineno, f"{spec} is no number"


@pytest.mark.parametrize(
    "line",
    [
        "tr('from {number}', number=config.seed)",
        "tr('seed {first}', first=seed2)",
        "trn('{n} seed', '{n} seeds', seed)",
        "FileError('Port {it} is taken.', it=port)",
        "tr('seed {seed:,}', seed=seed)",
        "number_text(config.seed)",
    ],
)
def test_the_rule_finds_names_with_marks(line: str) -> None:
    assert list(marked_names(ast.parse(line)))


def test_names_that_are_numbers_have_no_marks() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line} {what}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line, what in marked_names(ast.parse(path.read_text("utf-8")))
    ]
    assert not wrong, "\n".join(wrong)


def test_underscores_of_classes_are_replaced_in_one_place() -> None:
    # The latter has those of settings
    own = {"app/shell/text_format.py", "app/train/run_differences.py"}
    wrong = [
        f"{name}:{node.lineno}"
        for name, tree in sources("replace")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr == "replace" and name not in own
        if [getattr(a, "value", None) for a in node.args[:2]] == ["_", " "]
    ]
    assert not wrong, "\n".join(wrong)
    assert class_words("side_facing") == "side facing"
    assert class_words(None) == mix_words(()) == prompt_words(Prompt()) == "any class"


@pytest.mark.parametrize(
    ("share", "english", "german"),
    [
        (0.0, "0%", "0\u00a0%"),
        (0.00034, "0.034%", "0,034\u00a0%"),
        (0.048, "4.8%", "4,8\u00a0%"),
        (0.5, "50.0%", "50,0\u00a0%"),
        (0.9995, "99.950%", "99,950\u00a0%"),
        (1.0, "100%", "100\u00a0%"),
    ],
)
def test_a_share_has_the_digits_that_tell_it_apart(share: float, english: str, german: str) -> None:
    assert share_text(share) == english
    try:
        use_language("de")
        assert share_text(share) == german
    finally:
        use_language("")


def test_a_trajectory_is_described_in_the_language() -> None:
    """Its schedule and sampler once were in English."""
    forward = ForwardConfig(schedule=ScheduleConfig(name="cosine"))
    reverse = SampleConfig(sampler="student", steps=4)
    fields = {"model": "", "branched_at": None, "prompts": ()}
    dissolved = SimpleNamespace(kind="forward", forward=forward, **fields)
    drawn = SimpleNamespace(kind="reverse", config=reverse, **fields)
    try:
        use_language("de")
        assert "Kosinus, T = 500" in trajectory_words(dissolved)  # type: ignore[arg-type]
        assert "Schüler, 4 Schritte" in trajectory_words(drawn)  # type: ignore[arg-type]
    finally:
        use_language("")


def test_samplers_and_spacings_are_called_in_the_language() -> None:
    untranslated = re.compile(r"(?<!tr\()(?:SAMPLERS|SPACINGS)\[[^\n]+\]\.label")
    folder = Path(sprite_lab.__file__).parent
    for part in ("app", "core", "ui"):
        for path in (folder / part).rglob("*.py"):
            assert not untranslated.findall(path.read_text(encoding="utf-8")), path
