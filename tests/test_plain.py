"""Plain: what ordinary assignments look like in the wild is read; what cannot be graded is refused with a sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode, v4

from autograder.authoring.course import Course, find_course
from autograder.authoring.sources import SourceError, grade_id
from autograder.grading import plain
from autograder.grading.grade import Assignment
from tests.grading import cli, grade, row_of, statuses, submit
from tests.ordinary_course import code, marked, solution, test, text

HOMEWORK = "homework"
CELLS = [
    text("# Homework"),
    solution("double", "def double(x):\n    return 2 * x"),
    test("test_double", 1, "assert double(2) == 4"),
]


OF_NBGRADER = {"timestamp.txt", "submission_secret.txt"}  # without them it releases nobody's feedback


@pytest.fixture
def bare_course(tmp_path: Path) -> Course:
    """A course of one assignment whose folder is empty."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    (tmp_path / "source" / HOMEWORK).mkdir(parents=True)
    return find_course(tmp_path)


def write(course: Course, cells: list[NotebookNode], name: str = HOMEWORK, **metadata: Any) -> Path:
    path = course.solutions / HOMEWORK / f"{name}.ipynb"
    notebook = v4.new_notebook(cells=[nbformat.from_dict(cell) for cell in cells], metadata=metadata)
    path.write_text(nbformat.writes(notebook))
    return path


def prepared(course: Course) -> tuple[Assignment, ...]:
    return plain.prepare(course, course.lesson_folder(HOMEWORK))


def given_sources(assignment: Assignment) -> dict[str | None, str]:
    return {grade_id(cell): cell.source for cell in assignment.given.cells if grade_id(cell)}


def of_schema(version: int) -> list[NotebookNode]:
    """The cells as nbgrader marked them in former years."""
    former: dict[int, dict[str, Any]] = {
        0: {"points": "1"},
        1: {"schema_version": 1, "locked": True, "points": 1},
        2: {"schema_version": 2, "locked": True, "points": 1},
    }
    cells = [
        solution("double", "def double(x):\n    return 2 * x"),
        test("test_double", 1, "assert double(2) == 4"),
    ]
    for cell, solves in zip(cells, (True, False), strict=True):
        marks = {"grade_id": cell.metadata.nbgrader.grade_id, "solution": solves, "grade": not solves, "locked": False}
        cell.metadata["nbgrader"] = marks | former[version]
        if solves:
            del cell.metadata["nbgrader"]["points"]
    return cells


@pytest.mark.parametrize("version", [0, 1, 2])
def test_marks_of_former_years_are_understood(version: int, bare_course: Course) -> None:
    write(bare_course, of_schema(version))
    (assignment,) = prepared(bare_course)
    assert "raise NotImplementedError()" in given_sources(assignment)["double"]
    assert given_sources(assignment)["test_double"] == "assert double(2) == 4"


@pytest.mark.parametrize("name", ["python3", "xpython", "python2", "Python [Root]", "conda-env-course-py"])
def test_any_kernel_for_python_will_do(name: str, bare_course: Course) -> None:
    write(bare_course, CELLS, kernelspec={"name": name, "display_name": name, "language": "python"})
    assert len(prepared(bare_course)) == 1


def test_a_notebook_says_nothing_of_its_language_and_is_taken_for_python(bare_course: Course) -> None:
    write(bare_course, CELLS)
    assert len(prepared(bare_course)) == 1


def nested() -> list[NotebookNode]:
    return [solution("double", "### BEGIN SOLUTION\npass")]


