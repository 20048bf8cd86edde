"""Another machine: an SSH server on loopback that accepts this user with a key."""

from __future__ import annotations

import contextlib
import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sprite_lab.engine.following.connection import SSH, Place

#: Where sshd runs its privilege separation if root; services create it, containers have none.
PRISON = Path("/run/sshd")

SERVER = Path(__file__).with_name("ssh_server.py")


@contextlib.contextmanager
def running_sshd(folder: Path) -> Iterator[Place]:
    """The machine's root folder as the program reaches it: through sshd if available, otherwise
    through :mod:`tests.ssh_server`. The client is the system's; without it the test is skipped.

    ``folder``: for its keys and settings.
    """
    if sys.platform == "win32" or not (shutil.which("ssh") and shutil.which("python3")):
        pytest.skip("there is no ssh or python3")
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin")
    if sshd is None:
        pytest.importorskip("asyncssh")
    elif os.geteuid() == 0:
        PRISON.mkdir(mode=0o755, exist_ok=True)
    for name in ("host", "user"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(make, check=True)
    shutil.copy(folder / "user.pub", folder / "authorized")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {folder / 'host'}\nUsePAM no\n"
        f"PidFile none\nStrictModes no\nAuthorizedKeysFile {folder / 'authorized'}\n"
        "PasswordAuthentication no\nPermitRootLogin prohibit-password\n"
    )
    client = folder / "client"
    client.write_text(
        f"#!/bin/sh\nexec ssh -F none -i {folder / 'user'} -o IdentitiesOnly=yes "
        f'-o StrictHostKeyChecking=no -o UserKnownHostsFile={folder / "known"} "$@"\n'
    )
    client.chmod(0o755)
    with (folder / "sshd.log").open("w+") as log, pytest.MonkeyPatch.context() as patch:
        command = [sys.executable, str(SERVER), str(folder), str(port)]
        if sshd is not None:
            command = [sshd, "-D", "-e", "-f", str(folder / "sshd_config")]
        daemon = subprocess.Popen(command, stderr=log)
        patch.setenv(SSH, str(client))
        try:
            deadline = time.monotonic() + 60
            while daemon.poll() is None and time.monotonic() < deadline:
                with socket.socket() as trial:
                    if trial.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.05)
            if daemon.poll() is not None:
                pytest.skip(f"the server does not start here: {(folder / 'sshd.log').read_text()}")
            yield Place("/", f"{getpass.getuser()}@127.0.0.1", port)
        finally:
            daemon.terminate()
            daemon.wait()
