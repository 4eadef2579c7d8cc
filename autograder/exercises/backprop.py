"""Probes of lesson 03, backpropagation: one step, a graph, the gradient check, a small network, gradients through depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from autograder.comparison import Tolerance, relative
from autograder.exercise import exercise, own_generator

Attempt = Callable[..., Any]
Labelled = Iterator[tuple[str, Any]]


# --- one number --------------------------------------------------------------------------------------


@exercise(
    points=1,
    hints=(
        "Three lines: the value x², its slope at x, and one step against that slope.",
        "How fast does x² grow at x = 3? The step is `lr` times that.",
    ),
)
def backprop_pure(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Both sides of the bottom, a step that jumps across it, and the bottom itself."""
    yield "from the right", attempt(float(rng.uniform(1.2, 3.0)), float(rng.uniform(0.05, 0.3)))
    yield "from the left", attempt(float(rng.uniform(-3.0, -1.2)), float(rng.uniform(0.05, 0.3)))
    yield "with a large rate", attempt(float(rng.uniform(0.2, 0.8)), float(rng.uniform(1.2, 1.8)))
    yield "from the bottom", attempt(0.0, 0.25)


# --- the graph ---------------------------------------------------------------------------------------


MOST_LOOKS = 200_000  # walks that deal with each node once, even clumsily, look at parents a few thousand times


class TooManyStepsError(RuntimeError):
    """A walk has looked at the parents in a graph far more often than any order of its nodes needs."""


class _Node:
    """A number in a graph: equal to itself alone, and hashable by identity. `looks` is shared by all of the graph."""

    def __init__(self, parents: tuple[_Node, ...], local_gradients: tuple[float, ...], looks: Iterator[int]) -> None:
        self._parents = parents
        self._looks = looks
        self.local_gradients = local_gradients
        self.grad = 0.0

    @property
    def parents(self) -> tuple[_Node, ...]:
        if next(self._looks, None) is None:
            raise TooManyStepsError(
                f"`.parents` was read more than {MOST_LOOKS:,} times in one small graph: does each node get one turn?"
            )
        return self._parents


def _graph(rng: np.random.Generator, wiring: Sequence[tuple[int, ...]]) -> list[_Node]:
    """Nodes with drawn local gradients; `wiring` names the parents of each by number. The last one is the root."""
    looks = iter(range(MOST_LOOKS))
    nodes: list[_Node] = []
    for parents in wiring:
        drawn = tuple(float(rng.uniform(0.5, 1.5) * rng.choice((-1, 1))) for _ in parents)
        nodes.append(_Node(tuple(nodes[number] for number in parents), drawn, looks))
    return nodes


def _ladder(rng: np.random.Generator, steps: int) -> list[_Node]:
    """Each node is made twice of the one before: 2 ** steps ways lead down. The slopes stay near 1."""
    nodes = _graph(rng, ((), *((number, number) for number in range(steps))))
    for node in nodes[1:]:
        share = float(rng.uniform(0.3, 0.7))
        node.local_gradients = (share, float(rng.uniform(0.95, 1.05)) - share)
    return nodes


def _gradients(nodes: Sequence[_Node]) -> list[Any]:
    return [node.grad for node in nodes]


