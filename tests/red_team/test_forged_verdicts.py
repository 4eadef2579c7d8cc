"""Red team: nothing that a submission holds, in cells or metadata, gains a point or touches its neighbours.

Each attack starts from wrong answers to everything. A twin test shows that the attacks work on stock nbgrader
or on a checker in the learner's process, so that none of these passes for lack of an attack.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, grade_id
from tests.grading import grade, row_of, statuses, submit
from tests.stock import nbgrader

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
    for cell in notebook.cells:
        if cell.metadata.get("nbgrader", {}).get("grade"):
            cell.metadata.nbgrader.points = 1000


def swap_marks(notebook: NotebookNode) -> None:
    """Make the grade cells solution cells, and the other way round."""
    for cell in notebook.cells:
        if marks := cell.metadata.get("nbgrader"):
            marks.update(grade=marks.solution, solution=marks.grade, locked=False)


def forge_outputs(notebook: NotebookNode) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": "100.0"})]


def reverse_cells(notebook: NotebookNode) -> None:
    notebook.cells.reverse()


def double_check_cells(notebook: NotebookNode) -> None:
    for cell in [cell for cell in notebook.cells if (grade_id(cell) or "").startswith("check_")]:
        twin = copy.deepcopy(cell)
        twin.source = "100.0"
        notebook.cells.append(twin)


ATTACKS: dict[str, Callable[[NotebookNode], None]] = {
    "check cells that print a float": edit_checks("100.0"),
    "check cells that do nothing": edit_checks("pass"),
    "no check cells": delete_checks,
    "doubled check cells": double_check_cells,
    "skipped check cells": tag_checks_as_skipped,
    "more points in the metadata": raise_the_points,
    "swapped marks": swap_marks,
    "forged outputs": forge_outputs,
    "another order": reverse_cells,
    "a check of one's own": first_cell(
        "import autograder\nautograder.check = lambda name: 100.0\ncheck = autograder.check"
    ),
    "a patched allclose": first_cell(
        "import numpy as np\nfor f in ('allclose', 'array_equal', 'isclose'): setattr(np, f, lambda *a, **k: True)\n"
        "np.testing.assert_allclose = np.testing.assert_array_equal = lambda *a, **k: None"
    ),
    "a patched judge": first_cell(
        "import autograder.judge, autograder.comparison\n"
        "autograder.comparison.differences = autograder.judge.differences = lambda *a: []\n"
        "autograder.comparison.equal = autograder.judge.equal = lambda *a: True"
    ),
    "a replaced package": first_cell(
        "import sys, types\nfake = types.ModuleType('autograder')\nfake.check = lambda name: 100.0\nfake.hint = print\n"
        "sys.modules['autograder'] = sys.modules['autograder.check'] = fake"
    ),
    "an IPython hook": first_cell(
        "ip = get_ipython()\n"
        "def give(*a): ip.user_ns['check'] = lambda name: 100.0\n"
        "ip.events.register('pre_run_cell', give)\nip.events.register('post_run_cell', give)"
    ),
    "an AST transformer": first_cell(
        "import ast\n"
        "class T(ast.NodeTransformer):\n"
        "    def visit_Call(self, node):\n"
        "        return ast.Constant(100.0) if getattr(node.func, 'id', '') == 'check' else node\n"
        "get_ipython().ast_transformers.append(T())"
    ),
    "a display hook": first_cell(
        "import sys\nsys.displayhook = lambda value: print('100.0')\nget_ipython().displayhook = sys.displayhook"
    ),
    "answers that equal everything": first_cell(
        "import numpy as np\n"
        "class Yes(np.ndarray):\n"
        "    def __eq__(self, other): return True\n"
        "    def __sub__(self, other): return np.zeros(1)\n"
        "yes = np.zeros(3).view(Yes)\n"
        "def train(*a): return yes, yes\n"
        "def mse(*a): return yes"
    ),
    "a patched sender": first_cell(
        "import autograder.encoding as e, autograder.grading.kernel as k\n"
        "import __main__\n"
        'for m in (e, k, __main__): m.to_json = lambda seen: \'[[["the result",["text","correct"]]],["none"]]\''
    ),
    "answers from the public key": first_cell(
        "from autograder.key import load_public\nfrom autograder.check import observe_in\n"
        "import autograder.exercise as x, __main__\n"
        "def steal(exercise, namespace, seeds):\n"
        "    return list(load_public('loop_by_hand', exercise.name).reference)[:len(seeds)]\n"
        "__main__.observe_in = steal\n"
        "import sys; sys.modules['autograder.check'].observe_in = steal"
    ),
    "another generator": first_cell(
        "import numpy as np\nclass Still:\n    def __getattr__(self, name): return lambda *a, **k: np.zeros(3)\n"
        "np.random.default_rng = lambda *a: Still()"
    ),
    "dying before the check": first_cell("import atexit, os, threading\nthreading.Timer(0.01, os._exit, (0,)).start()"),
    "an early exit": first_cell("import sys\nprint('100.0')\nsys.exit(0)"),
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

    results = grade(course, LESSON)

    gained = {
        title: row_of(results, f"attack-{number:02d}")["score"]
        for number, title in enumerate(ATTACKS)
    }  # fmt: skip
    assert gained == dict.fromkeys(ATTACKS, 0)
    assert row_of(results, "wrong")["score"] == 0
    assert set(statuses(row_of(results, "honest")).values()) == {"correct"}


WORK_ON_STOCK = [
    "check cells that do nothing",
    "a check of one's own",
    "a replaced package",
    "an AST transformer",
    "skipped check cells",
]


@pytest.mark.full
@pytest.mark.parametrize("title", WORK_ON_STOCK)
def test_the_attack_works_on_stock_nbgrader(title: str, course: Course, lessons: Mapping[str, Lesson]) -> None:
    """Stock nbgrader believes what the kernel says."""
    notebook = wrong_everywhere(lessons[LESSON])
    ATTACKS[title](notebook)
    submit(course, LESSON, "mallory", notebook)
    nbgrader(course, "generate_assignment", LESSON, "--force")
    # nbgrader overwrites locked cells and marks, so these attacks go through what it leaves to the learner.
    nbgrader(course, "autograde", LESSON, "--create", "--student", "mallory")
    nbgrader(course, "export", "--to", "grades.csv")
    header, line = (course.root / "grades.csv").read_text().splitlines()[:2]
    row = dict(zip(header.split(","), line.split(","), strict=True))
    assert float(row["score"]) > 0
