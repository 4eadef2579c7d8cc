"""Lessons: every lesson passes the gate, and grading says of every known answer what the judge says. New ones join by existing."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.record import RecordError, record
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, Mistake, attempt_of
from autograder.check import observe_in
from autograder.judge import judge
from autograder.key import load_public
from tests.another_processor import known_answers, observed_elsewhere
from tests.conftest import LESSON_NAMES, ROOT
from tests.grading import cli, grade, submit
from tests.stock import nbgrader

Answers = dict[str, Any]  # exercise -> Mistake or Variant

every_lesson = pytest.mark.parametrize("name", LESSON_NAMES)


def packs(lesson: Lesson) -> list[Answers]:
    """All mistakes and variants in as few submissions as there are answers to the exercise that has most.

    A first way of making each mistake and the variants come before further ways of making the same mistakes.
    """
    first_ways = {(item.exercise, item.name): item for item in reversed(lesson.mistakes)}
    ordered = [
        *lesson.variants,
        *first_ways.values(),
        *(item for item in lesson.mistakes if item not in first_ways.values()),
    ]
    answers = {name: [item for item in ordered if item.exercise == name] for name in lesson.exercises}
    most = max(map(len, answers.values()))
    return [{name: items[number] for name, items in answers.items() if number < len(items)} for number in range(most)]


def judged(lesson: Lesson, keys: Mapping[str, Any], pack: Answers) -> dict[str, tuple[str, str | None]]:
    """What the judge says of a pack, without files, processes or notebooks."""
    namespace = lesson.references()
    namespace |= {name: attempt_of(lesson.exercises[name], item.attempt) for name, item in pack.items()}

    def verdict(name: str) -> Any:
        exercise, key = lesson.exercises[name], keys[name]
        return judge(exercise, key, observe_in(exercise, namespace, key.seeds), verdict)

    return {name: (str(verdict(name).status), verdict(name).diagnosis) for name in lesson.graded}


@pytest.mark.slow
@every_lesson
@pytest.mark.parametrize("most", [3, pytest.param(1000, marks=pytest.mark.full)])
def test_grading_gives_known_answers_the_judges_verdict(
    most: int, name: str, lessons: Mapping[str, Lesson], course: Course
) -> None:
    """Three answers to each exercise in every run of the tests; all answers that we know in `make test-full`."""
    lesson, given = lessons[name], released(lessons[name].notebook)
    right, keys, expected = reference_sources(lesson), record(lesson, (101, 102, 103), lesson.graded), {}
    for number, pack in enumerate(packs(lesson)[:most]):
        answers = right | {exercise: answer_source(lesson, item) for exercise, item in pack.items()}
        submit(course, name, f"pack-{number:02d}", fill(given, answers))
        expected[f"pack-{number:02d}"] = judged(lesson, keys, pack)
    submit(course, name, "not-started", given)
    expected["not-started"] = dict.fromkeys(lesson.graded, ("not_attempted", None))
    submit(course, name, "solved", lesson.notebook)
    expected["solved"] = dict.fromkeys(lesson.graded, ("correct", None))

    results = grade(course, name)

    got = {
        row["student"]: {item["name"]: (item["status"], item["diagnosis"]) for item in row["exercises"]}
        for row in results["submissions"]
    }
    assert got == expected
    scores = {row["student"]: (row["score"], row["max_score"]) for row in results["submissions"]}
    total = sum(exercise.points for exercise in lesson.graded.values())
    assert scores["not-started"] == (0, total)
    assert scores["solved"] == (total, total)


@pytest.mark.full
def test_generated_files_are_fresh() -> None:
    """By the commands; the gate, which `make test` runs first, looks at the same without them."""
    assert cli("release", "--check").returncode == 0
    assert cli("record", "--check").returncode == 0


@every_lesson
def test_a_released_notebook_holds_no_answer(name: str, lessons: Mapping[str, Lesson]) -> None:
    text = (ROOT / "course" / name / f"{name}.ipynb").read_text()
    assert "BEGIN SOLUTION" not in text
    notebook = nbformat.reads(text, as_version=4)
    assert all(not cell.get("outputs") for cell in notebook.cells)
    sent = {path.name for path in (ROOT / "course" / name).rglob("*")}
    assert not sent & {"mistakes.py", "variants.py", "claims.py"}


@every_lesson
def test_every_picture_in_the_text_is_also_in_words(name: str, lessons: Mapping[str, Lesson]) -> None:
    """A diagram has a line in italics below it, a picture its alternative text."""
    for cell in lessons[name].notebook.cells:
        if cell.cell_type == "markdown":
            for below in re.split(r"^```mermaid$.*?^```$", cell.source, flags=re.DOTALL | re.MULTILINE)[1:]:
                assert below.lstrip().startswith("*"), cell.source
            assert re.search(r"!\[\s*\]\(|<(img|svg)(?![^>]*(alt|aria-label)=.[^'\"])", cell.source) is None


@pytest.mark.full
@every_lesson
def test_almost_every_seed_alone_tells_all_known_mistakes_apart(name: str, lessons: Mapping[str, Lesson]) -> None:
    """A run has three seeds and draws thrice: where one in ten tells too little, it fails once in 10⁹ times."""
    for exercise in lessons[name].exercises:
        unlucky = [seed for seed in range(10_000, 10_030) if not _tells_apart(lessons[name], exercise, seed)]
        assert len(unlucky) <= 3, exercise


def _tells_apart(lesson: Lesson, exercise: str, seed: int) -> bool:
    try:
        record(lesson, (seed,), [exercise])
    except RecordError:
        return False
    return True


@every_lesson
def test_stock_nbgrader_releases_the_same_notebook(name: str, course: Course) -> None:
    nbgrader(course, "generate_assignment", name, "--force")
    stock = json.loads((course.root / "course" / name / f"{name}.ipynb").read_text())
    ours = json.loads((ROOT / "course" / name / f"{name}.ipynb").read_text())
    assert [cell["source"] for cell in stock["cells"]] == [cell["source"] for cell in ours["cells"]]
    assert [cell["metadata"] for cell in stock["cells"]] == [cell["metadata"] for cell in ours["cells"]]


def nbval(folder: Path) -> subprocess.CompletedProcess[str]:
    options = ["--nbval-lax", "--nbval-current-env", "--nbval-cell-timeout=120", "-p", "no:cacheprovider", "-q"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, folder], capture_output=True, text=True, cwd=folder
    )


@pytest.mark.slow
def test_nbval_fails_where_a_reference_is_broken(tmp_path: Path, lessons: Mapping[str, Lesson]) -> None:
    notebook = nbformat.from_dict(json.loads(json.dumps(lessons["00_orientation"].notebook)))
    nbformat.write(notebook, tmp_path / "whole.ipynb")
    whole = nbval(tmp_path)
    assert whole.returncode == 0, whole.stdout
    for cell in notebook.cells:
        if "def column_mean" in cell.source:
            cell.source = cell.source.replace("axis=0", "axis=1")
    nbformat.write(notebook, tmp_path / "whole.ipynb")
    broken = nbval(tmp_path)
    assert broken.returncode == 1
    assert 'check("column_mean")' in broken.stdout


@pytest.mark.slow
@every_lesson
def test_verdicts_are_the_same_on_another_processor(name: str, lessons: Mapping[str, Lesson]) -> None:
    """Last bits decide nothing; and what the demo class hands in is what mistakes.py and variants.py say."""
    lesson = lessons[name]
    answers = [(exercise, "correct", None) for exercise in lesson.graded]
    answers += [
        (item.exercise, "wrong", item.name) if isinstance(item, Mistake) else (item.exercise, "correct", None)
        for item in known_answers(lesson)
    ]

    verdicts = [
        judge(lesson.exercises[exercise], load_public(lesson.module_name, exercise), seen)
        for (exercise, *_), seen in zip(answers, observed_elsewhere(lesson), strict=True)
    ]

    assert [(verdict.exercise, str(verdict.status), verdict.diagnosis) for verdict in verdicts] == answers
