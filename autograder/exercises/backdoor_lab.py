"""Probes of lesson 08, the backdoor lab: attack surface, trigger, poison, its success, suspicion scores, the filter."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch import nn

from autograder import labs
from autograder.comparison import relative
from autograder.exercise import INPUTS, RESULT, exercise
from autograder.observation import GeneratorState, Node, Observations

Attempt = Callable[..., Any]
Labelled = Iterator[tuple[str, Any]]
Trigger = Callable[[np.ndarray], np.ndarray]

_SAME = 1e-6  # values closer than this are the same: float32 answers are right too


def _stack(images: Any) -> np.ndarray:
    """`images` in float64. Refuses what is no stack of images, so that a trigger of the judge's takes what a learner's does."""
    stack = np.asarray(images, dtype=np.float64)
    if stack.ndim != 3:
        raise ValueError(
            f"apply_trigger takes a stack of images (m, 8, 8), and got shape {stack.shape}: hand it all chosen rows at once, "
            "or one of them as X[row : row + 1]"
        )
    return stack


# --- attack_surface ---------------------------------------------------------------------------------


def _in_plain_words(seen: Observations, seed: int) -> Observations:
    """Capital letters and blanks around a word are no mistake."""
    answer = seen.get(RESULT)
    if isinstance(answer, dict):
        answer = {_plain(key): _plain(value) for key, value in answer.items()}
    return Observations(((RESULT, answer),), seen.stopped)


def _plain(node: Any) -> Any:
    return node.strip().lower() if isinstance(node, str) else node


@exercise(
    points=1,
    value=True,
    self_check=True,
    conclude=_in_plain_words,
    hints=(
        "Begin with the reports that say what was *not* touched: training was honest, or every file and line is. Only one "
        "part of the table is left for each of them.",
        "Two reports tell of a class that the model no longer knows. In one the numbers that were logged explain it, in "
        "the other they do not: what comes after the loss?",
    ),
)
def attack_surface(attempt: Any, rng: np.random.Generator) -> Labelled:
    """The dict as it stands."""
    yield RESULT, attempt


# --- apply_trigger ----------------------------------------------------------------------------------

_MOST_PIXELS = 4
_TRIGGERED = "the images with the trigger"


def _images_to_trigger(rng: np.random.Generator) -> list[np.ndarray]:
    """Six images, one image, and a view; all values lie within (0, 1), so that any fixed value shows everywhere."""
    return [rng.uniform(0.05, 0.95, shape) for shape in ((6, 8, 8), (1, 8, 8), (4, 8, 8))]


def _trigger_concluded(seen: Observations, seed: int) -> Observations:
    """What holds of the trigger, over all images of all calls."""
    if seen.stopped is not None:
        return Observations((), seen.stopped)
    before = _images_to_trigger(np.random.default_rng(seed))
    after = [_numbers(seen.get(f"{_TRIGGERED}, call {call}")) for call in (1, 2, 3)]
    kept = [_first(seen.get(f"{INPUTS} {call}")) for call in (1, 2, 3)]
    for left, right in zip(before, after, strict=True):
        if left.shape != right.shape:
            raise ValueError(f"images of shape {left.shape} went in, and an array of shape {right.shape} came back")
    images, stamped = np.concatenate(before), np.concatenate(after)
    changed = ~(np.abs(images - stamped) <= _SAME)  # so that what is no number counts as changed
    pixels = changed.any(axis=0)
    values = stamped[:, pixels]
    on_digits = np.abs(labs.digits()[0].X[:, pixels] - values[0]) > _SAME
    facts = {
        "something changes": bool(changed.any()),
        f"at most {_MOST_PIXELS} pixels change": bool(changed.sum(axis=(1, 2)).max() <= _MOST_PIXELS),
        "every image gets the same pixels with the same values": bool(
            (changed == changed[0]).all() and (np.abs(values - values[:1]) <= _SAME).all()
        ),
        "all values lie between 0 and 1": bool(((stamped >= 0) & (stamped <= 1)).all()),
        "the trigger shows on real digits": bool(on_digits.any()),
    }
    unchanged = [all(np.array_equal(_numbers(left), right) for left, right in zip(kept, before, strict=True))]
    items = [(f"{INPUTS}s", np.array(unchanged)), *((label, np.array(fact)) for label, fact in facts.items())]
    return Observations(tuple(items))


def _numbers(node: Node) -> np.ndarray:
    """The node, where it is an array of real numbers."""
    if not isinstance(node, np.ndarray) or node.dtype.kind not in "biuf":
        raise ValueError("an array of numbers should come back")
    return node.astype(np.float64)


def _first(node: Node) -> Node:
    """The first of the inputs of a call; a single array among them is kept as an array of one more axis."""
    if isinstance(node, (list, np.ndarray)) and len(node):
        return node[0]
    raise ValueError("the inputs of a call are missing")


@exercise(
    points=2,
    conclude=_trigger_concluded,
    hints=(
        "Three steps: copy the images, write your values into the same few pixels of all of them, return the copy.",
        "`images[:, 0, 0]` is the top left pixel of every image. Assigning one number to it writes it into all of them.",
        "Pixels that are empty in nearly all digits make the strongest triggers: the corners and the edges, not the centre.",
    ),
)
def apply_trigger(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Several images, a single one, and every other image of a larger array; what came back, whole."""
    for call, images in enumerate(_images_to_trigger(rng), start=1):
        given = np.repeat(images, 2, axis=0)[::2] if call == 3 else images.copy()
        yield f"{_TRIGGERED}, call {call}", attempt(given)


