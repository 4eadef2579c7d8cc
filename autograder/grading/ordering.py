"""Ordering: cells are run from top to bottom; what an answer needs from further down is moved up, or told by name."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from autograder.grading.grafted import GraftedCell, Role
from autograder.grading.names import NameBook, Names, only_defines

_MAX_MOVES = 50
_ALWAYS_THERE = {*dir(builtins), "__name__", "__file__", "display", "get_ipython", "In", "Out", "_", "__"}


@dataclass(frozen=True)
class _Late:
    """A name that the cell at `user` needs, and that only the cell at `definer`, further down, defines."""

    name: str
    user: int
    definer: int


def in_working_order(cells: Sequence[GraftedCell], book: NameBook) -> tuple[list[GraftedCell], list[str]]:
    """The cells, with definitions that answers need moved above these, and what has to be said of the order."""
    ordered, problems = list(cells), dict[str, None]()
    for _ in range(_MAX_MOVES):
        late = list(_late_names(ordered, book))
        movable = next((one for one in late if _can_move(ordered, one.definer, book)), None)
        for one in late:
            if one is movable or movable is None:
                problems[_said(ordered, one, moved=one is movable)] = None
        if movable is None:
            break
        ordered.insert(movable.user, ordered.pop(movable.definer))
    return ordered, list(problems)


def undefined_names(cells: Sequence[GraftedCell], book: NameBook) -> tuple[str, ...]:
    """The names that answers need and that neither a cell nor Python defines."""
    names = [book.of(cell.cell.source) for cell in cells if _is_code(cell)]
    needed = {name for cell in cells if cell.role is Role.SOLUTION for name in _all_needed(book.of(cell.cell.source))}
    return tuple(sorted(needed - {name for one in names for name in one.defined} - _ALWAYS_THERE))


def _all_needed(names: Names) -> frozenset[str]:
    return names.needed_now | names.needed_later


def _said(cells: Sequence[GraftedCell], late: _Late, *, moved: bool) -> str:
    cell = cells[late.user]
    user = f"`{cell.name}`" if cell.role is Role.SOLUTION else "A cell that was added"
    if moved:
        return f"{user} needs `{late.name}`, which is defined further down; that cell was moved up."
    return (
        f"{user} needs `{late.name}`, which is defined only further down; cells are run from top to bottom "
        "(Kernel → Restart Kernel and Run All Cells shows it)."
    )


def _can_move(cells: Sequence[GraftedCell], index: int, book: NameBook) -> bool:
    """Whether an added cell does nothing but define, and nothing that a cell above it defines as well."""
    cell = cells[index]
    if cell.role is not Role.ADDED or not only_defines(cell.cell.source):
        return False
    above = (book.of(other.cell.source).defined for other in cells[:index] if _is_code(other))
    return {*book.of(cell.cell.source).defined}.isdisjoint(name for defined in above for name in defined)


def _is_code(cell: GraftedCell) -> bool:
    return cell.cell.cell_type == "code" and cell.role is not Role.CHECK


def _late_names(cells: Sequence[GraftedCell], book: NameBook) -> Iterator[_Late]:
    names = [book.of(cell.cell.source) if _is_code(cell) else Names() for cell in cells]
    definers: dict[str, list[int]] = {}
    for index, one in enumerate(names):
        for name in one.defined:
            definers.setdefault(name, []).append(index)
    for index, cell in enumerate(cells):
        if cell.role in (Role.SOLUTION, Role.ADDED):
            yield from _late_for(index, cells, names, definers)


def _late_for(
    index: int, cells: Sequence[GraftedCell], names: Sequence[Names], definers: dict[str, list[int]]
) -> Iterator[_Late]:
    """What a cell needs when it is run, and an answer also when it is checked, through all that it calls."""
    waiting = [(index, name, index) for name in names[index].needed_now]
    if cells[index].role is Role.SOLUTION:
        checked = _where_checked(index, cells)
        waiting += [(index, name, checked) for name in names[index].needed_later]
    seen = set()
    while waiting:
        user, name, before = waiting.pop()
        places = definers.get(name)
        if places is None or (name, before) in seen:
            continue
        seen.add((name, before))
        there = [place for place in places if place < before]
        if not there:
            yield _Late(name, user, places[0])
        elif cells[there[-1]].role in (Role.SOLUTION, Role.ADDED):
            waiting += [(there[-1], other, before) for other in names[there[-1]].needed_later]


def _where_checked(index: int, cells: Sequence[GraftedCell]) -> int:
    """The first check or test behind an answer; what stands above it is there when the answer is called."""
    behind = range(index + 1, len(cells))
    return next((i for i in behind if cells[i].role in (Role.CHECK, Role.TEST)), len(cells))
