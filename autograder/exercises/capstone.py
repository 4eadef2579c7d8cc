"""Probes of lesson 10, the capstone: a monitored loop, settings that arrive, a defence under attack, a report card.

`defended_train` is judged by its effect. The attacks are drawn here, and again by the judge, which measures by itself;
benchmarks/labs/capstone.py says how the limits were found.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.comparison import exact, relative
from autograder.exercise import INPUTS, exercise, own_generator
from autograder.observation import Node, Observations, Opaque

Attempt = Callable[..., Any]
Labelled = Iterator[tuple[str, Any]]
Tamper = Callable[[int, np.ndarray], np.ndarray]

FIRST_EPOCH = 10
FURTHEST = 0.3
LEAST_TPR = 0.8
MOST_FPR = 0.1

ARRIVED = 0.03
MOST_STEPS = 5_000

PANELS = ("Loss", "Weights", "Gradient norm", "Fit")


# --- project_start ---------------------------------------------------------------------------------


@exercise(
    points=1,
    hints=(
        "Three draws from `rng`, in this order: all of X, all of the noise, all of the weights.",
        "`rng.normal(size=...)` draws from N(0, 1). Which three sizes are needed, and which draw is multiplied by `noise`?",
    ),
)
def project_start(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Several rows, one row, no noise; where the generator stands afterwards tells what was drawn."""
    for n, noise in ((7, float(rng.uniform(0.2, 0.7))), (1, 2.5), (5, 0.0)):
        generator = own_generator(rng)
        returned = attempt(n, noise, generator)
        if isinstance(returned, (tuple, list)) and len(returned) == 3:
            for name, part in zip(("the data X", "the targets y", "the weights"), returned, strict=True):
                yield f"{name} (n = {n}, noise {'0' if noise == 0 else 'above 0'})", part
        else:
            yield f"what comes back for n = {n}", returned
        yield f"the number that rng draws next, after n = {n}", generator.normal()


# --- train_monitored -------------------------------------------------------------------------------

_HISTORY = ("losses", "weight_path", "gradient_norms", "flagged", "weights")


def _history(title: str, returned: Any) -> Labelled:
    """The entries of a history, each with its label; what is no history is shown whole."""
    if not isinstance(returned, Mapping):
        yield f"the history ({title})", returned
        return
    for key in _HISTORY:
        if key in returned:
            yield f"the entry `{key}` ({title})", returned[key]


class _Norms:
    """A tamper that keeps each gradient's direction and gives it the length that is wanted at its step."""

    def __init__(self, lengths: np.ndarray) -> None:
        self.lengths = lengths
        self.steps: list[int] = []
        self.seen: list[np.ndarray] = []

    def __call__(self, step: int, g: np.ndarray) -> np.ndarray:
        self.steps.append(step)
        self.seen.append(np.array(g, dtype=float))
        length = self.lengths[min(int(step), len(self.lengths) - 1)]
        return length * np.asarray(g) / np.sqrt(np.sum(np.square(g)))


def _stream(rng: np.random.Generator) -> np.ndarray:
    """66 gradient lengths for a window of 8 and k = 3, each part of which another wrong rule takes in another way."""
    falling = rng.uniform(0.9, 1.1, size=27)
    falling[:14] *= 10  # a level that falls later
    falling[[2, 7]] = 50.0  # before the first step that can be flagged, and just before it
    falling[[8, 11]] = 45.0, 40.0  # a spike on that step, and one that follows while it is in the window
    falling[19] = 3.2  # the first step whose window holds more of the new level than of the old; not 3, which is k
    falling[25:27] = 5.2, 6.0  # two in a row, small beside the old level; not 5, which is the usual k
    # Eight lengths with median 1 and MAD 0.1: the limit is 1.4448, with 1.4286 for 1.4826 it is 1.4286, with 1.5 it is
    # 1.45, without it 1.3, with k = 5 1.741, with the step itself in the window 1.545, and as a ninth in it 1.990.
    even = [[*(0.9, 1.1) * 4, spike] for spike in (1.437, 1.448, 1.65, 1.85)]
    return np.concatenate((falling, *even, [0.9, 1.1, 9.0]))


def _calls_none(seen: Observations) -> bool:
    """Whether the answer stopped because it called `tamper` where there is none."""
    return seen.stopped is not None and "'NoneType' object is not callable" in seen.stopped.message


_NO_TAMPER = "the run without `tamper`"


def _concluded_loop(seen: Observations, seed: int) -> Observations:
    """All that was seen; a call of None in the first run, which has no `tamper`, gets a label that a mistake can have."""
    return Observations(((_NO_TAMPER, "stopped"),)) if _calls_none(seen) and not seen.items else seen