@exercise(
    points=4,
    hints=(
        "A node may hand blame on only when all nodes that it feeds have handed theirs to it. First list the nodes so "
        "that parents come first; then walk the list from its end.",
        "For the order: a helper that visits a node's parents first, then appends the node itself, and visits no node "
        "twice. Keep the visited nodes in a set of this call.",
        "The walk: the root's gradient is 1.0. For each node from the root on, add its gradient times the local "
        "gradient to that parent's gradient. Add: someone else may have been there before.",
    ),
)
def topological_backward(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A chain, the same parent twice, branches that meet, nodes reached at two depths with the near or the far way
    named first, a root alone, a larger graph, a second run on nodes that were there before, and a graph with too many
    ways to walk each on its own."""
    wirings: dict[str, tuple[tuple[int, ...], ...]] = {
        "a chain of 3 nodes": ((), (0,), (1,)),
        "a product of a node with itself": ((), (0, 0)),
        "two branches that meet": ((), (0,), (0,), (1, 2)),
        "a node on a short and a long way, short one first": ((), (0,), (1,), (1, 2)),
        "a node on a short and a long way, long one first": ((), (0,), (1,), (2, 1)),
        "three leaves, shared by two sums": ((), (), (), (0, 1), (1, 2), (3, 4, 1)),
        "a root without parents": ((),),
        "long and short ways through 8 nodes": (
            (), (), (0, 1), (2, 0), (3, 3), (2, 4), (5, 3, 1), (2, 6, 5),
        ),
    }  # fmt: skip
    for title, wiring in wirings.items():
        nodes = _graph(rng, wiring)
        attempt(nodes[-1])
        yield f"the gradients of {title}", _gradients(nodes)
    for node in nodes:
        node.grad = 0.0
    attempt(nodes[5])
    yield "the gradients after a second run, from a node inside that graph", _gradients(nodes)

    wiring = ((), (), *(tuple(int(p) for p in rng.integers(0, number, size=2)) for number in range(2, 12)))
    nodes = _graph(rng, wiring)
    attempt(nodes[-1])
    yield "the gradients of a drawn graph of 12 nodes", _gradients(nodes)

    nodes = _ladder(rng, 30)
    attempt(nodes[-1])
    yield "the gradients of a chain of 31 nodes, each made twice of the one before", _gradients(nodes)


# --- the gradient check ------------------------------------------------------------------------------


def _smooth(rng: np.random.Generator, shape: tuple[int, ...]) -> Callable[[Any], float]:
    """A function of an array of this shape, curved, with mixed and third derivatives: both sides of a step differ."""
    cubes, slopes = rng.uniform(0.5, 1.5, size=shape), rng.uniform(-1.0, 1.0, size=shape)

    def f(w: Any) -> float:
        if np.shape(w) != shape:
            raise ValueError(f"f takes an array of shape {shape}, and was called with one of shape {np.shape(w)}")
        at = np.array(w, dtype=float)
        return float(np.sum(cubes * at**3) + np.sum(slopes * at) ** 2 + np.sum(slopes * at))

    return f


@exercise(
    points=3,
    tolerance=relative(1e-8),  # two orders of the same additions, divided by eps
    hints=(
        "One entry of w at a time: how much does f change when this entry alone moves?",
        "Two values of f for each entry, one a little above and one a little below. How far apart are these two points?",
        "`np.ndindex(*w.shape)` walks over the entries of any array. Work on a copy, or put the old value back.",
    ),
)
def numerical_gradient(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Flat arrays, tables, a single weight, an entry that is zero, large and small eps."""
    for shape, low, high in (((4,), 0.02, 0.05), ((2, 3), 0.1, 0.3), ((1,), 0.002, 0.005), ((3, 1, 2), 0.01, 0.02)):
        w = rng.normal(size=shape)
        w.flat[-1] = 0.0
        yield f"the slopes at a w of shape {shape}", attempt(_smooth(rng, shape), w, float(rng.uniform(low, high)))


@exercise(
    points=1,
    tolerance=Tolerance(relative=1e-9, absolute=1e-13),  # equal up to rounding is equal
    hints=(
        "Largest difference above, size below. Both are taken over all entries.",
        "Below: add |a| and |b| entry by entry, take the largest sum, and never divide by less than 1e-12.",
    ),
)
def relative_error(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Near and far, larger and smaller, opposite signs, sizes in different places, tables, tiny numbers, zeros."""
    a = rng.normal(size=6)
    near = 1e-3 * rng.uniform(0.5, 1.0, size=6)
    yield "where b is a little larger than a", attempt(a, a + near)
    yield "where b is a little smaller than a", attempt(a, a - near)
    yield "opposite signs", attempt(a, -rng.uniform(0.5, 0.9) * a)
    yield "tables", attempt(rng.normal(size=(3, 2)), rng.normal(size=(3, 2)))
    big, other = rng.uniform(5.0, 6.0), rng.uniform(7.0, 8.0)
    yield (
        "where a is large in one place, b in another",
        attempt(np.array([big, 0.1, -1.0]), np.array([0.2, -other, -1.2])),
    )
    small = rng.uniform(0.1, 0.2, size=2)
    yield (
        "a small entry that is far off beside a large one that is right",
        attempt(np.array([40.0, small[0]]), np.array([40.0, -small[1]])),
    )
    yield "numbers around 1e-14", attempt(1e-14 * rng.uniform(1.0, 2.0, size=3), 1e-14 * rng.uniform(3.0, 4.0, size=3))
    yield "one entry each", attempt(rng.normal(size=1), rng.normal(size=1))
    yield "equal arrays", attempt(a, a.copy())
    yield "zeros", attempt(np.zeros(3), np.zeros(3))


# --- a small network ---------------------------------------------------------------------------------

_SIZES = ((4, 4, 4, 4), (6, 3, 5, 2), (1, 5, 2, 3), (7, 2, 6, 4), (2, 1, 3, 2))


def _network(rng: np.random.Generator, i: int, h: int, k: int) -> tuple[np.ndarray, ...]:
    return (
        rng.normal(size=(i, h)),
        rng.normal(size=h),
        rng.normal(size=(h, k)),
        rng.normal(size=k),
    )


def _title(n: int, i: int, h: int, k: int) -> str:
    return f"{n} sample{'' if n == 1 else 's'}, {i} input{'' if i == 1 else 's'}, {h} hidden units, {k} classes"


@exercise(
    points=2,
    hints=(
        "Two linear layers with `np.maximum` between them. Write down the shape after each line.",
        "The scores are whatever the second layer says: no ReLU, no softmax. Return a pair: the scores, and what you "
        "want to find again on the way back.",
    ),
)
def mlp_forward(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """All sizes equal (each order of a product exists then), all different, one sample, one input."""
    for n, i, h, k in _SIZES:
        returned = attempt(rng.normal(size=(n, i)), *_network(rng, i, h, k))
        pair = isinstance(returned, (tuple, list)) and len(returned) == 2
        yield f"scores ({_title(n, i, h, k)})", returned[0] if pair else returned
        yield (
            f"how many things come back ({_title(n, i, h, k)})",
            len(returned) if isinstance(returned, (tuple, list)) else 1,
        )


@exercise(
    points=4,
    tolerance=relative(1e-8),
    uses=("mlp_forward",),
    hints=(
        "Start at the end: the slope of the mean cross-entropy by the scores is (softmax − one-hot) / n. Then go back "
        "through the second layer, the ReLU, the first layer.",
        "The shapes tell which product it is. W2's gradient is (h, k), made of the hidden values (n, h) and the slopes "
        "(n, k). The hidden values' slopes are (n, h), made of the slopes (n, k) and W2 (h, k).",
        "The ReLU lets a slope through where its output is above zero, and stops it elsewhere. A bias serves all "
        "samples: its slope is a sum over them.",
    ),
)
def mlp_backward(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """As for the forward pass, classes that repeat or are missing; hidden units exactly at the ReLU's kink; scores
    that `exp` cannot take: far above zero and far apart, then far below zero but for one sample."""
    for n, i, h, k in _SIZES:
        X, y = rng.normal(size=(n, i)), rng.integers(0, k, size=n)
        yield f"gradients ({_title(n, i, h, k)})", attempt(X, y, *_network(rng, i, h, k))
    W1, b1, W2, b2 = _network(rng, 3, 4, 3)
    X, b1 = np.vstack([np.zeros(3), rng.normal(size=(2, 3))]), np.array([0.0, 0.7, 0.0, -0.4])
    yield "gradients (a sample of zeros, two biases at zero)", attempt(X, np.array([2, 0, 2]), W1, b1, W2, b2)
    for title, far, b2 in (
        ("scores near 1,000 and −1,000", 1.0, np.array([1000.0, 1000.5, -1000.0])),
        ("scores near −1,000, one sample far off", 1e5, np.array([-1000.0, -1000.5, -1001.0])),
    ):
        X, y, (W1, b1, W2, _) = rng.normal(size=(4, 2)), rng.permutation([0, 1, 1, 2]), _network(rng, 2, 5, 3)
        X[-1], W1[:, 0] = far * np.abs(X[-1]), np.abs(W1[:, 0])  # one hidden unit is on for the sample that is far off
        yield f"gradients ({title})", attempt(X, y, W1, b1, 0.3 * W2, b2)


# --- how to start ------------------------------------------------------------------------------------


def _drawn_weights(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    for fan_in, fan_out in ((5, 3), (2, 7), (4, 4), (9, 1)):
        generator = own_generator(rng)
        title = f"fan_in {fan_in}, fan_out {fan_out}"
        yield f"weights for {title}", attempt(fan_in, fan_out, generator)
        yield f"the number that rng draws next, after {title}", generator.normal()


@exercise(
    points=1,
    hints=(
        "One draw of a table from `rng.normal`. What spread does it have, and which one do you want?",
        "The spread (standard deviation) is a root. Multiply a standard normal draw by it.",
    ),
)
def xavier_init(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Narrowing, widening, square, a single output."""
    yield from _drawn_weights(attempt, rng)


@exercise(
    points=1,
    hints=(
        "As `xavier_init`, with another spread. Which of the two sizes does it need?",
        "The ReLU stops about half of what goes in: that is the 2 above. Below stands the number of inputs of a unit.",
    ),
)
def he_init(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Narrowing, widening, square, a single output."""
    yield from _drawn_weights(attempt, rng)


@exercise(
    points=4,
    hints=(
        "Forward first: keep x and the output of each layer in a list, the weights in another. Then walk back, from the "
        "last layer to the first.",
        "The slope of the loss by the last output a is a / 32. At each layer: times the activation's derivative, then "
        "the weights' gradient is (input of the layer)ᵀ times that, then back through W to the layer below.",
        "The derivatives from the outputs a: sigmoid a·(1 − a), tanh 1 − a², ReLU 1 where a > 0 and else 0. The walk "
        "finds the last layer's norm first; which order does the exercise want?",
    ),
)
def layer_gradient_norms(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """The three activations, a single layer, a single unit, as many units as samples."""
    for activation, depth, width in (
        ("sigmoid", 3, 5),
        ("tanh", 4, 6),
        ("relu", 5, 7),
        ("tanh", 1, 4),
        ("sigmoid", 2, 1),
        ("relu", 2, 32),
    ):
        generator = own_generator(rng)
        title = f"{activation}, depth {depth}, width {width}"
        yield f"gradient norms ({title})", attempt(activation, depth, width, generator)
        yield f"the number that rng draws next ({title})", generator.normal()


# --- the interview -----------------------------------------------------------------------------------


@exercise(
    points=1,
    value=True,
    self_check=True,
    hints=(
        "Look at the three runs above: how many weights moved from zeros, and how many from equal numbers?",
        "At zero, follow the blame back by hand: the last layer's slope, times W2. What is left of it?",
    ),
)
def interview_answer(attempt: Any, rng: np.random.Generator) -> Any:
    """The letter as it stands, large or small."""
    return attempt.strip().lower() if isinstance(attempt, str) else attempt
