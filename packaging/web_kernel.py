"""Compiles resources/web/kernel.c, the inner loop of web pages, to WebAssembly.

It takes clang and lld with their WebAssembly target, on Debian ``clang lld``. The result is kept in
the repository, so that nobody else needs them:

    python packaging/web_kernel.py [--clang clang-19]
"""

from __future__ import annotations

import argparse
import subprocess
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "web"


def command(clang: str) -> list[str]:
    """The compiler and its arguments."""
    link = ("--no-entry", "--import-memory", "--strip-all")
    return [
        clang,
        *("--target=wasm32", "-msimd128", "-O3", "-ffreestanding", "-fno-builtin", "-nostdlib"),
        *("-Wall", "-Werror", "-fuse-ld=lld", *(f"-Wl,{option}" for option in link)),
        *("-o", str(FOLDER / "kernel.wasm"), str(FOLDER / "kernel.c")),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clang", default="clang")
    subprocess.run(command(parser.parse_args().clang), check=True)
    FOLDER.joinpath("kernel.wasm").chmod(0o644)
