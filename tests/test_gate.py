"""Gate: each thing that must not be released is refused in a sentence. Lesson 00 is spoilt in one way at a time."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import pytest

from autograder.authoring import gate
from autograder.authoring.course import Course
from autograder.authoring.record import record
from autograder.authoring.sources import (
    Equivalent,
    Lesson,
    Mistake,
    SourceError,
    Variant,
    grade_id,
    load_lesson,
)
from autograder.comparison import exact
from autograder.key import Key
from tests.conftest import ROOT

Spoil = Callable[[Lesson], Lesson]


@pytest.fixture
def lesson(lessons: Mapping[str, Lesson]) -> Lesson:
    whole = lessons["00_orientation"]
    return replace(whole, notebook=copy.deepcopy(whole.notebook))


@pytest.fixture(scope="module")
def keys(lessons: Mapping[str, Lesson]) -> dict[str, Key]:
    return record(lessons["00_orientation"], (1, 2, 3))


def without_cell(name: str) -> Spoil:
    def spoil(lesson: Lesson) -> Lesson:
        lesson.notebook.cells = [cell for cell in lesson.notebook.cells if grade_id(cell) != name]
        return lesson

    return spoil


def with_cell(name: str, change: Callable[[object], None]) -> Spoil:
    def spoil(lesson: Lesson) -> Lesson:
        change(next(cell for cell in lesson.notebook.cells if grade_id(cell) == name))
        return lesson

    return spoil


def with_prose(words: int) -> Spoil:
    def spoil(lesson: Lesson) -> Lesson:
        lesson.notebook.cells[0].source += " word" * words
        return lesson

    return spoil


def with_many_cells(lesson: Lesson) -> Lesson:
    lesson.notebook.cells *= 3
    return lesson


def with_exercise(**changes: object) -> Spoil:
    """The lesson with `residuals` changed."""

    def spoil(lesson: Lesson) -> Lesson:
        module = type(lesson.module)(lesson.module.__name__)
        exercises = {**lesson.exercises, "residuals": replace(lesson.exercises["residuals"], **changes)}  # type: ignore[arg-type]
        vars(module).update(exercises)
        return replace(lesson, module=module)

    return spoil


def unlisted(kind: str, name: str) -> Spoil:
    def spoil(lesson: Lesson) -> Lesson:
        kept = tuple(item for item in getattr(lesson, kind) if item.exercise != name)
        return replace(lesson, **{kind: kept})

    return spoil


def set_points(cell) -> None:  # type: ignore[no-untyped-def]
    cell.metadata.nbgrader.points = 99


def forget_nbval(cell) -> None:  # type: ignore[no-untyped-def]
    cell.source = 'check("residuals")'


def never_run(cell) -> None:  # type: ignore[no-untyped-def]
    cell.execution_count = None


INCOMPLETE: dict[str, tuple[Spoil, str]] = {
    "no solution cell": (without_cell("residuals"), "`residuals` has no solution cell"),
    "no check cell": (without_cell("check_residuals"), "`residuals` has no check cell"),
    "other points": (with_cell("check_residuals", set_points), "worth 99 points"),
    "not compared in CI": (with_cell("check_residuals", forget_nbval), "CI does not compare what check_residuals"),
    "not executed": (with_cell("residuals", never_run), "is not executed"),
    "too many words": (with_prose(gate.MOST_WORDS), "words"),
    "too many cells": (with_many_cells, "cells"),
    "one hint": (with_exercise(hints=("Try.",)), "`residuals` has 1 hints"),
    "a dear self-check": (with_exercise(self_check=True), "a self-check worth"),
    "unknown uses": (with_exercise(uses=("nothing",)), "uses ['nothing']"),
    "no mistake": (unlisted("mistakes", "residuals"), "`residuals` has no known mistake"),
    "no variants": (unlisted("variants", "residuals"), "fewer than two variants"),
    "a mistake of nothing": (
        lambda lesson: replace(lesson, mistakes=(*lesson.mistakes, Mistake("nothing", "odd", "Odd.", abs))),
        "names `nothing`, which is no exercise",
    ),
    "a silent mistake": (
        lambda lesson: replace(lesson, mistakes=(*lesson.mistakes, Mistake("residuals", "odd", "", abs))),
        "the mistake odd of `residuals` says nothing",
    ),
}


@pytest.mark.parametrize(("spoil", "said"), INCOMPLETE.values(), ids=INCOMPLETE.keys())
def test_what_is_missing_is_refused(spoil: Spoil, said: str, lesson: Lesson) -> None:
    checks = (gate.notebook_is_complete, gate.budgets_are_kept, gate.lists_are_long_enough)
    assert [str(refusal) for check in checks for refusal in check(lesson)] == []
    spoilt = spoil(lesson)
    assert said in "\n".join(str(refusal) for check in checks for refusal in check(spoilt))


def test_a_variant_that_is_wrong_is_refused(lesson: Lesson, keys: dict[str, Key]) -> None:
    wrong = Variant("residuals", "backwards", lambda predictions, y: np.ravel(y) - np.ravel(predictions))
    (refusal,) = gate.answers_get_their_verdicts(replace(lesson, variants=(wrong,)), keys)
    assert "`residuals`: backwards is judged wrong" in str(refusal)


def test_a_mistake_that_the_probe_does_not_name_is_refused(lesson: Lesson, keys: dict[str, Key]) -> None:
    unknown = Mistake("residuals", "doubled", "Twice.", lambda predictions, y: 2 * (predictions.ravel() - y.ravel()))
    (refusal,) = gate.answers_get_their_verdicts(replace(lesson, variants=(), mistakes=(unknown,)), keys)
    assert "the mistake doubled is judged wrong" in str(refusal)


def test_a_stub_that_looks_like_an_answer_is_refused(lesson: Lesson, keys: dict[str, Key]) -> None:
    solution = next(cell for cell in lesson.notebook.cells if grade_id(cell) == "residuals")
    solution.source = solution.source.replace("    ### BEGIN", "    return predictions\n    ### BEGIN")
    (refusal,) = gate.stub_is_not_attempted(lesson, keys)
    assert "`residuals`: the stub is judged" in str(refusal)


def test_a_probe_that_looks_the_same_on_two_seeds_is_refused(lesson: Lesson, keys: dict[str, Key]) -> None:
    key = replace(keys["residuals"], reference=[keys["residuals"].reference[0]] * 3)
    (refusal,) = gate.observations_differ_over_seeds(lesson, {"residuals": key})
    assert "`residuals` looks the same on two seeds" in str(refusal)


def test_a_probe_that_last_bits_decide_is_refused(lesson: Lesson, keys: dict[str, Key]) -> None:
    strict = with_exercise(tolerance=exact())(lesson)
    (refusal,) = gate.references_hold_under_last_bits(strict, keys)
    assert "`residuals`: with inputs off in their last bits the reference is judged wrong" in str(refusal)


def test_a_mutant_that_passes_is_refused_and_so_is_one_that_is_listed_in_vain(
    lesson: Lesson, keys: dict[str, Key]
) -> None:
    careless = replace(lesson, equivalents=(Equivalent("residuals", "a -> b", "It is not there."),))
    (refusal,) = gate.mutants_are_caught(careless, keys)
    assert "`residuals` has no mutant “a -> b”" in str(refusal)
    # A probe that looks at no number catches nothing.
    blind = with_exercise(conclude=lambda seen, seed: type(seen)((("anything", True),)))(lesson)
    blind_keys = record(replace(blind, mistakes=()), (1, 2, 3))
    assert "is judged correct" in "\n".join(map(str, gate.mutants_are_caught(blind, {**keys, **blind_keys})))


def test_an_answer_that_ships_is_refused(lesson: Lesson, keys: dict[str, Key], monkeypatch: pytest.MonkeyPatch) -> None:
    from autograder import plots

    def residuals(predictions: np.ndarray, y: np.ndarray) -> np.ndarray:
        return predictions.ravel() - y.ravel()

    residuals.__module__ = plots.__name__
    monkeypatch.setattr(plots, "differences_to_draw", residuals, raising=False)
    (refusal,) = gate.nothing_that_ships_is_an_answer(lesson, keys)
    assert "autograder.plots.differences_to_draw, which ships to learners, solves `residuals`" in str(refusal)


def test_a_lesson_that_cannot_be_read_is_refused_and_the_others_are_looked_at(tmp_path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "99_nothing").mkdir()
    (refusal,) = gate.inspect_lessons([tmp_path / "99_nothing"], ROOT / "course")
    assert "99_nothing is no lesson" in str(refusal)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('@mistake("mse")\ndef doubled(): ...\n\n@mistake("mae")\ndef doubled(): ...\n', "defines `doubled` twice"),
        ("def half(:\n", "cannot be imported: SyntaxError"),
    ],
    ids=["one name for two mistakes", "no Python"],
)
def test_a_file_of_mistakes_that_cannot_be_used_is_a_sentence(source: str, said: str, course: Course) -> None:
    folder = course.root / "solutions" / "00_orientation"
    (folder / "mistakes.py").write_text(f"from autograder.authoring import mistake\n\n{source}")
    with pytest.raises(SourceError, match=said):
        load_lesson(folder)


def test_a_notebook_that_stops_is_a_sentence_that_names_the_cell(lesson: Lesson) -> None:
    lesson.notebook.cells[2].source = "import numpyy"
    with pytest.raises(SourceError, match=r"stops at <00_orientation, cell 2>: ModuleNotFoundError"):
        lesson.references()


def test_two_exercises_of_one_name_are_refused(lesson: Lesson) -> None:
    assert len(list(gate.names_are_unique([lesson, lesson]))) == len(lesson.exercises)
    assert list(gate.names_are_unique([lesson])) == []
