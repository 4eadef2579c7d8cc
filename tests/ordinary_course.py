"""An ordinary nbgrader course to grade: quickstart's own assignment, and one with all that real courses contain."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4

from autograder.authoring.course import Course, find_course
from autograder.authoring.sources import grade_id
from tests.stock import nbgrader_in

QUICKSTART = "ps1"
EVERYTHING = "hw 2"  # a space in the path


def make_course(folder: Path, *assignments: str) -> Course:
    """What `nbgrader quickstart` makes, with a second assignment beside its own; those named are released."""
    nbgrader_in(folder, "quickstart", "course101")
    course = find_course(folder / "course101")
    write_everything(course.solutions / EVERYTHING)
    for assignment in assignments:
        nbgrader_in(course.root, "generate_assignment", assignment)
    return course


def hand_in(
    course: Course, assignment: str, student: str, answers: Mapping[str, str], *, edit: Edit | None = None
) -> Path:
    """Hand in the released notebooks with `answers` (grade_id → source) in them; `edit` may change them further."""
    folder = course.submitted / student / assignment
    shutil.copytree(course.released / assignment, folder)
    for path in folder.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for cell in notebook.cells:
            cell.source = answers.get(grade_id(cell) or "", cell.source)
        if edit is not None:
            edit(path.stem, notebook)
        nbformat.write(notebook, path)
    return folder


Edit = Callable[[str, NotebookNode], None]


# --- the cells of an assignment ---------------------------------------------------------------------


def code(source: str) -> NotebookNode:
    return v4.new_code_cell(source)


def text(source: str) -> NotebookNode:
    return v4.new_markdown_cell(source)


def marked(cell: NotebookNode, name: str, **marks: object) -> NotebookNode:
    """A cell with nbgrader's marks."""
    everything = {
        "schema_version": 3,
        "grade_id": name,
        "grade": False,
        "solution": False,
        "locked": False,
        "task": False,
    }
    cell.metadata["nbgrader"] = {**everything, **marks}
    return cell


def solution(name: str, source: str) -> NotebookNode:
    return marked(code(f"### BEGIN SOLUTION\n{source}\n### END SOLUTION"), name, solution=True)


def test(name: str, points: float, source: str) -> NotebookNode:
    return marked(code(source), name, grade=True, locked=True, points=points)


def manual(cell: NotebookNode, name: str, points: float) -> NotebookNode:
    return marked(cell, name, grade=True, solution=True, points=points)


test.__test__ = False  # type: ignore[attr-defined]  # pytest may not take it for one of its own


def write_everything(folder: Path) -> None:
    """An assignment of two notebooks, with helper and data files beside them."""
    (folder / "data").mkdir(parents=True)
    (folder / "helpers.py").write_text("def double(x):\n    return 2 * x\n")
    (folder / "data" / "table.csv").write_text("name,height\nada,3\nbob,5\n")
    (folder / "data" / "scratch.txt").write_text("from the instructor's last run\n")
    for name, cells in (("Part 1", PART_1), ("Part 2", PART_2)):
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        nbformat.write(v4.new_notebook(cells=copy.deepcopy(cells), metadata=metadata), folder / f"{name}.ipynb")


