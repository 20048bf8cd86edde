"""The preferences file: kept, restored, and tolerated when damaged."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from sprite_lab.app.context import AppContext
from sprite_lab.app.shell.settings import RECENT, SCHEMA_VERSION, Preferences, Settings
from sprite_lab.app.value_model import ValueModel
from tests.qt import until


def test_what_is_saved_comes_back(qapp, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "settings.json"
    settings = Settings(path)
    assert settings.value == Preferences()
    settings.replace(theme="dark", smoothing=0.8, train={"epochs": 3}, library_open=False)
    for number in range(RECENT + 3):
        settings.remember("recent_data", f"{number}.npz")
    settings.remember("recent_data", "7.npz")
    settings.save()
    again = Settings(path)
    assert again.value == settings.value
    assert again.value.recent_data[:2] == ("7.npz", "10.npz")
    assert len(again.value.recent_data) == RECENT
    assert again.problem == ""


def test_nothing_is_written_where_nothing_changed(qapp, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "settings.json"
    Settings(path).save()
    assert not path.exists()


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", "{}", '{"schema_version": "1"}', '{"schema_version": 1, "smoothing": NaN}'],
)
def test_a_damaged_file_gives_the_defaults_and_is_kept(qapp, tmp_path: Path, damage: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "settings.json"
    path.write_text(damage)
    settings = Settings(path)
    assert settings.value == Preferences()
    assert "Settings could not be read" in settings.problem
    assert (tmp_path / "settings.damaged.json").read_text() == damage
    settings.replace(theme="dark")
    settings.save()
    assert Settings(path).value.theme == "dark"


def test_a_field_of_the_wrong_kind_takes_its_default(qapp, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "settings.json"
    document = {
        "schema_version": 1,
        "theme": "pink",
        "welcome": 1,
        "workspace": "train",
        "recent_data": ["a", 3],
        "smoothing": 7,
        "from_a_later_version": True,
    }
    path.write_text(json.dumps(document))
    settings = Settings(path)
    assert settings.problem == ""
    assert settings.value == Preferences(workspace="train", smoothing=0.99)


def newer(path: Path, **fields: object) -> str:
    """Settings of the next schema, as text."""
    text = json.dumps({"schema_version": SCHEMA_VERSION + 1, **fields})
    path.write_text(text)
    return text


def test_newer_settings_are_kept_and_used_again_after_an_update(
    qapp,  # type: ignore[no-untyped-def]
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "settings.json"
    text = newer(path, theme="dark", smoothing={"from": 0.5}, unheard_of=[1])
    older = Settings(path)
    assert older.value == Preferences(theme="dark")
    assert "newer Sprite Lab (schema 2)" in older.problem
    older.replace(workspace="draw")
    older.save()
    kept = tmp_path / "settings.schema-2.json"
    assert kept.read_text() == text
    assert "unheard_of" not in path.read_text()
    again = Settings(path)  # nothing is reported a second time
    assert (again.problem, again.value) == ("", Preferences(theme="dark", workspace="draw"))

    monkeypatch.setattr("sprite_lab.app.shell.settings.SCHEMA_VERSION", SCHEMA_VERSION + 1)
    updated = Settings(path)
    assert updated.problem == ""
    assert path.read_text() == text
    assert not kept.exists()
    updated.replace(motion=False)
    updated.save()
    assert json.loads(path.read_text())["unheard_of"] == [1]

    monkeypatch.undo()
    down = Settings(path)  # its own earlier settings are restored
    assert down.value == Preferences(theme="dark", workspace="draw")
    assert json.loads(kept.read_text())["motion"] is False


def test_newer_settings_that_cannot_be_put_aside_are_not_written_over(
    qapp,  # type: ignore[no-untyped-def]
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "settings.json"
    text = newer(path)

    def refuse(*_: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(Path, "replace", refuse)
    settings = Settings(path)
    assert "not saved" in settings.problem
    settings.replace(theme="dark")
    settings.save()
    assert path.read_text() == text


def test_what_a_later_version_added_survives(qapp, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "settings.json"
    path.write_text('{"schema_version": 1, "theme": "dark", "sound": {"volume": 3}}')
    settings = Settings(path)
    settings.replace(theme="light")
    settings.save()
    found = json.loads(path.read_text())
    assert (found["theme"], found["sound"]) == ("light", {"volume": 3})


def test_a_value_model_tells_of_real_changes_only(qapp) -> None:  # type: ignore[no-untyped-def]
    model: ValueModel[Preferences] = ValueModel(Preferences())
    heard: list[tuple[object, object]] = []
    model.changed.connect(lambda new, old: heard.append((new, old)))
    model.set(Preferences())
    model.replace(theme="system")
    assert heard == []
    model.replace(theme="dark")
    assert heard == [(Preferences(theme="dark"), Preferences())]


def test_a_value_model_knows_whether_it_was_set(qapp) -> None:  # type: ignore[no-untyped-def]
    model: ValueModel[tuple[int, ...]] = ValueModel(())
    heard: list[object] = []
    model.changed.connect(lambda new, old: heard.append(new))
    model.became_known.connect(lambda: heard.append("known"))
    assert not model.is_known
    model.set(())
    assert model.is_known
    model.set((1,))
    assert heard == ["known", (1,)]


def test_the_memory_for_recorded_steps_holds_a_thousand_of_64_sprites() -> None:
    # x_t and x0 with four channels, and the unguided x0 with three, as float16.
    frame = 64 * 16 * 16 * (4 + 4 + 3) * 2
    assert 1001 * frame < Preferences().recorded_bytes
    assert Preferences(recorded_mb=-5).recorded_bytes == 100_000_000
    assert Preferences(recorded_mb=10**9).recorded_bytes == 6_400_000_000


def test_changes_are_written_on_a_worker_and_the_last_is_never_lost(
    qapp,  # type: ignore[no-untyped-def]
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "settings.json"
    context = AppContext(Settings(path))
    slow, threads = threading.Event(), []

    def fsync(_descriptor: int) -> None:
        threads.append(threading.get_ident())
        assert slow.wait(60)

    monkeypatch.setattr("sprite_lab.formats.atomic.os.fsync", fsync)
    context.settings.replace(theme="dark")
    until(lambda: bool(threads))  # a slow disk does not stop the window
    assert threading.get_ident() not in threads
    context.settings.replace(smoothing=0.8)  # as the window closes
    threading.Timer(0.2, slow.set).start()
    assert context.settings.try_to_save() == ""
    again = Settings(path).value
    assert (again.theme, again.smoothing) == ("dark", 0.8)
    assert not context.settings.unsaved
    assert context.jobs.shut_down(60)


def test_changes_that_do_not_stop_are_written_too(qapp, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """Each change once postponed the saving until the window closed; a kill lost all of them."""
    path = tmp_path / "settings.json"
    context = AppContext(Settings(path))
    context.settings.replace(welcome=False)

    def is_written() -> bool:
        context.settings.replace(ghost=context.settings.value.ghost % 99 + 1)
        return path.exists()

    until(is_written)
    assert not Settings(path).value.welcome
    assert context.jobs.shut_down(60)
