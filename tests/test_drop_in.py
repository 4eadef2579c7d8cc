"""Drop-in: an ordinary nbgrader course is graded by our engine with the points that nbgrader itself gives."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.course import Course, find_course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, grade_id
from tests.grading import grade, row_of, statuses, submit
from tests.ordinary_course import EVERYTHING, PART_1, PART_2, QUICKSTART, RIGHT, code, hand_in, make_course, text
from tests.stock import nbgrader

SQUARES = {
    "squares": "def squares(n):\n    if n < 1:\n        raise ValueError\n    return [i ** 2 for i in range(1, n + 1)]",
    "sum_of_squares": "def sum_of_squares(n):\n    return sum(squares(n))",
    "sum_of_squares_equation": "$\\sum_i i^2$",
    "sum_of_squares_application": "def pyramid(n):\n    return sum_of_squares(n)",
    "part-a": "It computes Fibonacci numbers.",
}

Grades = dict[tuple[str, ...], tuple[Any, ...]]


def grades(course: Course) -> Grades:
    """All that nbgrader's database says of each learner's cells."""
    found: Grades = {}
    with Gradebook(course.db_url) as gradebook:
        for submission in (one for assignment in gradebook.assignments for one in assignment.submissions):
            for notebook in submission.notebooks:
                place = submission.assignment.name, submission.student.id, notebook.name
                for item in notebook.grades:
                    said = item.auto_score, item.manual_score, item.needs_manual_grade, item.max_score, item.cell_type
                    found[*place, item.name, "grade"] = said
                for item in notebook.comments:
                    found[*place, item.name, "comment"] = (item.auto_comment,)
    return found


def in_class(course: Course) -> None:
    """A class that hands in both assignments: honest work, right, wrong, half done and not begun."""
    for assignment, right in ((QUICKSTART, SQUARES), (EVERYTHING, RIGHT)):
        hand_in(course, assignment, "all-right", right)
        hand_in(course, assignment, "not-begun", {})
    hand_in(
        course,
        QUICKSTART,
        "half-way",
        {**SQUARES, "squares": "def squares(n):\n    return [i ** 2 for i in range(1, n + 1)]"},
    )
    folder = hand_in(course, EVERYTHING, "in-own-way", {**RIGHT, **OWN_WAY}, edit=in_own_way)
    (folder / "mytools.py").write_text("def add(a, b):\n    return a + b\n")
    folder = hand_in(course, EVERYTHING, "one-notebook", {**RIGHT, **WRONG})
    (folder / "Part 2.ipynb").unlink()


OWN_WAY = {
    "mean": "def mean(values):\n    for value in values:\n        pass\n    return helper(values) / len(values)",
    "area": "def area(r):\n    return 2 * r",
    "ask": "def ask():\n    return int(input()) + SCALE - 1",
    "own_idea": "from mytools import add\ndef own_idea(x):\n    return add(x, 1)",
}
WRONG = {
    "mean": "def mean(values):\n    for value in values:\n        pass\n    return sum(values) // len(values)",
    "area": "def area(r):\n    return 'much'",
    "table": "heights = []",
    "files": "raise OSError('no disk')",
    "figure": "fig, ax = plt.subplots()\nax.plot([0, 1], [1, 0])",
    "later": "def later():\n    return 7",
    "why": "",
}


def in_own_way(name: str, notebook: NotebookNode) -> None:
    """Cells added and changed where learners may."""
    if name == "Part 1":
        notebook.cells.insert(1, code("def helper(values):\n    return sum(values)"))
        for cell in notebook.cells:
            cell.source = "SCALE = 2" if cell.source == "SCALE = 1" else cell.source
    else:
        for cell in notebook.cells:
            cell.source = cell.source.replace("Your name:", "Your name: My name is Ada.")
        notebook.cells.append(text("My plot shows it."))
        notebook.cells.append(code("print('and so does this')"))


@pytest.fixture(scope="module")
def not_graded(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The class of an ordinary course before grading."""
    course = make_course(tmp_path_factory.mktemp("before"), QUICKSTART, EVERYTHING)
    in_class(course)
    return course