REFUSED: dict[str, tuple[Callable[[Course], object], str]] = {
    "another language": (
        lambda course: write(course, CELLS, kernelspec={"name": "ir", "display_name": "R", "language": "R"}),
        "it is written in R; only Python is graded here",
    ),
    "another language, said elsewhere": (
        lambda course: write(course, CELLS, language_info={"name": "julia"}),
        "it is written in julia",
    ),
    "an id given twice": (
        lambda course: write(course, [*CELLS, test("test_double", 1, "assert True")]),
        "Notebook failed to validate",
    ),
    "a solution in a solution": (lambda course: write(course, nested()), "nested begin solution"),
    "a hidden test without an end": (
        lambda course: write(course, [test("t", 1, "### BEGIN HIDDEN TESTS\nassert 1")]),
        "No end hidden tests statement",
    ),
    "no notebook": (
        lambda course: (course.solutions / HOMEWORK / f"{HOMEWORK}.ipynb").write_text("print('hello')"),
        "homework.ipynb",
    ),
    "a lesson that lost its mistakes": (
        lambda course: write(course, [*CELLS, test("check_mse", 1, 'check("mse")')]),
        "mistakes.py is missing",
    ),
}


@pytest.mark.parametrize(("put", "said"), REFUSED.values(), ids=REFUSED.keys())
def test_what_cannot_be_graded_is_refused_with_the_file_and_the_reason(
    put: Callable[[Course], object], said: str, bare_course: Course
) -> None:
    put(bare_course)
    with pytest.raises(SourceError) as refusal:
        prepared(bare_course)
    assert said in str(refusal.value)
    assert str(bare_course.solutions / HOMEWORK / HOMEWORK) in str(refusal.value)


def test_a_refusal_reaches_the_command_line_as_a_sentence(bare_course: Course) -> None:
    write(bare_course, nested())
    submit(bare_course, HOMEWORK, "ann", v4.new_notebook())
    done = cli("grade", HOMEWORK, folder=bare_course.root)
    assert done.returncode == 2
    assert "nested begin solution" in done.stderr
    assert "Traceback" not in done.stderr


def test_delimiters_and_stubs_are_those_of_the_course(bare_course: Course) -> None:
    (bare_course.root / "nbgrader_config.py").write_text(
        "c = get_config()\nc.ClearSolutions.begin_solution_delimeter = '# >>>'\n"
        "c.ClearSolutions.end_solution_delimeter = '# <<<'\nc.ClearSolutions.code_stub = {'python': '...'}\n"
    )
    write(bare_course, [marked(code("def f():\n    # >>>\n    return 1\n    # <<<"), "f", solution=True)])
    (assignment,) = prepared(find_course(bare_course.root))
    assert given_sources(assignment)["f"] == "def f():\n    ..."


def test_a_courses_own_check_function_is_an_ordinary_test(bare_course: Course) -> None:
    path = write(bare_course, [code("def check(name):\n    return 0.5"), test("like_ours", 2, 'check("something")')])
    submit(bare_course, HOMEWORK, "ann", path.read_text())
    (found,) = row_of(grade(bare_course, HOMEWORK), "ann")["exercises"]
    assert (found["name"], found["points"], found["tier"]) == ("like_ours", 0.5, "self-reported")


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", ["strict", "off"])
def test_files_lie_beside_the_notebook_and_links_do_not(bare_course: Course, sandbox: str, tmp_path: Path) -> None:
    folder = bare_course.solutions / HOMEWORK
    large = b"x" * (9 << 20)
    (folder / "data").mkdir()
    (folder / "data" / "large.bin").write_bytes(large)
    (folder / "data" / "small.txt").write_text("small")
    (folder / "given.txt").write_text("the instructor's")
    (tmp_path / "secret.txt").write_text("not sent")
    path = write(
        bare_course,
        [
            test("large", 1, f"assert len(open('data/large.bin').read()) == {len(large)}"),
            test("small", 1, "assert open('data/small.txt', 'r+').read() == 'small'"),
            test("given", 1, "assert open('given.txt').read() == \"the instructor's\""),
            test("sent", 1, "from mine.tools import ANSWER\nassert ANSWER == 42"),
            test("links", 1, "import os\nassert not {'secret.txt', 'hard.txt'} & set(os.listdir())"),
            test("too_large", 1, "assert not os.path.exists('huge.bin')"),
        ],
    )
    sent = submit(bare_course, HOMEWORK, "ann", path.read_text()).parent
    (sent / "mine").mkdir()
    (sent / "mine" / "tools.py").write_text("ANSWER = 42")
    (sent / "given.txt").write_text("the learner's")
    (sent / "secret.txt").symlink_to(tmp_path / "secret.txt")
    os.link(tmp_path / "secret.txt", sent / "hard.txt")
    (sent / "huge.bin").write_bytes(large)
    (sent / "data").write_text("in the way of a folder")
    row = row_of(grade(bare_course, HOMEWORK, "--sandbox", sandbox), "ann")
    assert set(statuses(row).values()) == {"correct"}
    assert row["problems"] == ["Files beside the notebook were left out, for they are too large or too many: huge.bin."]
    graded = bare_course.autograded / "ann" / HOMEWORK
    assert (graded / "given.txt").read_text() == "the instructor's"
    assert {path.name for path in graded.iterdir()} == {f"{HOMEWORK}.ipynb", "given.txt", "data", *OF_NBGRADER}


