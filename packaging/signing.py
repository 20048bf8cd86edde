#!/usr/bin/env python3
"""Unpacks the signing keys of a release on a hosted runner, or says that there are none.

Secrets come as variables: WINDOWS_CERTIFICATE (a .pfx in base64) with WINDOWS_CERTIFICATE_PASSWORD;
MACOS_CERTIFICATE (a .p12 in base64) with MACOS_CERTIFICATE_PASSWORD and MACOS_SIGN_IDENTITY, and
MACOS_NOTARY_KEY_BASE64 with MACOS_NOTARY_KEY_ID and MACOS_NOTARY_ISSUER. The variables that the
builds read are written to GITHUB_ENV, for later steps.
"""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

Run = Callable[[list[str]], None]

TIMESTAMPS = "http://timestamp.digicert.com"
KITS = Path(r"C:\Program Files (x86)\Windows Kits\10\bin")


def main() -> int:
    folder = Path(os.environ["RUNNER_TEMP"])
    prepare = {"win32": windows, "darwin": macos}.get(sys.platform)
    found = prepare(os.environ, folder, run) if prepare else {}
    with open(os.environ["GITHUB_ENV"], "a", encoding="utf-8") as out:
        out.writelines(f"{name}={value}\n" for name, value in found.items())
    return 0


def windows(given: Mapping[str, str], folder: Path, run: Run) -> dict[str, str]:
    """The command that signs one program."""
    if lacks(given, "WINDOWS_CERTIFICATE", "WINDOWS_CERTIFICATE_PASSWORD"):
        return {}
    certificate = unpack(given["WINDOWS_CERTIFICATE"], folder / "certificate.pfx")
    signtool = max(KITS.glob("10.*/x64/signtool.exe"), default=Path("signtool.exe"))
    options = f"/fd SHA256 /tr {TIMESTAMPS} /td SHA256"
    password = given["WINDOWS_CERTIFICATE_PASSWORD"]
    command = f'"{signtool}" sign {options} /f "{certificate}" /p "{password}" "%1"'
    return {"WINDOWS_SIGN_COMMAND": command}


def macos(given: Mapping[str, str], folder: Path, run: Run) -> dict[str, str]:
    """The certificate in a keychain that codesign may read, and the key for notarization."""
    certificate = ("MACOS_CERTIFICATE", "MACOS_CERTIFICATE_PASSWORD", "MACOS_SIGN_IDENTITY")
    if lacks(given, *certificate):
        return {}
    file = unpack(given["MACOS_CERTIFICATE"], folder / "certificate.p12")
    keychain, password = str(folder / "signing.keychain-db"), secrets.token_hex()
    tools = ["-T", "/usr/bin/codesign", "-T", "/usr/bin/security"]
    run(["security", "create-keychain", "-p", password, keychain])
    run(["security", "set-keychain-settings", "-lut", "21600", keychain])
    run(["security", "unlock-keychain", "-p", password, keychain])
    import_it = ["security", "import", str(file), "-k", keychain, *tools]
    run([*import_it, "-P", given["MACOS_CERTIFICATE_PASSWORD"]])
    # Otherwise codesign would ask for the password in a window.
    allowed = ["-S", "apple-tool:,apple:", "-s", "-k", password]
    run(["security", "set-key-partition-list", *allowed, keychain])
    run(["security", "list-keychains", "-d", "user", "-s", keychain, "login.keychain-db"])
    file.unlink()
    found = {"MACOS_SIGN_IDENTITY": given["MACOS_SIGN_IDENTITY"]}
    notary = ("MACOS_NOTARY_KEY_BASE64", "MACOS_NOTARY_KEY_ID", "MACOS_NOTARY_ISSUER")
    if not lacks(given, *notary):
        key = unpack(given["MACOS_NOTARY_KEY_BASE64"], folder / "notary.p8")
        found |= {"MACOS_NOTARY_KEY": str(key)} | {name: given[name] for name in notary[1:]}
    return found


def lacks(given: Mapping[str, str], *names: str) -> bool:
    """Whether a secret is missing; if so, this is shown in the run's summary."""
    missing = [name for name in names if not given.get(name)]
    if missing:
        print(f"::notice::Not signed: there is no secret {', '.join(missing)}.", flush=True)
    return bool(missing)


def unpack(secret: str, file: Path) -> Path:
    file.write_bytes(base64.b64decode(secret))
    return file


def run(command: list[str]) -> None:
    """Run a command without printing it, as it may contain a password."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
