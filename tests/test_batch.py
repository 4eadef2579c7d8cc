"""Batch: a class is graded the same here, on workers and on a cluster, and no lost process loses a submission."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson
from autograder.grading.batch import SMALL_CLASS
from autograder.grading.grade import Graded
from autograder.grading.run import grade_lesson
from tests.cluster import cluster, workers_of
from tests.conftest import copy_of_the_course
from tests.grading import cli, grade, submit

LESSON = "00_orientation"
CLASS = SMALL_CLASS + 4

pytestmark = pytest.mark.slow


@pytest.fixture
def full_class(course: Course, lessons: dict[str, Lesson]) -> Course:
    """More learners than are graded without workers: right, empty, broken and rejected ones among them."""
    hand_in(course, lessons[LESSON])
    return course


def hand_in(course: Course, lesson: Lesson) -> None:
    given = released(lesson.notebook)
    for number in range(CLASS):
        kind = number % 4
        work = given if kind == 0 else fill(given, reference_sources(lesson))
        work.cells.append(nbformat.v4.new_code_cell(f"print({number})"))
        if kind == 2:
            work.cells[2].source += "\nraise ValueError"
        submit(course, LESSON, f"s{number:02d}", work if kind != 3 else b"\x00%d" % number)


def stored(course: Course) -> dict[str, list[Any]]:
    """All graded notebooks, without what differs from run to run."""
    return {
        path.parts[-3]: [(cell.source, cell.get("outputs")) for cell in nbformat.read(path, as_version=4).cells]
        for path in sorted(course.autograded.glob(f"*/{LESSON}/*.ipynb"))
    }


def test_jobs_and_clusters_give_the_same_grades_and_notebooks(
    full_class: Course, lessons: dict[str, Lesson], tmp_path: Path
) -> None:
    one = grade(full_class, LESSON, "--jobs", "1")["submissions"]
    notebooks = stored(full_class)
    assert len(one) == len(notebooks) == CLASS
    assert {row["status"] for row in one} == {"graded", "rejected"}

    assert grade(full_class, LESSON, "--jobs", "2")["submissions"] == one
    assert stored(full_class) == notebooks

    elsewhere = copy_of_the_course(tmp_path / "elsewhere")
    hand_in(elsewhere, lessons[LESSON])
    (tmp_path / "cluster").mkdir()
    with cluster(tmp_path / "cluster", workers=2) as (address, _):
        assert grade(elsewhere, LESSON, "--scheduler", address)["submissions"] == one
    assert stored(elsewhere) == notebooks


@contextlib.contextmanager
def after(results: int, act: Callable[[], None], total: int) -> Iterator[Callable[[Graded], None]]:
    """A progress report that acts when so many results have come."""
    came: list[str] = []

    def advance(row: Graded) -> None:
        came.append(row.student)
        if len(came) == results:
            act()

    yield advance
    assert sorted(came) == sorted(set(came))
    assert len(came) == total


@pytest.mark.parametrize("moment", [1, 11])
def test_a_killed_worker_is_replaced_and_every_submission_is_graded_once(full_class: Course, moment: int) -> None:
    killed: list[int] = []

    def kill() -> None:
        worker = workers_of(psutil.Process())[0]
        killed.append(worker.pid)
        worker.kill()

    run = grade_lesson(full_class, LESSON, [], 2, sandbox=True, progress=lambda total: after(moment, kill, total))

    assert killed
    assert sorted(row.student for row in run.graded) == [f"s{number:02d}" for number in range(CLASS)]
    assert {str(row.outcome) for row in run.graded} == {"graded", "rejected"}
    assert workers_of(psutil.Process()) == []


def test_a_lost_scheduler_is_said_in_one_sentence_and_nothing_graded_is_lost(
    full_class: Course, tmp_path: Path
) -> None:
    with cluster(tmp_path, workers=1) as (address, scheduler):
        command = [sys.executable, "-P", "-m", "autograder.cli", "grade", LESSON, "--scheduler", address]
        with subprocess.Popen(command, cwd=full_class.root, stderr=subprocess.PIPE, text=True) as running:
            while running.poll() is None and not stored(full_class):
                os.sched_yield()
            os.killpg(scheduler.pid, signal.SIGKILL)
            _, said = running.communicate(timeout=200)
    kept = stored(full_class)
    assert running.returncode == 2
    assert "The Dask scheduler was lost" in said
    assert "Traceback" not in said
    assert 0 < len(kept) < CLASS

    again = grade(full_class, LESSON)
    assert len(again["submissions"]) == CLASS
    assert stored(full_class).items() >= kept.items()


def test_a_scheduler_that_is_not_there_is_a_sentence(full_class: Course) -> None:
    done = cli("grade", LESSON, "--scheduler", "tcp://127.0.0.1:9", folder=full_class.root)
    assert done.returncode == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr
