"""Preprocessor: stock `nbgrader autograde` grades with this engine, where nbgrader_config.py names `GraftRunJudge`.

    c.Autograde.sanitize_preprocessors = []
    c.Autograde.autograde_preprocessors = [
        "autograder.grading.preprocessor.GraftRunJudge",
        "nbgrader.preprocessors.SaveAutoGrades",
        …
    ]

nbgrader still finds and parses the files itself, so it refuses some that `autograder grade` can read.
"""

from __future__ import annotations

import weakref
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.authoring.course import Course, find_course
from autograder.errors import InputError
from autograder.grading.grade import Assignment, Graded, grade
from autograder.grading.kernels import Kernels
from autograder.grading.run import (
    find_sent,
    kernels_for,
    limits_of,
    prepare_notebooks,
    require_sandbox,
    start_record,
)
from autograder.verdict import Status


class NotGradedError(InputError):
    """nbgrader knows no such thing as a submission without a grade, and this one must not get a zero."""


class GraftRunJudge(NbGraderPreprocessor):
    """Puts the graded notebook in the place of the submitted one; nbgrader reads the points from its grade cells."""

    def preprocess(self, nb: NotebookNode, resources: Any) -> tuple[NotebookNode, Any]:
        """Grade the file that `nb` was read from. Raises NotGradedError where that needs a person."""
        names = resources["nbgrader"]
        if self.parent not in _runs:  # an exporter, of which nbgrader makes one a run
            _runs[self.parent] = _Run(find_course(Path.cwd()), names["assignment"])
            weakref.finalize(self.parent, _runs[self.parent].close)
        graded = _runs[self.parent].grade(names["notebook"], names["student"])
        if any(verdict.status is Status.NOT_GRADED for verdict in graded.verdicts.values()):
            raise NotGradedError(f"{names['student']}: {' '.join(graded.problems)}")
        return graded.notebook, resources


class _Run:
    """What the submissions of one `nbgrader autograde` have in common: the secret keys and the warm interpreters."""

    def __init__(self, course: Course, assignment: str) -> None:
        self._course = course
        assignments = prepare_notebooks(course, course.lesson_folder(assignment))
        require_sandbox(assignments[0])
        self._assignments = start_record(course, assignments, sandbox=True)
        self._limits = limits_of(course, self._assignments)
        self._kernels: dict[str, Kernels] = {}

    def grade(self, notebook: str, student: str) -> Graded:
        """Grade one learner's notebook."""
        for assignment, sent in zip(
            self._assignments, find_sent(self._course, self._assignments, [student]), strict=True
        ):
            if assignment.notebook == notebook:
                return grade(assignment, sent[0], self._kernels_of(assignment), self._limits)
        raise NotGradedError(f"{notebook}.ipynb is no notebook of this assignment.")

    def _kernels_of(self, assignment: Assignment) -> Kernels:
        if assignment.notebook not in self._kernels:
            self._kernels[assignment.notebook] = kernels_for(assignment, sandbox=True)()
        return self._kernels[assignment.notebook]

    def close(self) -> None:
        for kernels in self._kernels.values():
            kernels.close()


_runs: weakref.WeakKeyDictionary[Any, _Run] = weakref.WeakKeyDictionary()
