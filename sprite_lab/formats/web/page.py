"""One self-contained HTML file with a model, recordings, drawings or a lesson."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jinja2 import Template
from markupsafe import Markup
from numpy.typing import NDArray

from sprite_lab import __version__
from sprite_lab.formats.atomic import write_whole
from sprite_lab.formats.templates import templates_in
from sprite_lab.formats.web.base85 import to_text
from sprite_lab.formats.web.lesson import WebLesson, html_of
from sprite_lab.formats.web.recordings import Recording
from sprite_lab.formats.web.weights import PackedWeights
from sprite_lab.paths import APP_ID, resource
from sprite_lab.words import language, marked, tr, translations, trn

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w-]+)\.mjs";\n', re.M)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|class|function\*?) (\w+))", re.M)

_TEXT = r'"((?:[^"\\\n]|\\.)*)"'
_WORDS = re.compile(rf"\btrn?\(\s*{_TEXT}(?:,\s*{_TEXT})?")


def words_of_page(source: str) -> list[tuple[str, str]]:
    """All texts of ``tr`` and ``trn`` in a script or template, each with its plural or ""."""
    return [
        (json.loads(f'"{one}"'), json.loads(f'"{many}"')) for one, many in _WORDS.findall(source)
    ]


def bundled(entry: str) -> str:
    """A module with all of its imports, in dependency order, each in its own scope.

    Supports only ``import { a, b } from "./name.mjs";``, and exports at declarations.
    """
    done: dict[str, str] = {}

    def add(name: str) -> None:
        if name in done:
            return
        # Ends the search if imports are circular; such a page would fail as soon as it starts.
        done[name] = ""
        source = resource("web", f"{name}.mjs").read_text("utf-8")
        for _, needed in _IMPORT.findall(source):
            add(needed)
        exported = ", ".join(_EXPORT.findall(source))
        body = _IMPORT.sub(lambda found: f"const {{{found[1]}}} = {_scope(found[2])};\n", source)
        body = _EXPORT.sub("", body)
        del done[name]  # move it after its dependencies
        done[name] = f"const {_scope(name)} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"

    add(entry)
    return '"use strict";\n' + "".join(done.values())


def _scope(name: str) -> str:
    return f"{name}_module"


@dataclass(frozen=True, eq=False)
class WebModel:
    """A model that a page can draw with."""

    #: JSON-ready; among others ``title``, ``vocabulary``, ``prompts`` (from ``prompts_to_json``),
    #: ``network``, ``prediction``, ``schedule`` (``log_snr`` of t = 0 to T), ``dataMean``,
    #: ``exact``, ``sampling`` (the app's settings, and ``levels``: for each number of steps, the
    #: log-SNRs to visit), and ``learning`` (``levels`` of a model trained in the page)
    facts: dict[str, object]
    weights: PackedWeights


@dataclass(frozen=True, eq=False)
class WebPage:
    """The contents of a page; empty parts are left out."""

    title: str
    subtitle: str = ""
    model: WebModel | None = None
    recordings: Sequence[Recording] = ()
    #: drawings to start from in Draw, uint8 (H, W, 4), of the model's size
    drawings: Sequence[NDArray[np.uint8]] = ()
    lesson: WebLesson | None = None
    card: str = ""  #: Markdown; HTML in it is shown as text
    credits: Sequence[str] = ()  #: one line per source of the training data
    home: str = ""  #: name of a file beside the page to link back to; "" = none


@dataclass(frozen=True)
class SitePage:
    """A page in the index of a site; ``file``: its name, beside the index."""

    file: str
    title: str
    summary: str = ""
    minutes: int = 0


_PARTS = {
    "lesson": marked("Lesson"),
    "watch": marked("Watch"),
    "sample": marked("Sample"),
    "draw": marked("Draw"),
    "train": marked("Train"),
    "about": marked("About"),
}


def page_text(page: WebPage) -> str:
    """The page as HTML. Names are untrusted, and inserted as text, never as markup."""
    there = {
        "lesson": page.lesson is not None,
        "watch": bool(page.recordings),
        "sample": page.model is not None,
        "draw": page.model is not None,
        "train": page.model is not None,
        "about": True,
    }
    script, style = bundled("page"), resource("web", "style.css").read_text("utf-8")
    model = page.model
    data = {
        "model": model and _model_json(model),
        "recordings": [recording.to_json() for recording in page.recordings],
        "drawings": [drawing.ravel().tolist() for drawing in page.drawings],
        "lesson": page.lesson and page.lesson.to_json(),
    }
    return _template("page.html").render(
        title=page.title,
        subtitle=page.subtitle,
        home=page.home,
        policy=_policy(script, style),
        style=Markup(style),
        parts=[(name, tr(words)) for name, words in _PARTS.items() if there[name]],
        names=[name for name in _PARTS if there[name]],
        lesson=page.lesson,
        model=model,
        card=html_of(page.card),
        attribution="\n".join(dict.fromkeys(page.credits)),
        # Do not repeat what the card says.
        credits=[line for line in page.credits if line not in page.card],
        version=__version__,
        words=Markup(_json(_words(script))),
        data=Markup(_json(data)),
        worker=Markup(bundled("worker")),
        kernel=Markup(to_text(resource("web", "kernel.wasm").read_bytes())),
        weights=Markup(to_text(model.weights.data) if model else ""),
        script=Markup(script),
    )


def site_text(lessons: Sequence[SitePage], model: SitePage, test: SitePage) -> str:
    """The index of a site as HTML: lessons, model, and the test before and after lessons."""
    style = resource("web", "style.css").read_text("utf-8")
    return _template("site.html").render(
        policy=_policy("", style),
        style=Markup(style),
        lessons=lessons,
        model=model,
        test=test,
        version=__version__,
    )


def _words(script: str) -> dict[str, object]:
    """The data of ``resources/web/words.mjs``: the language, and translations of the script."""
    said = {text: list(found) for text, _ in words_of_page(script) if (found := translations(text))}
    return {"language": _language(), "said": said}


def _language() -> str:
    """The language code in the style of browsers: "pt-BR"."""
    return language().replace("_", "-")


def _template(name: str) -> Template:
    templates = templates_in("web")
    icons = resource("desktop", "icons", "hicolor", "32x32", "apps")
    icon = (icons / f"{APP_ID}.png").read_bytes()
    templates.globals.update(
        tr=tr, trn=trn, language=_language(), icon=f"data:image/png;base64,{_base64(icon)}"
    )
    return templates.get_template(name)


def write_page(path: Path, page: WebPage) -> None:
    write_whole(path, page_text(page).encode())


def _model_json(model: WebModel) -> dict[str, object]:
    """The model's facts for the worker, with its thousands of prompts packed."""
    prompts = _json(model.facts["prompts"]).encode()
    packed = to_text(gzip.compress(prompts, 9, mtime=0))
    return {**model.facts, "prompts": packed, "tensors": model.weights.table}


def _json(data: object) -> str:
    """Compact JSON that cannot close the enclosing script block."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=False)
    return text.replace("<", "\\u003c")


def _policy(script: str, style: str) -> str:
    """A content security policy: only this script and style, no requests, forms or frames. Workers
    are made by the script.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src '{_hash(script)}' 'wasm-unsafe-eval'" if script else "script-src 'none'",
            f"style-src '{_hash(style)}'",
            "img-src data:",
            "worker-src blob:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"sha256-{_base64(hashlib.sha256(text.encode()).digest())}"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
