"""A server on this machine that answers like a page of releases, or badly."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ReleaseServer:
    """A server at ``address`` that answers every request with ``reply``, and records it.

    ``context``: its certificate, for https.
    """

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.reply: Callable[[BaseHTTPRequestHandler], None] = lambda request: None
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.asked.append((self.path, dict(self.headers)))
                owner.reply(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        scheme = "http"
        if context is not None:
            scheme = "https"
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address = f"{scheme}://127.0.0.1:{self._server.server_address[1]}/latest"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def says(self, status: int, body: bytes, **headers: str) -> None:
        def reply(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            for name, value in headers.items():
                request.send_header(name.replace("_", "-"), value)
            request.send_header("Content-Length", str(len(body)))
            request.end_headers()
            request.wfile.write(body)

        self.reply = reply

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def release(tag: str = "v0.3.0", **fields: object) -> bytes:
    page = f"https://example.org/releases/{tag}"
    facts = {"tag_name": tag, "prerelease": False, "html_url": page, "body": "## New\n* `A`"}
    return json.dumps({**facts, **fields}).encode()
