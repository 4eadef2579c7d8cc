"""Classwork: the code that a graded class wrote, as the newest run keeps it, beside what the class was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.authoring.course import Course
from autograder.authoring.sources import grade_id
from autograder.grading.archive import newest_run
from autograder.grading.grafted import Role, role_of
from autograder.grading.run import prepare_notebooks
from autograder.grading.similarity import Work


@dataclass(frozen=True)
class Classwork:
    """The learners' own code, the code cells that they were given, and the instructor's answers."""

    works: tuple[Work, ...]
    given: tuple[str, ...]
    reference: tuple[str, ...]


def classwork(course: Course, lesson: str) -> Classwork:
    """Read the newest run of a lesson. Raises ArchiveError, CourseError, SourceError."""
    folder = course.lesson_folder(lesson)
    assignments = prepare_notebooks(course, folder)
    given = tuple(cell.source for one in assignments for cell in one.given.cells if cell.cell_type == "code")
    cells: dict[str, dict[str, str]] = {}
    with newest_run(course, lesson) as run:
        found: dict[str, dict[str, str]] = {}  # identical files are one piece of work
        for student, content in run.stored():
            if content not in found and (work := run.find(content)) is not None:
                prefix = f"{work.row.notebook_name}: " if len(assignments) > 1 else ""
                found[content] = _own_cells(work.notebook, frozenset(given), prefix)
            cells.setdefault(student, {}).update(found.get(content, {}))
    works = tuple(Work(student, own) for student, own in cells.items())
    return Classwork(works, given, tuple(_answers([folder / f"{one.notebook}.ipynb" for one in assignments])))


def _own_cells(notebook: NotebookNode, given: frozenset[str], prefix: str) -> dict[str, str]:
    """The code cells of a graded notebook that hold anything else than they were given with."""
    own = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source not in given]
    added = [cell for cell in own if grade_id(cell) is None]
    return {prefix + (grade_id(cell) or f"added cell {added.index(cell) + 1}"): cell.source for cell in own}


def _answers(notebooks: Sequence[Path]) -> list[str]:
    """The instructor's solution cells."""
    cells = [cell for path in notebooks for cell in nbformat.read(path, as_version=4).cells]
    return [cell.source for cell in cells if cell.cell_type == "code" and role_of(cell) is Role.SOLUTION]
