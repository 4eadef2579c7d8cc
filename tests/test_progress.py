"""Progress: what a person sees while a class is graded."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from autograder.grading.grade import Graded, Outcome
from autograder.grading.progress import Tally, shown


def row(outcome: Outcome) -> Graded:
    return Graded("lesson", "ann", outcome, (), {})


def test_counts_the_rate_and_the_time_that_is_left_are_told() -> None:
    seconds = iter(range(0, 1000, 2))
    tally = Tally(100, lambda: next(seconds))
    assert str(tally) == "0 of 100"
    for outcome in [Outcome.GRADED] * 8 + [Outcome.REJECTED, Outcome.PARTLY_GRADED]:
        tally.add(row(outcome))
    assert str(tally) == "10 of 100, 30 a minute, 0:03:00 left: 8 graded, 1 partly graded, 1 rejected"


def test_results_that_were_known_before_do_not_make_the_rest_look_fast() -> None:
    moments = iter([*[0.0] * 1001, *range(3, 3000, 3)])
    tally = Tally(2000, lambda: next(moments))
    for _ in range(1300):
        tally.add(row(Outcome.GRADED))
    assert str(tally) == "1300 of 2000, 20 a minute, 0:35:00 left: 1300 graded"


def test_when_all_are_there_nothing_is_left() -> None:
    seconds = iter(range(10))
    tally = Tally(1, lambda: next(seconds))
    tally.add(row(Outcome.GRADED))
    assert str(tally) == "1 of 1: 1 graded"


def test_a_terminal_gets_a_bar_and_anything_else_a_plain_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    screen = io.StringIO()
    with shown(2, Console(file=screen, force_terminal=True, width=100)) as advance:
        advance(row(Outcome.GRADED))
        advance(row(Outcome.REJECTED))
    assert "2 of 2: 1 graded, 1 rejected" in screen.getvalue()

    with shown(2, Console(file=io.StringIO())) as advance:
        advance(row(Outcome.GRADED))
        advance(row(Outcome.GRADED))
    assert capsys.readouterr().out == "2 of 2: 2 graded\n"
