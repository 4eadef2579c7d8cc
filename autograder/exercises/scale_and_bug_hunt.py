"""Probes of lesson 07, when it breaks: accumulation, clipping, checkpoints, energy, the bug hunt and its eight repairs."""

from __future__ import annotations

import contextlib
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch  # here and not in the probe, so that the grader's warm interpreter has it before a submission needs it

from autograder.comparison import relative
from autograder.exercise import RESULT, exercise, pair
from autograder.observation import Raised

Attempt = Callable[..., Any]
Labelled = Iterator[tuple[str, Any]]
Batches = list[tuple[torch.Tensor, torch.Tensor]]


def _between(rng: np.random.Generator, low: float, high: float) -> float:
    return float(rng.uniform(low, high))


def _tensor(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    """NumPy's numbers, which are the same on all machines."""
    return torch.from_numpy(rng.normal(size=shape))


def _model(rng: np.random.Generator, *sizes: int, normed: bool = False) -> torch.nn.Sequential:
    """Linear layers of float64 with tanh between them; `normed` puts a BatchNorm with statistics of its own before each tanh."""
    layers: list[torch.nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers.append(torch.nn.Linear(inputs, outputs, dtype=torch.float64))
        if normed:
            layers.append(torch.nn.BatchNorm1d(outputs, dtype=torch.float64))
        layers.append(torch.nn.Tanh())
    model = torch.nn.Sequential(*layers[: -2 if normed else -1])
    with torch.no_grad():
        for name, numbers in model.state_dict().items():
            if numbers.dtype == torch.float64:
                drawn = _tensor(rng, *numbers.shape)
                numbers.copy_(0.5 + drawn.abs() if name.endswith("running_var") else drawn)
    return model


def _leave_gradients(rng: np.random.Generator, model: torch.nn.Module) -> None:
    """Gradients that are lying about from earlier."""
    for parameter in model.parameters():
        parameter.grad = _tensor(rng, *parameter.shape)


def _flat(model: torch.nn.Module) -> np.ndarray:
    return np.concatenate([parameter.detach().numpy().ravel() for parameter in model.parameters()])


def _batches(rng: np.random.Generator, sizes: Sequence[int], inputs: int, outputs: int) -> Batches:
    """Targets for a regression; their mean is not zero."""
    return [(_tensor(rng, n, inputs), 1 + _tensor(rng, n, outputs)) for n in sizes]


def _labelled_batches(rng: np.random.Generator, sizes: Sequence[int], inputs: int, classes: int) -> Batches:
    return [(_tensor(rng, n, inputs), torch.from_numpy(rng.integers(classes, size=n))) for n in sizes]


def _sgd(rng: np.random.Generator, model: torch.nn.Module, momentum: float = 0.5) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=_between(rng, 0.05, 0.1), momentum=momentum)


class _Path:
    """Where the parameters stand after each step of `optimizer` that moves them: whatever was called in between.

    Steps that move nothing do no harm; where there are no others, their number tells the ways of standing still apart.
    """

    def __init__(self, model: torch.nn.Module, optimizer: torch.optim.Optimizer) -> None:
        self._model, self._last = model, _flat(model)
        self._points: list[np.ndarray] = []
        self._steps = 0
        optimizer.register_step_post_hook(self._look)

    def _look(self, *_: Any) -> None:
        self._steps += 1
        here = _flat(self._model)
        if not np.array_equal(here, self._last, equal_nan=True):
            self._points.append(here)
        self._last = here

    def seen(self, title: str) -> Labelled:
        yield f"the parameters after each step ({title})", self._points
        yield f"the parameters at the end ({title})", _flat(self._model)
        if not self._points:
            yield f"steps that moved nothing ({title})", self._steps
        self._points, self._steps = [], 0


class _Graph:
    """One run of a model, for as long as gradients can be taken of it."""

    def __init__(self, samples: int) -> None:
        self.samples = samples


class _Memory:
    """How many samples the graphs of `model` hold at once, at most: `backward` lets go of a graph, and so does whoever drops it."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._alive: weakref.WeakSet[_Graph] = weakref.WeakSet()
        self._most = 0
        model.register_forward_hook(self._look)

    def _look(self, model: torch.nn.Module, inputs: Any, outputs: torch.Tensor) -> None:
        if outputs.grad_fn is None:
            return
        graph = _Graph(len(outputs))
        node: Any = outputs.grad_fn
        node.metadata["graph"] = graph  # lives as long as this node of autograd's does
        self._alive.add(graph)
        known = weakref.ref(graph)
        outputs.register_hook(lambda _: self._alive.difference_update(filter(None, [known()])))
        self._most = max(self._most, sum(held.samples for held in self._alive))

    def seen(self, batches: Iterable[Any], title: str) -> Labelled:
        largest = max(len(inputs) for inputs, _ in batches)
        yield f"samples in memory at once, beyond those of the largest batch ({title})", max(0, self._most - largest)
        self._most = 0


_mse, _cross_entropy = torch.nn.MSELoss(), torch.nn.CrossEntropyLoss()


@exercise(
    points=4,
    hints=(
        "What does a big batch's mean loss weigh each sample with? What does your small batch's mean loss weigh it with?",
        "Sums add up where means do not: turn each batch's mean loss into a share of the group's mean. For that you "
        "must know how many samples the group has.",
        "`batches[start : start + accumulation_steps]` is a group, also a short one at the end, once `batches` is a "
        "list. One step a group, and no gradient survives it.",
    ),
)
def train_accumulated(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Groups that come out even, unequal batches, a short last group; a second call tells what the first one left behind.

    What is in memory at once tells whether batches go through the model one by one.
    """

    def call(title: str, batches: Any, criterion: Any, steps: int) -> Labelled:
        attempt(model, batches, criterion, optimizer, steps)
        yield from path.seen(title)
        yield from memory.seen(batches, title)

    model = _model(rng, 3, 2)
    optimizer = _sgd(rng, model)
    path, memory = _Path(model, optimizer), _Memory(model)
    yield from call("equal batches, no tail", _batches(rng, (4, 4, 4, 4), 3, 2), _mse, 2)

    model = _model(rng, 4, 3, 1)
    optimizer = _sgd(rng, model)
    path, memory = _Path(model, optimizer), _Memory(model)
    for number, sizes in (("first call", (3, 1, 4, 2, 5)), ("second call", (2, 6, 1))):
        yield from call(f"unequal batches and a tail, {number}", _batches(rng, sizes, 4, 1), _mse, 2)

    model = _model(rng, 2, 3)
    optimizer = torch.optim.Adam(model.parameters(), lr=_between(rng, 0.05, 0.1))
    path, memory = _Path(model, optimizer), _Memory(model)
    samples = torch.utils.data.TensorDataset(*_labelled_batches(rng, (22,), 2, 3)[0])
    loader = torch.utils.data.DataLoader(samples, batch_size=4)
    yield from call("classes, a DataLoader", loader, _cross_entropy, 4)

    model = _model(rng, 2, 1)
    optimizer = _sgd(rng, model)
    path, memory = _Path(model, optimizer), _Memory(model)
    yield from call("fewer batches than accumulation_steps", _batches(rng, (2, 3), 2, 1), _mse, 4)
    yield from call("accumulation_steps = 1", _batches(rng, (3, 1), 2, 1), _mse, 1)


@exercise(
    points=2,
    tolerance=relative(1e-5),  # a tiny number added to the norm, as torch does it, is as good
    hints=(
        "Four moves, in the order in which the exercise names them. When is there a gradient that can be clipped?",
        "`torch.nn.utils.clip_grad_norm_(parameters, max_norm)` does two things: it clips in place, and it returns a "
        "number. Which number?",
    ),
)
def clipped_step(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A gradient that is too long, twice in a row; one that is short enough; old gradients lie about."""
    model = _model(rng, 4, 3, 2)
    optimizer = _sgd(rng, model)
    path = _Path(model, optimizer)
    for title, factor, share in (
        ("too long", 40.0, 0.02),
        ("too long again", 60.0, 0.03),
        ("short enough", 1.0, 1e3),
    ):
        _leave_gradients(rng, model)
        (x, y), *_ = _batches(rng, (5,), 4, 2)
        loss = factor * _mse(model(x), y)
        norm = attempt(model, optimizer, loss, share * factor * _between(rng, 0.8, 1.2))
        yield f"the norm ({title})", norm
        yield from path.seen(title)


# --- checkpoints: the learner's code works in a folder of ours, under a relative path that is the same everywhere ----


_OPTIMIZERS: tuple[tuple[str, type[torch.optim.Optimizer], dict[str, Any], str], ...] = (
    ("Adam", torch.optim.Adam, {}, "adam"),
    ("SGD with momentum", torch.optim.SGD, {"momentum": 0.9}, "run-2"),
)


@contextlib.contextmanager
def _own_folder() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        yield


def _trained(
    rng: np.random.Generator, kind: type[torch.optim.Optimizer], steps: int, **settings: Any
) -> tuple[torch.nn.Module, torch.optim.Optimizer]:
    """A model with buffers, and an optimizer that has made some steps with it."""
    model = _model(rng, 3, 4, 2, normed=True)
    optimizer = kind(model.parameters(), lr=_between(rng, 0.05, 0.2), **settings)  # type: ignore[call-arg]
    _go_on(rng, model, optimizer, steps)
    return model, optimizer


def _go_on(
    rng: np.random.Generator, model: torch.nn.Module, optimizer: torch.optim.Optimizer, steps: int
) -> list[np.ndarray]:
    """The parameters after each of some steps, made by us."""
    path = []
    for x, y in _batches(rng, (5,) * steps, 3, 2):
        optimizer.zero_grad()
        _mse(model(x), y).backward()
        optimizer.step()
        path.append(_flat(model))
    return path


def _is_optimizers(part: Any) -> bool:
    return isinstance(part, Mapping) and {"state", "param_groups"} <= set(part)


def _inside(saved: Any, is_state: Callable[[Any], bool]) -> Iterator[tuple[str, Any, bool]]:
    """All parts of what was saved, outermost first: the name that each has, itself, whether it is inside a state dict."""
    open_ends: list[tuple[str, Any, bool]] = [("", saved, False)]
    while open_ends:
        name, part, within = open_ends.pop(0)
        yield name, part, within
        within = within or is_state(part)
        if isinstance(part, Mapping):
            open_ends += [(str(key), item, within) for key, item in part.items()]
        elif isinstance(part, (list, tuple)):
            open_ends += [(name, item, within) for item in part]


def _is_number(part: Any) -> bool:
    return isinstance(part, (int, float)) or (isinstance(part, torch.Tensor) and part.ndim == 0)


def _same_bits(one: Mapping[str, torch.Tensor], other: Mapping[str, torch.Tensor]) -> bool:
    return all(one[name].dtype == numbers.dtype and torch.equal(one[name], numbers) for name, numbers in other.items())


def _what_is_in(path: str, model: torch.nn.Module) -> Labelled:
    """The three things that a checkpoint needs, under whatever names: the file's form is the learner's."""
    try:
        saved = torch.load(path, weights_only=True)
    except Exception as error:
        yield "the file, opened with weights_only", Raised.from_exception(error)
        return
    wanted = set(model.state_dict())

    def is_models(part: Any) -> bool:
        return isinstance(part, Mapping) and wanted <= set(part)

    parts = list(_inside(saved, lambda part: is_models(part) or _is_optimizers(part)))
    numbers = next((part for _, part, _ in parts if is_models(part)), None)
    yield "the model's numbers", numbers or "missing"
    yield "the model's numbers, to the last bit", numbers is not None and _same_bits(numbers, model.state_dict())
    optimizer = next((part for _, part, _ in parts if _is_optimizers(part)), None)
    yield "the optimizer's numbers", optimizer["state"] if optimizer else "missing"
    yield "the optimizer's rate", optimizer["param_groups"][0]["lr"] if optimizer else "missing"
    named = [part for name, part, _ in parts if "epoch" in name.lower() and not isinstance(part, Mapping)]
    yield "the epoch", named or [part for _, part, within in parts if _is_number(part) and not within] or "missing"


@exercise(
    points=2,
    tolerance=relative(1e-6),  # Adam divides by small numbers: last bits of a gradient grow
    hints=(
        "Which three things does a loop need to go on as if nothing had happened? One of them remembers past gradients.",
        "`.state_dict()` gives the numbers of a model, and of an optimizer, without their code.",
        '`torch.save(thing, path)` writes one thing. A dict with the keys "model", "optimizer" and "epoch" is one thing.',
    ),
)
def save_checkpoint(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Opens what was saved: a model with buffers, two kinds of optimizer, a second save over the first."""
    for title, kind, settings, stem in _OPTIMIZERS:
        model, optimizer = _trained(rng, kind, 2, **settings)
        with _own_folder():
            for save in ("first save", "saved again, later"):
                path = f"{stem}.pt"  # a new text for each call: an answer may hand it back
                attempt(path, model, optimizer, int(rng.integers(3, 1000)))
                for label, found in _what_is_in(path, model):
                    yield f"{label} ({title}, {save})", found
                _go_on(rng, model, optimizer, 1)


_SPRUNG: list[int] = []


def _spring(number: int) -> None:
    _SPRUNG.append(number)


class _Trap:
    """Runs code of ours when a file that holds it is unpickled. It could be anybody's."""

    def __init__(self, number: int) -> None:
        self._number = number

    def __reduce__(self) -> tuple[Callable[[int], None], tuple[int]]:
        return _spring, (self._number,)


def _write_checkpoint(
    path: str, model: torch.nn.Module, optimizer: torch.optim.Optimizer, epoch: int, **more: Any
) -> None:
    """Under the names of the exercise, and under the ones that PyTorch's tutorials use."""
    numbers, state = model.state_dict(), optimizer.state_dict()
    torch.save(
        {
            **dict.fromkeys(("model", "model_state", "model_state_dict", "state_dict"), numbers),
            **dict.fromkeys(("optimizer", "optimizer_state", "optimizer_state_dict", "optim"), state),
            "epoch": epoch,
            **more,
        },
        path,
    )


@exercise(
    points=2,
    tolerance=relative(1e-6),  # Adam divides by small numbers: last bits of a gradient grow
    hints=(
        "`torch.load(path, weights_only=True)` gives back the dict. It holds numbers; who has to take them in?",
        "`.load_state_dict(…)` exists on a model and on an optimizer, and changes it in place.",
    ),
)
def load_checkpoint(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Loads into a fresh model and goes on from there, two kinds of optimizer; then a file that would run code."""
    for title, kind, settings, stem in _OPTIMIZERS:
        trained, optimizer_before = _trained(rng, kind, 3, **settings)
        model, optimizer = _trained(rng, kind, 0, **settings)
        with _own_folder():
            path = f"{stem}.pt"
            _write_checkpoint(path, trained, optimizer_before, int(rng.integers(3, 1000)))
            epoch = attempt(path, model, optimizer)
        yield f"the epoch ({title})", epoch
        yield f"the model's numbers ({title})", dict(model.state_dict())
        yield f"the model's numbers, to the last bit ({title})", _same_bits(model.state_dict(), trained.state_dict())
        yield f"the parameters in the steps that follow ({title})", _go_on(rng, model, optimizer, 3)

    model, optimizer = _trained(rng, torch.optim.SGD, 1)
    with _own_folder():
        _write_checkpoint(
            "foreign.pt", model, optimizer, int(rng.integers(3, 1000)), extra=_Trap(int(rng.integers(9999)))
        )
        _SPRUNG.clear()
        try:
            returned = attempt("foreign.pt", model, optimizer)
        except NotImplementedError:
            raise
        except Exception:
            returned = "refused"
    yield "a file with foreign code in it", returned
    yield "what the foreign code did", list(_SPRUNG)


@exercise(
    points=1,
    hints=(
        "Watts times seconds are joules. Of how many devices, and what does the building add?",
        "How many joules are in one kilowatt-hour: a thousand watts, for 3,600 seconds?",
    ),
)
def energy_kwh(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A single device, a cluster, a building that adds nothing."""
    for title, devices, pue in (("1 device", 1, 1.6), ("8 devices", 8, 1.25), ("a pue of 1", 3, 1.0)):
        watts, seconds = _between(rng, 100, 400), _between(rng, 5_000, 90_000)
        yield f"the energy ({title})", attempt(watts, seconds, devices, pue)


# --- the bug hunt ----------------------------------------------------------------------------------


_CAUSES = (
    "no_update",
    "cleared_too_late",
    "double_step",
    "no_logarithm",
    "broadcasting",
    "leftover_gradients",
    "mean_of_means",
    "train_mode",
)


@exercise(
    points=1,
    value=True,
    self_check=True,
    hints=(
        "Two panels show one model that is *not* being trained between the measurements. What may differ then?",
        "Two losses do not move. In one of them there is a gradient to follow, in the other there is none.",
        "Which loss cannot be negative if it is what its name says? And where do predictions end up when each of them "
        "is compared with all targets?",
    ),
)
def diagnoses(attempt: Any, rng: np.random.Generator) -> Labelled:
    """Panel by panel; and whether a name was used that the exercise does not list."""
    if not isinstance(attempt, Mapping):
        yield RESULT, attempt
        return
    found = {panel: attempt[panel] for panel in "ABCDEFGH" if panel in attempt}
    yield "every name is one of the eight", all(name in _CAUSES for name in found.values())
    for panel in "ABCDEFGH":
        yield f"panel {panel}", found.get(panel, "no name")


@exercise(
    points=1,
    hints=(
        "Follow `weights` through the printed code: which line gives it a new value?",
        "Three things are missing or in the wrong place: an assignment, a level of indentation, half of what is returned.",
    ),
)
def repair_1(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Several epochs, one epoch, one sample with one feature."""
    for title, n, d, epochs in (("4 epochs", 6, 3, 4), ("1 epoch", 5, 2, 1), ("1 sample, 3 epochs", 1, 1, 3)):
        X, Y = rng.normal(size=(n, d)), 2.0 + rng.normal(size=n)
        returned = attempt(X, Y, 1.0 + rng.normal(size=d), _between(rng, 0.04, 0.08), epochs)
        yield from pair(returned, f"weights ({title})", f"losses ({title})")


@exercise(
    points=1,
    hints=(
        "What is in `.grad` at the moment at which the optimizer looks at it?",
        "Clearing belongs before the gradients are filled in, or after they were used; and once for each batch.",
    ),
)
def repair_2(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Three batches, then a second call, which sees what the first one left behind; classes with Adam."""
    model = _model(rng, 3, 2)
    optimizer = _sgd(rng, model)
    path = _Path(model, optimizer)
    for call, sizes in (("first call", (4, 4, 2)), ("second call", (3, 1))):
        attempt(model, _batches(rng, sizes, 3, 2), _mse, optimizer)
        yield from path.seen(call)
    model = _model(rng, 2, 4, 3)
    optimizer = torch.optim.Adam(model.parameters(), lr=_between(rng, 0.05, 0.1))
    path = _Path(model, optimizer)
    attempt(model, _labelled_batches(rng, (5, 3, 4), 2, 3), _cross_entropy, optimizer)
    yield from path.seen("classes")


@exercise(
    points=1,
    hints=(
        "How often does each gradient move the weights?",
        "Half the rate is not the same as one step: think of momentum, and of Adam.",
    ),
)
def repair_3(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Two calls in a row with plain SGD, with momentum and with Adam; old gradients lie about."""
    for title, kind, settings, criterion in (
        ("plain SGD", torch.optim.SGD, {}, _mse),
        ("momentum", torch.optim.SGD, {"momentum": 0.7}, _mse),
        ("Adam", torch.optim.Adam, {}, _cross_entropy),
    ):
        model = _model(rng, 3, 4, 2)
        optimizer = kind(model.parameters(), lr=_between(rng, 0.05, 0.1), **settings)  # type: ignore[arg-type]
        path = _Path(model, optimizer)
        for call in ("first call", "second call"):
            _leave_gradients(rng, model)
            draw = _batches if criterion is _mse else _labelled_batches
            (x, y), *_ = draw(rng, (6,), 3, 2)
            yield f"the loss ({title}, {call})", attempt(model, optimizer, criterion, x, y)
            yield from path.seen(f"{title}, {call}")


def _loss_and_gradient(loss: Any, wanted: torch.Tensor, title: str) -> Labelled:
    """The loss, and its gradient for `wanted`, if one can be had."""
    yield f"the loss ({title})", loss
    if not isinstance(loss, torch.Tensor) or not loss.requires_grad:
        yield f"the gradient of the loss ({title})", "there is none to be had"
        return
    (gradient,) = torch.autograd.grad(loss, wanted, allow_unused=True)
    yield f"the gradient of the loss ({title})", gradient


@exercise(
    points=1,
    hints=(
        "`NLLLoss` picks the entry of the right class and puts a minus before it. What must that entry be, so that this "
        "is −log p?",
        "Which function of torch takes softmax and logarithm in one go, so that neither can over- or underflow?",
    ),
)
def repair_4(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """More rows than classes, as many, a single row, logits of ±1000."""
    for n, k in ((6, 3), (4, 4), (1, 5)):
        logits = (2 * _tensor(rng, n, k)).requires_grad_()
        loss = attempt(logits, torch.from_numpy(rng.integers(k, size=n)))
        yield from _loss_and_gradient(loss, logits, f"{n} × {k}")
    logits = _tensor(rng, 3, 3)
    logits += torch.tensor([[1000.0, -1000.0, 0.0], [0.0, 1000.0, 0.0], [-1000.0, -1000.0, -1000.0]])
    loss = attempt(logits.requires_grad_(), torch.tensor([0, 2, 1]))
    yield from _loss_and_gradient(loss, logits, "logits of ±1000")


@exercise(
    points=1,
    hints=(
        "Print the shape of `predictions - y`. How many errors should there be?",
        "Give one of the two the shape of the other: `squeeze(1)` takes an axis of length 1 away, `unsqueeze(1)` adds one.",
    ),
)
def repair_5(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Several samples, a deeper model, a single sample."""
    for title, n, sizes in (("6 samples", 6, (3, 1)), ("4 samples", 4, (2, 3, 1)), ("1 sample", 1, (2, 1))):
        model = _model(rng, *sizes)
        loss = attempt(model, _tensor(rng, n, sizes[0]), 2 + _tensor(rng, n))
        yield from _loss_and_gradient(loss, model[0].weight, title)  # type: ignore[arg-type]


@exercise(
    points=1,
    uses=("train_accumulated",),
    hints=(
        "With ten batches and groups of four: what happens to the gradients of the last two batches?",
        "The leftover group must make a step of its own at the end of the epoch, and its mean is over *its* batches.",
        "All batches are equally large, so a group's mean is the mean over its batches. How many are in the group to "
        "which batch i belongs, and is batch i its last?",
    ),
)
def repair_6(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A tail in each of three epochs; a second call; no tail; a single short group; classes."""
    model = _model(rng, 3, 2)
    optimizer = _sgd(rng, model)
    path = _Path(model, optimizer)
    for title, count, steps, epochs in (
        ("5 batches, groups of 2, 3 epochs", 5, 2, 3),
        ("7 batches, groups of 4, 1 epoch", 7, 4, 1),
        ("4 batches, groups of 2, 2 epochs", 4, 2, 2),
        ("2 batches, groups of 3, 2 epochs", 2, 3, 2),
    ):
        attempt(model, _batches(rng, (3,) * count, 3, 2), _mse, optimizer, steps, epochs)
        yield from path.seen(title)
    model = _model(rng, 2, 3)
    optimizer = _sgd(rng, model)
    path = _Path(model, optimizer)
    attempt(model, _labelled_batches(rng, (4, 4, 4), 2, 3), _cross_entropy, optimizer, 2, 2)
    yield from path.seen("classes")


@exercise(
    points=1,
    hints=(
        "A batch of 2 counts as much as a batch of 32 here. What should each batch's mean be weighted with?",
        "Count the samples as they pass: the number that you divide by is the number that you have seen.",
    ),
)
def repair_7(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Unequal batches; equal ones; a model with BatchNorm and a loader that drops its last batch, or not; one batch."""

    def call(title: str, batches: Any, criterion: Any) -> Labelled:
        loss = attempt(model, batches, criterion)
        yield f"the loss ({title})", loss
        yield f"a graph hangs on the loss ({title})", isinstance(loss, torch.Tensor) and loss.requires_grad

    model = _model(rng, 3, 2)
    yield from call("unequal batches", _batches(rng, (5, 3, 1), 3, 2), _mse)
    yield from call("equal batches", _batches(rng, (4, 4), 3, 2), _mse)
    model = _model(rng, 2, 4, 3, normed=True)
    samples = torch.utils.data.TensorDataset(*_labelled_batches(rng, (11,), 2, 3)[0])
    for drop_last in (False, True):
        loader = torch.utils.data.DataLoader(samples, batch_size=4, drop_last=drop_last)
        yield from call(f"classes, a DataLoader with drop_last={drop_last}", loader, _cross_entropy)
    yield from call("1 batch", _labelled_batches(rng, (6,), 2, 3), _cross_entropy)


@exercise(
    points=1,
    hints=(
        "`torch.no_grad()` switches off the recording of gradients. What switches off dropout, and batch statistics?",
        "The caller may be in the middle of training, or not: `model.training` knows. Leave it as you found it.",
    ),
)
def repair_8(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """A model with BatchNorm, found training and found evaluating; its modes and statistics afterwards."""
    for training in (True, False):
        title = "found training" if training else "found evaluating"
        model = torch.nn.Sequential(*_model(rng, 4, 6, 3, normed=True), torch.nn.Dropout(1.0)).train(training)
        yield f"the accuracy ({title})", attempt(model, _labelled_batches(rng, (16, 11), 4, 3))
        yield f"the modes afterwards ({title})", [part.training for part in model.modules()]
        yield f"the model's numbers afterwards ({title})", dict(model.state_dict())
