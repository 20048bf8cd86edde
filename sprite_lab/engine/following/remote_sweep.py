"""A sweep on another machine, over SSH: starting it detached, its status, fetching its runs."""

from __future__ import annotations

import contextlib
import shlex
import tarfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from sprite_lab.core.errors import RunError
from sprite_lab.engine.following.connection import Place, open_ssh
from sprite_lab.engine.training.sweep import PLAN
from sprite_lab.formats.folders import new_folder

#: The output of the sweep, in its folder.
LOG = "sweep.log"


def begin(place: Place, plan: str, command: str, options: Sequence[str] = ()) -> None:
    """Send a plan and start the sweep, which continues when the connection ends.

    Raises RunError, with the reason, if the machine cannot be reached or refuses.

    ``plan``: from :func:`plan_text`; "" = continue the sweep in the folder. ``command``: the
    command that starts Sprite Lab on that machine.
    """
    folder = shlex.quote(place.folder)
    run = f"{command} sweep --out {folder} {shlex.join(options)}"
    start = f"(nohup {run} >>{folder}/{LOG} 2>&1 </dev/null &)"
    if plan:
        check = f"test ! -e {folder}/{PLAN} || {{ echo 'there is a sweep already' >&2; exit 1; }}"
        start = f"mkdir -p {folder} && {check} && cat >{folder}/{PLAN} && {start}"
    else:
        start = f"test -e {folder}/{PLAN} && {start}"
    _run(place, start, plan.encode())


def status(place: Place, command: str, options: Sequence[str]) -> str:
    """The output of ``sprite-lab sweep --status`` on the other machine."""
    folder = shlex.quote(place.folder)
    return _run(place, f"{command} sweep --out {folder} --status {shlex.join(options)}").decode()


def fetch(place: Place, out: Path) -> int:
    """Copy a sweep into a new folder, without files that only its machine needs; returns the
    number of files."""
    process = open_ssh(place, f"tar -C {shlex.quote(place.folder)} -cf - .")
    assert process.stdout is not None
    count = 0
    with process, new_folder(out) as folder:
        with (
            contextlib.suppress(tarfile.ReadError),  # an empty answer; the error of ssh follows
            tarfile.open(fileobj=process.stdout, mode="r|") as archive,
        ):
            for member in archive:
                path = PurePosixPath(member.name)
                wanted = path.suffix != ".lock" and not path.name.endswith(".state.safetensors")
                data = archive.extractfile(member) if member.isreg() and wanted else None
                if data is None or path.is_absolute() or ".." in path.parts:
                    continue
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as file:
                    while piece := data.read(1 << 20):
                        file.write(piece)
                count += 1
        if not (folder / PLAN).is_file():
            _, errors = process.communicate()
            raise RunError(
                "There is no sweep in '{place}': {error}", place=place, error=_last_line(errors)
            )
    return count


def _run(place: Place, command: str, stdin: bytes = b"") -> bytes:
    process = open_ssh(place, command)
    answer, errors = process.communicate(stdin)
    if process.returncode:
        raise RunError(
            "'{place}' could not do that: {error}", place=place, error=_last_line(errors)
        )
    return answer


def _last_line(errors: bytes) -> str:
    lines = errors.decode(errors="replace").strip().splitlines()
    return lines[-1][:500] if lines else "it does not say why."
