"""Run: grade one lesson for a class, from the folders of submissions to the gradebook."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from rich.table import Table

from autograder.authoring.course import Course, CourseError
from autograder.authoring.record import record_secret
from autograder.authoring.sources import load_lesson
from autograder.grading import plain
from autograder.grading.archive import Run, content_of, open_run
from autograder.grading.batch import grade_class
from autograder.grading.forkserver import ForkServer
from autograder.grading.grade import Assignment, Graded, GradedWork, Outcome, prepare
from autograder.grading.gradebook import GradebookWriter
from autograder.grading.grader import Engine
from autograder.grading.kernels import NoKernelError
from autograder.grading.parcel import packed
from autograder.grading.results import one_row_each, results_json, results_table
from autograder.grading.runner import Limits, run
from autograder.grading.sandbox import SandboxError, unavailable
from autograder.grading.submissions import Submission, find_submissions
from autograder.key import Key

Sent = tuple[str, Submission]
Progress = Callable[[int], AbstractContextManager[Callable[[Graded], None]]]


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
    again: bool = False,
) -> GradingRun:
    """Grade `lesson` for `students` (all who submitted, if none is named) and store every result as it comes.

    What was graded before under the same circumstances is not graded again, unless `again` asks for it, on new seeds.
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
    engine = Engine(limits or limits_of(course, assignments), sandbox, jobs, scheduler)
    archive, assignments = start_run(course, assignments, engine.limits, sandbox=sandbox, again=again)
    all_sent = [(one.notebook, submission) for one, many in zip(assignments, sent, strict=True) for submission in many]
    with (
        archive,
        GradebookWriter(course, assignments) as writer,
        progress(len(all_sent)) as advance,
    ):
        rows = []
        for row in _grade_all(assignments, all_sent, engine, archive, writer):
            rows.append(row)
            advance(row)
    cpu = time.process_time() + _children_seconds() - cpu_before
    return GradingRun(lesson, tuple(one_row_each(rows)), jobs, time.monotonic() - start, cpu)


def _grade_all(
    assignments: Sequence[Assignment], sent: Sequence[Sent], engine: Engine, archive: Run, writer: GradebookWriter
) -> Iterator[Graded]:
    """Grade what was `sent`, what is identical once, and store it; gives each row when the gradebook has it."""
    waiting: dict[str, list[Sent]] = {}
    for notebook, submission in sent:
        waiting.setdefault(content_of(notebook, packed(submission)), []).append((notebook, submission))

    def store(work: GradedWork, content: str, notebook: str, submission: Submission) -> Graded:
        student, timestamp = submission.student, submission.timestamp
        its_own = replace(work, row=replace(work.row, student=student), timestamp=timestamp)
        if archive.is_stored(content, notebook, student, timestamp) and writer.holds(notebook, student):
            writer.penalise(its_own)
        else:
            writer.write(its_own)
            archive.mark_stored(content, notebook, student, timestamp)
        return its_own.row

    for content in list(waiting):
        if (known := archive.find(content)) is not None:
            yield from (store(known, content, *one) for one in waiting.pop(content))
    while waiting:
        content_by_sender = {(same[0][0], same[0][1].student): content for content, same in waiting.items()}
        failed: dict[str, list[Sent]] = {}
        for work in grade_class(assignments, [same[0] for same in waiting.values()], engine):
            content = content_by_sender[work.row.notebook_name, work.row.student]
            same = waiting[content]
            if archive.keep(content, work):
                yield from (store(work, content, *one) for one in same)
            else:  # our fault, perhaps of this one time: the others are tried by themselves
                writer.write(work)
                archive.set_aside(work)
                yield work.row
                failed |= {content: same[1:]} if same[1:] else {}
        waiting = failed


def prepare_notebooks(course: Course, folder: Path) -> tuple[Assignment, ...]:
    """The notebooks of an assignment, made ready for grading but for their keys: one of a lesson, or some."""
    return plain.prepare(course, folder) if plain.is_plain(folder) else (prepare(load_lesson(folder)),)


def start_run(
    course: Course, assignments: Sequence[Assignment], limits: Limits, *, sandbox: bool, again: bool = False
) -> tuple[Run, tuple[Assignment, ...]]:
    """The run that goes on or begins, and the assignments with its keys.

    Each graded notebook says in its metadata how it was graded. Raises RecordError, SourceError, ArchiveError.
    """
    locked_in = "strict" if sandbox else "off"
    folder = course.lesson_folder(assignments[0].name)

    def record() -> Mapping[str, Key]:
        if not assignments[0].is_lesson:
            return {}
        lesson = load_lesson(folder)
        return record_secret(lesson, lesson.graded)

    how = {"sandbox": locked_in, "limits": asdict(limits)}
    run = open_run(course, assignments, how, record, again=again)
    graded_with = {"sandbox": locked_in, "run": run.folder.name}
    return run, tuple(replace(one, keys=run.keys, graded_with=graded_with) for one in assignments)


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
