"""The Flatpak: flatpak-builder reads the manifest, and its commands are run without it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import desktop_files
import flatpak_bundle
import pytest

needs_builder = pytest.mark.skipif(
    not shutil.which("flatpak-builder"), reason="needs flatpak-builder"
)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory) -> dict:
    """The manifest as flatpak-builder understands it: it omits what it does not know."""
    command = ["flatpak-builder", "--show-manifest", str(flatpak_bundle.MANIFEST)]
    folder = tmp_path_factory.mktemp("builder")
    return json.loads(subprocess.run(command, cwd=folder, check=True, capture_output=True).stdout)


@needs_builder
def test_it_is_named_as_the_app_is(manifest):
    from sprite_lab.paths import APP_ID

    assert manifest["id"] == flatpak_bundle.APP_ID == APP_ID
    assert manifest["command"] == "sprite-lab"


@needs_builder
def test_flatpak_builder_knows_every_word(manifest):
    yaml = pytest.importorskip("yaml")
    written = yaml.safe_load(flatpak_bundle.MANIFEST.read_text("utf-8"))
    assert set(written) <= set(manifest)
    assert written["build-options"].keys() - {"strip"} <= manifest["build-options"].keys()
    (module,), (read,) = written["modules"], manifest["modules"]
    assert module.items() <= read.items()


@needs_builder
def test_it_may_do_no_more_than_it_needs(manifest):
    assert set(manifest["finish-args"]) == {
        *("--socket=wayland", "--socket=fallback-x11", "--share=ipc", "--device=dri"),
    }


@needs_builder
def test_its_commands_put_everything_where_flatpak_looks(manifest, tmp_path):
    build, dest = tmp_path / "build", tmp_path / "app"
    (module,) = manifest["modules"]
    app, share = (build / source["dest"] for source in module["sources"])
    (app / "_internal").mkdir(parents=True)
    (app / "sprite-lab").write_text("#!/bin/sh\necho started\n")
    (app / "sprite-lab").chmod(0o755)
    desktop_files.write(share, "0.9.0")
    environment = {**os.environ, "FLATPAK_DEST": str(dest), "FLATPAK_ID": manifest["id"]}
    for command in module["build-commands"]:
        subprocess.run(["sh", "-ec", command], check=True, cwd=build, env=environment)

    done = subprocess.run([dest / "bin" / "sprite-lab"], check=True, capture_output=True)
    assert done.stdout == b"started\n"
    exported = [
        path
        for folder in ("applications", "icons", "metainfo", "mime")
        for path in (dest / "share" / folder).rglob("*.*")
        if path.is_file()
    ]
    assert {path.suffix for path in exported} == {".desktop", ".png", ".svg", ".xml"}
    assert [path for path in exported if not path.name.startswith(manifest["id"] + ".")] == []
    mime = (dest / "share" / "mime" / "packages" / f"{manifest['id']}.xml").read_text("utf-8")
    assert f'<icon name="{manifest["id"]}.project"/>' in mime
    assert 'type="application/vnd.sprite-lab.project"' in mime


@needs_builder
def test_one_file_is_made_of_it(tmp_path):
    app, work = tmp_path / "frozen", tmp_path / "work"
    ran: list[list[str]] = []
    out = tmp_path / "new" / "Sprite-Lab.flatpak"
    with pytest.raises(flatpak_bundle.BuildError, match="holds no app: freeze it first"):
        flatpak_bundle.build_flatpak(app, "0.9.0", out, ran.append, work)
    app.mkdir()
    (app / "sprite-lab").write_bytes(b"")
    flatpak_bundle.build_flatpak(app, "0.9.0", out, ran.append, work)
    builder, bundle = ran
    (module,) = json.loads(Path(builder[-1]).read_text("utf-8"))["modules"]
    assert [source["path"] for source in module["sources"]] == [str(app), str(work / "share")]
    assert bundle[-3:] == [str(work / "repository"), str(out), flatpak_bundle.APP_ID]
    metainfo = work / "share" / "metainfo" / f"{flatpak_bundle.APP_ID}.metainfo.xml"
    assert 'version="0.9.0"' in metainfo.read_text("utf-8")
