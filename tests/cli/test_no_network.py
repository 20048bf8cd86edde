"""No command uses the network."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.network import Asked


def test_the_watch_hears_of_a_connection() -> None:
    """Otherwise the other test could not fail."""
    asked = Asked()
    with pytest.raises(ConnectionError), socket.create_connection(("127.0.0.1", 9), timeout=1):
        pass
    asked.stop()
    assert any("127.0.0.1" in whom for whom in asked.whom)


def test_no_network_unless_asked(
    command: Command, small_run: Path, sprites_file: Path, tmp_path: Path
) -> None:
    asked = Asked()
    try:
        for arguments in (
            ("info", "--models"),
            ("info", small_run),
            ("import", sprites_file, "--out", tmp_path / "a.npz"),
            ("sample", "--model", small_run, "--count", "2", "--out", tmp_path / "a.png"),
            ("export-model", small_run, "--out", tmp_path / "a.safetensors"),
        ):
            assert command(*arguments).code == 0, arguments
    finally:
        asked.stop()
    assert asked.whom == []
