"""Scripts: the cells of a notebook that was sent as a Python file, as nbconvert, jupytext, Colab or an editor makes it."""

from __future__ import annotations

import ast
import re
from itertools import islice
from typing import TypeAlias

from autograder.grading.names import parse_python

ScriptCell: TypeAlias = tuple[str, str, str | None]
"""A cell's kind, its text, and the grade_id that jupytext writes beside the mark."""

_MOST_CELLS = 10_000

# "# %% [markdown]" of jupytext and the editors, "# In[3]:" of nbconvert.
_MARK = re.compile(r"^#[ \t]?(?:%%(?P<title>[^\n]*)|In[ \t]?\[[\d ]*\]:?[ \t]*)$", re.MULTILINE)
_PROSE = re.compile(r"\[?\b(markdown|md|raw)\b\]?")
_GRADE_ID = re.compile(r'"grade_id": ?"([^"\\]{1,200})"')
_DEFINITION = re.compile(r"^(?=(?:@|def |class |async def ))", re.MULTILINE)


def is_script(text: str) -> bool:
    """Whether a text is a Python file with the marks of cells in it."""
    return _MARK.search(text) is not None


def cells_of_script(text: str) -> list[ScriptCell]:
    """The cells of a Python file: between the marks, or where there are none, one for each statement."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    marks = list(islice(_MARK.finditer(text), _MOST_CELLS))
    if not marks:
        return [(kind, source, None) for kind, source in _statements(text)]
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    cells: list[ScriptCell] = [("code", text[: marks[0].start()].strip(), None)]
    for mark, end in zip(marks, ends, strict=True):
        title, body = mark["title"] or "", text[mark.end() : end]
        grade_id = _GRADE_ID.search(title)
        kind = "markdown" if _PROSE.match(title.strip()) else "code"
        source = _uncommented(body) if kind == "markdown" else _without_last_comments(body)
        cells.append((kind, source.strip("\n"), grade_id[1] if grade_id else None))
    return [cell for cell in cells if cell[1].strip()]


def _uncommented(body: str) -> str:
    return "\n".join(line.removeprefix("#").removeprefix(" ") for line in body.split("\n"))


def _without_last_comments(body: str) -> str:
    """nbconvert writes the text between two code cells as comments behind the first of them."""
    lines = body.split("\n")
    while lines and (not lines[-1].strip() or lines[-1].startswith("#")):
        lines.pop()
    return "\n".join(lines)


def _statements(text: str) -> list[tuple[str, str]]:
    """The statements of a file, each with the comments above it; texts that stand alone are prose."""
    tree = parse_python(text)
    if tree is None:  # one error must not take all of the file with it
        return [("code", piece.rstrip()) for piece in _DEFINITION.split(text, _MOST_CELLS) if piece.strip()]
    lines, cells, done = text.split("\n"), list[tuple[str, str]](), 0
    for statement in tree.body:
        end = statement.end_lineno or statement.lineno
        if statement.lineno <= done and cells:  # two statements in one line
            kind, before = cells.pop()
            piece = "\n".join([before, *lines[done:end]])
        else:
            kind, piece = "markdown" if _is_text(statement) else "code", "\n".join(lines[done:end])
        cells.append((kind, piece.strip("\n")))
        done = max(done, end)
    return cells


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
