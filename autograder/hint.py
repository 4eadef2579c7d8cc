"""Hint: the next rung of an exercise's ladder of hints, a card at a time."""

from __future__ import annotations

from autograder import card
from autograder.check import UnknownExerciseError, find_exercise

_given: dict[str, int] = {}  # how many hints of each exercise this kernel has shown


def hint(name: str) -> None:
    """Show the next hint for the exercise `name`; after the last one, the first again."""
    try:
        exercise, _ = find_exercise(name)
    except UnknownExerciseError as error:
        card.show(card.hint_html(str(name), "no hint", str(error)), card.hint_text(str(name), "no hint", str(error)))
        return
    index = _given.get(name, 0) % len(exercise.hints)
    _given[name] = index + 1
    which = f"{index + 1} of {len(exercise.hints)}"
    card.show(card.hint_html(name, which, exercise.hints[index]), card.hint_text(name, which, exercise.hints[index]))
