"""Comparison: tolerances are relative to the largest entry, and differences are told without showing a value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from autograder.comparison import Tolerance, absolute, compare_nodes, differences, exact, relative, up_to_sign
from autograder.observation import Observations, Raised

finite = st.floats(-1e6, 1e6)


@given(arrays(np.float64, array_shapes(max_dims=3, max_side=4), elements=finite))
def test_every_array_equals_itself_under_every_tolerance(array: np.ndarray) -> None:
    for tolerance in (exact(), relative(1e-6), absolute(0.1), up_to_sign(relative(1e-6))):
        assert compare_nodes(array, array.copy(), tolerance) is None


@given(arrays(np.float64, 5, elements=finite), st.integers(0, 4))
def test_an_error_beyond_the_tolerance_is_found_wherever_it_is(array: np.ndarray, place: int) -> None:
    tolerance, wrong = relative(1e-6), array.copy()
    wrong[place] += 3 * tolerance.limit(array) + 1e-9
    assert compare_nodes(array, wrong, tolerance) is not None


def test_errors_are_relative_to_the_largest_entry_and_not_to_each() -> None:
    expected, rounded = np.array([1000.0, 0.0]), np.array([1000.0, 1e-10])
    assert compare_nodes(expected, rounded, relative(1e-9)) is None
    assert compare_nodes(expected, rounded, relative(1e-14)) is not None


def test_an_expected_zero_leaves_room_for_rounding_only() -> None:
    assert compare_nodes(np.array(0.0), np.array(1e-16), relative(1e-9)) is None
    assert compare_nodes(np.array(0.0), np.array(1e-6), relative(1e-9)) is not None


def test_up_to_sign_accepts_the_negative_of_the_whole_and_not_of_a_part() -> None:
    vector = np.array([1.0, -2.0, 3.0])
    tolerance = up_to_sign(relative(1e-9))
    assert compare_nodes(vector, -vector, tolerance) is None
    assert compare_nodes(vector, vector * [1, -1, 1], tolerance) is not None


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_must_match(special: float) -> None:
    expected, other = np.array([1.0, special]), np.array([1.0, 2.0])
    assert compare_nodes(expected, expected.copy(), relative(1.0)) is None
    assert compare_nodes(expected, other, relative(1.0)) is not None
    assert "not finite" in str(compare_nodes(other, expected, relative(1.0)))


@pytest.mark.parametrize(
    ("got", "said"),
    [
        (np.ones((3, 1)), "yours is an array of shape (3, 1), it should be an array of shape (3,)"),
        (-np.array([1.0, 2.0, 3.0]), "the sign is the other way round"),
        (np.array([2.0, 4.0, 6.0]), "all are 2 times what they should be"),
        (np.array([1.0, 2.0, 4.0]), "1 of 3 entries differ, first at [2]"),
        (None, "yours is None"),
        ("text", "yours is a text"),
        (np.array([True, False, True]), "yours holds True and False"),
    ],
)
def test_a_difference_is_told_in_words(got: object, said: str) -> None:
    expected = np.array([1.0, 2.0, 3.0])
    assert said in str(compare_nodes(expected, got, relative(1e-9)))  # type: ignore[arg-type]


@given(arrays(np.float64, 4, elements=st.floats(1, 9)), arrays(np.float64, 4, elements=st.floats(1, 9)))
def test_no_message_shows_an_expected_value(expected: np.ndarray, got: np.ndarray) -> None:
    said = str(compare_nodes(expected, got, exact()))
    assert not any(repr(float(value)) in said for value in expected if len(repr(float(value))) > 8)


def test_differences_come_in_the_order_of_the_probe() -> None:
    expected = Observations((("a", np.array(1.0)), ("b", np.array(2.0)), ("c", np.array(3.0))))
    got = Observations((("a", np.array(1.0)), ("b", np.array(0.0)), ("c", np.array(0.0))))
    assert [difference.label for difference in differences(expected, got, exact())] == ["b", "c"]


def test_a_probe_that_was_cut_short_differs_where_it_stopped() -> None:
    expected = Observations((("a", np.array(1.0)), ("b", np.array(2.0))))
    got = Observations((("a", np.array(1.0)),), Raised(("TypeError",)))
    (difference,) = differences(expected, got, exact())
    assert (difference.label, difference.reason) == ("b", "it stopped with a TypeError")


def test_observations_beyond_the_expected_ones_differ() -> None:
    expected, got = Observations((("a", None),)), Observations((("a", None), ("b", None)))
    assert [difference.label for difference in differences(expected, got, exact())] == ["b"]


def test_extra_keys_of_a_dict_do_not_matter_and_missing_ones_do() -> None:
    one, both = {"w": np.array(1.0)}, {"w": np.array(1.0), "b": np.array(2.0)}
    assert compare_nodes(one, both, exact()) is None  # type: ignore[arg-type]
    assert "'b' is missing" in str(compare_nodes(both, one, exact()))  # type: ignore[arg-type]


def test_a_tolerance_never_reaches_over_shapes() -> None:
    assert compare_nodes(np.zeros(3), np.zeros((3, 1)), Tolerance(absolute=1e9)) is not None


@pytest.mark.parametrize("got", [np.array([1e308, -1e308]), np.array([1e200, 1e200]), np.array([5e-324, 0.0])])
@pytest.mark.filterwarnings("error")
def test_enormous_answers_are_told_without_a_warning(got: np.ndarray) -> None:
    assert compare_nodes(np.array([1.0, 2.0]), got, relative(1e-9)) is not None
