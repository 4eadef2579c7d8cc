"""Encoding: observations survive both formats bit for bit, and hostile bytes get a sentence."""

from __future__ import annotations

import base64
import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays, complex_number_dtypes, floating_dtypes, integer_dtypes

from autograder.encoding import ObservationError, from_json, load_npz, save_npz, to_json
from autograder.observation import GeneratorState, Node, Observations, Opaque, Raised, normalise

dtypes = st.one_of(
    floating_dtypes(endianness="<", sizes=(16, 32, 64)),
    integer_dtypes(endianness="<"),
    complex_number_dtypes(endianness="<", sizes=(64, 128)),
    st.just(np.dtype(bool)),
)
arrays_of_any_dtype = dtypes.flatmap(
    lambda dtype: arrays(dtype, array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3))
)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
leaves = st.one_of(
    st.none(),
    texts,
    arrays_of_any_dtype,
    st.builds(Raised, st.lists(texts, min_size=1, max_size=3).map(tuple), texts, texts),
    st.builds(GeneratorState, texts, texts),
    st.builds(Opaque, texts),
)
nodes = st.recursive(
    leaves,
    lambda children: st.one_of(
        st.lists(children, max_size=3), st.dictionaries(st.one_of(texts, st.integers()), children, max_size=3)
    ),
    max_leaves=8,
)
observations = st.builds(
    Observations,
    st.dictionaries(texts, nodes, max_size=4).map(lambda items: tuple(items.items())),
    st.one_of(st.none(), st.builds(Raised, st.just(("ValueError", "Exception")), texts)),
)


def identical(one: Node, other: Node) -> bool:
    """Equal to the bit, NaN payloads and dtypes included."""
    if isinstance(one, np.ndarray):
        return (
            isinstance(other, np.ndarray)
            and (one.dtype, one.shape) == (other.dtype, other.shape)
            and one.tobytes() == other.tobytes()
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(identical, one, other))
    if isinstance(one, dict):
        return isinstance(other, dict) and list(one) == list(other) and all(identical(one[k], other[k]) for k in one)
    return one == other


def same_observations(one: Observations, other: Observations) -> bool:
    labels = [label for label, _ in one.items] == [label for label, _ in other.items]
    return (
        labels
        and one.stopped == other.stopped
        and all(identical(a[1], b[1]) for a, b in zip(one.items, other.items, strict=True))
    )


@settings(deadline=None)
@given(observations)
def test_json_round_trip_is_exact(seen: Observations) -> None:
    assert same_observations(from_json(to_json(seen)), seen)


@settings(deadline=None)
@given(st.lists(observations, max_size=3))
def test_npz_round_trip_is_exact(several: list[Observations]) -> None:
    file = io.BytesIO()
    save_npz({"name": "x", "seen": several}, file)
    tree = load_npz(file.getvalue())
    assert tree["name"] == "x"
    assert all(map(same_observations, tree["seen"], several))


@settings(deadline=None)
@given(st.one_of(arrays_of_any_dtype, st.floats(), st.integers(), st.text(), st.lists(st.floats(), max_size=5)))
def test_whatever_was_normalised_can_be_sent(value: object) -> None:
    seen = Observations((("value", normalise(value)),))
    try:
        text = to_json(seen)
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate is escaped by JSON, so this does not happen
        pytest.fail("the text cannot be sent")
    assert same_observations(from_json(text), seen)


def tree(node: object) -> str:
    return json.dumps([[["label", node]], ["none"]])


def packed(values: list[float]) -> str:
    return base64.b64encode(np.array(values).tobytes()).decode()


HOSTILE = {
    "no JSON": "hello",
    "an object": '{"a": 1}',
    "a NaN literal": tree(["none"]).replace('"none"', "NaN", 1),
    "a float": "[[], 1.5]",
    "an unknown kind": tree(["pickle", "gASV"]),
    "a dtype of objects": tree(["array", "|O", [1], packed([1.0])]),
    "a shape that does not fit": tree(["array", "<f8", [3], packed([1.0])]),
    "a huge shape": tree(["array", "<f8", [10**6, 10**6], ""]),
    "a negative shape": tree(["array", "<f8", [-1], packed([1.0])]),
    "a shape of booleans": tree(["array", "<f8", [True], packed([1.0])]),
    "too many dimensions": tree(["array", "<f8", [1] * 40, packed([1.0])]),
    "no base64": tree(["array", "<f8", [1], "!!!!"]),
    "a bool that is 2": tree(["array", "|b1", [1], base64.b64encode(b"\x02").decode()]),
    "two equal labels": json.dumps([[["a", ["none"]], ["a", ["none"]]], ["none"]]),
    "a label that is no text": json.dumps([[[1, ["none"]]], ["none"]]),
    "a dict key that is a list": tree(["dict", [[[1], ["none"]]]]),
    "depth": "[" * 100_000 + "]" * 100_000,
    "an integer of many digits": "[" + "9" * 100_000 + "]",
    "an end that is no exception": json.dumps([[], ["text", "x"]]),
    "an exception of many bases": tree(["raised", ["E"] * 1000, "", ""]),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bytes_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ObservationError, match=r"\w+ \w+"):
        from_json(text)


def test_nested_lists_are_refused_beyond_the_agreed_depth() -> None:
    node: object = ["none"]
    for _ in range(50):
        node = ["list", [node]]
    with pytest.raises(ObservationError, match="deep"):
        from_json(tree(node))


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"not a zip at all"])
def test_a_damaged_key_file_gets_a_sentence(damage: bytes) -> None:
    with pytest.raises(ObservationError, match="not a file of observations"):
        load_npz(damage)
