"""Grader: grades submissions one after another, with warm interpreters of its own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograder.grading.forkserver import ForkServer
from autograder.grading.grade import Assignment, GradedWork, failed, grade
from autograder.grading.kernels import FreshInterpreters, Kernels
from autograder.grading.parcel import Parcel
from autograder.grading.runner import Limits


@dataclass(frozen=True)
class Engine:
    """How a class is graded: the wall-clock limits, whether learner code is locked in, how many at a time, and where.

    `scheduler` is the address of a Dask cluster's scheduler; without it, this machine grades, `jobs` at a time.
    """

    limits: Limits
    sandbox: bool
    jobs: int
    scheduler: str | None = None


def kernels_for(assignment: Assignment, sandbox: bool) -> Kernels:
    """The source of processes for an assignment's notebooks."""
    return (ForkServer if sandbox else FreshInterpreters)(assignment.lesson_module, assignment.files)


class Grader:
    """Grades submissions to an assignment's notebooks, one after another, with kernels of its own."""

    def __init__(self, assignments: Sequence[Assignment], engine: Engine) -> None:
        self._assignments = {assignment.notebook: assignment for assignment in assignments}
        self._engine = engine
        self._kernels: dict[str, Kernels] = {}

    def grade(self, notebook: str, parcel: Parcel) -> GradedWork:
        """Grade one submission. Never raises: one at which we fail must not stop the others."""
        assignment = self._assignments[notebook]
        if notebook not in self._kernels:
            self._kernels[notebook] = kernels_for(assignment, self._engine.sandbox)
        try:
            return grade(assignment, parcel, self._kernels[notebook], self._engine.limits)
        except Exception as error:
            return failed(assignment, parcel, error)

    def close(self) -> None:
        """End what was started."""
        for kernels in self._kernels.values():
            kernels.close()
