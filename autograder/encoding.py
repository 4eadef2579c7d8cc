"""Encoding: observations to bytes and back, as strict JSON (the wire) and as npz (answer keys). Never pickle.

Bytes that come from a learner's process are checked in full before use: types, sizes, depth, dtypes.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import math
import zipfile
import zlib
from collections.abc import Callable, Sequence
from typing import Any, overload

import numpy as np

from autograder.observation import (
    MAX_ARRAY_BYTES,
    MAX_DEPTH,
    MAX_NODES,
    MAX_TEXT,
    MAX_TOTAL_BYTES,
    GeneratorState,
    Node,
    Observations,
    Opaque,
    Raised,
)

_DTYPES = frozenset(["|b1", "|i1", "|u1", "<i2", "<i4", "<i8", "<u2", "<u4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16"])
_MAX_DIMENSIONS = 16


class ObservationError(ValueError):
    """Bytes that should hold observations do not; the sentence says what is wrong with them."""


def to_json(observations: Observations) -> str:
    """Observations as strict JSON text: arrays are base64 of their little-endian bytes."""
    return _dump(_encode_observations(observations, _inline))


def from_json(text: str | bytes) -> Observations:
    """The observations in `text`, which may come from anybody. Raises ObservationError."""
    if len(text) > 2 * MAX_TOTAL_BYTES:
        raise ObservationError(f"the observations are {len(text):,} bytes long; {2 * MAX_TOTAL_BYTES:,} are allowed")
    try:
        tree = json.loads(text, parse_constant=_refuse, parse_float=_refuse, object_pairs_hook=_refuse)
    except (ValueError, RecursionError) as error:
        raise ObservationError(f"the observations are not strict JSON: {error}") from None
    return decode_observations(tree, _read_inline)


def _refuse(what: Any) -> Any:
    raise ValueError(f"{str(what)[:40]} has no place here")


class Recordings(Sequence[Observations]):
    """Observations from a file, each decoded when it is first looked at: most mistakes of a key never are."""

    def __init__(self, texts: Sequence[str], read: Callable[..., np.ndarray]) -> None:
        self._texts = texts
        self._read = read
        self._decoded: dict[int, Observations] = {}

    def __len__(self) -> int:
        return len(self._texts)

    @overload
    def __getitem__(self, index: int) -> Observations: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Observations]: ...
    def __getitem__(self, index: int | slice) -> Observations | Sequence[Observations]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if index not in self._decoded:
            self._decoded[index] = decode_observations(json.loads(self._texts[index]), self._read)
        return self._decoded[index]


def save_npz(tree: Any, file: Any) -> None:
    """Write a JSON-able tree in which lists of `Observations` may stand anywhere: a member per dtype and one for the tree."""
    pools: dict[str, list[np.ndarray]] = {}
    sizes: dict[str, int] = {}

    def pool(array: np.ndarray) -> list[Any]:
        code = array.dtype.str
        start = sizes.get(code, 0)
        pools.setdefault(code, []).append(array.ravel())
        sizes[code] = start + array.size
        return [code, list(array.shape), start]

    def encode(item: Any) -> Any:
        if isinstance(item, dict):
            return {key: encode(value) for key, value in item.items()}
        if isinstance(item, Sequence) and item and all(isinstance(value, Observations) for value in item):
            return {"recordings": [_dump(_encode_observations(value, pool)) for value in item]}
        return [encode(value) for value in item] if isinstance(item, (list, tuple)) else item

    text = _dump(encode(tree))
    members = {f"pool {code[1:]}": np.concatenate(parts) for code, parts in sorted(pools.items())}
    np.savez_compressed(file, allow_pickle=False, tree=np.frombuffer(text.encode(), np.uint8), **members)


def load_npz(file: Any) -> Any:
    """The tree that `save_npz` wrote; lists of observations are `Recordings`. Raises ObservationError for a damaged file."""
    try:
        with np.load(io.BytesIO(file) if isinstance(file, bytes) else file, allow_pickle=False) as archive:
            tree = json.loads(archive["tree"].tobytes())
            pools = {name[5:]: archive[name] for name in archive.files if name.startswith("pool ")}
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, EOFError, zlib.error, zipfile.BadZipFile):
        raise ObservationError("this is not a file of observations") from None

    def read(code: str, shape: list[int], start: int) -> np.ndarray:
        return pools[code[1:]][start : start + math.prod(shape)].reshape(shape)

    return _decode_tree(tree, read)


def _decode_tree(item: Any, read: Callable[..., np.ndarray]) -> Any:
    if isinstance(item, dict):
        if set(item) == {"recordings"}:
            return Recordings(item["recordings"], read)
        return {key: _decode_tree(value, read) for key, value in item.items()}
    return [_decode_tree(value, read) for value in item] if isinstance(item, list) else item


def _dump(tree: Any) -> str:
    return json.dumps(tree, allow_nan=False, separators=(",", ":"))


def _encode_observations(observations: Observations, put: Callable[[np.ndarray], list[Any]]) -> list[Any]:
    items = [[label, _encode(node, put)] for label, node in observations.items]
    return [items, _encode(observations.stopped, put)]


def _encode(node: Node, put: Callable[[np.ndarray], list[Any]]) -> list[Any]:
    if node is None:
        return ["none"]
    if isinstance(node, str):
        return ["text", node]
    if isinstance(node, np.ndarray):
        return ["array", *put(node)]
    if isinstance(node, list):
        return ["list", [_encode(item, put) for item in node]]
    if isinstance(node, dict):
        return ["dict", [[key, _encode(item, put)] for key, item in node.items()]]
    if isinstance(node, Raised):
        return ["raised", list(node.names), node.message, node.where]
    if isinstance(node, GeneratorState):
        return ["generator", node.before, node.after]
    return ["opaque", node.phrase]


def _inline(array: np.ndarray) -> list[Any]:
    return [array.dtype.str, list(array.shape), base64.b64encode(array.tobytes()).decode()]


def _read_inline(code: str, shape: list[int], data: Any) -> np.ndarray:
    if not isinstance(data, str):
        raise ObservationError("an array's numbers are not base64")
    try:
        raw = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        raise ObservationError("an array's numbers are not base64") from None
    dtype = np.dtype(code)
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise ObservationError("an array's shape does not fit its numbers")
    array = np.frombuffer(raw, dtype).reshape(shape)
    if dtype == np.bool_ and raw.strip(b"\x00\x01"):
        raise ObservationError("an array of True and False holds something else")
    return array


def decode_observations(tree: Any, read: Callable[..., np.ndarray]) -> Observations:
    """Observations from their JSON tree, every part of it checked. Raises ObservationError."""
    match tree:
        case [list(items), stopped] if len(items) <= MAX_NODES:
            left = [MAX_NODES, MAX_TOTAL_BYTES]
            decoded = tuple(_decode_item(item, read, left) for item in items)
            if len({label for label, _ in decoded}) != len(decoded):
                raise ObservationError("a label occurs twice")
            end = _decode(stopped, read, 0, left)
            if end is None or isinstance(end, Raised):
                return Observations(decoded, end)
    raise ObservationError("the observations are not of the agreed form")


def _decode_item(item: Any, read: Callable[..., np.ndarray], left: list[int]) -> tuple[str, Node]:
    match item:
        case [str(label), node] if len(label) <= 500:
            return label, _decode(node, read, MAX_DEPTH + 1, left)
    raise ObservationError("an observation is not a label with a value")


def _decode(tree: Any, read: Callable[..., np.ndarray], depth: int, left: list[int]) -> Node:
    left[0] -= 1
    if left[0] < 0 or depth < 0:
        raise ObservationError("the observations are nested too deeply, or too many")
    match tree:
        case ["none"]:
            return None
        case ["text", str(text)] if len(text) <= MAX_TEXT:
            return text
        case ["array", str(code), list(shape), place] if code in _DTYPES and _is_shape(shape):
            size = math.prod(shape) * np.dtype(code).itemsize
            left[1] -= size
            if size > MAX_ARRAY_BYTES or left[1] < 0:
                raise ObservationError("the observations hold too many numbers")
            return read(code, shape, place)
        case ["list", list(items)]:
            return [_decode(item, read, depth - 1, left) for item in items]
        case ["dict", list(pairs)]:
            return dict(_decode_pair(pair, read, depth - 1, left) for pair in pairs)
        case ["raised", [str(), *_] as names, str(message), str(where)] if _are_texts(names, 50):
            return Raised(tuple(names), message[:500], where[:500])
        case ["generator", str(before), str(after)] if len(before) + len(after) <= 128:
            return GeneratorState(before, after)
        case ["opaque", str(phrase)]:
            return Opaque(phrase[:200])
    raise ObservationError("a value is not of the agreed form")


def _decode_pair(pair: Any, read: Callable[..., np.ndarray], depth: int, left: list[int]) -> tuple[Any, Node]:
    match pair:
        case [(str() | int()) as key, node] if not isinstance(key, bool):
            return key, _decode(node, read, depth, left)
    raise ObservationError("a dict's entry is not a key with a value")


def _is_shape(shape: list[Any]) -> bool:
    return len(shape) <= _MAX_DIMENSIONS and all(type(size) is int and 0 <= size <= MAX_ARRAY_BYTES for size in shape)


def _are_texts(texts: list[Any], most: int) -> bool:
    return len(texts) <= most and all(isinstance(text, str) and len(text) <= 200 for text in texts)
