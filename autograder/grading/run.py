"""Run: grade one lesson for a class, from the folders of submissions to the gradebook."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.table import Table

from autograder.authoring.course import Course, CourseError
from autograder.authoring.sources import load_lesson
from autograder.grading import plain
from autograder.grading.archive import archive_keys
from autograder.grading.batch import Engine, grade_class
from autograder.grading.forkserver import ForkServer
from autograder.grading.grade import Assignment, Graded, Outcome, prepare
from autograder.grading.gradebook import GradebookWriter
from autograder.grading.kernels import NoKernelError
from autograder.grading.results import one_row_each, results_json, results_table
from autograder.grading.runner import Limits, run
from autograder.grading.sandbox import SandboxError, unavailable
from autograder.grading.submissions import Submission, find_submissions

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
    scheduler: str | None = None,
) -> GradingRun:
    """Grade `lesson` for `students` (all who submitted, if none is named) and store every result as it comes.

    `jobs` at a time (one a core), or on the Dask cluster of `scheduler`. With `sandbox`, learner code is locked in; where that cannot be, SandboxError says what to install. Raises that,
    CourseError, SourceError, RecordError or GradebookError, each a sentence, before anything is graded; SchedulerError at
    any time.
    """
    folder = course.lesson_folder(lesson)
    if not find_submissions(course, lesson, students):
        raise CourseError(f"There is nothing to grade: no folder {course.submitted}/ID/{lesson}.")
    jobs = jobs or os.cpu_count() or 1
    start, cpu_before = time.monotonic(), time.process_time() + _children_seconds()
    assignments = prepare_notebooks(course, folder)
    sent = find_sent(course, assignments, students)
    if sandbox:
        require_sandbox(assignments[0])
    assignments = start_record(course, assignments, sandbox)
    engine = Engine(limits or limits_of(course, assignments), sandbox, jobs, scheduler)
    all_sent = [(one.notebook, submission) for one, many in zip(assignments, sent, strict=True) for submission in many]
    graded = []
    with GradebookWriter(course, assignments) as writer, progress(len(all_sent)) as advance:
        for work in grade_class(assignments, all_sent, engine):
            writer.write(work)
            graded.append(work.row)
            advance(work.row.student)
    cpu = time.process_time() + _children_seconds() - cpu_before
    return GradingRun(lesson, tuple(one_row_each(graded)), jobs, time.monotonic() - start, cpu)


def prepare_notebooks(course: Course, folder: Path) -> tuple[Assignment, ...]:
    """The notebooks of an assignment, made ready for a grading run: one of a lesson, some of an ordinary assignment."""
    return plain.prepare(course, folder) if plain.is_plain(folder) else (prepare(load_lesson(folder)),)


def start_record(course: Course, assignments: Sequence[Assignment], sandbox: bool) -> tuple[Assignment, ...]:
    """Keep the secret keys of the run that begins; each graded notebook says in its metadata how it was graded."""
    recorded = []
    for assignment in assignments:
        graded_with = {"sandbox": "strict" if sandbox else "off"}
        if assignment.keys:
            graded_with["keys"] = archive_keys(course, assignment.name, assignment.keys).name
        recorded.append(replace(assignment, graded_with=graded_with))
    return tuple(recorded)


def find_sent(
    course: Course, assignments: Sequence[Assignment], students: Sequence[str] = ()
) -> list[list[Submission]]:
    """What was sent for each of an assignment's notebooks, by `students` or by all."""
    if assignments[0].is_lesson:
        return [find_submissions(course, one.name, students) for one in assignments]
    return plain.find_sent(course, assignments, students)


def limits_of(course: Course, assignments: Sequence[Assignment]) -> Limits:
    """How long a cell and a notebook may take."""
    return Limits() if assignments[0].is_lesson else plain.limits(course)


def require_sandbox(assignment: Assignment) -> None:
    """Raise SandboxError where learner code cannot be locked in."""
    if (why := sandbox_problem(assignment.lesson_module, assignment.files)) is not None:
        raise SandboxError(f"{why} Or name --sandbox off, which runs learner code as you, for work that you trust.")


def sandbox_problem(lesson_module: str, data_files: Mapping[str, Path] | None = None) -> str | None:
    """Why no sandbox can be had on this machine, with what to do; None where one was built and left again."""
    if (why := unavailable()) is not None:
        return why
    kernels = ForkServer(lesson_module, data_files)
    try:
        run([], kernels, Limits())
    except NoKernelError as error:
        return f"{error}."
    finally:
        kernels.close()
    return None


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
