"""Judge: observations and an answer key in, a verdict out. Sees only data, and runs none of the learner's code."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from autograder.comparison import Difference, differences, equal
from autograder.exercise import INPUTS, RESULT, Exercise
from autograder.key import Key, KnownMistake
from autograder.observation import Observations, Raised
from autograder.verdict import Status, Verdict

MOST_FINDINGS = 4

NOT_WRITTEN = "Not written yet: the line `raise NotImplementedError()` still runs. Your code takes its place."
NOT_FILLED_IN = "Not filled in yet: there is still a `...` in it."
NOT_RIGHT_YET = "Not right yet. "
NOT_DEFINED = "not defined"
NOT_A_FUNCTION = "not a function"

Blame = Callable[[str], Verdict | None]
"""From a dependency's name to the verdict on it, where there is one."""


def nobody(_: str) -> None:
    """The `Blame` where no dependency is known to be wrong."""


def judge(exercise: Exercise, key: Key, observed: Sequence[Observations], blame: Blame = nobody) -> Verdict:
    """The verdict on observations made on `key.seeds`, one a seed.

    Equal to the reference: correct. What follows from a dependency's known mistake: correct, for nobody pays
    twice. Equal to a known mistake on all seeds: that mistake. Neither: what differs.
    """
    if not exercise.available:
        return not_graded(
            exercise,
            f"This exercise needs the package `{exercise.extra}`, which is not installed here.",
            f"The rest of the course does not need it. To have it: `pip install {exercise.extra}`, then restart.",
        )
    if (unwritten := _unwritten(exercise, observed)) is not None:
        return not_attempted(exercise, unwritten)
    concluded = [exercise.concluded(seen, seed) for seen, seed in zip(observed, key.seeds, strict=True)]
    if _all_equal(exercise, key.reference, concluded):
        return Verdict(exercise.name, Status.CORRECT, exercise.points, "Right on all inputs that were tried.")
    if (culprit := _follows_from(exercise, key, concluded, blame)) is not None:
        return Verdict(
            exercise.name,
            Status.CORRECT,
            exercise.points,
            f"Right as far as it goes: what is off here follows from your `{culprit}`. Full points for this one.",
            next_step=f"Mend `{culprit}`, and this one is right with it.",
            follows_from=culprit,
        )
    if (mistake := _known_mistake(exercise, key, concluded)) is not None:
        return Verdict(
            exercise.name,
            Status.WRONG,
            exercise.points,
            mistake.message,
            diagnosis=mistake.name,
            next_step=_next_step(exercise, blame),
        )
    return _unnamed(exercise, key, concluded, blame)


def not_attempted(exercise: Exercise, message: str) -> Verdict:
    """Nothing to judge yet, which is not the same as wrong."""
    return Verdict(
        exercise.name, Status.NOT_ATTEMPTED, exercise.points, message, next_step="Write it, run its cell, check again."
    )


def not_graded(exercise: Exercise, message: str, next_step: str) -> Verdict:
    """Our failure, which costs nobody a point."""
    return Verdict(exercise.name, Status.NOT_GRADED, exercise.points, message, next_step=next_step)


def _next_step(exercise: Exercise, blame: Blame) -> str:
    for name in exercise.uses:
        verdict = blame(name)
        if verdict is not None and verdict.status is not Status.CORRECT:
            return (
                f"Your `{name}` is not right yet. If this calls it, mend that first and check again. "
                f'If not, `hint("{exercise.name}")` gives the next hint.'
            )
    return f'Change one thing, run the cell, check again. Stuck? `hint("{exercise.name}")` gives the next hint.'


