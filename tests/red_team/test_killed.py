"""Kill -9 of anything in mid-batch: everything is graded, right and once; no row is lost, and nothing is left behind."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson
from tests.conftest import ROOT
from tests.grading import submit

pytestmark = pytest.mark.slow

LESSON = "00_orientation"
STUDENTS = [f"learner-{number}" for number in range(4)]
FULL = 5


def wait_until(condition: Callable[[], object], what: str) -> None:
    until = time.monotonic() + 180
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.01)  # /proc tells nobody when it changes


def children_of(pid: int) -> list[int]:
    try:
        return [
            int(one)
            for task in os.listdir(f"/proc/{pid}/task")
            for one in Path(f"/proc/{pid}/task/{task}/children").read_text().split()
        ]
    except OSError:
        return []


def family_of(pid: int) -> list[int]:
    return [pid, *(member for child in children_of(pid) for member in family_of(child))]


def is_there(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def is_fork_server(pid: int) -> bool:
    try:
        return b"autograder.grading.forkserver" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def fork_servers(command: int) -> list[int]:
    return [pid for pid in children_of(command) if is_fork_server(pid)]


def sandboxed(command: int) -> list[tuple[int, int, int]]:
    """Of each child of a fork server: itself, process 1 of its namespace, and the process that runs learner code."""
    outer = [child for server in fork_servers(command) for child in children_of(server)]
    chains = [family_of(pid) for pid in outer]
    return [(chain[0], chain[1], chain[2]) for chain in chains if len(chain) == 3]


def in_an_answer(command: int) -> list[tuple[int, int, int]]:
    """Those in which the answer that takes a moment is being run."""
    return [chain for chain in sandboxed(command) if "nanosleep" in wait_channel(chain[2])]


def wait_channel(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/wchan").read_text()
    except OSError:
        return ""


@pytest.fixture
def batch(
    course: Course, lessons: Mapping[str, Lesson], tmp_path: Path
) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts to grade a class in which everybody is right, and takes a moment."""
    lesson = lessons[LESSON]
    answers = reference_sources(lesson)
    slow = "import time\ntime.sleep(1)\n" + answers["column_mean"]
    for student in STUDENTS:  # each in words of their own, for what is identical is graded once
        answers["column_mean"] = f"# {student}\n{slow}"
        submit(course, LESSON, student, fill(released(lesson.notebook), answers))
    (tmp_path / "tmp").mkdir()
    command = [sys.executable, "-P", "-m", "autograder.cli", "grade", LESSON, "--jobs", "2", "--json", "results.json"]
    environment = {**os.environ, "TMPDIR": str(tmp_path / "tmp"), "PYTHONPATH": str(ROOT)}
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            command, cwd=course.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def assert_all_graded_once(course: Course, process: subprocess.Popen[str]) -> None:
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    rows = json.loads((course.root / "results.json").read_text())["submissions"]
    assert {row["student"]: (row["status"], row["score"]) for row in rows} == dict.fromkeys(STUDENTS, ("graded", FULL))
    with sqlite3.connect(course.root / "gradebook.db") as database:
        assert database.execute("pragma integrity_check").fetchone() == ("ok",)
        (count,) = database.execute("select count(*) from submitted_assignment").fetchone()
        (total,) = database.execute("select sum(auto_score) from grade").fetchone()
    assert (count, total) == (len(STUDENTS), FULL * len(STUDENTS))
    assert not list(course.autograded.rglob("*.part"))


@pytest.mark.parametrize("which", [0, 1, 2], ids=["the child", "process 1 of its namespace", "the one that runs cells"])
def test_a_killed_child_costs_its_learner_nothing(
    which: int, course: Course, batch: Callable[[], subprocess.Popen[str]]
) -> None:
    process = batch()
    wait_until(lambda: in_an_answer(process.pid), "no notebook was run")
    os.kill(in_an_answer(process.pid)[0][which], signal.SIGKILL)
    assert_all_graded_once(course, process)


def test_a_killed_fork_server_costs_nobody_anything(course: Course, batch: Callable[[], subprocess.Popen[str]]) -> None:
    process = batch()
    wait_until(lambda: in_an_answer(process.pid), "no notebook was run")
    lost = [pid for server in fork_servers(process.pid) for pid in family_of(server)]
    for server in fork_servers(process.pid):
        os.kill(server, signal.SIGKILL)
    wait_until(lambda: not any(map(is_there, lost)), "something outlived the fork server")
    assert_all_graded_once(course, process)


def test_a_killed_command_leaves_nothing_and_is_run_again(
    course: Course, tmp_path: Path, batch: Callable[[], subprocess.Popen[str]]
) -> None:
    process = batch()
    done = lambda: list(course.autograded.glob("*/*/*.ipynb"))  # noqa: E731
    wait_until(lambda: done() and sandboxed(process.pid), "nothing was graded")
    family = family_of(process.pid)
    process.kill()
    process.communicate()
    assert len(done()) < len(STUDENTS)
    wait_until(lambda: not any(map(is_there, family)), "something outlived the command")
    assert os.listdir(tmp_path / "tmp") == []
    assert_all_graded_once(course, batch())
