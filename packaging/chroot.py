"""A bare Debian in a folder with a virtual screen, where check_linux.py tries packages."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from build_tools import BuildError

ROOT = Path(__file__).resolve().parent.parent
BASE = ROOT / "build" / "debian.tar"
#: User id of a person in the chroot, other than root.
PERSON = 1000
HOME = "/home/person"

# Everything is mounted where only this command and its children can see it.
_ENTER = """
set -e
mount -t proc proc "$0/proc"
mount --rbind /dev "$0/dev"
mkdir -p "$0/tmp/.X11-unix"
if [ -d /tmp/.X11-unix ]; then mount --bind /tmp/.X11-unix "$0/tmp/.X11-unix"; fi
exec chroot "$@"
"""


class Chroot:
    """Debian's base system and apt, nothing else; made from this machine's own sources."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if os.geteuid() != 0:
            raise BuildError("A chroot needs root: run this again with sudo.")
        for tool in ("mmdebstrap", "unshare", "chroot"):
            if not shutil.which(tool):
                raise BuildError(f"{tool} is missing: install it and run this again.")
        if not BASE.is_file():
            BASE.parent.mkdir(parents=True, exist_ok=True)
            sources = [str(path) for path in Path("/etc/apt/sources.list.d").glob("debian.sources")]
            subprocess.run(
                ["mmdebstrap", "--quiet", "--variant=apt", "trixie", str(BASE), *sources],
                check=True,
            )
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["tar", "-xf", str(BASE), "-C", str(folder)], check=True)
        # Name lookups work as on this machine; no service starts in here.
        for name in ("resolv.conf", "hosts"):
            shutil.copyfile(f"/etc/{name}", folder / "etc" / name)
        with (folder / "etc" / "passwd").open("a") as users:
            users.write(f"person:x:{PERSON}:{PERSON}::{HOME}:/bin/sh\n")
        self.path(HOME).mkdir(parents=True)
        os.chown(self.path(HOME), PERSON, PERSON)

    def path(self, inside: str) -> Path:
        """The location of a chroot file on this machine."""
        return self.folder / inside.lstrip("/")

    def command(self, *words: str, person: bool = False, display: str = "") -> list[str]:
        """The command line that runs ``words`` inside, as root or as the user."""
        environment = {
            "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "HOME": HOME if person else "/root",
            "LANG": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
            **({"DISPLAY": display} if display else {}),
        }
        who = [f"--userspec={PERSON}:{PERSON}"] if person else []
        inside = ["env", "-i", *(f"{name}={value}" for name, value in environment.items()), *words]
        enter = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation=private"]
        # The folder stands first, as $0, and again for chroot, after its options.
        return [*enter, "sh", "-c", _ENTER, str(self.folder), *who, str(self.folder), *inside]

    def run(self, *words: str, person: bool = False, display: str = "", timeout: int = 900) -> str:
        """Run a command; returns its output.

        Raises
        ------
        BuildError
            If it failed, with the end of what it said.
        """
        command = self.command(*words, person=person, display=display)
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=timeout
        )
        if done.returncode:
            raise BuildError(f"{words[0]} ended with {done.returncode}: {done.stdout[-600:]}")
        return done.stdout

    def start(self, *words: str, display: str) -> subprocess.Popen[bytes]:
        """Start a command as the user, on a screen."""
        log = (self.folder / "tmp" / "app.log").open("wb")
        command = self.command(*words, person=True, display=display)
        return subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)


class Screen:
    """Xvfb with at most one window, which can be queried and captured."""

    def __init__(self, size: str = "1280x800") -> None:
        for tool in ("Xvfb", "xdotool", "xwd", "convert"):
            if not shutil.which(tool):
                raise BuildError(f"{tool} is missing: install it and run this again.")
        reader, writer = os.pipe()
        options = ["-displayfd", str(writer), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
        self._server = subprocess.Popen(
            ["Xvfb", *options, "-ac", "-noreset"], pass_fds=(writer,), stderr=subprocess.DEVNULL
        )
        os.close(writer)
        with os.fdopen(reader) as answer:
            self.display = f":{answer.readline().strip()}"

    def titles(self) -> list[str]:
        """Titles of the windows shown."""
        found = self._xdotool("search", "--onlyvisible", "--name", ".")
        return [self._xdotool("getwindowname", window).strip() for window in found.split()]

    def wait_for(self, words: Sequence[str], seconds: float = 90) -> str:
        """The title of the first window whose title has all these words."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for title in self.titles():
                if all(word in title for word in words):
                    return title
            time.sleep(0.2)
        raise BuildError(f"No window with {' and '.join(words)} in its title: {self.titles()}")

    def picture(self, file: Path) -> None:
        with tempfile.TemporaryDirectory() as folder:
            raw = Path(folder, "screen.xwd")
            subprocess.run(
                ["xwd", "-root", "-silent", "-display", self.display, "-out", str(raw)], check=True
            )
            subprocess.run(["convert", f"xwd:{raw}", str(file)], check=True)

    def _xdotool(self, *words: str) -> str:
        environment = {**os.environ, "DISPLAY": self.display}
        return subprocess.run(
            ["xdotool", *words],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ).stdout

    def close(self) -> None:
        self._server.terminate()
        self._server.wait()


def brightness(picture: Path) -> float:
    """The mean of all pixels, 0 (black) to 1."""
    command = ["convert", str(picture), "-colorspace", "Gray", "-format", "%[fx:mean]", "info:"]
    return float(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def end(process: subprocess.Popen[bytes], seconds: float = 30) -> int:
    """Ask an app and its processes to end, like a system shutting down; returns its exit code."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise BuildError(f"The app did not end within {seconds:.0f} s of being asked.") from None
