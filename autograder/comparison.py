"""Comparison: how observations may differ and still be equal, and in what words their first difference is told.

No message shows an expected or an observed value: the same words serve at home and in grading on secret seeds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograder.observation import GeneratorState, Node, Observations, Opaque, Raised


@dataclass(frozen=True)
class Tolerance:
    """How far two arrays may be apart and still be equal.

    `relative` errors are relative to the largest entry of the expected array, so that entries that
    should cancel to zero do not ask for more digits than floats have. `up_to_sign` accepts an array's
    negative as well (singular vectors).
    """

    relative: float = 0.0
    absolute: float = 0.0
    up_to_sign: bool = False

    def limit(self, expected: np.ndarray) -> float:
        """The largest error allowed, in the units of `expected`."""
        finite = np.abs(expected[np.isfinite(expected)])
        # An expected zero that a right answer reaches by cancellation is off by rounding only (1e-16 at unit
        # scale), so the scale has a floor that leaves room for that and for nothing else.
        scale = max(float(finite.max(initial=0.0)), 1e-6)
        return max(self.absolute, self.relative * scale)


def exact() -> Tolerance:
    """Equal to the last bit (labels, counts, masks)."""
    return Tolerance()


def relative(limit: float) -> Tolerance:
    """Errors up to `limit` times the largest entry of the expected array."""
    return Tolerance(relative=limit)


def absolute(limit: float) -> Tolerance:
    """Errors up to `limit` in the array's own units."""
    return Tolerance(absolute=limit)


def up_to_sign(tolerance: Tolerance) -> Tolerance:
    """`tolerance`, where an array as a whole may have the other sign."""
    return Tolerance(tolerance.relative, tolerance.absolute, up_to_sign=True)


@dataclass(frozen=True)
class Difference:
    """A label at which two observations differ, and how, in words that show neither of them."""

    label: str
    reason: str


def differences(expected: Observations, got: Observations, tolerance: Tolerance) -> list[Difference]:
    """All labels in which `got` is not what was expected, in the probe's order; empty where it is."""
    return list(_differences(expected, got, tolerance))


def equal(expected: Observations, got: Observations, tolerance: Tolerance) -> bool:
    """Whether there is no difference at all. Looks no further than the first."""
    return next(_differences(expected, got, tolerance), None) is None


def _differences(expected: Observations, got: Observations, tolerance: Tolerance) -> Iterator[Difference]:
    got_items = dict(got.items)
    for label, node in expected.items:
        if label not in got_items:
            yield Difference(label, _missing(got))
            return
        if (reason := compare_nodes(node, got_items[label], tolerance)) is not None:
            yield Difference(label, reason)
    if expected.stopped is not None and not _same_exception(expected.stopped, got.stopped):
        yield Difference("the end", f"a {expected.stopped.name} should be raised here")
    elif expected.stopped is None and got.stopped is not None:
        yield Difference("the end", _missing(got))
    for label in got.labels:
        if label not in expected.labels:
            yield Difference(label, "there is more here than there should be")


def _missing(got: Observations) -> str:
    return f"it stopped with a {got.stopped.name}" if got.stopped else "there is less here than there should be"


def compare_nodes(expected: Node, got: Node, tolerance: Tolerance) -> str | None:
    """Why `got` is not `expected`, in words that show neither, or None where it is. Shapes never broadcast."""
    if isinstance(got, Opaque):
        return None if isinstance(expected, Opaque) and expected == got else f"yours is {got.phrase}"
    if isinstance(expected, np.ndarray):
        return _compare_arrays(expected, got, tolerance)
    if isinstance(expected, GeneratorState):
        if not isinstance(got, GeneratorState) or expected.moved != got.moved:
            return "the generator should be drawn from" if expected.moved else "the generator should not be drawn from"
        return None
    if isinstance(expected, Raised):
        same = isinstance(got, Raised) and _same_exception(expected, got)
        return None if same else f"this should raise a {expected.name}, and yours {_kind(got, 'raises', 'returns')}"
    if type(expected) is not type(got):
        return f"yours is {_kind(got)}, it should be {_kind(expected)}"
    if isinstance(expected, dict):
        return _compare_dicts(expected, got, tolerance)  # type: ignore[arg-type]
    if isinstance(expected, list):
        return _compare_lists(expected, got, tolerance)  # type: ignore[arg-type]
    return None if expected == got else "your text is not the one that belongs here"


def _same_exception(expected: Raised, got: Raised | None) -> bool:
    return got is not None and expected.name in got.names


def _compare_dicts(expected: dict[Any, Node], got: dict[Any, Node], tolerance: Tolerance) -> str | None:
    for key, node in expected.items():
        if key not in got:
            return f"the key {key!r} is missing"
        if (reason := compare_nodes(node, got[key], tolerance)) is not None:
            return f"at key {key!r}: {reason}"
    return None


