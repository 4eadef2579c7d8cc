"""Grafted: the notebook that is graded, as data. What each of its cells is decides what grading does with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from nbformat import NotebookNode

from autograder.authoring.sources import check_cell_exercise, is_demo


class Role(Enum):
    """What a cell of a grafted notebook is, which decides what grading does with it."""

    PROSE = "markdown: shown"
    GIVEN = "the instructor's code: run"
    DEMO = "a locked demonstration: not run"
    SOLUTION = "the learner's answer: run"
    WRITTEN = "the learner's text: a person grades it"
    CHECK = "a check: the probe is run here"
    TEST = "an ordinary test: run, and it reports on itself"
    ADDED = "a code cell that the learner added: run"


ANSWERS = (Role.SOLUTION, Role.WRITTEN)


@dataclass(frozen=True)
class GraftedCell:
    """A cell to be graded; `name` is the exercise that it solves or checks, where it does."""

    role: Role
    cell: NotebookNode
    name: str = ""


@dataclass(frozen=True)
class Grafted:
    """The notebook to be graded, and every repair that was needed, in words for learner and instructor.

    `written` has the answers that differ from their stubs, `missing` the names of the cells to be answered for which
    the learner has none, `undefined` the names that answers need and nothing defines.
    """

    cells: tuple[GraftedCell, ...]
    problems: tuple[str, ...] = ()
    written: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    undefined: tuple[str, ...] = ()


def role_of(cell: NotebookNode) -> Role:
    """The role of a cell of the instructor's notebook."""
    marks = cell.metadata.get("nbgrader", {})
    if marks.get("solution"):
        return Role.WRITTEN if marks.get("grade") else Role.SOLUTION
    if cell.cell_type != "code":
        return Role.PROSE
    if marks.get("grade"):
        return Role.CHECK if check_cell_exercise(cell) is not None else Role.TEST
    return Role.DEMO if is_demo(cell) else Role.GIVEN


def is_free(cell: NotebookNode) -> bool:
    """Whether a given cell is the learner's to edit, though it is no exercise."""
    return role_of(cell) in (Role.GIVEN, Role.PROSE) and not cell.metadata.get("nbgrader", {}).get("locked")
