"""Outputs: what a learner made, made safe to show to an instructor. Of outputs only text and PNG pictures stay.

Texts lose what a terminal, a browser or a file would take for more than text. Pictures are put together anew from
the parts that hold the pixels: nothing else that a file can carry comes along.
"""

from __future__ import annotations

import base64
import binascii
import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbformat import NotebookNode, from_dict

MAX_TEXT = 20_000
MAX_PICTURE = 1_000_000
MAX_PIXELS = 16_000_000  # a browser needs four bytes or more for each, however small the file is
MAX_OUTPUTS = 50

# Colours and other commands to a terminal, control characters (but tab and newline), and what turns text round.
_CONTROL = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]"
)
_MARKDOWN_THAT_ACTS = (
    re.compile(r"(<)([A-Za-z/!?])"),  # tags, comments, <javascript:…>
    re.compile(r"(!)(\[)"),  # pictures
    re.compile(r"(\])(\((?!https?://|#))"),  # links
    re.compile(r"(\])(:(?!\s*https?://))"),  # what a link further up refers to
    re.compile(r"(\\)(href|require)"),  # links in formulas
)
_PNG = b"\x89PNG\r\n\x1a\n"
_PIXEL_CHUNKS = frozenset([b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"])


def safe_outputs(outputs: Sequence[Mapping[str, Any]]) -> list[NotebookNode]:
    """The outputs that can be shown, capped; everything else in them is left out."""
    safe = [node for output in outputs[:MAX_OUTPUTS] if (node := _safe(output)) is not None]
    if len(outputs) > MAX_OUTPUTS:
        safe.append(new_output("stream", name="stdout", text=f"[{len(outputs) - MAX_OUTPUTS} further outputs]\n"))
    return safe


def new_output(kind: str, **fields: Any) -> NotebookNode:
    """An output with these fields. nbformat's own function validates each, and the notebook is validated as a whole."""
    return from_dict({"output_type": kind, **fields})


def _safe(output: Mapping[str, Any]) -> NotebookNode | None:
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return new_output("stream", name=name, text=_text(text))
        case {"output_type": "error", "ename": str(name), "evalue": str(value), "traceback": list(lines)}:
            trace = [_text(line) for line in lines[:50] if isinstance(line, str)]
            return new_output("error", ename=_text(name)[:200], evalue=_text(value), traceback=trace)
        case {"output_type": "display_data" | "execute_result", "data": dict(data)} if shown := _bundle(data):
            # Never an execute_result: nbgrader reads points from those, and only grade cells of ours have one.
            return new_output("display_data", data=shown, metadata={})
    return None


def plain_text(text: str) -> str:
    """`text` without commands to a terminal, control characters and halves of characters that no file can hold."""
    return _storable(_CONTROL.sub("", text))


def _storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def safe_source(cell_type: str, source: str) -> str:
    """What a learner wrote in a cell: code as it is, if a file can hold it, for it is shown as text; Markdown made safe."""
    return safe_markdown(source) if cell_type == "markdown" else _storable(source)


def safe_markdown(source: str) -> str:
    """A learner's Markdown in which HTML is shown and not obeyed, nothing is fetched, and links only lead to the web.

    The formgrader and the feedback turn it into HTML as it stands. A space without width takes the meaning from
    what has one, so that what is read stays the same, in code and formulas too.
    """
    for meaning in _MARKDOWN_THAT_ACTS:
        source = meaning.sub(lambda found: f"{found[1]}\u200b{found[2]}", source)
    return plain_text(source)


def _bundle(data: Mapping[str, Any]) -> dict[str, str]:
    shown = {}
    if isinstance(text := data.get("text/plain"), str):
        shown["text/plain"] = _text(text)
    if isinstance(encoded := data.get("image/png"), str) and (picture := _picture(encoded)) is not None:
        shown["image/png"] = picture
    return shown


def _picture(encoded: str) -> str | None:
    """The picture anew, from its header, colours and pixels alone; None for what is no picture that can be shown."""
    if len(encoded) > MAX_PICTURE:
        return None
    try:
        data = base64.b64decode("".join(encoded.split()), validate=True)
        chunks = list(_chunks(data))
    except (binascii.Error, ValueError, struct.error):
        return None
    kept = [(kind, body) for kind, body in chunks if kind in _PIXEL_CHUNKS]
    if not kept or kept[0][0] != b"IHDR" or kept[-1] != (b"IEND", b"") or len(kept[0][1]) != 13:
        return None
    width, height = struct.unpack(">II", kept[0][1][:8])
    if not 0 < width * height <= MAX_PIXELS:
        return None
    written = [
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in kept
    ]
    return base64.b64encode(_PNG + b"".join(written)).decode()


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The chunks of a PNG file as (kind, body), up to its end. Raises ValueError or struct.error where it is none."""
    if not data.startswith(_PNG):
        raise ValueError("no PNG")
    place = len(_PNG)
    while True:
        size, kind = struct.unpack(">I4s", data[place : place + 8])
        body = data[place + 8 : place + 8 + size]
        if len(body) != size:
            raise ValueError("cut off")
        yield kind, body
        if kind == b"IEND":
            return
        place += 12 + size


def _text(text: str) -> str:
    text = plain_text(text)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n[cut]\n"
