"""Reading: the cells of a learner's notebook, from whatever bytes it is. Nothing in it is run, followed or believed.

A file is read where a person could see what was meant, and `problems` says what had to be mended; any other raises
RejectedError with the reason. Sizes are looked at before anything is parsed, for the bytes are a stranger's.
"""

from __future__ import annotations

import errno
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from autograder.grading.salvage import DECODER, salvage
from autograder.grading.scripts import cells_of_script, is_script

MAX_FILE_BYTES = 64 << 20
MAX_VALUES = 2_000_000  # JSON of this many values takes some 200 MB of memory
MAX_CELLS = 2_000
MAX_CODE = 1_000_000  # characters of one cell
MAX_TEXT = 8_000_000  # the same for prose, into which pictures are pasted

_AGAIN = "Save the notebook and send it again."


class RejectedError(ValueError):
    """A submission in which nobody can see what was meant; the sentence says why, for learner and instructor."""


@dataclass(frozen=True)
class LearnerCell:
    """All that a learner's cell contributes: text, and where to look for the given cell that it belongs to."""

    kind: str
    source: str
    cell_id: str | None = None
    grade_id: str | None = None


@dataclass(frozen=True)
class Reading:
    """A notebook as far as it can be read, and what was mended for that.

    A `damaged` file is no whole JSON, so that cells of it may be missing. `left_out` says that there are cells that
    are too long, whose text is missing.
    """

    cells: tuple[LearnerCell, ...]
    problems: tuple[str, ...] = ()
    damaged: bool = False
    left_out: bool = False


def read_regular_file(path: Path, most: int) -> bytes:
    """The bytes of an ordinary file that has one name and no more than `most` bytes. Raises RejectedError."""
    name = shown(path.name)
    try:
        # Without O_NONBLOCK, opening a named pipe would wait for somebody to write into it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return _read_open_file(descriptor, name, most)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise RejectedError(f"{name} is a link and is not followed; send the notebook itself.") from None
        raise RejectedError(f"{name} cannot be read ({error.strerror}); send it again.") from None


def _read_open_file(descriptor: int, name: str, most: int) -> bytes:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise RejectedError(f"{name} is no ordinary file; send the notebook itself.")
    if status.st_nlink > 1:
        raise RejectedError(f"{name} is a hard link to a file that has another name too; send a copy of it.")
    if status.st_size > most:
        raise RejectedError(
            f"{name} is {status.st_size >> 20} MB large, more than the {most >> 20} MB that are looked at; "
            "clear its outputs and send it again."
        )
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(most)


def shown(name: str) -> str:
    """A file's name, which may hold anything, as it can be shown everywhere: printable, and not long."""
    printable = "".join(character if character.isprintable() else "?" for character in name)
    return printable if len(printable) <= 80 else f"{printable[:77]}…"


def parse(data: bytes, *, from_script: bool = False) -> Reading:
    """The cells of a file's bytes. Raises RejectedError."""
    if (other := _something_else(data)) is not None:
        raise RejectedError(f"The file is {other}, not the notebook. {_AGAIN}")
    text, mended = _decode(data)
    damaged = False
    if not text.startswith(("{", "[")) and (from_script or is_script(text)):
        if len(text) > MAX_TEXT:
            raise RejectedError(f"The Python file is {len(text) >> 20} MB large; send the notebook itself.")
        cells = [LearnerCell(kind, source, None, mark) for kind, source, mark in cells_of_script(text)]
        mended.append("The notebook came as a Python file; its cells were read from that.")
    else:
        found, damaged = _json_cells(text, mended)
        cells = [_cell(raw, mended) for raw in found]
    if len(cells) > MAX_CELLS:
        raise RejectedError(f"The notebook has {len(cells):,} cells; send one with at most {MAX_CELLS:,}.")
    kept = tuple(_within_limits(cells, mended))
    return Reading(kept, tuple(dict.fromkeys(mended)), damaged, left_out=kept != tuple(cells))


# --- from bytes to text -----------------------------------------------------------------------------

_SIGNATURES = {
    b"PK\x03\x04": "a ZIP archive or an Office document",
    b"\x1f\x8b": "a compressed archive",
    b"7z\xbc\xaf": "a compressed archive",
    b"Rar!": "a compressed archive",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"<!doctype html": "a web page",
    b"<html": "a web page",
}


def _something_else(data: bytes) -> str | None:
    """What a file that is clearly no notebook is, in words."""
    head = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    if not data.strip(b"\0 \t\r\n"):
        return "empty"
    return next((what for start, what in _SIGNATURES.items() if head.lower().startswith(start.lower())), None)


_BYTE_ORDER_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    b"\xff\xfe\0\0": "utf-32",
    b"\0\0\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}


def _decode(data: bytes) -> tuple[str, list[str]]:
    """The text of a file, whatever its encoding, and what has to be said of it."""
    encoding, mended = _encoding(data), []
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
        unreadable = text.count("\ufffd")
        # Letters beyond ASCII that are none of UTF-8's tell of another encoding; a few among good ones, of damage.
        if encoding == "utf-8" and unreadable > (len(text) - len(text.encode("ascii", "ignore"))) // 2:
            text = data.decode("cp1252", "replace")
            mended.append("The file is not in UTF-8; it was read as Latin-1.")
        else:
            mended.append(f"Some characters of the file cannot be read ({unreadable} of them).")
    else:
        if encoding.startswith(("utf-16", "utf-32")):
            mended.append(f"The file is in {encoding[:6].upper()}, not in UTF-8, and was read all the same.")
    return text.strip("\ufeff\0 \t\r\n"), mended


