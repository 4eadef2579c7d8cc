"""Probes of lesson 09, poisoned gradients: what a monitor sees, two manipulations, robust aggregation, a loss filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import nn

from autograder.comparison import relative
from autograder.exercise import INPUTS, exercise
from autograder.observation import Observations

Attempt = Callable[..., Any]
Labelled = Iterator[tuple[str, Any]]


# --- gradient_norm ----------------------------------------------------------------------------------


def _network(*sizes: int) -> nn.Sequential:
    """A float64 network of linear layers of these sizes; its numbers are set afterwards."""
    return nn.Sequential(*(nn.Linear(a, b) for a, b in pairwise(sizes))).double()


def _fill(model: nn.Module, rng: np.random.Generator, *, without: tuple[int, ...] = (), scale: float = 1.0) -> None:
    """Draw all parameters, and a gradient for each but those whose numbers are in `without`."""
    for number, p in enumerate(model.parameters()):
        p.data = torch.from_numpy(rng.uniform(1.0, 2.0, size=tuple(p.shape)))
        gradient = torch.from_numpy(scale * rng.normal(size=tuple(p.shape)))
        p.grad = None if number in without else gradient


def _gradients(model: nn.Module) -> list[Any]:
    return [p.grad for p in model.parameters()]


@exercise(
    points=2,
    tolerance=relative(1e-6),  # sums in float32 are right too
    hints=(
        "Think of all gradients of all parameters as one long arrow. Its length is the root of a sum of squares: over "
        "which numbers does the sum go?",
        "Go through `model.parameters()` with a running total. `p.grad` is the gradient of a parameter `p`, or None.",
        "Add up `(p.grad ** 2).sum()` where there is a gradient, and take one root at the very end.",
    ),
)
def gradient_norm(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """All gradients there, new ones in the same model, some missing, none at all, a single negative number, tiny ones."""
    model = _network(3, 4, 2)
    _fill(model, rng)
    yield "the norm where every parameter has a gradient", attempt(model)
    yield "the gradients afterwards", _gradients(model)
    _fill(model, rng)
    yield "the norm of new gradients in the same model", attempt(model)

    model = _network(2, 3, 3, 1)
    _fill(model, rng, without=(1, 3))
    _gradients(model)[0].mul_(0.1)  # the first is not the longest, whatever was drawn
    yield "the norm where two parameters have no gradient", attempt(model)
    yield "the gradients of that model afterwards", _gradients(model)
    _fill(model, rng, without=tuple(range(6)))
    yield "the norm where no parameter has a gradient", attempt(model)

    single = nn.Linear(1, 1, bias=False).double()
    single.weight.data = torch.from_numpy(rng.uniform(1.0, 2.0, size=(1, 1)))
    single.weight.grad = torch.from_numpy(rng.uniform(-2.0, -0.5, size=(1, 1)))
    yield "the norm of a single negative number", attempt(single)
    model = _network(4, 1)
    _fill(model, rng, scale=1e-4)
    yield "the norm of tiny gradients", attempt(model)


# --- spike_detector ---------------------------------------------------------------------------------


def _spikes_and_levels(rng: np.random.Generator) -> np.ndarray:
    """Norms for a window of 8 and k = 3, each part of which another wrong rule takes in another way."""
    falling = rng.uniform(0.9, 1.1, size=27)
    falling[:14] *= 10  # a level that falls later
    falling[[2, 6]] = 50.0  # before the first full window
    falling[[11, 13]] = 40.0, 35.0  # a spike, and one that follows while it is in the window
    falling[19] = 3.1  # the first step whose window holds more of the new level than of the old
    falling[25:27] = 5.0, 6.0  # two in a row, small beside the old level
    # Eight norms with median 1 and MAD 0.1: the limit is 1.44478, without the 1.4826 it is 1.3, with 1.48 or 1.483 for it
    # 1.444 or 1.4449, with k = 5 it is 1.741, with the step itself in the window 1.545, and in the window as a ninth 1.990.
    even = [[*(0.9, 1.1) * 4, spike] for spike in (1.38, 1.4444, 1.44484, 1.5, 1.65, 1.85)]
    quiet = rng.uniform(0.97, 1.03, size=int(rng.integers(1, 9)))  # so that no step has its number on all seeds
    return np.concatenate((falling, *even, quiet, [0.9, 1.1, 9.0]))


def _noisy(rng: np.random.Generator, steps: int, window: int) -> np.ndarray:
    """Ordinary norms that drift, with spikes at random steps, some of them during the warm-up."""
    norms = np.exp(0.2 * rng.normal(size=steps)) * np.linspace(4.0, 0.5, steps)
    after = window + rng.choice(steps - window, size=6, replace=False)
    norms[after] *= rng.uniform(3.0, 9.0, size=6)
    norms[rng.choice(window)] *= 20.0
    return norms


@exercise(
    points=4,
    hints=(
        "Begin with `flags = np.zeros(len(norms), dtype=bool)`: the first W stay as they are. Then one `for` over the "
        "steps from W on.",
        "For step i, cut out the W norms before it, without its own. Two medians are needed: one of these norms, and one "
        "of their distances from the first median.",
        "The slice is `norms[i - window : i]`. The limit is median + k · 1.4826 · MAD; compare with a strict `>`.",
    ),
)
def spike_detector(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Crafted levels and spikes, odd and even windows, a window of one, ties, a short run, a limit below the median."""
    yield "the flags (window 8, k = 3)", attempt(_spikes_and_levels(rng), 8, 3.0)
    yield "the flags (window 5, k = 2.5)", attempt(_noisy(rng, 45, 5), 5, 2.5)
    yield "the flags (window 12, k = 6)", attempt(_noisy(rng, 50, 12), 12, 6.0)
    yield "the flags of norms 1,000 times as long (window 5, k = 2.5)", attempt(1000 * _noisy(rng, 30, 5), 5, 2.5)

    growing = np.sort(rng.uniform(1.0, 2.0, size=6))
    growing[-1] = 90.0
    yield "the flags of a run that is shorter than the window", attempt(growing[:4], 5, 1.0)
    yield "the flags of a run that is one step longer than the window", attempt(growing, 5, 1.0)
    yield "the flags (window 1)", attempt(rng.uniform(1.0, 9.0, size=12), 1, 4.0)

    # Whole numbers have no rounding: a norm that equals its limit does so on every machine.
    level = 10 * int(rng.integers(5, 40))
    equal_norms = np.full(16, level)
    equal_norms[int(rng.integers(6, 14))] += 1
    yield "the flags of equal norms, but for one", attempt(equal_norms, 4, 5.0)
    steps = np.resize([level, level + 4, level + 2], 18) + (rng.permutation(18) == 0)
    yield "the flags with k = 0 (window 3)", attempt(steps, 3, 0.0)
    yield "the flags with a negative k (window 6, k = -1.5)", attempt(_noisy(rng, 40, 6), 6, -1.5)
    # After three equal norms and one of five times their size: median 1, MAD 0, mean 2, mean distance 1, in units of them.
    pieces = [[10, 10, 10, 50, last] for last in rng.permutation([17, 22, 30])]
    yield "the flags (window 4, k = 1)", attempt(level * np.concatenate(pieces), 4, 1.0)


