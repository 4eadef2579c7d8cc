"""Kills: whatever is killed at whatever moment, after running again each submission is graded once and nothing is lost."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest

from autograder.authoring.course import Course
from autograder.authoring.sources import Lesson
from autograder.grading.batch import SMALL_CLASS
from tests.cluster import cluster, workers_of
from tests.grading import grade
from tests.test_archive import LESSON, grades_stored, hand_in, witnessed

CLASS = SMALL_CLASS + 20
COMMAND = [sys.executable, "-P", "-m", "autograder.cli", "grade", LESSON]
# Of each kind ten moments, by the number of submissions that are graded by then: none yet, while workers start, up to all
# but sixteen, so that a slow test does not come when all is done.
MOMENTS = [0, *np.random.default_rng(2026).permutation(range(1, CLASS - 16))[:9].tolist()]

pytestmark = [pytest.mark.full, pytest.mark.slow]

at_ten_moments = pytest.mark.parametrize("moment", MOMENTS)


@pytest.fixture
def students(course: Course, lessons: dict[str, Lesson]) -> list[str]:
    """A class too large to be graded without workers, each with a cell that shows another number whenever it is run."""
    names = [f"s{number:02d}" for number in range(CLASS)]
    for name in names:
        hand_in(course, lessons[LESSON], name, name)
    return names


def interrupted(course: Course, moment: int, kill: Callable[[psutil.Process], None], *options: str) -> int:
    """Grade, and kill something when so many are graded; gives the exit code."""
    with subprocess.Popen([*COMMAND, *options], cwd=course.root, stderr=subprocess.DEVNULL) as running:
        process = psutil.Process(running.pid)
        while not _has_come_to(moment, process, course, *options):
            with contextlib.suppress(subprocess.TimeoutExpired):
                pytest.fail(f"it ended with {running.wait(0.05)} before the moment came")
        kill(process)
    return running.returncode


def _has_come_to(moment: int, process: psutil.Process, course: Course, *options: str) -> bool:
    begun = bool(options) or len(workers_of(process)) == 2
    return begun and len(list(course.autograded.glob(f"*/{LESSON}/*.ipynb"))) >= moment


def graded_once_and_nothing_lost(course: Course, students: list[str], kept: dict[str, str]) -> None:
    """Run again: all are graded, and what was in the gradebook before was not run again."""
    results = grade(course, LESSON)
    assert [row["student"] for row in results["submissions"]] == students
    assert {row["score"] for row in results["submissions"]} == {results["submissions"][0]["max_score"]}
    assert grades_stored(course) == [(student, 1) for student in students]
    assert {student: witnessed(course)[student] for student in kept} == kept


def in_the_gradebook(course: Course) -> dict[str, str]:
    """What the witness showed of each learner whose grade is stored."""
    if not (course.root / "gradebook.db").exists():
        return {}
    stored = {student for student, count in grades_stored(course) if count}
    return {student: text for student, text in witnessed(course).items() if student in stored}


@at_ten_moments
def test_a_worker(moment: int, course: Course, students: list[str]) -> None:
    code = interrupted(course, moment, lambda process: workers_of(process)[moment % 2].kill())
    assert code == 0
    kept = in_the_gradebook(course)
    assert list(kept) == students
    graded_once_and_nothing_lost(course, students, kept)


@at_ten_moments
def test_the_command(moment: int, course: Course, students: list[str]) -> None:
    orphans: list[psutil.Process] = []

    def kill(process: psutil.Process) -> None:
        orphans.extend(process.children(recursive=True))
        process.kill()

    assert interrupted(course, moment, kill) == -signal.SIGKILL
    assert psutil.wait_procs(orphans, timeout=120)[1] == []
    graded_once_and_nothing_lost(course, students, in_the_gradebook(course))


@at_ten_moments
def test_the_scheduler(moment: int, course: Course, students: list[str], tmp_path: Path) -> None:
    with cluster(tmp_path, workers=2) as (address, scheduler):
        kill = lambda _: os.killpg(scheduler.pid, signal.SIGKILL)  # noqa: E731
        assert interrupted(course, moment, kill, "--scheduler", address) == 2
    graded_once_and_nothing_lost(course, students, in_the_gradebook(course))
