"""Observations: what a probe saw, as plain data; here they are made from values.

A *node* is one observed value in normal form, in which kinds that do not matter are already equal:

===================  =====================================================================
`None`, `str`        themselves
`numpy.ndarray`      every number and bool: Python's, NumPy's, a (detached) torch tensor's;
                     a list of numbers, or of arrays of one shape, is one array
`list`, `dict`       nodes all the way down
`Raised`             an exception, as a value
`GeneratorState`     a random generator before and after a call
`Opaque`             anything else, as a phrase; equal to nothing
===================  =====================================================================

`comparison` says how two of them differ, `encoding` turns them into bytes and back.
"""

from __future__ import annotations

import hashlib
import math
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

MAX_ARRAY_BYTES = 4_000_000
MAX_TOTAL_BYTES = 16_000_000
MAX_TEXT = 10_000
MAX_NODES = 20_000
MAX_DEPTH = 12


@dataclass(frozen=True)
class Raised:
    """An exception. `names` are its class and bases below `BaseException`, nearest first."""

    names: tuple[str, ...]
    message: str = ""
    where: str = ""

    @classmethod
    def from_exception(cls, error: BaseException, where: str = "") -> Raised:
        bases = tuple(base.__name__ for base in type(error).__mro__ if base not in (BaseException, object))
        return cls(bases or (type(error).__name__,), _text_of(error)[:500], where[:500])

    @property
    def name(self) -> str:
        return self.names[0]


@dataclass(frozen=True)
class GeneratorState:
    """Digests of a random generator's state around a call: whether it moved is for the judge to conclude."""

    before: str
    after: str

    @property
    def moved(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True)
class Opaque:
    """A value that is no data, as a phrase for the learner: "a function", "an array of shape (10⁹,)"."""

    phrase: str


Node: TypeAlias = "str | np.ndarray | Raised | GeneratorState | Opaque | list[Node] | dict[Any, Node] | None"


@dataclass(frozen=True)
class Observations:
    """Labelled nodes in the order in which the probe saw them, and the exception that ended it, if one did."""

    items: tuple[tuple[str, Node], ...] = ()
    stopped: Raised | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(label for label, _ in self.items)

    def get(self, label: str) -> Node:
        """The node of `label`. Raises KeyError where there is none."""
        return dict(self.items)[label]

    def __contains__(self, label: str) -> bool:
        return label in self.labels


# --- from values to nodes ------------------------------------------------------------------------


def normalise(value: Any) -> Node:
    """The node of any value. Never raises for an odd value: what is no data becomes `Opaque`."""
    return _normalise(value, MAX_DEPTH, [MAX_NODES])


def _normalise(value: Any, depth: int, nodes_left: list[int]) -> Node:
    nodes_left[0] -= 1
    if depth < 0 or nodes_left[0] < 0:
        return Opaque("something nested too deeply or too large to look at")
    if value is None or (isinstance(value, (Raised, GeneratorState)) and _is_ours(value)):
        return value
    if isinstance(value, str):
        return str(value) if len(value) <= MAX_TEXT else Opaque(f"a text of {len(value):,} characters")
    if isinstance(value, (bool, int, float, complex)):
        return _number(value)
    if isinstance(value, Mapping):
        return {
            _dict_key(key): _normalise(item, depth - 1, nodes_left) for key, item in list(value.items())[:MAX_NODES]
        }
    if isinstance(value, (list, tuple)):
        return _sequence([_normalise(item, depth - 1, nodes_left) for item in value[: MAX_NODES + 1]])
    return _array(value, depth, nodes_left)


def _is_ours(value: Raised | GeneratorState) -> bool:
    """Whether it is as probes make it: learner code could make one of anything."""
    if isinstance(value, GeneratorState):
        return isinstance(value.before, str) and isinstance(value.after, str)
    texts = (*value.names, value.message, value.where) if isinstance(value.names, tuple) and value.names else (None,)
    return all(isinstance(text, str) for text in texts)


def _number(value: bool | int | float | complex) -> Node:
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return Opaque("an integer of more than 64 bits")
    return np.asarray(value)


def _dict_key(key: Any) -> Any:
    if isinstance(key, np.generic):
        key = key.item()
    if isinstance(key, str):
        return str(key)
    # An int stays an int, so that {1: …} is not {"1": …}; True is 1 to a dict, and stays so here.
    if isinstance(key, int) or (isinstance(key, float) and key.is_integer()):
        return int(key)
    return f"<{type(key).__name__}>"


def _sequence(items: list[Node]) -> Node:
    """One array where the items are arrays of one shape and kind (so a list of floats is a 1-D array)."""
    if not items:
        return np.empty(0)
    arrays = [item for item in items if isinstance(item, np.ndarray)]
    same_shape = len(arrays) == len(items) and len({array.shape for array in arrays}) == 1
    bools = sum(array.dtype == np.bool_ for array in arrays)
    if same_shape and bools in (0, len(arrays)):
        return np.stack(arrays)
    return items


def _array(value: Any, depth: int, nodes_left: list[int]) -> Node:
    """Arrays, tensors and what else offers itself as one; `Opaque` for the rest."""
    torch: Any = sys.modules.get("torch")
    is_tensor = torch is not None and isinstance(value, torch.Tensor)
    if not is_tensor and not isinstance(value, (np.ndarray, np.generic)) and not hasattr(type(value), "__array__"):
        return Opaque(_phrase(value))
    try:
        shape, itemsize = tuple(map(int, value.shape)), int(getattr(value.dtype, "itemsize", 8))
        if (
            math.prod(shape) * itemsize > MAX_ARRAY_BYTES
        ):  # before any conversion: a view may be far larger than its memory
            return Opaque(f"an array of shape {shape}")
        if is_tensor:
            value = value.detach().cpu()
            value = (value.float() if value.dtype == torch.bfloat16 else value).resolve_conj().numpy()
        array = np.array(value, copy=True, subok=False)
    except Exception:
        return Opaque(_phrase(value))
    if array.dtype.kind in "biufc":
        return _portable(array)
    if array.dtype.kind in "US" or (array.dtype.kind == "O" and array.ndim <= 1):
        return _normalise(array.tolist(), depth - 1, nodes_left)
    return Opaque(f"an array of {array.dtype}")


def _portable(array: np.ndarray) -> np.ndarray:
    """The same numbers in a dtype that every platform has, C-ordered and little-endian."""
    if array.dtype.itemsize > 8 * (1 + (array.dtype.kind == "c")):  # long doubles
        array = array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)
    return np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("<")).reshape(array.shape)


def _phrase(value: Any) -> str:
    kind = type(value).__name__
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if callable(value):
        return f"a {kind}" if kind != "function" else "a function (is it called, with parentheses?)"
    return f"an object of type {kind}"


def _text_of(error: BaseException) -> str:
    try:
        return str(error).encode(errors="replace").decode()  # a terminal prints no lone surrogates
    except Exception:  # a hostile __str__
        return ""


def generator_digest(value: Any) -> str | None:
    """A digest of a random generator's state, or None for anything else."""
    if isinstance(value, np.random.Generator):
        state = repr(value.bit_generator.state).encode()
    elif (torch := sys.modules.get("torch")) is not None and isinstance(value, torch.Generator):
        state = value.get_state().numpy().tobytes()
    else:
        return None
    return hashlib.sha256(state).hexdigest()[:32]


def leaves(node: Node) -> Iterator[Node]:
    """All leaves of a node, depth first."""
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else None
    if children is None:
        yield node
    else:
        for child in children:
            yield from leaves(child)
