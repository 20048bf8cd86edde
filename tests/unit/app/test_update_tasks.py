"""Checking for updates on a local server that gives every kind of answer."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from sprite_lab import extras
from sprite_lab.app.shell import update_tasks
from sprite_lab.app.shell.update_tasks import Answer, answer_from, ask, check, plain_text
from sprite_lab.core.run import RunControl, drain
from tests.release_server import ReleaseServer, release


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ReleaseServer]:
    server = ReleaseServer()
    monkeypatch.setenv(update_tasks.ADDRESS_VARIABLE, server.address)
    monkeypatch.delenv("FLATPAK_ID", raising=False)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    yield server
    server.close()


def test_a_newer_version_is_reported_with_what_is_new(server: ReleaseServer) -> None:
    server.says(200, release())
    found = ask(server.address, "0.2.0")
    assert found.kind == "newer"
    assert found.sentence == "Sprite Lab 0.3.0 is available; this is 0.2.0."
    assert found.news == "New\n• A"
    assert found.page == "https://example.org/releases/v0.3.0"
    assert found.update is not None


def test_nothing_is_sent_but_the_version(server: ReleaseServer) -> None:
    server.says(200, release())
    ask(server.address, "0.2.0.dev3+g1234567.d20260101")
    ((path, headers),) = server.asked
    assert path == "/latest"
    assert headers.pop("User-Agent") == "sprite-lab/0.2.0.dev3"
    # Only what HTTP itself needs: no cookie, no language, no system.
    assert headers.keys() == {"Host", "Accept-Encoding", "Connection"}


@pytest.mark.parametrize(
    ("ours", "tag", "early", "kind"),
    [
        ("0.3.0", "v0.3.0", False, "current"),
        ("0.3.0", "0.3.0", False, "current"),
        ("0.3.0", "v0.10.0", False, "newer"),
        ("0.10.0", "v0.9.9", False, "current"),
        ("0.3.0.dev5+gabc", "v0.3.0", False, "newer"),
        ("0.4.0.dev1", "v0.3.0", False, "current"),
        ("0.3.0rc1", "v0.3.0", False, "newer"),
        ("0.3.0+local", "v0.3.0", False, "current"),
        ("0.2.0", "v0.3.0rc1", True, "current"),
        ("0.2.0", "v0.3.0", True, "current"),  # GitHub's own flag counts as well
        ("0.3.0b1", "v0.3.0rc1", True, "newer"),
        ("0.2.0", "v0.2.0.post1", False, "newer"),
    ],
)
def test_versions_are_held_against_each_other(ours: str, tag: str, early: bool, kind: str) -> None:
    found = answer_from(release(tag, prerelease=early), ours)
    assert found.kind == kind
    assert ours.partition("+")[0] in found.sentence


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>log in to this hotel</html>",
        b"[]",
        b"null",
        b"{}",
        b'{"tag_name": "latest"}',
        b'{"tag_name": null}',
        b"\xff\xfe",
        b"[" * 100_000,
        release("9" * 4_000),
        release("1.0+" + "x" * 4_000),
        b'{"tag_name": "v1", "tag_name": "v2"}',
    ],
)
def test_what_is_no_answer_is_reported_with_details(server: ReleaseServer, body: bytes) -> None:
    server.says(200, body)
    found = ask(server.address, "0.2.0")
    assert found.kind == "problem"
    assert "the answer did not come from the release page" in found.sentence
    assert found.details


def test_an_answer_without_end_is_not_read_to_its_end(server: ReleaseServer) -> None:
    sent = 0

    def reply(request: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        request.send_response(200)
        request.end_headers()
        try:
            while sent < 10**9:
                sent += request.wfile.write(b" " * 65536)
        except OSError:
            pass

    server.reply = reply
    assert "over 1,000,000 bytes" in ask(server.address, "0.2.0").details
    assert sent < 100_000_000


def test_too_many_questions_say_when_to_ask_again(server: ReleaseServer) -> None:
    server.says(403, b"{}", X_RateLimit_Remaining="0", X_RateLimit_Reset="1700000000")
    found = ask(server.address, "0.2.0")
    when = time.strftime("%H:%M", time.localtime(1700000000))
    assert f"check again after {when}" in found.sentence
    for wrong in ("", "soon", "9" * 40):
        server.says(429, b"", X_RateLimit_Reset=wrong)
        assert "check again in an hour" in ask(server.address, "0.2.0").sentence


def test_other_refusals(server: ReleaseServer) -> None:
    server.says(404, b"{}")
    assert "released there yet" in ask(server.address, "0.2.0").sentence
    server.says(500, b"oh")
    assert "an error (500)" in ask(server.address, "0.2.0").sentence
    server.says(302, b"", Location="file:///etc/passwd")
    assert ask(server.address, "0.2.0").kind == "problem"
    server.says(302, b"", Location=server.address)  # a redirect loop
    assert ask(server.address, "0.2.0").kind == "problem"


def test_where_nobody_listens_it_says_to_look_at_the_network() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/"
    found = ask(address, "0.2.0")
    assert "sure this machine is online" in found.sentence
    assert "refused" in found.details


def test_a_server_that_says_nothing_is_given_up(
    server: ReleaseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = threading.Event()
    server.reply = lambda request: silent.wait(60) and None  # type: ignore[func-returns-value]
    monkeypatch.setattr(update_tasks, "WAIT", 0.2)
    assert "did not answer in time" in ask(server.address, "0.2.0").sentence
    # A server that sends a little at a time must not be waited for endlessly.
    monkeypatch.setattr(update_tasks, "WAIT", 20)
    monkeypatch.setattr(update_tasks, "LONGEST", 0.3)
    assert "did not answer in time" in drain(check()(RunControl())).sentence
    silent.set()


def test_it_can_be_called_off_while_the_server_is_silent(server: ReleaseServer) -> None:
    silent = threading.Event()
    server.reply = lambda request: silent.wait(60) and None  # type: ignore[func-returns-value]
    run = check()(RunControl())
    for _ in range(3):
        next(run)
    run.close()
    silent.set()


def test_a_whole_question(server: ReleaseServer, monkeypatch: pytest.MonkeyPatch) -> None:
    server.says(200, release("v99.0"))
    found = drain(check()(RunControl()))
    assert (found.kind, len(server.asked)) == ("newer", 1)
    # A bug in our code is reported like any other failure, and nobody waits forever.
    monkeypatch.setattr(update_tasks, "answer_from", lambda *_: 1 / 0)
    assert "ZeroDivisionError" in drain(check()(RunControl())).details


def test_without_ssl_nothing_is_asked(
    server: ReleaseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extras, "is_installed", lambda module: module != "ssl")
    found = drain(check()(RunControl()))
    assert (found.kind, "ssl" in found.sentence, server.asked) == ("problem", True, [])


def test_a_flatpak_is_not_asked_about(
    server: ReleaseServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLATPAK_ID", "org.example.SpriteLab")
    monkeypatch.setattr(sys, "executable", "/app/lib/sprite-lab/sprite-lab")
    found = drain(check()(RunControl()))
    assert (found.kind, server.asked) == ("current", [])
    assert found.update is not None
    assert found.update.command == "flatpak update org.example.SpriteLab"


def test_no_page_but_one_of_the_web_is_opened() -> None:
    for link in ("file:///etc/passwd", "javascript:1", None):
        assert answer_from(release(html_url=link), "0.1.0").page == update_tasks.PAGE


def refused_by_tls(error: Exception, monkeypatch: pytest.MonkeyPatch) -> Answer:
    def refuse() -> ssl.SSLContext:
        raise error

    monkeypatch.setattr(update_tasks, "tls_context", refuse)
    return ask("https://127.0.0.1:1/", "0.1.0")


def test_certificates_are_found_or_missed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = refused_by_tls(FileNotFoundError("none"), monkeypatch)
    assert "ca-certificates" in found.sentence
    monkeypatch.undo()
    # A Python built elsewhere finds no certificates in its usual places.
    for variable in (ssl.get_default_verify_paths().openssl_cafile_env, "SSL_CERT_DIR"):
        monkeypatch.setenv(variable, str(tmp_path / "none"))
    monkeypatch.setattr(update_tasks, "CERTIFICATES", ())
    if ssl.create_default_context().cert_store_stats()["x509_ca"] == 0:
        with pytest.raises(FileNotFoundError):
            update_tasks.tls_context()
    monkeypatch.undo()
    there = [file for file in update_tasks.CERTIFICATES if Path(file).is_file()]
    if there:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
        assert update_tasks.tls_context().cert_store_stats()["x509_ca"] > 10


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine, with its key beside it."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=here", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [*command, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    return certificate


@pytest.fixture
def secure(certificate: Path) -> Iterator[ReleaseServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_name("key.pem"))
    server = ReleaseServer(context)
    yield server
    server.close()


def test_a_server_is_believed_by_its_certificate_alone(
    secure: ReleaseServer, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = secure
    server.says(200, release())
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    refused = ask(server.address, "0.1.0")
    assert (refused.kind, server.asked) == ("problem", [])
    assert "certificate" in refused.sentence
    assert "CERTIFICATE_VERIFY_FAILED" in refused.details
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # as an administrator would add it
    assert ask(server.address, "0.1.0").kind == "newer"
    # If Python finds none, those of the system's usual places are used.
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path / "none"))
    monkeypatch.setattr(update_tasks, "CERTIFICATES", ("/nowhere", str(certificate)))
    assert ask(server.address, "0.1.0").kind == "newer"
    monkeypatch.setattr(update_tasks, "CERTIFICATES", ())
    assert "ca-certificates" in ask(server.address, "0.1.0").sentence


def test_a_server_that_is_known_may_not_send_on_to_one_that_is_not(
    server: ReleaseServer,
    secure: ReleaseServer,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server.says(200, release())
    secure.says(302, b"", Location=server.address)
    found = ask(secure.address, "0.2.0")
    assert (found.kind, found.update) == ("problem", None)
    assert "anybody may answer" in found.details


@pytest.mark.parametrize("mark", ["[", "<", "<!--", "![a](", "[a](", "**", "# ", "\n"])
def test_notes_that_are_meant_to_keep_us_busy_do_not(mark: str) -> None:
    found = answer_from(release(body=mark * (900_000 // len(mark))), "0.2.0")
    assert found.kind == "newer"
    assert len(found.news) < 1_300


def test_plain_text_is_the_first_lines_without_marks() -> None:
    text = "<!-- x -->\r\n# Sprite Lab\r\n\r\n\r\n- **One** [link](https://x.y)\n- <b>two</b>\n"
    assert plain_text(text) == "Sprite Lab\n\n• One link\n• two"
    long = plain_text("\n".join(f"* {i}" for i in range(100)))
    assert long.endswith("• 15\n…")
    assert len(plain_text("x" * 10_000)) < 1_300
    assert plain_text("") == ""
