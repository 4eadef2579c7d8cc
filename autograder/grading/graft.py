"""Graft: the learner's sources into the instructor's notebook. Text goes in; structure never does.

Locked cells, metadata, tags and the order of the given cells are the instructor's. From the learner come the
sources of solution cells, of unlocked cells that they edited, and the code cells that they added.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

import nbformat
from nbformat import NotebookNode

from autograder.authoring.sources import check_cell_exercise, grade_id, is_demo
from autograder.grading.submissions import LearnerCell


class Role(Enum):
    """What a cell of a grafted notebook is, which decides what grading does with it."""

    PROSE = "markdown: shown"
    GIVEN = "the instructor's code: run"
    DEMO = "a locked demonstration: not run"
    SOLUTION = "the learner's answer: run"
    WRITTEN = "the learner's text: a person grades it"
    CHECK = "a check: the probe is run here"
    ADDED = "a code cell that the learner added: run"


@dataclass(frozen=True)
class GraftedCell:
    """A cell to be graded; `name` is the exercise that it solves or checks, where it does."""

    role: Role
    cell: NotebookNode
    name: str = ""


@dataclass(frozen=True)
class Grafted:
    """The notebook to be graded, and every repair that was needed, in words for learner and instructor."""

    cells: tuple[GraftedCell, ...]
    problems: tuple[str, ...] = ()


def role_of(cell: NotebookNode) -> Role:
    """The role of a cell of the instructor's notebook."""
    marks = cell.metadata.get("nbgrader", {})
    if marks.get("solution"):
        return Role.WRITTEN if marks.get("grade") else Role.SOLUTION
    if cell.cell_type != "code":
        return Role.PROSE
    if is_demo(cell):
        return Role.DEMO
    return Role.CHECK if check_cell_exercise(cell) is not None else Role.GIVEN


def graft(given: NotebookNode, learner: Sequence[LearnerCell]) -> Grafted:
    """The instructor's cleared notebook `given` with the learner's sources in it."""
    match = _match(given.cells, learner)
    problems = _locked_cell_problems(given.cells, learner, match)
    grafted = list(_added_after(-1, match, learner))
    for index, cell in enumerate(given.cells):
        answers = [learner[i] for i, place in sorted(match.items()) if place == index]
        grafted.append(_graft_cell(cell, answers, problems))
        grafted.extend(_added_after(index, match, learner))
    return Grafted(tuple(grafted), tuple(problems))


def _graft_cell(cell: NotebookNode, answers: list[LearnerCell], problems: list[str]) -> GraftedCell:
    cell, role, name = copy.deepcopy(cell), role_of(cell), grade_id(cell) or ""
    if role in (Role.SOLUTION, Role.WRITTEN):
        cell.source = _answer(cell.source, name, answers, problems)
    elif role is Role.CHECK:
        name = check_cell_exercise(cell) or name
    elif role is Role.GIVEN and answers and not cell.metadata.get("nbgrader", {}).get("locked"):
        cell.source = answers[-1].source
    return GraftedCell(role, cell, name)


def _locked_cell_problems(
    given: Sequence[NotebookNode], learner: Sequence[LearnerCell], match: dict[int, int]
) -> list[str]:
    """What happened to the check cells, one sentence a kind."""
    checks = {index: grade_id(cell) or "" for index, cell in enumerate(given) if role_of(cell) is Role.CHECK}
    missing = [name for index, name in checks.items() if index not in match.values()]
    changed = [
        checks[place]
        for index, place in sorted(match.items())
        if place in checks and not _same(learner[index].source, given[place].source)
    ]
    told = []
    if missing and learner:
        told.append(f"Check cells were missing and were put back: {', '.join(missing)}.")
    if changed:
        told.append(f"Check cells were changed; the course's own were used: {', '.join(dict.fromkeys(changed))}.")
    return told


def _answer(stub: str, name: str, answers: list[LearnerCell], problems: list[str]) -> str:
    """The source to grade: the last that differs from the stub."""
    if not answers:
        problems.append(f"No cell for `{name}` was found.")
        return stub
    written = [answer.source for answer in answers if not _same(answer.source, stub)]
    if len({source.strip() for source in written}) > 1:
        problems.append(f"There are {len(written)} different answers to `{name}`; the last one was graded.")
    return written[-1] if written else stub


def _added_after(place: int, match: dict[int, int], learner: Sequence[LearnerCell]) -> Iterable[GraftedCell]:
    """The code cells that the learner added behind given cell number `place` (-1: before the first)."""
    last = -1
    for index, cell in enumerate(learner):
        if index in match:
            last = match[index]
        elif last == place and cell.kind == "code" and cell.source.strip():
            yield GraftedCell(Role.ADDED, nbformat.v4.new_code_cell(cell.source, id=f"added-{index}"))


# --- which learner's cell belongs to which given cell ----------------------------------------------


def _match(given: Sequence[NotebookNode], learner: Sequence[LearnerCell]) -> dict[int, int]:
    """From the learner's cell number to the given cell's: by grade_id, by cell id, by source, by what it defines."""
    match: dict[int, int] = {}
    by_grade_id = {grade_id(cell): index for index, cell in enumerate(given) if grade_id(cell)}
    by_id = {cell.get("id"): index for index, cell in enumerate(given)}
    for index, cell in enumerate(learner):
        place = by_grade_id.get(cell.grade_id)
        if place is None:
            place = by_id.get(cell.cell_id)
        if place is not None and cell.kind == given[place].cell_type:
            match[index] = place
    _match_by_source(given, learner, match)
    _match_by_definition(given, learner, match)
    return match


def _match_by_source(given: Sequence[NotebookNode], learner: Sequence[LearnerCell], match: dict[int, int]) -> None:
    places: dict[tuple[str, str], int] = {}
    for index, original in enumerate(given):
        places.setdefault((original.cell_type, original.source.strip()), index)
    for index, cell in enumerate(learner):
        place = places.get((cell.kind, cell.source.strip()))
        if index not in match and place is not None:
            match[index] = place


def _match_by_definition(given: Sequence[NotebookNode], learner: Sequence[LearnerCell], match: dict[int, int]) -> None:
    """A cell without marks that defines an exercise's name is its answer, if no marked cell is."""
    missing = {
        grade_id(cell): index
        for index, cell in enumerate(given)
        if role_of(cell) is Role.SOLUTION and index not in match.values()
    }
    for index, cell in enumerate(learner):
        if index in match or cell.kind != "code":
            continue
        places = [missing[name] for name in _defined_names(cell.source) if name in missing]
        if places:
            match[index] = places[0]


_DEFINITION = re.compile(r"^(?:def|class)\s+(\w+)|^(\w+)\s*=(?!=)", re.MULTILINE)


def _defined_names(source: str) -> list[str]:
    """The names that a cell defines at its top level, also where it does not parse."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return [one or other for one, other in _DEFINITION.findall(source)]
    names = [node.name for node in body if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))]
    targets = [target for node in body if isinstance(node, ast.Assign) for target in node.targets]
    return names + [target.id for target in targets if isinstance(target, ast.Name)]


def _same(one: str, other: str) -> bool:
    return one.strip() == other.strip()