PART_1 = [
    text("# Functions"),
    code("%matplotlib inline\nimport csv\nimport matplotlib.pyplot as plt\nfrom helpers import double"),
    marked(
        code("LIMIT = 10\nwith open('data/table.csv') as file:\n    rows = list(csv.reader(file))"),
        "setup",
        locked=True,
    ),
    code("name = input('Your name? ')"),
    code("SCALE = 1"),
    code("this_is_not_defined + 1"),
    solution(
        "mean",
        "def mean(values):\n    total = 0\n    for value in values:\n        total += value\n    return total / len(values)",
    ),
    test(
        "test_mean",
        0.5,
        "import numpy as np\nassert mean([1, 2, 3]) == 2\n"
        "### BEGIN HIDDEN TESTS\nassert np.isclose(mean([0.1, 0.2]), 0.15), 'floats too'\n### END HIDDEN TESTS",
    ),
    test(
        "test_mean_is_a_loop",
        0.25,
        "import inspect\nassert 'for' in inspect.getsource(mean)\nassert list(inspect.signature(mean).parameters) == ['values']",
    ),
    test("test_nothing", 0, "assert mean([4]) == 4"),
    solution("area", "def area(r):\n    return 3.14159 * r ** 2"),
    test(
        "test_area_in_parts",
        2.5,
        "points = 0\nif abs(area(1) - 3.14159) < 0.01:\n    points += 1.5\nif area(0) == 0:\n    points += 1\nprint('so far', points)\npoints",
    ),
    test("test_area_says_true", 1, "area(2) > 3"),
    test("test_area_says_text", 1, "'well done' if area(1) else 1 / 0"),
    test("test_area_in_numpy", 1, "np.float64(0.5) * area(0)"),
    test("test_area_below_zero", 1, "-area(1)"),
    test("test_area_zero_result", 1, "area(0)"),
    test("test_area_silent", 1, "area(3);"),
    solution("table", "heights = [double(int(row[1])) for row in rows[1:]]"),
    test("test_table", 1, "assert heights == [6, 10]\nassert len(rows) < LIMIT"),
    solution(
        "files",
        "import os\nos.makedirs('out', exist_ok=True)\nwith open('out/result.txt', 'w') as file:\n    file.write('42')\n"
        "with open('data/scratch.txt', 'w') as file:\n    file.write('mine')",
    ),
    test(
        "test_files",
        1,
        "assert open('out/result.txt').read() == '42'\nassert open('data/scratch.txt').read() == 'mine'",
    ),
    solution("figure", "fig, ax = plt.subplots()\nax.plot([0, 1], [1, 0])\nax.set_xlabel('x')\nplt.show()"),
    test("test_figure", 1, "assert ax.get_xlabel() == 'x' and len(ax.lines) == 1"),
    solution("ask", "def ask():\n    return int(input('A number: ')) + SCALE"),
    test(
        "test_ask",
        1,
        "from unittest import mock\nwith mock.patch('builtins.input', return_value='3'):\n    assert ask() == 4",
    ),
    solution("greet", "def greet(name):\n    print(f'Hello, {name}')"),
    test(
        "test_greet",
        1,
        "import io, contextlib\nwith contextlib.redirect_stdout(io.StringIO()) as said:\n    greet('Ada')\nassert said.getvalue() == 'Hello, Ada\\n'",
    ),
    solution("later", "import asyncio\n\nasync def later():\n    await asyncio.sleep(0)\n    return 7"),
    test("test_later", 1, "assert await later() == 7"),
    code("%%writefile notes.txt\nwritten by a magic"),
    test("test_magics", 1, "listing = !ls notes.txt\n%time assert list(listing) == ['notes.txt']"),
    test(
        "test_environment",
        1,
        "assert os.environ['NBGRADER_EXECUTION'] == 'autograde'\nsaid = !python -c 'print(6 * 7)'\nassert said == ['42']",
    ),
    test(
        "test_deletes_a_name",
        1,
        "kept = mean\ndel mean\ntry:\n    mean([1])\nexcept NameError:\n    pass\nelse:\n    raise AssertionError\nmean = kept",
    ),
]

PART_2 = [
    text("# Words and open ends"),
    text("Your name:"),
    manual(text("The mean is the balance point."), "why", 2),
    manual(code("def own_idea(x):\n    return x + 1"), "own_idea", 3),
    test("test_own_idea", 0.75, "assert own_idea(1) == 2"),
    marked(
        text("Show us something with a plot.\n=== BEGIN MARK SCHEME ===\n2 points for labels\n=== END MARK SCHEME ==="),
        "show",
        locked=True,
        task=True,
        points=4,
    ),
    marked(text("Read this."), "read_this", locked=True),
]

RIGHT = {
    grade_id(cell) or "": cell.source.replace("### BEGIN SOLUTION\n", "").replace("\n### END SOLUTION", "")
    for cell in PART_1 + PART_2
    if cell.metadata.get("nbgrader", {}).get("solution")
}
