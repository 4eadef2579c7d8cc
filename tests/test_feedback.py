"""Feedback: what nbgrader's pages tell a learner of our verdicts, and what they must not tell."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbgrader.api import Gradebook

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import release, released
from autograder.authoring.sources import Lesson, load_lesson
from autograder.card import Guidance, verdict_html, verdict_text
from autograder.grading.guidance import guidance_of
from autograder.key import load
from autograder.verdict import Status, Verdict
from tests.conftest import ROOT, copy_of_the_course
from tests.grading import grade, submit
from tests.ordinary_course import EVERYTHING, hand_in, make_course
from tests.stock import in_exchange, nbgrader

LESSON = "01_loop_by_hand"
SECTION = "5 · Gradient: which way is uphill?"
LOOK = """<script>alert("mine")</script>

<img src="x" onerror="alert(1)">
[click](javascript:alert(2))"""
SHOWS = """from IPython.display import HTML, Javascript, display
display(HTML("<script>alert('learner')</script>"), Javascript("alert('learner')"))
print("what I printed")"""


@dataclass(frozen=True)
class Handed:
    """A class whose feedback was generated, released and, by one learner, fetched through nbgrader's exchange."""

    course: Course
    lesson: Lesson
    scores: dict[str, float]
    home: Path

    def page(self, student: str) -> str:
        """A learner's page."""
        return (self.course.feedback / student / LESSON / f"{LESSON}.html").read_text(encoding="utf-8")

    def card(self, student: str, exercise: str) -> str:
        """One card of it."""
        found = re.search(
            rf'<div aria-label="[^"]*: {exercise}" role="group".*?</div></div>', self.page(student), re.DOTALL
        )
        assert found is not None
        return found[0]


@pytest.fixture(scope="module")
def handed(tmp_path_factory: pytest.TempPathFactory) -> Handed:
    lesson = load_lesson(ROOT / "solutions" / LESSON)
    folder = tmp_path_factory.mktemp("feedback")
    course = copy_of_the_course(folder / "class")
    given, right = released(lesson.notebook), reference_sources(lesson)
    wrong = next(one for one in lesson.mistakes if one.name == "missing_factor_two")
    named = {**right, "mse_gradient": answer_source(lesson, wrong)}
    submit(course, LESSON, "named", fill(given, named))
    submit(course, LESSON, "untouched", given)
    submit(
        course, LESSON, "error", fill(given, {**right, "sgd_step": "def sgd_step(w, g, lr):\n    return w - lr * oops"})
    )
    submit(course, LESSON, "mangled", nbformat.writes(fill(given, right))[:-400])
    submit(course, LESSON, "no-notebook", b"This is my homework.")
    active = fill(given, right)
    active.cells += [nbformat.v4.new_markdown_cell(LOOK), nbformat.v4.new_code_cell(SHOWS)]
    submit(course, LESSON, "active", active)

    release(lesson, course.released)
    home = folder / "cara"
    home.mkdir()
    as_instructor = in_exchange(course, course.root, folder / "instructor")
    as_cara = in_exchange(course, home, home)
    as_instructor("release_assignment", LESSON)
    as_cara("fetch_assignment", LESSON)
    nbformat.write(fill(given, named), home / LESSON / f"{LESSON}.ipynb")
    as_cara("submit", LESSON)
    as_instructor("collect", LESSON)

    rows = grade(course, LESSON)["submissions"]
    with Gradebook(course.db_url, "training_loops") as gradebook:
        found = gradebook.find_grade("check_mse_gradient", LESSON, LESSON, "named")
        found.manual_score, found.extra_credit = 2.5, 0.25
        gradebook.find_comment("mse_gradient", LESSON, LESSON, "named").manual_comment = "Almost there, *Nina*."
        gradebook.db.commit()
    as_instructor("generate_feedback", LESSON)
    as_instructor("release_feedback", LESSON)
    as_cara("fetch_feedback", LESSON)
    return Handed(course, lesson, {row["student"]: row["score"] for row in rows}, home)