@pytest.mark.slow
def test_a_file_in_the_way_of_a_given_folder_stops_nothing(bare_course: Course) -> None:
    folder = bare_course.solutions / HOMEWORK / "data"
    folder.mkdir()
    (folder / "table.csv").write_text("1,2")
    path = write(bare_course, [test("given", 1, "assert open('data/table.csv').read() == '1,2'")])
    for place in (
        submit(bare_course, HOMEWORK, "ann", path.read_text()).parent,
        bare_course.autograded / "ann" / HOMEWORK,
    ):
        place.mkdir(parents=True, exist_ok=True)
        (place / "data").write_text("a file")
    assert statuses(row_of(grade(bare_course, HOMEWORK), "ann")) == {"given": "correct"}


@pytest.mark.slow
def test_equal_ids_in_two_notebooks_are_told_apart(bare_course: Course) -> None:
    for name, source in (("one", "assert True"), ("two", "assert False")):
        path = write(bare_course, [test("the_test", 1, source)], name)
        folder = bare_course.submitted / "ann" / HOMEWORK
        folder.mkdir(parents=True, exist_ok=True)
        (folder / path.name).write_text(path.read_text())
    row = row_of(grade(bare_course, HOMEWORK), "ann")
    assert statuses(row) == {"one/the_test": "correct", "two/the_test": "wrong"}
    assert (row["score"], row["max_score"]) == (1, 2)


@pytest.mark.slow
def test_what_a_test_prints_never_hides_how_it_ended(bare_course: Course) -> None:
    loud = "for _ in range(30_000):\n    print('x' * 100)\n"
    cells = [
        test("fails", 1, f"{loud}assert False"),
        test("in_part", 1, f"{loud}0.5"),
        test("says_so", 1, "!echo hello"),
    ]
    submit(bare_course, HOMEWORK, "ann", write(bare_course, cells).read_text())
    row = row_of(grade(bare_course, HOMEWORK), "ann")
    assert [item["points"] for item in row["exercises"]] == [0, 0.5, 1]


@pytest.mark.slow
@pytest.mark.parametrize("nothing", ["None", "lambda *args, **kwargs: None"])
def test_a_test_whose_error_is_not_shown_has_failed_all_the_same(bare_course: Course, nothing: str) -> None:
    """Two attempts from nbgrader's own test suite, which it withstands."""
    path = write(bare_course, [solution("f", "pass"), test("test_f", 1, "assert f() == 1")])
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[
        0
    ].source = f"import IPython\nIPython.core.interactiveshell.InteractiveShell.showtraceback = {nothing}"
    submit(bare_course, HOMEWORK, "mallory", notebook)
    row = row_of(grade(bare_course, HOMEWORK), "mallory")
    assert row["score"] == 0
    assert "what shows errors was replaced" in row["exercises"][0]["message"]


@pytest.mark.slow
def test_the_table_says_that_verdicts_are_self_reported(bare_course: Course) -> None:
    submit(bare_course, HOMEWORK, "ann", write(bare_course, CELLS).read_text())
    done = cli("grade", HOMEWORK, folder=bare_course.root)
    assert "self-reported" in done.stdout
