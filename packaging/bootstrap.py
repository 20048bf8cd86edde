#!/usr/bin/env python3
"""Everything from a bare checkout: ``bootstrap.py app`` opens Sprite Lab, ``test`` checks it.

Needs Python 3.11 and a package index, nothing else. It makes ``.venv``, installs Sprite Lab
there if pyproject.toml has changed since the last time, sees to the system libraries that Qt needs
on Linux, and runs it. It uses only the standard library, and no syntax newer than Python 3.7, so
that an old Python gets a sentence and not a traceback.

    python3 packaging/bootstrap.py app [arguments of sprite-lab]
    python3 packaging/bootstrap.py test [arguments of pytest]

On Linux without an NVIDIA GPU, PyTorch comes as its CPU build, a fifth of the size.
SPRITE_LAB_TORCH chooses another: cpu, cu130, rocm7.2, xpu (a folder of PyTorch's own index), or
default (the build on the package index).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

OLDEST = (3, 11)
TORCH_INDEX = "https://download.pytorch.org/whl/"
#: Environment variable that selects the build of PyTorch, and its value for the package index's
#: build.
TORCH_CHOICE = "SPRITE_LAB_TORCH"
DEFAULT_TORCH = "default"
#: Compiling every module of every package takes half a minute; Python compiles what is imported.
INSTALL = ("install", "--no-compile")
#: uv unpacks several packages at once, pip one after the other. Those of pip's settings that affect
#: what is installed, with uv's variables for them; and those that do not.
TOLD_TO_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "find-links": "UV_FIND_LINKS",
    "constraint": "UV_CONSTRAINT",
    "cert": "SSL_CERT_FILE",
}
NOT_TOLD_TO_UV = ("default-timeout", "timeout", "disable-pip-version-check", "no-input")
#: glibc returns the memory of each picture to the system and requests it again for the next, which
#: takes a third of the tests' system time: let it keep some.
KEEPING_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(32 << 20), "MALLOC_TRIM_THRESHOLD_": str(256 << 20)}
#: Maximum number of pytest's workers: each takes up to 2 GB.
MOST_WORKERS = 4
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "sprite-lab-installed.json"


class SetupError(Exception):
    """One sentence on what is missing and what to do."""


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in ("app", "test"):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        if sys.version_info < OLDEST:
            return run_with(find_newer_python(), arguments)
        if arguments[0] == "app":
            return open_app(arguments[1:])
        return run_tests(arguments[1:])
    except SetupError as error:
        print(f"bootstrap: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


# -- the two commands ----------------------------------------------------------------------


def open_app(arguments: list[str]) -> int:
    """Install what is needed, then become ``sprite-lab``."""
    python = ensure_installed(extras=())
    if opens_window(arguments) and has_display():
        ensure_system_libraries(xcb=not os.environ.get("QT_QPA_PLATFORM"))
    return run_with(python, ["-m", "sprite_lab", *arguments])


def run_tests(arguments: list[str]) -> int:
    """Lint, types, import directions, tests: all of them; returns 1 if any failed."""
    python = ensure_installed(extras=("dev",))
    ensure_system_libraries(xcb=False)
    # Passive: waiting torch threads must not spin, since each worker of pytest has its own.
    environment = {"QT_QPA_PLATFORM": "offscreen", "OMP_WAIT_POLICY": "PASSIVE"}
    environment.update(KEEPING_MEMORY)
    environment.update(os.environ)
    # Otherwise each process that the tests start would compile all modules again.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    beside = Beside(beside_the_tests(python), environment)
    failed = []
    for name, command in checks(python, arguments):
        print(f"== {name}", flush=True)
        if subprocess.call(command, cwd=str(ROOT), env=environment):
            failed.append(name)
    failed += beside.told()
    print(f"bootstrap: failed: {', '.join(failed)}" if failed else "bootstrap: all is well")
    return 1 if failed else 0


def checks(python: Path, arguments: list[str]) -> list[tuple[str, list[str]]]:
    """The name and the command line of each check, in the order they run."""
    tool = [str(python), "-m"]
    return [
        ("ruff check", [*tool, "ruff", "check", "."]),
        ("ruff format", [*tool, "ruff", "format", "--check", "."]),
        # An idle worker takes over tests from the others, as some tests take a hundred times as
        # long as most.
        ("pytest", [*tool, "pytest", "-n", str(workers()), "--dist", "worksteal", *arguments]),
    ]


def workers() -> int:
    """One more than the number of cores: tests spend a fifth of their time waiting."""
    return min(MOST_WORKERS, (os.cpu_count() or 1) + 1)


def beside_the_tests(python: Path) -> list[tuple[str, list[str]]]:
    """Single-process checks, which would leave the other cores idle for a minute or two."""
    return [
        ("mypy", [str(python), "-m", "mypy"]),
        ("import-linter", [str(script(python, "lint-imports"))]),
    ]


class Beside:
    """Runs checks one by one, while others run."""

    def __init__(self, commands: list[tuple[str, list[str]]], environment: dict[str, str]) -> None:
        self._commands = commands
        self._environment = environment
        # Closed by told().
        self._said = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._passed: list[str] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        for name, command in self._commands:
            print(f"== {name}", file=self._said, flush=True)
            said = {"stdout": self._said, "stderr": subprocess.STDOUT}
            try:
                if not subprocess.call(command, cwd=str(ROOT), env=self._environment, **said):
                    self._passed.append(name)
            except OSError as error:  # it is not installed
                print(error, file=self._said, flush=True)

    def told(self) -> list[str]:
        """Wait for them and print their output; returns those that failed."""
        self._thread.join()
        self._said.seek(0)
        print(self._said.read(), end="", flush=True)
        self._said.close()
        return [name for name, _ in self._commands if name not in self._passed]


def run_with(python: Path, arguments: list[str]) -> int:
    """Run Python in place of this process if the system can, otherwise wait for it."""
    command = [str(python), *(arguments if arguments[0] == "-m" else [__file__, *arguments])]
    if os.name == "posix":
        sys.stdout.flush()
        os.execv(command[0], command)
    return subprocess.call(command)


def opens_window(arguments: list[str]) -> bool:
    """Whether ``sprite-lab`` with these arguments opens the app instead of running a command.

    Decided by the app's own module, which only needs the standard library.
    """
    with checkout_first():
        from sprite_lab.arguments import app_options
    return app_options(arguments) is not None


def has_display() -> bool:
    """Whether there is a display. Without one, ``sprite-lab`` says so, and needs no libraries."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return any(os.environ.get(name) for name in names)


# -- Python and its packages ---------------------------------------------------------------


def find_newer_python() -> Path:
    """Another Python on the PATH that is new enough."""
    for minor in range(19, OLDEST[1] - 1, -1):
        found = shutil.which(f"python3.{minor}")
        # Version managers put names on the PATH that only run when a version is chosen.
        if found and not subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL):
            return Path(found)
    have = ".".join(map(str, sys.version_info[:3]))
    raise SetupError(
        f"Sprite Lab needs Python {OLDEST[0]}.{OLDEST[1]} or newer, but this is {have}: "
        "install a newer one and run this again with it."
    )


def venv_python(venv: Path) -> Path:
    if os.name == "nt":
        return venv / "Scripts" / "python.exe"
    return venv / "bin" / "python"


def script(python: Path, name: str) -> Path:
    """A command that a package installed beside ``python``."""
    return python.with_name(name + (".exe" if os.name == "nt" else ""))


def venv_version(python: Path) -> tuple[int, ...] | None:
    """The version of the environment's Python if that and its pip work, else None.

    An environment whose Python was removed or moved leaves a link that leads nowhere.
    """
    code = "import pip, sys; print(*sys.version_info[:3])"
    try:
        done = subprocess.run(
            [str(python), "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
    except OSError:
        return None
    if done.returncode:
        return None
    return tuple(map(int, done.stdout.split()))


def install_key(pyproject: bytes, root: Path, version: tuple[int, ...]) -> str:
    """A key that changes with everything that would make an installation stale."""
    facts = repr((str(root), version)).encode()
    return hashlib.sha256(pyproject + facts).hexdigest()


def read_stamp(stamp: Path) -> dict[str, object]:
    """The facts recorded at the last installation; empty if the file is missing or damaged."""
    try:
        noted = json.loads(stamp.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return noted if isinstance(noted, dict) else {}


def is_installed(noted: dict[str, object], key: str, extras: tuple[str, ...]) -> bool:
    """Whether the stamp says that ``key`` was installed with at least ``extras``."""
    done = noted.get("extras")
    return noted.get("key") == key and isinstance(done, list) and set(extras) <= set(done)


def ensure_installed(extras: tuple[str, ...]) -> Path:
    """The environment's Python, with Sprite Lab and ``extras`` installed there."""
    python = venv_python(VENV)
    pyproject = (ROOT / "pyproject.toml").read_bytes()
    noted = read_stamp(STAMP)
    asked = os.environ.get(TORCH_CHOICE, "").strip()
    torch = str(noted.get("torch", ""))
    version = noted_version(python, noted)
    if (
        version
        and is_installed(noted, install_key(pyproject, ROOT, version), extras)
        and asked in ("", torch)
    ):
        return python
    pip = [str(python), "-m", "pip", "--disable-pip-version-check"]
    version = venv_version(python)
    if version is None or version < OLDEST or (asked and torch and asked != torch):
        make_venv(VENV)
        get_installers(pip)
        version = venv_version(python)
        if version is None:
            raise SetupError("The new environment in .venv does not work: delete it and retry.")
        torch = ""
    torch = install_torch(pip, torch_requirements(pyproject, extras), asked or torch, bool(asked))
    say("Installing Sprite Lab and what it needs into .venv; PyTorch and Qt are large.")
    wanted = f".[{','.join(extras)}]" if extras else "."
    if not installed_by_uv(python, pip, wanted) and subprocess.call(
        [*pip, *INSTALL, "--editable", wanted], cwd=str(ROOT)
    ):
        raise SetupError(
            "The packages could not be installed (pip says why above): mend it, retry."
        )
    key = install_key(pyproject, ROOT, version)
    done = {"key": key, "extras": list(extras), "torch": torch, "python": list(version)}
    STAMP.write_text(json.dumps(done), "utf-8")
    return python


def noted_version(python: Path, noted: dict[str, object]) -> tuple[int, ...] | None:
    """The environment's Python version as recorded at installation, if it is still that Python.

    Read from files, since asking a process would slow down every start.
    """
    parts = noted.get("python")
    try:
        os.stat(str(python))  # follows the link
        return tuple(int(part) for part in parts) if isinstance(parts, list) else None
    except (OSError, ValueError, TypeError):
        return None


def get_installers(pip: list[str]) -> None:
    """Get uv, which installs in half the time, or at least a pip that is not as old as this Python.

    If neither is available, the old pip will do.
    """
    for wanted in (["uv"], ["--upgrade", "pip"]):
        if not subprocess.call([*pip, *INSTALL, "--quiet", *wanted]):
            return


def installed_by_uv(python: Path, pip: list[str], wanted: str) -> bool:
    """Install Sprite Lab with uv; returns False if uv is missing, fails, or cannot follow pip's
    settings.
    """
    uv = script(python, "uv")
    told = settings_for_uv(pip_settings(pip)) if uv.exists() else None
    if told is None:
        return False
    command = [str(uv), "pip", "install", "--python", str(python), "--editable", wanted]
    return not subprocess.call(command, cwd=str(ROOT), env={**told, **os.environ})


def settings_for_uv(settings: dict[str, str]) -> dict[str, str] | None:
    """Environment variables for uv, or None if it cannot be told all of pip's settings."""
    told = {name: value for name, value in settings.items() if name not in NOT_TOLD_TO_UV}
    if not set(told) <= set(TOLD_TO_UV) or any(len(value.split()) > 1 for value in told.values()):
        return None
    return {TOLD_TO_UV[name]: value for name, value in told.items()}


def pip_settings(pip: list[str]) -> dict[str, str]:
    """pip's settings for installing (files or environment), by option, except empty ones."""
    done = subprocess.run(
        [*pip, "config", "list"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    settings = {}
    for place in ("global.", "install.", ":env:."):  # the last counts
        for line in done.stdout.splitlines():
            option, _, value = line.removeprefix(place).partition("=")
            if line.startswith(place) and value.strip("'\""):
                settings[option] = value.strip("'\"").replace("\\n", " ")
    return settings


# -- which build of PyTorch ----------------------------------------------------------------


def install_torch(pip: list[str], wanted: list[str], build: str, asked: bool) -> str:
    """Install PyTorch alone from the index of ``build``, chosen here if empty; returns the build.

    Separately, because that index has few other packages, and before Sprite Lab, which accepts any
    build. ``default`` installs nothing: then Sprite Lab's installation brings PyTorch.
    """
    if not wanted:
        return DEFAULT_TORCH
    build = build or choose_torch(pip)
    if build == DEFAULT_TORCH:
        return DEFAULT_TORCH
    say(f"PyTorch: the build '{build}' from {TORCH_INDEX}{build}; {TORCH_CHOICE} chooses another.")
    if not subprocess.call([*pip, *INSTALL, "--index-url", TORCH_INDEX + build, *wanted]):
        return build
    if asked:
        raise SetupError(
            f"PyTorch's build '{build}' could not be installed (pip says why above): "
            f"set {TORCH_CHOICE} to another, or to {DEFAULT_TORCH}, and retry."
        )
    say(f"PyTorch: that failed, so the package index's build is taken; {TORCH_CHOICE} changes it.")
    return DEFAULT_TORCH


def choose_torch(pip: list[str]) -> str:
    """The build for this machine, if nobody chose one; prints which and why."""
    if not sys.platform.startswith("linux"):
        return DEFAULT_TORCH
    change = f"{TORCH_CHOICE}=cpu takes the CPU build"
    if has_nvidia_gpu():
        say(f"PyTorch: the package index's build, for the NVIDIA GPU found; {change}.")
        return DEFAULT_TORCH
    configured = configured_index(pip)
    if configured:
        say(f"PyTorch: from where pip's settings say ({configured}); {change}.")
        return DEFAULT_TORCH
    if not answers(TORCH_INDEX + "cpu/torch/"):
        say(
            f"PyTorch: {TORCH_INDEX}cpu cannot be reached, so the package index's build is taken, "
            f"on Linux the one for NVIDIA GPUs (several GB). {change} once it can be."
        )
        return DEFAULT_TORCH
    say("PyTorch: no NVIDIA GPU found, so the CPU build will do.")
    return "cpu"


def has_nvidia_gpu() -> bool:
    """Whether there is a driver for an NVIDIA GPU: CUDA is useless without it."""
    return os.path.exists("/proc/driver/nvidia/version") or bool(shutil.which("nvidia-smi"))


def configured_index(pip: list[str]) -> str:
    """The option with which pip's settings name an index, or empty."""
    options = pip_settings(pip)
    return next((o for o in ("index-url", "extra-index-url", "no-index") if o in options), "")


def answers(address: str, seconds: float = 5.0) -> bool:
    """Whether ``address`` can be read within ``seconds``, including the name lookup."""
    import urllib.request  # not needed once everything is installed

    read = []

    def ask() -> None:
        with contextlib.suppress(Exception), urllib.request.urlopen(address, timeout=seconds):
            read.append(address)

    # In a thread that may be left behind: nothing else limits the time of a name lookup.
    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(seconds)
    return bool(read)


def torch_requirements(pyproject: bytes, extras: tuple[str, ...]) -> list[str]:
    """The requirements to install from PyTorch's index: torch, and for the tests torchvision, which
    one of their packages needs and which must be of the same build.
    """
    import tomllib

    project = tomllib.loads(pyproject.decode("utf-8"))["project"]
    found = [text for text in project.get("dependencies", []) if re.match(r"torch\b", text)]
    return [*found, "torchvision"] if found and "dev" in extras else found


def make_venv(venv: Path) -> None:
    """A new environment in place of the existing one."""
    say(f"Making an environment in {venv.relative_to(ROOT)}.")
    command = [sys.executable, "-m", "venv", "--clear", str(venv)]
    if subprocess.call(command, stdout=subprocess.DEVNULL) == 0:
        return
    # Debian ships Python without ensurepip.
    major, minor = sys.version_info[:2]
    if shutil.which("apt-get"):
        if install_with_apt([f"python{major}.{minor}-venv"]) and subprocess.call(command) == 0:
            return
        raise SetupError(
            "Python cannot make environments here; this mends it: "
            f"sudo apt-get install -y python{major}.{minor}-venv"
        )
    raise SetupError(
        "Python cannot make environments here: install its modules venv and ensurepip."
    )


# -- system libraries ----------------------------------------------------------------------


def ensure_system_libraries(xcb: bool) -> None:
    """Install the libraries that Qt needs on Linux, or print the one command that does."""
    packages = missing_packages(xcb)
    if not packages:
        return
    if not shutil.which("apt-get"):
        raise SetupError(
            "Qt needs system libraries that are missing; install what your system calls these "
            f"Debian packages: {' '.join(packages)}"
        )
    say(f"Qt needs system libraries: {' '.join(packages)}")
    if install_with_apt(packages) and not missing_packages(xcb):
        return
    raise SetupError(
        f"install them and run this again: sudo apt-get install -y {' '.join(packages)}"
    )


def missing_packages(xcb: bool) -> list[str]:
    """The missing packages, found by the app's own check, which only needs the standard library."""
    with checkout_first():
        from sprite_lab.display import missing_packages as missing
    return missing(xcb=xcb)


@contextlib.contextmanager
def checkout_first():
    """Within this context, modules of Sprite Lab are imported from this checkout."""
    sys.path.insert(0, str(ROOT))
    try:
        yield
    finally:
        sys.path.remove(str(ROOT))


def install_with_apt(packages: list[str]) -> bool:
    """Install Debian packages if that needs no password; returns whether it did."""
    if os.geteuid() == 0:
        prefix: list[str] = []
    elif shutil.which("sudo") and not subprocess.call(
        ["sudo", "-n", "true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ):
        prefix = ["sudo", "-n"]
    else:
        return False
    quiet = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    install = [*quiet, "install", "-y", "--no-install-recommends", *packages]
    if subprocess.call(install) == 0:
        return True
    # The usual reason on a fresh machine: it has no package lists yet.
    return subprocess.call([*quiet, "update"]) == 0 and subprocess.call(install) == 0


def say(text: str) -> None:
    print(f"bootstrap: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
