"""One lesson's way by the formgrader's own buttons: create, release, collect, autograde, grade by hand, feedback.

Two learners stand at the other end of nbgrader's exchange, with its own commands.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Locator, Page, expect

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.sources import Lesson, load_lesson
from tests.browser.test_autograde_button import enable_the_button, press_autograde
from tests.stock import in_exchange

LESSON = "00_orientation"
WRITTEN = "written_in_your_words"
QUESTION = "In your words: why does a column meet a row in a square?"
ANSWER = "Each of the two is stretched along the other's axis."
COMMENT = "Which one would you *flatten*?"


@pytest.fixture
def lesson(course: Course) -> Lesson:
    """The quickest lesson, with a question at its end that a person grades."""
    path = course.solutions / LESSON / f"{LESSON}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    marks = {"grade_id": WRITTEN, "grade": True, "solution": True, "points": 3, "schema_version": 3, "task": False}
    question = nbformat.v4.new_markdown_cell("A square.", metadata={"nbgrader": {**marks, "locked": False}})
    notebook.cells += [nbformat.v4.new_markdown_cell(f"## 8. {QUESTION}"), question]
    nbformat.write(notebook, path)
    return load_lesson(path.parent)


class Formgrader:
    """nbgrader's pages, and a picture of each that was looked at."""

    def __init__(self, page: Page, address: str, pictures: Path) -> None:
        self.page, self.address, self._pictures = page, address, pictures

    def press(self, button: str) -> str:
        """Press a button in the lesson's row of the assignments' page; gives what the dialog says."""
        self.open("manage_assignments")
        row = self.page.locator("tbody tr", has_text=LESSON)
        row.locator(f".{button} a").click()
        dialog = self.page.locator(".modal-dialog")
        expect(dialog).to_be_visible()
        said = dialog.inner_text()
        self.picture(button)
        return said

    def open(self, where: str) -> None:
        """Open a page."""
        self.page.goto(f"{self.address}/formgrader/{where}")

    def enter(self, field: str, text: str) -> None:
        """Fill in a field of a submission's page, once the page has fetched what it holds, and wait until it is saved."""
        self.page.wait_for_load_state("networkidle")
        with self.page.expect_response(lambda response: response.request.method == "PUT") as saved:
            self.page.locator(field).fill(text)
            self.page.locator(field).blur()
        assert saved.value.ok

    def card(self, exercise: str) -> Locator:
        """The card of an exercise on the page that is open."""
        return self.page.get_by_role("group", name=f": {exercise}")

    def picture(self, name: str) -> None:
        """Keep what is on the screen."""
        self.page.screenshot(path=self._pictures / f"{name}.png")


@pytest.mark.browser
@pytest.mark.slow
def test_a_lesson_goes_all_the_way_by_the_formgraders_buttons(
    course: Course, lesson: Lesson, tmp_path: Path, page: Page, jupyter: Callable[[Path], str]
) -> None:
    enable_the_button(course)
    desk = Formgrader(page, jupyter(course.root), tmp_path)
    assert "Successfully created the student version" in desk.press("assign")
    assert "Successfully released" in desk.press("release")

    right = {**reference_sources(lesson), WRITTEN: ANSWER}
    wrong = next(one for one in lesson.mistakes if one.exercise == "residuals")
    ann, bob = (learner(course, tmp_path / name) for name in ("ann", "bob"))
    ann("fetch_assignment", LESSON)
    shutil.copytree(tmp_path / "ann" / LESSON, tmp_path / "bob" / LESSON)
    answer(tmp_path / "ann", right)
    ann("submit", LESSON)
    answer(tmp_path / "bob", {**right, "residuals": answer_source(lesson, wrong)})
    bob("submit", LESSON)

    assert "Successfully collected" in desk.press("collect")
    for student in ("ann", "bob"):
        assert "Successfully autograded" in press_autograde(page, desk.address, LESSON, student)
    desk.picture("submissions")
    points = sum(exercise.points for exercise in lesson.exercises.values())
    lost = lesson.exercises["residuals"].points
    before = scores(course)
    assert (before["ann"].score, before["bob"].score) == (points, points - lost)
    assert before["ann"].needs_a_person

    desk.open(f"submissions/{before['ann'].notebook}")
    expect(page.get_by_text(ANSWER)).to_be_visible()
    desk.enter(f"#{WRITTEN}", "2")
    desk.enter(f"#{WRITTEN}-comment", COMMENT)
    page.locator(f"#{WRITTEN}").scroll_into_view_if_needed()
    desk.picture("by-hand")
    after = scores(course)
    assert (after["ann"].score, after["ann"].needs_a_person) == (points + 2, False)
    assert after["bob"] == before["bob"]

    assert "Successfully generated feedback" in desk.press("generate-feedback")
    assert "Successfully released feedback" in desk.press("release-feedback")
    ann("fetch_feedback", LESSON)
    (fetched,) = (tmp_path / "ann" / LESSON / "feedback").glob(f"*/{LESSON}.html")
    page.goto(fetched.as_uri())
    expect(page.get_by_text(f"{LESSON} (Score: {float(points + 2)} / {float(points + 3)})")).to_be_visible()
    expect(page.get_by_text("would you flatten")).to_be_visible()
    expect(desk.card("residuals")).to_have_attribute("aria-label", "Correct: residuals")
    desk.picture("feedback-ann")

    page.goto((course.feedback / "bob" / LESSON / f"{LESSON}.html").as_uri())
    expect(desk.card("residuals")).to_have_attribute("aria-label", "Not yet: residuals")
    expect(page.get_by_text("would you flatten")).to_have_count(0)
    explained = desk.card("residuals").get_by_role("link")
    explained.click()
    expect(page.get_by_role("heading", name=explained.inner_text())).to_be_in_viewport()
    desk.picture("explained")


def learner(course: Course, home: Path) -> Callable[[str, str], None]:
    """A learner, called as their home is."""
    home.mkdir()
    return in_exchange(course, home, home, f"--CourseDirectory.student_id={home.name}")


def answer(home: Path, answers: Mapping[str, str]) -> None:
    """Write the answers into the lesson that lies in a home."""
    path = home / LESSON / f"{LESSON}.ipynb"
    nbformat.write(fill(nbformat.read(path, as_version=4), answers), path)


@dataclass(frozen=True)
class Stored:
    """What the gradebook has of a learner's notebook."""

    notebook: str
    score: float
    needs_a_person: bool


def scores(course: Course) -> dict[str, Stored]:
    """What the gradebook has of everybody's."""
    with Gradebook(course.db_url, "training_loops") as gradebook:
        found = gradebook.notebook_submissions(LESSON, LESSON)
        return {one.student.id: Stored(one.id, one.score, one.needs_manual_grade) for one in found}
