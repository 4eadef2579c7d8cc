"""Attempts: a card says what changed since the check before; hints go on where they were; the logbook harms nothing."""

from __future__ import annotations

import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder import check, hint
from autograder.attempts import what_changed
from autograder.check import examine
from autograder.grading.kernels import clean_environment
from autograder.logbook import Tried, open_logbook, read_logbook
from autograder.verdict import Status, Verdict
from tests.conftest import ROOT
from tests.test_project import imports_of, modules

Answer = Callable[..., Any]
SINCE = "Since your last check:"


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's logbook, empty."""
    monkeypatch.setenv("TRAINING_LOOPS_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path / "progress.json"


@pytest.fixture
def card(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], str]:
    """From an answer to `predict` to the card of its check, on one line. Nothing may go to stderr."""

    def checked(answer: Answer) -> str:
        monkeypatch.setitem(globals(), "predict", answer)
        return said(lambda: check("predict"))

    return checked


def said(call: Callable[[], Any]) -> str:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        call()
    assert err.getvalue() == ""
    return " ".join(out.getvalue().split())


def right(X: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return X @ weights


def table(X: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return X * weights


def biased(X: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return X @ weights + 1


def stops(X: np.ndarray, weights: np.ndarray) -> np.ndarray:
    raise ValueError("no such thing")


def stub(X: np.ndarray, weights: np.ndarray) -> np.ndarray:
    raise NotImplementedError


@pytest.mark.parametrize("answer", [right, table, biased, stops, stub])
def test_a_first_check_is_compared_with_nothing(answer: Answer, card: Callable[[Answer], str]) -> None:
    assert SINCE not in card(answer)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (table, table, "It is the same as then. If you edited the code: has its cell been run?"),
        (table, biased, "It was another thing then: “A whole (n, d) matrix came back: each feature times its weight.”"),
        (table, stops, "The error is new."),
        (stops, table, "The error is gone."),
        (right, table, "It was right then. What is different now?"),
        (table, right, "It was not right yet; now it is, at check 2."),
    ],
)
def test_a_second_check_says_what_changed(
    before: Answer, now: Answer, change: str, card: Callable[[Answer], str]
) -> None:
    card(before)
    assert f"{SINCE} {change}" in card(now)


def test_a_right_answer_says_after_how_many_checks_and_then_nothing_more(card: Callable[[Answer], str]) -> None:
    for answer in (table, biased, biased):
        card(answer)
    assert "now it is, at check 4." in card(right)
    assert SINCE not in card(right)
    assert read_logbook().exercises["predict"].checks == 4


def test_another_error_is_told_by_the_one_before(card: Callable[[Answer], str]) -> None:
    card(stops)
    text = card(lambda X, weights: X.shape[7])
    assert f"{SINCE} It was another error then: “Your code stopped with ValueError: no such thing”" in text


def test_an_answer_that_is_not_there_leaves_what_was_kept(card: Callable[[Answer], str]) -> None:
    card(right)
    assert SINCE not in card(stub)
    assert read_logbook().exercises["predict"].status == "correct"


def unnamed(*findings: str) -> Verdict:
    """A verdict on an answer whose mistake has no name."""
    return Verdict("f", Status.WRONG, 1.0, f"Not right yet. {findings[0]}", tuple(findings[1:]))


def kept(verdict: Verdict) -> Tried:
    return Tried(str(verdict.status), message=verdict.message, findings=list(verdict.findings), checks=1)


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        (["A: off.", "B: off.", "C: off."], ["B: off."], "Gone: “A”, “C”. 1 of 3 findings is left."),
        (["A: off.", "B: off."], ["B: off.", "C: off."], "Gone: “A”. New: “C”. 1 of 2 findings is left."),
        (["A: off."], ["A: off.", "B: off."], "New: “B”."),
        (["A: off."], ["B: off."], "Gone: “A”. New: “B”."),
        (["A: off by 2."], ["A: off by 3."], "What differs is the same, but by another amount or in another way."),
    ],
)
def test_findings_that_are_gone_new_and_left_are_named(before: list[str], now: list[str], change: str) -> None:
    assert what_changed(kept(unnamed(*before)), unnamed(*now)) == change


def test_what_a_full_card_has_no_room_for_is_not_called_gone() -> None:
    before, now = unnamed("B: x.", "C: x.", "D: x.", "E: x."), unnamed("A: x.", "B: x.", "C: x.", "D: x.")
    assert what_changed(kept(before), now) == "New: “A”."


