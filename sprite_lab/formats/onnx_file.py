"""ONNX files: a graph whose metadata has a JSON object with everything needed to use it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sprite_lab.core import strict_json
from sprite_lab.core.errors import FileError
from sprite_lab.core.schemas import check_schema
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.reading import check_extra, check_file, reading

SCHEMA_VERSION = 1

#: Key of the JSON object, the same as in our safetensors files.
KEY = "sprite_lab"

#: Protobuf's size limit, in bytes.
LARGEST_FILE = 2_000_000_000


def write_onnx(path: Path, graph: bytes, metadata: Mapping[str, object], words: str) -> None:
    """Write a graph with its metadata.

    Raises FileError if the package is missing, the graph is invalid, or the file cannot be written.

    ``graph``: a serialized ModelProto. ``words``: a description, for viewers.
    """
    check_extra("onnx")
    import onnx  # noqa: PLC0415 (an extra)

    try:
        model = onnx.load_model_from_string(graph)
        model.doc_string = words
        onnx.helper.set_model_props(
            model, {KEY: strict_json.dumps({"schema_version": SCHEMA_VERSION, **metadata})}
        )
        onnx.checker.check_model(model)
    except Exception as error:  # any error of protobuf or the checker
        raise FileError(
            "'{name}' cannot be written as ONNX: {error}", name=path.name, error=error
        ) from error
    write_whole(path, model.SerializeToString())


def read_facts(path: Path) -> dict[str, Any]:
    """The metadata of one of our files.

    Raises FileError if the package is missing, or the file is damaged or not ours.
    """
    check_extra("onnx")
    import onnx  # noqa: PLC0415 (an extra)

    with reading(path, "an ONNX model of Sprite Lab"):
        check_file(path, LARGEST_FILE)
        model = onnx.load(str(path), load_external_data=False)
        (text,) = (entry.value for entry in model.metadata_props if entry.key == KEY)
        facts = strict_json.loads(text)
        check_schema(facts["schema_version"], SCHEMA_VERSION, f"'{path.name}'")
    return dict(facts)