# --- roc_auc ----------------------------------------------------------------------------------------


def _shuffled(rng: np.random.Generator, yes: np.ndarray, no: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Scores of attacked and of honest steps in random order, and the labels."""
    order = rng.permutation(len(yes) + len(no))
    return np.concatenate((yes, no))[order], (np.arange(len(order)) < len(yes))[order]


@exercise(
    points=3,
    tolerance=relative(1e-6),
    hints=(
        "Think of a game: draw one attacked and one honest step. The detector wins where the attacked one has the higher "
        "score, and gets half a point for a tie. The AUC is its mean result over all pairs.",
        "Split the scores in two: `scores[labels]` and `scores[~labels]`. Which shapes give you all pairs by broadcasting?",
        "`a[:, None] > b` compares each entry of a with each of b. Equal pairs need a comparison of their own.",
    ),
)
def roc_auc(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Scores without and with ties, negative ones, all equal, perfect, one of each, many more of one kind."""
    yield (
        "the AUC of scores that are all different",
        attempt(*_shuffled(rng, 0.8 + rng.normal(size=9), rng.normal(size=14))),
    )
    yes, no = rng.integers(1, 6, size=8), rng.integers(0, 5, size=11)
    yes[0], no[0] = 3, 3
    yield "the AUC of whole numbers with ties", attempt(*_shuffled(rng, yes, no))
    yield "the AUC of negative scores", attempt(*_shuffled(rng, -3.0 - rng.random(5), -3.3 - rng.random(6)))
    yield "the AUC where all scores are equal", attempt(*_shuffled(rng, np.full(4, 3), np.full(7, 3)))
    yield "the AUC of a detector that never errs", attempt(*_shuffled(rng, 2.0 + rng.random(3), rng.random(4)))
    yield "the AUC of a detector that always errs", attempt(*_shuffled(rng, -2.0 - rng.random(2), rng.random(5)))
    yield "the AUC of two steps with one score", attempt(*_shuffled(rng, np.array([2]), np.array([2])))
    few, many = rng.integers(-2, 4, size=2), rng.integers(-3, 3, size=25)
    yield "the AUC where few steps are attacked", attempt(*_shuffled(rng, few, many))


# --- manipulate_loss and manipulate_learning_rate -----------------------------------------------------


@exercise(
    points=1,
    hints=(
        "What does a sample whose loss is 0 add to the mean of the losses, and to its gradient?",
        "Make a copy, or a new array; `y == victim` says for each sample whether it is one of the victim's.",
    ),
)
def manipulate_loss(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A few of the victim's samples, class 0, none, nothing but those, one sample."""
    y = rng.permutation(np.array([3, 1, 3, 0, 2, 3, 4, 1, 0]))
    for victim in (3, 0):
        yield f"the losses (victim {victim})", attempt(rng.uniform(0.1, 4.0, size=9), y.copy(), victim)
    yield "the losses (no sample of the victim's)", attempt(rng.uniform(0.1, 4.0, size=9), y.copy(), 7)
    yield "the losses (all samples are the victim's)", attempt(rng.uniform(0.1, 4.0, size=4), np.full(4, 5), 5)
    yield "the losses (one sample of another class)", attempt(rng.uniform(0.1, 4.0, size=1), np.array([2]), 1)


def _without_inputs(seen: Observations, seed: int) -> Observations:
    """Without the inputs: here they are numbers, which nobody can change.

    A number that was returned earlier may be the very object that is handed in later (Python keeps small ones), and
    then it would be missing among the inputs.
    """
    return Observations(tuple(item for item in seen.items if not item[0].startswith(INPUTS)), seen.stopped)


@exercise(
    points=1,
    conclude=_without_inputs,
    hints=(
        "Two cases: the step is the chosen one, or it is not.",
        "Return `lr` as it is, but at the one step where `step` equals `when`.",
    ),
)
def manipulate_learning_rate(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Rates of whole runs: the spike in the middle, first, last, never, late (equal numbers, two objects); small factors."""
    for title, steps, when, factor in (
        ("spike at step 4", range(16), 4, float(rng.uniform(20, 200))),
        ("spike at step 0", range(5), 0, float(rng.uniform(20, 200))),
        ("spike at the last step", range(6), 5, float(rng.uniform(20, 200))),
        ("spike beyond the end", range(4), 50, float(rng.uniform(20, 200))),
        ("spike at step 1002", range(1000, 1004), 1002, float(rng.uniform(20, 200))),
        ("factor below 1, at step 2", range(5), 2, float(rng.uniform(0.1, 0.5))),
        ("factor 0, at step 1", range(4), 1, 0.0),
    ):
        lr = float(rng.uniform(0.01, 0.5))
        yield f"the rates of {len(steps)} steps ({title})", [attempt(step, lr, when, factor) for step in steps]


# --- coordinate_median, trimmed_mean, krum -------------------------------------------------------------


def _honest(rng: np.random.Generator, m: int, d: int) -> np.ndarray:
    """Gradients (m, d) of workers that more or less agree."""
    return rng.normal(size=d) + 0.3 * rng.normal(size=(m, d))


def _with_liars(rng: np.random.Generator, m: int, d: int, liars: int) -> np.ndarray:
    """The same, where `liars` rows somewhere among them point the other way, and far."""
    gradients = _honest(rng, m, d)
    gradients[rng.choice(m, size=liars, replace=False)] *= -8.0
    return gradients


@exercise(
    points=2,
    hints=(
        "Each column holds what the workers say about one coordinate. Which axis runs over the workers?",
        "NumPy has a median that takes an axis, and that gives the mean of the middle two for an even number.",
    ),
)
def coordinate_median(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Odd and even numbers of workers, liars among them, one worker, two, one coordinate, an array that is a transpose."""
    yield "the median of 5 workers", attempt(_with_liars(rng, 5, 3, 2))
    yield "the median of 6 workers", attempt(_with_liars(rng, 6, 4, 2))
    yield "the median of 1 worker", attempt(rng.normal(size=(1, 3)))
    yield "the median of 2 workers", attempt(rng.normal(size=(2, 5)))
    yield "the median of 4 workers, one coordinate", attempt(rng.normal(size=(4, 1)))
    yield "the median of 7 workers, handed over as a transpose", attempt(_honest(rng, 7, 2).T.copy().T)


@exercise(
    points=2,
    hints=(
        "Highest and lowest are a matter of each column alone: sort along the workers' axis, so that each column is "
        "sorted by itself.",
        "After sorting, the rows to drop are the first `trim` and the last `trim`. Then take the mean of the rest.",
        "`sorted_rows[trim : m - trim]` holds what is left, also for trim = 0 (and `[0:-0]` is empty: try it).",
    ),
)
def trimmed_mean(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Trims that leave several rows, two, one, all; liars among them; a transpose."""
    yield "the trimmed mean (m = 7, trim = 2)", attempt(_with_liars(rng, 7, 3, 2), 2)
    yield "the trimmed mean (m = 6, trim = 1)", attempt(_honest(rng, 6, 4), 1)
    yield "the trimmed mean (m = 4, trim = 0)", attempt(_honest(rng, 4, 2), 0)
    yield "the trimmed mean (m = 5, trim = 2, one is left)", attempt(_with_liars(rng, 5, 3, 1), 2)
    yield "the trimmed mean (m = 6, trim = 2, two are left)", attempt(rng.normal(size=(6, 1)), 2)
    yield "the trimmed mean (m = 1, trim = 0)", attempt(rng.normal(size=(1, 3)), 0)
    yield "the trimmed mean (a transpose, m = 8, trim = 3)", attempt(_honest(rng, 8, 2).T.copy().T, 3)


# Rows whose best one depends on how many nearest others are counted (m − f − 2, one fewer, one or two more, all of
# them, f) and on squares being summed; found by a random search. (m, f) -> coordinates of m rows.
_LAYOUTS = {
    (11, 3): (
        (-1, -1, 0),
        (-1, 0, 1),
        (-4, 11, 1),
        (-3, -4, 18),
        (1, 0, 0),
        (3, 12, 2),
        (-3, 2, -2),
        (2, 2, -1),
        (-6, -10, -9),
        (1, 6, 1),
        (20, -4, -3),
    ),
    (9, 2): (
        (-8, 0, -3),
        (-25, -4, -19),
        (0, 2, -9),
        (-6, 0, 2),
        (0, -1, -1),
        (-15, 3, 7),
        (-5, 2, 2),
        (8, 2, 0),
        (-3, -1, -6),
    ),
    (10, 3): (
        (13, -6, -11),
        (2, 12, -7),
        (-4, 4, 1),
        (17, 13, -17),
        (6, 3, -10),
        (1, 0, 3),
        (-4, 6, 1),
        (-3, 0, 4),
        (3, 4, 0),
        (8, -7, -1),
    ),
}
# One whose best row is another one where absolute differences are added up, as long as it is not turned.
_UPRIGHT = (
    (0, 25, 10),
    (-5, 11, -5),
    (-3, 6, -4),
    (-3, 1, 0),
    (11, 2, -5),
    (9, 3, 3),
    (1, 13, 13),
    (12, -16, 0),
    (1, 0, -4),
    (-3, 6, 0),
    (-12, 7, -22),
    (2, 1, 4),
)


def _laid_out(rng: np.random.Generator, layout: tuple[tuple[int, ...], ...], turned: np.ndarray) -> np.ndarray:
    """The rows of a layout: turned by a matrix (d, 3), scaled, moved, shuffled, and off by a little."""
    rows = np.array(layout, dtype=float)
    rows = (rows + 0.002 * rng.normal(size=rows.shape)) @ turned.T
    return rng.permutation(rng.uniform(0.2, 2.0) * rows + 3.0 * rng.normal(size=len(turned)))


def _some_equal(rng: np.random.Generator) -> np.ndarray:
    """Eight rows, three of them equal, and best: who takes the distance 0 between equals for that to itself, takes another."""
    rows = np.zeros((8, 4))
    rows[3:, 0] = 3.0, 3.03, 2.96, 3.08, 2.93  # all alike, sums of other distances would tie, and rounding decide
    rows[[4, 5, 6, 7], [1, 1, 2, 2]] = 2.60, -2.58, 2.62, -2.56  # no two rows alike but those
    turned = np.linalg.qr(rng.normal(size=(4, 4)))[0]
    return rng.permutation(rng.uniform(0.2, 2.0) * rows @ turned + rng.normal(size=4))


@exercise(
    points=4,
    hints=(
        "Make the table of squared distances between all rows first, (m, m). Row i of the table says how far each worker is "
        "from worker i.",
        "Sort each row of the table. Its smallest entry is the distance of a worker from itself, 0, which does not count: "
        "which slice holds the m − f − 2 nearest others?",
        "Add up that slice for each worker; `np.argmin` says whose sum is the least. Return that worker's row of `gradients`.",
    ),
)
def krum(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Layouts where other counts, other distances or other ideas choose other rows; liars; rows that are equal."""
    for (m, f), layout in _LAYOUTS.items():
        turned = np.linalg.qr(rng.normal(size=(5, 3)))[0]
        yield f"the row that is chosen (m = {m}, f = {f})", attempt(_laid_out(rng, layout, turned), f)
    yield "the row that is chosen (m = 12, f = 3)", attempt(_laid_out(rng, _UPRIGHT, np.eye(3)), 3)
    yield "the row that is chosen (m = 9, f = 3, three liars)", attempt(_with_liars(rng, 9, 6, 3), 3)
    yield "the row that is chosen (m = 8, f = 2, three rows are equal)", attempt(_some_equal(rng), 2)
    yield "the row that is chosen (all rows are equal)", attempt(np.tile(rng.normal(size=3), (6, 1)), 1)
    yield "the row that is chosen (m = 7, f = 0)", attempt(rng.normal(size=(7, 2)), 0)
    # Many rows, to one side: those closest to the mean and to the median are two, and a row chosen by luck is neither.
    yield "the row that is chosen (m = 40, f = 18)", attempt(rng.exponential(size=(40, 1)), 18)


# --- filter_by_loss ---------------------------------------------------------------------------------


@exercise(
    points=2,
    hints=(
        "How many samples go is a whole number: `int(fraction * n)`. Which ones: those that come last when you sort by loss.",
        "`np.argsort(losses)` gives the samples' numbers from the lowest loss to the highest. Begin with a mask that is "
        "True everywhere.",
        "With nothing to drop, `order[-0:]` is *everything*. Count from the front: `order[n - drop:]`.",
    ),
)
def filter_by_loss(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Products that are no whole number, and that are one; nothing to drop, everything; a single sample; ties."""
    for n, fraction in ((11, 0.35), (12, 0.25), (9, 0.5), (6, 0.0), (5, 1.0), (1, 0.5), (7, 0.125)):
        yield (
            f"the samples to keep (n = {n}, fraction {fraction})",
            attempt(rng.permutation(np.exp(rng.normal(size=n))), fraction),
        )
    losses = rng.permutation(np.array([0.5] * 3 + [2.0] * 5 + [4.0])) * rng.uniform(1.0, 2.0)
    keep = np.asarray(attempt(losses.copy(), 0.375))
    usable = keep.dtype == np.bool_ and keep.shape == losses.shape
    yield (
        "the losses that are kept where some are equal (n = 9, fraction 0.375)",
        np.sort(losses[keep]) if usable else np.array(keep.shape),  # among equals, sorting differs between processors
    )
