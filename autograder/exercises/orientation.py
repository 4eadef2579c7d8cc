"""Probes of lesson 00: how this course talks to you."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.exercise import RESULT, exercise, relative
from autograder.observation import Node, Observations

# Wide enough for answers computed in float32, which are right here too.
_FLOAT32_IS_FINE = relative(1e-6)


@exercise(
    points=2,
    tolerance=_FLOAT32_IS_FINE,
    hints=(
        "Take the worked table, 3 rows by 2 columns. How many numbers should come back, and which entries go into "
        "the first of them?",
        "NumPy's `mean` can work along one direction only: its argument `axis` says which of the two numbers in the "
        "shape disappears. You want the rows to disappear.",
        "A loop is just as good: pick one column at a time, add up its entries, divide by how many rows there are, "
        "and collect the results.",
    ),
)
def column_mean(attempt: Callable[..., Any], rng: np.random.Generator) -> Iterator[tuple[str, Any]]:
    """Tall, square, one row, one column, whole numbers, and a table that is a view: each shape trips another habit."""
    centres = np.array([4.0, -3.0, 2.0])  # no column mean near 0, one negative
    yield "a table of 5 rows and 3 columns", attempt(rng.normal(centres, 2.0, size=(5, 3)))
    yield "a square table, 4 by 4", attempt(rng.normal([4.0, -3.0, 2.0, 5.0], 2.0, size=(4, 4)))
    yield "a table of a single row", attempt(rng.normal(centres, 2.0, size=(1, 3)))
    yield "a table of a single column", attempt(rng.normal(3.0, 2.0, size=(6, 1)))
    whole = np.stack([rng.integers(3, 12, size=4), -rng.integers(3, 12, size=4)], axis=1)
    whole[0] += (1 - whole.sum(axis=0)) % 4  # sums of 4k + 1: no mean is a whole number
    yield "a table of whole numbers", attempt(whole)
    yield "a table that is every other row of a larger one", attempt(rng.normal(centres[:, None], 2.0, (3, 9)).T[::2])


@exercise(
    points=2,
    tolerance=_FLOAT32_IS_FINE,
    hints=(
        "There are four mixes: each input is flat, (n,), or a column, (n, 1). Which of them go wrong with a plain "
        "minus? Print the shape of the difference for each.",
        "Give both inputs the same flat shape first, and subtract afterwards. Once the square is there, it is too late.",
        "Look up what an array's `ravel` and `reshape` do. And test with a single prediction, n = 1: some ways of "
        "removing an axis remove one too many.",
    ),
)
def residuals(attempt: Callable[..., Any], rng: np.random.Generator) -> Iterator[tuple[str, Any]]:
    """Every mix of (n,) and (n, 1), for several and for one; then whole numbers, and columns cut from a table."""
    for n in (6, 1):
        for predicted_shape in ((n,), (n, 1)):
            for y_shape in ((n,), (n, 1)):
                predictions, y = _apart(rng, n)
                label = f"predictions {predicted_shape}, y {y_shape}"
                yield label, attempt(predictions.reshape(predicted_shape), y.reshape(y_shape))
    predictions, y = _apart(rng, 5)
    whole = rng.integers(-9, 10, size=5)
    yield "whole-number predictions (5, 1), y (5,)", attempt(whole.reshape(5, 1).copy(), y)
    yield "predictions (5,), whole-number y (5, 1)", attempt(predictions, whole.reshape(5, 1).copy())
    yield "whole numbers only, (5,) and (5,)", attempt(whole.copy(), whole + rng.integers(1, 9, size=5))
    predictions, y = _apart(rng, 4)
    table = np.stack([y, predictions, y + 1.0], axis=1)
    yield "two columns cut from a table, (4, 1) and (4,)", attempt(table[:, 1:2], table[:, 0])


def _apart(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Predictions and targets that differ by 1 to 3, below and above in turn: no difference is near zero."""
    y = rng.uniform(-3.0, 3.0, size=n)
    gaps = rng.uniform(1.0, 3.0, size=n) * np.where(np.arange(n) % 2, 1.0, -1.0)
    return y + gaps, y


def _in_plain_words(seen: Observations, seed: int) -> Observations:
    """Capital letters and blanks around a word are no mistake."""
    items = tuple((label, _plain(node)) for label, node in seen.items)
    return Observations(items, seen.stopped)


def _plain(node: Node) -> Node:
    if isinstance(node, str):
        return node.strip().lower()
    if isinstance(node, dict):
        return {key: _plain(value) for key, value in node.items()}
    return [_plain(value) for value in node] if isinstance(node, list) else node


@exercise(
    points=1,
    value=True,
    self_check=True,
    conclude=_in_plain_words,
    hints=(
        "Ask of each line: what does it compute, and what does it need for that? Only one line changes `w`.",
        "Which line ends in a single number that says how wrong the predictions are? And which line has one number "
        "for each weight, but changes nothing yet?",
    ),
)
def label_lines(attempt: Any, rng: np.random.Generator) -> Iterator[tuple[str, Any]]:
    """The dict as it stands."""
    yield RESULT, attempt
