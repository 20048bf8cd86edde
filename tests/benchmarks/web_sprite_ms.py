"""A sprite by the shipped student in the script of a web page, run by Node.js.

With WebAssembly, and with plain JavaScript, as in a browser without it.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from sprite_lab.core.config import SampleConfig
from sprite_lab.engine.models.model import load_model
from sprite_lab.engine.models.web_export import web_model
from tests.benchmarks.report import report
from tests.node import ask

RUNS, SPRITES = 9, 8


def main() -> None:
    made = web_model(load_model("real-student", "cpu"))
    usual = SampleConfig()
    settings = {
        "seed": 1,
        "classes": ["hero"],
        "guidance": usual.guidance_scale,
        "steps": str(made.facts["sampling"]["steps"]),
        "colors": usual.colors,
        "visits": usual.visits,
    }
    with tempfile.TemporaryDirectory() as folder:
        facts = {"facts": made.facts, "table": made.weights.table}
        Path(folder, "model.json").write_text(json.dumps(facts), "utf-8")
        Path(folder, "weights.bin").write_bytes(made.weights.data)
        request = {"settings": settings, "indices": list(range(SPRITES))}
        times = [ask("draw.mjs", request | {"wasm": True}, folder)["ms"] for _ in range(RUNS)]
        plain = ask("draw.mjs", request | {"wasm": False}, folder)["ms"]
    detail = {"javascript_ms": round(plain, 1), "megabytes": len(made.weights.data) / 1e6}
    report("web_sprite_ms", times, "ms", 100, detail)


if __name__ == "__main__":
    main()
