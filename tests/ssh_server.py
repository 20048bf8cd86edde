"""An SSH server for this user alone, for machines without sshd: ``python ssh_server.py FOLDER
PORT``.

The folder holds the host's key and the authorized keys.
"""

import asyncio
import contextlib
import getpass
import sys
from functools import partial
from pathlib import Path

import asyncssh


class Host(asyncssh.SSHServer):
    """Accepts one user, with a key."""

    def __init__(self, keys: Path) -> None:
        self._keys = keys

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        if username == getpass.getuser():
            self._connection.set_authorized_keys(str(self._keys))
        return True


async def run(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Run a request in a shell."""
    pipe = asyncio.subprocess.PIPE
    child = await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", process.command or "", stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stderr is not None
    feeding = asyncio.create_task(feed(process.stdin, child.stdin))
    try:
        # asyncssh's own redirection loses the last output.
        await asyncio.gather(pump(child.stdout, process.stdout), pump(child.stderr, process.stderr))
        process.exit(await child.wait())
    except OSError:  # the connection is lost
        child.terminate()
    finally:
        feeding.cancel()


async def feed(source: "asyncssh.SSHReader[bytes]", sink: asyncio.StreamWriter) -> None:
    """Pass on input until the shell no longer reads."""
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


async def pump(source: asyncio.StreamReader, sink: "asyncssh.SSHWriter[bytes]") -> None:
    """Pass on the shell's output until its end."""
    while data := await source.read(65536):
        sink.write(data)
        await sink.drain()


async def main(folder: Path, port: int) -> None:
    await asyncssh.create_server(
        partial(Host, folder / "authorized"),
        "127.0.0.1",
        port,
        server_host_keys=[str(folder / "host")],
        process_factory=run,
        encoding=None,
    )
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
