"""Grading a class end to end: files in, gradebook, notebooks and JSON out, through the command line."""

from __future__ import annotations

import copy
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, grade_id
from autograder.check import observe_in
from autograder.judge import judge
from autograder.key import load
from autograder.verdict import Status
from tests.conftest import LESSON_NAMES
from tests.grading import cli, grade, row_of, statuses, submit

LESSON = "01_loop_by_hand"


@pytest.fixture
def lesson(lessons: Mapping[str, Lesson]) -> Lesson:
    return lessons[LESSON]


@pytest.fixture
def solved(lesson: Lesson) -> NotebookNode:
    return fill(released(lesson.notebook), reference_sources(lesson))


def position(notebook: NotebookNode, name: str) -> int:
    return next(index for index, cell in enumerate(notebook.cells) if grade_id(cell) == name)


def with_answer(notebook: NotebookNode, name: str, source: str) -> NotebookNode:
    changed = copy.deepcopy(notebook)
    changed.cells[position(changed, name)].source = source
    return changed


def graded_notebook(course: Course, student: str) -> NotebookNode:
    return nbformat.read(course.autograded / student / LESSON / f"{LESSON}.ipynb", as_version=4)


@pytest.mark.slow
def test_honest_work_survives_what_happens_to_files(course: Course, lesson: Lesson, solved: NotebookNode) -> None:
    total = sum(exercise.points for exercise in lesson.exercises.values())
    mangled: dict[str, NotebookNode | bytes] = {"as-given": solved}

    noisy = copy.deepcopy(solved)
    noisy.cells.insert(
        1, nbformat.v4.new_code_cell("import warnings, sys\nwarnings.warn('careful')\nprint('!', file=sys.stderr)")
    )
    mangled["warnings"] = noisy

    colab = copy.deepcopy(solved)
    for cell in colab.cells:
        cell.metadata = nbformat.from_dict({"id": "abc"})
        cell.pop("id", None)
    colab.nbformat_minor = 0
    mangled["colab"] = colab

    without_checks = copy.deepcopy(solved)
    without_checks.cells = [cell for cell in without_checks.cells if not (grade_id(cell) or "").startswith("check_")]
    mangled["no-check-cells"] = without_checks

    shuffled = copy.deepcopy(solved)
    shuffled.cells.reverse()
    mangled["reversed"] = shuffled

    crashing = copy.deepcopy(solved)
    crashing.cells.append(nbformat.v4.new_code_cell("import os; os._exit(1)"))
    mangled["crash-at-the-end"] = crashing

    mangled["bom"] = b"\xef\xbb\xbf" + nbformat.writes(solved).encode()
    for student, notebook in mangled.items():
        submit(course, LESSON, student, notebook)

    results = grade(course, LESSON)

    assert {row["student"]: (row["score"], row["status"]) for row in results["submissions"]} == dict.fromkeys(
        mangled, (total, "graded")
    )


@pytest.mark.slow
def test_what_follows_from_a_wrong_gradient_is_credited(course: Course, lesson: Lesson, solved: NotebookNode) -> None:
    wrong = next(
        item for item in lesson.mistakes if (item.exercise, item.name) == ("mse_gradient", "missing_factor_two")
    )
    submit(course, LESSON, "ann", with_answer(solved, "mse_gradient", answer_source(lesson, wrong)))
    row = row_of(grade(course, LESSON), "ann")
    found = {item["name"]: item for item in row["exercises"]}
    assert (found["mse_gradient"]["status"], found["mse_gradient"]["diagnosis"]) == ("wrong", "missing_factor_two")
    assert found["train"]["status"] == "correct"
    assert "follows from your `mse_gradient`" in found["train"]["message"]
    assert row["score"] == row["max_score"] - lesson.exercises["mse_gradient"].points


def test_what_cannot_be_graded_has_a_row_and_needs_a_person(course: Course) -> None:
    submit(course, LESSON, "homework", b"This is my homework.")
    (course.submitted / "empty" / LESSON).mkdir(parents=True)
    results = grade(course, LESSON)
    assert {row["student"]: row["status"] for row in results["submissions"]} == {
        "homework": "rejected",
        "empty": "rejected",
    }
    assert "no JSON" in row_of(results, "homework")["problems"][0]
    assert set(statuses(row_of(results, "homework")).values()) == {"not_graded"}
    with Gradebook(course.db_url) as gradebook:
        assert gradebook.find_submission(LESSON, "homework").needs_manual_grade
    assert cli("grade", LESSON, folder=course.root).returncode == 1


