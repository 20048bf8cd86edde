"""``sprite-lab serve``: who gets answers, what is drawn, and what is refused."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from sprite_lab.core.errors import FileError
from sprite_lab.engine.serving import server as serving
from sprite_lab.engine.serving.server import Server, own_token
from tests.cli.conftest import TOKEN


class Client:
    """A program that knows the token."""

    def __init__(self, server: Server) -> None:
        self.port = server.server_port

    def ask(self, path: str, body: object = None, **headers: str | None) -> tuple[int, bytes]:
        """Status and body. ``headers``: in place of the usual ones; None = none."""
        usual = {"Host": f"127.0.0.1:{self.port}", "Authorization": f"Bearer {TOKEN}"}
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        if body is not None:
            usual["Content-Length"] = str(len(data))
        usual |= {name.replace("_", "-"): value for name, value in headers.items()}
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as to:
            method = "GET" if body is None else "POST"
            to.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in usual.items():
                if value is not None:
                    to.putheader(name, value)
            to.endheaders(data if body is not None else None)
            reply = to.getresponse()
            return reply.status, reply.read()

    def facts(self, path: str, body: object = None, **headers: str | None):
        status, data = self.ask(path, body, **headers)
        return status, json.loads(data)


@pytest.fixture
def client(server: Server) -> Client:
    return Client(server)


def png(image: np.ndarray) -> str:
    data = io.BytesIO()
    Image.fromarray(image).save(data, "PNG")
    return base64.b64encode(data.getvalue()).decode()


def pixels(data: bytes | str) -> np.ndarray:
    data = base64.b64decode(data) if isinstance(data, str) else data
    return np.array(Image.open(io.BytesIO(data)))


def test_it_says_what_can_be_asked_for(client: Client, server: Server) -> None:
    status, facts = client.facts("/")
    assert status == 200
    assert facts["size"] == 16
    assert facts["classes"] == list(server.model.class_names)


def test_it_listens_on_this_machine_alone(server: Server) -> None:
    assert server.socket.getsockname()[0] == "127.0.0.1"
    assert server.socket.family == socket.AF_INET


def test_sprites_are_those_of_the_command(client: Client, server: Server) -> None:
    from sprite_lab.api import SampleConfig, sample

    asked = {"count": 3, "seed": 5, "steps": 2}
    status, facts = client.facts("/sample", {"config": asked})
    assert status == 200
    drawn = np.stack([pixels(sprite) for sprite in facts["sprites"]])
    assert np.array_equal(drawn, sample(server.model, SampleConfig(**asked)))
    assert facts["config"]["sampler"] == "dpmpp_2m"
    status, data = client.ask("/sample", {"config": asked | {"count": 1}}, Accept="image/png")
    assert status == 200
    assert np.array_equal(pixels(data), drawn[0])


def test_what_is_kept_stays(client: Client) -> None:
    drawing = np.random.default_rng(0).integers(0, 256, (16, 16, 4)).astype(np.uint8)
    drawing[..., 3] = 255
    keep = ["#" * 8 + "." * 8] * 16
    body = {"drawing": png(drawing), "keep": keep, "config": {"steps": 2}}
    status, data = client.ask("/inpaint", body, Accept="image/png")
    assert status == 200
    found = pixels(data)
    assert np.array_equal(found[:, :8], drawing[:, :8])
    assert (found[:, 8:] != drawing[:, 8:]).any()


def test_a_drawing_is_started_from_at_any_level(client: Client) -> None:
    drawing = np.random.default_rng(0).integers(0, 256, (16, 16, 4)).astype(np.uint8)
    drawing[..., 3] = 255
    body = {"drawing": png(drawing), "config": {"steps": 2, "start_t": 1, "keep_alpha": True}}
    status, facts = client.facts("/sample", body)
    assert (status, facts.get("error")) == (200, None)
    [found] = map(pixels, facts["sprites"])
    assert np.array_equal(found[..., 3], drawing[..., 3])
    assert facts["config"]["start_t"] == 1


def test_a_drawing_is_judged_by_pixel(client: Client, server: Server) -> None:
    drawing = np.full((16, 16, 4), 255, np.uint8)
    drawing[5, 9, :3] = (0, 255, 0)
    body = {"drawing": png(drawing), "class": server.model.class_names[0]}
    status, facts = client.facts("/judge", body)
    assert status == 200
    bits = np.array(facts["pixels"])
    assert bits.shape == (16, 16)
    assert facts["bits_per_dim"] == pytest.approx(bits.sum() / (16 * 16 * 3), rel=0.05)
    heat = pixels(facts["png"])
    assert np.unravel_index(heat[..., 3].argmax(), (16, 16)) == np.unravel_index(
        bits.argmax(), (16, 16)
    )


@pytest.mark.parametrize(
    ("headers", "status", "said"),
    [
        ({"Authorization": None}, 401, "token"),
        ({"Authorization": "Bearer " + "u" * 32}, 401, "token"),
        ({"Authorization": TOKEN}, 401, "token"),
        ({"Host": "evil.example"}, 403, "127.0.0.1"),
        ({"Host": "evil.example:8737"}, 403, "127.0.0.1"),
        ({"Host": None}, 403, "127.0.0.1"),
        ({"Origin": "http://evil.example"}, 403, "Web pages"),
        ({"Origin": "null"}, 403, "Web pages"),
        ({"Sec_Fetch_Site": "cross-site"}, 403, "Web pages"),
        ({"Sec_Fetch_Site": "none"}, 403, "browsers are not answered, only programs"),
    ],
)
def test_strangers_are_not_answered(client: Client, headers, status, said) -> None:
    for path, body in (("/", None), ("/sample", {})):
        found, facts = client.facts(path, body, **headers)
        assert found == status
        assert said in facts["error"]


@pytest.mark.parametrize(
    ("path", "body", "status", "said"),
    [
        ("/nothing", {}, 404, "no such path"),
        ("/../run.json", None, 404, "only '/'"),
        ("/sample", b"{", 400, "not JSON"),
        ("/sample", b'{"config": {"seed": NaN}}', 400, "not JSON"),
        ("/sample", b"[]", 400, "must be a JSON object"),
        ("/sample", {"config": 3}, 400, "'config' must be an object"),
        ("/sample", {"config": {"count": 65}}, 400, "At most 64"),
        ("/sample", {"config": {"count": 0}}, 400, "from 1 to"),
        ("/sample", {"config": {"classes": ["dragon"]}}, 400, "no class 'dragon'"),
        ("/sample", {"config": {"colour": 1}}, 400, "no setting named 'colour'"),
        ("/sample", {"prompt": "x"}, 400, "is not a parameter here"),
        ("/sample", {"keep": ["#"]}, 400, "needs a 'drawing'"),
        ("/sample", {"drawing": "?"}, 400, "not valid base64"),
        ("/sample", {"drawing": 7}, 400, "PNG in base64"),
        ("/sample", {"drawing": "aGVsbG8="}, 400, "PNG"),
        ("/sample", {"drawing": png(np.zeros((8, 8, 4), np.uint8))}, 400, "model draws 16×16"),
        ("/inpaint", {"drawing": png(np.zeros((16, 16, 4), np.uint8))}, 400, "needs"),
        (
            "/inpaint",
            {"drawing": png(np.zeros((16, 16, 4), np.uint8)), "keep": ["#" * 15] * 16},
            400,
            "16 strings of 16 characters",
        ),
        ("/judge", {}, 400, "PNG in base64"),
        ("/judge", {"drawing": png(np.zeros((16, 16, 4), np.uint8)), "class": 1}, 400, "no class"),
    ],
)
def test_invalid_input_is_refused_in_a_sentence(client: Client, path, body, status, said) -> None:
    found, facts = client.facts(path, body)
    assert found == status, facts
    assert said in facts["error"]
    assert "fault" not in facts["error"]


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"PUT / HTTP/1.1", 501),
        (b"GET / HTTP/9.9", 505),
        (b"hello", 400),
        (b"GET /%s HTTP/1.1" % (b"a" * 70_000), 414),
    ],
)
def test_what_is_no_request_is_refused_as_json(client: Client, line: bytes, status: int) -> None:
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as to:
        to.sendall(line + b"\r\nHost: a\r\n\r\n")
        head, _, body = to.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.0 %d" % status)
    assert "cannot be made out" in json.loads(body)["error"]
    assert "None" not in json.loads(body)["error"]


def test_nothing_is_drawn_for_a_client_that_is_gone(client: Client, server: Server) -> None:
    body = json.dumps({"config": {"count": 64, "steps": 500}}).encode()
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as to:
        head = f"POST /sample HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\n"
        head += f"Authorization: Bearer {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
        to.sendall(head.encode() + body)
        until = time.monotonic() + 60
        while not server.turn.locked():
            assert time.monotonic() < until
            time.sleep(0.01)
        started = time.monotonic()
    assert server.turn.acquire(timeout=30)
    server.turn.release()
    assert time.monotonic() - started < 30


def test_requests_have_a_size(client: Client) -> None:
    assert client.facts("/sample", b"", Content_Length="2000000")[0] == 413
    assert client.facts("/sample", b"", Content_Length="-1")[0] == 411
    assert client.facts("/sample", b"", Content_Length=None)[0] == 411
    chunked = {"Transfer_Encoding": "chunked"}
    assert client.facts("/sample", b"", **chunked)[0] == 411


def test_requests_have_a_time(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serving, "WORKING_S", 0.0)
    status, facts = client.facts("/sample", {"config": {"steps": 50}})
    assert status == 503
    assert "fewer sprites or steps" in facts["error"]
    monkeypatch.undo()
    assert client.facts("/sample", {"config": {"steps": 1}})[0] == 200, "the model is free again"


def test_a_request_that_trickles_in_is_cut_off(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "READING_S", 0.2)
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as to:
        to.sendall(b"POST /sample HTTP/1.1\r\nHost: 127")
        assert to.recv(100) == b"", "it is closed without a word"


def test_idle_connections_without_a_token_lock_nobody_out(client: Client) -> None:
    held = [socket.create_connection(("127.0.0.1", client.port), timeout=30) for _ in range(8)]
    for each in held:
        each.sendall(b"GET")
    for _ in range(3):
        assert client.facts("/")[0] == 200
    with held[0].makefile("rb") as oldest:
        assert b"ask again later" in oldest.read(), "the oldest is told, and disconnected"
    held[-1].setblocking(False)
    with pytest.raises(BlockingIOError):
        held[-1].recv(100)
    for each in held:
        each.close()


def test_of_many_that_ask_at_once_each_gets_an_answer(client: Client) -> None:
    with ThreadPoolExecutor(40) as pool:
        replies = [
            *pool.map(lambda _: client.facts("/sample", {"config": {"steps": 2}}), range(40))
        ]
    assert {status for status, _ in replies} == {200, 503}
    assert all("error" in facts for status, facts in replies if status == 503)


def test_no_more_than_a_few_are_connected(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(serving, "READING_S", 60.0)
    held = [socket.create_connection(("127.0.0.1", client.port)) for _ in range(8)]
    head = f"POST /sample HTTP/1.1\r\nHost: 127.0.0.1:{client.port}\r\n"
    head += f"Authorization: Bearer {TOKEN}\r\nContent-Length: 9\r\n\r\n"
    for each in held:
        each.sendall(head.encode())
    until = time.monotonic() + 60
    while server._free._value or server._strangers:  # until all have shown the token
        assert time.monotonic() < until
        time.sleep(0.01)
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as ninth:
        assert b" 503 " in ninth.recv(100)
    for each in held:
        each.close()
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(ConnectionError, http.client.HTTPException):
            status, _ = client.facts("/")
            if status == 200:
                break
            assert status == 503
        time.sleep(0.1)
    else:
        pytest.fail("it did not recover")


def test_the_token_is_kept_for_its_person_alone(tmp_path: Path) -> None:
    file = tmp_path / "token"
    token = own_token(file)
    assert len(token) >= 32
    assert own_token(file) == token
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o644)
        assert own_token(file) == token
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        file.chmod(0o644)
    other = own_token(file, new=True)
    assert other != token == token
    assert own_token(file) == other
    if os.name != "nt":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_text("short")
    with pytest.raises(FileError, match="--new-token"):
        own_token(file)


def test_a_port_that_is_taken_is_reported(server: Server) -> None:
    with pytest.raises(FileError, match="choose another with --port"):
        Server(server.model, TOKEN, server.server_port)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGTERM that a program hears")
def test_the_command_answers_until_it_is_asked_to_end(small_run: Path, tmp_path: Path) -> None:
    environment = os.environ | {"SPRITE_LAB_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "sprite_lab", "serve", "--port", "0", "--json"]
    process = subprocess.Popen(
        [*command, "--model", str(small_run)], stdout=subprocess.PIPE, env=environment, text=True
    )
    assert process.stdout is not None
    said = json.loads(process.stdout.readline())
    host, port = said["address"].removeprefix("http://").split(":")
    with closing(http.client.HTTPConnection(host, int(port), timeout=60)) as to:
        to.request("GET", "/", headers={"Authorization": f"Bearer {said['token']}"})
        assert to.getresponse().status == 200
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
