"""Probes of lesson 01, the training loop in NumPy: data, weights, forward pass, loss, gradient, update, the loop, its limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.comparison import relative
from autograder.exercise import exercise, own_generator, pair

Attempt = Callable[..., Any]
Labelled = Iterator[tuple[str, Any]]


def _count(number: int, thing: str) -> str:
    """ "1 sample", "2 samples"."""
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _none_one_two_or_more(returned: Any) -> int:
    """How many things a caller could unpack: 0, 1 (an array or a number is one thing), 2, or 3 for any other count."""
    if isinstance(returned, (tuple, list)):
        return 2 if len(returned) == 2 else 3
    return 0 if returned is None else 1


@exercise(
    points=2,
    hints=(
        "Two draws from `rng`, in this order: all of X at once, then all of the noise at once.",
        "`X[:, 0]` is x₁ for all rows. How do you multiply it by its coefficient without a loop?",
        "`rng.normal(size=7)` draws seven numbers from N(0, 1). What turns a spread of 1 into a spread of `noise`?",
    ),
)
def make_data(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Several rows, one row, and no noise at all; where the generator stands afterwards tells what was drawn."""
    for call, (n, noise) in enumerate(((7, float(rng.uniform(0.2, 0.7))), (1, 2.5)), start=1):
        generator = own_generator(rng)
        try:
            returned = attempt(n, noise, generator)
        except Exception:  # what was drawn before the error tells one number from a table
            yield f"the inputs after call {call}, which failed", generator.normal()
            raise
        yield from pair(returned, f"X for n = {n}", f"targets y for n = {n}")
        yield f"the number that rng draws next, after n = {n}", generator.normal()
    yield from pair(attempt(5, 0.0, own_generator(rng)), "X without noise", "targets y without noise")