def test_a_status_that_nobody_knows_is_compared_with_nothing() -> None:
    assert what_changed(Tried("purple", message="What?"), unnamed("A: off.")) == ""


def test_what_grading_judges_says_nothing_of_earlier_checks(card: Callable[[Answer], str]) -> None:
    """Only `check` keeps and compares: no module of grading's does, and learner code is run without a logbook."""
    card(table)
    assert SINCE not in examine("predict", {"predict": biased}).message
    graders = {name: path for name, path in modules().items() if name.startswith("autograder.grading")}
    keepers = {"autograder.attempts", "autograder.logbook", "autograder.progress"}
    assert [name for name, path in graders.items() if imports_of(path) & keepers] == []
    assert clean_environment("/home")["TRAINING_LOOPS_PROGRESS"] == "off"


# --- hints ------------------------------------------------------------------------------------------


def test_hints_come_one_by_one_and_the_last_says_what_else_helps() -> None:
    texts = [said(lambda: hint("residuals")) for _ in range(4)]
    assert ["1 of 3" in texts[0], "2 of 3" in texts[1], "3 of 3" in texts[2]] == [True] * 3
    assert 'Next: Try it, and check again. `hint("residuals")` then gives the next.' in texts[0]
    assert "This was the last hint. What else helps:" in texts[2]
    assert texts[3] == texts[2]


def test_earlier_hints_stand_on_the_card_too() -> None:
    first, second = said(lambda: hint("predict")), said(lambda: hint("predict"))
    assert first.partition("1 of 2 ")[2].partition(" Next:")[0] in second


def test_a_hint_for_what_is_right_already_says_so(card: Callable[[Answer], str]) -> None:
    card(right)
    assert "Next: Your answer was right when it was last checked: go on." in said(lambda: hint("predict"))


def test_hints_go_on_where_they_were_after_a_restart_which_uses_up_none() -> None:
    for last in ("2 of 3", "3 of 3"):
        done = subprocess.run(
            [sys.executable, "-c", "from autograder import hint; hint('residuals'); hint('residuals')"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        first_line_of_each = [line for line in done.stdout.splitlines() if line.startswith("→ Hint")]
        assert first_line_of_each == [f"→ Hint · residuals · {number} of 3" for number in (int(last[0]) - 1, last[0])]


def test_a_card_that_is_not_right_yet_names_the_hints_that_are_left(card: Callable[[Answer], str]) -> None:
    assert 'Stuck? `hint("predict")` gives the next hint. Hints: 0 of 2 read.' in card(table)
    said(lambda: hint("predict"))
    assert 'Hints: 1 of 2 read; `hint("predict")` gives the next.' in card(stops)
    said(lambda: hint("predict"))
    assert 'Hints: all 2 read; `hint("predict")` shows them again, and what else helps.' in card(table)
    assert "Hints:" not in card(right)


# --- a logbook that cannot be kept ------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b"[" * 100_000, b'{"exercises": {"predict": 7}}', b"[1]"])
def test_a_broken_logbook_costs_no_card(content: bytes, file: Path, card: Callable[[Answer], str]) -> None:
    file.write_bytes(content)
    assert "✓ Correct" in card(right)
    assert json.loads(file.read_text())["exercises"]["predict"]["status"] == "correct"


def test_where_nothing_can_be_written_hints_and_comparisons_last_as_long_as_the_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: Callable[[Answer], str]
) -> None:
    (tmp_path / "a file").touch()
    monkeypatch.setenv("TRAINING_LOOPS_PROGRESS", str(tmp_path / "a file" / "progress.json"))
    card(table)
    assert SINCE in card(biased)
    assert ["1 of 3" in said(lambda: hint("mse")), "2 of 3" in said(lambda: hint("mse"))] == [True, True]


def test_an_exception_that_says_what_is_no_unicode_is_kept_all_the_same(card: Callable[[Answer], str]) -> None:
    def odd(X: np.ndarray, weights: np.ndarray) -> np.ndarray:
        raise ValueError("\udc80")

    card(odd)
    assert read_logbook().exercises["predict"].message == "Your code stopped with ValueError: ?"


def test_a_drill_cell_with_what_is_no_unicode_is_kept_all_the_same(file: Path) -> None:
    with open_logbook() as book:
        book.drill_cells["a"] = "\udc80"
    assert read_logbook().drill_cells == {"a": "?"}


def test_a_folder_that_is_gone_costs_no_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, card: Callable[[Answer], str]
) -> None:
    monkeypatch.delenv("TRAINING_LOOPS_PROGRESS")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert "✓ Correct" in card(right)
