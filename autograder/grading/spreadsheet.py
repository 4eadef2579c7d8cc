"""Spreadsheet: tables as CSV files, in which a spreadsheet program finds data and never a formula."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from autograder.errors import InputError
from autograder.grading.outputs import plain_text

Cell = str | Decimal | None

_FORMULA = "=+-@"
_NUMBER = re.compile(r"-?\d+([.,]\d+)?%?")
_NONE = "-"  # what Moodle writes where there is nothing


class TableError(InputError):
    """A CSV file cannot be used; the sentence says what to do."""


@dataclass(frozen=True)
class Table:
    """A table as it was read: a header and rows of its length, and what separated the cells."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str


def read_table(path: Path) -> Table:
    """Read a CSV file whose cells are separated by commas or, as in some countries, semicolons. Raises TableError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise TableError(f"{path} cannot be read ({error}).") from None
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise TableError(f"{path} is no CSV file ({error}).") from None
    if not rows:
        raise TableError(f"{path} is empty.")
    width = len(rows[0])
    return Table(
        tuple(title.strip() for title in rows[0]),
        tuple((*row, *[""] * (width - len(row)))[:width] for row in rows[1:]),
        delimiter,
    )


def write_table(path: Path, rows: Sequence[Sequence[Cell]], *, bom: bool, delimiter: str = ",") -> None:
    """Write rows as UTF-8. Excel takes that for another encoding unless a byte order mark (`bom`) says so.

    Raises TableError where the file cannot be written.
    """
    try:
        with path.open("w", encoding="utf-8-sig" if bom else "utf-8", newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows([as_text(cell) for cell in row] for row in rows)
    except OSError as error:
        raise TableError(f"{path} cannot be written ({error.strerror}).") from None


def as_text(cell: Cell) -> str:
    """A cell as it stands in the file: a number in full, without an exponent; text made harmless; None empty."""
    if isinstance(cell, Decimal):
        return f"{cell.normalize() + 0:f}"  # + 0: no negative zero
    return harmless(cell or "")


def harmless(text: str) -> str:
    """Text that no spreadsheet program takes for a formula: an apostrophe before it says that it is text.

    What begins a formula does so in its full-width form, too, and some programs look for it behind white space.
    """
    text = plain_text(text)
    if text == _NONE or _NUMBER.fullmatch(text):
        return text
    first = unicodedata.normalize("NFKC", text.lstrip()[:1])
    return f"'{text}" if text.startswith("\t") or (first and first in _FORMULA) else text