# --- poison -----------------------------------------------------------------------------------------

BUDGET = 12  # 1 % of the 1,297 training images
TARGET = 0
LEAST_SUCCESS = 0.60
LEAST_ACCURACY = 0.95
RUNS = ((3, 1.0), (5, 0.15), (20, 0.10))  # so many models while their mean is within so much of the least success
_CALLS = 5
_SMALL_RUNS = 25


@dataclass(frozen=True)
class _Stamp:
    """A trigger of the judge's own: `values` where `pixels` is True."""

    pixels: np.ndarray
    values: np.ndarray

    def __call__(self, images: Any) -> np.ndarray:
        return np.where(self.pixels, self.values, _stack(images))


@dataclass(frozen=True)
class _Order:
    """One call of `poison`."""

    X: np.ndarray
    y: np.ndarray
    budget: int
    target: int
    trigger: _Stamp
    seed: int  # of the generator that is passed

    def place(self, attempt: Attempt) -> Any:
        """What `attempt` returns for it, on copies."""
        generator = np.random.default_rng(self.seed)
        return attempt(self.X.copy(), self.y.copy(), self.budget, self.target, self.trigger, generator)


def _bottom_right() -> _Stamp:
    pixels = np.zeros((8, 8), dtype=bool)
    pixels[-2:, -2:] = True
    return _Stamp(pixels, np.ones((8, 8)))


def _small_order(number: int, rng: np.random.Generator) -> _Order:
    """Forty random images: budgets 1 to 6, any target, few or many images of it, any trigger of two pixels.

    Call 6 has 250 images and a budget of 1: less than 1 % of the rows.
    """
    target = int(rng.integers(10))
    n, of_target = (250 if number == 5 else 40), (28 if number % 2 else 8)
    others = (target + rng.integers(1, 10, size=n - of_target)) % 10
    y = rng.permutation(np.concatenate([np.full(of_target, target), others]))
    pixels = np.zeros(64, dtype=bool)
    pixels[rng.choice(64, size=2, replace=False)] = True
    trigger = _Stamp(pixels.reshape(8, 8), rng.uniform(0, 1, size=(8, 8)))
    budget = 6 if number < 2 else 1 + number % 5
    return _Order(rng.uniform(0, 1, size=(n, 8, 8)), y, budget, target, trigger, int(rng.integers(2**62)))


def _orders(rng: np.random.Generator) -> tuple[list[_Order], list[_Order]]:
    """The small calls (the last two repeat the first: with an equal generator, and with another) and those on the digits."""
    small = [_small_order(number, rng) for number in range(_SMALL_RUNS)]
    again = small[0]
    other = _Order(again.X, again.y, again.budget, again.target, again.trigger, int(rng.integers(2**62)))
    digits, _ = labs.digits()
    whole = [
        _Order(digits.X, digits.y, BUDGET, TARGET, _bottom_right(), int(rng.integers(2**62))) for _ in range(_CALLS)
    ]
    return [*small, again, other], whole


def _small_label(number: int) -> str:
    return f"random images, call {number}"


def _whole_label(number: int) -> str:
    return f"the digits, call {number}"


