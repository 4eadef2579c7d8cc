"""Formgrader: nbgrader's own pages show a class that we graded, cards and all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from autograder.authoring.answers import answer_source, fill, reference_sources
from autograder.authoring.course import Course
from autograder.authoring.release import released
from autograder.authoring.sources import Lesson
from tests.grading import grade, submit

LESSON = "01_loop_by_hand"


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
