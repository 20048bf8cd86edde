"""Features of animated WebP that Pillow lacks: equal frames, and texts as XMP."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from xml.sax.saxutils import escape

from PIL import Image

LONGEST_SIDE = 16_383

_ALPHA, _CLEAR, _REPLACE = 0x10, 0x01, 0x02

_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_DC = "http://purl.org/dc/elements/1.1/"


def with_equal_frames(data: bytes, runs: Sequence[Sequence[int]]) -> bytes:
    """Split frames that libwebp merged because they are equal.

    A merged frame is shown for its first duration; the frames after it are transparent ones in the
    same place, which change nothing.
    Format: https://developers.google.com/speed/webp/docs/riff_container

    ``data``: an animated WebP. ``runs``: for each of its frames, the durations in ms of the equal
    frames that it stands for. Returns ``data`` itself if none stands for several.
    """
    chunks = list(_chunks(data))
    if all(len(run) == 1 for run in runs) or sum(kind == b"ANMF" for kind, _ in chunks) != len(
        runs
    ):
        return data
    remaining = iter(runs)
    parts = []
    for kind, body in chunks:
        if kind == b"VP8X":
            body = bytes([body[0] | _ALPHA]) + body[1:]
        if kind != b"ANMF":
            parts.append(_chunk(kind, body))
            continue
        place, flags, pixels = body[:12], body[15], body[16:]
        width, height = (int.from_bytes(place[at : at + 3], "little") + 1 for at in (6, 9))
        run = next(remaining)
        for number, milliseconds in enumerate(run):
            # The first one keeps the merged frame's way of drawing, the last one its disposal.
            flag = flags & ((_CLEAR if number == len(run) - 1 else 0) | (0 if number else _REPLACE))
            time = milliseconds.to_bytes(3, "little") + bytes([flag])
            parts.append(_chunk(kind, place + time + (_empty(width, height) if number else pixels)))
    whole = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(whole).to_bytes(4, "little") + whole


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 12
    while place + 8 <= len(data):
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        yield data[place : place + 4], data[place + 8 : place + 8 + length]
        place += 8 + length + length % 2


def _chunk(kind: bytes, body: bytes) -> bytes:
    return kind + len(body).to_bytes(4, "little") + body + b"\0" * (len(body) % 2)


def _empty(width: int, height: int) -> bytes:
    """The pixels of a transparent picture."""
    buffer = BytesIO()
    Image.new("RGBA", (width, height)).save(buffer, format="WEBP", lossless=True)
    return buffer.getvalue()[12:]


def xmp(comment: str, rights: str) -> bytes:
    """XMP metadata with texts as description and rights; "" = none."""
    texts = "".join(
        f'<dc:{name}><rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt>'
        f"</dc:{name}>"
        for name, text in (("description", comment), ("rights", rights))
        if text
    )
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{_RDF}">'
        f'<rdf:Description rdf:about="" xmlns:dc="{_DC}">{texts}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def description(xmp: bytes | str) -> str:
    """The description in XMP metadata, or ""."""
    from xml.etree import ElementTree  # noqa: PLC0415 (only where such a file is read)

    try:
        root = ElementTree.fromstring(xmp)
    except ElementTree.ParseError:
        return ""
    found = root.find(f".//{{{_DC}}}description//{{{_RDF}}}li")
    return (found.text or "") if found is not None else ""
