"""Self-reported: the verdict of an ordinary nbgrader test cell, from what the cell showed when it ran.

Such a test runs in the learner's process and says of itself how it went, so its verdict is marked and worth as much
as the learner is honest. The rules are nbgrader's (`nbgrader.utils.determine_grade`), but that what a cell writes to
stderr costs nothing, and that a score above the maximum is cut and not refused.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from autograder.card import number
from autograder.judge import NOT_WRITTEN
from autograder.verdict import Status, Tier, Verdict

PASSED = "The test passed."

_WRITE = "Write it in place of that line, and run the test's cell again."
_LOOK_AGAIN = "What does the test ask for, and what does your code give? Change one thing, run its cell and the test's."
_FIND_LINE = "Run the cells from the top: which line of yours comes last before it stops?"

_MOST_CHARACTERS = 300


def verdict_of_test(name: str, max_points: float, outputs: Sequence[Mapping[str, Any]]) -> Verdict:
    """The verdict of the test cell `name`: an error is 0, the first result that is a number is the score, else full."""
    for output in outputs:
        match output:
            case {"output_type": "error"}:
                return _failed(name, max_points, output)
            case {"output_type": "execute_result", "data": {"text/plain": str(text)}}:
                return _scored(name, max_points, text)
    return self_reported(name, Status.CORRECT, max_points, PASSED)


def self_reported(name: str, status: Status, max_points: float, message: str, **more: Any) -> Verdict:
    """A verdict that says that it is self-reported."""
    return Verdict(name, status, max_points, message, tier=Tier.SELF_REPORTED, **more)


def exception_said(output: Mapping[str, Any]) -> str:
    """An output that is an error in words, as "NameError: name 'x' is not defined"."""
    name, value = str(output.get("ename", "an error"))[:100], str(output.get("evalue", ""))[:_MOST_CHARACTERS].strip()
    # The file name that IPython gives to a cell says nothing to anyone.
    return re.sub(r"\(<ipython-input[^,]*, line", "(line", f"{name}: {value}" if value else name)


def _failed(name: str, max_points: float, output: Mapping[str, Any]) -> Verdict:
    said = exception_said(output)
    match output.get("ename"):
        case "NotImplementedError":
            return self_reported(name, Status.NOT_ATTEMPTED, max_points, NOT_WRITTEN, next_step=_WRITE)
        case "AssertionError":
            return self_reported(
                name, Status.WRONG, max_points, f"The test did not pass: {said}.", next_step=_LOOK_AGAIN
            )
    return self_reported(name, Status.ERROR, max_points, f"The test stopped with {said}.", next_step=_FIND_LINE)


def _scored(name: str, max_points: float, text: str) -> Verdict:
    """The test's last line had a value: a number is the score."""
    try:
        score = float(text if len(text) <= _MOST_CHARACTERS else "too long for a number")
    except ValueError:
        return self_reported(name, Status.CORRECT, max_points, PASSED)
    if not score >= 0:  # below zero, or no number: nbgrader takes neither for a score
        message = f"The test passed: its result, {number(score)}, is no score."
        return self_reported(name, Status.CORRECT, max_points, message)
    if score > max_points:
        message = f"The test gave {number(score)} points, more than it can; they count as {number(max_points)}."
        return self_reported(name, Status.CORRECT, max_points, message)
    if score == max_points:
        return self_reported(name, Status.CORRECT, max_points, PASSED)
    message = f"The test gave {number(score)} of {number(max_points)} points."
    part = abs(score)  # -0.0 is a zero, too
    return self_reported(name, Status.WRONG, max_points, message, part=part, next_step=_LOOK_AGAIN)
