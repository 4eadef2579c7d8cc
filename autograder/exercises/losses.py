"""Probes of lesson 02, losses: absolute and smoothed errors, softmax, both cross-entropies, and the same from torch.nn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch

from autograder.comparison import Tolerance
from autograder.exercise import exercise
from autograder.observation import Node, Observations

Attempt = Callable[..., Any]
Labelled = Iterator[tuple[str, Any]]


def _strided(values: np.ndarray) -> np.ndarray:
    """The same numbers, every second entry of a longer array."""
    return np.repeat(values, 2)[::2]


def _signs(rng: np.random.Generator, n: int) -> np.ndarray:
    """Both signs, in drawn order (one sign for a single number)."""
    return rng.permutation(np.where(np.arange(n) % 3 == 1, 1.0, -1.0))


def _extreme(rng: np.random.Generator, size: int) -> np.ndarray:
    """Positive numbers up to 1000 whose exponential is too large for a float."""
    return rng.uniform(800.0, 1000.0, size=size)


@exercise(
    points=1,
    hints=(
        "Three steps, from the inside out: the error of each sample, its size, the mean.",
        "An error of −2 is as large as one of 2. Which NumPy function forgets the sign?",
    ),
)
def mae(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Errors of both signs, below and above 1, whose mean is not zero; a single sample; errors of one sign."""
    for n in (7, 4):
        targets = 3.0 * rng.normal(size=n)
        errors = _signs(rng, n) * np.concatenate([rng.uniform(0.1, 0.8, size=n // 2), rng.uniform(1.3, 3, n - n // 2)])
        yield f"{n} samples", attempt(_strided(targets + errors), targets)
    for title, sign in (("too low", -1.0), ("too high", 1.0)):
        targets = rng.normal(size=3)
        yield f"predictions that are all {title}", attempt(targets + sign * rng.uniform(0.2, 2, size=3), targets)
    yield "1 sample", attempt(rng.normal(size=1), 3.0 + rng.normal(size=1))


@exercise(
    points=2,
    hints=(
        "Only the size of the error matters for the branch, not its sign. Work with the sizes from the start.",
        "`np.where(condition, this, that)` chooses for each entry on its own: one branch where the condition holds, the "
        "other elsewhere.",
        "At |e| = beta both branches must give the same number, beta/2. Do yours?",
    ),
)
def smooth_l1(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Errors of both signs on both sides of beta, for beta above, below and at 1; all small, all large, a single one."""
    for n_small, n_large, beta in (
        (3, 4, float(rng.uniform(1.6, 2.4))),
        (4, 3, float(rng.uniform(0.2, 0.5))),
        (2, 3, 1.0),
        (4, 0, 3.0),
        (0, 3, 0.7),
        (0, 1, 2.5),
        (1, 0, 0.5),
    ):
        small, large = rng.uniform(0.2, 0.9, size=n_small), rng.uniform(1.2, 3.0, size=n_large)
        # Where there are several, one is below √2: e²/(2·beta) is less than beta there.
        large[1:2] = rng.uniform(1.2, 1.35)
        # signs are drawn for each kind: a branch chosen by the signed error must show
        errors = beta * np.concatenate([_signs(rng, n_small) * small, _signs(rng, n_large) * large])
        errors = rng.permutation(errors)
        targets = rng.normal(size=n_small + n_large)
        title = (
            f"{n_small} small and {n_large} large errors, beta {'= 1' if beta == 1 else '< 1' if beta < 1 else '> 1'}"
        )
        yield title, attempt(_strided(targets + errors), targets, beta)


@exercise(
    points=3,
    hints=(
        "A row is a sample: every sum runs along a row. `keepdims=True` keeps the sums as a column, which divides row by row.",
        "What you add to all scores of one row cancels. Which number makes the largest exponential of the row exactly 1?",
        "One number for the whole table is not enough: a row near −1000 beside one near 1000 needs its own.",
    ),
)
def softmax(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """As many rows as columns, more, fewer, one; logits near ±1000, rows far apart, and far apart within a row."""
    yield "3 rows of 3 small logits", attempt(rng.normal(size=(3, 3)))
    yield "5 rows of 2 small logits", attempt(2.0 * rng.normal(size=(2, 5)).T)
    yield "1 row of 4 small logits", attempt(rng.normal(size=(1, 4)))
    yield "logits near 1000", attempt(rng.uniform(996.0, 1000.0, size=(2, 3)))
    yield "logits near −1000", attempt(rng.uniform(-1000.0, -996.0, size=(3, 4)))
    far_apart = rng.permutation([998.0, 0.0, -998.0])[:, None]
    yield "rows near 1000, 0 and −1000", attempt(far_apart + rng.uniform(-2, 2, size=(3, 4)))
    # the largest logit stands first, in the middle and last
    table = np.array([np.roll([_extreme(rng, 1)[0], 0.0, -_extreme(rng, 1)[0]], by) for by in range(3)])
    yield "−1000 to 1000 within a row", attempt(rng.permutation(table))
    yield "rows of equal logits", attempt(np.tile(rng.normal(size=(2, 1)), (1, 5)))
    yield "rows of a single logit", attempt(rng.normal(size=(3, 1)))


@exercise(
    points=4,
    uses=("softmax",),
    hints=(
        "Write down −log of the softmax of the true class, and use log(a / b) = log a − log b. Which log cancels an exponential?",
        "What is left is the log of a sum of exponentials, minus the true class's logit. The shift that saved your softmax "
        "saves the sum too. Add it again afterwards, or shift both.",
        "Row numbers and class numbers together pick one entry from each row.",
    ),
)
def cross_entropy(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """As many samples as classes, more, fewer, one; classes that repeat or are missing; logits up to ±1000."""
    for k, classes in ((3, (0, 2, 2, 1)), (3, (2, 2, 0)), (5, (3,)), (2, (1, 0, 1, 1, 1, 0))):
        logits = 2.0 * rng.normal(size=(k, len(classes))).T
        title = f"{len(classes)} sample{'s' if len(classes) > 1 else ''}, {k} classes"
        yield title, attempt(logits, _strided(rng.permutation(classes)))
    yield "equal logits", attempt(np.tile(rng.normal(size=(4, 1)), (1, 3)), rng.integers(3, size=4))
    for title, middle in (("near 1000", 997.0), ("near −1000", -997.0)):
        yield f"logits {title}", attempt(middle + rng.uniform(-3, 3, size=(4, 3)), rng.permutation([0, 1, 2, 2]))
    far_apart = rng.permutation([997.0, 0.0, -997.0])[:, None]
    yield "rows near 1000, 0 and −1000", attempt(far_apart + rng.uniform(-3, 3, size=(3, 4)), rng.integers(4, size=3))
    logits = np.array([[_extreme(rng, 1)[0], 0.0, -_extreme(rng, 1)[0]] for _ in range(3)])
    for title, classes in (("the largest is the truth", (0, 0, 0)), ("the smallest is the truth", (2, 2, 2))):
        order = rng.permutation(3)
        yield f"logits of ±1000, {title}", attempt(logits[:, order], np.argsort(order)[list(classes)])


@exercise(
    points=3,
    tolerance=Tolerance(
        relative=1e-9, absolute=1e-11
    ),  # rightly sure at 1000 costs 0, as the difference of large numbers
    hints=(
        "Make s first: −z for label 1, z for label 0. The loss is log(e^0 + e^s) for both. Which s makes it overflow?",
        "Take the larger of 0 and s out of log(e^0 + e^s), for each sample its own, as you took the largest logit out of a "
        "row. That shifts both exponents, and neither is positive any more.",
        "The loss for label 1 is the loss for label 0 minus z. So one formula, log(1 + e^z) − t·z, does both; and NumPy has "
        "functions for log(1 + x) and for log(e^a + e^b).",
    ),
)
def bce_with_logits(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Logits that would pass for probabilities, both signs, one sample; logits up to ±1000, rightly and wrongly sure."""
    yield "logits between 0 and 1", attempt(rng.uniform(0.1, 0.9, size=5), rng.permutation([1.0, 0.0, 0.0, 1.0, 0.0]))
    labels = rng.permutation([1.0, 0.0, 1.0, 1.0, 0.0, 1.0, 0.0])
    yield "logits of both signs", attempt(_strided(2.0 * rng.normal(size=7)), labels)
    yield "1 sample of label 1", attempt(rng.normal(size=1), np.array([1.0]))
    yield "1 sample of label 0", attempt(rng.normal(size=1), np.array([0.0]))
    yield "logits of 1000, all labels 1", attempt(_extreme(rng, 3), np.ones(3))
    yield "logits of −1000, all labels 0", attempt(-_extreme(rng, 3), np.zeros(3))
    yield "logits of 1000, all labels 0", attempt(_extreme(rng, 3), np.zeros(3))
    yield "logits of −1000, all labels 1", attempt(-_extreme(rng, 3), np.ones(3))
    # near 100 a probability is rounded to 1, and no exponential is infinite yet: the two ways of failing come apart
    logits, order = np.array([1.0, 1.0, -1.0, -1.0]) * rng.uniform(90.0, 110.0, size=4), rng.permutation(4)
    yield "logits near 100", attempt(logits[order], np.array([1.0, 0.0, 1.0, 0.0])[order])
    # on each side one label is right and one wrong: ways of overflowing differ in which of the two they spoil
    logits, order = np.concatenate([_extreme(rng, 2), -_extreme(rng, 2), rng.normal(size=2)]), rng.permutation(6)
    yield "small and large logits", attempt(logits[order], np.array([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])[order])


@exercise(
    points=3,
    hints=(
        "Each loss is used in two steps: make it, `criterion = nn.L1Loss()`, then call it on the predictions and the targets.",
        "Which of the losses take logits, and which takes probabilities? The name says it for one of them, the table above "
        "for all.",
        "`torch.sigmoid` makes probabilities of scores. Exactly one of the six needs it.",
    ),
)
def torch_losses(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """One of each, which a loss's maker takes for settings; scores that would pass for probabilities; scores of both signs.

    So wrong calls stop at different places: data in the wrong order at the first, makers at the second, logits for
    probabilities at the third.
    """
    for title, shape, k, classes, scores in (
        ("1 prediction, 1 score", (1, 1), 4, (3,), rng.uniform(0.1, 0.9, size=1)),
        ("6 predictions, scores between 0 and 1", (3, 2), 3, (0, 1, 2, 0, 2), rng.uniform(0.1, 0.9, size=4)),
        ("4 predictions, scores of both signs", (4,), 3, (2, 1, 2), 2.0 * rng.normal(size=7)),
    ):
        targets = rng.normal(size=shape)
        size = np.where(np.arange(targets.size) % 2, rng.uniform(0.2, 0.8), rng.uniform(1.5, 3.0)).reshape(shape)
        arrays = (
            targets - size * rng.choice([-1.0, 1.0], size=shape),
            targets,
            2.0 * rng.normal(size=(len(classes), k)),
            rng.permutation(classes),
            scores,
            rng.permutation(np.arange(len(scores)) % 3 != 0).astype(float),
        )
        yield title, attempt(*map(torch.tensor, arrays))


_TASK = "the task "  # before its name in a label, which a card begins with a capital letter
_TASKS = ("regression", "regression_with_outliers", "multiclass", "binary", "multilabel")
_AS_GOOD = {
    "regression_with_outliers": {"SmoothL1Loss", "HuberLoss", "L1Loss"},
    "multilabel": {"BCEWithLogitsLoss", "MultiLabelSoftMarginLoss"},
}


def _class_names(seen: Observations, seed: int) -> Observations:
    """How a name is written ("nn.MSELoss()") makes no difference, nor which of several good losses is named."""
    return Observations(
        tuple((label, _class_name(label.removeprefix(_TASK), node)) for label, node in seen.items), seen.stopped
    )


def _class_name(task: str, node: Node) -> Node:
    if not isinstance(node, str):
        return node
    name = node.strip().removeprefix("torch.").removeprefix("nn.").removesuffix("()")
    return min(_AS_GOOD[task]) if name in _AS_GOOD.get(task, ()) else name


@exercise(
    points=1,
    self_check=True,
    conclude=_class_names,
    hints=(
        "Two questions decide: what is predicted (a number, one class, yes or no, several labels), and what does the model "
        "give (here never a probability)?",
        "Several labels at the same time are several yes-or-no questions. And which loss of numbers is not dragged along by "
        "one wild target?",
    ),
)
def choose_loss(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Each of the five tasks."""
    for task in _TASKS:
        yield f"{_TASK}{task}", attempt(task)
