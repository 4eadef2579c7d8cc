"""Probes of lesson 06, validation and metrics: iterations, splits, scaling, over- and underfitting, metrics by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.comparison import exact, relative
from autograder.exercise import INPUTS, exercise
from autograder.observation import GeneratorState, Node, Observations

Attempt = Callable[..., Any]
Labelled = Iterator[tuple[str, Any]]

# Shares: an answer in float32, or one that adds 1e-8 so as not to divide by zero, is right as well
_FLOAT32_IS_FINE = relative(1e-6)


def _pair(returned: Any, first: str, second: str) -> Labelled:
    """The two parts of a returned pair, each with its label; what is no pair is shown whole, as the first."""
    if isinstance(returned, (tuple, list)) or getattr(returned, "ndim", 0) > 1:
        returned = list(returned)
    if isinstance(returned, list) and len(returned) == 2:
        yield first, returned[0]
        yield second, returned[1]
    else:
        yield first, returned


def _without_numbers(seen: Observations, seed: int) -> Observations:
    """Of the inputs only the first, if it is a list: nobody can change a number.

    A number that was returned earlier may be the very object that is handed in later (Python keeps small ones), and
    then it would be missing among the inputs.
    """
    items = []
    for label, node in seen.items:
        if not label.startswith(INPUTS):
            items.append((label, node))
        elif isinstance(node, list) and node and isinstance(node[0], np.ndarray) and node[0].ndim:
            items.append((label, node[0]))
    return Observations(tuple(items), seen.stopped)


@exercise(
    points=1,
    tolerance=exact(),
    conclude=_without_numbers,
    hints=(
        "Count the updates of one epoch first, with a short last batch and without one.",
        "`//` leaves the remainder away. When is there one more batch than that?",
    ),
)
def count_iterations(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A remainder and none, kept and dropped; one epoch; a batch larger than the data; batches of one sample."""
    batch, full, rest = int(rng.integers(7, 20)), int(rng.integers(4, 9)), int(rng.integers(2, 4))
    epochs = int(rng.integers(3, 8))
    for drop_last in (False, True):
        what = "dropped" if drop_last else "kept"
        yield f"a short last batch, {what}", attempt(full * batch + rest, batch, epochs, drop_last)
        yield f"one sample too many, {what}", attempt(full * batch + 1, batch, epochs, drop_last)
        yield f"one sample too few, {what}", attempt(full * batch - 1, batch, epochs + 1, drop_last)
        yield f"no remainder, the last batch {what}", attempt(full * batch, batch, epochs, drop_last)
        yield f"one epoch, a short last batch, {what}", attempt(full * batch + rest, batch, 1, drop_last)
        yield f"fewer samples than one batch, {what}", attempt(rest, batch, epochs, drop_last)
        yield f"batches of one sample, the last {what}", attempt(batch + rest, 1, epochs, drop_last)


# --- split_indices: judged by its properties ------------------------------------------------------

_MANY = 200
_FEW_ROWS = 8
_FEW_ROWS_FRACTIONS = (0.5, 0.25, 0.25)


def _splits(rng: np.random.Generator) -> list[tuple[int, tuple[float, float, float], int]]:
    """What is asked for, in order: rows, fractions, and the seed of the generator; the last two have equal generators."""
    asked: list[tuple[int, tuple[float, float, float], int]] = []
    for n, fractions in (
        (int(rng.integers(60, 90)), (0.7, 0.2, 0.1)),
        (int(rng.integers(40, 60)), (0.1, 0.3, 0.6)),
        (int(rng.integers(90, 120)), (0.2, 0.7, 0.1)),
        (int(rng.integers(60, 90)), (0.6, 0.2, 0.2)),
        (7, (0.5, 0.25, 0.25)),
        (10, (0.8, 0.1, 0.1)),
        (3, (0.6, 0.2, 0.2)),
        (100, (0.29, 0.57, 0.14)),  # 0.29 · 100 is a little less than 29
    ):
        asked.append((n, fractions, int(rng.integers(2**62))))
    asked += [(_FEW_ROWS, _FEW_ROWS_FRACTIONS, int(rng.integers(2**62))) for _ in range(_MANY)]
    twice = (int(rng.integers(30, 40)), (0.6, 0.2, 0.2), int(rng.integers(2**62)))
    return [*asked, twice, twice]


