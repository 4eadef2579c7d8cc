"""Claims: numbers in the prose are compared with what the code gives, to the last digit that is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from autograder.authoring import claim
from autograder.authoring.claims import agrees, broken_claims
from autograder.authoring.sources import Claim, Lesson
from tests.conftest import LESSON_NAMES


@pytest.mark.parametrize("name", LESSON_NAMES)
def test_every_lesson_has_claims(name: str, lessons: Mapping[str, Lesson]) -> None:
    assert lessons[name].claims


@pytest.mark.full
@pytest.mark.parametrize("name", LESSON_NAMES)
def test_what_a_lesson_says_in_numbers_is_so(name: str, lessons: Mapping[str, Lesson]) -> None:
    """`make test` computes them once, in the gate."""
    assert [(broken.sentence, why) for broken, why in broken_claims(lessons[name])] == []


@pytest.mark.parametrize(
    ("number", "value", "agree"),
    [
        ("0.12667", 0.126666667, True),
        ("0.12667", 0.12666, False),
        ("−1.5", -1.5, True),
        ("1.5", -1.5, False),
        ("1,000", 1000.0, True),
        ("9.54e-7", 9.5367e-7, True),
        ("9.54e-7", 9.6e-7, False),
        ("3", 3.4, True),
        ("3", 3.6, False),
        ("0.25", 0.245, True),
        ("7", float("nan"), False),
        ("7", float("inf"), False),
    ],
)
def test_a_number_agrees_with_values_that_round_to_it(number: str, value: float, agree: bool) -> None:
    assert agrees(number, value) is agree


@pytest.mark.parametrize(
    ("made", "said"),
    [
        (claim("The perfect model scores 12", "12")(lambda names: 12), "no markdown cell says so"),
        (claim("In the trap it scores 7", "8")(lambda names: 8), "8 does not stand in it"),
        (claim("In the trap it scores 7", "7")(lambda names: 7.9), "7 is 7.9"),
        (claim("In the trap it scores 7")(lambda names: False), "its code says False, not True"),
    ],
    ids=["not in the prose", "not in the sentence", "another number", "not true"],
)
def test_a_claim_that_does_not_hold_is_refused_with_the_reason(
    made: Claim, said: str, lessons: Mapping[str, Lesson]
) -> None:
    lesson = replace(lessons["00_orientation"], claims=(made,))
    assert [why for _, why in broken_claims(lesson)] == [said]
