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
from autograder.grading.grade import GradedWork
from autograder.grading.grader import Engine, Grader
from autograder.grading.parcel import packed
from autograder.grading.run import (
    find_sent,
    limits_of,
    prepare_notebooks,
    require_sandbox,
    start_run,
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
        if any(verdict.status is Status.NOT_GRADED for verdict in graded.row.verdicts.values()):
            raise NotGradedError(f"{names['student']}: {' '.join(graded.row.problems)}")
        return graded.notebook, resources


class _Run:
    """What the submissions of one `nbgrader autograde` have in common: the secret keys and the warm interpreters."""

    def __init__(self, course: Course, assignment: str) -> None:
        self._course = course
        assignments = prepare_notebooks(course, course.lesson_folder(assignment))
        require_sandbox(assignments[0])
        engine = Engine(limits_of(course, assignments), sandbox=True, jobs=1)
        self._archive, self._assignments = start_run(course, assignments, engine.limits, sandbox=True)
        self._grader = Grader(self._assignments, engine)

    def grade(self, notebook: str, student: str) -> GradedWork:
        """Grade one learner's notebook."""
        for assignment, sent in zip(
            self._assignments, find_sent(self._course, self._assignments, [student]), strict=True
        ):
            if assignment.notebook == notebook:
                return self._grader.grade(notebook, packed(sent[0]))
        raise NotGradedError(f"{notebook}.ipynb is no notebook of this assignment.")

    def close(self) -> None:
        """End the warm interpreter."""
        self._grader.close()
        self._archive.close()


_runs: weakref.WeakKeyDictionary[Any, _Run] = weakref.WeakKeyDictionary()