@exercise(
    points=5,
    tolerance=relative(1e-7),
    conclude=_concluded_loop,
    hints=(
        "Two loops, one inside the other: epochs, and in each a fresh `rng.permutation(n)` cut into pieces of `batch_size`. "
        "Note the full-data loss before the inner loop, and the weights after it.",
        "Keep one counter for the steps of the whole run. In a step: gradient of the batch, then `tamper` if there is one, "
        "then note the length, then update.",
        "The flags need nothing but the list of lengths, so you can work them out when the run is over: for each step i "
        "from `window` on, look at the `window` lengths before it and not at its own.",
    ),
)
def train_monitored(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Short last batches, one batch, batches of one; lengths set by `tamper`; ties; a run at the bottom, one that grows."""
    n, d = 11, 3
    generator = own_generator(rng)
    X, y = 0.5 + rng.normal(size=(d, n)).T, 2.0 + rng.normal(size=n)
    returned = attempt(X, y, rng.normal(size=d), 0.05, 14, 4, generator)
    yield from _history("14 epochs in batches of 4, 4 and 3", returned)
    yield "the number that rng draws next (batches of 4, 4 and 3)", generator.normal()

    n, d = 13, 2
    tamper = _Norms(_stream(rng))
    X, y = rng.normal(size=(n, d)), 1.0 + rng.normal(size=n)
    returned = attempt(X, y, 3.0 + rng.normal(size=d), 0.04, 22, 5, own_generator(rng), tamper, 8, 3.0)
    yield from _history("tampered, window 8, k = 3", returned)
    yield "the steps that tamper was called with", tamper.steps
    yield "the gradients that tamper was given", tamper.seen

    n, d = 9, 2
    push = rng.uniform(0.2, 0.4, size=d)  # the same at every step, so that no step is above the others
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    returned = attempt(
        X, y, rng.normal(size=d), 0.1, 5, 3, own_generator(rng), lambda step, g: push * (1.5 if step == 11 else 1.0), 5
    )
    yield from _history("tampered to one length but at step 11, window 5", returned)

    n, d = 5, 1
    X, y = rng.normal(size=(n, d)), rng.normal(size=n)
    yield from _history("batches of 1", attempt(X, y, rng.normal(size=d), 0.02, 2, 1, own_generator(rng)))

    n, d = 6, 4
    X, y = rng.normal(size=(n, d)), 2.0 + rng.normal(size=n)
    yield from _history("a batch larger than the data", attempt(X, y, rng.normal(size=d), 0.03, 3, 50, rng))

    # A round bowl and a start 0.57 from its bottom: the loss falls in the same way on all seeds, so that a loop
    # that stops when it is small enough stops at the same epoch.
    X = np.linalg.qr(rng.normal(size=(8, 3)))[0] * np.sqrt(8)
    bottom, direction = rng.normal(size=3), rng.normal(size=3)
    start = bottom + 0.57 * direction / np.linalg.norm(direction)
    returned = attempt(X, X @ bottom, start, 0.45, 12, 8, own_generator(rng))
    yield from _history("12 epochs to the bottom", returned)

    X, y = rng.normal(size=(6, 3)), rng.normal(size=6)
    yield from _history("rate too large", attempt(X, y, 2.0 + rng.normal(size=3), 2.0, 4, 6, own_generator(rng)))


# --- what a judge needs of a history ------------------------------------------------------------------


class _UnusableError(Exception):
    """A history that cannot be measured; the text says what it is."""


def _entry(returned: Node, key: str, shape: tuple[int, ...]) -> np.ndarray:
    """The array `key` of a returned history. Raises _UnusableError."""
    if not isinstance(returned, dict):
        raise _UnusableError("no dict")
    if key not in returned:
        raise _UnusableError(f"a dict without `{key}`")
    array = returned[key]
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf":
        raise _UnusableError(f"a dict whose `{key}` holds no numbers")
    if array.ndim != len(shape) or any(want not in (-1, got) for want, got in zip(shape, array.shape, strict=True)):
        raise _UnusableError(f"a dict whose `{key}` has another shape than it should")
    return array.astype(float)


def _least_squares(X: np.ndarray, y: np.ndarray) -> np.ndarray:
    return np.linalg.lstsq(X, y, rcond=None)[0]


def _distances(path: np.ndarray, goal: np.ndarray) -> np.ndarray:
    """The distance of each row to `goal`; what is not finite is infinitely far."""
    with np.errstate(all="ignore"):
        return np.nan_to_num(np.sqrt(np.sum((path - goal) ** 2, axis=1)), nan=np.inf, posinf=np.inf)


def _is_mse(losses: np.ndarray, X: np.ndarray, y: np.ndarray, path: np.ndarray) -> bool:
    """Whether `losses` are the full-data losses of the first rows of `path`, as far as numbers go."""
    with np.errstate(all="ignore"):
        expected = np.mean((path[: len(losses)] @ X.T - y) ** 2, axis=1)
        close = np.abs(losses - expected) <= 1e-6 * np.abs(expected) + 1e-9
    return bool(np.all(close | ~(expected < 1e12)))  # beyond that the last bits decide


def _unchanged(seen: Observations, call: int, arrays: tuple[np.ndarray, ...]) -> bool:
    """Whether call `call` left its first inputs as they were drawn.

    They are drawn here a second time, perhaps on another processor, whose products differ in their last bits.
    """
    after = seen.get(f"{INPUTS} {call}")
    return isinstance(after, list) and all(
        isinstance(left, np.ndarray) and left.shape == want.shape and np.allclose(left, want, rtol=1e-9, atol=1e-12)
        for left, want in zip(after, arrays, strict=False)
    )


def _told(good: Mapping[str, str], found: Mapping[str, str]) -> Observations:
    """All conclusions in order: the good word, or the phrase of what was found instead ("yours is …")."""
    return Observations(
        tuple((label, Opaque(found[label]) if label in found else word) for label, word in good.items())
    )


_INPUTS_KEPT = f"{INPUTS} 1"


# --- project_run -------------------------------------------------------------------------------------

_RUN = {
    "the history": "complete",
    _INPUTS_KEPT: "unchanged",
    "the first row of the weight path": "the given weights",
    "the number of steps": "within the limit",
    "the way to least squares": "done",
}


def _projects(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, np.random.Generator]]:
    """Two projects: data of 2·x1 + 3·x2 + noise, a start, and a generator for the run."""
    found = []
    for n, noise in ((200, 0.5), (120, 0.3)):
        X = rng.normal(size=(n, 2))
        y = X @ np.array([2.0, 3.0]) + noise * rng.normal(size=n)
        found.append((X, y, rng.normal(size=2), own_generator(rng)))
    return found


def _concluded_runs(seen: Observations, seed: int) -> Observations:
    if seen.stopped is not None:
        return Observations((), seen.stopped)
    for number, (X, y, weights, _) in enumerate(_projects(np.random.default_rng(seed)), start=1):
        if found := _concluded_run(seen, number, X, y, weights):
            return _told(_RUN, found)
    return _told(_RUN, {})


def _concluded_run(
    seen: Observations, number: int, X: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> dict[str, str]:
    """What is not as it should be in one run; empty where all is well."""
    returned = seen.get(f"project {number}")
    try:
        path = _entry(returned, "weight_path", (-1, 2))
        losses = _entry(returned, "losses", (-1,))
        norms = _entry(returned, "gradient_norms", (-1,))
        final = _entry(returned, "weights", (2,))
    except _UnusableError as error:
        return {"the history": str(error)}
    if len(path) != len(losses) + 1:
        # How many epochs there were is the learner's choice: only the start tells which of the two is off.
        startless = 0 < len(path) == len(losses) and not np.allclose(path[0], weights)
        without = "a dict whose `weight_path` lacks its first row, the weights at the start"
        unlike = "a dict whose `weight_path` does not have one row more than `losses` has entries"
        return {"the history": without if startless else unlike}
    if len(path) < 2 or not _is_mse(losses, X, y, path):
        return {"the history": "one whose losses are not those of its weight path"}
    if not _unchanged(seen, number, (X, y, weights)):
        return {_INPUTS_KEPT: "changed"}
    if not np.allclose(path[0], weights):
        return {"the first row of the weight path": "something else than the weights that you were given"}
    if not len(losses) <= len(norms) <= MOST_STEPS:
        return {"the number of steps": f"above {MOST_STEPS:,}" if len(norms) > MOST_STEPS else "below one an epoch"}
    distance = _distances(np.vstack((path, final)), _least_squares(X, y))
    if not distance[-1] < distance[0]:
        return {"the way to least squares": "a way up: the run ends further away than it began"}
    if distance[-1] <= ARRIVED:
        return {}
    late = path[len(path) // 2 :]
    walked = np.sqrt(np.sum(np.diff(late, axis=0) ** 2, axis=1)).sum()
    if np.linalg.norm(late[-1] - late[0]) > 0.5 * walked:
        return {"the way to least squares": "not walked to its end: the weights are still moving the same way"}
    return {"the way to least squares": f"restless: the weights jump about, further than {ARRIVED} from it"}


@exercise(
    points=2,
    tolerance=exact(),
    uses=("train_monitored",),
    conclude=_concluded_runs,
    hints=(
        "Plot `losses` of your first try. Still falling at the end: more epochs, or a larger rate. Rising: a smaller rate.",
        "Each batch of a few rows pulls towards its own best weights, so the weights never come to rest. What makes "
        "these pulls smaller: larger batches, or a smaller rate?",
        "At rate 0.1 a full-batch step shortens the distance by about a fifth. How many such steps from 4 down to 0.01?",
    ),
)
def project_run(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """The project's own data, drawn twice: do the chosen settings arrive?"""
    for number, (X, y, weights, generator) in enumerate(_projects(rng), start=1):
        yield f"project {number}", attempt(X, y, weights, generator)


# --- defended_train ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """One training run: its data and settings, what tampers with it at which steps, and where it should lead."""

    kind: str
    X: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    attacked: np.ndarray
    tamper: Tamper | None
    goal: np.ndarray
    generator: np.random.Generator


_ROWS, _BATCH, _EPOCHS, _RATE = 120, 12, 30, 0.025
_STEPS = _EPOCHS * _ROWS // _BATCH
_KINDS = ("clean", "push", "bursts", "flips", "flips", "nudges")


def _unit(rng: np.random.Generator, d: int) -> np.ndarray:
    v = rng.normal(size=d)
    return v / np.sqrt(v @ v)


def scene(kind: str, rng: np.random.Generator) -> Scene:
    """A run without an attack ("clean"), with a constant "push" in each gradient, under "bursts", "flips", or "nudges".

    "nudges" have a large push as well. Their data have one weight, entries ±1 and little noise, so that all batches
    agree: honest lengths end near 0, where no limit that suits the other runs sees a nudge, and each gradient that is
    applied as it was before `tamper` pulls the weights far from the goal.
    """
    d, noise = (1, 0.01) if kind == "nudges" else (2, 0.1)
    X = rng.choice([-1.0, 1.0], size=(_ROWS, 1)) if kind == "nudges" else rng.normal(size=(_ROWS, 2))
    true = rng.uniform(3.0, 4.0) * _unit(rng, d)
    y = X @ true + noise * rng.normal(size=_ROWS)
    start = true + rng.uniform(3.0, 4.0) * _unit(rng, d)
    attacked = _attacked_steps(kind, rng)
    push = {"push": 1.2, "nudges": 8.0}[kind] * _unit(rng, d) if kind in ("push", "nudges") else np.zeros(d)
    goal = _least_squares(X, y) - np.linalg.solve(2 * X.T @ X / _ROWS, push)
    factor = float(rng.uniform(75.0, 120.0)) if kind == "bursts" else 1.0
    added = np.zeros(d)
    if kind == "flips":
        added = 4 * X.T @ y / _ROWS  # what y -> −y adds to the gradient of all rows
    elif kind == "nudges":
        added = rng.uniform(1.0, 1.5) * _unit(rng, d)

    def tamper(step: int, g: np.ndarray) -> np.ndarray:
        g = np.asarray(g) + push
        return g * factor + added if _hit(attacked, step) else g

    return Scene(kind, X, y, start, attacked, None if kind == "clean" else tamper, goal, own_generator(rng))


def _attacked_steps(kind: str, rng: np.random.Generator) -> np.ndarray:
    """Which steps are attacked: three stretches under bursts, flips and nudges, none otherwise."""
    attacked = np.zeros(_STEPS, dtype=bool)
    # The first burst comes right after the warm-up, when the weights are still on their way: a loop that stops there
    # has not arrived. Flips come later, when a batch's gradient is small beside that of flipped labels; nudges, when it
    # is next to nothing.
    earliest = {
        "bursts": ((30, 34), (100, 150), (200, 280)),
        "flips": ((70, 95), (140, 180), (220, 280)),
        "nudges": ((140, 160), (190, 220), (250, 280)),
    }
    for low, high in earliest.get(kind, ()):
        first = int(rng.integers(low, high))
        attacked[first : first + int(rng.integers(6, 9))] = True
    return attacked


def _hit(attacked: np.ndarray, step: int) -> bool:
    return 0 <= step < len(attacked) and bool(attacked[int(step)])


def scenes(rng: np.random.Generator) -> list[Scene]:
    """The runs of one seed."""
    return [scene(kind, rng) for kind in _KINDS]


@dataclass(frozen=True)
class Measured:
    """What is measured of one defended run."""

    kind: str
    furthest: float
    hits: int
    attacked: int
    false_alarms: int
    honest: int


def measured(run: Scene, path: np.ndarray, final: np.ndarray, flagged: np.ndarray) -> Measured:
    """How far the weights get from where they should be after epoch 10, and how many flags are right."""
    furthest = _distances(np.vstack((path[FIRST_EPOCH:], final)), run.goal).max()
    return Measured(
        run.kind,
        float(furthest),
        int(flagged[run.attacked].sum()),
        int(run.attacked.sum()),
        int(flagged[~run.attacked].sum()),
        int((~run.attacked).sum()),
    )


_CALLS = "the number of calls of `tamper` in a step"
_NORMS_KEPT = "the list of gradient norms"
_DEFENCE = {
    _NO_TAMPER: "done",
    "the history": "complete",
    "the training": "going on",
    _INPUTS_KEPT: "unchanged",
    _CALLS: "one",
    _NORMS_KEPT: "of g as `tamper` gave it",
    "the distance to least squares on the clean run": "within the limit",
    "the distance to least squares under bursts": "within the limit",
    "the distance to least squares under flips": "within the limit",
    "the distance to where a constant push leads": "within the limit",
    "the distance to where a constant push leads, under nudges": "within the limit",
    "the share of attacked steps that are flagged": "large enough",
    "the share of honest steps that are flagged": "small enough",
}
_BY_KIND = dict(zip(("clean", "bursts", "flips", "push", "nudges"), list(_DEFENCE)[6:11], strict=True))

FLAGGED_TOGETHER = {"bursts and flips": ("bursts", "flips"), "nudges": ("nudges",)}
"""Of which kinds of run together the attacked steps must be flagged."""


def below_the_limits(runs: list[Measured]) -> dict[str, str]:
    """The conclusions that the measurements of one seed do not allow, each with what is found instead."""
    found = {}
    for kind, label in _BY_KIND.items():
        if not np.mean([run.furthest for run in runs if run.kind == kind]) <= FURTHEST:
            found[label] = f"above the limit of {FURTHEST} (the cell after the check measures it on seeds of your own)"
    shares = {
        title: sum(run.hits for run in runs if run.kind in kinds)
        / sum(run.attacked for run in runs if run.kind in kinds)
        for title, kinds in FLAGGED_TOGETHER.items()
    }
    if max(shares.values()) <= 0.1:
        found["the share of attacked steps that are flagged"] = "next to none"
    elif low := [title for title, share in shares.items() if share < LEAST_TPR]:
        found["the share of attacked steps that are flagged"] = f"below {LEAST_TPR:.0%} under {' and '.join(low)}"
    if sum(run.false_alarms for run in runs) / sum(run.honest for run in runs) > MOST_FPR:
        found["the share of honest steps that are flagged"] = f"above {MOST_FPR:.0%}"
    return found


def _concluded_defence(seen: Observations, seed: int) -> Observations:
    if _calls_none(seen) and not seen.items:
        return _told(_DEFENCE, {_NO_TAMPER: "over at once"})
    if seen.stopped is not None:
        return Observations((), seen.stopped)
    runs = []
    for number, run in enumerate(scenes(np.random.default_rng(seed)), start=1):
        if found := _unlike_a_training(seen, number, run):
            return _told(_DEFENCE, found)
        returned: Any = seen.get(_title(number, run))
        runs.append(measured(run, returned["weight_path"], returned["weights"], returned["flagged"] > 0))
        if runs[-1].furthest > FURTHEST and _pulled_from_before_tamper(run, np.asarray(returned["weight_path"])):
            return _told(_DEFENCE, {_BY_KIND[run.kind]: _FROM_BEFORE})
    return _told(_DEFENCE, below_the_limits(runs))


_FROM_BEFORE = (
    f"above the limit of {FURTHEST}, on the way to least squares, where only g from before `tamper` leads (rule 4)"
)


def _pulled_from_before_tamper(run: Scene, path: np.ndarray) -> bool:
    """Whether, in one epoch of a run under nudges, the weights go a good part of the way from the goal to least squares.

    Nudges that are let through move the weights by 0.3 at most, of a way of 4. What else is off follows from this.
    """
    if run.kind != "nudges":
        return False
    way = _least_squares(run.X, run.y) - run.goal
    with np.errstate(all="ignore"):
        gone = (path[FIRST_EPOCH:] - run.goal) @ way / (way @ way)
        return bool(np.any(np.diff(gone) > 0.12))


def _unlike_a_training(seen: Observations, number: int, run: Scene) -> dict[str, str]:
    """What makes the history of one run none of a training at the end of the wire; empty where it is one."""
    returned, d = seen.get(_title(number, run)), len(run.weights)
    try:
        flagged = _entry(returned, "flagged", (-1,)) > 0
        path = _entry(returned, "weight_path", (-1, d))
        if (other := _no_training(run, path, flagged)) is not None:
            return {"the training": other}
        _entry(returned, "flagged", (_STEPS,))
        norms = _entry(returned, "gradient_norms", (_STEPS,))
        _entry(returned, "weight_path", (_EPOCHS + 1, d))
        losses = _entry(returned, "losses", (_EPOCHS,))
        _entry(returned, "weights", (d,))
    except _UnusableError as error:
        return {"the history": str(error)}
    if not _unchanged(seen, number, (run.X, run.y, run.weights)):
        return {_INPUTS_KEPT: "changed"}
    if not np.allclose(path[0], run.weights):
        return {"the history": "one whose weight path does not begin at the given weights"}
    if not _is_mse(losses, run.X, run.y, path):
        return {"the history": "one whose losses are not those of its weight path"}
    return _unlike_the_wire(seen.get(_wire_title(number)), norms) if run.tamper is not None else {}


def _unlike_the_wire(wire: Any, norms: np.ndarray) -> dict[str, str]:
    """What the calls of `tamper` have against a history: not one a step, or other lengths than it handed out."""
    steps, lengths = np.atleast_1d(wire["steps"]), np.atleast_1d(wire["lengths"])
    if len(steps) != _STEPS:
        return {_CALLS: "zero" if len(steps) == 0 else "below one" if len(steps) < _STEPS else "above one"}
    if not np.array_equal(steps, np.arange(_STEPS)):
        return {_CALLS: "one, but not with the steps 0, 1, 2, … of the whole run"}
    close = np.abs(norms - lengths) <= 1e-6 * lengths + 1e-12
    if not np.all(close | ~np.isfinite(lengths)):
        return {_NORMS_KEPT: "one with other lengths than those of g as `tamper` gave it"}
    return {}


def _no_training(run: Scene, path: np.ndarray, flagged: np.ndarray) -> str | None:
    """How a training came to rest before its time, or that it is none; None where it went on."""
    if len(path) > 1 and _distances(path[1:2], _least_squares(run.X, run.y))[0] < 1e-3:
        return "one that is at least squares after a single epoch, where no step of this rate leads"
    first = int(np.argmax(flagged)) if flagged.any() else None
    if len(flagged) < _STEPS and first is not None and first >= len(flagged) - 2:
        return "over with the first flagged step"
    moved = np.flatnonzero(np.any(np.diff(path, axis=0) != 0, axis=1))
    rest = int(moved[-1]) + 1 if len(moved) else 0  # the first row after which the weights stay where they are
    if len(path) <= _EPOCHS or rest > _EPOCHS - 3:
        return None
    per_epoch = _ROWS // _BATCH
    if first is not None and rest == -(-first // per_epoch):  # the steps before it in its epoch still moved them
        return "over with the first flagged step"
    return "at a standstill: from some step on nothing moves the weights"


class _Wire:
    """A tamper that notes the steps that it is told and the lengths that it hands out."""

    def __init__(self, tamper: Tamper) -> None:
        self.tamper = tamper
        self.steps: list[Any] = []
        self.lengths: list[float] = []

    def __call__(self, step: int, g: np.ndarray) -> np.ndarray:
        handed = self.tamper(step, g)
        if len(self.steps) <= 2 * _STEPS:
            self.steps.append(step)
            self.lengths.append(float(np.linalg.norm(handed)))
        return handed


def _title(number: int, run: Scene) -> str:
    return f"run {number}, {run.kind}"


def _wire_title(number: int) -> str:
    return f"what tamper did in run {number}"


@exercise(
    points=6,
    tolerance=exact(),
    uses=("train_monitored",),
    conclude=_concluded_defence,
    hints=(
        "You can already say at each step whether it is flagged. What would be the smallest harm that a flagged gradient "
        "can do? Then measure, on clean data too, what it costs to do that.",
        "A defence can stand between `tamper` and the update: make a function that calls `tamper`, looks at the length, "
        "and hands on something harmless if it is flagged. It can be given to `train_monitored` as *its* tamper. The history "
        "that comes back then speaks of what was handed on: keep lengths and flags of your own, and put both in.",
        "Choices that look sensible and may fail: mean and standard deviation for median and MAD (one attacked step in the "
        "window hides the next), one fixed limit on the length (too low for the first epochs, or, where the last gradients "
        "are tiny, far too high for an attack on them).",
    ),
)
def defended_train(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Clean, pushed, under bursts, twice under flips, under nudges; the judge measures what came of them."""
    for number, run in enumerate(scenes(rng), start=1):
        wire = _Wire(run.tamper) if run.tamper is not None else None
        yield _title(number, run), attempt(run.X, run.y, run.weights, _RATE, _EPOCHS, _BATCH, run.generator, wire)
        if wire is not None:
            yield _wire_title(number), {"steps": wire.steps, "lengths": wire.lengths}


# --- report_card -----------------------------------------------------------------------------------------


def _run_to_report(rng: np.random.Generator, d: int, epochs: int, steps: int, flags: int) -> dict[str, np.ndarray]:
    """A history of made-up numbers: what is drawn of it is all that matters."""
    flagged = np.zeros(steps, dtype=bool)
    flagged[rng.choice(steps, size=flags, replace=False)] = True
    path = rng.normal(size=(epochs + 1, d))
    return {
        "weights": path[-1].copy(),
        "weight_path": path,
        "losses": rng.uniform(0.5, 5.0, size=epochs),
        "gradient_norms": rng.uniform(0.5, 5.0, size=steps),
        "flagged": flagged,
    }


def _reports(rng: np.random.Generator) -> list[tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]]:
    """Two finished runs with their data: one with flags, and one of three weights without any."""
    found = []
    for d, epochs, steps, flags, n in ((2, 7, 35, 4, 20), (3, 5, 15, 0, 12)):
        history = _run_to_report(rng, d, epochs, steps, flags)
        found.append((history, rng.normal(size=(n, d)), rng.normal(size=n)))
    return found


def _points(array: Any) -> np.ndarray:
    """Raw coordinates (m, 2) as floats, masked ones as NaN."""
    return np.ma.filled(np.ma.asarray(array, dtype=float), np.nan).reshape(-1, 2)


def _drawn(axes: Any) -> dict[str, Any]:
    """The raw data of one axes: texts, series (coordinates, whether joined by a line, marker), upright strokes and bands."""
    series: list[dict[str, Any]] = []
    strokes: list[float] = []
    for line in axes.lines:
        drawn = _points(np.column_stack(np.broadcast_arrays(*line.get_data())))
        joined = line.get_linestyle() not in _NO_LINE
        marker = str(line.get_marker())
        look = "" if marker in _NO_MARKER else f"{marker} {line.get_markerfacecolor()} {line.get_markersize()}"
        every = line.get_markevery()
        if look and isinstance(every, (list, tuple, np.ndarray)):
            chosen = drawn[np.asarray(every, dtype=bool if np.asarray(every).dtype == bool else int)]
            series.append({"xy": chosen, "joined": False, "look": look})
            look = ""
        series.append({"xy": drawn, "joined": joined, "look": look})
    for number, collection in enumerate(axes.collections):
        if hasattr(collection, "get_segments"):
            strokes.extend(float(segment[0][0]) for segment in collection.get_segments())
        elif np.size(collection.get_offsets()):
            series.append({"xy": _points(collection.get_offsets()), "joined": False, "look": f"cloud {number}"})
    for patch in axes.patches:
        if hasattr(patch, "get_width"):
            strokes.append(float(patch.get_x() + patch.get_width() / 2))
        elif hasattr(patch, "get_xy"):
            strokes.append(float(np.mean([patch.get_xy()[:, 0].min(), patch.get_xy()[:, 0].max()])))
    titles = [axes.get_title(loc=place) for place in ("center", "left", "right")]
    return {
        "title": next((title for title in titles if title), ""),
        "xlabel": axes.get_xlabel(),
        "ylabel": axes.get_ylabel(),
        "yscale": axes.get_yscale(),
        "series": {str(number): one for number, one in enumerate(series)},
        "strokes": np.array(strokes),
    }


_NO_LINE = ("None", "none", " ", "")
_NO_MARKER = ("None", "none", " ", "")


_REPORT = {
    "what comes back": "a figure",
    _INPUTS_KEPT: "unchanged",
    "a history of lists": "drawn",
    **{f"the panel {title}": "as asked" for title in PANELS},
    "the mark at the flagged steps": "there",
}


def _concluded_reports(seen: Observations, seed: int) -> Observations:
    if seen.stopped is not None:
        if "figure 1" in seen and seen.stopped.name in ("TypeError", "AttributeError"):
            # What arrays can and lists cannot: only the second history has lists.
            return _told(_REPORT, {"a history of lists": "not drawn: your code stopped"})
        return Observations((), seen.stopped)
    found: dict[str, str] = {}
    for number, (history, X, y) in enumerate(_reports(np.random.default_rng(seed)), start=1):
        panels = seen.get(f"figure {number}")
        if isinstance(panels, Opaque) or not isinstance(panels, dict):
            return _told(_REPORT, {"what comes back": panels.phrase if isinstance(panels, Opaque) else "no figure"})
        if not _history_unchanged(seen, number, history, X, y):
            found.setdefault(_INPUTS_KEPT, "changed")
        for label, phrase in _concluded_report(list(panels.values()), history, X, y).items():
            found.setdefault(label, phrase)
    return _told(_REPORT, found)


def _history_unchanged(
    seen: Observations, number: int, history: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray
) -> bool:
    after = seen.get(f"{INPUTS} {number}")
    if not isinstance(after, list) or len(after) != 3 or not isinstance(after[0], dict):
        return False
    now = [*(after[0].get(key) for key in history), after[1], after[2]]
    given = [*history.values(), X, y]
    return after[0].keys() == history.keys() and all(
        isinstance(left, np.ndarray) and np.array_equal(left, want) for left, want in zip(now, given, strict=True)
    )


def _concluded_report(
    panels: list[Any], history: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray
) -> dict[str, str]:
    """What is not as asked in one figure."""
    found = {}
    for title in PANELS:
        label = f"the panel {title}"
        panel = next((panel for panel in panels if panel["title"].strip().casefold() == title.casefold()), None)
        if panel is None:
            found[label] = "missing: no axes has this title"
        elif not panel["xlabel"].strip() or not panel["ylabel"].strip():
            found[label] = "without a name on each of its axes"
        elif (unlike := _unlike(title, panel, history, X, y)) is not None:
            found[label] = unlike
        elif title == "Gradient norm" and not _marks(panel, history["gradient_norms"], history["flagged"]):
            on_floor = _marks({**panel, "yscale": "linear"}, history["gradient_norms"], history["flagged"])
            found["the mark at the flagged steps"] = (
                "at height 0, which a logarithmic axis does not have"
                if on_floor
                else "missing, at other steps, or not to be told from the line"
            )
    return found


_OTHER_NUMBERS = "drawn from other numbers than those asked for"


def _unlike(
    title: str, panel: dict[str, Any], history: dict[str, np.ndarray], X: np.ndarray, y: np.ndarray
) -> str | None:
    """What a panel shows instead of what its title promises, or None where it shows that."""
    if title == "Fit":
        return _unlike_the_fit(panel, np.column_stack((y, X @ history["weights"])))
    wanted = {"Loss": [history["losses"]], "Gradient norm": [history["gradient_norms"]]}
    for values in wanted.get(title, list(history["weight_path"].T)):
        drawn = _over_time(panel, values)
        if not drawn:
            return _OTHER_NUMBERS
        if not any(one["joined"] for one in drawn):
            return "drawn as points where a line is asked for"
    return None


def _over_time(panel: dict[str, Any], values: np.ndarray) -> list[dict[str, Any]]:
    """The series whose heights are `values`, evenly from left to right."""
    return [
        one
        for one in panel["series"].values()
        if one["xy"].shape == (len(values), 2)
        and np.allclose(one["xy"][:, 1], values, rtol=1e-6, atol=1e-9)
        and np.all(np.diff(one["xy"][:, 0]) > 0)
        and np.allclose(np.diff(one["xy"][:, 0]), one["xy"][1, 0] - one["xy"][0, 0])
    ]


def _unlike_the_fit(panel: dict[str, Any], pairs: np.ndarray) -> str | None:
    """What is wrong with the points of (target, prediction)."""
    series = list(panel["series"].values())
    single = [one["xy"] for one in series if one["look"] and len(one["xy"]) == 1]  # a call for each sample is as good
    series.append({"xy": np.concatenate([np.empty((0, 2)), *single]), "joined": False, "look": "single points"})
    clouds = [one for one in series if one["xy"].shape == pairs.shape]
    held = [one for one in clouds if np.allclose(_sorted(one["xy"]), _sorted(pairs), rtol=1e-6)]
    if any(one["look"] for one in held):
        return None
    if held:
        return "drawn as a line where points are asked for"
    if any(np.allclose(_sorted(one["xy"][:, ::-1]), _sorted(pairs), rtol=1e-6) for one in clouds):
        return "one with the predictions across and the targets upwards"
    return _OTHER_NUMBERS


def _sorted(points: np.ndarray) -> np.ndarray:
    return points[np.lexsort(points.T[::-1])]


def _marks(panel: dict[str, Any], norms: np.ndarray, flagged: np.ndarray) -> bool:
    """Whether something to be seen stands at the flagged steps and nowhere else: points, upright lines or bands."""
    curve = next(one for one in _over_time(panel, norms) if one["joined"])
    expected = np.sort(curve["xy"][flagged, 0])
    if not len(expected):
        return True
    dots = {one["look"] for one in _over_time(panel, norms)}
    positions, upright = [panel["strokes"]], [panel["strokes"]]
    for one in panel["series"].values():
        xy = one["xy"][np.isfinite(one["xy"]).all(axis=1)]
        if one["joined"] and len(xy) and np.all(xy[:, 0] == xy[0, 0]):
            upright.append(xy[:1, 0])
        elif one["look"] and one["look"] not in dots:
            positions.append(xy[xy[:, 1] > 0, 0] if panel["yscale"] == "log" else xy[:, 0])
    for found in (*positions, np.concatenate(upright), np.concatenate(positions[1:] or upright)):
        at = np.unique(found)
        if at.shape == expected.shape and np.allclose(at, expected, atol=1e-6):
            return True
    return False


@exercise(
    points=3,
    tolerance=exact(),
    conclude=_concluded_reports,
    hints=(
        "`figure, axes = plt.subplots(2, 2)` gives a figure and a 2×2 array of axes: one for each panel.",
        "On an axes `a`: `a.plot(...)` draws, `a.set(title=..., xlabel=..., ylabel=...)` names. A path of shape (e, d) given "
        "to `plot` becomes d lines.",
        "`np.flatnonzero(flagged)` gives the numbers of the flagged steps. A marker without a line at these steps shows them.",
    ),
)
def report_card(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A run with flags, then one of three weights without any, in lists: what do the axes of the figure hold?"""
    for number, (history, X, y) in enumerate(_reports(rng), start=1):
        given = {key: array.tolist() for key, array in history.items()} if number == 2 else history
        with _figures_put_away():
            figure = attempt(given, X, y)
            is_figure = hasattr(figure, "axes") and hasattr(figure, "savefig")
            yield (
                f"figure {number}",
                {str(i): _drawn(axes) for i, axes in enumerate(figure.axes)} if is_figure else figure,
            )


@contextlib.contextmanager
def _figures_put_away() -> Iterator[None]:
    """A notebook would show them below the card: one for each that was tried, and half of one where drawing stopped."""
    import matplotlib.pyplot as plt

    before = plt.get_fignums()
    try:
        yield
    finally:
        for number in set(plt.get_fignums()) - set(before):
            plt.close(number)