@pytest.mark.slow
def test_graded_notebooks_hold_our_card_and_one_float(course: Course, lesson: Lesson, solved: NotebookNode) -> None:
    forged = with_answer(solved, "stable_learning_rate", "def stable_learning_rate(X):\n    return 0.0\n100.0")
    submit(course, LESSON, "ann", forged)
    grade(course, LESSON)
    cells = {grade_id(cell): cell for cell in graded_notebook(course, "ann").cells}
    for name, exercise in lesson.exercises.items():
        shown, points = cells[f"check_{name}"].outputs
        assert shown.output_type == "display_data"
        assert f"<code>{name}</code>" in shown.data["text/html"]
        assert points.output_type == "execute_result"
        assert float(points.data["text/plain"]) == (0.0 if name == "stable_learning_rate" else exercise.points)
    others = [cell for cell in graded_notebook(course, "ann").cells if not (grade_id(cell) or "").startswith("check_")]
    assert not [out for cell in others for out in cell.get("outputs", ()) if out.output_type == "execute_result"]


@pytest.mark.slow
@pytest.mark.parametrize("options", [[], ["--again"]])
def test_grading_again_keeps_a_persons_work(options: list[str], course: Course, solved: NotebookNode) -> None:
    path = submit(course, LESSON, "ann", solved)
    (path.parent / "timestamp.txt").write_text("2026-01-31 12:00:00.000000 UTC")
    grade(course, LESSON)
    with Gradebook(course.db_url) as gradebook:
        gradebook.update_or_create_assignment(LESSON, duedate="2026-01-31 11:00:00.000000 UTC")
        one = gradebook.find_grade("check_mse", LESSON, LESSON, "ann")
        one.manual_score, one.extra_credit = 0.5, 1.5
        gradebook.find_comment("mse", LESSON, LESSON, "ann").manual_comment = "Nicely done."
        gradebook.db.commit()
    (course.root / "nbgrader_config.py").open("a").write("\nc.LateSubmissionPlugin.penalty_method = 'zero'\n")

    grade(course, LESSON, *options)

    with Gradebook(course.db_url) as gradebook:
        one = gradebook.find_grade("check_mse", LESSON, LESSON, "ann")
        assert (one.manual_score, one.extra_credit) == (0.5, 1.5)
        assert one.needs_manual_grade == bool(options)  # a person's score on work that was graded anew
        assert gradebook.find_comment("mse", LESSON, LESSON, "ann").manual_comment == "Nicely done."
        submission = gradebook.find_submission(LESSON, "ann")
        assert submission.total_seconds_late == 3600
        assert submission.late_submission_penalty == submission.score


@pytest.mark.slow
def test_a_resubmission_keeps_a_persons_work_and_asks_them_to_look_again(
    course: Course, lesson: Lesson, solved: NotebookNode
) -> None:
    first = submit(course, LESSON, "ann", solved)
    (first.parent / "timestamp.txt").write_text("2026-01-31 12:00:00.000000 UTC")
    grade(course, LESSON)
    with Gradebook(course.db_url) as gradebook:
        one = gradebook.find_grade("check_mse", LESSON, LESSON, "ann")
        one.manual_score, one.extra_credit, one.needs_manual_grade = 0.5, 1.5, False
        gradebook.find_comment("mse", LESSON, LESSON, "ann").manual_comment = "Nicely done."
        gradebook.db.commit()

    wrong = next(item for item in lesson.mistakes if item.exercise == "mse_gradient")
    submit(course, LESSON, "ann", with_answer(solved, "mse_gradient", answer_source(lesson, wrong)))
    (first.parent / "timestamp.txt").write_text("2026-02-01 12:00:00.000000 UTC")
    row = row_of(grade(course, LESSON), "ann")

    with Gradebook(course.db_url) as gradebook:
        by_hand = gradebook.find_grade("check_mse", LESSON, LESSON, "ann")
        assert (by_hand.manual_score, by_hand.extra_credit, by_hand.needs_manual_grade) == (0.5, 1.5, True)
        assert gradebook.find_comment("mse", LESSON, LESSON, "ann").manual_comment == "Nicely done."
        assert gradebook.find_grade("check_mse_gradient", LESSON, LESSON, "ann").auto_score == 0
        assert gradebook.find_submission(LESSON, "ann").score == row["score"] - 2 + 0.5 + 1.5


@pytest.mark.slow
def test_stock_feedback_and_export_work_on_our_grades(course: Course, lesson: Lesson, solved: NotebookNode) -> None:
    from tests.stock import nbgrader

    wrong = next(item for item in lesson.mistakes if item.exercise == "mse_gradient")
    submit(course, LESSON, "ann", with_answer(solved, "mse_gradient", answer_source(lesson, wrong)))
    grade(course, LESSON)
    nbgrader(course, "generate_feedback", LESSON)
    page = (course.feedback / "ann" / LESSON / f"{LESSON}.html").read_text()
    assert 'aria-label="Not yet: mse_gradient"' in page
    assert page.count('aria-label="Correct:') == len(lesson.exercises) - 1
    assert "BEGIN SOLUTION" not in page
    right = reference_sources(lesson)["mse_gradient"].strip().splitlines()[-1].strip()
    assert right not in page
    nbgrader(course, "export", "--to", "grades.csv")
    (line,) = [line for line in (course.root / "grades.csv").read_text().splitlines() if "ann" in line]
    assert LESSON in line


