"""Probes of lesson 04, better ways downhill: paths, momentum to AdamW, Newton, schedules, clipping, one step of PyTorch's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch  # here and not in the probe, so that the grader's warm interpreter has it before a submission needs it

from autograder.comparison import compare_nodes, relative
from autograder.exercise import exercise, outcome
from autograder.observation import Node, normalise

Attempt = Callable[..., Any]
Labelled = Iterator[tuple[str, Any]]

TURNS = "whether a descent that takes turns with another one makes the same steps as alone"


class _Descent:
    """Steps with the learner's step function: the state goes from step to step, the weights are drawn anew.

    So all attempts are handed the same arrays, whatever they return; what became of those is looked at again at the end.
    """

    def __init__(self, attempt: Attempt, rng: np.random.Generator, title: str) -> None:
        self._attempt, self._rng, self._title = attempt, rng, title
        self._state: Any = None
        self._handed_in: list[np.ndarray] = []
        self._returned: list[tuple[Any, Node]] = []

    def step(self, weights: np.ndarray, gradient: np.ndarray, *settings: float) -> Any:
        self._handed_in += [weights, gradient]
        returned = self._attempt(weights, gradient, self._state, *settings)
        if not (isinstance(returned, (tuple, list)) and len(returned) == 2):
            raise ValueError("two things are needed: w, state")
        new, self._state = returned
        self._returned.append((new, normalise(new)))
        return new

    def steps(self, gradients: Iterable[np.ndarray], *settings: float) -> Labelled:
        for gradient in gradients:
            weights = 1 + self._rng.normal(size=gradient.shape)
            new = self.step(weights, gradient, *settings)
            yield f"weights after step {len(self._returned)} ({self._title})", new

    def end(self) -> Labelled:
        yield f"the arrays handed in, looked at again at the end ({self._title})", self._handed_in
        changed = [not _same(normalise(new), at_first) for new, at_first in self._returned]
        yield f"the returned weights that changed in later calls ({self._title})", changed


def _same(one: Node, other: Node) -> bool:
    return compare_nodes(one, other, relative(1e-9)) is None


def _take_turns(attempt: Attempt, rng: np.random.Generator, *settings: float) -> Labelled:
    """Two steps, and the same two with another descent's between them: of one shape and at one rate, only `state` differs."""
    weights, slopes = rng.normal(size=(2, 4, 4))

    def descent() -> _Descent:
        return _Descent(attempt, rng, "")

    def points(walker: _Descent, *numbers: int) -> Node:
        return normalise([walker.step(weights[k].copy(), slopes[k].copy(), *settings) for k in numbers])

    alone, taking_turns, other = descent(), descent(), descent()
    expected = points(alone, 0), points(alone, 1)
    first = points(taking_turns, 0)
    points(other, 2, 3)
    second = points(taking_turns, 1)
    yield TURNS, _same(expected[0], first) and _same(expected[1], second)


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