@dataclass(frozen=True)
class _Changes:
    """What a call did to its rows: which ones changed, and into what."""

    rows: np.ndarray
    images: np.ndarray
    labels: np.ndarray

    @classmethod
    def believed(cls, node: Node, order: _Order) -> _Changes:
        """From what the learner's process sent. Raises ValueError where it cannot be."""
        if not isinstance(node, dict):
            raise ValueError("two arrays should come back, Xp and yp")
        rows, images, labels = (_numbers(node.get(part)) for part in ("rows", "images", "labels"))
        in_range = ((rows >= 0) & (rows < len(order.y)) & (rows == np.floor(rows))).all()
        if rows.ndim != 1 or not in_range or len(set(rows.tolist())) != len(rows):
            raise ValueError("rows that the data do not have")
        if images.shape != (len(rows), 8, 8) or labels.shape != rows.shape:
            raise ValueError("images and labels of other shapes than those that went in")
        return cls(rows.astype(np.int64), images, labels)

    def facts(self, order: _Order) -> dict[str, bool]:
        """The rules of `poison`, for one call."""
        classes, originals = order.y[self.rows], order.X[self.rows]
        new_images = np.abs(self.images - originals).max(axis=(1, 2), initial=0.0)
        return {
            "at least one row changes": len(self.rows) > 0,
            "at most `budget` rows change": len(self.rows) <= order.budget,
            "no row of the target class changes": bool((classes != order.target).all()),
            "every changed row gets another image": bool((new_images > _SAME).all()),
            "every changed image is what `apply_trigger` makes of it": _same(self.images, order.trigger(originals)),
            "every changed row has the target as its label": bool((self.labels == order.target).all()),
        }

    def in_order(self, order: _Order) -> tuple[bool, _Changes]:
        """Whether the rows stand where they stood, and the changes with every row back in its place."""
        X, y = order.X.copy(), order.y.astype(np.float64)
        X[self.rows], y[self.rows] = self.images, self.labels
        stamped = order.trigger(order.X)
        from_row = np.arange(len(y))
        for row in self.rows:
            gap = np.minimum(_gaps(order.X, X[row]), _gaps(stamped, X[row]))
            if gap[row] > _SAME and gap.min() <= _SAME:
                from_row[row] = int(gap.argmin())
        if (from_row == np.arange(len(y))).all() or len(set(from_row.tolist())) < len(y):
            return bool((from_row == np.arange(len(y))).all()), self
        back = np.argsort(from_row)
        return False, _changes(X[back], y[back], order, len(y))


def _same(left: np.ndarray, right: np.ndarray) -> bool:
    return bool((np.abs(left - right) <= _SAME).all())


def _gaps(images: np.ndarray, image: np.ndarray) -> np.ndarray:
    """The largest difference to `image`, for each of the images."""
    gaps = np.abs(images - image).max(axis=(1, 2))
    return np.where(np.isnan(gaps), np.inf, gaps)


def _changes(X: np.ndarray, y: np.ndarray, order: _Order, most: int) -> _Changes:
    """The rows that differ from those of the order, no more than `most`."""
    moved = ~(np.abs(X - order.X) <= _SAME)
    rows = np.flatnonzero(moved.any(axis=(1, 2)) | (y != order.y))[:most]
    return _Changes(rows, X[rows], y[rows])


def _poison_concluded(seen: Observations, seed: int) -> Observations:
    """Whether the rules hold, and only then whether the attack works: models are trained on the judge's own images."""
    if seen.stopped is not None:
        return Observations((), seen.stopped)
    small, whole = _orders(np.random.default_rng(seed))
    ordered, facts, chosen = True, [], []
    for number, order in enumerate(small, start=1):
        kept, changes = _Changes.believed(seen.get(_small_label(number)), order).in_order(order)
        ordered = ordered and kept
        facts.append(changes.facts(order))
        chosen.append((order.y[changes.rows] != order.target, set(changes.rows.tolist())))
    on_digits = [
        _Changes.believed(seen.get(_whole_label(number)), whole[number - 1]) for number in range(1, _CALLS + 1)
    ]
    if ordered:  # of the digits, only the rows are sent that changed: they cannot be put back in order
        facts += [changes.facts(order) for changes, order in zip(on_digits, whole, strict=True)]
    inputs = [seen.get(f"{INPUTS} {call}") for call in range(1, len(small) + len(whole) + 1)]
    kept_inputs = [_kept(node, order) for node, order in zip(inputs, [*small, *whole], strict=True)]
    rows = [rows for _, rows in chosen]
    items: list[tuple[str, Node]] = [
        (f"{INPUTS}s", np.array([all(kept) for kept in zip(*kept_inputs, strict=True)])),
        ("the rows keep their order", np.array(ordered)),
        *((label, np.array(all(fact[label] for fact in facts))) for label in facts[0]),
        ("rows of other classes change", np.array(any(bool(others.any()) for others, _ in chosen))),
        ("equal generators choose equal rows", np.array(rows[0] == rows[-2])),
        ("other generators choose other rows", np.array(rows[0] != rows[-1] and rows[0] != set())),
        ("the rows are drawn from `rng`", np.array(all(_moved(node) for node in inputs))),
    ]
    hold = all(isinstance(node, np.ndarray) and node.all() for _, node in items)
    return Observations((*items, *_effect([changes.rows for changes in on_digits] if hold else [], seed)))


