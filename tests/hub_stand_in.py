"""A stand-in for the Hugging Face Hub on loopback: as much of its API as models need."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

COMMIT = "0" * 40
TOKEN = "hf_of_ada"


@dataclass
class Hub:
    """``files`` by repository and name; ``large``: uploads by hash."""

    address: str = ""
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)
    large: dict[str, bytes] = field(default_factory=dict)
    private: set[str] = field(default_factory=set)
    jobs: list[dict[str, Any]] = field(default_factory=list)  #: in the order requested
    stage: str = "RUNNING"  #: of every job

    def job(self, number: int) -> dict[str, Any]:
        owner = {"id": "1", "name": "ada", "type": "user"}
        return {"id": f"job{number}", "owner": owner, "status": {"stage": self.stage}}


class _Handler(BaseHTTPRequestHandler):
    """``hub`` is set by the server."""

    hub: Hub

    def log_message(self, *_: object) -> None:
        pass

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def _send(self, status: int, data: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def _json(self, what: object, status: int = 200) -> None:
        self._send(status, json.dumps(what).encode(), Content_Type="application/json")

    def _refused(self) -> bool:
        known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
        if not known:
            self._json({"error": "Invalid credentials"}, 401)
        return not known

    def do_POST(self) -> None:
        body, path = self._body(), self.path.partition("?")[0]
        if self._refused():
            return
        if path.startswith("/api/jobs/"):
            self.hub.jobs.append(json.loads(body))
            self._json(self.hub.job(len(self.hub.jobs) - 1))
        elif path == "/api/validate-yaml":  # of a card
            self._json({"errors": [], "warnings": []})
        elif path == "/api/repos/create":
            asked = json.loads(body)
            name = f"{asked['organization']}/{asked['name']}"
            if "private" in (asked.get("visibility"), asked.get("private") and "private"):
                self.hub.private.add(name)
            there = name in self.hub.files
            self.hub.files.setdefault(name, {})
            self._json({"url": f"{self.hub.address}/{name}"}, 409 if there else 200)
        elif path.endswith("/preupload/main"):
            files = [
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if file["size"] > 100_000 else "regular",
                    "shouldIgnore": False,
                }
                for file in json.loads(body)["files"]
            ]
            self._json({"files": files})
        elif path.endswith("/info/lfs/objects/batch"):
            objects = [
                {**o, "actions": {"upload": {"href": f"{self.hub.address}/large/{o['oid']}"}}}
                for o in json.loads(body)["objects"]
            ]
            self._json({"transfer": "basic", "objects": objects})
        elif path.endswith("/commit/main"):
            name = "/".join(path.split("/")[3:5])
            self._commit(self.hub.files[name], body)
            address = f"{self.hub.address}/{name}/commit/{COMMIT}"
            self._json({"commitUrl": address, "commitOid": COMMIT})
        else:
            self._json({"error": path}, 404)

    def _commit(self, files: dict[str, bytes], body: bytes) -> None:
        for item in map(json.loads, body.splitlines()):
            value = item["value"]
            if item["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            elif item["key"] == "lfsFile":
                files[value["path"]] = self.hub.large[value["oid"]]

    def do_PUT(self) -> None:
        data = self._body()
        oid = self.path.rpartition("/")[2]
        if hashlib.sha256(data).hexdigest() != oid:
            self._json({"error": "other bytes than announced"}, 400)
            return
        self.hub.large[oid] = data
        self._send(200)

    def do_GET(self) -> None:
        parts = self.path.partition("?")[0].strip("/").split("/")
        if parts[:2] == ["api", "jobs"]:
            if not self._refused():
                self._json(self.hub.job(int(parts[3].removeprefix("job"))))
            return
        name = "/".join(parts[2:4] if parts[0] == "api" else parts[:2])
        files = self.hub.files.get(name)
        if files is None or (name in self.hub.private and self._refused()):
            if files is None:
                self._send(404, X_Error_Code="RepoNotFound")
        elif parts[0] == "api" and "tree" in parts:
            self._json(
                [
                    {"type": "file", "path": n, "size": len(data), "oid": "0" * 40}
                    for n, data in files.items()
                ]
            )
        elif parts[0] == "api":
            siblings = [{"rfilename": n, "size": len(data)} for n, data in files.items()]
            self._json({"id": name, "sha": COMMIT, "siblings": siblings})
        elif (file := "/".join(parts[4:])) in files:
            tag = f'"{hashlib.sha256(files[file]).hexdigest()}"'
            self._send(200, files[file], ETag=tag, X_Repo_Commit=COMMIT)
        else:
            self._send(404, X_Error_Code="EntryNotFound")

    do_HEAD = do_GET


@contextlib.contextmanager
def running_hub() -> Iterator[Hub]:
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"hub": hub}))
    hub.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextlib.contextmanager
def hub_for(monkeypatch: pytest.MonkeyPatch, folder: Path) -> Iterator[Hub]:
    """A running hub known only to this process's client; ``folder`` for its files.

    The client reads most of its variables when it is imported.
    """
    from huggingface_hub import constants

    with running_hub() as running:
        monkeypatch.setenv("HF_ENDPOINT", running.address)
        # Its other way to send large files, Xet, has servers of its own.
        monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
        monkeypatch.setattr(constants, "HF_TOKEN_PATH", str(folder / "no-token"))
        monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder / "cache"))
        monkeypatch.delenv("HF_TOKEN", raising=False)
        yield running
