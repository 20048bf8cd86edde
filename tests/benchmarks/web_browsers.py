"""The page of the shipped student in Chromium and Firefox, used like a person would.

Measures the time for a sprite, the time to learn twenty sprites, and requests besides the page:
none.
"""

from __future__ import annotations

import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from sprite_lab.core.config import WebConfig
from sprite_lab.core.run import RunControl, drain
from sprite_lab.engine.models.web_export import export_web_iter
from tests.benchmarks.report import report
from tests.browser import chromium, firefox, served, until
from tests.made import make_sprites

RUNS, LEARNED, LONGEST_S = 5, 20, 900


def measured(browser: AbstractContextManager[Any], page: Path, sprites: list[Path]) -> dict:
    """Milliseconds per sprite in each run, seconds of learning, and the number of requests."""
    with served(page) as (address, asked), browser as driver:

        def shows(part: str, words: str) -> None:
            until(driver, lambda d: words in d.find_element("id", part).text, LONGEST_S)

        driver.get(f"{address}#show=sample&class=hero&count=8")
        runs = []
        for _ in range(RUNS):
            shows("sample-state", "ms each")
            runs.append(float(driver.find_element("id", "sample-state").get_attribute("data-ms")))
            driver.find_element("id", "sample-reroll").click()
        shows("sample-state", "ms each")
        driver.find_element("id", "tab-train").click()
        driver.find_element("id", "train-files").send_keys("\n".join(map(str, sprites)))
        shows("train-count", f"{LEARNED} sprites")
        driver.find_element("id", "train-go").click()
        begun = time.perf_counter()
        shows("train-state", " steps in ")
        learned = time.perf_counter() - begun
        shows("train-state", "of yours")
        honest = driver.find_element("id", "train-state").text
        return {
            "runs": runs,
            "learn_s": round(learned, 1),
            "copies": honest.partition(" s. ")[2],
            "requests": len(asked) - 1,
        }


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = folder / "page.html"
        drain(export_web_iter("real-student", page, WebConfig(), RunControl()))
        sprites = [folder / f"{i}.png" for i in range(LEARNED)]
        for path, rgba in zip(sprites, make_sprites(LEARNED).rgba, strict=True):
            Image.fromarray(rgba).save(path)
        megabytes = round(page.stat().st_size / 1e6, 2)
        for browser in (chromium, firefox):
            try:
                found = measured(browser(), page, sprites)
            except pytest.skip.Exception as missing:
                print(f"{browser.__name__}: {missing}")
                continue
            runs = found.pop("runs")
            report(f"web_{browser.__name__}_ms", runs, "ms", 100, found | {"megabytes": megabytes})


if __name__ == "__main__":
    main()
