"""Self-reported verdicts: nbgrader's own rules, but that stderr costs nothing and a score too high is cut."""

from __future__ import annotations

from typing import Any

import pytest
from nbformat import from_dict, v4
from nbgrader.utils import determine_grade

from autograder import card
from autograder.grading.self_reported import verdict_of_test
from autograder.verdict import Status, Tier

Output = dict[str, Any]


def result(text: str) -> Output:
    return {"output_type": "execute_result", "execution_count": None, "data": {"text/plain": text}, "metadata": {}}


def shown(text: str) -> Output:
    return {"output_type": "display_data", "data": {"text/plain": text}, "metadata": {}}


def error(name: str, value: str = "") -> Output:
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": []}


def stream(name: str, text: str = "…") -> Output:
    return {"output_type": "stream", "name": name, "text": text}


SHOWN: dict[str, list[Output]] = {
    "nothing": [],
    "prints": [stream("stdout", "0.5")],
    "an assertion that failed": [error("AssertionError", "no")],
    "printed, then failed": [stream("stdout"), error("ValueError")],
    "a part": [result("0.75")],
    "all": [result("1.5")],
    "an integer": [result("1")],
    "zero": [result("0")],
    "minus zero": [result("-0.0")],
    "below zero": [result("-1")],
    "not a number": [result("nan")],
    "a truth value": [result("True")],
    "text": [result("'0.5'")],
    "a NumPy number": [result("np.float64(0.5)")],
    "a long text": [result("9" * 1000 + "x")],
    "a list": [result("[0.5]")],
    "a picture, then a part": [shown("<Figure>"), result("0.25")],
    "a number that is only displayed": [shown("0.25")],
    "the first of two results": [result("0.5"), result("1.0")],
    "a text, then a number": [result("'well'"), result("0.5")],
    "a result, then an error": [result("0.5"), error("ValueError")],
    "an error, then a result": [error("ValueError"), result("0.5")],
}


@pytest.mark.parametrize("outputs", SHOWN.values(), ids=SHOWN.keys())
def test_points_are_those_that_nbgrader_reads_from_the_same_outputs(outputs: list[Output]) -> None:
    cell = v4.new_code_cell(outputs=from_dict(outputs))
    cell.metadata["nbgrader"] = {"grade": True, "solution": False, "points": 1.5, "grade_id": "test"}
    expected, _ = determine_grade(cell)
    verdict = verdict_of_test("test", 1.5, outputs)
    assert (verdict.points, verdict.max_points, verdict.tier) == (expected, 1.5, Tier.SELF_REPORTED)


def test_what_is_written_to_stderr_costs_nothing() -> None:
    assert verdict_of_test("test", 2, [stream("stderr", "FutureWarning")]).points == 2
    assert verdict_of_test("test", 2, [stream("stderr"), result("0.5")]).points == 0.5
    assert verdict_of_test("test", 2, [stream("stderr"), error("AssertionError")]).points == 0


@pytest.mark.parametrize("text", ["7", "inf", "1e999"])
def test_a_score_above_the_maximum_is_cut_and_it_is_said(text: str) -> None:
    verdict = verdict_of_test("test", 2, [result(text)])
    assert (verdict.points, verdict.status) == (2, Status.CORRECT)
    assert "more than it can" in verdict.message


def test_a_test_without_points_never_has_any() -> None:
    assert verdict_of_test("test", 0, [result("3")]).points == 0
    assert verdict_of_test("test", 0, []).points == 0


@pytest.mark.parametrize(
    ("output", "status", "said"),
    [
        (
            error("AssertionError", "did not raise"),
            Status.WRONG,
            "The test did not pass: AssertionError: did not raise.",
        ),
        (
            error("NameError", "name 'f' is not defined"),
            Status.ERROR,
            "stopped with NameError: name 'f' is not defined.",
        ),
        (error("NotImplementedError"), Status.NOT_ATTEMPTED, "Not written yet"),
        (result("0.5"), Status.WRONG, "The test gave 0.5 of 2 points."),
        (result("-3.0"), Status.CORRECT, "its result, -3, is no score"),
    ],
)
def test_the_verdict_says_how_the_test_went(output: Output, status: Status, said: str) -> None:
    verdict = verdict_of_test("test", 2, [output])
    assert verdict.status is status
    assert said in verdict.message


def test_the_card_says_that_it_is_self_reported() -> None:
    verdict = verdict_of_test("test_mean", 2, [result("0.5")])
    for shown_as in (card.verdict_html(verdict), card.verdict_text(verdict)):
        assert "0.5 of 2 points · self-reported" in shown_as


@pytest.mark.parametrize(
    "output",
    [
        {},
        {"output_type": 3},
        {"output_type": "error"},
        {"output_type": "error", "ename": None, "evalue": {"a": 1}},
        {"output_type": "execute_result"},
        {"output_type": "execute_result", "data": None},
        {"output_type": "execute_result", "data": {"text/plain": ["1", "2"]}},
        {"output_type": ["execute_result"], "data": {"text/plain": "1"}},
    ],
)
def test_outputs_are_a_strangers_word(output: Output) -> None:
    assert 0 <= verdict_of_test("test", 2, [output]).points <= 2