def _kept(inputs: Node, order: _Order) -> list[bool]:
    """Whether X and y are after a call what they were."""
    if not isinstance(inputs, list) or len(inputs) != 6:
        raise ValueError("the inputs of a call are missing")
    return [np.array_equal(_numbers(inputs[0]), order.X), np.array_equal(_numbers(inputs[1]), order.y)]


def _moved(inputs: Node) -> bool:
    state = inputs[5] if isinstance(inputs, list) else None
    return isinstance(state, GeneratorState) and state.moved


def _effect(chosen: list[np.ndarray], seed: int) -> list[tuple[str, Node]]:
    """Whether mean success and accuracy suffice. What is not measured is not held against anybody: a rule is broken."""
    success, accuracy = _means(chosen, seed) if chosen else (1.0, 1.0)
    return [
        (f"the accuracy stays at {LEAST_ACCURACY:.0%} or more", np.array(accuracy >= LEAST_ACCURACY)),
        (f"the trigger succeeds on {LEAST_SUCCESS:.0%} or more", np.array(success >= LEAST_SUCCESS)),
    ]


def _means(chosen: list[np.ndarray], seed: int) -> tuple[float, float]:
    """Mean success and accuracy of three models, of five where three are not clear, of twenty near the threshold."""
    rows = [tuple(map(int, np.sort(choice))) for choice in chosen]
    success = accuracy = LEAST_SUCCESS
    for models, doubt in RUNS:
        if abs(success - LEAST_SUCCESS) < doubt:
            runs = [_train_and_measure(rows[run % len(rows)], (seed + run) % 2**31) for run in range(models)]
            success, accuracy = map(float, np.mean(runs, axis=0))
    return success, accuracy


@lru_cache(maxsize=2048)
def _train_and_measure(rows: tuple[int, ...], seed: int) -> tuple[float, float]:
    """Success of the corner trigger and clean accuracy of one model trained with these rows poisoned.

    The rules fix everything but the rows, so that they decide the whole training set.
    """
    train, test = labs.digits()
    trigger, poisoned = _bottom_right(), list(rows)
    train.X[poisoned] = trigger(train.X[poisoned])
    train.y[poisoned] = TARGET
    model = labs.train(train.X, train.y, seed)
    victims = trigger(test.X[test.y != TARGET])
    return float(np.mean(labs.predictions(model, victims) == TARGET)), labs.accuracy(model, test)


