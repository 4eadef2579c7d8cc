"""Outputs: what a learner's cells showed, made safe to show to an instructor. Only text and PNG pictures stay."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any

from nbformat import NotebookNode, v4

MAX_TEXT = 20_000
MAX_PICTURE = 1_000_000
MAX_OUTPUTS = 50

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")
_PNG = b"\x89PNG\r\n\x1a\n"


def safe_outputs(outputs: Sequence[Mapping[str, Any]]) -> list[NotebookNode]:
    """The outputs that can be shown, capped; everything else in them is left out."""
    safe = [node for output in outputs[:MAX_OUTPUTS] if (node := _safe(output)) is not None]
    if len(outputs) > MAX_OUTPUTS:
        safe.append(v4.new_output("stream", name="stdout", text=f"[{len(outputs) - MAX_OUTPUTS} further outputs]\n"))
    return safe


def _safe(output: Mapping[str, Any]) -> NotebookNode | None:
    match output:
        case {"output_type": "stream", "name": "stdout" | "stderr" as name, "text": str(text)}:
            return v4.new_output("stream", name=name, text=_text(text))
        case {"output_type": "error", "ename": str(name), "evalue": str(value), "traceback": list(lines)}:
            trace = [_text(line) for line in lines[:50] if isinstance(line, str)]
            return v4.new_output("error", ename=_text(name)[:200], evalue=_text(value), traceback=trace)
        case {"output_type": "display_data" | "execute_result", "data": dict(data)} if shown := _bundle(data):
            # Never an execute_result: nbgrader reads points from those, and only grade cells of ours have one.
            return v4.new_output("display_data", data=shown)
    return None


def _bundle(data: Mapping[str, Any]) -> dict[str, str]:
    shown = {}
    if isinstance(text := data.get("text/plain"), str):
        shown["text/plain"] = _text(text)
    if isinstance(picture := data.get("image/png"), str) and _is_png(picture):
        shown["image/png"] = picture
    return shown


def _is_png(text: str) -> bool:
    if len(text) > MAX_PICTURE:
        return False
    try:
        return base64.b64decode(text).startswith(_PNG)
    except (binascii.Error, ValueError):
        return False


def _text(text: str) -> str:
    text = _CONTROL.sub("", text)
    return text if len(text) <= MAX_TEXT else text[:MAX_TEXT] + "\n[cut]\n"
