"""The progress card: every lesson in order, how its exercises stand, what is due, and one next step."""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from autograder import progress
from autograder.drill import due
from autograder.exercises import TITLES
from autograder.key import KEYS
from autograder.logbook import Drilled, Logbook, Tried, open_logbook
from autograder.progress import LessonStanding, Standing, next_step, progress_html, progress_text, standings
from autograder.verdict import Status
from tests.conftest import LESSON_FOLDERS, ROOT
from tests.test_card import parsed


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's logbook, empty."""
    monkeypatch.setenv("TRAINING_LOOPS_PROGRESS", str(tmp_path / "progress.json"))
    return tmp_path / "progress.json"


def shown() -> str:
    """The card as a terminal shows it, on one line. Nothing may go to stderr."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        progress()
    assert err.getvalue() == ""
    return " ".join(out.getvalue().split())


def keep(**statuses: str) -> None:
    with open_logbook() as book:
        book.exercises.update({name: Tried(status) for name, status in statuses.items()})


def test_the_lessons_and_their_titles_are_those_of_the_notebooks() -> None:
    """Whoever adds a lesson adds it to `TITLES` in autograder/exercises/__init__.py."""
    notebooks = [json.loads((folder / f"{folder.name}.ipynb").read_text()) for folder in LESSON_FOLDERS]
    headings = ["".join(notebook["cells"][0]["source"]).splitlines()[0] for notebook in notebooks]
    assert list(TITLES) == [folder.name for folder in LESSON_FOLDERS]
    assert headings == [f"# {folder[:2]} · {title}" for folder, title in TITLES.items()]


def test_at_the_very_beginning_every_lesson_is_listed_as_not_started() -> None:
    text = shown()
    assert f"0 of {len(list(KEYS.glob('*/*.npz')))} exercises right" in text
    assert "Next: Begin lesson 00, How this course talks to you: open `00_orientation`." in text
    assert text.count("○ not started") == len(TITLES)
    places = [text.index(f"- {folder[:2]} {title}:") for folder, title in TITLES.items()]
    assert places == sorted(places)


def test_a_lesson_that_was_begun_says_how_its_exercises_stand_and_which_are_left() -> None:
    keep(column_mean="correct", residuals="wrong", make_data="correct", predict="error")
    text = shown()
    assert "· 2 of " in text
    assert "✓ 1 right · ✗ not yet: `residuals` · ○ not tried: `label_lines` · 2 of 5 points" in text
    assert "✓ 1 right · ! error: `predict` · ○ 6 not tried · 2 of 17 points" in text


def test_a_lesson_that_is_done_says_so() -> None:
    keep(column_mean="correct", residuals="correct", label_lines="correct")
    assert "✓ all 3 right · 5 of 5 points" in shown()


def test_drills_that_are_due_stand_beside_the_next_step() -> None:
    assert "Drills due" not in shown()
    keep(column_mean="correct", residuals="correct")
    first, *more = due({}, 0)
    assert f"Next: Lesson 00 has one left: `label_lines`. Drills due: `%%drill {first}`, " in shown()
    keep(label_lines="correct")
    begin = "Next: Begin lesson 01, The training loop in NumPy: open `01_loop_by_hand`."
    assert f"{begin} Drills due: `%%drill {first}`, " in shown()
    with open_logbook() as book:
        book.drills.update({name: Drilled(1) for name in (first, *more)})
    assert f"{begin} - 00" in shown()


def test_hints_that_were_read_begin_no_lesson() -> None:
    with open_logbook() as book:
        book.exercises["column_mean"] = Tried(hints=2)
    assert nothing_is_begun(shown())


def nothing_is_begun(text: str) -> bool:
    return text.count("○ not started") == len(TITLES)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"",
        b"\xff\xfe",
        b"[1, 2]",
        b"[" * 100_000,
        b'{"exercises": [], "drills": 7}',
        b'{"exercises": {"column_mean": 3, "residuals": {"status": 7}, "no_such_exercise": {"status": "correct"}}}',
        b'{"exercises": {"column_mean": {"status": "purple"}}, "drills": {"loss": {"reps": -3}}}',
        b'{"version": 0, "column_mean": {"status": "correct"}}',
    ],
    ids=["cut off", "empty", "bytes", "a list", "deep", "other kinds", "odd entries", "odd values", "another form"],
)
def test_a_logbook_that_is_broken_or_of_another_form_is_as_good_as_empty(content: bytes, file: Path) -> None:
    file.write_bytes(content)
    assert nothing_is_begun(shown())


def test_what_is_usable_of_a_damaged_logbook_is_shown(file: Path) -> None:
    file.write_text('{"exercises": {"column_mean": {"status": "correct", "points": "many"}, "residuals": null}}')
    assert "✓ 1 right · ○ not tried: `residuals`, `label_lines` · 2 of 5 points" in shown()


def test_an_exercise_that_needs_an_extra_package_is_optional() -> None:
    book = Logbook(exercises={name: Tried("correct") for name in lesson_05() if name != "tf_train_step"})
    (standing,) = (lesson for lesson in standings(book) if lesson.folder == "05_pytorch_loop")
    assert standing.left == []
    text = " ".join(progress_text([standing], [], "").split())
    assert "· 6 of 6 exercises right" in text
    assert "✓ 6 right · ○ not tried: `tf_train_step` (optional) · 17 of 17 points" in text


def lesson_05() -> list[str]:
    return [path.stem for path in (KEYS / "pytorch_loop").glob("*.npz")]


def test_a_lesson_whose_package_is_missing_is_named_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    keep(mae="correct")
    monkeypatch.setitem(sys.modules, "autograder.exercises.losses", None)
    assert "? a package is missing here:" in shown()


def test_a_learner_of_the_first_lessons_waits_for_no_torch() -> None:
    keep(column_mean="correct", predict="wrong")
    code = "import autograder, sys; autograder.progress(); print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = done.stdout.splitlines()[-1].split()
    assert {"torch", "sklearn", "matplotlib", "IPython"}.isdisjoint(loaded)


# --- one next step ----------------------------------------------------------------------------------


def lesson(number: int, *statuses: Status) -> LessonStanding:
    """A lesson in which exercise a, b, … stand like this; none: it was not begun."""
    found = tuple(Standing(name, status, 1.0) for name, status in zip("abcd", statuses, strict=False))
    return LessonStanding(f"{number:02d}_lesson", f"Lesson {number}", len(found) or 4, found)


RIGHT, WRONG, ERROR, OPEN = Status.CORRECT, Status.WRONG, Status.ERROR, Status.NOT_ATTEMPTED


@pytest.mark.parametrize(
    ("lessons", "due", "step"),
    [
        ([lesson(0), lesson(1)], [], "Begin lesson 00, Lesson 0: open `00_lesson`."),
        ([lesson(0, RIGHT, OPEN, OPEN), lesson(1)], ["loss"], "Go on with lesson 00: `b`."),
        ([lesson(0, RIGHT, ERROR, OPEN), lesson(1)], [], 'Go on with lesson 00: `b`. Stuck? `hint("b")`.'),
        ([lesson(0, RIGHT, OPEN), lesson(1, OPEN, RIGHT)], [], "Lesson 00 has one left: `b`."),
        ([lesson(0, RIGHT, WRONG), lesson(1)], [], 'Lesson 00 has one left: `b`. Stuck? `hint("b")`.'),
        ([lesson(0, RIGHT), lesson(1)], ["loss"], "Begin lesson 01, Lesson 1: open `01_lesson`."),
        (
            [lesson(0, RIGHT), lesson(1, RIGHT)],
            ["loss", "gradient"],
            "Every exercise is right. A drill is due, in any code cell: `%%drill loss`.",
        ),
        ([lesson(0), lesson(1, RIGHT), lesson(2)], [], "Begin lesson 02, Lesson 2: open `02_lesson`."),
        ([lesson(0), lesson(1, RIGHT)], [], "Begin lesson 00, Lesson 0: open `00_lesson`."),
        ([lesson(0, RIGHT), lesson(1, RIGHT)], [], "Every exercise is right, and no drill is due."),
    ],
)
def test_there_is_one_next_step(lessons: list[LessonStanding], due: list[str], step: str) -> None:
    assert next_step(lessons, due).startswith(step)


def test_who_has_done_everything_is_told_of_the_answer_that_a_person_reads() -> None:
    notebooks = [json.loads((folder / f"{folder.name}.ipynb").read_text()) for folder in LESSON_FOLDERS]
    asked = [
        folder.name[:2]
        for folder, notebook in zip(LESSON_FOLDERS, notebooks, strict=True)
        for cell in notebook["cells"]
        if cell["cell_type"] == "markdown" and cell["metadata"].get("nbgrader", {}).get("grade")
    ]
    for drills in ([], ["loss"]):
        said = next_step([lesson(0, RIGHT), lesson(1, RIGHT)], drills)
        assert re.findall(r"Lesson (\d\d) also asks for an answer in words", said) == asked


@pytest.mark.parametrize(
    ("due", "line"),
    [
        (["loss"], "Drill due: `%%drill loss`."),
        (["loss", "gradient"], "Drills due: `%%drill loss`, `%%drill gradient`."),
        (["a", "b", "c", "d", "e"], "Drills due: `%%drill a`, `%%drill b`, `%%drill c` and 2 more."),
    ],
)
def test_drills_that_are_due_are_named(due: list[str], line: str) -> None:
    assert line in progress_text([lesson(0, OPEN)], due, "")
    assert "rill due" not in progress_text([lesson(0, OPEN)], [], "")


# --- how it looks -----------------------------------------------------------------------------------

MIXED = [lesson(0, RIGHT, RIGHT), lesson(1, RIGHT, WRONG, ERROR, OPEN), lesson(2)]


def test_the_html_says_in_words_and_numbers_what_the_text_says() -> None:
    step = next_step(MIXED, ["loss"])
    elements = parsed(progress_html(MIXED, ["loss"], step))
    assert elements.depth == 0
    said = " ".join(elements.text.split())
    for words in ("3 of 10 exercises right", "all 2 right", "not yet: b", "error: c", "not tried: d", "1 of 4"):
        assert words in said
    assert "Go on with lesson 01: b" in said


def test_titles_are_escaped() -> None:
    odd = LessonStanding("00_odd", "<b>&", 1)
    assert "<b>&" not in progress_html([odd], [], "<script>")
    assert "<script>" not in progress_html([odd], [], "<script>")
