"""Hint: the next rung of an exercise's ladder of hints, a card at a time. How many were read outlasts the kernel."""

from __future__ import annotations

from autograder import card
from autograder.check import UnknownExerciseError, find_exercise
from autograder.logbook import Tried, open_logbook
from autograder.verdict import Status

_asked: set[str] = set()  # the exercises that this kernel was asked about

_AFTER_THE_LAST = (
    "This was the last hint. What else helps: read the section above the exercise again, and compare it with your code "
    "line by line; print the shape of every array on the way; or show the check's card and your code to somebody, and "
    "say what you expected."
)


def hint(name: str) -> None:
    """Show the next hint for the exercise `name`, with those before it; after the last one, what else helps.

    The first call in a kernel shows where the ladder was left: "restart and run all" uses up no hint.
    """
    try:
        exercise, _ = find_exercise(name)
    except UnknownExerciseError as error:
        said = (str(name), "no hint", error.said, error.advice)
        card.show(card.hint_html(*said), card.hint_text(*said))
        return
    most = len(exercise.hints)
    with open_logbook() as book:
        tried = book.exercises.setdefault(name, Tried())
        goes_on = name in _asked or not tried.hints
        tried.hints = read = min(tried.hints + goes_on, most)
    _asked.add(name)
    *before, this = exercise.hints[:read]
    next_step = _next_step(name, is_right=tried.status == Status.CORRECT, is_last=read == most)
    card.show(
        card.hint_html(name, f"{read} of {most}", this, next_step, before),
        card.hint_text(name, f"{read} of {most}", this, next_step, before),
    )


def _next_step(name: str, *, is_right: bool, is_last: bool) -> str:
    if is_right:
        return "Your answer was right when it was last checked: go on."
    return _AFTER_THE_LAST if is_last else f'Try it, and check again. `hint("{name}")` then gives the next.'
