"""A real browser for tests of web pages; skips if there is none."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

#: Without a screen, as root in a container, and without checking for updates.
_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

#: Seconds that a page on a busy machine may take.
PATIENCE = 120


@contextlib.contextmanager
def chromium(width: int = 1280, height: int = 900, *, touch: bool = False) -> Iterator[Any]:
    """Selenium's driver of Chromium or Chrome, with a log of all requests."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip("needs Chromium and ChromeDriver: apt install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for argument in (*_ARGUMENTS, f"--window-size={width},{height}"):
        options.add_argument(argument)
    if touch:
        metrics = {"width": width, "height": height, "pixelRatio": 2.0, "touch": True}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    found = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    try:
        yield found
    finally:
        found.quit()


@contextlib.contextmanager
def firefox(width: int = 1280, height: int = 900) -> Iterator[Any]:
    """Selenium's driver of Firefox."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")
    program = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
    driver = shutil.which("geckodriver")
    if program is None or driver is None:
        pytest.skip("needs Firefox and geckodriver")
    options = webdriver.FirefoxOptions()
    options.binary_location = program
    for argument in ("-headless", f"--width={width}", f"--height={height}"):
        options.add_argument(argument)
    found = webdriver.Firefox(options=options, service=webdriver.FirefoxService(driver))
    try:
        yield found
    finally:
        found.quit()


def requests(driver: Any) -> list[str]:
    """Requests since the last call, except for files and for what the page made itself."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [
        str(message["params"]["request"]["url"])
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
    return [url for url in urls if not url.startswith(("file:", "blob:", "data:"))]


@contextlib.contextmanager
def served(page: Path) -> Iterator[tuple[str, list[str]]]:
    """The address of a page on a server of its folder, and the requests it gets."""
    asked: list[str] = []

    class Counting(SimpleHTTPRequestHandler):
        def log_request(self, *_: object) -> None:
            asked.append(self.path)

    handler = partial(Counting, directory=str(page.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/{page.name}", asked
        finally:
            server.shutdown()


def complaints(driver: Any) -> list[str]:
    """Messages on the browser's console, such as violations of the page's policy."""
    return [entry["message"] for entry in driver.get_log("browser")]


def until(driver: Any, condition: Callable[[Any], Any], seconds: float = PATIENCE) -> Any:
    """Wait until a condition on the driver holds."""
    from selenium.webdriver.support.ui import WebDriverWait

    return WebDriverWait(driver, seconds).until(condition)


def open_page(driver: Any, path: Path, settings: str = "") -> None:
    driver.get(f"{path.as_uri()}{settings}")
    assert driver.find_element("id", "failed").text == ""
