"""Batch: grade a class, several submissions at a time, and hand over each as it is done."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from autograder.grading.grade import Assignment, Graded, failed, grade
from autograder.grading.kernels import Kernels
from autograder.grading.runner import Limits
from autograder.grading.submissions import Submission


def grade_class(
    assignment: Assignment,
    submissions: Sequence[Submission],
    make_kernels: Callable[[], Kernels],
    jobs: int,
    limits: Limits,
) -> Iterator[Graded]:
    """Grade `submissions`, `jobs` at a time, each job with kernels of its own, in the order in which they are done.

    Threads suffice: each only waits for the process that runs the learner's code.
    """
    idle: queue.SimpleQueue[Kernels] = queue.SimpleQueue()
    made = [make_kernels() for _ in range(min(jobs, len(submissions)))]
    for kernels in made:
        idle.put(kernels)

    def grade_one(submission: Submission) -> Graded:
        kernels = idle.get()
        try:
            return grade(assignment, submission, kernels, limits)
        except Exception as error:  # one submission at which we fail must not stop the others
            return failed(assignment, submission, error)
        finally:
            idle.put(kernels)

    pool = ThreadPoolExecutor(jobs)
    try:
        for future in as_completed([pool.submit(grade_one, submission) for submission in submissions]):
            yield future.result()
    finally:
        pool.shutdown(cancel_futures=True)  # Ctrl-C waits for those that are under way, and for no other
        for kernels in made:
            kernels.close()
