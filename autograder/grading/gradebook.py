"""Gradebook: the only writer of nbgrader's database and of autograded/. Never overwrites what a person entered."""

from __future__ import annotations

import logging
import os
import sys
import warnings
from pathlib import Path
from types import TracebackType

import nbformat
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.preprocessors import AssignLatePenalties, SaveCells
from nbgrader.utils import compute_checksum, determine_grade, is_grade, is_solution

from autograder.authoring.course import Course
from autograder.errors import InputError
from autograder.grading.grade import Assignment, Graded, Outcome
from autograder.grading.submissions import is_student_id
from autograder.verdict import Status

_log = logging.getLogger(__name__)


class GradebookError(InputError):
    """The database does not fit the lesson; the sentence says what to do."""


class GradebookWriter:
    """Writes graded submissions of one assignment, each in one transaction. A context manager."""

    def __init__(self, course: Course, assignment: Assignment) -> None:
        # nbgrader calls alembic, which lies beside the interpreter of an environment that need not be activated.
        os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
        # nbgrader 0.9 with SQLAlchemy 2 warns of its own way of adding a submission, to no effect.
        warnings.filterwarnings("ignore", r"Object of type <Submitted\w+> not in session")
        self._course = course
        self._lesson = assignment.lesson.name
        self._gradebook = Gradebook(course.db_url, course.config.CourseDirectory.get("course_id", "default_course"))
        self._gradebook.update_or_create_assignment(self._lesson)
        try:
            SaveCells().preprocess(assignment.given, self._resources())
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

    def write(self, graded: Graded) -> None:
        """Store one submission's notebook and grades. A submission without a valid learner's id has no row to go to."""
        student = graded.submission.student
        if not is_student_id(student):
            return
        self._write_notebook(graded)
        self._gradebook.update_or_create_student(student)
        time = {"timestamp": graded.submission.timestamp} if graded.submission.timestamp else {}
        try:
            submission = self._gradebook.update_or_create_submission(self._lesson, student, **time)
        except ValueError:  # a timestamp that is none
            submission = self._gradebook.update_or_create_submission(self._lesson, student)
        self._write_grades(graded)
        if submission.total_seconds_late > 0:
            penalties = AssignLatePenalties(config=self._course.config)
            penalties.preprocess(graded.notebook, self._resources(student))

    def _write_notebook(self, graded: Graded) -> None:
        folder = self._course.autograded / graded.submission.student / self._lesson
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self._lesson}.ipynb"
        _write_whole(path, nbformat.writes(graded.notebook))
        if graded.submission.timestamp:
            _write_whole(folder / "timestamp.txt", graded.submission.timestamp)

    def _write_grades(self, graded: Graded) -> None:
        """As nbgrader's SaveAutoGrades, but a check's score is the verdict's and not read from an output."""
        student = graded.submission.student
        scores = {f"check_{name}": verdict for name, verdict in graded.verdicts.items()}
        for cell in graded.notebook.cells:
            if is_grade(cell):
                name = cell.metadata.nbgrader.grade_id
                grade = self._gradebook.find_grade(name, self._lesson, self._lesson, student)
                verdict = scores.get(name)
                if verdict is None:
                    auto_score = None if graded.outcome is Outcome.REJECTED else determine_grade(cell, _log)[0]
                else:
                    auto_score = None if verdict.status is Status.NOT_GRADED else verdict.points
                grade.auto_score = auto_score
                grade.needs_manual_grade = grade.manual_score is not None or auto_score is None
            if is_solution(cell):
                self._write_comment(cell, student)
        self._gradebook.db.commit()

    def _write_comment(self, cell: nbformat.NotebookNode, student: str) -> None:
        """nbgrader's own automatic comment for an answer that is still the stub."""
        marks = cell.metadata.nbgrader
        try:
            comment = self._gradebook.find_comment(marks.grade_id, self._lesson, self._lesson, student)
        except MissingEntry:
            return
        comment.auto_comment = "No response." if marks.get("checksum") == compute_checksum(cell) else None

    def _resources(self, student: str = "") -> dict[str, dict[str, str]]:
        return {
            "nbgrader": {
                "notebook": self._lesson,
                "assignment": self._lesson,
                "student": student,
                "db_url": self._course.db_url,
            }
        }


def _write_whole(path: Path, text: str) -> None:
    """Write a file so that a reader, or a crash, never sees half of it."""
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, encoding="utf-8")
    os.replace(part, path)
