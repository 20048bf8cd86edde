"""No command uses the network."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from PIL import Image

from sprite_lab import arguments
from tests.cli.conftest import SMALL, Command
from tests.network import Asked


def test_the_watch_hears_of_a_connection() -> None:
    """Otherwise the other test could never fail."""
    asked = Asked()
    with pytest.raises(ConnectionError), socket.create_connection(("127.0.0.1", 9), timeout=1):
        pass
    asked.stop()
    assert any("127.0.0.1" in whom for whom in asked.whom)


#: Left out: commands that use the network, listen, take long or need an extra.
LEFT_OUT = {"push", "pull", "serve", "report", "export-events"}

#: One line each, run in this order.
COMMANDS = """
info --models
info RUN
import SET --out OUT/a.npz
train --data SET --max-steps 2 --out OUT/run SMALL
distill --model RUN --device cpu --max-steps 2 --batch-size 4 --out OUT/student
sweep --try seed=0,1 --slurm --out OUT/sweep
sample --model RUN --count 2 --out OUT/a.png
trajectory --model RUN --count 1 --steps 2 --out OUT/t.npz
terrain --model RUN --steps 2 --first hero --second food --out OUT/t.png
character --model RUN --steps 2 --drawing OUT/drawing.png --class hero --out OUT/c.png
evaluate --model RUN --data SET --samples 24 --steps 2 --out OUT/e.json
export RUN --kind training --out OUT/a.gif
export-model RUN --out OUT/a.safetensors
export-web RUN --count 1 --no-history --out OUT/a.html
compress SET --model RUN --limit 2 --out OUT/a.spritez
decompress OUT/a.spritez --model RUN --out OUT/b.npz
selftest
"""


def test_no_network_unless_asked(
    command: Command, small_run: Path, sprites_file: Path, tmp_path: Path
) -> None:
    names = {"RUN": small_run, "SET": sprites_file, "OUT": tmp_path}
    Image.new("RGBA", (16, 16), (200, 100, 50, 255)).save(tmp_path / "drawing.png")
    asked = Asked()
    try:
        for line in COMMANDS.strip().splitlines():
            words = (word.split("/") for word in line.replace("SMALL", " ".join(SMALL)).split())
            arguments = ("/".join([str(names.get(first, first)), *rest]) for first, *rest in words)
            done = command(*arguments)
            assert done.code == 0, (line, done.err)
    finally:
        asked.stop()
    assert asked.whom == []


def test_no_command_is_forgotten() -> None:
    tried = {line.split()[0] for line in COMMANDS.strip().splitlines()}
    assert tried | LEFT_OUT == set(arguments.COMMANDS)
