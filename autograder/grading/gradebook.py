"""Gradebook: the only writer of nbgrader's database and of autograded/. Never overwrites what a person entered."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import sys
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import nbformat
from nbgrader.api import BaseCell, Comment, Grade, Gradebook, MissingEntry, SubmittedAssignment
from nbgrader.preprocessors import AssignLatePenalties, SaveCells
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution, is_task

from autograder.atomic import write_atomically
from autograder.authoring.course import Course
from autograder.authoring.sources import check_cell_exercise
from autograder.errors import InputError
from autograder.grading.grade import Assignment, GradedWork, Outcome
from autograder.grading.submissions import SECRET, TIMESTAMP, is_student_id, secret_in
from autograder.verdict import Status

_log = logging.getLogger(__name__)
Row = TypeVar("Row", Grade, Comment)


class GradebookError(InputError):
    """The database does not fit the lesson; the sentence says what to do."""


def let_nbgrader_find_alembic() -> None:
    """Put the interpreter's folder on PATH: nbgrader calls alembic, and an environment need not be activated."""
    places = os.environ.get("PATH", os.defpath).split(os.pathsep)
    if (own := str(Path(sys.executable).parent)) not in places:
        os.environ["PATH"] = os.pathsep.join([own, *places])


class GradebookWriter:
    """Writes graded submissions of one assignment's notebooks, each in one transaction. A context manager."""

    def __init__(self, course: Course, assignments: Sequence[Assignment]) -> None:
        let_nbgrader_find_alembic()
        # nbgrader 0.9 with SQLAlchemy 2 warns of its own way of adding a submission, to no effect.
        warnings.filterwarnings("ignore", r"Object of type <Submitted\w+> not in session")
        self._course = course
        self._lesson, self._copies = assignments[0].name, assignments[0].copies
        self._gradebook = Gradebook(course.db_url, course.config.CourseDirectory.get("course_id", "default_course"))
        self._gradebook.update_or_create_assignment(self._lesson)
        try:
            for assignment in assignments:  # all of them first: a submission's rows are made after these
                SaveCells().preprocess(assignment.whole, self._resources(assignment.notebook))
        except RuntimeError as error:
            self._gradebook.close()
            raise GradebookError(
                f"{error}. Grades of an older version of the lesson are in {course.db_url}; "
                "keep that version, or start a new database."
            ) from None

    def __enter__(self) -> GradebookWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._gradebook.close()

    def holds(self, notebook: str, student: str) -> bool:
        """Whether a learner's graded notebook and its grades are there."""
        if not (self._course.autograded / student / self._lesson / f"{notebook}.ipynb").is_file():
            return False
        try:
            self._gradebook.find_submission_notebook(notebook, self._lesson, student)
        except MissingEntry:
            return False
        return True

    def write(self, work: GradedWork) -> None:
        """Store one submission's notebook and grades. A submission without a valid learner's id has no row to go to."""
        student = work.row.student
        if not is_student_id(student):
            return
        self.write_notebook(work)
        with self._one_transaction():
            self._gradebook.update_or_create_student(student)
            self._submission(student, work.timestamp)
            self._write_grades(work)
        self.penalise(work)

    def penalise(self, work: GradedWork) -> None:
        """nbgrader's penalty for what came late. The due date and the rule can change after the work was graded."""
        student = work.row.student
        if not is_student_id(student) or work.timestamp is None:
            return
        if self._gradebook.find_submission(self._lesson, student).total_seconds_late > 0:
            penalties = AssignLatePenalties(config=self._course.config)
            penalties.preprocess(work.notebook, self._resources(work.row.notebook_name, student))

    @contextlib.contextmanager
    def _one_transaction(self) -> Iterator[None]:
        """All of a submission's rows or none. nbgrader commits after each, and each commit waits for the disk."""
        session = self._gradebook.db
        session.commit = session.flush
        try:
            yield
        except BaseException:
            session.rollback()
            raise
        finally:
            del session.commit
        session.commit()

    def _submission(self, student: str, timestamp: str | None) -> SubmittedAssignment:
        time = {"timestamp": timestamp} if timestamp else {}
        try:
            return self._gradebook.update_or_create_submission(self._lesson, student, **time)
        except ValueError:  # a timestamp that is none
            return self._gradebook.update_or_create_submission(self._lesson, student)

    def write_notebook(self, work: GradedWork) -> None:
        """Store one submission's notebook, for a learner with a valid id; where grades are the same it is enough."""
        folder = self._course.autograded / work.row.student / self._lesson
        self._write_given_files(folder)
        write_atomically(folder / f"{work.row.notebook_name}.ipynb", nbformat.writes(work.notebook).encode())
        self._write_what_release_reads(folder, work)

    def _write_what_release_reads(self, folder: Path, work: GradedWork) -> None:
        """A time and a secret, for nbgrader releases the feedback of nobody where one learner has none.

        Whoever did not come through the exchange has no secret of their own to fetch it by, and no use for one.
        """
        write_atomically(folder / TIMESTAMP, (work.timestamp or "").encode())
        secret = secret_in(self._course.submitted / work.row.student / self._lesson)
        if secret is not None or not (folder / SECRET).is_file():
            write_atomically(folder / SECRET, (secret or secrets.token_hex(64)).encode())

    def _write_given_files(self, folder: Path) -> None:
        """The instructor's pictures, which the notebook's text shows. Nothing of the learner's: a kernel that is opened
        here would import their numpy.py."""
        for copy in self._copies:
            # Where nbgrader graded before, a learner's file may have the name of a folder.
            with contextlib.suppress(FileExistsError, NotADirectoryError, IsADirectoryError):
                write_atomically(folder / copy.path, copy.content)

    def _write_grades(self, work: GradedWork) -> None:
        """As nbgrader's SaveAutoGrades, but a check's score is the verdict's and not read from an output."""
        stored = self._gradebook.find_submission_notebook(work.row.notebook_name, self._lesson, work.row.student)
        grades, comments = self._of_each_cell(Grade, stored.id), self._of_each_cell(Comment, stored.id)
        for cell in work.notebook.cells:
            if is_grade(cell):
                _set_grade(grades[cell.metadata.nbgrader.grade_id], _auto_score(work, cell))
            elif is_task(cell) and work.absent:
                _set_grade(grades[cell.metadata.nbgrader.grade_id], 0.0)
            if is_solution(cell) and (comment := comments.get(cell.metadata.nbgrader.grade_id)) is not None:
                is_stub = cell.metadata.nbgrader.get("checksum") == compute_checksum(cell)
                comment.auto_comment = "No response." if is_stub else None  # nbgrader's words for it

    def _of_each_cell(self, kind: type[Row], notebook_id: str) -> dict[str, Row]:
        """All grades or comments of a learner's notebook by their cells' names, at once: a query for each takes longer."""
        rows = self._gradebook.db.query(kind, BaseCell.name).join(BaseCell, BaseCell.id == kind.cell_id)
        return {name: row for row, name in rows.filter(kind.notebook_id == notebook_id)}

    def _resources(self, notebook: str, student: str = "") -> dict[str, dict[str, str]]:
        return {
            "nbgrader": {
                "notebook": notebook,
                "assignment": self._lesson,
                "student": student,
                "db_url": self._course.db_url,
            }
        }


def _set_grade(grade: Grade, auto_score: float | None) -> None:
    grade.auto_score = auto_score
    grade.needs_manual_grade = grade.manual_score is not None or auto_score is None


def _auto_score(work: GradedWork, cell: nbformat.NotebookNode) -> float | None:
    """The points of a grade cell: the verdict's; for a written answer what nbgrader gives; None is for a person."""
    verdict = work.row.verdicts.get(cell.metadata.nbgrader.grade_id)  # a test's
    if verdict is None:
        verdict = work.row.verdicts.get(check_cell_exercise(cell) or "")
    if verdict is not None:
        return None if verdict.status is Status.NOT_GRADED else verdict.points
    if work.row.outcome in (Outcome.REJECTED, Outcome.NOT_GRADED):
        return None
    return determine_grade(cell, _log)[0]
