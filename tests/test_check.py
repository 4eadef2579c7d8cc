"""Check and hint, as a learner meets them: always a card, never an exception, and the points as a plain float."""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from autograder import check, hint, ready
from autograder.authoring.answers import fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson
from autograder.check import examine
from autograder.verdict import Status
from tests.conftest import ROOT
from tests.stock import nbgrader


def predict(X: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return X @ weights


RIGHT = {"predict": predict}


def said(call: Callable[[], Any]) -> str:
    """What a call prints; on stderr it prints nothing."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        call()
    assert err.getvalue() == ""
    return out.getvalue()


def test_a_right_answer_gets_its_points_and_a_card(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "predict", RIGHT["predict"])
    points = []
    assert "✓ Correct · predict · 1 of 1 point" in said(lambda: points.append(check("predict")))
    assert points == [1.0]
    assert repr(points[0]) == "1.0"


@pytest.fixture
def shell() -> Iterator[InteractiveShell]:
    """A notebook's shell, with a right answer in it."""
    shell = InteractiveShell.instance()
    shell.user_ns.update(predict=RIGHT["predict"], check=check)
    yield shell
    InteractiveShell.clear_instance()


def shown_in(shell: InteractiveShell) -> dict[str, str]:
    """The card of `predict`."""
    with capture_output() as captured:
        shell.run_cell('points = check("predict")', store_history=True)
    (card,) = (output.data for output in captured.outputs)
    return card


def test_in_a_notebook_the_card_is_shown_and_the_points_are_text_only(shell: InteractiveShell) -> None:
    card = shown_in(shell)
    assert 'aria-label="Correct: predict"' in card["text/html"]
    assert "✓ Correct" in card["text/plain"]
    shown, _ = shell.display_formatter.format(shell.user_ns["points"])
    assert shown == {"text/plain": "1.0", "text/html": ""}


def test_a_card_says_when_it_is_about_the_version_before_a_syntax_error(shell: InteractiveShell) -> None:
    older = "The newest cell with `predict` stopped at a SyntaxError. This is about the version before it:"
    assert older not in shown_in(shell)["text/plain"]
    for cell in ("def predict(X, weights:\n    return X", "mean = predict(3"):  # the second only calls it
        with capture_output():
            shell.run_cell(cell, store_history=True)
    card = shown_in(shell)
    assert card["text/plain"].splitlines()[:2] == ["✓ Correct · predict · 1 of 1 point", f"  {older}"]
    assert older.replace("`predict`", "<code>predict</code>") in card["text/html"]
    shell.run_cell("def predict(X, weights):\n    return X @ weights", store_history=True)
    assert older not in shown_in(shell)["text/plain"]


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("mse_gradiant", "Did you mean `mse_gradient`?"),
        ("xyzzy", "The name stands in the exercise's check cell."),
        (3, "There is no exercise called `3`"),
        ("../key", "There is no exercise called"),
        (predict, 'Put it in quotation marks: "predict"'),
    ],
)
def test_an_unknown_name_gets_advice_and_no_exception(name: Any, advice: str) -> None:
    assert advice in said(lambda: check(name))
    if isinstance(name, str):
        assert advice in said(lambda: hint(name))


def test_a_missing_name_is_not_attempted_and_a_similar_one_is_pointed_at() -> None:
    verdict = examine("predict", {"predikt": RIGHT["predict"]})
    assert verdict.status is Status.NOT_ATTEMPTED
    assert "There is a `predikt`: did you rename it?" in verdict.message


def test_another_exercise_is_no_misspelling_of_the_missing_one() -> None:
    verdict = examine("tf_train_step", {"torch_train_step": print})
    assert "did you rename it?" not in verdict.message


def test_a_name_used_for_something_else_is_told_so() -> None:
    verdict = examine("predict", {"predict": np.ones(3)})
    assert verdict.status is Status.ERROR
    assert "should be a function, but the name now holds" in verdict.message


def test_a_wrong_number_of_parameters_is_told_so() -> None:
    verdict = examine("predict", {"predict": lambda X: X})
    assert verdict.status is Status.ERROR
    assert "`predict` cannot be called as the exercise says" in verdict.message


