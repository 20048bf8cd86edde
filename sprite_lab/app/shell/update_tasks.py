"""Checking for updates on request; only the version number is sent, as the user agent."""

from __future__ import annotations

import datetime
import functools
import os
import queue
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sprite_lab import __version__, extras, installation
from sprite_lab.app.task import task
from sprite_lab.core import strict_json
from sprite_lab.core.run import Run, RunControl
from sprite_lab.words import marked, tr

if TYPE_CHECKING:
    import ssl
    from email.message import Message


# ruff: noqa: PLC0415 (network modules are loaded when needed)

#: For the format of the answer, see https://docs.github.com/rest/releases/releases.
ADDRESS = "https://api.github.com/repos/sprite-lab/sprite-lab/releases/latest"
#: Overrides the address, for forks and tests.
ADDRESS_VARIABLE = "SPRITE_LAB_UPDATES"
#: The page of all releases.
PAGE = "https://github.com/sprite-lab/sprite-lab/releases"

#: Timeouts of one network operation, and of the whole check, in seconds.
WAIT, LONGEST = 10.0, 20.0
#: Maximum size of an answer in bytes; normally, it has a few kilobytes.
LARGEST = 1_000_000
#: Limits of the news shown, in lines and letters, and of the text read, since cleaning it blocks
#: all Python threads.
MOST_LINES, MOST_LETTERS, MOST_READ = 16, 1_200, 8_000
#: Maximum length of a version number shown.
LONGEST_VERSION = 40

#: Where systems keep their certificates, for a Python built on another system.
CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
_NO_CERTIFICATES = tr(
    "Cannot check for updates, because this system has no certificates to verify the server "
    "with: install them (the package is often called ca-certificates), then check again."
)
_NOT_UNDERSTOOD = tr(
    "Cannot check for updates: the answer did not come from the release page. Check again "
    "later, or open the page yourself."
)


@dataclass(frozen=True)
class Answer:
    """The result of a check."""

    #: a newer version exists, none exists, or the check failed
    kind: Literal["newer", "current", "problem"]
    sentence: str  #: the answer to show
    news: str = ""  #: the first lines of the news, as plain text
    page: str = PAGE  #: address of a page with more
    details: str = ""  #: details of a failure, for a bug report
    update: installation.Installation | None = None  #: how to update this installation


@task("network", marked("Checking for updates"))
def check(control: RunControl) -> Run[Answer]:
    """Check for updates; never fails, and can be canceled at any time."""
    address = os.environ.get(ADDRESS_VARIABLE) or ADDRESS
    yield None
    if extras.is_flatpak():
        sentence = tr(
            "This is {version}. A Flatpak has no network access: Flatpak itself checks for "
            "updates.",
            version=__version__,
        )
        return Answer("current", sentence, update=installation.find_installation())
    missing = extras.missing("updates")
    if missing:
        return Answer("problem", tr("{missing}. See the release page instead.", missing=missing))
    # On a separate thread, since a name lookup cannot be interrupted.
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    ask_and_tell = functools.partial(_tell, answers, lambda: ask(address, __version__))
    threading.Thread(target=ask_and_tell, name="updates", daemon=True).start()
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        try:
            return answers.get(timeout=0.05)
        except queue.Empty:
            yield None
    return Answer(
        "problem",
        _too_slow(),
        details=tr("{address}: no answer in {longest:g} s", address=address, longest=LONGEST),
    )


def _tell(answers: queue.SimpleQueue[Answer], ask: Callable[[], Answer]) -> None:
    try:
        answers.put(ask())
    except Exception:
        answers.put(Answer("problem", _NOT_UNDERSTOOD, details=traceback.format_exc()))


def ask(address: str, version: str) -> Answer:
    """Ask a server whether there is a newer version; blocks."""
    import http.client
    import ssl
    import urllib.error
    import urllib.request
    from urllib.parse import urlsplit

    from packaging.version import Version

    agent = f"sprite-lab/{Version(version).public}"
    try:
        request = urllib.request.Request(address, headers={"User-Agent": agent})
        context = tls_context() if urlsplit(address).scheme == "https" else None
        with urllib.request.urlopen(request, timeout=WAIT, context=context) as response:
            data = response.read(LARGEST + 1)
            if context and not response.url.startswith("https:"):
                raise ValueError(f"sent on to {response.url}, where anybody may answer")
    except urllib.error.HTTPError as error:
        sentence = _refused(error.code, error.headers)
        return Answer("problem", sentence, details=f"{address}: {error}")
    except (OSError, http.client.HTTPException, ValueError) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, FileNotFoundError):
            sentence = _NO_CERTIFICATES
        elif isinstance(reason, ssl.SSLCertVerificationError):
            sentence = tr(
                "Cannot check for updates, because this system does not trust the server's "
                "certificate ({verify_message}): check this machine's date and its connection "
                "to the network.",
                verify_message=reason.verify_message,
            )
        elif isinstance(reason, TimeoutError):
            sentence = _too_slow()
        elif isinstance(reason, OSError):
            sentence = tr(
                "Cannot check for updates, because the server cannot be reached: make sure this "
                "machine is online, then check again."
            )
        else:
            sentence = _NOT_UNDERSTOOD
        return Answer("problem", sentence, details=f"{address}: {error!r}")
    if len(data) > LARGEST:
        return Answer(
            "problem",
            _NOT_UNDERSTOOD,
            details=tr("{address}: over {largest:,} bytes", address=address, largest=LARGEST),
        )
    return answer_from(data, version)