def test_only_named_learners_are_graded(course: Course, solved: NotebookNode) -> None:
    for student in ("ann", "bob"):
        submit(course, LESSON, student, solved)
    assert [row["student"] for row in grade(course, LESSON, "--student", "bob")["submissions"]] == ["bob"]


def test_the_secret_keys_of_each_run_are_kept_for_the_instructor_alone(
    course: Course, lesson: Lesson, solved: NotebookNode
) -> None:
    submit(course, LESSON, "ann", solved)
    seeds = []
    for options in ([], ["--again"]):
        grade(course, LESSON, *options)
        folder = course.root / "grading" / LESSON / graded_notebook(course, "ann").metadata.autograder["run"]
        kept = {path.stem: load(path) for path in folder.glob("*.npz")}
        assert set(kept) == set(lesson.exercises)
        assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
        assert {place.stat().st_mode & 0o777 for place in (folder, folder.parent, folder.parent.parent)} == {0o700}
        seeds.append(kept["mse"].seeds)
        reference = observe_in(lesson.exercises["mse"], lesson.references(), kept["mse"].seeds)
        assert judge(lesson.exercises["mse"], kept["mse"], reference).status is Status.CORRECT
    assert set(seeds[0]).isdisjoint(seeds[1])


def test_each_graded_notebook_says_whether_there_was_a_sandbox(course: Course, solved: NotebookNode) -> None:
    submit(course, LESSON, "ann", solved)
    for mode in ("strict", "off"):
        grade(course, LESSON, "--sandbox", mode)
        assert graded_notebook(course, "ann").metadata.autograder["sandbox"] == mode


BAD_INPUT: dict[str, tuple[Callable[[Course], list[str]], str]] = {
    "unknown lesson": (lambda course: ["grade", "01_lop"], f"the lessons are: {', '.join(LESSON_NAMES)}"),
    "nothing submitted": (lambda course: ["grade", LESSON], "There is nothing to grade"),
    "no course": (lambda course: ["grade", LESSON, "--course-dir", "/"], "holds no nbgrader_config.py"),
    "unknown command": (lambda course: ["grad"], "No such command"),
    "a folder of something else": (lambda course: ["demo", str(course.solutions)], "no demo wrote"),
}


@pytest.mark.parametrize(("arguments", "said"), BAD_INPUT.values(), ids=BAD_INPUT.keys())
def test_bad_input_gets_a_sentence_and_exit_code_2(
    arguments: Callable[[Course], list[str]], said: str, course: Course
) -> None:
    done = cli(*arguments(course), folder=course.root)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_a_broken_configuration_gets_a_sentence(course: Course) -> None:
    (course.root / "nbgrader_config.py").write_text("c = get_config(\n")
    done = cli("grade", LESSON, folder=course.root)
    assert done.returncode == 2
    assert "cannot be read (SyntaxError" in done.stderr


def test_a_course_is_found_from_a_folder_inside_it(course: Course) -> None:
    done = cli("grade", LESSON, folder=course.solutions / LESSON)
    assert "There is nothing to grade" in done.stderr


@pytest.mark.slow
def test_the_database_is_whole_after_grading(course: Course, solved: NotebookNode) -> None:
    submit(course, LESSON, "ann", solved)
    grade(course, LESSON)
    with sqlite3.connect(course.root / "gradebook.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_lesson_whose_cells_changed_is_refused_before_anything_is_graded(
    course: Course, solved: NotebookNode
) -> None:
    submit(course, LESSON, "ann", solved)
    grade(course, LESSON)
    path = course.solutions / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.append(copy.deepcopy(notebook.cells[position(notebook, "check_mse")]))
    notebook.cells[-1].metadata.nbgrader.grade_id = "check_mse_again"
    nbformat.write(notebook, path)
    done = cli("grade", LESSON, folder=course.root)
    assert done.returncode == 2
    assert "start a new database" in done.stderr


def test_demo_notebooks_are_as_deep_as_a_real_class() -> None:
    from autograder.authoring.sources import load_lesson
    from autograder.grading.demo import demo_class
    from tests.conftest import ROOT

    students = [student for student, _ in demo_class(load_lesson(ROOT / "solutions" / LESSON))]
    assert len(students) == len(set(students)) >= 20


@pytest.mark.slow
def test_the_demo_grades_its_class_and_writes_a_page(tmp_path: Path) -> None:
    done = cli("demo", tmp_path / "demo")
    assert done.returncode == 0, done.stderr
    path = tmp_path / "demo" / "reports" / f"{LESSON}.html"
    page = path.read_text()
    for said in ("endless-loop", "took too long", "follows from predict", "not-started"):
        assert said in page
    for said in ("no-notebook", "through-colab", "renamed-function"):
        assert said in done.stdout
    assert str(path) in done.stdout
    assert cli("demo", tmp_path / "demo").returncode == 0  # again, over its own folder
