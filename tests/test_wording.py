"""Wording: no message blames, and every card that is not right names what to do next.

CONTRIBUTING.md, "How messages sound", says it with examples. All texts that learners can get are looked at: those of the
learner's side, of grading where it speaks to learners, and of every known mistake and hint.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.card import verdict_text
from autograder.check import examine
from autograder.exercises import TITLES
from autograder.judge import ADVICE
from autograder.key import KEYS, Key, load
from autograder.verdict import Status
from tests.conftest import ROOT

PACKAGE = ROOT / "autograder"
OURS_ALONE = {"cli", "errors"}  # of the learner's side, what learners do not read
GRADING = (  # what of it speaks to learners, on cards and in "what grading met in this file"
    *("grade", "graft", "grafted", "intake", "kernel", "ordering", "parcel", "plain", "reading", "runner", "salvage"),
    *("scripts", "self_reported", "submissions"),
)
SAID_BY_TORCH = {"Expected all tensors to be on the same device, but found at least two devices!"}

BLAMES = re.compile(
    r"""
    \byou(\ have|\ just)?\ (fail|failed|forgot|missed|broke|ignored|misread|misunderstood)\b
    | \byour\ (code|answer|function|attempt)\ fail   # it stops, or is not right yet
    | \b(forgotten|forgetting|(not|n't|you)\ forget)\b
    | \bshould(\ not|n't)?\ have\ (been|done|known|read|seen|thought|\w+ed|written)\b
    | \byou\ (did\ not|didn't|cannot|can't|must\ not|mustn't|may\ not|never|always)\b
    | \bwhy\ (did|didn't|do|don't)\ you\b
    | \byour\ (own\ )?(mistake|fault|failure|blunder)s?\b
    | (\byou\ are|\byou're|\b(your\ \w+|this|it)\ is|\bstill|\bagain)\ (wrong|incorrect|mistaken|confused)\b
    | ^(wrong|false|no[,.!])\b | \bincorrect(ly)?\b
    | \bbad\ (answer|attempt|code|idea|solution|style|try|work)\b | \bbadly\b
    | \b(obvious|obviously|clearly|of\ course|trivial|trivially|needless\ to\ say|as\ everyone\ knows)\b
    | \b(simply|merely|easy|basic)\b
    | \bjust\ (add|call|change|do|have\ to|look|make|need|put|read|remember|take|think|try|use|write)\b
    | \b(awful|careless\w*|clumsy|dumb|hopeless|lazy|nonsense|pathetic|poor|poorly|ridiculous|silly|sloppy|stupid|terrible|useless)\b
    | \b(alas|sadly|sorry|unfortunately|oops)\b
    | \b(be\ careful|pay\ attention|think\ harder|try\ harder|read\ the\ \w+\ properly)\b
    | !\ *$ | !\ (?=[A-Z])                           # nobody is shouted at
    """,
    re.IGNORECASE | re.VERBOSE,
)


def texts_in(path: Path) -> Iterator[str]:
    """The texts of more than one word that a module holds, but for its docstrings; what is filled in is a …."""
    tree = ast.parse(path.read_text())
    parents = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, parents) and _is_text(node)}
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | parts:
            text = node.value
        if " " in text.strip():
            yield text


def _is_text(node: Any) -> bool:
    return isinstance(node.body[0], ast.Expr)


def modules_that_speak() -> list[Path]:
    """New modules of the learner's side join by being there."""
    own = [path for path in PACKAGE.glob("*.py") if path.stem not in OURS_ALONE]
    return sorted([*own, *PACKAGE.glob("exercises/*.py"), *(PACKAGE / "grading" / f"{name}.py" for name in GRADING)])


@pytest.fixture(scope="module")
def keys() -> dict[str, Key]:
    """All public answer keys by their exercises' names: they hold what learners read of each known mistake."""
    return {path.stem: load(path) for path in sorted(KEYS.glob("*/*.npz"))}


@pytest.mark.parametrize("path", modules_that_speak(), ids=lambda path: path.stem)
def test_no_text_of_ours_blames(path: Path) -> None:
    assert [text for text in texts_in(path) if BLAMES.search(text) and text not in SAID_BY_TORCH] == []


def test_no_message_of_a_known_mistake_blames(keys: dict[str, Key]) -> None:
    messages = {(name, known.name): known.message for name, key in keys.items() for known in key.mistakes}
    assert len(messages) > 1_000
    assert {known: message for known, message in messages.items() if BLAMES.search(message)} == {}


def test_every_message_of_a_known_mistake_is_whole_sentences(keys: dict[str, Key]) -> None:
    messages = {known.message for key in keys.values() for known in key.mistakes}
    assert [message for message in messages if not re.search(r"[.?][)”\"]?$", message)] == []


@pytest.mark.parametrize(
    "sentence",
    [
        "You forgot the mean.",
        "Did you forget to call it?",
        "You should have used axis=0.",
        "Obviously, this is the sum.",
        "Just use np.mean.",
        "Wrong gradient.",
        "This is your mistake: the sign.",
        "Your answer is wrong, try harder.",
        "Still wrong.",
        "Not right!",
        "Simply divide by n.",
    ],
)
def test_blame_is_recognised(sentence: str) -> None:
    assert BLAMES.search(sentence)


# --- what to do next --------------------------------------------------------------------------------


def raises(error: Exception) -> Callable[..., Any]:
    def attempt(*_: Any) -> Any:
        raise error

    return attempt


def attempts() -> dict[str, tuple[str, Any]]:
    """An answer for every way in which a verdict can be anything but right."""
    advice = {
        f"{name} {said}".strip(): ("predict", raises(type(name, (Exception,), {})(said))) for name, said, _ in ADVICE
    }
    return {
        "not there": ("predict", None),
        "a stub": ("predict", raises(NotImplementedError())),
        "a value with gaps": ("label_lines", {1: ...}),
        "no function": ("predict", 3),
        "other parameters": ("predict", lambda X: X),
        "a known mistake": ("predict", lambda X, w: X * w),
        "an unknown mistake": ("predict", lambda X, w: X @ w * 1.7 + w.sum()),
        "nothing": ("predict", lambda X, w: None),
        "an input that is changed": ("predict", lambda X, w: (X @ w, X.fill(0))[0]),
        "an odd exception": ("predict", raises(OSError("disk"))),
        "a dependency that is wrong": ("train", lambda *_: 3),
        "no such exercise": ("predikt", None),
        "no name at all": (np.mean, None),  # type: ignore[dict-item]
        **advice,
    }


@pytest.mark.parametrize(("name", "answer"), attempts().values(), ids=attempts().keys())
def test_every_card_that_is_not_right_names_what_to_do_next(name: str, answer: Any) -> None:
    verdict = examine(name, {} if answer is None else {name: answer})
    assert verdict.status is not Status.CORRECT
    said = verdict_text(verdict)
    assert re.search(r"\n  Next: \S", said)
    assert not BLAMES.search(verdict.message)
    assert verdict.next_step.rstrip().endswith((".", "?"))


def test_where_our_own_files_are_at_fault_the_card_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("autograder.key.KEYS", tmp_path)
    assert "Install the course package again" in examine("predict", {}).next_step


def test_no_verdict_that_is_not_right_is_made_without_a_next_step() -> None:
    """Whoever writes a new one gets a sentence here: what should the learner do?"""
    made = [call for path in modules_that_speak() for call in verdicts_made_in(path)]
    assert len(made) > 10
    assert [ast.unparse(call) for call in made if not _names_what_is_next(call)] == []


def verdicts_made_in(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Verdict", "self_reported"):
            yield node


def _names_what_is_next(call: ast.Call) -> bool:
    is_right = any(ast.unparse(argument) == "Status.CORRECT" for argument in call.args)
    return is_right or any(keyword.arg in ("next_step", None) for keyword in call.keywords)


def test_all_lessons_have_mistakes_and_are_looked_at(keys: dict[str, Key]) -> None:
    looked_at = {path.parent.name for path in KEYS.glob("*/*.npz") if keys[path.stem].mistakes}
    assert looked_at == {folder[3:] for folder in TITLES}
