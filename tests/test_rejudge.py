"""Rejudge: what instructors change after a class was graded reaches everybody, without running anything again."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson
from autograder.grading.archive import newest_run
from tests.grading import grade, row_of, submit
from tests.test_archive import LESSON, WITNESS, witnessed

pytestmark = pytest.mark.slow

THRICE = "def column_mean(X):\n    return 3 * X.mean(axis=0)"
NAMED = '''

@mistake("column_mean")
def thrice_the_mean(X):
    """You give three times the mean. Where does the 3 come from?"""
    return 3 * X.mean(axis=0)
'''


@pytest.fixture
def graded(course: Course, lessons: dict[str, Lesson]) -> Course:
    """A graded class: ann is right, bob is wrong in a way that has no name. What they sent is gone."""
    given, right = released(lessons[LESSON].notebook), reference_sources(lessons[LESSON])
    for student, answers in (("ann", right), ("bob", {**right, "column_mean": THRICE})):
        notebook = fill(given, answers)
        notebook.cells.append(nbformat.v4.new_code_cell(WITNESS, id="witness"))
        submit(course, LESSON, student, notebook)
    grade(course, LESSON)
    return course


def rejudge(course: Course, said: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-P", "-m", "autograder.cli", "rejudge", LESSON]
    return subprocess.run(command, cwd=course.root, input=said, capture_output=True, text=True)


def column_mean(course: Course, student: str) -> dict[str, Any]:
    """The verdict that a further `grade` tells, which grades nothing anew."""
    before = witnessed(course)
    row = row_of(grade(course, LESSON), student)
    assert witnessed(course) == before
    return next(item for item in row["exercises"] if item["name"] == "column_mean")


def seconds(course: Course) -> dict[str, Mapping[str, float]]:
    """How long each learner's code ran, as the report says it."""
    with newest_run(course, LESSON) as run:
        return {row.student: row.seconds for row in run.rows()}


def scores(course: Course) -> dict[str, tuple[float | None, float | None]]:
    """Automatic and manual score of `column_mean` by learner, from the database."""
    with sqlite3.connect(course.root / "gradebook.db") as database:
        rows = database.execute(
            "select a.student_id, g.auto_score, g.manual_score from grade g join submitted_notebook n on g.notebook_id = n.id"
            " join submitted_assignment a on n.assignment_id = a.id join base_cell c on g.cell_id = c.id"
            " where c.name = 'check_column_mean'"
        )
        return {student: (auto, manual) for student, auto, manual in rows}


def change_the_reference(course: Course) -> None:
    """From now on three times the mean is right."""
    path = course.solutions / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "def column_mean" in cell.source:
            cell.source = THRICE.replace("    return", "    ### BEGIN SOLUTION\n    return") + "\n    ### END SOLUTION"
    nbformat.write(notebook, path)
    (course.solutions / LESSON / "mistakes.py").write_text("from autograder.authoring import mistake\n")


def test_a_newly_named_mistake_is_told_to_everybody_who_made_it(graded: Course) -> None:
    assert column_mean(graded, "bob")["diagnosis"] is None
    shutil.rmtree(graded.submitted)
    with (graded.solutions / LESSON / "mistakes.py").open("a") as file:
        file.write(NAMED)
    shown = witnessed(graded)

    done = rejudge(graded)

    assert done.returncode == 0, done.stderr
    assert "2 submissions judged again: 1 verdicts differ, 0 grades." in done.stdout
    assert witnessed(graded) == shown
    card = (graded.autograded / "bob" / LESSON / f"{LESSON}.ipynb").read_text()
    assert "Where does the 3 come from?" in card
    assert "Explained in:" in card
    assert "Where does the 3" not in (graded.autograded / "ann" / LESSON / f"{LESSON}.ipynb").read_text()


def test_the_next_grading_goes_on_from_the_new_verdicts(graded: Course) -> None:
    with (graded.solutions / LESSON / "mistakes.py").open("a") as file:
        file.write(NAMED)
    before = seconds(graded)
    rejudge(graded)
    assert column_mean(graded, "bob")["diagnosis"] == "thrice_the_mean"
    assert seconds(graded) == before
    assert all(before["bob"].values())
    assert "0 verdicts differ" in rejudge(graded).stdout


def test_a_grade_falls_only_when_a_person_says_so(graded: Course) -> None:
    change_the_reference(graded)
    before = scores(graded)
    refused = rejudge(graded, "n\n")
    assert refused.returncode == 1
    assert "1 grades would fall" in refused.stdout
    assert scores(graded) == before
    assert before["ann"][0] == 2
    assert rejudge(graded, "y\n").returncode == 0
    assert (scores(graded)["ann"][0], scores(graded)["bob"][0]) == (0, 2)


def test_what_a_person_entered_stays(graded: Course) -> None:
    with sqlite3.connect(graded.root / "gradebook.db") as database:
        database.execute("update grade set manual_score = 0.5")
    change_the_reference(graded)
    assert rejudge(graded, "y\n").returncode == 0
    assert scores(graded) == {"ann": (0, 0.5), "bob": (2, 0.5)}


def test_what_came_late_pays_for_its_new_grade(graded: Course) -> None:
    (graded.submitted / "bob" / LESSON / "timestamp.txt").write_text("2026-01-31 12:00:00.000000 UTC")
    (graded.root / "nbgrader_config.py").open("a").write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")
    grade(graded, LESSON)
    with Gradebook(graded.db_url) as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate="2026-01-31 11:00:00.000000 UTC")
    change_the_reference(graded)
    assert rejudge(graded, "y\n").returncode == 0
    with Gradebook(graded.db_url) as gradebook:
        submission = gradebook.find_submission(LESSON, "bob")
        assert submission.total_seconds_late == 3600
        assert submission.late_submission_penalty == submission.score > 2


def test_a_changed_probe_is_not_judged_by_old_observations(graded: Course) -> None:
    (run,) = (graded.root / "grading" / LESSON).iterdir()
    mean, *_, other = sorted(run.glob("*.npz"))
    shutil.copy(other, mean)
    done = rejudge(graded)
    assert done.returncode == 2
    assert f"The probe of `{mean.stem}` has changed" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_lesson_that_was_not_graded_is_a_sentence(course: Course) -> None:
    done = rejudge(course)
    assert done.returncode == 2
    assert f"{LESSON} was not graded here yet" in done.stderr