def _properties(seen: Observations, seed: int) -> Observations:
    """What is true of the returned row numbers, in all splits at once: which rows go where is chance.

    The inputs are drawn anew from the seed; from the learner's process come the row numbers alone.
    """
    asked = _splits(np.random.default_rng(seed))
    nodes = [node for label, node in seen.items if not label.startswith(INPUTS)]
    if seen.stopped is not None:
        return Observations((), seen.stopped)
    moved = [_moved(node) for label, node in seen.items if label.startswith(INPUTS)]
    items: list[tuple[str, Node]] = [("each split draws from rng", np.array(len(moved) == len(asked) and all(moved)))]
    three_parts = [_row_numbers(node) for node in nodes]
    items.append(
        ("each split is three parts of row numbers", np.array(all(parts is not None for parts in three_parts)))
    )
    splits = [parts for parts in three_parts if parts is not None]
    if len(splits) < len(asked):
        return Observations(tuple(items))

    sizes = np.array([[len(part) for part in parts] for parts in splits])
    wanted = np.array([[n * fraction for fraction in fractions] for n, fractions, _ in asked])
    as_sets = [[set(part.tolist()) for part in parts] for parts in splits]
    everywhere = [one | two | three for one, two, three in as_sets]
    in_range = all(rows <= set(range(n)) for rows, (n, _, _) in zip(everywhere, asked, strict=True))
    no_repeats = all(list(map(len, parts)) == list(map(len, sets)) for parts, sets in zip(splits, as_sets, strict=True))
    disjoint = all(sum(map(len, sets)) == len(rows) for sets, rows in zip(as_sets, everywhere, strict=True))
    complete = all(rows >= set(range(n)) for rows, (n, _, _) in zip(everywhere, asked, strict=True))
    items += [
        ("all row numbers are from 0 to n − 1", np.array(in_range)),
        ("the sizes of train, val and test are less than 2 away", (np.abs(sizes - wanted) < 2).all(axis=0)),
        *_which_sizes(sizes, wanted),
        ("no row stands twice in one part", np.array(no_repeats)),
        ("no row is in two parts", np.array(disjoint)),
        ("every row is in a part", np.array(complete)),
        ("two equal generators give the same split", np.array(as_sets[-1] == as_sets[-2])),
    ]
    if in_range and no_repeats and disjoint and complete:
        part_of = np.empty((_MANY, _FEW_ROWS), dtype=int)
        for split, parts in enumerate(splits[-2 - _MANY : -2]):
            for number, part in enumerate(parts):
                part_of[split, part] = number
        first_parts = np.sort(part_of, axis=1)
        items += [
            ("other generators give other splits", np.array(len(np.unique(part_of, axis=0)) > 1)),
            ("train is more than the first rows", np.array(bool((part_of != first_parts).any()))),
            ("each part gets every row equally often", np.array(_rows_alike(part_of))),
            ("all pairs of rows are together equally often", np.array(_pairs_alike(part_of))),
        ]
    return Observations(tuple(items))


def _which_sizes(sizes: np.ndarray, wanted: np.ndarray) -> Iterator[tuple[str, Node]]:
    """Where sizes are off: in which of the first splits, or that chance sets them."""
    off = np.abs(sizes - wanted) >= 2
    if not off.any():
        return
    changing = bool((sizes[-2 - _MANY : -2] != sizes[-3]).any())
    yield "the sizes are the same in each split of 8", np.array(not changing)
    if not changing:
        yield "the sizes in the first splits", off[: -2 - _MANY]


