"""Mangled files: what an honest learner did is kept, whatever happened to the file, and it is said what was mended."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping
from typing import Any

import pytest
from nbformat import NotebookNode

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson
from tests.conftest import copy_of_the_course
from tests.grading import cli, row_of, statuses
from tests.mangled.corpus import CASES, LESSON, Case, Desk, write

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def lesson(lessons: Mapping[str, Lesson]) -> Lesson:
    return lessons[LESSON]


@pytest.fixture(scope="module")
def given(lesson: Lesson) -> NotebookNode:
    return released(lesson.notebook)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, lesson: Lesson, given: NotebookNode) -> dict[str, Any]:
    """The whole corpus, graded as one class: what came of it by the command line."""
    course = copy_of_the_course(tmp_path_factory.mktemp("mangled") / "class")
    solved = fill(given, reference_sources(lesson))
    for case in CASES:
        folder = course.submitted / case.title / LESSON
        folder.mkdir(parents=True)
        sent = case.make(Desk(copy.deepcopy(solved), copy.deepcopy(given), folder))
        if sent is not None:
            write(folder / f"{LESSON}.ipynb", sent)
    file = course.root / "results.json"
    done = cli("grade", LESSON, "--json", file, folder=course.root)
    assert (done.returncode, done.stderr) == (1, "")
    return dict(json.loads(file.read_text()))


@pytest.mark.parametrize("case", CASES, ids=[case.title for case in CASES])
def test_what_is_kept_and_what_is_said(case: Case, graded: dict[str, Any], lesson: Lesson) -> None:
    row = row_of(graded, case.title)
    points = {exercise.name: exercise.points for exercise in lesson.exercises.values()}
    if case.lost is None:
        assert (row["status"], row["score"]) == ("rejected", 0)
        assert set(statuses(row).values()) == {"not_graded"}
    else:
        right = [name for name, status in statuses(row).items() if status == "correct"]
        assert [name for name in points if name not in case.lost] == right
        assert (row["status"], row["score"]) == ("graded", sum(points[name] for name in right))
    assert [said for said in row["problems"] if not any(said_as(said, one) for one in case.says)] == []
    assert [one for one in case.says if not any(said_as(said, one) for said in row["problems"])] == []


def said_as(said: str, expected: str) -> bool:
    """Whether a sentence is the expected one, in which # stands for a number that the lesson's length decides."""
    return re.fullmatch(re.escape(expected).replace(r"\#", r"[\d,]+"), said) is not None


def test_every_case_has_its_row(graded: dict[str, Any]) -> None:
    assert sorted(row["student"] for row in graded["submissions"]) == sorted(case.title for case in CASES)