def _unwritten(exercise: Exercise, observed: Sequence[Observations]) -> str | None:
    """Why there is nothing to judge, or None where there is something."""
    for stop in (seen.stopped for seen in observed if seen.stopped is not None):
        if stop.name == NOT_DEFINED:
            other = f" There is a `{stop.message}`: did you rename it?" if stop.message else ""
            return f"This notebook has no `{exercise.name}` (yet).{other} Run the cell that should define it."
        if "NotImplementedError" in stop.names and _is_a_stubs(stop):
            caller = next((name for name in exercise.uses if stop.where.startswith(f"in {name},")), None)
            if caller is not None:
                return f"This calls your `{caller}`, which is not written yet."
            return NOT_FILLED_IN if exercise.value else NOT_WRITTEN
        if stop.name == "NameError":
            missing = next((name for name in exercise.uses if f"'{name}'" in stop.message), None)
            if missing is not None:
                return f"This calls your `{missing}`, which this notebook does not have (yet)."
    return None


def _is_a_stubs(stop: Raised) -> bool:
    """Whether a NotImplementedError comes out of a stub: libraries raise it as well, and say what they lack."""
    return not stop.message or "raise NotImplementedError" in stop.where


def _all_equal(exercise: Exercise, recorded: Sequence[Observations], concluded: Sequence[Observations]) -> bool:
    return all(equal(expected, got, exercise.tolerance) for expected, got in zip(recorded, concluded, strict=True))


def _follows_from(exercise: Exercise, key: Key, concluded: Sequence[Observations], blame: Blame) -> str | None:
    for error in key.carried:
        if _all_equal(exercise, error.recordings, concluded):
            verdict = blame(error.uses)
            if verdict is not None and verdict.diagnosis == error.mistake:
                return error.uses
    return None


def _known_mistake(exercise: Exercise, key: Key, concluded: Sequence[Observations]) -> KnownMistake | None:
    """The known mistake that these observations are; one with all its numbers goes before one seen in a few labels."""
    for mistake in sorted(key.mistakes, key=lambda mistake: bool(mistake.seen_in)):
        if has_mistake(exercise, mistake, concluded):
            return mistake
    return None


def has_mistake(exercise: Exercise, mistake: KnownMistake, concluded: Sequence[Observations]) -> bool:
    """Whether concluded observations are this mistake's on every seed."""
    if not mistake.seen_in:
        return _all_equal(exercise, mistake.recordings, concluded)
    shown = [_only(seen, mistake.seen_in) for seen in mistake.recordings]
    got = [_only(seen, mistake.seen_in) for seen in concluded]
    return all(equal(left, right, exercise.tolerance) for left, right in zip(shown, got, strict=True))


def _only(seen: Observations, labels: Sequence[str]) -> Observations:
    return Observations(tuple(item for item in seen.items if item[0] in labels), None)


def _unnamed(exercise: Exercise, key: Key, concluded: Sequence[Observations], blame: Blame) -> Verdict:
    """Neither right nor a known mistake: say what differs, on the first inputs on which something does."""
    for expected, got in zip(key.reference, concluded, strict=True):
        if found := differences(expected, got, exercise.tolerance):
            if got.stopped is not None:
                return _stopped(exercise, got)
            return Verdict(
                exercise.name,
                Status.WRONG,
                exercise.points,
                f"{NOT_RIGHT_YET}{_sentence(found[0])}",
                tuple(_sentence(difference) for difference in found[1:MOST_FINDINGS]),
                next_step=_next_step(exercise, blame),
            )
    raise AssertionError("observations that equal the reference are correct")


def _sentence(difference: Difference) -> str:
    if difference.label.startswith(INPUTS):
        return f"Your function changes {_which_input(difference.reason)}, which belongs to its caller."
    label = difference.label if difference.label != RESULT else "The result"
    return f"{label[0].upper()}{label[1:]}: {difference.reason}."


def _which_input(reason: str) -> str:
    """The input that a difference between lists of inputs is about; inputs of one shape are compared as one array."""
    found = re.search(r"at (?:index )?\[?(\d+)", reason)
    ordinals = ("first", "second", "third", "fourth", "fifth", "sixth")
    number = int(found[1]) if found else len(ordinals)
    return f"its {ordinals[number]} input" if number < len(ordinals) else "an input"


