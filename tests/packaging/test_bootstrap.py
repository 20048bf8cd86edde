"""The setup script's decisions; commands are recorded, not run."""

from __future__ import annotations

import http.server
import json
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import bootstrap as script
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ModuleType:
    """The script as a module whose environment lies in a temporary folder."""
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(script, "VENV", tmp_path / ".venv")
    monkeypatch.setattr(script, "STAMP", tmp_path / ".venv" / "stamp.json")
    monkeypatch.delenv(script.TORCH_CHOICE, raising=False)
    return script


class Calls(list[list[str]]):
    """Stands in for subprocess.call: records each command, returns the configured result."""

    def __init__(self, failing: str = "") -> None:
        self.failing = failing

    def __call__(self, command: list[str], **_: object) -> int:
        self.append([str(part) for part in command])
        return int(bool(self.failing) and self.failing in " ".join(self[-1]))


class TestInstalling:
    @pytest.fixture
    def calls(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Calls:
        """A machine on which making an environment works."""
        calls = Calls()

        def make_venv(folder: Path) -> None:
            calls.append(["make venv"])
            python = bootstrap.venv_python(folder)
            python.parent.mkdir(parents=True, exist_ok=True)
            python.write_text("")
            bootstrap.STAMP.unlink(missing_ok=True)

        def version(python: Path) -> tuple[int, ...] | None:
            return (3, 12, 1) if python.exists() else None

        monkeypatch.setattr(bootstrap, "make_venv", make_venv)
        monkeypatch.setattr(bootstrap, "venv_version", version)
        monkeypatch.setattr(bootstrap.subprocess, "call", calls)
        return calls

    def test_first_makes_and_installs_then_starts_at_once(
        self, bootstrap: ModuleType, calls: Calls
    ) -> None:
        python = bootstrap.ensure_installed(())
        assert calls[0] == ["make venv"]
        assert calls[1][-4:] == ["install", "--no-compile", "--quiet", "uv"]
        assert calls[2][0] == str(python)
        assert calls[2][-4:] == ["install", "--no-compile", "--editable", "."]
        calls.clear()
        assert bootstrap.ensure_installed(()) == python
        assert calls == []

    def test_tests_need_more_than_the_app_and_the_app_no_less(
        self, bootstrap: ModuleType, calls: Calls
    ) -> None:
        bootstrap.ensure_installed(())
        calls.clear()
        bootstrap.ensure_installed(("dev",))
        assert [call[-1] for call in calls] == [".[dev]"]
        calls.clear()
        bootstrap.ensure_installed(())
        assert calls == []

    def test_a_changed_pyproject_installs_again(self, bootstrap: ModuleType, calls: Calls) -> None:
        bootstrap.ensure_installed(())
        calls.clear()
        (bootstrap.ROOT / "pyproject.toml").write_text("[project]\nname = 'y'\n")
        bootstrap.ensure_installed(())
        assert [call[-1] for call in calls] == ["."]

    def test_an_environment_without_its_python_is_rebuilt(
        self, bootstrap: ModuleType, calls: Calls
    ) -> None:
        python = bootstrap.ensure_installed(())
        calls.clear()
        python.unlink()
        bootstrap.ensure_installed(())
        assert calls[0] == ["make venv"]

    def test_an_environment_of_an_old_python_is_rebuilt(
        self, bootstrap: ModuleType, calls: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bootstrap, "venv_version", lambda _: (3, 9, 2))
        bootstrap.ensure_installed(())
        assert calls[0] == ["make venv"]

    def test_an_environment_of_somebody_else_is_used(
        self, bootstrap: ModuleType, calls: Calls
    ) -> None:
        python = bootstrap.venv_python(bootstrap.VENV)
        python.parent.mkdir(parents=True)
        python.write_text("")
        bootstrap.ensure_installed(())
        assert [call[-1] for call in calls] == ["."]

    def test_where_pip_cannot_be_renewed_the_old_one_installs(
        self, bootstrap: ModuleType, calls: Calls
    ) -> None:
        calls.failing = "--quiet"
        bootstrap.ensure_installed(())
        assert [call[-1] for call in calls] == ["make venv", "uv", "pip", "."]

    @pytest.mark.parametrize("works", [True, False])
    def test_uv_installs_where_it_can_and_pip_where_not(
        self, bootstrap: ModuleType, calls: Calls, monkeypatch: pytest.MonkeyPatch, works: bool
    ) -> None:
        bootstrap.ensure_installed(())
        calls.clear()
        uv = bootstrap.script(bootstrap.venv_python(bootstrap.VENV), "uv")
        uv.write_text("")
        monkeypatch.setattr(bootstrap, "pip_settings", lambda pip: {})
        calls.failing = "" if works else str(uv)
        bootstrap.ensure_installed(("dev",))
        by_uv = [str(uv), "pip", "install", "--python", str(uv.with_name("python")), "--editable"]
        assert calls[0] == [*by_uv, ".[dev]"]
        assert [call[1:3] for call in calls[1:]] == ([] if works else [["-m", "pip"]])

    def test_a_failed_installation_is_tried_again(
        self, bootstrap: ModuleType, calls: Calls
    ) -> None:
        calls.failing = "install"
        with pytest.raises(bootstrap.SetupError, match="pip"):
            bootstrap.ensure_installed(())
        calls.failing = ""
        calls.clear()
        bootstrap.ensure_installed(())
        assert [call[-1] for call in calls] == ["."]

    def test_another_build_of_pytorch_asked_for_rebuilds_the_environment(
        self, bootstrap: ModuleType, calls: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (bootstrap.ROOT / "pyproject.toml").write_text('[project]\ndependencies = ["torch>=2.10"]')
        monkeypatch.setenv(bootstrap.TORCH_CHOICE, "cpu")
        bootstrap.ensure_installed(())
        index = bootstrap.TORCH_INDEX + "cpu"
        assert calls[2][-5:] == ["install", "--no-compile", "--index-url", index, "torch>=2.10"]
        assert calls[3][-4:] == ["install", "--no-compile", "--editable", "."]
        for same in ("cpu", ""):
            calls.clear()
            monkeypatch.setenv(bootstrap.TORCH_CHOICE, same)
            bootstrap.ensure_installed(())
            assert calls == []
        monkeypatch.setenv(bootstrap.TORCH_CHOICE, "default")
        bootstrap.ensure_installed(())
        assert [call[-1] for call in calls] == ["make venv", "uv", "."]

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"key": 1}', '{"python": "3"}'])
    def test_a_damaged_stamp_only_costs_time(
        self, bootstrap: ModuleType, calls: Calls, text: str
    ) -> None:
        bootstrap.ensure_installed(())
        bootstrap.STAMP.write_text(text)
        calls.clear()
        bootstrap.ensure_installed(())
        assert [call[-1] for call in calls] == ["."]


class Index(http.server.ThreadingHTTPServer):
    """PyTorch's index on this machine: has a folder ``cpu/torch/``, or what the test sets."""

    paths = ("/cpu/torch/",)
    silent = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.address = f"http://127.0.0.1:{self.server_port}/"
        self.asked: list[str] = []
        self.over = threading.Event()


class Answer(http.server.BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.server.silent:
            self.server.over.wait(20)
        self.send_response(200 if self.path in self.server.paths else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


#: Stands in for pip: records its arguments, answers ``config list``, fails on request.
PIP = """
import json, os, sys
with open(os.environ["PIP_NOTES"], "a") as notes:
    notes.write(json.dumps(sys.argv[1:]) + "\\n")
if sys.argv[1:] == ["config", "list"]:
    print(os.environ.get("PIP_SETTINGS", ""))
sys.exit("install" in sys.argv and "PIP_FAILS" in os.environ)
"""


class Installed:
    """The arguments of pip install, in order."""

    def __init__(self, notes: Path) -> None:
        self.notes = notes

    def __call__(self) -> list[list[str]]:
        lines = self.notes.read_text().splitlines() if self.notes.exists() else []
        return [command for line in lines if (command := json.loads(line))[0] == "install"]


class TestPyTorch:
    @pytest.fixture
    def index(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
        """A Linux machine without an NVIDIA GPU that reaches PyTorch's index."""
        monkeypatch.setattr(bootstrap.sys, "platform", "linux")
        monkeypatch.setattr(bootstrap, "has_nvidia_gpu", lambda: False)
        for name in ("http_proxy", "HTTP_PROXY"):
            monkeypatch.delenv(name, raising=False)
        with Index() as index:
            monkeypatch.setattr(bootstrap, "TORCH_INDEX", index.address)
            threading.Thread(target=index.serve_forever, args=[0.01], daemon=True).start()
            yield index
            index.over.set()
            index.shutdown()

    @pytest.fixture
    def pip(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        (tmp_path / "pip.py").write_text(PIP)
        monkeypatch.setenv("PIP_NOTES", str(tmp_path / "notes"))
        return [sys.executable, str(tmp_path / "pip.py")]

    @pytest.fixture
    def installed(self, tmp_path: Path, pip: list[str]) -> Installed:
        return Installed(tmp_path / "notes")

    def test_without_a_gpu_linux_takes_the_cpu_build(
        self,
        bootstrap: ModuleType,
        index: Index,
        pip: list[str],
        installed: Installed,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        assert bootstrap.install_torch(pip, ["torch>=2.10"], "", False) == "cpu"
        assert installed() == [
            ["install", "--no-compile", "--index-url", index.address + "cpu", "torch>=2.10"]
        ]
        said = capsys.readouterr().err
        assert f"the build 'cpu' from {index.address}cpu" in said
        assert "SPRITE_LAB_TORCH chooses another" in said

    @pytest.mark.parametrize("how", ["refused", "not found", "silent", "no such host"])
    def test_an_index_out_of_reach_costs_seconds_and_leaves_the_package_index(
        self,
        bootstrap: ModuleType,
        index: Index,
        pip: list[str],
        installed: Installed,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        how: str,
    ) -> None:
        index.paths = ()
        index.silent = how == "silent"
        if how == "no such host":
            monkeypatch.setattr(bootstrap, "TORCH_INDEX", "http://nowhere.invalid/")
        elif how == "refused":
            index.server_close()
        monkeypatch.setattr(bootstrap.answers, "__defaults__", (0.3,))
        begun = time.monotonic()
        assert bootstrap.install_torch(pip, ["torch"], "", False) == "default"
        assert time.monotonic() - begun < 10
        assert installed() == []
        said = capsys.readouterr().err
        assert "cannot be reached, so the package index's build is taken" in said
        assert "SPRITE_LAB_TORCH=cpu takes the CPU build" in said

    @pytest.mark.parametrize("machine", ["darwin", "win32", "NVIDIA"])
    def test_elsewhere_the_package_index_has_the_right_one(
        self,
        bootstrap: ModuleType,
        index: Index,
        pip: list[str],
        installed: Installed,
        monkeypatch: pytest.MonkeyPatch,
        machine: str,
    ) -> None:
        if machine == "NVIDIA":
            monkeypatch.setattr(bootstrap, "has_nvidia_gpu", lambda: True)
        else:
            monkeypatch.setattr(bootstrap.sys, "platform", machine)
        assert bootstrap.install_torch(pip, ["torch"], "", False) == "default"
        assert (installed(), index.asked) == ([], [])

    @pytest.mark.parametrize(
        ("settings", "build"),
        [
            ("global.index-url='https://example.org/simple'", "default"),
            (":env:.extra-index-url='https://example.org/simple'", "default"),
            ("install.no-index='true'", "default"),
            (":env:.extra-index-url=''", "cpu"),
            ("global.constraint='/a=b/c.txt'\nglobal.timeout='60'", "cpu"),
        ],
    )
    def test_an_index_in_pips_settings_is_respected(
        self,
        bootstrap: ModuleType,
        index: Index,
        pip: list[str],
        monkeypatch: pytest.MonkeyPatch,
        settings: str,
        build: str,
    ) -> None:
        monkeypatch.setenv("PIP_SETTINGS", settings)
        assert bootstrap.install_torch(pip, ["torch"], "", False) == build

    @pytest.mark.parametrize(
        ("settings", "told"),
        [
            ("", {}),
            ("global.timeout='60'\n:env:.no-input='1'\ndownload.no-index='1'", {}),
            (
                ":env:.constraint='/mine'\nglobal.constraint='/its'\ninstall.cert='/c.pem'",
                {"UV_CONSTRAINT": "/mine", "SSL_CERT_FILE": "/c.pem"},
            ),
            ("global.index-url='https://a.org/'", {"UV_DEFAULT_INDEX": "https://a.org/"}),
            ("global.find-links='/a\\n/b'", None),
            (":env:.extra-index-url='https://a.org/'", None),
            ("install.no-index='true'", None),
        ],
    )
    def test_uv_is_told_all_of_pips_settings_or_not_asked(
        self,
        bootstrap: ModuleType,
        pip: list[str],
        monkeypatch: pytest.MonkeyPatch,
        settings: str,
        told: dict[str, str] | None,
    ) -> None:
        monkeypatch.setenv("PIP_SETTINGS", settings)
        assert bootstrap.settings_for_uv(bootstrap.pip_settings(pip)) == told

    @pytest.mark.parametrize("asked", ["cu130", "default"])
    def test_what_is_asked_for_is_not_judged(
        self, bootstrap: ModuleType, index: Index, pip: list[str], installed: Installed, asked: str
    ) -> None:
        assert bootstrap.install_torch(pip, ["torch"], asked, True) == asked
        assert index.asked == []
        wanted = [["install", "--no-compile", "--index-url", index.address + "cu130", "torch"]]
        assert installed() == (wanted if asked == "cu130" else [])

    def test_a_failure_is_an_error_only_if_the_build_was_asked_for(
        self,
        bootstrap: ModuleType,
        index: Index,
        pip: list[str],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.setenv("PIP_FAILS", "1")
        assert bootstrap.install_torch(pip, ["torch"], "", False) == "default"
        assert "that failed, so the package index's build is taken" in capsys.readouterr().err
        with pytest.raises(bootstrap.SetupError, match="build 'cu130' could not be installed"):
            bootstrap.install_torch(pip, ["torch"], "cu130", True)

    def test_the_project_says_which_version(self, bootstrap: ModuleType) -> None:
        project = (ROOT / "pyproject.toml").read_bytes()
        assert bootstrap.torch_requirements(project, ()) == ["torch>=2.10"]
        assert bootstrap.torch_requirements(project, ("dev",)) == ["torch>=2.10", "torchvision"]


def test_the_key_tells_installations_apart(bootstrap: ModuleType) -> None:
    base = (b"a", Path("/x"), (3, 11, 7))
    others = [(b"b", *base[1:]), (b"a", Path("/y"), base[2]), (*base[:2], (3, 12, 0))]
    keys = {bootstrap.install_key(*facts) for facts in [base, *others]}
    assert len(keys) == 4
    assert bootstrap.install_key(*base) in keys


def test_an_environment_that_is_not_there_has_no_version(
    bootstrap: ModuleType, tmp_path: Path
) -> None:
    assert bootstrap.venv_version(tmp_path / "nothing") is None
    link = tmp_path / "python"
    link.symlink_to(tmp_path / "gone")
    assert bootstrap.venv_version(link) is None
    assert bootstrap.venv_version(Path(sys.executable)) == sys.version_info[:3]


class TestChecks:
    @pytest.fixture
    def calls(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Calls:
        calls = Calls()
        monkeypatch.setattr(bootstrap, "ensure_installed", lambda extras: Path("/venv/bin/python"))
        monkeypatch.setattr(bootstrap, "ensure_system_libraries", lambda xcb: None)
        monkeypatch.setattr(bootstrap.subprocess, "call", calls)
        return calls

    def test_all_are_run_and_arguments_go_to_pytest(
        self, bootstrap: ModuleType, calls: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bootstrap.os, "cpu_count", lambda: 2)
        assert bootstrap.main(["test", "-k", "gif"]) == 0
        beside = [["/venv/bin/python", "-m", "mypy"], ["/venv/bin/lint-imports"]]
        assert [call for call in calls if call in beside] == beside
        names = [" ".join(call[1:]) for call in calls if call not in beside]
        assert names == [
            "-m ruff check .",
            "-m ruff format --check .",
            "-m pytest -n 3 --dist worksteal -k gif",
        ]

    def test_processes_of_the_tests_keep_what_they_compile(
        self, bootstrap: ModuleType, calls: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = []

        def call(command: list[str], *, env: dict[str, str], **_: object) -> int:
            kept.append("PYTHONDONTWRITEBYTECODE" not in env)
            return 0

        monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
        monkeypatch.setattr(bootstrap.subprocess, "call", call)
        assert bootstrap.main(["test"]) == 0
        assert kept == [True] * 5

    @pytest.mark.parametrize(("cores", "workers"), [(None, 2), (1, 2), (2, 3), (3, 4), (64, 4)])
    def test_tests_run_in_one_process_more_than_there_are_cores_but_in_few(
        self,
        bootstrap: ModuleType,
        monkeypatch: pytest.MonkeyPatch,
        cores: int | None,
        workers: int,
    ) -> None:
        monkeypatch.setattr(bootstrap.os, "cpu_count", lambda: cores)
        assert bootstrap.workers() == workers

    def test_the_output_of_tools_beside_the_tests_is_whole_and_a_missing_tool_has_failed(
        self, bootstrap: ModuleType, capfd: pytest.CaptureFixture[str]
    ) -> None:
        say = "import sys; print('found it', flush=True); print('here', file=sys.stderr)"
        commands = [("says", [sys.executable, "-c", say]), ("fails", [sys.executable, "-c", "1/0"])]
        beside = bootstrap.Beside([*commands, ("absent", ["/nowhere"])], {})
        assert beside.told() == ["fails", "absent"]
        assert capfd.readouterr().out.startswith("== says\nfound it\nhere\n== fails\nTraceback")

    @pytest.mark.parametrize("failing", ["ruff check", "format", "mypy", "lint-imports", "pytest"])
    def test_one_failure_fails_it_and_is_named(
        self,
        bootstrap: ModuleType,
        calls: Calls,
        capsys: pytest.CaptureFixture[str],
        failing: str,
    ) -> None:
        calls.failing = failing
        assert bootstrap.main(["test"]) == 1
        assert len(calls) == 5
        assert "failed: " in capsys.readouterr().out.splitlines()[-1]


@pytest.mark.parametrize(
    ("arguments", "window"),
    [
        ([], True),
        (["--data", "a.npz"], True),
        (["--model=runs/1"], True),
        (["lesson.json"], True),
        (["./train"], True),
        (["file:///tmp/a%20b.spritelab"], True),
        (["train"], False),
        (["trian"], False),
        (["--version"], False),
        (["train", "--data", "a.npz"], False),
    ],
)
def test_what_needs_a_window(bootstrap: ModuleType, arguments: list[str], window: bool) -> None:
    assert bootstrap.opens_window(arguments) is window


@pytest.mark.parametrize("arguments", [[], ["install"], ["--help"]])
def test_wrong_usage_explains(
    bootstrap: ModuleType, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert bootstrap.main(arguments) == 2
    assert "bootstrap.py app" in capsys.readouterr().err


def test_an_old_python_gets_a_sentence(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
    assert bootstrap.main(["app"]) == 1
    assert "needs Python 3.11 or newer, but this is 3.9.2" in capsys.readouterr().err


class TestSystemLibraries:
    @pytest.fixture
    def machine(self, bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch) -> Calls:
        """A Debian without libegl1, on which nothing may be installed without asking."""
        calls = Calls(failing="sudo")
        monkeypatch.setattr(bootstrap, "missing_packages", lambda xcb: ["libegl1"])
        monkeypatch.setattr(bootstrap.shutil, "which", lambda name: f"/usr/bin/{name}")
        monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 1000, raising=False)
        monkeypatch.setattr(bootstrap.subprocess, "call", calls)
        return calls

    def test_where_it_may_not_it_says_the_command(
        self, bootstrap: ModuleType, machine: Calls
    ) -> None:
        with pytest.raises(bootstrap.SetupError, match=r"sudo apt-get install -y libegl1$"):
            bootstrap.ensure_system_libraries(True)
        assert machine == [["sudo", "-n", "true"]]

    @pytest.mark.parametrize("user", [0, 1000], ids=["root", "sudo without password"])
    def test_where_it_may_it_installs(
        self, bootstrap: ModuleType, machine: Calls, monkeypatch: pytest.MonkeyPatch, user: int
    ) -> None:
        machine.failing = ""
        missing = [["libegl1"], []]
        monkeypatch.setattr(bootstrap, "missing_packages", lambda xcb: missing.pop(0))
        monkeypatch.setattr(bootstrap.os, "geteuid", lambda: user, raising=False)
        bootstrap.ensure_system_libraries(True)
        assert machine[-1][-2:] == ["--no-install-recommends", "libegl1"]
        assert ("sudo" in machine[-1]) == (user != 0)

    def test_package_lists_are_fetched_where_there_are_none(
        self, bootstrap: ModuleType, machine: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        machine.failing = "install"
        monkeypatch.setattr(bootstrap.os, "geteuid", lambda: 0, raising=False)
        assert not bootstrap.install_with_apt(["libegl1"])
        kinds = ["update" if "update" in call else "install" for call in machine]
        assert kinds == ["install", "update", "install"]

    def test_other_systems_are_told_the_names(
        self, bootstrap: ModuleType, machine: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bootstrap.shutil, "which", lambda name: None)
        with pytest.raises(bootstrap.SetupError, match="libegl1"):
            bootstrap.ensure_system_libraries(True)

    def test_with_all_there_nothing_happens(
        self, bootstrap: ModuleType, machine: Calls, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(bootstrap, "missing_packages", lambda xcb: [])
        bootstrap.ensure_system_libraries(True)
        assert machine == []


def test_readme_and_ci_name_the_same_command() -> None:
    command = "python3 packaging/bootstrap.py test"
    assert command in (ROOT / "README.md").read_text("utf-8")
    assert command in (ROOT / ".ci" / "run").read_text("utf-8")


def test_the_stamp_says_what_was_installed(bootstrap: ModuleType, tmp_path: Path) -> None:
    stamp = tmp_path / "stamp.json"
    stamp.write_text(json.dumps({"key": "k", "extras": ["dev"]}))
    noted = bootstrap.read_stamp(stamp)
    assert bootstrap.is_installed(noted, "k", ())
    assert bootstrap.is_installed(noted, "k", ("dev",))
    assert not bootstrap.is_installed(noted, "k", ("docs",))
    assert not bootstrap.is_installed(noted, "other", ())
