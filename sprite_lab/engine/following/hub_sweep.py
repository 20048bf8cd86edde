"""A sweep as a Hugging Face job: starting it, its status, and fetching its runs.

A private repository holds the sweep's plan, sprites, journal and runs. The job downloads them, and
uploads them every ten minutes and at its end, so that another job can continue.
"""

from __future__ import annotations

import contextlib
import shlex
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sprite_lab.core.errors import FileError
from sprite_lab.core.sets.sprites import BUILTIN
from sprite_lab.core.sweep import SweepPlan
from sprite_lab.engine.models.hub import hub_api, hub_errors
from sprite_lab.engine.training.sweep import JOURNAL, PLAN, Sweep, Trial, write_plan
from sprite_lab.formats.folders import new_folder

#: The prefix of a location on the hub.
HUB = "hf://"

#: The image of the job, the sweep's folder in it, and the repository's file with the job's ID.
IMAGE, FOLDER, JOB = "python:3.13", "sweep", "job.txt"

_COMMAND = f"""pip install --quiet 'sprite-lab[sweep,hub]' || exit
hf download "$REPO" --local-dir {FOLDER} || exit
keep() {{ hf upload "$REPO" {FOLDER} . --exclude '*.lock' --exclude '.cache/**'; }}
(while sleep 600; do keep; done) >/dev/null 2>&1 & beat=$!
sprite-lab sweep --out {FOLDER} OPTIONS
code=$?
kill $beat
keep && exit $code
"""


def begin(name: str, plan: SweepPlan | None, flavor: str, options: Sequence[str]) -> str:
    """Upload a plan and its sprites and start the job; returns the address of the job's page.

    Raises FileError if the server refuses or cannot be reached, or has another sweep of that name.

    ``plan``: None = continue the one in the repository. ``flavor``: the kind of machine, as the hub
    names them.
    """
    from huggingface_hub import get_token  # noqa: PLC0415 (an extra, and slow to load)

    api = hub_api()
    with hub_errors(name):
        if plan is not None:
            api.create_repo(name, private=True, exist_ok=True)
            if api.file_exists(name, PLAN):
                raise FileError(
                    "'{name}' already contains a sweep: leave out --try to continue it.", name=name
                )
            with tempfile.TemporaryDirectory() as made:
                _fill(Path(made), plan)
                api.upload_folder(repo_id=name, folder_path=made)
        job = api.run_job(
            image=IMAGE,
            command=["bash", "-c", _COMMAND.replace("OPTIONS", shlex.join(options))],
            env={"REPO": name},
            secrets={"HF_TOKEN": api.token or get_token()},
            flavor=flavor,
            timeout="24h",
            namespace=name.partition("/")[0],
        )
        api.upload_file(path_or_fileobj=job.id.encode(), path_in_repo=JOB, repo_id=name)
    return str(job.url)


def _fill(folder: Path, plan: SweepPlan) -> None:
    """Write the plan and, beside it, the sprites that it names."""
    if plan.data != BUILTIN:
        sprites = Path(plan.data)
        there = Path("data", sprites.name)
        (folder / "data").mkdir()
        copy = shutil.copytree if sprites.is_dir() else shutil.copy
        try:
            copy(sprites, folder / there)
        except OSError as error:
            raise FileError(
                "'{path}' cannot be read: {error}.", path=sprites, error=error.strerror
            ) from None
        plan = replace(plan, data=f"{FOLDER}/{there.as_posix()}")
    write_plan(folder, plan)


def status(name: str) -> tuple[str, int, list[Trial]]:
    """The state of the job (such as "running"), the planned number of trials, and the uploaded
    trials.
    """
    api = hub_api()
    with tempfile.TemporaryDirectory() as found, hub_errors(name):
        wanted = [JOB, PLAN, JOURNAL, "*/run.json", "*/metrics.jsonl"]
        api.snapshot_download(name, local_dir=found, allow_patterns=wanted)
        folder = Path(found)
        number = (folder / JOB).read_text("ascii").strip()
        job = api.inspect_job(job_id=number, namespace=name.partition("/")[0])
        sweep = Sweep(folder)
        return str(job.status.stage).lower(), sweep.plan.count, sweep.trials()


def fetch(name: str, out: Path) -> int:
    """Download the runs into a new folder, without files that only the job needs; returns the
    number of files."""
    api = hub_api()
    with new_folder(out) as folder, hub_errors(name):
        left = ["*.state.safetensors", ".gitattributes", JOB]
        api.snapshot_download(name, local_dir=folder, ignore_patterns=left)
        with contextlib.suppress(FileNotFoundError):
            shutil.rmtree(folder / ".cache")
        if not (folder / PLAN).is_file():
            raise FileError("There is no sweep in '{name}'.", name=name)
        return sum(path.is_file() for path in folder.rglob("*"))