def _stopped(exercise: Exercise, got: Observations) -> Verdict:
    stop = got.stopped
    assert stop is not None
    if stop.name == NOT_A_FUNCTION:
        return Verdict(
            exercise.name,
            Status.ERROR,
            exercise.points,
            f"`{exercise.name}` should be a function, but the name now holds something else: {stop.message}.",
            next_step="Was the name used for something else further down? Rename that, and run the exercise's cell again.",
        )
    said = f"{stop.name}: {stop.message}" if stop.message else stop.name
    if stop.where:
        message, next_step = f"Your code stopped with {said}", _advice(stop)
    elif stop.name == "TypeError" and "argument" in stop.message:
        message = f"`{exercise.name}` cannot be called as the exercise says ({stop.message})."
        next_step = "Compare your parameters with those of the exercise: how many, and in which order?"
    else:
        message = f"What your code returned could not be used ({said})."
        next_step = "Compare what the exercise asks for (how many values, which kind) with what you return."
    where = tuple(line[0].upper() + line[1:] for line in stop.where.splitlines() if line)
    done = [label for label in got.labels if not label.startswith(INPUTS)]
    after = (f"The call before it went through: {done[-1]}.",) if done else ()
    return Verdict(exercise.name, Status.ERROR, exercise.points, message, where + after, next_step=next_step)


def _advice(stop: Raised) -> str:
    """What to look at next for an exception, from its class and what it says."""
    for name, said, advice in ADVICE:
        if name in stop.names and said in stop.message:
            return advice
    return "Look at that line of your code: what does it get, and of what shape?"


ADVICE = (
    ("NameError", "", "Is the name spelt right, and has the cell that defines it been run?"),
    ("UnboundLocalError", "", "The function uses the name before it gives it a value: which line should come first?"),
    ("RecursionError", "", "The function calls itself without an end: was another function meant?"),
    ("IndexError", "too many indices", "The array has fewer dimensions than the line uses: print its shape."),
    ("IndexError", "shape mismatch", "Arrays of different lengths are used as one index: print the shape of each."),
    (
        "IndexError",
        "arrays used as indices",
        "An array that is an index holds whole numbers, or True and False: print its dtype.",
    ),
    ("IndexError", "", "The line looks past the end: how long is what it looks into?"),
    ("KeyError", "", "The line looks for a key that is not there: print the keys."),
    ("AttributeError", "", "Is the name after the dot spelt right, and is what stands before it what you think?"),
    (
        "ValueError",
        "truth value of an array",
        "`if`, `and`, `or`, `not` and Python's own `max` take one yes or no, not one for each entry: what works entry by "
        "entry? Or is the question whether it is None?",
    ),
    (
        "ValueError",
        "inhomogeneous shape",
        "Arrays of different shapes cannot become one array: is it a list or a tuple of them, to be gone through one by one?",
    ),
    (
        "RuntimeError",
        "on the same device",
        "Model, inputs and targets meet on one device: were all moved? `.to` leaves a tensor where it is, and returns "
        "another: what becomes of that one?",
    ),
    (
        "RuntimeError",
        '"log_softmax',
        "Whole numbers are taken for scores: a criterion of PyTorch wants the predictions first, then the targets.",
    ),
    (
        "RuntimeError",
        "could not infer output dtype",
        "PyTorch has no mean of True and False, nor of whole numbers: which function counts the True ones?",
    ),
    (
        "RuntimeError",
        "must have the same dtype",
        "float32 meets float64: print the dtype of both. Which one should change?",
    ),
    ("TypeError", "bitwise_xor", "In Python the power is written `**`; `^` is something else."),
    ("TypeError", "for ^", "In Python the power is written `**`; `^` is something else."),
    ("TypeError", "keyword argument", "Is that keyword spelt as the function's documentation has it?"),
    (
        "TypeError",
        "only integer scalar arrays",
        "An array stands where one whole number belongs: does the function take an axis there, or a size?",
    ),
    ("TypeError", "not subscriptable", "The line takes one number for an array: what does the call before it return?"),
    ("TypeError", "argument", "Compare the call with the function's parameters: how many, and in which order?"),
)
