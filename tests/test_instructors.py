"""docs/instructors.md: the commands of its first page, exactly as they stand there, on classes that three LMSs hand out."""

from __future__ import annotations

import csv
import re
import subprocess

import pytest
from nbgrader.api import Gradebook

from autograder.authoring.course import Course
from autograder.authoring.sources import Lesson
from tests.classroom import LESSON, Learner, sixty_learners, write_downloads
from tests.conftest import ROOT

pytestmark = pytest.mark.slow


def blocks() -> dict[str, list[str]]:
    """The commands of each block that is to be run, by its name."""
    text = (ROOT / "docs" / "instructors.md").read_text()
    found = re.findall(r"<!-- run: (.*?) -->\n```console\n(.*?)```", text, re.DOTALL)
    return {name: [line.removeprefix("$ ") for line in block.splitlines()] for name, block in found}


def run(course: Course, name: str) -> list[subprocess.CompletedProcess[str]]:
    """Run a block's commands in the course's folder, as a person in an activated environment does."""
    return [
        subprocess.run(command, shell=True, cwd=course.root, capture_output=True, text=True)
        for command in blocks()[name]
    ]


@pytest.fixture
def sixty(course: Course, lessons: dict[str, Lesson]) -> list[Learner]:
    learners = sixty_learners(lessons[LESSON])
    write_downloads(course.root, learners)
    return learners


def exported(course: Course) -> dict[str, str]:
    """The score of each learner in the file that Canvas imports."""
    with (course.root / f"{LESSON}-canvas.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    (column,) = (title for title in rows[0] if title.startswith(LESSON))
    return {row["SIS Login ID"]: row[column] for row in rows if row["SIS Login ID"]}


def test_four_commands_lead_from_three_lmss_downloads_to_an_import_file_and_a_report(
    course: Course, sixty: list[Learner]
) -> None:
    collected, graded, reported, wrote = run(course, "from downloads to grades")

    assert [done.returncode for done in (collected, reported)] == [0, 0], collected.stderr + reported.stderr
    assert "60 new" in collected.stdout
    assert [done.returncode for done in (graded, wrote)] == [1, 1]  # three files cannot be read: a person is needed
    with Gradebook(course.db_url) as gradebook:
        scores = {one.student.id: one.score for one in gradebook.assignment_submissions(LESSON)}
    assert set(scores) == {one.id for one in sixty}
    found = exported(course)
    unreadable = {one.id for one in sixty if not one.readable}
    assert {student for student, score in found.items() if not score} == unreadable  # nobody has decided on a zero
    assert {student: float(score or 0) for student, score in found.items()} == scores
    page = (course.root / "reports" / f"{LESSON}.html").read_text().replace("<wbr>", "")
    for one in sixty:
        assert one.id in page
        assert (one.mistake or "") in page
        assert (one.id in wrote.stdout) == (one.id in unreadable)


@pytest.mark.full
def test_everything_else_on_the_page_works_as_it_stands(course: Course, sixty: list[Learner]) -> None:
    few = [*sixty[1:3], *sixty[21:23], *sixty[44:46]]
    for name in ("moodle", "canvas", "gradescope"):
        (course.root / "downloads" / f"{name}.zip").unlink()
    (course.root / "downloads").rmdir()
    write_downloads(course.root, few)
    for name in blocks():
        for command, done in zip(blocks()[name], run(course, name), strict=True):
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    assert {path.parts[-3] for path in course.feedback.glob(f"*/{LESSON}/{LESSON}.html")} == {one.id for one in few}
    assert list(blocks()) == ["hand out", "from downloads to grades", "look again", "tell everybody", "hand back"]
