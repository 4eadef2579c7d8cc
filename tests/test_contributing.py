"""CONTRIBUTING's five steps add an exercise, exactly as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.conftest import ROOT

LESSON = "01_loop_by_hand"
MARKS = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}


def steps() -> dict[str, str]:
    """The code blocks of CONTRIBUTING.md that carry a step's name."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    return dict(re.findall(r"<!-- step: (.*?) -->\n```\w+\n(.*?)```", text, re.DOTALL))


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A copy of what git has of the project, in which a contributor may work."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(clone: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(clone)}
    command = [sys.executable, "-m", "autograder.cli", *arguments]
    return subprocess.run(command, cwd=clone, env=environment, capture_output=True, text=True)


@pytest.mark.full
@pytest.mark.slow
def test_the_five_steps_add_an_exercise(clone: Path) -> None:
    done = steps()
    for name, text in done.items():
        if name.startswith("append to "):
            with (clone / name.removeprefix("append to ")).open("a") as file:
                file.write("\n\n" + text)
    path = clone / "solutions" / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    solution = nbformat.v4.new_code_cell(done["solution cell r_squared"].strip(), id="r-squared")
    solution.metadata["nbgrader"] = {**MARKS, "solution": True, "grade_id": "r_squared"}
    check = nbformat.v4.new_code_cell(done["check cell r_squared"].strip(), id="check-r-squared")
    check.metadata["nbgrader"] = {**MARKS, "grade": True, "locked": True, "grade_id": "check_r_squared", "points": 1}
    notebook.cells += [solution, check]
    nbformat.write(notebook, path)

    before = run(clone, "gate", LESSON)
    assert before.returncode == 1
    assert "Run `make course`." in before.stdout

    for command in ("record", "execute", "release"):  # make course
        made = run(clone, command, LESSON)
        assert made.returncode == 0, made.stderr
    after = run(clone, "gate", LESSON)
    assert after.returncode == 0, after.stdout + after.stderr


def test_each_step_of_the_walk_is_in_the_text() -> None:
    assert list(steps()) == [
        "append to autograder/exercises/loop_by_hand.py",
        "solution cell r_squared",
        "check cell r_squared",
        "append to solutions/01_loop_by_hand/mistakes.py",
        "append to solutions/01_loop_by_hand/variants.py",
        "make course; autograder gate",
    ]
