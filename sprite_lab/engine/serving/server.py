"""A small HTTP server on 127.0.0.1, for programs that know its token.

Requests are not trusted: the Host must be this server (otherwise a web page could reach it through
a domain of its own that resolves to 127.0.0.1), requests from web pages are refused, a token is
required, and size and time are limited. The answer is JSON, or with ``Accept: image/png`` only the
picture.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import re
import secrets
import select
import socket
import socketserver
import threading
import time
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple, cast

from sprite_lab.core import strict_json
from sprite_lab.core.errors import FileError, SpriteLabError
from sprite_lab.core.records import Record
from sprite_lab.engine.models.model import Model
from sprite_lab.engine.serving import answers
from sprite_lab.engine.serving.answers import Answer, Show
from sprite_lab.formats.atomic import atomic_write
from sprite_lab.formats.images.png import encode_png

DEFAULT_PORT = 8737

#: The largest request, in bytes, and the maximum number of simultaneous connections.
LARGEST_REQUEST, MOST_CONNECTIONS = 1_000_000, 8

#: Maximum seconds for a request to arrive, to wait for the model, and to be worked on.
READING_S, WAITING_S, WORKING_S = 10.0, 60.0, 60.0

_POSTS: Mapping[str, Callable[[Model, Mapping[str, object], Show], Answer]] = {
    "/sample": answers.sample,
    "/inpaint": answers.inpaint,
    "/judge": answers.judge,
}


_TOO_MANY_TEXT = b'{"error": "Too many programs ask at once; ask again later."}'
_TOO_MANY = (
    b"HTTP/1.0 503 Service Unavailable\r\nContent-Type: application/json\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_TOO_MANY_TEXT), _TOO_MANY_TEXT)
)

_Request = socket.socket | tuple[bytes, socket.socket]


class _Refused(Exception):
    """A refused request: its status, and a sentence."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status


def own_token(file: Path, *, new: bool = False) -> str:
    """The user's token, kept in a file that only they can read.

    ``new``: replace an existing token, which locks out programs that know it.
    """
    if file.is_file():  # it may have been copied without its permissions
        file.chmod(0o600)
    if not new and file.is_file():
        token = file.read_text("utf-8", "replace").strip()
        if re.fullmatch(r"[\w-]{32,128}", token, re.ASCII):
            return token
        raise FileError("'{file}' holds no token; add --new-token to replace it.", file=file)
    token = secrets.token_urlsafe(24)
    with atomic_write(file) as out:
        os.chmod(out.name, 0o600)
        out.write(f"{token}\n".encode())
    return token


class Server(ThreadingHTTPServer):
    """The server of a model, on 127.0.0.1 only.

    ``port``: 0 = any free port. Raises FileError if the port is taken.
    """

    daemon_threads = False  # waited for; they end soon after ``closing``
    allow_reuse_address = os.name != "nt"  # on Windows, it would let others bind the same port
    timeout = 0.5
    request_queue_size = 128  # with the usual 5, some of many that ask at once get no answer

    def __init__(self, model: Model, token: str, port: int = DEFAULT_PORT) -> None:
        self.model, self.token = model, token
        self.closing = threading.Event()
        self.turn = threading.Lock()  # held by the request that uses the model
        self._free = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._strangers: list[
            socket.socket
        ] = []  # connections without a valid token yet, oldest first
        self._meeting = threading.Lock()  # guards ``_strangers``
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except OSError as error:
            raise FileError(
                "Port {port} is not available ({strerror}): choose another with --port.",
                port=port,
                strerror=error.strerror,
            ) from None

    def server_bind(self) -> None:
        """Like ``HTTPServer``'s, without a DNS lookup of our own name."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request: _Request, client_address: object) -> None:
        if not self._free.acquire(blocking=False) and not self._make_room():
            _refuse(cast(socket.socket, request))
            self.shutdown_request(request)
            return
        with self._meeting:
            self._strangers.append(cast(socket.socket, request))  # a socket, because this is TCP
        super().process_request(request, client_address)

    def process_request_thread(self, request: _Request, client_address: object) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.accept(cast(socket.socket, request))
            self._free.release()

    def accept(self, request: socket.socket) -> bool:
        """Let a connection that has shown the token stay even when there are too many; False = it
        was refused before.
        """
        with self._meeting:
            known = request in self._strangers
            if known:
                self._strangers.remove(request)
            return known

    def _make_room(self) -> bool:
        """Refuse the oldest connection without a token and take its place; False = there is none.

        This way, idle connections lock nobody out.
        """
        with self._meeting:
            if not self._strangers:
                return False
            _refuse(self._strangers.pop(0))
        return self._free.acquire(timeout=1.0)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore clients that disconnect."""

    def server_close(self) -> None:
        self.closing.set()
        super().server_close()


class _Reply(NamedTuple):
    status: int
    kind: str
    body: bytes


