"""Salvage: the cells that can still be read in a notebook file whose JSON is damaged, cut off or in the wrong place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any


def _nothing(_: str) -> None:
    """Numbers are never looked at, so neither NaN nor a number of a million digits does harm."""


DECODER = json.JSONDecoder(parse_int=_nothing, parse_float=_nothing, parse_constant=_nothing, strict=False)
_STRICT = json.JSONDecoder(parse_int=_nothing, parse_float=_nothing, parse_constant=_nothing)

_NEAR = 10_000  # characters behind a cell's source in which its marks are looked for
_MOST_CELLS = 10_000
_MAX_FAILURES = 2_000
_WASTE = 4  # how often the length of the text may be parsed in vain

# Where a cell may begin: an object whose first key is one of a cell's. The keys of other objects (outputs, metadata)
# are among them, too; what is found there is no cell.
_START = re.compile(
    r'\{\s*"(?:cell_type|source|input|metadata|id|outputs|execution_count|attachments|collapsed|language)"\s*:'
)
_SOURCE = re.compile(r'"(?:source|input)"\s*:\s*(?=["\[])')
_CELL_TYPE = re.compile(r'"cell_type"\s*:\s*"(\w+)"')
_GRADE_ID = re.compile(r'"grade_id"\s*:\s*"([^"\\]{1,200})"')


def salvage(text: str) -> list[dict[str, Any]]:
    """The cells in `text` whose sources are whole, in order, up to a limit."""
    cells: list[dict[str, Any]] = []
    behind = 0
    for start, end, found in _whole_cells(text):
        cells += [*_damaged_cells(text[behind:start]), *found]
        behind = end
        if len(cells) > _MOST_CELLS:
            return cells
    return cells + _damaged_cells(text[behind:])


def _whole_cells(text: str) -> Iterator[tuple[int, int, list[dict[str, Any]]]]:
    """Where a cell, or a notebook, can be read as it stands: start, end and the cells there."""
    position, failures, waste = 0, 0, _WASTE * len(text)
    while failures < _MAX_FAILURES and waste > 0 and (start := _START.search(text, position)) is not None:
        position = start.end()
        try:
            value, end = _STRICT.raw_decode(text, start.start())
        except json.JSONDecodeError as error:
            # An unterminated string has been looked at to its end, though its error names its start.
            waste -= (len(text) if error.msg.startswith("Unterminated") else error.pos) - start.start()
            failures += 1
            continue
        except RecursionError:
            failures += 1
            continue
        found = [cell for cell in value.get("cells", [value]) if _is_cell(cell)] if _may_hold(value) else []
        if found:
            yield start.start(), end, found
            position = end


def _may_hold(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("cells", []), list)


def _is_cell(value: Any) -> bool:
    return isinstance(value, dict) and ("source" in value or "input" in value) and "output_type" not in value


def _damaged_cells(region: str) -> list[dict[str, Any]]:
    """The cells in a part of the file that is no JSON: the sources that are whole, each with the marks beside it."""
    cells = []
    behind = 0
    for match in islice(_SOURCE.finditer(region), _MOST_CELLS):
        try:
            source, end = _STRICT.raw_decode(region, match.end())
        except (ValueError, RecursionError):
            continue
        cells.append({"source": source, **_marks(region[behind : match.start()], region[end : end + _NEAR])})
        behind = end
    return cells


def _marks(before: str, behind: str) -> dict[str, Any]:
    """What is written on a cell: its source is the last of its keys (as Jupyter sorts them) or follows its type."""
    types = list(_CELL_TYPE.finditer(before))
    own = before[types[-1].end() :] if types else before
    marked = _GRADE_ID.search(own) or _GRADE_ID.search(_CELL_TYPE.split(behind, maxsplit=1)[0])
    has_outputs = '"outputs"' in (own if types else before + behind)
    marks = {"cell_type": "code"} if has_outputs else {"cell_type": types[-1][1]} if types else {}
    return {**marks, "metadata": {"nbgrader": {"grade_id": marked[1]}}} if marked else marks
