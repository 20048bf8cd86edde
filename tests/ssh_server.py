"""An SSH server for this user alone, where there is no sshd: ``python ssh_server.py FOLDER PORT``.

The folder holds the key of the host and the keys that may enter.
"""

import asyncio
import getpass
import subprocess
import sys
from functools import partial
from pathlib import Path

import asyncssh


class Host(asyncssh.SSHServer):
    """Lets one user in, with a key."""

    def __init__(self, keys: Path) -> None:
        self._keys = keys

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn

    def begin_auth(self, username: str) -> bool:
        if username == getpass.getuser():
            self._connection.set_authorized_keys(str(self._keys))
        return True


async def run(process: "asyncssh.SSHServerProcess[bytes]") -> None:
    """Run what was asked for in a shell."""
    pipe = subprocess.PIPE
    command = ["/bin/sh", "-c", process.command or ""]
    child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe)
    await process.redirect(stdin=child.stdin, stdout=child.stdout, stderr=child.stderr)
    code = await asyncio.to_thread(child.wait)
    await process.stdout.drain()
    process.exit(code)


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
