"""Batch: grade a class, several submissions at a time, and hand over each as it is done."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

from autograder.grading.grade import Assignment, GradedWork
from autograder.grading.grader import Engine, Grader
from autograder.grading.parcel import packed
from autograder.grading.submissions import Submission

# Starting workers costs as much as grading about this many submissions of a NumPy lesson.
SMALL_CLASS = 24


def grade_class(
    assignments: Sequence[Assignment], sent: Sequence[tuple[str, Submission]], engine: Engine
) -> Iterator[GradedWork]:
    """Grade what was `sent`, each for the notebook of that name, in the order in which they are done.

    Raises SchedulerError, also in the middle: what was handed over before is good.
    """
    jobs = min(engine.jobs, len(sent))
    if engine.scheduler is None and (jobs <= 1 or len(sent) <= SMALL_CLASS):
        return _grade_here(assignments, sent, engine)
    from autograder.grading.workers import grade_on_workers  # Dask takes half a second to import

    return grade_on_workers(assignments, sent, replace(engine, jobs=jobs))


def _grade_here(
    assignments: Sequence[Assignment], sent: Sequence[tuple[str, Submission]], engine: Engine
) -> Iterator[GradedWork]:
    with contextlib.closing(Grader(assignments, engine)) as grader:
        for notebook, submission in sent:
            yield grader.grade(notebook, packed(submission))
