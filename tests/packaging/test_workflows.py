"""The workflows, which only run where they are hosted: their form, and the facts they rely on."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import build
import check_installed
import pytest
import release

from tests.benchmarks.__main__ import NAMES

yaml = pytest.importorskip("yaml", reason="needs the extra [dev]")

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
LOADED = {path.stem: yaml.safe_load(path.read_text("utf-8")) for path in WORKFLOWS}


def steps(workflow: str, job: str | None = None) -> Iterator[dict[str, Any]]:
    jobs = LOADED[workflow]["jobs"]
    for name in [job] if job else jobs:
        yield from jobs[name]["steps"]


def runs(workflow: str, job: str | None = None) -> list[str]:
    return [step["run"] for step in steps(workflow, job) if "run" in step]


def matrix(job: str) -> list[dict[str, str]]:
    included: list[dict[str, str]] = LOADED["release"]["jobs"][job]["strategy"]["matrix"]["include"]
    return included


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
class TestForm:
    def test_it_is_what_the_schema_asks_for(self, path: Path) -> None:
        pytest.importorskip("check_jsonschema", reason="needs the extra [dev]")
        command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema"]
        done = subprocess.run(
            [*command, "vendor.github-workflows", str(path)], capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def test_actionlint_finds_nothing(self, path: Path) -> None:
        if not shutil.which("actionlint"):
            pytest.skip("actionlint is not installed")
        done = subprocess.run(["actionlint", str(path)], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def test_it_may_read_and_no_more(self, path: Path) -> None:
        assert LOADED[path.stem]["permissions"] == {"contents": "read"}

    def test_its_runs_are_called_off_or_queued_but_never_meet(self, path: Path) -> None:
        assert "group" in LOADED[path.stem]["concurrency"]

    def test_each_job_has_an_end(self, path: Path) -> None:
        assert all("timeout-minutes" in job for job in LOADED[path.stem]["jobs"].values())

    def test_actions_are_pinned_by_commit_and_say_their_version(self, path: Path) -> None:
        named = re.findall(r"uses: (.*)", path.read_text("utf-8"))
        for name in named:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", name), name

    def test_no_checkout_leaves_the_token_behind(self, path: Path) -> None:
        checkouts = [step for step in steps(path.stem) if "checkout" in step.get("uses", "")]
        assert all(step["with"]["persist-credentials"] is False for step in checkouts)

    def test_what_others_may_name_never_stands_in_a_command(self, path: Path) -> None:
        for run in runs(path.stem):
            assert not re.search(r"\$\{\{\s*(github|inputs|secrets)\b", run), run

    def test_scripts_that_it_runs_are_there(self, path: Path) -> None:
        named = [name for run in runs(path.stem) for name in re.findall(r"packaging/[\w/.]+", run)]
        assert all((ROOT / name).is_file() for name in named), named

    def test_shellcheck_has_nothing_against_its_commands(self, path: Path) -> None:
        shellcheck = shutil.which("shellcheck")
        if not shellcheck:
            pytest.skip("shellcheck is not installed")
        for run in runs(path.stem):
            text = re.sub(r"\$\{\{.*?\}\}", "value", run)
            done = subprocess.run(
                [shellcheck, "--shell=bash", "-"], input=text, capture_output=True, text=True
            )
            assert done.returncode == 0, f"{run}\n{done.stdout}"


def test_an_action_has_one_commit_everywhere() -> None:
    named = {step["uses"] for name in LOADED for step in steps(name) if "uses" in step}
    assert len(named) == len({name.partition("@")[0] for name in named}), named


def test_ci_runs_what_everybody_runs() -> None:
    (checks,) = runs("ci", "checks")
    command, *chosen = checks.split()
    assert command == ".ci/run"
    assert all((ROOT / path).exists() for path in chosen)
    *tools, everything, floors, timing = runs("nightly", "everything")
    assert timing.split()[:3] == [".venv/bin/python", "-m", "tests.benchmarks"]
    assert set(timing.split()[3:]) <= set(NAMES)
    packages = re.findall(r"floor (\w+)", floors)
    assert packages == ["jobs", "diffusion", "core", "formats", "data", "engine", "cli"]
    for folder, names in re.findall(r"(\w+)/\{([\w,]+)\}", floors):
        for name in names.split(","):
            assert (ROOT / f"sprite_lab/engine/{folder}/{name}.py").is_file()
    assert floors.count("/{") == 2
    assert everything.split()[:2] == [".ci/run", "--cov"]
    assert all(run.startswith("sudo apt-get") for run in tools)


def test_windows_and_macos_are_binding() -> None:
    job = LOADED["nightly"]["jobs"]["elsewhere"]
    assert {name.split("-")[0] for name in job["strategy"]["matrix"]["runner"]} == {
        "windows",
        "macos",
    }
    assert "continue-on-error" not in str(job)


def test_each_night_continues_from_the_files_of_the_nights_before() -> None:
    (folder,) = re.findall(r"guided (\S+)", " ".join(runs("nightly", "reliability")))
    (kept,) = (s["with"] for s in steps("nightly", "reliability") if "/cache@" in s.get("uses", ""))
    assert kept["path"] == f"{folder}/corpus"
    assert kept["key"].startswith(kept["restore-keys"])
    assert kept["key"].endswith("${{ github.run_id }}")  # a cache is never written twice


SCHEMAS = {
    ".github/dependabot.yml": "dependabot",
    ".github/ISSUE_TEMPLATE/config.yml": "github-issue-config",
    ".github/ISSUE_TEMPLATE/fault.yml": "github-issue-forms",
    ".github/ISSUE_TEMPLATE/idea.yml": "github-issue-forms",
    "CITATION.cff": "citation-file-format",
}


@pytest.mark.parametrize("path", SCHEMAS)
def test_other_files_for_the_host_are_what_their_schema_asks_for(path: str) -> None:
    pytest.importorskip("check_jsonschema", reason="needs the extra [dev]")
    command = [sys.executable, "-m", "check_jsonschema", "--force-filetype", "yaml"]
    command += ["--builtin-schema", f"vendor.{SCHEMAS[path]}", str(ROOT / path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_file_has_somebody_who_is_asked_about_a_change() -> None:
    lines = (ROOT / ".github/CODEOWNERS").read_text("utf-8").splitlines()
    (first, *_) = (line.split() for line in lines if line and not line.startswith("#"))
    assert first[0] == "*"
    assert all(owner.startswith("@") for owner in first[1:])
    assert len(first) > 1


class TestRelease:
    def test_what_is_built_is_known_to_the_build(self) -> None:
        known = build.PRODUCTS
        for entry in matrix("build"):
            assert set(entry["products"].split()) <= set(known), entry["system"]

    def test_every_installer_is_tried_on_its_system(self) -> None:
        kinds = check_installed.INSTALL
        built = {
            (entry["system"], product)
            for entry in matrix("build")
            for product in entry["products"].split()
        }
        tried = {(entry["system"], entry["kind"]) for entry in matrix("install")}
        assert tried == {(system, product) for system, product in built if product in kinds}
        assert {kind for _, kind in tried} == set(kinds)

    def test_all_that_a_release_has_is_handed_on(self) -> None:
        (upload,) = [
            step["with"]["path"]
            for step in steps("release", "build")
            if step.get("with", {}).get("name", "").startswith("installers-")
        ]
        python = {"dist/*.whl", "dist/*.tar.gz"}
        wanted = {f"dist/{pattern}" for pattern in release.FILES}
        assert set(upload.split()) | python == wanted

    def test_a_release_has_as_many_files_as_are_built(self) -> None:
        files = release.FILES
        patterns = {**check_installed.FILES, "sbom": "*.cdx.json"}
        for product, pattern in patterns.items():
            built = sum(product in entry["products"].split() for entry in matrix("build"))
            assert files[pattern] == built, pattern
        assert sum("pages" in entry["products"].split() for entry in matrix("build")) == 1
        assert files["*.html"] == len(build.PAGES)

    def test_every_model_has_a_page(self) -> None:
        shipped = {path.parent.name for path in (ROOT / "resources/models").glob("*/report.json")}
        assert set(build.PAGES) == shipped

    def test_pytorch_is_its_build_for_the_processor(self) -> None:
        for entry in matrix("build"):
            if entry["system"].startswith("macos"):
                assert entry["index"] == ""
            else:
                assert entry["index"].endswith("/whl/cpu")
        assert any("torch.version.cuda is None" in run for run in runs("release", "build"))

    def test_nothing_is_published_before_all_was_tried(self) -> None:
        jobs = LOADED["release"]["jobs"]
        assert set(jobs["draft"]["needs"]) == {"python", "install"}
        assert jobs["install"]["needs"] == "build"
        assert jobs["pypi"]["needs"] == "draft"
        # A manual run publishes nothing, even for a tag.
        assert jobs["draft"]["if"] == "github.event_name == 'push'"
        assert LOADED["release"][True]["push"] == {"tags": ["v*"]}
        assert any("gh release create" in run and "--draft" in run for run in runs("release"))

    def test_whatever_is_installed_for_a_release_is_pinned_with_hashes(self) -> None:
        for run in runs("release"):
            for line in run.splitlines():
                if "pip install" in line:
                    assert "--require-hashes" in line, line
        assert build.TOOLS[0] == "--require-hashes"

    def test_keys_are_seen_where_they_sign_and_nowhere_else(self) -> None:
        for name in LOADED:
            for step in steps(name):
                keys = set(re.findall(r"secrets\.(\w+)", str(step)))
                systems = {key.split("_")[0] for key in keys}
                if not keys:
                    continue
                assert name == "release"
                assert step["run"] == "python packaging/signing.py"
                (system,) = systems
                word = {"WINDOWS": "Windows", "MACOS": "macOS"}[system]
                assert step["if"] == f"runner.os == '{word}' && github.event_name == 'push'"
        assert LOADED["release"]["jobs"]["build"]["environment"].startswith("${{")

    def test_only_the_last_jobs_may_write(self) -> None:
        jobs = LOADED["release"]["jobs"]
        assert {name for name, job in jobs.items() if "permissions" in job} == {"draft", "pypi"}
