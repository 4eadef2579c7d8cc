"""Red team: nothing that a submission holds, in cells or metadata, gains a point or touches its neighbours.

Each attack starts from wrong answers to everything. Twin tests show that each works on a grader that runs a notebook
as it was sent and reads the points from what its check cells show, and some on stock nbgrader as a whole.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.utils import determine_grade, is_grade

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, grade_id
from autograder.grading.kernels import FreshInterpreters
from autograder.grading.runner import Died, Limits, Ran, RunCell, run
from tests.grading import grade, row_of, statuses, submit
from tests.stock import leave_nbgrader_to_itself, nbgrader

LESSON = "01_loop_by_hand"


def edit_checks(source: str) -> Callable[[NotebookNode], None]:
    def attack(notebook: NotebookNode) -> None:
        for cell in notebook.cells:
            if (grade_id(cell) or "").startswith("check_"):
                cell.source = source

    return attack


def first_cell(source: str) -> Callable[[NotebookNode], None]:
    def attack(notebook: NotebookNode) -> None:
        notebook.cells.insert(0, nbformat.v4.new_code_cell(source))

    return attack


def delete_checks(notebook: NotebookNode) -> None:
    notebook.cells = [cell for cell in notebook.cells if not (grade_id(cell) or "").startswith("check_")]


def tag_checks_as_skipped(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata["tags"] = ["skip-execution", "demo", "raises-exception"]


def raise_the_points(notebook: NotebookNode) -> None:
    edit_checks("pass")(notebook)
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.nbgrader.points = 1000


def swap_marks(notebook: NotebookNode) -> None:
    """Make the grade cells solution cells, and the other way round."""
    for cell in notebook.cells:
        if marks := cell.metadata.get("nbgrader"):
            marks.update(grade=marks.solution, solution=marks.grade, locked=False, points=5)


def forge_outputs(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "1.0"})]


def double_check_cells(notebook: NotebookNode) -> None:
    for cell in [cell for cell in notebook.cells if (grade_id(cell) or "").startswith("check_")]:
        twin = copy.deepcopy(cell)
        twin.source = "1.0"
        notebook.cells.append(twin)


ATTACKS: dict[str, Callable[[NotebookNode], None]] = {
    "check cells that print a float": edit_checks("1.0"),
    "check cells that do nothing": edit_checks("pass"),
    "no check cells": delete_checks,
    "doubled check cells": double_check_cells,
    "skipped check cells": tag_checks_as_skipped,
    "more points in the metadata": raise_the_points,
    "swapped marks": swap_marks,
    "forged outputs": forge_outputs,
    "a check of one's own": first_cell(
        "import autograder\nautograder.check = lambda name: 1.0\ncheck = autograder.check"
    ),
    "a patched judge": first_cell(
        "import autograder.judge, autograder.comparison\n"
        "autograder.comparison.differences = autograder.judge.differences = lambda *a: []\n"
        "autograder.comparison.equal = autograder.judge.equal = lambda *a: True"
    ),
    "a replaced package": first_cell(
        "import sys, types\nfake = types.ModuleType('autograder')\nfake.check = lambda name: 1.0\nfake.hint = print\n"
        "sys.modules['autograder'] = sys.modules['autograder.check'] = fake"
    ),
    "an IPython hook": first_cell(
        "ip = get_ipython()\n"
        "def give(*a): ip.user_ns['check'] = lambda name: 1.0\n"
        "ip.events.register('pre_run_cell', give)\nip.events.register('post_run_cell', give)"
    ),
    "an AST transformer": first_cell(
        "import ast\n"
        "class T(ast.NodeTransformer):\n"
        "    def visit_Call(self, node):\n"
        "        return ast.Constant(1.0) if getattr(node.func, 'id', '') == 'check' else node\n"
        "get_ipython().ast_transformers.append(T())"
    ),
    "a display hook": first_cell("get_ipython().display_trap.hook = lambda value: print('1.0')"),
    "answers from the public key": first_cell(
        "from autograder.key import load_public\nfrom autograder.check import observe_in\n"
        "import autograder.exercise as x, __main__\n"
        "def steal(exercise, namespace, seeds, *rest):\n"
        "    return list(load_public('loop_by_hand', exercise.name).reference)[:len(seeds)]\n"
        "__main__.observe_in = steal\n"
        "import sys; sys.modules['autograder.check'].observe_in = steal"
    ),
    "dying before the check": first_cell("import atexit, os, threading\nthreading.Timer(0.01, os._exit, (0,)).start()"),
    "an early exit": first_cell("import os\nprint('1.0')\nos._exit(0)"),
}


def wrong_everywhere(lesson: Lesson) -> NotebookNode:
    wrong = {name: f"def {name}(*arguments):\n    return 0.123" for name in lesson.exercises}
    return fill(released(lesson.notebook), wrong)


@pytest.mark.slow
def test_no_attack_gains_a_point_and_neighbours_keep_theirs(course: Course, lessons: Mapping[str, Lesson]) -> None:
    lesson = lessons[LESSON]
    for number, attack in enumerate(ATTACKS.values()):
        notebook = wrong_everywhere(lesson)
        attack(notebook)
        submit(course, LESSON, f"attack-{number:02d}", notebook)
    submit(course, LESSON, "wrong", wrong_everywhere(lesson))
    submit(course, LESSON, "honest", fill(released(lesson.notebook), reference_sources(lesson)))

    results = grade(course, LESSON, "--sandbox", "strict")

    gained = {
        title: row_of(results, f"attack-{number:02d}")["score"]
        for number, title in enumerate(ATTACKS)
    }  # fmt: skip
    assert gained == dict.fromkeys(ATTACKS, 0)
    assert row_of(results, "wrong")["score"] == 0
    assert set(statuses(row_of(results, "honest")).values()) == {"correct"}


def score_as_sent(notebook: NotebookNode, lesson: Lesson) -> float:
    """The points that a trusting grader gives: all of them, less what check cells that it finds say was lost."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    to_run = [cell for cell in code if "skip-execution" not in cell.metadata.get("tags", [])]
    kernels = FreshInterpreters(lesson.module_name)
    results = run([RunCell(cell.source) for cell in to_run], kernels, Limits(step_seconds=10.0, total_seconds=60.0))
    kernels.close()
    ended = next((index for index, result in enumerate(results) if isinstance(result, Died)), len(results))
    results[ended:] = [Ran(())] * (len(results) - ended)  # it knows of no second try
    for cell, result in zip(to_run, results, strict=True):
        cell.outputs = [nbformat.from_dict(output) for output in result.outputs] if isinstance(result, Ran) else []
    return score_as_saved(notebook, lesson)


