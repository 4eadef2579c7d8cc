"""The formgrader's autograde button goes through our engine, for lessons with probes and for ordinary courses."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, expect

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson
from tests.conftest import ROOT
from tests.grading import submit
from tests.ordinary_course import QUICKSTART, hand_in, make_course

LESSON = "00_orientation"
SNIPPET = ROOT / "autograder" / "grading" / "autograder.json"


def enable_the_button(course: Course) -> None:
    """Put the package's own snippet where the test's Jupyter looks for it: an editable install leaves it out."""
    folder = course.root / ".jupyter-home" / "jupyter_server_config.d"
    folder.mkdir(parents=True)
    shutil.copy(SNIPPET, folder)


def press_autograde(page: Page, address: str, assignment: str, student: str) -> str:
    """Press the button in a learner's row; gives the text of the dialog that reports what came of it."""
    page.goto(f"{address}/formgrader/manage_submissions/{assignment}")
    row = page.locator("tbody tr", has_text=student)
    expect(row.locator(".status")).to_contain_text("needs autograding", timeout=30_000)
    row.locator(".autograde a").click()
    dialog = page.locator(".modal-dialog")
    expect(dialog).to_be_visible(timeout=120_000)
    return dialog.inner_text()


def score_shown(page: Page, student: str) -> str:
    return page.locator("tbody tr", has_text=student).locator(".score").inner_text()


@pytest.mark.browser
@pytest.mark.slow
def test_the_button_grades_a_lesson(
    course: Course, lessons: Mapping[str, Lesson], page: Page, jupyter: Callable[[Path], str]
) -> None:
    lesson = lessons[LESSON]
    given = released(lesson.notebook)
    forged = fill(given, reference_sources(lesson))
    forged.cells.append(nbformat.v4.new_code_cell("raise ValueError('noise at the end')"))
    submit(course, LESSON, "ann", b"\xef\xbb\xbf" + nbformat.writes(forged).encode())  # stock cannot read a BOM
    enable_the_button(course)
    said = press_autograde(page, jupyter(course.root), LESSON, "ann")
    assert "Successfully autograded" in said
    assert "column_mean" in said
    total = sum(exercise.points for exercise in lesson.exercises.values())
    assert score_shown(page, "ann").startswith(f"{total:g} /")


@pytest.mark.full
@pytest.mark.browser
@pytest.mark.slow
def test_the_button_grades_an_ordinary_course_and_says_what_is_wrong_with_it(
    tmp_path: Path, page: Page, jupyter: Callable[[Path], str]
) -> None:
    course = make_course(tmp_path, QUICKSTART)
    hand_in(course, QUICKSTART, "ann", {"squares": "def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]"})
    enable_the_button(course)
    address = jupyter(course.root)
    assert "Successfully autograded" in press_autograde(page, address, QUICKSTART, "ann")
    assert score_shown(page, "ann") == "1 / 13"
    cells = nbformat.read(course.autograded / "ann" / QUICKSTART / "problem1.ipynb", as_version=4).cells
    assert "self-reported" in json.dumps(cells)

    hand_in(course, QUICKSTART, "bob", {})
    (course.solutions / QUICKSTART / "problem1.ipynb").write_text("{}")
    said = press_autograde(page, address, QUICKSTART, "bob")
    assert "There was an error autograding" in said
    assert "problem1.ipynb" in said
    assert "Traceback (most recent call last)" not in said
