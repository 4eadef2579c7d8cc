"""Outputs: text and PNG pictures stay, everything active goes, and no learner's output can be read as points."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Any

import pytest

from autograder.grading.outputs import MAX_OUTPUTS, safe_outputs


def png(width: int = 1, height: int = 1, *between: bytes) -> bytes:
    """A picture, with more chunks between its header and its pixels."""
    pixels = zlib.compress(b"\0\0\0\0" * height)
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", header), *between, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    )


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


PNG = base64.b64encode(png()).decode()


def display(**data: Any) -> dict[str, Any]:
    return {
        "output_type": "display_data",
        "data": {key.replace("_", "/"): value for key, value in data.items()},
        "metadata": {},
    }


def test_text_and_pictures_stay() -> None:
    (shown,) = safe_outputs([display(text_plain="hi", image_png=PNG)])
    assert dict(shown.data) == {"text/plain": "hi", "image/png": PNG}


@pytest.mark.parametrize(
    "output",
    [
        display(text_html="<script>alert(1)</script>"),
        {"output_type": "display_data", "data": {"image/svg+xml": "<svg onload='x'>"}, "metadata": {}},
        {"output_type": "display_data", "data": {"application/javascript": "x"}, "metadata": {}},
        display(image_png="not base64!"),
        display(image_png=base64.b64encode(b"GIF89a").decode()),
        display(image_png=PNG + '"><script>'),
        display(image_png=base64.b64encode(png()[:-20]).decode()),
        display(image_png=base64.b64encode(png(60_000, 60_000)).decode()),
        display(image_png=base64.b64encode(png(0, 1)).decode()),
        display(image_png=base64.b64encode(b"\\x89PNG\\r\\n\\x1a\\n").decode()),
        display(text_plain=["a", "list"]),
        {"output_type": "made up"},
        {"output_type": "stream", "name": "secret", "text": "x"},
        {"output_type": "error", "ename": 1, "evalue": "x", "traceback": []},
        {},
    ],
)
def test_active_and_malformed_outputs_are_dropped(output: dict[str, Any]) -> None:
    assert safe_outputs([output]) == []


def test_a_learners_result_is_never_an_execute_result_which_nbgrader_reads_as_points() -> None:
    (shown,) = safe_outputs([{**display(text_plain="100.0"), "output_type": "execute_result"}])
    assert shown.output_type == "display_data"


def test_terminal_control_codes_are_removed() -> None:
    (shown,) = safe_outputs([{"output_type": "stream", "name": "stdout", "text": "\x1b[31mred\x1b[0m\x07\ttab\nline"}])
    assert shown.text == "red\ttab\nline"


def test_floods_are_cut() -> None:
    many = safe_outputs([{"output_type": "stream", "name": "stdout", "text": "x" * 10**6}] * 1000)
    assert len(many) == MAX_OUTPUTS + 1
    assert all(len(output.text) < 21_000 for output in many)


def test_pictures_keep_their_pixels_and_lose_everything_else() -> None:
    laden = png(1, 1, chunk(b"tEXt", b"Comment\0<script>")) + b"<html>"
    (shown,) = safe_outputs([display(image_png=base64.encodebytes(laden).decode())])
    assert shown.data["image/png"] == PNG


@pytest.mark.parametrize("text", ["\ud800", "a\x9b31mb", "\x1b]0;title\x07", "\u202etxt.exe", "\x1b(B", "\x00\x0c"])
def test_texts_hold_nothing_that_a_terminal_or_a_file_takes_for_more(text: str) -> None:
    (shown,) = safe_outputs([{"output_type": "error", "ename": text, "evalue": text, "traceback": [text]}])
    for left in (shown.ename, shown.evalue, *shown.traceback):
        left.encode("utf-8")
        assert not set(left) & set("\x1b\x9b\u202e\x00\x0c")
        assert "title" not in left
