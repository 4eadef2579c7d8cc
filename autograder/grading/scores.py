"""Scores: what nbgrader's database holds of an assignment, read and never written."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import nbformat
from nbgrader.api import (
    Assignment,
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Query, undefer

from autograder.authoring.course import Course
from autograder.authoring.sources import grade_id
from autograder.errors import InputError
from autograder.grading.gradebook import let_nbgrader_find_alembic

_LONGEST_DECIMAL = 10  # places; a score with more of them is a fraction such as 1/3, and stays what it is


class ScoresError(InputError):
    """The database cannot be read, or has nothing of the assignment; the sentence says what to do."""


@dataclass(frozen=True)
class CellScore:
    """One graded cell: its points with extra credit; None where nobody has given any yet."""

    score: Decimal | None
    max_score: Decimal
    by_hand: bool
    needs_a_person: bool


@dataclass(frozen=True)
class Work:
    """What the database says of one learner's work. `score` is the sum of its cells, before the penalty."""

    score: Decimal
    penalty: Decimal
    late_seconds: Decimal
    needs_a_person: bool
    cells: Mapping[str, CellScore]
    comments: Mapping[str, str]
    """What persons wrote, by the cell that it is about."""

    @property
    def final_score(self) -> Decimal | None:
        """What counts: never below zero, as in nbgrader's own export. None where nobody has given any points yet, as for
        a file that could not be read: that is no zero."""
        if all(cell.score is None for cell in self.cells.values()):
            return None
        return max(Decimal(0), decimal_of(float(self.score - self.penalty)))


@dataclass(frozen=True)
class Learner:
    """A learner of the course; `work` is None where none was handed in. What is unknown of them is empty."""

    id: str
    first_name: str
    last_name: str
    email: str
    lms_user_id: str
    work: Work | None


@dataclass(frozen=True)
class Scores:
    """All that the database knows of an assignment; `cells` are the names of its graded cells, in order."""

    assignment: str
    max_score: Decimal
    cells: tuple[str, ...]
    learners: tuple[Learner, ...]


@dataclass(frozen=True)
class Points:
    """What the gradebook has of one learner's submission, before a penalty for lateness.

    `waiting` are the cells without a score, `graded_before` those that a person scored before they were graded again.
    """

    score: float
    max_score: float
    waiting: tuple[str, ...] = ()
    graded_before: tuple[str, ...] = ()


def read_scores(course: Course, assignment: str) -> Scores:
    """Read an assignment's scores.

    Raises ScoresError where there is no database, no such assignment in it, or it cannot be read.
    """
    with _opened(course) as gradebook:
        try:
            found = gradebook.find_assignment(assignment)
        except MissingEntry:
            raise ScoresError(f"{assignment} was not graded here yet; grade it first.") from None
        names = _cell_names(found, _places(course, assignment))
        works = _works(gradebook, found, names)
        learners = [
            Learner(one.id, one.first_name or "", one.last_name or "", one.email or "", one.lms_user_id or "", work)
            for one in gradebook.db.query(Student).order_by(Student.id)
            for work in (works.get(one.id),)
        ]
        return Scores(assignment, decimal_of(found.max_score), tuple(names.values()), tuple(learners))


def points_of(course: Course, assignment: str) -> dict[str, Points]:
    """What the database has of an assignment, by learner, in one query; nothing where there is none of either.

    Raises ScoresError where it cannot be read.
    """
    file = _file_of(make_url(course.db_url))
    if file is not None and not file.is_file():
        return {}
    with _opened(course) as gradebook:
        try:
            found = gradebook.find_assignment(assignment)
        except MissingEntry:
            return {}
        query = gradebook.db.query(
            SubmittedAssignment.student_id.label("student"),
            BaseCell.name.label("cell"),
            Grade.score.label("score"),
            Grade.max_score.label("max_score"),
            Grade.manual_score.label("by_hand"),
            Grade.needs_manual_grade.label("needs_a_person"),
        )
        query = query.select_from(Grade).join(BaseCell, BaseCell.id == Grade.cell_id)
        cells = _of_submissions(query, Grade, found).order_by("student", "cell")
        by_student = groupby(cells, key=attrgetter("student"))
        return {student: _points(list(cells_of_one)) for student, cells_of_one in by_student}


def _points(cells: Sequence[Any]) -> Points:
    waiting = [cell for cell in cells if cell.needs_a_person]
    return Points(
        sum(cell.score for cell in cells),
        sum(cell.max_score for cell in cells),
        tuple(cell.cell for cell in waiting if cell.by_hand is None),
        tuple(cell.cell for cell in waiting if cell.by_hand is not None),
    )


def decimal_of(number: float) -> Decimal:
    """A number of the database without what adding floats leaves behind: 0.1 + 0.2 is 0.3; 1/3 stays as it is."""
    short = round(number, _LONGEST_DECIMAL)
    return Decimal(repr(float(short if math.isclose(short, number, rel_tol=1e-14, abs_tol=1e-12) else number)))


