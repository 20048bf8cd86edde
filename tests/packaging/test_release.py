"""The last steps of a release: its tag, its files, its keys."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest
import release
import signing

CHANGELOG = """# Changelog

## [1.1.0] - 2026-03-01

### Added
- This.

## [Unreleased]: 1.0.0

### Added
- That.
"""


class TestTag:
    def test_a_release_that_is_reported(self) -> None:
        assert release.check_tag("v1.1.0", CHANGELOG) == "1.1.0"

    @pytest.mark.parametrize("tag", ["1.1.0", "v1.1", "v1.1.0rc1", "main", "v1.1.0; echo"])
    def test_another_name_is_no_release(self, tag: str) -> None:
        with pytest.raises(release.ReleaseError, match=r"tags look like v0\.1\.0"):
            release.check_tag(tag, CHANGELOG)

    def test_one_that_nobody_told_of(self) -> None:
        with pytest.raises(LookupError, match="says nothing of"):
            release.check_tag("v2.0.0", CHANGELOG)

    def test_one_that_was_never_gathered(self) -> None:
        with pytest.raises(release.ReleaseError, match="something to come"):
            release.check_tag("v1.0.0", CHANGELOG)

    def test_the_first_one_needs_no_more_than_a_date(self) -> None:
        dated = CHANGELOG.replace("[Unreleased]: 1.0.0", "[1.0.0] - 2026-01-01")
        assert release.check_tag("v1.0.0", dated) == "1.0.0"

    def test_one_of_which_a_part_was_not_gathered(self) -> None:
        with pytest.raises(release.ReleaseError, match="something to come"):
            release.check_tag("v1.0.0", CHANGELOG.replace("1.1.0", "1.0.0"))

    def test_the_command_says_it_in_a_line(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert release.main(["tag", "nonsense"]) == 1
        assert capsys.readouterr().err.count("\n") == 1
        assert release.main(["tag"]) == 2


class TestSums:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        for pattern, count in release.FILES.items():
            for number in range(count):
                (tmp_path / pattern.replace("*", f"file-{number}")).write_bytes(b"%d" % number)
        return tmp_path

    def test_each_file_has_its_own(self, folder: Path) -> None:
        out = release.sums(folder)
        told = dict(reversed(line.split("  ")) for line in out.read_text("utf-8").splitlines())
        assert told == {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest()
            for path in folder.iterdir()
            if path != out
        }
        assert release.sums(folder).read_text("utf-8").count("\n") == len(told)

    def test_a_missing_one_is_named(self, folder: Path) -> None:
        (folder / "file-1.deb").unlink()
        with pytest.raises(release.ReleaseError, match=r"1 files \*\.deb instead of 2"):
            release.sums(folder)


class TestSigning:
    """The keys are made up; the commands are recorded, not run."""

    KEY = base64.b64encode(b"a certificate").decode()

    def test_without_secrets_it_says_so_and_continues(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        commands: list[list[str]] = []
        given = {"WINDOWS_CERTIFICATE": "", "MACOS_CERTIFICATE": self.KEY}
        assert signing.windows(given, tmp_path, commands.append) == {}
        assert signing.macos(given, tmp_path, commands.append) == {}
        assert commands == []
        assert list(tmp_path.iterdir()) == []
        lines = capsys.readouterr().out.splitlines()
        assert all(line.startswith("::notice::Not signed: there is no secret") for line in lines)
        assert len(lines) == 2

    def test_windows_gets_a_command(self, tmp_path: Path) -> None:
        given = {"WINDOWS_CERTIFICATE": self.KEY, "WINDOWS_CERTIFICATE_PASSWORD": "word"}
        found = signing.windows(given, tmp_path, print)
        assert (tmp_path / "certificate.pfx").read_bytes() == b"a certificate"
        assert found["WINDOWS_SIGN_COMMAND"].endswith('/p "word" "%1"')

    def test_macos_gets_a_keychain_and_no_file_stays(self, tmp_path: Path) -> None:
        commands: list[list[str]] = []
        given = {
            "MACOS_CERTIFICATE": self.KEY,
            "MACOS_CERTIFICATE_PASSWORD": "word",
            "MACOS_SIGN_IDENTITY": "Developer ID Application: A (B)",
            "MACOS_NOTARY_KEY_BASE64": self.KEY,
            "MACOS_NOTARY_KEY_ID": "id",
            "MACOS_NOTARY_ISSUER": "issuer",
        }
        found = signing.macos(given, tmp_path, commands.append)
        assert [command[1] for command in commands][:1] == ["create-keychain"]
        assert all(command[0] == "security" for command in commands)
        assert [path.name for path in tmp_path.iterdir()] == ["notary.p8"]
        assert found == {
            "MACOS_SIGN_IDENTITY": "Developer ID Application: A (B)",
            "MACOS_NOTARY_KEY": str(tmp_path / "notary.p8"),
            "MACOS_NOTARY_KEY_ID": "id",
            "MACOS_NOTARY_ISSUER": "issuer",
        }
