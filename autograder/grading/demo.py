"""Demo: write a small class of lesson 01, with the right, wrong and mangled submissions that a real class sends."""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from nbformat import NotebookNode, v4

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.course import CONFIG, Course, CourseError, find_course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, check_cell_exercise, grade_id, load_lesson
from autograder.grading.runner import Limits

LESSON = "01_loop_by_hand"
_MARK = "THIS_IS_A_DEMO.txt"
LIMITS = Limits(step_seconds=5.0, total_seconds=30.0)  # the endless loop in the class should not bore the reader


def write_demo_class(course: Course, folder: Path) -> tuple[Course, str]:
    """Write a course with a class of submissions to `folder`, anew; returns it and the lesson's name.

    Only what an earlier demo wrote is removed; a folder that holds anything else raises CourseError.
    """
    lesson = load_lesson(course.lesson_folder(LESSON))
    folder = folder.resolve()
    _make_room(folder)
    shutil.copy(course.root / CONFIG, folder / CONFIG)
    shutil.copytree(
        course.solutions / LESSON, folder / "solutions" / LESSON, ignore=shutil.ignore_patterns("__pycache__")
    )
    demo = find_course(folder)
    for student, content in demo_class(lesson):
        place = demo.submitted / student / LESSON
        place.mkdir(parents=True)
        text = content if isinstance(content, str) else nbformat.writes(content)
        (place / f"{LESSON}.ipynb").write_text(text, encoding="utf-8")
    return demo, LESSON


def _make_room(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARK).is_file():
        raise CourseError(f"{folder} holds something that no demo wrote; name an empty folder.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / _MARK).write_text("Written by `autograder demo`; the next demo replaces this folder.\n", encoding="utf-8")


def demo_class(lesson: Lesson) -> Iterator[tuple[str, NotebookNode | str]]:
    """Submissions by learners who are called after what they did."""
    given, right = released(lesson.notebook), reference_sources(lesson)
    solved = fill(given, right)
    yield "all-right", solved
    yield "not-started", given
    yield "half-way", fill(given, dict(list(right.items())[: len(right) // 2]))
    yield from _in_other_styles(lesson, given, right)
    yield from _with_mistakes(lesson, given, right)
    for student, mangle in _MANGLED.items():
        notebook = copy.deepcopy(solved)
        mangle(notebook)
        yield student, notebook
    yield "no-notebook", "This is my homework, sorry for the format.\n"


def _in_other_styles(lesson: Lesson, given: NotebookNode, right: dict[str, str]) -> Iterator[tuple[str, NotebookNode]]:
    for number in (1, 2):
        answers = dict(right)
        for name in lesson.exercises:
            styles = [item for item in lesson.variants if item.exercise == name]
            answers[name] = answer_source(lesson, styles[min(number, len(styles)) - 1])
        yield f"other-style-{number}", fill(given, answers)


def _with_mistakes(lesson: Lesson, given: NotebookNode, right: dict[str, str]) -> Iterator[tuple[str, NotebookNode]]:
    """Learner k has the k-th known mistake of every third exercise, so that all kinds are met."""
    for number in range(1, 9):
        answers = dict(right)
        for position, name in enumerate(lesson.exercises):
            wrong = [item for item in lesson.mistakes if item.exercise == name]
            if (position + number) % 3 == 0:
                answers[name] = answer_source(lesson, wrong[(number - 1) % len(wrong)])
        yield f"learner-{number}", fill(given, answers)


# --- what happens to files on their way ------------------------------------------------------------


def _position(notebook: NotebookNode, name: str) -> int:
    return next(index for index, cell in enumerate(notebook.cells) if grade_id(cell) == name)


def _helper_in_added_cell(notebook: NotebookNode) -> None:
    place = _position(notebook, "mse")
    notebook.cells[
        place
    ].source = "def mse(predictions, y):\n    return average_of_squares(flat(predictions) - flat(y))"
    helpers = "def flat(a):\n    return np.asarray(a).ravel()\n\ndef average_of_squares(a):\n    return float((a ** 2).mean())"
    notebook.cells.insert(place, v4.new_code_cell(helpers))


def _doubled_cell(notebook: NotebookNode) -> None:
    place = _position(notebook, "mse")
    notebook.cells.insert(place, copy.deepcopy(notebook.cells[place]))
    notebook.cells[place].id = "doubled"
    notebook.cells[place].source = "def mse(predictions, y):\n    return 0.0  # first try"


def _deleted_check_cell(notebook: NotebookNode) -> None:
    del notebook.cells[_position(notebook, "check_mse_gradient")]


def _colab(notebook: NotebookNode) -> None:
    """Colab writes its own metadata and ids, and drops nbgrader's."""
    notebook.metadata = nbformat.from_dict(
        {"colab": {"provenance": []}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    )
    for index, cell in enumerate(notebook.cells):
        cell.metadata = nbformat.from_dict({"id": f"cell{index:04d}"})
        cell.pop("id", None)
    notebook.nbformat_minor = 0


def _endless_loop(notebook: NotebookNode) -> None:
    source = "def sgd_step(weights, gradient, learning_rate):\n    while True:\n        weights = weights - learning_rate * gradient"
    notebook.cells[_position(notebook, "sgd_step")].source = source


def _syntax_error(notebook: NotebookNode) -> None:
    notebook.cells[_position(notebook, "predict")].source = "def predict(X, weights)\n    return X @ weights"


def _renamed(notebook: NotebookNode) -> None:
    cell = notebook.cells[_position(notebook, "mse_gradient")]
    cell.source = cell.source.replace("def mse_gradient", "def mse_grad")


def _cheat(notebook: NotebookNode) -> None:
    """Gains nothing: the verdict is made elsewhere, from data."""
    for cell in notebook.cells:
        if name := check_cell_exercise(cell):
            cell.source = f"print('{name} is correct')\n100.0"
    patch = "import numpy as np\nnp.allclose = lambda *a, **k: True\nimport autograder\nautograder.check = check = lambda name: 100.0"
    notebook.cells.insert(0, v4.new_code_cell(patch))
    notebook.cells[_position(notebook, "mse")].source = "def mse(predictions, y):\n    return 0.0"


_MANGLED: dict[str, Callable[[NotebookNode], None]] = {
    "helper-in-added-cell": _helper_in_added_cell,
    "doubled-cell": _doubled_cell,
    "deleted-check-cell": _deleted_check_cell,
    "through-colab": _colab,
    "endless-loop": _endless_loop,
    "syntax-error": _syntax_error,
    "renamed-function": _renamed,
    "tries-to-cheat": _cheat,
}
