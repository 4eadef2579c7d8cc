"""Probes of lesson 05, the standard loop: batches, a network, one step, an epoch, validation, fitting; a step in TensorFlow."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.optim.optimizer import register_optimizer_step_post_hook
from torch.utils.data import DataLoader, TensorDataset

from autograder.comparison import exact, relative
from autograder.exercise import exercise, pair
from autograder.observation import Node, Observations

Attempt = Callable[..., Any]
Labelled = Iterator[tuple[str, Any]]

_TRAINED = relative(1e-7)  # leaves room for another order of sums over a few updates


# --- iterate_batches --------------------------------------------------------------------------------

_MOST_BATCHES = 200  # an iterable may have no end

# Title, rows, batch size. Many rows, so that none comes out in order by chance.
_PASSES = (
    ("31 rows in batches of 7", 31, 7),
    ("12 rows in batches of 4", 12, 4),
    ("20 rows in batches of 30", 20, 30),
    ("1 row", 1, 3),
    ("20 rows in batches of 1", 20, 1),
)
# So many batches that no two shuffles agree by chance, not even of whole batches.
_SHUFFLED = "120 rows in batches of 7, with a generator"
_ROWS, _BATCH_SIZE = 120, 7


def _rows(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows that all differ; y is the number of the row."""
    return rng.normal(size=(n, 2)), np.arange(n)


def _pairs(batches: Iterable[Any] | None) -> Iterator[tuple[bool, Any, Any]]:
    """Of each batch whether it is a pair, its X and its y; what is no pair is taken for an X."""
    for batch in islice(() if batches is None else batches, _MOST_BATCHES):
        pair = isinstance(batch, (tuple, list)) and len(batch) == 2
        yield (True, *batch) if pair else (False, batch, ())


