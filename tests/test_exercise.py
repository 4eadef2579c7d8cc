"""Exercise: `observe` returns data, whatever the learner's code does, and keeps quiet."""

from __future__ import annotations

import io
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

import numpy as np
import pytest

from autograder.comparison import equal, exact
from autograder.exercise import exercise, outcome
from autograder.observation import GeneratorState, Raised, normalise
from tests.conftest import midpoint


def test_the_same_seed_gives_the_same_observations_and_another_seed_others() -> None:
    def right(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (a + b) / 2

    assert equal(midpoint.observe(right, 5), midpoint.observe(right, 5), exact())
    assert not equal(midpoint.observe(right, 5), midpoint.observe(right, 6), exact())


def test_a_probe_that_returns_has_one_observation() -> None:
    @exercise(points=1, hints=("a", "b"))
    def once(attempt: Callable[..., Any], rng: np.random.Generator) -> Any:
        return attempt(rng.normal())

    assert once.observe(lambda x: 2 * x, 1).labels == ("the result", "the inputs after call 1")


def test_an_answer_that_returns_a_generator_is_data_too() -> None:
    @exercise(points=1, hints=("a", "b"))
    def once(attempt: Callable[..., Any], rng: np.random.Generator) -> Any:
        return attempt(3)

    assert "generator" in str(once.observe(lambda n: (i for i in range(n)), 1).get("the result"))


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), RecursionError(), MemoryError(), StopIteration()])
def test_whatever_the_learners_code_raises_is_an_observation(error: BaseException) -> None:
    def raises(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        raise error

    seen = midpoint.observe(raises, 1)
    assert seen.items == ()
    assert seen.stopped is not None


def test_a_learner_can_interrupt_a_check() -> None:
    def interrupted(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        midpoint.observe(interrupted, 1)


def test_prints_and_warnings_of_the_learners_function_are_not_shown() -> None:
    def chatty(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        print("debug")
        print("debug", file=sys.stderr)
        warnings.warn("careful", stacklevel=1)
        return np.log(-np.abs(a))

    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        midpoint.observe(chatty, 1)
    assert (out.getvalue(), err.getvalue(), caught) == ("", "", [])


def test_what_the_learners_code_returned_is_the_learners_to_change() -> None:
    @exercise(points=1, hints=("a", "b"))
    def stateful(attempt: Callable[..., Any], rng: np.random.Generator) -> Iterator[tuple[str, Any]]:
        w, state = rng.normal(size=2), None
        for step in (1, 2):
            w, state = attempt(w, state)
            yield f"weights after step {step}", w

    def changes_its_state(w: np.ndarray, state: list[float] | None) -> tuple[np.ndarray, list[float]]:
        state = state or []
        state.append(0.0)
        return w + 1, state

    def makes_new_state(w: np.ndarray, state: tuple[int, ...] | None) -> tuple[np.ndarray, tuple[int, ...]]:
        return w + 1, (*(state or ()), 1)

    assert equal(stateful.observe(changes_its_state, 1), stateful.observe(makes_new_state, 1), exact())


def test_whether_a_generator_was_drawn_from_is_observed() -> None:
    @exercise(points=1, hints=("a", "b"))
    def draws(attempt: Callable[..., Any], rng: np.random.Generator) -> Iterator[tuple[str, Any]]:
        yield "the draw", attempt(np.random.default_rng(rng.integers(2**32)))

    def moved(attempt: Callable[..., Any]) -> bool:
        (state,) = draws.observe(attempt, 1).get("the inputs after call 1")  # type: ignore[misc]
        assert isinstance(state, GeneratorState)
        return state.moved

    assert moved(lambda generator: generator.normal())
    assert not moved(lambda generator: np.random.default_rng(0).normal())


def test_an_expected_exception_is_a_value() -> None:
    def refuses(x: float) -> float:
        raise ValueError("negative")

    assert isinstance(outcome(refuses, -1.0), Raised)
    assert normalise(outcome(abs, -1.0)) == 1.0


def test_a_stub_is_not_an_expected_exception() -> None:
    def stub(x: float) -> float:
        raise NotImplementedError

    with pytest.raises(NotImplementedError):
        outcome(stub, 1.0)


def test_first_inputs_are_known_without_running_an_answer() -> None:
    inputs = midpoint.first_inputs(4)
    rng = np.random.default_rng(4)
    np.testing.assert_array_equal(inputs, [rng.normal(size=3), rng.normal(size=3)])  # type: ignore[arg-type]