def _moved(inputs: Node) -> bool:
    """Whether the generator among the inputs of a call was drawn from."""
    return isinstance(inputs, list) and any(isinstance(node, GeneratorState) and node.moved for node in inputs)


def _row_numbers(split: Node) -> list[np.ndarray] | None:
    """The three parts as flat arrays of integers, or None where they are anything else."""
    parts = list(split) if isinstance(split, list) or (isinstance(split, np.ndarray) and split.ndim) else []
    if len(parts) != 3:
        return None
    for part in parts:
        flat = isinstance(part, np.ndarray) and part.ndim == 1 and part.dtype.kind in "iuf"
        if not flat or (part != np.floor(part)).any() or (np.abs(part) > 1e6).any():
            return None
    return [part.astype(int) for part in parts]


def _rows_alike(part_of: np.ndarray) -> bool:
    """Whether no row is in a part far more or less often than chance would have it (6.5 standard deviations)."""
    for part in range(3):
        here = part_of == part
        if _far_from(here.mean(), here.sum(axis=0), len(part_of)).any():
            return False
    return True


def _pairs_alike(part_of: np.ndarray) -> bool:
    """The same of any two rows being in one part."""
    together = (part_of[:, :, None] == part_of[:, None, :])[:, *np.triu_indices(part_of.shape[1], 1)]
    return not _far_from(together.mean(), together.sum(axis=0), len(part_of)).any()


def _far_from(share: float, counts: np.ndarray, out_of: int) -> np.ndarray:
    return np.abs(counts - share * out_of) > 6.5 * np.sqrt(out_of * share * (1 - share))