def answer_from(data: bytes, version: str) -> Answer:
    """The answer, given the server's response about its latest release."""
    from packaging.version import InvalidVersion, Version

    try:
        found = strict_json.loads(data)
        tag = str(found["tag_name"])
        if len(tag) > LONGEST_VERSION:
            raise ValueError(f"a version of {len(tag):,} letters")
        latest, ours = Version(tag), Version(version)
        early = bool(found.get("prerelease")) or latest.is_prerelease
        news, link = found.get("body"), str(found.get("html_url", ""))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidVersion):
        details = f"{traceback.format_exc()}\n{data[:400]!r}"
        return Answer("problem", _NOT_UNDERSTOOD, details=details)
    page = link if link.startswith(("https://", "http://")) else PAGE
    # A pre-release is not offered to users of a final release.
    if latest > ours and (ours.is_prerelease or not early):
        return Answer(
            "newer",
            tr("Sprite Lab {latest} is available; this is {ours}.", latest=latest, ours=ours),
            plain_text(news if isinstance(news, str) else ""),
            page,
            update=installation.find_installation(),
        )
    if latest == ours:
        sentence = tr("This is the newest version, {ours}.", ours=ours)
    elif latest > ours:
        sentence = tr(
            "This is the newest release, {ours}; {latest} is a pre-release.",
            ours=ours,
            latest=latest,
        )
    else:
        sentence = tr(
            "This is {ours}, which is newer than the latest release, {latest}.",
            ours=ours,
            latest=latest,
        )
    return Answer("current", sentence, page=page)


def plain_text(markdown: str) -> str:
    """The first lines of a text, without Markdown and HTML."""
    text = re.sub(r"<!--.*?-->", "", markdown[:MOST_READ], flags=re.DOTALL)
    text = re.sub(r"!?\[([^\[\]\n]*)\]\([^)\n]*\)", r"\1", text)  # keep only the text of links
    text = re.sub(r"<[^<>\n]*>", "", text)
    text = re.sub(r"^[ \t]*#+[ \t]*", "", text, flags=re.MULTILINE)
    text = re.sub(r"^([ \t]*)[*+-][ \t]+", r"\1• ", text, flags=re.MULTILINE)
    text = re.sub(r"\*\*|__|`", "", text)
    lines = [line.rstrip() for line in re.sub(r"\r\n?", "\n", text).strip().split("\n")]
    lines = [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]
    shown = "\n".join(lines[:MOST_LINES])[:MOST_LETTERS].rstrip()
    whole = len(markdown) <= MOST_READ and len(shown) == len("\n".join(lines))
    return shown if whole else f"{shown}\n…"


def _too_slow() -> str:
    return tr(
        "Cannot check for updates, because the server did not answer in time: check again later."
    )


def _refused(code: int, headers: Message) -> str:
    """What an HTTP error status means."""
    if code in (403, 429):
        reset = headers.get("X-RateLimit-Reset", "")
        when = tr("in an hour")
        if reset.isdecimal() and len(reset) <= 10:
            when = tr(
                "after {fromtimestamp:%H:%M}",
                fromtimestamp=datetime.datetime.fromtimestamp(int(reset)),
            )
        return tr(
            "Cannot check for updates, because this network sent too many requests within an "
            "hour: check again {when}.",
            when=when,
        )
    if code == 404:
        return tr("No version of Sprite Lab has been released there yet.")
    return tr(
        "Cannot check for updates: the server answered with an error ({code}). Check again later.",
        code=code,
    )


def tls_context() -> ssl.SSLContext:
    """A TLS context with the certificates of the system; FileNotFoundError if none are found.

    A frozen Python looks for certificates where they were on the machine that built it. Every
    current system has them in one of a few places, so no package is needed, which would become
    outdated.
    """
    import ssl

    context = ssl.create_default_context()
    if sys.platform == "win32" or context.cert_store_stats()["x509_ca"]:
        return context
    for file in CERTIFICATES:
        if Path(file).is_file():
            context.load_verify_locations(file)
            return context
    folder = ssl.get_default_verify_paths().capath  # the folder is read during a handshake
    if folder is None or not any(Path(folder).iterdir()):
        raise FileNotFoundError("no certificates")
    return context