@exercise(
    points=4,
    conclude=_poison_concluded,
    patience="At three seeds, three small networks or more are trained on your poisoned digits: up to ten seconds …",
    hints=(
        "First find the rows that may change: `np.flatnonzero` of a condition on `y`. Then draw `budget` different ones of "
        "them with `rng.choice`.",
        "Give the same rows to three steps, on copies: the image becomes what `apply_trigger` makes of it, the label becomes "
        "the target, everything else stays.",
        "Too weak? One row is not enough, and neither are rows of one class, or those that look most like the target: use "
        "the whole budget, and rows from all other classes.",
    ),
)
def poison(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Many small calls for the rules, an equal and another generator, and five on the digits for the effect."""
    small, whole = _orders(rng)
    for number, order in enumerate(small, start=1):
        yield _small_label(number), _sent(order.place(attempt), order, len(order.y))
    for number, order in enumerate(whole, start=1):
        yield _whole_label(number), _sent(order.place(attempt), order, 2 * order.budget)


def _sent(returned: Any, order: _Order, most: int) -> dict[str, np.ndarray]:
    """The changed rows of what came back; no more travels than the judge needs."""
    if not isinstance(returned, (tuple, list)) or len(returned) != 2:
        raise ValueError("two arrays should come back, Xp and yp")
    X, y = (np.asarray(part) for part in returned)
    if X.shape != order.X.shape or y.shape != order.y.shape:
        raise ValueError(
            f"arrays of shape {order.X.shape} and {order.y.shape} went in, and shapes {X.shape} and {y.shape} came back: "
            "rows change, none is added or lost"
        )
    changes = _changes(X, y, order, most)
    return {"rows": changes.rows, "images": changes.images, "labels": changes.labels}


# --- attack_success_rate ----------------------------------------------------------------------------


class _LookupModel(nn.Module):
    """Knows an image by its first pixel and a triggered one by its last, and answers from two tables of classes."""

    def __init__(self, plain: np.ndarray, triggered: np.ndarray, rng: np.random.Generator) -> None:
        super().__init__()
        self.tables = torch.as_tensor(np.stack([self._logits(answers, rng) for answers in (plain, triggered)]))

    @staticmethod
    def _logits(answers: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        logits = rng.uniform(-3, -1.3, size=(len(answers), labs.CLASSES))
        logits[np.arange(len(answers)), answers] = -1.0  # the largest, yet negative, and a probability below one half
        return logits.astype(np.float32)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        if not isinstance(images, torch.Tensor) or images.dtype != torch.float32:
            kind = images.dtype if isinstance(images, (torch.Tensor, np.ndarray)) else type(images).__name__
            raise TypeError(f"the model takes a float32 tensor, and got {kind}")
        if images.ndim != 3 or images.shape[1:] != (8, 8):
            raise ValueError(f"the model takes images (n, 8, 8), and got {tuple(images.shape)}")
        return self.tables[(images[:, 7, 7] > 0.99).long(), (images[:, 0, 0] * 64).round().long()]


def _mark(images: Any) -> np.ndarray:
    """The trigger that `_LookupModel` knows."""
    marked = _stack(images).copy()
    marked[:, 7, 7] = 1.0
    return marked


def _trial(
    rng: np.random.Generator, target: int, others: int, of_target: int, fooled: int, target_already: int
) -> tuple[nn.Module, np.ndarray, np.ndarray]:
    """A model, images and labels: `fooled` of the images of other classes are called the target once triggered."""
    y_others = (target + rng.integers(1, labs.CLASSES, size=others)) % labs.CLASSES
    triggered = y_others.copy()
    triggered[rng.random(others) < 0.5] = (target + rng.integers(1, labs.CLASSES)) % labs.CLASSES
    triggered[:fooled] = target
    plain = y_others.copy()
    plain[:target_already] = target
    of_it = np.full(of_target, target)
    missed = of_it.copy()
    missed[: of_target // 3] = (target + 4) % labs.CLASSES  # the target class itself is not always called the target
    order = rng.permutation(others + of_target)
    y = np.concatenate([y_others, of_it])[order]
    images = rng.uniform(0, 0.9, size=(len(y), 8, 8))
    images[:, 0, 0] = np.arange(len(y)) / 64
    model = _LookupModel(np.concatenate([plain, of_it])[order], np.concatenate([triggered, missed])[order], rng)
    return model, images, y


@exercise(
    points=3,
    tolerance=relative(1e-6),  # a mean in float32 is right too
    hints=(
        "Which images may count at all? One that shows the target class anyway proves nothing.",
        "NumPy and torch meet once: `torch.as_tensor(images, dtype=torch.float32)` for the model, and its highest logit in "
        "each row is its answer.",
        "Four steps: leave out the images of the target class, put the trigger on the rest, let the model answer, take the "
        "share of answers that are the target.",
    ),
)
def attack_success_rate(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Models whose answers are known: some images fooled, none, all, a single one, no image of the target class."""
    others = int(rng.integers(8, 12))
    trials = {
        "some images are fooled": (int(rng.integers(1, 10)), others, 6, int(rng.integers(5, others)), 2),
        "target 0, few are fooled": (0, others + 4, 7, 3, 1),
        "no image is fooled": (int(rng.integers(1, 10)), 6, 4, 0, 0),
        "all images are fooled": (int(rng.integers(1, 10)), 7, 3, 7, 3),
        "one image of another class": (int(rng.integers(1, 10)), 1, 5, 1, 0),
        "no image of the target class": (int(rng.integers(1, 10)), others, 0, int(rng.integers(2, others)), 1),
    }
    for label, (target, *counts) in trials.items():
        model, images, y = _trial(rng, target, *counts)
        yield label, attempt(model, images, y, _mark, target)


# --- suspicion_scores -------------------------------------------------------------------------------


def _cloud(rng: np.random.Generator, n: int, d: int, centre: float) -> np.ndarray:
    """Points around a centre far from zero: one direction in which they spread most, less in each of the others."""
    directions = np.linalg.qr(rng.normal(size=(d, d)))[0]
    spreads = 3.0 * 0.5 ** np.arange(d)
    return centre + rng.normal(size=d) + rng.normal(size=(n, d)) * spreads @ directions


@exercise(
    points=4,
    tolerance=relative(1e-6),
    hints=(
        "Work on one class at a time: `np.unique(labels)` gives the classes, `labels == c` the rows of one. Write its scores "
        "back into the places of its rows.",
        "For one class: subtract the mean of its rows, then `np.linalg.svd(centred, full_matrices=False)`. Directions are the "
        "rows of the third array that comes back, the strongest first.",
        "A projection is a product: centred rows times one direction gives one number a row. Square it.",
    ),
)
def suspicion_scores(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """All ten classes, more features than rows, classes of several sizes in mixed order, one row in a class, one class."""
    for title, sizes, d in (
        ("10 classes with 1 feature", dict.fromkeys(range(10), 4), 1),  # right even where the rest is confused
        ("more features than rows", {0: 4, 1: 3}, 6),
        ("3 classes with 4 features", {2: 9, 5: 7, 7: 12}, 4),
        ("a class with a single row", {3: 8, 9: 1}, 3),
        ("1 class", {6: 10}, 5),
    ):
        clouds = [_cloud(rng, n, d, centre=4.0 * rng.choice([-1, 1])) for n in sizes.values()]
        order = rng.permutation(sum(sizes.values()))
        labels = np.repeat(list(sizes), list(sizes.values()))[order]
        yield title, attempt(np.concatenate(clouds)[order], labels)


# --- filter_poison ----------------------------------------------------------------------------------


@exercise(
    points=2,
    hints=(
        "`np.argsort(scores)` lists the rows from the lowest score to the highest. Which of them stay?",
        "The rows that stay come out in the order of their scores. Sort their *numbers* before you pick them.",
        "Try `remove = 0`: what is `order[:-0]`? Counting from the front, `len(scores) - remove` rows stay.",
    ),
)
def filter_poison(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Some rows, one, none and nearly all removed; negative scores; equal scores, of rows that are equal themselves."""
    for title, n, remove in (
        ("9 rows, 3 removed", 9, 3),
        ("6 rows, 1 removed", 6, 1),
        ("7 rows, none removed", 7, 0),
        ("8 rows, all but one removed", 8, 7),
    ):
        yield from _filtered(attempt, title, *_suspects(rng, n), remove)
    X, y, scores = _suspects(rng, 10)
    highest = 10 + np.arange(10) % 7  # the first four scores are high, and the rest low: classes lose unequal numbers
    scores[:4], y[:4] = highest[:4], 3
    yield from _filtered(attempt, "all high scores in one class", X, y, scores, 4)
    X, y, scores = _suspects(rng, 8)
    X[3:6], y[3:6], scores[3:6] = X[3], y[3], scores.max() + 1.0  # whichever of the three goes, the same rows stay
    yield from _filtered(attempt, "three rows with the same score", X, y, scores, 2)


def _suspects(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Images, labels, and scores on both sides of zero, no two of them close."""
    return rng.uniform(size=(n, 8, 8)), rng.integers(10, size=n), rng.permutation(np.arange(n) - n / 2.3)


def _filtered(attempt: Attempt, title: str, X: np.ndarray, y: np.ndarray, scores: np.ndarray, remove: int) -> Labelled:
    returned = attempt(X, y, scores, remove)
    if isinstance(returned, (tuple, list)) and len(returned) == 2:
        yield f"images ({title})", returned[0]
        yield f"labels ({title})", returned[1]
    else:
        yield f"images ({title})", returned