class _Handler(BaseHTTPRequestHandler):
    """One request, on a thread of its own."""

    server: Server
    timeout = READING_S
    server_version, sys_version = "sprite-lab", ""

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""

    def handle(self) -> None:
        """Handle a request; one that arrives too slowly is cut off."""
        self._late = threading.Timer(READING_S, self._cut_off)
        self._late.daemon = True
        self._late.start()
        try:
            with contextlib.suppress(ConnectionError, TimeoutError):  # disconnected or cut off
                super().handle()
        finally:
            self._late.cancel()

    def _cut_off(self) -> None:
        self.close_connection = True
        _disconnect(self.connection)

    def do_GET(self) -> None:
        self._reply(self._asked_about)

    def do_POST(self) -> None:
        self._reply(self._worked)

    def _reply(self, answer: Callable[[], Answer]) -> None:
        try:
            self._check()
            found = answer()
            if found.picture is not None and self.headers.get("Accept") == "image/png":
                reply = _Reply(200, "image/png", encode_png(found.picture))
            else:
                reply = _json(200, found.json())
        except _Refused as error:
            reply = _json(error.status, {"error": str(error)})
        except SpriteLabError as error:
            reply = _json(400, {"error": str(error)})
        except Exception as error:
            reply = _json(500, {"error": f"That is a fault of Sprite Lab's ({error!r})."})
        self._send(reply)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Report a malformed request, which the standard library detects, as JSON, too."""
        self.request_version = "HTTP/1.0"  # otherwise there would be no status
        what = message or HTTPStatus(code).phrase
        self._send(_json(code, {"error": f"The request cannot be made out: {what}."}))

    def _send(self, reply: _Reply) -> None:
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body)))
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(reply.body)

    def _check(self) -> None:
        """Refuse unknown clients, before the body is read."""
        port = self.server.server_port
        if self.headers.get_all("Host") not in ([f"127.0.0.1:{port}"], [f"localhost:{port}"]):
            raise _Refused(403, f"Ask for 127.0.0.1:{port} by that name.")
        if self.headers.get("Origin") is not None or self.headers.get("Sec-Fetch-Site"):
            raise _Refused(403, "Web pages and browsers are not answered, only programs.")
        given = self.headers.get("Authorization", "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, f"Bearer {self.server.token}".encode()):
            raise _Refused(401, "The token is missing or wrong: 'sprite-lab serve' prints it.")
        if not self.server.accept(self.connection):
            raise _Refused(503, "There are too many others.")  # it has been told by _make_room

    def _asked_about(self) -> Answer:
        self._late.cancel()
        if self.path != "/":
            raise _Refused(404, "There is only '/' to get; 'sample', 'inpaint', 'judge' are POST.")
        return answers.about(self.server.model)

    def _worked(self) -> Answer:
        work = _POSTS.get(self.path)
        if work is None:
            raise _Refused(404, f"There is no such path; known are {', '.join(_POSTS)}.")
        asked = self._body()
        self._late.cancel()
        server, end = self.server, time.monotonic() + WAITING_S
        while not server.turn.acquire(timeout=0.2):
            if time.monotonic() > end or server.closing.is_set():
                raise _Refused(503, "The model is busy; ask again later.")
        try:
            end = time.monotonic() + WORKING_S

            def show(record: Record) -> None:
                if server.closing.is_set():
                    raise _Refused(503, "The server closes.")
                if self._client_left():
                    raise _Refused(503, "Nobody waits for the answer.")
                if time.monotonic() > end:
                    raise _Refused(
                        503,
                        f"That took more than {WORKING_S:.0f} s: ask for fewer sprites or steps.",
                    )

            return work(server.model, asked, show)
        finally:
            server.turn.release()

    def _client_left(self) -> bool:
        """Whether the client has closed the connection."""
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and not self.connection.recv(1, socket.MSG_PEEK)

    def _body(self) -> Mapping[str, object]:
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"\d{1,9}", length, re.ASCII) or "Transfer-Encoding" in self.headers:
            raise _Refused(411, "A request needs its Content-Length.")
        if int(length) > LARGEST_REQUEST:
            raise _Refused(413, f"A request may have at most {LARGEST_REQUEST:,} bytes.")
        try:
            asked = strict_json.loads(self.rfile.read(int(length)))
        except ValueError as error:
            raise _Refused(400, f"The request is not JSON: {error}.") from None
        if not isinstance(asked, dict):
            raise _Refused(400, "The request must be a JSON object.")
        return asked


def _refuse(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # already disconnected
        connection.sendall(_TOO_MANY)  # fits its buffer: does not block
    _disconnect(connection)


def _disconnect(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):  # already disconnected
        connection.shutdown(socket.SHUT_RDWR)


def _json(status: int, value: Mapping[str, object]) -> _Reply:
    return _Reply(status, "application/json", json.dumps(value, allow_nan=False).encode())
