"""Batch: grade a class, several submissions at a time, and hand over each as it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from autograder.grading.grade import Assignment, Graded, failed, grade
from autograder.grading.process import Limits
from autograder.grading.submissions import Submission


def grade_class(
    assignment: Assignment, submissions: Sequence[Submission], jobs: int, limits: Limits
) -> Iterator[Graded]:
    """Grade `submissions`, `jobs` at a time, in the order in which they are done.

    Threads suffice: each only waits for the process that runs the learner's code.
    """
    with ThreadPoolExecutor(jobs) as pool:
        futures = {pool.submit(grade, assignment, submission, limits): submission for submission in submissions}
        for future in as_completed(futures):
            try:
                yield future.result()
            except Exception as error:  # one submission at which we fail must not stop the others
                yield failed(assignment, futures[future], error)