def _compare_lists(expected: list[Node], got: list[Node], tolerance: Tolerance) -> str | None:
    if len(expected) != len(got):
        return f"yours has {len(got)} entries, it should have {len(expected)}"
    for index, (left, right) in enumerate(zip(expected, got, strict=True)):
        if (reason := compare_nodes(left, right, tolerance)) is not None:
            return f"at index {index}: {reason}"
    return None


def _compare_arrays(expected: np.ndarray, got: Node, tolerance: Tolerance) -> str | None:
    if not isinstance(got, np.ndarray):
        return f"yours is {_kind(got)}, it should be {_kind(expected)}"
    if got.shape != expected.shape:
        return f"yours is {_shape(got)}, it should be {_shape(expected)}"
    if (got.dtype == np.bool_) != (expected.dtype == np.bool_):
        return f"yours holds {_dtype(got)}, it should hold {_dtype(expected)}"
    if expected.size == 0:
        return None
    if expected.dtype == np.bool_ and expected.ndim == 0 and expected != got:
        return "this should hold, and does not" if expected else "this should not hold, and does"
    of_numbers = expected.dtype.kind in "fc" or got.dtype.kind in "fc" or tolerance != Tolerance()
    if expected.dtype == np.bool_ or not of_numbers:
        return _first_off(expected != got, expected, got)
    wide = np.complex128 if "c" in (expected.dtype.kind, got.dtype.kind) else np.float64
    left, right = expected.astype(wide), got.astype(wide)
    off = _off(left, right, tolerance)
    if tolerance.up_to_sign and off.any():
        off = min(off, _off(left, -right, tolerance), key=np.count_nonzero)
    return _first_off(off, left, right)


def _off(expected: np.ndarray, got: np.ndarray, tolerance: Tolerance) -> np.ndarray:
    finite = np.isfinite(expected) & np.isfinite(got)
    same_special = (expected == got) | (np.isnan(expected) & np.isnan(got))
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(finite, np.abs(expected - got) > tolerance.limit(expected), ~same_special)


def _first_off(off: np.ndarray, expected: np.ndarray, got: np.ndarray) -> str | None:
    if not off.any():
        return None
    index = np.unravel_index(int(np.argmax(off)), off.shape)
    if off.ndim:
        where = f"{off.sum()} of {off.size} entries differ, first at {[int(i) for i in index]}"
    else:
        where = "it differs"
    if not np.isfinite(got[index]) and np.isfinite(expected[index]):
        return f"{where}: yours is not finite there"
    return where + _how(expected, got)


def _how(expected: np.ndarray, got: np.ndarray) -> str:
    """In what plain way all entries are off at once: the sign, a factor, or a little. No value is shown."""
    if expected.dtype.kind == "b" or not (np.isfinite(expected).all() and np.isfinite(got).all()):
        return ""
    scale = float(np.abs(expected).max())
    if not 1e-100 < scale < 1e100 or np.abs(got).max() > 1e100:  # squares of these would over- or underflow
        return ""
    error = float(np.abs(got - expected).max()) / scale
    if error < 1e-3:
        float32 = " (numbers in float32 are)" if 1e-9 < error < 1e-6 else ""
        return f": yours is close, but off by about {error:.0e} of the size{float32}, which is not exact enough"
    if error > 1e-6 and np.allclose(got, -expected, rtol=0, atol=1e-6 * scale):
        return ": the sign is the other way round"
    if expected.size > 1 and not np.iscomplexobj(got):
        factor = float(np.vdot(expected, got) / np.vdot(expected, expected))
        if abs(factor) > 1e-3 and np.allclose(got, factor * expected, rtol=0, atol=1e-6 * scale * abs(factor)):
            return f": all are {factor:.3g} times what they should be"
    share = f"{100 * error:.2g} % of" if error < 0.995 else f"{error:.2g} times"
    return f" by {share} its size" if expected.size == 1 else f" (the largest error is {share} the largest entry)"


def _shape(array: np.ndarray) -> str:
    return f"an array of shape {array.shape}" if array.ndim else "a single number"


def _dtype(array: np.ndarray) -> str:
    return {"b": "True and False", "c": "complex numbers"}.get(array.dtype.kind, "numbers")


def _kind(node: Node, raises: str = "", returns: str = "") -> str:
    if isinstance(node, Raised):
        return f"{raises} a {node.name}".strip()
    names: dict[type, str] = {
        np.ndarray: "an array",
        str: "a text",
        list: "a list whose entries are not all of one shape and kind",
        dict: "a dict",
    }
    name = _shape(node) if isinstance(node, np.ndarray) else names.get(type(node), "None")
    return f"{returns} {name}".strip()