@contextmanager
def _opened(course: Course) -> Iterator[Gradebook]:
    """The course's database, opened so that nothing can change in it."""
    url = make_url(course.db_url)
    if (file := _file_of(url)) is not None:
        if not file.is_file():
            raise ScoresError(f"There is no gradebook {url.database} yet; grade the lesson first.")
        url = url.set(database=f"file:{quote(str(url.database))}", query={**url.query, "mode": "ro", "uri": "true"})
    let_nbgrader_find_alembic()
    try:
        # Without a name for the course: one that the database does not know, nbgrader would write into it.
        with Gradebook(url.render_as_string(hide_password=False), "") as gradebook:
            yield gradebook
    except SQLAlchemyError as error:
        why = str(error).splitlines()[0]
        raise ScoresError(
            f"The gradebook {course.db_url} cannot be read ({why}). Where another version of nbgrader made it, "
            "`nbgrader db upgrade` mends that."
        ) from None


def _file_of(url: URL) -> Path | None:
    """The database's file; None where it is a server, or in memory."""
    return Path(url.database) if url.drivername.startswith("sqlite") and url.database else None


def _places(course: Course, assignment: str) -> dict[tuple[str, str], int]:
    """Where each cell stands in the instructor's notebooks: the database keeps no order."""
    cells = [
        (path.stem, grade_id(cell) or "")
        for path in sorted((course.solutions / assignment).glob("*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
    ]
    return {cell: place for place, cell in enumerate(cells)}


def _cell_names(assignment: Assignment, places: Mapping[tuple[str, str], int]) -> dict[str, str]:
    """Names for the graded cells by their ids, in the notebooks' order; with the notebook's name where two share one."""
    cells = {
        cell.id: (notebook.name, cell.name)
        for notebook in assignment.notebooks
        for cell in (*notebook.grade_cells, *notebook.task_cells)
    }
    often = Counter(name for _, name in cells.values())
    in_order = sorted(cells.items(), key=lambda item: (places.get(item[1], len(places)), item[1]))
    return {cell: name if often[name] == 1 else f"{notebook}/{name}" for cell, (notebook, name) in in_order}


def _works(gradebook: Gradebook, assignment: Assignment, names: Mapping[str, str]) -> dict[str, Work]:
    """Each learner's work. A few queries for the class, for several of each learner take minutes for a large one."""
    sums = (
        SubmittedAssignment.score,
        SubmittedAssignment.late_submission_penalty,
        SubmittedAssignment.needs_manual_grade,
    )
    query = gradebook.db.query(SubmittedAssignment).filter(SubmittedAssignment.assignment_id == assignment.id)
    grades, comments = _grades(gradebook, assignment, names), _comments(gradebook, assignment)
    return {
        one.student_id: Work(
            decimal_of(one.score),
            decimal_of(one.late_submission_penalty),
            decimal_of(_seconds_late(one)),
            bool(one.needs_manual_grade),
            grades.get(one.student_id, {}),
            comments.get(one.student_id, {}),
        )
        for one in query.options(*map(undefer, sums))
    }


def _seconds_late(submission: SubmittedAssignment) -> float:
    """nbgrader's own number; an extension of a date that was never set is none, at which nbgrader stops."""
    return float(submission.total_seconds_late) if submission.assignment.duedate is not None else 0.0


def _grades(gradebook: Gradebook, assignment: Assignment, names: Mapping[str, str]) -> dict[str, dict[str, CellScore]]:
    query = gradebook.db.query(SubmittedAssignment.student_id, Grade).select_from(Grade)
    found: dict[str, dict[str, CellScore]] = {}
    for student, grade in _of_submissions(query, Grade, assignment).options(undefer(Grade.max_score)):
        score = None if grade.manual_score is None and grade.auto_score is None else decimal_of(grade.score)
        by_hand = grade.manual_score is not None
        cell = CellScore(score, decimal_of(grade.max_score), by_hand, grade.needs_manual_grade)
        found.setdefault(student, {})[names[grade.cell_id]] = cell
    return found


def _comments(gradebook: Gradebook, assignment: Assignment) -> dict[str, dict[str, str]]:
    query = gradebook.db.query(SubmittedAssignment.student_id, BaseCell.name, Comment.manual_comment)
    query = query.select_from(Comment).join(BaseCell, BaseCell.id == Comment.cell_id)
    found: dict[str, dict[str, str]] = {}
    for student, cell, text in _of_submissions(query, Comment, assignment).order_by(BaseCell.name):
        if text:
            found.setdefault(student, {})[cell] = text
    return found


def _of_submissions(query: Query[Any], kind: type[Grade | Comment], assignment: Assignment) -> Query[Any]:
    """The rows of a query that belong to submissions of an assignment."""
    query = query.join(SubmittedNotebook, SubmittedNotebook.id == kind.notebook_id)
    query = query.join(SubmittedAssignment, SubmittedAssignment.id == SubmittedNotebook.assignment_id)
    return query.filter(SubmittedAssignment.assignment_id == assignment.id)
