"""What several tests need: the lessons, a course of their own, and a made-up exercise."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import nbformat
import numpy as np
import pytest

from autograder.authoring import mistake
from autograder.authoring.course import Course, find_course
from autograder.authoring.sources import Lesson, Mistake, Variant, lesson_folders, load_lesson
from autograder.exercise import exercise

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["TRAINING_LOOPS_PROGRESS"] = "off"  # a test that wants a logbook names a file of its own
BARE_PATH = os.environ.get("PATH", os.defpath)  # what a command of ours has to do with, activated or not
os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), BARE_PATH])  # nbgrader, in tests, calls alembic

ROOT = Path(__file__).parents[1]
LESSON_FOLDERS = lesson_folders(ROOT / "solutions")
LESSON_NAMES = [folder.name for folder in LESSON_FOLDERS]


@pytest.fixture(scope="session")
def lessons() -> dict[str, Lesson]:
    """All lessons by name."""
    return {folder.name: load_lesson(folder) for folder in LESSON_FOLDERS}


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """A copy of the course in which a test may grade."""
    return copy_of_the_course(tmp_path / "class")


def copy_of_the_course(root: Path) -> Course:
    """A course of its own at `root`: our solutions and configuration, no submissions."""
    root.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copytree(
        ROOT / "solutions", root / "solutions", ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints")
    )
    return find_course(root)


@exercise(points=2.0, hints=("Look at the signs.", "Halve the sum."))
def midpoint(attempt: Callable[..., object], rng: np.random.Generator) -> Iterator[tuple[str, object]]:
    """A small exercise for tests: the midpoint of two points."""
    a, b = rng.normal(size=3), rng.normal(size=3)
    yield "the midpoint", attempt(a, b)
    yield "the midpoint of twins", attempt(b, b)


@exercise(points=1.0, hints=("Two halves.", "Call midpoint twice."), uses=("midpoint",))
def quarter(attempt: Callable[..., object], rng: np.random.Generator) -> Iterator[tuple[str, object]]:
    """Builds on `midpoint`."""
    yield "the quarter", attempt(rng.normal(size=3), rng.normal(size=3))


REFERENCE = """
import numpy as np

def midpoint(a, b):
    return (a + b) / 2

def quarter(a, b):
    return midpoint(a, midpoint(a, b))
"""


def make_lesson(
    mistakes: tuple[Mistake, ...] = (), variants: tuple[Variant, ...] = (), reference: str = REFERENCE
) -> Lesson:
    """A lesson of two exercises that lies in no file."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(reference)])
    module = ModuleType("autograder.exercises.made_up")
    vars(module).update(midpoint=midpoint, quarter=quarter)
    return Lesson("98_made_up", Path(), module, notebook, mistakes, variants, ())


@mistake("midpoint")
def difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """This is half of the way between them. What is in the middle of 2 and 2?"""
    return (a - b) / 2


@mistake("midpoint")
def sum_not_mean(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """This is the sum. How far is it from each of the two?"""
    return a + b


@mistake("quarter")
def the_middle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """This is the middle of the way, not a quarter of it."""
    return (a + b) / 2
