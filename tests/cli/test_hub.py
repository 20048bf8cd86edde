"""``sprite-lab push`` and ``pull``: to a stand-in of the hub and back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.hub_stand_in import TOKEN, hub_for

pytest.importorskip("huggingface_hub")


def test_a_run_is_shared_and_fetched(
    command: Command, small_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with hub_for(monkeypatch, tmp_path) as hub:
        refused = command("push", small_run, "ada/heroes")
        assert (refused.code, "hf auth login" in refused.err.splitlines()[-1]) == (1, True)
        assert hub.files == {}
        monkeypatch.setenv("HF_TOKEN", TOKEN)
        shared = command("push", small_run, "ada/heroes", "--private", "--json")
        assert (shared.code, shared.json) == (0, {"address": f"{hub.address}/ada/heroes"})
        assert hub.private == {"ada/heroes"}
        monkeypatch.chdir(tmp_path)
        fetched = command("pull", "ada/heroes", "--json")
        assert fetched.json == {"model": str(Path("heroes", "heroes.safetensors"))}
    facts = command("info", tmp_path / "heroes" / "heroes.safetensors", "--json").json
    assert (facts["kind"], facts["step"]) == ("weights", 12)
    wrong = command("pull", "heroes")
    assert (wrong.code, "OWNER/NAME" in wrong.error) == (2, True)
