"""Stealth: the challenge of lesson 08. How few poisoned images still work? A personal best, and never points.

Import it by name (`from autograder.stealth import challenge`): it brings torch and scikit-learn.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from autograder import card, labs
from autograder.shell import current_shell

RUNS = 20
ENOUGH = 0.80
MOST_PIXELS = 4
COURSE_ROWS, COURSE_SUCCESS = 3, 0.85  # over 60 models, see benchmarks/labs

_best: dict[str, int] = {}  # of this session; a restart forgets it


def challenge(poison: Callable[..., Any], apply_trigger: Callable[[np.ndarray], np.ndarray], rows: int) -> None:
    """Train 20 models with `rows` images poisoned for class 0 and show the mean success. Asks for a running notebook."""
    shell = current_shell()
    if not hasattr(shell, "kernel"):  # grading runs what learners add, and has no time for this
        print("The challenge runs in a notebook only.")
        return
    train, test = labs.digits()
    others = test.X[test.y != 0]
    victims = np.asarray(apply_trigger(others.copy()))
    measured = []
    for run in range(RUNS):
        X, y = poison(train.X.copy(), train.y.copy(), rows, 0, apply_trigger, np.random.default_rng([2024, run]))
        broken = _broken_rule(np.asarray(X), np.asarray(y), train, apply_trigger, rows)
        if broken:
            _show(rows, [f"This run does not count: {broken}."])
            return
        model = labs.train(np.asarray(X), np.asarray(y), run)
        measured.append((np.mean(labs.predictions(model, victims) == 0), labs.accuracy(model, test)))
    success, accuracy = np.mean(measured, axis=0)
    lowest = min(success for success, _ in measured)
    reached = success >= ENOUGH and accuracy >= 0.95
    if reached:
        _best["rows"] = min(rows, _best.get("rows", rows))
    told = f"Mean success {success:.0%} over {RUNS} models (lowest {lowest:.0%}), accuracy {accuracy:.1%}."
    best = f"{_best['rows']} rows" if _best else "none yet"
    _show(
        rows,
        [
            f"{told} {'That is enough.' if reached else f'{ENOUGH:.0%} is asked for.'}",
            f"Your best in this session: {best}. The course's own: {COURSE_ROWS} rows ({COURSE_SUCCESS:.0%}).",
        ],
    )


def _broken_rule(
    X: np.ndarray, y: np.ndarray, train: labs.Images, apply_trigger: Callable[[np.ndarray], np.ndarray], rows: int
) -> str:
    """Which of the rules of `poison` and `apply_trigger` does not hold, in words; "" where all do."""
    if X.shape != train.X.shape or y.shape != train.y.shape:
        return "rows were added or lost"
    stamped = np.asarray(apply_trigger(train.X.copy()))
    changed = np.flatnonzero((X != train.X).any(axis=(1, 2)) | (y != train.y))
    if (stamped != train.X).sum(axis=(1, 2)).max() > MOST_PIXELS or stamped.min() < 0 or stamped.max() > 1:
        return f"the trigger changes more than {MOST_PIXELS} pixels, or leaves the values from 0 to 1"
    if len(changed) > rows:
        return f"{len(changed)} rows changed, and {rows} were allowed"
    if not np.array_equal(X[changed], stamped[changed]):
        return "a poisoned image is not what your `apply_trigger` makes of it"
    if (y[changed] != 0).any() or (train.y[changed] == 0).any():
        return "a changed row is not relabelled from another class to 0"
    return ""


_LOOK = card.Look("★", "Challenge", card.BLUE)


def _show(rows: int, lines: list[str]) -> None:
    name, aside = "stealth challenge", f"{rows} poisoned {'row' if rows == 1 else 'rows'}"
    card.show(card.note_html(_LOOK, name, aside, lines), card.note_text(_LOOK, name, aside, lines))
