"""Hint: the next rung of an exercise's ladder of hints, a card at a time. How many were read outlasts the kernel."""

from __future__ import annotations

from autograder import card
from autograder.check import UnknownExerciseError, find_exercise
from autograder.logbook import Tried, open_logbook

_AFTER_THE_LAST = (
    "This was the last hint. What else helps: read the section above the exercise again, and compare it with your code "
    "line by line; print the shape of every array on the way; or show the check's card and your code to somebody, and "
    "say what you expected."
)


def hint(name: str) -> None:
    """Show the next hint for the exercise `name`, with those before it; after the last one, what else helps."""
    try:
        exercise, _ = find_exercise(name)
    except UnknownExerciseError as error:
        said = (str(name), "no hint", error.said, error.advice)
        card.show(card.hint_html(*said), card.hint_text(*said))
        return
    most = len(exercise.hints)
    with open_logbook() as book:
        tried = book.exercises.setdefault(name, Tried())
        tried.hints = min(tried.hints + 1, most)
        read = tried.hints
    *before, this = exercise.hints[:read]
    next_step = _AFTER_THE_LAST if read == most else f'Try it, and check again. `hint("{name}")` then gives the next.'
    card.show(
        card.hint_html(name, f"{read} of {most}", this, next_step, before),
        card.hint_text(name, f"{read} of {most}", this, next_step, before),
    )