def score_as_saved(notebook: NotebookNode, lesson: Lesson) -> float:
    found = {cell.metadata.nbgrader.grade_id: cell for cell in notebook.cells if is_grade(cell)}
    lost = [points - got for got, points in map(determine_grade, found.values()) if got is not None]
    gained = [points for _, points in map(determine_grade, found.values())]
    return max(sum(exercise.points for exercise in lesson.exercises.values()), sum(gained)) - sum(lost)


@pytest.mark.slow
def test_a_grader_that_runs_it_as_it_was_sent_gives_nothing_for_wrong_answers(lessons: Mapping[str, Lesson]) -> None:
    assert score_as_sent(wrong_everywhere(lessons[LESSON]), lessons[LESSON]) == 0


@pytest.mark.slow
@pytest.mark.parametrize("title", ATTACKS)
def test_the_attack_works_on_a_grader_that_runs_it_as_it_was_sent(title: str, lessons: Mapping[str, Lesson]) -> None:
    notebook = wrong_everywhere(lessons[LESSON])
    ATTACKS[title](notebook)
    grade_it = score_as_saved if title == "forged outputs" else score_as_sent
    assert grade_it(notebook, lessons[LESSON]) > 0


WORK_ON_STOCK = ["a check of one's own", "a replaced package", "an AST transformer", "skipped check cells"]


@pytest.mark.full
@pytest.mark.parametrize("title", WORK_ON_STOCK)
def test_the_attack_works_on_stock_nbgrader(title: str, course: Course, lessons: Mapping[str, Lesson]) -> None:
    """Stock nbgrader believes what the kernel says."""
    notebook = wrong_everywhere(lessons[LESSON])
    ATTACKS[title](notebook)
    submit(course, LESSON, "mallory", notebook)
    leave_nbgrader_to_itself(course)
    nbgrader(course, "generate_assignment", LESSON, "--force")
    # nbgrader overwrites locked cells and marks, so these attacks go through what it leaves to the learner.
    nbgrader(course, "autograde", LESSON, "--create", "--student", "mallory")
    nbgrader(course, "export", "--to", "grades.csv")
    header, line = (course.root / "grades.csv").read_text().splitlines()[:2]
    row = dict(zip(header.split(","), line.split(","), strict=True))
    assert float(row["score"]) > 0
