"""Fuzz: whatever happens to a file, its learner has a row; where their own text is spared, the score stays the same."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Mapping

import pytest
from nbformat import NotebookNode

from autograder.authoring.sources import Lesson
from autograder.grading.demo import demo_class
from tests.conftest import copy_of_the_course
from tests.grading import cli
from tests.mangled.corpus import LESSON, write
from tests.mangled.fuzzer import mutant

MUTANTS = 500


def real_submissions(lesson: Lesson) -> Iterator[NotebookNode]:
    """Right, wrong and half-finished ones, in several styles, without those that a demo mangles itself."""
    for student, content in demo_class(lesson):
        if student.startswith(("all-right", "half-way", "other-style", "learner", "helper")):
            assert isinstance(content, NotebookNode)
            yield content


@pytest.mark.slow
def test_five_hundred_mutants_each_have_a_row_and_the_score_that_their_text_deserves(
    tmp_path_factory: pytest.TempPathFactory, lessons: Mapping[str, Lesson]
) -> None:
    course = copy_of_the_course(tmp_path_factory.mktemp("fuzz") / "class")
    originals = list(real_submissions(lessons[LESSON]))
    for number, notebook in enumerate(originals):
        write(course.submitted / f"original-{number}" / LESSON / f"{LESSON}.ipynb", notebook)
    mutants = {seed: mutant(copy.deepcopy(originals[seed % len(originals)]), seed) for seed in range(MUTANTS)}
    for seed, one in mutants.items():
        for name, data in one.files.items():
            write(course.submitted / f"mutant-{seed}" / LESSON / name, data)

    file = course.root / "results.json"
    done = cli("grade", LESSON, "--json", file, folder=course.root)

    assert (done.returncode, done.stderr) == (1, "")
    assert "Traceback" not in done.stdout
    rows = {row["student"]: row for row in json.loads(file.read_text())["submissions"]}
    assert len(rows) == len(originals) + MUTANTS
    assert {row["status"] for row in rows.values()} == {"graded", "rejected"}
    expected = {seed: rows[f"original-{seed % len(originals)}"]["score"] for seed, one in mutants.items() if one.spares}
    wrong = {
        f"mutant-{seed}: {mutants[seed].done}": (
            rows[f"mutant-{seed}"]["score"],
            score,
            rows[f"mutant-{seed}"]["problems"],
        )
        for seed, score in expected.items()
        if rows[f"mutant-{seed}"]["score"] != score
    }
    assert wrong == {}
    assert len(expected) > MUTANTS / 2
