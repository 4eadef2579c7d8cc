"""Classes to measure with: a course of one lesson, and as many submissions to it as are wanted, all of them different."""

from __future__ import annotations

import shutil
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, grade_id, is_demo, load_lesson

ROOT = Path(__file__).parents[1]
STOCK_CONFIG = """
c = get_config()
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "course"
c.CourseDirectory.ignore = ["__pycache__", "*.pyc", "mistakes.py", "variants.py", "claims.py"]
"""
# TensorFlow is no part of what is graded, and is not installed everywhere.
_NEEDS_TENSORFLOW = {"check_tf_train_step", "three_frameworks", "applied_twice"}


def write_course(root: Path, name: str, *, demos: bool, stock: bool = False) -> Lesson:
    """A course that has lesson `name` only, with its demonstrations as ordinary cells, or with none.

    With `stock`, nbgrader is configured to grade by itself; otherwise as this project configures it.
    """
    shutil.copytree(ROOT / "solutions" / name, root / "solutions" / name, ignore=shutil.ignore_patterns("__pycache__"))
    path = root / "solutions" / name / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for cell in filter(is_demo, notebook.cells):
        cell.metadata.tags = []
        shown = demos and grade_id(cell) not in _NEEDS_TENSORFLOW
        cell.source = f"from IPython.display import display\n{cell.source}" if shown else ""
    nbformat.write(notebook, path)
    if stock:
        (root / "nbgrader_config.py").write_text(STOCK_CONFIG)
    else:
        shutil.copy(ROOT / "nbgrader_config.py", root)
    return load_lesson(path.parent)


def write_class(root: Path, lesson: Lesson, students: int) -> None:
    """Right work of so many learners; what is executed differs for each."""
    given, right = released(lesson.notebook), reference_sources(lesson)
    for number in range(students):
        signed = {name: f"{source}\n# {number}" for name, source in right.items()}
        _hand_in(root, lesson, number, fill(given, signed))


def write_mixed_class(root: Path, lesson: Lesson, students: int) -> None:
    """Work of so many learners: a third of it right, the others with one known mistake or in another style."""
    given, right = released(lesson.notebook), reference_sources(lesson)
    items = [item for item in (*lesson.variants, *lesson.mistakes) if item.exercise in lesson.graded]
    sources = [(item.exercise, answer_source(lesson, item)) for item in items]
    others = [(name, source) for name, source in sources if "autograder" not in source]  # no learner's import
    for number in range(students):
        answers = dict(right)
        if number % 3:
            name, source = others[number * 7 % len(others)]
            answers[name] = source
        _hand_in(root, lesson, number, fill(given, {name: f"{text}\n# {number}" for name, text in answers.items()}))


def _hand_in(root: Path, lesson: Lesson, number: int, notebook: NotebookNode) -> None:
    folder = root / "submitted" / f"learner-{number:05d}" / lesson.name
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{lesson.name}.ipynb")
