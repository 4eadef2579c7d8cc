"""Colab: the cell that installs the course there, does nothing elsewhere, and costs nobody a point."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.bundle import make_bundle
from autograder.authoring.colab import colab_cell
from autograder.authoring.course import Course, find_course
from autograder.authoring.release import released, stale_files
from autograder.authoring.sources import grade_id, load_lesson
from autograder.grading.graft import graft
from autograder.grading.grafted import Role
from autograder.grading.reading import LearnerCell
from tests.conftest import LESSON_NAMES, ROOT, copy_of_the_course
from tests.grading import cli
from tests.stock import nbgrader

LESSON = "01_loop_by_hand"
ADDRESS = "https://school.example/training_loop_course-0.1.0-py3-none-any.whl"


@pytest.mark.parametrize("name", LESSON_NAMES)
def test_it_stands_below_the_title_of_every_released_lesson_locked_and_folded(name: str) -> None:
    title, cell, *_ = nbformat.read(ROOT / "course" / name / f"{name}.ipynb", as_version=4).cells
    assert title.source.startswith("# ")
    assert (cell.source, cell.metadata.editable) == (colab_cell("").source, False)
    assert cell.metadata.jupyter.source_hidden
    assert cell.metadata.cellView == "form"


# --- what it does -----------------------------------------------------------------------------------


def test_anywhere_else_it_does_nothing_and_leaves_no_name_that_an_answer_could_use() -> None:
    names: dict[str, object] = {}
    exec(colab_cell(ADDRESS).source, names)
    assert names.keys() == {"__builtins__"}


class Colab:
    """A machine that is like Colab: its folder /content, no package of the course, and a pip that installs for it alone."""

    def __init__(self, folder: Path) -> None:
        self.content, self.packages = folder / "content", folder / "packages"
        self.content.mkdir()

    def run(self, url: str = "") -> str:
        """Run the cell in a new kernel; gives what it says, whether the course is there then, and its logbook."""
        code = "import sys, types; sys.modules['google.colab'] = types.ModuleType('google.colab')\n"
        code += colab_cell(url).source.replace("/content", str(self.content))
        code += "\nimport importlib.util, os; print(importlib.util.find_spec('autograder') is not None, end=' ')"
        code += "\nprint(os.environ.get('TRAINING_LOOPS_PROGRESS'))"
        environment = {name: value for name, value in os.environ.items() if name != "TRAINING_LOOPS_PROGRESS"}
        environment |= {"PIP_TARGET": str(self.packages), "PYTHONPATH": str(self.packages)}
        # -S: without the packages of this machine. Nothing but what is asked for: its torch is there already.
        done = subprocess.run(
            [sys.executable, "-S", "-c", code],
            env=environment | {"PIP_NO_DEPS": "1"},
            cwd=self.content,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout.replace(str(self.content), "/content")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = copy_of_the_course(tmp_path_factory.mktemp("colab") / "class")
    return next(make_bundle(course).parent.glob("*.whl"))


def test_without_a_wheel_it_says_what_to_do_and_with_one_it_is_quiet(tmp_path: Path, wheel: Path) -> None:
    colab = Colab(tmp_path)
    asked, installed, progress = colab.run().rpartition("False None")
    assert (asked.count("\n"), installed, progress) == (1, "False None", "\n")
    assert asked.startswith("Upload training_loop_course-….whl")
    shutil.copy(wheel, colab.content)
    assert colab.run() == "True None\n"
    assert {path.name for path in colab.packages.glob("torch*")} >= {"torchmetrics"}
    assert not (colab.packages / "torch").exists()


def test_from_a_drive_it_installs_and_what_you_do_is_noted_there(tmp_path: Path, wheel: Path) -> None:
    colab = Colab(tmp_path)
    shutil.copytree(wheel.parent, colab.content / "drive" / "MyDrive" / "training-loops")
    for _ in range(2):  # a kernel that was restarted finds both again
        assert colab.run() == "True /content/drive/MyDrive/training-loops/progress.json\n"


def test_from_a_configured_address_nobody_uploads_anything(tmp_path: Path, wheel: Path) -> None:
    assert Colab(tmp_path).run(wheel.as_uri()) == "True None\n"


def test_where_pip_fails_its_words_are_shown_and_the_notebook_goes_on(tmp_path: Path, wheel: Path) -> None:
    said = Colab(tmp_path).run((wheel.parent / "away.whl").as_uri())
    assert said.startswith("The course could not be installed.")
    assert "ERROR" in said
    assert "Traceback" not in said


# --- what grading makes of it -----------------------------------------------------------------------


def test_nbgrader_and_our_release_write_the_configured_address(course: Course) -> None:
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write(f"\nc.InstallOnColab.wheel_url = {ADDRESS!r}\n")
    assert find_course(course.root).wheel_url == ADDRESS
    assert cli("release", LESSON, folder=course.root).returncode == 0
    assert stale_files(load_lesson(course.solutions / LESSON), course.released, ADDRESS) == []
    path = course.released / LESSON / f"{LESSON}.ipynb"
    ours = json.loads(path.read_text())["cells"]
    nbgrader(course, "generate_assignment", LESSON, "--force")
    stock = json.loads(path.read_text())["cells"]
    assert "".join(ours[1]["source"]) == colab_cell(ADDRESS).source
    assert [(cell["source"], cell["metadata"]) for cell in ours] == [
        (cell["source"], cell["metadata"]) for cell in stock
    ]


def sent(notebook: NotebookNode, *, stripped: bool = False) -> list[LearnerCell]:
    """A notebook's cells as they are handed in; `stripped` of their marks, as by Colab."""
    return [
        LearnerCell(one.cell_type, one.source, *(("x", None) if stripped else (one.id, grade_id(one))))
        for one in notebook.cells
    ]


@pytest.mark.parametrize("stripped", [False, True], ids=["with marks", "through Colab"])
@pytest.mark.parametrize("what", ["as it is", "with an address", "changed", "deleted"])
def test_whatever_became_of_the_cell_nothing_is_said_of_it_and_nothing_of_it_is_run(what: str, stripped: bool) -> None:
    lesson = load_lesson(ROOT / "solutions" / LESSON)
    given, right = released(lesson.notebook), reference_sources(lesson)
    notebook = fill(released(lesson.notebook, ADDRESS if what == "with an address" else ""), right)
    if what == "changed":
        notebook.cells[1].source = notebook.cells[1].source.replace('"torchmetrics"', '"torchmetrics==1.4"')
    if what == "deleted":
        del notebook.cells[1]
    without = graft(given, sent(fill(given, right), stripped=stripped))
    grafted = graft(given, sent(notebook, stripped=stripped))
    assert (grafted.problems, grafted.written) == (without.problems, without.written)
    assert [one.role for one in grafted.cells] == [one.role for one in without.cells]
    assert [one.role for one in grafted.cells if one.cell.source == given.cells[1].source] == [Role.DEMO]