@exercise(
    points=1,
    hints=(
        "One draw from the generator that you were given; not from `np.random`.",
        "`rng.normal` takes the mean, the spread and the size, in this order. Which of them is `n_features`?",
    ),
)
def init_weights(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Several features, and a single one, which still is an array."""
    for n_features in (5, 2, 1):
        generator = own_generator(rng)
        yield f"weights for {_count(n_features, 'feature')}", attempt(n_features, generator)
        yield f"the number that rng draws next, after {_count(n_features, 'feature')}", generator.normal()


@exercise(
    points=1,
    hints=(
        "Each sample gets one number: its features times the weights, summed.",
        "Which NumPy operator turns shapes (n, d) and (d,) into (n,)?",
    ),
)
def predict(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """As many samples as features (both orders of a product exist then), more samples, one sample, one feature."""
    yield "4 samples with 4 features", attempt(rng.normal(size=(4, 4)), rng.normal(size=4))
    yield "6 samples with 3 features", attempt(rng.normal(size=(3, 6)).T, rng.normal(size=3))
    yield "1 sample with 5 features", attempt(rng.normal(size=(1, 5)), rng.normal(size=5))
    yield "5 samples with 2 features", attempt(rng.normal(size=(10, 2))[::2], rng.normal(size=4)[::2])
    yield "5 samples with 1 feature", attempt(rng.normal(size=(5, 1)), rng.normal(size=1))


@exercise(
    points=2,
    hints=(
        "Three steps, from the inside out: the error of each sample, its square, the mean.",
        "Print the shape of your errors for all four pairings of (4, 1) and (4,). How many numbers should there be?",
        "An array of either shape becomes (n,) when it is flattened.",
    ),
)
def mse(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Errors of both signs whose mean is not zero, in every pairing of flat arrays and columns; a single sample."""
    for n, predictions_shape, y_shape in (
        (6, (6,), (6,)),
        (5, (5, 1), (5,)),
        (7, (7,), (7, 1)),
        (4, (4, 1), (4, 1)),
        (1, (1,), (1,)),
        (1, (1, 1), (1,)),
    ):
        y = rng.normal(size=n)
        predictions = y + rng.uniform(0.5, 2.5, size=n) * np.where(np.arange(n) % 3 == 2, -1.0, 1.0)
        label = f"predictions of shape {predictions_shape}, y of shape {y_shape}"
        yield label, attempt(predictions.reshape(predictions_shape), y.reshape(y_shape))


@exercise(
    points=3,
    tolerance=relative(1e-8),  # leaves room for central differences, which are a right way too
    uses=("predict",),
    hints=(
        "Write down the MSE for one sample and one weight, and take its derivative. Two factors come from the chain rule.",
        "Each error counts as strongly as the feature that it came through: features times errors, averaged over the samples.",
        "Shapes help: something of shape (d, n) times the errors (n,) gives (d,). Then look for what is left of the square.",
    ),
)
def mse_gradient(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """As many samples as features, more, one sample, one feature; features and targets whose mean is not zero."""
    for n, d in ((4, 4), (9, 3), (1, 5), (7, 1), (6, 2)):
        X, y = 0.5 + rng.normal(size=(d, n)).T, 2.0 + rng.normal(size=n)
        yield f"{_count(n, 'sample')} with {_count(d, 'feature')}", attempt(X, y, rng.normal(size=d))


@exercise(
    points=1,
    hints=(
        "The gradient points uphill. Which way do you want to go, and how far?",
        "`-=` on an array, or writing to `weights[i]`, changes the array itself, also for the one who handed it in. Make a "
        "new one.",
    ),
)
def sgd_step(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Rates below and above 1, a single weight, strided arrays, a drawn rate."""
    yield "4 weights", attempt(rng.normal(size=4), rng.normal(size=4), 0.3)
    yield "1 weight", attempt(rng.normal(size=1), rng.normal(size=1), 1.7)
    rate = float(rng.uniform(0.4, 0.9))
    yield "3 weights", attempt(rng.normal(size=6)[::2], rng.normal(size=6)[::2], rate)
    yield "5 weights", attempt(rng.normal(size=5), rng.normal(size=5), 0.03)


@exercise(
    points=4,
    tolerance=relative(1e-7),  # no narrower than that of mse_gradient: it is the learner's own
    uses=("predict", "mse", "mse_gradient", "sgd_step"),
    hints=(
        "You have written all the parts. One pass: predict, note the loss, gradient, step. Which of them go inside the loop?",
        "The note of the loss comes before the step, so that `losses[0]` is the loss of the weights you were given.",
        "Every pass must start from the newest weights: the name that the step is stored in is the one the next pass reads.",
    ),
)
def train(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A pair? A short run, one epoch, one sample, a run that arrives at the bottom and stays there, one whose loss grows."""
    for title, n, d, lr, epochs in (
        ("5 epochs", 7, 3, 0.04, 5),
        ("1 epoch", 5, 3, 0.05, 1),
        ("1 sample, 3 epochs", 1, 4, 0.03, 3),
    ):
        X, Y = rng.normal(size=(d, n)).T, 2.0 + rng.normal(size=n)
        returned = attempt(X, Y, 2.0 + rng.normal(size=d), lr, epochs)
        if title == "5 epochs":
            yield "how many things come back", _none_one_two_or_more(returned)
        yield from pair(returned, f"weights ({title})", f"losses ({title})")

    # A round bowl and a start 0.57 from its bottom: the loss falls in the same way on all seeds, so that a loop
    # that stops when it is small enough stops at the same epoch.
    X = np.linalg.qr(rng.normal(size=(8, 3)))[0] * np.sqrt(8)
    bottom, direction = rng.normal(size=3), rng.normal(size=3)
    start = bottom + 0.57 * direction / np.linalg.norm(direction)
    yield from pair(attempt(X, X @ bottom, start, 0.45, 12), "weights (12 epochs)", "losses (12 epochs)")

    X, Y = rng.normal(size=(6, 3)), rng.normal(size=6)
    returned = attempt(X, Y, 2.0 + rng.normal(size=3), 2.0, 4)
    yield from pair(returned, "weights (rate too large)", "losses (rate too large)")


@exercise(
    points=3,
    tolerance=relative(1e-6),  # leaves room for answers that iterate
    hints=(
        "Write down the Hessian of the MSE first, for all pairs (j, k) at once: which product of X and `X.T` is it, and times what?",
        "Along one eigenvector the error is multiplied by (1 − lr·λ) in each step. For which lr does that shrink?",
        "All directions have to shrink. Which eigenvalue is the first to refuse, and which NumPy function finds "
        "the eigenvalues of a symmetric matrix?",
    ),
)
def stable_learning_rate(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Correlated features, columns from flat to steep and back, a single feature, as many samples as features."""
    yield "8 samples with 3 features", attempt(0.7 + rng.normal(size=(8, 3)))
    for title, scales in (("growing", (0.5, 1.0, 4.0)), ("shrinking", (4.0, 1.0, 0.5))):
        one_feature_a_row = np.tile(np.eye(3), (3, 1))  # columns that share no row are orthogonal to the last bit
        yield f"columns of {title} size", attempt(one_feature_a_row * scales * rng.uniform(0.8, 1.2, size=(9, 1)))
    yield "5 samples with 1 feature", attempt(rng.normal(size=(5, 1)) + 1.0)
    yield "30 samples with 2 features", attempt(rng.normal(size=(2, 30)).T * (0.3, 1.2))
