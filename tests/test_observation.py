"""Observations: values become plain data in which kinds that do not matter are equal."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from autograder.comparison import compare_nodes, exact
from autograder.observation import GeneratorState, Opaque, Raised, generator_digest, normalise


def same(one: object, other: object) -> bool:
    return compare_nodes(normalise(one), normalise(other), exact()) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (2, 2.0),
        (2, np.int8(2)),
        (0.5, np.float32(0.5)),
        (0.5, np.array(0.5)),
        (0.5, torch.tensor(0.5, requires_grad=True)),
        (True, np.bool_(True)),
        ([1.0, 2.0], np.array([1.0, 2.0])),
        ((1, 2), [1.0, 2.0]),
        ([np.float64(1), torch.tensor(2.0)], (1, 2)),
        ((np.zeros(3), np.ones(3)), np.array([[0, 0, 0], [1, 1, 1]])),
        ([[1, 2], [3, 4]], np.array([[1, 2], [3, 4]])),
        (torch.ones(2, 3, dtype=torch.bfloat16), np.ones((2, 3))),
        (np.ones((2, 3)).T, np.ones((3, 2))),
        (np.array(["a", "b"]), ["a", "b"]),
        ({"w": [1, 2]}, {"w": np.array([1.0, 2.0])}),
        (float("nan"), np.float32("nan")),
        ([], np.empty(0)),
        (None, None),
    ],
)
def test_kinds_that_do_not_matter_are_equal(one: object, other: object) -> None:
    assert same(one, other)
    assert same(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (np.ones(3), np.ones((3, 1))),
        (np.ones((1, 3)), np.ones(3)),
        (np.ones(1), 1.0),
        (True, 1),
        ([True, False], [1, 0]),
        ("1", 1),
        (None, 0),
        (None, float("nan")),
        (float("inf"), float("-inf")),
        ({1: 2.0}, {"1": 2.0}),
        ([1.0, [1.0, 2.0]], [1.0, 2.0]),
        (1 + 1j, 1.0),
    ],
)
def test_shapes_and_kinds_that_matter_are_different(one: object, other: object) -> None:
    assert not same(one, other)
    assert not same(other, one)


@pytest.mark.parametrize(
    ("value", "phrase"),
    [
        (len, "builtin_function_or_method"),
        (lambda: 1, "is it called, with parentheses"),
        (float, "the class float"),
        ((n for n in range(3)), "generator"),
        (10**30, "more than 64 bits"),
        ("x" * 20_000, "20,000 characters"),
        (np.broadcast_to(0.0, (10**5, 10**4)), "(100000, 10000)"),
        (torch.zeros(1).expand(10**5, 10**4), "(100000, 10000)"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "datetime64"),
    ],
)
def test_what_is_no_data_becomes_a_phrase_that_equals_no_data(value: object, phrase: str) -> None:
    node = normalise(value)
    assert isinstance(node, Opaque)
    assert phrase in node.phrase
    assert compare_nodes(np.zeros(3), node, exact()) == f"yours is {node.phrase}"


def test_cycles_and_deep_nests_end() -> None:
    cycle: list[object] = []
    cycle.append(cycle)
    deep: object = 1.0
    for _ in range(10_000):
        deep = [deep]
    assert "too deeply" in str(normalise(cycle))
    assert "too deeply" in str(normalise(deep))


def test_a_hostile_array_protocol_is_a_phrase_and_not_an_error() -> None:
    class Hostile:
        shape = (1,)
        dtype = np.dtype(float)

        def __array__(self) -> np.ndarray:
            raise RuntimeError("ha")

    assert isinstance(normalise(Hostile()), Opaque)


def test_observed_arrays_are_copies() -> None:
    array = np.zeros(3)
    node = normalise(array)
    array[:] = 7
    assert same(node, np.zeros(3))


def test_an_exception_keeps_its_bases_so_that_a_subclass_is_as_good() -> None:
    class OwnError(ValueError):
        pass

    raised = Raised.from_exception(OwnError("no"))
    assert raised.names[:2] == ("OwnError", "ValueError")
    assert compare_nodes(Raised(("ValueError",)), raised, exact()) is None
    assert compare_nodes(Raised(("TypeError",)), raised, exact()) is not None


@pytest.mark.parametrize("make", [lambda: np.random.default_rng(0), lambda: torch.Generator().manual_seed(0)])
def test_a_generator_that_was_drawn_from_has_another_digest(make) -> None:
    one, other = make(), make()
    before = generator_digest(one)
    assert before == generator_digest(other)
    if isinstance(one, np.random.Generator):
        one.normal()
    else:
        torch.rand(1, generator=one)
    assert before != generator_digest(one)
    assert generator_digest([1, 2]) is None


def test_only_whether_a_generator_moved_is_compared() -> None:
    moved, moved_elsewhere, still = GeneratorState("a", "b"), GeneratorState("c", "d"), GeneratorState("a", "a")
    assert compare_nodes(moved, moved_elsewhere, exact()) is None
    assert "should be drawn from" in str(compare_nodes(moved, still, exact()))


@pytest.mark.parametrize("value", [Raised(5), Raised(()), GeneratorState(1, 2), Opaque(np.zeros(2))])  # type: ignore[arg-type]
def test_what_learner_code_makes_of_our_own_classes_is_no_data(value: object) -> None:
    assert isinstance(normalise(value), Opaque)
    assert isinstance(normalise(value).phrase, str)
