"""One spelling, the American one, in code, window, lessons, help and documents."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

BRITISH = re.compile(
    r"colour|grey|centre|centring|behaviour|favour|neighbour|licence|catalogue|armour|cancelled|cancelling"
    r"|labelled(?!by)|labelling|modelled|modelling|learnt|spelt|spoilt|\btowards\b|\banalyse"
    r"|\b(?:recogn|memor|organ|optim|visual|minim|maxim|normal|general|initial)is(?:e|ed|es|ing|ation)\b",
    re.IGNORECASE,
)

#: Names spelled this way in files: weights, reports, credits, saved layouts, and a word.
ON_DISK = re.compile(
    r"colour_attention|learnt_from|\.licence\b|licence: str|['\"`]licence['\"`]"
    r"|\bdata\.(?:page\.)?colours?[.\w]*|\b(?:draw|see\.branch)\.colours|\"colours\"|'colours'"
    r"|\"about\.licences\"|\"licences(?:\.text)?\"|gray grey black|__neighbours"
)


def test_words_are_spelled_the_american_way() -> None:
    texts = [ROOT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG", "SECURITY")]
    texts += [*(ROOT / "docs").glob("*.md"), *(ROOT / "changes").glob("*.md")]
    texts += [*(ROOT / "resources" / "help").rglob("*.md"), *(ROOT / "resources").glob("*.json")]
    texts += (ROOT / "resources" / "lessons").glob("*.json")
    texts += (ROOT / "sprite_lab").rglob("*.py")
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {found[0]}"
        for path in texts
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if (found := BRITISH.search(ON_DISK.sub("", line)))
    ]
    assert not wrong, "\n".join(wrong)