@exercise(
    points=2,
    hints=(
        "How many points does a path with 3 steps have? Which point is there before any step is made?",
        "Keep two names through the loop: where you are, and the state. `step` gives you both anew each time.",
        "In each round: ask for the gradient where you stand *now*, let `step` move you, note where you are.",
    ),
)
def descend(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Tilted bowls; a step that takes no notice of its state, then ones that count in it and know their own; no step at all."""
    runs = (
        ("2 steps", 2, 2),
        ("5 steps", 3, 5),
        ("4 steps from another start", 3, 4),
        ("1 step", 1, 1),
        ("0 steps", 2, 0),
    )
    for number, (title, d, steps) in enumerate(runs):
        half = rng.normal(size=(d, d))
        bowl, bottom = half @ half.T / d + np.eye(d), rng.normal(size=d)

        def gradient(w: np.ndarray, bowl: np.ndarray = bowl, bottom: np.ndarray = bottom) -> np.ndarray:
            return bowl @ (w - bottom)

        def step(w: np.ndarray, g: np.ndarray, state: Any, number: int = number) -> tuple[np.ndarray, tuple[int, int]]:
            own = isinstance(state, tuple) and state[0] == number
            count = 0 if number == 0 or state is None else state[1] + 1 if own else 9
            return w - 0.3 / (1 + count) * g, (number, count)

        yield f"the path ({title})", attempt(gradient, 3 + rng.normal(size=d), step, steps)


@exercise(
    points=2,
    hints=(
        "The first velocity, when `state` is None, is zero everywhere.",
        "First the new velocity: how much of the old one survives, and what is added to it? Then move the weights by it.",
        "What must the next call find in `state` so that it can go on?",
    ),
)
def momentum_step(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Two descents whose steps take turns, the first with a rate that changes half-way; strided arrays; one weight."""
    first = _Descent(attempt, rng, "4 weights")
    momentum = _between(rng, 0.6, 0.9)
    yield from first.steps(rng.normal(size=(2, 4)), _between(rng, 0.2, 0.4), momentum)
    second = _Descent(attempt, rng, "1 weight")
    yield from second.steps(rng.normal(size=(2, 1)), 1.7, 0.5)
    yield from first.steps(rng.normal(size=(4, 2)).T, _between(rng, 0.05, 0.1), momentum)
    yield from second.steps(rng.normal(size=(1, 1)), 1.7, 0.5)
    yield from first.end()
    yield from second.end()
    yield from _take_turns(attempt, rng, 0.2, 0.9)


@exercise(
    points=2,
    hints=(
        "The state is one number for each weight: a running average of the squared slopes. It starts at zero.",
        "In a running average with `alpha` = 0.9 the old value counts 0.9. What is left for the new one?",
        "Take the root of the average first, add `eps` to that, and divide the gradient by the sum.",
    ),
)
def rmsprop_step(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A large eps, whose place then shows; a tiny one; slopes of zero; two descents whose steps take turns."""
    first = _Descent(attempt, rng, "4 weights")
    alpha, eps = _between(rng, 0.6, 0.9), _between(rng, 0.1, 0.3)
    slopes = rng.normal(size=(4, 4))
    slopes[0, 1] = 0.0
    yield from first.steps(slopes[:2], _between(rng, 0.2, 0.4), alpha, eps)
    second = _Descent(attempt, rng, "1 weight")
    yield from second.steps(rng.normal(size=(2, 1)), 0.01, 0.99, 1e-8)
    yield from first.steps(slopes[2:], _between(rng, 0.05, 0.1), alpha, eps)
    yield from second.steps(rng.normal(size=(1, 1)), 0.01, 0.99, 1e-8)
    yield from first.end()
    yield from second.end()
    yield from _take_turns(attempt, rng, 0.2, 0.99, 1e-8)


@exercise(
    points=4,
    hints=(
        "Three things must survive from call to call: two running averages and the number of the step.",
        "After the first step both averages are far too small. Which power of beta says how much is missing?",
        "The corrected averages serve for this step only. What goes into the state is the uncorrected ones.",
    ),
)
def adam_step(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A large eps, whose place then shows; the usual settings; a slope of zero; two descents whose steps take turns."""
    first = _Descent(attempt, rng, "4 weights")
    beta1, beta2, eps = _between(rng, 0.5, 0.7), _between(rng, 0.8, 0.95), _between(rng, 0.1, 0.3)
    slopes = rng.normal(size=(5, 4))
    slopes[0, 1] = 0.0
    yield from first.steps(slopes[:3], _between(rng, 0.2, 0.4), beta1, beta2, eps)
    second = _Descent(attempt, rng, "1 weight")
    yield from second.steps(rng.normal(size=(2, 1)), 0.1, 0.9, 0.999, 1e-8)
    yield from first.steps(slopes[3:], _between(rng, 0.05, 0.1), beta1, beta2, eps)
    yield from second.steps(rng.normal(size=(1, 1)), 0.1, 0.9, 0.999, 1e-8)
    yield from first.end()
    yield from second.end()
    yield from _take_turns(attempt, rng, 0.2, 0.9, 0.999, 1e-8)


@exercise(
    points=2,
    uses=("adam_step",),
    hints=(
        "The step itself is Adam's, and its averages never hear of the decay. You have written Adam already.",
        "Which weights shrink: those that you were given, or those after the step? By what share?",
    ),
)
def adamw_step(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Decay that is large enough to see; none at all; two descents whose steps take turns."""
    first = _Descent(attempt, rng, "4 weights")
    beta1, beta2, eps = _between(rng, 0.5, 0.7), _between(rng, 0.8, 0.95), _between(rng, 0.1, 0.3)
    decay = _between(rng, 0.3, 0.6)
    slopes = rng.normal(size=(5, 4))
    yield from first.steps(slopes[:3], _between(rng, 0.2, 0.4), beta1, beta2, eps, decay)
    second = _Descent(attempt, rng, "1 weight, no decay")
    yield from second.steps(rng.normal(size=(2, 1)), 0.1, 0.9, 0.999, 1e-8, 0.0)
    yield from first.steps(slopes[3:], _between(rng, 0.05, 0.1), beta1, beta2, eps, decay)
    yield from second.steps(rng.normal(size=(1, 1)), 0.1, 0.9, 0.999, 1e-8, 0.0)
    yield from first.end()
    yield from second.end()
    yield from _take_turns(attempt, rng, 0.2, 0.9, 0.999, 1e-8, 0.3)


@exercise(
    points=2,
    hints=(
        "The step s is what the Hessian turns into the gradient: H s = g. Then go against it.",
        "`np.linalg.solve(A, b)` finds the x with A x = b.",
    ),
)
def newton_step(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Hessians with large entries off the diagonal: of a bowl, of a saddle, of one weight."""
    for title, curvatures in (("a bowl, 3 weights", (0.5, 1.5, 3.0)), ("a saddle, 4 weights", (-2.0, -0.7, 0.9, 2.5))):
        d = len(curvatures)
        turn, _ = np.linalg.qr(rng.normal(size=(d, d)))
        hessian = turn @ np.diag(curvatures) @ turn.T
        yield title, attempt(rng.normal(size=d), rng.normal(size=d), (hessian + hessian.T) / 2)
    yield "1 weight", attempt(rng.normal(size=1), rng.normal(size=1), np.array([[_between(rng, 2.0, 4.0)]]))


@exercise(
    points=2,
    hints=(
        "What are cos(0) and cos(π)? What do they become when you add 1 and halve?",
        "Which share of the way from `lr_max` down to `lr_min` is left at step t? It goes from 1 to 0.",
        "NumPy's cosine wants radians: half a turn is π.",
    ),
)
def cosine_schedule(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Both ends and the way between them, with a lowest rate and without one; a schedule of a single step."""
    highest, lowest = _between(rng, 0.5, 0.9), _between(rng, 0.1, 0.3)

    def rates(total: int, times: Sequence[int], high: float, low: float) -> list[Any]:
        # A new float for each call: an answer may hand one back as it is.
        return [attempt(t, total, high * 1.0, low * 1.0) for t in times]

    yield "the rate at t = 0", rates(10, (0,), highest, lowest)
    yield "the rate at t = total", rates(10, (10,), highest, lowest)
    yield "the rates on the way", rates(10, (1, 3, 5, 8, 9), highest, lowest)
    yield "the rates of another run, down to 0.0", rates(7, range(8), lowest, 0.0)
    yield "the rates of a run with one step", rates(1, (0, 1), highest, lowest)


@exercise(
    points=3,
    tolerance=relative(1e-5),  # a tiny number added to the norm, as torch does it, is as good
    hints=(
        "One norm for all arrays together: as if they were one long list of numbers.",
        "Which factor brings the norm down to `max_norm`? When must it not be used?",
        "Is the norm NaN or infinite? Then no factor can help, and the caller has to know: raise.",
    ),
)
def clip_by_norm(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Too long, short enough, all zero; arrays that are short one by one, long together; NaN and infinities."""

    def drawn(length: float) -> list[np.ndarray]:
        """Three arrays whose common norm is `length`; the longest is neither the first nor the last."""
        arrays = [rng.normal(size=(3, 2)), rng.normal(size=4), rng.normal(size=1)]
        parts = (2.0, 3.0, 1.0)
        unit = length / np.sqrt(14.0)  # 14 = 2² + 3² + 1²
        return [unit * part / np.linalg.norm(array) * array for array, part in zip(arrays, parts, strict=True)]

    def spoilt(value: float) -> list[np.ndarray]:
        arrays = drawn(2.0)
        arrays[1][2] = value
        return arrays

    yield "gradients that are too long", attempt(drawn(_between(rng, 6.0, 9.0)), _between(rng, 2.0, 3.0))
    yield "gradients that are short enough", attempt(drawn(_between(rng, 1.0, 2.0)), 2.5)
    alike = [array / np.linalg.norm(array) for array in rng.normal(size=(4, 5))]
    yield "four arrays, each below max_norm, too long together", attempt(alike, 1.1)
    yield "one array that is too long", attempt([rng.normal(size=(2, 3)) + 5.0], 0.5)
    yield "gradients that are all zero", attempt([np.zeros(3), np.zeros((2, 2))], 1.0)
    yield "gradients with a NaN", outcome(attempt, spoilt(np.nan), 1.0)
    yield "gradients with +inf", outcome(attempt, spoilt(np.inf), 1.0)
    yield "gradients with −inf", outcome(attempt, spoilt(-np.inf), 1.0)


def _model(rng: np.random.Generator, *sizes: int) -> torch.nn.Sequential:
    """Linear layers of float64 with tanh between them, whose numbers are NumPy's and so the same on all machines."""
    layers: list[torch.nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        linear = torch.nn.Linear(inputs, outputs, dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(rng.normal(size=(outputs, inputs))))
            linear.bias.copy_(torch.from_numpy(rng.normal(size=outputs)))
        layers += [linear, torch.nn.Tanh()]
    return torch.nn.Sequential(*layers[:-1])


@exercise(
    points=3,
    hints=(
        "Five moves: make the optimizer, predict, loss, gradients, step. Where do the old gradients have to go?",
        "`loss.backward()` *adds* to what lies in `.grad`. Which call of the optimizer clears it, and when?",
        "A tensor with one number in it gives it out as a float by `.item()`.",
    ),
)
def one_torch_update(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A fresh model, two updates in a row; a model with old gradients in it; several outputs; one sample."""
    for title, sizes, n, updates, old_gradients in (
        ("a linear model", (3, 1), 5, 2, False),
        ("a model with old gradients", (4, 3, 2), 6, 2, True),
        ("1 sample", (2, 1), 1, 1, True),
    ):
        model = _model(rng, *sizes)
        for parameter in model.parameters():
            old = torch.from_numpy(rng.normal(size=tuple(parameter.shape)))
            parameter.grad = old if old_gradients else None
        for update in range(1, updates + 1):
            x = torch.from_numpy(rng.normal(size=(n, sizes[0])))
            y = torch.from_numpy(rng.normal(size=(n, sizes[-1])))
            loss = attempt(model, x, y, _between(rng, 0.05, 0.2))
            where = f"({title}, update {update})"
            yield f"the parameters {where}", list(model.parameters())
            yield f"the loss {where}", loss
            yield f"what the loss is {where}", "a tensor" if isinstance(loss, torch.Tensor) else "no tensor"