def _batches_by_properties(seen: Observations, seed: int) -> Observations:
    """Which order a shuffle gives is the answer's own affair; that nothing is lost, doubled or parted is not."""
    rng = np.random.default_rng(seed)
    found: dict[str, Node] = {}
    for title, n, batch_size in (*_PASSES, (_SHUFFLED, _ROWS, _BATCH_SIZE)):
        X, y = _rows(rng, n)
        if f"X ({title})" not in seen:
            return Observations(tuple(found.items()), seen.stopped)
        order = _order(seen, title, X)
        found |= _properties(seen, title, X, y, batch_size, order)
        if title != _SHUFFLED:
            found[f"whether the rows come in their own order ({title})"] = np.asarray(order == sorted(order))
    first, again, other, next_pass = (
        _order(seen, f"{_SHUFFLED}{which}", X) for which in ("", ", made anew", ", another one", ", used once more")
    )
    found["whether neighbours part (with a generator)"] = np.asarray(_neighbours(first) < _ROWS // 2)
    blocks = [frozenset(range(start, min(start + _BATCH_SIZE, _ROWS))) for start in range(0, _ROWS, _BATCH_SIZE)]
    came = [frozenset(_order_of(part, X)) for part in _as_list(seen.get(f"X ({_SHUFFLED})"))]
    found["whether rows come to other batches (with a generator)"] = np.asarray(not set(blocks) <= set(came))
    found["whether two equal generators give the same order"] = np.asarray(first == again)
    found["whether another generator gives another order"] = np.asarray(first != other)
    found["whether the next pass with the same generator has another order"] = np.asarray(first != next_pass)
    return Observations(tuple(found.items()), seen.stopped)


def _properties(
    seen: Observations, title: str, X: np.ndarray, y: np.ndarray, batch_size: int, order: list[int]
) -> dict[str, Node]:
    sizes = [len(_numbers(part)) for part in _as_list(seen.get(f"X ({title})"))]
    labels = [int(label) for part in _as_list(seen.get(f"y ({title})")) for label in _numbers(part).ravel()]
    right = [batch_size] * (len(X) // batch_size) + [rest for rest in (len(X) % batch_size,) if rest]
    left = _as_list(seen.get(f"X and y afterwards ({title})"))
    return {
        **{label: node for label, node in seen.items if label in _forms(title)},
        f"whether no row is left out ({title})": np.asarray(set(order) == set(range(len(X)))),
        f"whether no row comes twice ({title})": np.asarray(len(order) == len(set(order))),
        f"whether each x comes with its own y ({title})": np.asarray(order == labels),
        # Where batches are shuffled whole, chance says where the short one goes.
        f"whether the batches have the right sizes ({title})": np.asarray(
            sorted(sizes) == sorted(right) if title == _SHUFFLED else sizes == right
        ),
        f"whether X and y are left as they were ({title})": np.asarray(
            np.array_equal(left[0], X) and np.array_equal(left[1], y)
        ),
    }


def _forms(title: str) -> tuple[str, ...]:
    """Labels of what is seen of the batches whatever rows are in them."""
    return (
        f"whether anything comes back ({title})",
        f"whether each batch is a pair of X and y ({title})",
        f"whether the batches are tensors ({title})",
        f"whether X keeps its dtype ({title})",
        f"whether y keeps its dtype ({title})",
    )


def _as_list(node: Any) -> list[Any]:
    return list(node)


def _order(seen: Observations, title: str, X: np.ndarray) -> list[int]:
    """The numbers of the rows, in the order in which they came; −1 for what is no row of X."""
    return [number for part in _as_list(seen.get(f"X ({title})")) for number in _order_of(part, X)]


def _order_of(part: Any, X: np.ndarray) -> list[int]:
    numbers = {row.tobytes(): number for number, row in enumerate(X)}
    rows = _numbers(part).astype(np.float64)
    return [numbers.get(np.ascontiguousarray(row).tobytes(), -1) for row in rows]


def _numbers(part: Any) -> np.ndarray:
    """The rows of a batch; none, where it is no array of numbers."""
    return part if isinstance(part, np.ndarray) and part.ndim and part.dtype.kind in "biuf" else np.empty(0)


def _neighbours(order: list[int]) -> int:
    """How many rows come right before or after a neighbour of theirs."""
    return sum(abs(a - b) == 1 for a, b in pairwise(order))


@exercise(
    points=2,
    tolerance=exact(),
    conclude=_batches_by_properties,
    hints=(
        "First make the order: a list of row numbers. Then cut it into pieces of `batch_size`.",
        "`torch.randperm(n, generator=generator)` gives the numbers 0 … n − 1 in random order. Which of X and y does it go to?",
        "`range(0, n, batch_size)` gives the start of each piece, also of a short last one. A slice that runs past the end just stops there.",
    ),
)
def iterate_batches(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """In order: with a short last batch, without, one batch, one row; shuffled: twice alike, otherwise, once more."""
    for number, (title, n, batch_size) in enumerate(_PASSES):
        X, y = map(torch.from_numpy, _rows(rng, n))
        yield from _one_pass(attempt(X, y, batch_size, *[None] * (number % 2)), title, X, y)
    X, y = map(torch.from_numpy, _rows(rng, _ROWS))
    seed = int(rng.integers(2**40))
    generator = torch.Generator().manual_seed(seed)
    yield from _one_pass(attempt(X, y, _BATCH_SIZE, generator), _SHUFFLED, X, y)
    yield from _one_pass(attempt(X, y, _BATCH_SIZE, generator), f"{_SHUFFLED}, used once more", X, y)
    generator = torch.Generator().manual_seed(seed)
    yield from _one_pass(attempt(X, y, _BATCH_SIZE, generator), f"{_SHUFFLED}, made anew", X, y)
    generator = torch.Generator().manual_seed(seed + 1)
    yield from _one_pass(attempt(X, y, _BATCH_SIZE, generator), f"{_SHUFFLED}, another one", X, y)


def _one_pass(batches: Iterable[Any], title: str, X: torch.Tensor, y: torch.Tensor) -> Labelled:
    pairs = list(_pairs(batches))
    xs, ys = [x for _, x, _ in pairs], [y for _, _, y in pairs]
    forms = (
        batches is not None,
        all(pair for pair, _, _ in pairs),
        all(isinstance(part, torch.Tensor) for part in (*xs, *ys)),
        all(getattr(x, "dtype", None) == X.dtype for x in xs),
        all(getattr(part, "dtype", None) == y.dtype for part in ys),
    )
    yield from zip(_forms(title), forms, strict=True)
    yield f"X ({title})", xs
    yield f"y ({title})", ys
    yield f"X and y afterwards ({title})", [X, y]


# --- models whose numbers are NumPy's ---------------------------------------------------------------


def _filled(model: nn.Module, rng: np.random.Generator) -> nn.Module:
    """The model in float64, its parameters drawn with NumPy: the same numbers on all machines."""
    model.double()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(_drawn(rng, *parameter.shape))
    return model


def _drawn(rng: np.random.Generator, *shape: int) -> torch.Tensor:
    return torch.from_numpy(np.asarray(rng.normal(size=shape)))


def _called(attempt: Attempt, *arguments: Any) -> Any:
    """What the call returns. Torch has a NotImplementedError of its own, for dtypes, which is not that of a stub."""
    try:
        return attempt(*arguments)
    except NotImplementedError as error:
        if not str(error):
            raise
        raise RuntimeError(str(error)).with_traceback(error.__traceback__) from None


def _state(model: nn.Module) -> list[torch.Tensor]:
    """Parameters, and what layers keep beside them (running averages)."""
    return [*model.parameters(), *model.buffers()]


class _ByMode(nn.Module):
    """A layer that, as dropout does, acts in training only; without any chance in it."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return 1.5 * x if self.training else x


class _CountingRows(nn.Module):
    """A layer that changes nothing, and counts the rows that come through."""

    def __init__(self) -> None:
        super().__init__()
        self.rows = 0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.rows += len(x)
        return x


class _Notes(set[bool]):
    """What was seen; a copy of a model writes into the same notes."""

    def __deepcopy__(self, memo: Any) -> _Notes:
        return self


class _Watched(nn.Module):
    """A last layer that changes nothing, and notes whether what comes through hangs on a graph."""

    def __init__(self) -> None:
        super().__init__()
        self.on_a_graph = _Notes()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.on_a_graph.add(x.requires_grad)
        return x


class _Elsewhere(torch.Tensor):
    """A tensor on another device, as far as a machine without one can play it: only `to` brings it to the model's."""

    @classmethod
    def __torch_function__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        tensors = [item for item in (*args, *(kwargs or {}).values()) if isinstance(item, torch.Tensor)]
        with torch._C.DisableTorchFunctionSubclass():
            result = func(*args, **(kwargs or {}))
        if func is torch.Tensor.to:
            return result.as_subclass(torch.Tensor)
        if any(not isinstance(tensor, cls) for tensor in tensors):
            raise RuntimeError("Expected all tensors to be on the same device, but found at least two devices!")
        return result.as_subclass(cls) if isinstance(result, torch.Tensor) else result


class _OtherDevice(DataLoader):
    """A loader whose batches lie on another device than the model."""

    def __iter__(self) -> Any:
        return iter([tuple(part.as_subclass(_Elsewhere) for part in batch) for batch in super().__iter__()])


# --- Net --------------------------------------------------------------------------------------------


def _layer_shapes(net: nn.Module) -> dict[str, Any]:
    """What fc1 and fc2 hold, by name."""
    named = dict(net.named_parameters())
    wanted = ("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias")
    return {name: tuple(named[name].shape) if name in named else None for name in wanted}


def _in_order(net: nn.Module) -> list[nn.Parameter]:
    """The parameters: those of fc1 and fc2 where they have these names, else in the order in which they were made."""
    named = dict(net.named_parameters())
    wanted = ("fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias")
    return [named[name] for name in wanted] if set(named) == set(wanted) else list(named.values())


# What an error message says, and what it stops at then.
_STOPS = (
    ("Module.__init__() call", "layers are made before `super().__init__()` has run"),
    ('missing the required "forward"', "there is no `forward`"),
    ("object has no attribute 'fc", "the net has no such layer"),
    ("not ReLU", "a layer stands where numbers are needed"),
)


def _tried(function: Callable[..., Any], *arguments: Any) -> tuple[Any, Exception | None]:
    """What comes out, or the error that it ends with."""
    try:
        return function(*arguments), None
    except Exception as error:
        return None, error


def _stop(error: Exception | None, label: str) -> Labelled:
    """Where it stops, if at one of these places; an error goes on from here."""
    stop = next((stop for said, stop in _STOPS if said in str(error)), "")
    if stop or error is None:
        yield label, stop
    if error is not None:
        raise error


@torch.no_grad()
def _two_passes(net: nn.Module, x: torch.Tensor) -> list[Any]:
    first = next(net.parameters(), torch.zeros(()))
    return [net(x.to(first.dtype)) for _ in range(2)]


@exercise(
    points=2,
    tolerance=_TRAINED,
    hints=(
        "Two layers are made in `__init__`, as attributes `self.fc1` and `self.fc2`; `forward` only uses them.",
        "`nn.Linear(a, b)` takes a numbers to b. Which sizes has the second layer?",
        "The path of a batch: first layer, ReLU, second layer. What comes out of the second is the answer as it is.",
    ),
)
def Net(attempt: Attempt, rng: np.random.Generator) -> Labelled:  # noqa: N802
    """Nets of three sizes, their weights replaced by drawn ones; their parameters, outputs, and the slopes of these."""
    for sizes in ((3, 5, 2), (4, 2, 1), (2, 7, 3)):
        where = f"({sizes[0]} inputs, {sizes[1]} hidden, {sizes[2]} outputs)"
        net, error = _tried(attempt, *sizes)
        yield from _stop(error, f"where it stops while it is made {where}")
        yield f"how many numbers it can learn, before it has seen data {where}", _count(net)
        x = _drawn(rng, 6, sizes[0])
        twice, error = _tried(_two_passes, net, x)
        yield from _stop(error, f"where it stops at the first batch {where}")
        yield f"what comes out {where}", sorted({type(output).__name__ for output in twice})
        if not all(isinstance(output, torch.Tensor) for output in twice):
            return
        yield f"whether two passes of the same batch agree {where}", torch.allclose(*twice)
        yield f"how many numbers it can learn {where}", _count(net)
        yield f"the shapes in fc1 and fc2 {where}", _layer_shapes(net)
        parameters = _in_order(net.double())
        if not parameters:
            return  # its outputs are as random as its layers
        with torch.no_grad():
            for parameter in parameters:
                parameter.copy_(_drawn(rng, *parameter.shape))
        output = net(x)
        yield f"the output for 6 rows {where}", output
        if output.requires_grad:
            (output * _drawn(rng, *output.shape)).sum().backward()
        yield f"the slopes of its numbers {where}", [parameter.grad for parameter in parameters]
        with torch.no_grad():
            yield f"the output for 1 row {where}", net.eval()(x[:1])


def _count(net: Any) -> int:
    return sum(parameter.numel() for parameter in net.parameters())


# --- torch_train_step -------------------------------------------------------------------------------


class _Diary:
    """What happens to a model, in order: backward reaches its parameters, an optimizer steps; and whose optimizer."""

    def __init__(self, model: nn.Module, given: torch.optim.Optimizer | None = None) -> None:
        self._before = [parameter.detach().clone() for parameter in model.parameters()]
        self._model, self._given, self._events = model, given, list[str]()
        self.another_stepped = False
        self._hooks = [
            parameter.register_post_accumulate_grad_hook(lambda _: self._note("backward"))
            for parameter in model.parameters()
        ]

    def __enter__(self) -> _Diary:
        self._hooks.append(register_optimizer_step_post_hook(self._stepped))
        return self

    def __exit__(self, *_: object) -> None:
        for hook in self._hooks:
            hook.remove()

    def _stepped(self, optimizer: torch.optim.Optimizer, *_: Any) -> None:
        self.another_stepped |= self._given is not None and optimizer is not self._given
        self._note("step")

    def _note(self, event: str) -> None:
        if event == "step" or self._events[-1:] != ["backward"]:
            self._events.append(event)

    def pages(self, where: str) -> Labelled:
        """The events, where no parameter moved: they tell one way of standing still from another. And whose steps."""
        moved = any(not torch.equal(old, new) for old, new in zip(self._before, self._model.parameters(), strict=True))
        yield f"what was done, where no parameter moved {where}", None if moved else list(self._events)
        if self._given is not None:
            yield f"whether another optimizer than the given one stepped {where}", self.another_stepped


def _weighted(predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """A loss in which predictions and targets have different parts."""
    return ((predictions - targets) ** 2 * (1.5 + torch.tanh(targets))).mean()


def _sgd(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=lr)


def _heavy(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.8, weight_decay=0.1)


def _adam(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    return torch.optim.Adam(model.parameters(), lr=lr)


def _mlp(rng: np.random.Generator, *sizes: int) -> nn.Module:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.Tanh()]
    return _filled(nn.Sequential(*layers[:-1]), rng)


def _targets(rng: np.random.Generator, n: int, k: int, classes: bool) -> torch.Tensor:
    return torch.from_numpy(rng.integers(k, size=n)) if classes else _drawn(rng, n, k)


@exercise(
    points=4,
    tolerance=_TRAINED,
    hints=(
        "Five moves: clear, forward, loss, backward, step. What has to happen to old gradients before backward adds new ones?",
        "Look at what lies *between* backward and step in your code. It ought to be nothing.",
        "The loss is a tensor that hangs on the graph. `.item()` takes the plain number out of it.",
    ),
)
def torch_train_step(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Steps in a row with SGD, with momentum and decay, with Adam; three losses; old gradients; a layer that acts by mode."""
    runs: tuple[tuple[str, tuple[int, ...], tuple[int, ...], Any, Any, bool], ...] = (
        ("SGD", (3, 4, 2), (5, 6), nn.MSELoss(), _sgd, False),
        ("SGD, old gradients lying about", (4, 3, 1), (6, 6), _weighted, _sgd, True),
        ("Adam, classes", (2, 5, 3), (4, 7, 1), nn.CrossEntropyLoss(), _adam, True),
        ("momentum and weight decay", (3, 1), (1, 3), nn.MSELoss(), _heavy, True),
    )
    for title, sizes, rows, criterion, make_optimizer, old_gradients in runs:
        model = nn.Sequential(_mlp(rng, *sizes), _ByMode())
        optimizer = make_optimizer(model, float(rng.uniform(0.05, 0.15)))
        if old_gradients:
            for parameter in model.parameters():
                parameter.grad = _drawn(rng, *parameter.shape)
        for step, n in enumerate(rows, start=1):
            where = f"({title}, step {step})"
            x, y = _drawn(rng, n, sizes[0]), _targets(rng, n, sizes[-1], isinstance(criterion, nn.CrossEntropyLoss))
            with _Diary(model, optimizer) as diary:
                loss = _called(attempt, model, optimizer, criterion, x, y)
            yield f"the parameters after the step {where}", list(model.parameters())
            yield from diary.pages(where)
            yield f"the loss {where}", loss
            yield f"what the loss is {where}", "a tensor" if isinstance(loss, torch.Tensor) else "no tensor"


# --- train_one_epoch, validate ----------------------------------------------------------------------

_GRAPHS = "how many graphs of earlier batches are still kept at the last one"


class _Graph(torch.autograd.Function):
    """Changes nothing; its node lives as long as the graph that it is in."""

    @staticmethod
    def forward(ctx: Any, loss: torch.Tensor) -> torch.Tensor:
        return loss.clone()

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> Any:
        return gradients[0]


class _CountingGraphs(nn.Module):
    """A loss that counts, whenever it is asked, how many graphs of its earlier answers are still kept."""

    def __init__(self, criterion: nn.Module) -> None:
        super().__init__()
        self._criterion, self._nodes, self.kept = criterion, list[Any](), 0

    def forward(self, predictions: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        self.kept = sum(node() is not None for node in self._nodes)
        loss = _Graph.apply(self._criterion(predictions, targets))
        if loss.grad_fn is not None:
            self._nodes.append(weakref.ref(loss.grad_fn))
        return loss


def _graphs_kept(seen: Observations, seed: int) -> Observations:
    """One graph may well be held by the name `loss` until the next batch; more of them are kept for nothing."""
    return Observations(
        tuple(
            (label.replace("how many", "whether"), np.asarray(bool(int(node) > 1)))  # type: ignore[arg-type]
            if label == _GRAPHS
            else (label, node)
            for label, node in seen.items
        ),
        seen.stopped,
    )


def _loader(
    rng: np.random.Generator,
    features: int,
    outputs: int,
    batches: Sequence[int],
    left_out: int,
    *,
    classes: bool,
    kind: type[DataLoader] = DataLoader,
) -> DataLoader:
    """Batches of these sizes, in order, from a data set that has `left_out` more rows, which never come."""
    n = sum(batches) + left_out
    ends = np.cumsum(batches)
    rows = [list(range(end - size, end)) for size, end in zip(batches, ends, strict=True)]
    data = TensorDataset(_drawn(rng, n, features), _targets(rng, n, outputs, classes))
    return kind(data, batch_sampler=rows)


def _modal(rng: np.random.Generator, features: int, outputs: int, *, batch_norm: bool = False) -> nn.Module:
    """A model that answers otherwise in training than in evaluation."""
    middle: nn.Module = nn.BatchNorm1d(4) if batch_norm else _ByMode()
    return _filled(nn.Sequential(nn.Linear(features, 4), middle, nn.Tanh(), nn.Linear(4, outputs), _Watched()), rng)


@exercise(
    points=3,
    tolerance=_TRAINED,
    uses=("torch_train_step",),
    conclude=_graphs_kept,
    hints=(
        "Before the first batch: which mode does a model have to be in to be trained?",
        "Each batch is one step, and you have written that. What it returns is a mean over the batch: how many samples stand behind it?",
        "Add up loss times batch size, add up batch sizes, divide one by the other at the end.",
    ),
)
def train_one_epoch(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Uneven batches, two epochs in a row, from evaluation mode; rows that never come; data on another device."""
    model = _modal(rng, 3, 2).eval()
    loader = _loader(rng, 3, 2, (4, 2, 1, 3), 0, classes=False)
    optimizer, criterion = _heavy(model, 0.05), _CountingGraphs(nn.MSELoss())
    for epoch in (1, 2):
        where = f"(uneven batches, epoch {epoch})"
        with _Diary(model, optimizer) as diary:
            returned = attempt(model, loader, criterion, optimizer, torch.device("cpu"))
        yield f"the mean loss {where}", returned
        yield f"the model {where}", _state(model)
        yield from diary.pages(where)
        if epoch == 1:
            yield _GRAPHS, criterion.kept
        model.eval()

    model = _modal(rng, 2, 3, batch_norm=True).eval()
    loader = _loader(rng, 2, 3, (4, 4, 4), 3, classes=True)
    returned = _called(attempt, model, loader, nn.CrossEntropyLoss(), _adam(model, 0.05), "cpu")
    yield "the mean loss (last rows left out)", returned
    yield "the model (last rows left out)", _state(model)

    model = _modal(rng, 3, 1).eval()
    loader = _loader(rng, 3, 1, (3, 5), 2, classes=False, kind=_OtherDevice)
    device = torch.device("cpu")
    yield "the mean loss (data on another device)", attempt(model, loader, _weighted, _sgd(model, 0.1), device)
    yield "the model (data on another device)", _state(model)


@exercise(
    points=3,
    tolerance=_TRAINED,
    hints=(
        "Two switches, and they are not the same: one for how layers behave, one for whether a graph is built.",
        "Each row of the outputs holds one score a class. Along which dimension do you look for the largest?",
        "Note `model.training` before you change it. `model.train(True)` and `model.train(False)` set either mode.",
    ),
)
def validate(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """From either mode, uneven batches, as many samples as classes, rows that never come, data on another device."""
    runs: tuple[tuple[str, tuple[int, ...], int, bool, bool, type[DataLoader]], ...] = (
        ("model in training mode", (3, 3, 1), 0, True, False, DataLoader),
        ("model in evaluation mode", (17, 9), 5, False, False, DataLoader),
        ("batch norm, in training mode", (4, 4, 2), 0, True, True, DataLoader),
        ("data on another device", (3, 2), 1, True, False, _OtherDevice),
    )
    for title, batches, left_out, training, batch_norm, kind in runs:
        model = _modal(rng, 4, 3, batch_norm=batch_norm).train(training)
        loader = _loader(rng, 4, 3, batches, left_out, classes=True, kind=kind)
        returned = _called(attempt, model, loader, nn.CrossEntropyLoss(), torch.device("cpu"))
        yield from pair(returned, f"the mean loss ({title})", f"the accuracy ({title})")
        yield f"whether outputs hung on a graph ({title})", sorted(model[-1].on_a_graph)  # type: ignore[index]
        yield f"the model afterwards ({title})", _state(model)
        yield f"its gradients afterwards ({title})", [parameter.grad for parameter in model.parameters()]
        yield f"the mode of the model and of its layers afterwards ({title})", [m.training for m in model.modules()]


# --- fit --------------------------------------------------------------------------------------------


@exercise(
    points=3,
    tolerance=_TRAINED,
    uses=("torch_train_step",),
    hints=(
        "Adam remembers averages from step to step. How long does *your* optimizer object live?",
        "One epoch is one step on all rows, and you have written that step. It hands you the loss before the update.",
        "Keep plain numbers in the list: a tensor would drag its whole graph along.",
    ),
)
def fit(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Some epochs, then more with the same model; one epoch; a single row; more rows than a mini-batch; other rates."""
    model: nn.Module = nn.Sequential(_mlp(rng, 2, 4, 1), _ByMode())
    X, y = _drawn(rng, 7, 2), _drawn(rng, 7, 1)
    with _Diary(model) as diary:
        losses = attempt(model, X, y, 5, float(rng.uniform(0.05, 0.1)))
    yield from _fitted(losses, model, "5 epochs")
    yield from diary.pages("(5 epochs)")
    yield from _fitted(attempt(model, X, y, 3, float(rng.uniform(0.2, 0.3))), model, "3 more epochs, another rate")
    model = _mlp(rng, 3, 2)
    yield from _fitted(attempt(model, _drawn(rng, 4, 3), _drawn(rng, 4, 2), 1, 0.02), model, "1 epoch, 2 outputs")
    model, X = _mlp(rng, 2, 2, 1), _drawn(rng, 1, 2)
    y = model(X).detach() + 0.01  # nearly there: a loop that stops where the loss is small stops at once
    yield from _fitted(attempt(model, X, y, 4, 0.0004), model, "1 row, 4 epochs")
    counter = _CountingRows()
    model = nn.Sequential(counter, _mlp(rng, 2, 1))
    with _at_each_step(lambda: counter.rows) as rows:
        losses = attempt(model, _drawn(rng, 130, 2), _drawn(rng, 130, 1), 2, 0.05)
    yield from _fitted(losses, model, "130 rows, 2 epochs")
    yield (
        "whether an optimizer stepped before all 130 rows had been seen",
        any(0 < b - a < 130 for a, b in pairwise([0, *rows])),
    )


@contextlib.contextmanager
def _at_each_step(look: Callable[[], int]) -> Iterator[list[int]]:
    """What is seen whenever an optimizer steps."""
    seen: list[int] = []
    hook = register_optimizer_step_post_hook(lambda *_: seen.append(look()))
    try:
        yield seen
    finally:
        hook.remove()


def _fitted(losses: Any, model: nn.Module, title: str) -> Labelled:
    yield f"the losses ({title})", losses
    entries = [losses] if getattr(losses, "ndim", 1) == 0 or not hasattr(losses, "__iter__") else losses
    yield (
        f"whether a loss holds on to a graph ({title})",
        any(getattr(loss, "requires_grad", False) for loss in entries),
    )
    yield f"the parameters ({title})", list(model.parameters())


# --- tf_train_step (optional) -----------------------------------------------------------------------


@exercise(
    points=0,
    extra="tensorflow",
    tolerance=relative(1e-6),  # Keras keeps its learning rates in float32
    hints=(
        "What happens inside `with tf.GradientTape() as tape:` is on the tape. What must the tape have seen to find slopes of the loss?",
        "`tape.gradient(loss, variables)` is `backward`; `optimizer.apply_gradients(pairs)` is `step`. How often does each belong into one step?",
    ),
)
def tf_train_step(attempt: Attempt, rng: np.random.Generator) -> Labelled:
    """Steps in a row with SGD and Adam, a layer that acts in training only, a loss whose arguments are not alike."""
    with contextlib.suppress(TypeError, AttributeError, ValueError):
        attempt(*[None] * 5)  # unwritten, it says so here: TensorFlow is loaded for written answers alone
    import tensorflow as tf

    class ByMode(tf.keras.layers.Layer):
        def call(self, x: Any, training: bool = False) -> Any:
            return 1.5 * x if training else x

    def weighted(y: Any, predictions: Any) -> Any:
        return tf.reduce_mean((predictions - y) ** 2 * (1.5 + tf.tanh(y)))

    for title, make_optimizer in (("SGD", tf.keras.optimizers.SGD), ("Adam", tf.keras.optimizers.Adam)):
        hidden = [tf.keras.layers.Dense(4, "tanh", dtype="float64"), ByMode(dtype="float64")]
        last = tf.keras.layers.Dense(1, dtype="float64")
        model = tf.keras.Sequential([tf.keras.Input((3,), dtype="float64"), *hidden, last])
        model.set_weights([rng.normal(size=weights.shape) for weights in model.get_weights()])
        optimizer = make_optimizer(float(rng.uniform(0.05, 0.15)))
        for step, n in enumerate((5, 1, 6), start=1):
            x, y = tf.constant(rng.normal(size=(n, 3))), tf.constant(rng.normal(size=(n, 1)))
            yield f"the loss ({title}, step {step})", attempt(model, optimizer, weighted, x, y)
            yield f"the weights ({title}, step {step})", model.get_weights()
