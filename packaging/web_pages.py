#!/usr/bin/env python3
"""The pages in docs/pages, one for each shipped model, which draws there; linked from the README.

    python packaging/web_pages.py              # makes them again (a minute)
    python packaging/web_pages.py --check      # exits with 1 if one is missing or outdated

A test runs the check, so they have to be made again after each change of weights. They are some 6
MB each: make them once, when the weights are final.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sprite_lab.core.config import WebConfig  # noqa: E402
from sprite_lab.core.run import RunControl, drain  # noqa: E402
from sprite_lab.engine.models.model import load_model, shipped_models  # noqa: E402
from sprite_lab.engine.models.web_export import export_web_iter, fingerprint  # noqa: E402

PAGES = ROOT / "docs" / "pages"
_DATA = re.compile(r'id="data">(.*?)</script>', re.S)


def faults(folder: Path) -> list[str]:
    """One sentence for each page that does not match a shipped model's weights."""
    found = []
    for model in shipped_models():
        page = folder / f"{model.name}.html"
        if not page.is_file():
            found.append(f"{page.name} is missing")
        elif fingerprint_of(page) != fingerprint(load_model(model.name, "cpu")):
            found.append(f"{page.name} is of other weights")
    return found


def fingerprint_of(page: Path) -> str:
    """The fingerprint of the weights in a page."""
    data = _DATA.search(page.read_text("utf-8"))
    assert data is not None, page
    return str(json.loads(data[1])["model"]["fingerprint"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        wrong = faults(PAGES)
        print(*wrong or ["All pages are those of the shipped weights."], sep="\n")
        return 1 if wrong else 0
    PAGES.mkdir(exist_ok=True)
    for model in shipped_models():
        page = PAGES / f"{model.name}.html"
        drain(export_web_iter(model.name, page, WebConfig(), RunControl()))
        print(f"{page.relative_to(ROOT)}: {page.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
