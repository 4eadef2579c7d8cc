"""Formgrader: nbgrader's own pages show a class that we graded, cards and all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Page, expect

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson, grade_id
from tests.grading import grade, submit

LESSON = "01_loop_by_hand"
WRITTEN = "written_still_gets_through"  # the capstone's written answer


@pytest.mark.browser
@pytest.mark.slow
def test_formgrader_shows_the_graded_class(
    course: Course, lessons: Mapping[str, Lesson], page: Page, jupyter: Callable[[Path], str]
) -> None:
    lesson = lessons[LESSON]
    given, right = released(lesson.notebook), reference_sources(lesson)
    wrong = next(
        item for item in lesson.mistakes if (item.exercise, item.name) == ("mse_gradient", "missing_factor_two")
    )
    submit(course, LESSON, "ann", fill(given, right))
    submit(course, LESSON, "bob", fill(given, {**right, "mse_gradient": answer_source(lesson, wrong)}))
    submit(course, LESSON, "eve", given)
    scores = {row["student"]: row["score"] for row in grade(course, LESSON)["submissions"]}

    address = jupyter(course.root)
    page.goto(f"{address}/formgrader/gradebook/{LESSON}/{LESSON}")
    rows = page.locator("table tbody tr")
    expect(rows).to_have_count(3)
    page.screenshot(path=course.root / "gradebook.png")
    total = sum(exercise.points for exercise in lesson.exercises.values())
    # Formgrader shows a number for each submission and keeps names back until asked for them.
    shown = sorted(page.locator("td.score").all_inner_texts())
    assert shown == sorted(f"{score:g} / {total:g}" for score in scores.values())

    links = page.locator("table tbody tr td a").evaluate_all("links => links.map(link => link.href)")
    seen = set()
    for link in links:
        page.goto(link)
        card = page.get_by_role("group", name=": mse_gradient")
        expect(card).to_be_visible()
        seen.add(card.get_attribute("aria-label"))
        page.screenshot(path=course.root / f"submission-{len(seen)}.png", full_page=True)
    assert seen == {"Correct: mse_gradient", "Not yet: mse_gradient", "Not attempted: mse_gradient"}


@pytest.mark.browser
@pytest.mark.full
def test_a_person_grades_the_capstones_written_answer_beside_its_rubric(
    course: Course, lessons: Mapping[str, Lesson], page: Page, jupyter: Callable[[Path], str]
) -> None:
    name = "10_capstone"
    work = fill(released(lessons[name].notebook), reference_sources(lessons[name]))
    answer = next(cell for cell in work.cells if grade_id(cell) == WRITTEN)
    answer.source = "Add one small vector to every gradient: the norm stays within its limit."
    submit(course, name, "ann", work)
    grade(course, name)
    before = stored(course, name, "ann")
    assert before.needs_a_person

    page.goto(f"{jupyter(course.root)}/formgrader/submissions/{before.id}")
    expect(page.get_by_text("How it is graded, one point each:")).to_be_visible()
    expect(page.get_by_text("Add one small vector to every gradient")).to_be_visible()
    for field, text in ((f"#{WRITTEN}", "3"), (f"#{WRITTEN}-comment", "Which limit, and why is it not reached?")):
        with page.expect_response(lambda response: response.request.method == "PUT") as saved:
            page.locator(field).fill(text)
            page.locator(field).blur()
        assert saved.value.ok
    page.locator(f"#{WRITTEN}").scroll_into_view_if_needed()
    page.screenshot(path=course.root / "written.png")

    by_hand = stored(course, name, "ann")
    assert (by_hand.written_score, by_hand.score) == (3, before.score + 3)
    grade(course, name, "--again")
    again = stored(course, name, "ann")
    assert again.score == by_hand.score
    assert again.comments[WRITTEN] == "Which limit, and why is it not reached?"


@dataclass(frozen=True)
class Stored:
    """What the gradebook has of a learner's notebook."""

    id: str
    needs_a_person: bool
    score: float
    written_score: float
    comments: Mapping[str, str | None]


def stored(course: Course, name: str, student: str) -> Stored:
    with Gradebook(course.db_url, "training_loops") as gradebook:
        found = gradebook.find_submission_notebook(name, name, student)
        comments = {comment.name: comment.comment for comment in found.comments}
        return Stored(found.id, found.needs_manual_grade, found.score, found.written_score, comments)