@pytest.fixture(scope="module")
def by_nbgrader(not_graded: Course, tmp_path_factory: pytest.TempPathFactory) -> Grades:
    """The grades that nbgrader itself gives the class."""
    course = copy_of(not_graded, tmp_path_factory.mktemp("stock"))
    for assignment in (QUICKSTART, EVERYTHING):
        nbgrader(course, "autograde", assignment)
    return grades(course)


@dataclass(frozen=True)
class Graded:
    """The class as we graded it; `results` is what the command line wrote as JSON, by assignment."""

    course: Course
    results: Mapping[str, Any]


@pytest.fixture(scope="module")
def by_us(not_graded: Course, tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The class as we grade it: in the sandbox, and with nothing that nbgrader made before."""
    course = copy_of(not_graded, tmp_path_factory.mktemp("ours"))
    (course.root / "gradebook.db").unlink()
    shutil.rmtree(course.released)
    results = {name: grade(course, name, "--sandbox", "strict") for name in (QUICKSTART, EVERYTHING)}
    return Graded(course, results)


@pytest.fixture
def ordinary(not_graded: Course, tmp_path: Path) -> Course:
    """The class before grading, for one test alone."""
    return copy_of(not_graded, tmp_path)


def copy_of(course: Course, folder: Path) -> Course:
    return find_course(Path(shutil.copytree(course.root, folder / "course101")))


def assert_same_grades(expected: Grades, got: Grades) -> None:
    differ = {place: (said, got.get(place)) for place, said in expected.items() if said != got.get(place)}
    # Where a notebook was not sent at all, nbgrader leaves out its "No response."
    unsent = {place for place in differ if place[1:3] == ("one-notebook", "Part 2") and place[-1] == "comment"}
    assert {place: both for place, both in differ.items() if place not in unsent} == {}
    assert got.keys() == expected.keys()


@pytest.mark.slow
def test_points_equal_stock_nbgraders_cell_by_cell(by_nbgrader: Grades, by_us: Graded) -> None:
    assert_same_grades(by_nbgrader, grades(by_us.course))
    points = {said[0] for place, said in by_nbgrader.items() if place[-1] == "grade"}
    assert points >= {None, 0.0, 0.25, 0.5, 0.75, 1.0, 2.5}  # the class is no easy one


@pytest.mark.slow
def test_a_gradebook_that_nbgrader_made_is_gone_on_with(by_nbgrader: Grades, ordinary: Course) -> None:
    for assignment in (QUICKSTART, EVERYTHING):
        grade(ordinary, assignment)
    assert_same_grades(by_nbgrader, grades(ordinary))


@pytest.mark.slow
def test_each_learner_has_one_row_and_verdicts_are_marked_self_reported(by_us: Graded) -> None:
    results = by_us.results[EVERYTHING]
    assert {row["student"]: row["status"] for row in results["submissions"]} == dict.fromkeys(
        ("all-right", "in-own-way", "not-begun", "one-notebook"), "graded"
    )
    row = row_of(results, "all-right")
    tests = [cell for cell in PART_1 + PART_2 if (grade_id(cell) or "").startswith("test_")]
    total = sum(cell.metadata.nbgrader.points for cell in tests)
    assert (row["score"], row["max_score"]) == (total - 1, total)  # one test has 0.0 as its result
    assert [item["name"] for item in row["exercises"]] == [grade_id(cell) for cell in tests]
    assert {item["tier"] for item in row["exercises"]} == {"self-reported"}
    assert row_of(results, "one-notebook")["problems"] == ["Part 2.ipynb was not handed in; what it asks for counts 0."]


@pytest.mark.slow
def test_graders_see_all_that_was_written_and_feedback_hides_hidden_tests(by_us: Graded) -> None:
    folder = by_us.course.autograded / "in-own-way" / EVERYTHING
    shown = "\n".join(cell.source for cell in nbformat.read(folder / "Part 2.ipynb", as_version=4).cells)
    for written in ("My plot shows it.", "My name is Ada.", "and so does this", "2 points for labels", "from mytools"):
        assert written in shown
    assert (folder / "data" / "table.csv").is_file()
    assert not (folder / "mytools.py").exists()  # a kernel that a grader opens here would import it
    nbgrader(by_us.course, "generate_feedback", EVERYTHING, "--student", "one-notebook")
    page = (by_us.course.feedback / "one-notebook" / EVERYTHING / "Part 1.html").read_text()
    for said in ('aria-label="Not yet: test_mean"', "AssertionError: floats too", "self-reported"):
        assert said in page
    for hidden in ("HIDDEN TESTS", "isclose"):
        assert hidden not in page


@pytest.mark.slow
def test_a_fatal_answer_costs_an_ordinary_test_its_own_points_only(ordinary: Course) -> None:
    shutil.rmtree(ordinary.submitted)
    (ordinary.root / "nbgrader_config.py").open("a").write("\nc.Execute.timeout = 3\n")
    for student, answer in (("loop", "while True: pass"), ("exit", "import os; os._exit(0)")):
        hand_in(ordinary, QUICKSTART, student, {**SQUARES, "sum_of_squares": f"def sum_of_squares(n):\n    {answer}"})
    results = grade(ordinary, QUICKSTART)
    expected = {"correct_squares": "correct", "squares_invalid_input": "correct"}
    for student, fatal in (("loop", "timeout"), ("exit", "error")):
        assert statuses(row_of(results, student)) == {
            **expected,
            "correct_sum_of_squares": fatal,
            "sum_of_squares_uses_squares": fatal,
        }


LESSON = "01_loop_by_hand"


@pytest.mark.slow
def test_nbgrader_autograde_gives_a_lesson_the_grades_that_we_give(
    course: Course, lessons: Mapping[str, Lesson], tmp_path: Path
) -> None:
    lesson = lessons[LESSON]
    given, right = released(lesson.notebook), reference_sources(lesson)
    wrong = next(item for item in lesson.mistakes if item.name == "missing_factor_two")
    submit(course, LESSON, "all-right", fill(given, right))
    submit(course, LESSON, "wrong-gradient", fill(given, {**right, wrong.exercise: answer_source(lesson, wrong)}))
    submit(course, LESSON, "not-begun", given)
    submit(course, LESSON, "forged", fill(given, {"mse": "def check(name):\n    return 0.5"}))
    submit(
        course, LESSON, "noisy", fill(given, {**right, "mse": f"import warnings\nwarnings.warn('!')\n{right['mse']}"})
    )
    ours = find_course(Path(shutil.copytree(course.root, tmp_path / "ours")))
    grade(ours, LESSON)

    nbgrader(course, "generate_assignment", LESSON)
    nbgrader(course, "autograde", LESSON)

    assert grades(course) == grades(ours)
    assert totals(course) == totals(ours)
    assert totals(ours)["forged"] == totals(ours)["not-begun"] == 0
    assert totals(ours)["all-right"] == sum(exercise.points for exercise in lesson.exercises.values())
    for student in totals(ours):
        assert sources(course, student) == sources(ours, student)


def totals(course: Course) -> dict[str, float]:
    with Gradebook(course.db_url) as gradebook:
        return {one.student.id: one.score for one in gradebook.find_assignment(LESSON).submissions}


def sources(course: Course, student: str) -> list[str]:
    path = course.autograded / student / LESSON / f"{LESSON}.ipynb"
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


@pytest.mark.slow
def test_nbgrader_autograde_gives_no_zero_to_what_needs_a_person(
    course: Course, lessons: Mapping[str, Lesson], tmp_path: Path
) -> None:
    given = released(lessons[LESSON].notebook)
    submit(course, LESSON, "ann", given)
    os.link(submit(course, LESSON, "bob", given), tmp_path / "another-name")  # which we refuse to read
    nbgrader(course, "generate_assignment", LESSON)
    with pytest.raises(subprocess.CalledProcessError) as failure:
        nbgrader(course, "autograde", LESSON)
    assert "bob: " in failure.value.stderr
    assert "is a hard link" in failure.value.stderr
    found = grades(course)
    assert found[LESSON, "ann", LESSON, "check_mse", "grade"][0] == 0.0
    assert found[LESSON, "bob", LESSON, "check_mse", "grade"][0] is None
