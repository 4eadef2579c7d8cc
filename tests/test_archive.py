"""Archive: an interrupted run goes on, nothing is graded twice, and what has changed is graded anew."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson
from autograder.grading.archive import Run
from autograder.grading.batch import SMALL_CLASS
from autograder.grading.grade import Graded, GradedWork, Outcome
from tests.grading import grade, submit

LESSON = "00_orientation"
# A cell that shows another number whenever it is run: so one sees whether it was.
WITNESS = "import secrets\nprint('run', secrets.token_hex(8))"

pytestmark = pytest.mark.slow


def hand_in(course: Course, lesson: Lesson, student: str, remark: str = "") -> Path:
    notebook = fill(released(lesson.notebook), reference_sources(lesson))
    notebook.cells.append(nbformat.v4.new_code_cell(f"{WITNESS}\n# {remark}", id="witness"))
    return submit(course, LESSON, student, notebook)


def witnessed(course: Course) -> dict[str, str]:
    """What the witness showed of each learner."""
    found = {}
    for path in sorted(course.autograded.glob(f"*/{LESSON}/*.ipynb")):
        cells = nbformat.read(path, as_version=4).cells
        said = [str(output.get("text")) for cell in cells for output in cell.get("outputs", [])]
        found[path.parts[-3]] = next(text for text in said if text.startswith("run "))
    return found


def runs(course: Course) -> list[str]:
    return sorted(path.name for path in (course.root / "grading" / LESSON).iterdir())


def grades_stored(course: Course) -> list[tuple[Any, ...]]:
    with sqlite3.connect(course.root / "gradebook.db") as database:
        return sorted(database.execute("select student_id, count(*) from submitted_assignment group by student_id"))


def test_only_what_is_new_or_changed_is_graded(course: Course, lessons: dict[str, Lesson]) -> None:
    for student in ("ann", "bob"):
        hand_in(course, lessons[LESSON], student, student)
    first, before = grade(course, LESSON), witnessed(course)

    hand_in(course, lessons[LESSON], "bob", "changed")
    hand_in(course, lessons[LESSON], "eve", "new")
    second, after = grade(course, LESSON), witnessed(course)

    assert after["ann"] == before["ann"]
    assert after["bob"] != before["bob"]
    assert [row["student"] for row in second["submissions"]] == ["ann", "bob", "eve"]
    assert second["submissions"][0] == first["submissions"][0]
    assert len(runs(course)) == 1


def test_identical_work_is_graded_once_and_stored_for_each(course: Course, lessons: dict[str, Lesson]) -> None:
    for student in ("ann", "bob", "eve"):
        hand_in(course, lessons[LESSON], student)
    results = grade(course, LESSON)
    assert len(set(witnessed(course).values())) == 1
    assert {row["score"] for row in results["submissions"]} == {results["submissions"][0]["max_score"]}
    assert grades_stored(course) == [("ann", 1), ("bob", 1), ("eve", 1)]


def test_again_grades_anew_on_other_seeds(course: Course, lessons: dict[str, Lesson]) -> None:
    hand_in(course, lessons[LESSON], "ann")
    results, before = grade(course, LESSON), witnessed(course)
    again = grade(course, LESSON, "--again")
    assert again["submissions"] == results["submissions"]
    assert witnessed(course) != before
    first, second = runs(course)
    keys = [sorted((course.root / "grading" / LESSON / run).glob("*.npz")) for run in (first, second)]
    assert [path.name for path in keys[0]] == [path.name for path in keys[1]]
    assert all(old.read_bytes() != new.read_bytes() for old, new in zip(*keys, strict=True))


def test_a_changed_lesson_and_another_sandbox_are_graded_anew(course: Course, lessons: dict[str, Lesson]) -> None:
    hand_in(course, lessons[LESSON], "ann")
    grade(course, LESSON)
    seen = {witnessed(course)["ann"]}
    with (course.solutions / LESSON / "mistakes.py").open("a") as file:
        file.write("\n# another version\n")
    grade(course, LESSON)
    seen.add(witnessed(course)["ann"])
    grade(course, LESSON, "--sandbox", "off")
    seen.add(witnessed(course)["ann"])
    assert len(seen) == len(runs(course)) == 3


@pytest.mark.parametrize("lost", ["gradebook.db", "autograded"])
def test_what_was_lost_is_stored_again_without_running_anything(
    lost: str, course: Course, lessons: dict[str, Lesson]
) -> None:
    hand_in(course, lessons[LESSON], "ann")
    results, before = grade(course, LESSON), witnessed(course)
    (course.root / lost).rename(course.root / "elsewhere")
    again = grade(course, LESSON)
    assert again["submissions"] == results["submissions"]
    assert witnessed(course) == before
    assert grades_stored(course) == [("ann", 1)]


def test_work_that_we_failed_to_grade_has_a_row_until_it_is_graded(tmp_path: Path) -> None:
    def work(outcome: Outcome, *problems: str) -> GradedWork:
        return GradedWork(Graded(LESSON, "ann", outcome, problems, {}), nbformat.v4.new_notebook())

    with Run(tmp_path, {}) as run:
        ours = work(Outcome.NOT_GRADED, "Not graded, our fault.")
        assert not run.keep("content", ours)
        run.set_aside(ours)
        assert run.rows() == [ours.row]
        assert run.stored() == []
        graded = work(Outcome.GRADED)
        assert run.keep("content", graded)
        run.mark_stored("content", LESSON, "ann", None)
        assert run.rows() == [graded.row]
        run.set_aside(ours)
        assert run.rows() == [ours.row]
        assert not run.is_stored("content", LESSON, "ann", None)


def heed_interrupts() -> None:
    """As in a terminal, also where these tests run in the background: there Ctrl-C is ignored by all that is started."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_was_stopped_goes_on(kind: signal.Signals, course: Course, lessons: dict[str, Lesson]) -> None:
    students = [f"s{number:02d}" for number in range(SMALL_CLASS)]  # long enough to be stopped in the middle
    for student in students:
        hand_in(course, lessons[LESSON], student, student)
    command = [sys.executable, "-P", "-m", "autograder.cli", "grade", LESSON]
    with subprocess.Popen(
        command, cwd=course.root, stderr=subprocess.PIPE, text=True, preexec_fn=heed_interrupts
    ) as running:
        while running.poll() is None and len(list(course.autograded.glob("*/*/*.ipynb"))) < 3:
            pass
        running.send_signal(kind)
        _, said = running.communicate()
    before = grades_stored(course)
    kept = {student: text for student, text in witnessed(course).items() if (student, 1) in before}
    assert 0 < len(before) < len(students)
    if kind is signal.SIGINT:
        assert running.returncode == 130
        assert "What was graded is kept" in said
        assert "Traceback" not in said

    results = grade(course, LESSON)

    assert [row["student"] for row in results["submissions"]] == students
    assert grades_stored(course) == [(student, 1) for student in students]
    assert {student: witnessed(course)[student] for student in kept} == kept
    assert len(runs(course)) == 1