@exercise(
    points=3,
    tolerance=exact(),
    conclude=_properties,
    hints=(
        "Shuffle all row numbers once. Then it is only a question of where to cut.",
        "`rng.permutation(n)` gives the numbers 0 … n − 1 in random order. Two cuts make three parts.",
        "n·fraction is rarely a whole number. If you round two of the sizes, which part takes what is left?",
    ),
)
def split_indices(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Sizes that do not come out even, any part the largest, many splits of few rows, and one split twice."""
    asked = _splits(rng)
    for number, (n, fractions, seed) in enumerate(asked, start=1):
        yield f"split {number}", attempt(n, fractions, np.random.default_rng(seed))


# --- standardize ----------------------------------------------------------------------------------


@exercise(
    points=2,
    hints=(
        "Two numbers a column, its mean and its standard deviation: `axis=0`. Which rows may they be computed from?",
        "The same two numbers serve all arrays: subtract, then divide.",
        "What is the standard deviation of a column that never changes, and what may you divide by in its place?",
    ),
)
def standardize(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """No other array, one, two of other lengths; as many rows as columns; columns that are constant in train only."""

    def table(rows: int, columns: int) -> np.ndarray:
        return rng.normal(size=(rows, columns)) * rng.uniform(2, 5, size=columns) + rng.uniform(-9, 9, size=columns)

    returned = attempt(table(6, 3), 2 + table(4, 3))
    yield "how many arrays come back for two", _how_many(returned)
    yield from _each(returned, ("train (6, 3)", "other (4, 3)"))
    returned = attempt(table(5, 2), table(3, 2), 30 + table(1, 2))
    yield "how many arrays come back for three", _how_many(returned)
    yield from _each(returned, ("train (5, 2)", "first other (3, 2)", "second other (1, 2)"))
    yield "train alone (7, 2)", attempt(table(7, 2))
    yield from _each(attempt(table(4, 4).T, table(4, 4)), ("square train (4, 4)", "square other (4, 4)"))

    train, other = table(6, 3), table(4, 3)
    train[:, 1] = 0.0
    yield from _each(attempt(train, other), ("train, one column all zeros", "other, where train is all zeros"))
    # Whole numbers: a constant column is constant to the last bit, whatever it is
    train, other = rng.integers(-9, 9, size=(8, 3)), rng.integers(-9, 9, size=(5, 3))
    train[:, 0], train[[0, -1], 1:], train[1, 1:] = rng.integers(2, 9), 9, -9
    yield from _each(attempt(train, other), ("whole-number train, one constant column", "whole-number other"))
    yield from _each(
        attempt(rng.integers(-9, 9, size=(1, 3)), table(3, 3)), ("train of one row", "other, one-row train")
    )
    train, other = table(5, 2), table(4, 2)
    train[:, 0] /= 2**20
    other[:, 1] = 0.5
    yield from _each(attempt(train, other), ("train, one narrow column", "other with a constant column"))


def _how_many(returned: Any) -> Any:
    return len(returned) if isinstance(returned, (tuple, list)) else returned


def _each(returned: Any, labels: tuple[str, ...]) -> Labelled:
    """The returned arrays, each with its label; what is no tuple of so many is shown whole, as the first."""
    if isinstance(returned, (tuple, list)) and len(returned) == len(labels):
        yield from zip(labels, returned, strict=True)
    else:
        yield labels[0], returned


# --- diagnose_fit, best_epoch ---------------------------------------------------------------------


_THREE_WORDS = ("underfit", "overfit", "good")


def _with_words(seen: Observations, seed: int) -> Observations:
    """Everything, and whether all answers are words that the exercise knows."""
    if seen.stopped is not None:
        return seen
    answers = [node for label, node in seen.items if not label.startswith(INPUTS)]
    known = all(isinstance(answer, str) and answer in _THREE_WORDS for answer in answers)
    return Observations((("every answer is one of the three words", np.array(known)), *seen.items))


@exercise(
    points=2,
    tolerance=exact(),
    conclude=_with_words,
    hints=(
        "Only the last five epochs of each list count. Compute the two means first.",
        "The order of the questions matters: where the training loss is too high, nobody asks about the validation loss.",
        "Where exactly are the borders? Read again what “more than” says about a tie.",
    ),
)
def diagnose_fit(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Each case, in an order of chance; early epochs that tell another story; one wild last epoch; ties; five epochs.

    All numbers are sums of a few powers of two, so that means are exact and a tie is a tie.
    """
    runs = list(_runs(rng))
    for number, index in enumerate(rng.permutation(len(runs)), start=1):
        (before, last), (val_before, val_last), acceptable = runs[index]
        train_losses, val_losses = [*before, *last], [*val_before, *val_last]
        yield f"run {number}", attempt(train_losses, val_losses, acceptable)


def _runs(
    rng: np.random.Generator,
) -> Iterator[tuple[tuple[list[float], list[float]], tuple[list[float], list[float]], float]]:
    """Runs as (train before, train last five), (validation before, validation last five), acceptable."""

    def around(mean: float, spread: float = 1 / 8) -> list[float]:
        """Five losses with exactly this mean, in an order of chance, the last of them off the mean."""
        steps = [-2, -1, 1, 2, 0]
        rng.shuffle(steps)
        if steps[-1] == 0:
            steps = steps[::-1]
        return [mean * (1 + spread * step) for step in steps]

    def unit() -> float:
        return float(rng.integers(2, 9)) / 8

    def flat(value: float, epochs: int) -> list[float]:
        return [value] * epochs

    for t, v, acceptable in (
        (0.5, 0.625, 1.0),  # good
        (0.5, 0.25, 1.0),  # good: validation may be lower
        (0.25, 0.5, 1.0),  # overfit
        (0.5, 1.0, 1.0),
        (0.75, 3.0, 1.0),
        (1.5, 1.75, 1.0),  # underfit
        (2.0, 4.0, 1.0),  # underfit, though validation is far worse
        (1.25, 0.5, 1.0),  # underfit, though validation is fine
        (1.0, 1.25, 1.0),  # a tie with acceptable
        (1.0, 2.0, 1.0),  # a tie with acceptable, and overfit
        (0.5, 0.75, 1.0),  # a tie with 1.5·t
        (0.5, 0.8125, 1.0),  # between 1.5·t and twice t
        (0.5, 0.765625, 1.0),  # just above 1.5·t
        (0.5, 0.734375, 1.0),  # just below
        (0.5, 0.6875, 0.625),
        (0.875, 1.25, 0.75),  # validation less than 1.5·t, train just too high
        (0.25, 2.0, 4.0),  # the limit is far away
        (0.25, 0.4375, 0.3125),  # v − t is small, v / t is not
        (24.0, 32.0, 28.0),  # v − t is large, v / t is not
    ):
        u = unit()
        yield (flat(3 * u, 4), around(t * u)), (flat(3 * u, 4), around(v * u)), acceptable * u
    for t, v, early_t, early_v in (
        (0.5, 0.625, 40.0, 0.625),  # as a mean of everything, underfit
        (0.5, 0.625, 0.5, 40.0),  # as a mean of everything, overfit
        (0.5, 1.0, 40.0, 40.0),
        (2.0, 2.5, 0.0, 0.0),
        (0.5, 1.0, 0.5, 0.0),
    ):
        u = unit()
        yield (flat(early_t * u, 1), around(t * u)), (flat(early_v * u, 1), around(v * u)), u
        yield (flat(early_t * u, 6), around(t * u)), (flat(early_v * u, 6), around(v * u)), u
    for (
        last_train,
        last_val,
    ) in (  # the last five differ: windows of four or three, the last, the first, or the best say something else
        ((4.0, 0.0, 0.0, 0.0, 0.0), (0.8125, 0.8125, 0.8125, 0.8125, 0.8125)),
        ((8.0, 0.0, 0.0, 0.0, 0.0), (0.5, 0.5, 0.5, 0.5, 0.5)),
        ((0.5, 0.5, 0.5, 0.5, 0.5), (3.0, 0.25, 0.25, 0.25, 0.25)),
        ((0.25, 0.25, 0.25, 0.25, 1.5), (0.5, 0.5, 0.5, 0.5, 0.5)),
        ((0.5, 0.5, 0.5, 0.5, 0.5), (0.25, 0.25, 0.25, 0.25, 2.0)),
        ((1.0, 1.0, 1.0, 1.0, 2.0), (1.0, 1.0, 1.0, 1.0, 1.0)),
        ((2.0, 2.0, 2.0, 2.0, 0.0), (1.0, 1.0, 1.0, 1.0, 1.0)),
        ((0.5, 0.5, 0.5, 0.5, 0.5), (1.0, 1.0, 1.0, 1.0, 0.0)),
        ((0.5, 0.5, 0.5, 0.5, 0.5), (0.0, 0.25, 0.5, 1.0, 2.25)),
    ):
        u = unit()
        yield ([], [u * x for x in last_train]), ([], [u * x for x in last_val]), u


@exercise(
    points=2,
    tolerance=exact(),
    conclude=_without_numbers,
    hints=(
        "Go through the epochs one by one and keep a note: which one had the smallest loss so far?",
        "At each epoch: update the note first, then ask how far away it is.",
        "A loss that only equals the best so far is no progress. Which comparison says so?",
    ),
)
def best_epoch(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A dip too late to be seen, ties, a slow climb down, small gains between losses, no stop at all, one epoch."""
    level = float(rng.integers(4, 9))
    falls = [level - 0.25 * step for step in range(int(rng.integers(4, 7)))]
    low = falls[-1]
    yield "patience 2, one minimum", attempt([*falls, low + 1, low + 2, low + 3, low + 4], 2)
    yield "patience 3, a better minimum after the stop", attempt([*falls, *[low + 1] * 4, low - 1, low - 2], 3)
    yield (
        "patience 3, a better minimum at the last moment",
        attempt([*falls, low + 1, low + 2, low - 1, *[level] * 5], 3),
    )
    yield (
        "patience 3, falling again, but not below the best",
        attempt([*falls, low + 3, low + 2, low + 1, *[level] * 4], 3),
    )
    yield "patience 2, up and down, each dip as low as the first", attempt([*falls, *[low + 1, low] * 4], 2)
    yield "patience 3, the same loss again and again", attempt([level + 1, *[level] * 6], 3)
    yield "patience 1", attempt([level, level - 1, level - 2, level - 1, level - 3], 1)
    yield "patience 4, always falling", attempt([*falls, low - 1, low - 2], 4)
    yield "patience 2, always rising", attempt([level + step for step in range(int(rng.integers(5, 9)))], 2)
    yield "patience as long as the run", attempt([level, *[level + 1] * 4], 5)
    yield "patience that ends at the last epoch", attempt([level, *[level + 1] * 4], 4)
    yield "patience far longer than the run", attempt([level, level - 1, level + 1], 50)
    yield "one epoch", attempt([level], 1)
    yield "losses below zero", attempt([-level, -level - 1, -level, -level + 1, -level - 2], 3)
    tiny = 2.0**-24
    yield "patience 2, very small gains", attempt([level - step * tiny for step in range(int(rng.integers(6, 9)))], 2)
    yield "patience 2, enormous losses", attempt([2.0**60 * loss for loss in (*falls, low + 1, low + 2, low + 3)], 2)
    noisy = [float(loss) for loss in np.round(8 + 4 / np.arange(1, 31) + rng.normal(size=30), 3)]
    for patience in (2, 4, 7):
        yield f"30 noisy epochs, patience {patience}", attempt(list(noisy), patience)


# --- metrics --------------------------------------------------------------------------------------


def _labels(rng: np.random.Generator) -> Iterator[tuple[str, np.ndarray, np.ndarray, int]]:
    """True and predicted classes: all classes, classes that are missing on one side or both, one sample, all right.

    In the first, each class has another number of rows, is predicted another number of times, and has at least one hit.
    """
    y_true = np.repeat([0, 1, 2, 3], [2, 4, 7, 11])
    y_pred = np.concatenate([[0, 3], [1, 1, 1, 2], [2, 2, 0, 0, 0, 1, 3], [3, 3, 3, 3, 3, 3, 0, 1, 1, 2, 2]])
    renamed, order = rng.permutation(4), rng.permutation(len(y_true))
    yield "4 classes", renamed[y_true][order], renamed[y_pred][order], 4
    y_true, y_pred = rng.integers(0, 3, size=(2, 20))
    y_true[:6], y_pred[:6] = [0, 0, 1, 1, 2, 2], [1, 1, 1, 0, 2, 0]
    yield "3 classes", y_true, y_pred, 3
    hole = np.array([0, 2, 4])  # neither 1 nor 3 ever occurs
    y_true, y_pred = hole[rng.integers(0, 3, size=(2, 15))]
    y_true[:4], y_pred[:4] = [0, 2, 4, 2], [0, 2, 4, 0]
    yield "6 classes of which 3 never occur", y_true, y_pred, 6
    y_true = np.array([0, 0, 0, 1, 1, 2, 2])[rng.permutation(7)]
    yield "a class that is never predicted", y_true, np.where(y_true == 2, rng.integers(0, 2, 7), y_true), 3
    yield "a class that is predicted and never there", np.where(y_true == 2, 1, y_true), y_true.copy(), 3
    wrong = rng.integers(0, 4, size=9)
    yield "every prediction wrong", wrong, (wrong + rng.integers(1, 4, size=9)) % 4, 4
    yield "every prediction right", wrong[::2], wrong[::2].copy(), 4
    yield "1 sample, right", *rng.integers(0, 3, size=(1, 1)).repeat(2, axis=0), 3
    yield "1 sample, wrong", np.array([1]), np.array([0]), 2
    table = rng.integers(0, 5, size=(40, 2)).astype(np.int32)
    yield "two columns of a table, 5 classes", table[:, 0], table[:, 1], 5


@exercise(
    points=2,
    tolerance=exact(),
    hints=(
        "Start with a (k, k) array of zeros. Each sample adds 1 to one cell: which row, which column?",
        "A class that does not occur still has its row and its column. Who says how many classes there are?",
    ),
)
def confusion_matrix(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """See `_labels`."""
    for label, y_true, y_pred, k in _labels(rng):
        yield label, attempt(y_true, y_pred, k)


@exercise(
    points=2,
    tolerance=_FLOAT32_IS_FINE,
    uses=("confusion_matrix",),
    hints=(
        "Both have the hits of a class on top. What differs is who is counted below.",
        "In the confusion matrix the hits are the diagonal. One of the two divides by the sums of columns, the other by "
        "the sums of rows: which is which?",
        "Where the sum is 0 the answer is 0. Decide that before you divide.",
    ),
)
def precision_recall(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """See `_labels`."""
    for label, y_true, y_pred, k in _labels(rng):
        yield from _pair(attempt(y_true, y_pred, k), f"precision, {label}", f"recall, {label}")


@exercise(
    points=1,
    tolerance=_FLOAT32_IS_FINE,
    uses=("confusion_matrix", "precision_recall"),
    hints=(
        "It is the harmonic mean of precision and recall, one number for each class.",
        "Where both are 0 the formula divides by 0. What does the exercise say then?",
    ),
)
def f1_scores(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """See `_labels`."""
    for label, y_true, y_pred, k in _labels(rng):
        yield label, attempt(y_true, y_pred, k)


@exercise(
    points=2,
    tolerance=_FLOAT32_IS_FINE,
    hints=(
        "Two counts of pixels: those that both masks mark, and those that at least one marks.",
        "`&` and `|` work pixel by pixel on masks of True and False. Which of the two counts can be zero?",
    ),
)
def iou(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Overlaps of every kind, in masks of other heights than widths; nothing marked in one, or in both."""
    pixels = rng.permutation(7 * 11)
    only_first, both, only_second = int(rng.integers(12, 20)), int(rng.integers(5, 11)), int(rng.integers(22, 30))

    def masks(first: int, shared: int, second: int) -> tuple[np.ndarray, np.ndarray]:
        """Two masks with so many pixels in the first alone, in both, and in the second alone, at places of chance."""
        one, two = np.zeros(77, dtype=bool), np.zeros(77, dtype=bool)
        one[pixels[: first + shared]] = True
        two[pixels[first : first + shared + second]] = True
        return one.reshape(7, 11), two.reshape(7, 11)

    yield "a small mask and a large one", attempt(*masks(only_first, both, only_second))
    yield "a large mask and a small one", attempt(*masks(only_second, both, only_first))
    yield "the prediction inside the mask", attempt(*masks(0, both, only_second))
    yield "the mask inside the prediction", attempt(*masks(only_second, both, 0))
    yield "no pixel in common", attempt(*masks(only_first, 0, only_second))
    yield "two equal masks", attempt(*masks(0, only_first, 0))
    yield "nothing predicted", attempt(*masks(0, 0, only_second))
    yield "nothing to find", attempt(*masks(only_first, 0, 0))
    yield "both empty", attempt(*masks(0, 0, 0))
    yield "both full", attempt(np.ones((3, 4), dtype=bool), np.ones((3, 4), dtype=bool))
    one, two = masks(only_first, both, only_second)
    yield "a strip of each mask", attempt(one.T, two.T)
    yield "one pixel", attempt(np.array([[True]]), np.array([[True]]))
    wide = masks(1, 3, only_second)
    yield "four pixels predicted, three of them right", attempt(*wide)