def test_a_dict_with_gaps_is_not_attempted() -> None:
    verdict = examine("label_lines", {"label_lines": {1: "forward", 2: ...}})
    assert verdict.status is Status.NOT_ATTEMPTED
    assert "still a `...` in it" in verdict.message


def test_a_machine_that_draws_other_inputs_cannot_check_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    real = np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda seed=None: real(None if seed is None else seed + 1))
    verdict = examine("predict", RIGHT)
    assert verdict.status is Status.NOT_GRADED
    assert "cannot be checked here" in verdict.message


def test_what_the_learners_function_prints_is_shown_below_the_card_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def predict(X: np.ndarray, weights: np.ndarray) -> np.ndarray:
        print("shapes", X.shape, weights.shape)
        return X @ weights

    monkeypatch.setitem(globals(), "predict", predict)
    text = said(lambda: check("predict"))
    assert text.index("✓ Correct") < text.index("shapes (4, 4) (4,)")
    assert text.count("shapes (4, 4) (4,)") == 1


def test_endless_prints_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(globals(), "predict", lambda X, weights: print("x" * 10**6) or X @ weights)
    assert len(said(lambda: check("predict"))) < 3_000


def test_a_demonstration_can_ask_what_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def stub(X: np.ndarray) -> float:
        raise NotImplementedError

    monkeypatch.setitem(globals(), "predict", lambda X, weights: 0.0)
    monkeypatch.setitem(globals(), "stable_learning_rate", stub)
    answers = []
    assert (
        said(lambda: answers.append(ready("predict")))
        == "Your `predict` is not right yet, so this may not be what the text says.\n"
    )
    monkeypatch.setitem(globals(), "predict", lambda X, weights: X @ weights)
    assert said(lambda: answers.append(ready("predict"))) == ""
    text = said(lambda: answers.append(ready("predict", "mse", "stable_learning_rate")))
    assert (
        text
        == "This cell shows something with your `mse` and `stable_learning_rate`. Come back when they are written.\n"
    )
    assert answers == [True, True, False]


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A copy of the package, to be damaged."""
    shutil.copytree(ROOT / "autograder", tmp_path / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def check_in(folder: Path, name: str) -> str:
    code = f"import numpy as np\nfrom autograder import check\ndef predict(X, w): return X @ w\ncheck({name!r})"
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_a_package_that_a_lesson_needs_and_is_missing_gets_a_sentence(installed: Path) -> None:
    probes = installed / "autograder" / "exercises" / "loop_by_hand.py"
    probes.write_text(probes.read_text().replace("import numpy as np", "import a_package_that_is_not_there", 1))
    assert "needs a package that is missing here: No module named 'a_package_that_is_not_there'" in check_in(
        installed, "predict"
    )


@pytest.mark.parametrize("damage", [b"", b"not a key"])
def test_a_damaged_key_gets_a_sentence(damage: bytes, installed: Path) -> None:
    (installed / "autograder" / "keys" / "loop_by_hand" / "predict.npz").write_bytes(damage)
    text = " ".join(check_in(installed, "predict").split())
    assert "is damaged" in text
    assert "Install the course package again" in text


@pytest.mark.slow
def test_nbgraders_validate_button_agrees_with_check(
    course: Course, lessons: Mapping[str, Lesson], tmp_path: Path
) -> None:
    lesson = lessons["00_orientation"]
    given, right = released(lesson.notebook), reference_sources(lesson)
    nbformat.write(fill(given, right), tmp_path / "right.ipynb")
    nbformat.write(
        fill(given, {**right, "column_mean": "def column_mean(X):\n    return 1.0"}), tmp_path / "wrong.ipynb"
    )
    assert "Success!" in nbgrader(course, "validate", str(tmp_path / "right.ipynb")).stdout
    said_of_wrong = nbgrader(course, "validate", str(tmp_path / "wrong.ipynb")).stdout
    assert 'check("column_mean")' in said_of_wrong
    assert 'check("residuals")' not in said_of_wrong