def _encoding(data: bytes) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS.items():
        if data.startswith(mark):
            return encoding
    head = data[:4000]
    many_zeros = head.count(0) > len(head) // 4
    return json.detect_encoding(data) if many_zeros else "utf-8"


# --- from text to cells -----------------------------------------------------------------------------


def _json_cells(text: str, mended: list[str]) -> tuple[list[dict[str, Any]], bool]:
    """The cells of a notebook's JSON, and whether it is damaged. Raises RejectedError."""
    if _too_many_values(text):
        raise RejectedError(f"The notebook holds more than {MAX_VALUES:,} values; clear its outputs and send it again.")
    try:
        tree = DECODER.decode(text)
    except (ValueError, RecursionError):
        tree = None
    if (found := _cells_of(tree, mended)) is not None:
        cells, damaged = [cell for cell in found if isinstance(cell, dict)], False
    else:
        cells, damaged = salvage(text), True
        mended.append(f"The file is damaged; {len(cells)} cells could be read in it.")
    if not cells:
        what = "it has no cells" if tree is not None else "it holds no JSON"
        raise RejectedError(f"The file is no notebook: {what}. {_AGAIN}")
    return cells, damaged


_STRING_OR_SEPARATOR = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[,\[{]', re.DOTALL)


def _too_many_values(text: str) -> bool:
    """Whether JSON holds so many values that parsing it would eat the memory."""
    if text.count(",") + text.count("[") + text.count("{") <= MAX_VALUES:
        return False
    # Most of these may stand in strings, such as printed lists of numbers.
    return next(islice(_STRING_OR_SEPARATOR.finditer(text), 2 * MAX_VALUES, None), None) is not None


def _cells_of(tree: Any, mended: list[str]) -> list[Any] | None:
    """The list of cells in a notebook's tree, also of the old format 3; None where there is none."""
    match tree:
        case {"cells": list(cells)}:
            return cells
        case {"worksheets": list(sheets)}:
            mended.append("The notebook is in the old format 3, and was read all the same.")
            return [cell for sheet in sheets for cell in _cells_of(sheet, []) or ()]
    return None


_KINDS = {"code": "code", "markdown": "markdown", "raw": "raw", "heading": "markdown", "html": "markdown"}
_OF_CODE = {"outputs", "execution_count", "input", "prompt_number"}
_NOT_SOURCE = {"cell_type", "id", "name", "language"}


def _cell(raw: Mapping[str, Any], mended: list[str]) -> LearnerCell:
    metadata = raw.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    kind = _KINDS.get(str(raw.get("cell_type")), "code" if raw.keys() & _OF_CODE else "markdown")
    return LearnerCell(kind, _clean(_source(raw, mended), mended), _text(raw.get("id")), _text(grade_id))


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and len(value) <= 200 else None


def _source(raw: Mapping[str, Any], mended: list[str]) -> str:
    """A cell's text, which may be one string or a list of lines, and `input` in format 3."""
    key = next((key for key in ("source", "input") if key in raw), None)
    if key is None and (key := next((key for key in raw if _may_be_source(key, raw[key])), None)) is not None:
        mended.append("The text of a cell is under another key than `source`; it was read all the same.")
    value = raw.get(key, "") if key is not None else ""
    if not isinstance(value, list):
        return value if isinstance(value, str) else ""
    lines = [line for line in value if isinstance(line, str)]
    if len(lines) > 1 and not any(line.endswith(("\n", "\r")) for line in lines[:-1]):
        mended.append("The lines of a cell have no ends; each was read as a line.")
        return "\n".join(lines)
    return "".join(lines)


def _may_be_source(key: str, value: Any) -> bool:
    """Whether text under a damaged key must be the cell's source."""
    return key not in _NOT_SOURCE and (isinstance(value, str) or (isinstance(value, list) and _all_text(value)))


def _all_text(value: list[Any]) -> bool:
    return bool(value) and all(isinstance(line, str) for line in value)


def _clean(source: str, mended: list[str]) -> str:
    """Text that every program can store: one kind of line end, no zero bytes, no halves of characters."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    clean = source.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if clean != source:
        mended.append("A cell holds zero bytes or halves of letters; they were left out.")
    return clean


def _within_limits(cells: list[LearnerCell], mended: list[str]) -> list[LearnerCell]:
    """The cells, without the text of those that are too long."""
    kept = []
    for number, cell in enumerate(cells, start=1):
        most = MAX_CODE if cell.kind == "code" else MAX_TEXT
        if len(cell.source) > most:
            mended.append(
                f"Cell {number} is {len(cell.source):,} characters long and was left out; {most:,} are allowed."
            )
            cell = LearnerCell(cell.kind, "", cell.cell_id, cell.grade_id)
        kept.append(cell)
    return kept
