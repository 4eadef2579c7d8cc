"""Fatal cells: an answer that hangs, crashes, exhausts memory or exits costs its own exercise, and no other one."""

from __future__ import annotations

import ast
import contextlib
from collections.abc import Callable, Iterator, Mapping

import pytest

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson
from autograder.grading.grade import Graded
from autograder.grading.run import grade_lesson
from autograder.grading.runner import Limits
from tests.conftest import LESSON_NAMES
from tests.grading import submit

FATAL = {
    "hang": "while True: pass\n{answer}",
    "endless call": "def {name}(*arguments):\n    while True: pass",
    "segfault": "import ctypes; ctypes.string_at(0)\n{answer}",
    "memory": "hoard = []\nwhile True: hoard.append(bytearray(b'x' * (1 << 24)))\n{answer}",
    "exit": "import sys; sys.exit(3)\n{answer}",
    "syntax": "def {name}(\n{answer}",
}
TIMEOUTS = ("hang", "endless call")
# Far more than any other cell of a reference needs, and short enough for one hanging cell a submission.
LIMITS = Limits(step_seconds=4.0, total_seconds=120.0)


@contextlib.contextmanager
def silently(total: int) -> Iterator[Callable[[Graded], None]]:
    yield lambda row: None


def alone(lesson: Lesson) -> dict[str, str]:
    """Right answers, none of which calls another one: a missing function is missing to whoever calls it."""
    answers = reference_sources(lesson)
    for name, exercise in lesson.exercises.items():
        if exercise.uses:
            written = [answer_source(lesson, one) for one in lesson.variants if one.exercise == name]
            answers[name] = next(source for source in written if not names_in(source) & set(exercise.uses))
    return answers


def names_in(source: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [name if name == "01_loop_by_hand" else pytest.param(name, marks=pytest.mark.full) for name in LESSON_NAMES]
)
def test_a_fatal_cell_in_each_exercise_in_turn_costs_that_exercise_alone(
    name: str, course: Course, lessons: Mapping[str, Lesson]
) -> None:
    lesson = lessons[name]
    answers, given = alone(lesson), released(lesson.notebook)
    hit = {}
    for kind, source in FATAL.items():
        for exercise in lesson.exercises:
            if kind != "endless call" or not lesson.exercises[exercise].value:
                student = f"{kind} in {exercise}".replace(" ", "-")
                hit[student] = (kind, exercise)
                fatal = source.replace("{name}", exercise).replace("{answer}", answers[exercise])
                submit(course, name, student, fill(given, {**answers, exercise: fatal}))
    graded = grade_lesson(course, name, [], 2, LIMITS, sandbox=True, progress=silently).graded
    lost = {one.student: [said.exercise for said in one.verdicts.values() if not said.points] for one in graded}
    assert lost == {student: [exercise] for student, (_, exercise) in hit.items()}
    for one in graded:
        kind, exercise = hit[one.student]
        if kind != "memory":  # on a busy machine time may be up before memory is
            assert one.verdicts[exercise].status == ("timeout" if kind in TIMEOUTS else "error"), (kind, exercise)