def text_of(page: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", page))


# --- what it tells ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_named_mistake_comes_with_the_next_step_a_hint_and_where_it_is_explained(handed: Handed) -> None:
    said = text_of(handed.card("named", "mse_gradient"))
    assert "Not yet" in said
    assert "What does the derivative of a square bring?" in said
    assert "Next: Change one thing" in said
    assert f"Hint: {handed.lesson.exercises['mse_gradient'].hints[0]}".replace("`", "") in said
    assert f"Explained in: {SECTION}" in said


@pytest.mark.slow
@pytest.mark.parametrize("student", ["named", "error", "untouched"])
def test_each_link_of_a_card_leads_to_a_heading_of_the_page(student: str, handed: Handed) -> None:
    page = handed.page(student)
    cards = [handed.card(student, name) for name in handed.lesson.exercises]
    targets = {html.unescape(target) for card in cards for target in re.findall(r'href="#([^"]*)"', card)}
    headings = {html.unescape(found) for found in re.findall(r'<h\d id="([^"]*)"', page)}
    assert targets
    assert targets <= headings


@pytest.mark.slow
@pytest.mark.parametrize(
    ("student", "exercise", "words"),
    [
        ("named", "mse", ["Correct", "2 of 2 points"]),
        ("named", "train", ["Correct", "follows from your mse_gradient"]),
        ("untouched", "mse", ["Not attempted", "Not written yet", "Hint:", "Explained in:"]),
        ("error", "sgd_step", ["Stopped by an error", "NameError", "Hint:", "Explained in:"]),
        ("mangled", "mse", ["Correct"]),
        ("no-notebook", "mse", ["Could not be checked", "A person will look at it"]),
        ("root", "mse_gradient", ["Not yet", "derivative of a square"]),
    ],
)
def test_each_status_is_told_in_words(student: str, exercise: str, words: list[str], handed: Handed) -> None:
    said = text_of(handed.card(student, exercise))
    assert [word for word in words if word not in said] == []


@pytest.mark.slow
def test_what_is_right_or_not_theirs_to_mend_has_no_hint(handed: Handed) -> None:
    for student, exercise in (("named", "mse"), ("no-notebook", "mse")):
        assert "Hint:" not in handed.card(student, exercise)


@pytest.mark.slow
def test_scores_are_the_gradebooks_and_a_persons_words_stand_beside_them(handed: Handed) -> None:
    total = sum(exercise.points for exercise in handed.lesson.exercises.values())
    for student, score in handed.scores.items():
        by_hand = 2.75 if student == "named" else 0
        assert f"(Score: {float(score + by_hand)} / {float(total)})" in handed.page(student)
    assert "Almost there, <em>Nina</em>." in handed.page("named")
    assert "Nina" not in "".join(handed.page(student) for student in handed.scores if student != "named")


@pytest.mark.slow
def test_what_was_mended_in_a_file_is_told(handed: Handed) -> None:
    assert "What grading met in this file" in text_of(handed.page("mangled"))
    assert "no JSON" in text_of(handed.page("no-notebook"))


# --- what it must not tell --------------------------------------------------------------------------


@pytest.mark.slow
def test_no_page_holds_a_line_of_the_reference_or_of_a_mistake(handed: Handed) -> None:
    """But for what its learner wrote: "untouched" and "no-notebook" wrote nothing."""
    given = "\n".join(cell.source for cell in released(handed.lesson.notebook).cells)
    sources = [*reference_sources(handed.lesson).values()]
    sources += [answer_source(handed.lesson, one) for one in (*handed.lesson.mistakes, *handed.lesson.variants)]
    lines = {line.strip() for source in sources for line in source.splitlines()}
    secret = {line for line in lines if len(line) > 12 and line not in given}
    assert len(secret) > 100
    for student in ("untouched", "no-notebook"):
        said = text_of(handed.page(student))
        assert {line for line in secret if line in said} == set()
    keys = {one.name for one in handed.lesson.mistakes if "_" in one.name}  # the others are words like "half"
    assert {key for key in keys if key in text_of(handed.page("named"))} == set()


@pytest.mark.slow
def test_no_page_holds_a_seed_an_input_or_an_expected_value_of_the_secret_run(handed: Handed) -> None:
    (run,) = (handed.course.root / "grading" / LESSON).iterdir()
    keys = [load(path) for path in run.glob("*.npz")]
    numbers = {str(seed) for key in keys for seed in key.seeds}
    for key in keys:
        for seen in key.reference:
            for _, value in seen.items:
                numbers |= {f"{number:.6g}"[:7] for number in floats_in(value)}
    long = {number for number in numbers if len(number.strip("-0.")) >= 5}
    assert len(long) > 50
    for student in handed.scores:
        page = text_of(handed.page(student))
        assert {number for number in long if number in page} == set()
        assert run.name not in page


def floats_in(value: object) -> Iterator[float]:
    """All numbers with a fraction in an observation."""
    if isinstance(value, np.ndarray):
        value = value.ravel().tolist()
    if isinstance(value, dict):
        value = [*value.values()]
    if isinstance(value, (list, tuple)):
        for one in value:
            yield from floats_in(one)
    elif isinstance(value, float) and np.isfinite(value):
        yield value


@pytest.mark.slow
def test_no_page_names_another_learner(handed: Handed) -> None:
    others = {"untouched", "no-notebook", "mangled"}
    for student in handed.scores:
        page = text_of(handed.page(student))
        assert {other for other in others - {student} if re.search(rf"\b{other}\b", page)} == set()


@pytest.mark.slow
def test_nothing_that_a_learner_wrote_acts_on_the_page(handed: Handed) -> None:
    page = handed.page("active")
    assert "what I printed" in page
    assert "<script>alert" not in page
    assert "<img src=" not in page
    assert 'href="javascript' not in page
    assert "alert('learner')" not in re.sub(r"<pre>.*?</pre>", "", page, flags=re.DOTALL)


@pytest.mark.slow
def test_the_feedback_of_an_ordinary_course_shows_no_hidden_test(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    nbgrader(course, "generate_assignment", EVERYTHING)
    hand_in(course, EVERYTHING, "ann", {"mean": "def mean(values):\n    return 2"})
    grade(course, EVERYTHING)
    nbgrader(course, "generate_feedback", EVERYTHING)
    page = text_of((course.feedback / "ann" / EVERYTHING / "Part 1.html").read_text())
    assert "assert mean([1, 2, 3]) == 2" in page
    assert "AssertionError: floats too" in page  # what a hidden assertion says, it says to the learner
    for hidden in ("HIDDEN", "np.isclose(mean"):
        assert hidden not in page


# --- the exchange -----------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_learner_fetches_their_own_feedback_through_the_exchange(handed: Handed) -> None:
    (fetched,) = (handed.home / LESSON / "feedback").glob(f"*/{LESSON}.html")
    (student,) = set(handed.scores) - {"named", "untouched", "error", "mangled", "no-notebook", "active"}
    assert fetched.read_text() == handed.page(student)
    outbox = handed.course.root / ".exchange" / "training_loops" / "feedback"
    assert outbox.stat().st_mode & 0o077 == 0o011  # whoever does not know a name cannot look for one
    assert {path.stat().st_mode & 0o777 for path in outbox.iterdir()} == {0o644}


# --- cards and sections -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(Status))
def test_guidance_stands_where_something_is_to_mend(status: Status) -> None:
    guidance = Guidance("Look at <b>.", 'A "section"', 'a"b')
    verdict = Verdict("mse", status, 2.0, "Message.")
    is_done = status in (Status.CORRECT, Status.NOT_GRADED)
    assert ("Hint: Look at <b>." in verdict_text(verdict, guidance)) is not is_done
    assert ('<a href="#a&quot;b">A &quot;section&quot;</a>' in verdict_html(verdict, guidance)) is not is_done
    assert "<b>." not in verdict_html(verdict, guidance)


def test_every_exercise_of_every_lesson_stands_in_a_section(lessons: dict[str, Lesson]) -> None:
    for lesson in lessons.values():
        guidance = guidance_of(released(lesson.notebook), lesson.graded)
        assert set(guidance) == set(lesson.graded)
        assert {name for name, one in guidance.items() if not (one.hint and one.section and one.anchor)} == set()
        assert not {one.section for one in guidance.values()} & {"Checklist"}


def test_a_heading_in_code_is_no_section() -> None:
    cells = [
        nbformat.v4.new_markdown_cell("# Title\n\n## The `mean` & more\n\n```python\n# no heading\n```"),
        nbformat.v4.new_code_cell("", metadata={"nbgrader": {"grade_id": "mse"}}),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    exercises = load_lesson(ROOT / "solutions" / LESSON).exercises
    assert guidance_of(notebook, exercises)["mse"].section == "The mean & more"
