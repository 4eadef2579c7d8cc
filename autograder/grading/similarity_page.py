"""Similarity page: pairs whose code is alike, side by side, as one HTML page that needs nothing from the network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.table import Table

from autograder.errors import InputError
from autograder.grading.outputs import plain_text
from autograder.grading.pages import page_environment
from autograder.grading.similarity import STEPS, Found, Line, Mark, Pair

_MOST_LINES = 200  # of a cell
_MOST_CHARACTERS = 400  # of a line


@dataclass(frozen=True)
class _Row:
    """A cell of one learner beside the cell of that name of the other, each as far as it is shown."""

    name: str
    left: Sequence[Line]
    right: Sequence[Line]


def similarity_page(lesson: str, found: Found) -> str:
    """The page: what the scores mean, the pairs, and the code of each pair. All texts in it are escaped."""
    environment = page_environment()
    environment.filters["score"] = _score
    environment.globals |= {"rows": _rows, "unlike": _unlike}
    template = environment.get_template("similarity_page.html.j2")
    return template.render(lesson=lesson, found=found, spread=spread(found), bars=_bars(found.counts))


def write_similarity_page(path: Path, lesson: str, found: Found) -> None:
    """Write `similarity_page` to a file, in a folder that is made where it is missing. Raises InputError."""
    text = similarity_page(lesson, found)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); name another file with --out.") from None


def pairs_table(lesson: str, pairs: Sequence[Pair]) -> Table:
    """The pairs for a terminal."""
    table = Table(title=f"{lesson}: pairs worth a look", header_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("", justify="right")
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("learners", overflow="fold")
    table.add_column("lines alike", justify="right", no_wrap=True)
    for number, pair in enumerate(pairs, start=1):
        learners = " · ".join(", ".join(side.learners) for side in (pair.left, pair.right))
        table.add_row(str(number), _score(pair.score), learners, f"{pair.left.alike} / {pair.right.alike}")
    return table


def spread(found: Found) -> str:
    """How the scores of all pairs lie, in a sentence."""
    total = sum(found.counts)
    if total < 2:
        return f"{found.compared} learners wrote code of their own; there is little to compare."
    half, nearly_all = (_below(found.counts, part) for part in (0.5, 0.99))
    return (
        f"{found.compared} learners wrote code of their own. Of {total:,} pairs of different texts, half have a score "
        f"below {half:.2f} and 99 in 100 one below {nearly_all:.2f}."
    )


def _score(score: float) -> str:
    return f"{score:.2f}"


def _below(counts: Sequence[int], part: float) -> float:
    """The end of the step up to which at least that part of all pairs lies."""
    total, seen = sum(counts), 0
    for step, count in enumerate(counts, start=1):
        seen += count
        if seen >= part * total:
            return step / STEPS
    return 1.0


def _bars(counts: Sequence[int]) -> list[float]:
    """The heights of the histogram's bars, 0 to 1. Logarithmic: one pair among thousands is what matters here."""
    most = log(1 + max(counts, default=0)) or 1.0
    return [log(1 + count) / most for count in counts]


def _rows(pair: Pair) -> list[_Row]:
    """The cells in which something is alike."""
    return [_Row(name, _shown(left), _shown(right)) for name, left, right in _cells(pair) if _is_alike((*left, *right))]


def _unlike(pair: Pair) -> list[str]:
    """The names of the other cells."""
    return [name for name, left, right in _cells(pair) if not _is_alike((*left, *right))]


def _cells(pair: Pair) -> Iterator[tuple[str, Sequence[Line], Sequence[Line]]]:
    left, right = pair.left.cells, pair.right.cells
    for name in dict.fromkeys((*left, *right)):
        yield name, left.get(name, ()), right.get(name, ())


def _is_alike(lines: Sequence[Line]) -> bool:
    return any(line.mark for line in lines)


def _shown(lines: Sequence[Line]) -> list[Line]:
    """The lines as a page can hold and show them."""
    shown = [Line(plain_text(line.text[:_MOST_CHARACTERS]), line.mark) for line in lines[:_MOST_LINES]]
    if len(lines) > _MOST_LINES:
        shown.append(Line(f"… {len(lines) - _MOST_LINES:,} more lines", Mark.NONE))
    return shown
