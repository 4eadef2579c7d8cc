"""Judge: equal to the reference, a known mistake, what follows from one, or what differs; always from data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from autograder.authoring.record import RecordError, record
from autograder.authoring.sources import Mistake
from autograder.encoding import from_json, to_json
from autograder.exercise import Conclude, Exercise
from autograder.judge import judge, nobody
from autograder.observation import Observations
from autograder.verdict import Status, Verdict
from tests.conftest import difference, make_lesson, midpoint, quarter, sum_not_mean, the_middle

LESSON = make_lesson((difference, sum_not_mean, the_middle))
KEYS = record(LESSON, (1, 2, 3))


def verdict_on(
    exercise: Exercise, attempt: Callable[..., Any], blame: Callable[[str], Verdict | None] = nobody
) -> Verdict:
    key = KEYS[exercise.name]
    # Through JSON, as observations travel: what the judge sees is data.
    observed = [from_json(to_json(exercise.observe(attempt, seed))) for seed in key.seeds]
    return judge(exercise, key, observed, blame)


def test_the_reference_is_correct_and_gets_all_points() -> None:
    verdict = verdict_on(midpoint, lambda a, b: (a + b) / 2)
    assert (verdict.status, verdict.points, verdict.max_points) == (Status.CORRECT, 2.0, 2.0)


@pytest.mark.parametrize("known", [difference, sum_not_mean])
def test_a_known_mistake_is_named_and_its_message_told(known: Mistake) -> None:
    verdict = verdict_on(midpoint, known.attempt)
    assert (verdict.status, verdict.points, verdict.diagnosis) == (Status.WRONG, 0.0, known.name)
    assert verdict.message == known.message


def test_an_unknown_mistake_is_told_by_what_differs() -> None:
    verdict = verdict_on(midpoint, lambda a, b: (a + b) / 3)
    assert verdict.diagnosis is None
    assert (
        "The midpoint: 3 of 3 entries differ, first at [0]: all are 0.667 times what they should be" in verdict.message
    )
    assert verdict.findings[0].startswith("The midpoint of twins")


def test_a_mistake_on_some_seeds_only_is_not_that_mistake() -> None:
    calls = []

    def sometimes(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        calls.append(a)
        return a + b if len(calls) < 3 else (a + b) / 3

    assert verdict_on(midpoint, sometimes).diagnosis is None


def test_right_on_all_seeds_but_the_last_is_not_right() -> None:
    calls = []

    def mostly(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        calls.append(a)
        return (a + b) / 2 if len(calls) < 5 else a

    assert verdict_on(midpoint, mostly).status is Status.WRONG


def test_a_changed_input_is_concluded_from_the_inputs_themselves() -> None:
    def in_place(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        a += b
        a /= 2
        return a.copy()

    verdict = verdict_on(midpoint, in_place)
    assert verdict.status is Status.WRONG
    assert verdict.message == "Not right yet. Your function changes its first input, which belongs to its caller."


def test_an_exception_is_told_with_its_line() -> None:
    source = "def crooked(a, b):\n    return a[:2] + b\n"
    namespace: dict[str, Any] = {}
    exec(compile(source, "<cell>", "exec"), namespace)
    verdict = verdict_on(midpoint, namespace["crooked"])
    assert verdict.status is Status.ERROR
    assert verdict.message.startswith("Your code stopped with ValueError: operands could not be broadcast")
    assert verdict.findings == (
        "In crooked, line 2",
        "It was called with an array of shape (3,), an array of shape (3,)",
    )


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("return a ^ b", "power is written `**`"),
        ("return a[:, 0]", "fewer dimensions"),
        ("return np.maen(a)", "spelt right"),
        ("return a.mean(axes=0)", "keyword spelt"),
        ("return midpoint(a, b)", "calls itself without an end"),
        ("return c", "Is the name spelt right"),
        ("return a[7]", "past the end"),
        ("return {}['w']", "print the keys"),
        ("return a or b", "whether it is None"),
        ("return np.array([a, a[:2]])", "one by one"),
        ("return (torch.ones(2) > 0).mean()", "counts the True ones"),
        ("return torch.nn.CrossEntropyLoss()(torch.tensor([1, 0]), torch.ones(2, 3))", "predictions first"),
        ("return torch.nn.Linear(2, 1)(torch.ones(1, 2).double())", "Which one should change"),
        ("raise RuntimeError('Expected all tensors to be on the same device, but found two')", "becomes of that one"),
    ],
)
def test_an_exception_comes_with_advice_that_fits_it(source: str, advice: str) -> None:
    namespace: dict[str, Any] = {"np": np, "torch": torch}
    exec(f"def midpoint(a, b):\n    {source}", namespace)
    assert advice in verdict_on(midpoint, namespace["midpoint"]).next_step


def test_an_almost_right_answer_is_told_that_it_is_not_exact_enough() -> None:
    verdict = verdict_on(midpoint, lambda a, b: (a + b) / 2 * (1 + 1e-6))
    assert "close, but off by about 1e-06 of the size" in verdict.message


def test_an_unusable_result_is_not_blamed_on_a_line() -> None:
    verdict = verdict_on(midpoint, lambda a, b: None)
    assert verdict.message.startswith("Not right yet. The midpoint: yours is None")


def test_a_stub_is_not_attempted() -> None:
    def stub(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    verdict = verdict_on(midpoint, stub)
    assert (verdict.status, verdict.points) == (Status.NOT_ATTEMPTED, 0.0)


def test_nobody_pays_twice_for_one_mistake() -> None:
    def on_wrong_midpoint(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return sum_not_mean.attempt(a, sum_not_mean.attempt(a, b))

    with_that_mistake = verdict_on(quarter, on_wrong_midpoint, lambda name: verdict_on(midpoint, sum_not_mean.attempt))
    assert with_that_mistake.status is Status.CORRECT
    assert with_that_mistake.points == quarter.points
    assert "follows from your `midpoint`" in with_that_mistake.message


@pytest.mark.parametrize("blamed", [None, lambda a, b: (a + b) / 2, difference.attempt])
def test_the_same_answer_without_that_very_mistake_is_wrong(blamed: Callable[..., Any] | None) -> None:
    def on_wrong_midpoint(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return sum_not_mean.attempt(a, sum_not_mean.attempt(a, b))

    verdict = verdict_on(quarter, on_wrong_midpoint, lambda _: verdict_on(midpoint, blamed) if blamed else None)
    assert verdict.status is Status.WRONG


def test_where_a_dependency_is_wrong_in_an_unknown_way_it_is_to_be_mended_first() -> None:
    verdict = verdict_on(quarter, lambda a, b: a * 3, lambda name: verdict_on(midpoint, lambda a, b: a))
    assert verdict.status is Status.WRONG
    assert verdict.next_step.startswith("Your `midpoint` is not right yet.")


def test_a_missing_dependency_is_named() -> None:
    namespace: dict[str, Any] = {}
    exec("def quarter(a, b):\n    return midpoint(a, b)", namespace)
    verdict = verdict_on(quarter, namespace["quarter"])
    assert verdict.status is Status.NOT_ATTEMPTED
    assert verdict.message == "This calls your `midpoint`, which this notebook does not have (yet)."


def test_two_mistakes_that_look_alike_cannot_be_recorded() -> None:
    twin = replace(sum_not_mean, name="another_name", attempt=lambda a, b: b + a)
    with pytest.raises(RecordError, match="sum_not_mean and another_name cannot be told apart"):
        record(make_lesson((sum_not_mean, twin)), (1, 2, 3))


def test_a_mistake_that_looks_right_cannot_be_recorded() -> None:
    right = replace(sum_not_mean, name="fine", attempt=lambda a, b: (a + b) / 2)
    with pytest.raises(RecordError, match="fine looks like the reference"):
        record(make_lesson((right,)), (1, 2, 3))


def test_one_key_may_have_several_implementations() -> None:
    other = replace(sum_not_mean, attempt=lambda a, b: 2 * (a + b))
    keys = record(make_lesson((sum_not_mean, other)), (1, 2, 3))
    observed = [midpoint.observe(lambda a, b: 2 * (a + b), seed) for seed in (1, 2, 3)]
    assert judge(midpoint, keys["midpoint"], observed).diagnosis == "sum_not_mean"


def test_a_mistake_without_numbers_of_its_own_is_seen_in_its_labels() -> None:
    twins = replace(difference, name="ignores_twins", seen_in=("the midpoint of twins",), attempt=lambda a, b: a * 0)
    keys = record(make_lesson((twins,)), (1, 2, 3))
    observed = [midpoint.observe(lambda a, b, seed=seed: (a - b) * seed, seed) for seed in (1, 2, 3)]
    assert judge(midpoint, keys["midpoint"], observed).diagnosis == "ignores_twins"


def test_what_a_library_does_not_implement_is_no_stub() -> None:
    def stub(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        raise NotImplementedError()

    def stub_with_a_note(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        raise NotImplementedError("later")

    def swaps_the_arguments(a: np.ndarray, b: np.ndarray) -> object:
        return torch.nn.functional.cross_entropy(torch.zeros(5, dtype=torch.long), torch.zeros(5, 3))

    assert verdict_on(midpoint, stub).status is Status.NOT_ATTEMPTED
    assert verdict_on(midpoint, stub_with_a_note).status is Status.NOT_ATTEMPTED
    error = verdict_on(midpoint, swaps_the_arguments)
    assert error.status is Status.ERROR
    assert "NotImplementedError" in error.message


def judged_by(conclude: Conclude, attempt: Callable[..., Any]) -> Verdict:
    """The verdict on `attempt` where a judge of its own concludes from what `midpoint` sees."""
    lesson = make_lesson((difference,))
    concluding = replace(midpoint, conclude=conclude)
    vars(lesson.module).update(midpoint=concluding)
    key = record(lesson, (1, 2, 3))["midpoint"]
    return judge(concluding, key, [midpoint.observe(attempt, seed) for seed in key.seeds])


def sorted_rows(seen: Observations, seed: int) -> Observations:
    return Observations(tuple((label, np.sort(np.ravel(node))) for label, node in seen.items[:1]))


def test_a_judge_may_conclude_from_raw_data_and_compare_that() -> None:
    backwards = judged_by(sorted_rows, lambda a, b: ((a + b) / 2)[::-1])
    assert backwards.status is Status.CORRECT
    assert judged_by(sorted_rows, lambda a, b: (a - b) / 2).diagnosis == "difference"
    assert verdict_on(midpoint, lambda a, b: ((a + b) / 2)[::-1]).status is Status.WRONG


def test_a_judge_draws_the_inputs_itself_and_believes_the_answer_alone() -> None:
    def far_from_its_ends(seen: Observations, seed: int) -> Observations:
        rng = np.random.default_rng(seed)
        a, b = rng.normal(size=3), rng.normal(size=3)
        answer = np.asarray(seen.get("the midpoint"))
        return Observations((("as far from one end as from the other", bool(np.allclose(answer - a, b - answer))),))

    assert judged_by(far_from_its_ends, lambda a, b: b - (b - a) / 2).status is Status.CORRECT
    assert judged_by(far_from_its_ends, lambda a, b: (a - b) / 2).diagnosis == "difference"


@pytest.mark.parametrize("answer", [None, "text", {}, [[1.0], [2.0, 3.0]]])
def test_data_from_which_nothing_follows_are_never_right(answer: object) -> None:
    def needs_an_array(seen: Observations, seed: int) -> Observations:
        answer = seen.get("the midpoint")
        if not isinstance(answer, np.ndarray):
            raise TypeError("an array was expected")
        return Observations((("the midpoint", answer),))

    verdict = judged_by(needs_an_array, lambda a, b: answer)
    assert (verdict.status, verdict.points) == (Status.ERROR, 0)
    assert "could not be used" in verdict.message
