"""Run: grade one lesson for a class, from the folders of submissions to the gradebook."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.table import Table

from autograder.authoring.course import Course, CourseError
from autograder.authoring.sources import load_lesson
from autograder.grading.batch import grade_class
from autograder.grading.forkserver import ForkServer
from autograder.grading.grade import Graded, Outcome, prepare
from autograder.grading.gradebook import GradebookWriter
from autograder.grading.kernels import FreshInterpreters, Kernels, NoKernelError
from autograder.grading.results import results_json, results_table
from autograder.grading.runner import Limits, run
from autograder.grading.sandbox import SandboxError, unavailable
from autograder.grading.submissions import find_submissions

Progress = Callable[[int], AbstractContextManager[Callable[[str], None]]]


@dataclass(frozen=True)
class GradingRun:
    """What one run found and what it cost."""

    lesson: str
    graded: tuple[Graded, ...]
    jobs: int
    wall_seconds: float
    cpu_seconds: float

    @property
    def needs_a_person(self) -> bool:
        return any(one.outcome is not Outcome.GRADED for one in self.graded)

    def as_json(self, sandbox: str) -> dict[str, Any]:
        engine = {
            "jobs": self.jobs,
            "wall_seconds": round(self.wall_seconds, 3),
            "cpu_seconds": round(self.cpu_seconds, 3),
        }
        return results_json(self.lesson, sandbox, engine, self.graded)

    def table(self) -> Table:
        return results_table(self.lesson, self.graded)


def grade_lesson(
    course: Course,
    lesson: str,
    students: Sequence[str],
    jobs: int | None = None,
    limits: Limits | None = None,
    *,
    sandbox: bool,
    progress: Progress,
) -> GradingRun:
    """Grade `lesson` for `students` (all who submitted, if none is named) and store every result as it comes.

    With `sandbox`, learner code is locked in; where that cannot be, SandboxError says what to install. Raises that,
    CourseError, SourceError, RecordError or GradebookError, each a sentence, before anything is graded.
    """
    folder = course.lesson_folder(lesson)
    submissions = find_submissions(course, lesson, list(students))
    if not submissions:
        raise CourseError(f"There is nothing to grade: no folder {course.submitted}/ID/{lesson}.")
    jobs = jobs or os.cpu_count() or 1
    start, cpu_before = time.monotonic(), time.process_time() + _children_seconds()
    assignment = prepare(load_lesson(folder))
    module, files = assignment.lesson.module_name, assignment.files
    if sandbox and (why := sandbox_problem(module, files)) is not None:
        raise SandboxError(f"{why} Or name --sandbox off, which runs learner code as you, for work that you trust.")

    def make_kernels() -> Kernels:
        return ForkServer(module, files) if sandbox else FreshInterpreters(module, files)

    graded = []
    with GradebookWriter(course, assignment) as writer, progress(len(submissions)) as advance:
        for one in grade_class(assignment, submissions, make_kernels, jobs, limits or Limits()):
            writer.write(one)
            graded.append(one)
            advance(one.submission.student)
    cpu = time.process_time() + _children_seconds() - cpu_before
    return GradingRun(lesson, tuple(graded), jobs, time.monotonic() - start, cpu)


def sandbox_problem(lesson_module: str, data_files: Sequence[Path] = ()) -> str | None:
    """Why no sandbox can be had on this machine, with what to do; None where one was built and left again."""
    if (why := unavailable()) is not None:
        return why
    kernels = ForkServer(lesson_module, data_files)
    try:
        run([], kernels, Limits())
    except NoKernelError as error:
        return f"{error}: allow unprivileged user namespaces, or grade as root where mounts are allowed."
    finally:
        kernels.close()
    return None


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
